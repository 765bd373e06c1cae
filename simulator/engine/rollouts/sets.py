"""The ReplicaSets of a Rollout: made, numbered, sized, kept for a while and forgotten.

Source: argoproj/argo-rollouts rollout/sync.go, replicaset.go, canary.go, bluegreen.go (1.8).
"""

from __future__ import annotations

from math import inf

from simulator.engine.rollouts.counts import abort_delay, by_ratio, by_weight, scale_down_delay
from simulator.engine.rollouts.passes import Pass, has_deadline, hash_of, size_of
from simulator.engine.workloads.replica_sets import stamped
from simulator.world import ReplicaSet, find_condition, set_condition
from simulator.world.pods import ROLLOUT_HASH_LABEL
from simulator.world.revisions import OWN_ANNOTATIONS
from simulator.world.rollouts import ROLLOUT_DESIRED_ANNOTATION, SCALE_DOWN_ANNOTATION, Rollout, Weights
from simulator.world.workloads import ROLLOUT_REVISION_ANNOTATION

#: Annotations that a ReplicaSet has for itself, and a Rollout too.
_OWN = (*OWN_ANNOTATIONS, ROLLOUT_REVISION_ANNOTATION, ROLLOUT_DESIRED_ANNOTATION, SCALE_DOWN_ANNOTATION)


def replica_set_for(rollout: Rollout, revision: int, now: int, replicas: int) -> ReplicaSet:
    """The ReplicaSet of a Rollout's current template, not yet in the cluster."""
    annotations = {
        **_inherited(rollout),
        ROLLOUT_REVISION_ANNOTATION: str(revision),
        ROLLOUT_DESIRED_ANNOTATION: str(rollout.spec.replicas),
    }
    return stamped(rollout, ROLLOUT_HASH_LABEL, annotations, now, replicas)


def _inherited(rollout: Rollout) -> dict[str, str]:
    return {name: text for name, text in rollout.meta.annotations.items() if name not in _OWN}


# --- revisions ------------------------------------------------------------------------------------


def sync_revision(turn: Pass) -> None:
    """Make the new ReplicaSet the newest revision; after an undo it gets a new number."""
    if turn.new is None:
        return
    rollout, new = turn.rollout, turn.new
    newest = max((each.revision for each in turn.older), default=0)
    annotations = {**new.meta.annotations, **_inherited(rollout)}
    if new.revision <= newest:
        annotations[ROLLOUT_REVISION_ANNOTATION] = str(newest + 1)
    if annotations != new.meta.annotations:
        new.meta.annotations = annotations
        turn.cluster.changed(new)
    _set_revision(turn, new.revision)
    if find_condition(turn.draft.conditions, "Progressing") is None:
        _note_progress(turn, "FoundNewReplicaSet", f'Found new replica set "{new.meta.name}"')


def create(turn: Pass) -> None:
    """Make the ReplicaSet of a template that has none."""
    if turn.new is not None:
        return
    rollout = turn.rollout
    revision = max((each.revision for each in turn.every), default=0) + 1
    made = replica_set_for(rollout, revision, turn.now, 0)
    turn.new = made
    size = wanted_size(turn, turn.draft.weights)
    if size:
        made = replica_set_for(rollout, revision, turn.now, size)
    turn.cluster.add(made)
    turn.new, turn.every = made, [*turn.every, made]
    turn.record("NewReplicaSetCreated", f"Created ReplicaSet {made.meta.name} (revision {revision})")
    if size:
        turn.record(
            "ScalingReplicaSet",
            f"Scaled up ReplicaSet {made.meta.name} (revision {revision}) from 0 to {size}",
        )
    _set_revision(turn, revision)
    _note_progress(turn, "NewReplicaSetCreated", f'Created new replica set "{made.meta.name}"')


def _set_revision(turn: Pass, revision: int) -> None:
    rollout = turn.rollout
    if rollout.revision != revision:
        rollout.meta.annotations[ROLLOUT_REVISION_ANNOTATION] = str(revision)
        turn.cluster.changed(rollout)
        turn.record("RolloutUpdated", f"Rollout updated to revision {revision}")


def _note_progress(turn: Pass, reason: str, message: str) -> None:
    conditions = turn.draft.conditions
    set_condition(conditions, turn.now, "Progressing", "True", reason, message, refresh=True)


