"""Events younger than an hour are there from the start: a release just before the run left its traces."""

from __future__ import annotations

from simulator.drill import Run
from simulator.scenario import load
from simulator.units import HOUR
from simulator.world.cluster import EVENT_TTL


def test_a_release_of_this_hour_has_left_its_events() -> None:
    """On the Deployment, on its ReplicaSet and on its pods, oldest first, none older than an hour."""
    run = Run(load("production-is-down"), 5, variant=1)
    pods = run.cluster.pods_of(run.cluster.deployment("checkout"))
    assert all(-HOUR < pod.meta.created_at < 0 for pod in pods)
    described = run.do("kubectl describe deploy checkout").text
    assert "Scaled up replica set" in described and "Scaled down replica set" in described
    reasons = [event.reason for event in run.cluster.events if event.name == pods[0].meta.name]
    assert ["Scheduled", "Pulling", "Pulled", "Created", "Started"] == reasons
    made = [event.message for event in run.cluster.events if event.reason == "SuccessfulCreate"]
    assert {f"Created pod: {pod.meta.name}" for pod in pods} <= set(made)
    times = [event.last_at for event in run.cluster.events if event.last_at < -run.scenario.spec.warm_up]
    assert times == sorted(times) and times[0] > -run.scenario.spec.warm_up - EVENT_TTL
    assert "Scaled up replica set" in run.do("kubectl get events").text


def test_what_happens_again_is_told_anew() -> None:
    """The past has no part in counts: an event of the run begins at one, as its digest has it."""
    run = Run(load("production-is-down"), 5, variant=1)
    pod = run.cluster.pods_of(run.cluster.deployment("checkout"))[0]
    again = run.cluster.record(0, pod, "Started", "Started container app", component="kubelet")
    assert 1 == again.count and 0 == again.first_at
