"""What a Rollout says of itself: its conditions, its phase, and whether it makes progress.

Source: argoproj/argo-rollouts rollout/sync.go, utils/conditions, utils/rollout/rolloututil.go (1.8).
"""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.rollouts.passes import Pass
from simulator.units import SECOND
from simulator.world import Condition, find_condition, set_condition
from simulator.world.rollouts import Rollout, RolloutPhase, RolloutStatus


def note_pauses(turn: Pass) -> None:
    """Keep the Progressing and Paused conditions in step with pauses and with a retry after an abort."""
    conditions, now = turn.draft.conditions, turn.now
    paused = bool(turn.status.pause_conditions) or turn.rollout.spec.paused
    progressing = find_condition(conditions, "Progressing")
    reason = progressing.reason if progressing is not None else ""
    if reason == "RolloutAborted":
        if not turn.status.abort:
            text = "Retrying Rollout after abort"
            set_condition(conditions, now, "Progressing", "Unknown", "RolloutRetry", text)
        return
    if paused != (reason == "RolloutPaused"):
        word = "Paused" if paused else "Resumed"
        text = f"Rollout is {word.lower()}"
        set_condition(conditions, now, "Progressing", "Unknown", f"Rollout{word}", text)
    known = find_condition(conditions, "Paused")
    if paused != (known is not None and known.status == "True"):
        state = "True" if paused else "False"
        set_condition(conditions, now, "Paused", state, "RolloutPaused", "Rollout is paused")


def write_conditions(turn: Pass) -> None:
    """Write what the draft amounts to into its conditions."""
    conditions, now = turn.draft.conditions, turn.now
    paused = bool(turn.status.pause_conditions) or turn.rollout.spec.paused
    healthy = _healthy(turn)
    fell_ill = False
    if healthy and not paused:
        set_condition(conditions, now, "Healthy", "True", "RolloutHealthy", "Rollout is healthy")
    elif find_condition(conditions, "Healthy") is not None:
        text = "Rollout is not healthy"
        fell_ill = set_condition(conditions, now, "Healthy", "False", "RolloutHealthy", text)
    if turn.aborted:
        _note_abort(turn)
    else:
        _note_progress(turn, healthy, fell_ill)
    _note_availability(turn)
    _note_failure(turn)
    _note_completion(turn)


def _note_abort(turn: Pass) -> None:
    message = f"Rollout aborted update to revision {turn.rollout.revision}"
    if turn.pauses.abort_message:
        message = f"{message}: {turn.pauses.abort_message}"
    if set_condition(turn.draft.conditions, turn.now, "Progressing", "False", "RolloutAborted", message):
        turn.record("RolloutAborted", message, warning=True)


def _note_progress(turn: Pass, healthy: bool, fell_ill: bool) -> None:
    conditions, now, draft = turn.draft.conditions, turn.now, turn.draft
    name = f'Rollout "{turn.rollout.meta.name}"' if turn.new is None else f'ReplicaSet "{turn.new.meta.name}"'
    if healthy:
        text = f"{name} has successfully progressed."
        set_condition(conditions, now, "Progressing", "True", "NewReplicaSetAvailable", text)
    elif _progressing(turn) or fell_ill:
        reason, text = "ReplicaSetUpdated", f"{name} is progressing."
        if fell_ill and draft.stable_rs == draft.current_pod_hash:
            reason, text = "ReplicaSetNotAvailable", "Rollout does not have minimum availability"
        set_condition(conditions, now, "Progressing", "True", reason, text, refresh=True)
    elif _timed_out(turn):
        text = f"{name} has timed out progressing."
        changed = set_condition(conditions, now, "Progressing", "False", "ProgressDeadlineExceeded", text)
        if turn.rollout.spec.progress_deadline_abort and (changed or not turn.aborted):
            turn.pauses.aborting(text)
            turn.record("RolloutAborted", text, warning=True)
    deadline = _deadline(turn)
    if deadline is not None:
        turn.wake(deadline)


def _healthy(turn: Pass) -> bool:
    """Every wanted pod is of the wanted template and available, and the strategy is through."""
    rollout, draft, wanted = turn.rollout, turn.draft, turn.rollout.spec.replicas
    strategy = rollout.blue_green
    if strategy is not None:
        through = draft.active_selector == draft.current_pod_hash
        if strategy.preview_service:
            through = through and draft.preview_selector == draft.current_pod_hash
    else:
        done = draft.current_step_index in (None, len(rollout.steps)) or not rollout.steps
        stable = bool(draft.stable_rs) and draft.stable_rs == draft.current_pod_hash
        through = done and stable and draft.replicas == wanted
    observed = turn.status.observed_generation == rollout.meta.generation
    return (draft.updated_replicas, draft.available_replicas) == (wanted, wanted) and observed and through


