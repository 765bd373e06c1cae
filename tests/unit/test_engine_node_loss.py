"""Machines that are lost and come back: silence, notice, taints, evictions, and what requests meet."""

from __future__ import annotations

from itertools import pairwise

import pytest

from simulator.drill import Run
from simulator.engine.nodes.lifecycle import GRACE_PERIOD, HEARTBEAT, MONITOR_PERIOD
from simulator.errors import ScenarioError
from simulator.units import MINUTE, SECOND
from simulator.world import Node, Pod, find_condition
from tests.cluster_stage import bent, fresh

_RAMP = "    setTraffic: {source: users, stages: [{target: 120, duration: 2m}]}\n"
_CALM = "  - at: 8m\n    setTraffic: {source: users, rate: 25}\n"


def after(loss: str, *more: tuple[str, str]) -> Run:
    """A calm run in which machines are lost at one minute, without an autoscaler that hides it."""
    run = fresh((_RAMP, f"    {loss}\n"), (_CALM, ""), *more)
    run.do("kubectl delete hpa web")
    run.advance(MINUTE)
    return run


def node(run: Run, name: str) -> Node:
    """A node that must be there."""
    found = run.cluster.nodes.find(name)
    assert found is not None
    return found


def on(run: Run, *names: str) -> list[Pod]:
    """The pods on these nodes."""
    return [pod for pod in run.cluster.pods if pod.node_name in names]


def refused(run: Run) -> int:
    """Users' requests so far that nobody could be reached for."""
    return int(run.production.dataplane.counters().answered[:, :, 10].sum())


def events(run: Run, reason: str) -> list[str]:
    """What the events of one reason say, in order."""
    return [event.message for event in run.cluster.events if event.reason == reason]


def test_a_lost_machine_is_noticed_by_its_silence_alone() -> None:
    """45 to 60 s: until then its pods are listed as running and ready, and a third of the requests fails."""
    run = after("nodeLoss: {node: general-1}")
    (pod,) = on(run, "general-1")
    run.advance(MINUTE + 44 * SECOND)
    ready = find_condition(node(run, "general-1").status.conditions, "Ready")
    assert ready is not None
    assert (ready.status, pod.ready, pod.status_text) == ("True", True, "Running")
    assert refused(run) == pytest.approx(44 * 25 / 3, rel=0.1)
    run.advance(2 * MINUTE + SECOND)
    assert (ready.status, ready.reason) == ("Unknown", "NodeStatusUnknown")
    assert GRACE_PERIOD - HEARTBEAT + MONITOR_PERIOD <= ready.last_transition_at - MINUTE
    assert ready.last_transition_at - MINUTE <= GRACE_PERIOD + 2 * MONITOR_PERIOD
    assert events(run, "NodeNotReady") == [
        "Node general-1 status is now: NodeNotReady",
        "Node is not ready",
    ]
    assert (pod.ready, pod.status_text) == (False, "Running")
    before = refused(run)
    run.advance(3 * MINUTE)
    assert refused(run) == before


def test_a_lost_node_takes_no_pods_and_loses_its_own_after_five_minutes() -> None:
    """Tainted at once; after 300 s its pods are deleted, replaced elsewhere, and stay Terminating there."""
    run = after("nodeLoss: {node: general-1}")
    (pod,) = on(run, "general-1")
    run.advance(3 * MINUTE)
    assert [str(taint) for taint in node(run, "general-1").spec.taints] == [
        "node.kubernetes.io/unreachable:NoSchedule",
        "node.kubernetes.io/unreachable:NoExecute",
    ]
    taint = node(run, "general-1").spec.taints[1]
    run.advance(taint.added_at + 299 * SECOND)
    assert not pod.terminating
    run.advance(taint.added_at + 320 * SECOND)
    assert events(run, "TaintManagerEviction") == [f"Marking for deletion Pod production/{pod.meta.name}"]
    assert (pod.status_text, len(on(run, "general-1"))) == ("Terminating", 1)
    assert run.cluster.deployment("web").status.available_replicas == 3
    run.advance(20 * MINUTE)
    assert on(run, "general-1") == [pod]


