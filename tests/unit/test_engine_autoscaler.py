"""The horizontal pod autoscaler's arithmetic, against worked examples of Kubernetes' own tests and pages."""

from __future__ import annotations

import pytest

from simulator.engine.autoscaling.limits import Bounds, Memory, decide
from simulator.engine.autoscaling.replicas import (
    NoReplicaCountError,
    Proposal,
    Sample,
    by_average,
    by_utilization,
    by_value,
    by_value_per_pod,
)
from simulator.units import MINUTE, SECOND
from simulator.world import Condition, ObjectMeta, Pod, PodSpec, PodStatus
from simulator.world.autoscaling import (
    DEFAULT_SCALE_DOWN,
    Behavior,
    ScalingPolicy,
    ScalingRules,
)

NOW = 3600 * SECOND


def pod(name: str, *, phase: str = "Running", ready: bool = True, started: int = 0, since: int = 0) -> Pod:
    """A pod that started and became (un)ready when the test says, both in seconds."""
    conditions = [Condition("Ready", str(ready), last_transition_at=since * SECOND)]
    status = PodStatus(phase="Pending", conditions=conditions, started_at=started * SECOND)
    if phase == "Running":
        status.phase = "Running"
    return Pod(ObjectMeta(name), PodSpec(()), status=status)


def pods(count: int) -> list[Pod]:
    """Seasoned and ready."""
    return [pod(f"pod-{number}") for number in range(count)]


def samples(*values: int, at: int = NOW, window: int = 15 * SECOND) -> dict[str, Sample]:
    """What the metrics server says of pod-0, pod-1 and so on."""
    return {f"pod-{number}": Sample(value, at, window) for number, value in enumerate(values)}


def utilization(
    current: int, target: int, all_pods: list[Pod], measured: dict[str, Sample], request: int = 1000
) -> Proposal:
    """CPU of pods that request one core each."""
    requests = {each.meta.name: request for each in all_pods}
    return by_utilization(current, target, all_pods, measured, requests, cpu=True, now=NOW)


@pytest.mark.parametrize(
    ("used", "target", "wanted"),
    [
        ((300, 500, 700), 30, 5),  # replica_calculator_test.go, TestReplicaCalcScaleUp: 50 % of 30 %
        ((100, 300, 500, 250, 250), 50, 3),  # TestReplicaCalcScaleDown: 28 % of 50 %
        ((1000, 900, 1100), 100, 3),  # just at the target
        ((500, 500, 500), 46, 3),  # 1.087: within 10 %
        ((500, 500, 500), 45, 4),  # 1.111 is not; ceil(3.33)
    ],
)
def test_the_size_follows_the_ratio_of_usage_to_target(
    used: tuple[int, ...], target: int, wanted: int
) -> None:
    """ceil(ready pods x usage / target), and the size that is there within a tolerance of 10 %."""
    proposal = utilization(len(used), target, pods(len(used)), samples(*used))
    assert proposal.replicas == wanted
    assert proposal.utilization == sum(used) * 100 // (1000 * len(used))
    assert proposal.usage == sum(used) // len(used)


def test_an_unready_pod_counts_as_idle_on_the_way_up() -> None:
    """TestReplicaCalcScaleUpUnreadyLessScale: 300, 500, 700 of 30 % with the first unready: 4, not 5."""
    group = [pod("pod-0", ready=False, started=3590, since=3590), *pods(3)[1:]]
    proposal = utilization(3, 30, group, samples(300, 500, 700))
    assert proposal.replicas == 4
    assert proposal.utilization == 60


def test_pods_that_start_hot_do_not_scale_up() -> None:
    """TestReplicaCalcScaleUpHotCpuLessScale: CPU of the first minutes is the start's, not the users'."""
    hot = pod("pod-0", started=3590, since=3595)
    assert utilization(3, 30, [hot, *pods(3)[1:]], samples(300, 500, 700)).replicas == 4
    seasoned = pod("pod-0", started=3590 - 600, since=3595)
    assert utilization(3, 30, [seasoned, *pods(3)[1:]], samples(300, 500, 700)).replicas == 5


def test_a_new_pod_counts_once_it_has_been_ready_for_a_whole_window() -> None:
    """Within the initialisation period a sample must begin after the pod became ready."""
    early = pod("pod-0", started=3500, since=3590)
    late = pod("pod-0", started=3500, since=3580)
    others = pods(3)[1:]
    assert utilization(3, 30, [early, *others], samples(900, 300, 300)).replicas == 3
    assert utilization(3, 30, [late, *others], samples(900, 300, 300)).replicas == 5


