"""The canary strategy: steps, pauses, aborts, promotions and ways back, rule by rule."""

from __future__ import annotations

import pytest

from simulator.units import SECOND
from simulator.world import KubernetesError, edits, find_condition, rollout_edits
from simulator.world.rollouts import Canary, CanaryStep, SetCanaryScale, TrafficRouting
from tests.rollout_stage import RolloutStage, pause, weight

_STEPS = (weight(20), pause(60), weight(50), pause())
_ISTIO = TrafficRouting(virtual_service="app")


def _routed(*steps: CanaryStep, **settings: int | bool) -> Canary:
    return Canary(
        steps=steps,
        stable_service="app-stable",
        canary_service="app-canary",
        traffic_routing=_ISTIO,
        **settings,  # type: ignore[arg-type]
    )


# --- steps ----------------------------------------------------------------------------------------


def test_a_canary_goes_through_its_steps() -> None:
    """A weight becomes pods, a pause with a duration ends by itself, one without waits for a person."""
    stage = RolloutStage(Canary(steps=_STEPS))
    stage.release("app:v2")
    stage.run(20)
    assert ("Paused - CanaryPauseStep", 1) == (stage.said, stage.status.current_step_index)
    assert {"app:v1": 8, "app:v2": 2} == stage.sizes()
    stage.run(70)
    assert ("Paused - CanaryPauseStep", 3) == (stage.said, stage.status.current_step_index)
    assert {"app:v1": 5, "app:v2": 5} == stage.sizes()
    stage.run(3600)
    assert 3 == stage.status.current_step_index
    stage.promote()
    stage.run(60)
    assert ("Healthy", 4) == (stage.said, stage.status.current_step_index)
    assert {"app:v2": 10} == stage.sizes()
    assert stage.status.stable_rs == stage.hash("app:v2")


def test_every_step_is_told() -> None:
    """Events carry upstream's reasons and texts."""
    stage = RolloutStage(Canary(steps=(weight(10), pause(30))))
    stage.release("app:v2")
    stage.run(120)
    assert [
        "Rollout step 1/2 completed (setWeight: 10)",
        "Rollout step 2/2 completed (pause: 30s)",
    ] == stage.messages("RolloutStepCompleted")
    assert ["Rollout is paused (CanaryPauseStep)"] == stage.messages("RolloutPaused")
    assert ["Rollout is resumed"] == stage.messages("RolloutResumed")
    hash_, name = stage.hash("app:v2"), stage.of("app:v2").meta.name
    assert [f"Rollout completed update to revision 2 ({hash_}): Completed all 2 canary steps"] == (
        stage.messages("RolloutCompleted")
    )
    assert [f"Created ReplicaSet {name} (revision 2)"] == stage.messages("NewReplicaSetCreated")
    assert f"Scaled up ReplicaSet {name} (revision 2) from 0 to 1" in stage.messages("ScalingReplicaSet")


def test_without_steps_a_canary_is_a_rolling_update() -> None:
    """All pods are replaced within surge and availability, and nothing pauses."""
    stage = RolloutStage(Canary())
    stage.release("app:v2")
    stage.run(60)
    assert ("Healthy", None) == (stage.said, stage.status.current_step_index)
    assert {"app:v2": 10} == stage.sizes()


def test_a_replica_ratio_canary_is_as_coarse_as_its_pods() -> None:
    """One percent of three pods is one pod in four, where a surge allows it."""
    stage = RolloutStage(Canary(steps=(weight(1), pause())), 3)
    stage.release("app:v2")
    stage.run(30)
    assert {"app:v1": 3, "app:v2": 1} == stage.sizes()


def test_min_ready_seconds_hold_a_step() -> None:
    """A canary pod counts only after it has been ready that long."""
    stage = RolloutStage(Canary(steps=(weight(20), pause())), min_ready_seconds=60)
    stage.release("app:v2")
    stage.run(50)
    assert 0 == stage.status.current_step_index
    stage.run(40)
    assert 1 == stage.status.current_step_index


