"""What the data plane counts, as telemetry and proofs read it: cumulative integers, one copy a call.

Server-side counts are by (instance, route, outcome); client-side counts by edge; users' own by (source,
route). Two histograms: the classic buckets of ``LE_SECONDS`` by (instance, route), and a fine one (212 cells
a decade) by (service, route) from which quantiles are read without the error of wide buckets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from simulator.dataplane import kernel
from simulator.dataplane.frames import BreakerFrame, CacheFrame, PoolFrame, StoreFrame, TopicFrame
from simulator.dataplane.state import Ints

#: Outcomes, by code. HTTP: 200, 500 (own fault), 502 (a call failed), 504 (a call timed out), 503 (queue
#: full), 503 (no ready endpoint), 502 (connection reset: the instance was killed), 200 (answered by a
#: fallback), 429 (rate limit), 503 (shed by priority), 503 (nobody could be reached: no name, a
#: certificate that has expired, connection refused).
OUTCOMES: Final = (
    "ok", "error", "upstream", "timeout", "rejected", "unavailable", "reset",
    "degraded", "limited", "shed", "unreachable",
)  # fmt: skip
HTTP_CODES: Final = (200, 500, 502, 504, 503, 503, 502, 200, 429, 503, 503)

#: How a call failed, by code: its outcome, or why it never had one. ``open``: the circuit breaker let nothing
#: through. ``starved``: no connection of the pool came free. ``no-name``: the name was not found.
#: ``no-trust``: the certificate has expired. ``refused``: nobody listened. ``no-room``: the store took no
#: more connections.
REASONS: Final = (*OUTCOMES, "open", "starved", "no-name", "no-trust", "refused", "no-room")

#: Upper bounds of the classic latency buckets: Prometheus' client default, with 20 and 30 s for long waits.
LE_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
BOUNDS_NS: Final[Ints] = np.array([round(bound * 10**9) for bound in LE_SECONDS], dtype=np.int64)


def _fine_edges() -> Ints:
    """Lower edge of each fine cell, ns, and one upper edge more."""
    cells = np.arange(kernel.FINE_BINS + 1, dtype=np.int64)
    octave = np.maximum(cells // kernel.FINE_CELLS - 1, 0)
    edges: Ints = (cells - octave * kernel.FINE_CELLS) << octave << kernel.FINE_SHIFT
    return edges


FINE_EDGES_NS: Final[Ints] = _fine_edges()
#: For each fine cell the first classic bucket that a latency in it may belong to.
BUCKET_OF: Final[Ints] = np.searchsorted(BOUNDS_NS, FINE_EDGES_NS[:-1], side="left").astype(np.int64)


def fine_quantile(counts: npt.NDArray[np.integer], q: float) -> float:
    """The q-quantile of a fine histogram.

    Args:
        counts: Shape (FINE_BINS,), how many answers fell in each cell.
        q: From 0 to 1.

    Returns:
        Nanoseconds, interpolated inside the cell (at most 1.6 % wide); NaN when nothing was counted.
    """
    total = int(counts.sum())
    if total == 0:
        return float("nan")
    below = np.cumsum(counts)
    rank = q * total
    cell = min(int(np.searchsorted(below, rank, side="left")), len(counts) - 1)
    inside = int(counts[cell])
    before = int(below[cell]) - inside
    low, high = int(FINE_EDGES_NS[cell]), int(FINE_EDGES_NS[cell + 1])
    return low + (high - low) * ((rank - before) / inside if inside else 0.0)


@dataclass(frozen=True, slots=True)
class InstanceInfo:
    """Which pod a row of the by-instance counters is. Rows are never reused within a run."""

    id: int
    service: str
    pod: str
    version: str


@dataclass(frozen=True, slots=True)
class EdgeInfo:
    """Which call a row of the by-edge counters is, all versions together."""

    id: int
    caller: str
    caller_route: str
    callee: str
    callee_route: str


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """Which users a row of the by-source counters is; ``synthetic``: somebody's single requests, no users."""

    id: int
    name: str
    service: str
    routes: tuple[str, ...]
    synthetic: bool = False


