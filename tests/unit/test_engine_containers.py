"""How containers end and come again: crashes, memory, probes, grace; each rule by the facts or by hand."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from simulator.engine import Production
from simulator.engine.kubelets.backoff import BackOff, go_duration
from simulator.units import MILLISECOND, MINUTE, SECOND
from simulator.world import Change, ContainerStatus, Pod, edits, find_condition
from tests.small_system import Seen, Tree, constant, front, page, played, traffic

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "k8s_kubectl.json").read_text(encoding="utf-8"))
#: From the container's end to its start: the kubelet sees it a second later, and a start takes 150 ms.
START_AGAIN = SECOND + 150 * MILLISECOND


def pod_of(**spec: Any) -> Tree:
    """A patch of the front's pods: probes, resources and hooks of the container, and the pod's grace."""
    container = {"name": "front", "image": "front:v1", **spec.pop("container", {})}
    return {"spec": {"workloads": {0: {"spec": {"template": {"spec": {"containers": [container], **spec}}}}}}}


def one(**model: Any) -> Tree:
    """A single front pod without its call, which starts to listen after about 2 s."""
    return {
        "spec": {
            "workloads": {0: {"spec": {"replicas": 1}, "model": {"startTime": "2s", **model}}},
            "traffic": {0: {"rate": 5}},
        }
    }


def the_pod(made: Production, ordinal: int = 0) -> Pod:
    """The front's pod of this number."""
    return next(pod for pod in made.cluster.pods if pod.deployment == "front" and pod.ordinal == ordinal)


def first(pod: Pod) -> ContainerStatus:
    """The pod's one container."""
    return pod.status.container_statuses[0]


def lives(made: Production, pod: Pod, until: int) -> list[tuple[int, int]]:
    """(start, end) of each life of the pod's container that ends before ``until``."""
    found: dict[int, int] = {}

    def watch(change: Change) -> None:
        if change.object is not pod:
            return
        for state in (first(pod).state, first(pod).last_state):
            if state is not None and state.started_at is not None and state.finished_at is not None:
                found[state.started_at] = state.finished_at

    made.cluster.subscribe(watch)
    made.advance(until)
    return sorted(found.items())


def reasons(made: Production, pod: Pod) -> list[str]:
    """The reasons of a pod's events, in order."""
    return [event.reason for event in made.cluster.events_of(pod, made.now)]


def messages(made: Production, reason: str) -> list[str]:
    """What all events of one reason say."""
    return [event.message for event in made.cluster.events if event.reason == reason]


#: Without it a pod that crashes counts as ready for a moment, which is enough for a rollout.
PROBED = pod_of(container={"readinessProbe": {"periodSeconds": 2}})
CRASHING = {
    "timeline": [
        {
            "at": "1m",
            "setImage": {"deployment": "front", "image": "front:v2"},
            "model": {"crash": {"after": "500ms", "exitCode": 3, "log": "panic: no PAYMENTS_URL"}},
        }
    ]
}


# --- back-off


def test_the_pauses_between_restarts_are_the_facts() -> None:
    """At once, then 10 s doubling to 300 s, counted from the container's end."""
    made = played(CRASHING, one(), seconds=62)
    pod = next(pod for pod in made.cluster.pods if pod.spec.containers[0].image == "front:v2")
    told = lives(made, pod, 30 * MINUTE)
    waits = [begin - end for (_, end), (begin, _) in pairwise(told)]
    schedule = [row["wait_s_after_exit"] * SECOND for row in FACTS["crash_loop"]["schedule"]]
    expected = [max(wait, SECOND) + 150 * MILLISECOND for wait in schedule]
    assert len(waits) >= 8
    assert expected[: len(waits)] == waits[: len(expected)]
    assert {end - begin for begin, end in told} == {500 * MILLISECOND}


def test_a_crash_loop_is_printed_as_the_real_one() -> None:
    """CrashLoopBackOff with its pause, what the last life ended with, and the old pods serving."""
    made = played(CRASHING, one(), PROBED, seconds=62)
    pod = next(pod for pod in made.cluster.pods if pod.spec.containers[0].image == "front:v2")
    made.advance(2 * MINUTE)
    status = first(pod)
    name = f"{pod.meta.name}_production({pod.meta.uid})"
    assert (pod.status_text, pod.status.phase, status.ready, status.started) == (
        "CrashLoopBackOff", "Running", False, False,
    )  # fmt: skip
    assert status.state.message == f"back-off 40s restarting failed container=front pod={name}"
    assert status.restart_count == 3
    last = status.last_state
    assert last is not None
    assert (last.phase, last.reason, last.exit_code, last.message) == (
        "terminated", "Error", 3, "panic: no PAYMENTS_URL",
    )  # fmt: skip
    assert f"Back-off restarting failed container front in pod {name}" in messages(made, "BackOff")
    assert [each.ready for each in made.cluster.pods if each.deployment == "front"] == [True, False]
    assert Seen(made).users() == Seen(made).users("ok")


