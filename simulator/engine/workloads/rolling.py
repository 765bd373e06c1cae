"""The arithmetic of a rolling update, as Kubernetes' deployment controller does it: numbers in, numbers out.

Source: kubernetes/kubernetes pkg/controller/deployment (rolling.go, sync.go) and util/deployment_util.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Size:
    """One ReplicaSet as the arithmetic sees it.

    Attributes:
        replicas: Wanted pods.
        available: Pods that are available.
        most: Largest total that its Deployment allowed when the set was last sized; 0 where unknown.
    """

    replicas: int
    available: int = 0
    most: int = 0


def grown(new: Size, total: int, replicas: int, max_surge: int) -> int:
    """Wanted pods of the new ReplicaSet after one step up.

    Args:
        new: The new ReplicaSet.
        total: Wanted pods of all ReplicaSets, the new one included.
        replicas: Of the Deployment.
        max_surge: Pods that may exist beyond ``replicas``.
    """
    if new.replicas > replicas:
        return replicas
    room = replicas + max_surge - total
    return new.replicas + max(0, min(room, replicas - new.replicas))


def shrunk(new: Size, old: Sequence[Size], replicas: int, max_unavailable: int) -> list[int]:
    """Wanted pods of each old ReplicaSet after one step down.

    First old pods that are not available go (they serve nobody), then available ones, as far as
    ``replicas - max_unavailable`` stay available.

    Args:
        new: The new ReplicaSet.
        old: The others, oldest first.
        replicas: Of the Deployment.
        max_unavailable: Pods that may be missing.
    """
    sizes = [each.replicas for each in old]
    floor = replicas - max_unavailable
    removable = new.replicas + sum(sizes) - floor - (new.replicas - new.available)
    if removable <= 0:
        return sizes
    for place, each in enumerate(old):
        unhealthy = min(removable, max(0, sizes[place] - each.available))
        sizes[place] -= unhealthy
        removable -= unhealthy
    spare = new.available + sum(each.available for each in old) - floor
    for place in range(len(sizes)):
        healthy = min(max(0, spare), sizes[place])
        sizes[place] -= healthy
        spare -= healthy
    return sizes


def proportional(sizes: Sequence[Size], replicas: int, max_surge: int, ever: int) -> list[int]:
    """Wanted pods of each active ReplicaSet when a Deployment is scaled in the middle of a rollout.

    Each gets its share of what is added or taken away, by its size; the first gets the remainder.

    Args:
        sizes: Larger first; of equal size the newer first when pods are added, the older first when taken.
        replicas: Of the Deployment, as it is now.
        max_surge: Pods that may exist beyond ``replicas``.
        ever: The Deployment's pods before, for sets that do not remember their ``most``.
    """
    allowed = replicas + max_surge if replicas else 0
    change = allowed - sum(each.replicas for each in sizes)
    scaled, given = [], 0
    for each in sizes:
        share = 0
        if each.replicas and change != given:
            share = _fraction(each, allowed, ever)
            left = change - given
            share = min(share, left) if change > 0 else max(share, left)
        scaled.append(each.replicas + share)
        given += share
    if scaled:
        scaled[0] = max(0, scaled[0] + change - given)
    return scaled


def _fraction(size: Size, allowed: int, ever: int) -> int:
    """How far a set of this size moves if all move in proportion, rounded half away from zero."""
    if allowed == 0:
        return -size.replicas
    before = size.most or ever
    if before <= 0:
        return 0
    return (2 * size.replicas * allowed + before) // (2 * before) - size.replicas
