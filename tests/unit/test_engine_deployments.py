"""Deployments as their controller reconciles them: rollouts, undo, scale, pause, history, deadlines, ends."""

from __future__ import annotations

from dataclasses import replace

from simulator.engine.workloads.replica_sets import POD_QUOTA, removal_order
from simulator.units import SECOND
from simulator.world import (
    Condition,
    edits,
    find_condition,
    history,
    new_replica_set,
)
from tests.engine_stage import Stage


def condition(stage: Stage, type_: str) -> Condition:
    """A condition of ``app`` that must be there."""
    found = find_condition(stage.app.status.conditions, type_)
    assert found is not None
    return found


def test_a_settled_cluster_is_left_alone() -> None:
    """Controllers that find everything as it shall be make no pod, no event and no new generation."""
    stage = Stage(4)
    stage.run(3600)
    assert stage.reasons() == []
    assert (len(stage.cluster.pods), stage.app.status.available_replicas, stage.app.complete) == (4, 4, True)
    assert stage.plane.pods == [pod.meta.name for pod in stage.cluster.pods]


def test_a_rolling_update_replaces_every_pod_and_tells_each_step() -> None:
    """Four pods, one surge, one unavailable: the events are the deployment controller's own words."""
    stage = Stage(4)
    old, stage_hash = stage.cluster.replica_sets_of(stage.app)[0].meta.name, stage.app.meta.name
    stage.release("app:v2")
    stage.run(120)
    assert stage.images() == ["app:v2"] * 4
    assert stage.app.complete
    new = new_replica_set(stage.cluster, stage.app)
    assert new is not None
    assert new.meta.name.startswith(f"{stage_hash}-")
    lines = stage.messages("ScalingReplicaSet")
    assert lines[:3] == [
        f"Scaled up replica set {new.meta.name} from 0 to 1",
        f"Scaled down replica set {old} from 4 to 3",
        f"Scaled up replica set {new.meta.name} from 1 to 2",
    ]
    assert lines[-1] == f"Scaled down replica set {old} from 1 to 0"
    assert stage.messages("SuccessfulCreate")[0].startswith(f"Created pod: {new.meta.name}-")
    assert (
        condition(stage, "Progressing").message
        == f'ReplicaSet "{new.meta.name}" has successfully progressed.'
    )


def test_undo_uses_the_old_replica_set_again_under_a_new_number() -> None:
    """Its old revision leaves the history and comes back as the newest; the pods' hash is the old one."""
    stage = Stage(2)
    first = stage.cluster.replica_sets_of(stage.app)[0]
    stage.release("app:v2")
    stage.run(90)
    assert [each.revision for each in history(stage.cluster, stage.app)] == [1, 2]
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(90)
    assert [each.revision for each in history(stage.cluster, stage.app)] == [2, 3]
    assert first.revision == 3
    assert first.meta.annotations["deployment.kubernetes.io/revision-history"] == "1"
    assert stage.app.revision == 3
    assert {pod.meta.name.rpartition("-")[0] for pod in stage.living()} == {first.meta.name}


def test_undo_in_the_middle_turns_the_rollout_around() -> None:
    """A release that never gets ready is taken back before it has replaced anything."""
    stage = Stage(4, start_time=3600 * SECOND)
    stage.release("app:v2")
    stage.run(60)
    assert stage.images() == ["app:v1"] * 3 + ["app:v2"] * 2
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(1)
    assert [pod.spec.containers[0].image for pod in stage.living() if pod.ready] == ["app:v1"] * 3
    assert not any(pod.spec.containers[0].image == "app:v2" for pod in stage.living())


def test_undo_takes_the_change_cause_along() -> None:
    """After an undo the history names the cause of what runs again."""
    stage = Stage(2)
    cause = "kubernetes.io/change-cause"
    edits.annotate(stage.cluster, stage.env.now, "app", {cause: "first"})
    stage.run(1)
    stage.release("app:v2")
    edits.annotate(stage.cluster, stage.env.now, "app", {cause: "second"})
    stage.run(60)
    assert [each.change_cause for each in history(stage.cluster, stage.app)] == ["first", "second"]
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(60)
    assert [each.change_cause for each in history(stage.cluster, stage.app)] == ["second", "first"]


def test_restart_replaces_every_pod_with_the_same_image() -> None:
    """Another hash, the same software."""
    stage = Stage(3)
    before = {pod.meta.name for pod in stage.living()}
    edits.rollout_restart(stage.cluster, stage.env.now, "app")
    stage.run(120)
    assert stage.images() == ["app:v1"] * 3
    assert before.isdisjoint(pod.meta.name for pod in stage.living())


def test_scale_adds_and_removes_pods() -> None:
    """Up and down, without a new revision."""
    stage = Stage(2)
    edits.scale(stage.cluster, stage.env.now, "app", 6)
    stage.run(60)
    assert (len(stage.living()), stage.app.status.available_replicas) == (6, 6)
    edits.scale(stage.cluster, stage.env.now, "app", 1)
    stage.run(60)
    assert (len(stage.cluster.pods), stage.app.revision) == (1, 1)


