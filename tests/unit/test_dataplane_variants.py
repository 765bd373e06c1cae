"""What an instance runs changes while it runs: for all users, or for the same share of them always."""

from __future__ import annotations

import pytest

from simulator.dataplane import (
    OUTCOMES,
    Behaviour,
    CallBehaviour,
    DataPlane,
    Pool,
    RouteBehaviour,
    Split,
)
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND

_OK, _ERROR = OUTCOMES.index("ok"), OUTCOMES.index("error")
_TEN_MS = Law("constant", 10 * MILLISECOND)


def _plane(*, rate: float = 50.0, slots: int = 8, compiled: bool = True) -> tuple[DataPlane, int, int, int]:
    """One instance of a service that never fails; also its number, its program and one that always fails."""
    plane = DataPlane(5, compiled=compiled)
    plane.add_service("web", routes=("home",))
    good = plane.add_program("web", "v1", Behaviour(slots, 1000, (RouteBehaviour("home", _TEN_MS),)))
    bad = plane.add_program("web", "v1", Behaviour(slots, 1000, (RouteBehaviour("home", _TEN_MS, 1.0),)))
    instance = plane.add_instance("web", "web-0", good, key=1)
    plane.set_ready(instance, True)
    if rate:
        plane.set_rate(plane.add_source("users", "web", {"home": 1.0}, objective=SECOND), [(0, rate)])
    return plane, instance, good, bad


def _outcomes(plane: DataPlane) -> tuple[int, int]:
    counts = plane.counters().requests.sum(axis=(0, 1))
    return int(counts[_OK]), int(counts[_ERROR])


def _failed_traces(plane: DataPlane, seconds: int) -> set[int]:
    found: set[int] = set()
    for second in range(1, seconds + 1):
        plane.advance(second * SECOND)
        found |= {line.trace for line in plane.drain_log() if line.outcome == "error"}
    return found


def test_a_changed_program_counts_for_requests_that_begin_after_it() -> None:
    """Until the change nobody fails, after it everybody; no pod was restarted, and back it goes as well."""
    plane, instance, good, bad = _plane()
    plane.advance(20 * SECOND)
    fine, failed = _outcomes(plane)
    plane.run_program(instance, bad)
    plane.advance(40 * SECOND)
    later_fine, later_failed = _outcomes(plane)
    plane.run_program(instance, good)
    plane.advance(60 * SECOND)
    assert (0, True) == (failed, fine > 800)
    assert 5 > later_fine - fine and later_failed > 800
    assert 5 > _outcomes(plane)[1] - later_failed
    plane.check_conservation()


@pytest.mark.parametrize("share", [0.1, 0.25, 0.6])
def test_a_split_takes_its_share_of_the_users(share: float) -> None:
    """Over some 5,000 users the failing share is the split's within four standard deviations."""
    plane, instance, good, bad = _plane()
    plane.run_program(instance, good, bad, splits=[Split(0, 42, share)])
    plane.advance(100 * SECOND)
    fine, failed = _outcomes(plane)
    deviation = (share * (1 - share) / (fine + failed)) ** 0.5
    assert share == pytest.approx(failed / (fine + failed), abs=4 * deviation)


def test_a_larger_share_contains_the_smaller_one() -> None:
    """Who has a feature at 10 % has it at 25 % too; under another flag's key they are other users."""
    found = {}
    for name, key, share in (("small", 42, 0.1), ("large", 42, 0.25), ("other", 43, 0.25)):
        plane, instance, good, bad = _plane(rate=20.0)
        plane.run_program(instance, good, bad, splits=[Split(0, key, share)])
        found[name] = _failed_traces(plane, 30)
    assert found["small"] < found["large"]
    assert found["large"] != found["other"] and not found["small"] <= found["other"]


def test_two_splits_of_one_bit_are_the_union_of_their_users() -> None:
    """A percentage and a cohort of one flag: whoever belongs to either."""
    alone, together = [], set()
    for splits in ([Split(0, 1, 0.2)], [Split(0, 2, 0.2)], [Split(0, 1, 0.2), Split(0, 2, 0.2)]):
        plane, instance, good, bad = _plane(rate=20.0)
        plane.run_program(instance, good, bad, splits=splits)
        together = _failed_traces(plane, 20)
        alone.append(together)
    assert alone[0] | alone[1] == together


