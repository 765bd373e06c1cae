"""What the rules record, as PromQL sees it: error ratios and burn rates in Sloth's names, and ``ALERTS``.

Nothing is stored: the series are worked out from the SLOs' counters and the alerts' transitions when somebody
asks, one sample an evaluation since the warm-up, as the rule file's recording rules would have written them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np

from simulator.slo.alerts import EVALUATION_INTERVAL, AlertRules
from simulator.slo.rulefile import WINDOWS, ratio_name
from simulator.slo.rules import sloth_identity
from simulator.slo.sli import Slo
from simulator.slo.tally import Integers
from simulator.telemetry.promql import NAME, Block, Labels, Matcher, SeriesSource, labels_of
from simulator.telemetry.promql.labels import value_of
from simulator.telemetry.promql.source import predicate
from simulator.units import DAY, MINUTE

_ALERTS: Final = "ALERTS"

#: The value of a series at an evaluation.
Value = Callable[[int], float]


class RuleSeries(SeriesSource):
    """The recorded series of a run.

    Args:
        slos: By name.
        alerts: The rules at work, and what else fires.
        epoch: Nanoseconds from the Unix epoch to T+00:00.
        start: The first evaluation, ns from T+00:00.
        without: Names that the scenario's own rules record.
    """

    def __init__(
        self,
        slos: Mapping[str, Slo],
        alerts: AlertRules,
        *,
        epoch: int,
        start: int,
        without: frozenset[str] = frozenset(),
    ) -> None:
        self._alerts, self._epoch, self._start = alerts, epoch, start
        self._own = frozenset(rule.identity() for rule in alerts.rules)
        self._now: int | None = None
        self._values = {
            labels: value
            for slo in slos.values()
            for labels, value in _of_slo(slo).items()
            if value_of(labels, NAME) not in without
        }
        alerts.on_evaluated.append(self._evaluated)

    def names(self) -> list[str]:
        """Metric names."""
        return sorted({value_of(labels, NAME) for labels in self._values} | {_ALERTS})

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Block:
        """Samples of the matching series at the evaluations from ``start`` to ``end``."""
        tests = [(each.name, predicate(each)) for each in matchers]

        def fits(labels: Labels) -> bool:
            return all(test(value_of(labels, name)) for name, test in tests)

        chosen = [labels for labels in self._values if fits(labels)]
        spans = {labels: spans for labels, spans in self._firing().items() if fits(labels)}
        times = self._evaluations(start, end) if chosen or spans else np.zeros(0, dtype=np.int64)
        moments = times.tolist()
        rows = [[self._values[labels](at) for at in moments] for labels in chosen]
        held = [[True] * len(moments) for _ in chosen]
        for parts in spans.values():
            held.append([any(begin <= at < over for begin, over in parts) for at in moments])
            rows.append([1.0] * len(moments))
        shape = (len(rows), len(moments))
        present = np.array(held, dtype=np.bool_).reshape(shape)
        values = np.array(rows, dtype=np.float64).reshape(shape)
        return Block([*chosen, *spans], times + self._epoch, values, present, ~present)

    def _evaluated(self, at: int) -> None:
        self._now = at

    def _evaluations(self, start: int, end: int) -> Integers:
        """Instants from T+00:00 at which the rules were evaluated, within bounds in Unix time."""
        if self._now is None:
            return np.zeros(0, dtype=np.int64)
        low = max(start - self._epoch, self._start)
        low += -low % EVALUATION_INTERVAL
        return np.arange(low, min(end - self._epoch, self._now) + 1, EVALUATION_INTERVAL, dtype=np.int64)

    def _firing(self) -> dict[Labels, list[tuple[int, int]]]:
        """For each alert and state: the stretches of time in which it was in it."""
        found: dict[Labels, list[tuple[int, int]]] = {}
        since: dict[Labels, Labels] = {}
        never = 1 << 62
        for one in self._alerts.transitions:
            if one.labels not in self._own and not one.noise:
                continue  # the scenario's own rules write theirs themselves
            if one.labels in since:  # whatever comes ends the state before
                spans = found[since.pop(one.labels)]
                spans[-1] = (spans[-1][0], one.at)
            if one.state in ("pending", "firing"):
                labels = labels_of({**dict(one.labels), NAME: _ALERTS, "alertstate": one.state})
                found.setdefault(labels, []).append((one.at, never))
                since[one.labels] = labels
        return found


def _of_slo(slo: Slo) -> dict[Labels, Value]:
    """The series that Sloth records for one SLO, by labels."""
    goal = slo.objective
    identity = sloth_identity(goal)
    budget = float(goal.allowance)
    shortest = max(5 * MINUTE, goal.slice_window)
    found: dict[Labels, Value] = {}

    def add(name: str, value: Value, **more: str) -> None:
        found[labels_of({**identity, **more, NAME: name})] = value

    for window in (*(each for each in WINDOWS if each >= goal.slice_window), goal.window):
        name = ratio_name(window)
        add(name, _ratio(slo, window), sloth_window=name.removeprefix("slo:sli_error:ratio_rate"))
    add("slo:objective:ratio", lambda _at: float(goal.target))
    add("slo:error_budget:ratio", lambda _at: budget)
    add("slo:time_period:days", lambda _at: float(round(goal.window / DAY)))
    add("slo:current_burn_rate:ratio", lambda at: slo.burn_rate(shortest, at))
    add("slo:period_burn_rate:ratio", lambda at: slo.burn_rate(goal.window, at))
    add("slo:period_error_budget_remaining:ratio", lambda at: 1 - slo.burn_rate(goal.window, at))
    return found


def _ratio(slo: Slo, window: int) -> Value:
    return lambda at: slo.error_ratio(window, at)
