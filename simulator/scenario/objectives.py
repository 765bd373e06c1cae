"""Promises: SLOs in OpenSLO's words, and the alerts that come of them.

An SLO here is a ratio of requests, counted where users meet the system. Its two queries are OpenSLO's
Prometheus metric sources, written as the selectors that the same SLO would have on Monday; the service and
the routes are read out of them.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Line, Model, Name, Share, Window, refused
from simulator.units import DAY

_SELECTOR: Final = re.compile(r"\s*http_requests_total\s*\{([^{}]*)\}\s*")
_MATCHER: Final = re.compile(r"\s*([a-z_]+)\s*(=~|!~|!=|=)\s*\"([^\"]*)\"\s*(,|$)")
_GOOD_CODES: Final = {("!~", "5.."), ("!~", "5.*"), ("=~", "2.."), ("=", "200")}


class PrometheusQuery(Model):
    """A Prometheus metric source's own part."""

    query: Line


class MetricSource(Model):
    """OpenSLO's metric source."""

    type: Literal["Prometheus"] = "Prometheus"
    spec: PrometheusQuery


class Metric(Model):
    """One of the two counters of a ratio."""

    metric_source: MetricSource

    @property
    def query(self) -> str:
        return self.metric_source.spec.query


class RatioMetric(Model):
    """Good events over all events, as counters."""

    counter: Literal[True] = True
    good: Metric
    total: Metric

    @model_validator(mode="after")
    def _same_requests(self) -> Self:
        good, total = _matchers(self.good.query), _matchers(self.total.query)
        code = good.pop("code", None)
        if code not in _GOOD_CODES:
            raise refused(
                expected='a good query with code!~"5.."',
                got="no code" if code is None else f'code{code[0]}"{code[1]}"',
                todo="Good is what was not answered with a server's error.",
            )
        if good != total or "code" in total:
            raise refused(
                expected="good and total over the same service and routes",
                got="two different selections",
                todo='Only code!~"5.." may tell them apart.',
            )
        return self


class IndicatorSpec(Model):
    """OpenSLO's SLI spec."""

    ratio_metric: RatioMetric


class IndicatorMetadata(Model):
    """The inline indicator's name."""

    name: Name


class Indicator(Model):
    """OpenSLO's inline SLI."""

    metadata: IndicatorMetadata
    spec: IndicatorSpec


class TimeWindow(Model):
    """OpenSLO's time window."""

    duration: Window
    is_rolling: Literal[True] = True


class Target(Model):
    """OpenSLO's objective."""

    display_name: Line | None = None
    target: Annotated[float, Field(gt=0.0, lt=1.0)]


class SloSpec(Model):
    """OpenSLO's SLO spec."""

    description: Line | None = None
    service: Name
    """Whose promise it is."""
    budgeting_method: Literal["Occurrences"] = "Occurrences"
    indicator: Indicator
    time_window: Annotated[tuple[TimeWindow, ...], Field(min_length=1, max_length=1)]
    objectives: Annotated[tuple[Target, ...], Field(min_length=1, max_length=1)]


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

    @model_validator(mode="after")
    def _window(self) -> Self:
        if not DAY <= self.window <= 366 * DAY:
            raise refused(
                expected="a time window from 1d to 52w",
                got="one outside",
                todo="Budgets are kept over days: 30d and 28d are common.",
            )
        return self

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def title(self) -> str:
        """Words for a status bar."""
        return self.metadata.display_name or self.metadata.name

    @property
    def service(self) -> str:
        """The service at whose door the requests are counted (the ``service`` label of the queries)."""
        return _matchers(self._ratio.total.query)["service"][1]

    @property
    def routes(self) -> tuple[str, ...]:
        """The routes that count; empty for all of the service."""
        _, value = _matchers(self._ratio.total.query).get("route", ("=", ""))
        return tuple(value.split("|")) if value else ()

    @property
    def target(self) -> Fraction:
        """Share of good requests, exactly as written: 0.999 is 999/1000."""
        return Fraction(str(self.spec.objectives[0].target))

    @property
    def window(self) -> int:
        """Length of the rolling window, ns."""
        return self.spec.time_window[0].duration

    @property
    def budget_spent_at_start(self) -> Fraction:
        """Share of the budget that is gone at T+00:00, exactly as written."""
        return Fraction(str(self.model.budget_spent_at_start))

    @property
    def _ratio(self) -> RatioMetric:
        return self.spec.indicator.spec.ratio_metric


def _matchers(query: str) -> dict[str, tuple[str, str]]:
    """The matchers of ``http_requests_total{service="edge", route=~"a|b", code!~"5.."}``.

    Raises:
        PydanticCustomError: It is another query, or its matchers pick no service by name.
    """
    matchers: dict[str, tuple[str, str]] = {}
    selector = _SELECTOR.fullmatch(query)
    position, body = 0, selector.group(1) if selector else ""
    while position < len(body):
        match = _MATCHER.match(body, position)
        if match is None or match.group(1) in matchers:
            matchers = {}
            break
        matchers[match.group(1)] = (match.group(2), match.group(3))
        position = match.end()
    operators: dict[str, tuple[str, ...]] = {
        "service": ("=",),
        "route": ("=", "=~"),
        "code": ("=", "=~", "!~"),
    }
    known = all(name in operators and operator in operators[name] for name, (operator, _) in matchers.items())
    route = matchers.get("route", ("=", "route"))[1]
    if not known or "service" not in matchers or not re.fullmatch(r"[-a-z0-9]+(\|[-a-z0-9]+)*", route):
        raise refused(
            expected='a selector such as http_requests_total{service="edge",route="checkout"}',
            got=query if len(query) <= 60 else query[:57] + "...",
            todo="An SLI counts requests by service, route and code.",
        )
    return matchers


class Alerts(Model):
    """Which alerting rules run: ``workbook`` generates the Site Reliability Workbook's from each SLO."""

    generate: Literal["workbook"] = "workbook"
