"""The golden signals of a service, and the one-minute picture of the whole system for a map.

Every point covers the window that ends there. Where nothing was counted (no requests, no pods, before the
first scrape) a value is NaN: a gap in the chart. Quantiles are exact to the fine record's cells, not read
from wide buckets.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import nan
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.quantiles import row_quantiles
from simulator.telemetry.scraper import Telemetry
from simulator.telemetry.store import Store
from simulator.units import MINUTE, SECOND

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

#: Window of a chart's points: long enough to hold a thousand requests, short enough to show a rollback take
#: hold.
SIGNAL_WINDOW: Final = 30 * SECOND
_GOOD: Final = "200"


@dataclass(frozen=True, slots=True)
class Signals:
    """Golden signals of one service, one entry a scrape.

    Attributes:
        service: Whose.
        window: Each entry covers the ``window`` ns that end at its time (queue: the instant itself).
        times: Nanoseconds.
        versions: Versions that were sent requests, in order of appearance.
        traffic: Requests a second by version; NaN before a version's first pod.
        total: Requests a second, those that no pod took included.
        error_ratio: Share of requests not answered with success; NaN until the first scrape is a whole window
            ago, since one failure among the few of the first seconds would look like an incident.
        p50: Median latency at the servers, seconds.
        p95: 95th percentile.
        p99: 99th percentile.
        saturation: Share of worker slots in use, averaged over the window; 1 is full.
        queue: Requests that wait for a worker, all pods together.
    """

    service: str
    window: int
    times: Integers
    versions: tuple[str, ...]
    traffic: dict[str, Floats]
    total: Floats
    error_ratio: Floats
    p50: Floats
    p95: Floats
    p99: Floats
    saturation: Floats
    queue: Floats


@dataclass(frozen=True, slots=True)
class _Windows:
    """The rows of a chart, and for each the row where its window begins.

    ``start`` and ``stop`` bound the rows that must be read, ``newest`` and ``oldest`` are relative to
    ``start``; ``whole`` are the windows that do not reach back before the first scrape.
    """

    start: int
    stop: int
    newest: Integers
    oldest: Integers
    times: Integers
    seconds: Floats
    whole: NDArray[np.bool_]


def signals(
    telemetry: Telemetry, service: str, start: int, end: int, *, window: int = SIGNAL_WINDOW
) -> Signals:
    """Golden signals of a service at every scrape in ``[start, end]``.

    Args:
        telemetry: The run's telemetry.
        service: Its name.
        start: First time, ns.
        end: Last time, ns.
        window: What each point covers, ns.

    Raises:
        GamedayError: No such service.
    """
    telemetry.route_rows(service)
    store = telemetry.store
    rows = _windows(store, start, end, window)
    versions, requests, good, present = _balancer_counts(store, service, rows)
    total = _grown(requests.sum(axis=0), rows)
    failed = total - _grown(good.sum(axis=0), rows)
    by_version = {
        version: np.where(present[number, rows.newest], _grown(requests[number], rows) / rows.seconds, nan)
        for number, version in enumerate(versions)
        if version
    }
    p50, p95, p99 = _quantiles(telemetry, service, rows, (0.5, 0.95, 0.99))
    busy, queue = _workers(store, service, rows)
    return Signals(
        service=service,
        window=window,
        times=rows.times,
        versions=tuple(by_version),
        traffic=by_version,
        total=total / rows.seconds,
        error_ratio=np.where(rows.whole, _ratio(failed, total), nan),
        p50=p50,
        p95=p95,
        p99=p99,
        saturation=busy,
        queue=queue,
    )


def _windows(store: Store, start: int, end: int, window: int) -> _Windows:
    times = store.times
    first, stop = int(np.searchsorted(times, start, "left")), int(np.searchsorted(times, end, "right"))
    here = times[first:stop].copy()
    oldest = np.maximum(np.searchsorted(times, here - window, "right") - 1, 0)
    begin = int(oldest[0]) if len(oldest) else first
    elapsed = here - times[oldest]
    seconds = np.where(elapsed > 0, elapsed / SECOND, nan)
    newest = np.arange(first, stop) - begin
    return _Windows(begin, stop, newest, oldest - begin, here, seconds, elapsed >= window)


def _grown(counter: NDArray[Any], rows: _Windows) -> Floats:
    """How much a counter grew in each window."""
    result: Floats = (counter[rows.newest] - counter[rows.oldest]).astype(np.float64)
    return result


def _ratio(part: Floats, whole: Floats) -> Floats:
    result = np.full(len(whole), nan)
    np.divide(part, whole, out=result, where=whole > 0)
    return result


def _balancer_counts(
    store: Store, service: str, rows: _Windows
) -> tuple[list[str], Integers, Integers, NDArray[np.bool_]]:
    """Versions, and by (version, row): requests, good ones, and whether the version was known."""
    family = store.family("lb_requests_total")
    ids = family.select(service=service)
    labels = family.labels(ids)
    counts, held = family.read(ids, rows.start, rows.stop)
    versions = list(dict.fromkeys(one["version"] for one in labels))
    shape = (len(versions), rows.stop - rows.start)
    requests, good = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    present = np.zeros(shape, dtype=np.bool_)
    counts = np.where(held, counts, 0)
    for series, one in enumerate(labels):
        number = versions.index(one["version"])
        requests[number] += counts[series]
        present[number] |= held[series]
        if one["code"] == _GOOD:
            good[number] += counts[series]
    return versions, requests, good, present


def _quantiles(
    telemetry: Telemetry, service: str, rows: _Windows, shares: tuple[float, ...]
) -> tuple[Floats, ...]:
    """Latency quantiles of each window, seconds."""
    # Batch i of the record holds what came between scrapes i - 1 and i.
    first, batches = telemetry.fine.increments(telemetry.latency_rows(service), rows.start, rows.stop)
    running = np.cumsum(batches, axis=0)
    return row_quantiles(running[rows.newest] - running[rows.oldest], shares, first=first)


def _workers(store: Store, service: str, rows: _Windows) -> tuple[Floats, Floats]:
    """Share of worker slots in use over each window, and requests waiting at its end."""
    busy_family, slots_family = store.family("worker_busy_seconds_total"), store.family("workers_total")
    queue_family = store.family("queue_depth")
    ids = busy_family.select(service=service)
    # One row more on the left, to know what a pod did in the first interval.
    begin = max(rows.start - 1, 0)
    busy, held = busy_family.read(ids, begin, rows.stop)
    slots, _ = slots_family.read(ids, begin, rows.stop)
    waiting, _ = queue_family.read(ids, begin, rows.stop)
    times = store.times[begin : rows.stop]
    # A pod's counter begins at zero when it is first scraped, so its first interval counts from there; one
    # that did not answer for a while counts from its last answer.
    known = np.maximum.accumulate(np.where(held, busy, 0), axis=1)
    before = np.concatenate([np.where(held[:, :1], busy[:, :1], 0), known[:, :-1]], axis=1)
    used = np.where(held, busy - before, 0).sum(axis=0)
    offered = np.where(held, slots, 0).sum(axis=0) * np.diff(times, prepend=times[:1])
    skipped = rows.start - begin
    running_used, running_offered = np.cumsum(used)[skipped:], np.cumsum(offered)[skipped:]
    saturation = _ratio(_grown(running_used, rows), _grown(running_offered, rows))
    alive: NDArray[np.bool_] = np.any(held, axis=0)[skipped:][rows.newest]
    queue = np.where(held, waiting, 0).sum(axis=0)[skipped:][rows.newest]
    return np.where(alive, saturation, nan), np.where(alive, queue, nan)


# --- the map --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NodeTraffic:
    """One service over the last minute; NaN where nothing is known.

    Attributes:
        service: Its name.
        rps: Requests a second.
        error_ratio: Share not answered with success.
        p99_seconds: 99th percentile at the servers.
        saturation: Share of worker slots in use.
        queue: Requests waiting now.
        pods: By version, (ready, all) pods.
    """

    service: str
    rps: float
    error_ratio: float
    p99_seconds: float
    saturation: float
    queue: float
    pods: dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class EdgeTraffic:
    """One arrow of the map over the last minute, all routes together.

    Attributes:
        caller: A service, or a traffic source.
        callee: A service.
        rps: Attempts a second; of users, requests.
        error_ratio: Share of calls that failed after their last attempt; of users, of requests that failed.
        users: The caller is a traffic source.
    """

    caller: str
    callee: str
    rps: float
    error_ratio: float
    users: bool = False


@dataclass(frozen=True, slots=True)
class TrafficMap:
    """The system over the minute that ends at ``at``."""

    at: int
    nodes: dict[str, NodeTraffic]
    edges: tuple[EdgeTraffic, ...]


def traffic_map(telemetry: Telemetry, now: int, *, window: int = MINUTE) -> TrafficMap:
    """Nodes and edges, averaged over the window that ends at the newest scrape until ``now``."""
    store = telemetry.store
    row = store.row_at(now)
    if row < 0 or telemetry.frame is None:
        return TrafficMap(now, {}, ())
    at = int(store.times[row])
    pods = _ready_by_version(store, row)
    nodes = {
        service: _node(signals(telemetry, service, at, at, window=window), pods.get(service, {}))
        for service in telemetry.frame.services
    }
    return TrafficMap(at, nodes, (*_user_edges(store, at, window), *_call_edges(store, at, window)))


def _node(now: Signals, pods: dict[str, tuple[int, int]]) -> NodeTraffic:
    return NodeTraffic(
        service=now.service,
        rps=float(now.total[-1]),
        error_ratio=float(now.error_ratio[-1]),
        p99_seconds=float(now.p99[-1]),
        saturation=float(now.saturation[-1]),
        queue=float(now.queue[-1]),
        pods=pods,
    )


def _ready_by_version(store: Store, row: int) -> dict[str, dict[str, tuple[int, int]]]:
    family = store.family("kube_pod_status_ready")
    ids = family.select(condition="true")
    values, held = family.read(ids, row, row + 1)
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for labels, value, here in zip(family.labels(ids), values[:, 0], held[:, 0], strict=True):
        if here:
            versions = found.setdefault(labels["service"], {})
            ready, count = versions.get(labels["version"], (0, 0))
            versions[labels["version"]] = (ready + int(value), count + 1)
    return found


def _user_edges(store: Store, at: int, window: int) -> Iterable[EdgeTraffic]:
    rows = _windows(store, at, at, window)
    family = store.family("user_requests_total")
    grown: dict[tuple[str, str], list[float]] = {}
    ids = family.select()
    counts, _ = family.read(ids, rows.start, rows.stop)
    for labels, counter in zip(family.labels(ids), counts, strict=True):
        ends = grown.setdefault((labels["source"], labels["service"]), [0.0, 0.0])
        change = float(_grown(counter, rows)[-1])
        ends[0] += change
        ends[1] += change if labels["code"] != _GOOD else 0.0
    for (source, service), (requests, failed) in grown.items():
        yield EdgeTraffic(
            source, service, requests / float(rows.seconds[-1]), _share(failed, requests), users=True
        )


def _call_edges(store: Store, at: int, window: int) -> Iterable[EdgeTraffic]:
    rows = _windows(store, at, at, window)
    names = ("attempts", "calls", "failures")
    grown: dict[tuple[str, str], list[float]] = {}
    for place, name in enumerate(names):
        family = store.family(f"http_client_{name}_total")
        ids = family.select()
        counts, held = family.read(ids, rows.start, rows.stop)
        for labels, counter in zip(family.labels(ids), np.where(held, counts, 0), strict=True):
            ends = grown.setdefault((labels["service"], labels["upstream"]), [0.0] * len(names))
            ends[place] += float(_grown(counter, rows)[-1])
    for (caller, callee), (attempts, calls, failures) in grown.items():
        yield EdgeTraffic(caller, callee, attempts / float(rows.seconds[-1]), _share(failures, calls))


def _share(part: float, whole: float) -> float:
    return part / whole if whole > 0 else nan
