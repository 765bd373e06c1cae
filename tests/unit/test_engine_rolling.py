"""The arithmetic of a rolling update, against worked examples."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.engine.workloads.deployments import _size
from simulator.engine.workloads.rolling import Size, grown, proportional, shrunk
from tests.engine_stage import Stage


@pytest.mark.parametrize(
    ("new", "total", "replicas", "surge", "wanted"),
    [
        (0, 10, 10, 3, 3),  # at first the whole surge
        (3, 13, 10, 3, 3),  # no room until an old pod goes
        (3, 11, 10, 3, 5),
        (9, 11, 10, 3, 10),  # never beyond what is wanted
        (10, 10, 10, 3, 10),
        (12, 12, 10, 3, 10),  # scaled down meanwhile
        (0, 4, 0, 1, 0),
    ],
)
def test_the_new_set_grows_into_the_surge(
    new: int, total: int, replicas: int, surge: int, wanted: int
) -> None:
    """As far as replicas + maxSurge allows over all sets, at most to replicas."""
    assert grown(Size(new), total, replicas, surge) == wanted


@pytest.mark.parametrize(
    ("new", "old", "replicas", "unavailable", "wanted"),
    [
        # 10 wanted, 2 may miss: before the first new pod is available two old ones may go at once
        ((3, 0), [(10, 10)], 10, 2, [8]),
        ((5, 0), [(8, 8)], 10, 2, [8]),
        ((5, 3), [(8, 8)], 10, 2, [5]),
        # nothing may miss: an old pod goes for each new one that is available
        ((1, 0), [(4, 4)], 4, 0, [4]),
        ((1, 1), [(4, 4)], 4, 0, [3]),
        # unhealthy old pods serve nobody and go first, oldest set first
        ((1, 0), [(2, 0), (8, 8)], 10, 2, [0, 8]),
        ((0, 0), [(4, 1)], 4, 0, [4]),
        ((10, 10), [(3, 3)], 10, 2, [0]),
    ],
)
def test_old_sets_shrink_as_far_as_availability_allows(
    new: tuple[int, int], old: list[tuple[int, int]], replicas: int, unavailable: int, wanted: list[int]
) -> None:
    """Unhealthy first, then healthy ones down to replicas - maxUnavailable available pods."""
    assert shrunk(Size(*new), [Size(*each) for each in old], replicas, unavailable) == wanted


def test_a_scale_in_the_middle_is_shared_in_proportion() -> None:
    """The example of Kubernetes' documentation: 10 to 15 replicas, 3 surge, 8 old and 5 new pods."""
    sizes = [Size(8, most=13), Size(5, most=13)]
    assert proportional(sizes, 15, 3, 13) == [11, 7]


def test_scaling_down_in_the_middle_is_shared_too() -> None:
    """Rounding never loses a pod: the first set takes the remainder."""
    sizes = [Size(8, most=13), Size(5, most=13)]
    assert proportional(sizes, 5, 2, 13) == [4, 3]
    assert proportional(sizes, 0, 0, 13) == [0, 0]
    assert sum(proportional([Size(3, most=10), Size(3, most=10), Size(3, most=10)], 11, 3, 9)) == 14


def test_a_set_without_memory_uses_the_deployments_size() -> None:
    """A ReplicaSet sized before its Deployment wrote annotations scales by what the Deployment has."""
    assert proportional([Size(6), Size(4)], 20, 0, 10) == [12, 8]


def test_a_set_that_shrinks_counts_no_more_available_pods_than_it_shall_keep() -> None:
    """Its status lags behind its size for a moment; counting pods about to go would take too many others."""
    stage = Stage(4)
    (replica_set,) = stage.cluster.replica_sets
    replica_set.spec = replace(replica_set.spec, replicas=3)
    assert replica_set.status.available_replicas == 4
    assert _size(replica_set) == Size(3, 3, 5)
