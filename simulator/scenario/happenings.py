"""Whether a timeline's names mean something: whom a release changes, whose users, whom a fault hits."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario.agreement import Dangling
from simulator.scenario.causes import versions_of
from simulator.scenario.document import Scenario, Spec
from simulator.scenario.faults import Chaos, ChaosSelector
from simulator.scenario.naming import overridden, unknown
from simulator.scenario.nodes import NodeLoss, ZoneOutage
from simulator.scenario.problems import Location
from simulator.scenario.releases import ReleasePlan
from simulator.scenario.timeline import SetImage, SetRouting, SetTraffic, TimelineEntry
from simulator.scenario.workflow import MoveTag
from simulator.scenario.workflow_references import moved, recorded, repinned
from simulator.scenario.workloads import Workload
from simulator.units import format_duration


def timeline(scenario: Scenario) -> Iterator[Dangling]:
    """Everything in the timeline that points nowhere or comes at no possible time."""
    spec, before = scenario.spec, 0
    images = {workload.name: workload.image for workload in spec.workloads}
    for index, entry in enumerate(scenario.timeline):
        location: Location = ("timeline", index)
        if not before <= entry.at < spec.duration:
            yield Dangling(
                (*location, "at"),
                f"a time from {format_duration(before)} to before {format_duration(spec.duration)}",
                format_duration(entry.at),
                "The timeline is in order, and ends before the drill does.",
            )
        before = max(before, entry.at)
        match entry.action:
            case SetImage() as image:
                yield from _image(spec, entry, image, images, location, "setImage")
            case ReleasePlan() as plan:
                yield from _plan(spec, plan, (*location, "release"))
                if entry.image is not None:
                    yield from _image(spec, entry, entry.image, images, location, "release")
            case SetTraffic(source=name):
                if name not in (known := [source.name for source in spec.traffic]):
                    yield unknown((*location, "setTraffic", "source"), "traffic source", name, known)
            case SetRouting() as routing:
                yield from _routing(scenario, routing, (*location, "setRouting"))
            case Chaos() as chaos:
                yield from _chaos(spec, chaos, (*location, "chaos"))
            case MoveTag() as move:
                yield from moved(scenario, move, (*location, "moveTag"))
            case (NodeLoss() | ZoneOutage()) as loss:
                yield from _loss(spec, loss, location)


def _loss(spec: Spec, loss: NodeLoss | ZoneOutage, location: Location) -> Iterator[Dangling]:
    if isinstance(loss, NodeLoss):
        nodes = [node for node, _ in spec.nodes.names]
        if loss.node not in nodes:
            yield unknown((*location, "nodeLoss", "node"), "node", loss.node, nodes)
    else:
        zones = list(dict.fromkeys(zone for _, zone in spec.nodes.names))
        if loss.zone not in zones:
            yield unknown((*location, "zoneOutage", "zone"), "zone", loss.zone, zones)


def _routing(scenario: Scenario, change: SetRouting, location: Location) -> Iterator[Dangling]:
    names = [item.name for item in scenario.spec.fronts]
    backend = scenario.spec.backend(change.service)
    if backend is None or change.service not in names:
        yield unknown((*location, "service"), "service", change.service, names)
        return
    if change.weights is not None and backend.kind == "Rollout":
        yield Dangling(
            (*location, "weights"),
            f"no weights for {change.service}, behind which stands a Rollout",
            "weights",
            "Its controller splits the requests: declare steps with setWeight.",
        )
    tags = versions_of(scenario)[backend.name]
    for version in change.weights or {}:
        if version not in tags:
            yield unknown(
                (*location, "weights", version), f"version of {backend.name}", version, sorted(tags)
            )


def _image(
    spec: Spec,
    entry: TimelineEntry,
    release: SetImage,
    images: dict[str, str],
    location: Location,
    action: str,
) -> Iterator[Dangling]:
    kind = "deployment" if release.deployment is not None else "rollout"
    workload = _released(spec, release.workload, kind)
    if workload is None:
        yield unknown((*location, action, kind), kind, release.workload, _of_kind(spec, kind))
        return
    containers = [container.name for container in workload.spec.template.spec.containers]
    if release.container is not None and release.container not in containers:
        yield unknown((*location, action, "container"), "container", release.container, containers)
    if images[workload.name] == release.image:
        yield Dangling(
            (*location, action, "image"),
            "another image than the one that runs",
            repr(release.image),
            "A release of the same image changes nothing.",
        )
    images[workload.name] = release.image
    yield from recorded(spec, release.run, (*location, action, "run"))
    yield from overridden(spec, workload, entry.model, (*location, "model"))


def _of_kind(spec: Spec, kind: str) -> list[str]:
    return [workload.name for workload in spec.workloads if workload.kind.lower() == kind]


def _released(spec: Spec, name: str, kind: str) -> Workload | None:
    """The workload of that name and kind."""
    found = spec.workload(name)
    return found if found is not None and found.kind.lower() == kind else None


def _plan(spec: Spec, plan: ReleasePlan, location: Location) -> Iterator[Dangling]:
    """The parts of a release beside its image."""
    kind = "deployment" if plan.deployment is not None else "rollout"
    if plan.workload is not None and plan.image is None and _released(spec, plan.workload, kind) is None:
        yield unknown((*location, kind), kind, plan.workload, _of_kind(spec, kind))
    known = {
        "configMap": (plan.config_map, [item.name for item in spec.config_maps]),
        "secret": (plan.secret, [item.name for item in spec.secrets if item.model.certificate is None]),
        "flag": (plan.flag, [item.name for item in spec.flags]),
    }
    for part, (change, names) in known.items():
        if change is not None and change.name not in names:
            what = "ConfigMap" if part == "configMap" else part
            yield unknown((*location, part, "name"), what, change.name, names)
    if plan.flag is not None:
        cohorts = [cohort.name for cohort in spec.cohorts]
        for place, cohort in enumerate(plan.flag.cohorts):
            if cohort not in cohorts:
                yield unknown((*location, "flag", "cohorts", place), "cohort", cohort, cohorts)
    if plan.image is None:
        yield from recorded(spec, plan.run, (*location, "run"))
    if plan.workflow is not None:
        yield from repinned(spec, plan.workflow, (*location, "workflow"))
    if plan.migration is not None:
        schema = next((item for item in spec.schemas if item.name == plan.migration.schema_), None)
        if schema is None:
            names = [item.name for item in spec.schemas]
            yield unknown((*location, "migration", "schema"), "schema", plan.migration.schema_, names)
        elif schema.migration(plan.migration.version) is None:
            versions = [each.version for each in schema.migrations]
            yield unknown((*location, "migration", "version"), "migration", plan.migration.version, versions)


def _chaos(spec: Spec, chaos: Chaos, location: Location) -> Iterator[Dangling]:
    yield from _selector(spec, chaos.selector, (*location, "selector"))
    if chaos.target is not None:
        yield from _selector(spec, chaos.target.selector, (*location, "target", "selector"))
    if chaos.kind == "TimeChaos":
        wanted = chaos.selector.label_selectors.items()
        owners = [
            spec.backend(item.model.certificate.service) for item in spec.secrets if item.model.certificate
        ]
        if not any(owner is not None and wanted <= owner.pod_labels.items() for owner in owners):
            yield Dangling(
                (*location, "selector"),
                "a workload whose Service has a certificate (model.certificate of a Secret)",
                "none",
                "A wrong clock is noticed where certificates are checked, and nowhere else here.",
            )
    if chaos.stressors is not None and chaos.stressors.memory is not None:
        wanted = chaos.selector.label_selectors.items()
        if not any(item.model.memory for item in spec.workloads if wanted <= item.pod_labels.items()):
            yield Dangling(
                (*location, "stressors", "memory"),
                "model.memory at a workload that it selects",
                "none",
                "Memory matters where a workload says what it takes.",
            )


def _selector(spec: Spec, selector: ChaosSelector, location: Location) -> Iterator[Dangling]:
    wanted = selector.label_selectors
    if not wanted or not any(wanted.items() <= item.pod_labels.items() for item in spec.workloads):
        yield Dangling(
            (*location, "labelSelectors"),
            "labels of some workload's pods",
            ", ".join(f"{key}={value}" for key, value in wanted.items()) or "none",
            "A fault that hits nothing can't be found.",
        )
