"""The deployment controller: brings a Deployment's ReplicaSets to its template and size, a step at a time.

The order of one pass is Kubernetes' (pkg/controller/deployment, ``syncDeployment``): a paused Deployment and
one whose size was edited are only scaled; otherwise the new ReplicaSet grows, and when it can't, the old ones
shrink.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from simulator.engine.environment import Environment
from simulator.engine.reconciler import Name, Reconciler
from simulator.engine.workloads.progress import write_status
from simulator.engine.workloads.replica_sets import stamped
from simulator.engine.workloads.rolling import Size, grown, proportional, shrunk
from simulator.world import (
    REVISION_ANNOTATION,
    TEMPLATE_HASH_LABEL,
    Change,
    Cluster,
    Deployment,
    Pod,
    Recreate,
    ReplicaSet,
    find_condition,
    new_replica_set,
    set_condition,
)
from simulator.world.analysis import AnalysisRun
from simulator.world.revisions import OWN_ANNOTATIONS
from simulator.world.rollouts import Rollout
from simulator.world.workloads import DESIRED_ANNOTATION, MAX_ANNOTATION, REVISION_HISTORY_ANNOTATION

COMPONENT: Final = "deployment-controller"


def replica_set_for(deployment: Deployment, revision: int, now: int, replicas: int) -> ReplicaSet:
    """The ReplicaSet of a Deployment's current template, not yet in the cluster."""
    annotations = {**_inherited(deployment), REVISION_ANNOTATION: str(revision), **_sizes(deployment)}
    return stamped(deployment, TEMPLATE_HASH_LABEL, annotations, now, replicas)


def _inherited(deployment: Deployment) -> dict[str, str]:
    """A Deployment's annotations that its ReplicaSet carries too, the change-cause among them."""
    return {name: text for name, text in deployment.meta.annotations.items() if name not in OWN_ANNOTATIONS}


def _sizes(deployment: Deployment) -> dict[str, str]:
    """What a ReplicaSet remembers of its Deployment's size: to notice an edit, to scale in proportion."""
    replicas = deployment.spec.replicas
    return {DESIRED_ANNOTATION: str(replicas), MAX_ANNOTATION: str(replicas + deployment.spec.max_surge)}


def _size(replica_set: ReplicaSet) -> Size:
    """What the arithmetic needs. A set that shrinks counts no more available pods than it shall keep."""
    wanted = replica_set.spec.replicas
    most = int(replica_set.meta.annotations.get(MAX_ANNOTATION, "0"))
    return Size(wanted, min(wanted, replica_set.status.available_replicas), most)


