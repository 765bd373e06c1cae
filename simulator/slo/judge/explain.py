"""The judge explains itself: what it compared, what it found, and what it could not have seen."""

from __future__ import annotations

from math import inf, isfinite
from typing import Final

from simulator.slo.judge.metrics import POWER, MetricResult, Side, Unit
from simulator.slo.judge.scoring import Verdict

_LABELS: Final = {
    "Pass": "Pass",
    "High": "High",
    "Low": "Low",
    "Nodata": "no data",
    "NodataFailMetric": "no data where data must be, which counts as a failure",
}


def explain(verdict: Verdict) -> tuple[str, ...]:
    """The verdict in sentences: the whole first, then each metric in the order asked."""
    first = f"{verdict.classification}. {verdict.reason}"
    groups = [group for group in verdict.groups if group.score is not None]
    if len(groups) > 1:
        parts = ", ".join(f"{group.name} {group.score:.0f} (weight {group.weight:.0f} %)" for group in groups)
        first = f"{first} Groups: {parts}."
    return (first, *(explain_metric(result) for result in verdict.metrics))


def explain_metric(result: MetricResult) -> str:
    """One metric in a few sentences."""
    name = result.spec.name
    critical = " (critical)" if result.critical else ""
    muted = " (muted, not counted)" if result.spec.muted else ""
    head = f"{name}{muted}: {_LABELS[result.label]}{critical}."
    if result.test is None:
        return f"{head} {_missing(result)}"
    return " ".join(
        (
            head,
            f"{_side('Canary', result.canary, result.spec.unit)},"
            f" {_side('baseline', result.baseline, result.spec.unit)}.",
            _found(result),
            _why(result),
            _could(result),
        )
    )


def written(value: float, unit: Unit, *, signed: bool = False) -> str:
    """A value of a metric as people write it, to three significant digits."""
    if not isfinite(value):
        return {inf: "+∞", -inf: "−∞"}.get(value, "unknown")
    scale, suffix = {"": (1.0, ""), "ratio": (100.0, " %"), "seconds": (1000.0, " ms")}[unit]
    text = f"{abs(value) * scale:.3g}"
    if "e" in text:
        text = f"{abs(value) * scale:.0f}" if abs(value) * scale > 1 else text
    sign = "−" if value < 0 else "+" if signed else ""
    return f"{sign}{text}{suffix}"


def _side(who: str, side: Side, unit: Unit) -> str:
    dropped = f" ({side.dropped} without a value)" if side.dropped else ""
    return f"{who} {side.count} samples{dropped}, mean {written(side.mean, unit)}"


def _missing(result: MetricResult) -> str:
    found = f"The canary has {result.canary.count} samples, the baseline {result.baseline.count}"
    if result.canary.dropped or result.baseline.dropped:
        found += f" ({result.canary.dropped} and {result.baseline.dropped} more were no numbers)"
    return f"{found}; {result.min_samples} measured on each side are needed, and nothing was compared."


def _found(result: MetricResult) -> str:
    test, unit = result.test, result.spec.unit
    assert test is not None
    tested = (
        f"Mann-Whitney ({test.method}): U = {test.u:g}, p = {test.p_value:.2g}; the canary is higher in "
        f"{100 * test.cles:.0f} % of pairs."
    )
    shift = (
        f"Shift {written(test.shift, unit, signed=True)}, {100 * test.confidence:g} % interval "
        f"{written(test.low, unit, signed=True)} to {written(test.high, unit, signed=True)}"
    )
    measure = result.spec.effect.measure
    effect = f", {measure} {result.effect:.3g}" if isfinite(result.effect) else f", {measure} undefined"
    return f"{tested} {shift}{effect}."


def _why(result: MetricResult) -> str:
    """Which of the rules decided."""
    test = result.test
    assert test is not None
    size, band = result.spec.effect, result.tolerance * abs(test.shift)
    if result.label in ("High", "Low"):
        return (
            f"The whole interval lies beyond {100 * result.tolerance:g} % of the shift, "
            "so this is more than chance."
        )
    if test.low == test.high == 0:
        return "Nearly all samples are equal."
    if test.low <= band and test.high >= -band:
        return "The interval reaches to zero or its tolerance, so chance may be all there is."
    went = "increase" if test.low > band else "decrease"
    if result.spec.direction not in (went, "either"):
        return (
            f"The change is real, but an {went} is welcome here."
            if went == "increase"
            else (f"The change is real, but a {went} is welcome here.")
        )
    allowed = size.allowed_increase if went == "increase" else size.allowed_decrease
    return f"The change is real, but smaller than what is allowed ({size.measure} {allowed:g})."


def _could(result: MetricResult) -> str:
    down = result.spec.direction == "decrease"
    change = {"increase": "rise", "decrease": "fall", "either": "change"}[result.spec.direction]
    if result.smallest is None and result.test is not None and isfinite(result.test.low):
        return f"What {change} could hide depends on the traffic, which was not given."
    if result.smallest is None:
        return f"So few samples would show no {change}, however large."
    amount = written(-result.smallest if down else result.smallest, result.spec.unit, signed=True)
    if result.spec.direction == "either":
        amount = amount.lstrip("+")
    return (
        f"With this many samples, a lasting {change} of {amount} would have been seen "
        f"{100 * POWER:.0f} times in 100; less could hide."
    )
