"""SLOs, planned rates and route names as a scenario declares them."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from pydantic import ValidationError

from simulator.scenario.document import Scenario
from simulator.slo import monitor
from simulator.slo.declared import expected_rates, objectives
from simulator.telemetry.declared import observe, route_texts
from simulator.units import DAY, MINUTE
from tests.telemetry_world import Shop

TIME = {"mean": "10ms", "p99": "40ms"}


def _workload(name: str, *routes: dict[str, object]) -> dict[str, object]:
    template = {"spec": {"containers": [{"name": "app", "image": f"{name}:v1"}]}}
    return {
        "metadata": {"name": name},
        "spec": {"replicas": 2, "template": template},
        "model": {"routes": [{"serviceTime": TIME, **route} for route in routes]},
    }


def _slo(selector: str, /, **changes: object) -> dict[str, object]:
    def metric(query: str) -> dict[str, object]:
        return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}

    ratio = {
        "counter": True,
        "good": metric(f'lb_requests_total{{{selector},code!~"5.."}}'),
        "total": metric(f"lb_requests_total{{{selector}}}"),
    }
    spec: dict[str, object] = {
        "service": "checkout",
        "budgetingMethod": "Occurrences",
        "indicator": {"metadata": {"name": "answers"}, "spec": {"ratioMetric": ratio}},
        "timeWindow": [{"duration": "30d", "isRolling": True}],
        "objectives": [{"target": 0.999}],
    }
    for key, value in changes.items():
        if key in spec:
            spec[key] = value
        elif key == "threshold":
            spec["indicator"] = {
                "metadata": {"name": "queue"},
                "spec": {"thresholdMetric": metric(str(value))},
            }
        else:
            ratio[key] = metric(str(value)) if value else None
    return {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "checkout-availability", "displayName": "Checkout availability"},
        "spec": spec,
        "model": {"budgetSpentAtStart": 0.2},
    }


def _scenario(selector: str = 'service="web",route="order"', /, **changes: object) -> Scenario:
    call = {"service": "checkout", "route": "place", "timeout": "1s", "chance": 0.5}
    return Scenario.model_validate(
        {
            "apiVersion": "gameday/v1",
            "kind": "Scenario",
            "metadata": {"name": "two-parts", "title": "Two parts"},
            "spec": {
                "duration": "10m",
                "warmUp": "1m",
                "workloads": [
                    _workload(
                        "web",
                        {"name": "page"},
                        {"name": "order", "method": "POST", "path": "/orders", "calls": [call]},
                    ),
                    _workload("checkout", {"name": "place", "method": "CALL"}),
                ],
                "services": [
                    {"metadata": {"name": name}, "spec": {"selector": {"app": name}}}
                    for name in ("web", "checkout")
                ],
                "traffic": [
                    {"name": "users", "rate": 100.0, "service": "web", "routes": {"page": 3.0, "order": 1.0}}
                ],
                "slos": [_slo(selector, **changes)],
            },
            "texts": {
                "story": "-",
                "normal": "-",
                "situation": "-",
                "debrief": {"whatHappened": "-", "rule": "-", "change": "-"},
            },
        },
        strict=False,
    )


def test_an_openslo_object_becomes_an_objective() -> None:
    """Target, window, service, routes and spent share are those of the file, exactly."""
    (goal,) = objectives(_scenario())
    assert (goal.name, goal.title) == ("checkout-availability", "Checkout availability")
    assert (goal.service, goal.routes) == ("web", ("order",))
    assert (goal.target, goal.window, goal.spent_at_start) == (Fraction(999, 1000), 30 * DAY, Fraction(1, 5))
    assert goal.alert_name == "CheckoutAvailability"


def test_planned_rates_follow_the_declared_calls() -> None:
    """100 users a second, a quarter of whom order, half of which reach checkout."""
    assert expected_rates(_scenario()) == {
        ("web", "page"): 75.0,
        ("web", "order"): 25.0,
        ("checkout", "place"): 12.5,
    }


def test_routes_are_written_as_method_and_path() -> None:
    """Logs speak of POST /orders; a call that is not HTTP keeps its name."""
    assert route_texts(_scenario()) == {
        ("web", "page"): "GET /",
        ("web", "order"): "POST /orders",
        ("checkout", "place"): "place",
    }


def test_a_scenarios_slos_are_watched_from_the_first_scrape() -> None:
    """Telemetry and monitor from the declaration: budget as declared, the page when its condition holds."""
    shop, scenario = Shop(start=False), _scenario()
    telemetry = observe(scenario, shop.env, shop.dataplane, shop.cluster)
    watched = monitor(scenario, 7, telemetry)
    telemetry.start()
    shop.run(0)
    slo = watched.slos["checkout-availability"]
    assert slo.budget_left(0).share_left == pytest.approx(0.8, abs=1e-3)
    for pod in ("web-a", "web-b"):
        shop.remove_pod(pod)
    shop.run(3 * MINUTE)
    assert [page.name for page in watched.pager.pages] == ["CheckoutAvailabilityBudgetBurn"]
    assert telemetry.logs.timestamp(0) == "2026-03-03T10:00:00.000Z"


BUCKETS = "http_request_duration_seconds"
ORDERS = 'service="web",route="order"'
CALENDAR = {"duration": "1M", "calendar": {"startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"}}
SLICED = {"target": 0.99, "timeSliceTarget": 0.95, "timeSliceWindow": "5m"}


def test_a_latency_slo_counts_requests_under_a_bucket() -> None:
    """Good is a bucket, total the histogram's count; 1.0 is the bucket that exporters write as 1."""
    (goal,) = objectives(
        _scenario(good=f'{BUCKETS}_bucket{{{ORDERS},le="1.0"}}', total=f"{BUCKETS}_count{{{ORDERS}}}")
    )
    assert ("latency", "1", ("order",)) == (goal.indicator.kind, goal.indicator.le, goal.routes)


