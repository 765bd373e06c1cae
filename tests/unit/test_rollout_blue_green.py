"""The blue-green strategy: preview, switch, way back, rule by rule."""

from __future__ import annotations

import pytest

from simulator.units import SECOND
from simulator.world import rollout_edits
from simulator.world.analysis import Metric, Prometheus
from simulator.world.rollouts import BlueGreen
from tests.rollout_stage import RolloutStage, analysis

_GOOD, _BAD = (0.99,), (0.5,)
_RATE = Metric(
    "rate", Prometheus("rate"), interval=10 * SECOND, count=3, success_condition="result[0] >= 0.9"
)


def _stage(replicas: int = 4, **settings: object) -> RolloutStage:
    strategy = BlueGreen("app-active", "app-preview", **settings)  # type: ignore[arg-type]
    return RolloutStage(strategy, replicas, templates={"success-rate": _RATE})


def _active(stage: RolloutStage) -> str:
    """The image that users reach."""
    status = stage.status
    return next(
        image for image in ("app:v1", "app:v2", "app:v3") if _known(stage, image, status.active_selector)
    )


def _known(stage: RolloutStage, image: str, hash_: str) -> bool:
    images = {each.spec.template.containers[0].image for each in stage.cluster.replica_sets}
    return image in images and stage.hash(image) == hash_


def test_the_switch_waits_until_every_new_pod_is_available() -> None:
    """A full second set of pods, then one switch; the old ones stay 30 s more."""
    stage = _stage()
    old = stage.hash("app:v1")
    stage.release("app:v2")
    stage.run(3)
    assert ({"app:v1": 4, "app:v2": 4}, "app:v1") == (stage.sizes(), _active(stage))
    assert stage.hash("app:v2") == stage.status.preview_selector
    stage.run(15)
    assert ("Healthy", "app:v2") == (stage.said, _active(stage))
    new = stage.hash("app:v2")
    assert f"Switched selector for service 'app-active' from '{old}' to '{new}'" in stage.messages(
        "SwitchService"
    )
    assert {"app:v1": 4, "app:v2": 4} == stage.sizes()
    stage.run(32)
    assert {"app:v2": 4} == stage.sizes()
    assert stage.messages("RolloutCompleted")[-1].endswith("Completed blue-green update")


def test_without_auto_promotion_a_person_decides() -> None:
    """The preview waits for as long as it takes."""
    stage = _stage(auto_promotion_enabled=False)
    stage.release("app:v2")
    stage.run(3600)
    assert ("Paused - BlueGreenPause", "app:v1") == (stage.said, _active(stage))
    stage.promote()
    stage.run(1)
    assert "app:v2" == _active(stage)


def test_auto_promotion_seconds_end_the_pause() -> None:
    """Counted from when the preview was full."""
    stage = _stage(auto_promotion_seconds=60)
    stage.release("app:v2")
    stage.run(60)
    assert "app:v1" == _active(stage)
    stage.run(30)
    assert "app:v2" == _active(stage)


def test_a_small_preview_grows_before_the_switch() -> None:
    """``previewReplicaCount`` until somebody promotes, then the full size, then the switch."""
    stage = _stage(preview_replica_count=1, auto_promotion_enabled=False)
    stage.release("app:v2")
    stage.run(30)
    assert {"app:v1": 4, "app:v2": 1} == stage.sizes()
    stage.promote()
    stage.run(1)
    assert ({"app:v1": 4, "app:v2": 4}, "app:v1") == (stage.sizes(), _active(stage))
    stage.run(20)
    assert "app:v2" == _active(stage)


def test_an_abort_before_the_switch_ends_the_preview() -> None:
    """Users never left; the preview goes after 30 s."""
    stage = _stage(auto_promotion_enabled=False)
    stage.release("app:v2")
    stage.run(30)
    stage.abort()
    stage.run(10)
    assert {"app:v1": 4, "app:v2": 4} == stage.sizes()
    stage.run(30)
    assert ({"app:v1": 4}, "app:v1") == (stage.sizes(), _active(stage))
    assert "Degraded - RolloutAborted: Rollout aborted update to revision 2" == stage.said


