"""Rollouts (argoproj.io/v1alpha1): a frozen spec that edits replace, and a status that the controller writes.

Fields have upstream's names and meanings (Argo Rollouts 1.8, pkg/apis/rollouts/v1alpha1/types.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from typing import Final, Literal

from simulator.units import format_duration
from simulator.world.analysis import AnalysisPhase, Argument
from simulator.world.meta import Condition, ObjectMeta
from simulator.world.pods import PodTemplate
from simulator.world.workloads import ROLLOUT_REVISION_ANNOTATION, IntOrPercent, RollingUpdate

ROLLOUT_DESIRED_ANNOTATION: Final = "rollout.argoproj.io/desired-replicas"
#: On a ReplicaSet that shall be gone by then.
SCALE_DOWN_ANNOTATION: Final = "scale-down-deadline"
#: On a Service whose selector a Rollout switches.
MANAGED_BY_ANNOTATION: Final = "argo-rollouts.argoproj.io/managed-by-rollouts"
#: Seconds that upstream waits where nothing is declared.
DEFAULT_SCALE_DOWN_DELAY: Final = 30

RolloutPhase = Literal["Healthy", "Progressing", "Paused", "Degraded"]
PauseReason = Literal["CanaryPauseStep", "BlueGreenPause", "InconclusiveAnalysisRun"]


@dataclass(frozen=True, slots=True)
class TemplateRef:
    """A template that an analysis takes its metrics from."""

    template_name: str
    cluster_scope: bool = False


@dataclass(frozen=True, slots=True)
class RolloutAnalysis:
    """An analysis that a Rollout starts.

    Attributes:
        dry_run: Metrics whose verdict is only told.
        retention: Measurements to keep, by metric.
        starting_step: In the background: the step from which it runs; None is from the beginning.
    """

    templates: tuple[TemplateRef, ...]
    args: tuple[Argument, ...] = ()
    dry_run: tuple[str, ...] = ()
    retention: Mapping[str, int] = field(default_factory=dict)
    starting_step: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A step that waits ``duration`` ns, or with None until somebody promotes."""

    duration: int | None = None


@dataclass(frozen=True, slots=True)
class SetCanaryScale:
    """A step that sizes the canary apart from its traffic: exactly one of the three."""

    replicas: int | None = None
    weight: int | None = None
    match_traffic_weight: bool = False


@dataclass(frozen=True, slots=True)
class CanaryStep:
    """One step of a canary: exactly one of the four."""

    set_weight: int | None = None
    pause: Pause | None = None
    set_canary_scale: SetCanaryScale | None = None
    analysis: RolloutAnalysis | None = None

    def __str__(self) -> str:
        """As upstream's events write it (``CanaryStepString``)."""
        if self.set_weight is not None:
            return f"setWeight: {self.set_weight}"
        if self.pause is not None:
            lasts = "" if self.pause.duration is None else f": {format_duration(self.pause.duration)}"
            return f"pause{lasts}"
        if self.analysis is not None:
            return "analysis"
        scale = self.set_canary_scale
        if scale is None:
            return "invalid"
        if scale.weight is not None:
            return f"setCanaryScale{{weight: {scale.weight}}}"
        if scale.match_traffic_weight:
            return "setCanaryScale{matchTrafficWeight: true}"
        return f"setCanaryScale{{replicas: {scale.replicas}}}"


@dataclass(frozen=True, slots=True)
class TrafficRouting:
    """What splits the traffic by weight: an Istio VirtualService or an nginx Ingress, by its name.

    Attributes:
        virtual_service: ``istio.virtualService.name``; empty where nginx does it.
        routes: ``istio.virtualService.routes``; empty for its only one.
        stable_ingress: ``nginx.stableIngress``; empty where Istio does it.
    """

    virtual_service: str = ""
    routes: tuple[str, ...] = ()
    stable_ingress: str = ""


@dataclass(frozen=True, slots=True)
class Canary:
    """The canary strategy. A delay of None is upstream's default; seconds."""

    steps: tuple[CanaryStep, ...] = ()
    max_surge: IntOrPercent = "25%"
    max_unavailable: IntOrPercent = "25%"
    stable_service: str = ""
    canary_service: str = ""
    traffic_routing: TrafficRouting | None = None
    analysis: RolloutAnalysis | None = None
    dynamic_stable_scale: bool = False
    min_pods_per_replica_set: int | None = None
    scale_down_delay_seconds: int | None = None
    scale_down_delay_revision_limit: int | None = None
    abort_scale_down_delay_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class BlueGreen:
    """The blue-green strategy. A delay of None is upstream's default; seconds."""

    active_service: str
    preview_service: str = ""
    preview_replica_count: int | None = None
    auto_promotion_enabled: bool = True
    auto_promotion_seconds: int = 0
    pre_promotion_analysis: RolloutAnalysis | None = None
    post_promotion_analysis: RolloutAnalysis | None = None
    scale_down_delay_seconds: int | None = None
    scale_down_delay_revision_limit: int | None = None
    abort_scale_down_delay_seconds: int | None = None
    max_unavailable: IntOrPercent = 0


