"""The metrics server: what pods and nodes take, sampled from the kubelets and held as the last two points.

Source: kubernetes-sigs/metrics-server pkg/storage. Every 15 s it reads each container's cumulative CPU time
and its memory; a rate needs two points. A container that has just started is compared with its own start,
once it is ten seconds old.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from simpy.events import ProcessGenerator

from simulator.dataplane import CpuTime, Resources
from simulator.engine.environment import Environment
from simulator.units import SECOND
from simulator.world import Cluster, Node, Pod
from simulator.world.autoscaling import Usage
from simulator.world.working_set import working_set_bytes

#: --metric-resolution.
RESOLUTION: Final = 15 * SECOND
#: A container younger than this at its first sample has no rate yet.
_FRESH: Final = 10 * SECOND
#: Nanocores.
MILLICORE: Final = 1_000_000
#: What a node's system takes beside its pods: kernel, kubelet, container runtime, log and metrics agents.
SYSTEM_NANOCORES: Final = 75_000_000
SYSTEM_BYTES: Final = 640 * 1024**2


class Counted(Protocol):
    """What the metrics server needs of a data plane."""

    def resources(self) -> Resources:
        """CPU and memory of all instances now."""


@dataclass(frozen=True, slots=True)
class _Point:
    """One sample of a pod's first container: when, since when it has run, CPU ns since then, bytes now."""

    at: int
    started_at: int
    cpu_ns: int
    memory_bytes: int


class MetricsServer:
    """Samples the pods whose kubelets answer.

    Args:
        env: The clock.
        cluster: Which pods there are.
        dataplane: Where CPU time and memory are counted.
        instance_of: Pod to its row in the counters, or None where nothing runs.
    """

    def __init__(
        self, env: Environment, cluster: Cluster, dataplane: Counted, instance_of: Callable[[Pod], int | None]
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._dataplane = dataplane
        self._instance_of = instance_of
        self._last: dict[str, _Point] = {}
        self._before: dict[str, _Point] = {}
        self._nodes: dict[str, Usage] = {}
        self._cpu = CpuTime()
        env.process(self._work())

    def pod(self, pod: Pod) -> Usage | None:
        """What a pod takes, or None while that is not known."""
        last, before = self._last.get(pod.meta.uid), self._before.get(pod.meta.uid)
        if last is None or before is None:
            return None
        window = last.at - before.at
        return Usage(last.at, window, (last.cpu_ns - before.cpu_ns) * SECOND // window, last.memory_bytes)

    def node(self, node: Node) -> Usage | None:
        """What a node takes: its pods and its system, at most all that it has; None while not known."""
        return self._nodes.get(node.meta.name)

    def _work(self) -> ProcessGenerator:
        while True:
            yield self._env.timeout(RESOLUTION - self._env.now % RESOLUTION)
            self._sample()

    def _sample(self) -> None:
        """Read every reachable pod; what could not be read is not known any more."""
        taken, now = self._dataplane.resources(), self._env.now
        spent = self._cpu.spent(now, taken.work_ns, taken.millicores)
        last: dict[str, _Point] = {}
        before: dict[str, _Point] = {}
        reachable = {node.meta.name for node in self._cluster.nodes if node.powered}
        for pod in self._cluster.pods:
            statuses = pod.status.container_statuses
            row, started = self._instance_of(pod), statuses[0].state.started_at if statuses else None
            if row is None or started is None or pod.node_name not in reachable:
                continue
            uid = pod.meta.uid
            used = int(taken.memory[row]) or working_set_bytes(pod)
            point = last[uid] = _Point(now, started, int(spent[row]), used)
            known = self._last.get(uid)
            if known is not None and started < known.at:
                before[uid] = known
            elif pod.restarts == 0 and _FRESH <= now - started < RESOLUTION:
                before[uid] = _Point(started, started, 0, point.memory_bytes)
        self._last, self._before = last, before
        self._sum_up(reachable, now)

    def _sum_up(self, reachable: set[str], now: int) -> None:
        cpu, memory = dict.fromkeys(reachable, SYSTEM_NANOCORES), dict.fromkeys(reachable, SYSTEM_BYTES)
        for pod in self._cluster.pods:
            usage = self.pod(pod) if pod.node_name in reachable else None
            if usage is not None:
                cpu[pod.node_name] += usage.cpu_nanocores
                memory[pod.node_name] += usage.memory_bytes
        earlier, self._nodes = self._nodes, {}
        for node in self._cluster.nodes:
            name = node.meta.name
            if name in reachable:
                window = now - earlier[name].at if name in earlier else RESOLUTION
                most = node.spec.cpu_millicores * MILLICORE
                self._nodes[name] = Usage(now, window, min(cpu[name], most), memory[name])
