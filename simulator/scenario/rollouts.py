"""Rollouts, in Argo Rollouts' words (argoproj.io/v1alpha1, 1.8): a subset, each field as upstream means it.

A step has one key, which says what it is; so a misspelt one gives one error. What upstream's validation
refuses is refused here.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.analysis import BackgroundAnalysis, RolloutAnalysis
from simulator.scenario.fields import (
    ArgoDuration,
    Count,
    IntOrPercent,
    Line,
    Model,
    Name,
    Percent,
    Positive,
    exactly_one,
    refused,
)
from simulator.scenario.workloads import Workload, WorkloadSpec


class Pause(Model):
    """Wait: for a time, or with none until somebody promotes."""

    duration: ArgoDuration | None = None


class SetCanaryScale(Model):
    """Size the canary apart from its traffic: exactly one."""

    replicas: Count | None = None
    weight: Percent | None = None
    match_traffic_weight: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("replicas", "weight", "match_traffic_weight"))
        return self


class CanaryStep(Model):
    """One step: exactly one."""

    set_weight: Percent | None = None
    pause: Pause | None = None
    set_canary_scale: SetCanaryScale | None = None
    analysis: RolloutAnalysis | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("set_weight", "pause", "set_canary_scale", "analysis"))
        return self


class VirtualService(Model):
    """Istio's VirtualService, by name, and its HTTP routes; none named is its only one."""

    name: Name
    routes: tuple[Line, ...] = ()


class Istio(Model):
    """Traffic split by Istio."""

    virtual_service: VirtualService


class Nginx(Model):
    """Traffic split by ingress-nginx, beside this Ingress."""

    stable_ingress: Name


class TrafficRouting(Model):
    """Who splits the traffic by weight: exactly one."""

    istio: Istio | None = None
    nginx: Nginx | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("istio", "nginx"))
        return self


class Canary(Model):
    """The canary strategy. Without trafficRouting the number of pods is the share of the traffic."""

    steps: Annotated[tuple[CanaryStep, ...], Field(max_length=64)] = ()
    max_surge: IntOrPercent = "25%"
    max_unavailable: IntOrPercent = "25%"
    stable_service: Name | None = None
    canary_service: Name | None = None
    traffic_routing: TrafficRouting | None = None
    analysis: BackgroundAnalysis | None = None
    dynamic_stable_scale: bool = False
    min_pods_per_replica_set: Positive | None = None
    scale_down_delay_seconds: Count | None = None
    scale_down_delay_revision_limit: Count | None = None
    abort_scale_down_delay_seconds: Count | None = None

    @model_validator(mode="after")
    def _as_upstream_validates(self) -> Self:
        services = {"stableService": self.stable_service, "canaryService": self.canary_service}
        if self.traffic_routing is not None:
            for name, given in services.items():
                if given is None:
                    raise refused(
                        expected=f"{name} beside trafficRouting",
                        got="none",
                        todo="It is split between two.",
                    )
        else:
            self._needs_no_routing()
        if self.stable_service is not None and self.stable_service == self.canary_service:
            raise refused(
                expected="another Service as canaryService than as stableService",
                got=repr(self.canary_service),
                todo="Each selects the pods of one ReplicaSet.",
            )
        if self.traffic_routing is None and _nothing(self.max_surge) and _nothing(self.max_unavailable):
            raise refused(
                expected="maxSurge or maxUnavailable above 0", got="both 0", todo="No pod could be replaced."
            )
        if self.dynamic_stable_scale and self.scale_down_delay_seconds is not None:
            raise refused(
                expected="dynamicStableScale or scaleDownDelaySeconds",
                got="both",
                todo="The stable pods go as the canary grows, so there is nothing left to delay.",
            )
        if self.analysis is not None and (self.analysis.starting_step or 0) >= max(1, len(self.steps)):
            raise refused(
                expected=f"analysis.startingStep below the number of steps, which is {len(self.steps)}",
                got=str(self.analysis.starting_step),
                todo="Steps are counted from 0.",
            )
        return self

    def _needs_no_routing(self) -> None:
        """Nothing is asked for that weights alone can do.

        Raises:
            PydanticCustomError: Something is.
        """
        given = {
            "setCanaryScale": any(step.set_canary_scale is not None for step in self.steps),
            "dynamicStableScale": self.dynamic_stable_scale,
            "minPodsPerReplicaSet": self.min_pods_per_replica_set is not None,
            "scaleDownDelaySeconds": self.scale_down_delay_seconds is not None,
        }
        for name, asked in given.items():
            if asked:
                raise refused(
                    expected=f"trafficRouting beside {name}",
                    got="none",
                    todo="Without it the number of pods is the share of the traffic.",
                )


