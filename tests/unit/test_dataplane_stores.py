"""Stores: stale reads by their definition, failover by its time, lost writes by the lag; and certificates."""

from __future__ import annotations

import pytest

from simulator.dataplane import (
    NO_EXPIRY,
    OUTCOMES,
    REASONS,
    Behaviour,
    CallBehaviour,
    DataPlane,
    Pool,
    RouteBehaviour,
    Store,
)
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller

ONE_MS = Law("constant", MILLISECOND)
UNAVAILABLE, UNREACHABLE = OUTCOMES.index("unavailable"), OUTCOMES.index("unreachable")


def stage(store: Store, *, replicas: int = 1, reads: float = 0.0, writes: float = 0.0) -> DataPlane:
    """Users who read and users who write, on a primary (row 0) and its replicas."""
    plane = DataPlane(1)
    plane.add_service("db", routes=("read", "write"), store=store)
    routes = (RouteBehaviour("read", ONE_MS), RouteBehaviour("write", ONE_MS))
    program = plane.add_program("db", "v1", Behaviour(1000, 0, routes))
    for number in range(1 + replicas):
        plane.set_ready(plane.add_instance("db", f"db-{number}", program, key=number), True)
    for route, rate in (("read", reads), ("write", writes)):
        plane.set_rate(plane.add_source(route, "db", {route: 1.0}, objective=SECOND), [(0, rate)])
    return plane


def now(plane: DataPlane, *names: str) -> list[int]:
    """These numbers of the one store."""
    plane.check_conservation()
    stores = plane.counters().stores
    return [int(getattr(stores, name)[0]) for name in names]


def test_writes_go_to_the_primary_and_reads_to_all() -> None:
    """Two replicas: every write is at row 0, and each of the three answers a third of the reads."""
    plane = stage(Store(("write",)), replicas=2, reads=300.0, writes=100.0)
    plane.advance(20 * SECOND)
    by_instance = plane.counters().requests.sum(axis=2)
    assert [0, 0] == by_instance[1:, 1].tolist()
    assert by_instance[0, 1] == now(plane, "writes")[0] > 1800
    assert [by_instance[0, 0]] * 2 == [pytest.approx(count, abs=2) for count in by_instance[1:, 0].tolist()]
    assert [0] == now(plane, "stale_reads")


def test_a_replicas_read_within_the_lag_of_a_write_is_stale() -> None:
    """One entity, a write at 1 s, a lag of 1 s: of the reads at 1.5 s half are stale, at 2.5 s none."""
    plane = stage(Store(("write",), entities=1, lag=SECOND))
    plane.bring_crowd(1, 1, SECOND)
    plane.bring_crowd(0, 10, 1500 * MILLISECOND)
    plane.bring_crowd(0, 10, 2500 * MILLISECOND)
    plane.advance(2 * SECOND)
    assert [10, 5, 5] == now(plane, "reads", "replica_reads", "stale_reads")
    plane.advance(4 * SECOND)
    assert [20, 10, 5] == now(plane, "reads", "replica_reads", "stale_reads")


def test_the_share_of_stale_reads_is_that_of_the_closed_form() -> None:
    """Writes at rate w spread over n entities, a lag L: a replica's read is stale with 1 − e^(−wL/n)."""
    plane = stage(Store(("write",), entities=50, lag=SECOND), replicas=1, reads=200.0, writes=20.0)
    plane.advance(200 * SECOND)
    replica_reads, stale = now(plane, "replica_reads", "stale_reads")
    assert 1 - 2.718281828 ** (-20 / 50) == pytest.approx(stale / replica_reads, abs=0.02)


def test_a_growing_lag_shows_at_once() -> None:
    """Without lag nothing is stale; with an hour of it every read of a written entity is."""
    plane = stage(Store(("write",), entities=1), reads=50.0, writes=50.0)
    plane.advance(10 * SECOND)
    assert [0] == now(plane, "stale_reads")
    before = now(plane, "replica_reads")[0]
    plane.set_replication_lag("db", 3600 * SECOND)
    plane.advance(20 * SECOND)
    replica_reads, stale = now(plane, "replica_reads", "stale_reads")
    assert replica_reads - before == stale


def test_a_visit_reads_what_it_wrote_and_may_find_it_gone() -> None:
    """Write, then read the same thing: on a replica within the lag a visitor does not see the own write."""
    plane = DataPlane(1)
    plane.add_service("front", routes=("r",))
    plane.add_service("db", routes=("read", "write"), store=Store(("write",), entities=100_000, lag=SECOND))
    calls = (CallBehaviour("db", "write"), CallBehaviour("db", "read"))
    front = plane.add_program("front", "v1", Behaviour(100, 0, (RouteBehaviour("r", ONE_MS, 0.0, calls),)))
    both = (RouteBehaviour("read", ONE_MS), RouteBehaviour("write", ONE_MS))
    db = plane.add_program("db", "v1", Behaviour(100, 0, both))
    plane.set_ready(plane.add_instance("front", "front-0", front, key=1), True)
    for number in range(2):
        plane.set_ready(plane.add_instance("db", f"db-{number}", db, key=2 + number), True)
    plane.set_rate(plane.add_source("users", "front", {"r": 1.0}, objective=SECOND), [(0, 100.0)])
    plane.advance(20 * SECOND)
    replica_reads, stale = now(plane, "replica_reads", "stale_reads")
    assert replica_reads == stale > 900


