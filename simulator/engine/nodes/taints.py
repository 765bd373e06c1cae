"""Taints that take pods away: the taint-eviction controller.

Source: kubernetes/kubernetes pkg/controller/tainteviction. A pod that does not tolerate a ``NoExecute`` taint
goes at once; one that tolerates it for a time goes when that is over, unless the taint goes first.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from simulator.engine.environment import Environment
from simulator.units import SECOND
from simulator.world import Change, Cluster, Node, Pod, edits
from simulator.world.placement import Taint

COMPONENT: Final = "taint-eviction-controller"


class TaintEviction:
    """Watches nodes for ``NoExecute`` taints, and pods that come onto such nodes.

    Args:
        env: The clock.
        cluster: What it watches; it asks for the pods' deletion.
    """

    def __init__(self, env: Environment, cluster: Cluster) -> None:
        self._env = env
        self._cluster = cluster
        self._tainted: dict[str, tuple[Taint, ...]] = {}
        #: When each pod goes, by uid; moves when its node's taints do.
        self._due: dict[str, int] = {}
        cluster.subscribe(self._on_change, Node, Pod)

    def _on_change(self, change: Change) -> None:
        item = change.object
        if isinstance(item, Node):
            self._look_at(item)
        elif isinstance(item, Pod) and item.node_name in self._tainted and change.type != "DELETED":
            self._consider(item)

    def _look_at(self, node: Node) -> None:
        name = node.meta.name
        taints = tuple(taint for taint in node.spec.taints if taint.effect == "NoExecute")
        before = self._tainted.get(name, ())
        if [(each, each.added_at) for each in taints] == [(each, each.added_at) for each in before]:
            return
        if taints:
            self._tainted[name] = taints
        else:
            del self._tainted[name]
        for pod in self._cluster.pods:
            if pod.node_name == name:
                self._consider(pod)

    def _consider(self, pod: Pod) -> None:
        """Decide anew when a pod must go."""
        uid = pod.meta.uid
        if pod.terminating:
            self._due.pop(uid, None)
            return
        limits = [
            taint.added_at + stays * SECOND
            for taint in self._tainted.get(pod.node_name, ())
            if (stays := pod.spec.placement.stays_seconds(taint)) is not None
        ]
        due = min(limits, default=None)
        if due is None:
            if self._due.pop(uid, None) is not None:
                self._report(pod, f"Cancelling deletion of Pod {pod.meta.namespace}/{pod.meta.name}")
        elif self._due.get(uid) != due:
            self._due[uid] = due
            self._env.at(max(due, self._env.now), partial(self._evict, pod, due))

    def _evict(self, pod: Pod, due: int) -> None:
        if self._due.get(pod.meta.uid) != due:
            return
        del self._due[pod.meta.uid]
        if self._cluster.pods.find(pod.meta.name, pod.meta.namespace) is pod and not pod.terminating:
            self._report(pod, f"Marking for deletion Pod {pod.meta.namespace}/{pod.meta.name}")
            edits.request_deletion(self._cluster, self._env.now, pod.meta.name, namespace=pod.meta.namespace)

    def _report(self, pod: Pod, message: str) -> None:
        self._cluster.record(self._env.now, pod, "TaintManagerEviction", message, component=COMPONENT)
