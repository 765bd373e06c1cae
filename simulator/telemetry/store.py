"""The columnar series store: one family a metric, one column a series, one row a scrape.

Counters are int64, exact; gauges are float64. Rows are kept in chunks of ten minutes; a full chunk is sealed,
which keeps the first row and small offsets from it, so that a day of a large world fits in memory without
losing a bit. Series appear when their pod comes and end when it goes: an ended series has no more samples, as
in Prometheus after the target is gone, and reads as NaN, never as zero.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.errors import GamedayError, SimulationError
from simulator.telemetry.catalogue import CATALOGUE, Metric
from simulator.telemetry.chunks import CHUNK_ROWS, Integers
from simulator.telemetry.family import Family, Match
from simulator.units import MINUTE, format_clock

Floats = NDArray[np.float64]

#: How far back an instant query looks for a sample (Prometheus' --query.lookback-delta).
LOOKBACK: Final = 5 * MINUTE
#: More memory than this means a scenario with a limit missing somewhere, so the run is stopped.
LIMIT_BYTES: Final = 1 << 30


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
        if self._count % CHUNK_ROWS == 0:
            self._check_limit()  # families have just filled a chunk
        if self._count == len(self._times):
            self._times = np.concatenate([self._times, np.zeros(len(self._times), dtype=np.int64)])
        self._times[self._count] = at
        self._count += 1

    def _check_limit(self) -> None:
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

    def holds(self, name: str) -> list[str]:
        """This name, if such a metric has a series; else nothing."""
        family = self._families.get(name)
        return [name] if family is not None and len(family) else []

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
        values = np.where(present[some], raw[some] / family.metric.divisor, np.nan)
        times = self._times[max(low, 0) : max(high, 0)].copy()
        return Samples(family.metric, times, tuple(family.labels(ids[some])), values)

    def counters(self) -> Iterator[tuple[str, Integers]]:
        """Raw integers of the newest scrape, counters only, in the catalogue's order: for a digest."""
        for name, family in self._families.items():
            if family.metric.type == "counter" and len(family):
                yield name, family.latest()
