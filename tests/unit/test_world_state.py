"""The cluster's state: names, selectors, hashes, statuses and events as kubectl shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.errors import GamedayError
from simulator.streams import SAFE_ALPHABET
from simulator.units import HOUR, SECOND
from simulator.world import (
    Change,
    Cluster,
    Condition,
    Container,
    ContainerState,
    ContainerStatus,
    KubernetesError,
    ObjectMeta,
    OwnerReference,
    Pod,
    PodIdentity,
    PodSpec,
    PodTemplate,
    RollingUpdate,
    Service,
    ServiceSpec,
    find_condition,
    kind_named,
    matches,
    set_condition,
)
from simulator.world.meta import uid_of
from simulator.world.workloads import scaled_value


def pod(name: str, *, ready: bool = True, phase: str = "Running", **state: object) -> Pod:
    """A pod with one container in the given state."""
    made = Pod(ObjectMeta(name, "production", labels={"app": "shop"}), PodSpec((Container("app", "app:v1"),)))
    made.status.phase = phase  # type: ignore[assignment]
    made.status.container_statuses = [
        ContainerStatus("app", "app:v1", ready=ready, state=ContainerState(**state))  # type: ignore[arg-type]
    ]
    set_condition(made.status.conditions, 0, "Ready", "True" if ready else "False")
    return made


@pytest.mark.parametrize("name", ["deployments", "deployment", "deploy", "deployments.apps", "Deployment"])
def test_a_resource_type_has_many_names(name: str) -> None:
    """Kubectl accepts plural, singular, short and grouped names, in any case."""
    assert kind_named(name).qualified_singular == "deployment.apps"


def test_an_unknown_resource_type_is_refused_in_kubectls_words() -> None:
    """The message is the real one; the fourth part names the nearest type."""
    with pytest.raises(KubernetesError) as caught:
        kind_named("podz")
    assert caught.value.message == 'error: the server doesn\'t have a resource type "podz"'
    assert caught.value.todo == "Did you mean pod?"


def test_a_missing_object_is_not_found_with_the_nearest_name() -> None:
    """The API server's words, and a suggestion of ours."""
    cluster = Cluster()
    cluster.add(pod("checkout-1"))
    with pytest.raises(KubernetesError) as caught:
        cluster.get("pod", "checkout-2")
    assert caught.value.message == 'Error from server (NotFound): pods "checkout-2" not found'
    assert caught.value.todo == "Did you mean checkout-1?"
    with pytest.raises(KubernetesError, match=r"deployments\.apps|deployment/web"):
        cluster.deployment("web")


def test_a_namespace_is_a_wall() -> None:
    """The same name in two namespaces is two objects; without a namespace the default one is meant."""
    cluster = Cluster()
    cluster.add(pod("a"))
    other = pod("a")
    other.meta.namespace = "staging"
    cluster.add(other)
    assert cluster.get("po", "a", "staging") is other
    assert len(cluster.select("pods")) == 1
    assert len(cluster.select("pods", "*")) == 2


def test_a_name_is_taken_once() -> None:
    """Creating a second object of the same kind and name is refused."""
    cluster = Cluster()
    cluster.add(pod("a"))
    with pytest.raises(GamedayError, match="a name not yet taken"):
        cluster.add(pod("a"))


def test_lists_are_sorted_and_selected_as_kubectl_does() -> None:
    """By name, and only what carries every label of the selector."""
    cluster = Cluster()
    for name in ("b", "a", "c"):
        cluster.add(pod(name))
    cluster.pods.find("c", "production").meta.labels["app"] = "other"  # type: ignore[union-attr]
    assert [item.meta.name for item in cluster.select("pods", selector={"app": "shop"})] == ["a", "b"]
    assert matches({}, {"any": "thing"})
    assert not matches({"app": "shop", "tier": "web"}, {"app": "shop"})


def test_watchers_hear_every_change_in_order() -> None:
    """ADDED, MODIFIED, DELETED, each with the object, and a rising resource version."""
    cluster, heard = Cluster(), list[tuple[Change, int]]()
    cluster.subscribe(lambda change: heard.append((change, change.object.meta.resource_version)))
    item = pod("a")
    cluster.add(item)
    cluster.changed(item)
    cluster.remove(item)
    assert [change.type for change, _ in heard] == ["ADDED", "MODIFIED", "DELETED"]
    assert [version for _, version in heard] == [1, 2, 3]
    assert len(cluster.pods) == 0


