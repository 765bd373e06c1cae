"""Charts made of text: columns of eighth blocks, and a bar."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

_EIGHTHS = " ▁▂▃▄▅▆▇█"


def columns(values: Sequence[float], *, rows: int, top: float) -> list[str]:
    """A column chart, its rows from the top down.

    Args:
        values: One a column; NaN is a gap.
        rows: Height in lines of text.
        top: The value that fills a column; more is cut off.
    """
    heights = [0 if isnan(value) else _height(value, rows, top) for value in values]
    return [
        "".join(_EIGHTHS[min(8, max(0, height - 8 * row))] for height in heights)
        for row in range(rows - 1, -1, -1)
    ]


def _height(value: float, rows: int, top: float) -> int:
    """Height in eighths; anything above zero shows."""
    eighths = round(8 * rows * min(max(value / top, 0.0), 1.0))
    return max(eighths, 1) if value > 0 else 0


def bar(share: float, *, width: int) -> str:
    """A bar that is filled by a share of its width; below zero it is empty."""
    filled = round(width * min(max(share, 0.0), 1.0))
    return "█" * filled + "░" * (width - filled)


def fitted(values: Sequence[float], width: int) -> list[float]:
    """The values as so many columns, each the worst of those that it stands for; NaN where none is known."""
    count = len(values)
    if count <= width:
        return [*values, *[float("nan")] * (width - count)]
    cut = [values[count * n // width : count * (n + 1) // width] for n in range(width)]
    return [max((value for value in part if not isnan(value)), default=float("nan")) for part in cut]
