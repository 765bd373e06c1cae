"""The horizontal pod autoscaler: compares what is measured with what shall be, and sets a size.

Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go (``reconcileAutoscaler``). It writes
the same ``spec.replicas`` as ``kubectl scale``: whoever writes last wins, until the next look.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Final

from simpy.events import ProcessGenerator

from simulator.engine.autoscaling.limits import Bounds, Memory, decide
from simulator.engine.autoscaling.readings import Answer, FailedMetricError, MetricReader, ResourceMetrics
from simulator.engine.environment import Environment
from simulator.engine.metrics import MetricPort
from simulator.units import SECOND
from simulator.world import Change, Cluster, Condition, KubernetesError, Pod, find_condition, matches
from simulator.world.autoscaling import (
    SYNC_PERIOD,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerStatus,
    MetricStatus,
)
from simulator.world.kinds import kind_named
from simulator.world.resources import AnyObject
from simulator.world.scales import Scale, resize, scale_of

COMPONENT: Final = "horizontal-pod-autoscaler"
#: A world begins in its steady state: the metrics server must have its two samples first.
_FIRST_LOOK: Final = 15 * SECOND


def _reason(best: Answer, current: int) -> str:
    """Why a size is changed, as the event says it; decided before the limits, as upstream does."""
    if best.proposal.replicas > current:
        return f"{best.name} above target"
    return "All metrics below target" if best.proposal.replicas < current else ""


class AutoscalerController:
    """Looks at every autoscaler once a sync period, in order of creation.

    Args:
        env: The clock.
        cluster: What it watches and writes.
        resources: The metrics server.
        port: Custom and external metrics.
        queries: Metric name to the query of the metrics adapter.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        resources: ResourceMetrics,
        port: MetricPort,
        queries: Mapping[str, str],
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._reader = MetricReader(resources, port, queries)
        self._memories: dict[str, Memory] = {}
        cluster.subscribe(self._on_change, HorizontalPodAutoscaler)
        env.process(self._work())

    def _on_change(self, change: Change) -> None:
        if isinstance(change.object, HorizontalPodAutoscaler) and change.type == "DELETED":
            self._memories.pop(change.object.meta.uid, None)

    def _work(self) -> ProcessGenerator:
        yield self._env.timeout(_FIRST_LOOK)
        while True:
            yield self._env.timeout(SYNC_PERIOD - self._env.now % SYNC_PERIOD)
            for autoscaler in self._cluster.table(HorizontalPodAutoscaler):
                self._reconcile(autoscaler)

    def _reconcile(self, item: HorizontalPodAutoscaler) -> None:
        before = deepcopy(item.status)
        try:
            target = self._target(item)
            scale = scale_of(target)
            if scale is None:
                raise KubernetesError(
                    f"the server could not find the requested resource ({item.spec.target.kind}/scale)",
                    where=f"hpa/{item.meta.name}",
                    expected="a kind with a scale",
                    got=item.spec.target.kind,
                    todo="Point it at a Deployment.",
                )
        except KubernetesError as error:
            said = error.message.removeprefix("Error from server (NotFound): ").removeprefix("error: ")
            self._warn(item, "FailedGetScale", said)
            message = f"the HPA controller was unable to get the target's current scale: {said}"
            self._set(item, "AbleToScale", "False", "FailedGetScale", message)
        else:
            message = "the HPA controller was able to get the target's current scale"
            self._set(item, "AbleToScale", "True", "SucceededGetScale", message)
            self._scale(item, target, scale)
        if item.status != before:
            self._cluster.changed(item)

    def _target(self, item: HorizontalPodAutoscaler) -> AnyObject:
        reference = item.spec.target
        return self._cluster.get(kind_named(reference.kind), reference.name, item.meta.namespace)

    def _scale(self, item: HorizontalPodAutoscaler, target: AnyObject, scale: Scale) -> None:
        spec, current, now = item.spec, scale.replicas, self._env.now
        memory = self._memories.setdefault(item.meta.uid, Memory())
        memory.begin(now, current)
        statuses: tuple[MetricStatus, ...] = ()
        reason = ""
        if current == 0 and spec.min_replicas != 0:
            message = "scaling is disabled since the replica count of the target is zero"
            self._set(item, "ScalingActive", "False", "ScalingDisabled", message)
            desired = current
        elif current > spec.max_replicas:
            desired, reason = spec.max_replicas, "Current number of replicas above Spec.MaxReplicas"
        elif current < spec.min_replicas:
            desired, reason = spec.min_replicas, "Current number of replicas below Spec.MinReplicas"
        else:
            best, statuses = self._measure(item, scale)
            if best is None:
                self._write(item, current, item.status.desired_replicas, statuses)
                return
            wanted = best.proposal.replicas
            reason = _reason(best, current)
            desired = self._limit(item, memory, current, wanted)
        if desired != current:
            resize(self._cluster, target, desired)
            message = f"the HPA controller was able to update the target scale to {desired}"
            self._set(item, "AbleToScale", "True", "SucceededRescale", message)
            self._report(item, "SuccessfulRescale", f"New size: {desired}; reason: {reason}")
            memory.scaled(now, current, desired, spec.behavior)
            item.status.last_scale_at = now
        self._write(item, current, desired, statuses)

    def _limit(self, item: HorizontalPodAutoscaler, memory: Memory, current: int, wanted: int) -> int:
        spec = item.spec
        bounds = Bounds(spec.min_replicas, spec.max_replicas)
        decision = decide(memory, self._env.now, current, wanted, bounds, spec.behavior)
        self._set(item, "AbleToScale", "True", *decision.able)
        self._set(item, "ScalingLimited", str(decision.limited), *decision.limit)
        return decision.replicas

    # -- metrics -------------------------------------------------------------------------------------------

    def _measure(
        self, item: HorizontalPodAutoscaler, scale: Scale
    ) -> tuple[Answer | None, tuple[MetricStatus, ...]]:
        """The metric that asks for most, and every metric's status.

        None where no metric gave a size, or where some gave none and the others would scale down: what
        can't be seen may be the reason to stay.
        """
        pods = self._pods(item, scale)
        best: Answer | None = None
        statuses: list[MetricStatus] = []
        failed: list[FailedMetricError] = []
        for metric in item.spec.metrics:
            try:
                answer = self._reader.propose(metric, scale, pods, item.meta.namespace, self._env.now)
            except FailedMetricError as error:
                self._warn(item, error.reason, error.message)
                failed.append(error)
                statuses.append(MetricStatus())
                continue
            statuses.append(answer.status)
            if best is None or answer.proposal.replicas > best.proposal.replicas:
                best = answer
        if failed and (best is None or best.proposal.replicas < scale.replicas):
            first, total = failed[0], len(item.spec.metrics)
            message = f"the HPA was unable to compute the replica count: {first.message}"
            self._set(item, "ScalingActive", "False", first.reason, message)
            invalid = (
                f"invalid metrics ({len(failed)} invalid out of {total}), first error is: {first.wrapped}"
            )
            self._warn(item, "FailedComputeMetricsReplicas", invalid)
            return None, tuple(statuses)
        assert best is not None, "an autoscaler has at least one metric"
        message = f"the HPA was able to successfully calculate a replica count from {best.name}"
        self._set(item, "ScalingActive", "True", "ValidMetricFound", message)
        return best, tuple(statuses)

    def _pods(self, item: HorizontalPodAutoscaler, scale: Scale) -> Sequence[Pod]:
        return [
            pod
            for pod in self._cluster.pods
            if pod.meta.namespace == item.meta.namespace and matches(scale.selector, pod.meta.labels)
        ]

    # -- writing -------------------------------------------------------------------------------------------

    @staticmethod
    def _write(
        item: HorizontalPodAutoscaler, current: int, desired: int, statuses: tuple[MetricStatus, ...]
    ) -> None:
        item.status = HorizontalPodAutoscalerStatus(
            current, desired, item.status.last_scale_at, statuses, item.status.conditions
        )

    def _set(self, item: HorizontalPodAutoscaler, type_: str, status: str, reason: str, message: str) -> None:
        """Write a condition; unlike other controllers this one writes reason and message every time."""
        conditions, now = item.status.conditions, self._env.now
        found = find_condition(conditions, type_)
        if found is None:
            conditions.append(Condition(type_, status, reason, message, now, now))
            return
        if found.status != status:
            found.last_transition_at = now
        if (found.status, found.reason, found.message) != (status, reason, message):
            found.last_update_at = now
        found.status, found.reason, found.message = status, reason, message

    def _report(self, item: HorizontalPodAutoscaler, reason: str, message: str) -> None:
        self._cluster.record(self._env.now, item, reason, message, component=COMPONENT)

    def _warn(self, item: HorizontalPodAutoscaler, reason: str, message: str) -> None:
        self._cluster.record(self._env.now, item, reason, message, component=COMPONENT, warning=True)