def test_a_pod_keeps_its_identity_when_it_is_gone() -> None:
    """A what-if finds the pod of another name by (deployment, revision, ordinal)."""
    cluster, item = Cluster(), pod("app-abc-12345")
    item.deployment, item.revision, item.ordinal = "app", 3, 2
    cluster.add(item)
    identity = cluster.identities["app-abc-12345"]
    assert identity == PodIdentity("app", 3, 2)
    assert cluster.find_identity(identity) is item
    cluster.remove(item)
    assert cluster.identities["app-abc-12345"] == identity
    assert cluster.find_identity(identity) is None


def test_the_same_event_again_raises_its_count() -> None:
    """As the API server aggregates: one line, a count, first and last time."""
    cluster, item = Cluster(), pod("a")
    cluster.add(item)
    for at in (1 * SECOND, 5 * SECOND, 9 * SECOND):
        cluster.record(at, item, "BackOff", "Back-off", component="kubelet", warning=True)
    (event,) = cluster.events
    assert (event.count, event.first_at, event.last_at) == (3, 1 * SECOND, 9 * SECOND)
    assert (event.type, event.object_text) == ("Warning", "pod/a")
    cluster.record(10 * SECOND, item, "BackOff", "Another", component="kubelet")
    assert len(cluster.events_of(item, 11 * SECOND)) == 2


def test_events_are_forgotten_after_an_hour() -> None:
    """The API server keeps an event for an hour after it last happened."""
    cluster, item = Cluster(), pod("a")
    cluster.add(item)
    cluster.record(0, item, "Started", "Started container app", component="kubelet")
    assert len(cluster.recent_events(HOUR - 1)) == 1
    assert cluster.recent_events(HOUR) == []
    assert cluster.events_of(item, HOUR) == []


def test_times_are_written_in_utc_from_the_declared_start() -> None:
    """T+00:00 is the scenario's civil time; ages before it are negative."""
    cluster = Cluster()
    assert cluster.timestamp(0) == "2026-03-03T10:00:00Z"
    assert cluster.timestamp(-90 * SECOND) == "2026-03-03T09:58:30Z"


def test_endpoints_are_ready_and_not_terminating() -> None:
    """A Service sends requests to matching pods that are ready and that nobody asked to end."""
    cluster = Cluster()
    service = Service(ObjectMeta("shop", "production"), ServiceSpec({"app": "shop"}))
    for name, ready in (("a", True), ("b", False), ("c", True)):
        cluster.add(pod(name, ready=ready))
    cluster.pod("c").meta.deleted_at = 1
    assert [each.meta.name for each in cluster.endpoints(service)] == ["a"]
    assert len(cluster.service_pods(service)) == 3


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (pod("a", phase="Pending", ready=False), "Pending"),
        (pod("a", phase="Pending", ready=False, reason="ContainerCreating"), "ContainerCreating"),
        (pod("a"), "Running"),
    ],
)
def test_the_status_column_follows_kubectl(made: Pod, text: str) -> None:
    """Phase first, then what the containers wait for."""
    assert made.status_text == text


def _status(made: Pod, phase: str, reason: str = "", exit_code: int = 0) -> str:
    made.status.container_statuses[0].state = ContainerState(phase, reason, exit_code=exit_code)  # type: ignore[arg-type]
    return made.status_text


def test_a_container_that_ended_shows_why() -> None:
    """OOMKilled by its reason, an unnamed end by its exit code, deletion above all."""
    made = pod("a")
    assert _status(made, "terminated", "OOMKilled", 137) == "OOMKilled"
    assert _status(made, "terminated", exit_code=3) == "ExitCode:3"
    assert _status(made, "waiting", "ImagePullBackOff") == "ImagePullBackOff"
    assert _status(made, "running") == "Running"
    made.status.reason = "Evicted"
    assert _status(made, "running") == "Evicted"
    made.meta.deleted_at = 0
    assert made.status_text == "Terminating"
    made.status.reason = "NodeLost"
    assert made.status_text == "Unknown"


