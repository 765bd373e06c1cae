"""Users: open load whose rate may change while the same users keep coming.

Gaps between users are drawn in units of requests, not of time: user n+1 comes once the plan's rate,
summed over time, has used up the gap that belongs to that user. So a changed rate brings the same users
sooner or later.
"""

from __future__ import annotations

import numpy as np

from simulator import streams
from simulator.dataplane import kernel, state
from simulator.dataplane.counters import OUTCOMES, SourceInfo
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.twin import plain_kernel
from simulator.distributions import NODES, Law
from simulator.errors import GamedayError
from simulator.units import SECOND


class Users:
    """The sources of one data plane.

    Args:
        seed: Of the run.
        memory: Of the data plane.
        names: Of the data plane.
    """

    def __init__(self, seed: int, memory: Memory, names: Names) -> None:
        self._seed = seed
        self._memory = memory
        self._names = names
        self._plans: list[list[tuple[int, int]]] = []

    @property
    def _now(self) -> int:
        return int(self._memory.scalars[kernel.NOW])

    def add(
        self,
        name: str,
        service: str,
        routes: dict[str, float],
        *,
        objective: int,
        priority: int = 0,
        synthetic: bool = False,
    ) -> int:
        """Declare users of an open load; they come once ``set_rate`` says how often.

        Args:
            name: Unique; part of the users' key.
            service: Which service they ask.
            routes: Route to weight.
            objective: ns; a good answer that takes longer is a bad experience.
            priority: 0 to 3; 0 is shed last. Calls inherit it.
            synthetic: They are no users; see ``SourceInfo``.

        Returns:
            The source's number.
        """
        known = self._names.routes[service]
        total = sum(routes.values())
        if not set(routes) <= set(known) or total <= 0 or min(routes.values()) < 0:
            raise GamedayError(
                name,
                expected=f"weights above 0 for routes of {service}",
                got=repr(routes),
                todo="Mend the weights.",
            )
        number = len(self._names.sources)
        ordered = tuple(route for route in known if routes.get(route, 0) > 0)
        self._names.sources.append(SourceInfo(number, name, service, ordered, synthetic))
        self._plans.append([(self._now, 0)])
        first = len(self._memory.source_route)
        last = first + len(ordered)
        self._memory.source_route = state.grown(self._memory.source_route, last)
        self._memory.by_source = state.grown(self._memory.by_source, last)
        self._memory.u_answered = state.longer(self._memory.u_answered, last * len(OUTCOMES))
        self._memory.u_fine = state.longer(self._memory.u_fine, last * kernel.FINE_BINS)
        below = 0.0
        for place, route in enumerate(ordered, start=first):
            below += routes[route] / total
            self._memory.source_route[place]["route"] = known.index(route)
            self._memory.source_route[place]["below"] = state.chance(min(below, 1.0))
        self._memory.source = state.grown(self._memory.source, number + 1)
        row = self._memory.source[number]
        row["service"] = self._names.services.index(service)
        row["key"] = streams.fold(self._seed, streams.key("users"), streams.key(name))
        row["begin"] = self._now
        row["route"], row["route_end"] = first, last
        row["objective"] = objective
        if not 0 <= priority <= 3:
            raise GamedayError(
                name, expected="a priority from 0 to 3", got=repr(priority), todo="Choose one."
            )
        row["priority"] = priority
        row["attempts"], row["think"] = 1, kernel.NONE
        plain = plain_kernel()
        first_user = plain.user_span(int(row["key"]), 0)
        gap = Law("exponential", SECOND).quantile(plain.draw(first_user, plain.P_ARRIVAL))
        row["need"] = gap * 1_000_000
        self._lay_plans()
        return number

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
                self._names.sources[source].name,
                expected="rates from 0 to 1,000,000 a second at ascending times",
                got=repr(schedule),
                todo="Sort the schedule and check its rates.",
            )
        memory, plain = self._memory, plain_kernel()
        row = memory.source[source]
        rows = int(row["plan"]), int(row["plan_end"])
        laid = memory.plan_time.tolist(), memory.plan_rate.tolist()
        used = plain.used_hazard(*laid, *rows, int(row["begin"]), self._now)
        row["need"] -= used
        row["begin"] = self._now
        current = max((index for index, at in enumerate(times) if at <= self._now), default=None)
        self._plans[source] = [(self._now, 0), *plan] if current is None else plan[current:]
        self._lay_plans()
        row["gen"] += 1
        rows = int(row["plan"]), int(row["plan_end"])
        laid = memory.plan_time.tolist(), memory.plan_rate.tolist()
        at = plain.next_arrival(*laid, *rows, self._now, int(row["need"]))
        if at != kernel.FOREVER:
            self._memory.push(at, kernel.event(kernel.ARRIVAL, source, int(row["gen"])))

    def be_patient(self, source: int, patience: int, attempts: int, again: int) -> None:
        """Say how long a source's users wait and how often they try; see ``DataPlane.set_patience``."""
        if not (0 <= patience <= 3600 * SECOND and 1 <= attempts <= 16 and 0 <= again <= 3600 * SECOND):
            raise GamedayError(
                self._names.sources[source].name,
                expected="patience and pause up to 1h, and 1 to 16 attempts",
                got=repr((patience, attempts, again)),
                todo="Choose values in these ranges.",
            )
        row = self._memory.source[source]
        row["patience"], row["attempts"], row["again"] = patience, attempts, again
        self._memory.widen()

    def set_people(self, source: int, count: int, table: int) -> None:
        """Make a source's closed load ``count`` users strong; who is too many leaves after this visit."""
        memory = self._memory
        memory.source[source]["think"] = table
        memory.widen()
        mine = np.flatnonzero(memory.person["source"] == source).tolist()
        self._more_people(source, len(mine), max(count - len(mine), 0))
        mine = np.flatnonzero(memory.person["source"] == source).tolist()
        law = memory.tables[table : table + NODES].tolist()
        plain = plain_kernel()
        for number, person in enumerate(mine):
            row = memory.person[person]
            row["active"] = number < count
            if row["active"] and not row["there"]:
                row["there"] = 1
                span = plain.user_span(int(memory.source[source]["key"]), int(row["number"]))
                wait = plain.quantile(law, 0, plain.draw(span, plain.P_THINK + 16 * int(row["visits"])))
                memory.make_room()
                memory.push(self._now + wait, kernel.event(kernel.VISIT, person, 0))

    def bring(self, source: int, count: int, at: int) -> None:
        """Let ``count`` users more come once, all at one time."""
        memory = self._memory
        memory.widen()
        first = len(memory.person)
        self._more_people(source, int((memory.person["source"] == source).sum()), count)
        memory.person["active"][first:] = 1
        for person in range(first, first + count):
            memory.make_room()
            memory.push(at, kernel.event(kernel.VISIT, person, 0))

    def _more_people(self, source: int, known: int, count: int) -> None:
        memory = self._memory
        first = len(memory.person)
        memory.person = state.grown(memory.person, first + count)
        memory.person["source"][first:] = source
        # numbers that no user of the open load will reach
        memory.person["number"][first:] = (1 << 40) + known + np.arange(count)
        memory.changed()

    def _lay_plans(self) -> None:
        rows = [row for plan in self._plans for row in plan]
        self._memory.plan_time = np.array([at for at, _ in rows], dtype=np.int64)
        self._memory.plan_rate = np.array([rate for _, rate in rows], dtype=np.int64)
        first = 0
        for source, plan in enumerate(self._plans):
            done = max(
                (i for i, (at, _) in enumerate(plan) if at <= int(self._memory.source[source]["begin"])),
                default=0,
            )
            self._memory.source[source]["plan"] = first + done
            self._memory.source[source]["plan_end"] = first + len(plan)
            first += len(plan)
        self._memory.changed()