class BlueGreen(Model):
    """The blue-green strategy: users reach the active Service, testers the preview one."""

    active_service: Name
    preview_service: Name | None = None
    preview_replica_count: Positive | None = None
    auto_promotion_enabled: bool = True
    auto_promotion_seconds: Count = 0
    pre_promotion_analysis: RolloutAnalysis | None = None
    post_promotion_analysis: RolloutAnalysis | None = None
    scale_down_delay_seconds: Count | None = None
    scale_down_delay_revision_limit: Count | None = None
    abort_scale_down_delay_seconds: Count | None = None
    max_unavailable: IntOrPercent = 0

    @model_validator(mode="after")
    def _two(self) -> Self:
        if self.active_service == self.preview_service:
            raise refused(
                expected="another Service as previewService than as activeService",
                got=repr(self.preview_service),
                todo="Each selects the pods of one ReplicaSet.",
            )
        return self


class RolloutStrategy(Model):
    """How a Rollout replaces its pods: exactly one."""

    canary: Canary | None = None
    blue_green: BlueGreen | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("canary", "blue_green"))
        return self


class RollbackWindow(Model):
    """A rollback by at most so many revisions takes no steps and no analysis."""

    revisions: Positive


class RolloutSpec(WorkloadSpec):
    """A Rollout's spec."""

    progress_deadline_abort: bool = False
    rollback_window: RollbackWindow | None = None
    strategy: RolloutStrategy

    @model_validator(mode="after")
    def _in_time(self) -> Self:
        if self.progress_deadline_seconds <= self.min_ready_seconds:
            raise refused(
                expected=f"progressDeadlineSeconds above minReadySeconds, which is {self.min_ready_seconds}",
                got=str(self.progress_deadline_seconds),
                todo="No pod could become available in time.",
            )
        return self


class RolloutWorkload(Workload):
    """A Rollout with its physics."""

    api_version: Literal["argoproj.io/v1alpha1"] = "argoproj.io/v1alpha1"
    kind: Literal["Rollout"] = "Rollout"
    spec: RolloutSpec

    @property
    def named_services(self) -> dict[str, tuple[str, ...]]:
        """Services that its strategy names, the users' one first."""
        canary, blue_green = self.spec.strategy.canary, self.spec.strategy.blue_green
        if canary is not None:
            place, names = "canary", ("stableService", "canaryService")
            given: tuple[str | None, ...] = (canary.stable_service, canary.canary_service)
        else:
            assert blue_green is not None, "a strategy is one of the two"
            place, names = "blueGreen", ("activeService", "previewService")
            given = (blue_green.active_service, blue_green.preview_service)
        return {
            service: ("spec", "strategy", place, name)
            for name, service in zip(names, given, strict=True)
            if service is not None
        }

    @property
    def analyses(self) -> tuple[tuple[tuple[str | int, ...], RolloutAnalysis], ...]:
        """Every analysis that it runs, with its place within the workload."""
        canary, blue_green = self.spec.strategy.canary, self.spec.strategy.blue_green
        found: list[tuple[tuple[str | int, ...], RolloutAnalysis | None]] = []
        if canary is not None:
            base = ("spec", "strategy", "canary")
            found.append(((*base, "analysis"), canary.analysis))
            found += [
                ((*base, "steps", index, "analysis"), step.analysis)
                for index, step in enumerate(canary.steps)
            ]
        if blue_green is not None:
            base = ("spec", "strategy", "blueGreen")
            found.append(((*base, "prePromotionAnalysis"), blue_green.pre_promotion_analysis))
            found.append(((*base, "postPromotionAnalysis"), blue_green.post_promotion_analysis))
        return tuple((place, analysis) for place, analysis in found if analysis is not None)


def _nothing(bound: int | str) -> bool:
    return bound in (0, "0%")