def test_scaling_up_during_a_stuck_rollout_keeps_the_proportion() -> None:
    """Old pods get their share too: more capacity is not all new, unproven pods."""
    stage = Stage(10, surge=3, unavailable=2, start_time=3600 * SECOND, nodes=20)
    stage.release("app:v2")
    stage.run(60)
    assert (stage.images().count("app:v1"), stage.images().count("app:v2")) == (8, 5)
    edits.scale(stage.cluster, stage.env.now, "app", 15)
    stage.run(5)
    assert (stage.images().count("app:v1"), stage.images().count("app:v2")) == (11, 7)


def test_scale_and_release_at_the_same_instant_end_where_both_said() -> None:
    """Two edits in one instant are one reconciliation."""
    stage = Stage(3)
    edits.scale(stage.cluster, stage.env.now, "app", 5)
    stage.release("app:v3")
    stage.run(180)
    assert stage.images() == ["app:v3"] * 5
    assert stage.app.complete


def test_a_paused_rollout_stands_still_but_scales() -> None:
    """Nothing new starts while it is paused; resume lets it go on from where it stood."""
    stage = Stage(4)
    edits.rollout_pause(stage.cluster, stage.env.now, "app")
    stage.release("app:v2")
    stage.run(120)
    assert stage.images() == ["app:v1"] * 4
    assert condition(stage, "Progressing").reason == "DeploymentPaused"
    edits.scale(stage.cluster, stage.env.now, "app", 6)
    stage.run(60)
    assert stage.images() == ["app:v1"] * 6
    edits.rollout_resume(stage.cluster, stage.env.now, "app")
    stage.run(240)
    assert stage.images() == ["app:v2"] * 6


def test_a_deleted_pod_is_replaced_by_a_new_one() -> None:
    """The replacement has its own name and the next ordinal; it starts while the old one still drains."""
    stage = Stage(2)
    victim = stage.living()[0]
    stage.plane.work[victim.meta.name] = 1
    edits.delete_pod(stage.cluster, stage.env.now, victim.meta.name)
    stage.run(1)
    assert victim.status_text == "Terminating"
    assert [pod.ordinal for pod in stage.living()] == [1, 2]
    stage.run(60)
    assert stage.cluster.pods.find(victim.meta.name, "production") is None
    assert all(pod.ready for pod in stage.living())


def test_names_of_pods_do_not_depend_on_when_they_are_made() -> None:
    """Names are drawn for (ReplicaSet, ordinal): a release a minute later gives the same names."""
    early, late = Stage(3), Stage(3)
    early.release("app:v2")
    late.run(61.7)
    late.release("app:v2")
    early.run(300)
    late.run(300)
    assert {pod.meta.name for pod in early.living()} == {pod.meta.name for pod in late.living()}


def test_the_history_limit_forgets_the_oldest_revisions() -> None:
    """Only as many old ReplicaSets stay as the limit says, and only once the rollout is complete."""
    stage = Stage(2, history_limit=1)
    for image in ("app:v2", "app:v3", "app:v4"):
        stage.release(image)
        stage.run(90)
    assert [each.revision for each in history(stage.cluster, stage.app)] == [3, 4]


def test_a_rollout_without_progress_passes_its_deadline() -> None:
    """After progressDeadlineSeconds the condition says so; what users have stays as it was."""
    stage = Stage(4, start_time=3600 * SECOND, deadline_seconds=100)
    stage.release("app:v2")
    stage.run(90)
    assert condition(stage, "Progressing").status == "True"
    stage.run(30)
    assert condition(stage, "Progressing").reason == "ProgressDeadlineExceeded"
    assert condition(stage, "Available").status == "True"
    assert stage.app.status.available_replicas == 3
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(1)
    assert condition(stage, "Progressing").status == "True"


def test_an_undo_makes_no_news_of_its_own() -> None:
    """The Progressing condition goes on from what moves, not from the ReplicaSet being found again."""
    stage = Stage(2)
    stage.release("app:v2")
    stage.run(90)
    said: list[str] = []
    stage.cluster.subscribe(lambda _: said.append(condition(stage, "Progressing").reason))
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(90)
    assert list(dict.fromkeys(said)) == ["NewReplicaSetAvailable", "ReplicaSetUpdated"]
    assert condition(stage, "Progressing").reason == "NewReplicaSetAvailable"


def test_min_ready_seconds_reach_the_pods_that_run() -> None:
    """A Deployment whose minReadySeconds are edited hands them to its ReplicaSet, without a new revision."""
    stage = Stage(2)
    edits.replace_spec(stage.cluster, stage.app, replace(stage.app.spec, min_ready_seconds=30))
    stage.run(1)
    (replica_set,) = stage.cluster.replica_sets_of(stage.app)
    assert (replica_set.spec.min_ready_seconds, stage.app.revision) == (30, 1)
    edits.scale(stage.cluster, stage.env.now, "app", 3)
    stage.run(25)
    assert (stage.app.status.ready_replicas, stage.app.status.available_replicas) == (3, 2)
    stage.run(30)
    assert stage.app.status.available_replicas == 3