def test_completed_beside_a_running_container_is_running_or_not_ready() -> None:
    """Kubectl's last rule: a finished sidecar does not make a serving pod look finished."""
    made = pod("a", phase="Running")
    made.status.container_statuses[0].state = ContainerState("running")
    made.status.container_statuses.insert(
        0, ContainerStatus("job", "job:v1", state=ContainerState("terminated", "Completed"))
    )
    assert made.status_text == "Running"
    set_condition(made.status.conditions, 1, "Ready", "False")
    assert made.status_text == "NotReady"


def test_a_condition_moves_its_transition_time_only_when_it_flips() -> None:
    """Another reason moves the update time alone; the same again moves nothing unless asked to."""
    conditions: list[Condition] = []
    assert set_condition(conditions, 1, "Ready", "False", "Starting")
    assert set_condition(conditions, 2, "Ready", "False", "Waiting")
    assert not set_condition(conditions, 3, "Ready", "False", "Waiting", "other words")
    condition = find_condition(conditions, "Ready")
    assert condition == Condition("Ready", "False", "Waiting", "", 1, 2)
    assert set_condition(conditions, 4, "Ready", "False", "Waiting", "still", refresh=True)
    assert set_condition(conditions, 5, "Ready", "True")
    assert condition == Condition("Ready", "True", "", "", 5, 5)


def test_a_template_hash_depends_on_what_runs_and_on_nothing_else() -> None:
    """The hash label itself does not count; an image, a label or an annotation does. Ten characters occur."""
    template = PodTemplate({"app": "a"}, PodSpec((Container("app", "app:v1"),)))
    other = replace(template, spec=PodSpec((Container("app", "app:v2"),)))
    assert template.labelled().hash == template.hash
    assert template.labelled().same_as(template)
    assert template.labelled().bare() == template
    assert not template.same_as(other)
    hashes = {
        each.hash
        for each in (template, other, replace(template, annotations={"x": "y"}), replace(template, labels={}))
    }
    assert len(hashes) == 4
    assert set("".join(sorted(hashes))) <= set(SAFE_ALPHABET[21:] + SAFE_ALPHABET[:4])


def test_the_hash_of_a_template_is_pinned() -> None:
    """Names of ReplicaSets are part of every run file: this value may never change."""
    assert PodTemplate({"app": "a"}, PodSpec((Container("app", "app:v1"),))).hash == "6db54bc5dd"


@pytest.mark.parametrize(
    ("surge", "unavailable", "replicas", "bounds"),
    [
        ("25%", "25%", 10, (3, 2)),  # 2.5 up, 2.5 down: the example of Kubernetes' own API reference
        ("25%", "25%", 3, (1, 0)),
        (1, 0, 8, (1, 0)),
        ("0%", "0%", 8, (0, 1)),
        ("1%", "1%", 8, (1, 0)),
        (0, "10%", 8, (0, 1)),  # 0.8 rounds down to none, and then both are zero
    ],
)
def test_surge_rounds_up_and_unavailable_rounds_down(
    surge: int | str, unavailable: int | str, replicas: int, bounds: tuple[int, int]
) -> None:
    """And both zero would never move, so one pod may be unavailable."""
    assert RollingUpdate(surge, unavailable).resolve(replicas) == bounds


def test_a_share_is_a_number_and_a_percent_sign() -> None:
    """Anything else is refused in four parts."""
    assert scaled_value("30%", 10, round_up=False) == 3
    for text in ("30", "%", "-1%", "a%"):
        with pytest.raises(GamedayError, match="a whole number or a percentage"):
            scaled_value(text, 10, round_up=True)


def test_a_uid_is_made_from_what_the_object_is() -> None:
    """The same object in two runs has the same uid; a namesake made later has another."""
    assert uid_of("Pod", "production", "a", 5) == uid_of("Pod", "production", "a", 5)
    assert uid_of("Pod", "production", "a", 5) != uid_of("Pod", "production", "a", 6)
    assert [len(part) for part in uid_of("Pod", "p", "a", 5).split("-")] == [8, 4, 4, 4, 12]


def test_pods_are_found_by_their_owner() -> None:
    """A pod belongs to the uid of its ReplicaSet, not to a name."""
    cluster, item = Cluster(), pod("a")
    item.meta.owner = OwnerReference("ReplicaSet", "web-1", "uid-1")
    cluster.add(item)
    assert cluster._pods_by_owner["uid-1"] == {"a": item}
