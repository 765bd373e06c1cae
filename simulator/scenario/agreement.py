"""Whether the parts of a scenario agree: what is set twice is set alike, and nothing is set in vain.

Names that point nowhere are the business of ``references.py``; here every name is good, and still the parts
may not fit together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from simulator.scenario.document import Scenario, Spec
from simulator.scenario.effects import Effect
from simulator.scenario.load import Traffic
from simulator.scenario.problems import Location
from simulator.scenario.resilience import Cache, Call
from simulator.scenario.sealed import RouteOverride, VersionModel
from simulator.scenario.timeline import SetTraffic
from simulator.scenario.workloads import Route, Workload


@dataclass(frozen=True, slots=True)
class Dangling:
    """Something that points nowhere or fits nothing, at a place of the document."""

    location: Location
    expected: str
    got: str
    todo: str


def disagreements(scenario: Scenario) -> Iterator[Dangling]:
    """Everything that is set twice and differs, or is set where it can do nothing."""
    yield from _caches(scenario)
    for index, workload in enumerate(scenario.spec.workloads):
        base: Location = ("spec", "workloads", index, "model")
        yield from _in_vain(workload, VersionModel(), base, workload.model.routes)
    for index, entry in enumerate(scenario.timeline):
        if entry.image is None:
            continue
        released = scenario.spec.workload(entry.image.workload)
        if released is not None:
            yield from _in_vain(released, entry.model, ("timeline", index, "model"), entry.model.routes)
    yield from _balancers(scenario)
    yield from _traffic_changes(scenario)


def _caches(scenario: Scenario) -> Iterator[Dangling]:
    """A cache's entries are shared by name, so all who name it must mean the same ones."""
    known: dict[str, Cache] = {}
    for location, call in _all_calls(scenario):
        if call.cache is None:
            continue
        first = known.setdefault(call.cache.name, call.cache)
        for field in ("keys", "skew", "service"):
            if getattr(call.cache, field) != getattr(first, field):
                yield Dangling(
                    (*location, "cache", field),
                    f"{field} of cache {call.cache.name!r} as before: {getattr(first, field)}",
                    str(getattr(call.cache, field)),
                    "Calls that name a cache share its entries; give each cache a name of its own.",
                )


def _all_calls(scenario: Scenario) -> Iterator[tuple[Location, Call]]:
    for index, workload in enumerate(scenario.spec.workloads):
        yield from _calls_of(workload.model.routes, ("spec", "workloads", index, "model"))
    for index, entry in enumerate(scenario.timeline):
        yield from _calls_of(entry.model.routes, ("timeline", index, "model"))
    for location, effect in _all_effects(scenario.spec):
        yield from _calls_of(effect.model.routes, (*location, "model"))


def _all_effects(spec: Spec) -> Iterator[tuple[Location, Effect]]:
    """The effects of settings and flags, each with its place."""
    causes: list[tuple[Location, Sequence[Effect]]] = [
        *((("spec", "configMaps", n), each.model.effects) for n, each in enumerate(spec.config_maps)),
        *((("spec", "secrets", n), each.model.effects) for n, each in enumerate(spec.secrets)),
        *((("spec", "flags", n), each.model.effects) for n, each in enumerate(spec.flags)),
    ]
    for location, effects in causes:
        for place, effect in enumerate(effects):
            yield (*location, "model", "effects", place), effect


def _calls_of(routes: Iterable[Route | RouteOverride], base: Location) -> Iterator[tuple[Location, Call]]:
    for r_index, route in enumerate(routes):
        for c_index, call in enumerate(route.calls or ()):
            yield (*base, "routes", r_index, "calls", c_index), call


def _in_vain(
    workload: Workload, version: VersionModel, base: Location, routes: Sequence[Route | RouteOverride]
) -> Iterator[Dangling]:
    """Fields of a version (or of the workload's first) that nothing would read."""
    if (version.memory or workload.model.memory) is None:
        for index, route in enumerate(routes):
            if route.leak:
                yield Dangling(
                    (*base, "routes", index, "leak"),
                    "memory beside the routes of a pod that leaks",
                    "a leak alone",
                    "Add model.memory, such as {base: 200Mi, perRequest: 1Mi}.",
                )
    own = version.weight if base[0] == "timeline" else workload.model.weight
    if own is not None and workload.model.balancer != "weighted_round_robin":
        yield Dangling(
            (*base, "weight"),
            "balancer: weighted_round_robin beside a weight",
            f"balancer: {workload.model.balancer}",
            "No other balancer reads weights.",
        )


def _balancers(scenario: Scenario) -> Iterator[Dangling]:
    for index, service in enumerate(scenario.spec.services):
        backend = scenario.spec.backend(service.name)
        if backend is None or service.spec.session_affinity == "None":
            continue
        if backend.model.balancer not in ("round_robin", "ring_hash"):
            yield Dangling(
                ("spec", "services", index, "spec", "sessionAffinity"),
                f"no sessionAffinity beside balancer: {backend.model.balancer}",
                service.spec.session_affinity,
                "Affinity chooses the pod by ring hash; remove one of the two.",
            )
    for index, workload in enumerate(scenario.spec.workloads):
        if workload.model.outlier_detection is None and workload.model.healthy_panic_threshold != 50:
            yield Dangling(
                ("spec", "workloads", index, "model", "healthyPanicThreshold"),
                "outlierDetection beside it",
                "healthyPanicThreshold alone",
                "Without ejections there is nothing to panic about.",
            )


def _traffic_changes(scenario: Scenario) -> Iterator[Dangling]:
    sources = {source.name: source for source in scenario.spec.traffic}
    for index, entry in enumerate(scenario.timeline):
        if not isinstance(entry.action, SetTraffic) or entry.action.source not in sources:
            continue
        change, source = entry.action, sources[entry.action.source]
        wrong = _unfit(change, source)
        if wrong:
            yield Dangling(
                ("timeline", index, "setTraffic", wrong),
                "whole users (vus, stages or crowd)" if source.closed else "a rate, stages or a crowd",
                f"{wrong} for {source.executor}",
                "A source keeps its executor: rates for arrivals, users for VUs.",
            )


def _unfit(change: SetTraffic, source: Traffic) -> str:
    """The field of a change that its source's executor can't follow; empty where all fits."""
    if source.closed:
        whole = all(stage.target == int(stage.target) for stage in change.stages)
        if change.profile is not None:
            return "profile"
        return "rate" if change.rate is not None else "" if whole else "stages"
    return "vus" if change.vus is not None else ""
