"""``restart``: every pod made before ``restartAt`` is replaced, a few at a time, stable ones first.

Source: argoproj/argo-rollouts rollout/restart.go (1.8).
"""

from __future__ import annotations

from typing import Final

from simulator.engine.rollouts.passes import Pass
from simulator.units import SECOND
from simulator.world import Pod, ReplicaSet, edits

#: How often the controller looks again while pods are being replaced.
_CHECK: Final = 30 * SECOND


def restart_pods(turn: Pass) -> None:
    """End pods that are too old, as far as enough stay available; say so when none is left."""
    spec, restart_at = turn.rollout.spec, turn.rollout.spec.restart_at
    if restart_at is None or turn.status.restarted_at == restart_at:
        return
    if turn.now < restart_at:
        turn.wake(restart_at)
        return
    pods = [pod for replica_set in _by_priority(turn) for pod in turn.cluster.pods_of(replica_set)]
    wanted = sum(each.spec.replicas for each in turn.every)
    available = sum(
        pod.available(turn.now, spec.min_ready_seconds * SECOND) and not pod.terminating for pod in pods
    )
    at_once = max(spec.max_unavailable, 1)
    spare = available - (max(spec.replicas, wanted) - at_once)
    remaining = 0
    for pod in pods:
        if pod.meta.created_at >= restart_at:
            continue
        if spare > 0 and not pod.terminating:
            _evict(turn, pod)
            spare -= 1
        else:
            remaining += 1
    if remaining:
        turn.wake(turn.now + _CHECK)
    else:
        turn.draft.restarted_at = restart_at


def _evict(turn: Pass, pod: Pod) -> None:
    edits.request_deletion(turn.cluster, turn.now, pod.meta.name, namespace=pod.meta.namespace)


def _by_priority(turn: Pass) -> list[ReplicaSet]:
    """Stable, new, then the others by age."""
    return sorted(
        turn.every, key=lambda each: (each is not turn.stable, each is not turn.new, each.meta.created_at)
    )
