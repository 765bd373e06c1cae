"""Whether what a Rollout names exists and fits: Services of its strategy, templates, their arguments."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from simulator.scenario.agreement import Dangling
from simulator.scenario.analysis import AnalysisSpec, RolloutAnalysis
from simulator.scenario.document import Spec
from simulator.scenario.naming import unknown
from simulator.scenario.problems import Location
from simulator.scenario.rollouts import RolloutWorkload


def rollouts(spec: Spec) -> Iterator[Dangling]:
    """Everything that a Rollout names and that is not there, or is not its own."""
    for index, workload in enumerate(spec.workloads):
        if isinstance(workload, RolloutWorkload):
            base: Location = ("spec", "workloads", index)
            yield from _services(spec, workload, base)
            for place, analysis in workload.analyses:
                yield from _analysis(spec, workload, analysis, (*base, *place))


def _services(spec: Spec, workload: RolloutWorkload, base: Location) -> Iterator[Dangling]:
    names = [service.name for service in spec.services]
    for name, place in workload.named_services.items():
        service = next((each for each in spec.services if each.name == name), None)
        if service is None:
            yield unknown((*base, *place), "service", name, names)
        elif not service.spec.selector.items() <= workload.pod_labels.items():
            yield Dangling(
                (*base, *place),
                f"a Service that selects the pods of {workload.name}",
                f"{name!r}, which selects others",
                "The controller adds the ReplicaSet's hash to its selector.",
            )


def _analysis(
    spec: Spec, workload: RolloutWorkload, analysis: RolloutAnalysis, base: Location
) -> Iterator[Dangling]:
    found: list[AnalysisSpec] = []
    for index, reference in enumerate(analysis.templates):
        listed = spec.cluster_analysis_templates if reference.cluster_scope else spec.analysis_templates
        named = next((each.spec for each in listed if each.name == reference.template_name), None)
        if named is None:
            kind = "ClusterAnalysisTemplate" if reference.cluster_scope else "AnalysisTemplate"
            place: Location = (*base, "templates", index, "templateName")
            yield unknown(place, kind, reference.template_name, [each.name for each in listed])
        else:
            found.append(named)
    if len(found) == len(analysis.templates):
        yield from _metrics(analysis, found, base)
        yield from _arguments(workload, analysis, found, base)


def _metrics(
    analysis: RolloutAnalysis, templates: Sequence[AnalysisSpec], base: Location
) -> Iterator[Dangling]:
    metrics: list[str] = []
    for index, template in enumerate(templates):
        for metric in template.metrics:
            if metric.name in metrics:
                yield Dangling(
                    (*base, "templates", index),
                    "templates whose metrics have different names",
                    f"{metric.name!r} again",
                    "One run measures them all; rename one.",
                )
            metrics.append(metric.name)
    for key, named in (
        ("dryRun", [each.metric_name for each in analysis.dry_run]),
        ("measurementRetention", [each.metric_name for each in analysis.measurement_retention]),
    ):
        for index, name in enumerate(named):
            if not any(_fits(name, metric) for metric in metrics):
                yield unknown((*base, key, index, "metricName"), "metric", name, metrics)


def _arguments(
    workload: RolloutWorkload, analysis: RolloutAnalysis, templates: Sequence[AnalysisSpec], base: Location
) -> Iterator[Dangling]:
    known: dict[str, bool] = {}
    for template in templates:
        for declared in template.args:
            known[declared.name] = known.get(declared.name, False) or declared.value is not None
    given = [argument.name for argument in analysis.args]
    for name, has_value in known.items():
        if not has_value and name not in given:
            yield Dangling((*base, "args"), f"a value for argument {name!r}", "none", "Give one.")
    for index, argument in enumerate(analysis.args):
        if argument.name not in known:
            yield unknown((*base, "args", index, "name"), "argument", argument.name, known)
        if argument.value_from is not None and argument.value_from.field_ref is not None:
            yield from _field(workload, argument.value_from.field_ref.field_path, (*base, "args", index))


def _fits(pattern: str, metric: str) -> bool:
    """Whether a pattern means a metric; one that is no pattern means none."""
    try:
        return re.fullmatch(pattern, metric) is not None
    except re.error:
        return False


def _field(workload: RolloutWorkload, path: str, base: Location) -> Iterator[Dangling]:
    part, _, key = path.removeprefix("metadata.").removesuffix("']").partition("['")
    values = workload.metadata.labels if part == "labels" else workload.metadata.annotations
    if key not in values:
        yield unknown((*base, "valueFrom", "fieldRef", "fieldPath"), f"key of metadata.{part}", key, values)
