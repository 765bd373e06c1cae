"""HorizontalPodAutoscalers (autoscaling/v2): what is measured, how far a size may move, and what came of it.

Amounts are integers in thousandths of their unit (``milli``), as Kubernetes computes with ``MilliValue``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from simulator.units import SECOND
from simulator.world.meta import Condition, ObjectMeta

MetricType = Literal["Resource", "ContainerResource", "Pods", "Object", "External"]
PolicyType = Literal["Pods", "Percent"]
SelectPolicy = Literal["Max", "Min", "Disabled"]


@dataclass(frozen=True, slots=True)
class Quantity:
    """An amount as it was written, and in thousandths."""

    milli: int
    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class MetricTarget:
    """What a metric shall be; exactly one of the three is given.

    Attributes:
        utilization: Percent of the pods' requests, on average.
        average_value: Of all pods.
        value: Of the metric itself.
    """

    utilization: int | None = None
    average_value: Quantity | None = None
    value: Quantity | None = None


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """One metric of an autoscaler.

    Attributes:
        type: Where it comes from.
        name: ``cpu`` or ``memory`` of a resource, else the metric's own name.
        target: What it shall be.
        container: Of ``ContainerResource``.
        selector: Labels of a custom or external metric.
        described: (kind, name) of ``Object``.
    """

    type: MetricType
    name: str
    target: MetricTarget
    container: str = ""
    selector: Mapping[str, str] = field(default_factory=dict)
    described: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class ScalingPolicy:
    """How far a size may move within a period.

    Attributes:
        type: Whether ``value`` counts pods or percent of the size at the period's start.
    """

    type: PolicyType
    value: int
    period_seconds: int


@dataclass(frozen=True, slots=True)
class ScalingRules:
    """How one direction of scaling behaves.

    Attributes:
        policies: At least one.
        select: ``Max`` takes the policy that moves furthest, ``Min`` the one that moves least.
        stabilization_seconds: How far back recommendations count.
    """

    policies: tuple[ScalingPolicy, ...]
    select: SelectPolicy = "Max"
    stabilization_seconds: int = 0


#: kube-controller-manager --horizontal-pod-autoscaler-downscale-stabilization.
DOWNSCALE_STABILIZATION_SECONDS: Final = 300
#: pkg/apis/autoscaling/v2/defaults.go.
DEFAULT_SCALE_UP: Final = ScalingRules((ScalingPolicy("Pods", 4, 15), ScalingPolicy("Percent", 100, 15)))
DEFAULT_SCALE_DOWN: Final = ScalingRules(
    (ScalingPolicy("Percent", 100, 15),), stabilization_seconds=DOWNSCALE_STABILIZATION_SECONDS
)


@dataclass(frozen=True, slots=True)
class Behavior:
    """Both directions; a direction that is not declared has Kubernetes' defaults."""

    scale_up: ScalingRules = DEFAULT_SCALE_UP
    scale_down: ScalingRules = DEFAULT_SCALE_DOWN


@dataclass(frozen=True, slots=True)
class TargetReference:
    """Whose size is set: an object with a scale."""

    kind: str
    name: str
    api_version: str = "apps/v1"


#: What an autoscaler without metrics watches.
DEFAULT_METRICS: Final = (MetricSpec("Resource", "cpu", MetricTarget(utilization=80)),)


@dataclass(frozen=True, slots=True)
class HorizontalPodAutoscalerSpec:
    """What an autoscaler shall do; an edit replaces it whole.

    Attributes:
        behavior: None for the controller's older rule: at most double, or four, in one step up.
    """

    target: TargetReference
    max_replicas: int
    min_replicas: int = 1
    metrics: tuple[MetricSpec, ...] = DEFAULT_METRICS
    behavior: Behavior | None = None


@dataclass(frozen=True, slots=True)
class MetricStatus:
    """What one metric was; all None where it could not be had."""

    utilization: int | None = None
    average_milli: int | None = None
    value_milli: int | None = None


@dataclass(slots=True)
class HorizontalPodAutoscalerStatus:
    """What an autoscaler saw and decided last."""

    current_replicas: int = 0
    desired_replicas: int = 0
    last_scale_at: int | None = None
    current_metrics: tuple[MetricStatus, ...] = ()
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class HorizontalPodAutoscaler:
    """Sets the size of a workload by what is measured of its pods."""

    meta: ObjectMeta
    spec: HorizontalPodAutoscalerSpec
    status: HorizontalPodAutoscalerStatus = field(default_factory=HorizontalPodAutoscalerStatus)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a container or a pod takes, as the metrics server gives it.

    Attributes:
        at: End of the window, ns.
        window: ns.
        cpu_nanocores: Mean over the window.
        memory_bytes: At the end of the window.
    """

    at: int
    window: int
    cpu_nanocores: int
    memory_bytes: int

    @property
    def cpu_milli(self) -> int:
        """Millicores, rounded up as ``MilliValue`` does."""
        return -(-self.cpu_nanocores // 1_000_000)


#: How often a HorizontalPodAutoscaler is looked at (--horizontal-pod-autoscaler-sync-period).
SYNC_PERIOD: Final = 15 * SECOND
