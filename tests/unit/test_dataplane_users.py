"""Users who think, who come together, who lose patience and try again."""

from __future__ import annotations

import math

import numpy as np
import pytest

from simulator.dataplane import OUTCOMES, DataPlane, fine_quantile
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND
from tests.planes import one_tier

OK, ERROR, TIMEOUT = (OUTCOMES.index(name) for name in ("ok", "error", "timeout"))
TEN_MS = Law("constant", 10 * MILLISECOND)


def closed(
    seed: int, users: int, think: Law, law: Law, *, slots: int = 1, compiled: bool = True
) -> DataPlane:
    """A closed load alone on one instance."""
    plane = one_tier(seed, law=law, rate=0.0, slots=slots, compiled=compiled)
    plane.set_users(0, users, think)
    return plane


def test_a_closed_load_is_the_machine_repairman() -> None:
    """N users, think time Z, one worker of S: the throughput is Jackson's and Palm's closed form."""
    users, think, service = 12, 100 * MILLISECOND, 10 * MILLISECOND
    ratio = service / think
    weights = [math.perm(users, k) * ratio**k for k in range(users + 1)]
    expected = (1 - weights[0] / sum(weights)) / (service / SECOND)
    rates = []
    for seed in range(1, 11):
        plane = closed(seed, users, Law("exponential", think), Law("exponential", service))
        plane.advance(60 * SECOND)
        rates.append(float(plane.counters().arrived.sum() / 60))
        plane.check_conservation()
    error = float(np.std(rates, ddof=1)) / math.sqrt(len(rates))
    assert abs(np.mean(rates) - expected) < 3 * error + 0.2


def test_a_closed_load_grows_shrinks_and_ends() -> None:
    """With constant times each of n users comes every 110 ms."""
    plane = closed(1, 10, Law("constant", 100 * MILLISECOND), TEN_MS, slots=100)
    for users in (10, 40, 5, 0):
        plane.set_users(0, users, Law("constant", 100 * MILLISECOND))
        plane.advance(plane.now + SECOND)
        before = int(plane.counters().arrived.sum())
        plane.advance(plane.now + 11 * SECOND)
        assert int(plane.counters().arrived.sum()) - before == pytest.approx(users * 100, abs=users)
    plane.check_conservation()


def test_a_crowd_arrives_at_one_instant() -> None:
    """A hundred at once on ten workers of 10 ms: the last ten are done after 100 ms."""
    plane = one_tier(1, law=TEN_MS, rate=0.0, slots=10)
    plane.bring_crowd(0, 100, 5 * SECOND)
    plane.advance(5 * SECOND + 99 * MILLISECOND)
    assert plane.counters().requests.sum() == 90
    plane.advance(6 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, OK] == frame.arrived.sum() == 100
    assert fine_quantile(frame.user_fine[0, 0], 0.999) == pytest.approx(100 * MILLISECOND, rel=0.016)
    with pytest.raises(GamedayError, match="crowd: expected one user or more"):
        plane.bring_crowd(0, 5, SECOND)


def test_impatient_users_give_up_and_their_work_goes_on() -> None:
    """Answers take 100 ms, patience lasts 50: nobody is served, and every work is done for nobody."""
    plane = one_tier(1, law=Law("constant", 100 * MILLISECOND), rate=50.0, slots=1000)
    plane.set_patience(0, 50 * MILLISECOND)
    plane.advance(10 * SECOND)
    plane.set_rate(0, [(plane.now, 0.0)])
    plane.advance(12 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, TIMEOUT] == frame.arrived.sum() == frame.requests[0, 0, OK] > 400
    plane.check_conservation()


def test_users_try_again_with_fresh_luck() -> None:
    """Half of the attempts fail: with three tries an eighth of users do, after 1.75 attempts on average."""
    plane = one_tier(2, law=Law("constant", MILLISECOND), rate=1000.0, slots=100, error_rate=0.5)
    plane.set_patience(0, 0, attempts=3, pause=20 * MILLISECOND)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, ERROR] / frame.arrived.sum() == pytest.approx(1 / 8, abs=0.01)
    assert frame.requests.sum() / frame.arrived.sum() == pytest.approx(1.75, abs=0.02)
    plane.check_conservation()


def test_the_twin_thinks_alike() -> None:
    """A closed load with impatience, compiled and not: the same counts."""
    frames = []
    for compiled in (True, False):
        plane = closed(
            3,
            30,
            Law("exponential", 50 * MILLISECOND),
            Law("exponential", 10 * MILLISECOND),
            compiled=compiled,
        )
        plane.set_patience(0, 100 * MILLISECOND, attempts=2, pause=10 * MILLISECOND)
        plane.advance(5 * SECOND)
        frames.append(plane.counters())
    assert np.array_equal(frames[0].answered, frames[1].answered)
    assert np.array_equal(frames[0].user_fine, frames[1].user_fine)
