"""The machines themselves: losing some, one or a whole zone, and their return.

A machine that is lost takes its pods' processes along at once. The cluster learns of it by silence alone:
until then its pods are listed as running and ready, and requests to them fail.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, Protocol

from simulator.engine.environment import Environment
from simulator.engine.faults.injector import Fault
from simulator.engine.nodes.lifecycle import NodeLifecycle
from simulator.scenario.nodes import NodeLoss, ZoneOutage
from simulator.units import SECOND
from simulator.world import Cluster, Node

#: From power to a kubelet that posts its status.
_BOOT: Final = 15 * SECOND


class NodeAgents(Protocol):
    """The kubelets, as far as a machine's loss concerns them."""

    def lose(self, node_name: str) -> None:
        """The machine is gone: its processes are dead, and nobody says so."""

    def find_again(self, node_name: str) -> None:
        """The machine has booted: what shall run there is started, what shall end is gone."""


class Machines:
    """Switches machines off and on.

    Args:
        env: The clock.
        cluster: Whose nodes.
        kubelets: Told at once.
        lifecycle: Told of silence and return.
        record: Takes each loss down for the debrief.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        kubelets: NodeAgents,
        lifecycle: NodeLifecycle,
        record: Callable[[Fault], None],
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._kubelets = kubelets
        self._lifecycle = lifecycle
        self._record = record
        #: How many losses hold each machine off; it has power again when all are over.
        self._holds: dict[str, int] = {}

    def carry_out(self, loss: NodeLoss | ZoneOutage) -> None:
        """What a timeline's entry says."""
        if isinstance(loss, NodeLoss):
            self._lose("NodeLoss", [loss.node], loss.duration)
        else:
            names = [node.meta.name for node in self._cluster.nodes if node.zone == loss.zone]
            self._lose("ZoneOutage", names, loss.duration)

    def _lose(self, kind: str, names: Sequence[str], duration: int | None) -> None:
        """Hold machines off, for a while or for good; one that is off already stays so for the longer."""
        now = self._env.now
        found = [node for name in names if (node := self._cluster.nodes.find(name)) is not None]
        nodes = [node for node in found if node.powered]
        for node in found:
            self._holds[node.meta.name] = self._holds.get(node.meta.name, 0) + 1
        pods = tuple(pod.meta.name for pod in self._cluster.pods if pod.node_name in names)
        until = None if duration is None else now + duration
        self._record(Fault(kind, "", now, until, pods))
        for node in nodes:
            node.powered = False
            self._kubelets.lose(node.meta.name)
            self._lifecycle.lost(node)
            self._cluster.changed(node)
        if until is not None:
            self._env.at(until + _BOOT, partial(self._return, found))

    def _return(self, nodes: Sequence[Node]) -> None:
        for node in nodes:
            name = node.meta.name
            self._holds[name] -= 1
            if self._holds[name]:
                continue  # another loss still holds it
            node.powered = True
            self._cluster.record(
                self._env.now, node, "Starting", "Starting kubelet.", component="kubelet", node_name=name
            )
            self._lifecycle.returned(node)
            self._kubelets.find_again(name)