# --- another mind in the middle of it -------------------------------------------------------------


def test_another_image_in_the_middle_begins_at_the_first_step() -> None:
    """The canary of the abandoned image goes; the new one gets its own first step."""
    stage = RolloutStage(Canary(steps=_STEPS))
    stage.release("app:v2")
    stage.run(90)
    assert 3 == stage.status.current_step_index
    stage.release("app:v3")
    stage.run(1)
    assert 0 == stage.status.current_step_index
    assert () == stage.status.pause_conditions
    stage.run(30)
    assert {"app:v1": 8, "app:v3": 2} == stage.sizes()
    assert stage.hash("app:v1") == stage.status.stable_rs


def test_the_stable_image_again_is_a_way_back_without_steps() -> None:
    """Going back to what is stable skips every step and pause."""
    stage = RolloutStage(Canary(steps=_STEPS))
    stage.release("app:v2")
    stage.run(90)
    stage.release("app:v1")
    stage.run(30)
    assert ("Healthy", 4) == (stage.said, stage.status.current_step_index)
    assert {"app:v1": 10} == stage.sizes()
    assert ["Rollback to stable ReplicaSets"] == stage.messages("SkipSteps")


def test_undo_after_completion_is_an_update_with_all_its_steps() -> None:
    """The revision before is no longer stable, so the way back is a canary too; twice undone is as before."""
    stage = RolloutStage(Canary(steps=(weight(20), pause(30))))
    stage.release("app:v2")
    stage.run(120)
    rollout_edits.undo(stage.cluster, "app")
    stage.run(20)
    assert "Paused - CanaryPauseStep" == stage.said
    stage.run(120)
    assert ("Healthy", 3) == (stage.said, stage.app.revision)
    assert {"app:v1": 10} == stage.sizes()
    rollout_edits.undo(stage.cluster, "app")
    stage.run(150)
    assert ("Healthy", 4) == (stage.said, stage.app.revision)
    assert {"app:v2": 10} == stage.sizes()


def test_within_the_rollback_window_undo_skips_the_steps() -> None:
    """``rollbackWindow.revisions: 1`` lets one revision back pass at once; two back take their steps."""
    stage = RolloutStage(Canary(steps=(weight(20), pause(30))), rollback_window=1)
    for image in ("app:v2", "app:v3"):
        stage.release(image)
        stage.run(120)
    rollout_edits.undo(stage.cluster, "app")
    stage.run(50)
    assert ("Healthy", {"app:v2": 10}) == (stage.said, stage.sizes())
    assert stage.messages("RolloutCompleted")[-1].endswith("Rollback within window")
    stage.release("app:v3")
    stage.run(120)
    rollout_edits.undo(stage.cluster, "app", to_revision=1)
    stage.run(20)
    assert "Paused - CanaryPauseStep" == stage.said


@pytest.mark.parametrize(
    ("revision", "said"),
    [
        (7, "Error: unable to find specified revision 7 in history"),
        (0, 'Error: no revision found for rollout "app"'),
    ],
)
def test_undo_names_what_it_cannot_find(revision: int, said: str) -> None:
    """In the plugin's own words."""
    stage = RolloutStage(Canary())
    with pytest.raises(KubernetesError) as caught:
        rollout_edits.undo(stage.cluster, "app", to_revision=revision)
    assert said == caught.value.message


# --- promote --------------------------------------------------------------------------------------


def test_promote_ends_one_pause_and_promote_full_ends_them_all() -> None:
    """One goes to the next step, the other skips pauses, steps and analysis."""
    stage = RolloutStage(Canary(steps=(weight(20), pause(), weight(50), pause())))
    stage.release("app:v2")
    stage.run(30)
    stage.promote()
    stage.run(30)
    assert 3 == stage.status.current_step_index
    stage.promote(full=True)
    stage.run(40)
    assert "Healthy" == stage.said
    assert stage.messages("RolloutCompleted")[-1].endswith("Full promotion requested")


