"""The scheduler: which node a pod goes to, by what it asks for, where it may run and where its like are."""

from __future__ import annotations

from collections import Counter

from simulator.engine.nodes.filters import Filters, Refusal
from simulator.engine.nodes.occupancy import Occupancy
from simulator.engine.nodes.scores import best
from simulator.world import Change, Cluster, Node, Pod

_HOPELESS = "Preemption is not helpful for scheduling"
_VICTIMLESS = "No preemption victims found for incoming pod"


class Scheduler:
    """Filters the nodes, then takes the one with the best score.

    Args:
        cluster: Whose nodes; its changes keep the counts.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._occupancy = Occupancy()
        #: What was refused at which version: pods of one template that follow need not be asked again.
        self._refused: dict[tuple[str, str], tuple[int, str]] = {}
        cluster.subscribe(self._on_change, Node, Pod)

    def choose(self, pod: Pod) -> Node | None:
        """The node for a pod, or None when none can take it."""
        if self._known_refusal(pod) is not None:
            return None
        nodes = list(self._cluster.nodes)
        filters = Filters(pod, nodes, self._occupancy)
        refusals = [filters.refusal(node) for node in nodes]
        fitting = [node for node, refusal in zip(nodes, refusals, strict=True) if refusal is None]
        if fitting:
            return best(pod, fitting, nodes, self._occupancy)
        said = _message([refusal for refusal in refusals if refusal is not None])
        self._refused[self._kin(pod)] = (self._occupancy.version, said)
        return None

    def why_not(self, pod: Pod) -> str:
        """The FailedScheduling message for a pod that no node can take, in the scheduler's words."""
        known = self._known_refusal(pod)
        if known is not None:
            return known
        self.choose(pod)
        return self._known_refusal(pod) or ""

    def bind(self, pod: Pod, node: Node) -> None:
        """Count a pod on its node."""
        pod.node_name = node.meta.name
        self._occupancy.add(pod, node)

    def release(self, pod: Pod) -> None:
        """Give back what a pod took, once it has gone."""
        self._occupancy.remove(pod)

    def _known_refusal(self, pod: Pod) -> str | None:
        """What was said of its like, if nothing has changed since."""
        version, said = self._refused.get(self._kin(pod), (-1, ""))
        return said if version == self._occupancy.version else None

    @staticmethod
    def _kin(pod: Pod) -> tuple[str, str]:
        """Pods of one template ask for the same; one without an owner is alone."""
        return pod.meta.namespace, pod.meta.owner.uid if pod.meta.owner is not None else pod.meta.uid

    def _on_change(self, change: Change) -> None:
        item = change.object
        if isinstance(item, Node):
            self._occupancy.changed()
        elif isinstance(item, Pod) and item.terminating:
            self._occupancy.leave(item)


def _message(refusals: list[Refusal]) -> str:
    """All reasons counted, in the order of their text, and what preemption could not do about them."""
    total = len(refusals)
    counts = Counter(reason for refusal in refusals for reason in refusal.reasons)
    reasons = ", ".join(sorted(f"{count} {reason}" for reason, count in counts.items()))
    preempted = Counter(_HOPELESS if refusal.final else _VICTIMLESS for refusal in refusals)
    preemption = ", ".join(sorted(f"{count} {reason}" for reason, count in preempted.items()))
    none = f"0/{total} nodes are available:"
    return f"{none} {reasons}. preemption: {none} {preemption}."
