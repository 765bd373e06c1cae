"""A log record says how the call failed whose failure it passes on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.dataplane import REASONS, CallBehaviour, CircuitBreaker, DataPlane, Link, Pool
from simulator.dataplane.kernel import LOG_QUOTA, LOG_SAMPLE
from simulator.distributions import Law
from simulator.telemetry.sampling import LINES_A_SCRAPE, SUCCESSES_IN
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller

CALL = CallBehaviour("back", "r", timeout=200 * MILLISECOND)
SLOW = Law("constant", 500 * MILLISECOND)


def reasons(plane: DataPlane, until: int = 5 * SECOND) -> set[tuple[str, str]]:
    """(outcome, reason) of the front's failures."""
    plane.advance(until)
    found = [record for record in plane.drain_log() if record.service == "front" and record.outcome != "ok"]
    assert found
    assert {"back"} == {record.cause_service for record in found}
    return {(record.outcome, record.reason) for record in found}


def test_what_the_callee_answered_or_did_not() -> None:
    """Its own fault, a full queue, and silence."""
    assert {("upstream", "error")} == reasons(caller(1, CALL, error_rate=1.0))
    assert ("upstream", "rejected") in reasons(caller(1, CALL, slots=1, rate=300.0))
    assert {("timeout", "timeout")} == reasons(caller(1, CALL, law=SLOW))
    cut = caller(1, CALL)
    cut.set_network([Link(callee="back", cut=True)])
    assert {("timeout", "timeout")} == reasons(cut)


def test_what_stood_in_the_way() -> None:
    """No ready pod, no name, no trust, an open breaker, no free connection."""
    nobody = caller(1, CALL)
    nobody.set_ready(1, False)
    assert {("upstream", "unavailable")} == reasons(nobody)
    nameless, expired = caller(1, CALL), caller(1, CALL)
    nameless.set_unreachable("back", True)
    assert {("upstream", "no-name")} == reasons(nameless)
    expired.set_certificate("back", 0)
    assert {("upstream", "no-trust")} == reasons(expired)
    breaker = CircuitBreaker(10, 10, 50, SECOND, 100, 60 * SECOND, 2)
    opened = reasons(caller(1, replace(CALL, breaker=breaker), error_rate=1.0))
    assert {("upstream", "error"), ("upstream", "open")} == opened
    pooled = CallBehaviour("back", "r", pool=Pool(1, 100 * MILLISECOND))
    assert {("timeout", "starved")} == reasons(caller(1, pooled, law=SLOW))


def test_a_process_that_is_down_refuses_connections() -> None:
    """In rotation, but nobody listens: refused; the twin that is not compiled says the same."""
    seen = []
    for compiled in (True, False):
        plane = caller(1, CALL, compiled=compiled)
        plane.advance(SECOND)
        plane.drain_log()
        plane.stop(1)
        seen.append(reasons(plane, 3 * SECOND))
    assert [{("upstream", "refused")}] * 2 == seen


def test_a_fallback_tells_what_it_covered() -> None:
    """The answer is degraded, and the record still has the reason."""
    assert {("degraded", "error")} == reasons(caller(1, replace(CALL, fallback=True), error_rate=1.0))


def test_a_reason_does_not_outlive_its_call() -> None:
    """The first attempt meets no name, the second an error: the error is what failed the call."""
    plane = caller(1, replace(CALL, attempts=2, backoff=400 * MILLISECOND), error_rate=1.0)
    plane.set_unreachable("back", True)
    plane.advance(100 * MILLISECOND)
    plane.set_unreachable("back", False)
    plane.advance(SECOND)
    assert {"error"} == {record.reason for record in plane.drain_log() if record.service == "front"}


def test_every_reason_is_named_once_and_the_bounds_are_the_kernels() -> None:
    """The list has no doubles; what the log says of its own bounds is what the kernel does."""
    assert len(set(REASONS)) == len(REASONS)
    assert LOG_QUOTA == LINES_A_SCRAPE
    assert int(LOG_SAMPLE) == pytest.approx(2**64 / SUCCESSES_IN, rel=1e-9)
