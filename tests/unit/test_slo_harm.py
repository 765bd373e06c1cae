"""Harm to users, and the rates that a plan expects."""

from __future__ import annotations

import pytest

from simulator.errors import GamedayError
from simulator.slo.flow import UserFlow, planned_rates
from simulator.slo.harm import bad_users_by_minute, user_minutes_bad
from simulator.units import MINUTE, SECOND
from tests.telemetry_world import Shop


def test_user_minutes_are_failed_or_slow_requests_of_users() -> None:
    """Every failed or slow answer to a user is one bad user-minute, counted from T+00:00."""
    shop = Shop()
    shop.run(0)
    for name in ("checkout-a", "checkout-b"):
        shop.remove_pod(name)
    shop.run(3 * MINUTE)
    frame = shop.telemetry.frame
    assert frame is not None
    failed = int(frame.answered[:, :, 1:].sum() + frame.slow.sum())
    assert user_minutes_bad(shop.telemetry, 3 * MINUTE) == failed > 100
    by_minute = bad_users_by_minute(shop.telemetry, 0, 2 * MINUTE + 30 * SECOND)
    assert len(by_minute) == 3
    assert by_minute.sum() == user_minutes_bad(shop.telemetry, 2 * MINUTE + 30 * SECOND)
    assert by_minute[2] == pytest.approx(by_minute[1] / 2, rel=0.25)


def test_a_healthy_run_harms_nobody() -> None:
    """No failure, nothing slow: zero; and nothing before T+00:00 counts."""
    shop = Shop()
    shop.run(2 * MINUTE)
    assert user_minutes_bad(shop.telemetry, 2 * MINUTE) == 0
    assert user_minutes_bad(shop.telemetry, -SECOND) == 0


def test_planned_rates_follow_users_through_calls() -> None:
    """80 users a second, a quarter of whom order; an order always pays and asks the cache half the time."""
    rates = planned_rates(
        [UserFlow("web", {"page": 3.0, "order": 1.0}, 80.0), UserFlow("api", {"order": 1.0}, 5.0)],
        {
            ("web", "order"): [(("checkout", "place"), 1.0)],
            ("api", "order"): [(("checkout", "place"), 1.0)],
            ("checkout", "place"): [(("payments", "pay"), 1.0), (("cache", "get"), 0.5)],
        },
    )
    assert rates == {
        ("web", "page"): 60.0,
        ("web", "order"): 20.0,
        ("api", "order"): 5.0,
        ("checkout", "place"): 25.0,
        ("payments", "pay"): 25.0,
        ("cache", "get"): 12.5,
    }


def test_calls_in_a_circle_are_refused() -> None:
    """A plan must end somewhere."""
    with pytest.raises(GamedayError, match="a circle"):
        planned_rates(
            [UserFlow("a", {"r": 1.0}, 1.0)],
            {("a", "r"): [(("b", "r"), 1.0)], ("b", "r"): [(("a", "r"), 1.0)]},
        )
