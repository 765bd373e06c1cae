"""Prometheus rules given verbatim by a scenario, evaluated as PromQL on what was scraped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import isnan, nan

from simulator.errors import GamedayError, QueryError
from simulator.scenario.alerting import PrometheusGroup, PrometheusRule
from simulator.slo.alerts import AlertStatus, State, Transition
from simulator.slo.counting import Ask
from simulator.telemetry.promql import SeriesSource, parse, query
from simulator.telemetry.rules import AlertChange, Rule, RuleEngine, RuleGroup
from simulator.telemetry.rules.templates import checked


class RawRules:
    """The scenario's own groups, as a source of alerts.

    Args:
        groups: As declared.
        metrics: What PromQL asks.
        epoch: Nanoseconds from the Unix epoch to T+00:00.
        slos: Names of the SLOs: a rule with the label ``sloth_slo`` watches one of them.

    Raises:
        GamedayError: An expression is no PromQL.
    """

    def __init__(
        self, groups: Iterable[PrometheusGroup], metrics: SeriesSource, *, epoch: int, slos: Iterable[str]
    ) -> None:
        read = [_group(group, place) for place, group in enumerate(groups)]
        self.engine = RuleEngine(metrics, read)
        self._epoch, self._slos = epoch, frozenset(slos)
        self._rules = [rule for group in read for rule in group.rules if rule.alerts]

    def evaluate(self, at: int) -> Iterator[Transition]:
        """What changed its state at this instant."""
        for change in self.engine.evaluate(self._epoch + at):
            yield self._transition(change, at)

    def status(self, at: int) -> Iterator[AlertStatus]:  # noqa: ARG002 - it was evaluated then
        """A row for each active alert, and one for each rule without any."""
        for rule in self._rules:
            active = self.engine.active(rule.name)
            for alert in active:
                severity = dict(alert.labels).get("severity", "")
                state: State = "firing" if alert.state == "firing" else "pending"
                since = (alert.fired_at if alert.fired_at is not None else alert.active_at) - self._epoch
                yield AlertStatus(rule.name, "", severity, state, since, 0, 0, nan, nan, nan, rule.text)
            if not active:
                severity = rule.labels.get("severity", "")
                yield AlertStatus(rule.name, "", severity, "inactive", None, 0, 0, nan, nan, nan, rule.text)

    def _transition(self, change: AlertChange, at: int) -> Transition:
        alert, labels = change.alert, dict(change.alert.labels)
        state: State = change.state
        if state == "inactive" and change.before == "firing":
            state = "resolved"
        words = dict(alert.annotations)
        slo = labels.get("sloth_slo", "")
        return Transition(
            at,
            alert.name,
            slo if slo in self._slos else "",
            labels.get("severity", ""),
            state,
            alert.value,
            words.get("summary") or words.get("description") or f"{alert.name} {state}.",
            isnan(alert.value),
            alert.labels,
        )


def asking(metrics: SeriesSource, epoch: int) -> Ask:
    """Answers a query that gives one number; NaN where it gives none, which is no proof of health.

    Args:
        metrics: What PromQL asks.
        epoch: Nanoseconds from the Unix epoch to T+00:00.
    """

    def ask(expression: str, at: int) -> float:
        found = query(metrics, expression, epoch + at)
        if found.kind not in ("vector", "scalar") or len(found.elements) > 1:
            raise GamedayError(
                f"thresholdMetric, query {expression!r}",
                expected="one number",
                got=f"{len(found.elements)} elements" if found.elements else f"a {found.kind}",
                todo="Aggregate it, for example with max(...) or sum(...).",
            )
        return found.elements[0].value if found.elements else nan

    return ask


def _group(group: PrometheusGroup, place: int) -> RuleGroup:
    rules = tuple(
        _rule(rule, f"spec.alerts.groups[{place}].rules[{number}].expr")
        for number, rule in enumerate(group.rules)
    )
    return RuleGroup(group.name, rules)


def _rule(rule: PrometheusRule, where: str) -> Rule:
    try:
        expression = parse(rule.expr)
        for text in (*rule.labels.values(), *rule.annotations.values()) if rule.alert else ():
            checked(text)
    except QueryError as error:
        raise GamedayError(where, expected=error.expected, got=error.got, todo=error.todo) from None
    return Rule(
        name=rule.alert or rule.record or "",
        alerts=rule.alert is not None,
        text=rule.expr,
        expression=expression,
        labels=rule.labels,
        annotations=rule.annotations,
        hold=rule.for_,
        keep_firing=rule.keep_firing_for,
    )
