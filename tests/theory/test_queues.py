"""Queues whose answers are known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, RouteBehaviour
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND
from tests.planes import one_tier, two_tiers, wide_tiers

SEEDS = range(1, 21)
MEAN = 10 * MILLISECOND


def erlang_c(servers: int, offered: float) -> float:
    """The chance that a request must wait in M/M/c (Erlang's C formula); ``offered`` in Erlang."""
    below = sum(offered**k / math.factorial(k) for k in range(servers))
    top = offered**servers / math.factorial(servers) * servers / (servers - offered)
    return top / (below + top)


def over_seeds(measure: Callable[[int], float]) -> tuple[float, float]:
    """Mean and standard error of a measure over the seeds."""
    values = np.array([measure(seed) for seed in SEEDS])
    return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))


@pytest.mark.parametrize(("servers", "load"), [(1, 0.7), (4, 0.8), (16, 0.9)])
def test_mean_time_in_mmc_is_erlang_c(servers: int, load: float) -> None:
    """Poisson arrivals, exponential service, c workers: the mean time in system within 3 standard errors."""

    def mean_time(seed: int) -> float:
        rate = load * servers / (MEAN / SECOND)
        plane = one_tier(seed, law=Law("exponential", MEAN), rate=rate, slots=servers)
        plane.advance(20 * SECOND)  # fill up
        before = plane.counters()
        plane.advance(220 * SECOND)
        after = plane.counters()
        return float((after.latency_ns - before.latency_ns).sum() / (after.requests - before.requests).sum())

    offered = load * servers
    expected = MEAN + erlang_c(servers, offered) * MEAN / (servers - offered)
    mean, error = over_seeds(mean_time)
    assert abs(mean - expected) < 3 * error


def test_blocking_in_mm1k() -> None:
    """One worker and room for four more: the rejected share is (1 - rho) rho^K / (1 - rho^(K+1))."""
    rho, room = 0.9, 5

    def blocked(seed: int) -> float:
        plane = one_tier(seed, law=Law("exponential", MEAN), rate=rho / (MEAN / SECOND), queue=room - 1)
        plane.advance(200 * SECOND)
        frame = plane.counters()
        return float(frame.answered[0, 0, 4] / frame.answered.sum())

    expected = (1 - rho) * rho**room / (1 - rho ** (room + 1))
    mean, error = over_seeds(blocked)
    assert abs(mean - expected) < 3 * error


def test_mean_wait_in_mg1_is_pollaczek_khinchine() -> None:
    """A lognormal service law: the wait is rho/(1-rho) x mean x (1 + c²)/2."""
    p99, rho = 40 * MILLISECOND, 0.6
    sigma = 2.3263478740 - math.sqrt(2.3263478740**2 - 2 * math.log(p99 / MEAN))
    expected = MEAN + rho / (1 - rho) * MEAN * math.exp(sigma**2) / 2

    def mean_time(seed: int) -> float:
        plane = one_tier(seed, law=Law("lognormal", MEAN, p99), rate=rho / (MEAN / SECOND))
        plane.advance(400 * SECOND)
        frame = plane.counters()
        return float(frame.latency_ns.sum() / frame.requests.sum())

    mean, error = over_seeds(mean_time)
    assert abs(mean - expected) < 3 * error


def test_littles_law_and_utilisation_hold() -> None:
    """Worker time taken = arrival rate x mean service time, from the kernel's own tallies."""
    plane = one_tier(3, law=Law("exponential", MEAN), rate=150.0, slots=4)
    plane.advance(600 * SECOND)
    frame = plane.counters()
    utilisation = frame.busy_ns[0] / (4 * 600 * SECOND)
    assert utilisation == pytest.approx(frame.requests.sum() / 600 * MEAN / SECOND / 4, rel=0.02)
    assert frame.work_ns[0] == pytest.approx(frame.busy_ns[0], rel=1e-3)


def test_arrivals_are_poisson() -> None:
    """Counts over disjoint seconds have a variance equal to their mean."""
    plane = one_tier(11, law=Law("constant", MILLISECOND), rate=50.0)
    counts, last = [], 0
    for second in range(1, 2001):
        plane.advance(second * SECOND)
        total = int(plane.counters().arrived.sum())
        counts.append(total - last)
        last = total
    ratio = float(np.var(counts) / np.mean(counts))
    assert abs(np.mean(counts) - 50) < 3 * math.sqrt(50 / 2000)
    assert abs(ratio - 1) < 3 * math.sqrt(2 / 2000)


@pytest.mark.parametrize("law", [Law("exponential", MEAN), Law("lognormal", MEAN, 60 * MILLISECOND)])
def test_shared_cores_are_processor_sharing(law: Law) -> None:
    """M/G/1-PS: the mean time is mean / (1 − rho), whatever the law of the service time."""
    rho = 0.7

    def mean_time(seed: int) -> float:
        plane = DataPlane(seed)
        plane.add_service("web", routes=("r",))
        program = plane.add_program("web", "v1", Behaviour(1000, 0, (RouteBehaviour("r", law),), cores=1.0))
        plane.set_ready(plane.add_instance("web", "web-0", program, key=1), True)
        source = plane.add_source("users", "web", {"r": 1.0}, objective=SECOND)
        plane.set_rate(source, [(0, rho / (MEAN / SECOND))])
        plane.advance(300 * SECOND)
        frame = plane.counters()
        return float(frame.latency_ns.sum() / frame.requests.sum())

    mean, error = over_seeds(mean_time)
    assert abs(mean - MEAN / (1 - rho)) < 3 * error


