"""Aggregations: many elements of a step become one for each group, or the best few of each group.

Elements are taken in the order of their series, with Prometheus' own arithmetic. Source:
prometheus/prometheus promql/engine.go, ``aggregation``, ``aggregationK`` and ``aggregationCountValues``, v3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from simulator.errors import QueryError
from simulator.telemetry.promql.formats import number_text
from simulator.telemetry.promql.labels import NAME, Labels, drop, keep, labels_of
from simulator.telemetry.promql.over_time import mean_of, quantile, running_mean_of, variance_of
from simulator.telemetry.promql.rates import Kahan
from simulator.telemetry.promql.source import Bools, Floats, Integers
from simulator.telemetry.promql.values import Vector, nothing, settled


@dataclass(frozen=True, slots=True)
class _Groups:
    """Rows of a vector by group.

    Attributes:
        labels: Of each group.
        members: Row of each group's first, second, … member; -1 past its last; shape ``(groups, most)``.
    """

    labels: list[Labels]
    members: Integers


def _grouped(labels: Sequence[Labels], names: Sequence[str], *, without: bool) -> _Groups:
    wanted = frozenset(names) | (frozenset({NAME}) if without else frozenset())
    cut = drop if without else keep
    rows: dict[Labels, list[int]] = {}
    for row, one in enumerate(labels):
        rows.setdefault(cut(one, wanted), []).append(row)
    most = max((len(one) for one in rows.values()), default=0)
    members = np.full((len(rows), most), -1, dtype=np.int64)
    for place, group in enumerate(rows.values()):
        members[place, : len(group)] = group
    return _Groups(list(rows), members)


def _terms(vector: Vector, groups: _Groups) -> Iterator[tuple[Floats, Bools]]:
    """Each group's first member at every step, then the second ones, and so on."""
    for rows in groups.members.T:
        yield vector.values[rows], vector.present[rows] & (rows >= 0)[:, None]


def _sum(vector: Vector, groups: _Groups) -> Floats:
    sums = Kahan((len(groups.labels), vector.values.shape[1]))
    for value, live in _terms(vector, groups):
        sums.add(value, live)
    found: Floats = np.where(np.isinf(sums.sum), sums.sum, sums.total)
    return found


def _mean(vector: Vector, groups: _Groups) -> Floats:
    return mean_of(_terms(vector, groups), (len(groups.labels), vector.values.shape[1]))


def _variance(vector: Vector, groups: _Groups) -> Floats:
    return variance_of(_terms(vector, groups), (len(groups.labels), vector.values.shape[1]))


def _deviation(vector: Vector, groups: _Groups) -> Floats:
    found: Floats = np.sqrt(_variance(vector, groups))
    return found


def _running_mean(vector: Vector, groups: _Groups) -> Floats:
    return running_mean_of(_terms(vector, groups), (len(groups.labels), vector.values.shape[1]))


def _variance_of_2(vector: Vector, groups: _Groups) -> Floats:
    """In Prometheus 2 a single element varies by 0, even if it is infinite or NaN."""
    found: Floats = np.where(_count(vector, groups) == 1, 0.0, _variance(vector, groups))
    return found


def _deviation_of_2(vector: Vector, groups: _Groups) -> Floats:
    found: Floats = np.sqrt(_variance_of_2(vector, groups))
    return found


def _extreme(choose: np.ufunc) -> Callable[[Vector, _Groups], Floats]:
    def found(vector: Vector, groups: _Groups) -> Floats:
        best = np.full((len(groups.labels), vector.values.shape[1]), np.nan)
        for value, live in _terms(vector, groups):
            best = np.where(live, choose(best, value), best)
        return best

    return found


def _count(vector: Vector, groups: _Groups) -> Floats:
    counts = np.zeros((len(groups.labels), vector.values.shape[1]))
    for _, live in _terms(vector, groups):
        counts += live
    return counts


def _ones(vector: Vector, groups: _Groups) -> Floats:
    return np.ones((len(groups.labels), vector.values.shape[1]))


_PLAIN: Final[Mapping[str, Callable[[Vector, _Groups], Floats]]] = {
    "sum": _sum,
    "avg": _mean,
    "min": _extreme(np.fmin),
    "max": _extreme(np.fmax),
    "count": _count,
    "group": _ones,
    "stddev": _deviation,
    "stdvar": _variance,
}

