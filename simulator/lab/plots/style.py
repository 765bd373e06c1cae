"""The house style of static charts: one font size, hairlines, a fixed meaning for each colour and dash."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, Final, cast

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.ticker import FuncFormatter, MultipleLocator
from numpy.typing import NDArray

from simulator.coach.lanes import shelves
from simulator.drill.acts import Marker
from simulator.units import format_clock, from_seconds, seconds

Floats = NDArray[np.float64]

INK: Final = "#212121"
MUTED: Final = "#686868"
LINE: Final = "#d0d0d0"
BAD: Final = "#b92b1c"
OLD: Final = "#5f7f9f"
NEW: Final = "#6d4ac6"
BLUE: Final = "#2c6cab"
P50: Final = "#5b93c9"
P99: Final = "#123f70"
OK: Final = "#0b7285"

#: Everything that matplotlib would otherwise take from the reader's own settings.
_RC: Final[dict[str, object]] = {
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 15,
    "axes.labelcolor": MUTED,
    "axes.edgecolor": LINE,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#ececec",
    "grid.linewidth": 0.8,
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "text.color": INK,
    "lines.linewidth": 1.5,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "figure.facecolor": "white",
    "axes.facecolor": "white",
    "savefig.facecolor": "white",
}
DPI: Final = 110


def house() -> AbstractContextManager[None]:
    """The house's settings while a picture is made or drawn; afterwards the reader's own are back."""
    return mpl.rc_context(cast("Any", _RC))


class Picture(Figure):
    """A figure that pyplot does not know, so that a notebook shows it once.

    Attributes:
        sentence: What is on it, in words.
    """

    sentence: str = ""

    def _repr_png_(self) -> bytes:
        """What a notebook shows."""
        target = io.BytesIO()
        with house():
            self.savefig(target, format="png", dpi=DPI)
        return target.getvalue()

    def __repr__(self) -> str:
        return self.sentence

    def __str__(self) -> str:
        return self.sentence


def picture(width: float, height: float) -> Picture:
    """An empty picture, inches; call it inside :func:`house`."""
    made = Picture(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(made)
    return made


def time_axis(axes: Axes, start: float, end: float, *, label: bool = True, most: int = 7) -> None:
    """Simulated time along the bottom, in round minutes, with a label at most that often."""
    axes.set_xlim(start, max(end, start + 60))
    spacing = next((step for step in (60, 120, 300, 600, 900, 1800) if (end - start) / step <= most), 3600)
    axes.xaxis.set_major_locator(MultipleLocator(spacing))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _position: format_clock(from_seconds(value))))
    if label:
        axes.set_xlabel("simulated time (min:s)")


#: Inches of a letter of the small print, and of a line of it.
_LETTER, _LINE = 0.066, 10.0


def markers(axes: Axes, marks: Iterable[Marker], start: float, *, words: bool = True, own: str = "") -> None:
    """Deploys dashed, pages solid, each named above the axes: on a line higher up where two would meet.

    Args:
        axes: Their time axis is set.
        marks: In order of time; of other kinds than these two none is drawn.
        start: Seconds; earlier ones are left out.
        words: Whether to name them.
        own: The Deployment that the chart is about: its versions need no name in front.
    """
    shown = [mark for mark in marks if mark.kind in ("deploy", "page") and seconds(mark.at) >= start]
    names = {mark.text.rpartition(" ")[0] for mark in shown if mark.kind == "deploy"}
    left, right = axes.get_xlim()
    inch = (right - left) / _across(axes)
    texts = [_marker_word(mark, own, alone=len(names) == 1) for mark in shown]
    lines = shelves(
        [
            (seconds(mark.at) - half, seconds(mark.at) + half)
            for mark, text in zip(shown, texts, strict=True)
            for half in [inch * (_LETTER * len(text) + 0.06) / 2]
        ]
    )
    for mark, text, line in zip(shown, texts, lines, strict=True):
        page = mark.kind == "page"
        colour = BAD if page else NEW
        axes.axvline(
            seconds(mark.at), color=colour, linewidth=0.9, linestyle="-" if page else (0, (4, 3)), alpha=0.8
        )
        if words:
            axes.annotate(
                text,
                (seconds(mark.at), 1.0),
                xycoords=("data", "axes fraction"),
                xytext=(0, 2 + _LINE * line),
                textcoords="offset points",
                ha="center",
                fontsize=8,
                color=colour,
                annotation_clip=False,
            )
    if words and max(lines, default=0):
        axes.set_title(axes.get_title(loc="left"), pad=15 + _LINE * max(lines))


def _marker_word(mark: Marker, own: str, *, alone: bool) -> str:
    """``page``; ``v43`` of the Deployment that the chart is about, or of the only one; else with its name."""
    if mark.kind == "page":
        return "page"
    name, _, version = mark.text.rpartition(" ")
    return version if alone or name == own else mark.text


def _across(axes: Axes) -> float:
    """About how many inches wide these axes will be."""
    figure, place = axes.get_figure(root=True), axes.get_subplotspec()
    columns = place.get_gridspec().ncols if place is not None else 1
    return 0.85 * (figure.get_figwidth() if figure is not None else 9.0) / columns


def level_word(axes: Axes, words: str, level: float, times: Floats, rows: Sequence[Floats]) -> None:
    """What a level line means, written above it where the fewest samples lie.

    Args:
        axes: Log scale up; their time axis is or will be that of ``times``.
        words: A few.
        level: Where the line is.
        times: Of the samples.
        rows: What is drawn at them.
    """
    wide = _LETTER * len(words) / _across(axes)
    first, length = float(times[0]), max(float(times[-1] - times[0]), 1.0)
    shares = (times - first) / length

    def crossed(place: tuple[float, bool]) -> int:
        begin, above = place
        near = (shares >= begin - 0.02) & (shares <= begin + wide + 0.02)
        low, high = (level * 0.95, level * 5) if above else (level / 5, level * 1.05)
        return sum(int(np.count_nonzero((row[near] >= low) & (row[near] <= high))) for row in rows)

    steps = [0.01 + (0.98 - wide) * step / 8 for step in range(9)] if wide < 0.98 else [0.01]
    begin, above = min(((step, above) for above in (True, False) for step in steps), key=crossed)
    axes.annotate(
        words,
        (begin, level),
        xycoords=("axes fraction", "data"),
        xytext=(0, 3 if above else -3),
        textcoords="offset points",
        va="bottom" if above else "top",
        fontsize=8,
        color=MUTED,
        path_effects=[withStroke(linewidth=3, foreground="white")],
    )


def percent_axis(axes: Axes) -> None:
    """Shares as per cent."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{100 * value:g}"))
