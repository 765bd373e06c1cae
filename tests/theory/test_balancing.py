"""Choices among many: mean field, an independent plain model, fan-out tails, hedging."""

from __future__ import annotations

import heapq
import json
import math
import random
from pathlib import Path

import numpy as np
import pytest

from simulator.dataplane import CallBehaviour, Hedge, fine_quantile
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller, pool

MEAN = 10 * MILLISECOND
FACTS = json.loads((Path(__file__).parents[1] / "facts" / "tail_and_retries.json").read_text())


def mean_time(load: float, seed: int, balancer: str, instances: int, seconds: int) -> float:
    """Mean time in system, in units of the service time, after a fifth of the run as a start."""
    plane = pool(
        seed,
        law=Law("exponential", MEAN),
        rate=load * instances / (MEAN / SECOND),
        balancer="power_of_two" if balancer == "power_of_two" else "least_request",
        instances=instances,
    )
    plane.advance(seconds * SECOND // 5)
    before = plane.counters()
    plane.advance(seconds * SECOND)
    after = plane.counters()
    return float(
        (after.latency_ns - before.latency_ns).sum() / (after.requests - before.requests).sum() / MEAN
    )


def plain_mean_time(load: float, seed: int, choices: int, servers: int, customers: int) -> float:
    """The same queues by other means: a heap of floats, Python's own generator, distinct choices."""
    rng = random.Random(seed)
    queues: list[list[float]] = [[] for _ in range(servers)]  # arrival times, the first in service
    departures: list[tuple[float, int]] = []
    now, total, counted = 0.0, 0.0, 0
    for number in range(customers):
        now += rng.expovariate(load * servers)
        while departures and departures[0][0] <= now:
            at, server = heapq.heappop(departures)
            arrived = queues[server].pop(0)
            if number > customers // 5:
                total, counted = total + at - arrived, counted + 1
            if queues[server]:
                heapq.heappush(departures, (at + rng.expovariate(1.0), server))
        server = min(rng.sample(range(servers), choices), key=lambda s: len(queues[s]))
        queues[server].append(now)
        if len(queues[server]) == 1:
            heapq.heappush(departures, (now + rng.expovariate(1.0), server))
    return total / counted


def summary(values: list[float]) -> tuple[float, float]:
    """Mean and its standard error."""
    return float(np.mean(values)), float(np.std(values, ddof=1) / math.sqrt(len(values)))


@pytest.mark.parametrize("load", [0.5, 0.8])
def test_two_choices_among_a_hundred_meet_the_mean_field(load: float) -> None:
    """E[T] = Σ ρ^(2^i − 2), i = 1, 2, …, within 1 %."""
    expected = sum(load ** (2**i - 2) for i in range(1, 12))
    mean, _ = summary([mean_time(load, seed, "power_of_two", 100, 15) for seed in range(1, 9)])
    assert mean == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("load", [0.8, 0.95])
def test_two_choices_agree_with_an_independent_model(load: float) -> None:
    """Within 3 standard errors of the difference, up to a load of 0.95."""
    ours, error = summary([mean_time(load, seed, "power_of_two", 100, 12) for seed in range(20)])
    theirs, other = summary([plain_mean_time(load, seed, 2, 100, 40_000) for seed in range(10)])
    assert abs(ours - theirs) < 3 * math.hypot(error, other)


def test_least_request_over_all_is_join_the_shortest_queue() -> None:
    """Ten servers at 0.9: the same mean time as a plain model that looks at all of them."""
    ours, error = summary([mean_time(0.9, seed, "least_request", 10, 60) for seed in range(20)])
    theirs, other = summary([plain_mean_time(0.9, seed, 10, 10, 20_000) for seed in range(10)])
    assert abs(ours - theirs) < 3 * math.hypot(error, other)


@pytest.mark.parametrize("fan_out", [1, 10, 100])
def test_the_share_of_slow_requests_grows_with_the_fan_out(fan_out: int) -> None:
    """One instance in a hundred is slow: the share of slow requests is 1 − (1 − p)^n, as published."""
    plane = caller(
        7, CallBehaviour("back", "r", copies=fan_out), instances=100, balancer="random", rate=400.0
    )
    plane.set_degraded(1, speed=0.01)
    plane.advance(10 * SECOND)
    fine = plane.counters().user_fine[0, 0]
    slow = 1 - fine[: np.searchsorted(_edges(), 100 * MILLISECOND)].sum() / fine.sum()
    wanted = next(
        case["p_any_slow"]
        for case in FACTS["fan_out"]
        if case["slow_share"] == 0.01 and case["fan_out"] == fan_out
    )
    count = int(fine.sum())
    assert abs(slow - wanted) < 4 * math.sqrt(wanted * (1 - wanted) / count) + 2 / count


def _edges() -> np.ndarray:
    from simulator.dataplane.counters import FINE_EDGES_NS

    return FINE_EDGES_NS


def test_hedging_cuts_the_tail_at_the_extra_load_that_theory_says() -> None:
    """Exponential answers, a hedge at their p95: 5 % more attempts; P(T > d + t) = e^(−d) e^(−2t)."""
    d = math.log(20)
    law, call = Law("exponential", MEAN), CallBehaviour("back", "r", hedge=Hedge(round(d * MEAN)))
    results = {}
    for hedged in (False, True):
        plane = caller(
            3, call if hedged else CallBehaviour("back", "r"), law=law, rate=2000.0, slots=10_000, instances=2
        )
        plane.advance(60 * SECOND)
        frame = plane.counters()
        results[hedged] = (fine_quantile(frame.user_fine[0, 0], 0.999) - MEAN) / MEAN
        if hedged:
            assert frame.hedges[0] / frame.calls[0] == pytest.approx(0.05, abs=0.003)
    assert results[False] == pytest.approx(math.log(1000), rel=0.05)
    assert results[True] == pytest.approx(d + (math.log(1000) - d) / 2, rel=0.05)
