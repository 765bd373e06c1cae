"""The run on one time axis: the burn rate, and under it what the world, the pager and the learner did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import FuncFormatter

from simulator.lab.plots.style import BAD, INK, MUTED, NEW, Picture, house, markers, picture, time_axis
from simulator.slo import worst
from simulator.units import MINUTE, SECOND, format_clock, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.drill import Run

_OVER: Final = MINUTE
_LANES: Final = ("you", "pages", "world")
_LISTED: Final = 24
_WIDEST: Final = 58


def timeline_picture(run: Run) -> Picture:
    """Burn rate of the objective that was hit most, three lanes, and the numbered acts in words."""
    slo = worst(run.slos, run.now)
    curve = slo.curve(0, run.now, over=_OVER)
    acts = [
        (number, answer.at, act.line)
        for number, (act, answer) in enumerate(zip(run.acts, run.transcript, strict=True), 1)
        if answer.ok and answer.kind not in ("wait", "none")
    ]
    rows = max(1, -(-min(len(acts), _LISTED) // 2))
    with house():
        made = picture(10.0, 4.0 + 0.17 * rows)
        burn, lanes, listing = made.subplots(3, 1, height_ratios=(2.2, 1.3, 0.17 * rows + 0.1))
        burn.plot(curve.times / SECOND, np.maximum(curve.burn_rate, 0.01), color=BAD)
        burn.set_yscale("log")
        name = slo.objective.title or slo.objective.name
        burn.set(title=f"{name}: burn rate over 1 minute", ylabel="burn rate (×, log)")
        burn.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        burn.axhline(1, color=INK, linewidth=1.1, linestyle=":")
        time_axis(burn, 0, seconds(run.now), label=False)
        burn.tick_params(labelbottom=False)
        markers(burn, run.markers, 0)
        _lanes(lanes, run, acts)
        _listing(listing, acts)
    pages = run.pager.pages
    first = f"the first page rang at {format_clock(pages[0].since)}" if pages else "no page rang"
    made.sentence = f"Timeline up to {format_clock(run.now)}: {first}; {len(acts)} acts."
    return made


def _lanes(axes: Axes, run: Run, acts: list[tuple[int, int, str]]) -> None:
    time_axis(axes, 0, seconds(run.now))
    axes.set(ylim=(-0.6, 2.6), yticks=range(3), yticklabels=_LANES)
    axes.grid(False)
    for lane in range(3):
        axes.axhline(lane, color="#e0e0e0", linewidth=0.8, zorder=0)
    for release in run.production.releases:
        if 0 <= release.at <= run.now:
            axes.plot([seconds(release.at)] * 2, [1.75, 2.25], color=NEW, linewidth=2)
            axes.annotate(
                release.title,
                (seconds(release.at), 2),
                xytext=(4, 3),
                textcoords="offset points",
                fontsize=8,
                color=NEW,
            )
    for page in run.pager.pages:
        end = run.now if page.resolved_at is None else page.resolved_at
        axes.plot([seconds(page.since), seconds(end)], [1, 1], color=BAD, linewidth=4, solid_capstyle="butt")
        axes.annotate(
            page.name,
            (seconds(page.since), 1),
            xytext=(0, 5),
            textcoords="offset points",
            fontsize=8,
            color=MUTED,
        )
    free, width = float("-inf"), (axes.get_xlim()[1] - axes.get_xlim()[0]) * 0.022
    for number, at, _line in acts:
        free = max(free + width, seconds(at))
        axes.annotate(
            str(number),
            (free, 0),
            ha="center",
            va="center",
            fontsize=7.5,
            fontweight="bold",
            bbox={"boxstyle": "circle,pad=0.25", "facecolor": "white", "edgecolor": MUTED, "linewidth": 0.8},
        )


def _listing(axes: Axes, acts: list[tuple[int, int, str]]) -> None:
    axes.axis("off")
    shown = acts[:_LISTED]
    half = -(-len(shown) // 2)
    for index, (number, at, line) in enumerate(shown):
        column, row = divmod(index, max(1, half))
        text = line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
        axes.text(
            0.5 * column,
            1 - (row + 0.5) / max(1, half),
            f"{number:>2}  {format_clock(at)}  {text}",
            transform=axes.transAxes,
            fontsize=7.5,
            family="monospace",
            va="center",
        )
