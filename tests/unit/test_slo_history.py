"""The SLI's history before the drill."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import numpy as np
import pytest

from simulator.errors import GamedayError
from simulator.slo.alerts import AlertRules
from simulator.slo.history import STEP, SliHistory, lay_down, many_bits, spread
from simulator.slo.objective import Objective, exact
from simulator.slo.rules import workbook_rules
from simulator.slo.sli import Slo
from simulator.streams import Stream
from simulator.units import DAY, HOUR, MINUTE

WARM_UP = 10 * MINUTE


def _objective(target: str = "0.999", window: int = 30 * DAY, spent: str = "0.2") -> Objective:
    return Objective("checkout-availability", "checkout", (), exact(target), window, exact(spent))


def _history(goal: Objective, seed: int = 7, rate: float = 40.0) -> SliHistory:
    return lay_down(
        goal,
        seed=seed,
        warm_up=WARM_UP,
        requests_per_second=rate,
        start_time=datetime(2026, 7, 7, 10, 0, tzinfo=UTC),
    )


@pytest.mark.parametrize("window", [7 * DAY, 28 * DAY, 30 * DAY])
@pytest.mark.parametrize("spent", ["0", "0.2", "0.65", "1"])
def test_the_declared_share_of_the_budget_is_spent_to_the_request(window: int, spent: str) -> None:
    """In the window of T+00:00 exactly the declared share of the budget is gone, to the request."""
    goal = _objective(window=window, spent=spent)
    slo = Slo(goal, _history(goal))
    declared = exact(spent) * goal.allowance * slo.history.expected
    assert abs(slo.budget_left(0).spent - declared) <= 1


def test_the_same_seed_lays_the_same_history_and_another_seed_another() -> None:
    """History is a function of seed and SLO alone."""
    goal = _objective()
    one, same, other = _history(goal), _history(goal), _history(goal, seed=8)
    assert np.array_equal(one.bad, same.bad) and np.array_equal(one.total, same.total)
    assert not np.array_equal(one.bad, other.bad) and not np.array_equal(one.total, other.total)


def test_history_is_counters_and_no_minute_fails_more_than_it_served() -> None:
    """Both counters grow in whole numbers, and bad requests are among the requests."""
    goal = _objective(target="0.9", spent="0.95")
    laid = _history(goal, rate=2.0)
    bad, total = np.diff(laid.bad), np.diff(laid.total)
    assert laid.bad.dtype == np.int64 and laid.total.dtype == np.int64
    assert bad.min() >= 0 and total.min() >= 0 and (bad <= total).all()


def test_history_ends_where_the_live_counters_begin() -> None:
    """The last sample is at the start of the warm-up, the first before the window of T+00:00."""
    goal = _objective()
    laid = _history(goal)
    assert laid.end == -WARM_UP
    assert laid.start <= -goal.window - WARM_UP
    assert (laid.end - laid.start) % STEP == 0


def test_traffic_joins_the_planned_rate_and_has_nights() -> None:
    """The last minutes run at the planned rate; the quietest hour has well under half of the busiest."""
    laid = _history(_objective(), rate=40.0)
    per_minute = np.diff(laid.total)
    assert per_minute[-10:].mean() == pytest.approx(40 * 60, rel=0.06)
    hours = per_minute[-24 * 60 :].reshape(24, 60).sum(axis=1)
    assert hours.min() < 0.4 * hours.max()


def test_past_incidents_are_few_and_old() -> None:
    """Three or four incidents, none in the tenth of the window that the slowest alert looks at."""
    for seed in range(20):
        goal = _objective()
        laid = _history(goal, seed=seed)
        assert 3 <= len(laid.incidents) <= 4
        assert all(one.start + one.duration < -goal.window // 10 for one in laid.incidents)
        assert all(one.start > -goal.window for one in laid.incidents)


@pytest.mark.parametrize("window", [7 * DAY, 30 * DAY])
def test_no_alert_is_true_when_the_learner_arrives(window: int) -> None:
    """All rows are quiet at the end of the history, on twenty seeds, half the budget being spent."""
    for seed in range(20):
        goal = _objective(window=window, spent="0.5")
        slo = Slo(goal, _history(goal, seed=seed))
        alerts = AlertRules(workbook_rules(goal), {goal.name: slo})
        alerts.evaluate(-WARM_UP)
        assert alerts.transitions == []


def test_many_draws_equal_single_draws() -> None:
    """The vectorised draws are those of the one place for chance."""
    stream = Stream(7, "sli-history/x")
    indices = np.array([-5, -1, 0, 1, 2**40], dtype=np.int64)
    assert many_bits(stream, 3, indices).tolist() == [stream.bits(3, int(i)) for i in indices]


def test_spread_is_exact_even_for_huge_weights() -> None:
    """Shares are whole, proportional within one, and sum to the amount, without overflow."""
    weights = np.array([2**50, 2**51, 0, 2**52], dtype=np.int64)
    shares = spread(7_000_000_001, weights)
    assert shares.sum() == 7_000_000_001
    assert shares[2] == 0
    assert shares[1] == pytest.approx(2 * shares[0], abs=2)


def test_an_slo_nobody_calls_is_refused() -> None:
    """A window that expects no request has no budget; the error says what to do."""
    with pytest.raises(GamedayError, match="point the indicator at"):
        _history(_objective(), rate=0.0)


def test_allowance_is_exact() -> None:
    """0.999 means 999/1000: the budget of 99.9 % is a thousandth, not a nearby binary number."""
    assert _objective().allowance == Fraction(1, 1000)
    assert _objective().target_text == "99.9 %"
    assert _objective(window=HOUR).window_text == "1h"
