"""Analyses, in Argo Rollouts' words: templates of what is measured, and their use by a Rollout.

A subset of argoproj.io/v1alpha1 (1.8). What a query or a condition says is checked by who evaluates it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Annotated, Final, Literal, Self

from pydantic import Field, JsonValue, model_validator

from simulator.scenario.fields import (
    Count,
    Duration,
    Line,
    Model,
    Name,
    Positive,
    Text,
    exactly_one,
    refused,
)
from simulator.scenario.workloads import Metadata

#: How a metric refers to an argument.
ARGUMENT: Final = re.compile(r"\{\{\s*args\.([^{}\s]+)\s*\}\}")
_ArgumentName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9]([-a-zA-Z0-9_.]{0,61}[a-zA-Z0-9])?$")]


class PrometheusQuery(Model):
    """A metric that a query gives."""

    query: Text
    address: str = ""


class MetricProvider(Model):
    """Who measures: exactly one. A plugin's settings that are no text become JSON."""

    prometheus: PrometheusQuery | None = None
    plugin: Annotated[dict[str, dict[str, JsonValue]], Field(min_length=1, max_length=1)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("prometheus", "plugin"))
        return self

    def settings(self, plugin: str) -> dict[str, str]:
        """The settings of its plugin, as texts."""
        given = (self.plugin or {}).get(plugin, {})
        return {
            name: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            for name, value in given.items()
        }


class Metric(Model):
    """One metric of a template. Limits count what is still borne."""

    name: Line
    interval: Annotated[Duration, Field(gt=0)] | None = None
    initial_delay: Duration = 0
    count: Positive | None = None
    """Measurements in all; none given is one without an interval, and without end with one."""
    success_condition: str = ""
    failure_condition: str = ""
    failure_limit: Annotated[int, Field(ge=-1, le=100_000)] = 0
    inconclusive_limit: Count = 0
    consecutive_error_limit: Count = 4
    provider: MetricProvider

    @model_validator(mode="after")
    def _as_the_controller_takes_it(self) -> Self:
        count = 1 if self.count is None and self.interval is None else self.count
        if count is None:
            return self
        if count > 1 and self.interval is None:
            raise refused(
                expected="interval beside count", got="count alone", todo="Say how often to measure."
            )
        for name, limit in (
            ("failureLimit", self.failure_limit),
            ("inconclusiveLimit", self.inconclusive_limit),
        ):
            if limit > count:
                raise refused(
                    expected=f"{name} of at most count, which is {count}",
                    got=str(limit),
                    todo="More can't be reached.",
                )
        return self

    @property
    def texts(self) -> tuple[str, ...]:
        """Everything in it that may refer to an argument."""
        plugins = [
            text for name in self.provider.plugin or {} for text in self.provider.settings(name).values()
        ]
        query = [self.provider.prometheus.query] if self.provider.prometheus is not None else []
        return (self.success_condition, self.failure_condition, *query, *plugins)


class TemplateArgument(Model):
    """An argument of a template; without a value, whoever uses it must give one."""

    name: _ArgumentName
    value: str | None = None


class DryRun(Model):
    """A metric whose verdict is only told."""

    metric_name: Line


class MeasurementRetention(Model):
    """How many measurements of a metric are kept."""

    metric_name: Line
    limit: Positive


class AnalysisSpec(Model):
    """What is measured."""

    args: Annotated[tuple[TemplateArgument, ...], Field(max_length=32)] = ()
    metrics: Annotated[tuple[Metric, ...], Field(min_length=1, max_length=32)]
    dry_run: tuple[DryRun, ...] = ()
    measurement_retention: tuple[MeasurementRetention, ...] = ()

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        for what, counts in (
            ("metric", Counter(metric.name for metric in self.metrics)),
            ("argument", Counter(argument.name for argument in self.args)),
        ):
            for name, count in counts.items():
                if count > 1:
                    raise refused(expected=f"each {what} once", got=f"{name!r} again", todo="Rename one.")
        known = {argument.name for argument in self.args}
        for metric in self.metrics:
            for text in metric.texts:
                for name in ARGUMENT.findall(text):
                    if name not in known:
                        raise refused(
                            expected=f"an argument {name!r} in args, which metric {metric.name!r} refers to",
                            got=", ".join(sorted(known)) or "none",
                            todo="Declare it, or correct the name.",
                        )
        return self


class AnalysisTemplate(Model):
    """A template that Rollouts refer to."""

    api_version: Literal["argoproj.io/v1alpha1"] = "argoproj.io/v1alpha1"
    kind: Literal["AnalysisTemplate"] = "AnalysisTemplate"
    metadata: Metadata
    spec: AnalysisSpec

    @property
    def name(self) -> str:
        return self.metadata.name


class ClusterAnalysisTemplate(Model):
    """A template of every namespace, referred to with ``clusterScope: true``."""

    api_version: Literal["argoproj.io/v1alpha1"] = "argoproj.io/v1alpha1"
    kind: Literal["ClusterAnalysisTemplate"] = "ClusterAnalysisTemplate"
    metadata: Metadata
    spec: AnalysisSpec

    @property
    def name(self) -> str:
        return self.metadata.name


# --- a Rollout's use of templates


class FieldRef(Model):
    """A field of the Rollout."""

    field_path: Annotated[str, Field(pattern=r"^metadata\.(labels|annotations)\['[^']+'\]$")]


class ArgumentSource(Model):
    """Where an argument's value comes from: exactly one."""

    pod_template_hash_value: Literal["Latest", "Stable"] | None = None
    field_ref: FieldRef | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("pod_template_hash_value", "field_ref"))
        return self


class Argument(Model):
    """The value of an argument: written, or taken from somewhere."""

    name: _ArgumentName
    value: str | None = None
    value_from: ArgumentSource | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("value", "value_from"))
        return self


class TemplateRef(Model):
    """A template, by name."""

    template_name: Name
    cluster_scope: bool = False


class RolloutAnalysis(Model):
    """An analysis that a Rollout runs."""

    templates: Annotated[tuple[TemplateRef, ...], Field(min_length=1, max_length=16)]
    args: tuple[Argument, ...] = ()
    dry_run: tuple[DryRun, ...] = ()
    measurement_retention: tuple[MeasurementRetention, ...] = ()


class BackgroundAnalysis(RolloutAnalysis):
    """One that runs beside the steps, from ``startingStep`` on."""

    starting_step: Count | None = None
