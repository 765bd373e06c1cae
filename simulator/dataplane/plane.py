"""The data plane's front: services, versions, instances and users by name; the kernel's arrays behind it.

Everything is added by name and addressed by the small integers that come back. Rows are never reused within a run.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from simulator import streams
from simulator.dataplane import kernel, state
from simulator.dataplane.counters import (
    BOUNDS_NS,
    BUCKET_OF,
    OUTCOMES,
    CounterFrame,
    EdgeInfo,
    InstanceInfo,
    LogRecord,
    SourceInfo,
)
from simulator.dataplane.model import Balancer, Behaviour
from simulator.dataplane.twin import Column, Table, plain_kernel
from simulator.distributions import NODES, Law
from simulator.errors import GamedayError, SimulationError
from simulator.units import SECOND, format_clock

_BALANCERS: Final[dict[Balancer, int]] = {
    "round_robin": kernel.ROUND_ROBIN,
    "least_request": kernel.LEAST_REQUEST,
}
_FIRST_SLOTS: Final = 2048
#: Requests that may be open at once, at most; a run that needs more is refused, not slowed down in silence.
_MOST_SLOTS: Final = 1 << 20
_LOG_ROOM: Final = 4096


class DataPlane:
    """Requests between services, from users to the last callee.

    Args:
        seed: Of the run; every draw is keyed by it.
        start: Simulated time at which it begins, ns.
        compiled: False runs the uncompiled twin, with the same results.
    """

    def __init__(self, seed: int, *, start: int = 0, compiled: bool = True) -> None:
        self._seed = seed
        self._compiled = compiled and kernel.COMPILED
        self._kernel: Any = kernel if self._compiled else plain_kernel()
        self._services: list[str] = []
        self._routes: dict[str, tuple[str, ...]] = {}
        self._width = 0  # R: routes of the widest service, fixed with the first version
        self._instances: list[InstanceInfo] = []
        self._edges: list[EdgeInfo] = []
        self._edge_rows: dict[tuple[str, str, str, str], int] = {}
        self._sources: list[SourceInfo] = []
        self._plans: list[list[tuple[int, int]]] = []
        self._rotation: list[list[int]] = []
        self._law_offsets: dict[Law, int] = {}
        self._n_programs = self._n_edge_specs = self._n_source_routes = 0

        self._scalars = np.zeros(kernel.N_SCALARS, dtype=np.int64)
        self._scalars[kernel.NOW] = start
        self._heap = state.records(state.HEAP, 2 * _FIRST_SLOTS)
        self._service = state.records(state.SERVICE, 0)
        self._endpoints = np.zeros(0, dtype=np.int64)
        self._instance = state.records(state.INSTANCE, 0)
        self._program = state.records(state.PROGRAM, 0)
        self._edge = state.records(state.EDGE, 0)
        self._source = state.records(state.SOURCE, 0)
        self._source_route = state.records(state.SOURCE_ROUTE, 0)
        self._call = state.records(state.CALL, 0)
        self._work = state.records(state.WORK, 0)
        self._log = state.records(state.LOG, _LOG_ROOM)
        self._tables = np.zeros(0, dtype=np.int64)
        self._plan_time = np.zeros(0, dtype=np.int64)
        self._plan_rate = np.zeros(0, dtype=np.int64)
        self._n_requests = np.zeros(0, dtype=np.int64)
        self._n_latency = np.zeros(0, dtype=np.int64)
        self._n_bucket = np.zeros(0, dtype=np.int64)
        self._n_unrouted = np.zeros(0, dtype=np.int64)
        self._n_fine = np.zeros(0, dtype=np.int64)
        self._by_edge = state.records(state.EDGE_COUNTS, 0)
        self._by_source = state.records(state.SOURCE_COUNTS, 0)
        self._u_answered = np.zeros(0, dtype=np.int64)
        self._u_fine = np.zeros(0, dtype=np.int64)
        self._arguments: tuple[Any, ...] | None = None
        self._grow_slots(_FIRST_SLOTS)
        # table 0: the gaps between users, in nano-requests
        self._law(Law("exponential", SECOND))

    # -- what there is ----------------------------------------------------------------------------------------------

    @property
    def now(self) -> int:
        """Simulated time that the data plane has reached, ns."""
        return int(self._scalars[kernel.NOW])

    @property
    def events(self) -> int:
        """Request events carried out so far."""
        return int(self._scalars[kernel.EVENTS])

    def add_service(
        self, name: str, *, routes: tuple[str, ...], balancer: Balancer = "round_robin", held: bool = True
    ) -> int:
        """Declare a service; all services come before the first version.

        Args:
            name: Unique.
            routes: What it answers.
            balancer: How its callers choose among ready instances.
            held: Whether a worker stays taken while its calls run (thread per request).

        Returns:
            The service's number.
        """
        if self._width:
            raise GamedayError(
                name,
                expected="all services before the first version",
                got="a late service",
                todo="Add it earlier.",
            )
        if name in self._routes or not routes or len(set(routes)) != len(routes):
            raise GamedayError(
                name,
                expected="a new service with distinct routes",
                got=repr(routes),
                todo="Rename or add routes.",
            )
        self._routes[name] = routes
        self._services.append(name)
        self._rotation.append([])
        self._service = state.grown(self._service, len(self._services))
        self._service[-1]["balancer"] = _BALANCERS[balancer]
        self._service[-1]["held"] = held
        return len(self._services) - 1

    def add_program(self, service: str, version: str, behaviour: Behaviour) -> int:
        """Declare what one version of a service does; returns the number that ``add_instance`` takes."""
        self._fix_width()
        where = f"{service} {version}"
        by_name = {route.name: route for route in behaviour.routes}
        wanted = self._routes_of(service, where)
        if set(by_name) != set(wanted) or len(by_name) != len(behaviour.routes):
            raise GamedayError(
                where,
                expected=f"one behaviour for each of the routes {', '.join(wanted)}",
                got=", ".join(route.name for route in behaviour.routes) or "none",
                todo="Give each route once.",
            )
        first = self._n_programs
        self._n_programs += len(wanted)
        self._program = state.grown(self._program, self._n_programs)
        for number, name in enumerate(wanted):
            route = by_name[name]
            row = self._program[first + number]
            row["table"] = self._law(route.service_time)
            row["error"] = state.chance(route.error_rate)
            row["call"], row["calls"] = self._n_edge_specs, len(route.calls)
            for call in route.calls:
                if call.route not in self._routes_of(call.service, where):
                    raise GamedayError(
                        f"{where}, route {name}",
                        expected=f"a route of {call.service}: {', '.join(self._routes[call.service])}",
                        got=repr(call.route),
                        todo="Name one of these.",
                    )
                self._edge = state.grown(self._edge, self._n_edge_specs + 1)
                edge = self._edge[-1]
                self._n_edge_specs += 1
                edge["service"] = self._services.index(call.service)
                edge["route"] = self._routes[call.service].index(call.route)
                edge["timeout"], edge["attempts"], edge["backoff"] = call.timeout, call.attempts, call.backoff
                edge["chance"] = state.chance(call.chance)
                edge["key"] = streams.fold(
                    *(streams.key(part) for part in (service, name, call.service, call.route))
                )
                edge["row"] = self._edge_row(service, name, call.service, call.route)
                edge["oldest"] = edge["newest"] = kernel.NONE
        self._behaviours.append((service, version, behaviour, first))
        self._arguments = None
        return len(self._behaviours) - 1

    def add_instance(self, service: str, name: str, program: int, *, key: int) -> int:
        """Start one instance of a version; it gets no requests until it is ready.

        Args:
            service: Whose instance.
            name: The pod's name, for counters and logs.
            program: From ``add_program``.
            key: Stable 64-bit key of (owner, revision, ordinal); what later draws of the instance hang on.

        Returns:
            The instance's number, which is its row in the counters.
        """
        owner, version, behaviour, first = self._behaviours[program]
        if owner != service:
            raise GamedayError(
                name, expected=f"a version of {service}", got=f"one of {owner}", todo="Pass its own program."
            )
        number = len(self._instances)
        self._instances.append(InstanceInfo(number, service, name, version))
        if number >= len(self._instance):
            room = max(64, 2 * number)
            self._instance = state.grown(self._instance, room)
            rows = room * self._width
            self._n_requests = _longer(self._n_requests, rows * len(OUTCOMES))
            self._n_latency = _longer(self._n_latency, rows)
            self._n_bucket = _longer(self._n_bucket, rows * (len(BOUNDS_NS) + 1))
            self._arguments = None
        row = self._instance[number]
        row["service"] = self._services.index(service)
        row["program"] = first
        row["slots"], row["limit"] = behaviour.concurrency, behaviour.queue_limit
        row["head"] = row["tail"] = kernel.NONE
        row["row"] = number * self._width
        row["speed"] = kernel.SPEED_ONE
        row["since"] = self.now
        self._instance_keys.append(key)
        return number

    def add_source(self, name: str, service: str, routes: dict[str, float], *, objective: int) -> int:
        """Declare users of an open load; they come once ``set_rate`` says how often.

        Args:
            name: Unique; part of the users' key.
            service: Which service they ask.
            routes: Route to weight.
            objective: ns; a good answer that takes longer is a bad experience.

        Returns:
            The source's number.
        """
        self._fix_width()
        known = self._routes_of(service, name)
        total = sum(routes.values())
        if not set(routes) <= set(known) or total <= 0 or min(routes.values()) < 0:
            raise GamedayError(
                name,
                expected=f"weights above 0 for routes of {service}",
                got=repr(routes),
                todo="Mend the weights.",
            )
        number = len(self._sources)
        ordered = tuple(route for route in known if routes.get(route, 0) > 0)
        self._sources.append(SourceInfo(number, name, service, ordered))
        self._plans.append([(self.now, 0)])
        first, self._n_source_routes = self._n_source_routes, self._n_source_routes + len(ordered)
        self._source_route = state.grown(self._source_route, self._n_source_routes)
        self._by_source = state.grown(self._by_source, self._n_source_routes)
        self._u_answered = _longer(self._u_answered, self._n_source_routes * len(OUTCOMES))
        self._u_fine = _longer(self._u_fine, self._n_source_routes * kernel.FINE_BINS)
        below = 0.0
        for place, route in enumerate(ordered, start=first):
            below += routes[route] / total
            self._source_route[place]["route"] = known.index(route)
            self._source_route[place]["below"] = state.chance(min(below, 1.0))
        self._source = state.grown(self._source, number + 1)
        row = self._source[number]
        row["service"] = self._services.index(service)
        row["key"] = streams.fold(self._seed, streams.key("users"), streams.key(name))
        row["begin"] = self.now
        row["route"], row["route_end"] = first, self._n_source_routes
        row["objective"] = objective
        plain = plain_kernel()
        salted = plain.mix((streams.mix(int(row["key"])) + plain.VISIT_SALT) & streams.MASK)
        gap = Law("exponential", SECOND).quantile(plain.draw(salted, plain.P_ARRIVAL))
        row["need"] = gap * 1_000_000
        self._lay_plans()
        return number

    # -- what changes while it runs ---------------------------------------------------------------------------------

    def set_rate(self, source: int, schedule: list[tuple[int, float]]) -> None:
        """Set how often a source's users come, from now on; the same users, sooner or later.

        Args:
            source: From ``add_source``.
            schedule: (from ns, requests a second), ascending; each holds until the next, the last for ever.
        """
        plan = [(at, round(rate * 1e6)) for at, rate in schedule]
        times = [at for at, _ in plan]
        if not plan or times != sorted(set(times)) or any(not 0 <= rate <= 10**12 for _, rate in plan):
            raise GamedayError(
                self._sources[source].name,
                expected="rates from 0 to 1,000,000 a second at ascending times",
                got=repr(schedule),
                todo="Sort the schedule and check its rates.",
            )
        row = self._source[source]
        used = plain_kernel().used_hazard(
            self._plan_time.tolist(), self._plan_rate.tolist(), int(row["plan"]), int(row["plan_end"]),
            int(row["begin"]), self.now,
        )  # fmt: skip
        row["need"] -= used
        row["begin"] = self.now
        current = max((index for index, at in enumerate(times) if at <= self.now), default=None)
        self._plans[source] = [(self.now, 0), *plan] if current is None else plan[current:]
        self._lay_plans()
        row = self._source[source]
        row["gen"] += 1
        at = plain_kernel().next_arrival(
            self._plan_time.tolist(), self._plan_rate.tolist(), int(row["plan"]), int(row["plan_end"]),
            self.now, int(row["need"]),
        )  # fmt: skip
        if at != kernel.FOREVER:
            self._push(at, kernel.ARRIVAL | source << 3 | int(row["gen"]) << 32)

    def set_ready(self, instance: int, ready: bool) -> None:
        """Put an instance into its service's rotation, or take it out (its open requests go on)."""
        service = int(self._instance[instance]["service"])
        rotation, row = self._rotation[service], self._service[service]
        if ready == (instance in rotation):
            return
        if ready:
            rotation.append(instance)
        else:
            place = rotation.index(instance)
            del rotation[place]
            if place < row["cursor"]:
                row["cursor"] -= 1
        if len(rotation) > self._endpoint_room(service):
            self._lay_endpoints()
        first = int(row["first"])
        self._endpoints[first : first + len(rotation)] = rotation
        row["ready"] = len(rotation)

    def set_degraded(
        self, instance: int, *, error_rate: float | None = None, speed: float | None = None
    ) -> None:
        """Make one instance worse than its version.

        Args:
            instance: Which.
            error_rate: Its own chance to fail a request, where that is above its version's.
            speed: 0.25 computes four times slower, for requests that begin from now on.
        """
        row = self._instance[instance]
        if error_rate is not None:
            row["error"] = state.chance(error_rate)
        if speed is not None:
            row["speed"] = max(1, round(speed * kernel.SPEED_ONE))

    def kill(self, instance: int) -> None:
        """End an instance at once: out of rotation, its queued and running requests fail with ``reset``."""
        self.set_ready(instance, False)
        row = self._instance[instance]
        row["queued"] = 0
        row["head"] = row["tail"] = kernel.NONE
        for work in np.flatnonzero(self._work["instance"] == instance).tolist():
            if self._scalars[kernel.HEAP_SIZE] + kernel.MARGIN >= len(self._heap):
                self._grow_heap()
            self._push(self.now, kernel.RESET | work << 3 | int(self._work[work]["gen"]) << 32)

    def in_flight(self, instance: int) -> int:
        """Requests queued or running at an instance."""
        return int(self._instance[instance]["open"])

    def remove(self, instance: int) -> None:
        """Assert that an instance has gone: out of rotation and idle. Its counters stay."""
        if self.in_flight(instance):
            raise SimulationError(
                self._instances[instance].pod,
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
        while self._kernel.advance(until, *self._kernel_arguments()) == kernel.GROW:
            self._grow_heap()
            self._grow_slots(2 * len(self._call))

    # -- what can be read ------------------------------------------------------------------------------------------

    def counters(self) -> CounterFrame:
        """All counters now."""
        n, width, outcomes = len(self._instances), self._width, len(OUTCOMES)
        rows = n * width
        instance = self._instance[:n]
        arrived = np.zeros((len(self._sources), width), dtype=np.int64)
        slow = np.zeros_like(arrived)
        answered = np.zeros((len(self._sources), width, outcomes), dtype=np.int64)
        user_fine = np.zeros((len(self._sources), width, kernel.FINE_BINS), dtype=np.int64)
        for source in range(len(self._sources)):
            first, last = int(self._source[source]["route"]), int(self._source[source]["route_end"])
            span = slice(0, last - first)
            arrived[source, span] = self._by_source["arrived"][first:last]
            slow[source, span] = self._by_source["slow"][first:last]
            answered[source, span] = self._u_answered.reshape(-1, outcomes)[first:last]
            user_fine[source, span] = self._u_fine.reshape(-1, kernel.FINE_BINS)[first:last]
        busy_ns = instance["busy_ns"] + instance["busy"] * (self.now - instance["since"])
        counts = {name: self._by_edge[name].copy() for name in state.EDGE_COUNTS.names or ()}
        return CounterFrame(
            at=self.now,
            services=tuple(self._services),
            routes=dict(self._routes),
            instances=tuple(self._instances),
            edges=tuple(self._edges),
            sources=tuple(self._sources),
            requests=self._n_requests[: rows * outcomes].reshape(n, width, outcomes).copy(),
            latency_ns=self._n_latency[:rows].reshape(n, width).copy(),
            buckets=self._n_bucket[: rows * (len(BOUNDS_NS) + 1)].reshape(n, width, -1).copy(),
            queued=instance["queued"].copy(),
            busy=instance["busy"].copy(),
            slots=instance["slots"].copy(),
            busy_ns=busy_ns,
            work_ns=instance["work_ns"].copy(),
            unrouted=self._n_unrouted.reshape(-1, width).copy(),
            fine=self._n_fine.reshape(len(self._services), width, kernel.FINE_BINS).copy(),
            arrived=arrived,
            answered=answered,
            slow=slow,
            user_fine=user_fine,
            **counts,
        )

    def drain_log(self) -> list[LogRecord]:
        """The log records since the last drain, in order; at most 40 an instance, failures before successes."""
        size = int(self._scalars[kernel.LOG_SIZE])
        self._scalars[kernel.LOG_SIZE] = 0
        self._instance["lines"] = 0
        drained = []
        for at, number, route, outcome, latency, trace, span, cause in self._log[:size].tolist():
            info = self._instances[number]
            drained.append(
                LogRecord(
                    at,
                    number,
                    info.service,
                    info.pod,
                    info.version,
                    self._routes[info.service][route],
                    OUTCOMES[outcome],
                    latency,
                    trace,
                    span,
                    "" if cause < 0 else self._services[cause],
                )  # fmt: skip
            )
        return drained

    def check_conservation(self) -> None:
        """Assert that no request was lost or made.

        Raises:
            SimulationError: Some sum does not come out; the text names it.
        """
        n, outcomes = len(self._instances), len(OUTCOMES)
        answered = self._n_requests[: n * self._width * outcomes].reshape(n, -1).sum(axis=1)
        instance = self._instance[:n]
        live = self._work["instance"][self._work["instance"] != kernel.NONE]
        _equal("requests at instances", instance["offered"], answered + instance["open"])
        _equal(
            "open requests", instance["open"], np.bincount(live, minlength=n)[:n] if n else instance["open"]
        )
        _equal("works in use", np.array([self._scalars[kernel.WORKS_USED]]), np.array([len(live)]))
        users = np.zeros(self._n_source_routes, dtype=np.int64)
        used = np.ones(len(self._call), dtype=bool)
        free = int(self._scalars[kernel.FREE_CALL])
        while free < len(self._call):
            used[free] = False
            free = int(self._call[free]["work"])
        _equal("calls in use", np.array([self._scalars[kernel.CALLS_USED]]), np.array([int(used.sum())]))
        parentless = used & (self._call["parent"] == kernel.NONE)
        np.add.at(users, self._call["row"][parentless], 1)
        _equal(
            "users", self._by_source["arrived"], self._u_answered.reshape(-1, outcomes).sum(axis=1) + users
        )
        waiting = used & (self._call["parent"] != kernel.NONE)
        at_edge = np.zeros(len(self._edges), dtype=np.int64)
        np.add.at(at_edge, self._edge["row"][self._call["edge"][waiting]], 1)
        ended = self._by_edge["failures"] + self._by_edge["abandoned"]
        if (self._by_edge["calls"] < ended + at_edge).any():
            _equal("calls of edges", self._by_edge["calls"], ended + at_edge)

    # -- behind the front ------------------------------------------------------------------------------------------

    def _routes_of(self, service: str, where: str) -> tuple[str, ...]:
        if service not in self._routes:
            raise GamedayError(
                where,
                expected=f"one of the services {', '.join(self._services)}",
                got=repr(service),
                todo="Add it first.",
            )
        return self._routes[service]

    def _fix_width(self) -> None:
        if self._width:
            return
        self._width = max(len(routes) for routes in self._routes.values())
        self._behaviours: list[tuple[str, str, Behaviour, int]] = []
        self._instance_keys: list[int] = []
        self._service["row"] = np.arange(len(self._services)) * self._width
        rows = len(self._services) * self._width
        self._n_unrouted = np.zeros(rows, dtype=np.int64)
        self._n_fine = np.zeros(rows * kernel.FINE_BINS, dtype=np.int64)
        self._lay_endpoints()

    def _edge_row(self, *ends: str) -> int:
        key = (ends[0], ends[1], ends[2], ends[3])
        if key not in self._edge_rows:
            self._edge_rows[key] = len(self._edges)
            self._edges.append(EdgeInfo(len(self._edges), *key))
            self._by_edge = state.grown(self._by_edge, len(self._edges))
        return self._edge_rows[key]

    def _law(self, law: Law) -> int:
        """Offset of a law's table; the same law is laid down once."""
        if law not in self._law_offsets:
            self._law_offsets[law] = len(self._tables)
            self._tables = np.concatenate([self._tables, np.array(law.table(), dtype=np.int64)])
            assert len(self._tables) == len(self._law_offsets) * NODES
            self._arguments = None
        return self._law_offsets[law]

    def _endpoint_room(self, service: int) -> int:
        row = self._service
        last = int(row["first"][service + 1]) if service + 1 < len(row) else len(self._endpoints)
        return last - int(row["first"][service])

    def _lay_endpoints(self) -> None:
        """Give each service's rotation twice the room that it uses."""
        rooms = [max(8, 2 * len(rotation)) for rotation in self._rotation]
        self._endpoints = np.zeros(sum(rooms), dtype=np.int64)
        first = 0
        for service, rotation in enumerate(self._rotation):
            self._service[service]["first"] = first
            self._endpoints[first : first + len(rotation)] = rotation
            first += rooms[service]
        self._arguments = None

    def _lay_plans(self) -> None:
        rows = [row for plan in self._plans for row in plan]
        self._plan_time = np.array([at for at, _ in rows], dtype=np.int64)
        self._plan_rate = np.array([rate for _, rate in rows], dtype=np.int64)
        first = 0
        for source, plan in enumerate(self._plans):
            done = max(
                (i for i, (at, _) in enumerate(plan) if at <= int(self._source[source]["begin"])), default=0
            )
            self._source[source]["plan"] = first + done
            self._source[source]["plan_end"] = first + len(plan)
            first += len(plan)
        self._arguments = None

    def _push(self, at: int, what: int) -> None:
        size = int(self._scalars[kernel.HEAP_SIZE])
        self._scalars[kernel.SEQUENCE] += 1
        plain_kernel().push(
            self._heap["time"], self._heap["seq"], self._heap["what"], size, at,
            int(self._scalars[kernel.SEQUENCE]), what,
        )  # fmt: skip
        self._scalars[kernel.HEAP_SIZE] = size + 1

    def _grow_heap(self) -> None:
        self._heap = state.grown(self._heap, 2 * len(self._heap))
        self._arguments = None

    def _grow_slots(self, count: int) -> None:
        """Make calls and works ``count`` each; new slots join the free lists' front, in order."""
        if count > _MOST_SLOTS:
            raise SimulationError(
                "data plane",
                expected=f"at most {_MOST_SLOTS:,} requests open at once",
                got=f"more, at {format_clock(self.now)}",
                todo="Bound the queues (queueLimit), lower the traffic, or give calls a timeout.",
            )
        old = len(self._call)
        self._call, self._work = state.grown(self._call, count), state.grown(self._work, count)
        for slots, link, head in (
            (self._call, "work", kernel.FREE_CALL),
            (self._work, "next", kernel.FREE_WORK),
        ):
            slots[link][old:count] = np.arange(old + 1, count + 1)
            # the list's end is a number past the last slot; the margin keeps the kernel from reaching it
            slots[link][count - 1] = self._scalars[head] if old else count
            self._scalars[head] = old
        self._work["instance"][old:] = kernel.NONE
        self._arguments = None

    def _kernel_arguments(self) -> tuple[Any, ...]:
        """The arrays in the kernel's order; made anew after any of them was replaced."""
        if self._arguments is None:
            table, column = (lambda a: a, lambda a: a) if self._compiled else (Table, Column)
            self._arguments = (
                column(self._scalars), table(self._heap), table(self._service), column(self._endpoints),
                table(self._instance), table(self._program), table(self._edge), table(self._source),
                table(self._call), table(self._work), column(self._tables), column(self._plan_time),
                column(self._plan_rate), table(self._source_route), column(self._n_requests),
                column(self._n_latency), column(self._n_bucket), column(self._n_unrouted), column(self._n_fine),
                table(self._by_edge), table(self._by_source), column(self._u_answered), column(self._u_fine),
                column(BUCKET_OF), column(BOUNDS_NS), table(self._log),
            )  # fmt: skip
        return self._arguments


def _longer(array: state.Ints, count: int) -> state.Ints:
    longer = np.zeros(count, dtype=np.int64)
    longer[: len(array)] = array
    return longer


def _equal(what: str, left: state.Ints, right: state.Ints) -> None:
    if not np.array_equal(left, right):
        raise SimulationError(
            f"conservation of {what}",
            expected=str(right.tolist()),
            got=str(left.tolist()),
            todo="This is a fault of the kit; report it.",
        )