def test_a_crashed_primary_costs_the_failover_in_refused_writes_and_the_lag_in_lost_ones() -> None:
    """Killed at 10 s: writes fail for 5 s, then the replica takes them; those of the last 2 s are lost."""
    plane = stage(Store(("write",), lag=2 * SECOND, failover=5 * SECOND), writes=100.0, reads=100.0)
    plane.advance(8 * SECOND)
    before = now(plane, "writes")[0]
    plane.advance(10 * SECOND)
    fresh = now(plane, "writes")[0] - before
    arrived = plane.counters().arrived.copy()
    plane.kill(0)
    assert [-1, fresh, 0] == now(plane, "primary", "lost_writes", "failovers")
    plane.advance(15 * SECOND)
    came = int((plane.counters().arrived - arrived)[1, 0])
    refused = now(plane, "refused_writes")[0]
    assert refused == came == pytest.approx(500, abs=100)
    plane.advance(20 * SECOND)
    assert [1, 1, refused] == now(plane, "primary", "failovers", "refused_writes")
    # reads went on all the time; the old primary comes back as a replica
    assert 0 == plane.counters().answered[0, 0, UNAVAILABLE]
    plane.restart(0)
    plane.set_ready(0, True)
    plane.advance(25 * SECOND)
    assert [1, 1, fresh] == now(plane, "primary", "failovers", "lost_writes")


def test_a_primary_that_is_taken_out_in_order_loses_nothing() -> None:
    """Drained, not killed: the failover is waited for, and no write is lost."""
    plane = stage(Store(("write",), lag=2 * SECOND, failover=SECOND), writes=100.0)
    plane.advance(10 * SECOND)
    plane.set_ready(0, False)
    plane.advance(20 * SECOND)
    lost, primary = now(plane, "lost_writes", "primary")
    assert (0, 1) == (lost, primary)
    assert 100 == pytest.approx(now(plane, "refused_writes")[0], abs=35)


def test_a_store_without_a_replica_is_its_own_failover() -> None:
    """Alone and crashed, it takes writes again when its process is back, in rotation all the while."""
    plane = stage(Store(("write",), failover=SECOND), replicas=0, writes=100.0)
    plane.advance(10 * SECOND)
    plane.stop(0)
    plane.advance(20 * SECOND)
    assert [-1] == now(plane, "primary")
    plane.restart(0)
    plane.advance(30 * SECOND)
    assert [0] == now(plane, "primary")
    assert 1000 == pytest.approx(now(plane, "refused_writes")[0], abs=130)


def test_mistakes_with_stores_are_named() -> None:
    """A write that is no route, a lag of what is no store."""
    plane = DataPlane(1)
    with pytest.raises(GamedayError, match="writes among the routes read"):
        plane.add_service("db", routes=("read",), store=Store(("write",)))
    with pytest.raises(GamedayError, match="none is declared"):
        plane.set_replication_lag("db", SECOND)


# --- certificates -------------------------------------------------------------------------------------------


def test_an_expired_certificate_fails_new_connections_from_its_very_instant() -> None:
    """It ends at 10 s: users before are served, users after fail their handshake, renewal mends it."""
    plane = caller(1, CallBehaviour("back", "r"), rate=100.0)
    plane.set_certificate("front", 10 * SECOND)
    plane.advance(10 * SECOND)
    assert [10 * SECOND, NO_EXPIRY] == plane.counters().certificates.tolist()
    assert 0 == plane.counters().answered[0, 0, UNREACHABLE]
    before = plane.counters().arrived.sum()
    plane.advance(20 * SECOND)
    failed = plane.counters().answered[0, 0, UNREACHABLE]
    assert failed == plane.counters().arrived.sum() - before
    plane.set_certificate("front", None)
    plane.advance(30 * SECOND)
    assert failed == plane.counters().answered[0, 0, UNREACHABLE]


def test_pooled_connections_outlive_a_certificate_and_logs_name_it() -> None:
    """Behind a pool with open connections nobody notices; without one every call fails, and says why."""
    failed, causes = {}, set()
    for pool in (Pool(50), None):
        plane = caller(1, CallBehaviour("back", "r", pool=pool), rate=100.0)
        plane.advance(10 * SECOND)
        plane.drain_log()
        plane.set_certificate("back", 10 * SECOND)
        plane.advance(20 * SECOND)
        counts = plane.counters().failed_attempts[0]
        failed[pool is None] = int(counts[REASONS.index("no-trust")])
        causes = {(line.cause_service, line.reason) for line in plane.drain_log() if line.outcome != "ok"}
    assert {("back", "no-trust")} == causes
    assert failed[True] == pytest.approx(1000, abs=130)
    # a burst beyond the connections that were open has to open one, and can not
    assert failed[False] < 20
