"""The data plane's front: services, versions, instances and users by name; the kernel's arrays behind it.

Everything is added by name and addressed by the small integers that come back. Rows are never reused within a
run.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from simulator.dataplane import kernel, readout, state
from simulator.dataplane.caches import CacheCounts
from simulator.dataplane.counters import (
    BOUNDS_NS,
    OUTCOMES,
    CounterFrame,
    InstanceInfo,
    LogRecord,
    Signal,
)
from simulator.dataplane.equipment import add_pools, equip
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.model import Balancer, Behaviour, Link, Routing
from simulator.dataplane.programs import Programs
from simulator.dataplane.routing import Rotations
from simulator.dataplane.twin import plain_kernel
from simulator.dataplane.users import Users
from simulator.distributions import Law
from simulator.errors import GamedayError, SimulationError
from simulator.units import format_clock

_PLAIN: Final = Routing()


class DataPlane:
    """Requests between services, from users to the last callee.

    Args:
        seed: Of the run; every draw is keyed by it.
        start: Simulated time at which it begins, ns.
        compiled: False runs the uncompiled twin, with the same results.
    """

    def __init__(self, seed: int, *, start: int = 0, compiled: bool = True) -> None:
        self._compiled = compiled and kernel.COMPILED
        self._kernel: Any = kernel if self._compiled else plain_kernel()
        self._names = Names()
        self._memory = Memory(start, compiled=self._compiled)
        self._programs = Programs(self._memory, self._names)
        self._rotations = Rotations(self._memory, self._names)
        self._users = Users(seed, self._memory, self._names)

    # -- what there is ------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Simulated time that the data plane has reached, ns."""
        return int(self._memory.scalars[kernel.NOW])

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
    ) -> int:
        """Declare a service; all services come before the first version.

        Args:
            name: Unique.
            routes: What it answers.
            balancer: How its callers choose among ready instances.
            held: Whether a worker stays taken while its calls run (thread per request).
            routing: Ejection of outliers, slow start, panic threshold, preference of zones.

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
        self._rotations.declare(balancer, routing)
        return len(self._names.services) - 1

    def add_program(self, service: str, version: str, behaviour: Behaviour) -> int:
        """Declare what one version of a service does; returns the number that ``add_instance`` takes."""
        self._fix_width()
        return self._programs.add(service, version, behaviour)

    def add_instance(
        self, service: str, name: str, program: int, *, key: int, zone: str = "", weight: int = 1
    ) -> int:
        """Start one instance of a version; it gets no requests until it is ready.

        Args:
            service: Whose instance.
            name: The pod's name, for counters and logs.
            program: From ``add_program``.
            key: Stable 64-bit key of (owner, revision, ordinal); what later draws of the instance hang on.
            zone: Where it runs, if that matters.
            weight: For smooth weighted round robin.

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
        row["slots"], row["limit"] = behaviour.concurrency, behaviour.queue_limit
        row["head"] = row["tail"] = kernel.NONE
        row["row"] = number * self._names.width
        row["speed"] = kernel.SPEED_ONE
        row["since"] = self.now
        equip(row, behaviour, self.now)
        add_pools(self._memory, row, self._programs.pools[program])
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

    # -- what changes while it runs -----------------------------------------------------------------

    def set_rate(self, source: int, schedule: list[tuple[int, float]]) -> None:
        """Set how often a source's users come; see ``Users.set_rate``."""
        self._users.set_rate(source, schedule)

    def set_patience(self, source: int, patience: int, *, attempts: int = 1, pause: int = 0) -> None:
        """Let users give up, and try again by themselves.

        Args:
            source: Whose users.
            patience: ns they wait for an answer; 0 for ever.
            attempts: How often they ask at most; every failure counts, giving up too.
            pause: ns before they ask again.
        """
        self._users.be_patient(source, patience, attempts, pause)

    def set_users(self, source: int, count: int, think: Law) -> None:
        """Set a closed load: so many users who ask, wait for the answer, think, and ask again.

        Args:
            source: Whose users; an open load at a rate may run beside it.
            count: How many; those too many leave after the visit they are at.
            think: Law of the time between an answer and the next visit.
        """
        self._users.set_people(source, count, self._programs.law(think))

    def bring_crowd(self, source: int, count: int, at: int) -> None:
        """Let a cohort of users come at one instant; where users think, they stay."""
        if at < self.now or count < 1:
            raise SimulationError(
                "crowd",
                expected=f"one user or more from {format_clock(self.now)}",
                got=f"{count} at {format_clock(at)}",
                todo="Mend the number or the time.",
            )
        self._users.bring(source, count, at)

    def set_ready(self, instance: int, ready: bool) -> None:
        """Put an instance into its service's rotation, or take it out (its open requests go on)."""
        self._rotations.set_ready(instance, ready)

    def set_weights(self, service: str, weights: dict[str, float]) -> None:
        """Split a service's requests between its versions by weight, as a traffic-routed canary does.

        Args:
            service: Whose requests.
            weights: Version to weight; versions without one get nothing; empty ends the split. A version's
                share fails while it has no ready instance.
        """
        self._programs.routes_of(service, "weights")
        self._rotations.set_weights(self._names.services.index(service), weights)

    def set_network(self, links: list[Link]) -> None:
        """Put these links in place of all that were there; an empty list is a network without faults."""
        self._rotations.set_links(links)

    def set_unreachable(self, service: str, unreachable: bool) -> None:
        """Let new connections to a service fail at once (its name or its certificate), or mend that.

        Connections that a pool keeps open go on.
        """
        self._programs.routes_of(service, "unreachable")
        self._memory.service[self._names.services.index(service)]["fault"] = unreachable
        self._memory.widen()

    def flush_cache(self, name: str) -> None:
        """Empty a cache, as a restart of its store would."""
        self._programs.caches.flush(name)

    def cache_counts(self, name: str) -> CacheCounts:
        """Hits, misses, coalesced and stale answers of a cache since the start."""
        return self._programs.caches.counts(name)

    def set_degraded(
        self, instance: int, *, error_rate: float | None = None, speed: float | None = None
    ) -> None:
        """Make one instance worse than its version.

        Args:
            instance: Which.
            error_rate: Its own chance to fail a request, where that is above its version's.
            speed: 0.25 computes four times slower, for requests that begin from now on.
        """
        row = self._memory.instance[instance]
        if error_rate is not None:
            row["error"] = state.chance(error_rate)
        if speed is not None:
            row["speed"] = max(1, round(speed * kernel.SPEED_ONE))

    def kill(self, instance: int) -> None:
        """End an instance at once: out of rotation, its queued and running requests fail with ``reset``."""
        self.set_ready(instance, False)
        row = self._memory.instance[instance]
        row["queued"] = 0
        row["head"] = row["tail"] = row["first_end"] = row["lock_head"] = kernel.NONE
        row["running"] = row["locked"] = 0
        row["core_gen"] += 1
        for work in np.flatnonzero(self._memory.work["instance"] == instance).tolist():
            if self._memory.scalars[kernel.HEAP_SIZE] + kernel.MARGIN >= len(self._memory.heap):
                self._memory.grow_heap()
            self._memory.push(self.now, kernel.event(kernel.RESET, work, int(self._memory.work[work]["gen"])))

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

    def drain_log(self) -> list[LogRecord]:
        """The log records since the last drain, in order of time: failures and sampled successes, bounded."""
        return readout.drain_log(self._memory, self._names)

    def drain_signals(self) -> list[Signal]:
        """What the control plane must hear of since the last drain, in order of time."""
        waiting = int(self._memory.scalars[kernel.SIGNALS])
        self._memory.scalars[kernel.SIGNALS] = 0
        return [readout.signal(row) for row in self._memory.signal[:waiting]]

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
