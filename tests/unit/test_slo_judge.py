"""The statistical judge: the rank test against known answers, the rules for missing data, what it says."""

from __future__ import annotations

from math import inf, isnan, nan
from statistics import NormalDist

import pytest
from scipy.stats import mannwhitneyu

from simulator.errors import GamedayError
from simulator.slo.judge import (
    EffectSize,
    JudgeConfig,
    MetricSpec,
    explain,
    explain_metric,
    judge,
    judge_metric,
    mann_whitney,
)
from simulator.streams import Stream

CHANCE = Stream(7, "judge-tests")
NORMAL = NormalDist()
ERRORS = MetricSpec("error-ratio", "increase", unit="ratio")


def normals(count: int, *key: int) -> list[float]:
    """Keyed draws of the standard normal."""
    return [NORMAL.inv_cdf(CHANCE.uniform(*key, number) or 0.5) for number in range(count)]


def latencies(count: int, *key: int) -> list[float]:
    """About a hundred, one either way."""
    return [100 + value for value in normals(count, *key)]


def test_a_case_worked_by_hand() -> None:
    """Five against three: U counts pairs, the p-value orderings, the shift is the middle difference."""
    # Of the 15 pairs the canary is higher in 14; of the C(8, 3) = 56 orderings two have U >= 14.
    found = mann_whitney([7.0, 9.0, 12.0], [1.0, 2.0, 4.0, 6.0, 8.0], 0.9)
    assert (14.0, 14 / 15) == (found.u, found.cles)
    assert found.p_value == pytest.approx(2 * 2 / 56, rel=1e-5)
    # Differences: −1 1 1 3 3 4 5 5 6 6 7 8 8 10 11; their second ends bound, since 2/56 <= 5 % < 4/56.
    assert (5.0, 1.0, 10.0) == (found.shift, found.low, found.high)


@pytest.mark.parametrize(("n", "m", "exact"), [(4, 5, True), (12, 40, True), (49, 49, True), (60, 30, False)])
def test_p_values_are_those_of_scipy(n: int, m: int, exact: bool) -> None:
    """Statistic and p-value agree with scipy's, exact and approximate."""
    canary, baseline = [value + 0.4 for value in normals(n, 1, n)], normals(m, 2, m)
    found = mann_whitney(canary, baseline, 0.95)
    expected = mannwhitneyu(canary, baseline, method="exact" if exact else "asymptotic")
    assert ("exact" if exact else "normal") == found.method
    assert expected.statistic == found.u
    assert expected.pvalue == pytest.approx(found.p_value, rel=1e-5)
    assert (found.p_value < 0.05) == (found.low > 0 or found.high < 0)


def test_ties_take_the_corrected_approximation() -> None:
    """With ties the variance shrinks as scipy has it, and equal samples have a p-value of 1."""
    canary, baseline = [0.0, 1.0, 1.0, 2.0, 3.0, 3.0], [0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 2.0]
    expected = mannwhitneyu(canary, baseline, method="asymptotic")
    assert expected.pvalue == pytest.approx(mann_whitney(canary, baseline, 0.98).p_value, rel=1e-5)
    assert 1.0 == mann_whitney([5.0] * 4, [5.0] * 9, 0.98).p_value


def test_so_few_samples_bound_nothing() -> None:
    """Three against three can't be significant at 98 %: the interval is everything."""
    found = mann_whitney([10.0, 11.0, 12.0], [1.0, 2.0, 3.0], 0.98)
    assert (-inf, inf) == (found.low, found.high)


def test_healthy_canaries_are_blamed_as_rarely_as_promised() -> None:
    """Over 1,500 canaries without a difference, High and Low come in 2 % or fewer, on each side alike."""
    spec = MetricSpec("latency")
    labels = [
        judge_metric(spec, latencies(20, 3, case), latencies(20, 4, case), tolerance=0.0).label
        for case in range(1500)
    ]
    assert 0.01 < 1 - labels.count("Pass") / len(labels) < 0.03
    assert 0.004 < labels.count("High") / len(labels) < 0.018


