"""kubectl's verbs: what they print, what they refuse in whose words, and what they change."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from simulator.engine.workloads.deployments import replica_set_for
from simulator.world import (
    CHANGE_CAUSE_ANNOTATION,
    RESTARTED_AT_ANNOTATION,
    Cluster,
    Container,
    Deployment,
    DeploymentSpec,
    KubernetesError,
    ObjectMeta,
    Pod,
    PodSpec,
    PodTemplate,
    edits,
    history,
    new_replica_set,
)

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "k8s_kubectl.json").read_text())


def line(text: str) -> str:
    """A success line of the facts for the Deployment ``app``."""
    return text.replace("NAME", "app")


def cluster(*images: str) -> Cluster:
    """A Deployment ``app`` that has run each of these images in turn, the last one now."""
    made = Cluster()
    template = PodTemplate({"app": "app"}, PodSpec((Container("app", ""), Container("side", "side:v1"))))
    app = Deployment(ObjectMeta("app", "production"), DeploymentSpec(3, {"app": "app"}, template))
    made.add(app)
    for number, image in enumerate(images, start=1):
        containers = (Container("app", image), Container("side", "side:v1"))
        app.spec = replace(app.spec, template=replace(template, spec=PodSpec(containers)))
        app.meta.annotations[CHANGE_CAUSE_ANNOTATION] = f"cause {number}"
        made.add(replica_set_for(app, number, number, 3 if number == len(images) else 0))
    return made


def image_of(made: Cluster) -> str:
    """What ``app`` shall run."""
    return made.deployment("app").spec.template.containers[0].image


def test_scale_writes_replicas_and_raises_the_generation() -> None:
    """A real change is a new generation; the same count again is not, and prints the same line."""
    made = cluster("app:v1")
    assert edits.scale(made, 0, "app", 10) == line(FACTS["other_verbs"]["scale"])
    assert (made.deployment("app").spec.replicas, made.deployment("app").meta.generation) == (10, 2)
    assert edits.scale(made, 0, "app", 10) == line(FACTS["other_verbs"]["scale"])
    assert made.deployment("app").meta.generation == 2


def test_scale_refuses_a_count_that_is_none_and_a_stale_precondition() -> None:
    """--replicas below zero, and --current-replicas that no longer holds."""
    made = cluster("app:v1")
    with pytest.raises(KubernetesError) as caught:
        edits.scale(made, 0, "app", -1)
    assert caught.value.message.startswith("error: The --replicas=COUNT flag is required")
    with pytest.raises(KubernetesError) as caught:
        edits.scale(made, 0, "app", 5, current_replicas=2)
    assert caught.value.message == "error: Expected replicas to be 2, was 3"
    assert made.deployment("app").spec.replicas == 3


def test_set_image_changes_one_container_or_all() -> None:
    """The line of the facts; nothing is printed when nothing changes; ``*`` means every container."""
    made = cluster("app:v1")
    assert edits.set_image(made, 0, "app", {"app": "app:v2"}) == line(FACTS["other_verbs"]["set_image"])
    assert image_of(made) == "app:v2"
    assert edits.set_image(made, 0, "app", {"app": "app:v2"}) == ""
    edits.set_image(made, 0, "app", {"*": "one:v1"})
    assert [each.image for each in made.deployment("app").spec.template.containers] == ["one:v1", "one:v1"]
    with pytest.raises(KubernetesError) as caught:
        edits.set_image(made, 0, "app", {"web": "app:v2"})
    assert caught.value.message == 'error: unable to find container named "web"'


def test_undo_goes_to_the_revision_before_and_brings_its_change_cause_back() -> None:
    """--to-revision=0 is the second newest; annotations come from the ReplicaSet, the sizes stay."""
    made = cluster("app:v1", "app:v2", "app:v3")
    assert edits.rollout_undo(made, 0, "app") == line(FACTS["rollout_undo"]["success"])
    app = made.deployment("app")
    assert image_of(made) == "app:v2"
    assert app.meta.annotations[CHANGE_CAUSE_ANNOTATION] == "cause 2"
    found = new_replica_set(made, app)
    assert found is not None
    assert found.revision == 2
    assert edits.rollout_undo(made, 0, "app", to_revision=1) == line(FACTS["rollout_undo"]["success"])
    assert image_of(made) == "app:v1"


def test_undo_to_what_already_runs_is_skipped() -> None:
    """The line of the facts, and no new generation."""
    made = cluster("app:v1", "app:v2")
    said = edits.rollout_undo(made, 0, "app", to_revision=2)
    assert said == line(FACTS["rollout_undo"]["same_template"]).replace("revision N", "revision 2")
    assert made.deployment("app").meta.generation == 1


def test_undo_needs_a_revision_to_go_to() -> None:
    """An unknown revision, and a Deployment that has only one."""
    with pytest.raises(KubernetesError) as caught:
        edits.rollout_undo(cluster("app:v1", "app:v2"), 0, "app", to_revision=9)
    assert caught.value.message == "error: unable to find specified revision 9 in history"
    assert caught.value.expected == "one of the revisions 1, 2"
    with pytest.raises(KubernetesError) as caught:
        edits.rollout_undo(cluster("app:v1"), 0, "app")
    assert caught.value.message == 'error: no rollout history found for deployment "app"'


def test_a_paused_deployment_is_not_rolled_back_and_not_restarted() -> None:
    """Resume comes first; the refusal is the one of the facts."""
    made = cluster("app:v1", "app:v2")
    assert edits.rollout_pause(made, 0, "app") == line(FACTS["other_verbs"]["pause"])
    with pytest.raises(KubernetesError) as caught:
        edits.rollout_undo(made, 0, "app")
    assert caught.value.message == "error: " + FACTS["rollout_undo"]["paused_error"]
    with pytest.raises(KubernetesError, match="not paused"):
        edits.rollout_restart(made, 0, "app")
    assert edits.rollout_resume(made, 0, "app") == line(FACTS["other_verbs"]["resume"])
    assert edits.rollout_undo(made, 0, "app") == line(FACTS["rollout_undo"]["success"])


@pytest.mark.parametrize(
    ("verb", "message"),
    [
        (edits.rollout_pause, 'error: deployments.apps "app" is already paused'),
        (edits.rollout_resume, 'error: deployments.apps "app" is not paused'),
    ],
)
def test_pause_and_resume_twice_are_refused(verb: Callable[..., str], message: str) -> None:
    """In kubectl's words."""
    made = cluster("app:v1")
    if verb is edits.rollout_pause:
        verb(made, 0, "app")
    with pytest.raises(KubernetesError) as caught:
        verb(made, 0, "app")
    assert caught.value.message == message


