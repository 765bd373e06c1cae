"""The scheduler: which node a pod goes to, by what it asks for and where its siblings are."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.world import Cluster, Node, Pod


@dataclass(slots=True)
class _Load:
    """What a node's pods ask for together."""

    cpu_millicores: int = 0
    memory_bytes: int = 0
    pods: int = 0


class Scheduler:
    """Filters nodes by room, then spreads a Deployment's pods over zones and nodes.

    Args:
        cluster: Whose nodes.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._loads: dict[str, _Load] = {}
        self._siblings: dict[tuple[str, str], int] = {}

    def choose(self, pod: Pod) -> Node | None:
        """The node for a pod, or None when none has room.

        Fewest pods of the same Deployment in the zone, then on the node, then least requested CPU, then the
        node's place in the list.
        """
        fitting = [node for node in self._cluster.nodes if not self._lacks(node, pod)]
        if not fitting:
            return None
        by_zone: dict[str, int] = {}
        for node in self._cluster.nodes:
            by_zone[node.zone] = by_zone.get(node.zone, 0) + self._siblings_on(node, pod)
        return min(
            fitting,
            key=lambda node: (
                by_zone[node.zone],
                self._siblings_on(node, pod),
                self._load(node).cpu_millicores,
                self._load(node).pods,
            ),
        )

    def bind(self, pod: Pod, node: Node) -> None:
        """Count a pod on its node."""
        load = self._load(node)
        load.cpu_millicores += pod.spec.cpu_request_millicores
        load.memory_bytes += pod.spec.memory_request_bytes
        load.pods += 1
        place = (node.meta.name, pod.deployment)
        self._siblings[place] = self._siblings.get(place, 0) + 1

    def release(self, pod: Pod) -> None:
        """Give back what a pod took, once it has gone."""
        load = self._loads[pod.node_name]
        load.cpu_millicores -= pod.spec.cpu_request_millicores
        load.memory_bytes -= pod.spec.memory_request_bytes
        load.pods -= 1
        self._siblings[pod.node_name, pod.deployment] -= 1

    def why_not(self, pod: Pod) -> str:
        """The FailedScheduling message for a pod that fits nowhere, in the scheduler's words."""
        counts: dict[str, int] = {}
        for node in self._cluster.nodes:
            for reason in self._lacks(node, pod):
                counts[reason] = counts.get(reason, 0) + 1
        total = len(self._cluster.nodes)
        reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(counts.items()))
        return (
            f"0/{total} nodes are available: {reasons}. preemption: 0/{total} nodes are available: "
            f"{total} No preemption victims found for incoming pod."
        )

    def _lacks(self, node: Node, pod: Pod) -> list[str]:
        load, spec = self._load(node), node.spec
        lacks = []
        if spec.unschedulable:
            lacks.append("node(s) were unschedulable")
        if load.cpu_millicores + pod.spec.cpu_request_millicores > spec.cpu_millicores:
            lacks.append("Insufficient cpu")
        if load.memory_bytes + pod.spec.memory_request_bytes > spec.memory_bytes:
            lacks.append("Insufficient memory")
        if load.pods + 1 > spec.pods:
            lacks.append("Too many pods")
        return lacks

    def _load(self, node: Node) -> _Load:
        return self._loads.setdefault(node.meta.name, _Load())

    def _siblings_on(self, node: Node, pod: Pod) -> int:
        return self._siblings.get((node.meta.name, pod.deployment), 0)