def test_a_crash_that_ends_well_is_completed_and_loops_all_the_same() -> None:
    """Exit code 0 under restartPolicy Always: the reason is Completed."""
    made = played(CRASHING, {"timeline": {0: {"model": {"crash": {"exitCode": 0}}}}}, one(), seconds=120)
    pod = next(pod for pod in made.cluster.pods if pod.spec.containers[0].image == "front:v2")
    last = first(pod).last_state
    assert last is not None
    assert (last.reason, last.exit_code) == ("Completed", 0)


def test_a_rollback_ends_a_crash_loop() -> None:
    """Taken back in the middle of a pause: the looping pod goes within a second."""
    made = played(CRASHING, one(), PROBED, seconds=120)
    edits.rollout_undo(made.cluster, made.now, "front")
    made.advance(made.now + SECOND)
    assert [pod.status_text for pod in made.cluster.pods if pod.deployment == "front"] == ["Running"]


def test_ten_minutes_of_peace_forgive_everything() -> None:
    """client-go's rule: after twice the cap since the last try, a failure is like the first one."""
    back_off = BackOff()
    at = 0
    for wait in (0, 10, 20):
        assert back_off.due(at) == at + wait * SECOND
        back_off.tried(at + wait * SECOND, at)
        at += 30 * SECOND
    late = at + 600 * SECOND + SECOND
    assert back_off.due(at) > at
    assert back_off.due(late) == late
    back_off.tried(late, late)
    assert back_off.due(late + SECOND) == late + 11 * SECOND


@pytest.mark.parametrize(("seconds", "text"), [(10, "10s"), (80, "1m20s"), (300, "5m0s")])
def test_pauses_are_printed_as_go_prints_them(seconds: int, text: str) -> None:
    """The message of a waiting container is Go's."""
    assert go_duration(seconds * SECOND) == text


# --- memory


LEAKING = (
    one(memory={"base": "64Mi", "perRequest": "1Mi"}),
    page({"leak": "2Mi", "calls": []}),
    pod_of(container={"resources": {"limits": {"memory": "256Mi"}}}),
)


def test_a_leak_ends_with_out_of_memory_and_starts_anew() -> None:
    """64 MiB and 2 MiB a request under 256 MiB: about the 96th request kills it, and again and again."""
    made = played(*LEAKING, seconds=0)
    pod = the_pod(made)
    told = lives(made, pod, 2 * MINUTE)
    assert len(told) >= 3
    for begin, end in told[1:]:
        assert (end - begin) / SECOND == pytest.approx(96 / 5 + 2, rel=0.25)
    last = first(pod).last_state
    assert last is not None
    assert (last.reason, last.exit_code) == ("OOMKilled", 137)
    assert FACTS["terminated_reasons"]["OOMKilled"].startswith("killed by the memory limit, exit code 137")
    assert first(pod).restart_count == len(told) - (first(pod).state.phase != "running")


def test_a_killed_container_drops_what_it_has_and_its_counters_go_on() -> None:
    """Requests in hand are reset; the pod's counters are one series over all its lives."""
    made = played(*LEAKING, traffic({"rate": 30}), page({"serviceTime": constant(300)}), seconds=90)
    seen = Seen(made)
    assert seen.users("reset") > 0
    assert len(seen.rows("front")) == 1
    assert seen.answers("front", "ok") > 96
    assert the_pod(made).restarts >= 2


def test_a_process_that_fits_into_no_limit_is_killed_at_every_start() -> None:
    """Base above the limit: OOMKilled before it ever listens."""
    made = played(
        one(), pod_of(container={"resources": {"limits": {"memory": "256Mi"}}}), page({"calls": []}),
        front({"memory": {"base": "64Mi"}}),
        {"timeline": [{"at": "5s", "setImage": {"deployment": "front", "image": "front:v2"},
                       "model": {"memory": {"base": "1Gi"}}}]},
        seconds=120,
    )  # fmt: skip
    pod = next(pod for pod in made.cluster.pods if pod.spec.containers[0].image == "front:v2")
    assert pod.status_text in ("CrashLoopBackOff", "OOMKilled")
    assert {row.reason for row in (first(pod).last_state, first(pod).state) if row and row.finished_at} == {
        "OOMKilled"
    }


