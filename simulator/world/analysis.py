"""AnalysisTemplates and AnalysisRuns (argoproj.io/v1alpha1): what is measured, how often, the verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from simulator.world.meta import ObjectMeta

#: Of a measurement, of a metric, and of a whole run.
AnalysisPhase = Literal["Pending", "Running", "Successful", "Failed", "Error", "Inconclusive"]
#: Phases that end a measurement, a metric or a run.
COMPLETED: Final[frozenset[AnalysisPhase]] = frozenset({"Successful", "Failed", "Error", "Inconclusive"})
#: Upstream's ``IsWorse``: the later one wins over the earlier ones.
_SEVERITY: Final[tuple[AnalysisPhase, ...]] = (
    "Pending", "Running", "Successful", "Inconclusive", "Error", "Failed",
)  # fmt: skip

#: A metric with errors in sequence beyond this is itself in error.
DEFAULT_CONSECUTIVE_ERROR_LIMIT: Final = 4
#: Measurements that a run keeps of each metric.
DEFAULT_RETENTION: Final = 10


def worse(one: AnalysisPhase | None, other: AnalysisPhase) -> AnalysisPhase:
    """The graver of two phases."""
    return other if one is None or _SEVERITY.index(other) > _SEVERITY.index(one) else one


@dataclass(frozen=True, slots=True)
class Argument:
    """An argument of a template, or of a use of it.

    Attributes:
        value: Its text; None where it must be given, or comes from ``pod_template_hash`` or ``field_path``.
        pod_template_hash: ``Latest`` or ``Stable``: the hash of that ReplicaSet
            (``valueFrom.podTemplateHashValue``).
        field_path: A field of the Rollout, such as ``metadata.labels['region']``
            (``valueFrom.fieldRef.fieldPath``).
    """

    name: str
    value: str | None = None
    pod_template_hash: Literal["Latest", "Stable"] | None = None
    field_path: str | None = None


@dataclass(frozen=True, slots=True)
class Prometheus:
    """A metric that a PromQL query gives."""

    query: str
    address: str = ""


@dataclass(frozen=True, slots=True)
class Plugin:
    """A metric that a plugin judges by itself, such as ``gameday/mann-whitney``; its settings are texts."""

    name: str
    config: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric of a template.

    Attributes:
        interval: ns between measurements; None measures once.
        initial_delay: ns before the first one.
        count: Measurements in all; None is one without an interval, and without end with one.
        success_condition: An expression over ``result``; empty for none.
        failure_condition: The same.
        failure_limit: Failed measurements that the metric bears; -1 bears any.
        inconclusive_limit: Inconclusive measurements that it bears.
        consecutive_error_limit: Errors in sequence that it bears.
    """

    name: str
    provider: Prometheus | Plugin
    interval: int | None = None
    initial_delay: int = 0
    count: int | None = None
    success_condition: str = ""
    failure_condition: str = ""
    failure_limit: int = 0
    inconclusive_limit: int = 0
    consecutive_error_limit: int = DEFAULT_CONSECUTIVE_ERROR_LIMIT

    @property
    def effective_count(self) -> int | None:
        """How many measurements there will be; None for as long as the run lasts."""
        return 1 if self.count is None and self.interval is None else self.count


@dataclass(frozen=True, slots=True)
class AnalysisSpec:
    """What is measured, in a template or in a run (there the arguments have their values).

    Attributes:
        dry_run: Metrics whose verdict is only told.
        retention: Measurements to keep, by metric, where other than ``DEFAULT_RETENTION``.
        terminate: Whether a run shall end now; what is successful so far then counts.
    """

    metrics: tuple[Metric, ...]
    args: tuple[Argument, ...] = ()
    dry_run: tuple[str, ...] = ()
    retention: Mapping[str, int] = field(default_factory=dict)
    terminate: bool = False


@dataclass(slots=True)
class AnalysisTemplate:
    """A template that Rollouts of its namespace refer to."""

    meta: ObjectMeta
    spec: AnalysisSpec


@dataclass(slots=True)
class ClusterAnalysisTemplate:
    """A template that Rollouts of every namespace refer to, with ``clusterScope: true``."""

    meta: ObjectMeta
    spec: AnalysisSpec


@dataclass(frozen=True, slots=True)
class Measurement:
    """One look at one metric.

    Attributes:
        value: The result as the provider writes it, such as ``[0.9987]``.
        started_at: ns.
        finished_at: ns.
        message: What went wrong; what a plugin says about its verdict.
        metadata: What a plugin adds, by name.
    """

    phase: AnalysisPhase
    value: str
    started_at: int
    finished_at: int
    message: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class MetricResult:
    """What a run knows of one metric; ``count`` does not include errors, as upstream counts."""

    name: str
    phase: AnalysisPhase = "Running"
    measurements: list[Measurement] = field(default_factory=list)
    count: int = 0
    successful: int = 0
    failed: int = 0
    inconclusive: int = 0
    error: int = 0
    consecutive_error: int = 0
    message: str = ""
    dry_run: bool = False


@dataclass(slots=True)
class RunSummary:
    """How many metrics there are, and how many ended in which way."""

    count: int = 0
    successful: int = 0
    failed: int = 0
    inconclusive: int = 0
    error: int = 0


@dataclass(slots=True)
class AnalysisRunStatus:
    """What a run is; ``phase`` is empty before its controller has seen it."""

    phase: AnalysisPhase | Literal[""] = ""
    message: str = ""
    started_at: int | None = None
    completed_at: int | None = None
    metric_results: list[MetricResult] = field(default_factory=list)
    run_summary: RunSummary = field(default_factory=RunSummary)
    dry_run_summary: RunSummary = field(default_factory=RunSummary)

    def result(self, name: str) -> MetricResult | None:
        """What is known of one metric."""
        return next((result for result in self.metric_results if result.name == name), None)


@dataclass(slots=True)
class AnalysisRun:
    """One run of templates; its spec holds their metrics and the values of all arguments."""

    meta: ObjectMeta
    spec: AnalysisSpec
    status: AnalysisRunStatus = field(default_factory=AnalysisRunStatus)

    @property
    def completed(self) -> bool:
        """It has ended."""
        return self.status.phase in COMPLETED
