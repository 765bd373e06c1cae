"""What an autoscaler's metrics ask for: each read where it comes from, and made a proposed size.

Source: kubernetes/kubernetes pkg/controller/podautoscaler/horizontal.go (``computeReplicasForMetric``).
Custom and external metrics come through the metric port, by the query that the metrics adapter is configured
with.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from simulator.engine.autoscaling.replicas import (
    NoReplicaCountError,
    Proposal,
    Sample,
    by_average,
    by_utilization,
    by_value,
    by_value_per_pod,
)
from simulator.engine.metrics import MetricPort, NoData
from simulator.errors import GamedayError
from simulator.units import MINUTE
from simulator.world import Pod
from simulator.world.autoscaling import MetricSpec, MetricStatus, Usage
from simulator.world.scales import Scale

#: Where the adapter's query has the labels of whom it is asked about (prometheus-adapter's notation). The
#: series of this cluster carry no namespace, so the adapter is told of none.
LABEL_MATCHERS = "<<.LabelMatchers>>"
_REASONS = {
    "Resource": "FailedGetResourceMetric",
    "ContainerResource": "FailedGetContainerResourceMetric",
    "Pods": "FailedGetPodsMetric",
    "Object": "FailedGetObjectMetric",
    "External": "FailedGetExternalMetric",
}


class ResourceMetrics(Protocol):
    """The metrics server, as an autoscaler needs it."""

    def pod(self, pod: Pod) -> Usage | None:
        """What a pod takes, or None while that is not known."""


class FailedMetricError(Exception):
    """A metric that gave no size.

    Attributes:
        reason: Of the event and the condition.
        message: Of the event.
        wrapped: The message as ``computeReplicasForMetric`` passes it on.
    """

    def __init__(self, metric: MetricSpec, message: str) -> None:
        super().__init__(message)
        self.reason = _REASONS[metric.type]
        self.message = message
        what = {
            "Resource": f"{metric.name} resource metric value",
            "ContainerResource": f"{metric.name} container metric value",
            "Pods": "pods metric value",
            "Object": "object metric value",
            "External": f"{metric.name} external metric value",
        }[metric.type]
        self.wrapped = f"failed to get {what}: {message}"


@dataclass(frozen=True, slots=True)
class Answer:
    """A metric's proposal, its name as messages have it, and its status."""

    proposal: Proposal
    name: str
    status: MetricStatus


