"""Metrics of the cluster: kube-state-metrics, the kubelet and cAdvisor, under their own names.

Source: kubernetes/kube-state-metrics docs/metrics, v2; google/cadvisor docs/storage/prometheus.md. Of
kube-state-metrics' pod series two carry the labels ``service`` and ``version`` besides, as a relabelling by
the pod's own labels would give them.
"""

from __future__ import annotations

from typing import Final

from simulator.telemetry.metric import NANOSECONDS, Metric

_POD: Final = ("namespace", "pod")
_CONTAINER: Final = ("namespace", "pod", "container")
_CADVISOR: Final = ("namespace", "pod", "container", "node")
_DEPLOYMENT: Final = ("namespace", "deployment")
_REPLICA_SET: Final = ("namespace", "replicaset")
_HPA: Final = ("namespace", "horizontalpodautoscaler")

CLUSTER: Final = (
    Metric("kube_deployment_spec_replicas", "gauge", "Number of desired pods for a deployment.", _DEPLOYMENT),
    Metric("kube_deployment_status_replicas", "gauge", "The number of replicas per deployment.", _DEPLOYMENT),
    Metric(
        "kube_deployment_status_replicas_ready",
        "gauge",
        "The number of ready replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas_available",
        "gauge",
        "The number of available replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas_updated",
        "gauge",
        "The number of updated replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas_unavailable",
        "gauge",
        "The number of unavailable replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_spec_paused",
        "gauge",
        "Whether the deployment is paused and will not be processed by the deployment controller.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_condition",
        "gauge",
        "The current status conditions of a deployment.",
        (*_DEPLOYMENT, "condition", "status"),
    ),
    Metric(
        "kube_replicaset_spec_replicas", "gauge", "Number of desired pods for a ReplicaSet.", _REPLICA_SET
    ),
    Metric(
        "kube_replicaset_status_replicas", "gauge", "The number of replicas per ReplicaSet.", _REPLICA_SET
    ),
    Metric(
        "kube_replicaset_status_ready_replicas",
        "gauge",
        "The number of ready replicas per ReplicaSet.",
        _REPLICA_SET,
    ),
    Metric(
        "kube_replicaset_owner",
        "gauge",
        "Information about the ReplicaSet's owner.",
        (*_REPLICA_SET, "owner_kind", "owner_name"),
    ),
    Metric(
        "kube_pod_status_ready",
        "gauge",
        "Describes whether the pod is ready to serve requests.",
        (*_POD, "condition", "service", "version"),
    ),
    Metric(
        "kube_pod_status_phase",
        "gauge",
        "The pods current phase.",
        (*_POD, "phase", "service", "version"),
    ),
    Metric(
        "kube_pod_info",
        "gauge",
        "Information about pod.",
        (*_POD, "node", "pod_ip", "created_by_kind", "created_by_name"),
    ),
    Metric(
        "kube_pod_container_info", "gauge", "Information about a container in a pod.", (*_CONTAINER, "image")
    ),
    Metric(
        "kube_pod_container_status_ready",
        "gauge",
        "Describes whether the containers readiness check succeeded.",
        _CONTAINER,
    ),
    Metric(
        "kube_pod_container_status_running",
        "gauge",
        "Describes whether the container is currently in running state.",
        _CONTAINER,
    ),
    Metric(
        "kube_pod_container_status_restarts_total",
        "counter",
        "The number of container restarts per container.",
        _CONTAINER,
    ),
    Metric(
        "kube_pod_container_status_waiting_reason",
        "gauge",
        "Describes the reason the container is currently in waiting state.",
        (*_CONTAINER, "reason"),
    ),
    Metric(
        "kube_pod_container_status_last_terminated_reason",
        "gauge",
        "Describes the last reason the container was in terminated state.",
        (*_CONTAINER, "reason"),
    ),
    Metric(
        "kube_pod_container_resource_requests",
        "gauge",
        "The number of requested request resource by a container.",
        (*_CONTAINER, "node", "resource", "unit"),
    ),
    Metric(
        "kube_pod_container_resource_limits",
        "gauge",
        "The number of requested limit resource by a container.",
        (*_CONTAINER, "node", "resource", "unit"),
    ),
    Metric("kube_node_info", "gauge", "Information about a cluster node.", ("node", "zone", "internal_ip")),
    Metric(
        "kube_node_status_condition",
        "gauge",
        "The condition of a cluster node.",
        ("node", "condition", "status"),
    ),
    Metric("kube_node_spec_unschedulable", "gauge", "Whether a node can schedule new pods.", ("node",)),
    Metric(
        "kube_node_status_allocatable",
        "gauge",
        "The allocatable for different resources of a node that are available for scheduling.",
        ("node", "resource", "unit"),
    ),
    Metric(
        "kube_horizontalpodautoscaler_spec_min_replicas",
        "gauge",
        "Lower limit for the number of pods that can be set by the autoscaler.",
        _HPA,
    ),
    Metric(
        "kube_horizontalpodautoscaler_spec_max_replicas",
        "gauge",
        "Upper limit for the number of pods that can be set by the autoscaler.",
        _HPA,
    ),
    Metric(
        "kube_horizontalpodautoscaler_status_current_replicas",
        "gauge",
        "Current number of replicas of pods managed by this autoscaler.",
        _HPA,
    ),
    Metric(
        "kube_horizontalpodautoscaler_status_desired_replicas",
        "gauge",
        "Desired number of replicas of pods managed by this autoscaler.",
        _HPA,
    ),
    Metric(
        "container_cpu_usage_seconds_total",
        "counter",
        "Cumulative cpu time consumed in seconds.",
        _CADVISOR,
        NANOSECONDS,
    ),
    Metric(
        "container_memory_working_set_bytes",
        "gauge",
        "Current working set of the container in bytes.",
        _CADVISOR,
    ),
    Metric(
        "prober_probe_total",
        "counter",
        "Cumulative number of a liveness, readiness or startup probe for a container by result.",
        (*_CONTAINER, "probe_type", "result"),
    ),
)
