"""The event loop: what happens to a request, case by case, with times known by hand."""

from __future__ import annotations

import numpy as np
import pytest

from simulator import streams
from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, RouteBehaviour, kernel
from simulator.dataplane.counters import FINE_EDGES_NS, fine_quantile
from simulator.dataplane.twin import plain_kernel
from simulator.distributions import Law, read
from simulator.errors import GamedayError, SimulationError
from simulator.units import MILLISECOND, SECOND
from tests.planes import one_tier, two_tiers

TEN_MS = Law("constant", 10 * MILLISECOND)
OK, ERROR, UPSTREAM, TIMEOUT, REJECTED, UNAVAILABLE, RESET = range(7)


def chain(*, timeout: int = 0, attempts: int = 1, callee_slots: int = 100, callee_ms: int = 10) -> DataPlane:
    """Front calls back; both compute for a constant time; 50 users a second."""
    plane = DataPlane(1)
    plane.add_service("front", routes=("r",))
    plane.add_service("back", routes=("r",))
    call = CallBehaviour("back", "r", timeout=timeout, attempts=attempts)
    front = plane.add_program("front", "v1", Behaviour(1000, 0, (RouteBehaviour("r", TEN_MS, 0.0, (call,)),)))
    law = Law("constant", callee_ms * MILLISECOND)
    back = plane.add_program("back", "v1", Behaviour(callee_slots, 0, (RouteBehaviour("r", law),)))
    plane.set_ready(plane.add_instance("front", "front-0", front, key=1), True)
    plane.add_instance("back", "back-0", back, key=2)
    plane.set_rate(plane.add_source("users", "front", {"r": 1.0}, objective=SECOND), [(0, 50.0)])
    return plane


@pytest.mark.parametrize("value", [0, 1, 2**63, 2**64 - 1, 0x0123456789ABCDEF])
def test_the_kernels_mix_is_the_kits_mix(value: int) -> None:
    """The masked helper of the kernel, compiled or not, is ``streams.mix``."""
    assert streams.mix(value) == int(kernel.mix(kernel.U(value))) == plain_kernel().mix(value)


def test_the_kernel_reads_tables_as_the_law_does() -> None:
    """A compiled draw equals ``distributions.read`` on the same bits, far tails included."""
    table = Law("lognormal", 42 * MILLISECOND, 180 * MILLISECOND).table()
    array = np.array(table, dtype=np.int64)
    bits = [streams.mix(i) for i in range(2000)] + [0, 1, 2**31, 2**33, 2**63, 2**64 - 1]
    assert [read(table, b) for b in bits] == [int(kernel.quantile(array, 0, kernel.U(b))) for b in bits]


def test_a_request_alone_takes_its_compute_times() -> None:
    """10 ms in front, then 10 ms in the callee, and nothing else: every user waits 20 ms."""
    plane = chain()
    plane.set_ready(1, True)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    done = int(frame.answered[0, 0, OK])
    assert done == frame.answered.sum()
    assert done > 900
    assert fine_quantile(frame.user_fine[0, 0], 0.5) == pytest.approx(20 * MILLISECOND, rel=0.016)
    assert frame.latency_ns[0, 0] == 20 * MILLISECOND * frame.requests[0, 0, OK]


def test_no_ready_endpoint_is_unavailable_and_the_caller_passes_it_on() -> None:
    """A callee without ready instances costs the caller an upstream failure, counted on the edge."""
    plane = chain()
    plane.advance(5 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, UPSTREAM] == frame.answered.sum() == frame.failures[0] == frame.unrouted[1, 0]
    assert frame.failures[0] > 0


def test_a_timeout_ends_the_wait_but_not_the_work() -> None:
    """The caller gives up after 30 ms; the callee computes its 100 ms to the end and counts an answer."""
    plane = chain(timeout=30 * MILLISECOND, callee_ms=100)
    plane.set_ready(1, True)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, TIMEOUT] == frame.answered.sum() == frame.timeouts[0]
    assert fine_quantile(frame.user_fine[0, 0], 0.99) == pytest.approx(40 * MILLISECOND, rel=0.016)
    assert frame.requests[1, 0, OK] >= frame.timeouts[0] - 20


def test_every_attempt_is_made_under_total_failure() -> None:
    """With three attempts and no endpoint, attempts are three times the calls, retries two times."""
    plane = chain(attempts=3)
    plane.advance(10 * SECOND)
    frame = plane.counters()
    assert frame.attempts[0] == 3 * frame.calls[0]
    assert frame.retries[0] == 2 * frame.calls[0]


def test_a_full_queue_rejects() -> None:
    """One slot, no queue, 10 ms each: whoever comes while it is busy is rejected at once."""
    plane = one_tier(3, law=TEN_MS, rate=100.0, queue=0)
    plane.advance(50 * SECOND)
    frame = plane.counters()
    # M/D/1/1 loses the share rho / (1 + rho) with rho = 1
    assert frame.answered[0, 0, REJECTED] / frame.arrived.sum() == pytest.approx(0.5, abs=0.02)


def test_a_refusal_leaves_a_line_in_the_log() -> None:
    """Whoever is turned away at a full queue is in the log of the pod that refused, up to a bound."""
    plane = one_tier(3, law=TEN_MS, rate=100.0, queue=0)
    plane.advance(2 * SECOND)
    refused = [line for line in plane.drain_log() if line.outcome == "rejected"]
    assert 0 < len(refused) <= kernel.LOG_QUOTA
    assert {(line.pod, line.latency, line.cause_service) for line in refused} == {("web-0", 0, "")}


