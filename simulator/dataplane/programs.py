"""Versions: what each does on each route, laid down as rows of programs and calls."""

from __future__ import annotations

import numpy as np

from simulator import streams
from simulator.dataplane import kernel, state
from simulator.dataplane.caches import Caches
from simulator.dataplane.counters import EdgeInfo
from simulator.dataplane.frames import BreakerInfo
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.messages import Publish
from simulator.dataplane.model import (
    Behaviour,
    BudgetStyle,
    CallBehaviour,
    CircuitBreaker,
    Pool,
    RetryBudget,
)
from simulator.distributions import NODES, Law
from simulator.errors import GamedayError

_STYLES: dict[BudgetStyle, int] = {
    "ratio": kernel.BY_RATIO,
    "concurrency": kernel.BY_CONCURRENCY,
    "tokens": kernel.BY_TOKENS,
}


class Programs:
    """The versions of one data plane.

    Args:
        memory: Of the data plane.
        names: Of the data plane.
    """

    def __init__(self, memory: Memory, names: Names) -> None:
        self._memory = memory
        self._names = names
        self._edge_rows: dict[tuple[str, str, str, str], int] = {}
        self._law_offsets: dict[Law, int] = {}
        self._n_programs = self._n_edges = 0
        self._alone: dict[tuple[Law, float], int] = {}
        self.caches = Caches(memory, names)
        #: Connection pools of each version, by number: to which service, and what they are.
        self.pools: list[list[tuple[str, Pool]]] = []
        #: (service, version, behaviour, first row) by number.
        self.known: list[tuple[str, str, Behaviour, int]] = []
        # table 0: the gaps between users, in nano-requests
        self.law(Law("exponential", 10**9))

    def routes_of(self, service: str, where: str) -> tuple[str, ...]:
        """The routes of a service that must be known."""
        if service not in self._names.routes:
            raise GamedayError(
                where,
                expected=f"one of the services {', '.join(self._names.services)}",
                got=repr(service),
                todo="Add it first.",
            )
        return self._names.routes[service]

    def law(self, law: Law) -> int:
        """Offset of a law's table; the same law is laid down once."""
        if law not in self._law_offsets:
            self._law_offsets[law] = len(self._memory.tables)
            self._memory.tables = np.concatenate([self._memory.tables, np.array(law.table(), dtype=np.int64)])
            assert len(self._memory.tables) == len(self._law_offsets) * NODES
            self._memory.changed()
        return self._law_offsets[law]

    def add(self, service: str, version: str, behaviour: Behaviour) -> int:
        """Lay down one version; returns its number."""
        where = f"{service} {version}"
        by_name = {route.name: route for route in behaviour.routes}
        wanted = self.routes_of(service, where)
        if set(by_name) != set(wanted) or len(by_name) != len(behaviour.routes):
            raise GamedayError(
                where,
                expected=f"one behaviour for each of the routes {', '.join(wanted)}",
                got=", ".join(route.name for route in behaviour.routes) or "none",
                todo="Give each route once.",
            )
        first = self._n_programs
        self._n_programs += len(wanted)
        self._memory.program = state.grown(self._memory.program, self._n_programs)
        budgets: dict[tuple[str, RetryBudget], int] = {}
        pools: dict[tuple[str, Pool], int] = {}
        for number, name in enumerate(wanted):
            route = by_name[name]
            row = self._memory.program[first + number]
            row["table"] = self.law(route.service_time)
            row["error"] = state.chance(route.error_rate)
            row["leak"], row["shed"] = route.leak, state.chance(route.shed_rate)
            row["cpu"] = route.cpu
            row["lock"] = kernel.NONE if route.lock is None else self.law(route.lock)
            if route.leak or route.shed_rate or route.lock is not None:
                self._memory.widen()
            row["call"], row["calls"] = self._n_edges, len(route.calls)
            for place, call in enumerate(route.calls):
                if isinstance(call, Publish):
                    self._add_publish(service, name, call, f"{where}, route {name}")
                    continue
                self._add_call(service, name, call, f"{where}, route {name}")
                edge = self._memory.edge[-1]
                features = self._protect(edge, call, budgets)
                if call.breaker is not None:
                    features |= kernel.E_BREAKER
                    edge["breaker"] = self._breaker(call.breaker)
                    place_of = BreakerInfo(
                        int(edge["breaker"]), service, version, name, call.service, call.route
                    )
                    self._names.breakers.append(place_of)
                if call.pool is not None:
                    features |= kernel.E_POOL
                    edge["pool"] = pools.setdefault((call.service, call.pool), len(pools))
                if call.cache is not None:
                    features |= kernel.E_CACHE
                    edge["cache"] = self.caches.lay(call.cache)
                if call.parallel or call.copies > 1:
                    features |= kernel.E_GROUP
                    edge["group"] = call.parallel or 1001 + place
                edge["features"] = features
                if features:
                    self._memory.widen()
            copies = sum(1 if isinstance(call, Publish) else call.copies for call in route.calls)
            self._memory.reserve(kernel.MARGIN + 2 * copies)
        self.pools.append(list(pools))
        self.known.append((service, version, behaviour, first))
        self._memory.changed()
        return len(self.known) - 1

    def alone(self, law: Law, error_rate: float) -> int:
        """The row of a program without calls, laid down once for each law and chance of an error."""
        if (law, error_rate) not in self._alone:
            self._alone[law, error_rate] = self._n_programs
            self._n_programs += 1
            self._memory.program = state.grown(self._memory.program, self._n_programs)
            row = self._memory.program[-1]
            row["table"], row["error"] = self.law(law), state.chance(error_rate)
            row["lock"] = kernel.NONE
            self._memory.changed()
        return self._alone[law, error_rate]

    def _add_call(self, service: str, route: str, call: CallBehaviour, where: str) -> None:
        """One row of ``EDGE`` with what every call has."""
        if call.route not in self.routes_of(call.service, where):
            raise GamedayError(
                where,
                expected=f"a route of {call.service}: {', '.join(self._names.routes[call.service])}",
                got=repr(call.route),
                todo="Name one of these.",
            )
        self._n_edges += 1
        self._memory.edge = state.grown(self._memory.edge, self._n_edges)
        edge = self._memory.edge[-1]
        edge["service"] = self._names.services.index(call.service)
        edge["route"] = self._names.routes[call.service].index(call.route)
        edge["timeout"], edge["attempts"], edge["backoff"] = call.timeout, call.attempts, call.backoff
        edge["chance"] = state.chance(call.chance)
        edge["key"] = streams.fold(
            *(streams.key(part) for part in (service, route, call.service, call.route))
        )
        edge["row"] = self._edge_row(service, route, call.service, call.route)
        edge["oldest"] = edge["newest"] = edge["breaker"] = edge["budget"] = kernel.NONE
        edge["copies"] = call.copies

    def _add_publish(self, service: str, route: str, publish: Publish, where: str) -> None:
        """One row of ``EDGE`` for a message that a route sends."""
        if publish.topic not in self._names.topics:
            raise GamedayError(
                where,
                expected=f"one of the topics {', '.join(self._names.topics) or '(none is declared)'}",
                got=repr(publish.topic),
                todo="Declare it with add_topic first.",
            )
        self._n_edges += 1
        self._memory.edge = state.grown(self._memory.edge, self._n_edges)
        edge = self._memory.edge[-1]
        edge["topic"] = self._names.topics.index(publish.topic)
        edge["features"], edge["chance"] = kernel.E_PUBLISH, state.chance(publish.chance)
        parts = service, route, "publish", publish.topic
        edge["key"] = streams.fold(*(streams.key(part) for part in parts))
        edge["row"] = self._edge_row(service, route, publish.topic, "publish")
        edge["service"] = edge["oldest"] = edge["newest"] = edge["breaker"] = edge["budget"] = kernel.NONE
        edge["copies"] = 1
        self._memory.widen()

    def _protect(
        self, edge: np.void, call: CallBehaviour, budgets: dict[tuple[str, RetryBudget], int]
    ) -> int:
        """Lay down a call's budget, hedge, fallback and deadline; returns the features' bits."""
        features = 0
        if call.budget is not None:
            features |= kernel.E_BUDGET
            shared = (call.service, call.budget)
            if shared not in budgets:
                budgets[shared] = self._budget(call.budget)
            edge["budget"] = budgets[shared]
        if call.hedge is not None:
            features |= kernel.E_HEDGE
            edge["hedge_delay"], edge["hedges"] = call.hedge.delay, call.hedge.copies
        if call.fallback:
            features |= kernel.E_FALLBACK
        if call.propagate_deadline:
            features |= kernel.E_DEADLINE
            edge["allow"], edge["timeout"] = call.timeout, 0
        return features

    def _breaker(self, breaker: CircuitBreaker) -> int:
        memory = self._memory
        memory.breaker = state.grown(memory.breaker, len(memory.breaker) + 1)
        row = memory.breaker[-1]
        row["window"], row["minimum"] = breaker.window, min(breaker.minimum_calls, breaker.window)
        row["failure_rate"], row["slow_rate"] = breaker.failure_rate, breaker.slow_rate
        row["slow_after"], row["wait"] = breaker.slow_call, breaker.wait_open
        row["half_calls"] = breaker.half_open_calls
        row["first"] = len(memory.windows)
        room = len(memory.windows) + max(breaker.window, breaker.half_open_calls)
        memory.windows = state.longer(memory.windows, room)
        return len(memory.breaker) - 1

    def _budget(self, budget: RetryBudget) -> int:
        memory = self._memory
        memory.budget = state.grown(memory.budget, len(memory.budget) + 1)
        row = memory.budget[-1]
        row["style"], row["ratio"] = _STYLES[budget.style], round(budget.ratio * 1000)
        row["minimum"], row["most"] = budget.minimum, budget.max_tokens * 1000
        row["tokens"] = row["most"] if budget.style == "tokens" else 0
        return len(memory.budget) - 1

    def _edge_row(self, *ends: str) -> int:
        key = (ends[0], ends[1], ends[2], ends[3])
        if key not in self._edge_rows:
            self._edge_rows[key] = len(self._names.edges)
            self._names.edges.append(EdgeInfo(len(self._names.edges), *key))
            self._memory.by_edge = state.grown(self._memory.by_edge, len(self._names.edges))
            room = len(self._names.edges) * kernel.N_REASONS
            self._memory.n_failed = state.longer(self._memory.n_failed, room)
        return self._edge_rows[key]
