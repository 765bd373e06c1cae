"""From counters to series: for each metric, which numbers of a frame are its samples, in which order.

A collector declares series when it first sees their subject and afterwards gathers their values with one
indexed copy. The order of series is the order of appearance, so a subject's columns never move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.dataplane import HTTP_CODES, LE_SECONDS, OUTCOMES, CounterFrame
from simulator.telemetry.family import Family
from simulator.telemetry.store import Store

Integers = NDArray[np.int64]

#: Status codes that services answer with, as label values.
CODES: Final = tuple(str(code) for code in sorted(set(HTTP_CODES)))
#: Label values of ``le``, as client libraries write them.
LE: Final = (*(f"{bound:g}" for bound in LE_SECONDS), "+Inf")
_OK: Final = OUTCOMES.index("ok")


def _codes_of_outcomes() -> Integers:
    matrix = np.zeros((len(OUTCOMES), len(CODES)), dtype=np.int64)
    for outcome, code in enumerate(HTTP_CODES):
        matrix[outcome, CODES.index(str(code))] = 1
    return matrix


#: Maps counts by outcome to counts by status code, by matrix product.
BY_CODE: Final[Integers] = _codes_of_outcomes()


class Columns:
    """A family whose samples are gathered from a flat array: which places, in order of the series."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self._places: Integers = np.zeros(0, dtype=np.int64)

    def declare(self, labels: Sequence[tuple[str, ...]], places: Sequence[int]) -> range:
        """Add series with the places of their values; returns their ids."""
        first = len(self.family)
        self.family.declare(labels)
        self._places = np.concatenate([self._places, np.array(places, dtype=np.int64)])
        return range(first, first + len(labels))

    def write(self, values: NDArray[Any]) -> None:
        """Gather the samples of this scrape out of ``values`` (any shape, read flat)."""
        if len(self._places):
            self.family.write(values.ravel()[self._places])


class Collector(Protocol):
    """Writes some families at each scrape."""

    def collect(self, frame: CounterFrame, living: frozenset[str]) -> None:
        """Take in one frame; ``living`` names the pods whose containers run."""


class PodCollector:
    """What each pod exposes about itself: requests, latency, workers, queue, CPU."""

    def __init__(self, store: Store) -> None:
        self._requests = Columns(store.family("http_requests_total"))
        self._buckets = Columns(store.family("http_request_duration_seconds_bucket"))
        self._sum = Columns(store.family("http_request_duration_seconds_sum"))
        self._count = Columns(store.family("http_request_duration_seconds_count"))
        self._gauges = {
            name: Columns(store.family(name))
            for name in ("workers_busy", "workers_total", "queue_depth", "worker_busy_seconds_total")
        }
        self._cpu = Columns(store.family("process_cpu_seconds_total"))
        self._up = Columns(store.family("up"))
        self._series: dict[int, list[tuple[Family, range]]] = {}
        self._scraped: set[int] = set()  # rows of pods that are scraped now
        self._seen: tuple[int, frozenset[str]] = (0, frozenset())

    def collect(self, frame: CounterFrame, living: frozenset[str]) -> None:
        """Write the pods' own metrics."""
        if self._seen != (len(frame.instances), living):
            self._follow(frame, living)
            self._seen = (len(frame.instances), living)
        by_code = frame.requests @ BY_CODE
        cumulative = np.cumsum(frame.buckets, axis=2)
        self._up.write(np.ones(len(frame.instances)))
        self._requests.write(by_code)
        self._buckets.write(cumulative)
        self._sum.write(frame.latency_ns)
        self._count.write(cumulative[:, :, -1])
        self._gauges["workers_busy"].write(frame.busy)
        self._gauges["workers_total"].write(frame.slots)
        self._gauges["queue_depth"].write(frame.queued)
        self._gauges["worker_busy_seconds_total"].write(frame.busy_ns)
        self._cpu.write(frame.work_ns)

    def _follow(self, frame: CounterFrame, living: frozenset[str]) -> None:
        """Begin the series of pods that came, end those of pods that went."""
        for info in frame.instances:
            alive = info.pod in living
            if alive and info.id not in self._series:
                self._series[info.id] = self._declare(frame, info.id)
                self._scraped.add(info.id)
            elif alive and info.id not in self._scraped:
                self._scraped.add(info.id)
                for family, series in self._series[info.id]:
                    family.revive(series)
            elif not alive and info.id in self._scraped:
                self._scraped.discard(info.id)
                for family, series in self._series[info.id]:
                    family.end(series)

    def _declare(self, frame: CounterFrame, row: int) -> list[tuple[Family, range]]:
        info = frame.instances[row]
        pod: tuple[str, ...] = (info.service, info.version, info.pod)
        routes = frame.routes[info.service]
        width = frame.requests.shape[1]
        cells = [row * width + route for route in range(len(routes))]
        declared: list[tuple[Columns, list[tuple[str, ...]], list[int]]] = [
            (self._up, [(info.service, info.pod)], [row]),
            (
                self._requests,
                [(*pod, route, code) for route in routes for code in CODES],
                [cell * len(CODES) + code for cell in cells for code in range(len(CODES))],
            ),
            (
                self._buckets,
                [(*pod, route, le) for route in routes for le in LE],
                [cell * len(LE) + le for cell in cells for le in range(len(LE))],
            ),
            (self._sum, [(*pod, route) for route in routes], cells),
            (self._count, [(*pod, route) for route in routes], cells),
            (self._cpu, [pod], [row]),
            *((columns, [pod], [row]) for columns in self._gauges.values()),
        ]
        return [(columns.family, columns.declare(labels, places)) for columns, labels, places in declared]