def _progressing(turn: Pass) -> bool:
    """Something got nearer to the goal since the last pass."""
    before, after = turn.status, turn.draft
    if turn.rollout.blue_green is not None:
        moved = (before.active_selector, before.preview_selector) != (
            after.active_selector,
            after.preview_selector,
        )
    else:
        moved = (before.stable_rs, before.current_step_index, before.current_step_hash) != (
            after.stable_rs,
            after.current_step_index,
            after.current_step_hash,
        )
    return (
        moved
        or after.updated_replicas != before.updated_replicas
        or after.replicas - after.updated_replicas < before.replicas - before.updated_replicas
        or after.ready_replicas > before.ready_replicas
        or after.available_replicas > before.available_replicas
    )


def _timed_out(turn: Pass) -> bool:
    """Whether progressDeadlineSeconds have passed without progress."""
    condition = find_condition(turn.draft.conditions, "Progressing")
    if condition is not None and condition.reason == "ProgressDeadlineExceeded":
        return True
    deadline = _deadline(turn)
    return deadline is not None and turn.now >= deadline


def _deadline(turn: Pass) -> int | None:
    """Until when there must be progress, ns; a pause and a step without end have no such time."""
    condition = find_condition(turn.draft.conditions, "Progressing")
    step = turn.rollout.current_step
    if step is not None and (step.analysis is not None or step.pause is not None):
        return None
    if condition is None or condition.reason in ("NewReplicaSetAvailable", "RolloutPaused"):
        return None
    return condition.last_update_at + turn.rollout.spec.progress_deadline_seconds * SECOND


def _note_availability(turn: Pass) -> None:
    if turn.rollout.blue_green is not None:
        active = turn.by_hash(turn.draft.active_selector)
        there = active is not None and turn.saturated(active)
    else:
        there = turn.available >= turn.rollout.spec.replicas
    verdict = (
        ("True", "AvailableReason", "Rollout has minimum availability")
        if there
        else ("False", "AvailableReason", "Rollout does not have minimum availability")
    )
    set_condition(turn.draft.conditions, turn.now, "Available", *verdict)


def _note_failure(turn: Pass) -> None:
    """Carry up a ReplicaSet's failure to make pods, the new one's first; take it away when it is over."""
    conditions = turn.draft.conditions
    ordered = [turn.new, *turn.older] if turn.new is not None else turn.older
    failures = [find_condition(each.status.conditions, "ReplicaFailure") for each in ordered]
    failure: Condition | None = next((each for each in failures if each is not None), None)
    kept = [condition for condition in conditions if condition.type != "ReplicaFailure"]
    if failure is None:
        conditions[:] = kept
    elif len(kept) == len(conditions):
        conditions.append(replace(failure, last_transition_at=turn.now, last_update_at=turn.now))


def _note_completion(turn: Pass) -> None:
    draft = turn.draft
    completed = bool(draft.stable_rs) and draft.stable_rs == draft.current_pod_hash
    state = "True" if completed else "False"
    text = "RolloutCompleted"
    if set_condition(draft.conditions, turn.now, "Completed", state, text, text) and not completed:
        revision = turn.rollout.revision + 1 if turn.new is None else turn.new.revision
        turn.record(
            "RolloutNotCompleted",
            f"Rollout not completed, started update to revision {revision} ({draft.current_pod_hash})",
        )


# --- the phase ------------------------------------------------------------------------------------


def phase_of(rollout: Rollout, status: RolloutStatus) -> tuple[RolloutPhase, str]:
    """(phase, why) of a Rollout with this status (``CalculateRolloutPhase``)."""
    for condition in status.conditions:
        if condition.reason in ("RolloutAborted", "ProgressDeadlineExceeded"):
            return "Degraded", f"{condition.reason}: {condition.message}"
    spec = rollout.spec
    if spec.paused:
        return "Paused", "manually paused"
    if status.pause_conditions:
        return "Paused", status.pause_conditions[0].reason
    waits = ""
    if spec.restart_at is not None and status.restarted_at != spec.restart_at:
        waits = "rollout is restarting"
    elif status.updated_replicas < spec.replicas:
        waits = "more replicas need to be updated"
    elif status.available_replicas < status.updated_replicas:
        waits = "updated replicas are still becoming available"
    elif rollout.blue_green is not None:
        waits = _blue_green_waits(rollout, status)
    else:
        waits = _canary_waits(rollout, status)
    return ("Progressing", waits) if waits else ("Healthy", "")


def _blue_green_waits(rollout: Rollout, status: RolloutStatus) -> str:
    if not status.active_selector or status.active_selector != status.current_pod_hash:
        return "active service cutover pending"
    if status.stable_rs and status.stable_rs == status.current_pod_hash:
        return ""
    run, strategy = status.post_promotion_run, rollout.blue_green
    judged = strategy is not None and strategy.post_promotion_analysis is not None
    if judged and (run is None or run.status in ("", "Pending", "Running")):
        return "waiting for analysis to complete"
    return "waiting for post-promotion verification to complete"


def _canary_waits(rollout: Rollout, status: RolloutStatus) -> str:
    if not rollout.routed and status.replicas > status.updated_replicas:
        return "old replicas are pending termination"
    if not status.stable_rs or status.stable_rs != status.current_pod_hash:
        return "waiting for all steps to complete"
    return ""