def test_promote_at_a_step_without_a_pause_skips_it() -> None:
    """A canary that does not get ready is passed over, for who insists."""
    stage = RolloutStage(Canary(steps=(weight(20), weight(40), pause())), start_time=600 * SECOND)
    stage.release("app:v2")
    stage.run(5)
    assert 0 == stage.status.current_step_index
    stage.promote()
    stage.run(5)
    assert 1 == stage.status.current_step_index


def test_a_pause_by_hand_stops_everything_until_somebody_promotes() -> None:
    """``spec.paused`` holds steps and sizes; the phase says who did it."""
    stage = RolloutStage(Canary(steps=(weight(20), pause(5), weight(60), pause())))
    stage.release("app:v2")
    stage.run(12)
    rollout_edits.pause(stage.cluster, "app")
    stage.run(120)
    assert "Paused - manually paused" == stage.said
    before = stage.sizes()
    stage.promote()
    stage.run(60)
    assert {"app:v1": 4, "app:v2": 6} == stage.sizes() != before


# --- abort and retry ------------------------------------------------------------------------------


def test_an_abort_takes_the_canary_back_and_stays_degraded() -> None:
    """Pods return to stable, the template stays the new one, and the phase does not forget."""
    stage = RolloutStage(Canary(steps=_STEPS))
    stage.release("app:v2")
    stage.run(20)
    stage.abort()
    stage.run(30)
    assert {"app:v1": 10} == stage.sizes()
    assert "Degraded - RolloutAborted: Rollout aborted update to revision 2" == stage.said
    assert ["app:v2"] == [each.image for each in stage.app.spec.template.containers]
    assert ["Rollout aborted update to revision 2"] == stage.messages("RolloutAborted")
    stage.retry()
    stage.run(20)
    assert ("Paused - CanaryPauseStep", 1) == (stage.said, stage.status.current_step_index)


def test_an_aborted_rollout_is_healthy_again_with_the_stable_template() -> None:
    """Abort, then undo: what git and the cluster want is one again."""
    stage = RolloutStage(Canary(steps=_STEPS))
    stage.release("app:v2")
    stage.run(20)
    stage.abort()
    stage.run(20)
    rollout_edits.undo(stage.cluster, "app")
    stage.run(5)
    assert "Healthy" == stage.said
    assert not stage.status.abort


def test_no_progress_passes_the_deadline_and_aborts_where_asked() -> None:
    """``progressDeadlineAbort`` turns a stuck canary into an abort by itself."""
    stuck = {"start_time": 3600 * SECOND, "progress_deadline_seconds": 60}
    plain = RolloutStage(Canary(steps=_STEPS), **stuck)  # type: ignore[arg-type]
    brave = RolloutStage(Canary(steps=_STEPS), progress_deadline_abort=True, **stuck)  # type: ignore[arg-type]
    for stage in (plain, brave):
        stage.release("app:v2")
        stage.run(90)
    name = plain.of("app:v2").meta.name
    assert (
        f'Degraded - ProgressDeadlineExceeded: ReplicaSet "{name}" has timed out progressing.' == plain.said
    )
    assert 2 == plain.sizes()["app:v2"]
    assert brave.said.startswith("Degraded - RolloutAborted")
    assert {"app:v1": 10} == brave.sizes()


# --- traffic by weight ----------------------------------------------------------------------------


