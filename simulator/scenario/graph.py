"""Who calls and who feeds whom: a declared system's parts and what is between them, in the file's order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.scenario.document import Scenario

USERS: Final = "users"
Endpoint = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a system.

    Attributes:
        name: The service, or ``users``.
        role: What it is, as the scenario's model says.
        workload: What runs behind it; empty for the users and for what is not ours.
    """

    name: str
    role: str
    workload: str


@dataclass(frozen=True, slots=True)
class Graph:
    """A system.

    Attributes:
        parts: By name, the users first.
        calls: (caller, callee), each once.
        routes: The same by route: ((caller, route), (callee, route)).
        feeds: (publisher, topic, consumer), each once: work that nobody waits for.
    """

    parts: dict[str, Part]
    calls: tuple[tuple[str, str], ...]
    routes: tuple[tuple[Endpoint, Endpoint], ...]
    feeds: tuple[tuple[str, str, str], ...] = ()

    def behind(self, service: str, routes: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A part and everything that its answers hang on, nearest first.

        Args:
            service: The part.
            routes: Only what these routes of it need; empty for all.
        """
        found = [each for each, _ in self.routes if each[0] == service and (not routes or each[1] in routes)]
        for end in found:
            found += [callee for caller, callee in self.routes if caller == end and callee not in found]
        return tuple(dict.fromkeys([service, *(name for name, _ in found)]))

    def callers(self, name: str) -> tuple[str, ...]:
        """Who calls a part."""
        return tuple(caller for caller, callee in self.calls if callee == name)

    def callees(self, name: str) -> tuple[str, ...]:
        """Whom a part calls."""
        return tuple(callee for caller, callee in self.calls if caller == name)

    def feeders(self, name: str) -> tuple[tuple[str, str], ...]:
        """(publisher, topic) of the messages that a part handles."""
        return tuple((publisher, topic) for publisher, topic, consumer in self.feeds if consumer == name)

    def fed(self, name: str) -> tuple[tuple[str, str], ...]:
        """(topic, consumer) of the messages that a part publishes."""
        return tuple((topic, consumer) for publisher, topic, consumer in self.feeds if publisher == name)


def graph(scenario: Scenario) -> Graph:
    """The system that a scenario declares."""
    parts = {USERS: Part(USERS, USERS, "")}
    for service in scenario.spec.fronts:
        backend = scenario.spec.backend(service.name)
        role, workload = (backend.model.role, backend.name) if backend else ("external", "")
        parts[service.name] = Part(service.name, role, workload)
    calls = [(USERS, source.service) for source in scenario.spec.traffic]
    routes: list[tuple[Endpoint, Endpoint]] = []
    published: list[Endpoint] = []
    consumed: list[Endpoint] = []
    for part in parts.values():
        declared = scenario.spec.workload(part.workload) if part.workload else None
        for route in declared.model.routes if declared else ():
            calls.extend((part.name, call.service) for call in route.calls)
            routes.extend(((part.name, route.name), (call.service, call.route)) for call in route.calls)
            published.extend((part.name, publish.topic) for publish in route.publishes)
        consumed.extend(
            (part.name, each.topic) for each in (declared.model.consumes or () if declared else ())
        )
    feeds = [(who, topic, whom) for who, topic in published for whom, wanted in consumed if wanted == topic]
    return Graph(
        parts, tuple(dict.fromkeys(calls)), tuple(dict.fromkeys(routes)), tuple(dict.fromkeys(feeds))
    )