def test_a_pod_stuck_on_a_lost_node_goes_by_force() -> None:
    """Kubectl delete --force takes the object away without asking the node."""
    run = after("nodeLoss: {node: general-1}")
    (pod,) = on(run, "general-1")
    run.advance(2 * MINUTE)
    name = pod.meta.name
    assert run.do(f"kubectl delete pod {name} --wait=false").text == f'pod "{name}" deleted'
    run.advance(run.now + MINUTE)
    assert pod.status_text == "Terminating"
    said = run.do(f"kubectl delete pod {name} --force --grace-period=0").text
    assert said.startswith("Warning: Immediate deletion does not wait for confirmation")
    assert said.endswith(f'pod "{name}" force deleted')
    assert on(run, "general-1") == []
    run.production.dataplane.check_conservation()


def test_a_machine_that_is_back_before_anybody_noticed_only_restarts_its_pods() -> None:
    """No condition moves; the containers have ended unseen, and run again under the same names."""
    run = after("nodeLoss: {node: general-1, duration: 10s}")
    (pod,) = on(run, "general-1")
    run.advance(3 * MINUTE)
    assert events(run, "NodeNotReady") == []
    assert events(run, "Starting") == ["Starting kubelet."]
    (status,) = pod.status.container_statuses
    assert (pod.ready, status.restart_count) == (True, 1)
    assert status.last_state is not None
    assert (status.last_state.reason, status.last_state.exit_code) == ("Unknown", 255)
    before = refused(run)
    run.advance(4 * MINUTE)
    assert refused(run) == before


def test_a_node_that_returns_late_is_clean_and_its_deleted_pods_are_gone() -> None:
    """NodeReady, no taint, its old pods away; and it takes new ones."""
    run = after("nodeLoss: {node: general-1, duration: 10m}")
    run.advance(12 * MINUTE)
    back = node(run, "general-1")
    assert back.spec.taints == ()
    assert {one.status for one in back.status.conditions if one.type == "Ready"} == {"True"}
    assert events(run, "NodeReady") == ["Node general-1 status is now: NodeReady"]
    assert on(run, "general-1") == []
    run.do("kubectl scale deployment/web --replicas=12")
    run.advance(13 * MINUTE)
    assert on(run, "general-1")
    run.production.dataplane.check_conservation()


def test_a_node_that_returns_in_time_keeps_its_pods() -> None:
    """Within the 300 s the deletion is called off."""
    run = after("nodeLoss: {node: general-1, duration: 3m}")
    (pod,) = on(run, "general-1")
    run.advance(15 * MINUTE)
    assert on(run, "general-1") == [pod]
    assert pod.ready
    assert events(run, "TaintManagerEviction") == [f"Cancelling deletion of Pod production/{pod.meta.name}"]


def test_a_zone_is_lost_at_once_and_emptied_one_node_in_ten_seconds() -> None:
    """All its pods fail together; the taints that take them away come at --node-eviction-rate."""
    run = after("zoneOutage: {zone: zone-a}")
    names = ["general-1", "general-4", "batch-1"]
    assert [node(run, name).zone for name in names] == ["zone-a"] * 3
    run.advance(4 * MINUTE)
    added = sorted(
        taint.added_at
        for name in names
        for taint in node(run, name).spec.taints
        if taint.effect == "NoExecute"
    )
    assert len(added) == 3
    assert all(later - sooner >= 10 * SECOND for sooner, later in pairwise(added))
    run.advance(9 * MINUTE)
    assert run.cluster.deployment("web").status.available_replicas == 3
    assert {pod.node_name for pod in run.cluster.pods if pod.ready} <= {
        f"general-{number}" for number in (2, 3, 5, 6)
    }


def test_where_everything_is_lost_nothing_is_taken_away() -> None:
    """The controller doubts its own eyes: no pod is deleted while no node answers."""
    run = after(
        "zoneOutage: {zone: zone-a}",
        ("count: 6, cpu", "count: 6, zones: [zone-a], cpu"),
        ("count: 2", "zones: [zone-a]\n        count: 2"),
    )
    run.advance(20 * MINUTE)
    assert all(
        taint.effect == "NoSchedule" or taint.key == "dedicated"
        for each in run.cluster.nodes
        for taint in each.spec.taints
    )
    assert not any(pod.terminating for pod in run.cluster.pods)


