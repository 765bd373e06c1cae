"""Parts of a frame of counters: caches, circuit breakers, connection pools, topics, stores."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.dataplane.state import Ints

#: States of a circuit breaker, by code.
BREAKER_STATES: Final = ("closed", "open", "half_open")


@dataclass(frozen=True, slots=True)
class BreakerInfo:
    """Which circuit breaker a row is: that of one call of one version, shared by its instances."""

    id: int
    service: str
    version: str
    route: str
    callee: str
    callee_route: str


@dataclass(frozen=True, slots=True)
class PoolInfo:
    """Which connection pool a row is: that of one instance to one service."""

    id: int
    instance: int
    callee: str


@dataclass(frozen=True, slots=True)
class CacheFrame:
    """What caches did, C of them; cumulative.

    Attributes:
        names: C of them.
        hits: (C,) calls that a fresh entry saved.
        misses: (C,) calls that found no entry that could be served.
        coalesced: (C,) those of the misses that waited for another's fetch.
        stale: (C,) calls that an entry past its life answered.
    """

    names: tuple[str, ...]
    hits: Ints
    misses: Ints
    coalesced: Ints
    stale: Ints


@dataclass(frozen=True, slots=True)
class BreakerFrame:
    """What circuit breakers did, K of them.

    Attributes:
        infos: K rows.
        state: (K,) now: an index of ``BREAKER_STATES``.
        transitions: (K, 3) how often each went into each of the ``BREAKER_STATES``; cumulative.
        refused: (K,) attempts that were not made; cumulative.
    """

    infos: tuple[BreakerInfo, ...]
    state: Ints
    transitions: Ints
    refused: Ints


@dataclass(frozen=True, slots=True)
class PoolFrame:
    """The connection pools, N of them, now.

    Attributes:
        infos: N rows.
        limit: (N,) connections at most.
        used: (N,) connections taken.
        idle: (N,) connections open and free.
        leaked: (N,) connections lost for good.
        waiting: (N,) calls in line.
        opened: (N,) connections opened since the start; cumulative.
    """

    infos: tuple[PoolInfo, ...]
    limit: Ints
    used: Ints
    idle: Ints
    leaked: Ints
    waiting: Ints
    opened: Ints


@dataclass(frozen=True, slots=True)
class StoreFrame:
    """The stores, D of them; cumulative but for the first two and the last two.

    Attributes:
        names: Their services, D of them.
        primary: (D,) row of the instance that takes writes now; -1 during a failover.
        lag_ns: (D,) how far replicas are behind now.
        writes: (D,) committed.
        reads: (D,) answered.
        replica_reads: (D,) those of the reads that a replica answered.
        stale_reads: (D,) those of them that came within the lag of a write to their entity.
        refused_writes: (D,) attempts that found no primary.
        lost_writes: (D,) committed ones that a crashed primary had not passed on.
        failovers: (D,) promotions of a replica.
        most_connections: (D,) that all pools together may keep to it; 0 is no limit.
        connections: (D,) that they keep now.
    """

    names: tuple[str, ...]
    primary: Ints
    lag_ns: Ints
    writes: Ints
    reads: Ints
    replica_reads: Ints
    stale_reads: Ints
    refused_writes: Ints
    lost_writes: Ints
    failovers: Ints
    most_connections: Ints
    connections: Ints


@dataclass(frozen=True, slots=True)
class TopicFrame:
    """The topics, T of them: published = acknowledged + purged + waiting + delayed + held + dead.

    Attributes:
        names: T of them.
        waiting: (T,) messages that no consumer has, now.
        delayed: (T,) messages that wait for their next delivery, now.
        held: (T,) messages in consumers' hands, now.
        dead: (T,) dead letters, now.
        oldest_ns: (T,) age of the oldest message that is waiting or delayed; 0 when none is.
        consumers: (T,) instances that take messages, now.
        published: (T,) messages that came in; cumulative, as all that follow.
        refused: (T,) messages that found the topic full.
        acknowledged: (T,) messages handled well.
        redelivered: (T,) failed handlings after which another follows.
        buried: (T,) messages that became dead letters.
        redriven: (T,) dead letters put back.
        purged: (T,) messages thrown away.
        age_us: (T,) sum over acknowledged messages of their microseconds since publication.
    """

    names: tuple[str, ...]
    waiting: Ints
    delayed: Ints
    held: Ints
    dead: Ints
    oldest_ns: Ints
    consumers: Ints
    published: Ints
    refused: Ints
    acknowledged: Ints
    redelivered: Ints
    buried: Ints
    redriven: Ints
    purged: Ints
    age_us: Ints
