"""Promises in OpenSLO's own words (openslo/v1), a subset and never a dialect.

An SLI here is a ratio of requests, counted where users meet the system, or a number that must keep a bound.
Queries are OpenSLO's Prometheus metric sources: counters are written as the selectors that the same SLO would
have on Monday, and the service and its routes are read out of them.

Source: OpenSLO, specification v1, objects SLO and SLI.
"""

from __future__ import annotations

import re
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Final, Literal, Self

from pydantic import BeforeValidator, Field, PlainValidator, model_validator
from pydantic.json_schema import WithJsonSchema

from simulator.scenario.fields import Line, Model, Name, Share, Window, refused, shown
from simulator.scenario.selectors import Selector, selector
from simulator.units import DAY, MINUTE

Method = Literal["Occurrences", "Timeslices", "RatioTimeslices"]
_SHORTHAND: Final = re.compile(r"([1-9][0-9]{0,3})([mhdwMQY])")
_ROLLING: Final = {"m": MINUTE, "h": 60 * MINUTE, "d": DAY, "w": 7 * DAY}


def _shorthand(value: object) -> str:
    if isinstance(value, str) and _SHORTHAND.fullmatch(value):
        return value
    raise refused(
        expected="a duration such as 30d, 4w or 1M",
        got=shown(value),
        todo="OpenSLO has one number and one of m, h, d, w, M (month), Q (quarter), Y.",
    )


def _local_time(value: object) -> datetime:
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is not None:
        raise refused(
            expected="a date and time without a zone, such as 2026-01-01 00:00:00",
            got=shown(value),
            todo="Quote it; the zone stands in timeZone.",
        )
    return instant


#: OpenSLO's duration shorthand, kept as written.
Shorthand = Annotated[
    str, PlainValidator(_shorthand), WithJsonSchema({"type": "string", "examples": ["30d", "1M"]})
]
LocalTime = Annotated[
    datetime,
    BeforeValidator(_local_time),
    WithJsonSchema({"type": "string", "examples": ["2026-01-01 00:00:00"]}),
]


class PrometheusQuery(Model):
    """A Prometheus metric source's own part."""

    query: Line


class MetricSource(Model):
    """OpenSLO's metric source."""

    type: Literal["Prometheus"] = "Prometheus"
    spec: PrometheusQuery


class Metric(Model):
    """One number of an SLI, and where it comes from."""

    metric_source: MetricSource

    @property
    def query(self) -> str:
        return self.metric_source.spec.query

    @property
    def selector(self) -> Selector:
        """The query as the selector of a counter."""
        return selector(self.query)


class RatioMetric(Model):
    """Good or bad events over all events, as counters."""

    counter: Literal[True] = True
    good: Metric | None = None
    bad: Metric | None = None
    total: Metric

    @model_validator(mode="after")
    def _same_requests(self) -> Self:
        if (self.good is None) == (self.bad is None):
            raise refused(
                expected="good or bad, beside total",
                got="neither" if self.good is None else "both",
                todo="One of them is enough: the other is what is left of total.",
            )
        some, total = self.some.selector, self.total.selector
        if some.latency:
            self._under_a_bound(some, total)
        else:
            self._by_code(some, total)
        if some.place != total.place:
            raise refused(
                expected=f"{self.word} and total over the same service and routes",
                got="two different selections",
                todo="Only code, or le, may tell them apart.",
            )
        return self

    def _by_code(self, some: Selector, total: Selector) -> None:
        if some.code is None:
            raise refused(
                expected=f'a {self.word} query with code{"!" if self.good else "="}~"5.."',
                got="no code",
                todo="Bad is what was answered with a server's error.",
            )
        if total.code is not None or total.metric != some.metric:
            raise refused(
                expected=f"a total over all codes of {some.metric}",
                got=str(total),
                todo="Total counts every request, good and bad.",
            )

    def _under_a_bound(self, some: Selector, total: Selector) -> None:
        if self.good is None:
            raise refused(
                expected='a good query with le="0.25" or another bound',
                got="a bad one",
                todo="A bucket holds the requests under its bound: those are the good ones.",
            )
        counted = total.metric == "http_request_duration_seconds_count"
        if some.le in ("", "+Inf") or not (counted or total.le == "+Inf"):
            raise refused(
                expected='a good query with le="0.25" or another bound, and a total of ..._seconds_count',
                got=f"{some} of {total}",
                todo='Total is http_request_duration_seconds_count, or the bucket with le="+Inf".',
            )

    @property
    def word(self) -> str:
        """Which of the two is given: ``good`` or ``bad``."""
        return "good" if self.good is not None else "bad"

    @property
    def some(self) -> Metric:
        """The part of the whole that is given."""
        found = self.good or self.bad
        assert found is not None, "the validator admits exactly one of good and bad"
        return found


class ThresholdMetric(Metric):
    """One number, by a PromQL query; the objective's ``op`` and ``value`` say which values are good."""


class IndicatorSpec(Model):
    """OpenSLO's SLI spec: exactly one of the two."""

    ratio_metric: RatioMetric | None = None
    threshold_metric: ThresholdMetric | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.ratio_metric is None) == (self.threshold_metric is None):
            raise refused(
                expected="ratioMetric or thresholdMetric",
                got="neither" if self.ratio_metric is None else "both",
                todo="An SLI is one of the two.",
            )
        return self


class IndicatorMetadata(Model):
    """The inline indicator's name."""

    name: Name


class Indicator(Model):
    """OpenSLO's inline SLI."""

    metadata: IndicatorMetadata
    spec: IndicatorSpec


class Calendar(Model):
    """Where a calendar-aligned window begins."""

    start_time: LocalTime
    """Beginning of any one period, in local time."""
    time_zone: Line
    """A name of the IANA database."""


