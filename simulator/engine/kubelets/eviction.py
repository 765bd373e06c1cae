"""Node-pressure eviction: a node that runs out of memory sends pods away before its kernel must choose.

By the kubelet's eviction manager (pkg/kubelet/eviction): every ten seconds it compares what is available with
the threshold, says ``MemoryPressure`` and evicts one pod, first those that take more than they asked for.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from simpy.events import ProcessGenerator

from simulator.dataplane import DataPlane
from simulator.engine.environment import Environment
from simulator.engine.kubelets.kubelet import Kubelet
from simulator.units import MINUTE, SECOND, format_memory
from simulator.world import Cluster, Node, Pod, find_condition, set_condition
from simulator.world.placement import MEMORY_PRESSURE_TAINT, Taint

#: The kubelet's default hard threshold, ``memory.available<100Mi``, and how often it looks.
THRESHOLD_BYTES: Final = 100 << 20
_PERIOD: Final = 10 * SECOND
#: How long the pressure must be gone before the condition goes (eviction-pressure-transition-period).
_TRANSITION: Final = 5 * MINUTE
_KIB: Final = 1 << 10


class Evictions:
    """The eviction managers of all nodes.

    Args:
        env: The clock.
        cluster: Whose nodes and pods.
        dataplane: Knows what each process takes.
        kubelet: Knows which instance a pod is, and ends the pods that are chosen.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        dataplane: DataPlane,
        kubelet: Kubelet,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._dataplane = dataplane
        self._kubelet = kubelet
        self._last_pressed: dict[str, int] = {}
        env.process(self._work())

    def _work(self) -> ProcessGenerator:
        while True:
            yield self._env.timeout(_PERIOD)
            pods: dict[str, list[Pod]] = {}
            for pod in self._cluster.pods:
                if pod.status.phase == "Running":
                    pods.setdefault(pod.node_name, []).append(pod)
            usages = self._usages([pod for here in pods.values() for pod in here])
            for node in self._cluster.nodes:
                self._look_at(node, pods.get(node.meta.name, []), usages)

    def _usages(self, pods: list[Pod]) -> dict[str, int]:
        """What each pod takes now: its process, or what it asks for where memory is not modelled."""
        taken = self._dataplane.resources().memory
        found = {}
        for pod in pods:
            instance = self._kubelet.instance_of(pod)
            modelled = int(taken[instance]) if instance is not None else 0
            found[pod.meta.uid] = modelled or pod.spec.memory_request_bytes
        return found

    def _look_at(self, node: Node, pods: list[Pod], usages: dict[str, int]) -> None:
        available = node.spec.memory_bytes - sum(usages[pod.meta.uid] for pod in pods)
        now, name = self._env.now, node.meta.name
        if available >= THRESHOLD_BYTES:
            pressed = self._last_pressed.get(name)
            if pressed is not None and now - pressed >= _TRANSITION:
                del self._last_pressed[name]
                self._write(
                    node, "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"
                )
            return
        self._last_pressed[name] = now
        self._write(node, "True", "KubeletHasInsufficientMemory", "kubelet has insufficient memory available")
        victims = [pod for pod in pods if not pod.terminating]
        if victims:
            self._evict(min(victims, key=lambda pod: _rank(pod, usages[pod.meta.uid])), available, usages)

    def _write(self, node: Node, status: str, reason: str, message: str) -> None:
        before = find_condition(node.status.conditions, "MemoryPressure")
        if before is None or before.status != status:
            what = "NodeHasInsufficientMemory" if status == "True" else "NodeHasSufficientMemory"
            text = f"Node {node.meta.name} status is now: {what}"
            self._cluster.record(self._env.now, node, what, text, component="kubelet")
        if not set_condition(
            node.status.conditions, self._env.now, "MemoryPressure", status, reason, message
        ):
            return
        others = tuple(taint for taint in node.spec.taints if taint.key != MEMORY_PRESSURE_TAINT)
        own = (Taint(MEMORY_PRESSURE_TAINT, added_at=self._env.now),) if status == "True" else ()
        node.spec = replace(node.spec, taints=(*others, *own))
        self._cluster.changed(node)
        if not own:
            self._kubelet.look_for_room()

    def _evict(self, pod: Pod, available: int, usages: dict[str, int]) -> None:
        used, name = usages[pod.meta.uid], pod.spec.containers[0].name
        message = (
            f"The node was low on resource: memory. Threshold quantity: {format_memory(THRESHOLD_BYTES)}, "
            f"available: {max(0, available) // _KIB}Ki. "
        )
        if used > pod.spec.memory_request_bytes:
            request = format_memory(pod.spec.memory_request_bytes)
            message += (
                f"Container {name} was using {used // _KIB}Ki, request is {request}, "
                "has larger consumption of memory. "
            )
        self._kubelet.evict(pod, message)


def _rank(pod: Pod, used: int) -> tuple[bool, int, str]:
    """Whoever comes first goes: those above their request, then who is above it (or nearest) the most."""
    over = used - pod.spec.memory_request_bytes
    return over <= 0, -over, pod.meta.uid
