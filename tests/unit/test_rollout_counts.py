"""How many pods a canary has, against worked examples of argo-rollouts' own tests (canary_test.go, 1.8)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.engine.rollouts.counts import Bounds, approximate, by_ratio, by_weight
from simulator.engine.workloads.rolling import Size
from simulator.world import Container, IntOrPercent, ObjectMeta, PodSpec, PodTemplate
from simulator.world.rollouts import (
    Canary,
    CanaryStep,
    Rollout,
    RolloutSpec,
    RolloutStatus,
    SetCanaryScale,
    TrafficRouting,
    Weights,
)

#: By (replicas, maxSurge): which weight gives how many canary and stable pods.
_APPROXIMATE: dict[tuple[int, int], tuple[tuple[int, int, int], ...]] = {
    (0, 0): ((0, 0, 0), (50, 0, 0), (100, 0, 0)),
    (0, 1): ((0, 0, 0), (50, 0, 0), (100, 0, 0)),
    (1, 0): ((0, 0, 1), (1, 0, 1), (49, 0, 1), (50, 1, 0), (99, 1, 0), (100, 1, 0)),
    (1, 1): ((0, 0, 1), (1, 1, 1), (49, 1, 1), (50, 1, 1), (99, 1, 1), (100, 1, 0)),
    (2, 0): ((0, 0, 2), (1, 1, 1), (50, 1, 1), (99, 1, 1), (100, 2, 0)),
    (2, 1): ((0, 0, 2), (1, 1, 2), (50, 1, 1), (99, 2, 1), (100, 2, 0)),
    (3, 0): ((10, 1, 2), (25, 1, 2), (33, 1, 2), (34, 1, 2), (49, 1, 2), (50, 2, 1)),
    (3, 1): ((10, 1, 3), (25, 1, 3), (33, 1, 2), (34, 1, 2), (49, 2, 2), (50, 2, 2)),
    (10, 0): ((1, 1, 9), (14, 1, 9), (15, 2, 8), (16, 2, 8), (99, 9, 1)),
    (10, 1): (
        *((0, 0, 10), (1, 1, 10), (18, 2, 9), (19, 2, 9), (20, 2, 8), (23, 2, 8), (24, 3, 8), (25, 3, 8)),
        *((99, 10, 1), (100, 10, 0)),
    ),
}


@pytest.mark.parametrize(
    ("replicas", "weight", "surge", "canary", "stable"),
    [
        (replicas, weight, surge, canary, stable)
        for (replicas, surge), cases in _APPROXIMATE.items()
        for weight, canary, stable in cases
    ],
)
def test_a_weight_becomes_the_nearest_number_of_pods(
    replicas: int, weight: int, surge: int, canary: int, stable: int
) -> None:
    """Nearest to the weight, never none of either, one pod above only where a surge is allowed."""
    assert (canary, stable) == approximate(replicas, weight, surge)


# (replicas, weight, maxSurge, maxUnavailable, stable wanted and available, canary wanted and available,
#  pods of older ReplicaSets, canary, stable)
_RATIO: tuple[
    tuple[int, int, IntOrPercent, IntOrPercent, tuple[int, int], tuple[int, int], int, int, int], ...
] = (
    (10, 100, 3, 0, (7, 8), (6, 3), 0, 6, 7),
    (10, 20, 2, 0, (10, 10), (0, 0), 0, 2, 10),
    (10, 20, "20%", 0, (10, 10), (0, 0), 0, 2, 10),
    (10, 20, "20%", 0, (10, 10), (2, 2), 0, 2, 8),
    (10, 30, 2, 0, (10, 10), (0, 0), 0, 2, 10),
    (10, 20, 0, 2, (10, 10), (0, 0), 0, 0, 8),
    (10, 20, 0, "20%", (10, 10), (0, 0), 0, 0, 8),
    (10, 30, 0, 2, (10, 10), (0, 0), 0, 0, 8),
    (10, 50, 2, 1, (10, 10), (0, 0), 0, 2, 9),
    (10, 0, 1, 1, (10, 10), (1, 1), 0, 0, 10),
    (10, 100, 1, 1, (1, 1), (10, 10), 0, 10, 0),
    (1, 20, 1, 0, (1, 1), (0, 0), 0, 1, 1),
    (1, 90, 1, 0, (1, 1), (0, 0), 0, 1, 1),
    (10, 30, 1, 0, (1, 1), (0, 0), 3, 1, 7),
    (10, 30, 0, 3, (8, 5), (4, 4), 0, 3, 7),
    (10, 100, 1, 0, (10, 2), (10, 8), 0, 9, 2),
    (10, 30, 0, 1, (8, 6), (4, 2), 3, 4, 8),
    (10, 5, 0, 1, (10, 10), (0, 0), 0, 0, 9),
    (10, 5, 0, 1, (9, 9), (0, 0), 0, 1, 9),
    (10, 10, "0%", "0%", (10, 10), (0, 0), 0, 0, 9),
    (4, 100, 1, 0, (4, 1), (0, 0), 0, 1, 4),
    (3, 99, 0, 2, (3, 3), (0, 0), 0, 0, 1),
    (3, 99, 0, 2, (1, 1), (0, 0), 0, 2, 1),
    (4, 100, 1, 0, (4, 1), (1, 1), 0, 1, 3),
    (4, 0, 1, 0, (0, 0), (4, 4), 0, 4, 1),
    (4, 0, 1, 0, (1, 0), (4, 4), 0, 4, 1),
    (4, 0, 1, 0, (1, 1), (4, 4), 0, 3, 1),
    (4, 100, 4, 4, (4, 4), (0, 0), 0, 4, 0),
    (4, 100, 3, 0, (4, 4), (0, 0), 0, 3, 4),
)


@pytest.mark.parametrize(
    ("replicas", "weight", "surge", "unavailable", "stable", "canary", "old", "canary_after", "stable_after"),
    _RATIO,
)
def test_one_step_of_a_canary_by_replica_ratio(
    replicas: int,
    weight: int,
    surge: IntOrPercent,
    unavailable: IntOrPercent,
    stable: tuple[int, int],
    canary: tuple[int, int],
    old: int,
    canary_after: int,
    stable_after: int,
) -> None:
    """Stable pods come first, older ones go first, and neither surge nor availability is passed."""
    spec = _rollout(Canary(max_surge=surge, max_unavailable=unavailable), replicas).spec
    bounds = Bounds(replicas, spec.max_surge, spec.max_unavailable)
    found = by_ratio(bounds, weight, Size(*canary), Size(*stable), old)
    assert (canary_after, stable_after) == found


def test_without_a_stable_replica_set_all_pods_are_new() -> None:
    """A first deploy, and an update that is through, follow no weight."""
    assert (10, 0) == by_ratio(Bounds(10, 0, 1), 10, Size(9, 9), None, 0)


def _rollout(strategy: Canary, replicas: int = 10, *, abort: bool = False) -> Rollout:
    template = PodTemplate({"app": "app"}, PodSpec((Container("app", "app:v2"),)))
    status = RolloutStatus(stable_rs="stable", current_pod_hash="canary", current_step_index=0, abort=abort)
    spec = RolloutSpec(replicas, {"app": "app"}, template, strategy)
    return Rollout(ObjectMeta("app", "production"), spec, status)


def _routed(percent: int, scale: SetCanaryScale | None = None, **settings: int | bool | None) -> Canary:
    steps = (CanaryStep(set_weight=percent),)
    canary = Canary(steps=steps, traffic_routing=TrafficRouting(virtual_service="app"))
    if scale is not None:
        canary = replace(canary, steps=(CanaryStep(set_canary_scale=scale),))
    return replace(canary, **settings)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("replicas", "strategy", "canary", "stable"),
    [
        (10, _routed(10), 1, 10),
        (10, _routed(5), 1, 10),
        (1, _routed(100, SetCanaryScale(replicas=9)), 9, 1),
        (4, _routed(100, SetCanaryScale(weight=200)), 8, 4),
        (10, _routed(5, None, min_pods_per_replica_set=2), 2, 10),
    ],
)
def test_a_routed_canary_leaves_the_stable_pods_alone(
    replicas: int, strategy: Canary, canary: int, stable: int
) -> None:
    """Weights split the traffic, so the canary is sized by its weight or by setCanaryScale."""
    assert (canary, stable) == by_weight(_rollout(strategy, replicas), None)


def test_set_canary_scale_yields_to_match_traffic_weight() -> None:
    """From matchTrafficWeight on the canary is as large as its traffic again."""
    steps = (
        CanaryStep(set_weight=20),
        CanaryStep(set_canary_scale=SetCanaryScale(replicas=9)),
        CanaryStep(set_canary_scale=SetCanaryScale(match_traffic_weight=True)),
    )
    rollout = _rollout(Canary(steps=steps, traffic_routing=TrafficRouting(stable_ingress="app")))
    sizes = []
    for index in range(3):
        rollout.status = replace(rollout.status, current_step_index=index)
        sizes.append(by_weight(rollout, None)[0])
    assert [2, 9, 2] == sizes


@pytest.mark.parametrize(("delay", "canary"), [(0, 1), (30, 0)])
def test_set_canary_scale_after_an_abort(delay: int, canary: int) -> None:
    """It holds on only where abortScaleDownDelaySeconds is 0, which leaves the canary as it is."""
    scale = SetCanaryScale(replicas=1)
    strategy = _routed(0, scale, abort_scale_down_delay_seconds=delay)
    assert (canary, 1) == by_weight(_rollout(strategy, 1, abort=True), None)


@pytest.mark.parametrize(
    ("percent", "weight", "abort", "canary", "stable"),
    [(10, 10, False, 1, 9), (20, 10, False, 2, 9), (20, 20, True, 2, 10), (20, 10, True, 1, 10)],
)
def test_dynamic_stable_scale_follows_the_traffic(
    percent: int, weight: int, abort: bool, canary: int, stable: int
) -> None:
    """Stable pods go when their traffic has gone, the canary's go when theirs has, and never before."""
    rollout = _rollout(_routed(percent, None, dynamic_stable_scale=True), abort=abort)
    assert (canary, stable) == by_weight(rollout, Weights(weight, "canary", "stable"))
