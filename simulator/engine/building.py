"""From a scenario to the cluster's objects: Services, workloads with their past, pods that run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final, TypeVar

from simulator.engine.delivery.releases import Release, commit_of
from simulator.engine.images import version_of
from simulator.engine.rollouts.declared import declared_rollout, settle_rollout
from simulator.engine.rollouts.sets import replica_set_for as rollout_replica_set
from simulator.engine.workloads.deployments import replica_set_for
from simulator.engine.workloads.templates import template_of
from simulator.scenario import workloads as declared
from simulator.scenario.rollouts import RolloutWorkload
from simulator.streams import key
from simulator.units import DAY, SECOND
from simulator.world import (
    CHANGE_CAUSE_ANNOTATION,
    REVISION_ANNOTATION,
    Cluster,
    Condition,
    Deployment,
    DeploymentSpec,
    DeploymentStatus,
    ObjectMeta,
    PodTemplate,
    Recreate,
    ReplicaSet,
    ReplicaSetStatus,
    RollingUpdate,
    Service,
    ServicePort,
    ServiceSpec,
)
from simulator.world.rollouts import Rollout
from simulator.world.workloads import ROLLOUT_REVISION_ANNOTATION

Owner = TypeVar("Owner", Deployment, Rollout)
#: Age of a workload that declares no history.
_DEFAULT_AGE: Final = 30 * DAY
#: Between the pods of a past rollout, and from a pod's creation to its readiness.
_ROLLOUT_STEP, _READY_AFTER = 9 * SECOND, 14 * SECOND


def build_service(cluster: Cluster, item: declared.Service, created_at: int) -> None:
    """Add one Service, with addresses made from its name."""
    bits = key(item.name)
    cluster.add(
        Service(
            meta=ObjectMeta(
                item.name,
                cluster.namespace,
                labels=dict(item.metadata.labels) or dict(item.spec.selector),
                annotations=dict(item.metadata.annotations),
                created_at=created_at,
            ),
            spec=ServiceSpec(
                selector=dict(item.spec.selector),
                ports=tuple(
                    ServicePort(port.port, port.target_port or port.port, port.name or "")
                    for port in item.spec.ports
                ),
                type=item.spec.type,
                session_affinity=item.spec.session_affinity,
                traffic_distribution=item.spec.traffic_distribution or "",
                cluster_ip=f"10.96.{bits % 250}.{2 + (bits >> 8) % 250}",
                external_ip=f"203.0.113.{2 + (bits >> 16) % 250}" if item.spec.type == "LoadBalancer" else "",
            ),
        )
    )


def build_workload(cluster: Cluster, workload: declared.Workload) -> tuple[ReplicaSet, list[Release]]:
    """Add a workload in its steady state, with a ReplicaSet for each past revision; its pods come later.

    Returns:
        The ReplicaSet that runs, and the releases that led to it, oldest first.
    """
    history = workload.model.history or (
        declared.Revision.model_construct(
            image=workload.image, cause="", author="", commit="", age=_DEFAULT_AGE
        ),
    )
    done = -history[-1].age + pod_created_after(max(0, workload.spec.replicas - 1)) + _READY_AFTER
    if isinstance(workload, RolloutWorkload):
        rollout = declared_rollout(cluster, workload, -history[0].age)
        current = _with_past(cluster, rollout, ROLLOUT_REVISION_ANNOTATION, history, rollout_replica_set)
        settle_rollout(rollout, current, done)
    else:
        assert isinstance(workload, declared.DeploymentWorkload), "there are two kinds"
        deployment = _deployment(cluster, workload, -history[0].age)
        current = _with_past(cluster, deployment, REVISION_ANNOTATION, history, replica_set_for)
        _settle(deployment, current, done)
    return current, [_release_of(workload.name, revision) for revision in history]


def _with_past(
    cluster: Cluster,
    workload: Owner,
    revision_annotation: str,
    history: Sequence[declared.Revision],
    make: Callable[[Owner, int, int, int], ReplicaSet],
) -> ReplicaSet:
    """Release one image after the other, as they were; the ReplicaSet of the last."""
    by_hash = dict[str, ReplicaSet]()
    for number, revision in enumerate(history, start=1):
        last = number == len(history)
        template = _with_image(workload.spec.template, revision.image)
        workload.spec = replace(workload.spec, template=template)
        workload.meta.generation = number
        workload.meta.annotations[revision_annotation] = str(number)
        workload.meta.annotations.pop(CHANGE_CAUSE_ANNOTATION, None)
        if revision.cause:
            workload.meta.annotations[CHANGE_CAUSE_ANNOTATION] = revision.cause
        made = make(workload, number, -revision.age, workload.spec.replicas if last else 0)
        made.status = ReplicaSetStatus(made.meta.generation)
        if template.hash in by_hash:  # an image released again: its ReplicaSet was used again
            made.meta.created_at = by_hash[template.hash].meta.created_at
        by_hash[template.hash] = made
    cluster.add(workload)
    kept = sorted(by_hash.values(), key=lambda each: each.revision)
    for replica_set in kept[-workload.spec.revision_history_limit - 1 :]:
        owner = replica_set.meta.owner
        assert owner is not None
        replica_set.meta.owner = replace(owner, uid=workload.meta.uid)
        cluster.add(replica_set)
    return kept[-1]


def _with_image(template: PodTemplate, image: str) -> PodTemplate:
    first, *others = template.containers
    spec = replace(template.spec, containers=(replace(first, image=image), *others))
    return replace(template, spec=spec)


def _release_of(deployment: str, revision: declared.Revision) -> Release:
    return Release(
        at=-revision.age,
        deployment=deployment,
        image=revision.image,
        version=version_of(revision.image),
        cause=revision.cause,
        author=revision.author or "pipeline",
        commit=revision.commit or commit_of(deployment, revision.image),
        action="release",
    )


def _deployment(cluster: Cluster, workload: declared.DeploymentWorkload, created_at: int) -> Deployment:
    spec, labels = workload.spec, workload.pod_labels
    rolling = spec.strategy.rolling_update
    return Deployment(
        meta=ObjectMeta(
            workload.name,
            cluster.namespace,
            labels=dict(workload.metadata.labels) or dict(labels),
            annotations=dict(workload.metadata.annotations),
            created_at=created_at,
        ),
        spec=DeploymentSpec(
            replicas=spec.replicas,
            selector=labels,
            template=template_of(workload),
            strategy=RollingUpdate(rolling.max_surge, rolling.max_unavailable)
            if spec.strategy.type == "RollingUpdate"
            else Recreate(),
            min_ready_seconds=spec.min_ready_seconds,
            revision_history_limit=spec.revision_history_limit,
            progress_deadline_seconds=spec.progress_deadline_seconds,
        ),
    )


def _settle(deployment: Deployment, current: ReplicaSet, done: int) -> None:
    """Write the status that the controllers would have written by now."""
    replicas = deployment.spec.replicas
    current.status = ReplicaSetStatus(current.meta.generation, replicas, replicas, replicas)
    deployment.status = DeploymentStatus(
        observed_generation=deployment.meta.generation,
        replicas=replicas,
        updated_replicas=replicas,
        ready_replicas=replicas,
        available_replicas=replicas,
        conditions=[
            Condition(
                "Available",
                "True",
                "MinimumReplicasAvailable",
                "Deployment has minimum availability.",
                deployment.meta.created_at,
                deployment.meta.created_at,
            ),
            Condition(
                "Progressing",
                "True",
                "NewReplicaSetAvailable",
                f'ReplicaSet "{current.meta.name}" has successfully progressed.',
                deployment.meta.created_at,
                done,
            ),
        ],
    )


def pod_created_after(ordinal: int) -> int:
    """How long after its release a pod of the steady state was made, ns."""
    return ordinal * _ROLLOUT_STEP


def pod_ready_at(created_at: int) -> int:
    """When a pod of the steady state became ready, ns."""
    return created_at + _READY_AFTER
