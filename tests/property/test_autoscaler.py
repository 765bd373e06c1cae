"""Autoscalers: sizes stay within what was declared, and what is not seen moves nothing further."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from simulator.engine.autoscaling.limits import Bounds, Memory, decide
from simulator.engine.autoscaling.replicas import Sample, by_utilization
from simulator.units import SECOND
from simulator.world import Condition, ObjectMeta, Pod, PodSpec, PodStatus
from simulator.world.autoscaling import Behavior, ScalingPolicy, ScalingRules

NOW = 3600 * SECOND
POLICIES = st.builds(
    ScalingPolicy, st.sampled_from(["Pods", "Percent"]), st.integers(1, 60), st.sampled_from([15, 60, 180])
)
RULES = st.builds(
    ScalingRules,
    st.lists(POLICIES, min_size=1, max_size=3).map(tuple),
    st.sampled_from(["Max", "Min", "Disabled"]),
    st.sampled_from([0, 30, 300]),
)
BEHAVIORS = st.one_of(st.none(), st.builds(Behavior, RULES, RULES))


def furthest(rules: ScalingRules, size: int) -> int:
    """The most pods that any policy moves from a size, all at once."""
    if rules.select == "Disabled":
        return 0
    return max(
        each.value if each.type == "Pods" else -(-size * each.value // 100) + 1 for each in rules.policies
    )


@given(
    BEHAVIORS,
    st.integers(1, 10),
    st.integers(0, 40),
    st.lists(st.integers(0, 200), min_size=1, max_size=40),
)
def test_a_size_never_leaves_its_bounds_and_no_step_is_longer_than_a_policy(
    behavior: Behavior | None, least: int, room: int, wishes: list[int]
) -> None:
    """Every 15 s another wish: between the bounds, at the declared pace, and downwards with care."""
    bounds, memory, size = Bounds(least, least + room), Memory(), least
    memory.begin(0, size)
    asked = [(0, size)]
    for number, wish in enumerate(wishes, start=1):
        now = 15 * SECOND * number
        decision = decide(memory, now, size, wish, bounds, behavior)
        after = decision.replicas
        asked.append((now, wish))
        assert bounds.least <= after <= bounds.most
        if behavior is None:
            assert after <= max(2 * size, 4)
            window = 300
        else:
            start = size + sum(pods for _, pods in memory.downs)
            assert after - size <= furthest(behavior.scale_up, start) + sum(p for _, p in memory.downs)
            start = size + sum(pods for _, pods in memory.downs)
            assert size - after <= furthest(behavior.scale_down, start) + sum(p for _, p in memory.ups)
            window = behavior.scale_down.stabilization_seconds
        if after < size:
            recent = max([wish, *(wished for at, wished in asked if at > now - window * SECOND)])
            assert after >= min(size, max(bounds.least, recent))
        if after != size:
            memory.scaled(now, size, after, behavior)
        size = after


@given(
    st.lists(st.integers(0, 1500), min_size=1, max_size=12),
    st.lists(st.integers(0, 1000), min_size=1, max_size=6),
    st.integers(20, 95),
)
def test_a_pod_that_is_not_seen_never_moves_the_size_further(
    seen: list[int], unseen: list[int], target: int
) -> None:
    """Against full knowledge, whatever the unseen pods really use of their request: never past it."""
    count = len(seen) + len(unseen)
    condition = Condition("Ready", "True")
    pods = [
        Pod(
            ObjectMeta(f"pod-{number}"),
            PodSpec(()),
            status=PodStatus(phase="Running", conditions=[condition], started_at=0),
        )
        for number in range(count)
    ]
    everything = {
        f"pod-{number}": Sample(value, NOW, 15 * SECOND) for number, value in enumerate([*seen, *unseen])
    }
    known = {name: everything[name] for name in list(everything)[: len(seen)]}
    requests = dict.fromkeys(everything, 1000)
    blind = by_utilization(count, target, pods, known, requests, cpu=True, now=NOW)
    full = by_utilization(count, target, pods, everything, requests, cpu=True, now=NOW)
    if blind.replicas > count:
        assert count < blind.replicas <= full.replicas
    elif blind.replicas < count:
        assert full.replicas <= blind.replicas < count
