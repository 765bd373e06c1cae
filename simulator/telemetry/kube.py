"""kube-state-metrics: it watches the cluster, and computes a kind's series anew only after it changed.

Beside the series it keeps what the other collectors ask: which pods there are to scrape, which of them
answer, and where each runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.family import Family
from simulator.telemetry.kube_series import GROUPS, Series, Subject
from simulator.telemetry.store import Store
from simulator.world import Change, Cluster, Pod
from simulator.world.working_set import working_set_bytes

#: Namespace, container, node and zone of a pod.
Place = tuple[str, str, str, str]


class KubeCollector:
    """Writes ``kube_*``; a deleted object's series end.

    Args:
        store: Where to.
        cluster: What it watches.
        identities: (service, version) of each pod that the data plane knows; kept current by the scraper.

    Attributes:
        targets: Names of the pods that service discovery finds: those in phase Running.
        living: Those of them whose container runs, on a machine that runs, and can answer a scrape.
        places: Where each pod runs, by name; of deleted pods too.
        working_sets: What each pod's container shows as its memory where that is not modelled, bytes.
    """

    def __init__(self, store: Store, cluster: Cluster, identities: Mapping[str, tuple[str, str]]) -> None:
        self.targets: frozenset[str] = frozenset()
        self.living: frozenset[str] = frozenset()
        self.places: dict[str, Place] = {}
        self.working_sets: dict[str, int] = {}
        self._subject = Subject(cluster, identities)
        self._changed = {kind for group in GROUPS for kind in group.kinds}
        self._pods_changed = True
        self._tables = {name: _Table(store.family(name)) for group in GROUPS for name in group.families}
        cluster.subscribe(self._watch)

    def refresh(self) -> None:
        """Read the pods again if the cluster changed since the last scrape."""
        if not self._pods_changed:
            return
        cluster = self._subject.cluster
        zones = {node.meta.name: node.zone for node in cluster.nodes}
        dark = {node.meta.name for node in cluster.nodes if not node.powered}
        running = [pod for pod in cluster.pods if pod.status.phase == "Running"]
        self.targets = frozenset(pod.meta.name for pod in running)
        self.living = frozenset(
            pod.meta.name for pod in running if _answers(pod) and pod.node_name not in dark
        )
        for pod in running:
            container = pod.spec.containers[0].name if pod.spec.containers else ""
            place = (pod.meta.namespace, container, pod.node_name, zones.get(pod.node_name, ""))
            self.places[pod.meta.name] = place
            self.working_sets[pod.meta.name] = working_set_bytes(pod)
        self._pods_changed = False

    def collect(self) -> None:
        """Write the current state of everything that kube-state-metrics speaks of."""
        for group in GROUPS:
            changed = not self._changed.isdisjoint(group.kinds)
            found = group.read(self._subject) if changed else {}
            for name in group.families:
                if changed:
                    self._tables[name].take(found.get(name, {}))
                self._tables[name].write(changed=changed)
        self._changed = set()

    def _watch(self, change: Change) -> None:
        self._changed.add(change.kind.plural)
        self._pods_changed = True


def _answers(pod: Pod) -> bool:
    """Whether the process behind a pod's metrics page runs."""
    statuses = pod.status.container_statuses
    return not statuses or statuses[0].state.phase == "running"


class _Table:
    """One family of ``kube_*``: its series as the cluster last had them."""

    def __init__(self, family: Family) -> None:
        self._family = family
        self._numbers: dict[tuple[str, ...], int] = {}
        self._living: frozenset[tuple[str, ...]] = frozenset()
        self._dtype = np.int64 if family.metric.type == "counter" else np.float64
        self._values: NDArray[Any] = np.zeros(0, dtype=self._dtype)

    def take(self, series: Series) -> None:
        """The series as they are now, in every scrape until the next change."""
        new = [labels for labels in series if labels not in self._numbers]
        returned = [self._numbers[one] for one in series if one in self._numbers and one not in self._living]
        ended = sorted(self._numbers[one] for one in self._living if one not in series)
        self._numbers.update({labels: len(self._numbers) + place for place, labels in enumerate(new)})
        self._family.declare(new)
        self._family.end(ended)
        self._family.revive(returned)
        self._living = frozenset(series)
        values = np.zeros(len(self._numbers), dtype=self._dtype)
        values[: len(self._values)] = self._values
        for labels, value in series.items():
            values[self._numbers[labels]] = value
        self._values = values

    def write(self, *, changed: bool) -> None:
        """One sample for each series."""
        if not changed:
            self._family.hold()
        elif self._numbers:
            self._family.write(self._values)
