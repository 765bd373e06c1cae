"""From a declared HorizontalPodAutoscaler to the cluster's object, with what the API server fills in."""

from __future__ import annotations

from simulator.scenario import autoscaling as declared
from simulator.units import parse_milli
from simulator.world import Cluster, ObjectMeta, kind_named
from simulator.world.autoscaling import (
    DEFAULT_METRICS,
    DEFAULT_SCALE_DOWN,
    DEFAULT_SCALE_UP,
    Behavior,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerSpec,
    HorizontalPodAutoscalerStatus,
    MetricSpec,
    MetricTarget,
    Quantity,
    ScalingPolicy,
    ScalingRules,
    TargetReference,
)
from simulator.world.scales import scale_of


def build_autoscaler(cluster: Cluster, item: declared.Autoscaler) -> None:
    """Add one autoscaler, as old as its target and content with its size.

    Args:
        cluster: Where; the target is there already.
        item: As declared.
    """
    spec = item.spec
    reference = spec.scale_target_ref
    target = cluster.get(kind_named(reference.kind), reference.name)
    scale = scale_of(target)
    replicas = scale.replicas if scale is not None else 0
    cluster.add(
        HorizontalPodAutoscaler(
            ObjectMeta(
                item.name,
                cluster.namespace,
                labels=dict(item.metadata.labels),
                annotations=dict(item.metadata.annotations),
                created_at=target.meta.created_at,
            ),
            HorizontalPodAutoscalerSpec(
                TargetReference(reference.kind, reference.name, reference.api_version),
                spec.max_replicas,
                spec.min_replicas,
                tuple(_metric(each) for each in spec.metrics) or DEFAULT_METRICS,
                _behavior(spec.behavior) if spec.behavior is not None else None,
            ),
            HorizontalPodAutoscalerStatus(replicas, replicas),
        )
    )


def _quantity(text: str | None) -> Quantity | None:
    return None if text is None else Quantity(parse_milli(text, where="target"), text)


def _metric(metric: declared.MetricSpec) -> MetricSpec:
    source = metric.source
    target = MetricTarget(
        source.target.average_utilization,
        _quantity(source.target.average_value),
        _quantity(source.target.value),
    )
    if isinstance(source, declared.ResourceSource):
        container = source.container if isinstance(source, declared.ContainerResourceSource) else ""
        return MetricSpec(metric.type, source.name, target, container)
    described = ("", "")
    if isinstance(source, declared.ObjectSource):
        described = (source.described_object.kind, source.described_object.name)
    return MetricSpec(
        metric.type, source.metric.name, target, selector=dict(source.metric.selector), described=described
    )


def _behavior(behavior: declared.ScalingBehavior) -> Behavior:
    return Behavior(
        _rules(behavior.scale_up, DEFAULT_SCALE_UP), _rules(behavior.scale_down, DEFAULT_SCALE_DOWN)
    )


def _rules(rules: declared.ScalingRules, default: ScalingRules) -> ScalingRules:
    window = rules.stabilization_window_seconds
    return ScalingRules(
        tuple(ScalingPolicy(each.type, each.value, each.period_seconds) for each in rules.policies)
        or default.policies,
        rules.select_policy,
        default.stabilization_seconds if window is None else window,
    )
