"""Laws: their tables have the mean and the p99 that were asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulator.distributions import NODES, Kind, Law
from simulator.errors import GamedayError
from simulator.streams import GOLDEN, mix
from simulator.units import MICROSECOND, MILLISECOND


@pytest.mark.parametrize(
    ("kind", "p99_factor"),
    [("lognormal", 1.5), ("lognormal", 4.3), ("lognormal", 10.0), ("exponential", None)],
)
def test_the_mean_of_a_law_is_what_was_asked_for(kind: Kind, p99_factor: float | None) -> None:
    """The law that the table interpolates has the asked mean to a nanosecond."""
    mean = 42 * MILLISECOND
    table = Law(kind, mean, round(mean * p99_factor) if p99_factor else None).table()
    tails = [(32 + node % 32) / 32 / 2.0 ** (32 - node // 32) for node in range(NODES)]
    total = table[0] * tails[0] + sum(
        (tails[n + 1] - tails[n]) * (table[n] + table[n + 1]) / 2 for n in range(NODES - 1)
    )
    assert abs(total - mean) < 1


def test_a_lognormal_meets_its_p99() -> None:
    """One draw in a hundred lies above the p99."""
    law = Law("lognormal", 42 * MILLISECOND, 180 * MILLISECOND)
    draws = [law.quantile(mix(n * GOLDEN)) for n in range(1, 100_001)]
    above = sum(value > 180 * MILLISECOND for value in draws) / len(draws)
    assert above == pytest.approx(0.01, abs=3 * (0.01 * 0.99 / len(draws)) ** 0.5 + 0.0002)


def test_exponential_quantiles_are_the_closed_form() -> None:
    """The median of an exponential law is mean x ln 2."""
    law = Law("exponential", 15 * MILLISECOND)
    assert law.quantile(1 << 63) == pytest.approx(15 * MILLISECOND * 0.693147, rel=1e-3)


@given(st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1))
def test_more_luck_is_never_slower(left: int, right: int) -> None:
    """Quantiles fall as the uniform grows, so two laws read with the same bits keep the order of luck."""
    law = Law("lognormal", 5 * MILLISECOND, 30 * MILLISECOND)
    assert law.quantile(min(left, right)) >= law.quantile(max(left, right))


def test_impossible_laws_are_refused_with_the_reason() -> None:
    """A p99 below the mean, beyond every lognormal, or given to an exponential is an error in four parts."""
    with pytest.raises(GamedayError, match=r"expected a p99 of 1\.02 to 14\.9 times the mean 10ms, got 5ms"):
        Law("lognormal", 10 * MILLISECOND, 5 * MILLISECOND)
    with pytest.raises(GamedayError, match="got 1s"):
        Law("lognormal", 10 * MILLISECOND, 1000 * MILLISECOND)
    with pytest.raises(GamedayError, match="only a mean"):
        Law("exponential", 10 * MICROSECOND, 20 * MICROSECOND)


def test_a_law_moves_by_a_delay_and_never_out_of_what_there_is() -> None:
    """A mean of 1.5 ms and a p99 of 5 ms: exact 10 ms later; 400 ms later the p99 is 1.02 times the mean."""
    law = Law("lognormal", 1_500_000, 5_000_000)
    assert Law("lognormal", 11_500_000, 15_000_000) == law.later(10_000_000)
    assert Law("lognormal", 401_500_000, 409_530_000) == law.later(400_000_000)
    assert Law("constant", 3) == Law("constant", 1).later(2)
