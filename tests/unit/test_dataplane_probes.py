"""Probes: requests in an instance's own queue whose results in a row become signals; a process's life."""

from __future__ import annotations

import pytest

from simulator.dataplane import (
    OUTCOMES,
    PROBE_COUNTS,
    PROBE_KINDS,
    Behaviour,
    CallBehaviour,
    DataPlane,
    Memory,
    Probe,
    RouteBehaviour,
    Signal,
)
from simulator.distributions import Law
from simulator.errors import GamedayError, SimulationError
from simulator.units import MILLISECOND, SECOND

TEN_MS = Law("constant", 10 * MILLISECOND)
READINESS = Probe("readiness", period=2 * SECOND)
LIVENESS = Probe("liveness", period=5 * SECOND)
STARTUP = Probe("startup", period=SECOND, failure_threshold=4)


def one(
    *probes: Probe,
    law: Law = TEN_MS,
    slots: int = 1,
    queue: int = 1000,
    listens_at: int = 0,
    **kwargs: object,
) -> DataPlane:
    """One instance of one route with these probes, ready, and a source without a rate yet."""
    plane = DataPlane(1)
    plane.add_service("web", routes=("r",))
    behaviour = Behaviour(slots, queue, (RouteBehaviour("r", law),), **kwargs)  # type: ignore[arg-type]
    program = plane.add_program("web", "v1", behaviour)
    instance = plane.add_instance("web", "web-0", program, key=1, listens_at=listens_at)
    plane.set_ready(instance, True)
    plane.add_source("users", "web", {"r": 1.0}, objective=SECOND)
    for probe in probes:
        plane.set_probe(instance, probe)
    return plane


