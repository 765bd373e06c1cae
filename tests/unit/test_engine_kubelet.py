"""A pod's life: placed, pulled, started, probed, ready; its end: out of rotation, drained, killed, gone."""

from __future__ import annotations

import pytest

from simulator.engine import digest_of, instance_key, version_of
from simulator.engine.images import Registry
from simulator.units import MILLISECOND, SECOND
from simulator.world import Change, Pod, Probe, edits, find_condition
from tests.engine_stage import Stage


def newest(stage: Stage) -> Pod:
    """The pod made last."""
    return list(stage.cluster.pods)[-1]


def exact(mean: int, pod: Pod, purpose: int) -> int:  # noqa: ARG001
    """Start times without luck."""
    return mean


def statuses(stage: Stage) -> list[str]:
    """Collects each STATUS that the next pod shows, in order, without repetition."""
    seen: list[str] = []
    names: list[str] = []

    def watch(change: Change) -> None:
        pod = change.object
        if isinstance(pod, Pod) and change.type == "ADDED":
            names.append(pod.meta.name)
        if isinstance(pod, Pod) and names and pod.meta.name == names[0]:
            text = "gone" if change.type == "DELETED" else pod.status_text
            if not seen or seen[-1] != text:
                seen.append(text)

    stage.cluster.subscribe(watch)
    return seen


def test_a_pods_life_in_its_statuses_and_events() -> None:
    """Pending, ContainerCreating, Running, Terminating, gone; and the events on the way."""
    stage = Stage(1, surge=1, unavailable=0, probe=Probe(initial_delay_seconds=8))
    seen = statuses(stage)
    edits.scale(stage.cluster, stage.env.now, "app", 2)
    stage.run(60)
    pod = newest(stage)
    assert [event.reason for event in stage.cluster.events_of(pod, stage.env.now)] == [
        "Scheduled", "Pulling", "Pulled", "Created", "Started",
    ]  # fmt: skip
    edits.scale(stage.cluster, stage.env.now, "app", 1)
    stage.run(60)
    assert seen == ["Pending", "ContainerCreating", "Running", "Terminating", "gone"]
    assert stage.messages("Killing") == ["Stopping container app"]


def test_a_pod_gets_requests_only_while_it_is_ready() -> None:
    """It joins the rotation when its probe succeeds and leaves it in the very act that deletes it."""
    stage = Stage(1, start_time=5 * SECOND, probe=Probe(period_seconds=3), varied=exact)
    edits.scale(stage.cluster, stage.env.now, "app", 2)
    stage.run(7)
    pod = newest(stage)
    assert (pod.status_text, pod.containers_ready) == ("Running", 0)
    assert pod.meta.name not in stage.plane.ready
    stage.run(10)
    assert stage.plane.ready[pod.meta.name]
    assert (pod.containers_ready, pod.ready) == (1, True)
    edits.delete_pod(stage.cluster, stage.env.now, pod.meta.name)
    assert not stage.plane.ready[pod.meta.name]


@pytest.mark.parametrize(
    ("probe", "ready_after"),
    [
        (None, 0),  # without a probe it counts as ready before it listens
        (Probe(period_seconds=10), 10),  # ticks at 0 and 10
        (Probe(period_seconds=2), 6),
        (Probe(initial_delay_seconds=3, period_seconds=4), 7),
        (Probe(initial_delay_seconds=20), 20),
        (Probe(period_seconds=5, success_threshold=3), 15),
    ],
)
def test_readiness_comes_on_the_ticks_of_the_probe(probe: Probe | None, ready_after: int) -> None:
    """From the container's start: initialDelay, then every period, until it listens (here after 5 s).

    The answer takes a millisecond.
    """
    stage = Stage(1, probe=probe, start_time=5 * SECOND, varied=exact)
    edits.scale(stage.cluster, stage.env.now, "app", 2)
    stage.run(60)
    pod = newest(stage)
    started = pod.status.container_statuses[0].state.started_at
    assert started is not None
    assert pod.ready_since == started + ready_after * SECOND + (MILLISECOND if probe else 0)


