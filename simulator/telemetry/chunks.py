"""Columns of samples in chunks of ten minutes, and where counters fell: what a family is made of."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]

#: Rows in a chunk: ten minutes at the usual interval.
CHUNK_ROWS: Final = 120
_NARROW: Final = (np.uint8, np.uint16, np.uint32)


class Chunk:
    """Some consecutive scrapes of some columns; open for writing, then sealed."""

    __slots__ = ("_base", "_data", "_width", "columns", "first", "known", "rows")

    def __init__(
        self,
        first: int,
        columns: Integers,
        known: int,
        dtype: type[np.int64 | np.float64],
    ) -> None:
        self.first = first
        self.rows = 0
        self.columns = columns  # ids of the series held, ascending
        self.known = known  # series declared when the columns were chosen
        self._width = len(columns)
        self._data: NDArray[Any] = np.zeros((CHUNK_ROWS, self._width), dtype=dtype)
        self._base: NDArray[Any] | None = None

    @property
    def nbytes(self) -> int:
        base = 0 if self._base is None else self._base.nbytes
        return int(self._data.nbytes + self.columns.nbytes + base)

    def widen(self, known: int) -> None:
        """Take in the newest series; their rows so far stay zero and are masked by the series' spans."""
        columns = np.concatenate([self.columns, np.arange(self.known, known, dtype=np.int64)])
        self.known = known
        wider = np.zeros((CHUNK_ROWS, len(columns)), dtype=self._data.dtype)
        wider[: self.rows, : self._width] = self._data[: self.rows]
        self._data, self.columns, self._width = wider, columns, len(columns)

    def append(self, values: NDArray[Any]) -> None:
        self._data[self.rows] = values if len(values) == self._width else values[self.columns]
        self.rows += 1

    def repeat(self, times: int) -> int:
        """Append the newest row so often, as far as there is room; how often it was."""
        times = min(times, CHUNK_ROWS - self.rows)
        self._data[self.rows : self.rows + times] = self._data[self.rows - 1]
        self.rows += times
        return times

    def last(self) -> NDArray[Any]:
        row: NDArray[Any] = self._data[self.rows - 1]
        return row

    def seal(self) -> None:
        """Keep the first row and unsigned offsets, in the narrowest type that loses nothing."""
        rows = self._data[: self.rows]
        if rows.dtype == np.float64:
            # Most gauges count something. NaN and infinity fail the comparison below and stay as they are.
            with np.errstate(invalid="ignore"):
                whole = rows.astype(np.int64)
            if not np.array_equal(whole, rows):
                self._data = rows.copy()
                return
            rows = whole
        base = rows.min(axis=0) if self.rows else np.zeros(self._width, dtype=np.int64)
        offsets = rows - base
        largest = int(offsets.max(initial=0))
        narrow = next((kind for kind in _NARROW if largest <= np.iinfo(kind).max), np.int64)
        self._base, self._data = base, offsets.astype(narrow)

    def read(self, positions: Integers, start: int, stop: int) -> NDArray[Any]:
        """Values of the columns at ``positions`` over rows ``[start, stop)``, shape ``(columns, rows)``."""
        part = self._data[start:stop][:, positions]
        return part.T if self._base is None else (part + self._base[positions]).T

    def pick_rows(self, positions: Integers, rows: Integers) -> NDArray[Any]:
        """Values of the columns at ``positions`` in some rows, shape ``(rows, columns)``."""
        part = self._data[rows][:, positions]
        return part if self._base is None else part + self._base[positions]

    def pick(self, positions: Integers, rows: Integers) -> NDArray[Any]:
        """Values of single places: of each column at ``positions`` in the row beside it."""
        values: NDArray[Any] = self._data[rows, positions]
        return values if self._base is None else values + self._base[positions]


class Resets:
    """Where the counters of a family fell, and from which value: sorted lists with running sums.

    So what resets took between any two samples is two searches, however far apart they are.
    """

    def __init__(self) -> None:
        self._rows: dict[int, list[int]] = {}
        self._sums: dict[int, list[int]] = {}

    def add(self, series: int, row: int, before: int) -> None:
        """A counter fell in this row from ``before``."""
        sums = self._sums.setdefault(series, [0])
        self._rows.setdefault(series, []).append(row)
        sums.append(sums[-1] + before)

    def lost(self, series: int, first: Integers, last: Integers) -> Integers | None:
        """What resets took after each row of ``first`` up to the row of ``last``; None if nothing ever."""
        rows = self._rows.get(series)
        if rows is None:
            return None
        sums = np.array(self._sums[series], dtype=np.int64)
        found: Integers = (
            sums[np.searchsorted(rows, last, "right")] - sums[np.searchsorted(rows, first, "right")]
        )
        return found