class TimeWindow(Model):
    """OpenSLO's time window: rolling, or aligned with a calendar."""

    duration: Shorthand
    is_rolling: bool = False
    calendar: Calendar | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if self.is_rolling == (self.calendar is not None):
            raise refused(
                expected="isRolling: true, or a calendar",
                got="both" if self.is_rolling else "neither",
                todo="A window rolls, or it is aligned with a calendar.",
            )
        if self.is_rolling and not (self.unit in _ROLLING and DAY <= self.rolling <= 366 * DAY):
            raise refused(
                expected="a rolling window from 1d to 52w",
                got=self.duration,
                todo="Budgets are kept over days: 30d and 28d are common. Months belong to a calendar.",
            )
        if self.calendar is not None and (self.unit in "mh" or self.count > _MOST[self.unit]):
            raise refused(
                expected="a calendar window from 1d to 1Y",
                got=self.duration,
                todo="Weeks (1w), months (1M) and quarters (1Q) are common.",
            )
        return self

    @property
    def count(self) -> int:
        """How many units a window has."""
        return int(self.duration[:-1])

    @property
    def unit(self) -> str:
        """The unit's letter."""
        return self.duration[-1]

    @property
    def rolling(self) -> int:
        """Length of a rolling window, ns."""
        return self.count * _ROLLING[self.unit]


#: The longest calendar window by unit: a year.
_MOST: Final = {"d": 366, "w": 52, "M": 12, "Q": 4, "Y": 1}


class Target(Model):
    """OpenSLO's objective."""

    display_name: Line | None = None
    target: Annotated[float, Field(gt=0.0, lt=1.0)] | None = None
    target_percent: Annotated[float, Field(gt=0.0, lt=100.0)] | None = None
    time_slice_target: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    """Share of good requests that makes a slice good."""
    time_slice_window: Window | None = None
    op: Literal["lte", "gte", "lt", "gt"] | None = None
    value: float | None = None

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.target is None) == (self.target_percent is None):
            raise refused(
                expected="target or targetPercent",
                got="neither" if self.target is None else "both",
                todo="Write target: 0.999, or targetPercent: 99.9.",
            )
        return self

    @property
    def share(self) -> Fraction:
        """Share of good units, exactly as written: 0.999 is 999/1000."""
        if self.target is not None:
            return Fraction(str(self.target))
        return Fraction(str(self.target_percent)) / 100


class SloSpec(Model):
    """OpenSLO's SLO spec."""

    description: Line | None = None
    service: Name
    """Whose promise it is."""
    budgeting_method: Method = "Occurrences"
    indicator: Indicator
    time_window: Annotated[tuple[TimeWindow, ...], Field(min_length=1, max_length=1)]
    objectives: Annotated[tuple[Target, ...], Field(min_length=1, max_length=1)]

    @model_validator(mode="after")
    def _method_has_its_fields(self) -> Self:
        goal, method = self.objectives[0], self.budgeting_method
        wanted = {
            "timeSliceWindow": (goal.time_slice_window, method != "Occurrences"),
            "timeSliceTarget": (goal.time_slice_target, method == "Timeslices"),
            "op": (goal.op, self.indicator.spec.threshold_metric is not None),
            "value": (goal.value, self.indicator.spec.threshold_metric is not None),
        }
        for name, (given, needed) in wanted.items():
            if (given is not None) != needed:
                raise refused(
                    expected=f"{name} in the objective" if needed else f"no {name} in the objective",
                    got="none" if needed else "one",
                    todo="Slices belong to the budgetingMethods Timeslices (window and target) and "
                    "RatioTimeslices (window); op and value to a thresholdMetric.",
                )
        slice_window = goal.time_slice_window
        if slice_window is not None and (slice_window % MINUTE or not MINUTE <= slice_window <= DAY):
            raise refused(
                expected="a timeSliceWindow of whole minutes, from 1m to 1d",
                got="another",
                todo="One minute and five minutes are common.",
            )
        return self


class SloMetadata(Model):
    """OpenSLO's metadata."""

    name: Name
    display_name: Line | None = None


class SloModel(Model):
    """What no SLO file holds: the past."""

    budget_spent_at_start: Share = 0.0
    """Share of the window's budget that is gone at T+00:00."""


class SLO(Model):
    """An OpenSLO v1 SLO."""

    api_version: Literal["openslo/v1"] = "openslo/v1"
    kind: Literal["SLO"] = "SLO"
    metadata: SloMetadata
    spec: SloSpec
    model: SloModel = SloModel()

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def title(self) -> str:
        """Words for a status bar."""
        return self.metadata.display_name or self.metadata.name

    @property
    def ratio(self) -> RatioMetric | None:
        """Its ratio of requests; None for a threshold."""
        return self.spec.indicator.spec.ratio_metric

    @property
    def threshold(self) -> ThresholdMetric | None:
        """Its threshold metric; None for a ratio."""
        return self.spec.indicator.spec.threshold_metric

    @property
    def service(self) -> str:
        """The service at whose door the requests are counted; of a threshold, the one that promises."""
        return self.ratio.total.selector.service if self.ratio else self.spec.service

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that count; empty for all of the service."""
        return self.ratio.total.selector.routes if self.ratio else ()

    @property
    def objective(self) -> Target:
        """Its one objective."""
        return self.spec.objectives[0]

    @property
    def window(self) -> TimeWindow:
        """Its one time window."""
        return self.spec.time_window[0]

    @property
    def budget_spent_at_start(self) -> Fraction:
        """Share of the budget that is gone at T+00:00, exactly as written."""
        return Fraction(str(self.model.budget_spent_at_start))
