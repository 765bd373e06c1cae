"""What an expression is worth at every step of a query: a vector, a scalar or a text.

All steps are evaluated at once. A vector is a matrix, one row a series and one column a step, with a mask of
where there is a value; the value itself may be NaN.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from simulator.errors import QueryError
from simulator.telemetry.promql.labels import EMPTY, Labels
from simulator.telemetry.promql.source import Bools, Floats


@dataclass(frozen=True, slots=True)
class Vector:
    """Elements by series and step.

    Attributes:
        labels: One label set a row, no two alike.
        values: Shape ``(series, steps)``.
        present: The same shape: where an element is.
    """

    labels: Sequence[Labels]
    values: Floats
    present: Bools


@dataclass(frozen=True, slots=True)
class Scalar:
    """A number at every step."""

    values: Floats


@dataclass(frozen=True, slots=True)
class Words:
    """A text; the same at every step."""

    text: str


Value = Vector | Scalar | Words


def nothing(steps: int) -> Vector:
    """The empty vector."""
    return Vector((), np.zeros((0, steps)), np.zeros((0, steps), dtype=np.bool_))


def settled(labels: Sequence[Labels], values: Floats, present: Bools, *, whole: bool = False) -> Vector:
    """A vector of rows whose labels may have become alike: rows that are never there at once are joined.

    Args:
        labels: One a row.
        values: Shape ``(rows, steps)``.
        present: The same shape.
        whole: Refuse rows that are alike even if they are never there at once, as Prometheus does for
            functions over ranges.

    Raises:
        QueryError: Two elements of one step have the same labels.
    """
    some: Bools = np.logical_or.reduce(present, axis=1)
    if not some.all():
        labels = [one for row, one in enumerate(labels) if some[row]]
        values, present = values[some], present[some]
    if len(set(labels)) == len(labels):
        return Vector(labels, values, present)
    rows: dict[Labels, list[int]] = {}
    for row, one in enumerate(labels):
        rows.setdefault(one, []).append(row)
    for same in rows.values():
        if len(same) > 1 and (whole or (present[same].sum(axis=0) > 1).any()):
            raise same_labels()
    first = [same[0] for same in rows.values()]
    joined_values, joined_present = values[first], present[first]
    for place, same in enumerate(rows.values()):
        for row in same[1:]:
            joined_values[place] = np.where(present[row], values[row], joined_values[place])
            joined_present[place] |= present[row]
    return Vector(list(rows), joined_values, joined_present)


def same_labels() -> QueryError:
    """Prometheus' refusal of a result with two elements of the same labels."""
    return QueryError(
        "PromQL",
        expected="elements that differ in their labels",
        got="two with the same labels at one moment",
        todo="Series that differed in their metric's name alone have lost it; select one name, or aggregate.",
        message="vector cannot contain metrics with the same labelset",
    )


def one_row(values: Floats, labels: Labels = EMPTY) -> Vector:
    """A vector of one series that is there at every step."""
    return Vector((labels,), values[None, :], np.ones((1, len(values)), dtype=np.bool_))
