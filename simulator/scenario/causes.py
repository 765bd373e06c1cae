"""Whether the names around ConfigMaps, Secrets, flags, schemas and jobs mean something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from simulator.scenario.agreement import Dangling
from simulator.scenario.configuration import Certificate, Schema
from simulator.scenario.document import Scenario, Spec
from simulator.scenario.effects import Effect
from simulator.scenario.naming import overridden, unknown
from simulator.scenario.problems import Location
from simulator.scenario.resilience import Call, ConnectionPool
from simulator.scenario.sources import Source
from simulator.scenario.workloads import Workload
from simulator.units import format_duration

#: Flags that may touch one workload; every subset of them is a behaviour of its own.
_MOST_FLAGS: Final = 6


def configuration(scenario: Scenario) -> Iterator[Dangling]:
    """Everything about them that points nowhere or can't be meant so."""
    spec = scenario.spec
    tags = versions_of(scenario)
    for index, workload in enumerate(spec.workloads):
        yield from _reads(spec, workload, ("spec", "workloads", index, "spec", "template", "spec"))
    for index, config in enumerate(spec.config_maps):
        base: Location = ("spec", "configMaps", index, "model")
        yield from _effects(spec, tags, config.model.effects, base)
        yield from _read_by(spec, "ConfigMap", config.name, config.model.effects, base)
    for index, secret in enumerate(spec.secrets):
        base = ("spec", "secrets", index, "model")
        yield from _effects(spec, tags, secret.model.effects, base)
        yield from _read_by(spec, "Secret", secret.name, secret.model.effects, base)
        if secret.model.certificate is not None:
            yield from _certificate(spec, secret.name, secret.model.certificate, (*base, "certificate"))
    yield from _flags(spec, tags)
    for index, schema in enumerate(spec.schemas):
        yield from _schema(spec, tags, schema, ("spec", "schemas", index))
    for index, job in enumerate(spec.cron_jobs):
        yield from _effects(spec, tags, job.model.effects, ("spec", "cronJobs", index, "model"))


def effects_fit(scenario: Scenario, effects: Sequence[Effect], base: Location) -> Iterator[Dangling]:
    """Everything about a list of effects that points nowhere."""
    yield from _effects(scenario.spec, versions_of(scenario), effects, base)


def versions_of(scenario: Scenario) -> dict[str, set[str]]:
    """The versions of each workload, past and to come, by the tags of their images."""
    found: dict[str, set[str]] = {}
    for workload in scenario.spec.workloads:
        images = [workload.image, *(revision.image for revision in workload.model.history)]
        images += [
            entry.image.image
            for entry in scenario.timeline
            if entry.image is not None and entry.image.workload == workload.name
        ]
        found[workload.name] = {image.rpartition(":")[2] for image in images}
    return found


def _effects(
    spec: Spec, tags: dict[str, set[str]], effects: Sequence[Effect], base: Location
) -> Iterator[Dangling]:
    for index, effect in enumerate(effects):
        location: Location = (*base, "effects", index)
        workload = spec.workload(effect.workload)
        if workload is None:
            names = [item.name for item in spec.workloads]
            yield unknown((*location, "workload"), "workload", effect.workload, names)
            continue
        for place, tag in enumerate(effect.versions):
            if tag not in tags[workload.name]:
                yield unknown(
                    (*location, "versions", place),
                    f"version of {workload.name}",
                    tag,
                    sorted(tags[workload.name]),
                )
        yield from overridden(spec, workload, effect.model, (*location, "model"))
        yield from _pools(workload, effect, (*location, "model", "routes"))


def _pools(workload: Workload, effect: Effect, location: Location) -> Iterator[Dangling]:
    """A process that runs may resize its connection pools; others it would have to be started for."""
    own = {route.name: route.calls for route in workload.model.routes}
    changed = {route.name: route.calls for route in effect.model.routes if route.calls is not None}
    before, after = (
        len(
            {(call.service, call.connection_pool) for each in calls.values() for call in each}
            - _no_pools(calls)
        )
        for calls in (own, {**own, **changed})
    )
    if before != after:
        yield Dangling(
            location,
            f"{before} connection pools, as {workload.name} has",
            str(after),
            "A change while a process runs may resize its pools, not add or remove one.",
        )


def _no_pools(calls: Mapping[str, Sequence[Call]]) -> set[tuple[str, ConnectionPool | None]]:
    return {(call.service, None) for each in calls.values() for call in each}


