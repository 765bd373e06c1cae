"""The events that the API server still keeps when a run begins: of releases and pods of the last hour.

They are laid down when production is built, at their own times and in the words that the controllers use
while it runs. Nobody hears of them: whoever watches the cluster begins later. Whatever happens again in the
run is told as an event of its own, as after a restart of those who report.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final, NamedTuple

from simulator.engine.kubelets.pulling import ImagePuller, already_present, pulled
from simulator.units import SECOND
from simulator.world import Cluster, Deployment, Pod, ReplicaSet
from simulator.world.cluster import EVENT_TTL

#: From a pod's creation to the pull of its image, and from the end of the pull to the start of its process.
_BEFORE_PULL, _BEFORE_START = SECOND, SECOND
_DEPLOYMENTS: Final = "deployment-controller"
_REPLICA_SETS: Final = "replicaset-controller"
_SCHEDULER: Final = "default-scheduler"
_KUBELET: Final = "kubelet"


class _Told(NamedTuple):
    """One report: when, about what, the reason, the sentence, by whom."""

    at: int
    about: Deployment | ReplicaSet | Pod
    reason: str
    message: str
    component: str


def lay_down_events(cluster: Cluster, now: int, puller: ImagePuller) -> None:
    """Record what was told in the hour before ``now`` (ns) about the pods that run.

    Args:
        cluster: In its steady state.
        now: When the run begins.
        puller: Knows how large images are.
    """
    told = [one for deployment in cluster.deployments for one in _scaled(cluster, deployment)]
    there: set[tuple[str, str]] = set()  # (node, image)
    for pod in sorted(cluster.pods, key=lambda each: each.meta.created_at):
        told += _made(cluster, pod)
        told += _started(pod, there, puller)
    for one in sorted(told, key=lambda each: each.at):
        if now - EVENT_TTL < one.at <= now:
            node = one.about.node_name if isinstance(one.about, Pod) and one.component == _KUBELET else ""
            cluster.record(
                one.at,
                one.about,
                one.reason,
                one.message,
                component=one.component,
                node_name=node,
                joins=False,
            )


def _scaled(cluster: Cluster, deployment: Deployment) -> Iterator[_Told]:
    """The last release: up at once where it was the first, else pod by pod as the old ones went."""
    *older, new = sorted(cluster.replica_sets_of(deployment), key=lambda each: each.revision)
    pods = sorted(cluster.pods_of(new), key=lambda each: each.meta.created_at)
    size = len(pods)
    if not older or not pods:
        yield from (_size(deployment, new, pod.meta.created_at, 0, size) for pod in pods[:1])
        return
    for before, after in pairwise(range(size + 1)):
        pod = pods[before]
        yield _size(deployment, new, pod.meta.created_at, before, after)
        yield _size(deployment, older[-1], _ready_at(pod), size - before, size - after)


def _size(deployment: Deployment, of: ReplicaSet, at: int, before: int, after: int) -> _Told:
    verb = "up" if after > before else "down"
    message = f"Scaled {verb} replica set {of.meta.name} from {before} to {after}"
    return _Told(at, deployment, "ScalingReplicaSet", message, _DEPLOYMENTS)


def _made(cluster: Cluster, pod: Pod) -> Iterator[_Told]:
    meta = pod.meta
    for owner in cluster.replica_sets:
        if meta.owner is not None and owner.meta.uid == meta.owner.uid:
            yield _Told(
                meta.created_at, owner, "SuccessfulCreate", f"Created pod: {meta.name}", _REPLICA_SETS
            )


def _started(pod: Pod, there: set[tuple[str, str]], puller: ImagePuller) -> Iterator[_Told]:
    """Scheduled, pulled where its node had not the image yet, created and started."""
    created, started = pod.meta.created_at, _ready_at(pod)
    place = f"Successfully assigned {pod.meta.namespace}/{pod.meta.name} to {pod.node_name}"
    yield _Told(created, pod, "Scheduled", place, _SCHEDULER)
    begun, had = created + _BEFORE_PULL, started - _BEFORE_START
    first, *sidecars = pod.spec.containers
    for container in (*sidecars, first):
        image = container.image
        if (pod.node_name, image) in there:
            yield _Told(begun, pod, "Pulled", already_present(image), _KUBELET)
            continue
        there.add((pod.node_name, image))
        yield _Told(begun, pod, "Pulling", f'Pulling image "{image}"', _KUBELET)
        yield _Told(had, pod, "Pulled", pulled(image, had - begun, puller.size_bytes(image)), _KUBELET)
    for container in pod.spec.containers:
        yield _Told(had, pod, "Created", f"Created container: {container.name}", _KUBELET)
        yield _Told(started, pod, "Started", f"Started container {container.name}", _KUBELET)


def _ready_at(pod: Pod) -> int:
    """When its process started and answered, ns."""
    return pod.meta.created_at if pod.status.started_at is None else pod.status.started_at
