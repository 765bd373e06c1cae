"""Retries: how they multiply, how a budget holds them, how a storm outlives its trigger."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, RetryBudget, RouteBehaviour
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND

FACTS = json.loads((Path(__file__).parents[1] / "facts" / "tail_and_retries.json").read_text())
FAST = Law("constant", MILLISECOND)


def layers(depth: int, attempts: int, budget: RetryBudget | None = None, error: float = 1.0) -> DataPlane:
    """A chain of services s0 → s1 → … → s[depth], each of whose calls makes ``attempts``; the last fails."""
    plane = DataPlane(1)
    for number in range(depth + 1):
        plane.add_service(f"s{number}", routes=("r",))
    for number in range(depth + 1):
        call = CallBehaviour(f"s{number + 1}", "r", attempts=attempts, budget=budget)
        calls = (call,) if number < depth else ()
        fails = error if number == depth else 0.0
        program = plane.add_program(
            f"s{number}", "v1", Behaviour(10_000, 0, (RouteBehaviour("r", FAST, fails, calls),))
        )
        plane.set_ready(plane.add_instance(f"s{number}", f"s{number}-0", program, key=number), True)
    plane.set_rate(plane.add_source("users", "s0", {"r": 1.0}, objective=SECOND), [(0, 100.0)])
    return plane


@pytest.mark.parametrize(
    "case", [case for case in FACTS["retry_amplification"] if case["retries"] < 4 and case["layers"] < 5]
)
def test_retries_multiply_over_layers(case: dict[str, int]) -> None:
    """Under total failure at the bottom, each request becomes (r + 1)^layers there, as published."""
    plane = layers(case["layers"], case["retries"] + 1)
    plane.advance(4 * SECOND)
    plane.set_rate(0, [(plane.now, 0.0)])
    plane.advance(10 * SECOND)
    frame = plane.counters()
    assert frame.requests[-1].sum() == frame.arrived.sum() * case["attempts_per_request_all_fail"]


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_budget_of_a_tenth_costs_a_tenth_a_layer(depth: int) -> None:
    """With 10 % of calls as retries at most, total failure makes 1.1^layers of the load."""
    plane = layers(depth, 4, RetryBudget("ratio", 0.1))
    plane.advance(60 * SECOND)
    frame = plane.counters()
    assert frame.requests[-1].sum() / frame.arrived.sum() == pytest.approx(1.1**depth, rel=0.01)


@pytest.mark.parametrize("case", [c for c in FACTS["partial_failure"] if 0 < c["retries"]])
def test_partial_failure_costs_what_the_sum_says(case: dict[str, Any]) -> None:
    """Mean attempts Σ f^k and failures f^(r+1): fresh luck for each attempt."""
    plane = layers(1, case["retries"] + 1, error=case["p_fail_each"])
    plane.set_rate(0, [(0, 2000.0)])
    plane.advance(10 * SECOND)
    frame = plane.counters()
    assert frame.attempts[0] / frame.calls[0] == pytest.approx(case["mean_attempts"], rel=0.02)
    failed = frame.failures[0] / frame.calls[0]
    assert failed == pytest.approx(case["p_request_fails"], abs=0.012)


def storm(*, limit: int, shed_at: int | None = None) -> list[float]:
    """Goodput a second of a service at 80 % load whose callers give up at 100 ms and try three times.

    At 20 s it is ten times slower for 5 s: the trigger. ``limit`` is the room of its queue; at ``shed_at``
    seconds the users' load is cut to an eighth for ten seconds.
    """
    plane = DataPlane(1)
    plane.add_service("front", routes=("r",))
    plane.add_service("back", routes=("r",))
    call = CallBehaviour("back", "r", timeout=100 * MILLISECOND, attempts=3, backoff=20 * MILLISECOND)
    front = plane.add_program(
        "front", "v1", Behaviour(100_000, 0, (RouteBehaviour("r", FAST, 0.0, (call,)),))
    )
    law = Law("exponential", 10 * MILLISECOND)
    back = plane.add_program("back", "v1", Behaviour(10, limit, (RouteBehaviour("r", law),)))
    plane.set_ready(plane.add_instance("front", "front-0", front, key=1), True)
    plane.set_ready(plane.add_instance("back", "back-0", back, key=2), True)
    source = plane.add_source("users", "front", {"r": 1.0}, objective=SECOND)
    plane.set_rate(source, [(0, 800.0)])
    good, last = [], 0
    for second in range(1, 101):
        if second == 21:
            plane.set_degraded(1, speed=0.1)
        if second == 26:
            plane.set_degraded(1, speed=1.0)
        if shed_at is not None and second in (shed_at, shed_at + 10):
            plane.set_rate(source, [(plane.now, 100.0 if second == shed_at else 800.0)])
        plane.advance(second * SECOND)
        total = int(plane.counters().answered[0, 0, 0])
        good.append(float(total - last))
        last = total
    plane.check_conservation()
    return good


def test_a_retry_storm_outlives_its_trigger_and_shedding_ends_it() -> None:
    """800 a second before; next to none a minute after the trigger is gone; after shedding, 800 again."""
    untouched, shed = storm(limit=5000), storm(limit=5000, shed_at=60)
    assert min(untouched[5:20]) > 700
    assert max(untouched[40:]) < 80
    assert min(shed[85:]) > 700


def test_a_short_queue_has_no_storm() -> None:
    """Where nobody can wait longer than the callers do, the storm dies with its trigger."""
    assert min(storm(limit=20)[40:]) > 600
