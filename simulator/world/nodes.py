"""Nodes, Services and Events: the objects around the pods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from simulator.world.meta import Condition, ObjectMeta
from simulator.world.placement import ZONE_LABEL, Taint


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """What a node offers to pods (its allocatable part)."""

    cpu_millicores: int
    memory_bytes: int
    pods: int = 110
    unschedulable: bool = False
    taints: tuple[Taint, ...] = ()


@dataclass(slots=True)
class NodeStatus:
    """What a node is; ``images`` are those it has pulled, oldest first."""

    internal_ip: str = ""
    conditions: list[Condition] = field(default_factory=list)
    images: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Node:
    """A machine that pods run on.

    Attributes:
        powered: Whether the machine runs. Kubernetes has no such field: it learns of a loss by heartbeats
        that
            stay away.
    """

    meta: ObjectMeta
    spec: NodeSpec
    status: NodeStatus = field(default_factory=NodeStatus)
    powered: bool = True

    @property
    def zone(self) -> str:
        """Where it stands."""
        return self.meta.labels.get(ZONE_LABEL, "")


@dataclass(frozen=True, slots=True)
class ServicePort:
    """One port of a Service."""

    port: int
    target_port: int
    name: str = ""
    protocol: str = "TCP"


@dataclass(frozen=True, slots=True)
class ServiceSpec:
    """Which pods a Service stands for, and where it listens."""

    selector: Mapping[str, str]
    ports: tuple[ServicePort, ...] = ()
    type: str = "ClusterIP"
    cluster_ip: str = ""
    external_ip: str = ""
    session_affinity: str = "None"
    traffic_distribution: str = ""


@dataclass(slots=True)
class Service:
    """A stable name for the ready pods that match a selector."""

    meta: ObjectMeta
    spec: ServiceSpec


@dataclass(slots=True)
class Event:
    """Something that a component reports about an object; the same again raises ``count``.

    Attributes:
        kind: Of the object it is about, for example ``Pod``.
        name: Of the object it is about.
        type: ``Normal`` or ``Warning``.
        reason: One word in CamelCase.
        component: Who reports it.
        first_at: ns.
        last_at: ns.
        node_name: The kubelet's node, where a kubelet reports.
    """

    meta: ObjectMeta
    kind: str
    name: str
    type: Literal["Normal", "Warning"]
    reason: str
    message: str
    component: str
    first_at: int
    last_at: int
    count: int = 1
    node_name: str = ""

    @property
    def object_text(self) -> str:
        """The OBJECT column: ``pod/checkout-5d4f…-x7k2p``."""
        return f"{self.kind.lower()}/{self.name}"
