"""What stands around a Rollout and knew Deployments first: the lab, the coach, git, autoscalers."""

from __future__ import annotations

import pytest

from simulator.coach import Coach
from simulator.coach.drift import drift
from simulator.drill import Run
from simulator.lab import evidence, panes
from simulator.lab.frames import Scene
from simulator.units import MINUTE, SECOND
from tests import cluster_stage
from tests import rollout_scenario as shop


@pytest.fixture(scope="module")
def run() -> Run:
    """The bad canary, paused at its first step, with a coach who watches."""
    made = Run(shop.canary(bad=True))
    Coach(made)
    made.advance(85 * SECOND)
    return made


def test_the_lab_shows_the_pods_and_revisions_of_a_rollout(run: Run) -> None:
    """One new dot beside eleven; every tab has its table."""
    scene = Scene(run)
    dots = scene.pods("checkout")
    assert (12, ["v43"]) == (len(dots), [dot.version for dot in dots if dot.new])
    scene.frame()
    for tab in ("logs", "events", "alerts"):
        assert panes.pane(scene, tab) is not None
    picture = panes.pane(scene, "rollout")
    assert isinstance(picture, evidence.Table)
    assert any("Strategy:        Canary" in line for line in picture.lines)
    assert ["revision:3", "revision:2", "revision:1"] == [
        word for line in picture.lines for word in line.split() if word.startswith("revision:")
    ]


def test_drift_is_what_was_done_by_hand_and_names_the_rollout() -> None:
    """An undo by the plugin is not in git; neither is a scale."""
    run = Run(shop.canary(bad=True))
    run.advance(85 * SECOND)
    assert not drift(run)
    run.do("kubectl argo rollouts undo checkout")
    run.do("kubectl scale rollout/checkout --replicas=10")
    assert {"rollout/checkout"} == {each.object for each in drift(run)}
    assert {"spec.replicas", "spec.template"} == {each.field for each in drift(run)}


def test_what_an_autoscaler_sets_is_nobodys_hand() -> None:
    """Pods that a ramp brought are no drift; other bounds, a second autoscaler or a deleted one are."""
    run = cluster_stage.fresh()
    run.advance(8 * MINUTE)
    assert 12 == run.cluster.deployment("web").spec.replicas and not drift(run)
    run.do('kubectl patch hpa web -p \'{"spec":{"maxReplicas":20}}\'')
    (bounds,) = drift(run)
    assert "horizontalpodautoscaler/web allows 3 to 20 pods by hand; git says 3 to 12 pods." == bounds.text
    run.do("kubectl delete hpa web")
    run.do("yes")
    assert "horizontalpodautoscaler/web is gone from the cluster; git still declares it." in {
        each.text for each in drift(run)
    }


def test_a_reverted_commit_releases_the_old_image_without_steps() -> None:
    """Git's way back: the pipeline's time, then the stable template again, so the steps are skipped."""
    run = Run(shop.canary())
    run.advance(85 * SECOND)
    reverted = run.do("git revert 3b2e4f9")
    assert reverted.ok, reverted.text
    run.advance(run.now + 5 * MINUTE)
    rollout = run.cluster.rollout("checkout")
    assert ("Healthy", "checkout:v42") == (rollout.status.phase, rollout.spec.template.containers[0].image)
    assert "3b2e4f9" == run.production.releases[-1].reverts


def test_an_autoscaler_scales_a_rollout_and_keeps_the_canary_s_share() -> None:
    """The HPA writes the scale of the Rollout; a tenth of more pods is a tenth still."""
    autoscaler = """  autoscalers:
    - apiVersion: autoscaling/v2
      kind: HorizontalPodAutoscaler
      metadata: {name: checkout}
      spec:
        scaleTargetRef: {apiVersion: argoproj.io/v1alpha1, kind: Rollout, name: checkout}
        minReplicas: 20
        maxReplicas: 24
        metrics:
          - type: Resource
            resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
  analysisTemplates:
"""
    run = Run(shop.read(shop.text().replace("  analysisTemplates:\n", autoscaler)))
    run.advance(2 * MINUTE)
    rollout = run.cluster.rollout("checkout")
    assert (20, 20) == (rollout.spec.replicas, rollout.status.available_replicas)
    assert 2 == rollout.status.updated_replicas


def test_the_same_seed_and_lines_give_the_same_bytes_compiled_or_not() -> None:
    """Steps, analyses, weights and an abort are deterministic."""
    digests = set()
    for compiled in (True, False):
        run = Run(shop.routed(bad=True), compiled=compiled)
        run.advance(85 * SECOND)
        run.do("kubectl argo rollouts abort checkout")
        run.advance(2 * MINUTE)
        digests.add(run.digest)
    assert 1 == len(digests)
