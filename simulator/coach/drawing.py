"""The system as a drawing: Mermaid's flowchart, and the same in words, a line a part."""

from __future__ import annotations

import re
from typing import Final

from simulator.coach.blocks import Diagram
from simulator.scenario import USERS, Graph
from simulator.world import Cluster

#: Mermaid's shapes by role: what holds data is a cylinder, what is not ours a double circle.
_SHAPES: Final[dict[str, tuple[str, str]]] = {
    USERS: ("([", "])"),
    "load-balancer": ("{{", "}}"),
    "service": ("[", "]"),
    "database": ("[(", ")]"),
    "cache": ("[/", "/]"),
    "external": ("((", "))"),
}


def pods_wanted(cluster: Cluster, workload: str) -> int:
    """How many pods a workload asks for now; 0 where it is gone or not ours."""
    found = cluster.workload(workload)
    return found.spec.replicas if found is not None else 0


def drawing(system: Graph, cluster: Cluster) -> Diagram:
    """Every part with its role and its pods, every call as an arrow, every queue as a dotted one."""
    lines, twin = ["flowchart LR"], []
    for part in system.parts.values():
        pods = pods_wanted(cluster, part.workload) if part.workload else 0
        size = f"<br/>{part.role} ×{pods}" if pods else "" if part.name == USERS else f"<br/>{part.role}"
        opening, closing = _SHAPES[part.role]
        lines.append(f'  {_id(part.name)}{opening}"{part.name}{size}"{closing}')
    for caller, callee in system.calls:
        lines.append(f"  {_id(caller)} --> {_id(callee)}")
    for publisher, topic, consumer in system.feeds:
        lines.append(f"  {_id(publisher)} -. {topic} .-> {_id(consumer)}")
    for name, part in system.parts.items():
        callees = system.callees(name)
        pods = pods_wanted(cluster, part.workload) if part.workload else 0
        size = f", {counted(pods, 'pod')}" if pods else ""
        what = "" if name == USERS else f" ({part.role}{size})"
        said = f"{name}{what} → {', '.join(callees)}" if callees else f"{name}{what} calls nobody"
        fed = [f"{consumer} by the queue {topic}" for topic, consumer in system.fed(name)]
        twin.append(f"{said}; feeds {', '.join(fed)}" if fed else said)
    return Diagram("\n".join(lines), tuple(twin))


def counted(count: int, thing: str) -> str:
    """``1 pod``, ``2 pods``."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _id(name: str) -> str:
    """A Mermaid identifier: letters, digits and underscores; ``end`` is a keyword there."""
    return "n_" + re.sub(r"\W", "_", name)
