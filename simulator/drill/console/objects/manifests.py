"""Live objects as manifests: what ``kubectl get -o yaml`` and ``-o json`` print."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import Final

from ruamel.yaml import YAML

from simulator.drill.console.objects.views import MANIFESTS, Tree, writes
from simulator.units import format_cpu, format_memory
from simulator.world import (
    KINDS,
    AnyObject,
    Cluster,
    Condition,
    Container,
    ContainerState,
    Deployment,
    Event,
    KeyRef,
    ObjectMeta,
    Pod,
    PodSpec,
    PodTemplate,
    Probe,
    ReplicaSet,
    RollingUpdate,
    Service,
    Volume,
    kind_of,
)
from simulator.world.placement import Placement


def manifest(item: AnyObject, cluster: Cluster) -> dict[str, Tree]:
    """An object as the API server would give it; fields that are empty are left out, as there."""
    kind = kind_of(item)
    body, meta = MANIFESTS[kind](item, cluster), _meta(item.meta, cluster)
    if "spec" not in body:  # only what has a spec counts its changes
        meta.pop("generation", None)
    return {"apiVersion": kind.api_version, "kind": kind.kind, "metadata": meta, **body}


def as_yaml(manifests: Sequence[Mapping[str, Tree]], *, alone: bool) -> str:
    """One object, or a ``List`` of them, as YAML with its keys in alphabetical order."""
    printer = YAML(typ="safe", pure=True)
    printer.default_flow_style = False
    printer.width = 4096
    text = io.StringIO()
    printer.dump(_listed(manifests, alone), text)
    return text.getvalue().rstrip("\n")


def as_json(manifests: Sequence[Mapping[str, Tree]], *, alone: bool) -> str:
    """One object, or a ``List`` of them, as JSON with four spaces of indent, as kubectl has it."""
    return json.dumps(_listed(manifests, alone), indent=4, sort_keys=True)


def _listed(manifests: Sequence[Mapping[str, Tree]], alone: bool) -> Mapping[str, Tree]:
    if alone and len(manifests) == 1:
        return manifests[0]
    return {"apiVersion": "v1", "items": list(manifests), "kind": "List", "metadata": {"resourceVersion": ""}}


def kept(tree: dict[str, Tree]) -> dict[str, Tree]:
    """A tree without its empty fields, as the API server leaves them out."""
    return {name: value for name, value in tree.items() if value not in (None, "", {}, [])}


def _meta(meta: ObjectMeta, cluster: Cluster) -> dict[str, Tree]:
    owner: list[Tree] = []
    if meta.owner is not None:
        owner = [
            {
                "apiVersion": next(kind.api_version for kind in KINDS if kind.kind == meta.owner.kind),
                "blockOwnerDeletion": True,
                "controller": True,
                "kind": meta.owner.kind,
                "name": meta.owner.name,
                "uid": meta.owner.uid,
            }
        ]
    return kept(
        {
            "annotations": dict(meta.annotations),
            "creationTimestamp": cluster.timestamp(meta.created_at),
            "deletionTimestamp": None if meta.deleted_at is None else cluster.timestamp(meta.deleted_at),
            "generation": meta.generation,
            "labels": dict(meta.labels),
            "name": meta.name,
            "namespace": meta.namespace,
            "ownerReferences": owner,
            "resourceVersion": str(meta.resource_version),
            "uid": meta.uid,
        }
    )


def conditions_tree(conditions: Sequence[Condition], cluster: Cluster) -> list[Tree]:
    """Conditions as ``status.conditions``."""
    return [
        kept(
            {
                "lastTransitionTime": cluster.timestamp(condition.last_transition_at),
                "message": condition.message,
                "reason": condition.reason,
                "status": condition.status,
                "type": condition.type,
            }
        )
        for condition in conditions
    ]


def _container(container: Container) -> dict[str, Tree]:
    requests = kept(
        {
            "cpu": format_cpu(container.cpu_request_millicores) if container.cpu_request_millicores else "",
            "memory": format_memory(container.memory_request_bytes) if container.memory_request_bytes else "",
        }
    )
    limits = kept(
        {
            "cpu": ""
            if container.cpu_limit_millicores is None
            else format_cpu(container.cpu_limit_millicores),
            "memory": ""
            if container.memory_limit_bytes is None
            else format_memory(container.memory_limit_bytes),
        }
    )
    sleep: Tree = {"sleep": {"seconds": container.pre_stop_sleep_seconds}}
    return kept(
        {
            "env": [_variable(name, value) for name, value in container.env],
            "envFrom": [{_REFS[each.kind]: {"name": each.name}} for each in container.env_from],
            "image": container.image,
            "imagePullPolicy": "IfNotPresent",
            "lifecycle": {"preStop": sleep} if container.pre_stop_sleep_seconds else None,
            "livenessProbe": _probe(container.liveness_probe),
            "name": container.name,
            "ports": [{"containerPort": port, "protocol": "TCP"} for port in container.ports],
            "readinessProbe": _probe(container.readiness_probe),
            "resources": kept({"limits": limits, "requests": requests}),
            "startupProbe": _probe(container.startup_probe),
            "volumeMounts": [
                {"mountPath": each.mount_path, "name": each.name} for each in container.volume_mounts
            ],
        }
    )


def _probe(probe: Probe | None) -> dict[str, Tree] | None:
    if probe is None:
        return None
    return {
        "failureThreshold": probe.failure_threshold,
        "httpGet": {"path": probe.path, "port": probe.port, "scheme": "HTTP"},
        "initialDelaySeconds": probe.initial_delay_seconds,
        "periodSeconds": probe.period_seconds,
        "successThreshold": probe.success_threshold,
        "timeoutSeconds": probe.timeout_seconds,
    }


#: How ``envFrom`` and ``valueFrom`` name a source.
_REFS: Final = {"ConfigMap": "configMapRef", "Secret": "secretRef"}
_KEY_REFS: Final = {"ConfigMap": "configMapKeyRef", "Secret": "secretKeyRef"}


def _variable(name: str, value: str | KeyRef) -> dict[str, Tree]:
    if isinstance(value, str):
        return {"name": name, "value": value}
    reference: Tree = {"key": value.key, "name": value.source.name}
    return {"name": name, "valueFrom": {_KEY_REFS[value.source.kind]: reference}}


def _volume(volume: Volume) -> dict[str, Tree]:
    if volume.source.kind == "ConfigMap":
        return {"configMap": {"defaultMode": 420, "name": volume.source.name}, "name": volume.name}
    return {"name": volume.name, "secret": {"defaultMode": 420, "secretName": volume.source.name}}


def _selector_tree(labels: Mapping[str, str]) -> dict[str, Tree]:
    return {"matchLabels": dict(labels)}


def placement_tree(placement: Placement) -> dict[str, Tree]:
    """The fields of a pod's spec that say where it runs."""
    required: list[Tree] = []
    preferred: list[Tree] = []
    for term in placement.anti_affinity:
        one: Tree = {"labelSelector": _selector_tree(term.selector), "topologyKey": term.topology_key}
        if term.weight is None:
            required.append(one)
        else:
            preferred.append({"podAffinityTerm": one, "weight": term.weight})
    anti = kept(
        {
            "preferredDuringSchedulingIgnoredDuringExecution": preferred,
            "requiredDuringSchedulingIgnoredDuringExecution": required,
        }
    )
    return kept(
        {
            "affinity": {"podAntiAffinity": anti} if anti else None,
            "nodeSelector": dict(placement.node_selector),
            "tolerations": [
                kept(
                    {
                        "effect": each.effect,
                        "key": each.key,
                        "operator": each.operator,
                        "tolerationSeconds": each.seconds,
                        "value": each.value,
                    }
                )
                for each in placement.tolerations
            ],
            "topologySpreadConstraints": [
                {
                    "labelSelector": _selector_tree(each.selector),
                    "maxSkew": each.max_skew,
                    "topologyKey": each.topology_key,
                    "whenUnsatisfiable": each.when_unsatisfiable,
                }
                for each in placement.spread
            ],
        }
    )


