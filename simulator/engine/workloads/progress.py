"""What a Deployment reports: counts, the Available condition, and whether its rollout makes progress.

Source: kubernetes/kubernetes pkg/controller/deployment/progress.go and ``calculateStatus`` in sync.go.
"""

from __future__ import annotations

from copy import copy
from dataclasses import replace

from simulator.units import SECOND
from simulator.world import (
    Cluster,
    Condition,
    Deployment,
    DeploymentStatus,
    ReplicaSet,
    find_condition,
    set_condition,
)


def write_status(
    cluster: Cluster, now: int, deployment: Deployment, current: ReplicaSet | None
) -> int | None:
    """Count the pods of a Deployment's ReplicaSets and write its status and conditions.

    Args:
        cluster: Where it lives.
        now: ns.
        deployment: Whose status.
        current: The ReplicaSet of its template, if there is one.

    Returns:
        When to look again because a deadline may have passed (ns), or None.
    """
    before = deployment.status
    every = cluster.replica_sets_of(deployment)
    total = sum(each.status.replicas for each in every)
    available = sum(each.status.available_replicas for each in every)
    after = DeploymentStatus(
        observed_generation=deployment.meta.generation,
        replicas=total,
        updated_replicas=current.status.replicas if current is not None else 0,
        ready_replicas=sum(each.status.ready_replicas for each in every),
        available_replicas=available,
        unavailable_replicas=max(0, sum(each.spec.replicas for each in every) - available),
        conditions=[copy(condition) for condition in before.conditions],
    )
    deployment.status = after
    _set_available(deployment, now)
    deadline = _set_progressing(deployment, before, current, now)
    _set_failure(after.conditions, every, now)
    if after != before:
        cluster.changed(deployment)
    return deadline


def _set_available(deployment: Deployment, now: int) -> None:
    spec, status = deployment.spec, deployment.status
    if status.available_replicas >= spec.replicas - spec.max_unavailable:
        verdict = ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
    else:
        verdict = ("False", "MinimumReplicasUnavailable", "Deployment does not have minimum availability.")
    set_condition(status.conditions, now, "Available", *verdict)


def _set_progressing(
    deployment: Deployment, before: DeploymentStatus, current: ReplicaSet | None, now: int
) -> int | None:
    conditions, after = deployment.status.conditions, deployment.status
    condition = find_condition(conditions, "Progressing")
    name = (
        f'ReplicaSet "{current.meta.name}"' if current is not None else f'Deployment "{deployment.meta.name}"'
    )
    settled = condition is not None and condition.reason == "NewReplicaSetAvailable"
    if deployment.spec.paused or (settled and after.replicas == after.updated_replicas):
        return None
    if deployment.complete:
        message = f"{name} has successfully progressed."
        set_condition(conditions, now, "Progressing", "True", "NewReplicaSetAvailable", message)
        return None
    if _moved(before, after):
        message = f"{name} is progressing."
        set_condition(conditions, now, "Progressing", "True", "ReplicaSetUpdated", message, refresh=True)
    condition = find_condition(conditions, "Progressing")
    if condition is None or condition.reason in ("NewReplicaSetAvailable", "ProgressDeadlineExceeded"):
        return None
    deadline = condition.last_update_at + deployment.spec.progress_deadline_seconds * SECOND
    if now < deadline:
        return deadline
    message = f"{name} has timed out progressing."
    set_condition(conditions, now, "Progressing", "False", "ProgressDeadlineExceeded", message)
    return None


def _moved(before: DeploymentStatus, after: DeploymentStatus) -> bool:
    """Something got nearer to the goal: more new pods, fewer old ones, more ready or more available."""
    return (
        after.updated_replicas > before.updated_replicas
        or after.replicas - after.updated_replicas < before.replicas - before.updated_replicas
        or after.ready_replicas > before.ready_replicas
        or after.available_replicas > before.available_replicas
    )


def _set_failure(conditions: list[Condition], every: list[ReplicaSet], now: int) -> None:
    """Carry up a ReplicaSet's failure to make pods, and take it away when it is over."""
    failures = [find_condition(each.status.conditions, "ReplicaFailure") for each in every]
    failure = next((each for each in failures if each is not None), None)
    kept = [condition for condition in conditions if condition.type != "ReplicaFailure"]
    if failure is None:
        conditions[:] = kept
    elif len(kept) == len(conditions):
        conditions.append(replace(failure, last_transition_at=now, last_update_at=now))
