"""The canary strategy: one pass through services, traffic, analysis, sizes and the current step.

Source: argoproj/argo-rollouts rollout/canary.go (1.8).
"""

from __future__ import annotations

from simulator.engine.rollouts.analyses import reconcile_runs
from simulator.engine.rollouts.conditions import write_conditions
from simulator.engine.rollouts.drafts import base_status, steps_hash, template_changed
from simulator.engine.rollouts.passes import Pass, hash_of
from simulator.engine.rollouts.restarts import restart_pods
from simulator.engine.rollouts.sets import (
    at_desired_counts,
    create,
    forget_history,
    size_canary,
)
from simulator.engine.rollouts.traffic import point_services, route
from simulator.engine.rollouts.windows import full_promotion, promote_stable, within_rollback_window
from simulator.world.rollouts import Pause


def roll_canary(turn: Pass) -> None:
    """One pass over a canary."""
    if _changed(turn):
        _write_status(turn)
        return
    create(turn)
    restart_pods(turn)
    forget_history(turn)
    point_services(turn)
    route(turn)
    reconcile_runs(turn)
    if not turn.pauses.added and not size_canary(turn):
        _hold(turn)
    _write_status(turn)


def resize_canary(turn: Pass) -> None:
    """One pass after an edit of ``replicas`` (``syncReplicasOnly``): sizes first, no new ReplicaSet."""
    restart_pods(turn)
    size_canary(turn)
    reconcile_runs(turn)
    _hold(turn)
    point_services(turn)
    route(turn)
    _write_status(turn)


def _changed(turn: Pass) -> bool:
    """Somebody edited the pod template or the steps."""
    return turn.status.current_step_hash != steps_hash(turn.rollout) or template_changed(turn)


def _hold(turn: Pass) -> None:
    """At a pause step: begin the pause, or see when it ends (``reconcileCanaryPause``)."""
    step = turn.rollout.current_step
    if turn.rollout.spec.paused or turn.status.promote_full or step is None or step.pause is None:
        return
    pause = turn.status.paused_for("CanaryPauseStep")
    if pause is None:
        if not turn.status.controller_pause:  # else somebody has promoted just now
            turn.pauses.added.append("CanaryPauseStep")
    elif step.pause.duration is not None:
        turn.wake(pause.start_time + step.pause.duration)


def _waited(turn: Pass, pause: Pause) -> bool:
    """Whether a pause step is over: promoted, or its time has passed."""
    begun = turn.status.paused_for("CanaryPauseStep")
    if begun is None:
        return turn.status.controller_pause
    return pause.duration is not None and turn.now >= begun.start_time + pause.duration


def _step_done(turn: Pass) -> bool:
    """Whether the current step is through (``completedCurrentCanaryStep``)."""
    step = turn.rollout.current_step
    if step is None or turn.rollout.spec.paused:
        return False
    if step.pause is not None:
        return _waited(turn, step.pause)
    if step.analysis is not None:
        run = turn.runs.step
        return run is not None and run.status.phase == "Successful"
    return at_desired_counts(turn, turn.draft.weights)


def _write_status(turn: Pass) -> None:
    """The next status of a canary (``syncRolloutStatusCanary``)."""
    base_status(turn)
    status, draft, steps = turn.status, turn.draft, turn.rollout.steps
    draft.available_replicas = turn.available
    draft.stable_rs = status.stable_rs
    draft.current_step_hash = steps_hash(turn.rollout)
    if _changed(turn):
        _begin_anew(turn)
        write_conditions(turn)
        return
    index: int | None = (status.current_step_index or 0) if steps else None
    if status.promote_full or within_rollback_window(turn):
        turn.pauses.reset()
        index = len(steps) or None
    reason = full_promotion(turn)
    if reason:
        promote_stable(turn, reason)
    elif turn.aborted:
        draft.current_step_index = None
        if steps:
            draft.current_step_index = len(steps) if draft.stable_rs == draft.current_pod_hash else 0
    else:
        if index is not None and index == status.current_step_index and _step_done(turn):
            index += 1
            draft.step_run = None
            turn.record(
                "RolloutStepCompleted",
                f"Rollout step {index}/{len(steps)} completed ({steps[index - 1]})",
            )
            turn.pauses.removed.append("CanaryPauseStep")
        draft.current_step_index = index
    write_conditions(turn)


def _begin_anew(turn: Pass) -> None:
    """Another template or other steps: from the first step, or past them all where it is a way back."""
    draft, steps = turn.draft, len(turn.rollout.steps)
    turn.pauses.reset()
    draft.restarted_at = turn.rollout.spec.restart_at
    draft.promote_full = False
    draft.step_run = draft.background_run = None
    draft.current_step_index = 0 if steps else None
    if turn.new is None or not steps:
        return
    if turn.status.stable_rs == hash_of(turn.new):
        turn.record("SkipSteps", "Rollback to stable ReplicaSets")
        draft.current_step_index = steps
    elif within_rollback_window(turn) and turn.new.spec.replicas:
        turn.record("SkipSteps", "Rollback to active ReplicaSets within RollbackWindow")
        draft.current_step_index = steps
