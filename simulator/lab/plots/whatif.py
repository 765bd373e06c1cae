"""Two budget curves on one chart: the run as it was, and as it would have been."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.lab.plots.style import BAD, BLUE, Picture, house, markers, percent_axis, picture, time_axis

if TYPE_CHECKING:
    from simulator.drill import Comparison


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
