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

    def collect(self) -> None:
        """Write the current state of all deployments and pods."""
        self._deployments.write(
            {(one.meta.namespace, one.meta.name): _replicas(one) for one in self._cluster.deployments}
        )
        self._pods.write({_labels(one): (float(one.ready),) for one in self._cluster.pods})


class _Objects:
    """Families that share their subjects: one series each for every object."""

    def __init__(self, store: Store, names: tuple[str, ...]) -> None:
        self._families: tuple[Family, ...] = tuple(store.family(name) for name in names)
        self._series: dict[tuple[str, ...], int] = {}
        self._living: set[int] = set()

    def write(self, objects: dict[tuple[str, ...], tuple[float, ...]]) -> None:
        """One sample for each object and family; objects that are missing end."""
        new = [labels for labels in objects if labels not in self._series]
        for labels in new:
            self._series[labels] = len(self._series)
        present = {self._series[labels] for labels in objects}
        ended = sorted(self._living - present)
        returned = sorted(present - self._living - {self._series[labels] for labels in new})
        for family in self._families:
            family.declare(new)
            family.end(ended)
            family.revive(returned)
        self._living = present
        if not self._series:
            return
        values = np.full((len(self._families), len(self._series)), np.nan)
        for labels, numbers in objects.items():
            values[:, self._series[labels]] = numbers
        for family, row in zip(self._families, values, strict=True):
            family.write(row)


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
