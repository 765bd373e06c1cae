"""The queue lab: one service under more and more load, measured by the engine, beside what theory says of it.

    from simulator.lab import queue_lab

    found = queue_lab.sweep((0.5, 0.7, 0.8, 0.9), workers=8, service_time="100ms")
    found.frame            # one row a load: rates, workers in use, times, who waits, who is refused
    found.plot()

Users come at random (a Poisson process) and do not slow down when it gets slow. A load of 1 is as much work
as there are workers. The same seed is the same luck in every row, so that rows differ by their load alone.

Theory is Erlang's C formula for exponential times; for others it is Allen and Cunneen's correction of it,
(1 + c²) / 2 with c the spread of a service time, which is exact for one worker (Pollaczek and Khinchine).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, nan, sqrt
from typing import Final

import pandas as pd

from simulator.dataplane import OUTCOMES, Balancer, Behaviour, DataPlane, RouteBehaviour, fine_quantile
from simulator.dataplane.counters import CounterFrame
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.lab.plots.style import Picture
from simulator.units import MINUTE, SECOND, parse_duration

__all__ = ["Measured", "Sweep", "sweep", "waits"]

#: A queue that holds whoever comes, for the length of a sweep.
_UNLIMITED: Final = 1_000_000
#: How often the requests in the service are counted, beside their times: two ways to one number.
_LOOK: Final = SECOND
#: Left out at the start, so that an empty service does not count.
_FILLING: Final = 2 * MINUTE
_Z99: Final = 2.3263478740408408
_MOST_WORKERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Measured:
    """A service under one load.

    Attributes:
        load: Work that comes, over workers there are; 0.8 asks for eight tenths of them.
        rps: Requests answered a second, refused ones left out.
        busy: Share of the workers in use, on average.
        seconds: Mean time in the service, waiting and work together.
        seconds_p99: The 99th percentile of that time, of all answers, refused ones among them.
        inside: Requests in the service at a moment, on average over many looks.
        refused: Share that met a full queue.
    """

    load: float
    rps: float
    busy: float
    seconds: float
    seconds_p99: float
    inside: float
    refused: float


@dataclass(frozen=True, slots=True, repr=False)
class Sweep:
    """A service under several loads.

    Attributes:
        service: What it is, in words.
        workers: Of each pod.
        work_seconds: Mean time of work on a request.
        spread: Squared coefficient of variation of that time.
        predicted: Whether theory has an answer: one queue, or pods chosen at random, without a limit.
        rows: One a load, in order.
    """

    service: str
    workers: int
    work_seconds: float
    spread: float
    predicted: bool
    rows: tuple[Measured, ...]

    def theory(self, load: float) -> float:
        """What theory says of the mean time under a load, in seconds; NaN where it says nothing."""
        if not self.predicted:
            return nan
        wait = waits(load * self.workers, self.workers, self.work_seconds, spread=self.spread)
        return self.work_seconds + wait

    @property
    def frame(self) -> pd.DataFrame:
        """One row a load; times in milliseconds.

        ``little`` is ``rps`` times the mean time, Little's law, beside ``inside``, which was counted.
        ``wait_ms`` is what the mean time is longer than the work.
        """
        rows = [
            {
                "load": each.load,
                "rps": each.rps,
                "busy": each.busy,
                "time_ms": 1000 * each.seconds,
                "wait_ms": 1000 * (each.seconds - self.work_seconds),
                "theory_ms": 1000 * self.theory(each.load),
                "p99_ms": 1000 * each.seconds_p99,
                "inside": each.inside,
                "little": each.rps * each.seconds,
                "refused": each.refused,
            }
            for each in self.rows
        ]
        return pd.DataFrame(rows).set_index("load")

    def plot(self, *others: Sweep) -> Picture:
        """Mean time over load: measured as dots, theory as a line; other sweeps beside it."""
        from simulator.lab.plots.knee import knee_picture

        return knee_picture((self, *others))

    def __repr__(self) -> str:
        return f"{self.service}\n{self.frame.round(3).to_string()}"


def sweep(
    loads: Sequence[float],
    *,
    workers: int = 8,
    service_time: str = "100ms",
    p99: str = "",
    pods: int = 1,
    balancer: Balancer = "random",
    queue: int | None = None,
    minutes: float = 30.0,
    seed: int = 7,
) -> Sweep:
    """Measure a service under each of some loads.

    Args:
        loads: Work that comes, over workers there are: 0.8 keeps eight in ten busy; above 1 is too much.
        workers: Of each pod.
        service_time: Mean time of work on a request.
        p99: Its 99th percentile, which makes it lognormal; empty is exponential.
        pods: How many, each with its own queue, behind a balancer.
        balancer: How a request finds its pod: ``random``, ``round_robin``, ``least_request`` ….
        queue: How many may wait at a pod; one more is refused. None is all who come.
        minutes: Measured at each load, after two minutes in which it fills.
        seed: Of the luck.

    Raises:
        GamedayError: A number that can't be meant.
    """
    mean = parse_duration(service_time, where="sweep(service_time=…)")
    tail = parse_duration(p99, where="sweep(p99=…)") if p99 else 0
    _checked("loads", list(loads), all(0 < load <= 3 for load in loads) and loads, "loads such as (0.5, 0.8)")
    _checked("workers", workers, 1 <= workers <= _MOST_WORKERS, f"from 1 to {_MOST_WORKERS}")
    _checked("pods", pods, 1 <= pods <= _MOST_WORKERS, f"from 1 to {_MOST_WORKERS}")
    _checked("queue", queue, queue is None or 0 <= queue <= _UNLIMITED, f"from 0 to {_UNLIMITED}, or None")
    _checked("minutes", minutes, 1 <= minutes <= 600, "from 1 to 600")
    law = Law("lognormal", mean, tail) if tail else Law("exponential", mean)
    words = f"{pods} × {workers} workers, {balancer}" if pods > 1 else f"{workers} workers"
    words += f", {service_time} of work" + (f", p99 {p99}" if p99 else "")
    words += "" if queue is None else f", {queue} may wait"
    rows = []
    for load in loads:
        plane = _plane(seed, law, pods, workers, balancer, _UNLIMITED if queue is None else queue)
        plane.set_rate(0, [(0, load * pods * workers / (mean / SECOND))])
        rows.append(_measured(plane, load, int(minutes * MINUTE)))
    # Only then has each pod Poisson arrivals of its own, and room for all of them.
    predicted = queue is None and (pods == 1 or balancer == "random")
    return Sweep(words, workers, mean / SECOND, _spread(mean, tail), predicted, tuple(rows))


def _plane(seed: int, law: Law, pods: int, workers: int, balancer: Balancer, queue: int) -> DataPlane:
    """Users, still none of them, on one service."""
    plane = DataPlane(seed)
    plane.add_service("service", routes=("work",), balancer=balancer)
    held = Behaviour(workers, queue, (RouteBehaviour("work", law),))
    program = plane.add_program("service", "v1", held)
    plane.set_network([])  # time on the wire is no time of the service
    for number in range(pods):
        plane.set_ready(plane.add_instance("service", f"service-{number}", program, key=number), True)
    plane.add_source("users", "service", {"work": 1.0}, objective=SECOND)
    return plane


def waits(offered: float, workers: int, seconds: float, *, spread: float = 1.0) -> float:
    """The mean wait for a worker, in seconds: Erlang's C formula, with Allen and Cunneen's correction.

    Args:
        offered: Work that comes, in workers' worth (arrivals a second times the mean time).
        workers: There are.
        seconds: Mean time of work.
        spread: Squared coefficient of variation of that time; 1 for exponential.

    Returns:
        NaN where as much comes as there is, or more: the queue then grows without end.
    """
    if offered >= workers:
        return nan
    blocked = 1.0  # Erlang's B formula, worker by worker
    for count in range(1, workers + 1):
        blocked = offered * blocked / (count + offered * blocked)
    waiting = blocked / (1 - offered / workers * (1 - blocked))
    return waiting * seconds / (workers - offered) * (1 + spread) / 2


def _spread(mean: int, p99: int) -> float:
    """The squared coefficient of variation of a law: of the lognormal with this mean and p99, else 1."""
    if not p99:
        return 1.0
    sigma = _Z99 - sqrt(_Z99**2 - 2 * log(p99 / mean))
    return exp(sigma**2) - 1


def _measured(plane: DataPlane, load: float, length: int) -> Measured:
    plane.advance(_FILLING)
    before, looks, inside = plane.counters(), 0, 0
    while plane.now < _FILLING + length:
        plane.advance(min(plane.now + _LOOK, _FILLING + length))
        inside += int(plane.counters().in_flight.sum())
        looks += 1
    after = plane.counters()
    refused, answered = _refused(after) - _refused(before), _answered(after) - _answered(before)
    served = answered - refused
    fine = (after.user_fine - before.user_fine).sum(axis=(0, 1))
    return Measured(
        load=load,
        rps=served * SECOND / length,
        busy=int((after.busy_ns - before.busy_ns).sum()) / (int(after.slots.sum()) * length),
        seconds=int((after.latency_ns - before.latency_ns).sum()) / SECOND / served,
        seconds_p99=fine_quantile(fine, 0.99) / SECOND,
        inside=inside / looks,
        refused=refused / answered,
    )


def _answered(frame: CounterFrame) -> int:
    return int(frame.answered.sum())


def _refused(frame: CounterFrame) -> int:
    return int(frame.answered[:, :, OUTCOMES.index("rejected")].sum())


def _checked(name: str, value: object, holds: object, expected: str) -> None:
    if not holds:
        raise GamedayError(
            f"sweep({name}=…)",
            expected=expected,
            got=repr(value)[:80],
            todo="Change the argument in this cell.",
        )
