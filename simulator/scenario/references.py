"""Whether the names in a scenario mean something: calls, selectors, traffic, SLOs, timeline, plays.

What a console line or a query *does* is checked where those live. Here it is only seen to that nothing points
nowhere, since a fault that names nothing would silently do nothing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from simulator.scenario.agreement import Dangling, disagreements
from simulator.scenario.causes import configuration
from simulator.scenario.cluster_references import cluster_dangling
from simulator.scenario.document import Scenario, Spec
from simulator.scenario.happenings import timeline
from simulator.scenario.messaging_references import messaging
from simulator.scenario.naming import called, unknown
from simulator.scenario.problems import Location
from simulator.scenario.rollout_references import rollouts
from simulator.scenario.sealed import NamedPlay, Play
from simulator.scenario.workflow_references import past_runs
from simulator.scenario.workloads import Workload
from simulator.units import format_duration

#: What a play may hold in braces: the pod that looks worst from outside, see ``scenarios/README.md``.
PLACEHOLDER: Final = re.compile(r"\{worst-pod:([a-z0-9.-]+)=([a-zA-Z0-9._-]+)\}")
#: What somebody may have meant as a placeholder; braces of JSON and YAML are none.
_LOOKS_LIKE_ONE: Final = re.compile(r"\{[a-z]+(-[a-z]+)+[:}]|\{[a-z]+:[^ ]")


def dangling(scenario: Scenario) -> list[Dangling]:
    """Everything in the scenario that points nowhere, or can't be meant so."""
    spec = scenario.spec
    found: list[Dangling] = []
    found += _unique(spec, scenario)
    found += _services(spec)
    for index, workload in enumerate(spec.workloads):
        base: Location = ("spec", "workloads", index, "model")
        found += called(
            spec, ((base, r_index, r.name, r.calls) for r_index, r in enumerate(workload.model.routes))
        )
        found += _history(workload, base)
    if not found:
        found += _cycles(spec)
    found += _traffic(spec)
    found += _objectives(spec)
    found += _alerts(spec)
    found += configuration(scenario)
    found += timeline(scenario)
    found += past_runs(spec)
    found += _plays(scenario)
    found += cluster_dangling(spec)
    found += rollouts(spec)
    found += disagreements(scenario)
    found += messaging(scenario)
    for location, world in _other_worlds(scenario):
        found += _relocated(world, location)
    return found


def _other_worlds(scenario: Scenario) -> Iterator[tuple[Location, Scenario]]:
    """The scenario with each other timeline that its files hold, and where that one stands."""
    for index, decoy in enumerate(scenario.decoys):
        yield ("decoys", index, "guilty"), scenario.with_guilty(decoy)
    page = scenario.texts.facilitator
    for index, inject in enumerate(page.injects if page else ()):
        if inject.entry is not None:
            world = scenario.model_copy(update={"timeline": (inject.entry,)})
            yield ("texts", "facilitator", "injects", index, "entry"), world


def _relocated(world: Scenario, location: Location) -> Iterator[Dangling]:
    """What is wrong with the timeline of such a world, at its own place; an inject's entry has no number."""
    skipped = 2 if location[-1] == "entry" else 1
    for item in (*timeline(world), *disagreements(world), *messaging(world)):
        if item.location[0] == "timeline":
            yield replace(item, location=(*location, *item.location[skipped:]))


