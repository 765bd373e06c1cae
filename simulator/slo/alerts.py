"""Alert rules at work: inactive, pending, firing, resolved, as Prometheus would have it on the same samples.

Rules are evaluated every 15 s, right after the scrape of that instant; pages wait for no group. Where a ratio
is unknown (no requests, no samples) its comparison is false, as with Prometheus' NaN: a pending alert falls
back, and a firing alert resolves. That is what a real pager would show, but it is not health, and nobody here
says so: the transition carries ``no_data``, the page keeps those words, and the rule on missing data fires on
its own account.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from math import nan
from typing import Final, Literal, Protocol

from simulator.errors import GamedayError
from simulator.slo.rules import Condition, Rule
from simulator.slo.sli import Slo
from simulator.units import DAY, HOUR, MINUTE, SECOND

State = Literal["inactive", "pending", "firing", "resolved"]

#: Prometheus' evaluation_interval here.
EVALUATION_INTERVAL: Final = 15 * SECOND


@dataclass(frozen=True, slots=True)
class Transition:
    """An alert changed its state.

    Attributes:
        at: When, ns.
        alert: The alert's name.
        slo: The SLO that it watches; empty where it watches none.
        severity: ``page``, ``ticket``, or what a raw rule's label says.
        state: The new state. ``resolved`` follows ``firing``; ``inactive`` follows ``pending``.
        value: The burn rate over the long window of the row that decided; NaN if unknown.
        summary: One sentence, as the annotation would say it.
        no_data: True where the alert ended since the ratio became unknown, or began for the same reason.
        labels: Every label of the alert, sorted, ``alertname`` among them.
        noise: It comes from a part of the estate that is not simulated.
    """

    at: int
    alert: str
    slo: str
    severity: str
    state: State
    value: float
    summary: str
    no_data: bool = False
    labels: tuple[tuple[str, str], ...] = ()
    noise: bool = False


@dataclass(frozen=True, slots=True)
class AlertStatus:
    """One row of the Alerts tab: a condition of an alert, as last evaluated.

    Attributes:
        alert: The alert's name.
        slo: The SLO.
        severity: ``page`` or ``ticket``.
        state: State of the whole alert: ``inactive``, ``pending`` or ``firing``.
        since: When it entered that state, ns; None if it never left ``inactive``.
        long: The long window, ns; 0 for the rule on missing data.
        short: The short window, ns.
        factor: The threshold as a burn rate.
        long_burn: Burn rate over the long window; NaN if unknown.
        short_burn: Burn rate over the short window; NaN if unknown.
        condition: When it is true, in words or as PromQL.
    """

    alert: str
    slo: str
    severity: str
    state: State
    since: int | None
    long: int
    short: int
    factor: float
    long_burn: float
    short_burn: float
    condition: str


@dataclass(slots=True)
class Instance:
    """A rule's memory between evaluations.

    Attributes:
        state: ``inactive``, ``pending`` or ``firing``.
        since: When it entered that state, ns; None if it never left ``inactive``.
    """

    state: State = "inactive"
    since: int | None = None
    _active_at: int = 0
    _quiet_since: int | None = None

    def advance(self, at: int, *, true: bool, hold: int, keep: int) -> State | None:
        """One evaluation, by the rules of Prometheus' ``AlertingRule.Eval`` (rules/alerting.go).

        Args:
            at: When, ns.
            true: Whether the expression holds.
            hold: ``for``, ns.
            keep: ``keep_firing_for``, ns.

        Returns:
            The state that it changed to, ``resolved`` among them; None where nothing changed.
        """
        state = self._next(at, true=true, hold=hold, keep=keep)
        if state == self.state:
            return None
        self.state = "inactive" if state == "resolved" else state
        self.since = at
        return state

    def _next(self, at: int, *, true: bool, hold: int, keep: int) -> State:
        if true:
            self._quiet_since = None
            if self.state == "inactive":
                self._active_at = at
            held = at - self._active_at >= hold
            return "firing" if held or self.state == "firing" else "pending"
        if self.state != "firing":
            return "inactive"
        if self._quiet_since is None:
            self._quiet_since = at
        return "firing" if at - self._quiet_since < keep else "resolved"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What became of a rule; its words are made where somebody hears them, which few evaluations do."""

    true: bool
    value: float
    summary: Callable[[], str]
    no_data: bool = False


