"""A Deployment's or Rollout's revisions, which are nothing but its ReplicaSets and a number on each."""

from __future__ import annotations

from typing import Final

from simulator.world.cluster import Cluster
from simulator.world.errors import KubernetesError
from simulator.world.rollouts import Rollout
from simulator.world.workloads import (
    DESIRED_ANNOTATION,
    MAX_ANNOTATION,
    REVISION_ANNOTATION,
    REVISION_HISTORY_ANNOTATION,
    Deployment,
    ReplicaSet,
)

#: Annotations that stay where they are when the others move between a Deployment and its ReplicaSets.
OWN_ANNOTATIONS: Final = (
    "kubectl.kubernetes.io/last-applied-configuration",
    REVISION_ANNOTATION,
    REVISION_HISTORY_ANNOTATION,
    DESIRED_ANNOTATION,
    MAX_ANNOTATION,
)


def new_replica_set(cluster: Cluster, owner: Deployment | Rollout) -> ReplicaSet | None:
    """The ReplicaSet of the current template: the oldest one that matches, or None before it was made."""
    for replica_set in cluster.replica_sets_of(owner):
        if replica_set.spec.template.same_as(owner.spec.template):
            return replica_set
    return None


def history(cluster: Cluster, owner: Deployment | Rollout) -> list[ReplicaSet]:
    """The ReplicaSets in ascending revision, as ``kubectl rollout history`` lists them."""
    return sorted(cluster.replica_sets_of(owner), key=lambda item: item.revision)


def rollback_target(cluster: Cluster, deployment: Deployment, to_revision: int) -> ReplicaSet:
    """The ReplicaSet that an undo returns to.

    Args:
        cluster: Where it lives.
        deployment: What is rolled back.
        to_revision: A revision, or 0 for the one before the current.

    Raises:
        KubernetesError: There is no such revision.
    """
    name = deployment.meta.name
    revisions = history(cluster, deployment)
    if to_revision:
        for replica_set in revisions:
            if replica_set.revision == to_revision:
                return replica_set
        raise KubernetesError(
            f"error: unable to find specified revision {to_revision} in history",
            where=f"rollout undo deployment/{name}",
            expected="one of the revisions " + ", ".join(str(each.revision) for each in revisions),
            got=str(to_revision),
            todo=f"kubectl rollout history deployment/{name} lists them.",
        )
    if len(revisions) < 2:
        raise KubernetesError(
            f'error: no rollout history found for deployment "{name}"',
            where=f"rollout undo deployment/{name}",
            expected="a revision before the current one",
            got=f"{len(revisions)} in all",
            todo="There is nothing to go back to.",
        )
    return revisions[-2]
