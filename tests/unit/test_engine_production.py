"""A scenario's whole system: steady at first, then what the timeline says; one seed gives one world."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.dataplane import CallBehaviour
from simulator.engine import Production, behaviour_of
from simulator.engine.traffic import ramp
from simulator.errors import GamedayError
from simulator.scenario.faults import Chaos
from simulator.scenario.load import Stage
from simulator.scenario.sealed import VersionModel
from simulator.units import HOUR, MINUTE, SECOND
from simulator.world import PodTemplate, edits, history
from tests.engine_scenario import scenario


def production(seed: int = 3, *, until: int = 0, compiled: bool = True) -> Production:
    """The stage's system at ``until``."""
    made = Production(scenario(), seed, compiled=compiled)
    made.advance(until)
    return made


def errors(made: Production, route: int = 0) -> int:
    """Own failures (HTTP 500) of every web pod on one route so far."""
    frame = made.dataplane.counters()
    rows = [each.id for each in frame.instances if each.service == "web"]
    return int(frame.requests[rows, route, 1].sum())


def test_the_world_begins_warm_and_steady() -> None:
    """At -warm_up every pod has been ready for long; in the warm-up nothing happens but requests."""
    made = Production(scenario(), 3)
    assert made.now == -2 * MINUTE
    assert all(pod.ready and pod.status_text == "Running" for pod in made.cluster.pods)
    names = [pod.meta.name for pod in made.cluster.pods]
    made.advance(0)
    assert len(made.cluster.events) == 0
    assert [pod.meta.name for pod in made.cluster.pods] == names
    assert all(each.complete for each in made.cluster.deployments)
    assert made.dataplane.counters().arrived.sum() == pytest.approx(40 * 120, rel=0.05)
    assert made.dataplane.counters().unrouted.sum() == 0


def test_objects_have_the_ages_of_their_history() -> None:
    """The Deployment is as old as its first release, its pods as its last; revisions carry their causes."""
    made = production()
    web = made.cluster.deployment("web")
    assert web.meta.created_at == -240 * HOUR
    revisions = history(made.cluster, web)
    assert [(each.revision, each.change_cause) for each in revisions] == [(1, "web v1"), (2, "web v2")]
    assert [each.meta.created_at for each in revisions] == [-240 * HOUR, -24 * HOUR]
    assert [each.spec.replicas for each in revisions] == [0, 3]
    pods = made.cluster.pods_of(web)
    assert pods[0].meta.created_at == -24 * HOUR
    assert all(-24 * HOUR < (pod.ready_since or 0) < -23 * HOUR for pod in pods)
    assert (web.revision, web.meta.annotations["kubernetes.io/change-cause"]) == (2, "web v2")


def test_the_record_of_releases_begins_with_the_past() -> None:
    """Oldest first; what declares no author or commit still has one; the store has an age too."""
    made = production()
    rows = [(each.at, each.deployment, each.version, each.author) for each in made.releases]
    assert rows == [
        (-720 * HOUR, "store", "7", "pipeline"),
        (-240 * HOUR, "web", "v1", "Ada"),
        (-24 * HOUR, "web", "v2", "Lin"),
    ]
    assert [len(each.commit) for each in made.releases] == [40, 7, 40]


def test_services_have_addresses_and_find_their_pods() -> None:
    """A LoadBalancer has one outside; the addresses are the same in every run."""
    made, again = production(), production(9)
    web, store = (made.cluster.services.find(name, "production") for name in ("web", "store"))
    assert web is not None
    assert store is not None
    assert len(made.cluster.endpoints(web)) == 3
    assert (web.spec.ports[0].port, web.spec.ports[0].target_port) == (80, 8080)
    assert web.spec.external_ip
    assert not store.spec.external_ip
    twin = again.cluster.services.find("web", "production")
    assert twin is not None
    assert twin.spec == web.spec


def test_a_release_of_the_timeline_brings_its_behaviour_and_its_record() -> None:
    """Pods of the image fail as the file says; undo cures exactly that; both are in the record."""
    made = production(until=4 * MINUTE)
    before = errors(made)
    made.advance(7 * MINUTE)
    web = made.cluster.deployment("web")
    assert web.spec.template.containers[0].image == "web:v3"
    assert web.complete
    failed = errors(made) - before
    answered = 60 * 0.75 * 150  # three quarters of 60 a second ask for the page, for two and a half minutes
    assert 0.15 * answered < failed < 0.30 * answered
    edits.rollout_undo(made.cluster, made.now, "web")
    made.advance(8 * MINUTE)
    cured = errors(made)
    made.advance(10 * MINUTE)
    assert errors(made) == cured
    actions = [(each.action, each.version, each.commit) for each in made.releases if each.at > 0]
    assert actions == [("release", "v3", "bbbbbbb"), ("undo", "v2", "")]
    assert [each.change_cause for each in history(made.cluster, web)][-1] == "web v2"


