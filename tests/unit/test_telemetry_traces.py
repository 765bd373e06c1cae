"""The trace store keeps what matters, and a waterfall shows what happened."""

from __future__ import annotations

import pytest

from simulator.dataplane import SpanRecord
from simulator.telemetry.traces import MOST_ORDINARY, MOST_REMARKABLE, ORDINARY_IN, Trace, TraceStore
from simulator.telemetry.waterfall import MOST_LINES, WIDTH, rows, summary
from simulator.units import MILLISECOND, SECOND

TEXTS = {("web", "page"): "GET /", ("db", "read"): "read"}


def span(kind: str, number: int, parent: int, start: int, end: int, **more: object) -> SpanRecord:
    """A span of trace 1, times in ms."""
    given: dict[str, object] = {
        "trace": 1, "span": number, "parent": parent, "kind": kind, "service": "web", "version": "v1",
        "pod": "web-0", "route": "page", "callee": "", "attempt": 1, "start": start * MILLISECOND,
        "end": end * MILLISECOND, "outcome": "ok", "orphan": False,
    }  # fmt: skip
    return SpanRecord(**{**given, **more})  # type: ignore[arg-type]


def visit(trace: int, *, took: int = 50, outcome: str = "ok", at: int = 0) -> SpanRecord:
    """A user's span alone, times in ms."""
    return span(
        "user", trace, 0, at, at + took, trace=trace, outcome=outcome, service="users", callee="web", pod=""
    )


def retried() -> list[SpanRecord]:
    """A call that times out after 30 ms twice; its work goes on for 100 ms each time."""
    client = {"callee": "db", "route": "read", "outcome": "timeout"}
    server = {"service": "db", "pod": "db-0", "route": "read", "orphan": True}
    return [
        span("client", 3, 2, 10, 40, **client),
        span("client", 4, 2, 40, 70, attempt=2, **client),
        span("server", 2, 1, 0, 70, outcome="timeout"),
        span("user", 1, 0, 0, 70, outcome="timeout", service="users", callee="web", pod="", version=""),
        span("server", 5, 3, 10, 110, **server),
        span("server", 6, 4, 40, 140, **server),
    ]


def store(*spans: SpanRecord) -> TraceStore:
    """A store with these spans; users' visits longer than 100 ms are slow."""
    made = TraceStore({"users": 100 * MILLISECOND})
    made.add(spans)
    return made


def test_a_trace_is_told_in_numbers() -> None:
    """Retries, timeouts, orphans, services, the first failure; the user's wait, not the orphans' end."""
    (trace,) = store(*retried())
    assert (1, 2, 2) == (trace.retries, trace.timeouts, trace.orphans)
    assert ("web", "db") == trace.services
    assert (70 * MILLISECOND, 140 * MILLISECOND) == (trace.duration, trace.end)
    assert trace.failed
    assert not trace.slow
    assert trace.culprit is not None
    assert ("client", 1) == (trace.culprit.kind, trace.culprit.attempt)


def test_failed_slow_and_orphaned_ones_are_kept_and_few_of_the_others() -> None:
    """All that failed or were slow; one in ten of the rest, the same ones every time."""
    spans = [visit(number, outcome="error" if number % 50 == 0 else "ok") for number in range(1, 1001)]
    spans += [visit(number, took=101) for number in range(1001, 1011)]
    kept = store(*spans)
    assert 20 == sum(trace.failed for trace in kept)
    assert 10 == sum(trace.slow for trace in kept)
    ordinary = [trace.id for trace in kept if not trace.failed and not trace.slow]
    assert len(ordinary) == pytest.approx(980 / ORDINARY_IN, rel=0.35)
    assert ordinary == [trace.id for trace in store(*spans) if not trace.failed and not trace.slow]
    assert 1010 == kept.seen
    assert kept.traced(3)
    assert not kept.traced(2000)


