"""The blue-green strategy: a full second set of pods, and a Service that switches from one to the other.

Source: argoproj/argo-rollouts rollout/bluegreen.go, service.go, pause.go (1.8).
"""

from __future__ import annotations

from simulator.engine.rollouts.analyses import passed_pre_promotion, reconcile_runs
from simulator.engine.rollouts.conditions import write_conditions
from simulator.engine.rollouts.drafts import base_status, template_changed
from simulator.engine.rollouts.passes import Pass, hash_of, selector_of
from simulator.engine.rollouts.restarts import restart_pods
from simulator.engine.rollouts.sets import (
    create,
    forget_history,
    ready_for_pause,
    remove_deadlines,
    size_new,
    size_others,
)
from simulator.engine.rollouts.traffic import switch
from simulator.engine.rollouts.windows import full_promotion, promote_stable, within_rollback_window
from simulator.units import SECOND
from simulator.world import Service
from simulator.world.rollouts import BlueGreen


def roll_blue_green(turn: Pass) -> None:
    """One pass over a blue-green."""
    strategy = _strategy(turn)
    active, preview = turn.service(strategy.active_service), turn.service(strategy.preview_service)
    assert active is not None, "the scenario's references were checked"
    create(turn)
    if preview is not None and not turn.halted:
        switch(turn, preview, hash_of(turn.new))
    if template_changed(turn):
        _write_status(turn, active, preview)
        return
    restart_pods(turn)
    _size(turn, active)
    _hold(turn, active)
    _switch_active(turn, active)
    reconcile_runs(turn)
    _write_status(turn, active, preview)


def resize_blue_green(turn: Pass) -> None:
    """One pass after an edit of ``replicas`` (``syncReplicasOnly``): sizes alone."""
    strategy = _strategy(turn)
    active, preview = turn.service(strategy.active_service), turn.service(strategy.preview_service)
    assert active is not None, "the scenario's references were checked"
    restart_pods(turn)
    _size(turn, active)
    draft, status = turn.draft, turn.status
    draft.pre_promotion_run, draft.post_promotion_run = status.pre_promotion_run, status.post_promotion_run
    _write_status(turn, active, preview)


def _strategy(turn: Pass) -> BlueGreen:
    strategy = turn.rollout.blue_green
    assert strategy is not None, "asked for blue-green alone"
    return strategy


def _size(turn: Pass, active: Service) -> None:
    remove_deadlines(turn)
    serving = turn.by_hash(selector_of(active))
    if serving is not None:
        turn.scale(serving, turn.rollout.spec.replicas)
    size_new(turn)
    size_others(turn)
    forget_history(turn)


def _fast_tracked(turn: Pass, active: Service) -> bool:
    """Whether the switch needs no pause: back to pods that still run, promoted in full, or there already."""
    selected = selector_of(active)
    return turn.fast_track or turn.status.promote_full or not selected or selected == hash_of(turn.new)


def _pauses(strategy: BlueGreen) -> bool:
    """Whether the controller pauses before the switch at all."""
    return not strategy.auto_promotion_enabled or strategy.auto_promotion_seconds > 0


def _hold(turn: Pass, active: Service) -> None:
    """Begin or end the pause before the switch (``reconcileBlueGreenPause``)."""
    strategy, status = _strategy(turn), turn.status
    if status.abort or not ready_for_pause(turn) or turn.halted:
        return
    through = (
        _fast_tracked(turn, active) or selector_of(active) == hash_of(turn.new) or status.preview_check_point
    )
    if through or not _pauses(strategy):
        turn.pauses.removed.append("BlueGreenPause")
        return
    if not passed_pre_promotion(turn):
        return
    pause = status.paused_for("BlueGreenPause")
    if pause is None:
        if not status.controller_pause:  # else somebody has promoted just now
            turn.pauses.added.append("BlueGreenPause")
    elif _pause_over(turn):
        turn.pauses.removed.append("BlueGreenPause")
    elif strategy.auto_promotion_seconds:
        turn.wake(pause.start_time + strategy.auto_promotion_seconds * SECOND)


def _pause_over(turn: Pass) -> bool:
    """Whether the pause before the switch is behind us (``CompletedBlueGreenPause``)."""
    strategy, status = _strategy(turn), turn.status
    if turn.pauses.added:
        return False
    if status.preview_check_point or not _pauses(strategy):
        return True
    pause, seconds = status.paused_for("BlueGreenPause"), strategy.auto_promotion_seconds
    if pause is None:
        return status.controller_pause
    if not strategy.auto_promotion_enabled:
        return False
    return turn.now >= pause.start_time + seconds * SECOND


def _switch_active(turn: Pass, active: Service) -> None:
    """Send users to the new pods when all is well, and back to the stable ones after an abort."""
    if turn.aborted:
        # Upstream waits until the new pods are all available, also on the way back; users don't.
        switch(turn, active, turn.status.stable_rs)
        return
    if turn.halted or turn.new is None:
        return
    if not ready_for_pause(turn) or not turn.saturated(turn.new):
        return
    if _fast_tracked(turn, active) or (_pause_over(turn) and passed_pre_promotion(turn)):
        switch(turn, active, hash_of(turn.new))


def _check_point(turn: Pass) -> bool:
    """Whether a small preview has passed and may grow (``calculateScaleUpPreviewCheckPoint``)."""
    count = _strategy(turn).preview_replica_count
    if count is None:
        return False
    if turn.status.preview_check_point:
        return True
    if not passed_pre_promotion(turn) or not _pause_over(turn):
        return False
    return turn.new is not None and turn.new.status.available_replicas == count


def _write_status(turn: Pass, active: Service, preview: Service | None) -> None:
    """The next status of a blue-green (``syncRolloutStatusBlueGreen``)."""
    base_status(turn)
    draft, status = turn.draft, turn.status
    draft.stable_rs = status.stable_rs
    changed = template_changed(turn)
    if changed:
        turn.pauses.reset()
        draft.restarted_at = turn.rollout.spec.restart_at
        draft.promote_full = False
        draft.pre_promotion_run = draft.post_promotion_run = None
    if status.promote_full or within_rollback_window(turn):
        turn.pauses.reset()
    draft.preview_selector, draft.active_selector = selector_of(preview), selector_of(active)
    reason = full_promotion(turn)
    if reason:
        promote_stable(turn, reason)
    else:
        draft.preview_check_point = not changed and _check_point(turn)
    serving = turn.by_hash(draft.active_selector)
    draft.available_replicas = turn.available
    if serving is not None:
        draft.available_replicas = serving.status.available_replicas
        draft.ready_replicas = serving.status.ready_replicas
    write_conditions(turn)
