"""What each pod exposes about itself, and what its node's kubelet and cAdvisor say of its container.

The counters of a process begin at zero when it starts, so they fall when a container is started again in the
same pod, and a rate has to make up for it. The data plane counts on; what it had counted at the last scrape
before a start is taken off.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from simulator.dataplane import PROBE_COUNTS, PROBE_KINDS, CounterFrame, CpuTime
from simulator.telemetry.collect import BY_CODE, CODES, LE, Columns, Integers
from simulator.telemetry.family import Family
from simulator.telemetry.kube import Place
from simulator.telemetry.store import Store

#: The kubelet's words for the kinds of probes and for their results.
_PROBE_TYPES = {"startup": "Startup", "liveness": "Liveness", "readiness": "Readiness"}
_PROBE_RESULTS = {"passed": "successful", "failed": "failed"}

#: Of a pod's connection pools, to each service that it calls by one.
_POOLS = (
    "connection_pool_active",
    "connection_pool_idle",
    "connection_pool_pending",
    "connection_pool_max",
    "connection_pool_opened_total",
)

#: Labels of several series, and the places of their values.
_Several = tuple[list[tuple[str, ...]], list[int]]
Declare = Callable[[CounterFrame, int], list[tuple[Family, range]]]


class PodCollector:
    """Writes a pod's own page and its container's metrics; the series of a pod that does not answer end.

    Args:
        store: Where to.
        places: Where each pod runs, kept current by whoever watches the cluster.
        working_sets: By pod the bytes that its container shows where its memory is not modelled.
    """

    def __init__(self, store: Store, places: Mapping[str, Place], working_sets: Mapping[str, int]) -> None:
        self._places = places
        self._working_sets = working_sets
        self._shown: Integers = np.zeros(0, dtype=np.int64)  # the working set of each row
        self._columns = {
            name: Columns(store.family(name))
            for name in (
                *("http_requests_total", "http_request_duration_seconds_bucket"),
                *("http_request_duration_seconds_sum", "http_request_duration_seconds_count"),
                *("http_requests_in_flight", "workers_busy", "workers_total", "queue_depth"),
                *("worker_busy_seconds_total", "process_cpu_seconds_total"),
                *("container_cpu_usage_seconds_total", "container_memory_working_set_bytes"),
                *("prober_probe_total", "lb_outlier_ejected", *_POOLS),
            )
        }
        self._up = Columns(store.family("up"))
        self._pages = _Presence()
        self._targets = _Presence()
        self._seen: tuple[int, frozenset[str], frozenset[str]] = (0, frozenset(), frozenset())
        self._starts: Integers = np.zeros(0, dtype=np.int64)
        self._before: CounterFrame | None = None
        self._cpu = CpuTime()
        self._origins: dict[str, Integers] = {}

    def collect(self, frame: CounterFrame, living: frozenset[str], targets: frozenset[str]) -> None:
        """Write the pods' own metrics.

        Args:
            frame: The counters.
            living: Pods whose process answers.
            targets: Pods that are scraped, with or without an answer.
        """
        if self._seen != (len(frame.instances), living, targets):
            self._pages.follow(frame, living, self._declare_page)
            self._targets.follow(frame, targets, self._declare_target)
            self._seen = (len(frame.instances), living, targets)
            shown = [self._working_sets.get(info.pod, 0) for info in frame.instances]
            self._shown = np.array(shown, dtype=np.int64)
        frame = replace(frame, work_ns=self._cpu.spent(frame.at, frame.work_ns, frame.millicores))
        started = self._note_starts(frame)
        answering = np.array([info.pod in living for info in frame.instances], dtype=np.float64)
        cumulative = np.cumsum(self._own(frame, "buckets"), axis=2)
        self._up.write(answering)
        written = {
            "http_requests_total": self._own(frame, "requests") @ BY_CODE,
            "http_request_duration_seconds_bucket": cumulative,
            "http_request_duration_seconds_sum": self._own(frame, "latency_ns"),
            "http_request_duration_seconds_count": cumulative[:, :, -1],
            "http_requests_in_flight": frame.in_flight,
            "workers_busy": frame.busy,
            "workers_total": frame.slots,
            "queue_depth": frame.queued,
            "worker_busy_seconds_total": frame.busy_ns,
            "process_cpu_seconds_total": self._own(frame, "work_ns"),
            "container_cpu_usage_seconds_total": self._own(frame, "work_ns"),
            "container_memory_working_set_bytes": np.where(frame.memory, frame.memory, self._shown),
            "prober_probe_total": frame.probes,
            "lb_outlier_ejected": frame.ejected,
            # A leaked connection looks like one in use: nobody gives it back.
            "connection_pool_active": frame.pools.used + frame.pools.leaked,
            "connection_pool_idle": frame.pools.idle,
            "connection_pool_pending": frame.pools.waiting,
            "connection_pool_max": frame.pools.limit,
            "connection_pool_opened_total": frame.pools.opened,
        }
        for name, columns in self._columns.items():
            columns.write(written[name], may_fall=started)

    def _note_starts(self, frame: CounterFrame) -> bool:
        """Remember the counts of processes that were started again since the last scrape; whether any was."""
        known = len(self._starts)
        again = np.flatnonzero(frame.starts[:known] > self._starts)
        if len(again) and self._before is not None:
            for name in ("requests", "buckets", "latency_ns", "work_ns"):
                counted = getattr(self._before, name)
                origin = self._origins.get(name, np.zeros_like(counted))
                origin = _grown_to(origin, counted)
                origin[again] = counted[again]
                self._origins[name] = origin
        self._starts, self._before = frame.starts, frame
        return bool(len(again))

    def _own(self, frame: CounterFrame, name: str) -> Integers:
        """Counters as the processes that run now have them."""
        counted: Integers = getattr(frame, name)
        origin = self._origins.get(name)
        return counted if origin is None else counted - _grown_to(origin, counted)

    def _declare_target(self, frame: CounterFrame, row: int) -> list[tuple[Family, range]]:
        return [(self._up.family, self._up.declare([self._labels(frame, row)], [row]))]

    def _labels(self, frame: CounterFrame, row: int) -> tuple[str, ...]:
        info = frame.instances[row]
        namespace, container, node, zone = self._places.get(info.pod, ("", "", "", ""))
        return (namespace, info.pod, container, info.service, info.version, node, zone)

    def _declare_page(self, frame: CounterFrame, row: int) -> list[tuple[Family, range]]:
        labels = self._labels(frame, row)
        namespace, pod, container, service, version, node, _ = labels
        routes = frame.routes[service]
        cells = [row * frame.requests.shape[1] + route for route in range(len(routes))]
        probes = [
            ((namespace, pod, container, _PROBE_TYPES[kind], _PROBE_RESULTS[count]), (row, number, place))
            for number, kind in enumerate(PROBE_KINDS)
            for place, count in enumerate(PROBE_COUNTS)
            if count in _PROBE_RESULTS
        ]
        pools = [each for each in frame.pools.infos if each.instance == row]
        of_pools: _Several = (
            [(namespace, pod, service, version, each.callee) for each in pools],
            [each.id for each in pools],
        )
        several: dict[str, _Several] = {
            "http_requests_total": (
                [(*labels, route, code) for route in routes for code in CODES],
                [cell * len(CODES) + code for cell in cells for code in range(len(CODES))],
            ),
            "http_request_duration_seconds_bucket": (
                [(*labels, route, le) for route in routes for le in LE],
                [cell * len(LE) + le for cell in cells for le in range(len(LE))],
            ),
            "http_request_duration_seconds_sum": ([(*labels, route) for route in routes], cells),
            "http_request_duration_seconds_count": ([(*labels, route) for route in routes], cells),
            "container_cpu_usage_seconds_total": ([(namespace, pod, container, node)], [row]),
            "container_memory_working_set_bytes": ([(namespace, pod, container, node)], [row]),
            "lb_outlier_ejected": ([(namespace, pod, service)], [row]),
            "prober_probe_total": (
                [names for names, _ in probes],
                [int(np.ravel_multi_index(place, frame.probes.shape)) for _, place in probes],
            ),
            **dict.fromkeys(_POOLS, of_pools),
        }
        declared = []
        for name, columns in self._columns.items():
            sets, places = several.get(name, ([labels], [row]))
            declared.append((columns.family, columns.declare(sets, places)))
        return declared


class _Presence:
    """Series by instance: begun when its pod first comes, ended when it goes, begun again when it returns."""

    def __init__(self) -> None:
        self._series: dict[int, list[tuple[Family, range]]] = {}
        self._here: set[int] = set()

    def follow(self, frame: CounterFrame, pods: frozenset[str], declare: Declare) -> None:
        """Bring the series up to date with the pods that are there."""
        for info in frame.instances:
            here = info.pod in pods
            if here and info.id not in self._series:
                self._series[info.id] = declare(frame, info.id)
                self._here.add(info.id)
            elif here and info.id not in self._here:
                self._here.add(info.id)
                for family, series in self._series[info.id]:
                    family.revive(series)
            elif not here and info.id in self._here:
                self._here.discard(info.id)
                for family, series in self._series[info.id]:
                    family.end(series)


def _grown_to(origin: Integers, counted: Integers) -> Integers:
    """The same with zeros for instances and routes that came since."""
    if origin.shape == counted.shape:
        return origin
    wider = np.zeros_like(counted)
    wider[tuple(slice(0, size) for size in origin.shape)] = origin
    return wider
