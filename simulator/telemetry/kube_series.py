"""What kube-state-metrics says of each kind of object, as series.

Source: kubernetes/kube-state-metrics internal/store, v2. A condition or phase is one series for each value
that it may have, 1 for the one that holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from simulator.engine.images import version_of
from simulator.world import (
    Cluster,
    Condition,
    Container,
    Deployment,
    Node,
    Pod,
    ReplicaSet,
    matches,
)
from simulator.world.autoscaling import HorizontalPodAutoscaler

Series = dict[tuple[str, ...], float]

PHASES: Final = ("Pending", "Running", "Succeeded", "Failed", "Unknown")
_STATUSES: Final = ("true", "false", "unknown")


@dataclass(frozen=True, slots=True)
class Subject:
    """What there is to read: the cluster, and who the data plane says that each pod is."""

    cluster: Cluster
    identities: Mapping[str, tuple[str, str]]

    def identity(self, pod: Pod) -> tuple[str, str]:
        """Service and version; before its container starts, by selector and image."""
        known = self.identities.get(pod.meta.name)
        if known is not None:
            return known
        selecting = (one for one in self.cluster.services if matches(one.spec.selector, pod.meta.labels))
        service = next((one.meta.name for one in selecting), pod.deployment)
        return service, version_of(pod.spec.containers[0].image) if pod.spec.containers else ""


@dataclass(frozen=True, slots=True)
class Group:
    """Families that are computed together.

    Attributes:
        kinds: Plurals of the kinds after whose change they are computed anew.
        families: Their names.
        read: Computes them.
    """

    kinds: tuple[str, ...]
    families: tuple[str, ...]
    read: Callable[[Subject], dict[str, Series]]


def _deployments(subject: Subject) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for one in subject.cluster.deployments:
        labels = (one.meta.namespace, one.meta.name)
        for name, value in _replicas(one):
            found.setdefault(f"kube_deployment_{name}", {})[labels] = value
        conditions = found.setdefault("kube_deployment_status_condition", {})
        conditions.update(_conditions(labels, one.status.conditions))
    return found


def _replicas(one: Deployment) -> Iterable[tuple[str, float]]:
    spec, status = one.spec, one.status
    return (
        ("spec_replicas", spec.replicas),
        ("spec_paused", float(spec.paused)),
        ("status_replicas", status.replicas),
        ("status_replicas_ready", status.ready_replicas),
        ("status_replicas_available", status.available_replicas),
        ("status_replicas_updated", status.updated_replicas),
        ("status_replicas_unavailable", status.unavailable_replicas),
    )


def _conditions(labels: tuple[str, ...], conditions: Iterable[Condition]) -> Series:
    return {
        (*labels, condition.type, status): float(condition.status.lower() == status)
        for condition in conditions
        for status in _STATUSES
    }


def _replica_sets(subject: Subject) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for one in subject.cluster.replica_sets:
        labels = (one.meta.namespace, one.meta.name)
        found.setdefault("kube_replicaset_spec_replicas", {})[labels] = one.spec.replicas
        found.setdefault("kube_replicaset_status_replicas", {})[labels] = one.status.replicas
        found.setdefault("kube_replicaset_status_ready_replicas", {})[labels] = one.status.ready_replicas
        owners = found.setdefault("kube_replicaset_owner", {})
        owners[(*labels, *_owner(one))] = 1.0
    return found


def _owner(one: ReplicaSet | Pod) -> tuple[str, str]:
    """Kind and name of the controller of an object, as kube-state-metrics writes it."""
    owner = one.meta.owner
    return (owner.kind, owner.name) if owner is not None else ("<none>", "<none>")


def _pods(subject: Subject) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for pod in subject.cluster.pods:
        labels = (pod.meta.namespace, pod.meta.name)
        identity = subject.identity(pod)
        ready = {"true": pod.ready, "false": not pod.ready, "unknown": False}
        found.setdefault("kube_pod_status_ready", {}).update(
            {(*labels, condition, *identity): float(holds) for condition, holds in ready.items()}
        )
        found.setdefault("kube_pod_status_phase", {}).update(
            {(*labels, phase, *identity): float(pod.status.phase == phase) for phase in PHASES}
        )
        info = (*labels, pod.node_name, pod.status.pod_ip, *_owner(pod))
        found.setdefault("kube_pod_info", {})[info] = 1.0
        for container in pod.spec.containers:
            for name, series in _resources(labels, pod, container).items():
                found.setdefault(name, {}).update(series)
        for name, series in _containers(labels, pod).items():
            found.setdefault(name, {}).update(series)
    return found


def _resources(labels: tuple[str, str], pod: Pod, container: Container) -> dict[str, Series]:
    where = (*labels, container.name, pod.node_name)
    cpu, memory = (*where, "cpu", "core"), (*where, "memory", "byte")
    requests: Series = {}
    if container.cpu_request_millicores:
        requests[cpu] = container.cpu_request_millicores / 1000
    if container.memory_request_bytes:
        requests[memory] = container.memory_request_bytes
    limits: Series = {}
    if container.cpu_limit_millicores is not None:
        limits[cpu] = container.cpu_limit_millicores / 1000
    if container.memory_limit_bytes is not None:
        limits[memory] = container.memory_limit_bytes
    return {
        "kube_pod_container_resource_requests": requests,
        "kube_pod_container_resource_limits": limits,
    }


def _containers(labels: tuple[str, str], pod: Pod) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for status in pod.status.container_statuses:
        where = (*labels, status.name)
        found.setdefault("kube_pod_container_info", {})[(*where, status.image)] = 1.0
        found.setdefault("kube_pod_container_status_ready", {})[where] = float(status.ready)
        running = float(status.state.phase == "running")
        found.setdefault("kube_pod_container_status_running", {})[where] = running
        found.setdefault("kube_pod_container_status_restarts_total", {})[where] = status.restart_count
        if status.state.phase == "waiting" and status.state.reason:
            waiting = found.setdefault("kube_pod_container_status_waiting_reason", {})
            waiting[(*where, status.state.reason)] = 1.0
        if status.last_state is not None and status.last_state.reason:
            ended = found.setdefault("kube_pod_container_status_last_terminated_reason", {})
            ended[(*where, status.last_state.reason)] = 1.0
    return found


def _nodes(subject: Subject) -> dict[str, Series]:
    found: dict[str, Series] = {}
    nodes: Iterable[Node] = subject.cluster.nodes
    for node in nodes:
        name = node.meta.name
        found.setdefault("kube_node_info", {})[(name, node.zone, node.status.internal_ip)] = 1.0
        conditions = found.setdefault("kube_node_status_condition", {})
        conditions.update(_conditions((name,), node.status.conditions))
        found.setdefault("kube_node_spec_unschedulable", {})[(name,)] = float(node.spec.unschedulable)
        found.setdefault("kube_node_status_allocatable", {}).update(
            {
                (name, "cpu", "core"): node.spec.cpu_millicores / 1000,
                (name, "memory", "byte"): node.spec.memory_bytes,
                (name, "pods", "integer"): node.spec.pods,
            }
        )
    return found


def _autoscalers(subject: Subject) -> dict[str, Series]:
    found: dict[str, Series] = {}
    for one in subject.cluster.table(HorizontalPodAutoscaler):
        labels = (one.meta.namespace, one.meta.name)
        for name, value in (
            ("spec_min_replicas", one.spec.min_replicas),
            ("spec_max_replicas", one.spec.max_replicas),
            ("status_current_replicas", one.status.current_replicas),
            ("status_desired_replicas", one.status.desired_replicas),
        ):
            found.setdefault(f"kube_horizontalpodautoscaler_{name}", {})[labels] = value
    return found


def _named(prefix: str, *names: str) -> tuple[str, ...]:
    return tuple(f"{prefix}_{name}" for name in names)


#: Everything, by the kinds that it follows.
GROUPS: Final = (
    Group(
        ("deployments",),
        _named(
            "kube_deployment",
            *("spec_replicas", "spec_paused", "status_condition", "status_replicas"),
            *("status_replicas_ready", "status_replicas_available", "status_replicas_updated"),
            "status_replicas_unavailable",
        ),
        _deployments,
    ),
    Group(
        ("replicasets",),
        _named("kube_replicaset", "spec_replicas", "status_replicas", "status_ready_replicas", "owner"),
        _replica_sets,
    ),
    Group(
        ("pods", "services"),
        (
            *_named("kube_pod", "status_ready", "status_phase", "info", "container_info"),
            *_named("kube_pod_container_status", "ready", "running", "restarts_total"),
            *_named("kube_pod_container_status", "waiting_reason", "last_terminated_reason"),
            *_named("kube_pod_container_resource", "requests", "limits"),
        ),
        _pods,
    ),
    Group(
        ("nodes",),
        _named("kube_node", "info", "status_condition", "spec_unschedulable", "status_allocatable"),
        _nodes,
    ),
    Group(
        ("horizontalpodautoscalers",),
        _named(
            "kube_horizontalpodautoscaler",
            *("spec_min_replicas", "spec_max_replicas"),
            *("status_current_replicas", "status_desired_replicas"),
        ),
        _autoscalers,
    ),
)
