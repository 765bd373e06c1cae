"""The arithmetic of error budgets and burn-rate alerts in closed form.

Source: Google, The Site Reliability Workbook, chapter 5, "Alerting on SLOs". The formulas hold for a steady
error rate after a clean history; what an alert really does on real counters is in ``alerts``, and the tests
hold the two together. Times are nanoseconds, as floats where a formula gives a fraction.
"""

from __future__ import annotations

from simulator.units import MINUTE


def burn_rate(error_ratio: float, target: float) -> float:
    """How many times faster than allowed the budget goes: ``error ratio / (1 - target)``."""
    return error_ratio / (1 - target)


def budget_minutes(target: float, window: int) -> float:
    """Minutes of full outage that a target allows in a window."""
    return (1 - target) * window / MINUTE


def exhaustion(error_ratio: float, target: float, window: int) -> float | None:
    """Nanoseconds until a full budget is gone at this error ratio; None if it never goes."""
    return window / burn_rate(error_ratio, target) if error_ratio > 0 else None


def factor(budget_share: float, period: int, long: int) -> float:
    """The burn rate that spends ``budget_share`` of a ``period``'s budget within ``long``."""
    return budget_share * period / long


def detection_time(error_ratio: float, target: float, long: int, threshold: float) -> float | None:
    """Nanoseconds of a steady error ratio until the long window exceeds ``threshold`` times burn.

    The condition is strictly greater, so a ratio that meets the threshold exactly never fires: None.
    """
    limit = threshold * (1 - target)
    return limit / error_ratio * long if error_ratio > limit * (1 + 1e-12) else None


def budget_spent_at_detection(threshold: float, long: int, period: int) -> float:
    """Share of the period's budget that is gone when the alert fires: ``factor * long / period``."""
    return threshold * long / period


def reset_time(error_ratio: float, target: float, short: int, threshold: float) -> float | None:
    """Nanoseconds after its end until the short window is at or under the threshold."""
    limit = threshold * (1 - target)
    return short * (1 - limit / error_ratio) if error_ratio > limit * (1 + 1e-12) else None
