"""What alert rules did on recordings: when each saw each fault, and what rang for nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import FuncFormatter

from simulator.lab.plots.style import BAD, BLUE, INK, MUTED, NEW, OK, OLD, Picture, house, picture
from simulator.units import MINUTE

if TYPE_CHECKING:
    from simulator.lab.alert_lab import Findings

_COLOURS: Final = (BLUE, NEW, OK, OLD, BAD, INK)
_MARKS: Final = ("o", "s", "^", "D", "v", "P")
#: The left end of the logarithmic axis, minutes: one evaluation.
_SOONEST: Final = 0.25


def alerts_picture(findings: Findings) -> Picture:
    """Detection times by fault, one mark a rule; a cross at the right edge is a missed fault."""
    faults = [each for each in findings.recordings if not each.quiet]
    rows = {each.name: place for place, each in enumerate(reversed(faults))}
    latest = max([(each.ends or 0) / MINUTE for each in faults] or [1.0]) * 2
    with house():
        made = picture(9.0, 1.8 + 0.36 * max(len(faults), 3) + 0.2 * len(findings.rules))
        times, false = made.subplots(1, 2, width_ratios=(3, 1))
        for number, name in enumerate(findings.rules):
            own = [each for each in findings.trials if each.rule == name and each.recording in rows]
            shift = 0.5 * (number - (len(findings.rules) - 1) / 2) / max(len(findings.rules) - 1, 1)
            colour, mark = _COLOURS[number % 6], _MARKS[number % 6]
            seen = [each for each in own if each.detected_after is not None]
            times.scatter(
                [max((each.detected_after or 0) / MINUTE, _SOONEST) for each in seen],
                [rows[each.recording] - shift for each in seen],
                color=colour, marker=mark, s=26, label=name, zorder=3,
            )  # fmt: skip
            missed = [rows[each.recording] - shift for each in own if each.missed]
            times.scatter([latest] * len(missed), missed, color=colour, marker="x", s=26, zorder=3)
        times.set_xscale("log")
        times.set_xlim(_SOONEST * 0.8, latest * 1.3)
        times.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        times.set_yticks(list(rows.values()), list(rows))
        times.set_ylim(-0.6, max(len(rows), 1) - 0.4)
        times.set(title="Seen after", xlabel="minutes after the fault's beginning (log); × is missed")
        counts = [
            sum(each.false_alerts for each in findings.trials if each.rule == name) for name in findings.rules
        ]
        places = np.arange(len(counts))[::-1]
        false.barh(places, counts, color=[_COLOURS[number % 6] for number in range(len(counts))], height=0.6)
        for place, count in zip(places, counts, strict=True):
            false.annotate(
                str(count), (count, place), xytext=(4, 0), textcoords="offset points",
                va="center", fontsize=8, color=MUTED,
            )  # fmt: skip
        false.set_yticks([])
        false.set_xscale("symlog", linthresh=10)
        false.set_xlim(0, max([*counts, 1]) * 2)
        false.set(title="False alerts", xlabel="alerts in all recordings")
        made.legend(
            *times.get_legend_handles_labels(), loc="outside lower center", ncols=min(len(findings.rules), 3)
        )
    made.sentence = "; ".join(
        f"{name}: {int(row.seen)} of {int(row.faults)} faults seen, {int(row.false_alerts)} false alerts"
        for name, row in findings.summary.iterrows()
    )
    return made