class AlertSource(Protocol):
    """Whatever else fires alerts: raw PromQL rules, parts of the estate that are not simulated."""

    def evaluate(self, at: int) -> Iterable[Transition]:
        """What changed its state at this instant."""

    def status(self, at: int) -> Iterable[AlertStatus]:
        """A row for each of its alerts."""


class AlertRules:
    """Evaluates rules over SLOs and keeps what happened; Prometheus' rule manager.

    Attributes:
        rules: The rules, in order of evaluation.
        interval: Between two evaluations, ns.
        transitions: Every change of state so far.
        on_transition: Called with each transition, in order of registration.
        on_evaluated: Called with the time after each evaluation.
    """

    def __init__(
        self,
        rules: Iterable[Rule],
        slos: Mapping[str, Slo],
        *,
        interval: int = EVALUATION_INTERVAL,
    ) -> None:
        self.rules: tuple[Rule, ...] = tuple(rules)
        self.transitions: list[Transition] = []
        self.on_transition: list[Callable[[Transition], None]] = []
        self.on_evaluated: list[Callable[[int], None]] = []
        self._slos = dict(slos)
        self.interval = interval
        self._sources: list[AlertSource] = []
        self._instances = [Instance() for _ in self.rules]
        for rule in self.rules:
            if rule.slo not in self._slos:
                raise GamedayError(
                    f"alert {rule.name}",
                    expected="one of the SLOs " + ", ".join(self._slos),
                    got=repr(rule.slo),
                    todo="Name an SLO that the scenario declares.",
                )

    def add_source(self, source: AlertSource) -> None:
        """Let others fire alerts too; they are asked after the rules, in order."""
        self._sources.append(source)

    def evaluate(self, at: int) -> None:
        """Evaluate every rule on the samples up to ``at``."""
        for transition in self._moved(at):
            self.transitions.append(transition)
            for callback in self.on_transition:
                callback(transition)
        for source in self._sources:
            for transition in source.evaluate(at):
                self.transitions.append(transition)
                for callback in self.on_transition:
                    callback(transition)
        for evaluated in self.on_evaluated:
            evaluated(at)

    def _moved(self, at: int) -> Iterator[Transition]:
        for rule, instance in zip(self.rules, self._instances, strict=True):
            verdict = _judge(rule, self._slos[rule.slo], at)
            state = instance.advance(at, true=verdict.true, hold=rule.hold, keep=rule.keep)
            if state is None:
                continue
            yield Transition(
                at,
                rule.name,
                rule.slo,
                rule.severity,
                state,
                verdict.value,
                verdict.summary(),
                verdict.no_data,
                rule.identity(),
            )

    @property
    def firing(self) -> tuple[Rule, ...]:
        """Rules that fire now."""
        return tuple(
            rule
            for rule, instance in zip(self.rules, self._instances, strict=True)
            if instance.state == "firing"
        )

    def status(self, at: int) -> list[AlertStatus]:
        """Every condition of every alert with its windows at ``at``; the rule on missing data has one row."""
        rows = []
        for rule, instance in zip(self.rules, self._instances, strict=True):
            slo = self._slos[rule.slo]
            for part in rule.conditions or (None,):
                long, short = (part.long, part.short) if part else (0, rule.silence)
                rows.append(
                    AlertStatus(
                        alert=rule.name,
                        slo=rule.slo,
                        severity=rule.severity,
                        state=instance.state,
                        since=instance.since,
                        long=long,
                        short=short,
                        factor=float(part.factor) if part else nan,
                        long_burn=slo.burn_rate(long, at) if part else nan,
                        short_burn=slo.burn_rate(short, at),
                        condition=_words(rule, part),
                    )
                )
        return [*rows, *(row for source in self._sources for row in source.status(at))]


