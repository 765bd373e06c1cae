"""The scale of an object: how many pods it shall have and which they are, whatever kind it is.

Kubernetes' ``/scale`` subresource. Who sets a size (kubectl scale, an autoscaler) or counts on one (a
disruption budget) goes through this, so that a new kind of workload joins by registering here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from simulator.world.cluster import Cluster
from simulator.world.kinds import Kind
from simulator.world.resources import RESOURCES, AnyObject, kind_of
from simulator.world.rollouts import Rollout
from simulator.world.workloads import Deployment, ReplicaSet

T = TypeVar("T", bound=AnyObject)


@dataclass(frozen=True, slots=True)
class Scale:
    """One object's size.

    Attributes:
        replicas: Wanted.
        current: There are, as its controller last counted.
        selector: Of its pods.
    """

    replicas: int
    current: int
    selector: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Scaling:
    """How a kind's size is read and written."""

    read: Callable[[Any], Scale]
    write: Callable[[Any, int], None]


SCALES: Final[dict[Kind, Scaling]] = {}


def scales(
    type_: type[T], *, write: Callable[[T, int], None]
) -> Callable[[Callable[[T], Scale]], Callable[[T], Scale]]:
    """Register how the scale of a class is read; ``write`` puts a new size into its spec."""

    def register(read: Callable[[T], Scale]) -> Callable[[T], Scale]:
        SCALES[RESOURCES[type_]] = Scaling(read, write)
        return read

    return register


def scalable() -> tuple[type[AnyObject], ...]:
    """The classes whose objects have a scale."""
    return tuple(type_ for type_, kind in RESOURCES.items() if kind in SCALES)


def scale_of(item: AnyObject) -> Scale | None:
    """An object's size, or None where its kind has none."""
    scaling = SCALES.get(kind_of(item))
    return scaling.read(item) if scaling is not None else None


def resize(cluster: Cluster, item: AnyObject, replicas: int) -> bool:
    """Write an object's wanted size; a real change raises its generation. Watchers hear of it either way.

    Returns:
        Whether it differs from the size before.
    """
    scaling = SCALES[kind_of(item)]
    changed = scaling.read(item).replicas != replicas
    if changed:
        scaling.write(item, replicas)
        item.meta.generation += 1
    cluster.changed(item)
    return changed


def _write_deployment(item: Deployment, replicas: int) -> None:
    item.spec = replace(item.spec, replicas=replicas)


@scales(Deployment, write=_write_deployment)
def _deployment(item: Deployment) -> Scale:
    return Scale(item.spec.replicas, item.status.replicas, item.spec.selector)


def _write_replica_set(item: ReplicaSet, replicas: int) -> None:
    item.spec = replace(item.spec, replicas=replicas)


@scales(ReplicaSet, write=_write_replica_set)
def _replica_set(item: ReplicaSet) -> Scale:
    return Scale(item.spec.replicas, item.status.replicas, item.spec.selector)


def _write_rollout(item: Rollout, replicas: int) -> None:
    item.spec = replace(item.spec, replicas=replicas)


@scales(Rollout, write=_write_rollout)
def _rollout(item: Rollout) -> Scale:
    return Scale(item.spec.replicas, item.status.replicas, item.spec.selector)