def forget_history(turn: Pass) -> None:
    """Remove empty old ReplicaSets beyond the history limit, oldest first, with their AnalysisRuns."""
    beyond = len(turn.others) - turn.rollout.spec.revision_history_limit
    for replica_set in turn.others[: max(0, beyond)]:
        status = replica_set.status
        observed = status.observed_generation >= replica_set.meta.generation
        if replica_set.spec.replicas or status.replicas or not observed:
            continue
        turn.cluster.remove(replica_set)
        turn.every = [each for each in turn.every if each is not replica_set]
        for run in list(turn.other_runs):
            if run.meta.labels.get(ROLLOUT_HASH_LABEL) == hash_of(replica_set):
                turn.cluster.remove(run)
                turn.other_runs.remove(run)


# --- sizes ----------------------------------------------------------------------------------------


def scaling_event(turn: Pass) -> bool:
    """Whether somebody edited ``replicas`` since the ReplicaSets were last sized."""
    wanted = str(turn.rollout.spec.replicas)
    return any(
        each.spec.replicas and each.meta.annotations.get(ROLLOUT_DESIRED_ANNOTATION, wanted) != wanted
        for each in turn.every
    )


def wanted_size(turn: Pass, weights: Weights | None) -> int:
    """Pods that the new ReplicaSet shall have (``NewRSNewReplicas``).

    Args:
        turn: The pass; its new ReplicaSet exists.
        weights: The split of the traffic to reckon with, where there is one.
    """
    assert turn.new is not None, "asked for a ReplicaSet that exists"
    if turn.rollout.blue_green is not None:
        return _wanted_preview(turn)
    if turn.rollout.routed:
        return by_weight(turn.rollout, weights)[0]
    return _ratio(turn)[0]


def _wanted_preview(turn: Pass) -> int:
    rollout, status = turn.rollout, turn.status
    strategy = rollout.blue_green
    assert strategy is not None, "asked for blue-green alone"
    full, count = rollout.spec.replicas, strategy.preview_replica_count
    active = turn.by_hash(status.active_selector)
    if count is None or active is None or active is turn.new or status.promote_full:
        return full
    if hash_of(turn.new) != status.current_pod_hash:
        return count
    paused = rollout.spec.paused or bool(status.pause_conditions)
    return full if not paused and status.preview_check_point else count


def _ratio(turn: Pass) -> tuple[int, int]:
    stable = turn.stable if turn.stable is not turn.new else None
    return by_ratio(
        turn.bounds,
        _weight(turn.rollout),
        None if turn.new is None else size_of(turn.new),
        None if stable is None else size_of(stable),
        sum(each.spec.replicas for each in turn.others),
    )


def _weight(rollout: Rollout) -> int:
    status = rollout.status
    if status.promote_full or not status.stable_rs or rollout.fully_promoted:
        return 100
    return rollout.set_weight


def at_desired_counts(turn: Pass, weights: Weights | None) -> bool:
    """Whether canary and stable have the pods that the current step asks for."""
    routed = turn.rollout.routed
    new, stable = by_weight(turn.rollout, weights) if routed else _ratio(turn)
    if turn.new is None or (turn.new.spec.replicas, turn.new.status.available_replicas) != (new, new):
        return False
    canary = turn.rollout.canary
    if not routed or (canary is not None and not canary.dynamic_stable_scale):
        kept = turn.stable
        if kept is None or (kept.spec.replicas, kept.status.replicas) != (stable, stable):
            return False
    return routed or not any(each.status.available_replicas for each in turn.others)


def ready_for_pause(turn: Pass) -> bool:
    """Whether the new ReplicaSet has every pod that it shall have by now, all available."""
    if turn.new is None:
        return False
    wanted = wanted_size(turn, None)
    return (turn.new.spec.replicas, turn.new.status.available_replicas) == (wanted, wanted)


# --- sizing ---------------------------------------------------------------------------------------


def size_canary(turn: Pass) -> bool:
    """Bring stable, canary and older ReplicaSets one step nearer to their sizes.

    Returns:
        Whether any size changed.
    """
    if turn.halted:
        return False
    remove_deadlines(turn)
    return _size_stable(turn) or size_new(turn) or size_others(turn)


def _size_stable(turn: Pass) -> bool:
    if turn.stable is None or turn.stable is turn.new:
        return False
    # The split before this pass: pods follow the traffic, never the other way round.
    routed = turn.rollout.routed
    size = by_weight(turn.rollout, turn.status.weights)[1] if routed else _ratio(turn)[1]
    return turn.scale(turn.stable, size)


