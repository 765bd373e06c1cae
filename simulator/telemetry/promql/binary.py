"""Binary operators: arithmetic, comparison and sets, and how the series of two vectors find each other.

Source: prometheus/prometheus promql/engine.go, ``VectorBinop``, ``VectorAnd``, ``VectorOr``,
``VectorUnless`` and ``resultMetric``, v3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from simulator.errors import QueryError
from simulator.telemetry.promql.expressions import Matching
from simulator.telemetry.promql.labels import (
    NAME,
    Labels,
    drop,
    drop_name,
    inner_text,
    keep,
    labels_of,
    value_of,
)
from simulator.telemetry.promql.numbers import ARITHMETIC, COMPARISONS
from simulator.telemetry.promql.source import Bools, Floats
from simulator.telemetry.promql.values import Scalar, Value, Vector, nothing, settled

_SETS = ("and", "or", "unless")


def joined(operator: str, left: Value, right: Value, *, boolean: bool, matching: Matching) -> Value:
    """The operator on two values of any kind; the parser has refused kinds that don't go together."""
    with np.errstate(all="ignore"):
        if isinstance(left, Vector) and isinstance(right, Vector):
            if operator in _SETS:
                return _set(operator, left, right, matching)
            return _vectors(operator, left, right, boolean=boolean, matching=matching)
        if isinstance(left, Vector) and isinstance(right, Scalar):
            return _with_scalar(operator, left, left.values, right.values[None, :], boolean=boolean)
        if isinstance(left, Scalar) and isinstance(right, Vector):
            return _with_scalar(operator, right, left.values[None, :], right.values, boolean=boolean)
        if isinstance(left, Scalar) and isinstance(right, Scalar):
            function = ARITHMETIC.get(operator) or COMPARISONS[operator]
            return Scalar(function(left.values, right.values).astype(np.float64))
    raise QueryError(
        f"PromQL, operator {operator}",
        expected="numbers and instant vectors",
        got="a text",
        todo="Texts are arguments of functions only.",
    )


def _with_scalar(operator: str, vector: Vector, left: Floats, right: Floats, *, boolean: bool) -> Vector:
    """A vector and a scalar; a comparison without ``bool`` keeps the elements for which it holds."""
    if operator in ARITHMETIC:
        labels = [drop_name(one) for one in vector.labels]
        return settled(labels, ARITHMETIC[operator](left, right), vector.present)
    holds = COMPARISONS[operator](left, right)
    if boolean:
        labels = [drop_name(one) for one in vector.labels]
        return settled(labels, holds.astype(np.float64), vector.present)
    return settled(vector.labels, vector.values, vector.present & holds)


def _signature(matching: Matching) -> Callable[[Labels], Labels]:
    """What two series must have in common."""
    names = frozenset(matching.labels)
    if matching.on:
        return lambda labels: keep(labels, names)
    return lambda labels: drop(labels, names | {NAME})


def _set(operator: str, left: Vector, right: Vector, matching: Matching) -> Vector:
    signature = _signature(matching)
    ours, theirs = ([signature(labels) for labels in side.labels] for side in (left, right))
    if operator == "or":
        there = _seen(ours, left.present)
        taken = [there.get(one) for one in theirs]
        extra = right.present.copy()
        for row, hidden in enumerate(taken):
            if hidden is not None:
                extra[row] &= ~hidden
        return settled(
            [*left.labels, *right.labels],
            np.concatenate([left.values, right.values]),
            np.concatenate([left.present, extra]),
        )
    there = _seen(theirs, right.present)
    none = np.zeros(left.values.shape[1], dtype=np.bool_)
    found = np.array([there.get(one, none) for one in ours], dtype=np.bool_).reshape(left.present.shape)
    return settled(left.labels, left.values, left.present & (found if operator == "and" else ~found))


def _seen(signatures: Sequence[Labels], present: Bools) -> dict[Labels, Bools]:
    """Where any element of each signature is."""
    found: dict[Labels, Bools] = {}
    for row, signature in enumerate(signatures):
        found[signature] = found[signature] | present[row] if signature in found else present[row]
    return found


