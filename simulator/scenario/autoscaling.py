"""HorizontalPodAutoscalers, as an operator declares them in Kubernetes' words (autoscaling/v2).

``model.queries`` is what the metrics adapter is configured with, for metrics that are no resources: the
metric's name and the query that answers for it, in prometheus-adapter's notation with ``<<.LabelMatchers>>``.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic.json_schema import WithJsonSchema

from simulator.errors import GamedayError
from simulator.scenario.fields import Count, Labels, Line, Model, Name, Positive, refused, shown
from simulator.scenario.workloads import Metadata
from simulator.units import parse_milli

MetricType = Literal["Resource", "ContainerResource", "Pods", "Object", "External"]
TargetType = Literal["Utilization", "AverageValue", "Value"]
#: Which targets each type of metric takes (pkg/apis/autoscaling/validation).
_TARGETS: Final[dict[str, tuple[TargetType, ...]]] = {
    "Resource": ("Utilization", "AverageValue"),
    "ContainerResource": ("Utilization", "AverageValue"),
    "Pods": ("AverageValue",),
    "Object": ("Value", "AverageValue"),
    "External": ("Value", "AverageValue"),
}
_BLOCKS: Final = {
    "Resource": "resource",
    "ContainerResource": "container_resource",
    "Pods": "pods",
    "Object": "object",
    "External": "external",
}


def _amount(value: object) -> str:
    text = value if isinstance(value, str) else str(value) if type(value) in (int, float) else ""
    try:
        milli = parse_milli(text, where="")
    except GamedayError as error:
        raise refused(
            expected="a quantity such as 100, 500m or 200Mi", got=shown(value), todo=error.todo
        ) from None
    if milli <= 0:
        raise refused(expected="a quantity above 0", got=shown(value), todo="A target of 0 is never met.")
    return text


#: A quantity, kept as written.
Amount = Annotated[str, BeforeValidator(_amount), WithJsonSchema({"type": ["string", "number"]})]


class MetricTarget(Model):
    """What a metric shall be. ``type`` names the one field that is given."""

    type: TargetType
    average_utilization: Annotated[int, Field(ge=1, le=1000)] | None = None
    """Percent of what the pods request."""
    average_value: Amount | None = None
    value: Amount | None = None

    @model_validator(mode="after")
    def _one_value(self) -> Self:
        fields = {"Utilization": "average_utilization", "AverageValue": "average_value", "Value": "value"}
        for type_, name in fields.items():
            if (getattr(self, name) is not None) != (type_ == self.type):
                wanted = type(self).model_fields[fields[self.type]].alias
                raise refused(
                    expected=f"{wanted} alone beside type: {self.type}",
                    got=", ".join(
                        type(self).model_fields[each].alias or each
                        for each in fields.values()
                        if getattr(self, each) is not None
                    )
                    or "no value",
                    todo="Each type has one field of its own.",
                )
        return self


class MetricIdentifier(Model):
    """The name of a metric that is no resource, and labels that narrow it."""

    name: Line
    selector: Labels = Field(default_factory=dict)


class ResourceSource(Model):
    """CPU or memory of the pods."""

    name: Literal["cpu", "memory"]
    target: MetricTarget


class ContainerResourceSource(ResourceSource):
    """CPU or memory of one container in each pod."""

    container: Name


class PodsSource(Model):
    """A metric that each pod has."""

    metric: MetricIdentifier
    target: MetricTarget


class DescribedObject(Model):
    """Whom a metric of type ``Object`` is about."""

    kind: Line
    name: Name
    api_version: Line = "v1"


class ObjectSource(PodsSource):
    """A metric of one other object, such as the requests of a Service."""

    described_object: DescribedObject


class ExternalSource(PodsSource):
    """A metric of something outside the cluster."""


class MetricSpec(Model):
    """One metric; ``type`` names the one block that is given."""

    type: MetricType
    resource: ResourceSource | None = None
    container_resource: ContainerResourceSource | None = None
    pods: PodsSource | None = None
    object: ObjectSource | None = None
    external: ExternalSource | None = None

    @model_validator(mode="after")
    def _one_block(self) -> Self:
        given = [name for name in _BLOCKS.values() if getattr(self, name) is not None]
        if given != [_BLOCKS[self.type]]:
            fields = type(self).model_fields
            raise refused(
                expected=f"{fields[_BLOCKS[self.type]].alias} alone beside type: {self.type}",
                got=", ".join(fields[name].alias or name for name in given) or "no block",
                todo="Each type has one block of its own.",
            )
        if self.source.target.type not in _TARGETS[self.type]:
            raise refused(
                expected=f"a target of type {' or '.join(_TARGETS[self.type])}",
                got=self.source.target.type,
                todo=f"A metric of type {self.type} takes no other.",
            )
        return self

    @property
    def source(self) -> ResourceSource | PodsSource:
        """The block that is given."""
        source: ResourceSource | PodsSource = getattr(self, _BLOCKS[self.type])
        return source


class ScalingPolicy(Model):
    """How far one step may go within a period."""

    type: Literal["Pods", "Percent"]
    value: Positive
    period_seconds: Annotated[int, Field(ge=1, le=1800)]


class ScalingRules(Model):
    """How one direction behaves; what is absent has Kubernetes' default."""

    stabilization_window_seconds: Annotated[int, Field(ge=0, le=3600)] | None = None
    select_policy: Literal["Max", "Min", "Disabled"] = "Max"
    policies: Annotated[tuple[ScalingPolicy, ...], Field(max_length=8)] = ()


class ScalingBehavior(Model):
    """How fast it may go, up and down."""

    scale_up: ScalingRules = ScalingRules()
    scale_down: ScalingRules = ScalingRules()


class ScaleTargetRef(Model):
    """Whose size is set."""

    kind: Literal["Deployment", "ReplicaSet", "Rollout"] = "Deployment"
    name: Name
    api_version: Literal["apps/v1", "argoproj.io/v1alpha1"] = "apps/v1"


class AutoscalerSpec(Model):
    """A HorizontalPodAutoscaler's spec; without metrics it is 80 % of the requested CPU."""

    scale_target_ref: ScaleTargetRef
    min_replicas: Count = 1
    max_replicas: Positive
    metrics: Annotated[tuple[MetricSpec, ...], Field(max_length=8)] = ()
    behavior: ScalingBehavior | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_replicas > self.max_replicas:
            raise refused(
                expected=f"maxReplicas of at least minReplicas ({self.min_replicas})",
                got=str(self.max_replicas),
                todo="Mend one of them.",
            )
        if self.min_replicas == 0 and all(
            metric.type not in ("Object", "External") for metric in self.metrics
        ):
            raise refused(
                expected="minReplicas of at least 1 without an Object or External metric",
                got="0",
                todo="With no pod there is nothing to measure.",
            )
        return self


class AutoscalerModel(Model):
    """What the metrics adapter answers with."""

    queries: dict[str, Line] = Field(default_factory=dict)
    """Metric name: PromQL, with ``<<.LabelMatchers>>`` where the labels of the pod or object belong."""


class Autoscaler(Model):
    """A HorizontalPodAutoscaler."""

    api_version: Literal["autoscaling/v2"] = "autoscaling/v2"
    kind: Literal["HorizontalPodAutoscaler"] = "HorizontalPodAutoscaler"
    metadata: Metadata
    spec: AutoscalerSpec
    model: AutoscalerModel = AutoscalerModel()

    @property
    def name(self) -> str:
        return self.metadata.name