@pytest.mark.parametrize("samples", [12, 30])
def test_the_smallest_regression_that_it_names_is_seen_as_often_as_it_says(samples: int) -> None:
    """A canary shifted by the named amount is High in about 80 of 100 cases."""
    spec = MetricSpec("latency", "increase")
    named = [
        judge_metric(spec, latencies(samples, 5, case), latencies(samples, 6, case)).smallest or nan
        for case in range(60)
    ]
    shift = sorted(named)[len(named) // 2]
    seen = [
        judge_metric(
            spec, latencies(samples, 7, case), [value + shift for value in latencies(samples, 8, case)]
        ).label
        for case in range(400)
    ]
    assert 0.7 < seen.count("High") / len(seen) < 0.9


def test_what_a_quiet_error_ratio_could_hide_follows_from_the_traffic() -> None:
    """Without a failure on either side the judge names a ratio, lower with more requests; never zero."""
    quiet = [0.0] * 20
    few = judge_metric(ERRORS, quiet, quiet, requests=6_000).smallest
    many = judge_metric(ERRORS, quiet, quiet, requests=600_000).smallest
    assert few is not None
    assert many is not None
    assert 0.004 < few < 0.006
    assert few / 100 == pytest.approx(many, rel=0.01)
    assert judge_metric(ERRORS, quiet, quiet).smallest is None


@pytest.mark.parametrize(
    ("direction", "shift", "label"),
    [
        ("increase", 5.0, "High"),
        ("increase", -5.0, "Pass"),
        ("decrease", -5.0, "Low"),
        ("decrease", 5.0, "Pass"),
        ("either", -5.0, "Low"),
    ],
)
def test_only_the_bad_direction_counts(direction: str, shift: float, label: str) -> None:
    """A latency that falls is no regression, nor is a throughput that rises."""
    spec = MetricSpec("metric", direction)  # type: ignore[arg-type]
    baseline = latencies(15, 9)
    assert label == judge_metric(spec, baseline, [value + shift for value in baseline]).label


@pytest.mark.parametrize(
    ("effect", "label", "critical"),
    [
        (EffectSize(), "High", True),
        (EffectSize(allowed_increase=1.1), "Pass", False),
        (EffectSize(critical_increase=1.1), "High", False),
        (EffectSize("cles", allowed_increase=0.9), "High", True),
        (EffectSize("hodgesLehmann", allowed_increase=1.1), "Pass", False),
    ],
)
def test_a_real_change_must_also_be_large_enough(effect: EffectSize, label: str, critical: bool) -> None:
    """Five per cent more is significant here, and passes where ten are allowed."""
    spec = MetricSpec("latency", "increase", critical=True, effect=effect)
    baseline = latencies(15, 10)
    found = judge_metric(spec, baseline, [value + 5 for value in baseline])
    assert (label, critical) == (found.label, found.critical)


@pytest.mark.parametrize(
    ("spec", "baseline", "canary", "label"),
    [
        (ERRORS, [], [], "Nodata"),
        (ERRORS, [0.0] * 9, [nan] * 9, "Nodata"),
        (ERRORS, [0.0] * 9, [0.0] * 4, "Nodata"),
        (MetricSpec("e", must_have_data=True), [0.0] * 9, [], "NodataFailMetric"),
        (MetricSpec("e", nan_strategy="replace"), [nan] * 9, [nan] * 9, "Nodata"),
        (MetricSpec("e", nan_strategy="replace"), [nan] * 9, [1.0 + n for n in range(9)], "High"),
        (MetricSpec("e", nan_strategy="replace"), [nan] * 9, [0.0, *[nan] * 8], "Pass"),
    ],
)
def test_missing_data_is_never_health(
    spec: MetricSpec, baseline: list[float], canary: list[float], label: str
) -> None:
    """A canary of which nothing was measured has no data, even where NaN stands for zero."""
    assert label == judge_metric(spec, baseline, canary).label


def test_the_verdict_without_data_is_inconclusive() -> None:
    """Nothing measured, or one metric of two: Inconclusive, and it says what was missing."""
    config = JudgeConfig((ERRORS, MetricSpec("latency")))
    nothing = judge(config, {})
    assert ("Nodata", "Inconclusive", None) == (nothing.classification, nothing.phase, nothing.score)
    half = judge(config, {"latency": (latencies(9, 11), latencies(9, 12))})
    assert "Inconclusive" == half.phase
    assert "error-ratio had no data" in half.reason


def test_groups_weigh_and_thresholds_decide() -> None:
    """Kayenta's sum: each group's share of passes, by weight; unweighted groups share what is left."""
    steady, worse = latencies(15, 13), [150 + value for value in normals(15, 14)]
    specs = tuple(
        MetricSpec(name, groups=(group,))
        for name, group in (("a", "latency"), ("b", "latency"), ("c", "errors"), ("d", "saturation"))
    )
    samples = {name: (steady, worse if name == "a" else steady) for name in "abcd"}
    found = judge(JudgeConfig(specs, {"latency": 40}, 90, 75), samples)
    assert [("latency", 50.0, 40.0), ("errors", 100.0, 30.0), ("saturation", 100.0, 30.0)] == [
        (group.name, group.score, group.weight) for group in found.groups
    ]
    assert (80.0, "Marginal", "Inconclusive") == (found.score, found.classification, found.phase)
    assert "The score is 80 of 100, below the pass threshold of 90: a is High." == found.reason
    assert "Failed" == judge(JudgeConfig(specs, {"latency": 40}, 95, 81), samples).phase
    assert "Successful" == judge(JudgeConfig(specs, {"latency": 40}, 80, 50), samples).phase


def test_a_critical_failure_fails_alone_and_a_muted_one_not_at_all() -> None:
    """Critical beats the sum; muted is shown and not counted."""
    steady, worse = latencies(15, 13), [150 + value for value in normals(15, 14)]
    samples = {"a": (steady, worse), "b": (steady, steady)}
    critical = (MetricSpec("a", critical=True), MetricSpec("b"))
    assert (0.0, "Failed") == ((one := judge(JudgeConfig(critical, {}, 0, 0), samples)).score, one.phase)
    muted = judge(JudgeConfig((MetricSpec("a", muted=True), MetricSpec("b"))), samples)
    assert ("Successful", "High") == (muted.phase, muted.metrics[0].label)
    with pytest.raises(GamedayError, match="one metric at least that counts"):
        judge(JudgeConfig((MetricSpec("a", muted=True),)), samples)


def test_it_explains_itself() -> None:
    """Samples, values, test, effect with interval, verdict, and what could have hidden: in sentences."""
    baseline = [0.002 + value * 0.0002 for value in normals(20, 15)]
    found = judge(JudgeConfig((ERRORS,)), {"error-ratio": (baseline, [value + 0.003 for value in baseline])})
    whole, sentence = explain(found)
    assert whole.startswith(
        "Fail. The score is 0 of 100, below the marginal threshold of 75: error-ratio is High."
    )
    for part in (
        "error-ratio: High.",
        "Canary 20 samples, mean 0.5",
        "baseline 20 samples, mean 0.2",
        "Mann-Whitney (exact): U = 400, p = 1.5e-11",
        "Shift +0.3 %, 98 % interval +0.28",
        "meanRatio 2.45",
        "The whole interval lies beyond 25 % of the shift",
        "a lasting rise of +0.0333 %",
        "less could hide.",
    ):
        assert part in sentence


def test_it_says_what_it_did_not_compare() -> None:
    """Too few samples, and a canary that serves nothing."""
    said = explain_metric(judge_metric(ERRORS, [0.0] * 9, [nan] * 9))
    assert "error-ratio: no data. The canary has 0 samples, the baseline 9 (9 and 0 more were no" in said
    few = explain_metric(judge_metric(ERRORS, normals(5, 1), normals(5, 2), confidence=0.999))
    assert "So few samples would show no rise, however large." in few
    assert isnan(judge_metric(ERRORS, [0.0] * 9, [0.0] * 9).effect)
