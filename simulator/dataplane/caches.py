"""Caches by name: their keys, how often each is asked for, and what empties them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.dataplane import kernel, state
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.model import Cache
from simulator.errors import GamedayError

#: When an entry that was never fetched stopped being fresh, ns: before any world's warm-up began.
_NEVER: Final = -(1 << 62)
#: A prime above every number of keys, so that multiples of it visit each place once.
_STRIDE: Final = 1_000_003


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
        self._known: dict[str, Cache] = {}
        self._rows: dict[Cache, int] = {}
        self._ready: dict[str, set[int]] = {}  # by service: its instances in rotation
        self._holders: dict[str, list[tuple[int, int]]] = {}  # and its processes: (instance, which start)
        self._began = int(memory.scalars[kernel.NOW])

    def lay(self, cache: Cache) -> int:
        """The row of a cache as a caller uses it, laid down when it is new."""
        if cache in self._rows:
            return self._rows[cache]
        first = self._known.setdefault(cache.name, cache)
        if (first.keys, first.skew, first.service) != (cache.keys, cache.skew, cache.service):
            raise GamedayError(
                f"cache {cache.name}",
                expected="one description of its entries",
                got="two that differ",
                todo="Give each cache a name of its own.",
            )
        memory, number = self._memory, len(self._memory.cache)
        memory.cache = state.grown(memory.cache, number + 1)
        row = memory.cache[-1]
        if first is not cache:
            before = memory.cache[self._rows[first]]
            for name in ("first", "keys", "zipf", "down"):
                row[name] = before[name]
        else:
            self._lay_keys(row, cache)
            row["down"] = bool(cache.service) and not self._ready.get(cache.service, True)
        row["ttl"], row["stale"], row["coalesce"] = cache.ttl, cache.serve_stale, cache.coalesce
        memory.changed()
        self._rows[cache] = number
        self._names.caches.append(cache.name)
        return number

    def _lay_keys(self, row: np.void, cache: Cache) -> None:
        """The entries of a new cache, none of them fetched."""
        memory = self._memory
        first = len(memory.key)
        row["first"], row["keys"], row["zipf"] = first, cache.keys, len(memory.zipf)
        memory.key = state.grown(memory.key, first + cache.keys)
        for name in ("filler", "oldest", "newest"):
            memory.key[name][first:] = kernel.NONE
        memory.key["expires"][first:] = self._ends_at_first(cache)
        ranks = np.array(thresholds(cache.keys, cache.skew), dtype=np.uint64)
        memory.zipf = np.concatenate([memory.zipf, ranks])

    def _ends_at_first(self, cache: Cache) -> NDArray[np.int64]:
        """(keys,) when each entry ends.

        One that lives in a service has been filled for days: its entries end one after the other over the
        first lifetime, neighbours in rank far apart. Any other begins empty.
        """
        if not cache.service:
            return np.full(cache.keys, _NEVER, dtype=np.int64)
        places = np.arange(cache.keys, dtype=np.int64) * _STRIDE % cache.keys
        return int(self._memory.scalars[kernel.NOW]) + cache.ttl * (places + 1) // cache.keys

    def flush(self, name: str) -> None:
        """Empty a cache: every entry is gone, stale ones too."""
        self._lose(name, 0, 1)

    def follow(self, instance: int, ready: bool) -> None:
        """Hear that an instance is in rotation or no longer; a process that is new there holds nothing yet.

        Those that are there when the world begins have been there for days.
        While no instance of its service is in rotation, a cache answers nobody and keeps nothing.
        """
        service = self._names.instances[instance].service
        inside = self._ready.setdefault(service, set())
        (inside.add if ready else inside.discard)(instance)
        process = (instance, int(self._memory.instance[instance]["starts"]))
        holders = self._holders.setdefault(service, [])
        if ready and process not in holders:
            holders.append(process)
            if self._memory.scalars[kernel.NOW] > self._began:
                self._lose_share(service, len(holders) - 1)
        for name in self._of(service):
            for row in self._rows_of(name):
                row["down"] = not inside

    def crash(self, instance: int) -> None:
        """Hear that an instance's process has ended: what it held is lost."""
        service = self._names.instances[instance].service
        holders = self._holders.get(service, [])
        for place, (holder, _) in enumerate(holders):
            if holder == instance:
                self._lose_share(service, place)
                del holders[place]
                return

    def _lose_share(self, service: str, place: int) -> None:
        """Entries are shared out evenly over the processes; those of one are gone."""
        for name in self._of(service):
            self._lose(name, place, len(self._holders[service]))

    def _lose(self, name: str, place: int, among: int) -> None:
        row = self._row(name)
        first, keys = int(row["first"]), int(row["keys"])
        self._memory.key["expires"][first + place : first + keys : among] = _NEVER

    def _of(self, service: str) -> list[str]:
        return [name for name, cache in self._known.items() if cache.service == service]

    def counts(self, name: str) -> CacheCounts:
        """What a cache did since the start."""
        self._row(name)
        rows = self._rows_of(name)
        fields = ("hits", "misses", "coalesced", "stale_hits")
        return CacheCounts(*(sum(int(row[field]) for row in rows) for field in fields))

    def _rows_of(self, name: str) -> list[np.void]:
        """Every way in which a cache is used."""
        return [self._memory.cache[row] for cache, row in self._rows.items() if cache.name == name]

    def _row(self, name: str) -> np.void:
        if name not in self._known:
            raise GamedayError(
                "cache",
                expected=f"one of {', '.join(self._known) or 'none'}",
                got=repr(name),
                todo="Name one.",
            )
        row: np.void = self._memory.cache[self._rows[self._known[name]]]
        return row
