"""Traces: retries, timeouts and orphaned work can be read from the spans of a request."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from simulator import streams
from simulator.dataplane import CallBehaviour, DataPlane, Hedge, Pool, SpanRecord, Topic
from simulator.dataplane.spans import server_spans
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller, two_tiers
from tests.unit.test_dataplane_topics import stage


def one_request(call: CallBehaviour, **kwargs: object) -> list[SpanRecord]:
    """The spans of one user's request, by start, time in ms."""
    plane = caller(1, call, rate=0.0, **kwargs)  # type: ignore[arg-type]
    plane.set_tracing(1.0)
    plane.bring_crowd(0, 1, SECOND)
    plane.advance(20 * SECOND)
    return sorted(plane.drain_traces(), key=lambda span: (span.start, span.kind != "user", span.end))


def lines(spans: list[SpanRecord]) -> list[tuple[str, str, int, int, int, str]]:
    """Kind, whose, attempt, start and end in ms from the request's start, outcome."""
    return [
        (
            span.kind,
            span.pod or span.service,
            span.attempt,
            (span.start - SECOND) // MILLISECOND,
            (span.end - SECOND) // MILLISECOND,
            span.outcome + (" orphan" if span.orphan else ""),
        )
        for span in spans
    ]


def test_a_retry_after_a_timeout_leaves_an_orphan_and_the_answer() -> None:
    """10 ms of its own, then a call of 100: given up after 30 ms twice, each work goes on to its end."""
    call = CallBehaviour("back", "r", timeout=30 * MILLISECOND, attempts=2)
    spans = one_request(call, law=Law("constant", 100 * MILLISECOND))
    assert [
        ("user", "users", 1, 0, 70, "timeout"),
        ("server", "front-0", 1, 0, 70, "timeout"),
        ("client", "front-0", 1, 10, 40, "timeout"),
        ("server", "back-0", 1, 10, 110, "ok orphan"),
        ("client", "front-0", 2, 40, 70, "timeout"),
        ("server", "back-0", 1, 40, 140, "ok orphan"),
    ] == lines(spans)


def test_an_attempt_that_found_no_connection_begins_after_the_one_before_it() -> None:
    """Two users and one connection: who finds none waits 50 ms for it, and then as long again."""
    pool = Pool(1, 50 * MILLISECOND)
    call = CallBehaviour("back", "r", attempts=2, pool=pool)
    plane = caller(1, call, rate=0.0, law=Law("constant", SECOND))
    plane.set_tracing(1.0)
    plane.bring_crowd(0, 2, SECOND)
    plane.advance(20 * SECOND)
    starved = [line for line in lines(list(plane.drain_traces())) if line[-1] == "starved"]
    assert [
        ("client", "front-0", 1, 10, 60, "starved"),
        ("client", "front-0", 2, 60, 110, "starved"),
    ] == starved


def test_spans_hang_together() -> None:
    """User above server above client above server; one trace; every parent is there."""
    spans = one_request(CallBehaviour("back", "r"))
    of = {(span.kind, span.service): span for span in spans}
    user, client = of["user", "users"], of["client", "front"]
    front, back = of["server", "front"], of["server", "back"]
    assert [0, user.span, front.span, client.span] == [span.parent for span in (user, front, client, back)]
    assert {user.trace} == {span.trace for span in spans}
    assert ("front", "v1", "r", "back") == (client.service, client.version, client.route, client.callee)
    assert ("back", "v1", "r", "back-0") == (back.service, back.version, back.route, back.pod)


def test_attempts_that_nobody_took_are_seen_at_their_callers() -> None:
    """No ready callee: two attempts, both unavailable, and no server's span."""
    spans = one_request(CallBehaviour("back", "r", attempts=2), instances=0)
    assert [("client", "unavailable"), ("client", "unavailable")] == [
        (span.kind, span.outcome) for span in spans if span.service == "front" and span.kind == "client"
    ]
    assert ["server"] == [span.kind for span in spans if span.kind == "server"]


def test_the_loser_of_a_hedge_is_abandoned() -> None:
    """The first of two takes 100 ms, its hedge after 20 ms 10: the caller has its answer at 40 ms."""
    call = CallBehaviour("back", "r", hedge=Hedge(20 * MILLISECOND))
    plane = caller(1, call, rate=0.0, instances=2)
    plane.set_degraded(1, speed=0.1)
    plane.set_tracing(1.0)
    plane.bring_crowd(0, 1, SECOND)
    plane.advance(20 * SECOND)
    clients = sorted((s for s in plane.drain_traces() if s.kind == "client"), key=lambda span: span.start)
    assert [
        ("client", "front-0", 1, 10, 40, "abandoned"),
        ("client", "front-0", 1, 30, 40, "ok"),
    ] == lines(clients)