def test_a_pod_that_was_ready_once_counts_while_it_is_unready_later() -> None:
    """Past the initialisation period only pods that never got ready are set aside."""
    never = pod("pod-0", ready=False, started=3000, since=3010)
    once = pod("pod-0", ready=False, started=3000, since=3100)
    others = pods(3)[1:]
    assert utilization(3, 30, [never, *others], samples(900, 300, 300)).utilization == 30
    assert utilization(3, 30, [once, *others], samples(900, 300, 300)).utilization == 50


def test_pods_that_start_are_set_aside_on_the_way_down() -> None:
    """TestReplicaCalcScaleDownIgnoresUnreadyPods: 5 pods, two unready, 28 % of 50 %: 2 of the 3 ready."""
    group = [*pods(3), *(pod(f"pod-{n}", ready=False, started=3590, since=3590) for n in (3, 4))]
    assert utilization(5, 50, group, samples(100, 300, 500, 250, 250)).replicas == 2


def test_a_missing_pod_counts_as_idle_on_the_way_up() -> None:
    """What can't be seen must not add pods."""
    assert utilization(3, 50, pods(3), samples(1000, 1000)).replicas == 4
    assert utilization(3, 50, pods(3), samples(700, 700)).replicas == 3


def test_a_missing_pod_counts_as_full_on_the_way_down() -> None:
    """At 100 % of its request, or the target where that is higher: what is not seen takes none away."""
    assert utilization(5, 50, pods(5), samples(100, 100, 100, 100)).replicas == 3
    assert utilization(5, 50, pods(5), samples(200, 200, 200)).replicas == 5


def test_a_missing_pod_never_turns_the_direction() -> None:
    """TestReplicaCalcMissingMetrics…: where the assumption would point the other way, nothing moves."""
    assert utilization(2, 100, pods(2), samples(1000)).replicas == 2
    assert utilization(4, 50, pods(4), samples(490, 300)).replicas == 4


def test_pending_pods_count_as_idle_on_the_way_up() -> None:
    """A size that is asked for already is not asked for again while its pods are still to come."""
    group = [*pods(2), pod("pod-2", phase="Pending"), pod("pod-3", phase="Pending")]
    assert utilization(4, 50, group, samples(1000, 1000)).replicas == 4
    assert utilization(2, 50, pods(2), samples(1000, 1000)).replicas == 4


def test_pods_that_end_do_not_count_at_all() -> None:
    """Neither their usage nor their absence."""
    going = pod("pod-2")
    going.meta.deleted_at = NOW
    assert utilization(2, 50, [*pods(2), going], samples(600, 600, 0)).replicas == 3


def test_without_a_sample_that_counts_there_is_no_size() -> None:
    """All pods unready is no reason to scale to nothing."""
    group = [pod("pod-0", ready=False, started=3590, since=3590)]
    with pytest.raises(NoReplicaCountError, match="did not receive metrics for targeted pods"):
        utilization(1, 50, group, samples(100))


def test_an_average_value_needs_no_requests() -> None:
    """Metric of pods: (20 + 10 + 30)/3 = 20 of 15: ceil(1.33 x 3) = 4; unready pods count here."""
    proposal = by_average(3, 15_000, pods(3), samples(20_000, 10_000, 30_000), cpu=False, now=NOW)
    assert (proposal.replicas, proposal.usage) == (4, 20_000)
    unready = [pod("pod-0", ready=False, started=3590, since=3590), *pods(3)[1:]]
    assert by_average(3, 15_000, unready, samples(50_000, 10_000, 30_000), cpu=False, now=NOW).replicas == 6


def test_a_value_of_the_whole_scales_the_ready_pods() -> None:
    """TestReplicaCalcScaleUpCMObject: 20 of 15 with three ready pods is four; from zero the ratio itself."""
    assert by_value(3, 15_000, 20_000, 3).replicas == 4
    assert by_value(3, 15_000, 16_000, 3).replicas == 3
    assert by_value(0, 15_000, 40_000, 0).replicas == 3


def test_a_value_per_pod_is_shared_out() -> None:
    """A queue of 100 jobs at 15 a pod wants seven pods, however many there are."""
    assert by_value_per_pod(3, 15_000, 100_000) == Proposal(7, 33_334)
    assert by_value_per_pod(7, 15_000, 100_000).replicas == 7