def test_a_pre_promotion_analysis_guards_the_switch() -> None:
    """It runs on the full preview; a failure aborts, a success lets the switch through."""
    good, bad = _stage(pre_promotion_analysis=analysis()), _stage(pre_promotion_analysis=analysis())
    good.readings.answers["rate"], bad.readings.answers["rate"] = _GOOD, _BAD
    for stage in (good, bad):
        stage.release("app:v2")
        stage.run(20)
        assert "app:v1" == _active(stage)
        stage.run(40)
    assert ("app:v2", "app:v1") == (_active(good), _active(bad))
    assert "assessed Failed due to failed (1) > failureLimit (0)" in bad.said
    assert f"app-{good.hash('app:v2')}-2-pre" == good.runs()[0].meta.name


def test_a_post_promotion_analysis_may_switch_back() -> None:
    """Users are on the new pods meanwhile, and the old ones wait for the verdict."""
    stage = _stage(post_promotion_analysis=analysis())
    stage.readings.answers["rate"] = _GOOD
    stage.release("app:v2")
    stage.run(15)
    assert ("Progressing - waiting for analysis to complete", "app:v2") == (stage.said, _active(stage))
    stage.readings.answers["rate"] = _BAD
    stage.run(15)
    assert "app:v1" == _active(stage)
    assert stage.said.startswith("Degraded - RolloutAborted")
    assert 4 == stage.sizes()["app:v1"]


def test_a_post_promotion_analysis_that_passes_makes_the_new_pods_stable() -> None:
    """Only then do the old pods get their deadline."""
    stage = _stage(post_promotion_analysis=analysis())
    stage.readings.answers["rate"] = _GOOD
    stage.release("app:v2")
    stage.run(45)
    assert ("Healthy", stage.hash("app:v2")) == (stage.said, stage.status.stable_rs)
    stage.run(35)
    assert {"app:v2": 4} == stage.sizes()


def test_a_way_back_within_the_delay_needs_no_pause() -> None:
    """The old pods still run: the switch is immediate, whatever autoPromotionEnabled says."""
    stage = _stage(auto_promotion_enabled=False, scale_down_delay_seconds=300)
    stage.release("app:v2")
    stage.run(30)
    stage.promote()
    stage.run(30)
    assert "app:v2" == _active(stage)
    rollout_edits.undo(stage.cluster, "app")
    stage.run(1)
    assert ("app:v1", "Healthy") == (_active(stage), stage.said)


@pytest.mark.parametrize(("limit", "left"), [(None, 3), (1, 2), (0, 1)])
def test_scale_down_delay_revision_limit(limit: int | None, left: int) -> None:
    """How many old revisions may wait out their delay at once."""
    stage = _stage(2, scale_down_delay_seconds=600, scale_down_delay_revision_limit=limit)
    for image in ("app:v2", "app:v3"):
        stage.release(image)
        stage.run(40)
    assert left == len(stage.sizes())


def test_another_image_during_the_pause_takes_over_the_preview() -> None:
    """The abandoned preview goes after its delay; the active pods never change."""
    stage = _stage(auto_promotion_enabled=False)
    stage.release("app:v2")
    stage.run(30)
    stage.release("app:v3")
    stage.run(60)
    assert ("Paused - BlueGreenPause", "app:v1") == (stage.said, _active(stage))
    assert stage.hash("app:v3") == stage.status.preview_selector
    assert {"app:v1": 4, "app:v3": 4} == stage.sizes()


def test_a_scale_changes_both_colours() -> None:
    """Active and preview get the new size, and the pause holds."""
    stage = _stage(auto_promotion_enabled=False)
    stage.release("app:v2")
    stage.run(30)
    rollout_edits.scale(stage.cluster, "app", 6)
    stage.run(30)
    assert ({"app:v1": 6, "app:v2": 6}, "app:v1") == (stage.sizes(), _active(stage))


def test_promote_full_skips_pause_and_analysis() -> None:
    """Straight to the switch, as soon as the pods are there."""
    stage = _stage(auto_promotion_enabled=False, pre_promotion_analysis=analysis())
    stage.release("app:v2")
    stage.run(3)
    stage.promote(full=True)
    stage.run(15)
    assert "app:v2" == _active(stage)
    assert [] == [run for run in stage.runs() if not run.spec.terminate]
