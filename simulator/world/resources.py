"""Which class holds the objects of which kind: the one list that a new kind joins, beside ``kinds``."""

from __future__ import annotations

from typing import Final, Protocol

from simulator.world.kinds import (
    DEPLOYMENTS,
    EVENTS,
    KINDS,
    NODES,
    PODS,
    REPLICA_SETS,
    SERVICES,
    Kind,
)
from simulator.world.meta import ObjectMeta
from simulator.world.nodes import Event, Node, Service
from simulator.world.pods import Pod
from simulator.world.workloads import Deployment, ReplicaSet


class AnyObject(Protocol):
    """What every Kubernetes object has."""

    meta: ObjectMeta


RESOURCES: Final[dict[type[AnyObject], Kind]] = {
    Deployment: DEPLOYMENTS,
    ReplicaSet: REPLICA_SETS,
    Pod: PODS,
    Service: SERVICES,
    Node: NODES,
    Event: EVENTS,
}
assert set(RESOURCES.values()) == set(KINDS)


def kind_of(item: AnyObject) -> Kind:
    """The kind of an object."""
    return RESOURCES[type(item)]