def test_a_node_out_of_memory_evicts_who_takes_more_than_asked() -> None:
    """One node of 1 GiB, a leak of 8 MiB a second, no limit: the pod is evicted and a new one takes over."""
    nodes = {"spec": {"nodes": {"count": 1, "memory": "1Gi", "cpu": "32"}}}
    made = played(
        nodes,
        one(memory={"base": "64Mi"}),
        traffic({"rate": 8}),
        page({"leak": "1Mi", "calls": []}),
        pod_of(container={"resources": {"requests": {"memory": "256Mi"}}}),
        seconds=150,
    )
    pods = [pod for pod in made.cluster.pods if pod.deployment == "front"]
    evicted = pods[0]
    assert (evicted.status.phase, evicted.status_text, evicted.ready) == ("Failed", "Evicted", False)
    assert evicted.status.message.startswith(
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: "
    )
    assert "Container front was using " in evicted.status.message
    assert evicted.status.message.endswith(", request is 256Mi, has larger consumption of memory. ")
    assert [pod.ready for pod in pods[1:]] == [True]
    assert made.cluster.deployment("front").status.replicas == 1
    (node,) = made.cluster.nodes
    pressure = find_condition(node.status.conditions, "MemoryPressure")
    assert pressure is not None
    assert (pressure.status, pressure.reason) == ("True", "KubeletHasInsufficientMemory")
    assert messages(made, "Evicted") == [evicted.status.message]
    edits.delete_pod(made.cluster, made.now, evicted.meta.name)
    made.advance(made.now + SECOND)
    assert made.cluster.pods.find(evicted.meta.name, "production") is None


def test_pressure_is_said_to_be_over_five_minutes_after_it_is() -> None:
    """The condition does not flap with every eviction; whoever asked for nothing waits until it goes."""
    nodes = {"spec": {"nodes": {"count": 1, "memory": "1Gi", "cpu": "32"}}}
    made = played(
        nodes, one(memory={"base": "64Mi"}), traffic({"rate": 8}), page({"leak": "1Mi", "calls": []}),
        {"timeline": [{"at": "140s", "setTraffic": {"source": "users", "rate": 0}}]}, seconds=150,
    )  # fmt: skip
    (node,) = made.cluster.nodes
    assert "NodeHasInsufficientMemory" in [event.reason for event in made.cluster.events]
    waiting = list(made.cluster.pods)[-1]
    assert waiting.status_text == "Pending"
    assert "untolerated taint {node.kubernetes.io/memory-pressure: }" in messages(made, "FailedScheduling")[0]
    states = []
    for until in (6, 8):
        made.advance(until * MINUTE)
        pressure = find_condition(node.status.conditions, "MemoryPressure")
        assert pressure is not None
        states.append(pressure.status)
    assert states == ["True", "False"]
    assert messages(made, "NodeHasSufficientMemory")
    assert waiting.status_text == "Running"


# --- probes


def overload(*, liveness: bool) -> Production:
    """Four pods that serve 160 a second get 260 for a minute; a probe that takes over a second fails."""
    probes = {
        "startupProbe": {"periodSeconds": 2, "failureThreshold": 20},
        "readinessProbe": {"periodSeconds": 5},
    }
    if liveness:
        probes["livenessProbe"] = {"periodSeconds": 5, "failureThreshold": 2}
    model = {"concurrency": 2, "queueLimit": 100, "startTime": "8s"}
    return played(
        pod_of(container=probes, terminationGracePeriodSeconds=5),
        {
            "spec": {
                "workloads": {0: {"spec": {"replicas": 4}, "model": model}},
                "traffic": {0: {"rate": 110}},
            }
        },
        page({"serviceTime": constant(50), "calls": []}),
        {
            "timeline": [
                {"at": "1m", "setTraffic": {"source": "users", "rate": 260}},
                {"at": "2m", "setTraffic": {"source": "users", "rate": 110}},
            ]
        },
        seconds=60,
    )


