"""The ReplicaSet controller: as many pods as wanted, made from the template, removed in Kubernetes' order."""

from __future__ import annotations

import re
from typing import Final

from simulator.engine.environment import Environment
from simulator.engine.reconciler import Name, Reconciler
from simulator.engine.workloads.tallies import Tallies
from simulator.streams import Stream, key
from simulator.units import SECOND
from simulator.world import (
    Change,
    Cluster,
    ContainerState,
    ContainerStatus,
    Deployment,
    ObjectMeta,
    OwnerReference,
    Pod,
    PodStatus,
    ReplicaSet,
    ReplicaSetSpec,
    edits,
    find_condition,
    kind_of,
    set_condition,
)
from simulator.world.meta import uid_of
from simulator.world.rollouts import Rollout

COMPONENT: Final = "replicaset-controller"
#: Pods that a namespace may hold, as by a ResourceQuota ``pods``: a slip of the finger stays affordable.
POD_QUOTA: Final = 300
DELETION_COST_ANNOTATION: Final = "controller.kubernetes.io/pod-deletion-cost"
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,10}")
#: How often a controller tries again after the quota refused a pod.
_RETRY: Final = 10 * SECOND


def stamped(
    owner: Deployment | Rollout,
    hash_label: str,
    annotations: dict[str, str],
    now: int,
    replicas: int,
) -> ReplicaSet:
    """The ReplicaSet of an owner's current template, not yet in the cluster.

    Args:
        owner: Whose.
        hash_label: The label by which its pods are told from its siblings'.
        annotations: Of the ReplicaSet.
        now: ns.
        replicas: How many pods it shall have.
    """
    meta, spec = owner.meta, owner.spec
    template = spec.template.labelled(hash_label)
    return ReplicaSet(
        meta=ObjectMeta(
            name=f"{meta.name}-{template.hash}",
            namespace=meta.namespace,
            labels=dict(template.labels),
            annotations=annotations,
            created_at=now,
            owner=OwnerReference(kind_of(owner).kind, meta.name, meta.uid),
        ),
        spec=ReplicaSetSpec(
            replicas=replicas,
            selector={**spec.selector, hash_label: template.hash},
            template=template,
            min_ready_seconds=spec.min_ready_seconds,
        ),
    )


def new_pod(replica_set: ReplicaSet, ordinal: int, now: int, names: Stream) -> Pod:
    """The pod that a ReplicaSet makes as its ``ordinal``-th, not yet in the cluster.

    Its name ends in five letters drawn for (ReplicaSet, ordinal), so it is the same in every run of a seed.
    """
    meta, template = replica_set.meta, replica_set.spec.template
    name = f"{meta.name}-{names.letters(5, key(meta.name), ordinal)}"
    return Pod(
        meta=ObjectMeta(
            name=name,
            namespace=meta.namespace,
            uid=uid_of("Pod", meta.namespace, name, now),
            labels=dict(template.labels),
            annotations=dict(template.annotations),
            created_at=now,
            owner=OwnerReference("ReplicaSet", meta.name, meta.uid),
        ),
        spec=template.spec,
        deployment=meta.owner.name if meta.owner is not None else "",
        revision=replica_set.revision,
        ordinal=ordinal,
        status=PodStatus(
            container_statuses=[
                ContainerStatus(container.name, container.image, state=ContainerState())
                for container in template.containers
            ]
        ),
    )


def deletion_cost(pod: Pod) -> int:
    """What the annotation says that it would cost to remove a pod; 0 where it says nothing, or no number."""
    text = pod.meta.annotations.get(DELETION_COST_ANNOTATION, "0")
    return int(text) if _INTEGER.fullmatch(text) else 0


