"""Counts of pods by ReplicaSet agree with a count from scratch, whatever happened."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.engine.workloads.replica_sets import deletion_cost, removal_order
from simulator.engine.workloads.tallies import Tallies
from simulator.units import SECOND
from simulator.world import edits
from tests.engine_stage import NAMES, Stage

ACTS = st.lists(
    st.tuples(st.sampled_from(["release", "scale", "delete", "wait"]), st.integers(0, 7), st.integers(1, 20)),
    max_size=8,
)


@settings(max_examples=25, deadline=None)
@given(ACTS, st.sampled_from([0, 5]))
def test_a_tally_is_what_a_count_would_find(acts: list[tuple[str, int, int]], min_ready: int) -> None:
    """Active, ready and available pods of every ReplicaSet, after every act, to the pod."""
    stage = Stage(4, min_ready_seconds=min_ready)
    tallies = stage.replica_sets._tallies
    for what, number, seconds in acts:
        if what == "release":
            stage.release(NAMES[number % len(NAMES)])
        elif what == "scale":
            edits.scale(stage.cluster, stage.env.now, "app", number)
        elif what == "delete" and stage.living():
            victim = stage.living()[number % len(stage.living())]
            edits.delete_pod(stage.cluster, stage.env.now, victim.meta.name)
        stage.run(seconds)
        now = stage.env.now
        for replica_set in stage.cluster.replica_sets:
            tally = tallies.of(replica_set.meta.uid)
            active = [pod for pod in stage.cluster.pods_of(replica_set) if pod.active]
            assert {pod.meta.uid: pod.ready_since for pod in active} == tally.since
            assert sum(pod.ready for pod in active) == tally.ready
            for wait in (0, 5 * SECOND):
                assert sum(pod.available(now, wait) for pod in active) == tally.available(now, wait)


def test_pods_that_are_there_already_are_counted() -> None:
    """A controller that starts late finds what is there."""
    stage = Stage(3)
    (replica_set,) = stage.cluster.replica_sets_of(stage.app)
    assert Tallies(stage.cluster).of(replica_set.meta.uid).ready == 3


def test_a_cheaper_pod_goes_first() -> None:
    """The annotation controller.kubernetes.io/pod-deletion-cost; nonsense counts as 0."""
    stage = Stage(3)
    dear, cheap, plain = stage.living()
    name = "controller.kubernetes.io/pod-deletion-cost"
    dear.meta.annotations[name], cheap.meta.annotations[name] = "100", "-5"
    assert removal_order(stage.living(), stage.env.now, {}) == [cheap, plain, dear]
    plain.meta.annotations[name] = "much"
    assert deletion_cost(plain) == 0
