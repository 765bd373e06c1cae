"""When an update skips what it otherwise has to go through: the rollback window, the end of all steps.

Source: argoproj/argo-rollouts rollout/sync.go (1.8).
"""

from __future__ import annotations

from simulator.engine.rollouts.passes import Pass


def within_rollback_window(turn: Pass) -> bool:
    """Whether an older ReplicaSet is wanted again, few enough revisions back (``rollbackWindow``)."""
    new, stable, window = turn.new, turn.stable, turn.rollout.spec.rollback_window
    if new is None or stable is None or new.meta.created_at >= stable.meta.created_at:
        return False
    between = sum(new.meta.created_at < each.meta.created_at < stable.meta.created_at for each in turn.every)
    return between < window


def full_promotion(turn: Pass) -> str:
    """Why the wanted ReplicaSet becomes the stable one now, or empty (``shouldFullPromote``)."""
    if turn.stable is None:
        return "Initial deploy"
    if turn.rollout.canary is not None:
        return _canary(turn)
    return _blue_green(turn)


def _canary(turn: Pass) -> str:
    wanted, steps = turn.rollout.spec.replicas, len(turn.rollout.steps)
    if turn.aborted or turn.new is None or turn.new.status.available_replicas != wanted:
        return ""
    if turn.status.promote_full:
        return "Full promotion requested"
    if within_rollback_window(turn):
        return "Rollback within window"
    if steps == 0 or turn.status.current_step_index == steps:
        return f"Completed all {steps} canary steps"
    return ""


def _blue_green(turn: Pass) -> str:
    strategy, draft = turn.rollout.blue_green, turn.draft
    if not draft.active_selector:
        return "Initial deploy"
    if draft.active_selector != draft.current_pod_hash:
        return ""
    if turn.status.promote_full:
        return "Full promotion requested"
    if within_rollback_window(turn):
        return "Rollback within window"
    if turn.aborted:
        return ""
    if strategy is not None and strategy.post_promotion_analysis is not None and turn.new is not None:
        if turn.fast_track:
            return f"Rollback to '{turn.new.meta.name}' within scaleDownDelay"
        run = turn.runs.post_promotion
        if run is None or run.status.phase != "Successful":
            return ""
    return "Completed blue-green update"


def promote_stable(turn: Pass, reason: str) -> None:
    """Mark the wanted ReplicaSet as stable in the draft (``promoteStable``)."""
    draft, steps = turn.draft, len(turn.rollout.steps)
    turn.pauses.reset()
    draft.promote_full = draft.preview_check_point = False
    if turn.rollout.canary is not None:
        draft.current_step_index = steps or None
    if draft.stable_rs != draft.current_pod_hash:
        draft.stable_rs = draft.current_pod_hash
        turn.record(
            "RolloutCompleted",
            f"Rollout completed update to revision {turn.rollout.revision} ({draft.current_pod_hash}): "
            f"{reason}",
        )
