"""The planning question: would this canary see this regression, and what would it take?

Errors are compared as two ratios (``proportions``), latencies by their ranks, request against request. Both
count requests as independent of one another, which flatters a canary a little: in life slow requests come
together.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from html import escape
from math import comb, erfc, log, sqrt
from typing import Final, Protocol

import pandas as pd

from simulator.slo.judge.proportions import Traffic, detection_power, method_for
from simulator.slo.judge.ranks import normal_quantile, significant
from simulator.units import DAY, MINUTE, SECOND, format_duration

#: Longer bakes are no answer to "how long must it bake".
LONGEST_BAKE: Final = 30 * DAY
#: Above half of the traffic the baseline is the smaller side, and more weight shows less.
MOST_WEIGHT: Final = 50
_LARGEST_FACTOR: Final = 1000.0
_SMALL_SAMPLES: Final = 400


class Comparison(Protocol):
    """Something about a version that a canary measures."""

    def chance(self, traffic: Traffic, alpha: float) -> float:
        """The chance that this much traffic shows the regression."""

    def smallest(self, traffic: Traffic, alpha: float, goal: float) -> str:
        """The smallest regression that is shown with chance ``goal``, as people write it; empty if none."""

    def method(self, traffic: Traffic) -> str:
        """Which test, in a few words."""

    @property
    def change(self) -> str:
        """The regression, as people write it: ``error ratio 0.1 % → 0.6 %``."""


@dataclass(frozen=True, slots=True)
class Errors:
    """Error ratios of baseline and canary, 0 to 1."""

    good: float
    bad: float

    def chance(self, traffic: Traffic, alpha: float) -> float:
        """By the test of two proportions."""
        return detection_power(traffic, self.good, self.bad, alpha)

    def smallest(self, traffic: Traffic, alpha: float, goal: float) -> str:
        """Added to the baseline's ratio."""
        found = _least(
            lambda bad: detection_power(traffic, self.good, bad, alpha) >= goal, self.good, 1.0, 1e-3
        )
        return "" if found is None else _ratios(self.good, found)

    def method(self, traffic: Traffic) -> str:
        """Exact while failures are few."""
        if method_for(traffic, self.good, self.bad) == "exact":
            return "Fisher's exact test, one-sided"
        return "test of two proportions, one-sided, normal approximation"

    @property
    def change(self) -> str:
        """Both ratios."""
        return _ratios(self.good, self.bad)


@dataclass(frozen=True, slots=True)
class Latency:
    """Lognormal latencies, the canary's slower by a factor.

    Attributes:
        mean: Of the baseline, ns.
        p99: Of the baseline, ns; above the mean.
        factor: How many times slower the canary is; 1.2 is a fifth.
    """

    mean: int
    p99: int
    factor: float

    @property
    def sigma(self) -> float:
        """Standard deviation of the logarithm: p99 / mean = exp(z σ − σ² / 2)."""
        z = normal_quantile(0.99)
        return z - sqrt(z * z - 2 * log(self.p99 / self.mean))

    def chance(self, traffic: Traffic, alpha: float) -> float:
        """By ranks: how surely the share of pairs in which the canary is slower stands out from a half."""
        return _rank_power(traffic, log(self.factor) / (self.sigma * sqrt(2)), alpha)

    def smallest(self, traffic: Traffic, alpha: float, goal: float) -> str:
        """As a slower mean."""
        spread = self.sigma * sqrt(2)
        found = _least(
            lambda factor: _rank_power(traffic, log(factor) / spread, alpha) >= goal,
            1.0,
            _LARGEST_FACTOR,
            1e-3,
        )
        return "" if found is None else _slower(self.mean, found)

    def method(self, traffic: Traffic) -> str:  # noqa: ARG002 - ranks serve any traffic
        """One test for all."""
        return "Mann-Whitney, one-sided"

    @property
    def change(self) -> str:
        """Both means."""
        return _slower(self.mean, self.factor)


