"""Autoscalers, disruption budgets and nodes out of manifests, as patch, edit and apply write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Literal, TypeVar, cast

from simulator.drill.console.objects.fields import DecodingError, Fields
from simulator.drill.console.objects.reading_placement import effect_of, labels_of
from simulator.drill.console.objects.views import Tree, reads
from simulator.engine.nodes.cordon import set_unschedulable
from simulator.errors import GamedayError
from simulator.units import parse_milli
from simulator.world import Cluster, IntOrPercent, Node
from simulator.world.autoscaling import (
    DEFAULT_METRICS,
    DEFAULT_SCALE_DOWN,
    DEFAULT_SCALE_UP,
    Behavior,
    HorizontalPodAutoscaler,
    HorizontalPodAutoscalerSpec,
    MetricSpec,
    MetricTarget,
    MetricType,
    PolicyType,
    Quantity,
    ScalingPolicy,
    ScalingRules,
    SelectPolicy,
    TargetReference,
)
from simulator.world.disruption import DisruptionBudget, DisruptionBudgetSpec
from simulator.world.placement import UNSCHEDULABLE_TAINT, Effect, Taint
from simulator.world.workloads import scaled_value

_Text = TypeVar("_Text", bound=str)


def _spec(tree: Tree) -> Fields:
    """The spec of a manifest, without what every kind has around it."""
    top = Fields(tree)
    top.ignore("apiVersion", "kind", "metadata", "status")
    spec = top.inside("spec")
    top.done()
    return spec


def _one_of(fields: Fields, name: str, known: tuple[_Text, ...], default: _Text | None = None) -> _Text:
    text = fields.text(name, default or "")
    if text not in known:
        supported = ", ".join(f'"{each}"' for each in known)
        raise DecodingError(f'Unsupported value: "{text}": supported values: {supported}', fields.at(name))
    return text


def _written(cluster: Cluster, item: Any, spec: object) -> bool:
    """Give an object another spec whole; whether it differs from the one it had."""
    if item.spec == spec:
        return False
    item.spec = spec
    item.meta.generation += 1
    cluster.changed(item)
    return True


# --- autoscalers ----------------------------------------------------------------------------------


@reads(HorizontalPodAutoscaler)
def _autoscaler(item: HorizontalPodAutoscaler, tree: Tree, cluster: Cluster, _now: int) -> bool:
    spec = _spec(tree)
    target = spec.inside("scaleTargetRef")
    reference = TargetReference(
        target.text("kind"), target.text("name"), target.text("apiVersion", "apps/v1")
    )
    target.done()
    behavior = _behavior(spec.inside("behavior")) if spec.has("behavior") else None
    spec.ignore("behavior")
    after = HorizontalPodAutoscalerSpec(
        reference,
        spec.number("maxReplicas", 0, least=1),
        spec.number("minReplicas", 1),
        spec.many("metrics", _metric) or DEFAULT_METRICS,
        behavior,
    )
    spec.done()
    if after.max_replicas < after.min_replicas:
        said = f"Invalid value: {after.max_replicas}: must be greater than or equal to `minReplicas`"
        raise DecodingError(said, "spec.maxReplicas")
    return _written(cluster, item, after)


def _metric(fields: Fields) -> MetricSpec:
    types: tuple[MetricType, ...] = ("Resource", "ContainerResource", "Pods", "Object", "External")
    kind = _one_of(fields, "type", types)
    inside = fields.inside(kind[0].lower() + kind[1:])
    described = inside.inside("describedObject")
    described.ignore("apiVersion")
    whom = described.text("kind"), described.text("name")
    described.done()
    metric = inside.inside("metric")
    name = metric.text("name") or inside.text("name")
    selector = labels_of(metric, "selector")
    metric.done()
    container = inside.text("container")
    target = _target(inside.inside("target"))
    inside.done()
    fields.done()
    if not name:
        raise DecodingError("Required value: must specify a metric name", inside.at("name"))
    return MetricSpec(kind, name, target, container, selector, whom)


def _target(fields: Fields) -> MetricTarget:
    types: tuple[Literal["Utilization", "AverageValue", "Value"], ...]
    types = ("Utilization", "AverageValue", "Value")
    kind = _one_of(fields, "type", types)
    made = MetricTarget(
        fields.number("averageUtilization", 0, least=1) if kind == "Utilization" else None,
        _quantity(fields, "averageValue") if kind == "AverageValue" else None,
        _quantity(fields, "value") if kind == "Value" else None,
    )
    fields.done()
    return made


def _quantity(fields: Fields, name: str) -> Quantity:
    text = str(fields.raw(name))
    try:
        return Quantity(parse_milli(text, where=""), text)
    except GamedayError:
        said = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
        raise DecodingError(said, fields.at(name)) from None


def _behavior(fields: Fields) -> Behavior:
    made = Behavior(
        _rules(fields.inside("scaleUp"), DEFAULT_SCALE_UP),
        _rules(fields.inside("scaleDown"), DEFAULT_SCALE_DOWN),
    )
    fields.done()
    return made


def _rules(fields: Fields, default: ScalingRules) -> ScalingRules:
    selects: tuple[SelectPolicy, ...] = ("Max", "Min", "Disabled")
    made = ScalingRules(
        fields.many("policies", _policy) or default.policies,
        _one_of(fields, "selectPolicy", selects, "Max"),
        fields.number("stabilizationWindowSeconds", default.stabilization_seconds),
    )
    fields.done()
    return made


def _policy(fields: Fields) -> ScalingPolicy:
    types: tuple[PolicyType, ...] = ("Pods", "Percent")
    made = ScalingPolicy(
        _one_of(fields, "type", types),
        fields.number("value", 0, least=1),
        fields.number("periodSeconds", 0, least=1),
    )
    fields.done()
    return made


# --- budgets and nodes ----------------------------------------------------------------------------


@reads(DisruptionBudget)
def _budget(item: DisruptionBudget, tree: Tree, cluster: Cluster, _now: int) -> bool:
    spec = _spec(tree)
    after = DisruptionBudgetSpec(
        labels_of(spec, "selector"), _amount(spec, "minAvailable"), _amount(spec, "maxUnavailable")
    )
    spec.done()
    if after.selector != dict(item.spec.selector):
        raise DecodingError("field is immutable", "spec.selector")
    if (after.min_available is None) == (after.max_unavailable is None):
        said = "Invalid value: minAvailable and maxUnavailable cannot be both set"
        if after.min_available is None:
            said = "Required value: one of minAvailable and maxUnavailable"
        raise DecodingError(said, "spec")
    return _written(cluster, item, after)


def _amount(fields: Fields, name: str) -> IntOrPercent | None:
    value = fields.raw(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise DecodingError(
            "json: cannot unmarshal into Go value of type intstr.IntOrString", fields.at(name)
        )
    try:
        scaled_value(value, 1, round_up=True)
    except GamedayError:
        said = f"Invalid value: \"{value}\": a valid percent string must be a numeric string followed by '%'"
        raise DecodingError(said, fields.at(name)) from None
    return value


@reads(Node)
def _node(item: Node, tree: Tree, cluster: Cluster, now: int) -> bool:
    spec = _spec(tree)
    unschedulable = spec.truth("unschedulable")
    taints = spec.many("taints", _taint_at(now, item.spec.taints))
    spec.done()
    # The taint that says "cordoned" follows the field, whatever the list says.
    kept = tuple(taint for taint in taints if taint.key != UNSCHEDULABLE_TAINT)
    own = tuple(taint for taint in item.spec.taints if taint.key == UNSCHEDULABLE_TAINT)
    changed = _written(cluster, item, replace(item.spec, taints=(*kept, *own)))
    return set_unschedulable(cluster, now, item, unschedulable) or changed


def _taint_at(now: int, before: tuple[Taint, ...]) -> Callable[[Fields], Taint]:
    """Reads a taint; one that is there already keeps the time from which tolerations are counted."""

    def read(fields: Fields) -> Taint:
        effect = cast("Effect", effect_of(fields, needed=True))
        taint = Taint(fields.text("key"), fields.text("value"), effect, now)
        fields.ignore("timeAdded")
        fields.done()
        return next((each for each in before if each == taint), taint)

    return read