def test_a_tight_liveness_probe_under_overload_is_a_death_spiral() -> None:
    """Restarts take room away, which fails the probes of the rest: long after the load is gone, none is left.

    Nothing scripts it: the probes wait in the queues that the load has filled.
    """
    made = overload(liveness=True)
    assert all(pod.restarts == 0 for pod in made.cluster.pods)
    pods = [pod for pod in made.cluster.pods if pod.deployment == "front"]
    made.advance(100 * SECOND)
    assert [pod.ready for pod in pods] == [False] * 4
    serving = []
    for tenth in range(18, 84):
        made.advance(tenth * 10 * SECOND)
        serving.append(sum(pod.ready for pod in pods))
    assert serving.count(0) > len(serving) / 2
    assert serving.count(4) < len(serving) / 8
    assert min(pod.restarts for pod in pods) >= 5
    before = Seen(made)
    made.advance(16 * MINUTE)
    after = Seen(made)
    assert (after.users("ok") - before.users("ok")) / (after.users() - before.users()) < 0.4
    assert "Container front failed liveness probe, will be restarted" in messages(made, "Killing")


def test_the_same_system_with_readiness_alone_recovers() -> None:
    """Out of rotation, a pod works its queue off and comes back: a minute after the load all serve."""
    made = overload(liveness=False)
    made.advance(100 * SECOND)
    pods = [pod for pod in made.cluster.pods if pod.deployment == "front"]
    assert sum(pod.ready for pod in pods) < 4
    made.advance(3 * MINUTE)
    before = Seen(made)
    made.advance(8 * MINUTE)
    after = Seen(made)
    assert [pod.ready for pod in pods] == [True] * 4
    assert [pod.restarts for pod in pods] == [0] * 4
    assert after.users() - before.users() == after.users("ok") - before.users("ok")


def test_a_saturated_pod_is_unready_and_says_why() -> None:
    """Ready is False with its reason, the Service has no endpoint, and the event quotes the HTTP client."""
    made = overload(liveness=False)
    made.advance(100 * SECOND)
    pod = next(pod for pod in made.cluster.pods if pod.deployment == "front" and not pod.ready)
    condition = find_condition(pod.status.conditions, "Ready")
    assert condition is not None
    assert (condition.reason, condition.message) == (
        "ContainersNotReady", "containers with unready status: [front]",
    )  # fmt: skip
    said = messages(made, "Unhealthy")
    url = f'Get "http://{pod.status.pod_ip}:8080/healthz"'
    late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    assert f"Readiness probe failed: {url}: {late}" in said
    service = made.cluster.services.find("front", "production")
    assert service is not None
    assert pod not in made.cluster.endpoints(service)


def test_a_startup_probe_keeps_the_others_waiting_and_gives_up_after_its_threshold() -> None:
    """A process that takes 30 s: five failures at 2 s give up after 8 s, twenty let it live."""
    for threshold, restarts in ((5, True), (20, False)):
        probes = {
            "startupProbe": {"periodSeconds": 2, "failureThreshold": threshold},
            "livenessProbe": {"periodSeconds": 1, "failureThreshold": 1},
        }
        made = played(one(startTime="30s"), pod_of(container=probes), page({"calls": []}), seconds=1)
        edits.scale(made.cluster, made.now, "front", 2)
        made.advance(MINUTE + 20 * SECOND)
        pod = the_pod(made, 1)
        assert (pod.restarts > 0, pod.ready) == (restarts, not restarts)
        said = "Container front failed startup probe, will be restarted"
        assert (said in messages(made, "Killing")) is restarts
        assert not any(text.startswith("Liveness") for text in messages(made, "Unhealthy"))


def test_a_probe_whose_path_is_a_route_asks_that_route() -> None:
    """A deep check fails with what it calls: the back is broken, and every front is out of rotation."""
    broken = {"spec": {"workloads": {1: {"model": {"routes": {0: {"errorRate": 1.0}}}}}}}
    states = []
    for path in ("/page", "/healthz"):
        probe = {"readinessProbe": {"httpGet": {"path": path}, "periodSeconds": 2}}
        made = played(broken, page({"path": "/page"}), pod_of(container=probe))
        states.append([pod.ready for pod in made.cluster.pods if pod.deployment == "front"])
        if path == "/page":
            assert "Readiness probe failed: HTTP probe failed with statuscode: 502" in messages(
                made, "Unhealthy"
            )
    assert states == [[False, False], [True, True]]


