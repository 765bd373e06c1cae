"""What others read of the kernel's arrays: counters, log records, the proof that no request was lost."""

from __future__ import annotations

from typing import Any

import numpy as np

from simulator.dataplane import kernel, state, stores, topics
from simulator.dataplane.counters import (
    BOUNDS_NS,
    OUTCOMES,
    PROBE_COUNTS,
    PROBE_KINDS,
    REASONS,
    SIGNALS,
    CounterFrame,
    LogRecord,
    Resources,
    Signal,
    TrafficFrame,
)
from simulator.dataplane.frames import BreakerFrame, CacheFrame, PoolFrame
from simulator.dataplane.memory import Memory, Names, equal
from simulator.dataplane.state import Ints, Records


def traffic(memory: Memory, names: Names) -> TrafficFrame:
    """Who asked and what was answered, now: a fraction of the numbers of ``counters``."""
    return TrafficFrame(**_traffic(memory, names))


def _traffic(memory: Memory, names: Names) -> dict[str, Any]:
    """The fields of a ``TrafficFrame``."""
    n, width, outcomes, sources = len(names.instances), names.width, len(OUTCOMES), len(names.sources)
    rows = n * width
    arrived = np.zeros((sources, width), dtype=np.int64)
    slow = np.zeros_like(arrived)
    answered = np.zeros((sources, width, outcomes), dtype=np.int64)
    of_row, by_row = memory.by_source, memory.u_answered.reshape(-1, outcomes)
    for source, (span, cells) in enumerate(_source_cells(memory, sources)):
        arrived[source, span] = of_row["arrived"][cells]
        slow[source, span] = of_row["slow"][cells]
        answered[source, span] = by_row[cells]
    return {
        "at": int(memory.scalars[kernel.NOW]),
        "services": tuple(names.services),
        "routes": dict(names.routes),
        "instances": tuple(names.instances),
        "sources": tuple(names.sources),
        "requests": memory.n_requests[: rows * outcomes].reshape(n, width, outcomes).copy(),
        "buckets": memory.n_bucket[: rows * (len(BOUNDS_NS) + 1)].reshape(n, width, -1).copy(),
        "unrouted": memory.n_unrouted.reshape(-1, width).copy(),
        "arrived": arrived,
        "answered": answered,
        "slow": slow,
    }


def _source_cells(memory: Memory, sources: int) -> list[tuple[slice, slice]]:
    """Of each source: its routes in a frame's row, and in the kernel's arrays."""
    bounds = memory.source[["route", "route_end"]][:sources].tolist()
    return [(slice(0, last - first), slice(first, last)) for first, last in bounds]


def counters(memory: Memory, names: Names) -> CounterFrame:
    """All counters now."""
    now = int(memory.scalars[kernel.NOW])
    n, width = len(names.instances), names.width
    instance = memory.instance[:n]
    user_fine = np.zeros((len(names.sources), width, kernel.FINE_BINS), dtype=np.int64)
    by_row = memory.u_fine.reshape(-1, kernel.FINE_BINS)
    for source, (span, cells) in enumerate(_source_cells(memory, len(names.sources))):
        user_fine[source, span] = by_row[cells]
    busy_ns = instance["busy_ns"] + instance["busy"] * (now - instance["since"])
    counts: dict[str, Any] = {name: memory.by_edge[name].copy() for name in state.EDGE_COUNTS.names or ()}
    return CounterFrame(
        **_traffic(memory, names),
        edges=tuple(names.edges),
        latency_ns=memory.n_latency[: n * width].reshape(n, width).copy(),
        memory=_bytes_taken(instance),
        in_flight=instance["open"].copy(),
        queued=instance["queued"].copy(),
        busy=instance["busy"].copy(),
        slots=instance["slots"].copy(),
        busy_ns=busy_ns,
        work_ns=instance["work_ns"].copy(),
        millicores=_millicores(instance),
        ejected=instance["ejected"].copy(),
        starts=instance["starts"].copy(),
        probes=_probes(memory, n),
        fine=memory.n_fine.reshape(len(names.services), width, kernel.FINE_BINS).copy(),
        user_fine=user_fine,
        failed_attempts=memory.n_failed.reshape(-1, len(REASONS)).copy(),
        ejections=memory.service["ejections"].copy(),
        caches=_caches(memory, names),
        breakers=_breakers(memory, names),
        pools=_pools(memory, names),
        topics=topics.frame(memory, names),
        stores=stores.frame(memory, names),
        certificates=memory.service["expires"].copy(),
        log_dropped=int(memory.scalars[kernel.LOG_DROPPED]),
        spans_dropped=int(memory.scalars[kernel.SPANS_DROPPED]),
        **counts,
    )


def resources(memory: Memory, names: Names) -> Resources:
    """CPU and memory of all instances now."""
    instance = memory.instance[: len(names.instances)]
    return Resources(instance["work_ns"].copy(), _millicores(instance), _bytes_taken(instance))


def _millicores(instance: Records) -> Ints:
    """(I,) what each process can keep busy at once: one core a worker, and no more than it has."""
    most = instance["slots"] * 1000
    return np.where(instance["features"] & kernel.I_CORES, np.minimum(most, instance["cores"]), most)


