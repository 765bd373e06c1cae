"""The outcome's scale and the table of costs, by hand-computed cases."""

from __future__ import annotations

import pytest

from simulator.drill import COSTS, outcome_between
from simulator.drill.costs import table_of_costs
from simulator.errors import GamedayError
from simulator.units import HOUR, SECOND


def test_doing_nothing_is_nought_and_the_reference_a_hundred() -> None:
    """100·(nothing − yours)/(nothing − reference)."""
    assert 0.0 == pytest.approx(outcome_between(0.5, 0.5, 0.1))
    assert 100.0 == pytest.approx(outcome_between(0.1, 0.5, 0.1))
    assert 50.0 == pytest.approx(outcome_between(0.3, 0.5, 0.1))


def test_the_scale_ends_at_minus_fifty_and_at_a_hundred_and_twenty() -> None:
    """Harm beyond bound and luck beyond bound are clipped."""
    assert -50.0 == outcome_between(5.0, 0.5, 0.1)
    assert 120.0 == outcome_between(0.0, 0.5, 0.4)


def test_where_restraint_is_the_skill_doing_nothing_scores_a_hundred() -> None:
    """Nothing equals the reference: no division by zero, and each hundredth of the budget costs a hundred."""
    assert 100.0 == pytest.approx(outcome_between(0.002, 0.002, 0.002))
    assert 0.0 == pytest.approx(outcome_between(0.012, 0.002, 0.002))


def test_a_scenario_may_set_costs() -> None:
    """A row is replaced; the others stay."""
    table = table_of_costs({"get": 2 * SECOND})
    assert 2 * SECOND == table["get"]
    assert COSTS["logs"] == table["logs"]


@pytest.mark.parametrize("overrides", [{"gett": SECOND}, {"get": -1}, {"get": HOUR}])
def test_a_cost_that_makes_no_sense_is_refused(overrides: dict[str, int]) -> None:
    """Unknown rows and impossible times are errors, not silence."""
    with pytest.raises(GamedayError, match=r"spec\.costs"):
        table_of_costs(overrides)
