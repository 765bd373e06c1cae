"""Deployments at their limits, where the answer is known by hand."""

from __future__ import annotations

from simulator.engine import Production
from simulator.units import MINUTE, SECOND
from simulator.world import Probe, edits
from tests.engine_scenario import scenario
from tests.engine_stage import Stage


def test_without_a_pod_every_request_is_unavailable() -> None:
    """Scaled to zero: from the next request on, each one finds nobody."""
    made = Production(scenario(), 3)
    made.advance(0)
    edits.scale(made.cluster, made.now, "web", 0)
    made.advance(10 * SECOND)
    before = made.dataplane.counters()
    made.advance(50 * SECOND)
    after = made.dataplane.counters()
    arrived = int((after.arrived - before.arrived).sum())
    assert arrived > 1000
    assert int((after.unrouted - before.unrouted).sum()) == arrived


def test_one_pod_without_surge_leaves_a_gap_as_long_as_its_start() -> None:
    """MaxSurge 0, one replica: the old pod goes first, and until the new one is ready there is none."""
    stage = Stage(1, surge=0, unavailable=1, start_time=7 * SECOND, pull_time=0)
    stage.release("app:v2")
    stage.run(3)
    assert [pod.ready for pod in stage.living()] == [False]
    stage.run(30)
    assert [pod.ready for pod in stage.living()] == [True]


def test_one_pod_with_surge_leaves_no_gap() -> None:
    """Kubernetes' defaults round up to one surge and down to none unavailable: the new pod comes first."""
    stage = Stage(1)
    ready: list[int] = []
    stage.cluster.subscribe(lambda _: ready.append(sum(pod.ready for pod in stage.living())))
    stage.release("app:v2")
    stage.run(60)
    assert stage.images() == ["app:v2"]
    assert min(ready) == 1


def test_nothing_at_all_rolls_out_at_once() -> None:
    """A Deployment of zero replicas takes a new template without making a pod."""
    stage = Stage(0)
    stage.release("app:v2")
    stage.run(1)
    assert (len(stage.cluster.pods), stage.app.complete, stage.app.revision) == (0, True, 2)


def test_no_grace_kills_at_once() -> None:
    """With a grace period of zero nobody waits for the requests in flight."""
    stage = Stage(2)
    pod = stage.living()[0]
    stage.plane.work[pod.meta.name] = 9
    edits.delete_pod(stage.cluster, stage.env.now, pod.meta.name, grace_period_seconds=0)
    stage.run(0.001)
    assert ("kill", pod.meta.name) in stage.plane.calls


def test_a_container_that_never_listens_is_never_ready() -> None:
    """It fails its probe for ever; the rollout passes its deadline and the old pods keep serving."""
    stage = Stage(2, start_time=10**9 * SECOND, probe=Probe(period_seconds=60), deadline_seconds=300)
    stage.release("app:v2")
    stage.run(3600)
    assert [pod.spec.containers[0].image for pod in stage.living() if pod.ready] == ["app:v1"] * 2


def test_a_sea_of_pods_rolls_out() -> None:
    """200 replicas over 40 nodes: all replaced within a few simulated minutes, inside the bounds."""
    stage = Stage(200, nodes=40)
    most: list[int] = []
    stage.cluster.subscribe(
        lambda change: most.append(len(stage.cluster.pods)) if change.type == "ADDED" else None
    )
    stage.release("app:v2")
    stage.env.advance(stage.env.now + 5 * MINUTE)
    assert stage.images() == ["app:v2"] * 200
    assert stage.app.complete
    assert max(most) <= 250 + 50  # terminating pods still exist for a moment
