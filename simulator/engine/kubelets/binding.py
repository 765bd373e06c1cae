"""From a new pod to its node: scheduled as soon as one has room, with an address once that takes it on."""

from __future__ import annotations

from typing import Final

from simpy.events import ProcessGenerator

from simulator.engine.environment import Environment
from simulator.engine.nodes.scheduler import Scheduler
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, MINUTE, SECOND
from simulator.world import Change, Cluster, Node, NodeSpec, Pod, set_condition

#: From a pod's creation to its binding.
_SCHEDULING: Final = 30 * MILLISECOND
#: kube-scheduler's podInitialBackoffSeconds, podMaxBackoffSeconds: between two tries of one pod.
_FIRST_BACK_OFF, _BACK_OFF_CAP = SECOND, 10 * SECOND
#: A pod that fits nowhere is tried again though nothing has happened (its flush of unschedulable pods).
_FLUSH: Final = 5 * MINUTE


class Binding:
    """Places pods, and keeps those that fit nowhere waiting until something has gone.

    Args:
        env: The clock.
        cluster: Whose nodes.
    """

    def __init__(self, env: Environment, cluster: Cluster) -> None:
        self._env = env
        self._cluster = cluster
        self._scheduler = Scheduler(cluster)
        self._addresses: dict[str, int] = {}
        self._bound: set[str] = set()
        self._room = env.event()
        self._waiting = 0
        self._node_specs: dict[str, NodeSpec] = {}
        cluster.subscribe(self._on_change, Node, Pod)

    def settle(self, pod: Pod, now: int) -> Node:
        """Place a pod of the steady state without events, as of ``now``.

        Raises:
            GamedayError: It fits on no node.
        """
        node = self._scheduler.choose(pod)
        if node is None:
            raise GamedayError(
                f"spec.nodes, for {pod.deployment}",
                expected="room for every pod of the steady state",
                got=self._scheduler.why_not(pod),
                todo="Declare more or larger nodes, or smaller requests.",
            )
        self._bind(pod, node, now)
        self.give_address(pod)
        return node

    def schedule(self, pod: Pod) -> ProcessGenerator:
        """Wait until a node has room for a new pod, and bind it there."""
        yield self._env.timeout(_SCHEDULING)
        node = self._scheduler.choose(pod)
        back_off = _FIRST_BACK_OFF
        while node is None:
            tried = self._env.now
            self._say_unschedulable(pod)
            yield from self._until_something_changes()
            yield self._env.timeout(max(_SCHEDULING, tried + back_off - self._env.now))
            back_off = min(2 * back_off, _BACK_OFF_CAP)
            node = self._scheduler.choose(pod)
        self._bind(pod, node, self._env.now)
        self._cluster.record(
            self._env.now,
            pod,
            "Scheduled",
            f"Successfully assigned {pod.meta.namespace}/{pod.meta.name} to {node.meta.name}",
            component="default-scheduler",
        )
        self._cluster.changed(pod)

    def release(self, pod: Pod) -> None:
        """Give back what a pod took, once it runs no more; those who wait for room look again."""
        if pod.meta.uid in self._bound:
            self._bound.remove(pod.meta.uid)
            self._scheduler.release(pod)
        self.look_again()

    def _until_something_changes(self) -> ProcessGenerator:
        self._waiting += 1
        try:
            yield self._room | self._env.timeout(_FLUSH)
        finally:
            self._waiting -= 1

    def _on_change(self, change: Change) -> None:
        """A node that is new, or another in what it offers, and a pod that ends may make room."""
        item = change.object
        if isinstance(item, Node):
            if self._node_specs.get(item.meta.name) is not item.spec:
                self._node_specs[item.meta.name] = item.spec
                self.look_again()
        elif self._waiting and isinstance(item, Pod) and item.terminating and change.type == "MODIFIED":
            self.look_again()

    def look_again(self) -> None:
        """Something changed for the better: pods that fit nowhere are tried once more."""
        if self._waiting:
            room, self._room = self._room, self._env.event()
            room.succeed()

    def give_address(self, pod: Pod) -> None:
        """An address from the node's range."""
        place = [node.meta.name for node in self._cluster.nodes].index(pod.node_name)
        number = self._addresses.get(pod.node_name, 1) + 1
        self._addresses[pod.node_name] = number
        pod.status.pod_ip = f"10.{244 + place // 256}.{place % 256}.{2 + (number - 2) % 253}"

    def _bind(self, pod: Pod, node: Node, now: int) -> None:
        self._scheduler.bind(pod, node)
        self._bound.add(pod.meta.uid)
        pod.node_name = node.meta.name
        pod.status.host_ip = node.status.internal_ip
        set_condition(pod.status.conditions, now, "PodScheduled", "True")

    def _say_unschedulable(self, pod: Pod) -> None:
        reason, now = self._scheduler.why_not(pod), self._env.now
        set_condition(pod.status.conditions, now, "PodScheduled", "False", "Unschedulable", reason)
        self._cluster.record(
            now, pod, "FailedScheduling", reason, component="default-scheduler", warning=True
        )
        self._cluster.changed(pod)
