"""Argo's objects as manifests: what ``kubectl get -o yaml`` prints, and what a real API server would take."""

from __future__ import annotations

from collections.abc import Mapping

from simulator.drill.console.objects.manifests import conditions_tree, kept, template_tree
from simulator.drill.console.objects.views import Tree, writes
from simulator.units import format_duration
from simulator.world import Cluster
from simulator.world.analysis import (
    DEFAULT_CONSECUTIVE_ERROR_LIMIT,
    AnalysisRun,
    AnalysisSpec,
    AnalysisTemplate,
    Argument,
    ClusterAnalysisTemplate,
    Measurement,
    Metric,
    MetricResult,
    Prometheus,
    RunSummary,
)
from simulator.world.rollouts import (
    BlueGreen,
    Canary,
    CanaryStep,
    Rollout,
    RolloutAnalysis,
    RolloutStatus,
    RunReference,
    TrafficRouting,
)

# --- rollouts -------------------------------------------------------------------------------------


@writes(Rollout)
def _rollout(item: Rollout, cluster: Cluster) -> dict[str, Tree]:
    spec = item.spec
    restart = None if spec.restart_at is None else cluster.timestamp(spec.restart_at)
    strategy: dict[str, Tree] = (
        {"canary": _canary(spec.strategy)}
        if isinstance(spec.strategy, Canary)
        else {"blueGreen": _blue_green(spec.strategy)}
    )
    declared = kept(
        {
            "minReadySeconds": spec.min_ready_seconds or None,
            "paused": spec.paused or None,
            "progressDeadlineAbort": spec.progress_deadline_abort or None,
            "progressDeadlineSeconds": spec.progress_deadline_seconds,
            "replicas": spec.replicas,
            "restartAt": restart,
            "revisionHistoryLimit": spec.revision_history_limit,
            "rollbackWindow": {"revisions": spec.rollback_window} if spec.rollback_window else None,
            "selector": {"matchLabels": dict(spec.selector)},
            "strategy": strategy,
            "template": template_tree(spec.template),
        }
    )
    return {"spec": declared, "status": _status(item, cluster)}


def _canary(strategy: Canary) -> dict[str, Tree]:
    return kept(
        {
            "abortScaleDownDelaySeconds": strategy.abort_scale_down_delay_seconds,
            "analysis": analysis_tree(strategy.analysis),
            "canaryService": strategy.canary_service,
            "dynamicStableScale": strategy.dynamic_stable_scale or None,
            "maxSurge": strategy.max_surge,
            "maxUnavailable": strategy.max_unavailable,
            "minPodsPerReplicaSet": strategy.min_pods_per_replica_set,
            "scaleDownDelayRevisionLimit": strategy.scale_down_delay_revision_limit,
            "scaleDownDelaySeconds": strategy.scale_down_delay_seconds,
            "stableService": strategy.stable_service,
            "steps": [_step(step) for step in strategy.steps],
            "trafficRouting": _routing(strategy.traffic_routing),
        }
    )


def _routing(routing: TrafficRouting | None) -> Tree:
    if routing is None:
        return None
    if routing.stable_ingress:
        return {"nginx": {"stableIngress": routing.stable_ingress}}
    service = kept({"name": routing.virtual_service, "routes": list(routing.routes)})
    return {"istio": {"virtualService": service}}


def _step(step: CanaryStep) -> dict[str, Tree]:
    if step.set_weight is not None:
        return {"setWeight": step.set_weight}
    if step.pause is not None:
        lasts = step.pause.duration
        return {"pause": {} if lasts is None else {"duration": format_duration(lasts)}}
    if step.analysis is not None:
        return {"analysis": analysis_tree(step.analysis)}
    scale = step.set_canary_scale
    assert scale is not None, "a step does one of four things"
    return {
        "setCanaryScale": kept(
            {
                "matchTrafficWeight": scale.match_traffic_weight or None,
                "replicas": scale.replicas,
                "weight": scale.weight,
            }
        )
    }


