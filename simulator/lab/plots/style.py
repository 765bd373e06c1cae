"""The house style of static charts: one font size, hairlines, a fixed meaning for each colour and dash."""

from __future__ import annotations

import io
from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any, Final, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MultipleLocator

from simulator.drill.acts import Marker
from simulator.units import format_clock, from_seconds, seconds

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


def markers(axes: Axes, marks: Iterable[Marker], start: float, *, words: bool = True) -> None:
    """Deploys dashed, pages solid, both named above the axes."""
    free = float("-inf")
    left, right = axes.get_xlim()
    for mark in marks:
        at = seconds(mark.at)
        if mark.kind not in ("deploy", "page") or at < start:
            continue
        page = mark.kind == "page"
        colour = BAD if page else NEW
        axes.axvline(at, color=colour, linewidth=0.9, linestyle="-" if page else (0, (4, 3)), alpha=0.8)
        if not words or (at - free) / (right - left) < 0.1:
            continue
        free = at
        axes.annotate(
            "page" if page else mark.text.rpartition(" ")[2],
            (at, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 2),
            textcoords="offset points",
            ha="center",
            fontsize=8,
            color=colour,
            annotation_clip=False,
        )


def percent_axis(axes: Axes) -> None:
    """Shares as per cent."""
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{100 * value:g}"))
