"""What a scenario declares of Rollouts and analyses, as the cluster has it, in its steady state."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from simulator.engine.rollouts.drafts import steps_hash
from simulator.engine.rollouts.expressions import parse_condition
from simulator.engine.workloads.templates import template_of
from simulator.scenario import analysis as declared
from simulator.scenario import rollouts
from simulator.scenario.document import Spec
from simulator.world import Cluster, Condition, ObjectMeta, ReplicaSet, ReplicaSetStatus
from simulator.world.analysis import (
    AnalysisSpec,
    AnalysisTemplate,
    Argument,
    ClusterAnalysisTemplate,
    Metric,
    Plugin,
    Prometheus,
)
from simulator.world.pods import ROLLOUT_HASH_LABEL
from simulator.world.rollouts import (
    MANAGED_BY_ANNOTATION,
    BlueGreen,
    Canary,
    CanaryStep,
    Pause,
    Rollout,
    RolloutAnalysis,
    RolloutSpec,
    RolloutStatus,
    SetCanaryScale,
    TemplateRef,
    TrafficRouting,
    Weights,
)

#: How a condition refers to an argument: its value is known when a run starts, and is checked then.
_ARGUMENT: Final = "{{"


# --- Rollouts


def declared_rollout(cluster: Cluster, workload: rollouts.RolloutWorkload, created_at: int) -> Rollout:
    """A Rollout as it is declared, not yet in the cluster."""
    spec, window = workload.spec, workload.spec.rollback_window
    canary, blue_green = spec.strategy.canary, spec.strategy.blue_green
    assert canary is not None or blue_green is not None, "a strategy is one of the two"
    return Rollout(
        meta=ObjectMeta(
            workload.name,
            cluster.namespace,
            labels=dict(workload.metadata.labels) or dict(workload.pod_labels),
            annotations=dict(workload.metadata.annotations),
            created_at=created_at,
        ),
        spec=RolloutSpec(
            replicas=spec.replicas,
            selector=workload.pod_labels,
            template=template_of(workload),
            strategy=_canary(canary) if canary is not None else _blue_green(blue_green),
            min_ready_seconds=spec.min_ready_seconds,
            revision_history_limit=spec.revision_history_limit,
            progress_deadline_seconds=spec.progress_deadline_seconds,
            progress_deadline_abort=spec.progress_deadline_abort,
            rollback_window=window.revisions if window is not None else 0,
        ),
    )


def settle_rollout(rollout: Rollout, current: ReplicaSet, done: int) -> None:
    """Write the status that the controllers would have written by now.

    Args:
        rollout: In the cluster.
        current: Its ReplicaSet that runs.
        done: When its last rollout was through, ns.
    """
    replicas, hash_ = rollout.spec.replicas, rollout.spec.template.hash
    current.status = ReplicaSetStatus(current.meta.generation, replicas, replicas, replicas)
    blue_green = rollout.blue_green
    made = rollout.meta.created_at
    rollout.status = RolloutStatus(
        phase="Healthy",
        observed_generation=rollout.meta.generation,
        replicas=replicas,
        updated_replicas=replicas,
        ready_replicas=replicas,
        available_replicas=replicas,
        current_pod_hash=hash_,
        current_step_hash=steps_hash(rollout) if blue_green is None else "",
        current_step_index=len(rollout.steps) or None,
        stable_rs=hash_,
        weights=Weights(0, hash_, hash_) if rollout.routed else None,
        active_selector=hash_ if blue_green is not None else "",
        preview_selector=hash_ if blue_green is not None and blue_green.preview_service else "",
        conditions=[
            Condition("Available", "True", "AvailableReason", "Rollout has minimum availability", made, made),
            Condition(
                "Progressing",
                "True",
                "NewReplicaSetAvailable",
                f'ReplicaSet "{current.meta.name}" has successfully progressed.',
                made,
                done,
            ),
            Condition("Healthy", "True", "RolloutHealthy", "Rollout is healthy", done, done),
            Condition("Completed", "True", "RolloutCompleted", "RolloutCompleted", done, done),
        ],
    )


def adopt_services(cluster: Cluster, rollout: Rollout, names: tuple[str, ...]) -> None:
    """Have the Services of its strategy select the ReplicaSet that runs, as its controller left them."""
    for name in names:
        service = cluster.services.find(name, rollout.meta.namespace)
        if service is not None:
            service.meta.annotations[MANAGED_BY_ANNOTATION] = rollout.meta.name
            selector = {**service.spec.selector, ROLLOUT_HASH_LABEL: rollout.spec.template.hash}
            service.spec = replace(service.spec, selector=selector)


def _canary(canary: rollouts.Canary) -> Canary:
    return Canary(
        steps=tuple(_step(step) for step in canary.steps),
        max_surge=canary.max_surge,
        max_unavailable=canary.max_unavailable,
        stable_service=canary.stable_service or "",
        canary_service=canary.canary_service or "",
        traffic_routing=_routing(canary.traffic_routing) if canary.traffic_routing is not None else None,
        analysis=_analysis(canary.analysis),
        dynamic_stable_scale=canary.dynamic_stable_scale,
        min_pods_per_replica_set=canary.min_pods_per_replica_set,
        scale_down_delay_seconds=canary.scale_down_delay_seconds,
        scale_down_delay_revision_limit=canary.scale_down_delay_revision_limit,
        abort_scale_down_delay_seconds=canary.abort_scale_down_delay_seconds,
    )


def _blue_green(blue_green: rollouts.BlueGreen | None) -> BlueGreen:
    assert blue_green is not None, "the caller chose it"
    return BlueGreen(
        active_service=blue_green.active_service,
        preview_service=blue_green.preview_service or "",
        preview_replica_count=blue_green.preview_replica_count,
        auto_promotion_enabled=blue_green.auto_promotion_enabled,
        auto_promotion_seconds=blue_green.auto_promotion_seconds,
        pre_promotion_analysis=_analysis(blue_green.pre_promotion_analysis),
        post_promotion_analysis=_analysis(blue_green.post_promotion_analysis),
        scale_down_delay_seconds=blue_green.scale_down_delay_seconds,
        scale_down_delay_revision_limit=blue_green.scale_down_delay_revision_limit,
        abort_scale_down_delay_seconds=blue_green.abort_scale_down_delay_seconds,
        max_unavailable=blue_green.max_unavailable,
    )


def _step(step: rollouts.CanaryStep) -> CanaryStep:
    scale = step.set_canary_scale
    return CanaryStep(
        set_weight=step.set_weight,
        pause=Pause(step.pause.duration) if step.pause is not None else None,
        set_canary_scale=SetCanaryScale(scale.replicas, scale.weight, bool(scale.match_traffic_weight))
        if scale is not None
        else None,
        analysis=_analysis(step.analysis),
    )


def _routing(routing: rollouts.TrafficRouting) -> TrafficRouting:
    if routing.nginx is not None:
        return TrafficRouting(stable_ingress=routing.nginx.stable_ingress)
    assert routing.istio is not None, "routing is one of the two"
    service = routing.istio.virtual_service
    return TrafficRouting(virtual_service=service.name, routes=service.routes)


# --- analyses


def build_templates(cluster: Cluster, spec: Spec, created_at: int) -> None:
    """Add every template.

    Raises:
        GamedayError: A condition is none; the message names its field and the column.
    """
    for index, item in enumerate(spec.analysis_templates):
        content = _template(item.spec, f"spec.analysisTemplates[{index}].spec")
        meta = ObjectMeta(item.name, cluster.namespace, labels=dict(item.metadata.labels))
        meta.annotations, meta.created_at = dict(item.metadata.annotations), created_at
        cluster.add(AnalysisTemplate(meta, content))
    for index, each in enumerate(spec.cluster_analysis_templates):
        content = _template(each.spec, f"spec.clusterAnalysisTemplates[{index}].spec")
        meta = ObjectMeta(each.name, labels=dict(each.metadata.labels))
        meta.annotations, meta.created_at = dict(each.metadata.annotations), created_at
        cluster.add(ClusterAnalysisTemplate(meta, content))


def _template(spec: declared.AnalysisSpec, where: str) -> AnalysisSpec:
    return AnalysisSpec(
        metrics=tuple(_metric(each, f"{where}.metrics[{n}]") for n, each in enumerate(spec.metrics)),
        args=tuple(Argument(each.name, each.value) for each in spec.args),
        dry_run=tuple(each.metric_name for each in spec.dry_run),
        retention={each.metric_name: each.limit for each in spec.measurement_retention},
    )


def _metric(metric: declared.Metric, where: str) -> Metric:
    for field, text in (
        ("successCondition", metric.success_condition),
        ("failureCondition", metric.failure_condition),
    ):
        if text and _ARGUMENT not in text:
            parse_condition(text, where=f"{where}.{field}")
    query, plugin = metric.provider.prometheus, next(iter(metric.provider.plugin or {}), "")
    return Metric(
        name=metric.name,
        provider=Prometheus(query.query, query.address)
        if query is not None
        else Plugin(plugin, metric.provider.settings(plugin)),
        interval=metric.interval,
        initial_delay=metric.initial_delay,
        count=metric.count,
        success_condition=metric.success_condition,
        failure_condition=metric.failure_condition,
        failure_limit=metric.failure_limit,
        inconclusive_limit=metric.inconclusive_limit,
        consecutive_error_limit=metric.consecutive_error_limit,
    )


def _analysis(analysis: declared.RolloutAnalysis | None) -> RolloutAnalysis | None:
    if analysis is None:
        return None
    return RolloutAnalysis(
        templates=tuple(TemplateRef(each.template_name, each.cluster_scope) for each in analysis.templates),
        args=tuple(_argument(each) for each in analysis.args),
        dry_run=tuple(each.metric_name for each in analysis.dry_run),
        retention={each.metric_name: each.limit for each in analysis.measurement_retention},
        starting_step=analysis.starting_step if isinstance(analysis, declared.BackgroundAnalysis) else None,
    )


def _argument(argument: declared.Argument) -> Argument:
    source = argument.value_from
    if source is None:
        return Argument(argument.name, argument.value)
    field = source.field_ref
    return Argument(
        argument.name,
        pod_template_hash=source.pod_template_hash_value,
        field_path=field.field_path if field is not None else None,
    )
