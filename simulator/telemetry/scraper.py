"""The scraper: at each interval all counters and gauges go into the store, new log lines into the logs.

Telemetry pulls and the engine never pushes. What wants to know of a scrape (SLOs, whoever listens) says so
with ``on_scrape``, what has a rhythm of its own (rules) with ``every``; all are called in the order in which
they came, at the same instant, with all samples in place.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

import numpy as np
import simpy

from simulator.dataplane import CounterFrame, DataPlane, LogRecord, TrafficFrame
from simulator.errors import GamedayError
from simulator.telemetry.collect import (
    CODES,
    BalancerCollector,
    Collector,
    EdgeCollector,
    UserCollector,
)
from simulator.telemetry.collect_parts import PartsCollector
from simulator.telemetry.collect_pods import PodCollector
from simulator.telemetry.fine import FineRecord
from simulator.telemetry.kube import KubeCollector
from simulator.telemetry.lifecycle import ProcessLog
from simulator.telemetry.logs import DEFAULT_START, LogLine, LogStore
from simulator.telemetry.promql import SeriesSource
from simulator.telemetry.promql.union import UnionSource
from simulator.telemetry.querying import StoreSource, epoch_of
from simulator.telemetry.sampling import LogSummary
from simulator.telemetry.store import Store
from simulator.telemetry.traces import TraceStore
from simulator.units import MINUTE, SECOND, format_duration
from simulator.world import Cluster

DEFAULT_INTERVAL: Final = 5 * SECOND


#: What a run's telemetry keeps: everything; the series alone, for those who query them by themselves; or the
#: harm to users alone.
Keeps = Literal["all", "series", "harm"]


class Telemetry:
    """Everything that can be seen of a run.

    Args:
        env: The clock.
        dataplane: Where requests are counted.
        cluster: Where the objects are.
        interval: Distance of scrapes, ns: whole seconds from 1 to 60.
        start_time: Printed time of T+00:00, for logs.
        route_texts: How logs write a (service, route), such as ``POST /orders``.
        objectives: By source of users, the longest good visit, ns; a longer one's trace is kept.

    Attributes:
        store: Every series.
        source: The same for PromQL, in Unix time.
        scraped: ``source``, and what was scraped before the run.
        metrics: What PromQL asks: ``scraped``, and what rules record.
        logs: Every pod's log.
        traces: Traced visits.
        fine: The high-resolution latency record of servers, by (service, route).
        user_fine: The same of users, by (source, route).
        frame: The newest scrape's counters; None before the first.
    """

    def __init__(
        self,
        env: simpy.Environment,
        dataplane: DataPlane,
        cluster: Cluster,
        *,
        interval: int = DEFAULT_INTERVAL,
        start_time: datetime = DEFAULT_START,
        route_texts: Mapping[tuple[str, str], str] | None = None,
        objectives: Mapping[str, int] | None = None,
        keeps: Keeps = "all",
    ) -> None:
        if interval % SECOND or not SECOND <= interval <= MINUTE:
            raise GamedayError(
                "scrape interval",
                expected="whole seconds from 1s to 1m",
                got=format_duration(interval),
                todo="Use 5s unless a lesson is about the interval.",
            )
        self.interval = interval
        self.keeps: Keeps = keeps
        self.store = Store()
        self.source = StoreSource(self.store, epoch_of(start_time))
        self.scraped: SeriesSource = self.source
        self.metrics: SeriesSource = self.source
        self.route_texts = dict(route_texts or {})
        self.logs = LogStore(start_time=start_time, route_texts=route_texts)
        self.traces = TraceStore(objectives)
        self.logs.traced = self.traces.traced
        self.fine = FineRecord()
        self.user_fine = FineRecord()
        # (period, who); the period of those who wait for scrapes is None
        self._listeners: list[tuple[int | None, Callable[[int], None]]] = []
        self.frame: TrafficFrame | None = None
        self.cluster = cluster
        self._env = env
        self._dataplane = dataplane
        self._balancers = BalancerCollector(self.store)
        self._identities: dict[str, tuple[str, str]] = {}  # (service, version) by pod
        self._kube = KubeCollector(self.store, cluster, self._identities)
        self._pods = PodCollector(self.store, self._kube.places, self._kube.working_sets)
        self._collectors: tuple[Collector, ...] = (
            self._balancers,
            EdgeCollector(self.store),
            PartsCollector(self.store, self.source.epoch),
        )
        self._users = UserCollector(self.store)
        self._processes = ProcessLog(cluster)
        self._summary = LogSummary()

    def add_recorded(self, sources: Sequence[SeriesSource]) -> None:
        """Let PromQL see series that were scraped before the run began."""
        self.scraped = UnionSource((self.source, *sources)) if sources else self.source
        self.metrics = self.scraped

    def add_derived(self, *sources: SeriesSource) -> None:
        """Let PromQL see what rules record; the rules themselves are evaluated on ``scraped``."""
        self.metrics = UnionSource((self.metrics, *sources))

    def on_scrape(self, listener: Callable[[int], None]) -> None:
        """Call a listener with the time after each scrape."""
        self._listeners.append((None, listener))

    def every(self, period: int, listener: Callable[[int], None]) -> None:
        """Call a listener at each multiple of a period, ns; where a scrape falls on it, after the scrape.

        All listeners of one instant are called in the order in which they came, whatever they asked for.
        """
        self._listeners.append((period, listener))

    def start(self) -> None:
        """Begin to scrape, at the next multiple of the interval; now, if now is one."""
        self._env.process(self.process())

    def process(self) -> Generator[simpy.Event, None, None]:
        """The SimPy process: multiples of the interval and of listeners' periods, before T+00:00 too."""
        while True:
            at = int(self._env.now)
            scraped = at % self.interval == 0
            if scraped:
                self.scrape()
            for period, listener in self._listeners:
                if scraped if period is None else at % period == 0:
                    listener(at)
            periods = (self.interval, *(period for period, _ in self._listeners if period is not None))
            yield self._env.timeout(min(period - at % period for period in periods))

    def scrape(self) -> None:
        """Take one sample of everything, now."""
        at = int(self._env.now)
        if self.keeps == "harm":
            self.store.begin(at)
            self._take_in(self._dataplane.traffic())
            return
        frame = self._dataplane.counters()
        self.store.begin(at)
        self._take_in(frame)
        self._kube.refresh()
        self._pods.collect(frame, self._kube.living, self._kube.targets)
        for collector in self._collectors:
            collector.collect(frame)
        self._kube.collect()
        if self.keeps == "all":
            self.fine.append(frame.fine.reshape(-1, frame.fine.shape[2]))
            self.user_fine.append(frame.user_fine.reshape(-1, frame.user_fine.shape[2]))
            self._write_logs(frame)

    def _take_in(self, frame: TrafficFrame) -> None:
        """What every run keeps: the newest frame, who its pods are, and users' answers."""
        self.frame = frame
        for info in frame.instances[len(self._identities) :]:
            self._identities[info.pod] = (info.service, info.version)
        self._users.collect(frame)

    def _write_logs(self, frame: CounterFrame) -> None:
        """Requests' lines and processes' own in one order of time, then what was left out."""
        self.traces.defer(self._dataplane.drain_traces())
        # Of requests that were reset the process could write nothing any more: it was killed. Callers do.
        requests = [record for record in self._dataplane.drain_log() if record.outcome != "reset"]
        records: list[LogRecord | LogLine] = [*requests]
        own = self._processes.collect(self._identities)
        if own:
            records = sorted([*own, *records], key=lambda record: record.at)
        self.logs.add(records)
        self.logs.add(self._summary.collect(frame, requests, self._running))

    def _running(self) -> set[str]:
        """Pods whose process runs now, and can write."""
        return {
            pod.meta.name
            for pod in self.cluster.pods
            if pod.meta.name in self._kube.living
            and any(each.state.phase == "running" for each in pod.status.container_statuses)
        }

    def answered(self, service: str, routes: tuple[str, ...] = ()) -> tuple[int, int]:
        """(bad, total) requests of a service at the newest scrape, as its load balancer counted them.

        Args:
            service: Its name.
            routes: The routes that count; empty for all.

        Raises:
            GamedayError: No such service or route.
        """
        if self.frame is None:
            return 0, 0
        numbers = self.route_rows(service, routes)
        counted = self._balancers.by_code[self.frame.services.index(service), numbers].sum(axis=0)
        total = int(counted.sum())
        return total - int(counted[CODES.index("200")]), total

    def route_rows(self, service: str, routes: tuple[str, ...] = ()) -> list[int]:
        """Places of a service's routes in the by-route counters."""
        known = self.frame.routes if self.frame else {}
        if service not in known:
            raise GamedayError(
                f"service {service!r}",
                expected="one of " + ", ".join(known),
                got=repr(service),
                todo="Name a service of the scenario.",
            )
        unknown = [route for route in routes if route not in known[service]]
        if unknown:
            raise GamedayError(
                f"route {unknown[0]!r} of {service}",
                expected="one of " + ", ".join(known[service]),
                got=repr(unknown[0]),
                todo="Name a route of this service.",
            )
        return [number for number, route in enumerate(known[service]) if not routes or route in routes]

    @property
    def nbytes(self) -> int:
        """Bytes held by series and latency records."""
        return self.store.nbytes + self.fine.nbytes + self.user_fine.nbytes

    def latency_rows(
        self, service: str, routes: tuple[str, ...] = ()
    ) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
        """Rows of the fine record that belong to a service's routes."""
        if self.frame is None:
            return np.zeros(0, dtype=np.int64)
        width = self.frame.requests.shape[1]
        first = self.frame.services.index(service) * width
        return np.array([first + number for number in self.route_rows(service, routes)], dtype=np.int64)
