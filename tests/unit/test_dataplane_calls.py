"""What a careful caller does: side by side, hedged, within a budget, behind a breaker, with a fallback."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from simulator.dataplane import (
    OUTCOMES,
    Behaviour,
    CallBehaviour,
    CircuitBreaker,
    DataPlane,
    Hedge,
    RetryBudget,
    RouteBehaviour,
    fine_quantile,
    kernel,
)
from simulator.dataplane.state import BREAKER, BUDGET, records
from simulator.dataplane.twin import Table, plain_kernel
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller

OK, ERROR, UPSTREAM, TIMEOUT = (OUTCOMES.index(name) for name in ("ok", "error", "upstream", "timeout"))
DEGRADED = OUTCOMES.index("degraded")
CALL = CallBehaviour("back", "r")
FACTS = json.loads((Path(__file__).parents[1] / "facts" / "resilience.json").read_text())


def user_ms(plane: DataPlane, q: float = 0.5) -> float:
    """A quantile of what users waited, in ms."""
    return fine_quantile(plane.counters().user_fine[0, 0], q) / MILLISECOND


# --- side by side -----------------------------------------------------------------------------------


def test_calls_in_parallel_cost_the_longest_and_calls_in_sequence_the_sum() -> None:
    """10 ms of its own, then 10 ms calls: three in sequence end at 40 ms, three side by side at 20 ms."""
    sequence = caller(1, (CALL, CALL, CALL))
    side_by_side = caller(1, (replace(CALL, parallel=1),) * 3)
    copies = caller(1, replace(CALL, copies=3))
    two_groups = caller(1, (replace(CALL, parallel=1),) * 2 + (replace(CALL, parallel=2),) * 2 + (CALL,))
    for plane, wanted in ((sequence, 40), (side_by_side, 20), (copies, 20), (two_groups, 40)):
        plane.advance(20 * SECOND)
        assert user_ms(plane) == pytest.approx(wanted, rel=0.016)
        assert user_ms(plane, 0.999) == pytest.approx(wanted, rel=0.016)
        plane.check_conservation()
    assert copies.counters().calls[0] == pytest.approx(3 * copies.counters().arrived.sum(), abs=6)


def test_the_first_failure_of_a_group_fails_the_request_and_abandons_the_rest() -> None:
    """A timeout of 5 ms beside a call of 10 ms: the answer is there at 15 ms, the work goes on."""
    plane = caller(1, (replace(CALL, parallel=1), replace(CALL, parallel=1, timeout=5 * MILLISECOND)))
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, TIMEOUT] == frame.answered.sum() > 900
    assert user_ms(plane) == pytest.approx(15, rel=0.016)
    assert frame.abandoned.sum() == frame.answered.sum()
    assert frame.requests[1, 0, OK] == pytest.approx(2 * frame.answered.sum(), abs=4)
    plane.check_conservation()


def test_a_group_whose_instance_dies_abandons_all_of_its_calls() -> None:
    """Killing the caller frees every open call of its fan-out."""
    plane = caller(3, replace(CALL, copies=20, timeout=SECOND), law=Law("constant", 300 * MILLISECOND))
    plane.advance(2 * SECOND)
    open_now = plane.in_flight(0)
    plane.kill(0)
    plane.advance(5 * SECOND)
    frame = plane.counters()
    assert frame.abandoned[0] >= 20 * (open_now - 2)
    assert int(plane._memory.scalars[kernel.CALLS_USED]) == 0
    plane.check_conservation()


# --- hedging ----------------------------------------------------------------------------------------


def test_a_hedge_is_sent_after_its_delay_and_the_first_answer_counts() -> None:
    """One of three instances takes 100 ms, the others 10: with a hedge at 20 ms that costs 40 ms, not 110."""
    plane = caller(1, replace(CALL, hedge=Hedge(20 * MILLISECOND)), instances=3, rate=1.0)
    plane.set_degraded(2, speed=0.1)
    plane.advance(400 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, OK] == frame.answered.sum()
    # in turn: the first; the slow one and, as its hedge, the third; the first …
    assert frame.hedges[0] / frame.calls[0] == pytest.approx(0.5, abs=0.05)
    assert user_ms(plane, 0.4) == pytest.approx(20, rel=0.016)
    assert user_ms(plane, 0.95) == pytest.approx(40, rel=0.016)
    plane.check_conservation()


def test_a_failed_attempt_leaves_the_call_to_its_hedge() -> None:
    """Every first attempt errs after 10 ms, when its hedge elsewhere has been out for 5: no user sees it."""
    plane = caller(1, replace(CALL, hedge=Hedge(5 * MILLISECOND)), instances=2, rate=1.0)
    plane.set_degraded(1, error_rate=1.0)
    plane.advance(60 * SECOND)
    frame = plane.counters()
    # two attempts a call, in turn: the failing instance is always the first
    assert frame.attempts[0] == pytest.approx(2 * frame.calls[0], abs=2)
    assert frame.requests[1, 0, ERROR] > 40
    assert frame.answered[0, 0, OK] >= frame.answered.sum() - 2  # two users at once may meet
    assert user_ms(plane) == pytest.approx(25, rel=0.016)
    plane.check_conservation()


# --- fallback, deadline -----------------------------------------------------------------------------


def test_a_fallback_makes_the_answer_degraded_not_failed() -> None:
    """A dead dependency behind a fallback: every user is answered, and every answer says so."""
    plane = caller(1, replace(CALL, fallback=True), instances=0)
    plane.advance(10 * SECOND)
    frame = plane.counters()
    assert frame.answered[0, 0, DEGRADED] == frame.answered.sum() == frame.fallbacks[0] > 400
    assert frame.requests[0, 0, DEGRADED] == frame.answered.sum()


def chain_of_three(propagate: bool) -> DataPlane:
    """Users → a → b → c; a waits 100 ms; b computes 80 ms, then asks c, which computes 50 ms."""
    plane = DataPlane(1)
    for name in "abc":
        plane.add_service(name, routes=("r",))
    ab = CallBehaviour("b", "r", timeout=100 * MILLISECOND, propagate_deadline=propagate)
    bc = CallBehaviour("c", "r", propagate_deadline=propagate)
    for number, (name, ms, calls) in enumerate((("a", 10, (ab,)), ("b", 80, (bc,)), ("c", 50, ()))):
        law = Law("constant", ms * MILLISECOND)
        program = plane.add_program(name, "v1", Behaviour(1000, 0, (RouteBehaviour("r", law, 0.0, calls),)))
        plane.set_ready(plane.add_instance(name, f"{name}-0", program, key=number), True)
    plane.set_rate(plane.add_source("users", "a", {"r": 1.0}, objective=SECOND), [(0, 50.0)])
    return plane


def test_a_propagated_deadline_ends_the_wait_below_as_well() -> None:
    """A gives up at 110 ms either way; with the deadline passed on, so does b, at 20 of its 50 ms wait."""
    for propagate, outcome in ((False, OK), (True, TIMEOUT)):
        plane = chain_of_three(propagate)
        plane.advance(20 * SECOND)
        frame = plane.counters()
        assert frame.answered[0, 0, TIMEOUT] == frame.answered.sum() > 900
        assert user_ms(plane) == pytest.approx(110, rel=0.016)
        assert frame.requests[1, 0, outcome] == frame.requests[1].sum()
        b_ms = frame.latency_ns[1, 0] / frame.requests[1].sum() / MILLISECOND
        assert b_ms == pytest.approx(100 if propagate else 130)
        plane.check_conservation()


def test_work_whose_deadline_passed_in_the_queue_is_not_computed() -> None:
    """One worker of 10 ms, 200 asked a second with 50 ms to live: with deadlines it computes no dead ones."""
    done = {}
    for propagate in (False, True):
        call = replace(CALL, timeout=55 * MILLISECOND, propagate_deadline=propagate)
        plane = caller(4, call, rate=200.0, slots=1, queue=1000)
        plane.advance(20 * SECOND)
        frame = plane.counters()
        done[propagate] = frame.answered[0, 0, OK] / frame.answered.sum()
        plane.check_conservation()
    assert done[False] < 0.02  # every answer comes too late
    assert done[True] > 0.08  # some are in time: first come, first served still begins those about to expire


# --- retry budgets ----------------------------------------------------------------------------------


@pytest.mark.parametrize("trace", FACTS["retry"]["grpc"]["traces"], ids=["10/0.1", "100/0.1", "4/0.5"])
def test_tokens_follow_grpcs_published_traces(trace: dict[str, Any]) -> None:
    """Failure by failure the bucket and its verdict are those that gRFC A6 gives."""
    plain = plain_kernel()
    array = records(BUDGET, 1)
    budget = Table(array)
    array["style"], array["ratio"] = kernel.BY_TOKENS, round(trace["token_ratio"] * 1000)
    array["most"] = array["tokens"] = trace["max_tokens"] * 1000
    for step in trace["steps"]:
        change = -1000 if step["outcome"] == "fail" else int(array["ratio"][0])
        array["tokens"] = min(max(int(array["tokens"][0]) + change, 0), int(array["most"][0]))
        assert array["tokens"][0] == round(step["tokens_after"] * 1000)
        assert plain.may_retry(0, budget) == step["retry_allowed"]


@pytest.mark.parametrize("case", FACTS["retry"]["envoy"]["budget_cases"])
def test_concurrency_budgets_are_envoys(case: dict[str, int]) -> None:
    """The limit is the larger of the minimum and the percentage of active calls, rounded down."""
    array = records(BUDGET, 1)
    array["style"], array["ratio"] = kernel.BY_CONCURRENCY, case["budget_percent"] * 10
    array["minimum"], array["active"] = case["min"], case["active"] + case["pending"]
    granted = 0
    while plain_kernel().may_retry(0, Table(array)):
        granted += 1
    assert granted == case["limit"]


def test_a_budget_of_a_tenth_holds_retries_to_a_tenth() -> None:
    """Every attempt fails; with four attempts allowed, attempts are 1.1 times the calls."""
    for budget in (None, RetryBudget("ratio", 0.1)):
        plane = caller(1, replace(CALL, attempts=4, budget=budget), instances=0, rate=500.0)
        plane.advance(20 * SECOND)
        frame = plane.counters()
        factor = frame.attempts[0] / frame.calls[0]
        assert factor == (4 if budget is None else pytest.approx(1.1, abs=0.002))


def test_grpc_tokens_stop_retries_under_total_failure() -> None:
    """Ten tokens: four retries are allowed before the bucket is half empty, then none."""
    plane = caller(1, replace(CALL, attempts=5, budget=RetryBudget("tokens", 0.1, 0, 10)), instances=0)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.retries[0] == 4
    assert frame.attempts[0] == frame.calls[0] + 4


def test_envoys_budget_counts_what_is_open() -> None:
    """Calls that back off count as retries in flight: never more than the minimum of three at once."""
    call = replace(CALL, attempts=2, backoff=60 * SECOND, budget=RetryBudget("concurrency", 0.0, 3))
    plane = caller(2, call, instances=0, rate=200.0)
    most = 0
    for step in range(1, 400):
        plane.advance(step * 20 * MILLISECOND)
        most = max(most, int(plane._memory.budget["retrying"][0]))
        assert plane._memory.budget["active"][0] >= plane._memory.budget["retrying"][0]
    assert most == 3
    plane.set_rate(0, [(plane.now, 0.0)])
    plane.advance(200 * SECOND)
    assert plane._memory.budget["active"][0] == plane._memory.budget["retrying"][0] == 0


# --- circuit breaker --------------------------------------------------------------------------------


def test_the_breakers_window_is_resilience4js() -> None:
    """The published case: ten calls remembered; 2 of 4, then 6 of 10, then 3 of 10 failed."""
    case = FACTS["circuit_breakers"]["resilience4j"]["window_case"]
    array = records(BREAKER, 1)
    array["window"] = array["minimum"] = case["window"]
    array["failure_rate"], array["slow_rate"], array["slow_after"] = 101, 101, SECOND
    windows = np.zeros(10, dtype=np.int64)
    for step in case["steps"]:
        for result in step["calls"]:
            plain_kernel().breaker_result(0, 0, int(result == "F"), 0, Table(array), windows)
        assert array["count"][0] == step["buffered"]
        assert array["failed"][0] == step["failed"]


def test_the_breakers_defaults_are_resilience4js() -> None:
    """Window, minimum, rates and waits as published."""
    default, published = CircuitBreaker(), FACTS["circuit_breakers"]["resilience4j"]["defaults"]
    assert default.window == published["window_size"]
    assert default.minimum_calls == published["minimum_calls"]
    assert default.failure_rate == published["failure_rate_threshold_pct"]
    assert default.slow_rate == published["slow_call_rate_threshold_pct"]
    assert default.slow_call == published["slow_call_duration_s"] * SECOND
    assert default.wait_open == published["wait_open_s"] * SECOND
    assert default.half_open_calls == published["half_open_calls"]


def test_a_breaker_opens_refuses_tries_and_closes() -> None:
    """Total failure opens it after ten; every two seconds it lets two through; health closes it."""
    breaker = CircuitBreaker(10, 10, 50, SECOND, 100, 2 * SECOND, 2)
    plane = caller(1, replace(CALL, breaker=breaker), rate=100.0)
    plane.set_degraded(1, error_rate=1.0)
    plane.advance(20 * SECOND)
    frame = plane.counters()
    assert frame.requests[1, 0, ERROR] in (10 + 2 * 9, 10 + 2 * 10)
    state = plane._memory.breaker[0]
    assert state["times"] in (10, 11)
    assert state["refused"] == frame.calls[0] - frame.attempts[0]
    plane.set_degraded(1, error_rate=0.0)
    plane.advance(23 * SECOND)
    assert plane._memory.breaker["state"][0] == kernel.CLOSED
    before = plane.counters().answered[0, 0]
    plane.advance(30 * SECOND)
    after = plane.counters().answered[0, 0] - before
    assert after[OK] == after.sum() > 600
    plane.check_conservation()


def test_slow_calls_open_a_breaker_as_well() -> None:
    """Answers that come after the slow-call time count against it, however good they are."""
    breaker = CircuitBreaker(10, 10, 50, 5 * MILLISECOND, 100, 60 * SECOND, 2)
    plane = caller(1, replace(CALL, breaker=breaker))
    plane.advance(20 * SECOND)
    assert plane._memory.breaker["state"][0] == kernel.OPENED
    assert plane.counters().requests[1, 0, OK] < 14


def test_a_slow_callee_exhausts_held_workers_and_an_open_breaker_frees_them() -> None:
    """20 workers, 50 asked a second, a callee of 2 s: all are held; behind a breaker they are not."""
    rejected = {}
    for breaker in (None, CircuitBreaker(20, 20, 50, 500 * MILLISECOND, 50, 30 * SECOND, 2)):
        call = replace(CALL, timeout=3 * SECOND, breaker=breaker, fallback=True)
        plane = caller(1, call, front_slots=20, law=Law("constant", 2 * SECOND))
        plane.advance(10 * SECOND)
        before = plane.counters()
        plane.advance(30 * SECOND)
        after = plane.counters()
        asked = (after.arrived - before.arrived).sum()
        rejected[breaker is None] = (after.answered - before.answered)[0, 0, 4] / asked
    assert rejected[True] > 0.7  # 20 workers / 2 s = 10 of 50 a second get through
    assert rejected[False] == 0
