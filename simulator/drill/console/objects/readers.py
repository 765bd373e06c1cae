"""Manifests into objects: the spec or data of each kind that can be patched, edited and applied."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace
from typing import Any

from simulator.drill.console.objects.fields import DecodingError, Fields
from simulator.drill.console.objects.reading_pods import pod_template_of
from simulator.drill.console.objects.views import Tree, reads
from simulator.errors import GamedayError
from simulator.scenario.schedules import well_formed
from simulator.world import (
    Cluster,
    ConfigMap,
    CronJob,
    Deployment,
    IntOrPercent,
    Recreate,
    RollingUpdate,
    Secret,
    Service,
    edits,
)
from simulator.world.configuration import TLS
from simulator.world.workloads import scaled_value


def _top(tree: Tree) -> Fields:
    """A manifest without what every kind has."""
    fields = Fields(tree)
    fields.ignore("apiVersion", "kind", "metadata", "status")
    return fields


@reads(Deployment)
def _deployment(item: Deployment, tree: Tree, cluster: Cluster, _now: int) -> bool:
    top = _top(tree)
    spec, before = top.inside("spec"), item.spec
    top.done()
    selector = spec.inside("selector")
    labels = selector.texts("matchLabels")
    selector.done()
    if labels != dict(before.selector):
        raise DecodingError("field is immutable", "spec.selector")
    template = pod_template_of(spec.inside("template"))
    if any(template.labels.get(name) != value for name, value in before.selector.items()):
        said = f"Invalid value: {dict(template.labels)}: `selector` does not match template `labels`"
        raise DecodingError(said, "spec.template.metadata.labels")
    after = replace(
        before,
        replicas=spec.number("replicas", 1),
        template=template,
        strategy=_strategy(spec.inside("strategy")),
        min_ready_seconds=spec.number("minReadySeconds", 0),
        revision_history_limit=spec.number("revisionHistoryLimit", 10),
        progress_deadline_seconds=spec.number("progressDeadlineSeconds", 600),
        paused=spec.truth("paused"),
    )
    spec.done()
    return edits.replace_spec(cluster, item, after)


def _strategy(fields: Fields) -> RollingUpdate | Recreate:
    kind = fields.text("type", "RollingUpdate")
    rolling = fields.inside("rollingUpdate")
    surge, unavailable = (_int_or_percent(rolling, name) for name in ("maxSurge", "maxUnavailable"))
    rolling.done()
    fields.done()
    if kind == "Recreate":
        return Recreate()
    if kind != "RollingUpdate":
        said = f'Unsupported value: "{kind}": supported values: "Recreate", "RollingUpdate"'
        raise DecodingError(said, fields.at("type"))
    if surge == unavailable == 0:
        said = "Invalid value: 0: may not be 0 when `maxSurge` is 0"
        raise DecodingError(said, rolling.at("maxUnavailable"))
    return RollingUpdate(surge, unavailable)


def _int_or_percent(fields: Fields, name: str) -> IntOrPercent:
    value = fields.raw(name)
    if value is None:
        return "25%"
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise DecodingError(
            "json: cannot unmarshal into Go value of type intstr.IntOrString", fields.at(name)
        )
    try:
        scaled_value(value, 1, round_up=True)
    except GamedayError:
        said = f"Invalid value: \"{value}\": a valid percent string must be a numeric string followed by '%'"
        raise DecodingError(said, fields.at(name)) from None
    return value


@reads(ConfigMap)
def _config_map(item: ConfigMap, tree: Tree, cluster: Cluster, _now: int) -> bool:
    top = _top(tree)
    data, immutable = top.texts("data"), top.truth("immutable")
    top.done()
    if item.immutable and (data != item.data or not immutable):
        raise DecodingError("Forbidden: field is immutable when `immutable` is set", "data")
    return _written(item, data, immutable, cluster)


def _written(item: ConfigMap, data: dict[str, str], immutable: bool, cluster: Cluster) -> bool:
    if (data, immutable) == (item.data, item.immutable):
        return False
    item.data, item.immutable = data, immutable
    cluster.changed(item)
    return True


@reads(Secret)
def _secret(item: Secret, tree: Tree, cluster: Cluster, _now: int) -> bool:
    top = _top(tree)
    data = {name: _decoded(name, text) for name, text in top.texts("data").items()}
    data |= top.texts("stringData")
    kind = top.text("type", item.type)
    top.done()
    if kind != item.type:
        raise DecodingError("Invalid value: field is immutable", "type")
    if item.type == TLS and data != item.data:
        said = "Forbidden: certificates are issued here by cmctl renew NAME, not written by hand"
        raise DecodingError(said, "data")
    if data == item.data:
        return False
    item.data = data
    cluster.changed(item)
    return True


def _decoded(name: str, text: str) -> str:
    try:
        return base64.b64decode(text, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        said = "illegal base64 data at input byte 0; write plain text under stringData"
        raise DecodingError(said, f"data.{name}") from None


@reads(CronJob)
def _cron_job(item: CronJob, tree: Tree, cluster: Cluster, _now: int) -> bool:
    top = _top(tree)
    spec = top.inside("spec")
    top.done()
    schedule = spec.text("schedule", item.spec.schedule)
    if not well_formed(schedule):
        said = f'Invalid value: "{schedule}": expected exactly 5 fields, found {len(schedule.split())}'
        raise DecodingError(said, "spec.schedule")
    policy = spec.text("concurrencyPolicy", "Allow")
    if policy not in ("Allow", "Forbid", "Replace"):
        said = f'Unsupported value: "{policy}": supported values: "Allow", "Forbid", "Replace"'
        raise DecodingError(said, "spec.concurrencyPolicy")
    container, image = _job_container(spec.inside("jobTemplate"))
    after = replace(
        item.spec,
        schedule=schedule,
        suspend=spec.truth("suspend"),
        concurrency_policy=policy,
        successful_jobs_history_limit=spec.number("successfulJobsHistoryLimit", 3),
        container=container,
        image=image,
    )
    spec.done()
    if after == item.spec:
        return False
    item.spec = after
    item.meta.generation += 1
    cluster.changed(item)
    return True


def _job_container(template: Fields) -> tuple[str, str]:
    job = template.inside("spec")
    pod_template = job.inside("template")
    pod = pod_template.inside("spec")

    def read(fields: Fields) -> tuple[str, str]:
        found = fields.text("name"), fields.text("image")
        fields.done()
        return found

    containers: tuple[Any, ...] = pod.many("containers", read)
    pod.only("restartPolicy", "Never")
    for fields in (pod, pod_template, job, template):
        fields.done()
    if len(containers) != 1:
        raise DecodingError("Required value: one container", pod.at("containers"))
    name, image = containers[0]
    return name, image


@reads(Service)
def _service(item: Service, tree: Tree, cluster: Cluster, _now: int) -> bool:
    """Affinity and zones alone: what a Service selects and where it listens is fixed here."""
    top = _top(tree)
    spec, before = top.inside("spec"), item.spec
    top.done()
    affinity = spec.text("sessionAffinity", "None")
    if affinity not in ("None", "ClientIP"):
        said = f'Unsupported value: "{affinity}": supported values: "ClientIP", "None"'
        raise DecodingError(said, "spec.sessionAffinity")
    zones = spec.text("trafficDistribution")
    if zones not in ("", "PreferClose"):
        said = f'Unsupported value: "{zones}": supported values: "PreferClose"'
        raise DecodingError(said, "spec.trafficDistribution")
    given = (
        spec.texts("selector"),
        spec.text("type", "ClusterIP"),
        spec.text("clusterIP"),
        spec.many("ports", _port),
    )
    ports = tuple(port.port for port in before.ports)
    fixed = given == (dict(before.selector), before.type, before.cluster_ip, ports)
    spec.done()
    if not fixed:
        said = "Forbidden: what a Service selects, its type and its ports are fixed in this cluster"
        raise DecodingError(said, "spec")
    after = replace(before, session_affinity=affinity, traffic_distribution=zones)
    if after == before:
        return False
    item.spec = after
    cluster.changed(item)
    return True


def _port(fields: Fields) -> int:
    number = fields.number("port", 0, least=1)
    fields.ignore("name", "protocol", "targetPort", "nodePort")
    fields.done()
    return number
