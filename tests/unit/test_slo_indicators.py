"""What makes a request good: counted by code, by latency bound, by threshold, and told as PromQL."""

from __future__ import annotations

from math import nan

import numpy as np
import pytest

from simulator.dataplane import HTTP_CODES, LE_SECONDS
from simulator.errors import GamedayError
from simulator.slo.counting import counter
from simulator.slo.indicator import BALANCER, LATENCY, PODS, CodeMatcher, Indicator, Threshold
from simulator.slo.objective import Objective, exact
from simulator.units import DAY, MINUTE, SECOND
from tests.telemetry_world import Shop


def _goal(indicator: Indicator, *routes: str, service: str = "web") -> Objective:
    return Objective("x", service, routes, exact("0.999"), 30 * DAY, indicator=indicator)


def _shop() -> Shop:
    shop = Shop()
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")  # fails some
    shop.run(5 * MINUTE)
    return shop


@pytest.mark.parametrize(
    ("operator", "value", "code", "fits"),
    [
        ("=~", "5..", "503", True),
        ("=~", "5..", "200", False),
        ("=~", "5", "500", False),  # anchored on both sides
        ("!~", "5..", "429", True),
        ("=~", "(5..|429)", "429", True),
        ("=", "200", "200", True),
        ("!=", "200", "200", False),
    ],
)
def test_codes_are_matched_as_prometheus_matches_labels(
    operator: str, value: str, code: str, fits: bool
) -> None:
    """A regular expression must fit the whole value; the negated matcher fits the rest."""
    matcher = CodeMatcher(operator, value)  # type: ignore[arg-type]
    assert fits is matcher.matches(code)
    assert fits is not matcher.negated.matches(code)


def test_bad_answers_are_those_with_the_named_codes() -> None:
    """The counter equals the sum of the scraped series that the query selects."""
    shop = _shop()
    goal = _goal(Indicator(bad=CodeMatcher("=~", "5..")), "order")
    bad, total = counter(goal, shop.telemetry)(5 * MINUTE)
    series = shop.telemetry.store.instant("lb_requests_total", 5 * MINUTE, service="web", route="order")
    by_code = list(zip(series.labels, series.values[:, -1], strict=True))
    assert sum(value for labels, value in by_code if labels["code"].startswith("5")) == bad > 0
    assert sum(value for _, value in by_code) == total > bad


def test_a_request_that_met_no_ready_pod_is_counted_by_the_balancer_alone() -> None:
    """With all pods of a service gone its load balancer still counts, and its pods say nothing."""
    shop = Shop()
    shop.run(0)
    for pod in ("web-a", "web-b"):
        shop.remove_pod(pod)
    shop.run(5 * SECOND)
    counters = {
        name: counter(_goal(Indicator(name, CodeMatcher("=~", "5.."))), shop.telemetry)
        for name in (BALANCER, PODS)
    }
    start = {name: count(5 * SECOND) for name, count in counters.items()}
    shop.run(MINUTE)
    end = {name: count(MINUTE) for name, count in counters.items()}
    assert end[BALANCER][1] > start[BALANCER][1]
    assert end[PODS] == start[PODS]


@pytest.mark.parametrize("le", ["0.01", "0.025", "0.1"])
def test_slow_answers_are_those_above_the_bucket(le: str) -> None:
    """Total less the cumulative bucket, over all pods, as the two series have it."""
    shop = _shop()
    bad, total = counter(_goal(Indicator(le=le)), shop.telemetry)(5 * MINUTE)
    store = shop.telemetry.store
    under = store.instant(f"{LATENCY}_bucket", 5 * MINUTE, service="web", le=le).values[:, -1].sum()
    count = store.instant(f"{LATENCY}_count", 5 * MINUTE, service="web").values[:, -1].sum()
    assert (count - under, count) == (bad, total)
    assert 0 < bad < total


def test_a_bound_between_two_buckets_is_refused() -> None:
    """A histogram can't tell 0.3 s: the error lists the bounds."""
    with pytest.raises(GamedayError, match=r"0\.25, 0\.5"):
        counter(_goal(Indicator(le="0.3")), _shop().telemetry)
    assert 0.25 in LE_SECONDS and 0.3 not in LE_SECONDS


def test_a_threshold_is_sampled_once_a_minute_and_a_missing_number_is_no_sample() -> None:
    """Of the numbers 40, 100, nothing and 120 against `lt 100`, two are broken and three are known."""
    numbers = iter([40.0, 100.0, nan, 120.0])
    goal = _goal(Indicator(threshold=Threshold("queue_depth", "lt", 100)))
    count = counter(goal, Shop().telemetry, lambda _query, _at: next(numbers))
    seen = [count(at * MINUTE // 2) for at in range(8)]
    assert (2, 3) == seen[-1]
    assert seen[0] == seen[1]  # nothing was asked between the minutes


def test_a_threshold_is_sampled_at_the_first_scrape_of_a_minute_whatever_the_interval() -> None:
    """Seven seconds apart: at 0 s, 63 s and 126 s, and not at the ten scrapes between."""
    asked = list[int]()
    goal = _goal(Indicator(threshold=Threshold("queue_depth", "lt", 100)))

    def ask(_query: str, at: int) -> float:
        asked.append(at)
        return 1.0

    count = counter(goal, Shop().telemetry, ask)
    for at in range(0, 140, 7):
        count(at * SECOND)
    assert [0, 63 * SECOND, 126 * SECOND] == asked


@pytest.mark.parametrize(
    ("op", "held", "broken"), [("lte", 5, 5.1), ("lt", 4.9, 5), ("gte", 5, 4.9), ("gt", 5.1, 5)]
)
def test_comparisons_are_openslos(op: str, held: float, broken: float) -> None:
    """`op` says how a good value compares; NaN breaks nothing, and is not counted anyway."""
    threshold = Threshold("x", op, 5)  # type: ignore[arg-type]
    assert not threshold.broken(held)
    assert threshold.broken(broken)
    assert not threshold.broken(nan)


def test_without_promql_a_threshold_is_refused() -> None:
    """Nobody reads it as healthy for want of an answer."""
    with pytest.raises(GamedayError, match="answers PromQL"):
        counter(_goal(Indicator(threshold=Threshold("x", "lt", 1))), Shop().telemetry)


def test_promql_says_the_same_in_words() -> None:
    """The ratio of a rule file names the counter, the service, the routes and the bad codes or the bound."""
    by_code = Indicator(bad=CodeMatcher("=~", "5.."))
    assert (
        '(sum(rate(lb_requests_total{service="edge",route=~"browse|cart",code=~"5.."}[5m])))\n/\n'
        '(sum(rate(lb_requests_total{service="edge",route=~"browse|cart"}[5m])))'
    ) == by_code.error_ratio("edge", ("browse", "cart"), "5m")
    assert 'le="0.25"}[1h]' in Indicator(le="0.25").error_ratio("edge", (), "1h")
    assert "(queue_depth) >= bool 100" == Indicator(threshold=Threshold("queue_depth", "lt", 100)).broken()


def test_every_code_is_good_or_bad() -> None:
    """No answer is lost between a good query and the bad rest."""
    good = CodeMatcher("!~", "5..")
    codes = np.array([str(code) for code in HTTP_CODES])
    assert all(good.matches(code) != good.negated.matches(code) for code in codes)
