"""Disruption budgets and evictions: what may go, who is asked, and when to ask again."""

from __future__ import annotations

import pytest

from simulator.engine.workloads.disruption import DisruptionController, EvictionRefusedError, evict
from simulator.units import MINUTE, SECOND
from simulator.world import KubernetesError, ObjectMeta, edits, find_condition
from simulator.world.disruption import DisruptionBudget, DisruptionBudgetSpec
from simulator.world.kinds import DISRUPTION_BUDGETS
from tests.engine_stage import Stage

APP = {"app": "app"}


class Guarded(Stage):
    """Pods of ``app`` under a budget, slow to get ready."""

    def __init__(self, spec: DisruptionBudgetSpec, replicas: int = 4) -> None:
        super().__init__(replicas, start_time=30 * SECOND)
        self.budget = DisruptionBudget(ObjectMeta("app", "production"), spec)
        self.cluster.add(self.budget)
        self.disruptions = DisruptionController(self.env, self.cluster)
        self.run(1)

    @property
    def allowed(self) -> int:
        return self.budget.status.disruptions_allowed

    def evict(self, place: int = 0) -> str:
        """Ask for the end of a living pod; returns its name."""
        pod = self.living()[place]
        evict(self.cluster, self.env.now, pod)
        return pod.meta.name


@pytest.mark.parametrize(
    ("spec", "replicas", "allowed"),
    [
        (DisruptionBudgetSpec(APP, min_available=3), 4, 1),
        (DisruptionBudgetSpec(APP, min_available=4), 4, 0),
        (DisruptionBudgetSpec(APP, min_available="50%"), 4, 2),
        (DisruptionBudgetSpec(APP, min_available="50%"), 7, 3),  # 3.5 rounds up to 4 that must stay
        (DisruptionBudgetSpec(APP, max_unavailable=1), 4, 1),
        (DisruptionBudgetSpec(APP, max_unavailable="30%"), 4, 2),  # 1.2 rounds up to 2 that may go
        (DisruptionBudgetSpec(APP, max_unavailable=0), 4, 0),
        (DisruptionBudgetSpec({"app": "nobody"}, max_unavailable=1), 4, 0),
    ],
)
def test_a_budget_allows_what_is_healthy_beyond_what_must_stay(
    spec: DisruptionBudgetSpec, replicas: int, allowed: int
) -> None:
    """Percentages of the workloads' sizes, rounded up on both sides as Kubernetes does."""
    stage = Guarded(spec, replicas)
    assert stage.allowed == allowed
    condition = find_condition(stage.budget.status.conditions, "DisruptionAllowed")
    assert condition is not None
    assert condition.reason == ("SufficientPods" if allowed else "InsufficientPods")


def test_an_eviction_pays_at_once_and_the_next_must_wait() -> None:
    """Two evictions in one instant can't both have the one disruption; a healthy replacement frees it."""
    stage = Guarded(DisruptionBudgetSpec(APP, max_unavailable=1))
    gone = stage.evict()
    with pytest.raises(EvictionRefusedError) as refused:
        stage.evict()
    assert refused.value.message == "Cannot evict pod as it would violate the pod's disruption budget."
    stage.run(5)
    assert stage.cluster.pods.find(gone, "production") is None
    assert (stage.allowed, stage.budget.status.current_healthy) == (0, 3)
    stage.run(60)
    assert (stage.allowed, stage.budget.status.current_healthy) == (1, 4)
    stage.evict()


def test_a_deletion_asks_no_budget_but_counts_against_it() -> None:
    """Kubectl delete pod is no eviction; afterwards there is one healthy pod less."""
    stage = Guarded(DisruptionBudgetSpec(APP, min_available=3))
    edits.delete_pod(stage.cluster, stage.env.now, stage.living()[0].meta.name)
    stage.run(1)
    assert stage.allowed == 0
    with pytest.raises(EvictionRefusedError):
        stage.evict()


def test_a_pod_that_serves_nobody_may_go_while_the_rest_is_healthy() -> None:
    """UnhealthyPodEvictionPolicy IfHealthyBudget; below the budget even a sick pod stays."""
    stage = Guarded(DisruptionBudgetSpec(APP, min_available=3))
    edits.scale(stage.cluster, stage.env.now, "app", 5)
    stage.run(15)
    assert not stage.living()[-1].ready
    stage.evict()
    stage.run(0.1)
    assert stage.allowed == 0
    stage.evict(-1)
    edits.delete_pod(stage.cluster, stage.env.now, stage.living()[0].meta.name)
    stage.run(7)
    assert stage.budget.status.current_healthy == 2
    sick = next(pod for pod in stage.living() if pod.status.phase == "Running" and not pod.ready)
    with pytest.raises(EvictionRefusedError):
        evict(stage.cluster, stage.env.now, sick)


def test_a_scaled_workload_changes_what_a_share_allows() -> None:
    """The size that is wanted counts, not what is there."""
    stage = Guarded(DisruptionBudgetSpec(APP, max_unavailable="25%"))
    edits.scale(stage.cluster, stage.env.now, "app", 8)
    stage.run(1)
    assert (stage.budget.status.expected_pods, stage.allowed) == (8, 0)
    stage.run(60)
    assert stage.allowed == 2


def test_an_eviction_that_nobody_carries_out_is_forgotten() -> None:
    """After two minutes a pod that still lives is counted as healthy again."""
    stage = Guarded(DisruptionBudgetSpec(APP, max_unavailable=1))
    stage.budget.status.disrupted[stage.living()[0].meta.name] = stage.env.now
    stage.cluster.changed(stage.budget)
    stage.run(1)
    assert stage.allowed == 0
    stage.run(2 * MINUTE // SECOND)
    assert stage.allowed == 1


def test_two_budgets_over_one_pod_are_an_error() -> None:
    """The API server refuses to choose."""
    stage = Guarded(DisruptionBudgetSpec(APP, max_unavailable=1))
    second = DisruptionBudget(ObjectMeta("again", "production"), DisruptionBudgetSpec(APP, min_available=1))
    stage.cluster.add(second)
    with pytest.raises(KubernetesError, match="one budget at most"):
        stage.evict()
    edits.delete_object(stage.cluster, stage.env.now, DISRUPTION_BUDGETS, "again")
    stage.evict()


def test_without_a_budget_everything_may_go() -> None:
    """Nobody has said otherwise."""
    stage = Stage(3)
    for pod in stage.living():
        evict(stage.cluster, stage.env.now, pod)
    assert stage.living() == []