class DeploymentController:
    """Reconciles Deployments and collects what deleted ones leave behind.

    Args:
        env: The clock.
        cluster: What it watches and writes.
    """

    def __init__(self, env: Environment, cluster: Cluster) -> None:
        self._env = env
        self._cluster = cluster
        self._queue = Reconciler(env, self._reconcile)
        cluster.subscribe(self._on_change, Deployment, ReplicaSet, Pod)

    def _on_change(self, change: Change) -> None:
        item = change.object
        if isinstance(item, Deployment):
            self._queue.enqueue(item.meta.namespace, item.meta.name)
        elif isinstance(item, ReplicaSet) and item.meta.owner is not None:
            self._queue.enqueue(item.meta.namespace, item.meta.owner.name)
        elif isinstance(item, Pod) and change.type == "DELETED":
            self._queue.enqueue(item.meta.namespace, item.deployment)

    def _reconcile(self, name: Name) -> None:
        deployment = self._cluster.deployments.find(name[1], name[0])
        if deployment is None:
            return
        self._note_pause(deployment)
        current = new_replica_set(self._cluster, deployment)
        resized = any(
            each.spec.replicas
            and each.meta.annotations.get(DESIRED_ANNOTATION) != str(deployment.spec.replicas)
            for each in self._cluster.replica_sets_of(deployment)
        )
        if deployment.spec.paused or resized:
            if current is not None:
                self._adopt(deployment, current)
            self._scale(deployment, current)
            if deployment.spec.paused:
                self._forget_history(deployment, current)
        elif isinstance(deployment.spec.strategy, Recreate) and self._clear(deployment, current):
            pass  # an old pod still runs; its end is the next reason to look
        else:
            current = self._adopt(deployment, current) if current is not None else self._create(deployment)
            still = not self._grow(deployment, current) and not self._shrink(deployment, current)
            if still and deployment.complete:
                self._forget_history(deployment, current)
        wake_at = write_status(self._cluster, self._env.now, deployment, current)
        if wake_at is not None:
            self._queue.enqueue_at(*name, wake_at)

    # -- revisions -----------------------------------------------------------------------------------------

    def _others(self, deployment: Deployment, current: ReplicaSet | None) -> list[ReplicaSet]:
        return [each for each in self._cluster.replica_sets_of(deployment) if each is not current]

    def _create(self, deployment: Deployment) -> ReplicaSet:
        """Make the ReplicaSet of a template that has none, at the size that the surge allows at once."""
        old = self._others(deployment, None)
        revision = max((each.revision for each in old), default=0) + 1
        total = sum(each.spec.replicas for each in old)
        size = grown(Size(0), total, deployment.spec.replicas, deployment.spec.max_surge)
        made = replica_set_for(deployment, revision, self._env.now, size)
        self._cluster.add(made)
        if size:
            self._report_scaling(deployment, made, 0, size)
        self._set_revision(deployment, revision)
        set_condition(
            deployment.status.conditions,
            self._env.now,
            "Progressing",
            "True",
            "NewReplicaSetCreated",
            f'Created new replica set "{made.meta.name}"',
            refresh=True,
        )
        return made

    def _adopt(self, deployment: Deployment, current: ReplicaSet) -> ReplicaSet:
        """Make an existing ReplicaSet the newest revision; after an undo it gets a new number."""
        newest = max((each.revision for each in self._others(deployment, current)), default=0)
        annotations = {**current.meta.annotations, **_inherited(deployment)}
        if current.revision <= newest:
            earlier = annotations.get(REVISION_HISTORY_ANNOTATION, "")
            annotations[REVISION_HISTORY_ANNOTATION] = (
                f"{earlier},{current.revision}" if earlier else str(current.revision)
            )
            annotations[REVISION_ANNOTATION] = str(newest + 1)
        if find_condition(deployment.status.conditions, "Progressing") is None:
            found = f'Found new replica set "{current.meta.name}"'
            set_condition(
                deployment.status.conditions,
                self._env.now,
                "Progressing",
                "True",
                "FoundNewReplicaSet",
                found,
            )
        wait = deployment.spec.min_ready_seconds
        if annotations != current.meta.annotations or current.spec.min_ready_seconds != wait:
            current.meta.annotations = annotations
            current.spec = replace(current.spec, min_ready_seconds=wait)
            self._cluster.changed(current)
        self._set_revision(deployment, current.revision)
        return current

    def _set_revision(self, deployment: Deployment, revision: int) -> None:
        if deployment.revision != revision:
            deployment.meta.annotations[REVISION_ANNOTATION] = str(revision)
            self._cluster.changed(deployment)

    def _forget_history(self, deployment: Deployment, current: ReplicaSet | None) -> None:
        """Remove empty old ReplicaSets beyond the history limit, oldest revision first."""
        old = sorted(self._others(deployment, current), key=lambda each: each.revision)
        beyond = len(old) - deployment.spec.revision_history_limit
        for replica_set in old[: max(0, beyond)]:
            if replica_set.spec.replicas == 0 and replica_set.status.replicas == 0:
                self._cluster.remove(replica_set)

    # -- sizes ---------------------------------------------------------------------------------------------

    def _grow(self, deployment: Deployment, current: ReplicaSet) -> bool:
        total = sum(each.spec.replicas for each in self._cluster.replica_sets_of(deployment))
        spec = deployment.spec
        return self._resize(deployment, current, grown(_size(current), total, spec.replicas, spec.max_surge))

    def _shrink(self, deployment: Deployment, current: ReplicaSet) -> bool:
        old = self._others(deployment, current)
        spec = deployment.spec
        sizes = shrunk(_size(current), [_size(each) for each in old], spec.replicas, spec.max_unavailable)
        resized = [self._resize(deployment, each, size) for each, size in zip(old, sizes, strict=True)]
        return any(resized)

    def _clear(self, deployment: Deployment, current: ReplicaSet | None) -> bool:
        """End every pod of another template.

        Returns:
            Whether any is left, terminating ones included.
        """
        old = self._others(deployment, current)
        for each in old:
            self._resize(deployment, each, 0)
        return any(
            pod.status.phase not in ("Succeeded", "Failed")
            for each in old
            for pod in self._cluster.pods_of(each)
        )

    def _scale(self, deployment: Deployment, current: ReplicaSet | None) -> None:
        """Bring the sizes of the ReplicaSets to an edited ``replicas`` without moving the rollout on."""
        every = self._cluster.replica_sets_of(deployment)
        active = [each for each in every if each.spec.replicas]
        spec = deployment.spec
        if len(active) <= 1:
            only = active[0] if active else current or (every[-1] if every else None)
            if only is not None:
                self._resize(deployment, only, spec.replicas)
            return
        if current is not None and self._saturated(deployment, current):
            for each in active:
                self._resize(deployment, each, spec.replicas if each is current else 0)
            return
        if isinstance(spec.strategy, Recreate):
            return
        adding = spec.replicas + spec.max_surge > sum(each.spec.replicas for each in active)
        ordered = sorted(
            active,
            key=lambda each: (-each.spec.replicas, -each.meta.created_at if adding else each.meta.created_at),
        )
        sizes = proportional(
            [_size(each) for each in ordered], spec.replicas, spec.max_surge, deployment.status.replicas
        )
        for each, size in zip(ordered, sizes, strict=True):
            self._resize(deployment, each, size)

    @staticmethod
    def _saturated(deployment: Deployment, current: ReplicaSet) -> bool:
        """The new ReplicaSet already had all the pods that were wanted, and all are available."""
        wanted = str(deployment.spec.replicas)
        return (
            current.meta.annotations.get(DESIRED_ANNOTATION) == wanted
            and current.spec.replicas == deployment.spec.replicas
            and current.status.available_replicas == deployment.spec.replicas
        )

    def _resize(self, deployment: Deployment, replica_set: ReplicaSet, size: int) -> bool:
        """Write a ReplicaSet's size and what it shall remember of its Deployment's.

        Returns:
            Whether the size changed.
        """
        before = replica_set.spec.replicas
        annotations = {**replica_set.meta.annotations, **_sizes(deployment)}
        if before == size and annotations == replica_set.meta.annotations:
            return False
        replica_set.meta.annotations = annotations
        if before != size:
            replica_set.spec = replace(replica_set.spec, replicas=size)
            replica_set.meta.generation += 1
            self._report_scaling(deployment, replica_set, before, size)
        self._cluster.changed(replica_set)
        return before != size

    # -- telling -------------------------------------------------------------------------------------------

    def _report_scaling(
        self, deployment: Deployment, replica_set: ReplicaSet, before: int, size: int
    ) -> None:
        verb = "up" if size > before else "down"
        self._cluster.record(
            self._env.now,
            deployment,
            "ScalingReplicaSet",
            f"Scaled {verb} replica set {replica_set.meta.name} from {before} to {size}",
            component=COMPONENT,
        )

    def _note_pause(self, deployment: Deployment) -> None:
        """Keep the Progressing condition from running into its deadline while the rollout is paused."""
        conditions, now = deployment.status.conditions, self._env.now
        progressing = find_condition(conditions, "Progressing")
        paused = progressing is not None and progressing.reason == "DeploymentPaused"
        if progressing is not None and progressing.reason == "ProgressDeadlineExceeded":
            return
        if deployment.spec.paused and not paused:
            set_condition(
                conditions, now, "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused"
            )
            self._cluster.changed(deployment)
        elif paused and not deployment.spec.paused:
            set_condition(
                conditions, now, "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed"
            )
            self._cluster.changed(deployment)


class GarbageCollector:
    """Removes what a deleted owner leaves behind: ReplicaSets at once, their pods by asking them to end.

    Args:
        env: The clock.
        cluster: What it watches and writes.
    """

    def __init__(self, env: Environment, cluster: Cluster) -> None:
        self._env = env
        self._cluster = cluster
        cluster.subscribe(self._on_change)

    def _on_change(self, change: Change) -> None:
        if change.type != "DELETED":
            return
        item, cluster, now = change.object, self._cluster, self._env.now
        if isinstance(item, (Deployment, Rollout)):
            for replica_set in cluster.replica_sets_of(item):
                cluster.remove(replica_set)
            for run in cluster.table(AnalysisRun):
                if run.meta.owner is not None and run.meta.owner.uid == item.meta.uid:
                    cluster.remove(run)
        elif isinstance(item, ReplicaSet):
            for pod in cluster.pods_of(item):
                if not pod.terminating:
                    pod.meta.deleted_at = now
                    cluster.changed(pod)
