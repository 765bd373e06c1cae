"""The node lifecycle controller: notices by heartbeats that a node is lost, and what follows from it.

Source: kubernetes/kubernetes pkg/controller/nodelifecycle/node_lifecycle_controller.go. Kubelets renew a
lease every 10 s; the controller looks every 5 s. A lease that it has not seen renewed for 50 s (the default
of 1.32; older versions have 40 s) makes the node unknown: its pods are not ready any more, and taints keep
new ones away. The taint that takes pods away comes zone by zone, one node in ten seconds, and not at all
where so much is lost that the controller doubts its own eyes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

from simulator.engine.environment import Environment
from simulator.streams import Stream, key
from simulator.units import SECOND
from simulator.world import Cluster, Condition, Node, Pod, find_condition, set_condition
from simulator.world.placement import UNREACHABLE_TAINT, Effect, Taint

COMPONENT: Final = "node-controller"
#: The kubelet's lease is renewed at a quarter of its 40 s.
HEARTBEAT: Final = 10 * SECOND
#: --node-monitor-period and --node-monitor-grace-period.
MONITOR_PERIOD: Final = 5 * SECOND
GRACE_PERIOD: Final = 50 * SECOND
#: --node-eviction-rate: one node of a zone in ten seconds.
_EVICTION_GAP: Final = 10 * SECOND
#: --secondary-node-eviction-rate, for a zone that is partly lost in a cluster above the size below.
_SECONDARY_GAP: Final = 100 * SECOND
_LARGE_CLUSTER: Final = 50
#: --unhealthy-zone-threshold, in percent, and the fewest lost nodes that make a zone partly lost.
_UNHEALTHY_PERCENT: Final = 55
_FEWEST_LOST: Final = 3


class NodeLifecycle:
    """Notices lost nodes and those that come back.

    Args:
        env: The clock.
        cluster: What it watches and writes.
        withdraw: Takes a pod out of rotation because it is not ready any more.
        seed: Of the run; when in its ten seconds each kubelet renews its lease is drawn from it.
    """

    def __init__(
        self, env: Environment, cluster: Cluster, withdraw: Callable[[Pod], None], seed: int
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._withdraw = withdraw
        self._phases = Stream(seed, "node-heartbeat")
        self._losses: dict[str, int] = {}
        self._last_tainted: dict[str, int] = {}

    def lost(self, node: Node) -> None:
        """A node's kubelet has fallen silent, now."""
        now = self._env.now
        self._losses[node.meta.name] = now
        phase = self._phases.integer(HEARTBEAT, key(node.meta.name))
        renewed = now - (now - phase) % HEARTBEAT
        seen = -(-renewed // MONITOR_PERIOD) * MONITOR_PERIOD
        # The first look at which more than the grace period has passed since the renewal was seen.
        noticed = seen + GRACE_PERIOD + MONITOR_PERIOD
        self._env.at(max(noticed, now), partial(self._notice, node, now))

    def returned(self, node: Node) -> None:
        """A node's kubelet posts its status again, now."""
        del self._losses[node.meta.name]
        ready = find_condition(node.status.conditions, "Ready")
        if ready is not None and ready.status != "True":
            self._say(node, "NodeReady", component="kubelet", node_name=node.meta.name)
        now = self._env.now
        for condition in _POSTED:
            set_condition(node.status.conditions, now, *condition)
        taints = tuple(taint for taint in node.spec.taints if taint.key != UNREACHABLE_TAINT)
        node.spec = replace(node.spec, taints=taints)
        self._cluster.changed(node)

    def _notice(self, node: Node, lost_at: int) -> None:
        if self._losses.get(node.meta.name) != lost_at:
            return  # it came back before anybody noticed
        now = self._env.now
        for condition in node.status.conditions:
            words = ("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.")
            set_condition(node.status.conditions, now, condition.type, *words)
        self._say(node, "NodeNotReady", component=COMPONENT)
        self._taint(node, "NoSchedule")
        for pod in self._cluster.pods:
            if pod.node_name == node.meta.name and pod.ready:
                self._mark_not_ready(pod)
        self._take_pods_away(node, lost_at)
        if all(_unknown(each) for each in self._cluster.nodes):
            self._doubt()

    def _doubt(self) -> None:
        """No node answers any more: rather the controller is cut off, so no pod is taken away after all."""
        for node in self._cluster.nodes:
            kept = tuple(
                taint
                for taint in node.spec.taints
                if taint.key != UNREACHABLE_TAINT or taint.effect != "NoExecute"
            )
            if kept != node.spec.taints:
                node.spec = replace(node.spec, taints=kept)
                self._cluster.changed(node)
                self._take_pods_away(node, self._losses[node.meta.name])

    def _mark_not_ready(self, pod: Pod) -> None:
        ready = find_condition(pod.status.conditions, "Ready")
        assert ready is not None
        ready.status, ready.last_transition_at = "False", self._env.now
        self._withdraw(pod)
        self._cluster.record(
            self._env.now, pod, "NodeNotReady", "Node is not ready", component=COMPONENT, warning=True
        )
        self._cluster.changed(pod)

    # -- taking pods away ----------------------------------------------------------------------------------

    def _take_pods_away(self, node: Node, lost_at: int) -> None:
        """Add the taint that takes pods away, when it is this node's turn in its zone."""
        if self._losses.get(node.meta.name) != lost_at:
            return
        now, gap = self._env.now, self._gap(node.zone)
        due = now + MONITOR_PERIOD if gap is None else self._last_tainted.get(node.zone, now - gap) + gap
        if due > now:
            self._env.at(due, partial(self._take_pods_away, node, lost_at))
            return
        self._last_tainted[node.zone] = now
        self._taint(node, "NoExecute")

    def _gap(self, zone: str) -> int | None:
        """Between two nodes of a zone whose pods are taken away, ns; None while none are."""
        lost: dict[str, int] = {}
        total: dict[str, int] = {}
        for node in self._cluster.nodes:
            total[node.zone] = total.get(node.zone, 0) + 1
            lost[node.zone] = lost.get(node.zone, 0) + _unknown(node)
        if lost == total:
            return None
        partly = (
            _FEWEST_LOST <= lost[zone] < total[zone] and 100 * lost[zone] >= _UNHEALTHY_PERCENT * total[zone]
        )
        if not partly:
            return _EVICTION_GAP
        return _SECONDARY_GAP if total[zone] > _LARGE_CLUSTER else None

    def _taint(self, node: Node, effect: Effect) -> None:
        taint = Taint(UNREACHABLE_TAINT, effect=effect, added_at=self._env.now)
        node.spec = replace(node.spec, taints=(*node.spec.taints, taint))
        self._cluster.changed(node)

    def _say(self, node: Node, reason: str, *, component: str, node_name: str = "") -> None:
        message = f"Node {node.meta.name} status is now: {reason}"
        self._cluster.record(self._env.now, node, reason, message, component=component, node_name=node_name)


#: What a kubelet posts of a node that lacks nothing.
_POSTED: Final = (
    ("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
)


def healthy_conditions(at: int) -> list[Condition]:
    """The conditions of a node that lacks nothing, since ``at`` (ns)."""
    return [Condition(*words, at, at) for words in _POSTED]


def _unknown(node: Node) -> bool:
    ready = find_condition(node.status.conditions, "Ready")
    return ready is not None and ready.status != "True"
