"""The high-resolution latency record: what a debrief reads quantiles from, exactly.

Classic histogram buckets are coarse, and a quantile from them may be off by half. Beside them the data plane
counts answers by (service, route) in bins of more than 100 a decade. Few bins change between two scrapes, so
the record keeps the changes alone: three numbers for each bin that moved.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class FineRecord:
    """Increments of a matrix of counters ``(rows, bins)``, one batch a scrape, sparse.

    Batch ``i`` holds what was counted between scrape ``i - 1`` and scrape ``i``.
    """

    def __init__(self, *, capacity: int = 1 << 14) -> None:
        self._last: Integers | None = None
        self._bins = 0
        self._flat = np.zeros(capacity, dtype=np.int32)
        self._counts = np.zeros(capacity, dtype=np.int32)
        self._offsets: Integers = np.zeros(128, dtype=np.int64)
        self._batches = 0

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return int(self._flat.nbytes + self._counts.nbytes + self._offsets.nbytes)

    def append(self, counts: Integers) -> None:
        """Take in the cumulative counts of one scrape; rows are only ever added at the end."""
        rows, self._bins = counts.shape
        if self._last is None or len(self._last) < rows:
            grown = np.zeros(counts.shape, dtype=np.int64)
            if self._last is not None:
                grown[: len(self._last)] = self._last
            self._last = grown
        change = (counts - self._last).ravel()
        moved = np.flatnonzero(change)
        used = int(self._offsets[self._batches])
        need = used + len(moved)
        while need > len(self._flat):
            self._flat = np.concatenate([self._flat, np.zeros_like(self._flat)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        if self._batches + 1 == len(self._offsets):
            self._offsets = np.concatenate([self._offsets, np.zeros_like(self._offsets)])
        self._flat[used:need] = moved
        self._counts[used:need] = change[moved]
        self._batches += 1
        self._offsets[self._batches] = need
        self._last[:] = counts

    def increments(self, rows: Integers, start: int, stop: int) -> Integers:
        """Counts of each batch in ``[start, stop)``, summed over ``rows``, shape ``(batches, bins)``."""
        batches = max(stop - start, 0)
        if not batches or not self._bins:
            return np.zeros((batches, self._bins), dtype=np.int64)
        low, high = int(self._offsets[start]), int(self._offsets[stop])
        flat = self._flat[low:high]
        row, place = np.divmod(flat, self._bins)
        wanted = np.isin(row, rows)
        batch = np.repeat(np.arange(batches), np.diff(self._offsets[start : stop + 1]))[wanted]
        cells = np.bincount(
            batch * self._bins + place[wanted],
            weights=self._counts[low:high][wanted],
            minlength=batches * self._bins,
        )
        # bincount sums in float64, exact for counts below 2^53.
        return cells.astype(np.int64).reshape(batches, self._bins)
