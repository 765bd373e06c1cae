"""HorizontalPodAutoscalers on the console: their row, their description, their manifest.

Sources: kubernetes pkg/printers/internalversion/printers.go (``formatHPAMetrics``), kubectl pkg/describe
(``describeHorizontalPodAutoscalerV2``).
"""

from __future__ import annotations

from typing import Final

from simulator.drill.console.kubectl.columns import age
from simulator.drill.console.objects.descriptions import annotation_lines, pairs_lines, rfc1123
from simulator.drill.console.objects.manifests import conditions_tree, kept
from simulator.drill.console.objects.views import Row, Tree, columns, describes, writes
from simulator.units import format_milli
from simulator.world import Cluster
from simulator.world.autoscaling import (
    HorizontalPodAutoscaler,
    MetricSpec,
    MetricStatus,
    MetricTarget,
    ScalingRules,
)

#: Metrics that the TARGETS cell shows in full.
_SHOWN: Final = 2


@columns(
    HorizontalPodAutoscaler,
    ("NAME", "REFERENCE", "TARGETS", "MINPODS", "MAXPODS", "REPLICAS", "AGE"),
)
def _row(item: HorizontalPodAutoscaler, now: int) -> Row:
    spec = item.spec
    cells = (
        item.meta.name,
        f"{spec.target.kind}/{spec.target.name}",
        _targets(item),
        str(spec.min_replicas),
        str(spec.max_replicas),
        str(item.status.current_replicas),
        age(item.meta.created_at, now),
    )
    return Row(cells, cells)


def _targets(item: HorizontalPodAutoscaler) -> str:
    """``cpu: 63%/50%``; more than two metrics are counted."""
    cells = [_target(metric, status) for metric, status in _measured(item)]
    shown = ", ".join(cells[:_SHOWN])
    return f"{shown} + {len(cells) - _SHOWN} more..." if len(cells) > _SHOWN else shown


def _measured(item: HorizontalPodAutoscaler) -> list[tuple[MetricSpec, MetricStatus]]:
    statuses = list(item.status.current_metrics)
    statuses += [MetricStatus()] * (len(item.spec.metrics) - len(statuses))
    return list(zip(item.spec.metrics, statuses, strict=False))


def _target(metric: MetricSpec, status: MetricStatus) -> str:
    current, wanted = _current(metric.target, status), _wanted(metric.target)
    if metric.type in ("Resource", "ContainerResource"):
        return f"{metric.name}: {current}/{wanted}"
    average = " (avg)" if metric.type != "Pods" and metric.target.average_value is not None else ""
    return f"{current}/{wanted}{average}"


def _current(target: MetricTarget, status: MetricStatus) -> str:
    if target.utilization is not None:
        return "<unknown>" if status.utilization is None else f"{status.utilization}%"
    value = status.average_milli if target.average_value is not None else status.value_milli
    return "<unknown>" if value is None else format_milli(value)


def _wanted(target: MetricTarget) -> str:
    if target.utilization is not None:
        return f"{target.utilization}%"
    return str(target.average_value if target.average_value is not None else target.value)


@describes(HorizontalPodAutoscaler)
def _describe(item: HorizontalPodAutoscaler, cluster: Cluster, _now: int) -> list[str]:
    spec, status = item.spec, item.status
    lines = [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        *pairs_lines("Labels", item.meta.labels),
        *annotation_lines(item.meta.annotations),
        f"CreationTimestamp:\t{rfc1123(item.meta.created_at, cluster)}",
        f"Reference:\t{spec.target.kind}/{spec.target.name}",
        "Metrics:\t( current / target )",
        *(f"  {_described(metric, one)}" for metric, one in _measured(item)),
        f"Min replicas:\t{spec.min_replicas}",
        f"Max replicas:\t{spec.max_replicas}",
    ]
    if spec.behavior is not None:
        lines.append("Behavior:")
        lines += _direction("Scale Up", spec.behavior.scale_up)
        lines += _direction("Scale Down", spec.behavior.scale_down)
    replicas = f"{status.current_replicas} current / {status.desired_replicas} desired"
    lines.append(f"{spec.target.kind} pods:\t{replicas}")
    if status.conditions:
        lines += ["Conditions:", "  Type\tStatus\tReason\tMessage", "  ----\t------\t------\t-------"]
        lines += [f"  {one.type}\t{one.status}\t{one.reason}\t{one.message}" for one in status.conditions]
    return lines