def test_weights_move_only_when_the_canary_is_ready() -> None:
    """The split follows the pods, and the stable pods all stay until the end and 30 s longer."""
    stage = RolloutStage(_routed(weight(20), pause(30), weight(60), pause(30)))
    stage.release("app:v2")
    stage.run(3)
    assert {"app:v1": 100.0} == stage.shares()
    stage.run(12)
    assert {"app:v1": 80.0, "app:v2": 20.0} == stage.shares()
    assert {"app:v1": 10, "app:v2": 2} == stage.sizes()
    stage.run(45)
    assert {"app:v1": 40.0, "app:v2": 60.0} == stage.shares()
    stage.run(50)
    assert {"app:v2": 100.0} == stage.shares()
    assert {"app:v1": 10, "app:v2": 10} == stage.sizes()
    assert "Healthy" == stage.said
    stage.run(35)
    assert {"app:v2": 10} == stage.sizes()
    assert [
        "Traffic weight updated from 0 to 20",
        "Traffic weight updated from 20 to 60",
        "Traffic weight updated from 60 to 100",
        "Traffic weight updated from 100 to 0",
    ] == stage.messages("TrafficWeightUpdated")[-4:]


def test_services_follow_their_replica_sets() -> None:
    """The canary service points at the canary; after the end both point at what is stable."""
    stage = RolloutStage(_routed(weight(20), pause(30)))
    old = stage.hash("app:v1")
    stage.release("app:v2")
    stage.run(20)
    new = stage.hash("app:v2")
    assert [f"Switched selector for service 'app-canary' from '{old}' to '{new}'"] == (
        stage.messages("SwitchService")
    )
    stage.run(60)
    assert (
        f"Switched selector for service 'app-stable' from '{old}' to '{new}'"
        == (stage.messages("SwitchService")[-1])
    )


def test_an_abort_sends_all_traffic_back_at_once_and_keeps_the_canary_a_while() -> None:
    """Weights change in the next pass; the pods stay for abortScaleDownDelaySeconds, 30 by default."""
    stage = RolloutStage(_routed(weight(50), pause()))
    stage.release("app:v2")
    stage.run(30)
    stage.abort()
    stage.run(0.1)
    assert {"app:v1": 100.0} == stage.shares()
    assert {"app:v1": 10, "app:v2": 5} == stage.sizes()
    stage.run(32)
    assert {"app:v1": 10} == stage.sizes()


@pytest.mark.parametrize(("delay", "after_a_minute"), [(0, 5), (90, 5), (10, 0)])
def test_abort_scale_down_delay_seconds(delay: int, after_a_minute: int) -> None:
    """How long an aborted canary's pods live on; 0 keeps them for good."""
    stage = RolloutStage(_routed(weight(50), pause(), abort_scale_down_delay_seconds=delay))
    stage.release("app:v2")
    stage.run(30)
    stage.abort()
    stage.run(60)
    assert after_a_minute == stage.sizes().get("app:v2", 0)


def test_scale_down_delay_seconds_keep_the_old_pods() -> None:
    """And a way back within that time finds them running."""
    stage = RolloutStage(_routed(weight(50), pause(5), scale_down_delay_seconds=300))
    stage.release("app:v2")
    stage.run(120)
    assert {"app:v1": 10, "app:v2": 10} == stage.sizes()
    stage.run(300)
    assert {"app:v2": 10} == stage.sizes()


def test_set_canary_scale_sizes_the_canary_apart_from_its_traffic() -> None:
    """Pods first, weight later; matchTrafficWeight ties them together again."""
    stage = RolloutStage(
        _routed(
            CanaryStep(set_canary_scale=SetCanaryScale(replicas=4)),
            pause(20),
            weight(10),
            pause(20),
            CanaryStep(set_canary_scale=SetCanaryScale(match_traffic_weight=True)),
            pause(),
        )
    )
    stage.release("app:v2")
    stage.run(20)
    assert (4, {"app:v1": 100.0}) == (stage.sizes()["app:v2"], stage.shares())
    stage.run(25)
    assert (4, {"app:v1": 90.0, "app:v2": 10.0}) == (stage.sizes()["app:v2"], stage.shares())
    stage.run(40)
    assert (1, {"app:v1": 90.0, "app:v2": 10.0}) == (stage.sizes()["app:v2"], stage.shares())