def test_a_lock_behind_many_workers_is_a_tandem() -> None:
    """M/M/∞ then M/M/1: by Burke's theorem the lock sees Poisson arrivals, and the means add up."""
    hold, rate = 5 * MILLISECOND, 120.0

    def mean_time(seed: int) -> float:
        plane = DataPlane(seed)
        plane.add_service("web", routes=("r",))
        route = RouteBehaviour("r", Law("exponential", MEAN), lock=Law("exponential", hold))
        program = plane.add_program("web", "v1", Behaviour(1000, 0, (route,)))
        plane.set_ready(plane.add_instance("web", "web-0", program, key=1), True)
        plane.set_rate(plane.add_source("users", "web", {"r": 1.0}, objective=SECOND), [(0, rate)])
        plane.advance(200 * SECOND)
        frame = plane.counters()
        return float(frame.latency_ns.sum() / frame.requests.sum())

    mean, error = over_seeds(mean_time)
    assert abs(mean - (MEAN + hold / (1 - rate * hold / SECOND))) < 3 * error


def test_a_tandem_of_two_queues_is_the_sum_of_both() -> None:
    """Burke: what leaves M/M/1 is Poisson again, so the second queue knows nothing of the first."""
    rate, first, second = 60.0, 10 * MILLISECOND, 12 * MILLISECOND

    def mean_time(seed: int) -> float:
        plane = DataPlane(seed)
        plane.add_service("front", routes=("r",), held=False)
        plane.add_service("back", routes=("r",))
        call = CallBehaviour("back", "r")
        front = RouteBehaviour("r", Law("exponential", first), 0.0, (call,))
        back = RouteBehaviour("r", Law("exponential", second))
        for number, (service, route) in enumerate((("front", front), ("back", back))):
            program = plane.add_program(service, "v1", Behaviour(1, 100_000, (route,)))
            plane.set_ready(plane.add_instance(service, f"{service}-0", program, key=number), True)
        plane.set_rate(plane.add_source("users", "front", {"r": 1.0}, objective=SECOND), [(0, rate)])
        plane.advance(300 * SECOND)
        frame = plane.counters()
        return float(frame.latency_ns[0].sum() / frame.requests[0].sum())

    arrivals = rate / SECOND
    expected = 1 / (1 / first - arrivals) + 1 / (1 / second - arrivals)
    mean, error = over_seeds(mean_time)
    assert abs(mean - expected) < 3 * error


@pytest.mark.parametrize(("servers", "room", "load"), [(2, 4, 1.0), (5, 8, 0.9)])
def test_blocking_in_mmck(servers: int, room: int, load: float) -> None:
    """M/M/c/K: the share rejected is the weight of the full state, here computed state by state."""
    offered = load * servers
    weights = [1.0]
    for busy in range(1, room + 1):
        weights.append(weights[-1] * offered / min(busy, servers))

    def blocked(seed: int) -> float:
        rate = offered / (MEAN / SECOND)
        plane = one_tier(seed, law=Law("exponential", MEAN), rate=rate, slots=servers, queue=room - servers)
        plane.advance(100 * SECOND)
        frame = plane.counters()
        return float(frame.answered[0, 0, 4] / frame.answered.sum())

    mean, error = over_seeds(blocked)
    assert abs(mean - weights[-1] / sum(weights)) < 3 * error


def without_wire(plane: DataPlane) -> DataPlane:
    """The same system with its services in one place: time on the wire is in no server's latency."""
    plane.set_network([])
    return plane


@pytest.mark.parametrize(
    "build",
    [
        lambda: one_tier(1, law=Law("exponential", MEAN), rate=70.0),
        lambda: one_tier(2, law=Law("exponential", MEAN), rate=350.0, slots=4, queue=10),
        lambda: one_tier(3, law=Law("lognormal", MEAN, 40 * MILLISECOND), rate=60.0),
        lambda: two_tiers(4, rate=400.0),
        lambda: two_tiers(5, rate=400.0, held=False, balancer="least_request"),
        lambda: without_wire(wide_tiers(6)),
    ],
)
def test_littles_law_holds_in_every_run_and_at_every_instance(build: Callable[[], DataPlane]) -> None:
    """L = λW: requests there, looked at every half millisecond, are those answered × their mean time.

    Over a run that begins and ends empty that is an identity, up to the half millisecond.
    """
    plane = build()
    step, looks = MILLISECOND // 2, 6000
    there = np.zeros(len(plane.counters().instances), dtype=np.int64)
    for look in range(1, looks + 1):
        plane.advance(look * step)
        there = there + plane.counters().in_flight
    plane.set_rate(0, [(plane.now, 0.0)])
    if len(plane.counters().sources) > 1:
        plane.set_users(1, 0, Law("exponential", MEAN))
    while plane.counters().in_flight.sum() and look < 3 * looks:
        look += 1
        plane.advance(look * step)
        there = there + plane.counters().in_flight
    frame = plane.counters()
    for instance in range(len(frame.instances)):
        time = int(frame.latency_ns[instance].sum())
        answered = int(frame.requests[instance].sum())
        if answered > 200:
            assert there[instance] * step == pytest.approx(time, abs=4 * step * answered**0.5 + step * 20)
