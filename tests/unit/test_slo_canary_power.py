"""What a canary can see: the planning figures against simulated canaries and against each other."""

from __future__ import annotations

from math import log
from statistics import NormalDist

import pytest
from scipy.stats import binom, fisher_exact, mannwhitneyu

import simulator as sim
from simulator.errors import GamedayError
from simulator.slo.judge.proportions import Method, Traffic, detection_power, method_for, says_worse
from simulator.streams import Stream

CHANCE = Stream(11, "canary-power-tests")
CANARIES = 1500


def counts(requests: int, ratio: float, *key: int) -> list[int]:
    """Failures of so many simulated runs."""
    uniforms = [CHANCE.uniform(*key, case) for case in range(CANARIES)]
    return [int(count) for count in binom.ppf(uniforms, requests, ratio).clip(0)]


@pytest.mark.parametrize(
    ("canary", "baseline", "good", "bad", "method"),
    [
        (300, 2_700, 0.001, 0.01, "exact"),
        (6_000, 54_000, 0.001, 0.002, "exact"),
        (20, 20, 0.1, 0.4, "exact"),
        (600, 59_400, 0.0, 0.005, "exact"),
        (500, 4_500, 0.2, 0.25, "normal"),
        (200_000, 800_000, 0.001, 0.0012, "normal"),
    ],
)
def test_the_chance_is_that_of_simulated_canaries(
    canary: int, baseline: int, good: float, bad: float, method: Method
) -> None:
    """The stated chance lies within three standard errors of how often simulated canaries are caught."""
    traffic = Traffic(canary, baseline)
    assert method == method_for(traffic, good, bad)
    expected = detection_power(traffic, good, bad, 0.05)
    pairs = zip(counts(canary, bad, canary, 1), counts(baseline, good, canary, 2), strict=True)
    seen = sum(says_worse(traffic, *pair, 0.05, method) for pair in pairs) / CANARIES
    assert expected == pytest.approx(seen, abs=3 * (expected * (1 - expected) / CANARIES) ** 0.5 + 0.012)
    healthy = zip(counts(canary, good, canary, 3), counts(baseline, good, canary, 4), strict=True)
    blamed = sum(says_worse(traffic, *pair, 0.05, method) for pair in healthy) / CANARIES
    assert blamed <= 0.05 + 3 * (0.05 * 0.95 / CANARIES) ** 0.5


@pytest.mark.parametrize(("canary", "baseline", "good", "bad"), [(20, 20, 0.1, 0.4), (15, 60, 0.02, 0.2)])
def test_the_exact_chance_is_the_sum_over_all_counts(
    canary: int, baseline: int, good: float, bad: float
) -> None:
    """Every pair of counts by its chance, where scipy's Fisher test calls it significant."""
    expected = sum(
        float(binom.pmf(ours, canary, bad) * binom.pmf(theirs, baseline, good))
        for ours in range(canary + 1)
        for theirs in range(baseline + 1)
        if fisher_exact([[ours, canary - ours], [theirs, baseline - theirs]], alternative="greater").pvalue
        <= 0.05
    )
    assert expected == pytest.approx(detection_power(Traffic(canary, baseline), good, bad, 0.05), abs=1e-6)


def test_a_large_canary_is_answered_at_once() -> None:
    """Thousands of failures in the baseline, and ratios that differ in the fourth digit."""
    plan = sim.canary_power(1000, 1, "1h", baseline=0.002, regression="1.0002x")
    assert plan.sentence.startswith("At 1000 requests a second, a canary of 1 % that bakes 1h serves 36,000")
    assert plan.change == "error ratio 0.2 % → 0.20004 %"
    assert 0.03 < plan.power < 0.06
    assert plan.weight_needed is None


def test_the_exact_test_is_fishers() -> None:
    """Significant where scipy's Fisher test says so, one failure around the border."""
    traffic = Traffic(300, 2_700)
    for failures in range(9):
        table = [[failures, 300 - failures], [5, 2_695]]
        expected = fisher_exact(table, alternative="greater").pvalue <= 0.05
        assert expected == says_worse(traffic, failures, 5, 0.05, "exact")


