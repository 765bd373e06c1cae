"""Rule groups at work: what recording rules write, which alerts are pending and which fire.

The engine is asked to evaluate at a moment and remembers what it must between two: which series each rule
wrote (so that one that is gone gets a stale marker) and since when each alert is active. It never looks at a
clock. Source: prometheus/prometheus rules/group.go, rules/alerting.go and rules/recording.go, v3.

    engine = RuleEngine(source, read_rules(text, "rules.yaml"))
    for change in engine.evaluate(at):      # at: ns since the epoch, as the source counts
        ...                                 # change.alert.name, change.state
    query(engine.source, 'ALERTS{alertstate="firing"}', at)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import numpy as np

from simulator.errors import QueryError
from simulator.telemetry.promql.evaluate import Evaluation, Settings
from simulator.telemetry.promql.labels import EMPTY, NAME, Labels, drop_name, labels_of
from simulator.telemetry.promql.query import Element, instant_of
from simulator.telemetry.promql.source import STALE, MemorySource, SeriesSource
from simulator.telemetry.promql.syntax import Version
from simulator.telemetry.promql.union import UnionSource
from simulator.telemetry.rules.files import Rule, RuleGroup
from simulator.telemetry.rules.templates import expanded
from simulator.units import MINUTE

State = Literal["inactive", "pending", "firing"]

#: The label that carries an alert's name, and the series that say which alerts are active.
ALERT_NAME: Final = "alertname"
ALERTS: Final = "ALERTS"
ALERTS_FOR_STATE: Final = "ALERTS_FOR_STATE"


@dataclass(slots=True)
class Alert:
    """One alert of a rule: an element of its expression, by labels.

    Attributes:
        name: The rule's name.
        labels: Of the element and of the rule, ``alertname`` among them.
        annotations: Filled in at the newest evaluation at which the expression had the element.
        state: ``pending``, ``firing``, or ``inactive`` once it is over.
        value: Of the element, likewise.
        active_at: Since when the expression has the element, ns.
        fired_at: When it began to fire; None before.
        resolved_at: When it ended after firing; None before.
    """

    name: str
    labels: Labels
    annotations: Labels
    state: State
    value: float
    active_at: int
    fired_at: int | None = None
    resolved_at: int | None = None
    kept_since: int | None = None


@dataclass(frozen=True, slots=True)
class AlertChange:
    """An alert went from one state to another at an evaluation; ``inactive`` after ``firing`` is resolved."""

    at: int
    alert: Alert
    before: State
    state: State


@dataclass(frozen=True, slots=True)
class RuleFailure:
    """A rule that could not be evaluated; its alerts and series stay as they were."""

    at: int
    group: str
    rule: str
    error: QueryError


@dataclass(slots=True)
class _Memory:
    """What one rule keeps between evaluations."""

    written: list[Labels] = field(default_factory=list)
    active: dict[Labels, Alert] = field(default_factory=dict)


class RuleEngine:
    """Evaluates groups of rules over a source.

    Args:
        source: Where the samples come from.
        groups: Evaluated in this order, the rules of each in theirs.
        external: Labels of the server, for templates.
        version: Prometheus' semantics, 2 or 3.
        subquery_step: Step of subqueries that name none, ns; Prometheus' global evaluation interval.

    Attributes:
        source: The given one joined with everything that the rules recorded: what dashboards should ask.
        recorded: What the rules recorded, alone.
        failures: Rules that could not be evaluated, newest last.
    """

    def __init__(
        self,
        source: SeriesSource,
        groups: Iterable[RuleGroup],
        *,
        external: Labels = EMPTY,
        version: Version = 3,
        subquery_step: int = MINUTE,
    ) -> None:
        self.groups = tuple(groups)
        self.failures: list[RuleFailure] = []
        self.recorded = MemorySource()
        self.source: SeriesSource = UnionSource((source, self.recorded))
        self._external = dict(external)
        self._settings = Settings(version, subquery_step=subquery_step)
        self._memory = [[_Memory() for _ in group.rules] for group in self.groups]

    def evaluate(self, at: int) -> tuple[AlertChange, ...]:
        """Evaluate every group at a moment later than the last.

        Args:
            at: ns since the epoch, as the source counts.

        Returns:
            What changed, in order of groups, rules and labels.
        """
        changes: list[AlertChange] = []
        for group, memories in zip(self.groups, self._memory, strict=True):
            for rule, memory in zip(group.rules, memories, strict=True):
                try:
                    elements = self._elements(rule, at)
                    if rule.alerts:
                        written, found = self._alerted(rule, memory, elements, at, group.limit)
                        changes += found
                    else:
                        written = self._recorded_by(rule, elements, group.limit)
                except QueryError as error:
                    self.failures.append(RuleFailure(at, group.name, rule.name, error))
                    continue
                self._write(memory, written, at)
        return tuple(changes)

    def active(self, name: str | None = None) -> list[Alert]:
        """Pending and firing alerts, of one rule or of all, by rule and labels."""
        return [
            memory.active[labels]
            for group, memories in zip(self.groups, self._memory, strict=True)
            for rule, memory in zip(group.rules, memories, strict=True)
            if name is None or rule.name == name
            for labels in sorted(memory.active)
            if memory.active[labels].state != "inactive"
        ]

    def _elements(self, rule: Rule, at: int) -> tuple[Element, ...]:
        evaluation = Evaluation(self.source, np.array([at], dtype=np.int64), self._settings)
        result = instant_of(evaluation, rule.expression, at)
        if result.kind not in ("vector", "scalar"):
            raise _refused(
                f"rule {rule.name}",
                "a vector or a number",
                f"a {result.kind}",
                "rule result is not a vector or scalar",
            )
        return result.elements

    def _recorded_by(self, rule: Rule, elements: Sequence[Element], limit: int) -> dict[Labels, float]:
        written: dict[Labels, float] = {}
        for element in elements:
            labels = labels_of({**dict(element.labels), NAME: rule.name, **rule.labels})
            if labels in written:
                raise _same(rule, "rule labels")
            written[labels] = element.value
        _limited(rule, len(written), limit, "series")
        return written

    def _alerted(
        self, rule: Rule, memory: _Memory, elements: Sequence[Element], at: int, limit: int
    ) -> tuple[dict[Labels, float], list[AlertChange]]:
        """Bring a rule's alerts up to date; gives the series to write and what changed."""
        found: dict[Labels, Alert] = {}
        for element in elements:
            alert = self._alert(rule, element, at)
            if alert.labels in found:
                raise _same(rule, "alert labels")
            found[alert.labels] = alert
        for labels, alert in found.items():
            known = memory.active.get(labels)
            if known is not None and known.state != "inactive":
                known.value, known.annotations = alert.value, alert.annotations
            else:
                memory.active[labels] = alert
        written: dict[Labels, float] = {}
        changes = []
        for labels in sorted(memory.active):
            alert = memory.active[labels]
            before: State = "inactive" if alert.active_at == at and labels in found else alert.state
            _advance(rule, alert, at, true=labels in found)
            if alert.state != before:
                changes.append(AlertChange(at, alert, before, alert.state))
            if alert.state == "inactive":
                del memory.active[labels]
                continue
            base = drop_name(alert.labels)
            written[labels_of({**dict(base), NAME: ALERTS, "alertstate": alert.state})] = 1.0
            written[labels_of({**dict(base), NAME: ALERTS_FOR_STATE})] = float(alert.active_at // 10**9)
        if limit and len(memory.active) > limit:
            memory.active.clear()
            _limited(rule, limit + 1, limit, "alerts")
        return written, changes

    def _alert(self, rule: Rule, element: Element, at: int) -> Alert:
        known = dict(element.labels)

        def fill(text: str) -> str:
            return expanded(text, known, element.value, self._external)

        labels = {
            **dict(drop_name(element.labels)),
            **{name: fill(text) for name, text in rule.labels.items()},
        }
        annotations = labels_of({name: fill(text) for name, text in rule.annotations.items()})
        return Alert(
            rule.name, labels_of({**labels, ALERT_NAME: rule.name}), annotations, "pending", element.value, at
        )

    def _write(self, memory: _Memory, written: dict[Labels, float], at: int) -> None:
        for labels, value in written.items():
            self.recorded.append(labels, at, value)
        for labels in memory.written:
            if labels not in written:
                self.recorded.append(labels, at, STALE)
        memory.written = list(written)


def _advance(rule: Rule, alert: Alert, at: int, *, true: bool) -> None:
    """One alert, one evaluation later."""
    if true:
        alert.kept_since = None
    else:
        kept = False
        if alert.state == "firing" and rule.keep_firing:
            alert.kept_since = at if alert.kept_since is None else alert.kept_since
            kept = at - alert.kept_since < rule.keep_firing
        if not kept:
            alert.resolved_at = at if alert.state == "firing" else None
            alert.state = "inactive"
            return
    if alert.state == "pending" and at - alert.active_at >= rule.hold:
        alert.state, alert.fired_at = "firing", at


def _same(rule: Rule, after: str) -> QueryError:
    return _refused(
        f"rule {rule.name}",
        "elements that differ in their labels",
        f"two alike after applying {after}",
        f"vector contains metrics with the same labelset after applying {after}",
    )


def _limited(rule: Rule, count: int, limit: int, what: str) -> None:
    if limit and count > limit:
        raise _refused(
            f"rule {rule.name}",
            f"at most {limit} {what}",
            f"{count}",
            f"exceeded limit of {limit} with {count} {what}",
        )


def _refused(where: str, expected: str, got: str, message: str) -> QueryError:
    return QueryError(
        where, expected=expected, got=got, todo="Change the rule's expression.", message=message
    )
