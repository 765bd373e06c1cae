"""How many pods the canary and the stable ReplicaSet shall have: numbers in, numbers out.

Source: argoproj/argo-rollouts utils/replicaset/canary.go (1.8).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor

from simulator.engine.workloads.rolling import Size
from simulator.world.rollouts import DEFAULT_SCALE_DOWN_DELAY, BlueGreen, Rollout, SetCanaryScale, Weights


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far an update by replica ratio may leave the wanted number of pods.

    Attributes:
        replicas: Wanted.
        max_surge: Pods above them.
        max_unavailable: Pods below them that are available.
    """

    replicas: int
    max_surge: int
    max_unavailable: int

    @property
    def most(self) -> int:
        """Pods that may exist."""
        return self.replicas + self.max_surge

    @property
    def least(self) -> int:
        """Pods that must be available."""
        return self.replicas - self.max_unavailable


def bounds_of(rollout: Rollout) -> Bounds:
    """The bounds of a Rollout."""
    return Bounds(rollout.spec.replicas, rollout.spec.max_surge, rollout.spec.max_unavailable)


def approximate(replicas: int, weight: int, max_surge: int) -> tuple[int, int]:
    """(canary, stable) pods that come nearest to a weight; a surge allows one pod above ``replicas``.

    From 1 to 99 percent both have at least one pod, unless there is but one pod and no surge.
    """
    if replicas == 0:
        return 0, 0
    up, down = ceil(replicas * weight / 100), floor(replicas * weight / 100)
    none_allowed = weight in (0, 100) or (replicas == 1 and max_surge == 0)
    options: list[tuple[int, int]] = []
    for total in (replicas, replicas + 1) if max_surge > 0 else (replicas,):
        if total > replicas or up < replicas or none_allowed:
            options.append((up, total))
        tied = total * weight % 100 == 50  # of two counts equally far off, the larger canary wins
        if not tied and (down or none_allowed):
            options.append((down, total))
    if not options:
        return 0, replicas
    canary, total = min(options, key=lambda option: abs(option[0] * 100 / option[1] - weight))
    return canary, total - canary


def by_ratio(bounds: Bounds, weight: int, new: Size | None, stable: Size | None, old: int) -> tuple[int, int]:
    """(canary, stable) pods after one step, where the number of pods splits the traffic.

    Args:
        bounds: Of the update.
        weight: Wanted for the canary.
        new: The ReplicaSet of the wanted template; None before it was made.
        stable: The stable one; None where that is ``new``.
        old: Wanted pods of all others.
    """
    goal_new, goal_stable = approximate(bounds.replicas, weight, bounds.max_surge)
    if stable is None:
        goal_new, goal_stable = bounds.replicas, 0
    has_new = new.replicas if new is not None else 0
    has_stable = stable.replicas if stable is not None else 0
    size_new, size_stable = has_new, has_stable

    room = bounds.most - old - has_new - has_stable
    if has_stable < goal_stable and room > 0:
        size_stable = min(has_stable + room, goal_stable)
        room -= size_stable - has_stable
    if new is not None and has_new < goal_new and room > 0:
        size_new = min(has_new + room, goal_new)
    if old:  # those go first
        return size_new, size_stable

    increasing = new is None or goal_new >= has_new
    removable = _kept(new, blind=not increasing) + _kept(stable, blind=increasing) - bounds.least
    if removable <= 0:
        return size_new, size_stable
    if not increasing:
        if has_new > goal_new:
            size_new = max(goal_new, has_new - removable)
        return _within(bounds, new, stable, size_new, size_stable)
    if stable is not None:
        if has_stable > goal_stable:
            size_stable = max(goal_stable, has_stable - removable)
        size_stable, size_new = _within(bounds, stable, new, size_stable, size_new)
    return size_new, size_stable


def _kept(size: Size | None, *, blind: bool) -> int:
    """Pods to count when shrinking; ``blind`` to whether they are available."""
    if size is None:
        return 0
    return size.replicas if blind else min(size.replicas, size.available)


def _within(
    bounds: Bounds, drained: Size | None, other: Size | None, size: int, other_size: int
) -> tuple[int, int]:
    """Keep both sizes within surge and availability (``adjustReplicaWithinLimits``)."""
    if other is None:
        return size, other_size
    above = max(0, size + other_size - bounds.most)
    available = min(drained.available, size) if drained is not None else 0
    other_size -= above
    available += min(other.available, other_size)
    lost = max(0, other.available - other_size)
    other_size += min(lost, max(0, bounds.least - available))
    return size - max(0, size + other_size - bounds.most), other_size


def by_weight(rollout: Rollout, weights: Weights | None) -> tuple[int, int]:
    """(canary, stable) pods where weights split the traffic.

    Args:
        rollout: Whose.
        weights: The split as it is; None where only the split that is wanted counts.
    """
    canary, replicas = rollout.canary, rollout.spec.replicas
    assert canary is not None, "a canary alone routes by weight"
    count, weight = canary_scale(rollout)
    size = _share(replicas, weight) if count is None else count
    if count is None:
        size = _at_least(canary.min_pods_per_replica_set, size)
    if not canary.dynamic_stable_scale:
        return size, replicas
    stable = _share(replicas, 100 - weight)
    if weights is not None:
        stable = max(stable, _share(replicas, weights.stable))
        if rollout.status.abort:  # the canary keeps its pods until its traffic has left
            size = max(size, _share(replicas, weights.canary))
    least = canary.min_pods_per_replica_set
    return _at_least(least, size), _at_least(least, stable)


def _share(replicas: int, weight: int) -> int:
    return ceil(weight * replicas / 100)


def _at_least(minimum: int | None, count: int) -> int:
    """``minPodsPerReplicaSet``, for a ReplicaSet that has any pods at all."""
    return count if count == 0 or minimum is None else max(count, minimum)


def canary_scale(rollout: Rollout) -> tuple[int | None, int]:
    """(pods, weight) that the steps ask for: a count from setCanaryScale, else None and a weight."""
    status = rollout.status
    if status.promote_full or not status.stable_rs or rollout.fully_promoted:
        return None, 100
    scale = _set_canary_scale(rollout)
    if scale is not None:
        if scale.replicas is not None:
            return scale.replicas, 0
        if scale.weight is not None:
            return None, scale.weight
    return None, rollout.set_weight


def _set_canary_scale(rollout: Rollout) -> SetCanaryScale | None:
    """The setCanaryScale in force; it takes traffic routing, and an abort ends it."""
    if not rollout.routed or (rollout.status.abort and abort_delay(rollout) is not None):
        return None
    if rollout.current_step is None:
        return None
    done = rollout.steps[: (rollout.status.current_step_index or 0) + 1]
    scales = [step.set_canary_scale for step in done if step.set_canary_scale is not None]
    return scales[-1] if scales and not scales[-1].match_traffic_weight else None


def abort_delay(rollout: Rollout) -> int | None:
    """Seconds from an abort until the canary or preview shrinks; None leaves it as it is."""
    declared = rollout.spec.strategy.abort_scale_down_delay_seconds
    if declared is None:
        return DEFAULT_SCALE_DOWN_DELAY
    return declared or None


def scale_down_delay(rollout: Rollout) -> int:
    """Seconds for which a ReplicaSet stays after it was replaced (``scaleDownDelaySeconds``)."""
    if not isinstance(rollout.spec.strategy, BlueGreen) and not rollout.routed:
        return 0
    declared = rollout.spec.strategy.scale_down_delay_seconds
    return DEFAULT_SCALE_DOWN_DELAY if declared is None else declared