def told(plane: DataPlane, until: int) -> list[tuple[int, str, str | None, str | None]]:
    """Each signal up to ``until``: its time in ms, its kind, its probe and that probe's outcome."""
    signals: list[Signal] = []
    while (signal := plane.advance_to_signal(until)) is not None:
        assert signal.at == plane.now
        signals.append(signal)
    plane.check_conservation()
    return [(each.at // MILLISECOND, each.kind, each.probe, each.outcome) for each in signals]


def counted(plane: DataPlane, kind: str) -> dict[str, int]:
    """What became of the probes of a kind of instance 0, without those that are 0."""
    row = plane.counters().probes[0, PROBE_KINDS.index(kind)]
    return {name: int(count) for name, count in zip(PROBE_COUNTS, row, strict=True) if count}


def test_a_process_that_does_not_listen_yet_refuses_and_is_ready_at_the_first_tick_after() -> None:
    """It listens after 5 s, ticks are at 0, 2, 4, 6: three refusals, then an answer 1 ms later."""
    plane = one(READINESS, listens_at=5 * SECOND)
    assert [
        (0, "probe_failed", "readiness", "unreachable"),
        (2000, "probe_failed", "readiness", "unreachable"),
        (4000, "probe_failed", "readiness", "unreachable"),
        (6001, "ready", "readiness", "ok"),
    ] == told(plane, 20 * SECOND)
    assert {"asked": 10, "passed": 7, "refused": 3} == counted(plane, "readiness")


def test_ticks_begin_after_the_initial_delay_and_passes_in_a_row_count() -> None:
    """A delay of 3 s and three passes 2 s apart: ready after 3 + 2 + 2 s and the answer's 1 ms."""
    plane = one(Probe("readiness", period=2 * SECOND, initial_delay=3 * SECOND, success_threshold=3))
    assert [(7001, "ready", "readiness", "ok")] == told(plane, 30 * SECOND)


def test_a_saturated_instance_fails_its_probe_by_timeout_and_recovers_when_its_queue_is_short() -> None:
    """One worker of 10 ms, 200 a second for 6 s: the queue grows by 100 a second, 10 ms of waiting each.

    So those asked at 2, 4 and 6 s wait for 2, 4 and 6 s, are late after one, and the third failure in a row
    takes it out. 600 are left, which takes 6 s more: the probe of 12 s finds a queue shorter than a second.
    """
    plane = one(Probe("readiness", period=2 * SECOND), law=TEN_MS)
    assert [(1, "ready", "readiness", "ok")] == told(plane, SECOND // 2)
    plane.set_rate(0, [(plane.now, 200.0), (plane.now + 6 * SECOND, 0.0)])
    assert [
        (3000, "probe_failed", "readiness", "timeout"),
        (5000, "probe_failed", "readiness", "timeout"),
        (7000, "unready", "readiness", "timeout"),
        (9000, "probe_failed", "readiness", "timeout"),
        (11000, "probe_failed", "readiness", "timeout"),
    ] == told(plane, 11 * SECOND + 1)
    assert [12, "ready"] == [told(plane, 16 * SECOND)[0][0] // 1000, "ready"]
    # the work of those that were late was done all the same, and is none of the users' counts
    frame = plane.counters()
    assert frame.arrived.sum() == frame.answered.sum() == frame.requests.sum()
    assert {"asked": 8, "passed": 3, "late": 5} == counted(plane, "readiness")
    assert frame.work_ns[0] == frame.requests.sum() * 10 * MILLISECOND + 8 * MILLISECOND


def test_a_full_queue_turns_probes_away_at_once() -> None:
    """One worker busy for a minute and no queue: 503, not a timeout."""
    plane = one(Probe("liveness", period=SECOND), law=Law("constant", 60 * SECOND), queue=0)
    plane.bring_crowd(0, 1, 500 * MILLISECOND)
    assert [
        (1000, "probe_failed", "liveness", "rejected"),
        (2000, "probe_failed", "liveness", "rejected"),
        (3000, "live_failure", "liveness", "rejected"),
    ] == told(plane, 10 * SECOND)


def test_a_failed_liveness_probe_holds_until_the_process_is_started_anew() -> None:
    """A hung process: three timeouts of 1 s at 5, 10, 15 s; stopped and restarted, it lives."""
    plane = one(LIVENESS, READINESS)
    # both are asked at once, and one worker answers one after the other
    assert [(2, "ready")] == [each[:2] for each in told(plane, 4 * SECOND)]
    plane.set_degraded(0, speed=0.00098)  # one ms takes a second and more
    signals = [each for each in told(plane, 30 * SECOND) if each[2] == "liveness"]
    assert [
        (6000, "probe_failed", "liveness", "timeout"),
        (11000, "probe_failed", "liveness", "timeout"),
        (16000, "live_failure", "liveness", "timeout"),
    ] == signals
    plane.set_degraded(0, speed=1.0)
    plane.stop(0)
    assert [] == told(plane, 40 * SECOND)
    plane.restart(0, listens_at=45 * SECOND)
    assert [
        (40000, "probe_failed", "readiness", "unreachable"),
        (40000, "probe_failed", "liveness", "unreachable"),
        (42000, "probe_failed", "readiness", "unreachable"),
        (44000, "probe_failed", "readiness", "unreachable"),
        (46001, "ready", "readiness", "ok"),
    ] == sorted(told(plane, 60 * SECOND), key=lambda each: (each[0], each[2] == "liveness"))
    assert 2 == plane.counters().starts[0]


def test_the_others_wait_for_the_startup_probe_and_readiness_is_asked_for_at_once_then() -> None:
    """It listens after 2.5 s: started by the tick at 3 s, ready 1 ms after that, and never failed to live."""
    plane = one(STARTUP, LIVENESS, Probe("readiness", period=10 * SECOND), listens_at=2500 * MILLISECOND)
    assert [
        (0, "probe_failed", "startup", "unreachable"),
        (1000, "probe_failed", "startup", "unreachable"),
        (2000, "probe_failed", "startup", "unreachable"),
        (3001, "started", "startup", "ok"),
        (3002, "ready", "readiness", "ok"),
    ] == told(plane, 30 * SECOND)
    assert {"asked": 4, "passed": 1, "refused": 3} == counted(plane, "startup")
    assert {"asked": 5, "passed": 5} == counted(plane, "liveness")


def test_a_start_that_takes_too_long_is_a_start_failure() -> None:
    """Four failures in a row, the last at 3 s; then nobody asks until a restart, which counts anew."""
    plane = one(STARTUP, listens_at=5 * SECOND)
    assert [(3000, "start_failure", "startup", "unreachable")] == told(plane, 20 * SECOND)[3:]
    plane.stop(0)
    plane.restart(0)
    assert [(20001, "started", "startup", "ok")] == told(plane, 40 * SECOND)


def test_a_missed_tick_is_made_up_for_once_and_the_phase_is_kept() -> None:
    """Answers take 2.5 s, ticks are 2 s apart: it asks at 0, 2.5, 5, 7.5 s; quick again, at even seconds."""
    slow = Probe("readiness", service_time=Law("constant", 2500 * MILLISECOND), period=2 * SECOND)
    plane = one(slow, slots=10)
    plane.set_probe(0, Probe("readiness", slow.service_time, period=2 * SECOND, timeout=10 * SECOND))
    told(plane, 8 * SECOND)
    assert 4 == counted(plane, "readiness")["asked"]
    plane.set_degraded(0, speed=100.0)
    told(plane, 15 * SECOND)
    # asked at 10.0 (made up for), 12, 14
    assert 7 == counted(plane, "readiness")["asked"]


def test_a_deep_probe_fails_with_what_its_route_calls() -> None:
    """Readiness asks a route that calls a dead dependency: a healthy process is taken out."""
    plane = DataPlane(1)
    plane.add_service("front", routes=("r",))
    plane.add_service("back", routes=("r",))
    call = CallBehaviour("back", "r", timeout=100 * MILLISECOND)
    front = plane.add_program("front", "v1", Behaviour(4, 0, (RouteBehaviour("r", TEN_MS, 0.0, (call,)),)))
    back = plane.add_program("back", "v1", Behaviour(4, 0, (RouteBehaviour("r", TEN_MS),)))
    for service, program in (("front", front), ("back", back)):
        plane.set_ready(plane.add_instance(service, f"{service}-0", program, key=1), True)
    plane.set_probe(0, Probe("readiness", route="r", period=SECOND))
    assert [(20, "ready", "readiness", "ok")] == told(plane, 10 * SECOND)
    plane.set_ready(1, False)
    assert (12010, "unready", "readiness", "upstream") == told(plane, 13 * SECOND)[-1]
    plane.set_ready(1, True)
    assert (13020, "ready", "readiness", "ok") == told(plane, 20 * SECOND)[-1]
    assert 0 == plane.counters().requests[0].sum()
    assert 17 == plane.counters().requests[1].sum()


def test_a_sick_pod_passes_the_probe_of_a_route_of_its_own_and_fails_a_deep_one() -> None:
    """Half of a pod's requests fail: its health page is fine, its readiness by the users' route is not."""
    plane = one(Probe("liveness", period=SECOND), Probe("readiness", route="r", period=SECOND))
    plane.set_degraded(0, error_rate=0.5)
    signals = told(plane, 200 * SECOND)
    assert {"readiness"} == {probe for _, _, probe, _ in signals}
    assert {"asked": 200, "passed": 200} == counted(plane, "liveness")
    assert counted(plane, "readiness")["failed"] == pytest.approx(100, abs=4 * 50**0.5)


def test_probes_leave_users_and_their_luck_as_they_are() -> None:
    """With room for both, every user meets the same with probes and without; the probes' CPU is counted."""
    frames = []
    for probes in ((), (LIVENESS, READINESS)):
        plane = one(*probes, law=Law("exponential", 10 * MILLISECOND), slots=100)
        plane.set_rate(0, [(0, 100.0)])
        plane.advance(20 * SECOND)
        frames.append(plane.counters())
    without, with_probes = frames
    assert (without.user_fine == with_probes.user_fine).all()
    assert with_probes.work_ns[0] == without.work_ns[0] + 14 * MILLISECOND


def test_a_stopped_process_refuses_requests_and_a_killed_one_gets_none() -> None:
    """While it stays in rotation its users are refused; out of rotation they find no endpoint."""
    plane = one()
    plane.set_rate(0, [(0, 100.0)])
    plane.advance(SECOND)
    plane.stop(0)
    plane.advance(2 * SECOND)
    plane.kill(0)
    plane.advance(3 * SECOND)
    plane.restart(0)
    plane.set_ready(0, True)
    plane.advance(4 * SECOND)
    plane.check_conservation()
    frame = plane.counters()
    refused, unavailable = (
        int(frame.answered[0, 0, OUTCOMES.index(name)]) for name in ("unreachable", "unavailable")
    )
    assert refused + unavailable == frame.unrouted.sum()
    assert refused == pytest.approx(100, abs=30)
    assert unavailable == pytest.approx(100, abs=30)


def test_out_of_memory_is_told_at_its_time_and_a_restart_begins_without_the_leak() -> None:
    """100 bytes empty, 10 left by each request, 1000 allowed: the 91st request is too much, each time."""
    plane = DataPlane(1)
    plane.add_service("web", routes=("r",))
    route = RouteBehaviour("r", MILLISECOND_LAW, leak=10)
    program = plane.add_program("web", "v1", Behaviour(100, 0, (route,), memory=Memory(100, 0, 1000)))
    plane.set_ready(plane.add_instance("web", "web-0", program, key=1), True)
    plane.set_rate(plane.add_source("users", "web", {"r": 1.0}, objective=SECOND), [(0, 100.0)])
    for round_ in range(1, 4):
        before = int(plane.counters().requests.sum())
        signal = plane.advance_to_signal(60 * SECOND)
        assert signal is not None
        assert "out_of_memory" == signal.kind
        assert plane.counters().requests.sum() - before == pytest.approx(91, abs=2)
        plane.kill(0)
        assert 0 == plane.counters().memory[0]
        plane.advance(plane.now + SECOND)
        plane.restart(0)
        plane.set_ready(0, True)
        assert 100 == plane.counters().memory[0]
        assert round_ + 1 == plane.counters().starts[0]
    plane.check_conservation()


MILLISECOND_LAW = Law("constant", MILLISECOND)


def test_a_limit_below_what_the_empty_process_takes_is_told_at_once() -> None:
    """Setting a container's limit under its base is a loop of starts and ends, as in life."""
    plane = one(memory=Memory(100, 10, 1000))
    assert [] == told(plane, SECOND)
    plane.set_limits(0, memory=99)
    assert [(1000, "out_of_memory", None, None)] == told(plane, 2 * SECOND)
    plane.stop(0)
    plane.restart(0)
    assert [(2000, "out_of_memory", None, None)] == told(plane, 3 * SECOND)


def test_cores_may_change_while_requests_compute() -> None:
    """Four of 1 s on four cores; after half of it on one core: the rest takes four times as long."""
    plane = one(law=Law("constant", SECOND), slots=4, cores=4.0)
    plane.bring_crowd(0, 4, 0)
    plane.advance(SECOND // 2)
    plane.set_limits(0, cores=1.0)
    plane.advance(2499 * MILLISECOND)
    assert 4 == plane.counters().busy[0]
    plane.advance(2501 * MILLISECOND)
    assert 4 == plane.counters().answered.sum()


def test_mistakes_with_probes_are_named() -> None:
    """Thresholds as Kubernetes refuses them, a route that is not there, a start of what runs."""
    with pytest.raises(GamedayError, match="success_threshold"):
        Probe("liveness", success_threshold=2)
    plane = one()
    with pytest.raises(GamedayError, match="a route of web: r"):
        plane.set_probe(0, Probe("readiness", route="healthz"))
    with pytest.raises(SimulationError, match="a stopped process"):
        plane.restart(0)
    with pytest.raises(GamedayError, match="memory, or cores"):
        plane.set_limits(0, memory=10)
