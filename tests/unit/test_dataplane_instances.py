"""What an instance is made of: cores, warm-up, memory, its queue's order, its lock, whom it turns away."""

from __future__ import annotations

import pytest

from simulator.dataplane import (
    OUTCOMES,
    Admission,
    Behaviour,
    DataPlane,
    Memory,
    RouteBehaviour,
    fine_quantile,
)
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND

OK, REJECTED, RESET = (OUTCOMES.index(name) for name in ("ok", "rejected", "reset"))
LIMITED, SHED = OUTCOMES.index("limited"), OUTCOMES.index("shed")
TEN_MS = Law("constant", 10 * MILLISECOND)
MIB = 1 << 20


def one(behaviour: Behaviour, rate: float, *, seed: int = 1) -> DataPlane:
    """Users at ``rate`` on one instance of this behaviour, whose only route is ``r``."""
    plane = DataPlane(seed)
    plane.add_service("web", routes=("r",))
    program = plane.add_program("web", "v1", behaviour)
    plane.set_ready(plane.add_instance("web", "web-0", program, key=1), True)
    plane.set_rate(plane.add_source("users", "web", {"r": 1.0}, objective=SECOND), [(0, rate)])
    return plane


def plain(law: Law = TEN_MS, **route: object) -> tuple[RouteBehaviour, ...]:
    """One route ``r``."""
    return (RouteBehaviour("r", law, **route),)  # type: ignore[arg-type]


def mean_ms(plane: DataPlane) -> float:
    """Mean latency at the servers, in ms."""
    frame = plane.counters()
    return float(frame.latency_ns.sum() / frame.requests.sum() / MILLISECOND)


def test_more_workers_than_cores_slow_each_other_down() -> None:
    """While n of 10 ms compute on two cores each goes at 2/n: an overload's throughput is 200 a second."""
    plane = one(Behaviour(8, 10_000, plain(), cores=2.0), 400.0)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.requests.sum() / 20 == pytest.approx(200, rel=0.01)
    assert frame.busy[0] == 8
    # eight share two cores: each is served for 40 ms
    assert frame.busy_ns[0] / frame.requests.sum() == pytest.approx(40 * MILLISECOND, rel=0.02)
    plane.check_conservation()


def test_enough_cores_change_nothing() -> None:
    """Ten workers on ten cores answer as ten workers without any."""
    with_cores, without = (one(Behaviour(10, 100, plain(), cores=cores), 300.0) for cores in (10.0, None))
    for plane in (with_cores, without):
        plane.advance(20 * SECOND)
    assert mean_ms(with_cores) == mean_ms(without)


def test_half_a_core_throttles_even_one() -> None:
    """A limit of 500m: a lone request of 10 ms takes 20 ms."""
    plane = one(Behaviour(1, 100, plain(), cores=0.5), 5.0)
    plane.advance(100 * SECOND)
    assert fine_quantile(plane.counters().user_fine[0, 0], 0.5) == pytest.approx(20 * MILLISECOND, rel=0.016)


def test_a_killed_instance_with_shared_cores_resets_what_computes() -> None:
    """Nothing of it ends later, and nothing is lost."""
    plane = one(Behaviour(50, 100, plain(Law("constant", SECOND)), cores=1.0), 30.0)
    plane.advance(3 * SECOND)
    plane.kill(0)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.requests[0, 0, RESET] > 20
    plane.check_conservation()


def test_a_cold_instance_is_slower_and_warms_up() -> None:
    """Twice the time at first, falling evenly to once over ten seconds: 15 ms on average, then 10."""
    plane = one(Behaviour(1000, 0, plain(), warm_up=10 * SECOND, coldness=1.0), 500.0)
    plane.advance(10 * SECOND)
    assert mean_ms(plane) == pytest.approx(15, rel=0.01)
    before = plane.counters()
    plane.advance(20 * SECOND)
    after = plane.counters()
    later = (after.latency_ns - before.latency_ns).sum() / (after.requests - before.requests).sum()
    assert later == pytest.approx(10 * MILLISECOND, rel=0.01)


def test_a_leak_ends_in_a_signal_at_its_own_time() -> None:
    """100 MiB and 1 MiB a request under a limit of 150: the 51st request or so is one too many."""
    behaviour = Behaviour(10, 100, plain(leak=MIB), memory=Memory(100 * MIB, 0, 150 * MIB))
    plane = one(behaviour, 10.0)
    told = plane.advance_to_signal(60 * SECOND)
    assert told is not None
    assert (told.kind, told.instance) == ("out_of_memory", 0)
    assert told.at == plane.now < 60 * SECOND
    frame = plane.counters()
    assert 51 <= frame.requests.sum() <= 53
    assert frame.memory[0] == (100 + frame.requests.sum()) * MIB
    assert plane.advance_to_signal(60 * SECOND) is None  # told once
    assert plane.now == 60 * SECOND
    assert plane.drain_signals() == []