def _judge(rule: Rule, slo: Slo, at: int) -> _Verdict:
    """Is the rule's expression true at ``at``, by which row, and in which words?"""
    if rule.silence:
        return _judge_silence(rule, slo, at)
    unknown = False
    closest: tuple[float, Condition] | None = None
    for part in rule.conditions:
        short, long = (
            slo.window_counts(part.short, at),
            slo.window_counts(part.long, at),
        )
        unknown = unknown or short is None or long is None
        if short and long and _exceeds(short, part) and _exceeds(long, part):
            words = partial(_above if rule.plain else _burning, slo, part, at)
            return _Verdict(True, slo.burn_rate(part.long, at), words)
        if long is not None:
            value = slo.in_allowances(long)
            if closest is None or value > closest[0]:
                closest = (value, part)
    if unknown or closest is None:
        return _Verdict(False, nan, partial(_unknown, slo), True)
    return _Verdict(False, closest[0], partial(_above if rule.plain else _calm, slo, closest[1], at))


def _judge_silence(rule: Rule, slo: Slo, at: int) -> _Verdict:
    counts = slo.window_counts(rule.silence, at)
    if counts is None:
        return _Verdict(True, nan, partial(_silent, slo, rule.silence), True)
    return _Verdict(False, slo.in_allowances(counts), partial(_heard, slo))


def _exceeds(counts: tuple[int, int], part: Condition) -> bool:
    """Strictly greater, in whole numbers: a threshold met exactly does not fire."""
    bad, total = counts
    return bad * part.limit.denominator > part.limit.numerator * total


def _unknown(slo: Slo) -> str:
    return f"{slo.objective.name}: no requests to judge by, so this is not known to be over."


def _silent(slo: Slo, silence: int) -> str:
    return f"{slo.objective.name}: no requests for {window_text(silence)}; nothing is known."


def _heard(slo: Slo) -> str:
    return f"{slo.objective.name}: requests are seen again."


def _burning(slo: Slo, part: Condition, at: int) -> str:
    left = slo.budget_left(at).share_left
    return (
        f"{slo.objective.name} burns its error budget {slo.burn_rate(part.long, at):.1f}x too fast over "
        f"{window_text(part.long)} and {slo.burn_rate(part.short, at):.1f}x over {window_text(part.short)} "
        f"(threshold {float(part.factor):.4g}x); {100 * left:.1f} % of the "
        f"{slo.objective.window_text} budget is left."
    )


def _calm(slo: Slo, part: Condition, at: int) -> str:
    return (
        f"{slo.objective.name} burns its error budget {slo.burn_rate(part.long, at):.1f}x over "
        f"{window_text(part.long)} and {slo.burn_rate(part.short, at):.1f}x over {window_text(part.short)} "
        f"(threshold {float(part.factor):.4g}x)."
    )


def _above(slo: Slo, part: Condition, at: int) -> str:
    return (
        f"{slo.objective.name}: {100 * slo.error_ratio(part.long, at):.3g} % bad over "
        f"{window_text(part.long)} (threshold {100 * float(part.limit):.4g} %)."
    )


def _words(rule: Rule, part: Condition | None) -> str:
    """When a condition is true, for a column of a table."""
    if part is None:
        return f"no request for {window_text(rule.silence)}"
    lasting = f" for {window_text(rule.hold)}" if rule.hold else ""
    if rule.plain:
        return f"bad over {window_text(part.long)} > {100 * float(part.limit):.4g} %{lasting}"
    windows = f"{window_text(part.long)} and {window_text(part.short)}"
    return f"burn over {windows} > {float(part.factor):.4g}×{lasting}"


def window_text(window: int) -> str:
    """A window as Prometheus writes it: ``5m``, ``6h``, ``3d``."""
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m")):
        if window % unit == 0:
            return f"{window // unit}{letter}"
    return f"{window // SECOND}s"