def size_new(turn: Pass) -> bool:
    """Size the new ReplicaSet; after an abort it may live on for a while."""
    new = turn.new
    if new is None and turn.rollout.canary is not None and not turn.rollout.fully_promoted:
        new = turn.by_hash(turn.status.current_pod_hash)  # template and replicas were edited at once
        turn.new = new
    if new is None:
        return False
    if turn.aborted and turn.rollout.routed and abort_delay(turn.rollout) is None:
        return False  # abortScaleDownDelaySeconds: 0 leaves the canary up (docs, scaledown-aborted-rs)
    size = wanted_size(turn, turn.draft.weights)
    if turn.keeps_deadline:
        if has_deadline(new):
            if turn.time_left(new):
                return False
            size = 0
        else:
            delay, stable = abort_delay(turn.rollout), turn.stable
            full = stable is not None and stable.status.available_replicas == turn.rollout.spec.replicas
            if full and delay is not None:
                turn.set_deadline(new, delay)
                turn.time_left(new)
            return False
    return turn.scale(new, size)


def remove_deadlines(turn: Pass) -> None:
    """New and stable ReplicaSets stay, even where they were on their way out."""
    if turn.new is not None and not turn.keeps_deadline:
        turn.set_deadline(turn.new, 0)
    if turn.stable is not None and turn.stable is not turn.new:
        turn.set_deadline(turn.stable, 0)


def size_others(turn: Pass) -> bool:
    """Shrink what is neither new nor stable."""
    others = [each for each in turn.others if each.spec.replicas]
    if not others:
        return False
    return _shrink_old(turn, others) if turn.rollout.canary is not None else shrink_previous(turn, others)


def _shrink_old(turn: Pass, others: list[ReplicaSet]) -> bool:
    """Old ReplicaSets of a canary: first pods that are not available, then as far as enough stay."""
    changed = False
    for each in others:
        available = min(each.status.available_replicas, each.spec.replicas)
        if available < each.spec.replicas:
            changed = turn.scale(each, available) or changed
    spare = turn.available - turn.bounds.least
    annotated = 0
    for each in sorted(others, key=lambda item: -item.revision):
        if spare <= 0:
            break
        if not each.spec.replicas or (turn.rollout.routed and turn.referenced(each)):
            continue
        size = 0
        if not turn.rollout.routed:
            size = max(0, each.spec.replicas - spare)
        elif turn.rollout.fully_promoted or has_deadline(each):
            canary = turn.rollout.canary
            if canary is not None and not canary.dynamic_stable_scale:
                annotated, size = _delayed(turn, each, annotated, each.spec.replicas)
        before = each.spec.replicas
        if turn.scale(each, size):
            spare -= before - size
            changed = True
    return changed


def shrink_previous(turn: Pass, others: list[ReplicaSet]) -> bool:
    """Old ReplicaSets of a blue-green, each after its delay."""
    strategy = turn.rollout.blue_green
    assert strategy is not None, "asked for blue-green alone"
    if turn.status.paused_for("InconclusiveAnalysisRun") is not None:
        return False
    judged = turn.runs.post_promotion
    if (
        strategy.post_promotion_analysis is not None
        and strategy.scale_down_delay_seconds is None
        and awaits_post_promotion(turn)
        and (judged is None or judged.status.phase != "Successful")
    ):
        return False  # the way back stays open until the analysis has passed
    annotated, changed = 0, False
    for each in sorted(others, key=lambda item: -item.revision):
        if turn.referenced(each):
            continue
        annotated, size = _delayed(turn, each, annotated, turn.rollout.spec.replicas)
        changed = turn.scale(each, size) or changed
    return changed


def awaits_post_promotion(turn: Pass) -> bool:
    """Whether traffic has switched to a full new ReplicaSet that is not yet stable."""
    current = hash_of(turn.new)
    return (
        turn.new is not None
        and turn.status.stable_rs != current
        and turn.status.active_selector == current
        and turn.saturated(turn.new)
    )


def _delayed(turn: Pass, replica_set: ReplicaSet, annotated: int, replicas: int) -> tuple[int, int]:
    """(ReplicaSets that wait so far, this one's size) under scaleDownDelay and its revision limit.

    Args:
        turn: The pass.
        replica_set: Which.
        annotated: How many newer ones wait already.
        replicas: Its size while it waits.
    """
    limit = turn.rollout.spec.strategy.scale_down_delay_revision_limit
    most = inf if limit is None else limit
    if not has_deadline(replica_set):
        if annotated >= most or not replica_set.spec.replicas:
            return annotated, 0
        delay = scale_down_delay(turn.rollout)
        if not delay:
            return annotated + 1, 0
        turn.set_deadline(replica_set, delay)
        turn.time_left(replica_set)
        return annotated + 1, replica_set.spec.replicas
    annotated += 1
    if annotated > most or not turn.time_left(replica_set):
        return annotated, 0
    return annotated, replicas
