"""The evaluator: walks an expression tree once and computes it at every step of the query.

Selectors ask the source; functions over ranges look at windows; everything else is arithmetic on matrices.
A subquery is a query of its own, at steps of its own, whose results are the samples of windows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.errors import QueryError
from simulator.telemetry.promql import over_time, rates
from simulator.telemetry.promql.aggregate import aggregated
from simulator.telemetry.promql.binary import joined
from simulator.telemetry.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Expression,
    Moment,
    Negation,
    Number,
    Range,
    Selector,
    Subquery,
    Text,
)
from simulator.telemetry.promql.functions import SPECIAL, unnamed
from simulator.telemetry.promql.numbers import OF_NUMBERS, OF_TIMES
from simulator.telemetry.promql.over_time import KEEPS_NAME, SIMPLE
from simulator.telemetry.promql.rates import Result, seconds_between
from simulator.telemetry.promql.source import Block, Floats, Integers, SeriesSource
from simulator.telemetry.promql.values import Scalar, Value, Vector, Words, nothing, one_row, settled
from simulator.telemetry.promql.windows import Windows, ends_of, windows_of
from simulator.units import MINUTE

#: How far back an instant query looks for a sample.
LOOKBACK: Final = 5 * MINUTE
#: Prometheus' limit on the points of a series, which keeps a typing mistake from eating the memory.
MOST_STEPS: Final = 11_000

#: (is a counter, per second) of the functions that extrapolate.
_EXTRAPOLATED: Final = {"rate": (True, True), "increase": (True, False), "delta": (False, False)}


@dataclass(frozen=True, slots=True)
class Settings:
    """How expressions are read.

    Attributes:
        version: 3, or 2 for ranges and lookback closed on the left.
        lookback: ns.
        subquery_step: Step of a subquery that names none, ns.
    """

    version: int = 3
    lookback: int = LOOKBACK
    subquery_step: int = MINUTE

    @property
    def closed(self) -> bool:
        """Whether a sample exactly at the beginning of a range belongs to it."""
        return self.version < 3


class Evaluation:
    """One query: its steps, the bounds that ``start()`` and ``end()`` name, and where samples come from."""

    def __init__(
        self, source: SeriesSource, steps: Integers, settings: Settings, bounds: tuple[int, int] | None = None
    ) -> None:
        self.steps: Integers = steps
        self._source = source
        self._settings = settings
        self._bounds = bounds or (int(steps[0]), int(steps[-1]))

    def value(self, expression: Expression) -> Value:
        """The expression's value at every step."""
        match expression:
            case Number():
                return Scalar(np.full(len(self.steps), expression.value))
            case Text():
                return Words(expression.value)
            case Selector():
                return self._selected(expression)
            case Negation():
                return self._negated(self.value(expression.body))
            case Binary():
                left, right = self.value(expression.left), self.value(expression.right)
                return joined(
                    expression.operator, left, right, boolean=expression.boolean, matching=expression.matching
                )
            case Aggregation():
                return self._aggregated(expression)
            case Call():
                return self._called(expression)
        raise QueryError(
            "PromQL",
            expected="an instant vector or a number",
            got="a range vector",
            todo="Put a function around it, such as rate().",
            message="range vectors have no value at a step",
        )

    # --- selectors --------------------------------------------------------------------------------

    def _moments(self, offset: int, at: Moment | None) -> Integers:
        """Where a selector looks at every step."""
        if at is None:
            return self.steps - offset
        moment = at if isinstance(at, int) else self._bounds[at == "end"]
        return np.full(len(self.steps), moment - offset, dtype=np.int64)

    def _selected(self, selector: Selector) -> Vector:
        moments = self._moments(selector.offset, selector.at)
        settings = self._settings
        found = self._source.latest(selector.matchers, moments, settings.lookback, closed=settings.closed)
        return settled(found.labels, found.values, found.present)

    def timestamps(self, selector: Selector) -> Vector:
        moments = self._moments(selector.offset, selector.at)
        settings = self._settings
        found = self._source.latest(selector.matchers, moments, settings.lookback, closed=settings.closed)
        return settled(unnamed(found.labels), seconds_between(found.times), found.present)

    def windows(self, ranged: Expression) -> Windows:
        """The samples of a range selector or subquery at every step."""
        if isinstance(ranged, Range):
            selector = ranged.selector
            ends = self._moments(selector.offset, selector.at)
            block = self._source.select(selector.matchers, int(ends.min()) - ranged.length, int(ends.max()))
        elif isinstance(ranged, Subquery):
            ends = self._moments(ranged.offset, ranged.at)
            block = self._subquery(ranged, int(ends.min()) - ranged.length, int(ends.max()))
        else:
            raise QueryError(
                "PromQL",
                expected="a range such as x[5m]",
                got="something else",
                todo="Put a range behind it.",
            )
        return windows_of(block, ends - ranged.length, ends, self.steps, closed=self._settings.closed)

    def _subquery(self, subquery: Subquery, start: int, end: int) -> Block:
        """The body at every multiple of the step, in a line of times that all windows share."""
        step = subquery.step or self._settings.subquery_step
        first = -(-start // step) * step if self._settings.closed else (start // step + 1) * step
        if (end - first) // step > MOST_STEPS * 10:
            raise _too_many()
        steps = np.arange(first, end + 1, step, dtype=np.int64)
        if not len(steps):
            none = nothing(0)
            return Block((), steps, none.values, none.present, none.present)
        inner = Evaluation(self._source, steps, self._settings, self._bounds)
        value = inner.value(subquery.body)
        vector = one_row(value.values) if isinstance(value, Scalar) else value
        if not isinstance(vector, Vector):
            raise QueryError("PromQL", expected="a vector", got="a text", todo="A text has no samples.")
        return Block(vector.labels, steps, vector.values, vector.present, np.zeros_like(vector.present))

    # --- operators --------------------------------------------------------------------------------

    def _negated(self, value: Value) -> Value:
        if isinstance(value, Vector):
            return settled(unnamed(value.labels), -value.values, value.present)
        return Scalar(-self._numbers(value))

    def _aggregated(self, aggregation: Aggregation) -> Vector:
        parameter: Floats | str | None = None
        if aggregation.parameter is not None:
            value = self.value(aggregation.parameter)
            parameter = value.text if isinstance(value, Words) else self._numbers(value)
        return aggregated(
            aggregation.operator,
            self.vector(aggregation.body),
            aggregation.labels,
            without=aggregation.without,
            parameter=parameter,
            version=self._settings.version,
        )

    # --- functions --------------------------------------------------------------------------------

    def _called(self, call: Call) -> Value:
        name, arguments = call.name, call.arguments
        if name in OF_NUMBERS:
            vector = self.vector(arguments[0])
            with np.errstate(all="ignore"):
                return settled(unnamed(vector.labels), OF_NUMBERS[name](vector.values), vector.present)
        if name in OF_TIMES:
            vector = self.vector(arguments[0]) if arguments else one_row(seconds_between(self.steps))
            return settled(unnamed(vector.labels), OF_TIMES[name](vector.values), vector.present)
        special = SPECIAL.get(name)
        return special(self, arguments) if special else self._over_range(name, arguments)

    def _over_range(self, name: str, arguments: tuple[Expression, ...]) -> Vector:
        ranged = arguments[-1] if name == "quantile_over_time" else arguments[0]
        if name in _EXTRAPOLATED:
            return self._extrapolated(name, ranged)
        windows = self.windows(ranged)
        values, present = self._reduced(name, windows, arguments)
        labels = windows.labels if name in KEEPS_NAME else unnamed(windows.labels)
        return settled(labels, values, present, whole=True)

    def _reduced(self, name: str, windows: Windows, arguments: tuple[Expression, ...]) -> Result:
        if name == "avg_over_time" and self._settings.version < 3:
            return over_time.average_of_2(windows)
        if name in SIMPLE:
            return SIMPLE[name](windows)
        if name in ("irate", "idelta"):
            return rates.instant(windows, counter=name == "irate")
        if name == "deriv":
            slope, _, there = rates.regression(windows, None)
            return slope, there
        if name == "predict_linear":
            slope, intercept, there = rates.regression(windows, self.steps)
            ahead = self._numbers(self.value(arguments[1]))
            with np.errstate(all="ignore"):
                return slope * ahead + intercept, there
        if name == "quantile_over_time":
            return over_time.quantiles(windows, self._numbers(self.value(arguments[0])))
        factors = [self._numbers(self.value(each)) for each in arguments[1:]]
        for words, factor in zip(("smoothing", "trend"), factors, strict=True):
            if not ((factor > 0) & (factor < 1)).all():
                raise QueryError(
                    "PromQL, double_exponential_smoothing()",
                    expected=f"a {words} factor between 0 and 1",
                    got=f"{factor[0]:g}",
                    todo="Choose for example 0.5.",
                    message=f"invalid {words} factor. Expected: 0 < {words[0]}f < 1, got: {factor[0]:f}",
                )
        return rates.smoothed(windows, *factors)

    def _extrapolated(self, name: str, ranged: Expression) -> Vector:
        counter, per_second = _EXTRAPOLATED[name]
        found = None
        if isinstance(ranged, Range):
            selector = ranged.selector
            stops = self._moments(selector.offset, selector.at)
            starts = stops - ranged.length
            if counter:
                found = self._source.ends(selector.matchers, starts, stops, closed=self._settings.closed)
            if found is None:
                found = [ends_of(self.windows(ranged))]
        else:
            windows = self.windows(ranged)
            starts, stops, found = windows.starts, windows.ends, [ends_of(windows)]
        version = self._settings.version
        parts = [
            rates.extrapolated(part, starts, stops, counter=counter, per_second=per_second, version=version)
            for part in found
        ]
        labels = [one for part in found for one in unnamed(part.labels)]
        if len(parts) == 1:
            return settled(labels, *parts[0], whole=True)
        none = nothing(len(self.steps))
        values = np.concatenate([none.values, *(values for values, _ in parts)])
        present = np.concatenate([none.present, *(present for _, present in parts)])
        return settled(labels, values, present, whole=True)

    def numbers(self, expression: Expression) -> Floats:
        """A scalar expression at every step."""
        return self._numbers(self.value(expression))

    # --- kinds ------------------------------------------------------------------------------------

    def vector(self, expression: Expression) -> Vector:
        value = self.value(expression)
        if isinstance(value, Vector):
            return value
        raise QueryError(
            "PromQL",
            expected="an instant vector",
            got="a number or text",
            todo="Put vector() around a number.",
        )

    def _numbers(self, value: Value) -> Floats:
        if isinstance(value, Scalar):
            return value.values
        raise QueryError(
            "PromQL", expected="a number", got="a vector or text", todo="Put scalar() around it."
        )

    def _texts(self, expressions: tuple[Expression, ...]) -> list[str]:
        return [each.value for each in expressions if isinstance(each, Text)]


def _too_many() -> QueryError:
    return QueryError(
        "PromQL",
        expected=f"at most {MOST_STEPS} points in a series",
        got="more",
        todo="Choose a longer step or a shorter range.",
        message="exceeded maximum resolution of 11,000 points per timeseries",
    )