@dataclass(frozen=True, slots=True)
class RolloutSpec:
    """What a Rollout shall be; an edit replaces it whole.

    Attributes:
        progress_deadline_abort: Whether a rollout without progress is aborted.
        paused: By a person; the controller's own pauses are in the status.
        restart_at: Pods made before are replaced, ns; None for never.
        rollback_window: Revisions back within which a rollback skips its steps; 0 is off.
    """

    replicas: int
    selector: Mapping[str, str]
    template: PodTemplate
    strategy: Canary | BlueGreen
    min_ready_seconds: int = 0
    revision_history_limit: int = 10
    progress_deadline_seconds: int = 600
    progress_deadline_abort: bool = False
    paused: bool = False
    restart_at: int | None = None
    rollback_window: int = 0

    @property
    def max_surge(self) -> int:
        """Pods above ``replicas`` that an update by replica ratio may have."""
        return self._bounds()[0]

    @property
    def max_unavailable(self) -> int:
        """Pods that may be missing; never more than there are."""
        return min(self._bounds()[1], self.replicas)

    def _bounds(self) -> tuple[int, int]:
        if isinstance(self.strategy, BlueGreen):
            rolling = RollingUpdate(0, self.strategy.max_unavailable)
            return 0, rolling.resolve(self.replicas)[1] if self.strategy.max_unavailable else 0
        return RollingUpdate(self.strategy.max_surge, self.strategy.max_unavailable).resolve(self.replicas)


@dataclass(frozen=True, slots=True)
class PauseCondition:
    """Why the controller has paused a rollout, and since when (ns)."""

    reason: PauseReason
    start_time: int


@dataclass(frozen=True, slots=True)
class RunReference:
    """An AnalysisRun as the Rollout's status keeps it."""

    name: str
    status: AnalysisPhase | Literal[""]
    message: str = ""


@dataclass(frozen=True, slots=True)
class Weights:
    """How the traffic is split now; the weights are percent and sum up to 100."""

    canary: int
    canary_hash: str
    stable_hash: str

    @property
    def stable(self) -> int:
        """Of the stable ReplicaSet."""
        return 100 - self.canary


@dataclass(slots=True)
class RolloutStatus:
    """What a Rollout is, as its controller last saw it.

    Attributes:
        phase: Empty before the controller has seen it; ``message`` says why it is no better.
        current_pod_hash: Of the template that is wanted.
        current_step_hash: Of the steps, to notice that somebody edited them.
        current_step_index: The step under way; the number of steps when all are done; None without steps.
        stable_rs: Hash of the ReplicaSet that an abort returns to.
        controller_pause: The controller paused; with no pause condition left, somebody has promoted.
        weights: With traffic routing alone.
        step_run: The AnalysisRun of the current step.
        background_run: The one beside the steps.
        pre_promotion_run: Blue-green, before the switch.
        post_promotion_run: Blue-green, after it.
        active_selector: Hash that the active service selects.
        preview_selector: Hash that the preview service selects.
        preview_check_point: The preview has passed and now grows to its full size
            (``scaleUpPreviewCheckPoint``).
    """

    phase: RolloutPhase | Literal[""] = ""
    message: str = ""
    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    current_pod_hash: str = ""
    current_step_hash: str = ""
    current_step_index: int | None = None
    stable_rs: str = ""
    pause_conditions: tuple[PauseCondition, ...] = ()
    controller_pause: bool = False
    abort: bool = False
    aborted_at: int | None = None
    promote_full: bool = False
    restarted_at: int | None = None
    weights: Weights | None = None
    step_run: RunReference | None = None
    background_run: RunReference | None = None
    pre_promotion_run: RunReference | None = None
    post_promotion_run: RunReference | None = None
    active_selector: str = ""
    preview_selector: str = ""
    preview_check_point: bool = False
    conditions: list[Condition] = field(default_factory=list)

    def draft(self) -> RolloutStatus:
        """A copy to write the next status into."""
        return replace(self, conditions=[copy(condition) for condition in self.conditions])

    def paused_for(self, reason: PauseReason) -> PauseCondition | None:
        """The pause condition of this reason, if there is one."""
        return next((pause for pause in self.pause_conditions if pause.reason == reason), None)


@dataclass(slots=True)
class Rollout:
    """A Rollout."""

    meta: ObjectMeta
    spec: RolloutSpec
    status: RolloutStatus = field(default_factory=RolloutStatus)

    @property
    def revision(self) -> int:
        """The revision its controller last gave it; 0 before."""
        return int(self.meta.annotations.get(ROLLOUT_REVISION_ANNOTATION, "0"))

    @property
    def canary(self) -> Canary | None:
        """Its strategy, if that is a canary."""
        return self.spec.strategy if isinstance(self.spec.strategy, Canary) else None

    @property
    def blue_green(self) -> BlueGreen | None:
        """Its strategy, if that is blue-green."""
        return self.spec.strategy if isinstance(self.spec.strategy, BlueGreen) else None

    @property
    def steps(self) -> tuple[CanaryStep, ...]:
        """Its canary's steps; none for a blue-green."""
        return self.canary.steps if self.canary is not None else ()

    @property
    def routed(self) -> bool:
        """Whether weights split its traffic, and not the number of its pods."""
        return self.canary is not None and self.canary.traffic_routing is not None

    @property
    def fully_promoted(self) -> bool:
        """What is wanted is stable: no update is under way (``IsFullyPromoted``)."""
        return self.status.stable_rs == self.status.current_pod_hash

    @property
    def current_step(self) -> CanaryStep | None:
        """The step under way; None without steps and after the last (``GetCurrentCanaryStep``)."""
        index = self.status.current_step_index or 0
        return self.steps[index] if index < len(self.steps) else None

    @property
    def set_weight(self) -> int:
        """The weight that its steps ask for by now (``GetCurrentSetWeight``)."""
        if self.status.abort:
            return 0
        if self.current_step is None:
            return 100
        return self.weight_before((self.status.current_step_index or 0) + 1)

    def weight_before(self, index: int) -> int:
        """The weight that the steps before ``index`` have set; 0 where none does."""
        weights = [step.set_weight for step in self.steps[:index] if step.set_weight is not None]
        return weights[-1] if weights else 0