def test_a_release_into_a_deleted_deployment_does_nothing() -> None:
    """The pipeline fails; the world goes on."""
    made = production(until=3 * MINUTE)
    edits.delete_deployment(made.cluster, made.now, "web")
    made.advance(6 * MINUTE)
    assert made.cluster.deployments.find("web", "production") is None
    assert made.dataplane.counters().unrouted.sum() > 60 * 60


def test_traffic_follows_the_stages_and_then_the_rate() -> None:
    """40 a second; up to 80 within 20 s, then 60; at eight minutes 5."""
    made = production(until=MINUTE)
    assert made.traffic.rate_at("users", 59 * SECOND) == 40
    made.advance(7 * MINUTE)
    ramped = [made.traffic.rate_at("users", each * SECOND) for each in (60, 70, 80, 420)]
    assert ramped == [41.0, 61.0, 60.0, 60.0]
    made.advance(9 * MINUTE)
    assert made.traffic.rate_at("users", 9 * MINUTE) == 5


def test_a_ramp_is_its_mean_in_each_step() -> None:
    """Straight lines in steps of a second; a stage of no length jumps; the last target holds."""
    stages = (Stage(target=4.0, duration="2s"), Stage(target=10.0, duration="0s"))  # type: ignore[arg-type]
    assert ramp(0, 0.0, stages) == [(0, 1.0), (SECOND, 3.0), (2 * SECOND, 10.0)]
    half = (Stage(target=0.0, duration="1500ms"),)  # type: ignore[arg-type]
    assert ramp(5 * SECOND, 3.0, half) == [
        (5 * SECOND, 2.0),
        (6 * SECOND, 0.5),
        (6 * SECOND + SECOND // 2, 0.0),
    ]


def test_a_fault_lives_in_one_pod_for_as_long_as_it_says() -> None:
    """A third of the pages fail from minute 2 to minute 3, all in one pod."""
    made = production(until=2 * MINUTE)
    assert errors(made) == 0
    made.advance(3 * MINUTE + SECOND)
    (fault,) = made.faults
    failed = errors(made)
    assert failed == pytest.approx(60 * 60 * 0.75 / 3, rel=0.1)
    frame = made.dataplane.counters()
    sick = [each.pod for each in frame.instances if frame.requests[each.id, :, 1].sum()]
    assert sick == [fault.pod]
    made.advance(4 * MINUTE)
    assert errors(made) == failed


def test_a_fault_goes_with_its_pod() -> None:
    """The replacement of a sick pod is healthy, and its recovery later harms nobody."""
    made = production(until=2 * MINUTE + 10 * SECOND)
    edits.delete_pod(made.cluster, made.now, made.faults[0].pod)
    made.advance(made.now + 2 * SECOND)
    failed = errors(made)
    made.advance(4 * MINUTE)
    assert errors(made) == failed
    assert len(made.cluster.pods_of(made.cluster.deployment("web"))) == 3


def test_a_fault_hits_the_same_pod_whoever_else_is_there() -> None:
    """Scaling out before it does not move it: two runs that differ in one act can be compared."""
    one, other = production(until=MINUTE), production(until=MINUTE)
    edits.scale(other.cluster, other.now, "web", 4)
    one.advance(2 * MINUTE + SECOND)
    other.advance(2 * MINUTE + SECOND)
    names = {pod.meta.name for pod in other.cluster.pods}
    assert one.faults[0].pod in names
    assert other.faults[0].pod in {one.faults[0].pod, *(names - {pod.meta.name for pod in one.cluster.pods})}


def test_a_fault_that_finds_no_pod_is_recorded_as_such() -> None:
    """Scaled to nothing, there is nothing to hit; the debrief can say so."""
    made = production(until=MINUTE)
    edits.scale(made.cluster, made.now, "web", 0)
    made.advance(3 * MINUTE)
    assert [each.pod for each in made.faults] == [""]


def test_a_fault_that_can_never_hit_is_refused() -> None:
    """Its selector matches the pods of no workload: a silent no-op would spoil the drill."""
    wrong = {"kind": "HTTPChaos", "selector": {"labelSelectors": {"app": "other"}}, "errorRate": 1.0}
    with pytest.raises(GamedayError, match=r"chaos\.selector\.labelSelectors: expected labels of some"):
        production().injector.inject(Chaos.model_validate(wrong))


def test_a_version_changes_only_what_it_says() -> None:
    """Absent fields are the workload's own."""
    workload = scenario().spec.workloads[0]
    plain, changed = (
        behaviour_of(workload, VersionModel()),
        behaviour_of(workload, scenario().timeline[2].model),
    )
    assert (plain.concurrency, changed.concurrency) == (4, 8)
    assert plain.queue_limit == changed.queue_limit
    assert plain.routes[1] == changed.routes[1]
    page = changed.routes[0]
    assert (page.error_rate, page.calls, page.service_time) == (0.25, (), plain.routes[0].service_time)
    first = plain.routes[0].calls[0]
    assert isinstance(first, CallBehaviour)
    assert first.attempts == 2


def test_a_pod_too_many_for_the_nodes_is_refused_at_the_start() -> None:
    """A steady state that can't be is the author's mistake, and is said so."""
    spec = scenario().spec
    small = spec.model_copy(update={"nodes": spec.nodes.model_copy(update={"count": 1, "cpu": 900})})
    with pytest.raises(GamedayError, match="room for every pod of the steady state"):
        Production(scenario().model_copy(update={"spec": small}), 3)


def _trace(made: Production) -> tuple[list[object], list[np.ndarray]]:
    """Everything that two equal runs must share."""
    events: list[object] = [
        (event.first_at, event.last_at, event.count, event.reason, event.object_text, event.message)
        for event in made.cluster.events
    ]
    frame = made.dataplane.counters()
    return events, [frame.requests, frame.buckets, frame.answered, frame.busy_ns]


def _played(seed: int, *, compiled: bool = True) -> tuple[list[object], list[np.ndarray]]:
    made = Production(scenario(), seed, compiled=compiled)
    made.advance(2 * MINUTE)
    edits.scale(made.cluster, made.now, "web", 5)
    made.advance(5 * MINUTE)
    edits.rollout_undo(made.cluster, made.now, "web")
    made.advance(6 * MINUTE)
    return _trace(made)


def test_the_same_seed_and_acts_give_the_same_world() -> None:
    """Events to the nanosecond and counters to the request, compiled or not; another seed differs."""
    events, counters = _played(3)
    for twin_events, twin_counters in (_played(3), _played(3, compiled=False)):
        assert twin_events == events
        assert all(np.array_equal(a, b) for a, b in zip(counters, twin_counters, strict=True))
    assert _played(4)[0] != events


def test_how_the_clock_is_advanced_does_not_matter() -> None:
    """In one stride or in steps of a second, and stopping on the exact instants of control events."""
    stride, steps = production(until=5 * MINUTE), production()
    instants = sorted({event.first_at for event in stride.cluster.events} | {*range(0, 5 * MINUTE, SECOND)})
    for instant in instants:
        steps.advance(instant)
        steps.advance(instant)
    steps.advance(5 * MINUTE)
    events, counters = _trace(stride)
    twin_events, twin_counters = _trace(steps)
    assert twin_events == events
    assert all(np.array_equal(a, b) for a, b in zip(counters, twin_counters, strict=True))


def test_an_act_on_the_instant_of_a_release_comes_before_it() -> None:
    """Paused at T+04:00 exactly, the release of T+04:00 changes the template but not one pod."""
    made = production(until=4 * MINUTE)
    edits.rollout_pause(made.cluster, made.now, "web")
    template: PodTemplate = made.cluster.deployment("web").spec.template
    assert template.containers[0].image == "web:v2"
    made.advance(6 * MINUTE)
    assert made.cluster.deployment("web").spec.template.containers[0].image == "web:v3"
    assert {pod.spec.containers[0].image for pod in made.cluster.pods} == {"web:v2", "store:7"}


def test_requests_are_conserved_through_a_rollout() -> None:
    """Draining loses nobody: a rolling update of a healthy release costs not one failed request."""
    made = production(until=3 * MINUTE + 30 * SECOND)
    edits.rollout_restart(made.cluster, made.now, "web")
    before = made.dataplane.counters().answered.sum(axis=(0, 1))
    made.advance(4 * MINUTE)
    after = made.dataplane.counters().answered.sum(axis=(0, 1))
    made.dataplane.check_conservation()
    assert (after - before)[1:].sum() == 0
    assert len(made.cluster.identities) > 5