@dataclass(frozen=True, slots=True)
class CanaryPower:
    """What a canary would see.

    Attributes:
        change: The regression, as people write it.
        rate: Requests a second, baseline and canary together.
        weight: Percent of them that the canary gets.
        bake_seconds: How long it is watched.
        canary_requests: What the canary serves in that time.
        baseline_requests: What the baseline serves.
        power: The chance to see the regression.
        goal: The chance that was wanted.
        false_alarm: The chance to blame a canary that is as good as the baseline.
        bake_needed_seconds: The shortest bake at this weight that reaches the goal; None where 30 days don't.
        weight_needed: The smallest whole percent in this bake that reaches it; None where 50 % doesn't.
        smallest: The smallest regression that this canary shows with the wanted chance; empty where it shows
            none.
        method: Which test.
    """

    change: str
    rate: float
    weight: float
    bake_seconds: float
    canary_requests: int
    baseline_requests: int
    power: float
    goal: float
    false_alarm: float
    bake_needed_seconds: float | None
    weight_needed: int | None
    smallest: str
    method: str

    @property
    def sentence(self) -> str:
        """The answer in plain words."""
        bake = format_duration(round(self.bake_seconds * SECOND))
        seen = (
            f"At {self.rate:g} requests a second, a canary of {self.weight:g} % that bakes {bake} serves "
            f"{self.canary_requests:,} requests and sees this regression ({self.change}) "
            f"{_times(self.power)} in 100."
        )
        goal = f"{100 * self.goal:g} %"
        if self.power >= self.goal:
            return f"{seen} {self._smallest(goal)}"
        longer = f"{self.bake_needed} at {self.weight:g} %" if self.bake_needed else ""
        wider = f"{self.weight_needed} % for {bake}" if self.weight_needed else ""
        ways = " or ".join(way for way in (longer, wider) if way)
        advice = (
            f"For {goal} it takes {ways}." if ways else f"No bake of 30 days and no weight reaches {goal}."
        )
        return f"{seen} {advice} {self._smallest(goal)}"

    @property
    def bake_needed(self) -> str:
        """``bake_needed_seconds`` as people write it; empty where there is none."""
        return (
            ""
            if self.bake_needed_seconds is None
            else format_duration(int(self.bake_needed_seconds * SECOND))
        )

    def table(self) -> pd.DataFrame:
        """The same, one row a fact."""
        return pd.DataFrame(self._rows(), columns=["what", "value"]).set_index("what")

    def __str__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th scope='row' style='text-align:left'>{escape(what)}</th>"
            f"<td style='text-align:right'>{escape(value)}</td></tr>"
            for what, value in self._rows()
        )
        return f"<p>{escape(self.sentence)}</p><table>{rows}</table>"

    def _smallest(self, goal: str) -> str:
        if not self.smallest:
            return f"So little traffic shows no regression with {goal}, however large."
        return f"The smallest regression that it would show with {goal} is {self.smallest}."

    def _rows(self) -> list[tuple[str, str]]:
        return [
            ("regression", self.change),
            ("requests to the canary", f"{self.canary_requests:,}"),
            ("requests to the baseline", f"{self.baseline_requests:,}"),
            ("chance to see it", f"{100 * self.power:.1f} %"),
            ("chance of a false alarm", f"{100 * self.false_alarm:g} %"),
            (f"bake for {100 * self.goal:g} %", self.bake_needed or "over 30 days"),
            (
                f"weight for {100 * self.goal:g} %",
                f"{self.weight_needed} %" if self.weight_needed else "none",
            ),
            ("smallest regression shown", self.smallest or "none"),
            ("test", self.method),
        ]


