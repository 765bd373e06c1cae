"""Budget curves on one chart: a run and what would have been, or several plays with their decisions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.lab.plots.style import (
    BAD,
    BLUE,
    INK,
    NEW,
    Picture,
    house,
    markers,
    percent_axis,
    picture,
    time_axis,
)

if TYPE_CHECKING:
    from simulator.drill import Comparison, SideBySide


def comparison_picture(comparison: Comparison) -> Picture:
    """Share of the budget that the drill spent, in both plays; yours solid, the other dashed."""
    yours, other = comparison.yours, comparison.other
    start, end = float(yours.times_s[0]), float(yours.times_s[-1])
    with house():
        made = picture(9.0, 3.6)
        axes = made.subplots()
        axes.fill_between(
            yours.times_s, yours.budget_spent, other.budget_spent, color=BAD, alpha=0.08, linewidth=0
        )
        axes.plot(other.times_s, other.budget_spent, color=BLUE, linestyle=(0, (5, 2)))
        axes.plot(yours.times_s, yours.budget_spent, color=BAD)
        time_axis(axes, start, end)
        axes.set_ylim(bottom=0)
        percent_axis(axes)
        axes.set(title=f"Error budget spent, {comparison.slo}", ylabel="share of the window's budget (%)")
        markers(axes, comparison.run.markers, start)
        ends = sorted(
            (
                (float(yours.budget_spent[-1]), "yours", BAD),
                (float(other.budget_spent[-1]), "the other play", BLUE),
            )
        )
        apart = abs(ends[1][0] - ends[0][0]) > 0.06 * max(ends[1][0], 1e-9)
        for (value, name, colour), shift in zip(ends, (0, 0) if apart else (-7, 7), strict=True):
            axes.annotate(
                f"{name}: {100 * value:.1f} %",
                (end, value),
                xytext=(6, shift),
                textcoords="offset points",
                va="center",
                fontsize=9,
                color=colour,
                fontweight="bold",
                annotation_clip=False,
            )
    made.sentence = str(comparison)
    return made


#: Colour and dash of a curve; a fifth play begins again, and its name stands beside it all the same.
_LINES: Final = ((BLUE, "solid"), (BAD, "solid"), (NEW, (0, (5, 2))), (INK, (0, (1, 1.5))))


def side_by_side_picture(compared: SideBySide) -> Picture:
    """Share of the budget that each play spent; a dot is a decision."""
    with house():
        made = picture(9.0, 4.0)
        axes = made.subplots()
        for place, each in enumerate(compared.played):
            colour, dash = _LINES[place % len(_LINES)]
            times, spent = each.curve.times_s, each.curve.budget_spent
            name = f"{each.name}: {100 * each.spent:.1f} %"
            axes.plot(times, spent, color=colour, linestyle=dash, label=name)
            decided = [at for at, _ in each.decisions]
            axes.plot(decided, np.interp(decided, times, spent), "o", color=colour, markersize=4)
        longest = max(compared.played, key=lambda each: float(each.curve.times_s[-1])).curve.times_s
        time_axis(axes, float(longest[0]), float(longest[-1]))
        axes.set_ylim(bottom=0)
        percent_axis(axes)
        axes.set(title=f"Error budget spent, {compared.slo}", ylabel="share of the window's budget (%)")
        axes.legend(loc="upper left", frameon=False, fontsize=9)
    made.sentence = compared.sentence
    return made