def _described(metric: MetricSpec, status: MetricStatus) -> str:
    target, current = metric.target, _current(metric.target, status)
    if target.utilization is not None and status.average_milli is not None:
        current = f"{current} ({format_milli(status.average_milli)})"
    amounts = f"{current} / {_wanted(target)}"
    share = "  (as a percentage of request)" if target.utilization is not None else ""
    which = "(target value)" if target.value is not None else "(target average value)"
    match metric.type:
        case "Resource":
            return f"resource {metric.name} on pods{share}:\t{amounts}"
        case "ContainerResource":
            return f'resource {metric.name} of container "{metric.container}" on pods{share}:\t{amounts}'
        case "Pods":
            return f'"{metric.name}" on pods:\t{amounts}'
        case "Object":
            return f'"{metric.name}" on {"/".join(metric.described)} {which}:\t{amounts}'
        case "External":
            return f'"{metric.name}" {which}:\t{amounts}'


def _direction(title: str, rules: ScalingRules) -> list[str]:
    return [
        f"  {title}:",
        f"    Stabilization Window: {rules.stabilization_seconds} seconds",
        f"    Select Policy: {rules.select}",
        "    Policies:",
        *(
            f"      - Type: {policy.type}\tValue: {policy.value}\tPeriod: {policy.period_seconds} seconds"
            for policy in rules.policies
        ),
    ]


@writes(HorizontalPodAutoscaler)
def _manifest(item: HorizontalPodAutoscaler, cluster: Cluster) -> dict[str, Tree]:
    spec, status = item.spec, item.status
    behavior: dict[str, Tree] | None = None
    if spec.behavior is not None:
        behavior = {
            "scaleDown": _rules_tree(spec.behavior.scale_down),
            "scaleUp": _rules_tree(spec.behavior.scale_up),
        }
    scaled_at = None if status.last_scale_at is None else cluster.timestamp(status.last_scale_at)
    current: list[Tree] = [
        _metric_tree(metric, _current_tree(one), "current")
        for metric, one in _measured(item)
        if one != MetricStatus()
    ]
    return {
        "spec": kept(
            {
                "behavior": behavior,
                "maxReplicas": spec.max_replicas,
                "metrics": [
                    _metric_tree(metric, _target_tree(metric.target), "target") for metric in spec.metrics
                ],
                "minReplicas": spec.min_replicas,
                "scaleTargetRef": {
                    "apiVersion": spec.target.api_version,
                    "kind": spec.target.kind,
                    "name": spec.target.name,
                },
            }
        ),
        "status": kept(
            {
                "conditions": conditions_tree(status.conditions, cluster),
                "currentMetrics": current,
                "currentReplicas": status.current_replicas,
                "desiredReplicas": status.desired_replicas,
                "lastScaleTime": scaled_at,
            }
        ),
    }


def _rules_tree(rules: ScalingRules) -> dict[str, Tree]:
    return {
        "policies": [
            {"periodSeconds": each.period_seconds, "type": each.type, "value": each.value}
            for each in rules.policies
        ],
        "selectPolicy": rules.select,
        "stabilizationWindowSeconds": rules.stabilization_seconds,
    }


def _target_tree(target: MetricTarget) -> dict[str, Tree]:
    if target.utilization is not None:
        return {"averageUtilization": target.utilization, "type": "Utilization"}
    if target.average_value is not None:
        return {"averageValue": str(target.average_value), "type": "AverageValue"}
    return {"type": "Value", "value": str(target.value)}


def _current_tree(status: MetricStatus) -> dict[str, Tree]:
    return kept(
        {
            "averageUtilization": status.utilization,
            "averageValue": "" if status.average_milli is None else format_milli(status.average_milli),
            "value": "" if status.value_milli is None else format_milli(status.value_milli),
        }
    )


def _metric_tree(metric: MetricSpec, amount: dict[str, Tree], side: str) -> dict[str, Tree]:
    """One metric of the spec (``side`` is ``target``) or of the status (``current``)."""
    if metric.type in ("Resource", "ContainerResource"):
        inside = kept({"container": metric.container, side: amount, "name": metric.name})
    else:
        selector: Tree = {"matchLabels": dict(metric.selector)} if metric.selector else None
        inside = {"metric": kept({"name": metric.name, "selector": selector}), side: amount}
    if metric.type == "Object":
        kind, name = metric.described
        inside["describedObject"] = {"apiVersion": "v1", "kind": kind, "name": name}
    block = metric.type[0].lower() + metric.type[1:]
    return {block: inside, "type": metric.type}
