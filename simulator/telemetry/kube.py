"""What kube-state-metrics exposes: replica counts of deployments and the readiness of pods.

Like the real one it watches the cluster, and computes anew only after something changed.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from simulator.engine.images import version_of
from simulator.telemetry.family import Family
from simulator.telemetry.store import Store
from simulator.world import DEPLOYMENTS, NODES, PODS, Change, Cluster, Deployment, Pod, matches


class KubeCollector:
    """Writes ``kube_*``; a deleted object's series end.

    Args:
        store: Where to.
        cluster: What it watches.
        identities: (service, version) of each pod that the data plane knows; kept current by the scraper.

    Attributes:
        living: Names of the pods whose containers run, and which can therefore be scraped.
    """

    def __init__(self, store: Store, cluster: Cluster, identities: Mapping[str, tuple[str, str]]) -> None:
        self.living: frozenset[str] = frozenset()
        self._cluster = cluster
        self._identities = identities
        self._changed = True
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
        cluster.subscribe(self._watch)

    def refresh(self) -> None:
        """Read the cluster again if it changed since the last scrape."""
        if self._changed:
            dark = {node.meta.name for node in self._cluster.nodes if not node.powered}
            self.living = frozenset(
                pod.meta.name
                for pod in self._cluster.pods
                if pod.status.phase == "Running" and pod.node_name not in dark
            )

    def collect(self) -> None:
        """Write the current state of all deployments and pods."""
        if self._changed:
            self._deployments.take(
                {(one.meta.namespace, one.meta.name): _replicas(one) for one in self._cluster.deployments}
            )
            self._pods.take({self._labels(one): (float(one.ready),) for one in self._cluster.pods})
            self._changed = False
        self._deployments.write()
        self._pods.write()

    def _labels(self, pod: Pod) -> tuple[str, ...]:
        """Namespace, name, service and version; before its container starts, by selector and image."""
        service, version = self._identities.get(pod.meta.name, ("", ""))
        if not service:
            selecting = (one for one in self._cluster.services if matches(one.spec.selector, pod.meta.labels))
            service = next((one.meta.name for one in selecting), pod.deployment)
            version = version_of(pod.spec.containers[0].image)
        return (pod.meta.namespace, pod.meta.name, service, version)

    def _watch(self, change: Change) -> None:
        self._changed = self._changed or change.kind in (PODS, DEPLOYMENTS, NODES)


class _Objects:
    """Families that share their subjects: one series each for every object."""

    def __init__(self, store: Store, names: tuple[str, ...]) -> None:
        self._families: tuple[Family, ...] = tuple(store.family(name) for name in names)
        self._series: dict[tuple[str, ...], int] = {}
        self._living: frozenset[tuple[str, ...]] = frozenset()
        self._values: NDArray[np.float64] = np.zeros((len(names), 0))

    def take(self, objects: dict[tuple[str, ...], tuple[float, ...]]) -> None:
        """The objects as they are now, in every scrape until the next change."""
        new = [labels for labels in objects if labels not in self._series]
        returned = [self._series[one] for one in objects if one in self._series and one not in self._living]
        ended = sorted(self._series[one] for one in self._living if one not in objects)
        self._series.update({labels: len(self._series) + place for place, labels in enumerate(new)})
        for family in self._families:
            family.declare(new)
            family.end(ended)
            family.revive(returned)
        self._living = frozenset(objects)
        self._values = np.zeros((len(self._families), len(self._series)))
        for labels, numbers in objects.items():
            self._values[:, self._series[labels]] = numbers

    def write(self) -> None:
        """One sample for each series."""
        if self._series:
            for family, row in zip(self._families, self._values, strict=True):
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
