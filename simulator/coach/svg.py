"""The debrief's budget curves as self-contained SVG, and what its drawings share: frame, clock, time axis.

Colours come from the page by class, so that light and dark are the page's business; no meaning hangs on
colour alone: "yours" is solid and the other play dashed, and both are named at their end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

WIDTH: Final = 760
_LEFT: Final = 64
_RIGHT: Final = 150
_INNER: Final = WIDTH - _LEFT - _RIGHT
#: A polyline needs no more points than the screen has columns.
_POINTS: Final = 300


@dataclass(frozen=True, slots=True)
class Chart:
    """Two budget curves of the same users with the same luck.

    Attributes:
        times_s: Instants, seconds since T+00:00, ascending.
        yours: Budget left in this run, as a share.
        other: Budget left in the other play.
        other_label: What the other play did, such as ``undo at the first page``.
        marks: Instants worth a line, with a word each.
        sentence: What the chart shows, in one sentence.
    """

    times_s: tuple[float, ...]
    yours: tuple[float, ...]
    other: tuple[float, ...]
    other_label: str
    marks: tuple[tuple[float, str], ...]
    sentence: str


def clock(seconds: float) -> str:
    """Seconds as ``T+12:35``."""
    minutes, rest = divmod(int(abs(seconds)), 60)
    return f"T{'-' if seconds < 0 else '+'}{minutes:02d}:{rest:02d}"


def budget_svg(chart: Chart) -> str:
    """Both curves, the area between them, ticks, marks, and a label at the end of each."""
    height, top, bottom = 300, 28, 26
    plot = height - top - bottom
    first, last = chart.times_s[0], chart.times_s[-1]
    low = min(*chart.yours, *chart.other)
    high = max(*chart.yours, *chart.other)
    ticks = _ticks(low, high)
    low, high = min(low, ticks[0]), max(high, ticks[-1])

    def x(second: float) -> float:
        return _LEFT + _INNER * (second - first) / max(1e-9, last - first)

    def y(share: float) -> float:
        return top + plot * (high - share) / max(1e-9, high - low)

    keep = _thin(len(chart.times_s))
    yours = " ".join(f"{x(chart.times_s[i]):.1f},{y(chart.yours[i]):.1f}" for i in keep)
    other = " ".join(f"{x(chart.times_s[i]):.1f},{y(chart.other[i]):.1f}" for i in keep)
    back = " ".join(f"{x(chart.times_s[i]):.1f},{y(chart.other[i]):.1f}" for i in reversed(keep))
    parts = [opening(height, chart.sentence)]
    for tick in ticks:
        parts.append(f'<path class="grid" d="M{_LEFT} {y(tick):.1f}H{_LEFT + _INNER}"/>')
        parts.append(
            f'<text class="axis" x="{_LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{100 * tick:.0f} '
            "%</text>"
        )
    parts += time_axis(first, last, x, height - 8)
    parts.append(f'<polygon class="between" points="{yours} {back}"/>')
    parts += _marks(chart.marks, x, top, height - bottom)
    parts.append(f'<polyline class="other" points="{other}"/><polyline class="yours" points="{yours}"/>')
    end = _LEFT + _INNER + 8
    mine, theirs = y(chart.yours[-1]), y(chart.other[-1])
    if abs(mine - theirs) < 32:
        middle = (mine + theirs) / 2
        theirs, mine = (middle - 16, middle + 16) if theirs <= mine else (middle + 16, middle - 16)
    parts.append(_end_label(end, mine, "yours", f"{100 * chart.yours[-1]:.1f} %", "yours"))
    parts.append(_end_label(end, theirs, "other", f"{100 * chart.other[-1]:.1f} %", chart.other_label))
    return "".join(parts) + "</svg>"


def opening(height: float, sentence: str) -> str:
    """The start of a drawing that is so high, with its sentence for who does not see it."""
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(sentence, quote=True)}" '
        'xmlns="http://www.w3.org/2000/svg">'
    )


def _end_label(x: float, y: float, kind: str, value: str, label: str) -> str:
    words, lines = label.split(), [""]
    for word in words:
        if len(lines[-1]) + len(word) > 20 and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    rest = "".join(f'<tspan x="{x}" dy="13">{escape(line)}</tspan>' for line in lines[:3])
    return f'<text class="end {kind}" x="{x}" y="{y:.1f}"><tspan class="strong">{value}</tspan>{rest}</text>'


def _marks(
    marks: Sequence[tuple[float, str]], x: Callable[[float], float], top: int, bottom: int
) -> list[str]:
    parts: list[str] = []
    free = -1e9
    for second, word in marks:
        at = x(second)
        parts.append(f'<path class="mark" d="M{at:.1f} {top}V{bottom}"/>')
        level = top - 6 if at >= free else top - 17
        parts.append(f'<text class="note" x="{at + 3:.1f}" y="{level}">{escape(word)}</text>')
        free = at + 7 * len(word) + 8
    return parts


def time_axis(first: float, last: float, x: Callable[[float], float], y: int) -> list[str]:
    """Round minutes along the bottom, at most eight."""
    step = next((step for step in (60, 120, 300, 600, 1200, 3600) if (last - first) / step <= 8), 7200)
    second = -(-int(first) // step) * step
    parts = []
    while second <= last:
        parts.append(
            f'<text class="axis" x="{x(second):.1f}" y="{y}" text-anchor="middle">{clock(second)}</text>'
        )
        second += step
    return parts


def _ticks(low: float, high: float) -> list[float]:
    """Three to six round shares that span the values."""
    span = max(high - low, 0.01)
    step = next(
        step for step in (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 50, 1e9) if span / step <= 5
    )
    first = int(low // step)
    return [round((first + i) * step, 6) for i in range(int(-(-high // step)) - first + 1)]


def _thin(count: int) -> list[int]:
    step = max(1, count // _POINTS)
    kept = list(range(0, count, step))
    return kept if kept[-1] == count - 1 else [*kept, count - 1]