def canary_power(
    comparison: Comparison, *, rate: float, weight: float, bake: int, goal: float = 0.8, alpha: float = 0.05
) -> CanaryPower:
    """Answer the planning question.

    Args:
        comparison: ``Errors`` or ``Latency``.
        rate: Requests a second, baseline and canary together.
        weight: Percent of them that the canary gets, above 0 and below 100.
        bake: ns.
        goal: The chance that is wanted.
        alpha: The chance of a false alarm that is accepted.
    """
    traffic = _traffic(rate, weight, bake)

    def reaches(percent: float, ns: int) -> bool:
        return comparison.chance(_traffic(rate, percent, ns), alpha) >= goal

    return CanaryPower(
        change=comparison.change,
        rate=rate,
        weight=weight,
        bake_seconds=bake / SECOND,
        canary_requests=traffic.canary,
        baseline_requests=traffic.baseline,
        power=comparison.chance(traffic, alpha),
        goal=goal,
        false_alarm=alpha,
        bake_needed_seconds=_bake_needed(partial(reaches, weight), bake),
        weight_needed=_weight_needed(lambda percent: reaches(percent, bake)),
        smallest=comparison.smallest(traffic, alpha, goal),
        method=comparison.method(traffic),
    )


def _traffic(rate: float, weight: float, bake: int) -> Traffic:
    requests = rate * bake / SECOND
    return Traffic(round(requests * weight / 100), round(requests * (1 - weight / 100)))


def _bake_needed(reaches: Callable[[int], bool], start: int) -> float | None:
    """The shortest bake that reaches the goal, in seconds: whole minutes from ten minutes on."""
    high = max(start, SECOND)
    while not reaches(high):
        if high >= LONGEST_BAKE:
            return None
        high = min(2 * high, LONGEST_BAKE)
    low = high // 2
    while low > SECOND and reaches(low):
        low, high = low // 2, low
    while high - low > max(high // 200, SECOND):
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    unit = MINUTE if high >= 10 * MINUTE else SECOND
    return -(-high // unit) * unit / SECOND


def _weight_needed(reaches: Callable[[int], bool]) -> int | None:
    if not reaches(MOST_WEIGHT):
        return None
    low, high = 0, MOST_WEIGHT
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


def _least(enough: Callable[[float], bool], low: float, high: float, precision: float) -> float | None:
    """The smallest value above ``low`` that is enough, to a share of its distance from ``low``."""
    if not enough(high):
        return None
    floor = low
    while high - low > precision * (high - floor):
        middle = (low + high) / 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _rank_power(traffic: Traffic, distance: float, alpha: float) -> float:
    """Power of Mann–Whitney for two normals ``distance`` apart in units of their difference's deviation.

    The variance of U under the alternative is Lehmann's (Nonparametrics, section 2.3); its two-fold chances
    come from Owen's T.
    """
    from scipy.special import owens_t

    n, m = traffic.canary, traffic.baseline
    if min(n, m) < 1 or (n + m <= _SMALL_SAMPLES and comb(n + m, n) * alpha < 1):
        return 0.0
    higher = 0.5 * erfc(-distance / sqrt(2))
    twice = higher - 2 * float(owens_t(distance, 1 / sqrt(3)))
    null = sqrt((n + m + 1) / (12 * n * m))
    real = sqrt(max(higher * (1 - higher) + (n + m - 2) * (twice - higher**2), 1e-300) / (n * m))
    place = ((higher - 0.5) - normal_quantile(1 - alpha) * null) / real
    return significant(0.5 * erfc(-place / sqrt(2)))


def _ratios(good: float, bad: float) -> str:
    """Both in percent, with as many digits as tell them apart."""
    texts = [""] * 2
    for digits in range(3, 12):
        texts = [f"{100 * ratio:.{digits}g}" for ratio in (good, bad)]
        if texts[0] != texts[1]:
            break
    return f"error ratio {texts[0]} % → {texts[1]} %"


def _slower(mean: int, factor: float) -> str:
    return f"mean latency {_time(mean)} → {_time(mean * factor)}, {factor:.3g} times"


def _time(ns: float) -> str:
    digits = 10 ** max(len(str(int(ns))) - 3, 0)
    return format_duration(round(ns / digits) * digits)


def _times(chance: float) -> str:
    whole = round(100 * chance)
    if whole in (0, 100) and 0 < chance < 1:
        return "less than once" if whole == 0 else "more than 99 times"
    return {0: "never", 1: "once", 100: "100 times"}.get(whole, f"{whole} times")
