"""Sources put together: several as one, and one as it looked at an earlier moment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from simulator.telemetry.promql.expressions import Matcher
from simulator.telemetry.promql.source import Block, Ends, Integers, Latest, SeriesSource


class UnionSource(SeriesSource):
    """Several sources as one; no series may be in two of them."""

    def __init__(self, sources: Sequence[SeriesSource]) -> None:
        self._sources = tuple(sources)

    def names(self) -> list[str]:
        return sorted({name for source in self._sources for name in source.names()})

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Block:
        blocks = [source.select(matchers, start, end) for source in self._sources]
        some = [block for block in blocks if len(block.labels)] or blocks[:1]
        return some[0] if len(some) == 1 else _side_by_side(some)

    def latest(
        self, matchers: Sequence[Matcher], moments: Integers, lookback: int, *, closed: bool
    ) -> Latest:
        found = [source.latest(matchers, moments, lookback, closed=closed) for source in self._sources]
        some = [one for one in found if len(one.labels)] or found[:1]
        if len(some) == 1:
            return some[0]
        return Latest(
            [labels for one in some for labels in one.labels],
            np.concatenate([one.values for one in some]),
            np.concatenate([one.times for one in some]),
            np.concatenate([one.present for one in some]),
        )

    def ends(
        self, matchers: Sequence[Matcher], starts: Integers, ends: Integers, *, closed: bool
    ) -> Sequence[Ends] | None:
        """What the sources know by search, if those that can't search have no such series."""
        found = [source.ends(matchers, starts, ends, closed=closed) for source in self._sources]
        short = [one for one in found if one is not None]
        if not short:
            return None
        low, high = int(starts.min()), int(ends.max())
        others = [source for source, one in zip(self._sources, found, strict=True) if one is None]
        if any(len(source.select(matchers, low, high).labels) for source in others):
            return None
        return [part for one in short for part in one]


def _side_by_side(blocks: Sequence[Block]) -> Block:
    times = np.unique(np.concatenate([block.times for block in blocks]))
    rows = sum(len(block.labels) for block in blocks)
    values = np.zeros((rows, len(times)))
    present, stale = np.zeros(values.shape, dtype=np.bool_), np.zeros(values.shape, dtype=np.bool_)
    first = 0
    for block in blocks:
        part, columns = slice(first, first + len(block.labels)), np.searchsorted(times, block.times)
        values[part, columns] = block.values
        present[part, columns] = block.present
        stale[part, columns] = block.stale
        first += len(block.labels)
    return Block([labels for block in blocks for labels in block.labels], times, values, present, stale)


class UntilSource(SeriesSource):
    """A source as it was at a moment: nothing newer is there yet."""

    def __init__(self, source: SeriesSource) -> None:
        self._source = source
        self.now = 0

    def names(self) -> list[str]:
        return self._source.names()

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Block:
        return self._source.select(matchers, start, min(end, self.now))
