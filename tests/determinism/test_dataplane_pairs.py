"""Same seed, same bytes; one changed act changes the world and nobody's luck."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

import numpy as np

from simulator.dataplane import DataPlane
from simulator.units import MILLISECOND, SECOND
from tests.planes import two_tiers, wide_tiers


def same(left: object, right: object) -> bool:
    """Whether two frames, or parts of them, agree to the last integer."""
    for field in fields(left):  # type: ignore[arg-type]
        one, other = getattr(left, field.name), getattr(right, field.name)
        if is_dataclass(one):
            if not same(one, other):
                return False
        elif not np.array_equal(one, other) if isinstance(one, np.ndarray) else one != other:
            return False
    return True


def play(seed: int, *, compiled: bool = True, balancer: str = "round_robin") -> DataPlane:
    """Twenty seconds with a sick instance, a kill, a drain and a burst."""
    plane = two_tiers(seed, compiled=compiled, balancer=balancer)
    plane.advance(5 * SECOND)
    plane.set_degraded(3, error_rate=0.5, speed=0.5)
    plane.advance(8 * SECOND)
    plane.kill(0)
    plane.set_ready(1, False)
    plane.set_rate(0, [(8 * SECOND, 200.0), (12 * SECOND, 600.0), (14 * SECOND, 0.0), (15 * SECOND, 100.0)])
    plane.advance(20 * SECOND)
    plane.check_conservation()
    return plane


def test_compiled_and_uncompiled_count_the_same() -> None:
    """Every counter and every log record is equal, for both balancers."""
    for balancer in ("round_robin", "least_request"):
        compiled, plain = (play(4, compiled=flag, balancer=balancer) for flag in (True, False))
        assert same(compiled.counters(), plain.counters())
        assert compiled.drain_log() == plain.drain_log()
        assert compiled.events == plain.events > 10_000


def test_the_same_seed_ten_times_is_one_run_and_ten_seeds_are_ten() -> None:
    """Determinism, and the proof that the test could fail."""
    runs = [play(4).counters() for _ in range(10)]
    assert all(same(runs[0], other) for other in runs[1:])
    totals = {int(play(seed).counters().latency_ns.sum()) for seed in range(10)}
    assert len(totals) == 10


def test_how_often_it_is_advanced_changes_nothing() -> None:
    """One long step equals two thousand short ones."""
    whole, pieces = two_tiers(9), two_tiers(9)
    whole.advance(10 * SECOND)
    for step in range(1, 2001):
        pieces.advance(step * 5 * MILLISECOND)
    assert same(whole.counters(), pieces.counters())


def test_a_changed_rate_keeps_the_same_users() -> None:
    """Double the rate: the users of the first ten seconds come in five, and take the same routes."""
    slow, fast = two_tiers(2, rate=100.0), two_tiers(2, rate=200.0)
    slow.advance(10 * SECOND)
    fast.advance(5 * SECOND)
    assert np.array_equal(slow.counters().arrived, fast.counters().arrived)


def test_two_runs_are_one_until_they_part() -> None:
    """Up to the act that differs all counters agree; after it the users still do."""
    left, right = two_tiers(7), two_tiers(7)
    for plane in (left, right):
        plane.advance(6 * SECOND)
    assert same(left.counters(), right.counters())
    right.kill(4)
    for plane in (left, right):
        plane.advance(12 * SECOND)
    assert not same(left.counters(), right.counters())
    assert np.array_equal(left.counters().arrived, right.counters().arrived)


def play_wide(seed: int, *, compiled: bool = True) -> DataPlane:
    """Ten seconds of every feature with a sick instance and a kill."""
    plane = wide_tiers(seed, compiled=compiled)
    plane.advance(3 * SECOND)
    plane.set_degraded(3, error_rate=0.7, speed=0.3)
    plane.advance(6 * SECOND)
    plane.kill(0)
    plane.stop(7)
    plane.set_unreachable("side", True)
    plane.flush_cache("side")
    plane.set_ready(4, False)
    plane.kill(9)
    plane.advance(7 * SECOND)
    plane.restart(0, listens_at=7200 * MILLISECOND)
    plane.set_ready(0, True)
    plane.advance(10 * SECOND)
    plane.check_conservation()
    return plane


def test_compiled_and_uncompiled_count_the_same_with_every_feature() -> None:
    """Every counter and every log record, with all that routing and calling can do."""
    compiled, plain = (play_wide(4, compiled=flag) for flag in (True, False))
    assert same(compiled.counters(), plain.counters())
    assert compiled.drain_log() == plain.drain_log()
    assert compiled.drain_signals() == plain.drain_signals() != []
    assert list(compiled.drain_traces()) == list(plain.drain_traces()) != []
    assert compiled.events == plain.events > 10_000


def test_the_wide_kernel_does_to_plain_systems_what_the_plain_kernel_does() -> None:
    """The two compilations of the loop agree to the last integer."""
    plain, wide = two_tiers(6), two_tiers(6)
    wide._memory.widen()
    for plane in (plain, wide):
        plane.advance(20 * SECOND)
    assert same(plain.counters(), wide.counters())
    assert plain.drain_log() == wide.drain_log()


def test_after_the_act_that_differs_the_same_users_come_with_the_same_luck() -> None:
    """One run loses an instance: users, their times and routes agree, and so does the compute of every span.

    Load is light, so that a server's span is its own compute and its call's: luck hangs on the span, not on
    the instance that answers, nor on the order of events.
    """
    spans = []
    for act in (False, True):
        plane = two_tiers(7, rate=30.0, timeout=0, callee_error=0.0)
        plane.set_tracing(1.0, per_drain=10_000)
        plane.advance(10 * SECOND)
        if act:
            plane.kill(4)
        plane.advance(60 * SECOND)
        spans.append({span.span: span for span in plane.drain_traces()})
    left, right = spans
    users = [{key for key, span in side.items() if span.kind == "user"} for side in spans]
    assert len(users[0] ^ users[1]) <= 2  # at most those that were under way at the end or the kill
    moved = 0
    for key in left.keys() & right.keys():
        one, other = left[key], right[key]
        if one.kind == "user":
            assert (one.start, one.route) == (other.start, other.route)
        elif one.service == "back" and one.outcome == other.outcome == "ok":
            moved += one.pod != other.pod
    assert moved > 300
    served = [(left[key], right[key]) for key in left.keys() & right.keys() if left[key].service == "back"]
    same_time = sum(one.end - one.start == other.end - other.start for one, other in served)
    assert same_time > 0.9 * len(served)  # the others waited in one of the two for a worker
