"""The standard workloads, as numbers that every engine under test builds its own model from.

Users come at 1,000 a second to a front tier of five instances with ten workers each, which calls a back tier
of three instances with ten workers each; a front worker is held while its call runs; times are exponential.
``H`` is that alone. ``HX`` adds what production adds: bounded queues, a timeout, one retry with backoff.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, Probe, RouteBehaviour
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND


@dataclass(frozen=True, slots=True)
class Tier:
    """One service: how many instances, workers in each, and the mean time that a request computes, ns."""

    instances: int
    workers: int
    mean: int


@dataclass(frozen=True, slots=True)
class Workload:
    """One standard workload.

    Attributes:
        name: As DESIGN and the reports call it.
        rate: Users a second.
        front: The tier that users reach.
        back: The tier that the front calls.
        queue_limit: Requests that may wait at one instance.
        timeout: Nanoseconds that a caller waits for one attempt; 0 waits for ever.
        attempts: Attempts at most, the first included.
        backoff: Nanoseconds before the second attempt, at most.
    """

    name: str
    rate: float
    front: Tier
    back: Tier
    queue_limit: int = 1_000_000
    timeout: int = 0
    attempts: int = 1
    backoff: int = 0


_FRONT = Tier(5, 10, 15 * MILLISECOND)
_BACK = Tier(3, 10, 20 * MILLISECOND)
H = Workload("H", 1000.0, _FRONT, _BACK)
HX = Workload("HX", 1000.0, _FRONT, _BACK, 200, 500 * MILLISECOND, 2, 50 * MILLISECOND)
WORKLOADS = (H, HX)


def data_plane(
    work: Workload, seed: int, *, compiled: bool, wide: bool = False, tandem: bool = False
) -> DataPlane:
    """The workload on the shipped engine, or on its uncompiled twin.

    Args:
        work: Which.
        seed: Of the run.
        compiled: False is the twin.
        wide: With the loop that carries every feature, as a readiness probe of each instance demands.
        tandem: The variant in which no worker is held over its call.
    """
    plane = DataPlane(seed, compiled=compiled)
    plane.add_service("front", routes=("page",), held=not tandem)
    plane.add_service("back", routes=("read",))
    call = CallBehaviour("back", "read", work.timeout, work.attempts, work.backoff)
    for name, route, tier, calls in (
        ("front", "page", work.front, (call,)),
        ("back", "read", work.back, ()),
    ):
        law = Law("exponential", tier.mean)
        behaviour = Behaviour(tier.workers, work.queue_limit, (RouteBehaviour(route, law, calls=calls),))
        program = plane.add_program(name, "v1", behaviour)
        for number in range(tier.instances):
            instance = plane.add_instance(name, f"{name}-{number}", program, key=number)
            plane.set_ready(instance, True)
            if wide:
                plane.set_probe(instance, Probe("readiness"), passing=True)
    users = plane.add_source("users", "front", {"page": 1.0}, objective=SECOND)
    plane.set_rate(users, [(0, work.rate)])
    return plane
