"""One measurement of one metric: asked of the provider, judged by its conditions.

Source: argoproj/argo-rollouts metricproviders/prometheus, utils/evaluate (1.8).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import isinf, isnan
from typing import Final, Literal, Protocol

from simulator.engine.metrics import NO_DATA, NoData
from simulator.engine.rollouts.expressions import parse_condition
from simulator.engine.rollouts.operations import EvaluationError, Result
from simulator.errors import GamedayError
from simulator.world.analysis import AnalysisPhase, Argument, Measurement, Metric, Plugin

_ARGUMENT: Final = re.compile(r"\{\{\s*args\.([^{}\s]+)\s*\}\}")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a plugin found.

    Attributes:
        phase: Its verdict.
        value: The number or numbers behind it, as text.
        message: Why, in a sentence.
        metadata: More of it, by name.
    """

    phase: Literal["Successful", "Failed", "Inconclusive", "Error"]
    value: str = ""
    message: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


class Provider(Protocol):
    """What answers an analysis. The composition root chooses who does."""

    def instant(self, expr: str, at: int) -> Result | NoData:
        """The value of an instant query: a scalar, or the values of a vector in its order.

        Args:
            expr: In PromQL.
            at: ns.

        Raises:
            GamedayError: It can't be evaluated.
        """

    def judge(self, plugin: str, config: Mapping[str, str], at: int) -> Judgement:
        """The verdict of a metric plugin.

        Args:
            plugin: Its name, such as ``gameday/mann-whitney``.
            config: Its settings, arguments filled in.
            at: ns.

        Raises:
            GamedayError: There is no such plugin, or its settings are wrong.
        """


class Silent:
    """The provider where nobody answers: no data, and no plugin."""

    def instant(self, expr: str, at: int) -> Result | NoData:  # noqa: ARG002 - nobody listens
        """No data, whatever is asked."""
        return NO_DATA

    def judge(self, plugin: str, config: Mapping[str, str], at: int) -> Judgement:  # noqa: ARG002
        """There is no plugin."""
        return Judgement("Error", message=f"plugin {plugin} not found")


def measure(metric: Metric, args: tuple[Argument, ...], provider: Provider, at: int) -> Measurement:
    """Measure a metric now.

    Args:
        metric: Which.
        args: Of the run, with their values.
        provider: Who answers.
        at: ns.
    """
    try:
        if isinstance(metric.provider, Plugin):
            config = {name: resolved(text, args) for name, text in metric.provider.config.items()}
            found = provider.judge(metric.provider.name, config, at)
            return Measurement(found.phase, found.value, at, at, found.message, found.metadata)
        answer = provider.instant(resolved(metric.provider.query, args), at)
    except GamedayError as error:
        return Measurement("Error", "", at, at, f"expected {error.expected}, got {error.got}")
    result: Result = () if isinstance(answer, NoData) else answer
    try:
        phase = _assessed(metric, args, result)
    except EvaluationError as error:
        return Measurement("Error", shown(result), at, at, str(error))
    if isinstance(answer, NoData) and phase == "Successful":
        return Measurement("Inconclusive", shown(result), at, at, "the query returned no data")
    return Measurement(phase, shown(result), at, at)


def _assessed(metric: Metric, args: tuple[Argument, ...], result: Result) -> AnalysisPhase:
    """What the conditions say of a result (``EvaluateResult``).

    Raises:
        EvaluationError: A condition has no answer.
    """
    success = _holds(metric.success_condition, args, result)
    failure = _holds(metric.failure_condition, args, result)
    if success is None and failure is None:
        return "Successful"
    if failure is None:
        failure = not success
    if success is None:
        success = not failure
    if failure:
        return "Failed"
    return "Successful" if success else "Inconclusive"


def _holds(condition: str, args: tuple[Argument, ...], result: Result) -> bool | None:
    """Whether a condition holds; None where there is none."""
    if not condition:
        return None
    try:
        parsed = parse_condition(resolved(condition, args), where="condition")
    except GamedayError as error:
        raise EvaluationError(f"{error.where}: expected {error.expected}, got {error.got}") from None
    return parsed.holds(result)


def resolved(text: str, args: tuple[Argument, ...]) -> str:
    """A text with its ``{{args.NAME}}`` filled in.

    Raises:
        GamedayError: An argument has no value.
    """
    values = {argument.name: argument.value for argument in args}

    def value(match: re.Match[str]) -> str:
        found = values.get(match[1])
        if found is None:
            raise GamedayError(
                match[0],
                expected="an argument with a value",
                got=f"{match[1]!r} without one",
                todo="Declare it among the template's args, and give it a value.",
            )
        return found

    return _ARGUMENT.sub(value, text)


def arguments_in(text: str) -> tuple[str, ...]:
    """The arguments that a text asks for, in order."""
    return tuple(dict.fromkeys(_ARGUMENT.findall(text)))


def shown(result: Result) -> str:
    """A result as the provider writes it down: ``0.9987``, ``[0.9987,NaN]``."""
    if isinstance(result, tuple):
        return "[" + ",".join(_number(value) for value in result) + "]"
    return _number(result)


def _number(value: float) -> str:
    if isnan(value):
        return "NaN"
    if isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = f"{Decimal(repr(float(value))):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