def test_requests_in_flight_take_memory_too() -> None:
    """Twenty held requests of 10 MiB fill 200 MiB; without ``advance_to_signal`` the signal waits."""
    behaviour = Behaviour(
        100, 100, plain(Law("constant", 10 * SECOND)), memory=Memory(0, 10 * MIB, 200 * MIB)
    )
    plane = one(behaviour, 10.0)
    plane.advance(9 * SECOND)
    (told,) = plane.drain_signals()
    assert told.kind == "out_of_memory"
    assert 1 * SECOND < told.at < 4 * SECOND
    assert plane.counters().memory[0] == plane.in_flight(0) * 10 * MIB


def test_newest_first_serves_some_at_once_where_first_come_serves_all_late() -> None:
    """At twice the capacity with room for 500: first come waits 5 s; newest first little, or for ever."""
    median = {}
    for above in (None, 5):
        plane = one(Behaviour(1, 500, plain(), newest_first_above=above), 200.0)
        plane.advance(60 * SECOND)
        before = plane.counters().user_fine[0, 0]
        plane.advance(90 * SECOND)
        frame = plane.counters()
        # rejections are answers too, at once: look at those that were served
        served = frame.fine[0, 0] - before * 0
        median[above] = fine_quantile(served, 0.5)
        plane.check_conservation()
    late, soon = median[None], median[5]
    assert late > 4 * SECOND
    assert soon < SECOND


def test_a_lock_lets_one_through_at_a_time() -> None:
    """10 ms beside each other, then 5 ms one after another: 200 a second whatever the workers."""
    behaviour = Behaviour(100, 10_000, plain(lock=Law("constant", 5 * MILLISECOND)))
    plane = one(behaviour, 500.0)
    plane.advance(20 * SECOND)
    assert plane.counters().requests.sum() / 20 == pytest.approx(200, rel=0.01)
    alone = one(behaviour, 5.0)
    alone.advance(100 * SECOND)
    assert fine_quantile(alone.counters().user_fine[0, 0], 0.5) == pytest.approx(15 * MILLISECOND, rel=0.016)
    plane.kill(0)
    plane.advance(30 * SECOND)
    plane.check_conservation()


def test_an_instance_that_turns_bad_passes_its_lock_on() -> None:
    """Who holds the lock was judged before taking it: nobody is left waiting for a lock without a holder."""
    plane = one(Behaviour(100, 10_000, plain(lock=Law("constant", 50 * MILLISECOND))), 500.0)
    plane.advance(SECOND)
    plane.set_degraded(0, error_rate=1.0)
    plane.set_rate(0, [(plane.now, 0.0)])
    plane.advance(120 * SECOND)
    plane.check_conservation()
    assert 0 == plane.in_flight(0)
    assert plane.counters().answered.sum(axis=(0, 1))[OK] > 0


def test_a_rate_limit_lets_its_rate_and_its_burst_through() -> None:
    """50 a second of 500, and ten at once after a pause."""
    plane = one(Behaviour(100, 0, plain(), admission=Admission(rate=50.0, burst=10)), 500.0)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, OK] == pytest.approx(20 * 50 + 9, abs=2)
    assert frame.answered[0, 0, LIMITED] == frame.answered.sum() - frame.answered[0, 0, OK]
    plane.set_rate(0, [(plane.now, 0.0), (plane.now + SECOND, 100_000.0)])
    plane.advance(21 * SECOND + 12 * MILLISECOND)
    assert plane.counters().answered[0, 0, OK] - frame.answered[0, 0, OK] == pytest.approx(10, abs=2)
    plane.check_conservation()


def test_low_priority_is_shed_first() -> None:
    """At three times the capacity, priority 3 may use a tenth of the room, priority 0 all of it."""
    behaviour = Behaviour(
        10,
        100,
        plain(Law("exponential", 10 * MILLISECOND)),
        admission=Admission(concurrency=20, shares=(0.8, 0.5, 0.1)),
    )
    plane = one(behaviour, 600.0)
    low = plane.add_source("batch", "web", {"r": 1.0}, objective=SECOND, priority=3)
    plane.set_rate(low, [(0, 2000.0)])
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, OK] / frame.answered[0].sum() > 0.97
    assert frame.answered[1, 0, SHED] / frame.answered[1].sum() > 0.7
    assert frame.answered[0, 0, SHED] == 0
    plane.check_conservation()
