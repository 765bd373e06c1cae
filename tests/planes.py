"""Small data planes that several tests stand on."""

from __future__ import annotations

from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, RouteBehaviour
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND


def one_tier(
    seed: int,
    *,
    law: Law,
    rate: float,
    instances: int = 1,
    slots: int = 1,
    queue: int = 100_000,
    error_rate: float = 0.0,
    compiled: bool = True,
) -> DataPlane:
    """Users at ``rate`` a second on one service whose instances are all ready."""
    plane = DataPlane(seed, compiled=compiled)
    plane.add_service("web", routes=("home",))
    program = plane.add_program(
        "web", "v1", Behaviour(slots, queue, (RouteBehaviour("home", law, error_rate),))
    )
    for number in range(instances):
        plane.set_ready(plane.add_instance("web", f"web-{number}", program, key=number), True)
    plane.set_rate(plane.add_source("users", "web", {"home": 1.0}, objective=SECOND), [(0, rate)])
    return plane


def two_tiers(
    seed: int,
    *,
    rate: float = 300.0,
    timeout: int = 80 * MILLISECOND,
    attempts: int = 2,
    callee_error: float = 0.05,
    balancer: str = "round_robin",
    held: bool = True,
    compiled: bool = True,
) -> DataPlane:
    """Users on three front instances that each call two back instances; busy enough to queue and time out."""
    plane = DataPlane(seed, compiled=compiled)
    plane.add_service("front", routes=("a", "b"), held=held)
    plane.add_service(
        "back", routes=("read",), balancer="least_request" if balancer == "least_request" else "round_robin"
    )
    call = CallBehaviour("back", "read", timeout=timeout, attempts=attempts, backoff=20 * MILLISECOND)
    maybe = CallBehaviour("back", "read", timeout=timeout, chance=0.3)
    law = Law("lognormal", 8 * MILLISECOND, 40 * MILLISECOND)
    front = plane.add_program(
        "front",
        "v1",
        Behaviour(
            6, 20, (RouteBehaviour("a", law, 0.01, (call,)), RouteBehaviour("b", law, 0.0, (maybe, call)))
        ),
    )
    back = plane.add_program(
        "back",
        "v1",
        Behaviour(3, 10, (RouteBehaviour("read", Law("exponential", 12 * MILLISECOND), callee_error),)),
    )
    for number in range(3):
        plane.set_ready(plane.add_instance("front", f"front-{number}", front, key=number), True)
    for number in range(2):
        plane.set_ready(plane.add_instance("back", f"back-{number}", back, key=number), True)
    source = plane.add_source("users", "front", {"a": 2.0, "b": 1.0}, objective=100 * MILLISECOND)
    plane.set_rate(source, [(0, rate)])
    return plane