def test_a_retried_parents_children_draw_afresh() -> None:
    """Each attempt of a call has its own span, and so has every call below it."""
    twin = plain_kernel()
    user, order, stock = twin.user_span(7, 1), streams.key("order"), streams.key("stock")
    attempts = [twin.child_span(user, order, 0, attempt) for attempt in (1, 2, 3)]
    children = [twin.child_span(attempt, stock, 0, 1) for attempt in attempts]
    assert len({user, *attempts, *children}) == 7
    assert len({twin.draw(child, twin.P_SERVICE) for child in children}) == 3


def test_a_killed_instance_resets_its_requests_and_a_drained_one_finishes_them() -> None:
    """Kill fails what is open; taking out of rotation lets it end; then it can be removed."""
    slow = Law("constant", 2 * SECOND)
    plane = one_tier(1, law=slow, rate=20.0, instances=2, slots=5, queue=1000)
    plane.advance(3 * SECOND)
    plane.set_ready(1, False)
    open_at_kill = plane.in_flight(0)
    plane.kill(0)
    plane.advance(3 * SECOND + 1)
    assert plane.counters().requests[0, 0, RESET] == open_at_kill > 5
    with pytest.raises(SimulationError, match="expected an idle instance, got"):
        plane.remove(1)
    plane.advance(60 * SECOND)
    assert plane.in_flight(1) == 0
    plane.remove(1)
    frame = plane.counters()
    assert frame.requests[1, 0, RESET] == 0
    assert frame.answered[0, 0, UNAVAILABLE] > 0
    plane.check_conservation()


def test_a_killed_caller_abandons_its_call_and_the_callee_goes_on() -> None:
    """The callee's work is not ended by the death of who asked."""
    plane = chain(callee_ms=500, timeout=2 * SECOND)
    plane.set_ready(1, True)
    plane.advance(5 * SECOND)
    plane.kill(0)
    plane.advance(10 * SECOND)
    frame = plane.counters()
    assert frame.abandoned[0] > 5
    assert frame.calls[0] == frame.requests[1, 0, OK]
    plane.check_conservation()


def test_held_workers_are_exhausted_by_a_slow_callee_and_free_ones_are_not() -> None:
    """Thread per request: a slow callee takes every worker upstream; an asynchronous server answers on."""
    held, free = (
        two_tiers(2, rate=200.0, timeout=5 * SECOND, attempts=1, held=flag) for flag in (True, False)
    )
    for plane in (held, free):
        for instance in (3, 4):
            plane.set_degraded(instance, speed=0.02)
        plane.advance(20 * SECOND)
    assert held.counters().requests[:3, :, REJECTED].sum() > 0
    assert free.counters().requests[:3, :, REJECTED].sum() == 0


def test_round_robin_is_even_and_least_request_avoids_the_slow_one() -> None:
    """Round robin sends each instance the same; least request sends a four times slower one less."""
    shares = {}
    for balancer in ("round_robin", "least_request"):
        plane = DataPlane(5)
        plane.add_service(
            "web",
            routes=("home",),
            balancer="least_request" if balancer == "least_request" else "round_robin",
        )
        program = plane.add_program("web", "v1", Behaviour(50, 1000, (RouteBehaviour("home", TEN_MS),)))
        for number in range(4):
            plane.set_ready(plane.add_instance("web", f"web-{number}", program, key=number), True)
        plane.set_degraded(0, speed=0.05)
        plane.set_rate(plane.add_source("users", "web", {"home": 1.0}, objective=SECOND), [(0, 400.0)])
        plane.advance(20 * SECOND)
        sent = plane.counters().requests.sum(axis=(1, 2))
        shares[balancer] = sent[0] / sent.sum()
    assert shares["round_robin"] == pytest.approx(0.25, abs=0.01)
    assert shares["least_request"] < 0.15


def test_fine_cells_cover_every_latency_within_two_percent() -> None:
    """Any latency from 1 ms to 100 s falls in a cell whose edges enclose it and lie within 1.6 %."""
    for exponent in range(60):
        latency = round(MILLISECOND * 1.21**exponent)
        cell = kernel.fine_cell(latency)
        assert FINE_EDGES_NS[cell] <= latency < FINE_EDGES_NS[cell + 1]
        assert FINE_EDGES_NS[cell + 1] - FINE_EDGES_NS[cell] <= max(latency / 64, 1 << kernel.FINE_SHIFT)


def test_mistakes_in_the_model_are_named() -> None:
    """An unknown callee, a missing route and an impossible rate each say what was expected."""
    plane = DataPlane(1)
    plane.add_service("web", routes=("home",))
    wrong = Behaviour(1, 1, (RouteBehaviour("home", TEN_MS, 0.0, (CallBehaviour("db", "read"),)),))
    with pytest.raises(GamedayError, match="expected one of the services web, got 'db'"):
        plane.add_program("web", "v1", wrong)
    with pytest.raises(GamedayError, match="expected one behaviour for each of the routes home"):
        plane.add_program("web", "v1", Behaviour(1, 1, ()))
    source = plane.add_source("users", "web", {"home": 1.0}, objective=SECOND)
    with pytest.raises(GamedayError, match="ascending times"):
        plane.set_rate(source, [(5, 1.0), (0, 2.0)])
    with pytest.raises(GamedayError, match="attempts: expected a value from 1 to 16, got 0"):
        CallBehaviour("web", "home", attempts=0)


def test_the_twin_refuses_negative_indices() -> None:
    """What numba would take for the last element is an error in the twin."""
    from simulator.dataplane.twin import Column

    column = Column(np.arange(3, dtype=np.int64))
    with pytest.raises(IndexError, match="negative index -1"):
        column[-1]
    with pytest.raises(IndexError, match="negative index -1"):
        column[-1] = 0