def _vectors(operator: str, left: Vector, right: Vector, *, boolean: bool, matching: Matching) -> Vector:
    """One to one, or several to one; the several are called many here, whichever side they stand on."""
    swapped = matching.cardinality == "one-to-many"
    many, one = (right, left) if swapped else (left, right)
    steps = left.values.shape[1]
    signature = _signature(matching)
    partners: dict[Labels, list[int]] = {}
    # Where one side is empty, Prometheus looks no further, not even for duplicates on the other.
    active = many.present.any(axis=0) & one.present.any(axis=0)
    for row, single in enumerate(one.labels):
        partners.setdefault(signature(single), []).append(row)
    for shared, rows in partners.items():
        both = one.present[rows] & active
        if len(rows) > 1 and (both.sum(axis=0) > 1).any():
            step = int(np.argmax(both.sum(axis=0) > 1))
            clash = [one.labels[rows[place]] for place in np.flatnonzero(both[:, step])[1::-1]]
            raise _many_to_many(shared, clash, "left" if swapped else "right")
    pairs = [
        (row, other)
        for row, several in enumerate(many.labels)
        for other in partners.get(signature(several), ())
    ]
    if not pairs:
        return nothing(steps)
    ours, theirs = np.array(pairs).T
    first, second = many.values[ours], one.values[theirs]
    present = many.present[ours] & one.present[theirs]
    values, kept = _applied(operator, *((second, first) if swapped else (first, second)), boolean=boolean)
    present = present & kept
    labels = [
        _result_labels(many.labels[row], one.labels[other], operator, boolean=boolean, matching=matching)
        for row, other in pairs
    ]
    if matching.cardinality == "one-to-one":
        _refuse_several([signature(many.labels[row]) for row, _ in pairs], present)
    else:
        _refuse_ambiguous(labels, [signature(many.labels[row]) for row, _ in pairs], present)
    return settled(labels, values, present)


def _applied(operator: str, left: Floats, right: Floats, *, boolean: bool) -> tuple[Floats, Bools]:
    if operator in ARITHMETIC:
        values = ARITHMETIC[operator](left, right)
        return values, np.ones(values.shape, dtype=np.bool_)
    holds = COMPARISONS[operator](left, right)
    return (holds.astype(np.float64), np.ones(holds.shape, dtype=np.bool_)) if boolean else (left, holds)


def _result_labels(many: Labels, one: Labels, operator: str, *, boolean: bool, matching: Matching) -> Labels:
    labels = drop_name(many) if operator in ARITHMETIC or boolean else many
    if matching.cardinality == "one-to-one":
        names = frozenset(matching.labels)
        labels = keep(labels, names) if matching.on else drop(labels, names)
    if matching.include:
        labels = labels_of({**dict(labels), **{name: value_of(one, name) for name in matching.include}})
    return labels


def _many_to_many(shared: Labels, clash: list[Labels], side: str) -> QueryError:
    texts = ", ".join(inner_text(labels) for labels in clash)
    return QueryError(
        "PromQL",
        expected=f"one series for each match group on the {side}-hand side",
        got=f"several for {inner_text(shared)}: {texts}",
        todo="Aggregate that side, or name more labels in on().",
        message=f"found duplicate series for the match group {inner_text(shared)} on the {side} hand-side "
        f"of the operation: [{texts}];many-to-many matching not allowed: "
        "matching labels must be unique on one side",
    )


def _refuse_several(signatures: Sequence[Labels], present: Bools) -> None:
    if _twice(signatures, present):
        raise QueryError(
            "PromQL",
            expected="one series on either side for each match group",
            got="several on the left",
            todo="Say group_left or group_right if that is meant.",
            message="multiple matches for labels: many-to-one matching must be explicit "
            "(group_left/group_right)",
        )


def _refuse_ambiguous(labels: Sequence[Labels], signatures: Sequence[Labels], present: Bools) -> None:
    if _twice(list(zip(labels, signatures, strict=True)), present):
        raise QueryError(
            "PromQL",
            expected="elements that differ in their labels",
            got="several with the same labels",
            todo="Name more labels in group_left() or group_right().",
            message="multiple matches for labels: grouping labels must ensure unique matches",
        )


def _twice(keys: Sequence[object], present: Bools) -> bool:
    """Whether two rows of one key are there at one step."""
    rows: dict[object, list[int]] = {}
    for row, key in enumerate(keys):
        rows.setdefault(key, []).append(row)
    return any(len(same) > 1 and bool((present[same].sum(axis=0) > 1).any()) for same in rows.values())