def test_two_bits_choose_among_four_variants() -> None:
    """Only who belongs to both splits meets the variant of both."""
    plane, instance, good, bad = _plane(rate=20.0)
    plane.run_program(instance, good, good, good, bad, splits=[Split(0, 1, 0.5), Split(1, 2, 0.5)])
    both = _failed_traces(plane, 20)
    singles = []
    for key in (1, 2):
        other, number, fine, failing = _plane(rate=20.0)
        other.run_program(number, fine, failing, splits=[Split(0, key, 0.5)])
        singles.append(_failed_traces(other, 20))
    assert singles[0] & singles[1] == both


def test_a_user_who_comes_again_is_on_the_same_side() -> None:
    """Ten thinking users, each with as many visits: failures are a whole number of users."""
    plane, instance, good, bad = _plane(rate=0)
    source = plane.add_source("people", "web", {"home": 1.0}, objective=SECOND)
    plane.run_program(instance, good, bad, splits=[Split(0, 7, 0.5)])
    plane.set_users(source, 10, Law("constant", 990 * MILLISECOND))
    plane.advance(100 * SECOND + 500 * MILLISECOND)
    fine, failed = _outcomes(plane)
    each = (fine + failed) // 10
    assert 0 < failed < fine + failed
    assert 0 == failed % each == fine % each


def test_fewer_workers_are_fewer_at_work_though_others_wait() -> None:
    """Eight busy workers become two as each finishes, with a queue before them the while."""
    plane, instance, _, _ = _plane(rate=2000.0)
    plane.advance(SECOND)
    narrow = plane.add_program("web", "v1", Behaviour(2, 1000, (RouteBehaviour("home", _TEN_MS),)))
    plane.run_program(instance, narrow)
    plane.advance(2 * SECOND)
    before = _outcomes(plane)[0]
    plane.advance(3 * SECOND)
    assert 200 == pytest.approx(_outcomes(plane)[0] - before, abs=2)


def test_what_is_changed_runs_the_same_bytes_uncompiled() -> None:
    """Compiled and not, with splits that change on the way."""
    frames = []
    for compiled in (True, False):
        plane, instance, good, bad = _plane(compiled=compiled)
        plane.advance(2 * SECOND)
        plane.run_program(instance, good, bad, splits=[Split(0, 9, 0.3)])
        plane.advance(6 * SECOND)
        plane.run_program(instance, bad)
        plane.advance(8 * SECOND)
        plane.check_conservation()
        frames.append(plane.counters())
    assert (frames[0].requests == frames[1].requests).all()
    assert (frames[0].latency_ns == frames[1].latency_ns).all()


def _with_pool(plane: DataPlane, *pools: Pool) -> int:
    calls = tuple(CallBehaviour("db", "read", pool=pool) for pool in pools)
    return plane.add_program("web", "v1", Behaviour(8, 100, (RouteBehaviour("home", _TEN_MS, calls=calls),)))


def test_a_pool_is_resized_while_its_connections_are_out_and_none_is_added() -> None:
    """A smaller pool makes callers wait; a program with other pools is refused in the four parts."""
    plane = DataPlane(5)
    plane.add_service("web", routes=("home",))
    plane.add_service("db", routes=("read",))
    wide, narrow = _with_pool(plane, Pool(8)), _with_pool(plane, Pool(1))
    none, two = _with_pool(plane), _with_pool(plane, Pool(8), Pool(4))
    store = plane.add_program("db", "v1", Behaviour(50, 100, (RouteBehaviour("read", _TEN_MS),)))
    instance = plane.add_instance("web", "web-0", wide, key=1)
    for number in (instance, plane.add_instance("db", "db-0", store, key=2)):
        plane.set_ready(number, True)
    plane.set_rate(plane.add_source("users", "web", {"home": 1.0}, objective=SECOND), [(0, 300.0)])
    plane.advance(5 * SECOND)
    before = plane.counters().requests[instance, :, _OK].sum()
    plane.run_program(instance, narrow)
    plane.advance(10 * SECOND)
    plane.check_conservation()
    served = plane.counters().requests[instance, :, _OK].sum() - before
    assert 500 == pytest.approx(served, abs=20)  # one connection of 10 ms: a hundred a second
    for program in (none, two):
        with pytest.raises(GamedayError, match="1 connection pools"):
            plane.run_program(instance, program)
    with pytest.raises(GamedayError, match="a version of web"):
        plane.run_program(instance, store)
    with pytest.raises(GamedayError, match="2 programs for 1 kinds"):
        plane.run_program(instance, wide, splits=[Split(0, 1, 0.5)])
