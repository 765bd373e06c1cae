"""A store that takes so many connections and no more, and a route that turns requests away on purpose."""

from __future__ import annotations

import pytest

from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, Pool, RouteBehaviour, Store
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND


def crowd(
    *, pods: int, room: int, floor: int = 4, rate: float = 80.0, compiled: bool = True
) -> tuple[DataPlane, int]:
    """So many pods with a pool of ``floor`` connections each before a store with room for ``room``."""
    plane = DataPlane(1, compiled=compiled)
    plane.add_service("app", routes=("r",))
    plane.add_service("db", routes=("q",), store=Store(("q",), most_connections=room))
    law = Law("constant", 5 * MILLISECOND)
    store = plane.add_program("db", "v1", Behaviour(8, 100, (RouteBehaviour("q", law),)))
    plane.set_ready(plane.add_instance("db", "db-0", store, key=1), True)
    call = CallBehaviour("db", "q", pool=Pool(4, 250 * MILLISECOND, floor=floor))
    app = plane.add_program("app", "v1", Behaviour(8, 100, (RouteBehaviour("r", law, calls=(call,)),)))
    for number in range(pods):
        plane.set_ready(plane.add_instance("app", f"app-{number}", app, key=10 + number), True)
    plane.set_rate(plane.add_source("users", "app", {"r": 1.0}, objective=SECOND), [(0, rate)])
    return plane, app


def open_and_failed(plane: DataPlane) -> tuple[list[int], int, int]:
    """Free connections of each pod's pool, connections at the store, and attempts refused by it."""
    frame = plane.counters()
    failed = frame.failed_attempts.sum(axis=0)
    return frame.pools.idle.tolist(), int(frame.stores.connections[0]), int(failed[-1])


@pytest.mark.parametrize("compiled", [True, False])
def test_the_pods_that_start_last_find_no_connection(compiled: bool) -> None:
    """Three pods of four connections fit into twelve; the fourth has none, and all that it is asked fails."""
    plane, _ = crowd(pods=4, room=12, compiled=compiled)
    assert ([4, 4, 4, 0], 12, 0) == open_and_failed(plane)
    plane.advance(20 * SECOND)
    answered = plane.counters().requests[:, 0, 0]
    assert 0 == answered[4]
    assert answered[1] == pytest.approx(20 * 80 / 4, rel=0.15)
    _, held, refused = open_and_failed(plane)
    assert 12 == held
    assert refused == pytest.approx(20 * 80 / 4, rel=0.15)


def test_who_ends_leaves_room_for_others() -> None:
    """A killed pod's connections are free at once, and a pod that had none opens them when it is asked."""
    plane, _ = crowd(pods=4, room=12)
    plane.advance(5 * SECOND)
    plane.kill(1)
    plane.advance(10 * SECOND)
    before = open_and_failed(plane)[2]
    plane.advance(20 * SECOND)
    idle, held, refused = open_and_failed(plane)
    assert 0 == idle[0]
    assert 0 < idle[3]
    assert held <= 12
    assert before == refused


def test_a_pool_made_smaller_gives_back_what_it_keeps() -> None:
    """Two connections a pod leave room for all four."""
    plane, app = crowd(pods=4, room=12)
    behaviour = plane._programs.known[app][2]
    route = behaviour.routes[0]
    call = CallBehaviour("db", "q", pool=Pool(2, 250 * MILLISECOND, floor=2))
    small = plane.add_program(
        "app", "v1", Behaviour(8, 100, (RouteBehaviour("r", route.service_time, calls=(call,)),))
    )
    for number in range(1, 5):
        plane.run_program(number, small)
    idle, held, _ = open_and_failed(plane)
    assert [2, 2, 2, 0] == idle
    assert 6 == held
    plane.advance(10 * SECOND)
    assert 0 == open_and_failed(plane)[2]
    assert open_and_failed(plane)[0][3] > 0


def test_without_a_limit_every_pool_opens_what_it_wants() -> None:
    """Connections are counted and nobody is refused."""
    plane, _ = crowd(pods=4, room=0)
    assert ([4, 4, 4, 4], 16, 0) == open_and_failed(plane)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_route_turns_away_its_share_before_it_calls_anybody(compiled: bool) -> None:
    """Three in ten are answered 503 at once, and only the others reach the callee."""
    plane = DataPlane(3, compiled=compiled)
    for name in ("front", "back"):
        plane.add_service(name, routes=("r",))
    law = Law("constant", 5 * MILLISECOND)
    back = plane.add_program("back", "v1", Behaviour(8, 100, (RouteBehaviour("r", law),)))
    route = RouteBehaviour("r", law, calls=(CallBehaviour("back", "r"),), shed_rate=0.3)
    front = plane.add_program("front", "v1", Behaviour(8, 100, (route,)))
    for service, program in (("front", front), ("back", back)):
        plane.set_ready(plane.add_instance(service, service, program, key=len(service)), True)
    plane.set_rate(plane.add_source("users", "front", {"r": 1.0}, objective=SECOND), [(0, 200.0)])
    plane.advance(20 * SECOND)
    frame = plane.counters()
    at_front, at_back = frame.requests[:, 0]
    assert at_front[9] == pytest.approx(0.3 * at_front.sum(), rel=0.1)
    assert at_front.sum() - at_front[9] - 5 <= at_back.sum() <= at_front.sum() - at_front[9] + 5
    plane.check_conservation()