def _bytes_taken(instance: Records) -> Ints:
    """(I,) what each process takes now; one that is down takes nothing."""
    taken = instance["memory"] + instance["leaked"] + instance["open"] * instance["request_memory"]
    return np.where(instance["listens_at"] == kernel.FOREVER, 0, taken)


def _caches(memory: Memory, names: Names) -> CacheFrame:
    """Of each cache, whatever its callers' ways of using it."""
    places = {name: place for place, name in enumerate(dict.fromkeys(names.caches))}
    of_row = [places[name] for name in names.caches]
    counts = {}
    for name in ("hits", "misses", "coalesced", "stale_hits"):
        counts[name] = np.zeros(len(places), dtype=np.int64)
        np.add.at(counts[name], of_row, memory.cache[name])
    return CacheFrame(tuple(places), stale=counts.pop("stale_hits"), **counts)


def _breakers(memory: Memory, names: Names) -> BreakerFrame:
    rows = memory.breaker
    into = np.zeros((len(rows), 3), dtype=np.int64)
    for place, name in enumerate(("closes", "times", "halves")):
        into[:, place] = rows[name]
    return BreakerFrame(tuple(names.breakers), rows["state"].copy(), into, rows["refused"].copy())


def _pools(memory: Memory, names: Names) -> PoolFrame:
    fields = ("limit", "used", "idle", "leaked", "waiting", "opened")
    return PoolFrame(tuple(names.pools), **{name: memory.pool[name].copy() for name in fields})


def _probes(memory: Memory, instances: int) -> Ints:
    """(I, 3, P) what became of the probes of each instance."""
    counts = np.zeros((instances, len(PROBE_KINDS), len(PROBE_COUNTS)), dtype=np.int64)
    rows = memory.probe
    for place, name in enumerate(PROBE_COUNTS):
        counts[rows["instance"], rows["kind"], place] = rows[name]
    return counts


def drain_log(memory: Memory, names: Names) -> list[LogRecord]:
    """The log records since the last drain, in order of time: failures and sampled successes, bounded."""
    size = int(memory.scalars[kernel.LOG_SIZE])
    memory.scalars[kernel.LOG_SIZE] = 0
    memory.instance["lines"] = 0
    drained = []
    rows = memory.log[:size]
    columns = [rows[name].tolist() for name in rows.dtype.names or ()]  # faster than records, one by one
    for at, number, route, outcome, latency, trace, span, cause, reason in zip(*columns, strict=True):
        info = names.instances[number]
        drained.append(
            LogRecord(
                at,
                number,
                info.service,
                info.pod,
                info.version,
                names.routes[info.service][route],
                OUTCOMES[outcome],
                latency,
                trace,
                span,
                "" if cause < 0 else names.services[cause],
                "" if cause < 0 else REASONS[reason],
            )
        )
    return drained


def signal(row: np.void) -> Signal:
    """One signal as a typed value."""
    at, kind, instance = int(row["at"]), SIGNALS[int(row["kind"])], int(row["instance"])
    if row["probe"] == kernel.NONE:
        return Signal(at, kind, instance)
    return Signal(at, kind, instance, PROBE_KINDS[int(row["probe"])], OUTCOMES[int(row["outcome"])])


def check_conservation(memory: Memory, names: Names) -> None:
    """Assert that no request was lost or made.

    Raises:
        SimulationError: Some sum does not come out; the text names it.
    """
    n, outcomes = len(names.instances), len(OUTCOMES)
    answered = memory.n_requests[: n * names.width * outcomes].reshape(n, -1).sum(axis=1)
    instance = memory.instance[:n]
    live = memory.work["instance"][memory.work["instance"] != kernel.NONE]
    equal("requests at instances", instance["offered"], answered + instance["open"] + instance["lost"])
    inside = instance["open"] + instance["probing"]
    equal("open requests", inside, np.bincount(live, minlength=n)[:n] if n else inside)
    probes = memory.probe
    over = sum((probes[name] for name in PROBE_COUNTS[1:]), np.zeros(len(probes), dtype=np.int64))
    equal("probes", probes["asked"], over + (probes["work"] != kernel.NONE))
    equal("works in use", np.array([memory.scalars[kernel.WORKS_USED]]), np.array([len(live)]))
    topics.check_conservation(memory)
    users = np.zeros(len(memory.source_route), dtype=np.int64)
    used = np.ones(len(memory.call), dtype=bool)
    free = int(memory.scalars[kernel.FREE_CALL])
    while free < len(memory.call):
        used[free] = False
        free = int(memory.call[free]["work"])
    equal("calls in use", np.array([memory.scalars[kernel.CALLS_USED]]), np.array([int(used.sum())]))
    parentless = used & (memory.call["parent"] == kernel.NONE)
    np.add.at(users, memory.call["row"][parentless], 1)
    equal("users", memory.by_source["arrived"], memory.u_answered.reshape(-1, outcomes).sum(axis=1) + users)
    waiting = used & (memory.call["parent"] != kernel.NONE)
    at_edge = np.zeros(len(names.edges), dtype=np.int64)
    np.add.at(at_edge, memory.edge["row"][memory.call["edge"][waiting]], 1)
    ended = memory.by_edge["failures"] + memory.by_edge["abandoned"]
    begun = memory.by_edge["calls"] + memory.by_edge["hedges"]
    if (begun < ended + at_edge).any():
        equal("calls of edges", begun, ended + at_edge)
