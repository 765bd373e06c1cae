"""Checks on metrics and on the cluster's objects: how a condition of the scenario's file is judged.

A metric is read at the scrapes, as a learner's ``promql --range`` reads it, and is known for the whole run
once that is over; an object is read as it is at that moment.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isnan
from typing import Any, Final

from simulator.coach.case import Case
from simulator.scenario.conditions import MetricCondition, StateCondition

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "Lt": operator.lt,
    "Lte": operator.le,
    "Gt": operator.gt,
    "Gte": operator.ge,
    "Eq": operator.eq,
    "Ne": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Finding:
    """How a condition came out.

    Attributes:
        passed: Whether it holds as things stand.
        by_absence: Whether it holds only since something did not happen.
        decided: Whether nothing that is still to come can change it.
        at: The instant that decided it, ns; None where it is a stretch of time.
    """

    passed: bool
    by_absence: bool = False
    decided: bool = False
    at: int | None = None


def metric(asked: MetricCondition, case: Case, now: int) -> Finding:
    """Judge an expression over its part of the run, as far as that has come."""
    page = case.paged_at
    start, end = asked.from_, now
    if asked.mode == "at":
        start = now
    elif asked.held_for is not None:
        start = max(0, now - asked.held_for)
    elif asked.before is not None:
        if page is None:
            return Finding(passed=False)
        start, end = page, min(now, page + asked.before)
    readings = case.sight.readings(asked.query, start, end) if start <= end else ()
    met = [(at, _met(asked, values)) for at, values in readings]
    if asked.never:
        broken = next((at for at, holds in met if holds), None)
        return Finding(broken is None, by_absence=broken is None, decided=broken is not None, at=broken)
    if asked.continuous:
        broken = next((at for at, holds in met if not holds), None)
        return Finding(bool(met) and broken is None, decided=broken is not None, at=broken)
    if asked.before is not None:
        first = next((at for at, holds in met if holds), None)
        over = first is not None or (page is not None and now > page + asked.before)
        return Finding(first is not None, decided=over, at=first)
    whole = asked.held_for is None or now >= asked.held_for
    return Finding(whole and bool(met) and all(holds for _, holds in met))


def _met(asked: MetricCondition, values: Sequence[float]) -> bool:
    """For ``never`` any series is enough; every other mode asks all of them, and at least one."""
    outcomes = [not isnan(value) and _COMPARE[asked.op](value, asked.value) for value in values]
    return any(outcomes) if asked.never else bool(outcomes) and all(outcomes)


def state(asked: StateCondition, case: Case) -> Finding:
    """Judge a field of an object as it is now."""
    found = case.sight.field(asked.object, asked.jsonpath)
    if not found:
        return Finding(asked.op == "Ne")
    return Finding(all(_compared(asked, value) for value in found))


def _compared(asked: StateCondition, value: object) -> bool:
    """As numbers where both are, else as kubectl prints them."""
    if _is_number(value) and _is_number(asked.value):
        return _COMPARE[asked.op](value, asked.value)
    if asked.op not in ("Eq", "Ne"):
        return False
    return _COMPARE[asked.op](_text(value), _text(asked.value))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