def removal_order(pods: list[Pod], now: int, siblings: dict[str, int]) -> list[Pod]:
    """Pods in the order in which a scale-down removes them (Kubernetes' ``ActivePodsWithRanks``).

    Not scheduled first, then pending, then not ready, then of lower deletion cost, then those that share a
    node with most siblings, then ready for less time (in doublings, so that age alone does not decide), then
    more restarts, then younger (in doublings), then by uid.

    Args:
        pods: Of one ReplicaSet, none terminating.
        now: ns.
        siblings: Node name to the Deployment's pods there.
    """

    def doublings(since: int) -> int:
        return max(1, (now - since) // SECOND).bit_length()

    def rank(pod: Pod) -> tuple[bool, bool, bool, int, int, int, int, int, str]:
        since = pod.ready_since
        return (
            pod.node_name != "",
            pod.status.phase == "Running",
            since is not None,
            deletion_cost(pod),
            -siblings.get(pod.node_name, 0),
            0 if since is None else doublings(since),
            -pod.restarts,
            doublings(pod.meta.created_at),
            pod.meta.uid,
        )

    return sorted(pods, key=rank)


class ReplicaSetController:
    """Keeps each ReplicaSet at its size and writes its status.

    Args:
        env: The clock.
        cluster: What it watches and writes.
        seed: Of the run; pod names are drawn from it.
    """

    def __init__(self, env: Environment, cluster: Cluster, seed: int) -> None:
        self._env = env
        self._cluster = cluster
        self._names = Stream(seed, "pod-names")
        self._tallies = Tallies(cluster)
        self._queue = Reconciler(env, self._reconcile, first=self._growth)
        cluster.subscribe(self._on_change, ReplicaSet, Pod)

    def _on_change(self, change: Change) -> None:
        item = change.object
        if isinstance(item, ReplicaSet):
            self._queue.enqueue(item.meta.namespace, item.meta.name)
        elif isinstance(item, Pod) and self._tallies.note(item, gone=change.type == "DELETED"):
            assert item.meta.owner is not None, "pods of nobody have no tally"
            self._queue.enqueue(item.meta.namespace, item.meta.owner.name)

    def _growth(self, name: Name) -> int:
        """Pods to come (or, below 0, to go): who shrinks goes first, so that a surge is never exceeded."""
        replica_set = self._cluster.replica_sets.find(name[1], name[0])
        if replica_set is None:
            return 0
        return replica_set.spec.replicas - sum(pod.active for pod in self._cluster.pods_of(replica_set))

    def _reconcile(self, name: Name) -> None:
        replica_set = self._cluster.replica_sets.find(name[1], name[0])
        if replica_set is None or replica_set.meta.deleted_at is not None:
            return
        there, wanted = len(self._tallies.of(replica_set.meta.uid).since), replica_set.spec.replicas
        refused = False
        if there < wanted:
            refused = self._create(replica_set, wanted - there)
        elif there > wanted:
            self._delete(replica_set, there - wanted)
        self._note_refusal(replica_set, refused)
        self._write_status(replica_set)

    def _create(self, replica_set: ReplicaSet, count: int) -> bool:
        """Make pods as far as the quota allows; returns whether it refused any."""
        cluster, meta = self._cluster, replica_set.meta
        used = sum(pod.meta.namespace == meta.namespace for pod in cluster.pods)
        for _ in range(min(count, POD_QUOTA - used)):
            pod = self._next_pod(replica_set)
            while cluster.pods.find(pod.meta.name, meta.namespace) is not None:
                pod = self._next_pod(replica_set)  # five letters met themselves
            cluster.add(pod)
            self._report(replica_set, "SuccessfulCreate", f"Created pod: {pod.meta.name}")
        return count > POD_QUOTA - used

    def _note_refusal(self, replica_set: ReplicaSet, refused: bool) -> None:
        """Say that the quota refused a pod and try again later; or take back that it did."""
        now, meta, conditions = self._env.now, replica_set.meta, replica_set.status.conditions
        if refused:
            message = (
                f'pods "{meta.name}-" is forbidden: exceeded quota: pods, requested: pods=1, '
                f"used: pods={POD_QUOTA}, limited: pods={POD_QUOTA}"
            )
            self._report(replica_set, "FailedCreate", f"Error creating: {message}", warning=True)
            if set_condition(conditions, now, "ReplicaFailure", "True", "FailedCreate", message):
                self._cluster.changed(replica_set)
            self._queue.enqueue_at(meta.namespace, meta.name, now + _RETRY)
        elif find_condition(conditions, "ReplicaFailure") is not None:
            conditions[:] = [condition for condition in conditions if condition.type != "ReplicaFailure"]
            self._cluster.changed(replica_set)

    def _next_pod(self, replica_set: ReplicaSet) -> Pod:
        pod = new_pod(replica_set, replica_set.pods_made, self._env.now, self._names)
        replica_set.pods_made += 1
        return pod

    def _delete(self, replica_set: ReplicaSet, count: int) -> None:
        living = [pod for pod in self._cluster.pods_of(replica_set) if pod.active]
        siblings: dict[str, int] = {}
        for sibling in self._cluster.siblings_of(replica_set):
            for pod in self._cluster.pods_of(sibling):
                if pod.active and pod.node_name:
                    siblings[pod.node_name] = siblings.get(pod.node_name, 0) + 1
        for pod in removal_order(living, self._env.now, siblings)[:count]:
            edits.request_deletion(self._cluster, self._env.now, pod.meta.name, namespace=pod.meta.namespace)
            self._report(replica_set, "SuccessfulDelete", f"Deleted pod: {pod.meta.name}")

    def _write_status(self, replica_set: ReplicaSet) -> None:
        now, meta, status = self._env.now, replica_set.meta, replica_set.status
        min_ready = replica_set.spec.min_ready_seconds * SECOND
        tally = self._tallies.of(meta.uid)
        soonest = tally.next_available(now, min_ready)
        if soonest is not None:
            self._queue.enqueue_at(meta.namespace, meta.name, soonest)
        written = (meta.generation, len(tally.since), tally.ready, tally.available(now, min_ready))
        if written != (
            status.observed_generation,
            status.replicas,
            status.ready_replicas,
            status.available_replicas,
        ):
            status.observed_generation, status.replicas, status.ready_replicas, status.available_replicas = (
                written
            )
            self._cluster.changed(replica_set)

    def _report(self, replica_set: ReplicaSet, reason: str, message: str, *, warning: bool = False) -> None:
        self._cluster.record(
            self._env.now, replica_set, reason, message, component=COMPONENT, warning=warning
        )
