"""The debrief's timeline as self-contained SVG: lanes over one time axis, everything at its own instant.

What would meet something else goes to another shelf of its lane, never to another time; a lane grows with its
shelves. Decisions are numbered, looks are ticks, so that a hundred typed lines still leave an axis to read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from simulator.coach.svg import WIDTH, clock, opening, time_axis

_LEFT: Final = 84
_RIGHT: Final = 20
#: Pixels: between two shelves of words and of numbers, of a letter, of a circle, above the first lane.
_LINE: Final = 14
_STEP: Final = 21
_LETTER: Final = 6.4
_RADIUS: Final = 9
_TOP: Final = 10
#: What the forms on the acts' lane mean, in the order of the legend.
_LEGEND: Final = (
    ("act", "told somebody"),
    ("act change", "changed something"),
    ("act wrong", "changed something, and it was not this"),
    ("look", "looked"),
)


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch on a lane of the timeline."""

    lane: str
    start_s: float
    end_s: float
    label: str
    kind: str


@dataclass(frozen=True, slots=True)
class Dot:
    """A point on a lane of the timeline.

    Attributes:
        lane: Which.
        at_s: When, seconds.
        mark: What stands in it or beside it.
        kind: ``deploy``, ``look``, or ``act`` with what else it is (``change``, ``wrong``).
        text: What it was, for a pointer that rests on it.
    """

    lane: str
    at_s: float
    mark: str
    kind: str
    text: str = ""


def shelves(spans: Sequence[tuple[float, float]]) -> list[int]:
    """The first shelf on which each span meets none of those before it, from 0."""
    taken: list[list[tuple[float, float]]] = []
    found = []
    for start, end in spans:
        free = (
            place
            for place, there in enumerate(taken)
            if all(end <= left or start >= right for left, right in there)
        )
        shelf = next(free, len(taken))
        if shelf == len(taken):
            taken.append([])
        taken[shelf].append((start, end))
        found.append(shelf)
    return found


def timeline_svg(
    lanes: Sequence[str], bars: Sequence[Bar], dots: Sequence[Dot], end_s: float, sentence: str
) -> str:
    """Lanes from top to bottom over one time axis: stretches as bars, decisions numbered, looks as ticks."""
    first = min([0.0, *(dot.at_s for dot in dots)])

    def x(second: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (second - first) / max(1e-9, end_s - first)

    parts: list[str] = []
    height = float(_TOP)
    for lane in lanes:
        mine = sorted((dot for dot in dots if dot.lane == lane), key=lambda dot: dot.at_s)
        drawn, height = _lane(lane, [bar for bar in bars if bar.lane == lane], mine, x, height)
        parts += drawn
    drawn, height = _legend({dot.kind for dot in dots}, height)
    parts += drawn
    parts += time_axis(first, end_s, x, round(height + 14))
    return "".join([opening(height + 22, sentence), *parts]) + "</svg>"


def _lane(
    name: str, bars: Sequence[Bar], dots: Sequence[Dot], x: Callable[[float], float], top: float
) -> tuple[list[str], float]:
    """One lane's drawing, and where the next begins: words of bars above its line, all else on and below."""
    labels = [bar for place, bar in enumerate(bars) if not place or bar.label != bars[place - 1].label]
    above, high = _words([(x(bar.start_s) + 4, bar.label) for bar in labels])
    middle = top + _LINE * high + 8
    parts = [
        f'<text class="lane" x="0" y="{middle + 4:.1f}">{escape(name)}</text>'
        f'<path class="grid" d="M{_LEFT} {middle:.1f}H{WIDTH - _RIGHT}"/>'
    ]
    for bar in bars:
        width = max(3.0, x(bar.end_s) - x(bar.start_s))
        parts.append(
            f'<rect class="{bar.kind}" x="{x(bar.start_s):.1f}" y="{middle - 5:.1f}" width="{width:.1f}" '
            f'height="10"><title>{escape(bar.label)}</title></rect>'
        )
    parts += [_note(at, middle - 8 - _LINE * shelf, words) for at, shelf, words in above]
    deploys = [dot for dot in dots if dot.kind == "deploy"]
    for dot in deploys:
        parts.append(f'<path class="deploy" d="M{x(dot.at_s):.1f} {middle - 9:.1f}v18"/>')
    below, deep = _words([(x(dot.at_s) - 2, dot.mark) for dot in deploys])
    parts += [_note(at, middle + 20 + _LINE * shelf, words) for at, shelf, words in below]
    drawn, stacked = _acts([dot for dot in dots if dot.kind != "deploy"], x, middle)
    return parts + drawn, max(middle + 14 + _LINE * deep + 4, middle + _STEP * stacked + 8)


def _words(places: Sequence[tuple[float, str]]) -> tuple[list[tuple[float, int, str]], int]:
    """Words from where they should begin, kept on the drawing: where they begin, on which shelf; how many."""
    begins = [max(0.0, min(at, WIDTH - _LETTER * len(words))) for at, words in places]
    found = shelves(
        [(at, at + _LETTER * len(words) + 6) for at, (_, words) in zip(begins, places, strict=True)]
    )
    placed = [(at, shelf, words) for at, shelf, (_, words) in zip(begins, found, places, strict=True)]
    return placed, max(found, default=-1) + 1


def _note(x: float, y: float, words: str) -> str:
    return f'<text class="note" x="{x:.1f}" y="{y:.1f}">{escape(words)}</text>'


def _acts(dots: Sequence[Dot], x: Callable[[float], float], middle: float) -> tuple[list[str], int]:
    """Ticks for looks, numbered circles for decisions, each at its instant; and the shelves of circles."""
    parts = [
        f'<path class="look" d="M{x(dot.at_s):.1f} {middle - 4:.1f}v8"><title>{_title(dot)}</title></path>'
        for dot in dots
        if dot.kind == "look"
    ]
    decisions = [dot for dot in dots if dot.kind != "look"]
    places = shelves([(x(dot.at_s) - _RADIUS - 0.5, x(dot.at_s) + _RADIUS + 0.5) for dot in decisions])
    for dot, shelf in zip(decisions, places, strict=True):
        if shelf:
            parts.append(f'<path class="grid" d="M{x(dot.at_s):.1f} {middle:.1f}v{_STEP * shelf}"/>')
    for dot, shelf in zip(decisions, places, strict=True):
        parts.append(_number(dot.kind, x(dot.at_s), middle + _STEP * shelf, dot.mark, _title(dot)))
    return parts, max(places, default=0)


def _title(dot: Dot) -> str:
    return escape(f"{clock(dot.at_s)} {dot.text or dot.mark}")


def _number(kind: str, x: float, y: float, mark: str, title: str) -> str:
    return (
        f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS}"><title>{title}</title></circle>'
        f'<text class="number {kind}" x="{x:.1f}" y="{y + 4:.1f}" text-anchor="middle">{escape(mark)}</text>'
    )


def _legend(kinds: set[str], top: float) -> tuple[list[str], float]:
    """What the forms mean that are on the drawing; where the time axis begins below it."""
    parts: list[str] = []
    at, y = float(_LEFT), top + 12
    for kind, words in _LEGEND:
        if kind not in kinds:
            continue
        form = (
            f'<path class="look" d="M{at:.1f} {y - 4:.1f}v8"/>'
            if kind == "look"
            else f'<circle class="{kind}" cx="{at:.1f}" cy="{y:.1f}" r="6"/>'
        )
        parts += [form, _note(at + 11, y + 4, words)]
        at += _LETTER * len(words) + 34
    return parts, (y + 12 if parts else top)
