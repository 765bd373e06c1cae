"""Cordoning: a node takes no new pods, and a taint says so to who looks there."""

from __future__ import annotations

from dataclasses import replace

from simulator.world import Cluster, Node
from simulator.world.placement import UNSCHEDULABLE_TAINT, Taint


def set_unschedulable(cluster: Cluster, now: int, node: Node, unschedulable: bool) -> bool:
    """Cordon or uncordon a node, with the taint that the node controller adds and the kubelet's event.

    Returns:
        False where it was so already.
    """
    if node.spec.unschedulable == unschedulable:
        return False
    others = tuple(taint for taint in node.spec.taints if taint.key != UNSCHEDULABLE_TAINT)
    own = (Taint(UNSCHEDULABLE_TAINT, added_at=now),) if unschedulable else ()
    node.spec = replace(node.spec, unschedulable=unschedulable, taints=(*others, *own))
    node.meta.generation += 1
    if node.powered:
        reason = "NodeNotSchedulable" if unschedulable else "NodeSchedulable"
        message = f"Node {node.meta.name} status is now: {reason}"
        cluster.record(now, node, reason, message, component="kubelet", node_name=node.meta.name)
    cluster.changed(node)
    return True
