"""Error budget left and burn rate over the run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import FuncFormatter

from simulator.lab.plots.style import (
    BAD,
    BLUE,
    INK,
    MUTED,
    NEW,
    OLD,
    Picture,
    house,
    level_word,
    markers,
    percent_axis,
    picture,
    time_axis,
)
from simulator.units import MINUTE, SECOND, format_clock, format_duration, seconds

if TYPE_CHECKING:
    from simulator.drill import Run

_BEFORE: Final = 5 * MINUTE
_OVER: Final = 5 * MINUTE
_COLOURS: Final = (BAD, BLUE, NEW, OLD)
_DASHES: Final = ("-", (0, (5, 2)), (0, (1, 1.5)), "-.")


def budget_picture(run: Run, other: Run | None = None, name_of_other: str = "") -> Picture:
    """Budget left above, burn rate below, for every objective; another play's budget lies under it, grey."""
    start = -min(_BEFORE, run.scenario.spec.warm_up)
    # over less than its window a burn rate is another number than the status bar's
    whole = _OVER - run.scenario.spec.warm_up
    words, drawn = [], []
    with house():
        made = picture(9.0, 5.2)
        left, burn = made.subplots(2, 1, sharex=True, height_ratios=(3, 2))
        for index, slo in enumerate(run.slos.values()):
            curve = slo.curve(start, run.now, over=_OVER)
            style = {"color": _COLOURS[index % 4], "linestyle": _DASHES[index % 4]}
            name = slo.objective.title or slo.objective.name
            label = f"{name}, {slo.objective.target_text} over {slo.objective.window_text}"
            if other is not None:
                under = other.slos[slo.objective.name].curve(start, min(run.now, other.now), over=_OVER)
                ghost = {"color": MUTED, "linestyle": _DASHES[index % 4], "linewidth": 1.0, "alpha": 0.7}
                left.plot(under.times / SECOND, under.budget_left, label=f"{name}: {name_of_other}", **ghost)
                words.append(f"{name} {100 * under.budget_left[-1]:.1f} % ({name_of_other})")
            left.plot(curve.times / SECOND, curve.budget_left, label=label, **style)
            rates = np.maximum(curve.burn_rate, 0.01)
            rates[curve.times < whole] = np.nan
            burn.plot(curve.times / SECOND, rates, **style)
            drawn.append((curve.times / SECOND, rates))
            words.append(f"{name} {100 * curve.budget_left[-1]:.1f} %")
        left.set(title="Error budget left", ylabel="share of the budget (%)")
        left.legend(loc="lower left")
        percent_axis(left)
        burn.set_yscale("log")
        burn.set(title=f"Burn rate over {format_duration(_OVER)}", ylabel="burn rate (×, log)")
        burn.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        factors = sorted(
            {
                float(each.factor)
                for rule in run.alerts.rules
                if rule.severity == "page"
                for each in rule.conditions
            }
        )
        for factor in factors[-1:]:
            burn.axhline(factor, color=INK, linewidth=1.1, linestyle=":")
            times, rows = drawn[0][0], [rates for _, rates in drawn]
            level_word(burn, f"page at {factor:g}×", factor, times, rows)
        time_axis(left, seconds(start), seconds(run.now), label=False)
        time_axis(burn, seconds(start), seconds(run.now))
        markers(left, run.markers, seconds(start))
        markers(burn, run.markers, seconds(start), words=False)
    made.sentence = f"Error budget left at {format_clock(run.now)}: {', '.join(words)}."
    return made