class MetricReader:
    """Reads metrics and proposes sizes.

    Args:
        resources: CPU and memory.
        port: Everything else.
        queries: Metric name to the adapter's query.
    """

    def __init__(self, resources: ResourceMetrics, port: MetricPort, queries: Mapping[str, str]) -> None:
        self._resources = resources
        self._port = port
        self._queries = queries

    def propose(
        self, metric: MetricSpec, scale: Scale, pods: Sequence[Pod], namespace: str, now: int
    ) -> Answer:
        """The size that one metric asks for.

        Args:
            metric: Which.
            scale: Of the target.
            pods: That its selector matches.
            namespace: Of the autoscaler.
            now: ns.

        Raises:
            FailedMetricError: It can't be had, or no size follows from it.
        """
        try:
            match metric.type:
                case "Resource" | "ContainerResource":
                    return self._by_resource(metric, scale, pods, now)
                case "Pods":
                    return self._by_pods(metric, scale, pods, now)
                case "Object" | "External":
                    return self._by_whole(metric, scale, pods, namespace, now)
        except NoReplicaCountError as error:
            raise FailedMetricError(metric, _explained(metric, str(error))) from None

    # -- resources -----------------------------------------------------------------------------------------

    def _by_resource(self, metric: MetricSpec, scale: Scale, pods: Sequence[Pod], now: int) -> Answer:
        cpu = metric.name == "cpu"
        samples = {}
        for pod in pods:
            usage = self._resources.pod(pod)
            if usage is not None and _measured(metric, pod):
                value = usage.cpu_milli if cpu else usage.memory_bytes * 1000
                samples[pod.meta.name] = Sample(value, usage.at, usage.window)
        if not samples:
            message = "no metrics returned from resource metrics API"
            raise NoReplicaCountError(f"unable to get metrics for resource {metric.name}: {message}")
        if not pods:
            raise NoReplicaCountError("no pods returned by selector while calculating replica count")
        kind = " container" if metric.container else ""
        average = metric.target.average_value
        if average is not None:
            proposal = by_average(scale.replicas, average.milli, pods, samples, cpu=cpu, now=now)
            status = MetricStatus(average_milli=proposal.usage)
            return Answer(proposal, f"{metric.name}{kind} resource", status)
        assert metric.target.utilization is not None, "a resource has a utilization or an average value"
        requests = {pod.meta.name: _request(metric, pod) for pod in pods}
        proposal = by_utilization(
            scale.replicas, metric.target.utilization, pods, samples, requests, cpu=cpu, now=now
        )
        status = MetricStatus(proposal.utilization, proposal.usage)
        return Answer(proposal, f"{metric.name}{kind} resource utilization (percentage of request)", status)

    # -- custom and external metrics -----------------------------------------------------------------------

    def _by_pods(self, metric: MetricSpec, scale: Scale, pods: Sequence[Pod], now: int) -> Answer:
        samples = {}
        for pod in pods:
            value = self._ask(metric, {"pod": pod.meta.name, **metric.selector}, now)
            if value is not None:
                samples[pod.meta.name] = Sample(value, now, MINUTE)
        if not samples:
            raise NoReplicaCountError(
                f"unable to get metric {metric.name}: no metrics returned from custom metrics API"
            )
        assert metric.target.average_value is not None, "a pods metric has an average value"
        proposal = by_average(
            scale.replicas, metric.target.average_value.milli, pods, samples, cpu=False, now=now
        )
        return Answer(proposal, f"pods metric {metric.name}", MetricStatus(average_milli=proposal.usage))

    def _by_whole(
        self, metric: MetricSpec, scale: Scale, pods: Sequence[Pod], namespace: str, now: int
    ) -> Answer:
        kind, described = metric.described
        external = metric.type == "External"
        labels = {} if external else {kind.lower(): described}
        usage = self._ask(metric, {**labels, **metric.selector}, now)
        if usage is None:
            api = "external" if external else "custom"
            where = f"external metric {namespace}/{metric.name}/" if external else f"metric {metric.name}"
            where += "" if external else f": {kind} on {namespace} {described}/"
            raise NoReplicaCountError(f"unable to get {where}: no metrics returned from {api} metrics API")
        name = f"external metric {metric.name}(nil)" if external else f"{kind} metric {metric.name}"
        average = metric.target.average_value
        if average is not None:
            proposal = by_value_per_pod(scale.current, average.milli, usage)
            return Answer(proposal, name, MetricStatus(average_milli=proposal.usage))
        assert metric.target.value is not None, "a metric of the whole has a value or an average value"
        ready = sum(pod.status.phase == "Running" and pod.ready for pod in pods)
        proposal = by_value(scale.replicas, metric.target.value.milli, usage, ready)
        return Answer(proposal, name, MetricStatus(value_milli=usage))

    def _ask(self, metric: MetricSpec, labels: Mapping[str, str], now: int) -> int | None:
        """The metric's value in thousandths, or None without data."""
        query = self._queries.get(metric.name)
        if query is None:
            return None
        matchers = ",".join(f'{name}="{value}"' for name, value in labels.items())
        try:
            value = self._port.query(query.replace(LABEL_MATCHERS, matchers), now)
        except GamedayError as error:
            raise NoReplicaCountError(f"unable to get metric {metric.name}: {error.got}") from None
        return None if isinstance(value, NoData) else round(value * 1000)


def _measured(metric: MetricSpec, pod: Pod) -> bool:
    """Whether the metric reads a container that does the work, which is the first."""
    return not metric.container or metric.container == pod.spec.containers[0].name


def _request(metric: MetricSpec, pod: Pod) -> int:
    """What a pod's containers, or the one that is meant, request: thousandths.

    Raises:
        NoReplicaCountError: A container requests none.
    """
    total = 0
    for container in pod.spec.containers:
        if metric.container not in ("", container.name):
            continue
        cpu = metric.name == "cpu"
        request = container.cpu_request_millicores if cpu else container.memory_request_bytes * 1000
        if not request:
            raise NoReplicaCountError(
                f"missing request for {metric.name} in container {container.name} of Pod {pod.meta.name}"
            )
        total += request
    return total


def _explained(metric: MetricSpec, message: str) -> str:
    """The message with what was being computed, as upstream wraps it."""
    match metric.type:
        case "Resource" | "ContainerResource":
            what = "utilization" if metric.target.utilization is not None else "usage"
            return f"failed to get {metric.name} {what}: {message}"
        case "External" if metric.target.average_value is not None:
            return f"failed to get {metric.name} external metric: {message}"
        case "External":
            return f"failed to get external metric {metric.name}: {message}"
        case _:
            return message
