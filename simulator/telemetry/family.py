"""A family: all series of one metric, one column a series, one row a scrape.

Series appear when their subject comes and end when it goes: an ended series has no more samples, as in
Prometheus after the target is gone. What was written is found again by row, by label, or by search.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from simulator.errors import GamedayError, SimulationError
from simulator.telemetry.catalogue import Metric
from simulator.telemetry.chunks import CHUNK_ROWS, Chunk, Integers, Resets

if TYPE_CHECKING:
    from simulator.telemetry.store import Store

Match = str | Collection[str]


class Family:
    """All series of one metric."""

    def __init__(self, metric: Metric, store: Store) -> None:
        self.metric = metric
        self._store = store
        self._dtype: type[np.int64 | np.float64] = np.int64 if metric.type == "counter" else np.float64
        self._labels: list[tuple[str, ...]] = []
        self._index: dict[tuple[int, str], list[int]] = {}
        self._first: list[int] = []
        self._end: list[int] = []  # the row from which the series has no sample; -1 while it lives
        self._gaps: dict[int, list[tuple[int, int]]] = {}
        self._chunks: list[Chunk] = []
        self._starts: list[int] = []  # first row of each chunk
        self._sealed_bytes = 0
        self._stale_columns = False  # a revived series may be missing from the open chunk
        self._previous: NDArray[Any] = np.zeros(0, dtype=self._dtype)  # the row before, of a counter
        self._revived: list[int] = []
        self._held_until = -1  # rows up to this one hold what the newest written one holds
        self._held: NDArray[Any] = self._previous
        self.resets = Resets()

    def __len__(self) -> int:
        return len(self._labels)

    @property
    def nbytes(self) -> int:
        """Bytes of samples held."""
        open_bytes = self._chunks[-1].nbytes if self._chunks else 0
        return self._sealed_bytes + open_bytes

    def declare(self, labels: Sequence[tuple[str, ...]]) -> None:
        """Add series; from now on ``write`` expects their values after those of the older series.

        Args:
            labels: One tuple of label values a series, in the order of ``metric.labels``.
        """
        self._settle()
        row = self._store.row
        for values in labels:
            if len(values) != len(self.metric.labels):
                raise SimulationError(
                    self.metric.name,
                    expected=f"labels {self.metric.labels}",
                    got=repr(values),
                    todo="This is a bug in the collector of this metric.",
                )
            series = len(self._labels)
            for position, value in enumerate(values):
                self._index.setdefault((position, value), []).append(series)
            self._labels.append(values)
            self._first.append(row)
            self._end.append(-1)

    def end(self, series: Sequence[int]) -> None:
        """These series have no sample in the current scrape, nor later until ``revive``."""
        self._settle()
        for one in series:
            if self._end[one] < 0:
                self._end[one] = self._store.row

    def revive(self, series: Sequence[int]) -> None:
        """These series have samples again from the current scrape on: their target answers again."""
        self._settle()
        for one in series:
            if self._end[one] >= 0:
                self._gaps.setdefault(one, []).append((self._end[one], self._store.row))
                self._end[one] = -1
                self._stale_columns = True
                self._revived.append(one)

    def hold(self) -> None:
        """The current scrape is as the one before, of whose series none began or ended; costs nothing."""
        self._held_until = self._store.row

    def write(self, values: NDArray[Any], *, may_fall: bool = True) -> None:
        """Append the current scrape: a value for each declared series, also for ended ones.

        Args:
            values: They are kept until the next scrape, so nobody may write into them afterwards.
            may_fall: Whether a counter may have been reset since; a collector that knows better saves a look.
        """
        self._settle()
        if len(values) != len(self._labels):
            raise SimulationError(
                self.metric.name,
                expected=f"{len(self._labels)} values",
                got=str(len(values)),
                todo="This is a bug in the collector of this metric.",
            )
        row = self._store.row
        if self._dtype is np.int64:
            if may_fall or self._revived:
                self._note_resets(values, row)
            self._previous = values
        self._held = values
        self._append(values, row)

    def _append(self, values: NDArray[Any], row: int) -> None:
        chunk = self._chunks[-1] if self._chunks else None
        if (
            chunk is None
            or chunk.rows == CHUNK_ROWS
            or chunk.first + chunk.rows != row
            or self._stale_columns
        ):
            chunk = self._roll(row)
        elif len(values) > chunk.known:
            chunk.widen(len(values))
        chunk.append(values)

    def _settle(self) -> None:
        """Write down the rows that were only held."""
        while self._chunks and (row := self._chunks[-1].first + self._chunks[-1].rows) <= self._held_until:
            if not self._chunks[-1].repeat(self._held_until - row + 1):
                self._append(self._held, row)

    def _note_resets(self, values: NDArray[Any], row: int) -> None:
        """Remember where counters fell since their last sample, and from which value."""
        fell = values[: len(self._previous)] < self._previous
        for series in np.flatnonzero(fell).tolist() if fell.any() else ():
            if self._end[series] < 0 and series not in self._revived:
                self.resets.add(series, row, int(self._previous[series]))
        for series in self._revived:
            before = self._gaps[series][-1][0] - 1
            if before >= self._first[series]:
                last = int(self.pick(np.array([series]), np.array([before]))[0])
                if values[series] < last:
                    self.resets.add(series, row, last)
        self._revived = []

    def _roll(self, row: int) -> Chunk:
        if self._chunks:
            self._chunks[-1].seal()
            self._sealed_bytes += self._chunks[-1].nbytes
        living = [series for series, end in enumerate(self._end) if end < 0]
        self._chunks.append(Chunk(row, np.array(living, dtype=np.int64), len(self._end), self._dtype))
        self._starts.append(row)
        self._stale_columns = False
        return self._chunks[-1]

    def latest(self) -> NDArray[Any]:
        """The stored row of the newest scrape: raw values of the columns that it holds."""
        self._settle()
        return self._chunks[-1].last() if self._chunks else np.zeros(0, dtype=self._dtype)

    def select(self, **match: Match) -> Integers:
        """Ids of the series whose labels match, ascending.

        Args:
            match: Label name to its value, or to several values of which any will do.
        """
        found: set[int] | None = None
        for name, wanted in match.items():
            if name not in self.metric.labels:
                raise GamedayError(
                    f"label {name!r} of {self.metric.name}",
                    expected="one of " + ", ".join(self.metric.labels),
                    got=repr(name),
                    todo="Match on a label that this metric has.",
                )
            position = self.metric.labels.index(name)
            values = (wanted,) if isinstance(wanted, str) else wanted
            ids = {series for value in values for series in self._index.get((position, value), ())}
            found = ids if found is None else found & ids
        if found is None:
            return np.arange(len(self._labels), dtype=np.int64)
        return np.array(sorted(found), dtype=np.int64)

    def matching(self, tests: Mapping[str, Sequence[Callable[[str], bool]]]) -> Integers:
        """Ids of the series whose label values pass every test, ascending; a label not there is empty."""
        found: set[int] | None = None
        for name, several in tests.items():
            if name not in self.metric.labels:
                if not all(test("") for test in several):
                    return np.zeros(0, dtype=np.int64)
                continue
            place = self.metric.labels.index(name)
            ids = {
                series
                for (position, value), members in self._index.items()
                if position == place and all(test(value) for test in several)
                for series in members
            }
            found = ids if found is None else found & ids
        return np.arange(len(self._labels)) if found is None else np.array(sorted(found), dtype=np.int64)

    def label_values(self, series: int) -> tuple[str, ...]:
        """The label values of a series, in the order of ``metric.labels``."""
        return self._labels[series]

    def spans(self, series: int) -> list[tuple[int, int]]:
        """The rows in which a series has samples, as half-open ranges; the last may reach past the newest."""
        bounds = [self._first[series]]
        for gap in self._gaps.get(series, ()):
            bounds += gap
        end = self._end[series]
        bounds.append(end if end >= 0 else 1 << 62)
        return [(low, high) for low, high in zip(bounds[::2], bounds[1::2], strict=True) if low < high]

    def pick(self, series: Integers, rows: Integers) -> NDArray[Any]:
        """Raw values of single places: of each series in the row beside it; it must have a sample there."""
        self._settle()
        values = np.zeros(len(series), dtype=self._dtype)
        chunk_of = self._chunk_of(rows)
        for number in np.unique(chunk_of).tolist():
            chunk, here = self._chunks[number], np.flatnonzero(chunk_of == number)
            positions = np.searchsorted(chunk.columns, series[here])
            values[here] = chunk.pick(positions, rows[here] - chunk.first)
        return values

    def _chunk_of(self, rows: Integers) -> Integers:
        """The chunk that holds each row, or that would hold it if anything had been written."""
        found: Integers = np.maximum(np.searchsorted(self._starts, rows, side="right") - 1, 0)
        return found

    def read_rows(self, series: Integers, rows: Integers) -> NDArray[Any]:
        """Raw values of some rows, which ascend, shape ``(series, rows)``; 0 where there is no sample."""
        self._settle()
        values = np.zeros((len(series), len(rows)), dtype=self._dtype)
        for number in np.unique(self._chunk_of(rows)).tolist() if self._chunks else ():
            chunk = self._chunks[number]
            low, high = np.searchsorted(rows, [chunk.first, chunk.first + chunk.rows])
            if low >= high or not len(chunk.columns):
                continue
            positions = np.minimum(np.searchsorted(chunk.columns, series), len(chunk.columns) - 1)
            here = np.flatnonzero(chunk.columns[positions] == series)
            values[here, low:high] = chunk.pick_rows(positions[here], rows[low:high] - chunk.first).T
        return values

    def present_at(self, series: Integers, rows: Integers) -> NDArray[np.bool_]:
        """Whether each series has a sample in each row, shape ``(series, rows)``."""
        begin, end, whole = self.lives(series)
        found: NDArray[np.bool_] = (rows >= begin[:, None]) & (rows < end[:, None])
        for place in np.flatnonzero(~whole).tolist():
            found[place] = False
            for low, high in self.spans(int(series[place])):
                found[place] |= (rows >= low) & (rows < high)
        return found

    def lives(self, series: Integers) -> tuple[Integers, Integers, NDArray[np.bool_]]:
        """First row, one past the last, and whether there is a sample in every row between, by series."""
        begin = np.array(self._first, dtype=np.int64)[series]
        end = np.array(self._end, dtype=np.int64)[series]
        whole = np.array([one not in self._gaps for one in series.tolist()], dtype=np.bool_)
        return begin, np.where(end < 0, 1 << 62, end), whole

    def labels(self, series: Integers | None = None) -> list[dict[str, str]]:
        """The label sets of these series, or of all."""
        ids = range(len(self._labels)) if series is None else series.tolist()
        return [dict(zip(self.metric.labels, self._labels[one], strict=True)) for one in ids]

    def read(self, series: Integers, start: int, stop: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Raw values and presence over the scrapes ``[start, stop)``, both ``(series, scrapes)``."""
        self._settle()
        values = np.zeros((len(series), stop - start), dtype=self._dtype)
        held = np.zeros(values.shape, dtype=np.bool_)
        for chunk in self._chunks:
            low, high = max(start, chunk.first), min(stop, chunk.first + chunk.rows)
            if low >= high or not len(chunk.columns):
                continue
            positions = np.searchsorted(chunk.columns, series)
            positions[positions == len(chunk.columns)] = 0
            here = np.flatnonzero(chunk.columns[positions] == series)
            window = slice(low - start, high - start)
            values[here, window] = chunk.read(positions[here], low - chunk.first, high - chunk.first)
            held[here, window] = True
        return values, held & self._present(series, start, stop)

    def _present(self, series: Integers, start: int, stop: int) -> NDArray[np.bool_]:
        ids = series.tolist()
        rows = np.arange(start, stop)
        first = np.array([self._first[one] for one in ids], dtype=np.int64)[:, None]
        end = np.array(
            [self._end[one] if self._end[one] >= 0 else stop for one in ids],
            dtype=np.int64,
        )[:, None]
        present: NDArray[np.bool_] = (rows >= first) & (rows < end)
        for position, one in enumerate(ids):
            for gap_start, gap_stop in self._gaps.get(one, ()):
                present[position, max(gap_start - start, 0) : max(gap_stop - start, 0)] = False
        return present