def test_a_dead_callers_attempt_is_abandoned() -> None:
    """The caller is killed in the middle of its call: a reset above, an orphan below."""
    plane = caller(1, CallBehaviour("back", "r"), rate=0.0, law=Law("constant", 100 * MILLISECOND))
    plane.set_tracing(1.0)
    plane.bring_crowd(0, 1, SECOND)
    plane.advance(1050 * MILLISECOND)
    plane.kill(0)
    plane.advance(2 * SECOND)
    ends = {(span.kind, span.pod): span.outcome + " orphan" * span.orphan for span in plane.drain_traces()}
    assert {
        ("client", "front-0"): "abandoned",
        ("server", "front-0"): "reset",
        ("user", ""): "reset",
        ("server", "back-0"): "ok orphan",
    } == ends


def test_a_message_is_a_span_of_its_own_and_each_delivery_one_below() -> None:
    """Published at 1 ms, handled twice: one that fails and the one that follows, both in its user's trace."""
    plane = stage(Topic("orders", attempts=2, redelivery_delay=50 * MILLISECOND, poison=1.0), takes=20)
    plane.set_tracing(1.0)
    plane.bring_crowd(0, 1, SECOND)
    plane.advance(5 * SECOND)
    spans = list(plane.drain_traces())
    (message,) = (span for span in spans if span.kind == "producer")
    handled = [span for span in spans if span.service == "worker"]
    assert ("shop-0", "orders", "publish") == (message.pod, message.callee, message.route)
    assert [message.span, message.span] == [span.parent for span in handled]
    assert {message.trace} == {span.trace for span in spans}
    assert [
        ("server", "worker-0", 1, 1, 21, "error"),
        ("server", "worker-0", 1, 71, 91, "error"),
    ] == lines(handled)


def test_a_sample_is_keyed_bounded_and_free_of_consequences() -> None:
    """A tenth of the users, the same ones twice, at most so many a drain; and nobody meets anything else."""
    plain, traced, again = (two_tiers(3) for _ in range(3))
    for plane in (traced, again):
        plane.set_tracing(0.1, per_drain=10_000)
    for plane in (plain, traced, again):
        plane.advance(10 * SECOND)
    assert (plain.counters().user_fine == traced.counters().user_fine).all()
    spans = list(traced.drain_traces())
    assert spans == list(again.drain_traces())
    users = sum(span.kind == "user" for span in spans)
    assert users == pytest.approx(300, abs=4 * 300**0.5)
    traced.set_tracing(1.0, per_drain=7)
    traced.advance(15 * SECOND)
    begun = {
        span.trace for span in traced.drain_traces() if span.kind == "user" and span.start >= 10 * SECOND
    }
    assert 7 == len(begun)
    assert 0 == traced.counters().spans_dropped


def test_more_spans_than_there_is_room_for_are_dropped_and_counted() -> None:
    """Everybody traced for a minute without a drain: the room is full, the rest is a number."""
    plane = two_tiers(3)
    plane.set_tracing(1.0, per_drain=10_000)
    plane.advance(60 * SECOND)
    assert 16_384 == len(plane.drain_traces())
    assert plane.counters().spans_dropped > 10_000


def test_both_kernels_trace_alike() -> None:
    """The twin writes the same spans, in plain and in wide systems."""

    def traces(plane: DataPlane) -> Counter[SpanRecord]:
        plane.set_tracing(0.2)
        plane.advance(3 * SECOND)
        return Counter(plane.drain_traces())

    plain, compiled, wide = two_tiers(5, compiled=False), two_tiers(5), two_tiers(5)
    wide._memory.widen()
    assert traces(plain) == traces(compiled) == traces(wide)


def test_servers_keys_are_mixed_as_everything_is() -> None:
    """Many at once and one by one agree with ``streams.mix``."""
    spans = np.array([0, 1, 7, 1 << 63, (1 << 64) - 1], dtype=np.uint64)
    salt = streams.key("server span")
    assert [streams.mix(span ^ salt) for span in spans.tolist()] == server_spans(spans).tolist()