def test_a_paused_deployment_forgets_its_history_too() -> None:
    """The limit is applied while it is paused, however its rollout stands."""
    stage = Stage(2)
    for image in ("app:v2", "app:v3"):
        stage.release(image)
        stage.run(90)
    spec = replace(stage.app.spec, paused=True, revision_history_limit=1)
    edits.replace_spec(stage.cluster, stage.app, spec)
    stage.run(1)
    assert [each.revision for each in history(stage.cluster, stage.app)] == [2, 3]


def test_recreate_does_not_wait_for_pods_that_have_failed() -> None:
    """An evicted pod's object stays for who looks; it is no running pod of the old version."""
    stage = Stage(2, recreate=True)
    evicted = stage.living()[0]
    evicted.status.phase, evicted.status.reason = "Failed", "Evicted"
    stage.cluster.changed(evicted)
    stage.run(30)
    stage.release("app:v2")
    stage.run(60)
    running = [pod.spec.containers[0].image for pod in stage.living() if pod.status.phase == "Running"]
    assert running == ["app:v2"] * 2


def test_min_ready_seconds_slow_a_rollout_down() -> None:
    """A pod counts as available only after it has been ready that long."""
    quick, slow = Stage(2), Stage(2, min_ready_seconds=30)
    for stage in (quick, slow):
        stage.release("app:v2")
        stage.run(35)
    assert quick.app.complete
    assert (slow.app.status.ready_replicas, slow.app.status.updated_replicas) == (3, 1)
    slow.run(90)
    assert slow.app.complete


def test_recreate_ends_every_old_pod_before_the_first_new_one() -> None:
    """The gap is the point of the strategy: two versions never run side by side."""
    stage = Stage(3, recreate=True)
    mixed: list[bool] = []
    stage.cluster.subscribe(
        lambda _: mixed.append(len({pod.spec.containers[0].image for pod in stage.cluster.pods}) > 1)
    )
    stage.release("app:v2")
    stage.run(60)
    assert stage.images() == ["app:v2"] * 3
    assert not any(mixed)
    assert stage.messages("ScalingReplicaSet")[0].endswith("from 3 to 0")


def test_a_deleted_deployment_takes_its_pods_along() -> None:
    """ReplicaSets at once, pods by ending them."""
    stage = Stage(3)
    edits.delete_deployment(stage.cluster, stage.env.now, "app")
    assert len(stage.cluster.replica_sets) == 0
    assert stage.living() == []
    assert not any(stage.plane.ready.values())
    stage.run(60)
    assert len(stage.cluster.pods) == 0


def test_a_slip_of_the_finger_meets_the_quota() -> None:
    """A hundred thousand replicas make as many pods as the quota allows, and a condition that says so."""
    stage = Stage(2, nodes=3)
    edits.scale(stage.cluster, stage.env.now, "app", 100_000)
    stage.run(30)
    assert len(stage.cluster.pods) == POD_QUOTA
    assert condition(stage, "ReplicaFailure").reason == "FailedCreate"
    edits.scale(stage.cluster, stage.env.now, "app", 2)
    stage.run(60)
    assert len(stage.cluster.pods) == 2
    assert find_condition(stage.app.status.conditions, "ReplicaFailure") is None


def test_a_scale_down_removes_what_serves_nobody_first() -> None:
    """Not scheduled, pending, not ready, crowded, young: in this order, whatever the names are."""
    stage = Stage(4)
    pods = stage.living()
    young, crowded, unready, unscheduled = pods
    now = stage.env.now
    unscheduled.node_name = ""
    ready = find_condition(unready.status.conditions, "Ready")
    assert ready is not None
    ready.status = "False"
    since = find_condition(young.status.conditions, "Ready")
    assert since is not None
    since.last_transition_at = now - 3 * SECOND
    order = removal_order(pods, now, {crowded.node_name: 3, young.node_name: 1, unready.node_name: 1})
    assert order == [unscheduled, unready, crowded, young]
    older = find_condition(crowded.status.conditions, "Ready")
    assert older is not None
    assert removal_order([crowded, young], now, {})[0] is young


def test_every_change_of_template_is_a_release() -> None:
    """By hand it is an edit, a restart or an undo, without a commit; a scale is none."""
    stage = Stage(2)
    stage.release("app:v2")
    stage.run(60)
    edits.rollout_restart(stage.cluster, stage.env.now, "app")
    stage.run(60)
    edits.scale(stage.cluster, stage.env.now, "app", 3)
    edits.rollout_undo(stage.cluster, stage.env.now, "app", to_revision=1)
    stage.run(60)
    made = [(each.action, each.version, each.commit) for each in stage.log.releases]
    assert made == [("edit", "v2", ""), ("restart", "v2", ""), ("undo", "v1", "")]