#: What Prometheus 2 reckoned otherwise.
_PLAIN_OF_2: Final[Mapping[str, Callable[[Vector, _Groups], Floats]]] = {
    **_PLAIN,
    "avg": _running_mean,
    "stddev": _deviation_of_2,
    "stdvar": _variance_of_2,
}


def aggregated(
    operator: str,
    vector: Vector,
    names: Sequence[str],
    *,
    without: bool,
    parameter: Floats | str | None,
    version: int = 3,
) -> Vector:
    """An aggregation of a vector.

    Args:
        operator: ``sum`` and so on.
        vector: What to aggregate.
        names: The labels of ``by`` or ``without``.
        without: Which of the two.
        parameter: The number of ``topk``, ``bottomk`` and ``quantile`` at every step, the label of
            ``count_values``, else None.
        version: Prometheus 2 or 3.
    """
    if isinstance(parameter, str):
        return _count_values(vector, parameter, names, without=without)
    groups = _grouped(vector.labels, names, without=without)
    if not groups.labels:
        return nothing(vector.values.shape[1])
    if parameter is not None and operator in ("topk", "bottomk"):
        return _best(vector, groups, parameter, largest=operator == "topk")
    present = np.zeros((len(groups.labels), vector.values.shape[1]), dtype=np.bool_)
    for rows in (groups.members[:, :1] if vector.present.all() else groups.members).T:
        present |= vector.present[rows] & (rows >= 0)[:, None]
    with np.errstate(all="ignore"):
        if parameter is not None:
            values = _quantiles(vector, groups, parameter)
        else:
            values = (_PLAIN if version >= 3 else _PLAIN_OF_2)[operator](vector, groups)
    return settled(groups.labels, values, present)


def _quantiles(vector: Vector, groups: _Groups, q: Floats) -> Floats:
    found = np.zeros((len(groups.labels), vector.values.shape[1]))
    for place, members in enumerate(groups.members):
        rows = members[members >= 0]
        for step, rank in enumerate(q.tolist()):
            found[place, step] = quantile(rank, vector.values[rows, step][vector.present[rows, step]])
    return found


def _best(vector: Vector, groups: _Groups, k: Floats, *, largest: bool) -> Vector:
    """``topk`` and ``bottomk``: elements keep their labels; of equals the earlier stays; NaN comes last.

    At a single step the elements come out in order, best first, as an instant query gives them.
    """
    chosen = np.zeros(vector.present.shape, dtype=np.bool_)
    order: list[int] = []
    for members in groups.members:
        rows = members[members >= 0]
        for step, size in enumerate(k.tolist()):
            if not abs(size) < float(1 << 62):
                raise QueryError(
                    "PromQL",
                    expected="a whole number of elements",
                    got=number_text(size),
                    todo="Name how many elements you want.",
                    message=f"Scalar value {number_text(size)} overflows int64",
                )
            there = rows[vector.present[rows, step]].tolist()
            values = vector.values[:, step]
            there.sort(key=lambda row: _rank(float(values[row]), largest=largest))
            best = there[: max(int(size), 0)]
            chosen[best, step] = True
            order += best if len(k) == 1 else []
    if len(k) == 1:
        return Vector([vector.labels[row] for row in order], vector.values[order], chosen[order])
    return settled(vector.labels, vector.values, chosen)


def _rank(value: float, *, largest: bool) -> tuple[bool, float]:
    unknown = value != value
    return unknown, 0.0 if unknown else -value if largest else value


def _count_values(vector: Vector, label: str, names: Sequence[str], *, without: bool) -> Vector:
    """How many elements have each value; the value becomes a label."""
    if not label or not label.replace("_", "a").isalnum() or label[0].isdigit() or not label.isascii():
        raise QueryError(
            "PromQL, count_values()",
            expected="a label's name",
            got=repr(label),
            todo="Use letters, digits and underscores.",
            message=f"invalid label name {label!r}".replace("'", '"'),
        )
    counts: dict[Labels, Floats] = {}
    wanted = frozenset(names) | (frozenset({NAME}) if without else frozenset())
    steps = vector.values.shape[1]
    for row, step in zip(*(part.tolist() for part in np.nonzero(vector.present)), strict=True):
        text = number_text(float(vector.values[row, step]))
        if without:
            labels = drop(labels_of({**dict(vector.labels[row]), label: text}), wanted)
        else:
            labels = labels_of({**dict(keep(vector.labels[row], wanted)), label: text})
        counts.setdefault(labels, np.zeros(steps))[step] += 1
    if not counts:
        return nothing(steps)
    values = np.array(list(counts.values()))
    return settled(list(counts), values, values > 0)