#: The end of a certificate that has none, ns.
NO_EXPIRY: Final = kernel.FOREVER


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficFrame:
    """Who asked and what was answered, at one instant: all that SLOs and users' harm are counted from.

    Every array is int64 and cumulative since the data plane's start. Shapes: I instances, R = the largest
    number of routes of any service, O = len(OUTCOMES), B = len(LE_SECONDS) + 1 (the last is above every
    bound), V services, S sources. Routes that a service has not are 0.

    Attributes:
        at: When, ns.
        services: Names, by row.
        routes: Route names by service.
        instances: I rows.
        sources: S rows.
        requests: (I, R, O) answers as the server gave them.
        buckets: (I, R, B) answers by classic bucket, not cumulative over buckets.
        unrouted: (V, R) requests that met no ready endpoint, or one whose process refused the connection.
        arrived: (S, R) users.
        answered: (S, R, O) users' answers.
        slow: (S, R) good answers later than the source's objective.
    """

    at: int
    services: tuple[str, ...]
    routes: dict[str, tuple[str, ...]]
    instances: tuple[InstanceInfo, ...]
    sources: tuple[SourceInfo, ...]
    requests: Ints
    buckets: Ints
    unrouted: Ints
    arrived: Ints
    answered: Ints
    slow: Ints


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterFrame(TrafficFrame):
    """All counters at one instant, in the shapes of ``TrafficFrame`` with E edges and F = FINE_BINS.

    Attributes:
        edges: E rows.
        latency_ns: (I, R) sum over answers.
        in_flight: (I,) requests queued or running now, without probes.
        queued: (I,) waiting now, probes among them.
        busy: (I,) slots taken now, by probes too.
        slots: (I,) slots there.
        busy_ns: (I,) worker-ns taken.
        memory: (I,) bytes taken now.
        work_ns: (I,) CPU-ns of all requests that began to compute; ``CpuTime`` tells how much is spent.
        millicores: (I,) what an instance can keep busy at once: a core a slot, and no more than its cores.
        ejected: (I,) 1 while the outlier detection keeps it out.
        starts: (I,) how often the instance's process was started.
        probes: (I, 3, P) probes by ``PROBE_KINDS`` and ``PROBE_COUNTS``.
        calls: (E,) calls begun; attempts, retries, timeouts (attempts), failures (calls), abandoned (whose
            caller was killed) likewise (E,).
        hedges: (E,) further attempts of hedged calls.
        fallbacks: (E,) failures that a fallback covered.
        starved: (E,) attempts that waited for a connection in vain.
        unretried: (E,) retries that a budget did not allow.
        failed_attempts: (E, len(REASONS)) attempts that did not end well, by why.
        ejections: (V,) ejections of instances.
        caches: What caches did.
        breakers: What circuit breakers did.
        pools: The connection pools.
        topics: The topics.
        stores: The stores.
        certificates: (V,) ns at which each service's certificate ends; ``NO_EXPIRY`` where it does not.
        log_dropped: Log records that found no room.
        spans_dropped: Spans that found no room.
        fine: (V, R, F) answers of servers by fine cell.
        user_fine: (S, R, F) answers to users by fine cell.
    """

    edges: tuple[EdgeInfo, ...]
    latency_ns: Ints
    memory: Ints
    in_flight: Ints
    queued: Ints
    busy: Ints
    slots: Ints
    busy_ns: Ints
    work_ns: Ints
    millicores: Ints
    ejected: Ints
    starts: Ints
    probes: Ints
    calls: Ints
    attempts: Ints
    retries: Ints
    timeouts: Ints
    failures: Ints
    abandoned: Ints
    hedges: Ints
    fallbacks: Ints
    starved: Ints
    unretried: Ints
    failed_attempts: Ints
    ejections: Ints
    caches: CacheFrame
    breakers: BreakerFrame
    pools: PoolFrame
    topics: TopicFrame
    stores: StoreFrame
    certificates: Ints
    log_dropped: int
    spans_dropped: int
    fine: Ints
    user_fine: Ints


class Resources(NamedTuple):
    """What instances take of their machines: three columns of a ``CounterFrame``, by its names.

    Attributes:
        work_ns: (I,) CPU-ns of all requests that began to compute.
        millicores: (I,) what an instance can keep busy at once.
        memory: (I,) bytes taken now.
    """

    work_ns: Ints
    millicores: Ints
    memory: Ints


#: What a signal tells, by code. ``out_of_memory``: an instance's process passed its limit (once a start).
#: ``ready`` and ``unready``: its readiness probe's result that counts has changed. ``live_failure`` and
#: ``start_failure``: that probe failed often enough that the process must be started anew; all its probes of
#: this kind hold until then. ``started``: its startup probe passed. ``probe_failed``: any other failure of a
#: probe, which crossed no threshold.
SIGNALS: Final = (
    "out_of_memory", "ready", "unready", "live_failure", "started", "start_failure", "probe_failed"
)  # fmt: skip
ProbeKind = Literal["startup", "liveness", "readiness"]
#: Kinds of probes, by code.
PROBE_KINDS: Final[tuple[ProbeKind, ...]] = ("startup", "liveness", "readiness")
#: What a frame counts of probes: how many were asked, and how each that is over ended; ``dropped`` are those
#: whose process was ended meanwhile.
PROBE_COUNTS: Final = ("asked", "passed", "failed", "late", "refused", "dropped")


@dataclass(frozen=True, slots=True)
class Signal:
    """Something that the control plane must hear of at its own time.

    Attributes:
        at: When, ns.
        kind: One of ``SIGNALS``.
        instance: Row of the pod.
        probe: Which of its probes it is about, or None.
        outcome: How that probe ended, one of ``OUTCOMES``: ``timeout`` (no answer in time), ``unreachable``
            (connection refused), ``rejected`` (queue full, 503), any other failure by its HTTP code; or None.
    """

    at: int
    kind: str
    instance: int
    probe: ProbeKind | None = None
    outcome: str | None = None


class LogRecord(NamedTuple):
    """What really happened to one request at one pod (a tuple: a failing system makes hundreds a scrape).

    Attributes:
        at: When it was answered, ns.
        instance: Row of the pod.
        service: Of the pod.
        pod: Name.
        version: Of the pod.
        route: Asked for.
        outcome: One of ``OUTCOMES``.
        latency: ns from arrival at the pod to the answer.
        trace: 64-bit key of the user's visit, the same at every service it touched.
        span: 64-bit key of this attempt.
        cause_service: The callee whose failure it passes on or covered, or an empty text.
        reason: How the call to it failed, one of ``REASONS``; empty without such a call.
    """

    at: int
    instance: int
    service: str
    pod: str
    version: str
    route: str
    outcome: str
    latency: int
    trace: int
    span: int
    cause_service: str
    reason: str = ""