def test_a_zone_that_is_partly_lost_is_not_emptied() -> None:
    """Three of five nodes are more than 55 %: in a small cluster the zone's evictions stop."""
    one_zone = ("count: 6, cpu", "count: 5, zones: [zone-a], cpu")
    losses = "nodeLoss: {node: general-1}\n" + "".join(
        f"  - at: 1m\n    nodeLoss: {{node: general-{number}}}\n" for number in (2, 3)
    )
    run = after(losses.rstrip("\n"), one_zone, ("count: 2", "zones: [zone-b]\n        count: 2"))
    run.advance(10 * MINUTE)
    effects = [
        taint.effect
        for number in (1, 2, 3)
        for taint in node(run, f"general-{number}").spec.taints
        if taint.key.endswith("unreachable")
    ]
    assert effects.count("NoSchedule") == 3
    assert effects.count("NoExecute") < 3


def test_a_pod_that_tolerates_the_loss_for_good_stays() -> None:
    """A toleration without seconds: never deleted; with ten, gone after ten."""
    key = "node.kubernetes.io/unreachable"
    spread = "topologySpreadConstraints:"
    for seconds, stays in (("", True), (", tolerationSeconds: 10", False)):
        toleration = f"tolerations: [{{key: {key}, operator: Exists, effect: NoExecute{seconds}}}]"
        run = after("nodeLoss: {node: general-1}", (spread, f"{toleration}\n            {spread}"))
        (pod,) = on(run, "general-1")
        run.advance(3 * MINUTE)
        assert pod.terminating != stays


def test_a_machine_comes_back_when_all_losses_that_hold_it_are_over() -> None:
    """A node that is lost for a minute within a zone that is lost for five stays away for five."""
    zone = "  - at: 1m\n    zoneOutage: {zone: zone-a, duration: 5m}\n"
    run = after(f"nodeLoss: {{node: general-1, duration: 1m}}\n{zone}".rstrip("\n"))
    run.advance(MINUTE + SECOND)
    run.advance(5 * MINUTE)
    assert not node(run, "general-1").powered
    run.advance(7 * MINUTE)
    assert node(run, "general-1").powered
    assert len(events(run, "Starting")) == 3


def test_a_pod_that_is_placed_on_a_machine_nobody_misses_yet_does_not_start() -> None:
    """Bound, and taken on by no kubelet: pending, until the machine is back."""
    run = after("nodeLoss: {node: general-1, duration: 2m}")
    run.advance(MINUTE + SECOND)
    run.do("kubectl scale deployment/web --replicas=12")
    waiting = [pod for pod in on(run, "general-1") if pod.status.phase == "Pending"]
    assert waiting
    run.advance(3 * MINUTE)
    assert {pod.status_text for pod in waiting} == {"Pending"}
    run.advance(5 * MINUTE)
    assert all(pod.ready for pod in waiting)


def test_losses_are_recorded_for_the_debrief() -> None:
    """What was lost, when, until when, and with which pods."""
    run = after("zoneOutage: {zone: zone-b, duration: 4m}")
    run.advance(2 * MINUTE)
    (fault,) = run.production.faults
    assert (fault.kind, fault.at, fault.until) == ("ZoneOutage", MINUTE, 5 * MINUTE)
    assert list(fault.pods) == [pod.meta.name for pod in on(run, "general-2", "general-5", "batch-2")]


@pytest.mark.parametrize(
    ("loss", "said"),
    [
        ("nodeLoss: {node: general-9}", "expected the name of a node, got 'general-9'"),
        ("zoneOutage: {zone: zone-d}", "expected the name of a zone, got 'zone-d'"),
        ("zoneOutage: {zone: zone-a, for: 3m}", "expected a known key, got 'for'"),
        ("nodeloss: {node: general-1}", "Did you mean 'nodeLoss'?"),
    ],
)
def test_a_loss_that_names_nothing_is_refused(loss: str, said: str) -> None:
    """A fault that hits nothing can't be found."""
    with pytest.raises(ScenarioError) as caught:
        bent((_RAMP, f"    {loss}\n"))
    assert any(said in str(problem) for problem in caught.value.problems), caught.value
