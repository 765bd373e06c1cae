"""Small data planes that several tests stand on."""

from __future__ import annotations

from dataclasses import replace

from simulator.dataplane import (
    Admission,
    Balancer,
    Behaviour,
    Cache,
    CallBehaviour,
    CircuitBreaker,
    Consume,
    DataPlane,
    Hedge,
    Link,
    Memory,
    OutlierDetection,
    Pool,
    Probe,
    Publish,
    RetryBudget,
    RouteBehaviour,
    Routing,
    Store,
    Topic,
)
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
    cpu: int = 0,
    compiled: bool = True,
) -> DataPlane:
    """Users at ``rate`` a second on one service whose instances are all ready."""
    plane = DataPlane(seed, compiled=compiled)
    plane.add_service("web", routes=("home",))
    program = plane.add_program(
        "web", "v1", Behaviour(slots, queue, (RouteBehaviour("home", law, error_rate, cpu=cpu),))
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


def pool(
    seed: int,
    *,
    law: Law,
    rate: float,
    balancer: Balancer = "round_robin",
    routing: Routing | None = None,
    instances: int = 4,
    slots: int = 1,
    queue: int = 100_000,
    weights: tuple[int, ...] = (),
    zones: tuple[str, ...] = (),
    compiled: bool = True,
) -> DataPlane:
    """Users at ``rate`` a second on one service with a choice of instances, all ready."""
    plane = DataPlane(seed, compiled=compiled)
    plane.add_service("web", routes=("home",), balancer=balancer, routing=routing or Routing())
    program = plane.add_program("web", "v1", Behaviour(slots, queue, (RouteBehaviour("home", law),)))
    for number in range(instances):
        weight = weights[number] if weights else 1
        zone = zones[number] if zones else ""
        added = plane.add_instance("web", f"web-{number}", program, key=number, weight=weight, zone=zone)
        plane.set_ready(added, True)
    plane.set_rate(plane.add_source("users", "web", {"home": 1.0}, objective=SECOND), [(0, rate)])
    return plane


def caller(
    seed: int,
    call: CallBehaviour | tuple[CallBehaviour, ...],
    *,
    rate: float = 50.0,
    law: Law | None = None,
    slots: int = 1000,
    queue: int = 0,
    front_slots: int = 1000,
    instances: int = 1,
    error_rate: float = 0.0,
    routing: Routing | None = None,
    balancer: Balancer = "round_robin",
    held: bool = True,
    compiled: bool = True,
) -> DataPlane:
    """Users on one front instance (row 0) that makes ``call`` of ``back`` (rows 1 and on); 10 ms each."""
    ten = Law("constant", 10 * MILLISECOND)
    plane = DataPlane(seed, compiled=compiled)
    plane.add_service("front", routes=("r",), held=held)
    plane.add_service("back", routes=("r",), balancer=balancer, routing=routing or Routing())
    calls = call if isinstance(call, tuple) else (call,)
    front = plane.add_program(
        "front", "v1", Behaviour(front_slots, 0, (RouteBehaviour("r", ten, 0.0, calls),))
    )
    back = plane.add_program(
        "back", "v1", Behaviour(slots, queue, (RouteBehaviour("r", law or ten, error_rate),))
    )
    plane.set_ready(plane.add_instance("front", "front-0", front, key=1), True)
    for number in range(instances):
        plane.set_ready(plane.add_instance("back", f"back-{number}", back, key=2 + number), True)
    plane.set_rate(plane.add_source("users", "front", {"r": 1.0}, objective=SECOND), [(0, rate)])
    return plane


def wide_tiers(seed: int, *, compiled: bool = True, rate: float = 300.0) -> DataPlane:
    """Two tiers that use every feature of routing and calling at once."""
    plane = DataPlane(seed, compiled=compiled)
    plane.add_service("front", routes=("a", "b"))
    plane.add_service(
        "back",
        routes=("read",),
        balancer="power_of_two",
        routing=Routing(
            OutlierDetection(interval=SECOND, max_ejection_percent=60, base_ejection=SECOND),
            slow_start=SECOND,
            prefer_zone=True,
        ),
    )
    plane.add_service("side", routes=("read",), balancer="ring_hash")
    plane.add_service(
        "db", routes=("read", "write"), store=Store(("write",), 20, 1.0, 100 * MILLISECOND, 200 * MILLISECOND)
    )
    base = CallBehaviour("back", "read", timeout=40 * MILLISECOND, attempts=3, backoff=5 * MILLISECOND)
    guarded = replace(
        base,
        breaker=CircuitBreaker(50, 20, 50, 30 * MILLISECOND, 80, SECOND, 5),
        budget=RetryBudget("concurrency", 0.2, 3),
        pool=Pool(6, 30 * MILLISECOND, 500),
    )
    fan = replace(base, copies=3, hedge=Hedge(15 * MILLISECOND), budget=RetryBudget("ratio", 0.2))
    soft = CallBehaviour(
        "side",
        "read",
        timeout=25 * MILLISECOND,
        propagate_deadline=True,
        fallback=True,
        parallel=7,
        pool=Pool(8),
        cache=Cache("side", 50, 1.0, 200 * MILLISECOND, serve_stale=50 * MILLISECOND),
    )
    write = CallBehaviour("db", "write", timeout=20 * MILLISECOND, attempts=2)
    read = replace(write, route="read")
    plane.add_topic(Topic("jobs", attempts=3, redelivery_delay=30 * MILLISECOND, poison=0.02))
    plane.add_topic(Topic("mails", order="newest_first", limit=50))
    plane.add_topic(Topic("ledger", ordered=True, redelivery_delay=5 * MILLISECOND))
    law = Law("lognormal", 8 * MILLISECOND, 40 * MILLISECOND)
    routes = (
        RouteBehaviour("a", law, 0.01, (guarded, Publish("jobs"), soft, replace(soft, chance=0.5))),
        RouteBehaviour("b", law, 0.0, (Publish("mails", 0.5), fan, base, Publish("ledger"), write, read)),
    )
    front = plane.add_program(
        "front",
        "v1",
        Behaviour(12, 20, routes, admission=Admission(400.0, 30, 30, (0.9, 0.5, 0.2)), newest_first_above=9),
    )
    quick = Law("exponential", 6 * MILLISECOND)
    back = plane.add_program("back", "v1", Behaviour(3, 10, (RouteBehaviour("read", quick, 0.05),)))
    newer = plane.add_program(
        "back",
        "v2",
        Behaviour(3, 10, (RouteBehaviour("read", quick, 0.2),), cores=1.5, warm_up=3 * SECOND),
    )
    side = plane.add_program(
        "side",
        "v1",
        Behaviour(
            3,
            10,
            (RouteBehaviour("read", quick, lock=Law("exponential", MILLISECOND), leak=1000),),
            memory=Memory(1_000_000, 10_000, 2_000_000),
            consumes=(Consume("jobs", "read", 2), Consume("mails", "read"), Consume("ledger", "read")),
        ),
    )
    db = plane.add_program(
        "db", "v1", Behaviour(4, 10, (RouteBehaviour("read", quick), RouteBehaviour("write", quick)))
    )
    for number, (service, program) in enumerate(
        [("front", front)] * 3
        + [("back", back)] * 3
        + [("back", newer)]
        + [("side", side)] * 2
        + [("db", db)] * 2
    ):
        added = plane.add_instance(service, f"{service}-{number}", program, key=number, zone="ab"[number % 2])
        plane.set_ready(added, True)
        route = "read" if service == "back" else None
        probe = Probe("readiness", route=route, period=50 * MILLISECOND, timeout=20 * MILLISECOND)
        plane.set_probe(added, probe)
        plane.set_probe(added, replace(probe, kind="liveness", route=None, failure_threshold=1))
    plane.set_weights("back", {"v1": 3, "v2": 1})
    plane.set_network([Link(latency=MILLISECOND), Link("front", "back", "a", "b", loss=0.05)])
    plane.set_certificate("side", 8 * SECOND)
    plane.set_tracing(0.05)
    source = plane.add_source("users", "front", {"a": 2.0, "b": 1.0}, objective=100 * MILLISECOND)
    plane.set_rate(source, [(0, rate)])
    plane.set_patience(source, 300 * MILLISECOND, attempts=2, pause=50 * MILLISECOND)
    guests = plane.add_source("guests", "front", {"a": 1.0}, objective=100 * MILLISECOND, priority=2)
    plane.set_users(guests, 8, Law("exponential", 100 * MILLISECOND))
    plane.bring_crowd(guests, 15, 2 * SECOND)
    return plane
