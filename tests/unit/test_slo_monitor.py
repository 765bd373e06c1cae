"""From requests to pages: SLOs joined to a running world."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from simulator.errors import GamedayError
from simulator.slo import Monitor, Objective, watch, worst
from simulator.slo.objective import exact
from simulator.units import DAY, MINUTE
from tests.telemetry_world import Shop

CHECKOUT = Objective("checkout-availability", "checkout", ("place",), exact("0.999"), 30 * DAY, exact("0.2"))
WEB = Objective("web-availability", "web", (), exact("0.99"), 30 * DAY, exact("0.1"))
RATES = {("web", "page"): 75.0, ("web", "order"): 25.0, ("checkout", "place"): 25.0}


def _watched(*goals: Objective) -> tuple[Shop, Monitor]:
    shop = Shop()
    monitor = watch(
        shop.telemetry,
        goals or (CHECKOUT, WEB),
        seed=7,
        warm_up=MINUTE,
        rates=RATES,
        start_time=datetime(2026, 7, 7, 10, tzinfo=UTC),
    )
    return shop, monitor


def test_a_healthy_world_pages_nobody_and_spends_nothing() -> None:
    """Ten quiet minutes: no transition, the budget as declared, the ratio a known zero."""
    shop, monitor = _watched()
    shop.run(10 * MINUTE)
    slo = monitor.slos["checkout-availability"]
    assert monitor.alerts.transitions == []
    assert slo.spent_in_drill(10 * MINUTE) == 0
    assert slo.budget_left(0).share_left == pytest.approx(0.8, abs=1e-4)
    assert slo.error_ratio(5 * MINUTE, 10 * MINUTE) == 0


def test_the_sli_counts_what_the_data_plane_answered() -> None:
    """Bad and total in the drill equal the data plane's counters, pods that are gone included."""
    shop, monitor = _watched()
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    start = shop.telemetry.answered("checkout")
    shop.run(5 * MINUTE)
    shop.remove_pod("checkout-c")
    shop.run(10 * MINUTE)
    slo = monitor.slos["checkout-availability"]
    end = shop.telemetry.answered("checkout")
    assert slo.bad_in_drill(10 * MINUTE) == end[0] - start[0] > 100
    assert slo.requests_in_drill(10 * MINUTE) == end[1] - start[1]


def test_a_bad_version_pages_and_its_removal_resolves() -> None:
    """One bad pod of three pages within minutes; soon removed, the page resolves about five minutes later."""
    shop, monitor = _watched(CHECKOUT)
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(6 * MINUTE)
    (page,) = monitor.pager.pages
    assert page.name == "CheckoutAvailabilityBudgetBurn"
    assert 3 * MINUTE < page.since < 6 * MINUTE
    shop.remove_pod("checkout-c")
    shop.run(12 * MINUTE)
    (page,) = monitor.pager.pages
    assert page.resolved_at is not None
    assert 10 * MINUTE < page.resolved_at < 12 * MINUTE


def test_who_mitigates_late_waits_longer_for_the_page_to_resolve() -> None:
    """Once 6x over six hours is met too, half an hour must be calm: the price of a slow rollback."""
    shop, monitor = _watched(CHECKOUT)
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(12 * MINUTE)
    shop.remove_pod("checkout-c")
    shop.run(30 * MINUTE)
    (page,) = monitor.pager.pages
    assert page.open
    assert monitor.slos[page.slo].burn_rate(5 * MINUTE, 30 * MINUTE) == 0


def test_the_worst_slo_is_the_one_that_the_drill_spent_most_of() -> None:
    """A fault of checkout spends most of its own budget; in peace the first declared is the worst."""
    shop, monitor = _watched()
    shop.run(0)
    assert worst(monitor.slos, 0).objective.name == "checkout-availability"
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(5 * MINUTE)
    spent = {name: slo.spent_in_drill(5 * MINUTE) for name, slo in monitor.slos.items()}
    assert spent["checkout-availability"] > spent["web-availability"] >= 0
    assert worst(monitor.slos, 5 * MINUTE).objective.name == "checkout-availability"
    with pytest.raises(GamedayError, match=r"spec\.slos"):
        worst({}, 0)


def test_two_slos_of_one_name_are_refused() -> None:
    """A name is an SLO's key everywhere."""
    with pytest.raises(GamedayError, match="a name of its own"):
        _watched(CHECKOUT, CHECKOUT)


def test_the_same_seed_pages_at_the_same_instant_with_the_same_words() -> None:
    """Transitions are a function of seed and acts."""
    runs = []
    for _ in range(2):
        shop, monitor = _watched()
        shop.run(0)
        shop.add_pod("checkout-c", "checkout", "v2")
        shop.run(10 * MINUTE)
        runs.append(monitor.alerts.transitions)
    assert runs[0] == runs[1]
    assert len(runs[0]) >= 1