def pod_spec_tree(spec: PodSpec) -> dict[str, Tree]:
    """A pod's spec, as declared."""
    return kept(
        {
            **placement_tree(spec.placement),
            "containers": [_container(container) for container in spec.containers],
            "restartPolicy": "Always",
            "terminationGracePeriodSeconds": spec.termination_grace_period_seconds,
            "volumes": [_volume(volume) for volume in spec.volumes],
        }
    )


def template_tree(template: PodTemplate) -> dict[str, Tree]:
    """A pod template, as in a workload's spec."""
    meta = kept({"annotations": dict(template.annotations), "labels": dict(template.labels)})
    return {"metadata": meta, "spec": pod_spec_tree(template.spec)}


def _state(state: ContainerState, cluster: Cluster) -> dict[str, Tree]:
    inside: dict[str, Tree] = {"reason": state.reason, "message": state.message}
    if state.started_at is not None:
        inside["startedAt"] = cluster.timestamp(state.started_at)
    if state.finished_at is not None:
        inside["finishedAt"] = cluster.timestamp(state.finished_at)
    if state.phase == "terminated":
        inside["exitCode"] = state.exit_code
    return {state.phase: kept(inside)}


@writes(ReplicaSet)
def _replica_set(item: ReplicaSet, _cluster: Cluster) -> dict[str, Tree]:
    return {
        "spec": {
            "minReadySeconds": item.spec.min_ready_seconds,
            "replicas": item.spec.replicas,
            "selector": {"matchLabels": dict(item.spec.selector)},
            "template": template_tree(item.spec.template),
        },
        "status": {
            "availableReplicas": item.status.available_replicas,
            "observedGeneration": item.status.observed_generation,
            "readyReplicas": item.status.ready_replicas,
            "replicas": item.status.replicas,
        },
    }


