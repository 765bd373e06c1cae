"""Caches: how often they answer, what an empty one costs, who waits for whom, stale answers."""

from __future__ import annotations

from itertools import pairwise

import pytest

from simulator.dataplane import (
    OUTCOMES,
    Behaviour,
    Cache,
    CallBehaviour,
    DataPlane,
    Hedge,
    RouteBehaviour,
    fine_quantile,
)
from simulator.dataplane.caches import thresholds
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller

OK, UPSTREAM = OUTCOMES.index("ok"), OUTCOMES.index("upstream")
SLOW = Law("constant", 100 * MILLISECOND)


def behind(cache: Cache, *, rate: float = 200.0, law: Law = SLOW, error_rate: float = 0.0) -> DataPlane:
    """A front that asks ``back`` (100 ms) only for what the cache has not."""
    return caller(1, CallBehaviour("back", "r", cache=cache), rate=rate, law=law, error_rate=error_rate)


def test_ranks_follow_zipf() -> None:
    """The chance of rank r falls as 1 / r^skew, and all of them are one."""
    below = (0, *thresholds(1000, 1.2))
    chances = [(high - low) / 2**64 for low, high in pairwise(below)]
    assert sum(chances) == pytest.approx(1)
    for rank in (2, 10, 1000):
        assert chances[0] / chances[rank - 1] == pytest.approx(rank**1.2)


def test_one_key_is_fetched_once_a_lifetime() -> None:
    """Coalesced, a fetch follows the last by its own time, the lifetime, and the wait for the next user."""
    plane = behind(Cache("c", 1, 0.0, SECOND))
    plane.advance(200 * SECOND)
    cycle = 0.1 + 1.0 + 1 / 200
    assert plane.counters().attempts[0] == pytest.approx(200 / cycle, abs=2)
    counts = plane.cache_counts("c")
    assert counts.hits + counts.misses == pytest.approx(plane.counters().arrived.sum(), abs=5)
    assert counts.misses - counts.coalesced == plane.counters().attempts[0]
    plane.check_conservation()


def test_many_keys_are_hit_by_the_classical_law() -> None:
    """With lifetime T each key is hit with chance λT / (1 + λT), λ its own rate (instant fetches)."""
    cache = Cache("c", 200, 0.8, 2 * SECOND)
    plane = behind(cache, rate=400.0, law=Law("constant", 1000))
    plane.advance(10 * SECOND)
    before = plane.cache_counts("c")
    plane.advance(110 * SECOND)
    after = plane.cache_counts("c")
    below = (0, *thresholds(200, 0.8))
    chances = [(high - low) / 2**64 for low, high in pairwise(below)]
    expected = sum(p * (400 * p * 2) / (1 + 400 * p * 2) for p in chances)
    hits, misses = after.hits - before.hits, after.misses - before.misses
    assert hits / (hits + misses) == pytest.approx(expected, abs=0.006)


def test_a_flush_is_a_stampede_whose_height_coalescing_decides() -> None:
    """100 ms without the entry at 200 a second: twenty or so ask the store at once; coalesced, one does."""
    for coalesce in (False, True):
        plane = behind(Cache("c", 1, 0.0, 3600 * SECOND, coalesce))
        plane.advance(10 * SECOND)
        before = int(plane.counters().attempts[0])
        plane.flush_cache("c")
        plane.advance(20 * SECOND)
        asked = int(plane.counters().attempts[0]) - before
        assert asked == 1 if coalesce else 10 < asked < 32
        assert plane.counters().answered[0, 0, OK] == plane.counters().answered.sum()
        plane.check_conservation()


def test_stale_entries_hide_renewals_and_failures() -> None:
    """Served stale, only the one who renews waits; and an hour of failures behind it shows to nobody."""
    waits = {}
    for stale in (0, 3600 * SECOND):
        plane = behind(Cache("c", 1, 0.0, SECOND, serve_stale=stale))
        plane.advance(100 * SECOND)
        waits[stale > 0] = fine_quantile(plane.counters().user_fine[0, 0], 0.95) / MILLISECOND
        before = plane.counters().answered[0, 0]
        plane.set_degraded(1, error_rate=1.0)
        plane.advance(150 * SECOND)
        failed = (plane.counters().answered[0, 0] - before)[UPSTREAM]
        assert (failed == 0) == (stale > 0)
        plane.check_conservation()
    assert waits[False] > 50
    assert waits[True] == pytest.approx(10, rel=0.016)


def test_those_who_wait_for_an_answer_fail_with_it() -> None:
    """The store fails after 100 ms: everyone who missed meanwhile fails, and one request was made."""
    plane = behind(Cache("c", 1, 0.0, SECOND), error_rate=1.0)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, UPSTREAM] == frame.answered.sum() == frame.failures[0]
    assert frame.attempts[0] == pytest.approx(20 / (0.1 + 1 / 200), abs=3)
    plane.kill(0)
    plane.advance(30 * SECOND)
    plane.check_conservation()
    assert plane.counters().busy.sum() == 0


