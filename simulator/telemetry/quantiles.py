"""Quantiles of many fine histograms at once."""

from __future__ import annotations

from math import nan

import numpy as np
from numpy.typing import NDArray

from simulator.dataplane.counters import FINE_EDGES_NS
from simulator.units import SECOND

Floats = NDArray[np.float64]


def row_quantiles(counts: NDArray[np.int64], shares: tuple[float, ...]) -> tuple[Floats, ...]:
    """Quantiles of each row of fine-cell counts, as ``dataplane.fine_quantile`` gives them for one.

    Args:
        counts: Shape ``(rows, cells)``.
        shares: Which quantiles, from 0 to 1.

    Returns:
        For each share an array of seconds, one a row; NaN where a row is empty.
    """
    # Latencies fill a narrow band of the cells: leave the empty ones on both sides out.
    filled = np.flatnonzero(counts.any(axis=0))
    if not len(filled):
        return tuple(np.full(len(counts), nan) for _ in shares)
    low, high = int(filled[0]), int(filled[-1]) + 1
    band = counts[:, low:high]
    below = np.cumsum(band, axis=1)
    totals = below[:, -1]
    every = np.arange(len(counts))
    found = []
    for share in shares:
        ranks = share * totals
        cells = np.minimum((below < ranks[:, None]).sum(axis=1), band.shape[1] - 1)
        inside = band[every, cells]
        before = below[every, cells] - inside
        bottom, top = FINE_EDGES_NS[low + cells], FINE_EDGES_NS[low + cells + 1]
        part = np.divide(ranks - before, inside, out=np.zeros(len(counts)), where=inside > 0)
        found.append(np.where(totals > 0, (bottom + (top - bottom) * part) / SECOND, nan))
    return tuple(found)
