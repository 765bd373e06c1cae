"""Stores: one primary that takes the writes, replicas that have them a lag later, and failover.

A store is a service whose instances hold the same data. Writes go to its primary, reads to any ready instance
by the service's balancer; a replica that is asked for an entity within the lag of its last write answers with
what was there before. When the primary goes, writes fail until the failover is over and the first ready
replica takes them; what a crashed primary had not yet passed on is lost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator import streams
from simulator.dataplane import kernel, state
from simulator.dataplane.caches import thresholds
from simulator.dataplane.frames import StoreFrame
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.ranges import HOUR, within
from simulator.errors import GamedayError
from simulator.units import SECOND

#: Last writes of which a store remembers the time; more cannot be counted as lost.
COMMITS: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Store:
    """What makes a service a store.

    Attributes:
        writes: The routes that write; all others read.
        entities: How many things it keeps. All that one user's visit asks of it is about one of them.
        skew: Zipf's exponent: how unevenly they are asked for; 0 is even.
        lag: ns until a replica has a write.
        failover: ns from the loss of the primary until a replica takes the writes.
        most_connections: Connections that all pools together may keep to it; 0 is no limit.
    """

    writes: tuple[str, ...]
    entities: int = 1000
    skew: float = 0.0
    lag: int = 0
    failover: int = 30 * SECOND
    most_connections: int = 0

    def __post_init__(self) -> None:
        within("entities", self.entities, 1, 100_000)
        within("skew", self.skew, 0.0, 5.0)
        within("lag", self.lag, 0, HOUR)
        within("failover", self.failover, 0, HOUR)
        within("most_connections", self.most_connections, 0, 1_000_000)


class Stores:
    """The stores of one data plane.

    Args:
        seed: Of the run.
        memory: Of the data plane.
        names: Of the data plane.
    """

    def __init__(self, seed: int, memory: Memory, names: Names) -> None:
        self._seed = seed
        self._memory = memory
        self._names = names

    def declare(self, service: str, store: Store) -> None:
        """Make a service, the last that was declared, a store."""
        routes, memory = self._names.routes[service], self._memory
        if not set(store.writes) <= set(routes):
            raise GamedayError(
                f"store {service}",
                expected=f"writes among the routes {', '.join(routes)}",
                got=", ".join(store.writes),
                todo="Name routes of this service.",
            )
        number, owner = len(memory.store), memory.service[-1]
        owner["store"] = number
        owner["writes"] = sum(1 << routes.index(route) for route in set(store.writes))
        memory.store = state.grown(memory.store, number + 1)
        row = memory.store[-1]
        row["service"] = len(self._names.services) - 1
        row["keys"], row["zipf"], row["first"] = store.entities, len(memory.zipf), len(memory.entities)
        row["key"] = streams.fold(self._seed, streams.key("store"), streams.key(service))
        row["ring"], row["ring_size"] = len(memory.commits), COMMITS
        row["most"] = store.most_connections
        row["primary"], row["lag"], row["failover"] = kernel.NONE, store.lag, store.failover
        ranks = np.array(thresholds(store.entities, store.skew), dtype=np.uint64)
        memory.zipf = np.concatenate([memory.zipf, ranks])
        for name, room in (("entities", store.entities), ("commits", COMMITS)):
            array = getattr(memory, name)
            setattr(memory, name, np.concatenate([array, np.full(room, kernel.NEVER, dtype=np.int64)]))
        self._names.stores.append(service)
        memory.widen()
        memory.changed()

    def follow(self, instance: int, ready: bool) -> None:
        """An instance came into rotation or left it: the first is the primary, a lost one is followed."""
        store = self._of(instance)
        if store is None:
            return
        if ready and store["primary"] == kernel.NONE and not store["failing"]:
            store["primary"] = instance
        elif not ready and store["primary"] == instance:
            self._lose_primary(store)

    def crash(self, instance: int) -> None:
        """An instance's process died: as a primary it takes with it what its replicas do not have yet."""
        store = self._of(instance)
        if store is None or store["primary"] != instance:
            return
        memory, now = self._memory, self._now
        first, ring = int(store["first"]), int(store["ring"])
        commits = memory.commits[ring : ring + int(store["ring_size"])]
        fresh = commits > now - store["lag"]
        store["lost"] += int(fresh.sum())
        commits[fresh] = kernel.NEVER
        entities = memory.entities[first : first + int(store["keys"])]
        entities[entities > now - store["lag"]] = kernel.NEVER
        self._lose_primary(store)

    def set_lag(self, service: str, lag: int) -> None:
        """Change how far replicas are behind; see ``DataPlane.set_replication_lag``."""
        within("lag", lag, 0, HOUR)
        if service not in self._names.stores:
            raise GamedayError(
                "replication lag",
                expected=f"one of the stores {', '.join(self._names.stores) or '(none is declared)'}",
                got=repr(service),
                todo="Name one, or declare the service with a store.",
            )
        self._memory.store[self._names.stores.index(service)]["lag"] = lag

    @property
    def _now(self) -> int:
        return int(self._memory.scalars[kernel.NOW])

    def _of(self, instance: int) -> np.void | None:
        """The store to which an instance belongs."""
        service = self._memory.service[int(self._memory.instance[instance]["service"])]
        if service["store"] == kernel.NONE:
            return None
        row: np.void = self._memory.store[int(service["store"])]
        return row

    def _lose_primary(self, store: np.void) -> None:
        store["primary"], store["failing"] = kernel.NONE, 1
        store["gen"] = (int(store["gen"]) + 1) & kernel.GENERATION_MASK
        number = int(self._memory.service[int(store["service"])]["store"])
        self._memory.make_room()
        at = self._now + int(store["failover"])
        self._memory.push(at, kernel.event(kernel.PROMOTE, number, int(store["gen"])))


def frame(memory: Memory, names: Names) -> StoreFrame:
    """What stores are and did so far."""
    rows = memory.store
    return StoreFrame(
        names=tuple(names.stores),
        primary=rows["primary"].copy(),
        lag_ns=rows["lag"].copy(),
        writes=rows["written"].copy(),
        reads=rows["read"].copy(),
        replica_reads=rows["replica_read"].copy(),
        stale_reads=rows["stale"].copy(),
        refused_writes=rows["refused"].copy(),
        lost_writes=rows["lost"].copy(),
        failovers=rows["failovers"].copy(),
        most_connections=rows["most"].copy(),
        connections=rows["connections"].copy(),
    )
