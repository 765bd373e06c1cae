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
        self._last: Integers = np.zeros(0, dtype=np.int64)  # flat
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
        """Take in the cumulative counts of one scrape; rows are only ever added at the end.

        The array is kept until the next scrape, so nobody may write into it afterwards.
        """
        self._bins = counts.shape[1]
        flat = counts.ravel()
        if len(self._last) < len(flat):
            self._last = np.concatenate([self._last, np.zeros(len(flat) - len(self._last), dtype=np.int64)])
        moved = np.flatnonzero(flat != self._last)
        change = flat[moved] - self._last[moved]
        self._last = flat
        used = int(self._offsets[self._batches])
        need = used + len(moved)
        while need > len(self._flat):
            self._flat = np.concatenate([self._flat, np.zeros_like(self._flat)])
            self._counts = np.concatenate([self._counts, np.zeros_like(self._counts)])
        if self._batches + 1 == len(self._offsets):
            self._offsets = np.concatenate([self._offsets, np.zeros_like(self._offsets)])
        self._flat[used:need] = moved
        self._counts[used:need] = change
        self._batches += 1
        self._offsets[self._batches] = need

    def increments(self, rows: Integers, start: int, stop: int) -> tuple[int, Integers]:
        """What each batch in ``[start, stop)`` counted, summed over ``rows``.

        Latencies fill a narrow band of the bins, so only that band is given.

        Args:
            rows: Rows of the matrix.
            start: First batch.
            stop: One past the last batch.

        Returns:
            The band's first bin, and its counts, shape ``(batches, bins of the band)``.
        """
        batches = max(stop - start, 0)
        nothing = 0, np.zeros((batches, 0), dtype=np.int64)
        if not batches or not len(rows):
            return nothing
        low, high = int(self._offsets[start]), int(self._offsets[stop])
        flat = self._flat[low:high]
        # A service's rows lie together: cut out their span first, then ask row by row.
        first, last = int(rows.min()), int(rows.max())
        near = np.flatnonzero((flat >= first * self._bins) & (flat < (last + 1) * self._bins))
        row, place = np.divmod(flat[near], self._bins)
        if last - first + 1 > len(rows):
            wanted = np.isin(row, rows)
            near, place = near[wanted], place[wanted]
        if not len(near):
            return nothing
        bottom, width = int(place.min()), int(place.max() - place.min()) + 1
        batch = np.searchsorted(self._offsets[start + 1 : stop + 1] - low, near, side="right")
        cells = np.bincount(
            batch * width + place - bottom,
            weights=self._counts[low:high][near],
            minlength=batches * width,
        )
        # bincount sums in float64, exact for counts below 2^53.
        return bottom, cells.astype(np.int64).reshape(batches, width)
