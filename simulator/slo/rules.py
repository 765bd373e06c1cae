"""Alert rules as data: the Workbook's multiwindow, multi-burn-rate alerts, and a threshold for contrast.

Each row says: page (or open a ticket) when the budget's ``budget`` share would be spent within ``long``, and
it is still going on over ``short``. The burn-rate factor follows from the share and the SLO's own window, as
Sloth does it: 14.4 for 30 days, 13.44 for 28, 3.36 for 7. Conditions are strictly greater. An SLO gets one
alert for each severity, which fires when any of its rows does; there is no ``for`` clause, because the long
window does its work.

Beside them stands an alert on missing data, as Pyrra has: a ratio without requests is NaN, NaN is never
greater than a threshold, and so a burn-rate alert alone would read silence as health.

Source: The Site Reliability Workbook, chapter 5, table 5-8 and the rule text (which has the 3x row that the
table lacks); the same four rows in slok/sloth internal/alert/windows/google-30d.yaml.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

from simulator.slo.objective import Objective
from simulator.units import DAY, HOUR, MINUTE

Severity = Literal["page", "ticket"]


@dataclass(frozen=True, slots=True)
class BurnRow:
    """One row of the table: burning for ``long`` would cost ``budget``, a share of the window's budget."""

    severity: Severity
    long: int
    short: int
    budget: Fraction


WORKBOOK: Final = (
    BurnRow("page", HOUR, 5 * MINUTE, Fraction(2, 100)),
    BurnRow("page", 6 * HOUR, 30 * MINUTE, Fraction(5, 100)),
    BurnRow("ticket", DAY, 2 * HOUR, Fraction(10, 100)),
    BurnRow("ticket", 3 * DAY, 6 * HOUR, Fraction(10, 100)),
)
#: At a burn rate of 1 the budget lasts exactly its window. Sloth's lowest, for 28 days, is 0.933.
LOWEST_FACTOR: Final = Fraction(9, 10)
#: No requests at all for this long is itself worth a page.
SILENCE: Final = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Condition:
    """A row applied to an SLO: both windows must burn faster than ``factor``.

    Attributes:
        long: The long window, ns.
        short: The short window, ns.
        factor: Burn-rate threshold, exact.
        limit: The error ratio that both windows must exceed: ``factor * (1 - target)``, exact.
    """

    long: int
    short: int
    factor: Fraction
    limit: Fraction


@dataclass(frozen=True, slots=True)
class Rule:
    """One alert on one SLO.

    Attributes:
        name: The alert's name, such as ``CheckoutAvailabilityBudgetBurn``.
        severity: ``page`` wakes somebody, ``ticket`` waits for the morning.
        slo: Name of the SLO.
        conditions: Conditions of which any fires the alert; empty for an alert on missing data.
        silence: Length of a window without any request that fires the alert, ns; 0 for every other alert.
        hold: Prometheus' ``for``: how long it must be true before it fires, ns.
        keep: Prometheus' ``keep_firing_for``: how long it still fires after it was true, ns.
        labels: (name, value) of the labels beside ``alertname``, sorted.
    """

    name: str
    severity: Severity
    slo: str
    conditions: tuple[Condition, ...] = ()
    silence: int = 0
    hold: int = 0
    keep: int = 0
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def plain(self) -> bool:
        """Whether it is a threshold on one window, with no second one to confirm it."""
        return bool(self.conditions) and all(part.long == part.short for part in self.conditions)

    def identity(self) -> tuple[tuple[str, str], ...]:
        """Every label of the alert, sorted: what Alertmanager knows it by."""
        own = {"severity": self.severity, **dict(self.labels), "alertname": self.name}
        return tuple(sorted(own.items()))


@dataclass(frozen=True, slots=True)
class ThresholdRule:
    """A classic alert for contrast: the error ratio of one window above a limit for a while.

    Attributes:
        ratio: Share of bad requests, exact.
        window: Over which, ns.
        hold: ``for``, ns.
        keep: ``keep_firing_for``, ns.
        severity: Its severity.
    """

    ratio: Fraction = Fraction(1, 100)
    window: int = 5 * MINUTE
    hold: int = 5 * MINUTE
    keep: int = 0
    severity: Severity = "page"


def sloth_labels(objective: Objective, severity: Severity) -> tuple[tuple[str, str], ...]:
    """The labels that Sloth gives the alerts of an SLO, sorted."""
    identity = sloth_identity(objective)
    return tuple(sorted({**identity, "severity": severity, "sloth_severity": severity}.items()))


def sloth_identity(objective: Objective) -> dict[str, str]:
    """The labels that all of an SLO's series carry."""
    service = objective.promised_by
    return {
        "sloth_id": f"{service}-{objective.name}",
        "sloth_service": service,
        "sloth_slo": objective.name,
    }


def condition(row: BurnRow, objective: Objective) -> Condition:
    """A row of the table for an SLO's own window and target; of slices no window is shorter than one."""
    threshold = row.budget * objective.window / row.long
    long, short = max(row.long, objective.slice_window), max(row.short, objective.slice_window)
    return Condition(long, short, threshold, threshold * objective.allowance)


def workbook_rules(objective: Objective, rows: tuple[BurnRow, ...] = WORKBOOK) -> tuple[Rule, ...]:
    """The alerts of an SLO: one a severity, and one on missing data.

    Left out are rows that make no sense for this SLO: those whose factor falls under ``LOWEST_FACTOR`` (they
    would complain about a budget that lasts), and those that even a total outage could not meet.
    """
    parts = [(row, condition(row, objective)) for row in rows]
    useful = [row for row, part in parts if part.factor >= LOWEST_FACTOR and part.limit < 1]
    names: dict[Severity, str] = {"page": "BudgetBurn", "ticket": "BudgetBurnSlow"}
    burning = tuple(
        Rule(
            objective.alert_name + suffix,
            severity,
            objective.name,
            conditions,
            labels=sloth_labels(objective, severity),
        )
        for severity, suffix in names.items()
        if (conditions := tuple(condition(row, objective) for row in useful if row.severity == severity))
    )
    return (*burning, no_data_rule(objective))


def threshold_rules(objective: Objective, threshold: ThresholdRule) -> tuple[Rule, ...]:
    """The classic alert of an SLO, and one on missing data."""
    window = max(threshold.window, objective.slice_window)
    part = Condition(window, window, threshold.ratio / objective.allowance, threshold.ratio)
    return (
        Rule(
            f"{objective.alert_name}HighErrorRatio",
            threshold.severity,
            objective.name,
            (part,),
            hold=threshold.hold,
            keep=threshold.keep,
            labels=sloth_labels(objective, threshold.severity),
        ),
        no_data_rule(objective),
    )


def no_data_rule(objective: Objective) -> Rule:
    """The alert on missing data: nothing was asked for a while, so nothing is known."""
    silence = max(SILENCE, 2 * objective.slice_window)
    return Rule(
        f"{objective.alert_name}NoData",
        "page",
        objective.name,
        silence=silence,
        labels=sloth_labels(objective, "page"),
    )