# --- limits ---------------------------------------------------------------------------------------------


def moved(
    current: int,
    desired: int,
    *,
    behavior: Behavior | None = None,
    memory: Memory | None = None,
    now: int = NOW,
) -> tuple[int, str, str]:
    """(size, reason of AbleToScale, reason of ScalingLimited) between 1 and 100."""
    kept = memory if memory is not None else Memory()
    decision = decide(kept, now, current, desired, Bounds(1, 100), behavior)
    return decision.replicas, decision.able[0], decision.limit[0]


def test_without_behaviour_a_step_up_doubles_at_most() -> None:
    """Or goes to four, which is the least that the controller allows."""
    assert moved(1, 50) == (4, "ReadyForNewScale", "ScaleUpLimit")
    assert moved(10, 50) == (20, "ReadyForNewScale", "ScaleUpLimit")
    assert moved(60, 150) == (100, "ReadyForNewScale", "TooManyReplicas")
    assert moved(3, 0) == (1, "ReadyForNewScale", "TooFewReplicas")
    assert moved(10, 12) == (12, "ReadyForNewScale", "DesiredWithinRange")


def test_a_scale_down_waits_for_five_minutes_of_lower_recommendations() -> None:
    """The highest recommendation of the window is applied."""
    memory = Memory()
    memory.begin(NOW, 10)
    assert moved(10, 4, memory=memory, now=NOW + 15 * SECOND) == (
        10,
        "ScaleDownStabilized",
        "DesiredWithinRange",
    )
    assert moved(10, 6, memory=memory, now=NOW + 4 * MINUTE)[0] == 10
    assert moved(10, 4, memory=memory, now=NOW + 5 * MINUTE + SECOND)[0] == 6
    assert moved(6, 4, memory=memory, now=NOW + 9 * MINUTE + SECOND)[0] == 4


def test_default_policies_add_the_more_of_four_pods_and_all_of_them() -> None:
    """Behaviour with nothing declared in it: 15 s allow +4 or +100 %, whichever is more."""
    assert moved(1, 50, behavior=Behavior())[0] == 5
    assert moved(10, 50, behavior=Behavior())[0] == 20


def test_a_policy_counts_what_its_period_saw_already() -> None:
    """Two pods a minute: what was added 30 s ago counts, a minute later it does not."""
    slow = Behavior(ScalingRules((ScalingPolicy("Pods", 2, 60),)), DEFAULT_SCALE_DOWN)
    memory = Memory()
    assert moved(4, 20, behavior=slow, memory=memory)[0] == 6
    memory.scaled(NOW, 4, 6, slow)
    assert moved(6, 20, behavior=slow, memory=memory, now=NOW + 30 * SECOND) == (
        6,
        "ReadyForNewScale",
        "ScaleUpLimit",
    )
    assert moved(6, 20, behavior=slow, memory=memory, now=NOW + 61 * SECOND)[0] == 8


def test_the_selected_policy_is_the_furthest_or_the_nearest() -> None:
    """Max moves most, Min least, Disabled not at all; percentages round up on the way up."""
    policies = (ScalingPolicy("Pods", 4, 60), ScalingPolicy("Percent", 10, 60))
    up = {
        select: Behavior(ScalingRules(policies, select), DEFAULT_SCALE_DOWN)
        for select in ("Max", "Min", "Disabled")
    }
    assert [moved(11, 50, behavior=up[select])[0] for select in ("Max", "Min", "Disabled")] == [15, 13, 11]
    down = {
        select: Behavior(scale_down=ScalingRules(policies, select)) for select in ("Max", "Min", "Disabled")
    }
    assert [moved(80, 1, behavior=down[select])[0] for select in ("Max", "Min", "Disabled")] == [72, 76, 80]
    assert moved(80, 1, behavior=down["Max"])[2] == "ScaleDownLimit"


def test_a_stabilization_window_up_takes_the_lowest_recommendation() -> None:
    """A spike shorter than the window adds nothing."""
    patient = Behavior(ScalingRules((ScalingPolicy("Pods", 50, 15),), stabilization_seconds=60))
    memory = Memory()
    memory.begin(NOW, 5)
    assert moved(5, 12, behavior=patient, memory=memory, now=NOW + 15 * SECOND)[:2] == (
        5,
        "ScaleUpStabilized",
    )
    assert moved(5, 9, behavior=patient, memory=memory, now=NOW + 62 * SECOND)[0] == 9
