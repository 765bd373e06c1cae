"""A class's results: when each run was seen, told and mitigated, and what it cost."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.lab.plots.style import BAD, BLUE, MUTED, OLD, P99, Picture, house, picture

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.coach.classroom import Attempt

#: What is drawn of each run: field, word, form and colour.
_MARKS: Final = (
    ("detected_s", "noticed", "o", BLUE),
    ("told_s", "first word to users", "s", OLD),
    ("mitigated_s", "users served again", "D", P99),
)


def class_picture(attempts: Sequence[Attempt]) -> Picture:
    """Minutes after the page on the left, budget spent on the right, one row a run, the quickest on top."""
    never = float("inf")
    rows = sorted(attempts, key=lambda each: each.mitigated_s if each.mitigated_s is not None else never)
    with house():
        made = picture(9.0, 1.6 + 0.34 * max(len(rows), 1))
        times, cost = made.subplots(1, 2, sharey=True, width_ratios=(3, 2))
        _times(times, rows)
        cost.barh(range(len(rows)), [100 * each.budget_spent for each in rows], color=BAD, height=0.5)
        cost.set(title="Error budget spent", xlabel="share of the window's budget (%)")
        cost.grid(visible=False, axis="y")
        made.legend(*times.get_legend_handles_labels(), loc="outside lower left", ncols=3)
        for axes in (times, cost):
            axes.set_ylim(len(rows) - 0.5, -0.5)
    mitigated = [each for each in rows if each.mitigated_s is not None]
    made.sentence = (
        f"{len(rows)} runs, {len(mitigated)} of them mitigated"
        + (f", the quickest after {(mitigated[0].mitigated_s or 0) / 60:.1f} minutes" if mitigated else "")
        + f"; budget spent from {100 * min((r.budget_spent for r in rows), default=0):.1f} % "
        f"to {100 * max((r.budget_spent for r in rows), default=0):.1f} %."
    )
    return made


def _times(axes: Axes, rows: Sequence[Attempt]) -> None:
    for field, word, form, colour in _MARKS:
        known = [(place, getattr(each, field)) for place, each in enumerate(rows)]
        points = [(seconds / 60, place) for place, seconds in known if seconds is not None]
        axes.scatter(
            [x for x, _ in points],
            [y for _, y in points],
            marker=form,
            s=28,
            color=colour,
            label=word,
            zorder=3,
        )
    for place, each in enumerate(rows):
        if each.detected_s is not None and each.mitigated_s is not None:
            axes.hlines(place, each.detected_s / 60, each.mitigated_s / 60, color=MUTED, linewidth=1)
        elif each.mitigated_s is None:
            axes.annotate(
                "not mitigated", (1.0, place), xycoords=("axes fraction", "data"), ha="right", va="center",
                fontsize=8, color=BAD,
            )  # fmt: skip
    axes.set_yticks(range(len(rows)), [each.name for each in rows])
    axes.set(title="After the first page", xlabel="minutes after the page")
    axes.set_xlim(left=0)
