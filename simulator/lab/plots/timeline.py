"""The run on one time axis: the burn rate, and under it what the world, the pager and the learner did."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from matplotlib.ticker import FuncFormatter

from simulator.coach.lanes import shelves
from simulator.lab.plots.style import BAD, INK, LINE, MUTED, NEW, Picture, house, markers, picture, time_axis
from simulator.slo import worst
from simulator.units import MINUTE, SECOND, format_clock, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from simulator.drill import Run
    from simulator.engine import Release

_OVER: Final = MINUTE
_LANES: Final = ("you", "pages", "world")
#: Where the lanes lie, and how far a shelf is from the one before, in units of the lanes' axis.
_PAGES, _WORLD = 1.0, 2.2
_SHELF: Final = 0.42
#: Inches of a unit of that axis; of a letter at its size; of a number's circle; of the axis.
_UNIT, _LETTER, _CIRCLE, _ACROSS = 0.5, 0.066, 0.2, 9.1
#: Letters of a line in one of the list's two columns.
_WIDEST: Final = 62


def timeline_picture(run: Run) -> Picture:
    """Burn rate of the objective that was hit most, three lanes, and the numbered decisions in words.

    A decision changed something or told somebody; it stands at its instant, where need be below another one.
    Looks are ticks.
    """
    slo = worst(run.slos, run.now)
    curve = slo.curve(0, run.now, over=_OVER)
    shown = [
        (number, answer)
        for number, answer in enumerate(run.transcript, 1)
        if answer.counts and 0 <= answer.at <= run.now
    ]
    decisions = [(number, answer.at, answer.line) for number, answer in shown if answer.decides]
    looks = [seconds(answer.at) for _, answer in shown if not answer.decides]
    places = _shelves(run, [(seconds(at), _CIRCLE, "center") for _, at, _ in decisions])
    # the newest lies lowest, so that no line runs through the words of one before it
    releases = [each for each in reversed(run.production.releases) if 0 <= each.at <= run.now]
    worlds = _shelves(run, [_beside(run, each) for each in releases])
    low = -0.5 - _SHELF * max(places, default=0)
    high = _WORLD + 0.6 + _SHELF * max(worlds, default=0)
    rows = max(1, -(-len(decisions) // 2))
    with house():
        tall = (2.3, _UNIT * (high - low), 0.17 * (rows + 1))
        made = picture(10.0, sum(tall) + 1.2)
        burn, lanes, listing = made.subplots(3, 1, height_ratios=tall)
        burn.plot(curve.times / SECOND, np.maximum(curve.burn_rate, 0.01), color=BAD)
        burn.set_yscale("log")
        name = slo.objective.title or slo.objective.name
        burn.set(title=f"{name}: burn rate over 1 minute", ylabel="burn rate (×, log)")
        burn.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:g}"))
        burn.axhline(1, color=INK, linewidth=1.1, linestyle=":")
        time_axis(burn, 0, seconds(run.now), label=False)
        burn.tick_params(labelbottom=False)
        markers(burn, run.markers, 0)
        time_axis(lanes, 0, seconds(run.now))
        lanes.set(ylim=(low, high), yticks=(0, _PAGES, _WORLD), yticklabels=_LANES)
        lanes.grid(False)
        for lane in (0, _PAGES, _WORLD):
            lanes.axhline(lane, color="#e0e0e0", linewidth=0.8, zorder=0)
        for release, shelf in zip(releases, worlds, strict=True):
            _release(lanes, run, release, shelf)
        _pages(lanes, run)
        lanes.plot(looks, [0] * len(looks), linestyle="", marker="|", markersize=7, color=MUTED, gid="looks")
        for (number, at, _line), shelf in zip(decisions, places, strict=True):
            _number(lanes, number, seconds(at), -_SHELF * shelf)
        _listing(listing, decisions, len(looks))
    pages = run.pager.pages
    first = f"the first page rang at {format_clock(pages[0].since)}" if pages else "no page rang"
    made.sentence = (
        f"Timeline up to {format_clock(run.now)}: {first}; {_count(len(decisions), 'decision')}, "
        f"{_count(len(looks), 'look')}."
    )
    return made


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _shelves(run: Run, items: list[tuple[float, float, str]]) -> list[int]:
    """Shelves of things at their seconds, so many inches wide, on that side of their instant."""
    inch = _span(run) / _ACROSS
    begins = {"center": 0.5, "left": 1.0, "right": 0.0}
    return shelves(
        [(at - inch * wide * begins[side], at + inch * wide * (1 - begins[side])) for at, wide, side in items]
    )


def _span(run: Run) -> float:
    """Seconds on the time axis."""
    return max(60.0, seconds(run.now))


def _beside(run: Run, release: Release) -> tuple[float, float, str]:
    """A release's instant, the inches that its title needs, and on which side of it there is room."""
    at, wide = seconds(release.at), 0.12 + _LETTER * len(release.title)
    return at, wide, "left" if at + wide * _span(run) / _ACROSS > _span(run) else "right"


