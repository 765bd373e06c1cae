"""SLOs, planned rates and route names as a scenario declares them."""

from __future__ import annotations

from fractions import Fraction

import pytest

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


def _slo(selector: str) -> dict[str, object]:
    def metric(query: str) -> dict[str, object]:
        return {"metricSource": {"type": "Prometheus", "spec": {"query": query}}}

    ratio = {
        "counter": True,
        "good": metric(f'http_requests_total{{{selector},code!~"5.."}}'),
        "total": metric(f"http_requests_total{{{selector}}}"),
    }
    return {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "checkout-availability", "displayName": "Checkout availability"},
        "spec": {
            "service": "checkout",
            "budgetingMethod": "Occurrences",
            "indicator": {"metadata": {"name": "answers"}, "spec": {"ratioMetric": ratio}},
            "timeWindow": [{"duration": "30d", "isRolling": True}],
            "objectives": [{"target": 0.999}],
        },
        "model": {"budgetSpentAtStart": 0.2},
    }


def _scenario(selector: str = 'service="web",route="order"') -> Scenario:
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
                "slos": [_slo(selector)],
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
