"""Which nodes a pod can run on, and the scheduler's words for those where it can't.

Source: kubernetes/kubernetes pkg/scheduler/framework/plugins, in the order of the default profile: a node is
asked no further once a plugin has refused it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from simulator.engine.nodes.occupancy import Occupancy
from simulator.world import Node, Pod, matches
from simulator.world.placement import (
    MEMORY_PRESSURE_TAINT,
    UNSCHEDULABLE_TAINT,
    Taint,
    TopologySpread,
    selects,
)


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a node can't take a pod.

    Attributes:
        reasons: In the scheduler's words; room may lack in several ways.
        final: Whether evicting others could not help.
    """

    reasons: tuple[str, ...]
    final: bool = False


class Filters:
    """The filters for one pod at one moment, with what they need to count done once.

    Args:
        pod: Not yet bound.
        nodes: All there are.
        occupancy: What stands on them.
    """

    def __init__(self, pod: Pod, nodes: Sequence[Node], occupancy: Occupancy) -> None:
        self._pod = pod
        self._occupancy = occupancy
        self._placement = pod.spec.placement
        self._asks_nothing = pod.spec.qos_class == "BestEffort"
        self._cpu, self._memory = pod.spec.cpu_request_millicores, pod.spec.memory_request_bytes
        namespace = pod.meta.namespace
        self._spreads = [
            _Spread(each, pod, [node for node in nodes if self._eligible(node)], occupancy)
            for each in self._placement.spread
            if each.when_unsatisfiable == "DoNotSchedule"
        ]
        required = [term for term in self._placement.anti_affinity if term.weight is None]
        self._avoids = {
            (term.topology_key, domain)
            for term in required
            for domain in _domains(term.topology_key, nodes, occupancy.matching(namespace, term.selector))
        }
        names = {node.meta.name: node for node in nodes}
        self._avoided = {
            (term.topology_key, names[other.node_name].meta.labels.get(term.topology_key, ""))
            for other in occupancy.guarded.values()
            for term in other.spec.placement.anti_affinity
            if term.weight is None
            and other.meta.namespace == namespace
            and other.node_name in names
            and matches(term.selector, pod.meta.labels)
        }

    def refusal(self, node: Node) -> Refusal | None:
        """Why this node can't take the pod, or None where it can."""
        if node.spec.unschedulable and not self._placement.tolerates(Taint(UNSCHEDULABLE_TAINT)):
            return Refusal(("node(s) were unschedulable",), final=True)
        for taint in node.spec.taints:
            if taint.key == MEMORY_PRESSURE_TAINT and not self._asks_nothing:
                continue
            if taint.effect != "PreferNoSchedule" and not self._placement.tolerates(taint):
                words = f"node(s) had untolerated taint {{{taint.key}: {taint.value}}}"
                return Refusal((words,), final=True)
        if self._placement.node_selector and not selects(self._placement, node.meta.labels):
            return Refusal(("node(s) didn't match Pod's node affinity/selector",), final=True)
        return self._lack(node) or self._uneven(node) or self._crowded(node)

    def _eligible(self, node: Node) -> bool:
        """Whether a node counts among the domains of a spread (``nodeAffinityPolicy: Honor``)."""
        return selects(self._placement, node.meta.labels)

    def _lack(self, node: Node) -> Refusal | None:
        load, spec = self._occupancy.load(node), node.spec
        reasons, final = [], False
        if load.pods + 1 > spec.pods:
            reasons.append("Too many pods")
        if self._cpu and load.cpu_millicores + self._cpu > spec.cpu_millicores:
            reasons.append("Insufficient cpu")
            final = final or self._cpu > spec.cpu_millicores
        if self._memory and load.memory_bytes + self._memory > spec.memory_bytes:
            reasons.append("Insufficient memory")
            final = final or self._memory > spec.memory_bytes
        return Refusal(tuple(reasons), final) if reasons else None

    def _uneven(self, node: Node) -> Refusal | None:
        for spread in self._spreads:
            words = "node(s) didn't match pod topology spread constraints"
            domain = node.meta.labels.get(spread.key)
            if domain is None:
                return Refusal((f"{words} (missing required label)",), final=True)
            if not spread.allows(domain):
                return Refusal((words,))
        return None

    def _crowded(self, node: Node) -> Refusal | None:
        if not self._avoids and not self._avoided:
            return None
        labels = node.meta.labels
        if any(labels.get(key) == domain for key, domain in self._avoids):
            return Refusal(("node(s) didn't match pod anti-affinity rules",))
        if any(labels.get(key) == domain for key, domain in self._avoided):
            return Refusal(("node(s) didn't satisfy existing pods anti-affinity rules",))
        return None


class _Spread:
    """One hard spread constraint with its domains counted."""

    def __init__(
        self, constraint: TopologySpread, pod: Pod, nodes: Sequence[Node], occupancy: Occupancy
    ) -> None:
        self.key = constraint.topology_key
        self._most = constraint.max_skew
        self._own = int(matches(constraint.selector, pod.meta.labels))
        self._counts: dict[str, int] = {}
        matching = occupancy.matching(pod.meta.namespace, constraint.selector)
        for node in nodes:
            domain = node.meta.labels.get(self.key)
            if domain is not None:
                self._counts[domain] = self._counts.get(domain, 0) + matching.get(node.meta.name, 0)
        self._least = min(self._counts.values(), default=0)

    def allows(self, domain: str) -> bool:
        """Whether one more pod there leaves the skew within its bound."""
        return self._counts.get(domain, 0) + self._own - self._least <= self._most


def _domains(key: str, nodes: Sequence[Node], counts: object) -> set[str]:
    """Domains of a topology in which somebody that is counted stands."""
    assert isinstance(counts, dict)
    return {
        node.meta.labels[key]
        for node in nodes
        if key in node.meta.labels and counts.get(node.meta.name, 0) > 0
    }
