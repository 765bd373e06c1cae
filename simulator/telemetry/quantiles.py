"""Quantiles of many fine histograms at once."""

from __future__ import annotations

from math import nan

import numpy as np
from numpy.typing import NDArray

from simulator.dataplane.counters import FINE_EDGES_NS
from simulator.units import SECOND

Floats = NDArray[np.float64]


def row_quantiles(
    counts: NDArray[np.int64], shares: tuple[float, ...], *, first: int = 0
) -> tuple[Floats, ...]:
    """Quantiles of each row of fine-cell counts, as ``dataplane.fine_quantile`` gives them for one.

    Args:
        counts: Shape ``(rows, cells)``.
        shares: Which quantiles, from 0 to 1.
        first: The fine cell of column 0.

    Returns:
        For each share an array of seconds, one a row; NaN where a row is empty.
    """
    if not counts.shape[1]:
        return tuple(np.full(len(counts), nan) for _ in shares)
    below = np.cumsum(counts, axis=1)
    totals = below[:, -1]
    every = np.arange(len(counts))
    found = []
    for share in shares:
        ranks = share * totals
        cells = np.minimum((below < ranks[:, None]).sum(axis=1), counts.shape[1] - 1)
        inside = counts[every, cells]
        before = below[every, cells] - inside
        bottom, top = FINE_EDGES_NS[first + cells], FINE_EDGES_NS[first + cells + 1]
        part = np.divide(ranks - before, inside, out=np.zeros(len(counts)), where=inside > 0)
        found.append(np.where(totals > 0, (bottom + (top - bottom) * part) / SECOND, nan))
    return tuple(found)