@writes(Service)
def _service(item: Service, _cluster: Cluster) -> dict[str, Tree]:
    ports: list[Tree] = [
        kept({"name": p.name, "port": p.port, "protocol": p.protocol, "targetPort": p.target_port})
        for p in item.spec.ports
    ]
    return {
        "spec": kept(
            {
                "clusterIP": item.spec.cluster_ip,
                "ports": ports,
                "selector": dict(item.spec.selector),
                "sessionAffinity": item.spec.session_affinity,
                "trafficDistribution": item.spec.traffic_distribution,
                "type": item.spec.type,
            }
        )
    }


@writes(Deployment)
def _deployment(item: Deployment, cluster: Cluster) -> dict[str, Tree]:
    spec = item.spec
    strategy: dict[str, Tree] = {"type": "Recreate"}
    if isinstance(spec.strategy, RollingUpdate):
        strategy = {
            "rollingUpdate": {
                "maxSurge": spec.strategy.max_surge,
                "maxUnavailable": spec.strategy.max_unavailable,
            },
            "type": "RollingUpdate",
        }
    status = item.status
    declared = kept(
        {
            "minReadySeconds": spec.min_ready_seconds or None,
            "paused": spec.paused or None,
            "progressDeadlineSeconds": spec.progress_deadline_seconds,
            "replicas": spec.replicas,
            "revisionHistoryLimit": spec.revision_history_limit,
            "selector": {"matchLabels": dict(spec.selector)},
            "strategy": strategy,
            "template": template_tree(spec.template),
        }
    )
    return {
        "spec": declared,
        "status": {
            "availableReplicas": status.available_replicas,
            "conditions": conditions_tree(status.conditions, cluster),
            "observedGeneration": status.observed_generation,
            "readyReplicas": status.ready_replicas,
            "replicas": status.replicas,
            "unavailableReplicas": status.unavailable_replicas,
            "updatedReplicas": status.updated_replicas,
        },
    }


@writes(Pod)
def _pod(item: Pod, cluster: Cluster) -> dict[str, Tree]:
    containers: list[Tree] = [
        kept(
            {
                "image": status.image,
                "imageID": status.image_id,
                "lastState": None if status.last_state is None else _state(status.last_state, cluster),
                "name": status.name,
                "ready": status.ready,
                "restartCount": status.restart_count,
                "started": status.started,
                "state": _state(status.state, cluster),
            }
        )
        for status in item.status.container_statuses
    ]
    spec = kept({**pod_spec_tree(item.spec), "nodeName": item.node_name})
    status = kept(
        {
            "conditions": conditions_tree(item.status.conditions, cluster),
            "containerStatuses": containers,
            "hostIP": item.status.host_ip,
            "message": item.status.message,
            "phase": item.status.phase,
            "podIP": item.status.pod_ip,
            "qosClass": item.spec.qos_class,
            "reason": item.status.reason,
            "startTime": None
            if item.status.started_at is None
            else cluster.timestamp(item.status.started_at),
        }
    )
    return {"spec": spec, "status": status}


@writes(Event)
def _event(item: Event, cluster: Cluster) -> dict[str, Tree]:
    return {
        "count": item.count,
        "firstTimestamp": cluster.timestamp(item.first_at),
        "involvedObject": {"kind": item.kind, "name": item.name, "namespace": item.meta.namespace},
        "lastTimestamp": cluster.timestamp(item.last_at),
        "message": item.message,
        "reason": item.reason,
        "source": kept({"component": item.component, "host": item.node_name}),
        "type": item.type,
    }
