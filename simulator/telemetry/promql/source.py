"""Where samples come from: the small protocol that the evaluator asks, and a source held in memory.

A block of samples is a matrix over one line of times, with a mask of what is there: so the store of a run,
the series of a rule test and the results of recording rules all look the same.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.errors import QueryError
from simulator.telemetry.promql.expressions import Matcher
from simulator.telemetry.promql.labels import NAME, Labels, value_of
from simulator.telemetry.promql.regex import compiled

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Stands for Prometheus' stale marker when samples are appended: the series ends here.
STALE: Final = None


@dataclass(frozen=True, slots=True)
class Block:
    """Samples of some series.

    Attributes:
        labels: One label set a series, no two alike.
        times: Nanoseconds since the Unix epoch, ascending, shape ``(n,)``.
        values: Shape ``(series, n)``; meaningless where nothing is present.
        present: Where a series has a sample, shape ``(series, n)``; a sample may be NaN.
        stale: Where a series has a stale marker. A place that is neither was not scraped, and an instant
            query looks further back than it.
    """

    labels: Sequence[Labels]
    times: Integers
    values: Floats
    present: Bools
    stale: Bools


@dataclass(frozen=True, slots=True)
class Latest:
    """The newest sample of each series at some moments.

    Attributes:
        labels: One a series.
        values: Shape ``(series, moments)``.
        times: When each was taken, ns.
        present: Where there is one that is neither stale nor too old.
    """

    labels: Sequence[Labels]
    values: Floats
    times: Integers
    present: Bools


@dataclass(frozen=True, slots=True)
class Ends:
    """What ``rate`` and its kin need of a window: its first and last sample, and what resets took between.

    All arrays have the shape ``(series, windows)``, or ``(1, windows)`` where all series are alike; where
    ``counts`` is 0 the others mean nothing.
    """

    labels: Sequence[Labels]
    first_times: Integers
    first_values: Floats
    last_times: Integers
    last_values: Floats
    counts: Integers
    lost: Floats


class SeriesSource(ABC):
    """Answers three questions about series; the second and third may be answered by search."""

    @abstractmethod
    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Block:
        """Samples of the matching series from ``start`` to ``end``, both included, ns since the epoch."""

    def latest(
        self, matchers: Sequence[Matcher], moments: Integers, lookback: int, *, closed: bool
    ) -> Latest:
        """The newest sample at or before each moment, younger than ``lookback``, or as old if ``closed``."""
        block = self.select(matchers, int(moments.min()) - lookback, int(moments.max()))
        return latest_of(block, moments, lookback, closed=closed)

    def ends(
        self, matchers: Sequence[Matcher], starts: Integers, ends: Integers, *, closed: bool
    ) -> Sequence[Ends] | None:
        """First and last samples of windows of counters, in parts; None if there is no shorter way."""
        del matchers, starts, ends, closed
        return None

    def names(self) -> list[str]:
        """Metric names, for completion."""
        return []


def latest_of(block: Block, moments: Integers, lookback: int, *, closed: bool) -> Latest:
    """The newest sample of each series of a block at each moment."""
    shape = (len(block.labels), len(moments))
    if not len(block.times) or not len(block.labels):
        empty = np.zeros(shape)
        return Latest(block.labels, empty, empty.astype(np.int64), np.zeros(shape, dtype=np.bool_))
    rows = np.arange(len(block.times))
    newest = np.maximum.accumulate(np.where(block.present | block.stale, rows, -1), axis=1)
    column = np.searchsorted(block.times, moments, side="right") - 1
    row = np.where(column >= 0, newest[:, np.maximum(column, 0)], -1)
    seen = np.maximum(row, 0)
    series = np.arange(len(block.labels))[:, None]
    times = block.times[seen]
    oldest = moments - lookback
    young = times >= oldest if closed else times > oldest
    present: Bools = (row >= 0) & block.present[series, seen] & young
    return Latest(block.labels, block.values[series, seen], times, present)


def predicate(matcher: Matcher) -> Callable[[str], bool]:
    """Whether a label's value (empty if the label is missing) satisfies a matcher."""
    wanted = matcher.value
    if matcher.kind == "=":
        return lambda value: value == wanted
    if matcher.kind == "!=":
        return lambda value: value != wanted
    pattern = compiled(wanted)
    if matcher.kind == "=~":
        return lambda value: pattern.fullmatch(value) is not None
    return lambda value: pattern.fullmatch(value) is None


@dataclass(slots=True)
class _Line:
    """The samples of one series in order of time; where ``stale``, the value means nothing."""

    times: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    stale: list[bool] = field(default_factory=list)


class MemorySource(SeriesSource):
    """Series that are appended to sample by sample: rule tests, recorded series, fixtures."""

    def __init__(self) -> None:
        self._samples: dict[Labels, _Line] = {}
        self._by_name: dict[str, list[Labels]] = {}

    def append(self, labels: Labels, at: int, value: float | None) -> None:
        """Add a sample, or a stale marker (``STALE``), newer than those of the series so far.

        Raises:
            QueryError: An older sample than the newest.
        """
        line = self._samples.get(labels)
        if line is None:
            line = self._samples[labels] = _Line()
            self._by_name.setdefault(value_of(labels, NAME), []).append(labels)
        if line.times and at <= line.times[-1]:
            raise QueryError(
                "a sample",
                expected=f"a time after {line.times[-1]}",
                got=str(at),
                todo="Samples of a series are appended in order of time.",
                message="out of order sample",
            )
        line.times.append(at)
        line.values.append(0.0 if value is None else value)
        line.stale.append(value is None)

    def extend(self, labels: Labels, samples: Iterable[tuple[int, float | None]]) -> None:
        """Add several samples in order."""
        for at, value in samples:
            self.append(labels, at, value)

    def names(self) -> list[str]:
        return sorted(self._by_name)

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Block:
        chosen = self._matching(matchers)
        parts = []
        for labels in chosen:
            line = self._samples[labels]
            part = slice(bisect_left(line.times, start), bisect_right(line.times, end))
            parts.append((np.array(line.times[part], dtype=np.int64), line.values[part], line.stale[part]))
        times = np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *(part[0] for part in parts)]))
        shape = (len(chosen), len(times))
        values, present, stale = np.zeros(shape), np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        for row, (own, numbers, marks) in enumerate(parts):
            columns = np.searchsorted(times, own)
            values[row, columns] = numbers
            stale[row, columns] = marks
            present[row, columns] = True
        return Block(chosen, times, values, present & ~stale, stale)

    def _matching(self, matchers: Sequence[Matcher]) -> list[Labels]:
        named = next((each.value for each in matchers if each.name == NAME and each.kind == "="), None)
        candidates = list(self._samples) if named is None else self._by_name.get(named, [])
        tests = [(each.name, predicate(each)) for each in matchers]
        return sorted(
            labels for labels in candidates if all(test(value_of(labels, name)) for name, test in tests)
        )
