"""What the status of every Rollout begins with, whatever its strategy.

Source: argoproj/argo-rollouts rollout/sync.go ``calculateBaseStatus``, utils/replicaset (1.8).
"""

from __future__ import annotations

from simulator.engine.rollouts.passes import Pass, hash_of
from simulator.streams import SAFE_ALPHABET, key
from simulator.world.rollouts import Rollout


def steps_hash(rollout: Rollout) -> str:
    """A short word that changes with a canary's steps; one word for none."""
    digits = str(key(repr(rollout.steps)) & 0xFFFFFFFF)
    return "".join(SAFE_ALPHABET[ord(digit) % len(SAFE_ALPHABET)] for digit in digits)


def template_changed(turn: Pass) -> bool:
    """Whether another pod template is wanted than the status knows of (``CheckPodSpecChange``)."""
    known = turn.status.current_pod_hash
    return bool(known) and known != wanted_hash(turn)


def wanted_hash(turn: Pass) -> str:
    """The hash of the template that is wanted."""
    return hash_of(turn.new) or turn.rollout.spec.template.hash


def base_status(turn: Pass) -> None:
    """Count the pods and name the template."""
    draft, every = turn.draft, turn.every
    draft.current_pod_hash = wanted_hash(turn)
    draft.replicas = sum(each.status.replicas for each in every)
    draft.updated_replicas = turn.new.status.replicas if turn.new is not None else 0
    draft.ready_replicas = sum(each.status.ready_replicas for each in every)
    # Asked for, and not yet granted: an update that is stable has nothing left to promote.
    draft.promote_full = turn.status.promote_full and draft.current_pod_hash != turn.status.stable_rs
