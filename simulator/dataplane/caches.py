"""Caches by name: their keys, how often each is asked for, and what empties them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from typing import Final

import numpy as np

from simulator.dataplane import kernel, state
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.model import Cache
from simulator.errors import GamedayError

#: When an entry that was never fetched stopped being fresh, ns: before any world's warm-up began.
_NEVER: Final = -(1 << 62)


@dataclass(frozen=True, slots=True)
class CacheCounts:
    """What a cache did since the start: hits, misses, those coalesced with another's, stale answers."""

    hits: int
    misses: int
    coalesced: int
    stale_hits: int


@lru_cache(maxsize=32)
def thresholds(keys: int, skew: float) -> tuple[int, ...]:
    """Cumulative chances of 2^64 of the ranks 1 to ``keys``, in decimal arithmetic, equal everywhere."""
    with localcontext(Context(prec=28)):
        weights = [Decimal(rank) ** -Decimal(skew) for rank in range(1, keys + 1)]
        total = sum(weights)
        below, rows = Decimal(0), []
        for weight in weights:
            below += weight
            rows.append(min(int(below / total * (1 << 64)), (1 << 64) - 1))
        return tuple(rows)


class Caches:
    """The caches of one data plane.

    Args:
        memory: Of the data plane.
        names: Of the data plane.
    """

    def __init__(self, memory: Memory, names: Names) -> None:
        self._memory = memory
        self._names = names
        self._known: dict[str, tuple[int, Cache]] = {}

    def lay(self, cache: Cache) -> int:
        """The row of a cache, laid down when it is new."""
        if cache.name in self._known:
            row, known = self._known[cache.name]
            if known != cache:
                raise GamedayError(
                    f"cache {cache.name}",
                    expected="one description of it",
                    got="two that differ",
                    todo="Give each cache a name of its own.",
                )
            return row
        memory = self._memory
        number, first = len(memory.cache), len(memory.key)
        memory.cache = state.grown(memory.cache, number + 1)
        row_of = memory.cache[-1]
        row_of["first"], row_of["keys"], row_of["zipf"] = first, cache.keys, len(memory.zipf)
        row_of["ttl"], row_of["stale"], row_of["coalesce"] = cache.ttl, cache.serve_stale, cache.coalesce
        memory.key = state.grown(memory.key, first + cache.keys)
        for name in ("filler", "oldest", "newest"):
            memory.key[name][first:] = kernel.NONE
        memory.key["expires"][first:] = _NEVER
        ranks = np.array(thresholds(cache.keys, cache.skew), dtype=np.uint64)
        memory.zipf = np.concatenate([memory.zipf, ranks])
        memory.changed()
        self._known[cache.name] = number, cache
        self._names.caches.append(cache.name)
        return number

    def flush(self, name: str) -> None:
        """Empty a cache: every entry is gone, stale ones too."""
        row = self._row(name)
        self._memory.key["expires"][int(row["first"]) : int(row["first"] + row["keys"])] = _NEVER

    def counts(self, name: str) -> CacheCounts:
        """What a cache did since the start."""
        row = self._row(name)
        return CacheCounts(*(int(row[field]) for field in ("hits", "misses", "coalesced", "stale_hits")))

    def _row(self, name: str) -> np.void:
        if name not in self._known:
            raise GamedayError(
                "cache",
                expected=f"one of {', '.join(self._known) or 'none'}",
                got=repr(name),
                todo="Name one.",
            )
        row: np.void = self._memory.cache[self._known[name][0]]
        return row