def _blue_green(strategy: BlueGreen) -> dict[str, Tree]:
    return kept(
        {
            "abortScaleDownDelaySeconds": strategy.abort_scale_down_delay_seconds,
            "activeService": strategy.active_service,
            "autoPromotionEnabled": None if strategy.auto_promotion_enabled else False,
            "autoPromotionSeconds": strategy.auto_promotion_seconds or None,
            "maxUnavailable": strategy.max_unavailable or None,
            "postPromotionAnalysis": analysis_tree(strategy.post_promotion_analysis),
            "prePromotionAnalysis": analysis_tree(strategy.pre_promotion_analysis),
            "previewReplicaCount": strategy.preview_replica_count,
            "previewService": strategy.preview_service,
            "scaleDownDelayRevisionLimit": strategy.scale_down_delay_revision_limit,
            "scaleDownDelaySeconds": strategy.scale_down_delay_seconds,
        }
    )


def analysis_tree(analysis: RolloutAnalysis | None) -> Tree:
    """An analysis as a Rollout's spec has it; None where there is none."""
    if analysis is None:
        return None
    return kept(
        {
            "args": [_argument(argument) for argument in analysis.args],
            "dryRun": [{"metricName": name} for name in analysis.dry_run],
            "measurementRetention": _retention(analysis.retention),
            "startingStep": analysis.starting_step,
            "templates": [
                kept({"clusterScope": ref.cluster_scope or None, "templateName": ref.template_name})
                for ref in analysis.templates
            ],
        }
    )


def _argument(argument: Argument) -> dict[str, Tree]:
    source: dict[str, Tree] = {}
    if argument.pod_template_hash is not None:
        source = {"podTemplateHashValue": argument.pod_template_hash}
    elif argument.field_path is not None:
        source = {"fieldRef": {"fieldPath": argument.field_path}}
    return kept({"name": argument.name, "value": argument.value, "valueFrom": source})


def _retention(limits: Mapping[str, int]) -> list[Tree]:
    return [{"limit": limit, "metricName": name} for name, limit in limits.items()]


def _status(item: Rollout, cluster: Cluster) -> dict[str, Tree]:
    status = item.status
    tree: dict[str, Tree] = {
        "HPAReplicas": status.replicas,
        "abort": status.abort or None,
        "abortedAt": None if status.aborted_at is None else cluster.timestamp(status.aborted_at),
        "availableReplicas": status.available_replicas,
        "conditions": conditions_tree(status.conditions, cluster),
        "controllerPause": status.controller_pause or None,
        "currentPodHash": status.current_pod_hash,
        "currentStepHash": status.current_step_hash,
        "currentStepIndex": status.current_step_index,
        "message": status.message,
        "observedGeneration": str(status.observed_generation),
        "pauseConditions": [
            {"reason": pause.reason, "startTime": cluster.timestamp(pause.start_time)}
            for pause in status.pause_conditions
        ],
        "phase": status.phase,
        "promoteFull": status.promote_full or None,
        "readyReplicas": status.ready_replicas,
        "replicas": status.replicas,
        "restartedAt": None if status.restarted_at is None else cluster.timestamp(status.restarted_at),
        "selector": ",".join(f"{name}={value}" for name, value in sorted(item.spec.selector.items())),
        "stableRS": status.stable_rs,
        "updatedReplicas": status.updated_replicas,
    }
    tree["blueGreen"] = kept(
        {
            "activeSelector": status.active_selector,
            "postPromotionAnalysisRunStatus": _reference(status.post_promotion_run),
            "prePromotionAnalysisRunStatus": _reference(status.pre_promotion_run),
            "previewSelector": status.preview_selector,
            "scaleUpPreviewCheckPoint": status.preview_check_point or None,
        }
    )
    tree["canary"] = kept(
        {
            "currentBackgroundAnalysisRunStatus": _reference(status.background_run),
            "currentStepAnalysisRunStatus": _reference(status.step_run),
            "weights": _weights(item, status),
        }
    )
    return kept(tree)


