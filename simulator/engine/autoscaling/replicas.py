"""How many replicas a metric asks for: Kubernetes' replica calculator, numbers in, numbers out.

Source: kubernetes/kubernetes pkg/controller/podautoscaler/replica_calculator.go and metrics/utilization.go.
All amounts are integers in thousandths of their unit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Final

from simulator.units import MINUTE, SECOND
from simulator.world import Pod, find_condition

#: --horizontal-pod-autoscaler-tolerance.
TOLERANCE: Final = 0.1
#: --horizontal-pod-autoscaler-cpu-initialization-period.
CPU_INITIALIZATION_PERIOD: Final = 5 * MINUTE
#: --horizontal-pod-autoscaler-initial-readiness-delay.
INITIAL_READINESS_DELAY: Final = 30 * SECOND


class NoReplicaCountError(Exception):
    """A metric from which no size can be computed; the text is the controller's."""


@dataclass(frozen=True, slots=True)
class Sample:
    """What was measured of one pod.

    Attributes:
        value: Thousandths.
        at: End of the window, ns.
        window: ns.
    """

    value: int
    at: int
    window: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """The size that a metric asks for, and what the metric was.

    Attributes:
        replicas: Proposed.
        usage: Thousandths: of one pod on average, or of the metric itself.
        utilization: Percent of the requests; None where requests play no part.
    """

    replicas: int
    usage: int
    utilization: int | None = None


@dataclass(slots=True)
class Groups:
    """Pods by what their samples are worth."""

    ready: int = 0
    unready: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def grouped(pods: Sequence[Pod], samples: Mapping[str, Sample], *, cpu: bool, now: int) -> Groups:
    """Sort pods by what their samples are worth.

    Ignored are those that end or have failed. Unready are the pending and, for CPU, those whose sample may
    still show their start: within five minutes of it until they have been ready for a whole window,
    afterwards if they have never been ready. Missing are those without a sample.
    """
    groups = Groups()
    for pod in pods:
        name = pod.meta.name
        if pod.terminating or pod.status.phase == "Failed":
            groups.ignored.append(name)
        elif pod.status.phase == "Pending":
            groups.unready.append(name)
        elif name not in samples:
            groups.missing.append(name)
        elif cpu and _initialising(pod, samples[name], now):
            groups.unready.append(name)
        else:
            groups.ready += 1
    return groups


def _initialising(pod: Pod, sample: Sample, now: int) -> bool:
    condition, started = find_condition(pod.status.conditions, "Ready"), pod.status.started_at
    if condition is None or started is None:
        return True
    unready = condition.status == "False"
    if started + CPU_INITIALIZATION_PERIOD > now:
        return unready or sample.at < condition.last_transition_at + sample.window
    return unready and started + INITIAL_READINESS_DELAY > condition.last_transition_at


def within_tolerance(ratio: float) -> bool:
    """Whether a ratio of usage to target is too near to 1 to act on."""
    return abs(1.0 - ratio) <= TOLERANCE


def by_utilization(
    current: int,
    target: int,
    pods: Sequence[Pod],
    samples: Mapping[str, Sample],
    requests: Mapping[str, int],
    *,
    cpu: bool,
    now: int,
) -> Proposal:
    """The size at which pods would use ``target`` percent of what they request.

    Args:
        current: Wanted replicas now.
        target: Percent.
        pods: All that the selector matches.
        samples: By pod.
        requests: By pod, thousandths.
        cpu: Whether the resource is CPU, which is not judged while a pod starts.
        now: ns.

    Raises:
        NoReplicaCountError: No pod has a sample that counts.
    """

    def ratio(values: Mapping[str, int]) -> tuple[float, int, int]:
        known = [name for name in values if name in requests]
        used, requested = sum(values[name] for name in known), sum(requests[name] for name in known)
        if requested == 0:
            raise NoReplicaCountError("no metrics returned matched known pods")
        utilization = used * 100 // requested
        return utilization / target, utilization, used // len(known)

    groups = grouped(pods, samples, cpu=cpu, now=now)
    values = _counting(samples, groups)
    usage_ratio, utilization, average = ratio(values)
    assumed = max(100, target)
    replicas = _proposed(
        current,
        groups,
        values,
        usage_ratio,
        lambda name: requests.get(name, 0) * assumed // 100,
        lambda v: ratio(v)[0],
    )
    return Proposal(replicas, average, utilization)


def by_average(
    current: int, target: int, pods: Sequence[Pod], samples: Mapping[str, Sample], *, cpu: bool, now: int
) -> Proposal:
    """The size at which pods would have ``target`` thousandths each on average; see ``by_utilization``."""

    def ratio(values: Mapping[str, int]) -> tuple[float, int]:
        average = sum(values.values()) // len(values)
        return average / target, average

    groups = grouped(pods, samples, cpu=cpu, now=now)
    values = _counting(samples, groups)
    usage_ratio, average = ratio(values)
    replicas = _proposed(current, groups, values, usage_ratio, lambda _: target, lambda v: ratio(v)[0])
    return Proposal(replicas, average)


def _counting(samples: Mapping[str, Sample], groups: Groups) -> dict[str, int]:
    aside = {*groups.ignored, *groups.unready}
    values = {name: sample.value for name, sample in samples.items() if name not in aside}
    if not values:
        raise NoReplicaCountError("did not receive metrics for targeted pods (pods might be unready)")
    return values


def _proposed(
    current: int,
    groups: Groups,
    values: dict[str, int],
    usage_ratio: float,
    full: Callable[[str], int],
    ratio: Callable[[Mapping[str, int]], float],
) -> int:
    """The size after pods that could not be measured are given the value that moves it least.

    On the way up they count as 0, on the way down as ``full``; unready ones are set aside on the way down.
    """
    unready_count = bool(groups.unready) and usage_ratio > 1.0
    if not unready_count and not groups.missing:
        return current if within_tolerance(usage_ratio) else ceil(usage_ratio * groups.ready)
    values = dict(values)
    for name in groups.missing:
        if usage_ratio < 1.0:
            values[name] = full(name)
        elif usage_ratio > 1.0:
            values[name] = 0
    if unready_count:
        values.update(dict.fromkeys(groups.unready, 0))
    again = ratio(values)
    turned = (usage_ratio < 1.0 < again) or (again < 1.0 < usage_ratio)
    if within_tolerance(again) or turned:
        return current
    replicas = ceil(again * len(values))
    against = (again < 1.0 and replicas > current) or (again > 1.0 and replicas < current)
    return current if against else replicas


def by_value(current: int, target: int, usage: int, ready: int) -> Proposal:
    """The size at which one metric of the whole would be ``target``, if it falls as pods are added.

    Args:
        current: Wanted replicas now.
        target: Thousandths.
        usage: Thousandths.
        ready: Pods that are running and ready.
    """
    ratio = usage / target
    if current == 0:
        return Proposal(ceil(ratio), usage)
    return Proposal(current if within_tolerance(ratio) else ceil(ratio * ready), usage)


def by_value_per_pod(current: int, target: int, usage: int) -> Proposal:
    """The size at which one metric of the whole, shared out evenly, would be ``target`` a pod.

    Args:
        current: Pods that there are.
        target: Thousandths.
        usage: Of the whole, thousandths.
    """
    replicas = current
    if current == 0 or not within_tolerance(usage / (target * current)):
        replicas = ceil(usage / target)
    return Proposal(replicas, ceil(usage / current) if current else usage)
