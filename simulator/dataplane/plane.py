"""The data plane's front: services, versions, instances and users by name; the kernel's arrays behind it.

Everything is added by name and addressed by the small integers that come back. Rows are never reused within a
run.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.dataplane import kernel, readout, spans, state
from simulator.dataplane.controls import Controls
from simulator.dataplane.counters import (
    BOUNDS_NS,
    OUTCOMES,
    CounterFrame,
    InstanceInfo,
    LogRecord,
    Resources,
    Signal,
    TrafficFrame,
)
from simulator.dataplane.equipment import add_pools, equip
from simulator.dataplane.footprint import Size
from simulator.dataplane.messages import Topic
from simulator.dataplane.model import Balancer, Behaviour, Routing
from simulator.dataplane.spans import SpanBatch
from simulator.dataplane.stores import Store
from simulator.errors import GamedayError, SimulationError
from simulator.units import format_clock

_PLAIN: Final = Routing()


class DataPlane(Controls):
    """Requests between services, from users to the last callee.

    Args:
        seed: Of the run; every draw is keyed by it.
        start: Simulated time at which it begins, ns.
        compiled: False runs the uncompiled twin, with the same results.
    """

    # -- what there is ------------------------------------------------------------------------------

    @property
    def events(self) -> int:
        """Request events carried out so far."""
        return int(self._memory.scalars[kernel.EVENTS])

    def add_service(
        self,
        name: str,
        *,
        routes: tuple[str, ...],
        balancer: Balancer = "round_robin",
        held: bool = True,
        routing: Routing = _PLAIN,
        store: Store | None = None,
    ) -> int:
        """Declare a service; all services come before the first version.

        Args:
            name: Unique.
            routes: What it answers.
            balancer: How its callers choose among ready instances.
            held: Whether a worker stays taken while its calls run (thread per request).
            routing: Ejection of outliers, slow start, panic threshold, preference of zones.
            store: What makes it a store with a primary and replicas, or None.

        Returns:
            The service's number.
        """
        if self._names.width:
            raise GamedayError(
                name,
                expected="all services before the first version",
                got="a late service",
                todo="Add it earlier.",
            )
        if name in self._names.routes or not routes or len(set(routes)) != len(routes):
            raise GamedayError(
                name,
                expected="a new service with distinct routes",
                got=repr(routes),
                todo="Rename or add routes.",
            )
        self._names.routes[name] = routes
        self._names.services.append(name)
        self._memory.service = state.grown(self._memory.service, len(self._names.services))
        self._memory.service[-1]["held"] = held
        self._memory.service[-1]["expires"] = kernel.FOREVER
        self._memory.service[-1]["store"] = kernel.NONE
        self._rotations.declare(balancer, routing)
        if store is not None:
            self._stores.declare(name, store)
        return len(self._names.services) - 1

    def add_topic(self, topic: Topic) -> None:
        """Declare a queue of messages, before the first version that publishes to it or consumes from it."""
        self._topics.add(topic)

    def add_program(self, service: str, version: str, behaviour: Behaviour) -> int:
        """Declare what one version of a service does; returns the number that ``add_instance`` takes."""
        self._fix_width()
        return self._programs.add(service, version, behaviour)

    def add_instance(
        self,
        service: str,
        name: str,
        program: int,
        *,
        key: int,
        zone: str = "",
        weight: int = 1,
        listens_at: int | None = None,
    ) -> int:
        """Start one instance of a version; it gets no requests until it is ready.

        Args:
            service: Whose instance.
            name: The pod's name, for counters and logs.
            program: From ``add_program``.
            key: Stable 64-bit key of (owner, revision, ordinal); what later draws of the instance hang on.
            zone: Where it runs, if that matters.
            weight: For smooth weighted round robin.
            listens_at: ns from which its process accepts connections, now by default; before that it refuses
                probes, and requests if it is declared ready too soon.

        Returns:
            The instance's number, which is its row in the counters.
        """
        owner, version, behaviour, first = self._programs.known[program]
        if owner != service:
            raise GamedayError(
                name, expected=f"a version of {service}", got=f"one of {owner}", todo="Pass its own program."
            )
        number = len(self._names.instances)
        self._names.instances.append(InstanceInfo(number, service, name, version))
        if number >= len(self._memory.instance):
            room = max(64, 2 * number)
            self._memory.instance = state.grown(self._memory.instance, room)
            rows = room * self._names.width
            self._memory.n_requests = state.longer(self._memory.n_requests, rows * len(OUTCOMES))
            self._memory.n_latency = state.longer(self._memory.n_latency, rows)
            self._memory.n_bucket = state.longer(self._memory.n_bucket, rows * (len(BOUNDS_NS) + 1))
            self._memory.changed()
        row = self._memory.instance[number]
        row["service"] = self._names.services.index(service)
        row["program"] = first
        row["head"] = row["tail"] = kernel.NONE
        row["row"] = number * self._names.width
        row["speed"] = kernel.SPEED_ONE
        row["since"] = self.now
        equip(row, behaviour, self.now)
        pools = self._programs.pools[program]
        add_pools(self._memory, self._names, row, number, pools)
        self._topics.lay_consumers(number, behaviour.consumes)
        self._processes.begin(number, key, len(pools), listens_at)
        if row["features"]:
            self._memory.widen()
        self._rotations.place(number, int(row["service"]), key, zone, weight)
        return number

    def add_source(
        self, name: str, service: str, routes: dict[str, float], *, objective: int, priority: int = 0
    ) -> int:
        """Declare users of an open load; see ``Users.add``."""
        self._fix_width()
        self._programs.routes_of(service, name)
        return self._users.add(name, service, routes, objective=objective, priority=priority)

    def in_flight(self, instance: int) -> int:
        """Requests queued or running at an instance."""
        return int(self._memory.instance[instance]["open"])

    def remove(self, instance: int) -> None:
        """Assert that an instance has gone: out of rotation and idle. Its counters stay."""
        if self.in_flight(instance):
            raise SimulationError(
                self._names.instances[instance].pod,
                expected="an idle instance",
                got=f"{self.in_flight(instance)} open requests",
                todo="Drain it or kill it first.",
            )
        self.set_ready(instance, False)
        self._programs.caches.crash(instance)
        self._processes.close_pools(instance)

    def advance(self, until: int) -> None:
        """Run every request event strictly before ``until`` (ns)."""
        if until < self.now:
            raise SimulationError(
                "data plane",
                expected=f"a time from {format_clock(self.now)}",
                got=format_clock(until),
                todo="Go on.",
            )
        self._rotations.settle()
        wide = 1 if self._memory.scalars[kernel.WIDE] else None
        while self._kernel.advance(until, wide, *self._memory.arguments()) == kernel.GROW:
            self._memory.grow()

    def advance_to_signal(self, until: int) -> Signal | None:
        """Run as ``advance`` does, but stop at the first event that makes a signal.

        Returns:
            The signal, at whose time the data plane then stands; None when ``until`` was reached without.
        """
        self._memory.scalars[kernel.STOP] = 1
        try:
            if not self._memory.scalars[kernel.SIGNALS]:
                self.advance(until)
        finally:
            self._memory.scalars[kernel.STOP] = 0
        waiting = int(self._memory.scalars[kernel.SIGNALS])
        if not waiting:
            return None
        first = readout.signal(self._memory.signal[0])
        self._memory.signal[: waiting - 1] = self._memory.signal[1:waiting].copy()
        self._memory.scalars[kernel.SIGNALS] = waiting - 1
        return first

    # -- what can be read ---------------------------------------------------------------------------

    def counters(self) -> CounterFrame:
        """All counters now."""
        return readout.counters(self._memory, self._names)

    def traffic(self) -> TrafficFrame:
        """Who asked and what was answered, now, for those who want nothing else."""
        return readout.traffic(self._memory, self._names)

    def resources(self) -> Resources:
        """CPU and memory of all instances now, for those who look often and want nothing else."""
        return readout.resources(self._memory, self._names)

    def drain_log(self) -> list[LogRecord]:
        """The log records since the last drain, in order of time: failures and sampled successes, bounded."""
        return readout.drain_log(self._memory, self._names)

    def drain_traces(self) -> SpanBatch:
        """The spans of traced requests that ended since the last drain, in order of their end, bounded."""
        return spans.drain(self._memory, self._names)

    def drain_signals(self) -> list[Signal]:
        """What the control plane must hear of since the last drain, in order of time."""
        waiting = int(self._memory.scalars[kernel.SIGNALS])
        self._memory.scalars[kernel.SIGNALS] = 0
        return [readout.signal(row) for row in self._memory.signal[:waiting]]

    @property
    def memory_bytes(self) -> int:
        """Bytes that all arrays take now; they grow with what is there and what is open, never with time."""
        return self._memory.bytes

    def memory_size(self, *, instances: int, open_requests: int) -> Size:
        """What this system is made of, for ``footprint.estimate``, once its versions are declared.

        Args:
            instances: Pods over the whole run.
            open_requests: At once: workers and places in queues of the pods that are there at once.
        """
        memory, names = self._memory, self._names
        return Size(
            services=len(names.services),
            routes=names.width or max(map(len, names.routes.values()), default=0),
            instances=instances,
            sources=len(names.sources),
            calls=len(memory.edge),
            keys=len(memory.key) + len(memory.entities),
            open_requests=open_requests,
            messages=int(memory.topic["limit"].sum()),
        )

    def check_conservation(self) -> None:
        """Assert that no request was lost or made.

        Raises:
            SimulationError: Some sum does not come out; the text names it.
        """
        readout.check_conservation(self._memory, self._names)

    # -- behind the front ---------------------------------------------------------------------------

    def _fix_width(self) -> None:
        if self._names.width:
            return
        self._names.width = max(len(routes) for routes in self._names.routes.values())
        self._memory.service["row"] = np.arange(len(self._names.services)) * self._names.width
        rows = len(self._names.services) * self._names.width
        self._memory.n_unrouted = np.zeros(rows, dtype=np.int64)
        self._memory.n_fine = np.zeros(rows * kernel.FINE_BINS, dtype=np.int64)
        self._rotations.lay()
