"""What a frame counts of caches, circuit breakers, pools, and of attempts that did not end well."""

from __future__ import annotations

import pytest

from simulator.dataplane import (
    BREAKER_STATES,
    OUTCOMES,
    REASONS,
    Cache,
    CallBehaviour,
    CircuitBreaker,
    OutlierDetection,
    Pool,
    RetryBudget,
    Routing,
)
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller

CALL = CallBehaviour("back", "r", timeout=SECOND)


def test_resources_are_two_columns_of_the_frame() -> None:
    """Who wants CPU and memory alone reads the same numbers."""
    plane = caller(1, CALL, rate=200.0)
    plane.advance(10 * SECOND)
    frame, taken = plane.counters(), plane.resources()
    assert frame.work_ns.tolist() == taken.work_ns.tolist() and taken.work_ns.any()
    assert frame.memory.tolist() == taken.memory.tolist()


def test_caches_are_counted_by_name() -> None:
    """Each call is a hit, a miss or a stale answer; misses that joined another's fetch are told apart."""
    cache = Cache("pages", 1, 0.0, 100 * MILLISECOND)
    plane = caller(1, CallBehaviour("back", "r", cache=cache), rate=200.0)
    plane.advance(10 * SECOND)
    plane.set_rate(0, [(plane.now, 0.0)])
    plane.advance(11 * SECOND)
    frame = plane.counters()
    counts = plane.cache_counts("pages")
    assert ("pages",) == frame.caches.names
    assert [counts.hits] == frame.caches.hits.tolist()
    assert [counts.misses] == frame.caches.misses.tolist()
    # who misses fetches, or waits for the one that does
    assert frame.caches.misses[0] - frame.caches.coalesced[0] == frame.requests[1].sum()
    asked = frame.caches.hits[0] + frame.caches.misses[0] + frame.caches.stale[0]
    assert asked == frame.arrived.sum() > 1900
    assert frame.caches.misses[0] > frame.caches.coalesced[0] > 50


def test_a_breakers_way_is_closed_open_half_open_open_and_at_last_closed() -> None:
    """Ten failures open it for a second, five on trial open it again; mended, the next five close it."""
    breaker = CircuitBreaker(10, 10, 50, SECOND, 100, SECOND, 5)
    plane = caller(1, CallBehaviour("back", "r", breaker=breaker), rate=100.0)
    plane.set_degraded(1, error_rate=1.0)

    def state() -> tuple[str, list[int]]:
        breakers = plane.counters().breakers
        return BREAKER_STATES[breakers.state[0]], breakers.transitions[0].tolist()

    assert ("front", "v1", "r", "back", "r") == tuple(
        getattr(plane.counters().breakers.infos[0], name)
        for name in ("service", "version", "route", "callee", "callee_route")
    )
    assert ("closed", [0, 0, 0]) == state()
    plane.advance(SECOND)
    assert ("open", [0, 1, 0]) == state()
    plane.advance(2 * SECOND)
    assert ("open", [0, 2, 1]) == state()
    refused = plane.counters().breakers.refused[0]
    assert refused == plane.counters().failed_attempts[0, REASONS.index("open")] > 100
    plane.set_degraded(1, error_rate=0.0)
    plane.advance(10 * SECOND)
    assert ("closed", [1, 2, 2]) == state()


def test_pools_are_counted_by_instance_and_callee() -> None:
    """Two connections of a second each and three callers at once: two hold one, one waits in line."""
    plane = caller(1, CallBehaviour("back", "r", pool=Pool(2)), rate=0.0, law=Law("constant", SECOND))
    plane.bring_crowd(0, 3, 0)
    plane.advance(SECOND // 2)
    pools = plane.counters().pools
    assert (0, "back") == (pools.infos[0].instance, pools.infos[0].callee)
    assert (2, 2, 0, 1, 2) == tuple(
        int(getattr(pools, name)[0]) for name in ("limit", "used", "idle", "waiting", "opened")
    )
    plane.advance(5 * SECOND)
    pools = plane.counters().pools
    assert (0, 2, 0, 2) == tuple(
        int(getattr(pools, name)[0]) for name in ("used", "idle", "waiting", "opened")
    )


def test_attempts_that_fail_are_counted_by_why() -> None:
    """A busy callee without a queue rejects, an erring one errs, a slow one is given up, none is none."""

    def failed(plane_seconds: int, **kwargs: object) -> dict[str, int]:
        plane = caller(1, CALL, rate=20.0, **kwargs)  # type: ignore[arg-type]
        plane.advance(plane_seconds * SECOND)
        row = plane.counters().failed_attempts[0]
        assert row.sum() == plane.counters().failures.sum()
        return {name: int(count) for name, count in zip(REASONS, row, strict=True) if count}

    assert {} == failed(5)
    assert {"error"} == set(failed(5, error_rate=1.0))
    assert {"timeout"} == set(failed(5, law=Law("constant", 10 * SECOND)))
    assert {"rejected"} == set(failed(5, law=Law("constant", 900 * MILLISECOND), slots=1))
    assert {"unavailable"} == set(failed(5, instances=0))


def test_retries_that_a_budget_did_not_allow_are_counted() -> None:
    """Every first attempt fails and asks for a retry: a tenth is made, the others are refused."""
    call = CallBehaviour("back", "r", attempts=2, budget=RetryBudget("ratio", 0.1))
    plane = caller(1, call, rate=100.0, error_rate=1.0)
    plane.advance(20 * SECOND)
    plane.set_rate(0, [(plane.now, 0.0)])
    plane.advance(30 * SECOND)
    frame = plane.counters()
    assert frame.unretried[0] + frame.retries[0] == frame.calls[0]
    assert frame.retries[0] == pytest.approx(frame.calls[0] / 10, rel=0.1)


def test_an_ejected_instance_is_seen_while_it_is_out() -> None:
    """One of three always fails: ejected after five failures for 30 s, it counts once."""
    plane = caller(
        1, CALL, rate=100.0, instances=3, routing=Routing(OutlierDetection(max_ejection_percent=40))
    )
    plane.set_degraded(1, error_rate=1.0)
    plane.advance(10 * SECOND)
    frame = plane.counters()
    assert [0, 1, 0, 0] == frame.ejected.tolist()
    assert [0, 1] == frame.ejections.tolist()
    assert 5 <= frame.requests[1, 0, OUTCOMES.index("error")] <= 8
