"""The door to PromQL: an instant query, a range query, and what they give.

Times are nanoseconds since the Unix epoch, as the source counts them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from simulator.errors import QueryError
from simulator.telemetry.promql.evaluate import MOST_STEPS, Evaluation, Settings
from simulator.telemetry.promql.expressions import Aggregation, Call, Expression, Range, Subquery
from simulator.telemetry.promql.labels import EMPTY, Labels
from simulator.telemetry.promql.source import Bools, Floats, Integers, SeriesSource
from simulator.telemetry.promql.syntax import Version, parse
from simulator.telemetry.promql.values import Scalar, Vector, Words
from simulator.units import MINUTE

Kind = Literal["vector", "scalar", "string", "matrix"]

_ORDERED: Final = frozenset({"sort", "sort_desc", "sort_by_label", "sort_by_label_desc"})


@dataclass(frozen=True, slots=True)
class Element:
    """One element of an instant result."""

    labels: Labels
    value: float


@dataclass(frozen=True, slots=True)
class Instant:
    """The result of an instant query.

    Attributes:
        kind: What the expression is.
        at: The moment, ns.
        elements: Of a vector, in its order where it has one, else by labels; the one number of a scalar.
        text: Of a string.
        series: Of a range such as ``x[5m]``: (labels, times, values) by labels.
    """

    kind: Kind
    at: int
    elements: tuple[Element, ...] = ()
    text: str = ""
    series: tuple[tuple[Labels, Integers, Floats], ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """The result of a range query.

    Attributes:
        times: The steps, ns.
        labels: One a series, by labels.
        values: Shape ``(series, steps)``; NaN where ``present`` says that there is nothing.
        present: The same shape.
    """

    times: Integers
    labels: tuple[Labels, ...]
    values: Floats
    present: Bools


def query(
    source: SeriesSource,
    text: str,
    at: int,
    *,
    version: Version = 3,
    subquery_step: int = MINUTE,
) -> Instant:
    """An instant query.

    Args:
        source: Where samples come from.
        text: PromQL.
        at: The moment, ns since the epoch.
        version: Whose semantics: 3, or 2 for ranges that are closed on the left.
        subquery_step: Step of subqueries that name none.

    Raises:
        QueryError: The text is no PromQL, is not supported, or has no answer on these series.
    """
    expression = parse(text, version=version)
    settings = Settings(version, subquery_step=subquery_step)
    evaluation = Evaluation(source, np.array([at], dtype=np.int64), settings)
    if isinstance(expression, Range | Subquery):
        return Instant("matrix", at, series=_matrix(evaluation, expression))
    return instant_of(evaluation, expression, at)


def instant_of(evaluation: Evaluation, expression: Expression, at: int) -> Instant:
    """The value of an expression at the one step of an evaluation."""
    value = evaluation.value(expression)
    if isinstance(value, Words):
        return Instant("string", at, text=value.text)
    if isinstance(value, Scalar):
        return Instant("scalar", at, (Element(EMPTY, float(value.values[0])),))
    rows = np.flatnonzero(value.present[:, 0]).tolist()
    if not has_order(expression):
        rows.sort(key=lambda row: value.labels[row])
    return Instant(
        "vector", at, tuple(Element(value.labels[row], float(value.values[row, 0])) for row in rows)
    )


def query_range(
    source: SeriesSource, text: str, start: int, end: int, step: int, *, version: Version = 3
) -> Matrix:
    """A range query: the expression at ``start``, ``start + step``, … up to ``end``.

    Raises:
        QueryError: As ``query``; and for bounds that make no sense or too many points.
    """
    expression = parse(text, version=version)
    if step <= 0 or end < start or (end - start) // step > MOST_STEPS:
        raise QueryError(
            "PromQL, range query",
            expected=f"a step above zero, an end after the start, at most {MOST_STEPS} points",
            got=f"start {start}, end {end}, step {step}",
            todo="Choose a longer step or a shorter range.",
            message="exceeded maximum resolution of 11,000 points per timeseries",
        )
    steps = np.arange(start, end + 1, step, dtype=np.int64)
    if isinstance(expression, Range | Subquery):
        raise QueryError(
            "PromQL, range query",
            expected="an instant vector or a number",
            got="a range vector",
            todo="Put a function around it, such as rate().",
            message='invalid expression type "range vector" for range query',
        )
    value = Evaluation(source, steps, Settings(version)).value(expression)
    if isinstance(value, Words):
        raise QueryError(
            "PromQL, range query",
            expected="an instant vector or a number",
            got="a text",
            todo="Ask at one moment.",
            message='invalid expression type "string" for range query',
        )
    if isinstance(value, Scalar):
        there = np.ones((1, len(steps)), dtype=np.bool_)
        return Matrix(steps, (EMPTY,), value.values[None, :], there)
    return _ranged(steps, value)


def _ranged(steps: Integers, vector: Vector) -> Matrix:
    rows = np.flatnonzero(vector.present.any(axis=1)).tolist()
    rows.sort(key=lambda row: vector.labels[row])
    present = vector.present[rows]
    values = np.where(present, vector.values[rows], np.nan)
    return Matrix(steps, tuple(vector.labels[row] for row in rows), values, present)


def _matrix(evaluation: Evaluation, expression: Expression) -> tuple[tuple[Labels, Integers, Floats], ...]:
    windows = evaluation.windows(expression)
    found = []
    for row, labels in enumerate(windows.labels):
        begin, size = int(windows.first[row, 0]), int(windows.counts[row, 0])
        if size:
            part = slice(begin, begin + size)
            found.append((labels, windows.times[part], windows.values[part]))
    return tuple(sorted(found, key=lambda one: one[0]))


def has_order(expression: Expression) -> bool:
    """Whether the elements of its instant result stand in an order that means something."""
    if isinstance(expression, Call):
        return expression.name in _ORDERED
    return isinstance(expression, Aggregation) and expression.operator in ("topk", "bottomk")