class BalancerCollector:
    """What the load balancer in front of each service counts, pods that are gone included.

    Attributes:
        by_code: Requests of the newest frame by (service, route, code), unrouted ones included.
    """

    def __init__(self, store: Store) -> None:
        self._columns = Columns(store.family("lb_requests_total"))
        self._groups: dict[tuple[str, str], int] = {}
        self._group_of: list[int] = []
        self._service_of: list[int] = []
        self.by_code: Integers = np.zeros((0, 0, len(CODES)), dtype=np.int64)

    def collect(self, frame: CounterFrame, living: frozenset[str]) -> None:  # noqa: ARG002 - it outlives pods
        """Write ``lb_requests_total``."""
        if not self._groups:
            for number, service in enumerate(frame.services):
                self._open(frame, number, service, "")
        for info in frame.instances[len(self._group_of) :]:
            self._group_of.append(self._group(frame, info.service, info.version))
        by_group = np.zeros((len(self._groups), frame.requests.shape[1], len(OUTCOMES)), dtype=np.int64)
        np.add.at(by_group, np.array(self._group_of, dtype=np.int64), frame.requests)
        # The first groups are the services themselves: requests that met no ready pod.
        by_group[: len(frame.services), :, OUTCOMES.index("unavailable")] += frame.unrouted
        by_code = by_group @ BY_CODE
        self._columns.write(by_code)
        self.by_code = np.zeros((len(frame.services), *by_code.shape[1:]), dtype=np.int64)
        np.add.at(self.by_code, np.array(self._service_of, dtype=np.int64), by_code)

    def _group(self, frame: CounterFrame, service: str, version: str) -> int:
        if (service, version) not in self._groups:
            self._open(frame, frame.services.index(service), service, version)
        return self._groups[service, version]

    def _open(self, frame: CounterFrame, number: int, service: str, version: str) -> None:
        group = self._groups[service, version] = len(self._groups)
        self._service_of.append(number)
        width = frame.requests.shape[1]
        codes = [code for code in CODES if version or code == str(HTTP_CODES[OUTCOMES.index("unavailable")])]
        self._columns.declare(
            [(service, version, route, code) for route in frame.routes[service] for code in codes],
            [
                (group * width + route) * len(CODES) + CODES.index(code)
                for route in range(len(frame.routes[service]))
                for code in codes
            ],
        )


class EdgeCollector:
    """What the callers' sidecars count, by edge."""

    def __init__(self, store: Store) -> None:
        self._columns = {
            name: Columns(store.family(f"http_client_{name}_total"))
            for name in ("calls", "attempts", "retries", "timeouts", "failures")
        }
        self._known = 0

    def collect(self, frame: CounterFrame, living: frozenset[str]) -> None:  # noqa: ARG002 - edges outlive pods
        """Write the ``http_client_*`` metrics."""
        for edge in frame.edges[self._known :]:
            labels = (edge.caller, edge.caller_route, edge.callee, edge.callee_route)
            for columns in self._columns.values():
                columns.declare([labels], [edge.id])
        self._known = len(frame.edges)
        for name, columns in self._columns.items():
            columns.write(getattr(frame, name))


class UserCollector:
    """What users' browsers report."""

    def __init__(self, store: Store) -> None:
        self._requests = Columns(store.family("user_requests_total"))
        self._slow = Columns(store.family("user_slow_requests_total"))
        self._bad = Columns(store.family("user_bad_requests_total"))
        self._known = 0

    def collect(self, frame: CounterFrame, living: frozenset[str]) -> None:  # noqa: ARG002 - users outlive pods
        """Write the ``user_*`` metrics."""
        width = frame.arrived.shape[1]
        for source in frame.sources[self._known :]:
            who = (source.name, source.service)
            cells = [source.id * width + route for route in range(len(source.routes))]
            self._requests.declare(
                [(*who, route, code) for route in source.routes for code in CODES],
                [cell * len(CODES) + code for cell in cells for code in range(len(CODES))],
            )
            self._slow.declare([(*who, route) for route in source.routes], cells)
            self._bad.declare([who], [source.id])
        self._known = len(frame.sources)
        failed = frame.answered.sum(axis=2) - frame.answered[:, :, _OK]
        self._requests.write(frame.answered @ BY_CODE)
        self._slow.write(frame.slow)
        self._bad.write((failed + frame.slow).sum(axis=1))