def _weights(item: Rollout, status: RolloutStatus) -> Tree:
    weights, canary = status.weights, item.canary
    if weights is None or canary is None:
        return None
    return {
        "canary": kept(
            {
                "podTemplateHash": weights.canary_hash,
                "serviceName": canary.canary_service,
                "weight": weights.canary,
            }
        ),
        "stable": kept(
            {
                "podTemplateHash": weights.stable_hash,
                "serviceName": canary.stable_service,
                "weight": weights.stable,
            }
        ),
    }


def _reference(run: RunReference | None) -> Tree:
    return None if run is None else kept({"message": run.message, "name": run.name, "status": run.status})


# --- analyses -------------------------------------------------------------------------------------


@writes(AnalysisTemplate)
def _template(item: AnalysisTemplate, _cluster: Cluster) -> dict[str, Tree]:
    return {"spec": _spec(item.spec)}


@writes(ClusterAnalysisTemplate)
def _cluster_template(item: ClusterAnalysisTemplate, _cluster: Cluster) -> dict[str, Tree]:
    return {"spec": _spec(item.spec)}


@writes(AnalysisRun)
def _run(item: AnalysisRun, cluster: Cluster) -> dict[str, Tree]:
    status = item.status
    tree: dict[str, Tree] = {
        "completedAt": None if status.completed_at is None else cluster.timestamp(status.completed_at),
        "dryRunSummary": _summary(status.dry_run_summary),
        "message": status.message,
        "metricResults": [_result(result, cluster) for result in status.metric_results],
        "phase": status.phase,
        "runSummary": _summary(status.run_summary),
        "startedAt": None if status.started_at is None else cluster.timestamp(status.started_at),
    }
    return {"spec": _spec(item.spec), "status": kept(tree)}


def _spec(spec: AnalysisSpec) -> dict[str, Tree]:
    return kept(
        {
            "args": [_argument(argument) for argument in spec.args],
            "dryRun": [{"metricName": name} for name in spec.dry_run],
            "measurementRetention": _retention(spec.retention),
            "metrics": [_metric(metric) for metric in spec.metrics],
            "terminate": spec.terminate or None,
        }
    )


def _metric(metric: Metric) -> dict[str, Tree]:
    provider = metric.provider
    source: dict[str, Tree] = (
        {"prometheus": kept({"address": provider.address, "query": provider.query})}
        if isinstance(provider, Prometheus)
        else {"plugin": {provider.name: dict(provider.config)}}
    )
    errors = metric.consecutive_error_limit
    return kept(
        {
            "consecutiveErrorLimit": None if errors == DEFAULT_CONSECUTIVE_ERROR_LIMIT else errors,
            "count": metric.count,
            "failureCondition": metric.failure_condition,
            "failureLimit": metric.failure_limit or None,
            "inconclusiveLimit": metric.inconclusive_limit or None,
            "initialDelay": format_duration(metric.initial_delay) if metric.initial_delay else None,
            "interval": None if metric.interval is None else format_duration(metric.interval),
            "name": metric.name,
            "provider": source,
            "successCondition": metric.success_condition,
        }
    )


def _result(result: MetricResult, cluster: Cluster) -> dict[str, Tree]:
    return kept(
        {
            "consecutiveError": result.consecutive_error or None,
            "count": result.count or None,
            "dryRun": result.dry_run or None,
            "error": result.error or None,
            "failed": result.failed or None,
            "inconclusive": result.inconclusive or None,
            "measurements": [_measurement(each, cluster) for each in result.measurements],
            "message": result.message,
            "name": result.name,
            "phase": result.phase,
            "successful": result.successful or None,
        }
    )


def _measurement(measurement: Measurement, cluster: Cluster) -> dict[str, Tree]:
    return kept(
        {
            "finishedAt": cluster.timestamp(measurement.finished_at),
            "message": measurement.message,
            "metadata": dict(measurement.metadata),
            "phase": measurement.phase,
            "startedAt": cluster.timestamp(measurement.started_at),
            "value": measurement.value,
        }
    )


def _summary(summary: RunSummary) -> dict[str, Tree]:
    return kept(
        {
            "count": summary.count or None,
            "error": summary.error or None,
            "failed": summary.failed or None,
            "inconclusive": summary.inconclusive or None,
            "successful": summary.successful or None,
        }
    )