def test_a_probe_that_fails_is_told() -> None:
    """Unhealthy, a warning, with the address that refused; the same words again only count up."""
    stage = Stage(1, probe=Probe(period_seconds=2), start_time=5 * SECOND, varied=exact)
    edits.scale(stage.cluster, stage.env.now, "app", 2)
    stage.run(60)
    event = next(event for event in stage.cluster.events if event.reason == "Unhealthy")
    assert (event.count, event.type) == (3, "Warning")
    assert event.message.startswith("Readiness probe failed: Get ")
    assert f"/{newest(stage).status.pod_ip}:8080/healthz" in event.message
    assert event.message.endswith(":8080: connect: connection refused")


def test_the_first_pull_on_a_node_is_slow_and_the_next_is_not() -> None:
    """An image that is there is not pulled again."""
    stage = Stage(1, nodes=1)
    stage.release("app:v2")
    stage.run(60)
    assert "Successfully pulled" in stage.messages("Pulled")[0]
    edits.scale(stage.cluster, stage.env.now, "app", 2)
    stage.run(60)
    assert stage.messages("Pulled")[1] == 'Container image "app:v2" already present on machine'
    assert stage.messages("Pulling") == ['Pulling image "app:v2"']


def test_two_pods_on_a_node_share_one_pull() -> None:
    """Both wait for the same download and are there at the same time."""
    stage = Stage(2, nodes=1, surge=2, unavailable=0, varied=exact)
    stage.release("app:v2")
    stage.run(60)
    first, second = (
        event for event in stage.cluster.events if event.message.startswith("Successfully pulled")
    )
    assert first.first_at == second.first_at
    assert next(iter(stage.cluster.nodes)).status.images == ["app:v1", "app:v2"]


def test_an_image_that_does_not_exist_backs_off() -> None:
    """ErrImagePull, then ImagePullBackOff with pauses of 10, 20, 40 … s; the old pods go on serving."""
    stage = Stage(4)
    seen = statuses(stage)
    stage.release("app:v9")
    stage.run(100)
    assert seen[:4] == ["Pending", "ContainerCreating", "ErrImagePull", "ImagePullBackOff"]
    assert stage.images().count("app:v1") == 3
    assert stage.messages("BackOff") == ['Back-off pulling image "app:v9"'] * 2  # one for each of two pods
    attempts = next(event for event in stage.cluster.events if event.message == 'Pulling image "app:v9"')
    assert attempts.count == 4  # at about 1, 11, 32 and 72 s
    edits.rollout_undo(stage.cluster, stage.env.now, "app")
    stage.run(60)
    assert stage.images() == ["app:v1"] * 4
    assert all(pod.ready for pod in stage.living())


def test_text_that_is_no_image_at_all_is_an_invalid_image_name() -> None:
    """The API server takes it, the kubelet can't: so does IMAGE@DIGEST, typed as it stands."""
    stage = Stage(2)
    edits.set_image(stage.cluster, stage.env.now, "app", {"app": "IMAGE@DIGEST"})
    stage.run(30)
    assert newest(stage).status_text == "InvalidImageName"
    assert "Error: InvalidImageName" in stage.messages("Failed")


def test_an_image_may_be_named_by_its_digest() -> None:
    """Deploy by digest and never by tag: the same software, pinned."""
    stage = Stage(2)
    stage.release(f"app@{digest_of('app:v2')}")
    stage.run(90)
    assert stage.app.complete
    added = [call for call in stage.plane.calls if call[0] == "add"]
    assert {call[3] for call in added[2:]} == {1}
    assert newest(stage).status.container_statuses[0].image_id == f"app@{digest_of('app:v2')}"


@pytest.mark.parametrize(
    ("image", "well_formed", "version"),
    [
        ("checkout:v42", True, "v42"),
        ("registry.example:5000/shop/checkout:v42", True, "v42"),
        ("checkout", True, "latest"),
        ("Checkout:v1", False, "latest"),
        ("checkout:", False, "latest"),
        (f"checkout:v2@{digest_of('checkout:v2')}", True, "v2"),
        ("checkout@sha256:abc", False, "latest"),
    ],
)
def test_image_references_follow_the_registry_grammar(image: str, well_formed: bool, version: str) -> None:
    """Lowercase names, a tag, a digest of 64 digits."""
    assert Registry.well_formed(image) == well_formed
    assert version_of(image) == version


