"""Whether topics and stores are joined up: each topic has both ends, each name means something."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from simulator.scenario.agreement import Dangling
from simulator.scenario.document import Scenario
from simulator.scenario.messaging import Consume, Publish
from simulator.scenario.naming import unknown
from simulator.scenario.problems import Location
from simulator.scenario.sealed import RouteOverride
from simulator.scenario.timeline import SetStore, SetTopic
from simulator.scenario.workloads import Route, Workload


def messaging(scenario: Scenario) -> Iterator[Dangling]:
    """Everything about topics and stores that points nowhere, or can do nothing."""
    published: set[str] = set()
    consumed: set[str] = set()
    topics = [topic.name for topic in scenario.spec.topics]
    for base, workload, routes, consumes in _models(scenario):
        for place, publish in _publishes(routes, base):
            published.add(publish.topic)
            if publish.topic not in topics:
                yield unknown((*place, "topic"), "topic", publish.topic, topics)
        for index, consume in enumerate(consumes):
            consumed.add(consume.topic)
            yield from _consume(consume, workload, topics, (*base, "consumes", index))
    services = {service.name for service in scenario.spec.fronts}
    for index, name in enumerate(topics):
        place = ("spec", "topics", index)
        if name in services:
            yield Dangling((*place, "name"), "a name that no service has", repr(name), "Rename the topic.")
        for end, ends in (("route that publishes to", published), ("workload that consumes", consumed)):
            if name not in ends:
                yield Dangling(place, f"a {end} it", "none", "A topic without both ends shows nothing.")
    yield from _stores(scenario)
    yield from _changes(scenario, topics)


def _models(
    scenario: Scenario,
) -> Iterator[tuple[Location, Workload, Iterable[Route | RouteOverride], tuple[Consume, ...]]]:
    """Every model of a version: where it stands, whose it is, its routes and what it consumes."""
    for index, workload in enumerate(scenario.spec.workloads):
        model = workload.model
        yield ("spec", "workloads", index, "model"), workload, model.routes, model.consumes or ()
    for index, entry in enumerate(scenario.timeline):
        workload_ = scenario.spec.workload(entry.image.workload) if entry.image is not None else None
        if workload_ is not None:
            yield ("timeline", index, "model"), workload_, entry.model.routes, entry.model.consumes or ()


def _publishes(routes: Iterable[Route | RouteOverride], base: Location) -> Iterator[tuple[Location, Publish]]:
    for r_index, route in enumerate(routes):
        for index, publish in enumerate(route.publishes or ()):
            yield (*base, "routes", r_index, "publishes", index), publish


def _consume(consume: Consume, workload: Workload, topics: list[str], place: Location) -> Iterator[Dangling]:
    if consume.topic not in topics:
        yield unknown((*place, "topic"), "topic", consume.topic, topics)
    known = [route.name for route in workload.model.routes]
    if consume.route not in known:
        yield unknown((*place, "route"), f"route of {workload.name}", consume.route, known)


def _stores(scenario: Scenario) -> Iterator[Dangling]:
    for index, workload in enumerate(scenario.spec.workloads):
        store, known = workload.model.store, [route.name for route in workload.model.routes]
        for place, name in enumerate(store.writes if store is not None else ()):
            if name not in known:
                location = ("spec", "workloads", index, "model", "store", "writes", place)
                yield unknown(location, f"route of {workload.name}", name, known)


def _changes(scenario: Scenario, topics: list[str]) -> Iterator[Dangling]:
    stores = [
        service.name
        for service in scenario.spec.fronts
        if (backend := scenario.spec.backend(service.name)) is not None and backend.model.store is not None
    ]
    for index, entry in enumerate(scenario.timeline):
        match entry.action:
            case SetTopic(topic=name) if name not in topics:
                yield unknown(("timeline", index, "setTopic", "topic"), "topic", name, topics)
            case SetStore(service=name) if name not in stores:
                yield unknown(("timeline", index, "setStore", "service"), "store's service", name, stores)