def test_dynamic_stable_scale_gives_the_stable_pods_up_as_their_traffic_goes() -> None:
    """After an abort the traffic returns only as fast as stable pods are there to carry it."""
    stage = RolloutStage(_routed(weight(60), pause(), dynamic_stable_scale=True))
    stage.release("app:v2")
    stage.run(60)
    assert {"app:v1": 4, "app:v2": 6} == stage.sizes()
    stage.abort()
    stage.run(1)
    assert 60.0 == stage.shares()["app:v2"]
    stage.run(60)
    assert {"app:v1": 100.0} == stage.shares()
    assert {"app:v1": 10} == stage.sizes()


# --- size, restart, history -----------------------------------------------------------------------


def test_a_scale_in_the_middle_keeps_the_weight() -> None:
    """Twice the pods, the same share, the same step."""
    stage = RolloutStage(Canary(steps=(weight(20), pause())))
    stage.release("app:v2")
    stage.run(30)
    rollout_edits.scale(stage.cluster, "app", 20)
    stage.run(40)
    assert {"app:v1": 16, "app:v2": 4} == stage.sizes()
    assert 1 == stage.status.current_step_index


def test_restart_replaces_every_pod_without_an_update() -> None:
    """Neither revision nor steps; at most maxUnavailable pods at once."""
    stage = RolloutStage(Canary(steps=_STEPS))
    before = {pod.meta.name for pod in stage.cluster.pods}
    rollout_edits.restart(stage.cluster, stage.env.now, "app")
    stage.run(2)
    assert "Progressing - rollout is restarting" == stage.said
    fewest = 10
    for _ in range(120):
        stage.run(2)
        fewest = min(fewest, sum(pod.ready for pod in stage.cluster.pods if not pod.terminating))
    assert not before & {pod.meta.name for pod in stage.cluster.pods}
    assert 8 <= fewest
    assert ("Healthy", 1) == (stage.said, stage.app.revision)


def test_the_history_limit_forgets_old_replica_sets() -> None:
    """Old revisions beyond the limit go, and with them the way back to them."""
    stage = RolloutStage(Canary(), 2, revision_history_limit=1)
    for image in ("app:v2", "app:v3", "app:v4"):
        stage.release(image)
        stage.run(90)
    stage.release("app:v4")
    images = [each.spec.template.containers[0].image for each in stage.cluster.replica_sets_of(stage.app)]
    assert ["app:v3", "app:v4"] == images


def test_a_lost_pod_is_no_update() -> None:
    """A stable Rollout replaces it; the Healthy condition falls and comes back."""
    stage = RolloutStage(Canary(steps=_STEPS), 3)
    edits.delete_pod(stage.cluster, stage.env.now, next(iter(stage.cluster.pods)).meta.name)
    stage.run(3)
    assert stage.said.startswith("Progressing")
    stage.run(30)
    condition = find_condition(stage.status.conditions, "Healthy")
    assert condition is not None
    assert ("Healthy", "True", 4) == (stage.said, condition.status, stage.status.current_step_index)


def test_a_deleted_rollout_takes_everything_along() -> None:
    """ReplicaSets at once, pods by ending them."""
    stage = RolloutStage(Canary(steps=_STEPS), 3)
    rollout_edits.delete(stage.cluster, stage.env.now, "app")
    stage.run(60)
    assert (0, 0) == (len(stage.cluster.replica_sets), len(stage.cluster.pods))


def test_every_change_of_template_is_a_release() -> None:
    """Release markers come from a Rollout as from a Deployment."""
    stage = RolloutStage(Canary(), 2)
    stage.release("app:v2")
    stage.run(60)
    rollout_edits.undo(stage.cluster, "app")
    made = [(each.action, each.version, each.deployment) for each in stage.log.releases]
    assert [("edit", "v2", "app"), ("undo", "v1", "app")] == made