def test_restart_is_a_new_template_with_a_timestamp() -> None:
    """The annotation is the civil time; a second restart within the second would change nothing."""
    made = cluster("app:v1")
    assert edits.rollout_restart(made, 0, "app") == line(FACTS["other_verbs"]["restart"])
    annotations = made.deployment("app").spec.template.annotations
    assert annotations[RESTARTED_AT_ANNOTATION] == "2026-03-03T10:00:00Z"
    with pytest.raises(KubernetesError, match="at least a second"):
        edits.rollout_restart(made, 999_999_999, "app")


def test_deleting_a_pod_asks_for_its_end_once() -> None:
    """It keeps existing until its kubelet has let it go; a shorter grace period can be given."""
    made = cluster("app:v1")
    made.add(Pod(ObjectMeta("app-1", "production"), PodSpec((Container("app", "app:v1"),))))
    assert edits.delete_pod(made, 7, "app-1", grace_period_seconds=3) == 'pod "app-1" deleted'
    pod = made.pod("app-1")
    assert (pod.meta.deleted_at, pod.spec.termination_grace_period_seconds) == (7, 3)
    assert edits.delete_pod(made, 9, "app-1") == 'pod "app-1" deleted'
    assert pod.meta.deleted_at == 7
    with pytest.raises(KubernetesError, match="a pod that exists"):
        edits.delete_pod(made, 9, "app-2")


def test_deleting_a_deployment_takes_it_away_at_once() -> None:
    """What it owns is the garbage collector's business."""
    made = cluster("app:v1")
    assert edits.delete_deployment(made, 0, "app") == 'deployment.apps "app" deleted'
    assert made.deployments.find("app", "production") is None
    assert len(made.replica_sets) == 1


def test_annotate_sets_and_takes_away() -> None:
    """None is kubectl's trailing dash; annotations are metadata, so the generation stays."""
    made = cluster("app:v1")
    assert edits.annotate(made, 0, "app", {"a": "1", CHANGE_CAUSE_ANNOTATION: None}) == (
        "deployment.apps/app annotated"
    )
    assert made.deployment("app").meta.annotations == {"a": "1"}
    assert made.deployment("app").meta.generation == 1


def test_history_is_in_ascending_revision() -> None:
    """As ``kubectl rollout history`` prints it, with each revision's cause."""
    made = cluster("app:v1", "app:v2", "app:v3")
    rows = [(each.revision, each.change_cause) for each in history(made, made.deployment("app"))]
    assert rows == [(1, "cause 1"), (2, "cause 2"), (3, "cause 3")]
