"""How far an autoscaler may move at once: stabilization windows, policies, bounds. It remembers, and decides.

Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go (``normalizeDesiredReplicas…``).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import Final

from simulator.units import SECOND
from simulator.world.autoscaling import (
    DOWNSCALE_STABILIZATION_SECONDS,
    Behavior,
    ScalingPolicy,
    ScalingRules,
)

_FASTEST: Final = (
    "ScaleUpLimit",
    "the desired replica count is increasing faster than the maximum scale rate",
)
_SLOWEST: Final = (
    "ScaleDownLimit",
    "the desired replica count is decreasing faster than the maximum scale rate",
)
_MOST: Final = ("TooManyReplicas", "the desired replica count is more than the maximum replica count")
_FEWEST: Final = ("TooFewReplicas", "the desired replica count is less than the minimum replica count")
_WITHIN: Final = ("DesiredWithinRange", "the desired count is within the acceptable range")
_UP_STABILIZED: Final = (
    "ScaleUpStabilized",
    "recent recommendations were lower than current one, applying the lowest recent recommendation",
)
_DOWN_STABILIZED: Final = (
    "ScaleDownStabilized",
    "recent recommendations were higher than current one, applying the highest recent recommendation",
)
_MATCHES: Final = ("ReadyForNewScale", "recommended size matches current size")


@dataclass(frozen=True, slots=True)
class Bounds:
    """The sizes between which an autoscaler moves."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Decision:
    """The size to set, and what the conditions say about it: (reason, message) each.

    Attributes:
        replicas: After all limits.
        able: Of ``AbleToScale``, which is True.
        limited: Whether a limit changed the size.
        limit: Of ``ScalingLimited``.
    """

    replicas: int
    able: tuple[str, str]
    limited: bool
    limit: tuple[str, str]


@dataclass(slots=True)
class Memory:
    """What one autoscaler remembers: (when, recommended size), and (when, pods added or taken away).

    Entries that no window can reach any more are dropped.
    """

    recommendations: list[tuple[int, int]] = field(default_factory=list)
    ups: list[tuple[int, int]] = field(default_factory=list)
    downs: list[tuple[int, int]] = field(default_factory=list)

    def begin(self, now: int, current: int) -> None:
        """The first look at an autoscaler: the size that is there counts as a recommendation."""
        if not self.recommendations:
            self.recommendations.append((now, current))

    def scaled(self, now: int, before: int, after: int, behavior: Behavior | None) -> None:
        """Remember a step that was carried out, for as long as a policy looks back."""
        if behavior is None:
            return
        longest = max(
            policy.period_seconds
            for rules in (behavior.scale_up, behavior.scale_down)
            for policy in rules.policies
        )
        for steps in (self.ups, self.downs):
            steps[:] = [step for step in steps if step[0] > now - longest * SECOND]
        (self.ups if after > before else self.downs).append((now, abs(after - before)))


def decide(
    memory: Memory, now: int, current: int, desired: int, bounds: Bounds, behavior: Behavior | None
) -> Decision:
    """From the size that metrics ask for to the size that is set.

    Args:
        memory: Of this autoscaler; the recommendation is added to it.
        now: ns.
        current: Wanted replicas now.
        desired: What the metrics ask for.
        bounds: minReplicas and maxReplicas.
        behavior: None for the rule of an autoscaler without ``behavior``.
    """
    if behavior is None:
        stable = _highest_recent(memory, now, desired)
        replicas, limit = _by_factor(current, stable, bounds)
        stabilized = _DOWN_STABILIZED
    else:
        stable, stabilized = _stabilized(memory, now, current, desired, behavior)
        replicas, limit = _by_policies(memory, now, current, stable, bounds, behavior)
    able = stabilized if stable != desired else _MATCHES
    return Decision(replicas, able, replicas != stable, limit)


def _remember(memory: Memory, now: int, desired: int, oldest: int) -> None:
    memory.recommendations[:] = [each for each in memory.recommendations if each[0] >= oldest]
    memory.recommendations.append((now, desired))


def _highest_recent(memory: Memory, now: int, desired: int) -> int:
    cutoff = now - DOWNSCALE_STABILIZATION_SECONDS * SECOND
    recent = [size for at, size in memory.recommendations if at >= cutoff]
    _remember(memory, now, desired, cutoff)
    return max([desired, *recent])


def _stabilized(
    memory: Memory, now: int, current: int, desired: int, behavior: Behavior
) -> tuple[int, tuple[str, str]]:
    """The size that is there, brought up to the least and down to the most recommended within the windows."""
    up_cutoff = now - behavior.scale_up.stabilization_seconds * SECOND
    down_cutoff = now - behavior.scale_down.stabilization_seconds * SECOND
    least = min([desired, *(size for at, size in memory.recommendations if at > up_cutoff)])
    most = max([desired, *(size for at, size in memory.recommendations if at > down_cutoff)])
    _remember(memory, now, desired, min(up_cutoff, down_cutoff))
    stable = min(max(current, least), most)
    return stable, _UP_STABILIZED if desired >= current else _DOWN_STABILIZED


def _by_factor(current: int, desired: int, bounds: Bounds) -> tuple[int, tuple[str, str]]:
    """Without ``behavior``: one step doubles at most, or goes to four."""
    fastest = max(2 * current, 4)
    most, limit = (fastest, _FASTEST) if bounds.most > fastest else (bounds.most, _MOST)
    if desired < bounds.least:
        return bounds.least, _FEWEST
    return (most, limit) if desired > most else (desired, _WITHIN)


def _by_policies(
    memory: Memory, now: int, current: int, desired: int, bounds: Bounds, behavior: Behavior
) -> tuple[int, tuple[str, str]]:
    if desired > current:
        fastest = max(current, _up_limit(memory, now, current, behavior.scale_up))
        most, limit = (fastest, _FASTEST) if bounds.most > fastest else (bounds.most, _MOST)
        if desired > most:
            return most, limit
    elif desired < current:
        slowest = min(current, _down_limit(memory, now, current, behavior.scale_down))
        least, limit = (slowest, _SLOWEST) if bounds.least < slowest else (bounds.least, _FEWEST)
        if desired < least:
            return least, limit
    return desired, _WITHIN


def _at_period_start(memory: Memory, now: int, current: int, policy: ScalingPolicy) -> int:
    """The size that there was a period ago: without the pods added since, with those taken away."""
    since = now - policy.period_seconds * SECOND
    added = sum(pods for at, pods in memory.ups if at > since)
    taken = sum(pods for at, pods in memory.downs if at > since)
    return current - added + taken


def _up_limit(memory: Memory, now: int, current: int, rules: ScalingRules) -> int:
    if rules.select == "Disabled":
        return current
    proposals = []
    for policy in rules.policies:
        start = _at_period_start(memory, now, current, policy)
        # In floating point, as upstream: 100 pods and 10 % are 110.00000000000001, hence 111.
        grown = start + policy.value if policy.type == "Pods" else ceil(start * (1 + policy.value / 100))
        proposals.append(grown)
    return min(proposals) if rules.select == "Min" else max(proposals)


def _down_limit(memory: Memory, now: int, current: int, rules: ScalingRules) -> int:
    if rules.select == "Disabled":
        return current
    proposals = []
    for policy in rules.policies:
        start = _at_period_start(memory, now, current, policy)
        left = start - policy.value if policy.type == "Pods" else int(start * (1 - policy.value / 100))
        proposals.append(left)
    return max(proposals) if rules.select == "Min" else min(proposals)
