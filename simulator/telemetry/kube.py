"""What kube-state-metrics exposes: replica counts of deployments and the readiness of pods."""

from __future__ import annotations

import numpy as np

from simulator.telemetry.store import Family, Store
from simulator.world import Cluster, Deployment, Pod


def living_pods(cluster: Cluster) -> frozenset[str]:
    """Names of the pods whose containers run, and which can therefore be scraped."""
    return frozenset(pod.meta.name for pod in cluster.pods if pod.status.phase == "Running")


class KubeCollector:
    """Writes ``kube_*``; a deleted object's series end."""

    def __init__(self, store: Store, cluster: Cluster) -> None:
        self._cluster = cluster
        self._deployments = _Objects(
            store,
            (
                "kube_deployment_spec_replicas",
                "kube_deployment_status_replicas",
                "kube_deployment_status_replicas_ready",
                "kube_deployment_status_replicas_available",
                "kube_deployment_status_replicas_updated",
                "kube_deployment_status_replicas_unavailable",
            ),
        )
        self._pods = _Objects(store, ("kube_pod_status_ready",))
        self._pod_labels: dict[str, tuple[str, ...]] = {}  # by uid: a pod's labels here never change

    def collect(self) -> None:
        """Write the current state of all deployments and pods."""
        self._deployments.write(
            {(one.meta.namespace, one.meta.name): _replicas(one) for one in self._cluster.deployments}
        )
        self._pods.write({self._labels(one): (float(one.ready),) for one in self._cluster.pods})

    def _labels(self, pod: Pod) -> tuple[str, ...]:
        known = self._pod_labels.get(pod.meta.uid)
        if known is None:
            known = self._pod_labels[pod.meta.uid] = _labels(pod)
        return known


class _Objects:
    """Families that share their subjects: one series each for every object."""

    def __init__(self, store: Store, names: tuple[str, ...]) -> None:
        self._families: tuple[Family, ...] = tuple(store.family(name) for name in names)
        self._series: dict[tuple[str, ...], int] = {}
        self._living: dict[tuple[str, ...], None] = {}

    def write(self, objects: dict[tuple[str, ...], tuple[float, ...]]) -> None:
        """One sample for each object and family; objects that are missing end."""
        if objects.keys() != self._living.keys():
            self._follow(objects)
        if not self._series:
            return
        values = np.zeros((len(self._families), len(self._series)))
        for labels, numbers in objects.items():
            values[:, self._series[labels]] = numbers
        for family, row in zip(self._families, values, strict=True):
            family.write(row)

    def _follow(self, objects: dict[tuple[str, ...], tuple[float, ...]]) -> None:
        """Begin the series of objects that came, end those of objects that went."""
        new = [labels for labels in objects if labels not in self._series]
        returned = [self._series[one] for one in objects if one in self._series and one not in self._living]
        ended = [self._series[one] for one in self._living if one not in objects]
        self._series.update({labels: len(self._series) + place for place, labels in enumerate(new)})
        for family in self._families:
            family.declare(new)
            family.end(ended)
            family.revive(returned)
        self._living = dict.fromkeys(objects)


def _replicas(deployment: Deployment) -> tuple[float, ...]:
    spec, status = deployment.spec, deployment.status
    return (
        spec.replicas,
        status.replicas,
        status.ready_replicas,
        status.available_replicas,
        status.updated_replicas,
        status.unavailable_replicas,
    )


def _labels(pod: Pod) -> tuple[str, ...]:
    image = pod.spec.containers[0].image
    version = image.rpartition(":")[2] if ":" in image else image
    return (pod.meta.namespace, pod.meta.name, pod.meta.labels.get("app", ""), version)
