"""Connections and the network between: pools, leaks, latency, loss, partitions, names."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from simulator.dataplane import OUTCOMES, CallBehaviour, DataPlane, Link, Pool, fine_quantile
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller, pool

OK, UPSTREAM, TIMEOUT = (OUTCOMES.index(name) for name in ("ok", "upstream", "timeout"))
UNREACHABLE = OUTCOMES.index("unreachable")
CALL = CallBehaviour("back", "r", timeout=200 * MILLISECOND)


def user_ms(plane: DataPlane, q: float = 0.5) -> float:
    """A quantile of what users waited, in ms."""
    return fine_quantile(plane.counters().user_fine[0, 0], q) / MILLISECOND


def test_a_pool_is_a_queue_with_as_many_servers_as_connections() -> None:
    """M/M/1: one connection, exponential answers at a load of 0.6: the mean time at it is mean / 0.4."""
    law, mean, rate = Law("exponential", 10 * MILLISECOND), 10.0, 60.0
    times = []
    for seed in range(1, 11):
        plane = caller(seed, CallBehaviour("back", "r", pool=Pool(1)), law=law, rate=rate)
        plane.advance(200 * SECOND)
        frame = plane.counters()
        times.append(float(frame.latency_ns[0, 0] / frame.requests[0].sum()) / MILLISECOND - 10)
        assert frame.latency_ns[1, 0] / frame.requests[1].sum() < 11 * MILLISECOND  # the callee never queues
        plane.check_conservation()
    average = sum(times) / len(times)
    error = math.sqrt(sum((t - average) ** 2 for t in times) / 9 / 10)
    assert abs(average - mean / (1 - rate * mean / 1000)) < 3 * error


def test_who_waits_too_long_for_a_connection_gives_up() -> None:
    """Two connections of 100 ms for 50 a second: 20 a second get one, the others wait 150 ms in vain."""
    call = CallBehaviour("back", "r", pool=Pool(2, 150 * MILLISECOND))
    plane = caller(1, call, law=Law("constant", 100 * MILLISECOND))
    plane.advance(40 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, OK] / 40 == pytest.approx(20, rel=0.03)
    assert frame.answered[0, 0, TIMEOUT] == frame.starved[0] > 1000
    plane.check_conservation()


def test_leaked_connections_starve_a_pool() -> None:
    """Every tenth use loses one of five: after fifty uses nobody is served."""
    plane = caller(1, CallBehaviour("back", "r", pool=Pool(5, SECOND, 10)))
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.requests[1].sum() == 50
    assert plane._memory.pool["leaked"][0] == 5
    plane.check_conservation()


def test_a_killed_caller_gives_its_connections_back() -> None:
    """Held connections and places in line go with the instance; nothing stays taken."""
    plane = caller(2, CallBehaviour("back", "r", pool=Pool(3)), law=Law("constant", 500 * MILLISECOND))
    plane.advance(5 * SECOND)
    assert plane._memory.pool["waiting"][0] > 20
    plane.kill(0)
    plane.advance(10 * SECOND)
    assert plane._memory.pool["used"][0] == plane._memory.pool["waiting"][0] == 0
    plane.check_conservation()


def test_latency_is_added_to_the_round_trip_of_the_links_that_apply() -> None:
    """10 + 10 ms of compute, 30 ms between the services, 5 ms more between these zones."""
    plane = caller(1, CALL)
    links = [Link("front", "back", latency=30 * MILLISECOND), Link(latency=5 * MILLISECOND, callee="back")]
    links.append(Link("back", "front", cut=True))  # the other way round: nobody goes there
    plane.set_network(links)
    plane.advance(20 * SECOND)
    assert user_ms(plane) == pytest.approx(55, rel=0.016)
    assert user_ms(plane, 0.999) == pytest.approx(55, rel=0.016)
    assert plane.counters().latency_ns[1, 0] == 10 * MILLISECOND * plane.counters().requests[1].sum()
    plane.set_network([])
    before = plane.counters().user_fine[0, 0]
    plane.advance(40 * SECOND)
    after = plane.counters().user_fine[0, 0] - before
    assert fine_quantile(after, 0.5) == pytest.approx(20 * MILLISECOND, rel=0.016)


def test_requests_on_the_wire_meet_the_queue_when_they_arrive() -> None:
    """One worker and no queue behind a link: M/D/1/1 loses rho / (1 + rho), wire or not."""
    plane = caller(3, CallBehaviour("back", "r"), rate=100.0, slots=1)
    plane.set_network([Link(callee="back", latency=40 * MILLISECOND)])
    plane.advance(60 * SECOND)
    frame = plane.counters()
    assert frame.requests[1, 0, 4] / frame.requests[1].sum() == pytest.approx(0.5, abs=0.02)
    plane.check_conservation()


def test_loss_costs_the_timeout_and_retries_cover_it() -> None:
    """A tenth is lost: a tenth of attempts time out; with a second attempt a hundredth of calls do."""
    for attempts, lost in ((1, 0.1), (2, 0.01)):
        plane = caller(5, replace(CALL, attempts=attempts), rate=500.0)
        plane.set_network([Link(callee="back", loss=0.1)])
        plane.advance(40 * SECOND)
        frame = plane.counters()
        assert frame.timeouts[0] / frame.attempts[0] == pytest.approx(0.1, abs=0.01)
        assert frame.answered[0, 0, TIMEOUT] / frame.answered.sum() == pytest.approx(lost, rel=0.15)
        plane.check_conservation()


def test_a_partition_hangs_everyone_and_a_failure_of_names_only_new_connections() -> None:
    """Behind a pool with open connections: cut off, every call times out; without names, all go on."""
    pooled, plain = replace(CALL, pool=Pool(50)), CALL
    shares = {}
    for kind in ("cut", "names", "names, no pool"):
        plane = caller(1, plain if kind.endswith("no pool") else pooled)
        plane.advance(10 * SECOND)
        before = plane.counters().answered[0, 0]
        if kind == "cut":
            plane.set_network([Link("front", "back", cut=True)])
        else:
            plane.set_unreachable("back", True)
        plane.advance(30 * SECOND)
        shares[kind] = plane.counters().answered[0, 0] - before
        plane.check_conservation()
    assert shares["cut"][TIMEOUT] / shares["cut"].sum() > 0.97
    assert shares["names"][OK] / shares["names"].sum() > 0.98  # a rare burst needs one connection more
    assert shares["names, no pool"][UPSTREAM] / shares["names, no pool"].sum() > 0.98


def test_users_cannot_reach_a_service_without_a_name() -> None:
    """They resolve it anew each time; mended, everything is as before."""
    plane = pool(1, law=Law("constant", MILLISECOND), rate=100.0)
    plane.set_unreachable("web", True)
    plane.advance(5 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, UNREACHABLE] == frame.answered.sum() > 400
    plane.set_unreachable("web", False)
    plane.advance(10 * SECOND)
    assert plane.counters().answered[0, 0, OK] > 400


def test_a_zone_can_be_cut_off() -> None:
    """Between zones a and b nothing passes; inside a all is well."""
    plane = pool(1, law=Law("constant", MILLISECOND), rate=100.0, instances=2, zones=("a", "b"))
    plane.set_network([Link("users", "web", to_zone="b", cut=True)])
    plane.advance(10 * SECOND)
    frame = plane.counters()
    assert frame.requests[1].sum() == 0
    assert frame.requests[0].sum() == pytest.approx(frame.arrived.sum() / 2, abs=2)
    with pytest.raises(GamedayError, match="link: expected one of web, got 'wbe'"):
        plane.set_network([Link(callee="wbe")])
    plane.check_conservation()