def test_bad_over_total_is_the_same_promise_as_good_over_total() -> None:
    """What is bad in one is not good in the other."""
    (by_good,) = objectives(_scenario())
    (by_bad,) = objectives(_scenario(good=None, bad=f'lb_requests_total{{{ORDERS},code=~"5.."}}'))
    assert by_good == by_bad


def test_a_calendar_month_has_the_length_of_its_month() -> None:
    """March 2026 in Berlin is an hour short of 31 days."""
    (goal,) = objectives(_scenario(timeWindow=[CALENDAR]))
    assert (31 * DAY - 60 * MINUTE, "calendar month") == (goal.window, goal.window_text)


def test_slices_and_per_cent_are_read_as_written() -> None:
    """TimeSliceWindow and timeSliceTarget make slices; targetPercent 99.9 is 999/1000."""
    (goal,) = objectives(_scenario(budgetingMethod="Timeslices", objectives=[SLICED]))
    assert ("Timeslices", 5 * MINUTE, Fraction(19, 20)) == (goal.method, goal.slice_window, goal.slice_target)
    (goal,) = objectives(_scenario(objectives=[{"targetPercent": 99.9}]))
    assert Fraction(999, 1000) == goal.target


def test_a_threshold_keeps_its_query_and_its_bound() -> None:
    """The service is then the one that promises."""
    bound = [{"target": 0.99, "op": "lt", "value": 100.0}]
    (goal,) = objectives(_scenario(threshold="max(queue_depth)", objectives=bound))
    assert goal.indicator.threshold is not None
    assert ("max(queue_depth)", "lt", 100) == (
        goal.indicator.threshold.query, goal.indicator.threshold.op, goal.indicator.threshold.value
    )  # fmt: skip
    assert ("checkout", "minutes") == (goal.service, goal.unit)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"objectives": [{"target": 0.9, "targetPercent": 90.0}]}, "target or targetPercent"),
        ({"objectives": [SLICED]}, "no timeSliceWindow in the objective"),
        ({"budgetingMethod": "Timeslices"}, "timeSliceWindow in the objective"),
        ({"budgetingMethod": "RatioTimeslices", "objectives": [SLICED]}, "no timeSliceTarget"),
        (
            {"budgetingMethod": "Timeslices", "objectives": [{**SLICED, "timeSliceWindow": "90s"}]},
            "a timeSliceWindow of whole minutes",
        ),
        ({"objectives": [{"target": 0.9, "op": "lt", "value": 1.0}]}, "no op in the objective"),
        ({"threshold": "max(queue_depth)"}, "op in the objective"),
        ({"timeWindow": [{"duration": "1M", "isRolling": True}]}, "a rolling window from 1d to 52w"),
        ({"timeWindow": [{"duration": "30d"}]}, "isRolling: true, or a calendar"),
        ({"timeWindow": [{**CALENDAR, "duration": "6h"}]}, "a calendar window from 1d to 1Y"),
        ({"timeWindow": [{**CALENDAR, "isRolling": True}]}, "isRolling: true, or a calendar"),
        ({"bad": f'lb_requests_total{{{ORDERS},code=~"5.."}}'}, "good or bad, beside total, got both"),
        ({"total": f"http_requests_total{{{ORDERS}}}"}, "a total over all codes of lb_requests_total"),
        ({"good": f'{BUCKETS}_bucket{{{ORDERS},le="0.5"}}'}, "a total of ..._seconds_count"),
        ({"good": f"{BUCKETS}_bucket{{{ORDERS}}}", "total": f"{BUCKETS}_count{{{ORDERS}}}"}, 'le="0.25"'),
        ({"good": f'lb_requests_total{{{ORDERS},code!~"5..["}}'}, "a selector such as"),
        ({"good": f'lb_requests_total{{{ORDERS},le="5"}}'}, "a selector such as"),
    ],
)
def test_what_openslo_would_not_mean_is_refused(changes: dict[str, object], said: str) -> None:
    """A field of another method, two targets, a window of no kind, queries that count different things."""
    with pytest.raises(ValidationError, match=re.escape(said)):
        _scenario(ORDERS, **changes)
