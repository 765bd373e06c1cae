"""The columnar series store: one family a metric, one column a series, one row a scrape.

Counters are int64, exact; gauges are float64. Rows are kept in chunks of ten minutes; a full chunk is sealed,
which keeps the first row and small offsets from it, so that a day of a large world fits in memory without
losing a bit. Series appear when their pod comes and end when it goes: an ended series has no more samples, as
in Prometheus after the target is gone, and reads as NaN, never as zero.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.errors import GamedayError, SimulationError
from simulator.telemetry.catalogue import CATALOGUE, Metric
from simulator.units import MINUTE, format_clock

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Match = str | Collection[str]

#: Rows in a chunk: ten minutes at the usual interval.
CHUNK_ROWS: Final = 120
#: How far back an instant query looks for a sample (Prometheus' --query.lookback-delta).
LOOKBACK: Final = 5 * MINUTE
#: More memory than this means a scenario with a limit missing somewhere, so the run is stopped.
LIMIT_BYTES: Final = 1 << 30
_NARROW: Final = (np.uint8, np.uint16, np.uint32)


@dataclass(frozen=True, slots=True)
class Samples:
    """What a query of the store gives: some series of one metric over some scrapes.

    Attributes:
        metric: What was asked for.
        times: Scrape times in nanoseconds, ascending, shape ``(n,)``.
        labels: One mapping a series.
        values: Exposed values, shape ``(series, n)``; NaN where a series has no sample.
    """

    metric: Metric
    times: Integers
    labels: tuple[dict[str, str], ...]
    values: Floats


class _Chunk:
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
        self._chunks: list[_Chunk] = []
        self._sealed_bytes = 0
        self._stale_columns = False  # a revived series may be missing from the open chunk

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
        for one in series:
            if self._end[one] < 0:
                self._end[one] = self._store.row

    def revive(self, series: Sequence[int]) -> None:
        """These series have samples again from the current scrape on: their target answers again."""
        for one in series:
            if self._end[one] >= 0:
                self._gaps.setdefault(one, []).append((self._end[one], self._store.row))
                self._end[one] = -1
                self._stale_columns = True

    def write(self, values: NDArray[Any]) -> None:
        """Append the current scrape: a value for each declared series, also for ended ones."""
        if len(values) != len(self._labels):
            raise SimulationError(
                self.metric.name,
                expected=f"{len(self._labels)} values",
                got=str(len(values)),
                todo="This is a bug in the collector of this metric.",
            )
        row = self._store.row
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

    def _roll(self, row: int) -> _Chunk:
        if self._chunks:
            self._chunks[-1].seal()
            self._sealed_bytes += self._chunks[-1].nbytes
        living = [series for series, end in enumerate(self._end) if end < 0]
        self._chunks.append(_Chunk(row, np.array(living, dtype=np.int64), len(self._end), self._dtype))
        self._stale_columns = False
        self._store.check_limit()
        return self._chunks[-1]

    def latest(self) -> NDArray[Any]:
        """The stored row of the newest scrape: raw values of the columns that it holds."""
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

    def labels(self, series: Integers | None = None) -> list[dict[str, str]]:
        """The label sets of these series, or of all."""
        ids = range(len(self._labels)) if series is None else series.tolist()
        return [dict(zip(self.metric.labels, self._labels[one], strict=True)) for one in ids]

    def read(self, series: Integers, start: int, stop: int) -> tuple[NDArray[Any], NDArray[np.bool_]]:
        """Raw values and presence over the scrapes ``[start, stop)``, both ``(series, scrapes)``."""
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


class Store:
    """Every series of a run. Written by the scraper alone, read by everybody."""

    def __init__(self, *, limit_bytes: int = LIMIT_BYTES) -> None:
        self._families: dict[str, Family] = {name: Family(metric, self) for name, metric in CATALOGUE.items()}
        self._times: Integers = np.zeros(CHUNK_ROWS, dtype=np.int64)
        self._count = 0
        self._limit = limit_bytes

    # --- writing ----------------------------------------------------------------------------------

    @property
    def row(self) -> int:
        """Index of the scrape that is being written, or was written last; 0 before the first."""
        return max(self._count - 1, 0)

    def begin(self, at: int) -> None:
        """Open the scrape of time ``at``; families are written next."""
        if self._count and at <= self._times[self._count - 1]:
            raise SimulationError(
                f"scrape at {format_clock(at)}",
                expected=f"a time after {format_clock(int(self._times[self._count - 1]))}",
                got=format_clock(at),
                todo="This is a bug in the scraper.",
            )
        if self._count == len(self._times):
            self._times = np.concatenate([self._times, np.zeros(len(self._times), dtype=np.int64)])
        self._times[self._count] = at
        self._count += 1

    def check_limit(self) -> None:
        """Stop the run when the store outgrows its limit."""
        used = self.nbytes
        if used > self._limit:
            raise SimulationError(
                "telemetry store",
                expected=f"at most {self._limit >> 20} MiB of samples",
                got=f"{used >> 20} MiB",
                todo="Use fewer pods or routes, a shorter duration, or a longer scrape interval.",
            )

    # --- reading ----------------------------------------------------------------------------------

    @property
    def nbytes(self) -> int:
        """Bytes of samples held."""
        return int(self._times.nbytes) + sum(family.nbytes for family in self._families.values())

    @property
    def series_count(self) -> int:
        """Series ever seen."""
        return sum(len(family) for family in self._families.values())

    @property
    def times(self) -> Integers:
        """All scrape times (a view; do not write)."""
        return self._times[: self._count]

    def family(self, name: str) -> Family:
        """The series of one metric.

        Raises:
            GamedayError: No such metric.
        """
        try:
            return self._families[name]
        except KeyError:
            raise GamedayError(
                f"metric {name!r}",
                expected="a metric of this kit, such as lb_requests_total",
                got=repr(name),
                todo="List them with simulator.telemetry.CATALOGUE.",
            ) from None

    def names(self) -> list[str]:
        """Metrics that have at least one series."""
        return [name for name, family in self._families.items() if len(family)]

    def labels(self, name: str, **match: Match) -> list[dict[str, str]]:
        """The label sets of a metric's series, ended ones included."""
        family = self.family(name)
        return family.labels(family.select(**match))

    def rows(self, start: int, end: int) -> tuple[int, int]:
        """The scrapes in ``(start, end]`` (left-open, as Prometheus 3) as a half-open range of rows."""
        low, high = np.searchsorted(self.times, [start, end], side="right")
        return int(low), int(high)

    def row_at(self, at: int) -> int:
        """Index of the newest scrape at or before ``at``; -1 if there is none."""
        return int(np.searchsorted(self.times, at, side="right")) - 1

    def range(self, name: str, start: int, end: int, **match: Match) -> Samples:
        """Samples of the matching series in ``(start, end]``; series with none in it are left out."""
        low, high = self.rows(start, end)
        return self._samples(self.family(name), low, high, match)

    def series(self, name: str, **match: Match) -> Samples:
        """All samples of the matching series."""
        return self._samples(self.family(name), 0, self._count, match)

    def instant(self, name: str, at: int, **match: Match) -> Samples:
        """The newest sample of each matching series: none if its pod is gone or the scrape is stale."""
        row = self.row_at(at)
        stale = row < 0 or at - int(self._times[row]) >= LOOKBACK
        return self._samples(self.family(name), row, row if stale else row + 1, match)

    def _samples(self, family: Family, low: int, high: int, match: dict[str, Match]) -> Samples:
        ids = family.select(**match)
        raw, present = family.read(ids, max(low, 0), max(high, 0))
        some = present.any(axis=1)
        values = np.where(present[some], raw[some] * family.metric.scale, np.nan)
        times = self._times[max(low, 0) : max(high, 0)].copy()
        return Samples(family.metric, times, tuple(family.labels(ids[some])), values)

    def counters(self) -> Iterator[tuple[str, Integers]]:
        """Raw integers of the newest scrape, counters only, in the catalogue's order: for a digest."""
        for name, family in self._families.items():
            if family.metric.type == "counter" and len(family):
                yield name, family.latest()
