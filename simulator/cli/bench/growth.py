"""How the engine's cost grows: with instances, with services, with load, with simulated time.

Cost is CPU seconds for one simulated second. Between the sizes a power law is fitted; its exponent stands
beside that of ``n log n`` over the same sizes, which nothing may exceed.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from math import log
from statistics import median
from typing import Final

from simulator.cli.bench.workloads import H, Tier, Workload, data_plane
from simulator.dataplane import Balancer, Behaviour, CallBehaviour, DataPlane, RouteBehaviour
from simulator.distributions import Law
from simulator.units import MILLISECOND, MINUTE, SECOND

#: Requests that one measurement carries, whatever the size.
_REQUESTS: Final = 200_000
#: Load of each instance, in requests a second, as their number grows.
_RATE_EACH: Final = 50.0
INSTANCES: Final = (10, 100, 1000)
SERVICES: Final = (10, 100)
BALANCERS: Final[tuple[Balancer, ...]] = ("round_robin", "power_of_two", "least_request", "ring_hash")

Row = dict[str, float]


def exponent(sizes: Sequence[int], costs: Sequence[float]) -> float:
    """The exponent of the power law that fits costs at sizes best (least squares of the logarithms)."""
    xs, ys = [log(size) for size in sizes], [log(cost) for cost in costs]
    mean_x, mean_y = sum(xs) / len(xs), sum(ys) / len(ys)
    covered = sum((x - mean_x) ** 2 for x in xs)
    return sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / covered


def n_log_n(sizes: Sequence[int]) -> float:
    """The exponent that ``n log n`` itself has over these sizes."""
    return exponent(sizes, [size * log(size) for size in sizes])


def growth(rounds: int) -> dict[str, object]:
    """Every curve; the sizes of one curve are measured in turns."""
    return {
        "instances": {name: _curve(INSTANCES, rounds, _of_instances(name)) for name in BALANCERS},
        "services": _curve(SERVICES, rounds, _of_services),
        "load": _load(rounds),
        "memory_mb": _memory(),
        "control_step_microseconds": _control_step(),
    }


def _curve(sizes: Sequence[int], rounds: int, build: Callable[[int], tuple[DataPlane, float]]) -> Row:
    """CPU seconds of one simulated second at each size (medians), and how they grow."""
    taken: dict[int, list[float]] = {size: [] for size in sizes}
    for _ in range(rounds):
        for size in sizes:
            taken[size].append(_cost(*build(size)))
    costs = [median(taken[size]) for size in sizes]
    row: Row = {str(size): round(cost, 6) for size, cost in zip(sizes, costs, strict=True)}
    row["exponent"] = round(exponent(sizes, costs), 3)
    row["n_log_n_exponent"] = round(n_log_n(sizes), 3)
    return row


def _cost(plane: DataPlane, rate: float) -> float:
    """CPU seconds for a simulated second at so many requests a second, after a second to fill the queues."""
    plane.advance(SECOND)
    seconds = _REQUESTS / rate
    begun = time.process_time()
    plane.advance(SECOND + round(seconds * SECOND))
    return (time.process_time() - begun) / seconds


def _of_instances(balancer: Balancer) -> Callable[[int], tuple[DataPlane, float]]:
    """So many instances of one service, each with the same load."""

    def build(count: int) -> tuple[DataPlane, float]:
        plane = DataPlane(1)
        plane.add_service("web", routes=("page",), balancer=balancer)
        law = Law("exponential", 10 * MILLISECOND)
        program = plane.add_program("web", "v1", Behaviour(10, 100, (RouteBehaviour("page", law),)))
        for number in range(count):
            plane.set_ready(plane.add_instance("web", f"web-{number}", program, key=number), True)
        users = plane.add_source("users", "web", {"page": 1.0}, objective=SECOND)
        plane.set_rate(users, [(0, _RATE_EACH * count)])
        return plane, _RATE_EACH * count

    return build


def _of_services(count: int) -> tuple[DataPlane, float]:
    """So many services in trees of ten, each asked by its own users, which calls the next in its tree."""
    plane = DataPlane(1)
    names = [f"service-{number:03d}" for number in range(count)]
    for name in names:
        plane.add_service(name, routes=("page",))
    law = Law("exponential", 10 * MILLISECOND)
    for number, name in enumerate(names):
        last = number % 10 == 9
        calls = () if last else (CallBehaviour(names[number + 1], "page", SECOND),)
        behaviour = Behaviour(10, 100, (RouteBehaviour("page", law, calls=calls),))
        program = plane.add_program(name, "v1", behaviour)
        for instance in range(3):
            key = 3 * number + instance
            plane.set_ready(plane.add_instance(name, f"{name}-{instance}", program, key=key), True)
    for first in range(0, count, 10):
        users = plane.add_source(f"users-{first}", names[first], {"page": 1.0}, objective=SECOND)
        plane.set_rate(users, [(0, _RATE_EACH)])
    return plane, _RATE_EACH * count


def _load(rounds: int) -> Row:
    """H as it is, and ten times H on ten times the instances: CPU microseconds of a user."""

    def times(factor: int) -> Workload:
        front, back = (Tier(factor * tier.instances, tier.workers, tier.mean) for tier in (H.front, H.back))
        return Workload(f"H{factor}", H.rate * factor, front, back)

    row: Row = {}
    taken: dict[float, list[float]] = {}
    for _ in range(rounds):
        for work in (times(1), times(10)):
            cost = _cost(data_plane(work, 1, compiled=True), work.rate)
            taken.setdefault(work.rate, []).append(1e6 * cost / work.rate)
    for rate, costs in taken.items():
        row[f"{rate:.0f}_per_second"] = round(median(costs), 3)
    return row


def _control_step() -> float:
    """CPU microseconds of bringing the engine to the next control event when nothing is due in between."""
    plane = data_plane(H, 1, compiled=True)
    plane.set_rate(0, [(0, 0.0)])
    plane.advance(SECOND)
    steps = 50_000
    begun = time.process_time()
    for number in range(steps):
        plane.advance(SECOND + number)
    return round(1e6 * (time.process_time() - begun) / steps, 3)


def _memory() -> Row:
    """The largest resident size of a process that simulates H for a minute, and for an hour, in MB."""
    program = f"from {__name__} import peak_mb; import sys; print(peak_mb(int(sys.argv[1])))"
    row: Row = {}
    for label, minutes in (("after_1_minute", 1), ("after_1_hour", 60)):
        command = [sys.executable, "-c", program, str(minutes)]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        row[label] = round(float(done.stdout), 1)
    return row


def peak_mb(minutes: int) -> float:
    """Simulate H for so many minutes, counters and log read each minute; the process's peak in MB."""
    plane = data_plane(H, 1, compiled=True)
    for minute in range(1, minutes + 1):
        plane.advance(minute * MINUTE)
        plane.counters()
        plane.drain_log()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)