def test_a_pod_drains_before_it_goes() -> None:
    """It leaves the rotation at once and ends as soon as its last request is answered."""
    stage = Stage(2)
    pod = stage.living()[0]
    stage.plane.work[pod.meta.name] = 2
    edits.delete_pod(stage.cluster, stage.env.now, pod.meta.name)
    stage.run(10)
    assert pod.status_text == "Terminating"
    stage.plane.work[pod.meta.name] = 0
    stage.run(1)
    assert stage.cluster.pods.find(pod.meta.name, "production") is None
    assert ("kill", pod.meta.name) not in stage.plane.calls
    assert ("remove", pod.meta.name) in stage.plane.calls
    assert pod.status.container_statuses[0].state.exit_code == 143


def test_the_end_of_the_grace_period_kills() -> None:
    """What still runs after terminationGracePeriodSeconds is cut off: exit code 137."""
    stage = Stage(2, grace_seconds=30)
    pod = stage.living()[0]
    stage.plane.work[pod.meta.name] = 1
    edits.delete_pod(stage.cluster, stage.env.now, pod.meta.name)
    stage.run(29.9)
    assert ("kill", pod.meta.name) not in stage.plane.calls
    stage.run(1)
    assert ("kill", pod.meta.name) in stage.plane.calls
    assert pod.status.container_statuses[0].state.exit_code == 137


def test_a_pod_can_be_deleted_at_any_moment_of_its_start() -> None:
    """Whatever it waits for, it goes, and nothing of it stays behind."""
    for tenth in range(0, 140, 3):
        stage = Stage(1, probe=Probe(period_seconds=2))
        edits.scale(stage.cluster, stage.env.now, "app", 2)
        stage.run(0.021 + tenth / 10)
        pod = next((each for each in stage.living() if each.ordinal == 1), None)
        if pod is None:
            continue
        edits.scale(stage.cluster, stage.env.now, "app", 1)
        edits.delete_pod(stage.cluster, stage.env.now, pod.meta.name)
        stage.run(90)
        assert [each.ordinal for each in stage.cluster.pods] in ([0], [2])
        assert stage.kubelet.instance_of(pod) is None
        assert not stage.plane.ready.get(pod.meta.name, False)


def test_pods_are_spread_over_zones_and_nodes() -> None:
    """Three zones and six pods: two in each zone, no node twice."""
    stage = Stage(6, nodes=6)
    nodes = {node.meta.name: node.zone for node in stage.cluster.nodes}
    used = [pod.node_name for pod in stage.cluster.pods]
    assert sorted(nodes[name] for name in used) == ["zone-a"] * 2 + ["zone-b"] * 2 + ["zone-c"] * 2
    assert len(set(used)) == 6


def test_a_pod_without_room_is_pending_with_the_schedulers_reason() -> None:
    """8 pods of half a core fill a node of 4; the ninth waits and comes when one goes."""
    stage = Stage(8, nodes=1)
    edits.scale(stage.cluster, stage.env.now, "app", 9)
    stage.run(30)
    pod = newest(stage)
    assert pod.status_text == "Pending"
    assert stage.messages("FailedScheduling")[0].startswith("0/1 nodes are available: 1 Insufficient cpu.")
    scheduled = find_condition(pod.status.conditions, "PodScheduled")
    assert scheduled is not None
    assert (scheduled.status, scheduled.reason) == ("False", "Unschedulable")
    edits.scale(stage.cluster, stage.env.now, "app", 8)
    stage.run(10)
    assert len(stage.living()) == 8
    assert all(each.ready for each in stage.living())


def test_room_that_becomes_free_is_used() -> None:
    """A pending pod is placed as soon as another has gone."""
    stage = Stage(8, nodes=1)
    edits.scale(stage.cluster, stage.env.now, "app", 9)
    stage.run(30)
    edits.delete_pod(stage.cluster, stage.env.now, stage.living()[0].meta.name)
    stage.run(30)
    running = [pod for pod in stage.living() if pod.ready]
    assert len(running) == 8
    assert stage.reasons().count("FailedScheduling") == 2


def test_a_pods_key_is_its_owner_revision_and_ordinal() -> None:
    """Its luck follows who it is, not its name or when it came."""
    stage = Stage(2)
    first, second = stage.living()
    assert instance_key(first) != instance_key(second)
    added = [call for call in stage.plane.calls if call[0] == "add"]
    assert [call[4] for call in added] == [instance_key(first), instance_key(second)]