def test_mistakes_with_caches_are_named() -> None:
    """One name for two caches, an unknown name, a hedge beside a cache."""
    one, other = (CallBehaviour("back", "r", cache=Cache("c", keys, 1.0, SECOND)) for keys in (5, 6))
    with pytest.raises(GamedayError, match="cache c: expected one description of it"):
        caller(1, (one, other))
    with pytest.raises(GamedayError, match="expected one of c, got 'd'"):
        caller(1, one).flush_cache("d")
    with pytest.raises(GamedayError, match="expected a cache or a hedge"):
        CallBehaviour("back", "r", cache=Cache("c", 5, 1.0, SECOND), hedge=Hedge(SECOND))


def held(pods: int, *, coalesce: bool = True) -> tuple[DataPlane, list[int]]:
    """A front that asks ``back`` (1 ms) for one of 100 keys, which ``pods`` processes of ``shelf`` hold."""
    plane = DataPlane(1)
    for name in ("front", "back", "shelf"):
        plane.add_service(name, routes=("r",))
    cache = Cache("c", 100, 0.0, 3600 * SECOND, coalesce, service="shelf")
    quick = RouteBehaviour("r", Law("constant", MILLISECOND))
    asks = RouteBehaviour("r", quick.service_time, calls=(CallBehaviour("back", "r", cache=cache),))
    front, back = (
        plane.add_program(name, "v1", Behaviour(1000, 1000, (route,)))
        for name, route in (("front", asks), ("back", quick))
    )
    shelf = plane.add_program("shelf", "v1", Behaviour(1, 10, (quick,)))
    for name, program in (("front", front), ("back", back)):
        plane.set_ready(plane.add_instance(name, name, program, key=0), True)
    shelves = [plane.add_instance("shelf", f"shelf-{place}", shelf, key=place) for place in range(pods)]
    for instance in shelves:
        plane.set_ready(instance, True)
    plane.set_rate(plane.add_source("users", "front", {"r": 1.0}, objective=SECOND), [(0, 1000.0)])
    plane.advance(10 * SECOND)
    return plane, shelves


def test_a_cache_that_lives_in_a_service_begins_warm() -> None:
    """Its process has been running for days: with a lifetime of an hour nothing is fetched at first."""
    plane, _ = held(1)
    assert plane.cache_counts("c").misses <= 1
    assert plane.cache_counts("c").hits > 9000


@pytest.mark.parametrize(("pods", "lost"), [(1, 100), (2, 50), (4, 25)])
def test_a_process_that_ends_takes_its_share_of_the_entries_along(pods: int, lost: int) -> None:
    """Of one process all, of two half; those that are lost are fetched once more, and no other."""
    plane, shelves = held(pods)
    before = int(plane.counters().attempts[0])
    plane.stop(shelves[0])
    plane.restart(shelves[0])
    plane.advance(20 * SECOND)
    assert int(plane.counters().attempts[0]) - before == lost
    plane.check_conservation()


def test_while_nobody_holds_them_every_request_misses_and_nothing_is_kept() -> None:
    """A service without a ready pod is no cache; when it is back it begins with what is fetched then."""
    plane, shelves = held(1)
    before = plane.cache_counts("c")
    plane.kill(shelves[0])
    plane.advance(12 * SECOND)
    down = plane.cache_counts("c")
    assert down.hits == before.hits
    assert down.misses - before.misses == pytest.approx(2000, abs=150)
    plane.restart(shelves[0])
    plane.set_ready(shelves[0], True)
    plane.advance(30 * SECOND)
    after = plane.cache_counts("c")
    assert after.misses - after.coalesced - down.misses + down.coalesced == 100


def test_a_pod_that_only_leaves_the_rotation_keeps_what_it_holds() -> None:
    """A probe that failed for a while is no restart."""
    plane, shelves = held(1)
    plane.set_ready(shelves[0], False)
    plane.advance(11 * SECOND)
    plane.set_ready(shelves[0], True)
    before = plane.cache_counts("c").misses
    plane.advance(20 * SECOND)
    assert plane.cache_counts("c").misses == before


def test_two_ways_of_using_a_cache_share_its_entries_and_its_counters() -> None:
    """What one version fetched the other finds, whatever each makes of those who wait."""
    plane, _ = held(1)
    other = Cache("c", 100, 0.0, SECOND, coalesce=False, service="shelf")
    quick = RouteBehaviour(
        "r", Law("constant", MILLISECOND), calls=(CallBehaviour("back", "r", cache=other),)
    )
    program = plane.add_program("front", "v2", Behaviour(1000, 1000, (quick,)))
    before = plane.cache_counts("c")
    plane.run_program(0, program)
    plane.advance(11 * SECOND)
    after = plane.cache_counts("c")
    assert after.misses == before.misses
    assert after.hits - before.hits == pytest.approx(1000, abs=100)
    assert plane.counters().caches.names == ("c",)
    assert int(plane.counters().caches.hits[0]) == after.hits