def test_the_chance_for_latencies_is_that_of_simulated_canaries() -> None:
    """Lognormal latencies, a fifth slower: ranks see it as often as said."""
    plan = sim.canary_power(10, 20, "50s", baseline="100ms", regression="1.2x", p99="400ms")
    assert (100, 400) == (plan.canary_requests, plan.baseline_requests)
    z, normal = NormalDist().inv_cdf(0.99), NormalDist()
    sigma, caught = z - (z * z - 2 * log(4)) ** 0.5, 0  # p99 / mean = 4
    for case in range(CANARIES // 3):
        logs = [normal.inv_cdf(CHANCE.uniform(5, case, n) or 0.5) * sigma for n in range(500)]
        slower = [value + log(1.2) for value in logs[:100]]
        caught += mannwhitneyu(slower, logs[100:], alternative="greater", method="asymptotic").pvalue <= 0.05
    assert plan.power == pytest.approx(caught / (CANARIES // 3), abs=0.07)


def test_what_it_would_take_reaches_the_goal_and_a_little_less_does_not() -> None:
    """Bake, weight and smallest regression answer the question: with them 80 %, with less not."""
    plan = sim.canary_power(50, 5, "2m", baseline="0.1%", regression="0.5%")
    assert plan.power < 0.8
    assert plan.bake_needed_seconds is not None
    assert plan.weight_needed is not None
    longer = plan.bake_needed_seconds
    assert sim.canary_power(50, 5, longer, baseline="0.1%", regression="0.5%").power >= 0.79
    assert sim.canary_power(50, 5, longer * 0.9, baseline="0.1%", regression="0.5%").power < 0.8
    wider = plan.weight_needed
    assert sim.canary_power(50, wider, "2m", baseline="0.1%", regression="0.5%").power >= 0.8
    assert sim.canary_power(50, wider - 1, "2m", baseline="0.1%", regression="0.5%").power < 0.8


def test_the_answer_is_a_sentence_a_table_and_fields() -> None:
    """Traffic, chance, what it takes and the smallest regression, as text and as HTML."""
    plan = sim.canary_power(200, "1%", "2m", baseline=0.001, regression="2x")
    assert (240, 23_760) == (plan.canary_requests, plan.baseline_requests)
    assert str(plan) == plan.sentence
    assert plan.sentence.startswith(
        "At 200 requests a second, a canary of 1 % that bakes 2m serves 240 requests and sees this "
        "regression (error ratio 0.1 % → 0.2 %) 8 times in 100. For 80 % it takes 1h"
    )
    assert "240" == plan.table().loc["requests to the canary", "value"]
    assert "<table>" in plan._repr_html_()


def test_no_traffic_shows_nothing() -> None:
    """A canary that serves nobody never sees anything, and says so."""
    plan = sim.canary_power(1, 1, 30, baseline=0.5, regression=0.01)
    assert (0, 0.0, "") == (plan.canary_requests, plan.power, plan.smallest)
    assert "So little traffic shows no regression" in plan.sentence


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rate": True}, r"canary_power\(rate=…\): expected requests a second"),
        ({"weight": 100}, r"canary_power\(weight=…\): expected a percent above 0 and below 100"),
        ({"bake": "2 min"}, "expected a duration such as 1h30m"),
        ({"bake": "0"}, "expected from 1s to 30 days"),
        ({"baseline": "much"}, "expected an error ratio such as 0.001"),
        ({"regression": 0.0}, "expected an error ratio above the baseline's"),
        ({"p99": "1s"}, "expected nothing for an error ratio"),
        ({"baseline": "180ms"}, 'expected the baseline\'s 99th percentile, such as "900ms"'),
        ({"baseline": "180ms", "p99": "900ms", "regression": "2%"}, "A per cent could mean either"),
        ({"baseline": "180ms", "p99": "100ms", "regression": "2x"}, "more than the mean"),
        ({"goal": 1.5}, "expected a chance such as 0.8"),
    ],
)
def test_an_argument_that_cannot_be_meant_is_refused(arguments: dict[str, object], message: str) -> None:
    """Each in four parts, naming the argument."""
    good: dict[str, object] = {
        "rate": 100, "weight": 10, "bake": "5m", "baseline": 0.001, "regression": 0.001,
    }  # fmt: skip
    with pytest.raises(GamedayError, match=message):
        sim.canary_power(**{**good, **arguments})  # type: ignore[arg-type]