def _unique(spec: Spec, scenario: Scenario) -> Iterator[Dangling]:
    lists: tuple[tuple[Location, list[str]], ...] = (
        (("spec", "workloads"), [item.name for item in spec.workloads]),
        (("spec", "services"), [item.name for item in spec.services]),
        (("spec", "traffic"), [item.name for item in spec.traffic]),
        (("spec", "slos"), [item.name for item in spec.slos]),
        (("spec", "topics"), [item.name for item in spec.topics]),
        (("spec", "autoscalers"), [item.name for item in spec.autoscalers]),
        (("spec", "analysisTemplates"), [item.name for item in spec.analysis_templates]),
        (("spec", "clusterAnalysisTemplates"), [item.name for item in spec.cluster_analysis_templates]),
        (("spec", "configMaps"), [item.name for item in spec.config_maps]),
        (("spec", "secrets"), [item.name for item in spec.secrets]),
        (("spec", "cohorts"), [item.name for item in spec.cohorts]),
        (("spec", "flags"), [item.name for item in spec.flags]),
        (("spec", "schemas"), [item.name for item in spec.schemas]),
        (("spec", "cronJobs"), [item.name for item in spec.cron_jobs]),
        (("spec", "podDisruptionBudgets"), [item.name for item in spec.pod_disruption_budgets]),
        (("wrongPaths",), [item.name for item in scenario.wrong_paths]),
        (("alternatives",), [item.name for item in scenario.alternatives]),
        (("decoys",), [item.name for item in scenario.decoys]),
        (("checks",), [item.id for item in scenario.checks]),
        *(
            (("spec", "workloads", index, "model", "routes"), [route.name for route in item.model.routes])
            for index, item in enumerate(spec.workloads)
        ),
    )
    for location, names in lists:
        counts = Counter(names)
        for index, name in enumerate(names):
            if counts[name] > 1 and names.index(name) != index:
                yield Dangling((*location, index), "each name once", f"{name!r} again", "Rename one.")
    # The namesake of a player would hide it.
    taken = {"nothing", "reference", "panic"}
    for key, players in _named_plays(scenario):
        for index, player in enumerate(players):
            if player.name in taken:
                yield Dangling(
                    (key, index, "name"), "a name of its own", repr(player.name), "A player has this name."
                )
        taken |= {player.name for player in players}


def _named_plays(scenario: Scenario) -> Iterator[tuple[str, Sequence[NamedPlay]]]:
    """The lists of plays by the keys of the file."""
    yield "wrongPaths", scenario.wrong_paths
    yield "alternatives", scenario.alternatives


def _services(spec: Spec) -> Iterator[Dangling]:
    """Before each workload stands one Service, beside those that its strategy names."""
    chosen: Counter[str] = Counter()
    fronts = spec.fronts
    for index, service in enumerate(spec.services):
        location: Location = ("spec", "services", index, "spec", "selector")
        wanted = service.spec.selector
        matching = [item.name for item in spec.workloads if wanted.items() <= item.pod_labels.items()]
        if service in fronts:
            chosen.update(matching)
        if len(matching) != 1 or not wanted:
            yield Dangling(
                location,
                "labels of exactly one workload's pods",
                f"those of {', '.join(matching) or 'none'}",
                "A service here stands before one workload.",
            )
    names = {service.name for service in spec.services}
    for index, workload in enumerate(spec.workloads):
        if chosen[workload.name] != 1 and names.issuperset(workload.named_services):
            yield Dangling(
                ("spec", "workloads", index, "metadata", "name"),
                "one service that selects its pods"
                + (", beside those that its strategy names" if workload.named_services else ""),
                str(chosen[workload.name]),
                f"Add a service with selector {{{_labels(workload)}}}, or remove one.",
            )


def _labels(workload: Workload) -> str:
    return ", ".join(f"{key}: {value}" for key, value in workload.pod_labels.items())


def _history(workload: Workload, base: Location) -> Iterator[Dangling]:
    history = workload.model.history
    ages = [revision.age for revision in history]
    for index in range(1, len(ages)):
        if ages[index] >= ages[index - 1]:
            yield Dangling(
                (*base, "history", index, "age"),
                f"less than {format_duration(ages[index - 1])}",
                format_duration(ages[index]),
                "The oldest release comes first.",
            )
    if history and history[-1].image != workload.image:
        yield Dangling(
            (*base, "history", len(history) - 1, "image"),
            repr(workload.image),
            repr(history[-1].image),
            "The last release is what runs at the start.",
        )