def test_a_liveness_failure_ends_the_container_with_its_grace() -> None:
    """Asked to stop, what is in hand is finished: 143; not done in time: 137."""
    for grace, exit_code in ((30, 143), (1, 137)):
        made = played(
            one(concurrency=1, queueLimit=400),
            pod_of(
                container={
                    "livenessProbe": {"periodSeconds": 5, "failureThreshold": 1, "initialDelaySeconds": 10}
                },
                terminationGracePeriodSeconds=grace,
            ),
            page({"serviceTime": constant(100), "calls": []}),
            {"timeline": [{"at": "5s", "setTraffic": {"source": "users", "crowd": 100}}]},
            seconds=60,
        )
        last = first(the_pod(made)).last_state
        assert last is not None
        assert (last.reason, last.exit_code) == ("Error", exit_code)
        assert (Seen(made).users("reset") > 0) is (exit_code == 137)


def test_without_a_readiness_probe_a_pod_is_asked_before_it_listens() -> None:
    """It counts as ready with its start, and refuses for two seconds: a rollout loses requests."""
    lost = []
    for probe in ({}, {"readinessProbe": {"periodSeconds": 1}}):
        made = played(pod_of(container=probe), page({"calls": []}), front({"startTime": "2s"}), seconds=1)
        edits.rollout_restart(made.cluster, made.now, "front")
        made.advance(MINUTE)
        lost.append(Seen(made).users("unreachable"))
    assert lost[0] > 20
    assert lost[1] == 0


# --- grace


@pytest.mark.parametrize(
    ("on_sigterm", "sleep", "dropped", "lasts"),
    [("drain", 0, False, 4), ("exit", 0, True, 0), ("exit", 5, False, 5), ("drain", 5, False, 5)],
)
def test_what_a_process_does_with_sigterm_and_what_a_pre_stop_sleep_is_good_for(
    on_sigterm: str, sleep: int, dropped: bool, lasts: int
) -> None:
    """A request of 4 s in hand: drained, dropped, or finished while the hook sleeps."""
    hook = {"lifecycle": {"preStop": {"sleep": {"seconds": sleep}}}} if sleep else {}
    made = played(
        one(onSigterm=on_sigterm),
        pod_of(container=hook),
        traffic({"rate": 0}),
        page({"serviceTime": constant(4000), "calls": []}),
        {"timeline": [{"at": "9900ms", "setTraffic": {"source": "users", "crowd": 1}}]},
        seconds=10,
    )
    pod = the_pod(made)
    edits.delete_pod(made.cluster, made.now, pod.meta.name)
    made.advance(30 * SECOND)
    assert (Seen(made).users("reset") > 0) is dropped
    finished = first(pod).state.finished_at
    assert finished is not None
    assert (finished - 10 * SECOND) / SECOND == pytest.approx(lasts, abs=0.3)
    assert first(pod).state.exit_code == 143


def test_a_pod_can_be_deleted_in_every_state_of_its_container() -> None:
    """Running, ended, in back-off, starting again: it goes, and nothing is left in rotation."""
    for tenth in range(0, 400, 13):
        made = played(CRASHING, one(), seconds=62)
        pod = next(pod for pod in made.cluster.pods if pod.spec.containers[0].image == "front:v2")
        made.advance(made.now + tenth * SECOND // 10)
        edits.rollout_undo(made.cluster, made.now, "front")
        made.advance(made.now + 3 * SECOND)
        assert pod.meta.name not in [each.meta.name for each in made.cluster.pods]
        made.dataplane.check_conservation()


def test_a_fault_can_kill_a_container() -> None:
    """What Chaos Mesh calls container-kill: at once, exit code 137, and started again as after any end."""
    made = played(page({"serviceTime": constant(500), "calls": []}), seconds=10)
    pod = the_pod(made)
    made.kubelet.kill_container(pod)
    made.advance(made.now + SECOND // 2)
    assert (pod.status_text, first(pod).state.exit_code, pod.ready) == ("Error", 137, False)
    made.advance(made.now + 10 * SECOND)
    assert (pod.status_text, pod.restarts) == ("Running", 1)
    assert Seen(made).users("reset") > 0


def test_equal_seeds_give_equal_lives_compiled_or_not() -> None:
    """Signals stop the kernel at their instants in both: the same events to the nanosecond."""
    traces = []
    for compiled in (True, False):
        made = played(*LEAKING, CRASHING, seconds=120, compiled=compiled)
        traces.append(
            [
                (each.first_at, each.last_at, each.count, each.reason, each.message)
                for each in made.cluster.events
            ]
        )
    assert traces[0] == traces[1]
    assert len(traces[0]) > 12