def _sources(workload: Workload) -> Iterator[tuple[Location, Source, str]]:
    """Every object that a workload's pods read, and where they say so."""
    for index, volume in enumerate(workload.spec.template.spec.volumes):
        yield ("volumes", index), volume.source, volume.object_name
    for c_index, container in enumerate(workload.spec.template.spec.containers):
        for index, whole in enumerate(container.env_from):
            yield ("containers", c_index, "envFrom", index), whole.source, whole.name
        for index, variable in enumerate(container.env):
            if variable.value_from is not None:
                selector = variable.value_from.selector
                yield ("containers", c_index, "env", index), variable.value_from.source, selector.name


def _reads(spec: Spec, workload: Workload, base: Location) -> Iterator[Dangling]:
    known = {
        "ConfigMap": [item.name for item in spec.config_maps],
        "Secret": [item.name for item in spec.secrets],
    }
    for location, source, name in _sources(workload):
        if name not in known[source]:
            yield unknown((*base, *location), source, name, known[source])
    volumes = [volume.name for volume in workload.spec.template.spec.volumes]
    for c_index, container in enumerate(workload.spec.template.spec.containers):
        for index, mount in enumerate(container.volume_mounts):
            if mount.name not in volumes:
                location = (*base, "containers", c_index, "volumeMounts", index, "name")
                yield unknown(location, "volume", mount.name, volumes)


def _read_by(
    spec: Spec, source: Source, name: str, effects: Sequence[Effect], base: Location
) -> Iterator[Dangling]:
    """An object can do something only to those who read it."""
    for index, effect in enumerate(effects):
        workload = spec.workload(effect.workload)
        if workload is None or any((source, name) == (each, other) for _, each, other in _sources(workload)):
            continue
        yield Dangling(
            (*base, "effects", index, "workload"),
            f"a workload whose pods read {source} {name!r}",
            repr(effect.workload),
            "Add envFrom, env or a volume to its pod template.",
        )


def _certificate(spec: Spec, name: str, certificate: Certificate, location: Location) -> Iterator[Dangling]:
    owner = spec.backend(certificate.service)
    if owner is None:
        names = [item.name for item in spec.fronts]
        yield unknown((*location, "service"), "service", certificate.service, names)
        return
    if all((source, other) != ("Secret", name) for _, source, other in _sources(owner)):
        yield Dangling(
            (*location, "service"),
            f"a service whose pods read Secret {name!r}",
            repr(certificate.service),
            f"Mount it in {owner.name}: who serves a certificate reads it.",
        )


def _flags(spec: Spec, tags: dict[str, set[str]]) -> Iterator[Dangling]:
    cohorts = [cohort.name for cohort in spec.cohorts]
    touching: dict[str, int] = {}
    for index, flag in enumerate(spec.flags):
        base: Location = ("spec", "flags", index)
        yield from _effects(spec, tags, flag.model.effects, (*base, "model"))
        for place, cohort in enumerate(flag.cohorts):
            if cohort not in cohorts:
                yield unknown((*base, "cohorts", place), "cohort", cohort, cohorts)
        for workload in dict.fromkeys(effect.workload for effect in flag.model.effects):
            touching[workload] = touching.get(workload, 0) + 1
            if touching[workload] > _MOST_FLAGS:
                yield Dangling(
                    (*base, "model", "effects"),
                    f"at most {_MOST_FLAGS} flags that touch {workload}",
                    "one more",
                    "Let one flag do what two do now.",
                )


def _schema(spec: Spec, tags: dict[str, set[str]], schema: Schema, base: Location) -> Iterator[Dangling]:
    present, ever = set(schema.columns), set(schema.columns)
    before: int | None = None
    pending = False
    for index, migration in enumerate(schema.migrations):
        location: Location = (*base, "migrations", index)
        yield from _effects(spec, tags, migration.model.effects, (*location, "model"))
        for place, column in enumerate(migration.drops):
            if column not in present:
                yield unknown((*location, "drops", place), "column", column, sorted(present))
        present = (present | set(migration.adds)) - set(migration.drops)
        ever |= set(migration.adds)
        age = migration.installed
        if age is not None and (pending or (before is not None and age >= before)):
            yield Dangling(
                (*location, "installed"),
                "nothing behind a pending migration"
                if pending
                else f"less than {format_duration(before or 0)}",
                format_duration(age),
                "Migrations are applied in their order, oldest first.",
            )
        pending, before = pending or age is None, age if age is not None else before
    for index, effect in enumerate(schema.model.effects):
        if effect.when.column not in ever:
            where = (*base, "model", "effects", index, "when", "column")
            yield unknown(where, "column", effect.when.column, sorted(ever))
    yield from _effects(spec, tags, schema.model.effects, (*base, "model"))