def _cycles(spec: Spec) -> Iterator[Dangling]:
    """Calls that come back to a route that is still waiting: with held workers, a deadlock."""
    done: set[tuple[str, str]] = set()

    def visit(service: str, route: str, trail: tuple[tuple[str, str], ...]) -> Iterator[Dangling]:
        if (service, route) in done:
            return
        workload = spec.backend(service)
        assert workload is not None, "services were checked before"
        w_index = spec.workloads.index(workload)
        for r_index, candidate in enumerate(workload.model.routes):
            if candidate.name != route:
                continue
            for c_index, call in enumerate(candidate.calls):
                here = (*trail, (service, route))
                if (call.service, call.route) in here:
                    ring = " → ".join(f"{s}/{r}" for s, r in (*here, (call.service, call.route)))
                    yield Dangling(
                        ("spec", "workloads", w_index, "model", "routes", r_index, "calls", c_index),
                        "calls without a cycle",
                        ring,
                        "Break the ring.",
                    )
                else:
                    yield from visit(call.service, call.route, here)
        done.add((service, route))

    for service in spec.fronts:
        backend = spec.backend(service.name)
        for route in backend.model.routes if backend else ():
            yield from visit(service.name, route.name, ())


def _traffic(spec: Spec) -> Iterator[Dangling]:
    names = [item.name for item in spec.fronts]
    for index, source in enumerate(spec.traffic):
        location: Location = ("spec", "traffic", index)
        workload = spec.backend(source.service)
        if source.service not in names:
            yield unknown((*location, "service"), "service", source.service, names)
        elif workload is not None:
            known = [route.name for route in workload.model.routes]
            for route in source.routes:
                if route not in known:
                    yield unknown((*location, "routes", route), f"route of {source.service}", route, known)


def _objectives(spec: Spec) -> Iterator[Dangling]:
    names = [item.name for item in spec.fronts]
    for index, slo in enumerate(spec.slos):
        location: Location = ("spec", "slos", index, "spec")
        query: Location = (
            *location,
            "indicator",
            "spec",
            "ratioMetric",
            "total",
            "metricSource",
            "spec",
            "query",
        )
        if slo.spec.service not in names:
            yield unknown((*location, "service"), "service", slo.spec.service, names)
        if slo.ratio is None:
            continue
        workload = spec.backend(slo.service)
        if slo.service not in names:
            yield unknown(query, "service", slo.service, names)
        elif workload is not None:
            known = [route.name for route in workload.model.routes]
            for route in slo.routes:
                if route not in known:
                    yield unknown(query, f"route of {slo.service}", route, known)


def _alerts(spec: Spec) -> Iterator[Dangling]:
    names = [slo.name for slo in spec.slos]
    for index, name in enumerate(spec.alerts.slos):
        if name not in names:
            yield unknown(("spec", "alerts", "slos", index), "SLO", name, names)


def _plays(scenario: Scenario) -> Iterator[Dangling]:
    yield from _in_order(scenario.reference, ("reference",), scenario.spec.duration)
    length = scenario.spec.duration
    for key, players in _named_plays(scenario):
        for index, player in enumerate(players):
            yield from _in_order(player.plays, (key, index, "plays"), length)
    for index, decoy in enumerate(scenario.decoys):
        if decoy.tell.at >= length:
            yield Dangling(
                ("decoys", index, "tell", "at"),
                f"a time before {format_duration(length)}",
                format_duration(decoy.tell.at),
                "Whoever looks must do so during the drill.",
            )


def _in_order(plays: Sequence[Play], location: Location, duration: int) -> Iterator[Dangling]:
    before = 0
    for index, play in enumerate(plays):
        if not before <= play.at < duration:
            yield Dangling(
                (*location, index, "at"),
                f"a time from {format_duration(before)} to before {format_duration(duration)}",
                format_duration(play.at),
                "Plays are in order of time.",
            )
        before = max(before, play.at)
        if _LOOKS_LIKE_ONE.search(PLACEHOLDER.sub("", play.run)):
            yield Dangling(
                (*location, index, "run"),
                "no placeholder but {worst-pod:LABEL=VALUE}",
                repr(play.run),
                "A play is typed as it stands.",
            )