def _release(axes: Axes, run: Run, release: Release, shelf: int) -> None:
    at, _wide, side = _beside(run, release)
    axes.plot([at] * 2, [_WORLD - 0.25, _WORLD + 0.25 + _SHELF * shelf], color=NEW, linewidth=2)
    axes.annotate(
        release.title,
        (at, _WORLD + _SHELF * shelf),
        xytext=(-4 if side == "left" else 4, 4),
        textcoords="offset points",
        ha="right" if side == "left" else "left",
        fontsize=8,
        color=NEW,
    )


def _pages(axes: Axes, run: Run) -> None:
    """A bar for each page; its name stands over it unless the bar before has the same or is too near."""
    free = float("-inf")
    end_of_axis = _span(run)
    for page in run.pager.pages:
        start = seconds(page.since)
        end = seconds(run.now if page.resolved_at is None else page.resolved_at)
        axes.plot([start, end], [_PAGES] * 2, color=BAD, linewidth=4, solid_capstyle="butt")
        wide = _LETTER * len(page.name) * end_of_axis / _ACROSS
        begin = max(0.0, min(start, end_of_axis - wide))
        if begin < free:
            continue
        free = begin + wide
        axes.annotate(
            page.name,
            (begin, _PAGES),
            xytext=(0, 5),
            textcoords="offset points",
            fontsize=8,
            color=MUTED,
        )


def _number(axes: Axes, number: int, at: float, height: float) -> None:
    """A decision's number at its instant; a hairline leads from the lane to one on a lower shelf."""
    axes.plot([at, at], [0, height], color=LINE, linewidth=0.8, zorder=1)
    axes.annotate(
        str(number),
        (at, height),
        ha="center",
        va="center",
        fontsize=7,
        fontweight="bold",
        bbox={"boxstyle": "circle,pad=0.2", "facecolor": "white", "edgecolor": MUTED, "linewidth": 0.8},
    )


def _listing(axes: Axes, decisions: list[tuple[int, int, str]], looks: int) -> None:
    """All decisions in two columns, and in words what the ticks are."""
    axes.axis("off")
    half = max(1, -(-len(decisions) // 2))
    for index, (number, at, line) in enumerate(decisions):
        column, row = divmod(index, half)
        text = line if len(line) <= _WIDEST else line[: _WIDEST - 1] + "…"
        axes.text(
            0.5 * column,
            1 - (row + 0.5) / (half + 1),
            f"{number:>3}  {format_clock(at)}  {text}",
            transform=axes.transAxes,
            fontsize=7.5,
            family="monospace",
            va="center",
        )
    if looks:
        words = f"Numbered: what changed or was told. {_count(looks, 'look')}: the ticks, in no list."
        axes.text(
            0, 0.5 / (half + 1), words, transform=axes.transAxes, fontsize=7.5, color=MUTED, va="center"
        )