def test_an_ordinary_visit_that_leaves_orphaned_work_is_kept_after_all() -> None:
    """The orphan ends in a later drain, long after the answer."""
    made = TraceStore()
    for number in range(1, 21):
        made.add([visit(number)])
    before = len(made)
    made.add([span("server", 99, 7, 0, 900, trace=7, orphan=True)])
    made.add([span("server", 99, 8, 0, 900, trace=8, orphan=True)])
    assert len(made) >= before + 1
    assert {7, 8} <= {trace.id for trace in made}


def test_both_kinds_are_bounded_and_the_oldest_go() -> None:
    """However long an incident lasts."""
    made = store(*(visit(number, outcome="error", at=number) for number in range(1, MOST_REMARKABLE + 101)))
    assert MOST_REMARKABLE == len(made)
    assert MOST_REMARKABLE + 100 == next(iter(made)).id
    assert [] == made.find(f"{1:016x}")
    assert made.traced(1)
    calm = store(*(visit(number, at=number) for number in range(1, 12 * MOST_ORDINARY)))
    assert MOST_ORDINARY == len(calm)


def test_traces_are_found_by_the_beginning_of_their_key() -> None:
    """Those under way too."""
    made = store(visit(0xABCD << 48, outcome="error"), span("server", 9, 1, 0, 5, trace=0xABCE << 48))
    assert [0xABCD << 48] == [trace.id for trace in made.find("ABCD")]
    assert 2 == len(made.find("abc"))
    assert [] == made.find("ffff")


def test_a_waterfall_shows_retries_timeouts_and_orphaned_work() -> None:
    """Each under what caused it, each bar where it lies on the axis."""
    (trace,) = store(*retried())
    head, *lines = rows(trace, TEXTS)
    assert head[-2].startswith("0 ms")
    assert head[-2].endswith("140 ms")
    assert [
        ("users", "visit GET /", "0.0 ms", "70 ms", "504 timeout"),
        ("  web", "GET / on web-0 (v1)", "0.0 ms", "70 ms", "504 timeout"),
        ("    → db", "read, attempt 1", "10 ms", "30 ms", "timeout"),
        ("      db", "read on db-0 (v1)", "10 ms", "100 ms", "ok, orphaned"),
        ("    → db", "read, attempt 2", "40 ms", "30 ms", "timeout"),
        ("      db", "read on db-0 (v1)", "40 ms", "100 ms", "ok, orphaned"),
    ] == [(*line[:4], line[5]) for line in lines]
    bars = [line[4] for line in lines]
    assert {WIDTH} == {len(bar) for bar in bars}
    assert ["▬" * 20, "█" * 20] == [bar.rstrip() for bar in bars[:2]]
    assert bars[2].strip() == "─" * 10 and bars[2].index("─") == 2
    assert bars[5].endswith("░" * 29)
    assert summary(trace) == (
        "trace 0000000000000001: 504 timeout after 70 ms; "
        "6 spans, 2 services, 1 retry, 2 timed out, 2 orphaned"
    )


def test_a_short_span_has_a_mark_and_a_wide_trace_is_cut() -> None:
    """A zero-length attempt is still seen; hundreds of spans end in a line that says so."""
    spans = [span("client", 10 + n, 2, 50, 50, callee="db", outcome="refused") for n in range(200)]
    made = store(*spans, span("server", 2, 1, 0, 50, outcome="upstream"), visit(1, outcome="upstream"))
    (trace,) = made
    _, *lines = rows(trace, TEXTS)
    assert lines[2][4].endswith("─")
    assert "connection refused" == lines[2][5]
    assert (MOST_LINES + 1, "… 122 more spans") == (len(lines), lines[-1][0])


def test_what_lost_its_parent_stands_at_the_left() -> None:
    """A span whose caller's span is not there yet is shown all the same."""
    trace = Trace(1, [span("server", 5, 77, 0, 10), span("client", 6, 5, 2, 8, callee="db")])
    _, *lines = rows(trace, TEXTS)
    assert ["web", "  → db"] == [line[0] for line in lines]
    assert "still under way" in summary(trace)
    assert 8 * MILLISECOND < trace.duration < SECOND
