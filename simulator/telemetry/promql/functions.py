"""Functions that are neither of one number nor over a range: absence, order, bounds, labels, scalars.

Each takes the evaluation that it is part of, and its arguments unevaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isnan, nan, pi
from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.telemetry.promql import relabel
from simulator.telemetry.promql.expressions import Expression, Selector, Text
from simulator.telemetry.promql.histograms import histogram_quantile
from simulator.telemetry.promql.labels import Labels, drop_name
from simulator.telemetry.promql.numbers import round_to
from simulator.telemetry.promql.rates import seconds_between
from simulator.telemetry.promql.source import Bools
from simulator.telemetry.promql.values import Scalar, Value, Vector, one_row, settled

if TYPE_CHECKING:
    from simulator.telemetry.promql.evaluate import Evaluation


def unnamed(labels: Iterable[Labels]) -> list[Labels]:
    """Label sets without the metric's name."""
    return [drop_name(one) for one in labels]


def _anywhere(present: Bools) -> Bools:
    steps: Bools = np.logical_or.reduce(present, axis=0)
    return steps


def _texts(expressions: tuple[Expression, ...]) -> list[str]:
    return [each.value for each in expressions if isinstance(each, Text)]


def absent(one: Evaluation, arguments: tuple[Expression, ...]) -> Vector:
    """``absent``: one element where the argument has none."""
    return _missing(one, arguments[0], _anywhere(one.vector(arguments[0]).present))


def absent_over_time(one: Evaluation, arguments: tuple[Expression, ...]) -> Vector:
    """``absent_over_time``: the same of a range."""
    return _missing(one, arguments[0], _anywhere(one.windows(arguments[0]).some))


def _missing(one: Evaluation, argument: Expression, there: Bools) -> Vector:
    labels = [relabel.absent_labels(argument)]
    return settled(labels, np.ones((1, len(one.steps))), ~there[None, :])


def timestamp(one: Evaluation, arguments: tuple[Expression, ...]) -> Vector:
    """``timestamp``: of a selector, when the sample was taken; of anything else, the step."""
    if isinstance(arguments[0], Selector):
        return one.timestamps(arguments[0])
    vector = one.vector(arguments[0])
    values = np.broadcast_to(seconds_between(one.steps), vector.values.shape)
    return settled(unnamed(vector.labels), values, vector.present)


def scalar(one: Evaluation, arguments: tuple[Expression, ...]) -> Scalar:
    """``scalar``: the only element's value, else NaN."""
    vector = one.vector(arguments[0])
    if not len(vector.labels):
        return Scalar(np.full(len(one.steps), nan))
    only = vector.values[vector.present.argmax(axis=0), np.arange(len(one.steps))]
    return Scalar(np.where(vector.present.sum(axis=0) == 1, only, nan))


def clamped(one: Evaluation, name: str, arguments: tuple[Expression, ...]) -> Vector:
    """``clamp``, ``clamp_min`` and ``clamp_max``."""
    vector = one.vector(arguments[0])
    bounds = [one.numbers(each) for each in arguments[1:]]
    values, present = vector.values, vector.present
    with np.errstate(invalid="ignore"):
        if name != "clamp_min":
            values = np.minimum(values, bounds[-1])
        if name != "clamp_max":
            values = np.maximum(values, bounds[0])
        if name == "clamp":
            present = present & ~(bounds[0] > bounds[1])
    return settled(unnamed(vector.labels), values, present)


def rounded(one: Evaluation, arguments: tuple[Expression, ...]) -> Vector:
    """``round``."""
    vector = one.vector(arguments[0])
    ones = np.ones(len(one.steps))
    nearest = one.numbers(arguments[1]) if len(arguments) > 1 else ones
    return settled(unnamed(vector.labels), round_to(vector.values, nearest), vector.present)


def ordered(one: Evaluation, arguments: tuple[Expression, ...], *, descending: bool) -> Vector:
    """``sort`` and ``sort_desc``: only an instant query has an order; NaN comes last either way."""
    vector = one.vector(arguments[0])
    if len(one.steps) > 1:
        return vector
    values = vector.values[:, 0].tolist()
    rows = sorted(
        range(len(values)),
        key=lambda row: (
            isnan(values[row]),
            0.0 if isnan(values[row]) else values[row] * (1, -1)[descending],
        ),
    )
    return Vector([vector.labels[row] for row in rows], vector.values[rows], vector.present[rows])


def ordered_by_labels(one: Evaluation, arguments: tuple[Expression, ...], *, descending: bool) -> Vector:
    """``sort_by_label`` and ``sort_by_label_desc``."""
    vector = one.vector(arguments[0])
    return relabel.by_labels(vector, _texts(arguments[1:]), descending=descending)


def label_replace(one: Evaluation, arguments: tuple[Expression, ...]) -> Vector:
    """``label_replace``."""
    target, template, source, pattern = _texts(arguments[1:])
    return relabel.label_replace(one.vector(arguments[0]), target, template, source, pattern)


def label_join(one: Evaluation, arguments: tuple[Expression, ...]) -> Vector:
    """``label_join``."""
    target, separator, *sources = _texts(arguments[1:])
    return relabel.label_join(one.vector(arguments[0]), target, separator, sources)


def quantile(one: Evaluation, arguments: tuple[Expression, ...]) -> Vector:
    """``histogram_quantile``."""
    return histogram_quantile(one.numbers(arguments[0]), one.vector(arguments[1]))


#: By name.
SPECIAL: Final[Mapping[str, Callable[[Evaluation, tuple[Expression, ...]], Value]]] = {
    "absent": absent,
    "absent_over_time": absent_over_time,
    "clamp": lambda one, arguments: clamped(one, "clamp", arguments),
    "clamp_max": lambda one, arguments: clamped(one, "clamp_max", arguments),
    "clamp_min": lambda one, arguments: clamped(one, "clamp_min", arguments),
    "histogram_quantile": quantile,
    "label_join": label_join,
    "label_replace": label_replace,
    "pi": lambda one, _: Scalar(np.full(len(one.steps), pi)),
    "round": rounded,
    "scalar": scalar,
    "sort": lambda one, arguments: ordered(one, arguments, descending=False),
    "sort_by_label": lambda one, arguments: ordered_by_labels(one, arguments, descending=False),
    "sort_by_label_desc": lambda one, arguments: ordered_by_labels(one, arguments, descending=True),
    "sort_desc": lambda one, arguments: ordered(one, arguments, descending=True),
    "time": lambda one, _: Scalar(seconds_between(one.steps)),
    "timestamp": timestamp,
    "vector": lambda one, arguments: one_row(one.numbers(arguments[0])),
}
