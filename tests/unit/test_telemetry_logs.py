"""Logs: true to the requests they speak of, bounded, and unchanged by reading."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from simulator.dataplane import HTTP_CODES, OUTCOMES, REASONS, LogRecord
from simulator.telemetry import LogLine, LogStore
from simulator.telemetry.messages import message, own_fault
from simulator.units import MILLISECOND, MINUTE, SECOND
from simulator.world import ContainerState
from tests.telemetry_world import Shop


def _record(outcome: str = "ok", at: int = 0, pod: str = "web-a", cause: str = "") -> LogRecord:
    return LogRecord(at, 0, "web", pod, "v1", "place", outcome, 41 * MILLISECOND, 0xABC, 1, cause)


def test_a_line_is_logfmt_with_the_requests_own_facts() -> None:
    """Time, level, who, route, status, duration, trace id and message, in the trade's notation."""
    logs = LogStore(
        start_time=datetime(2026, 7, 4, 9, tzinfo=UTC), route_texts={("web", "place"): "POST /orders"}
    )
    logs.add([_record("timeout", at=90 * SECOND + 123 * MILLISECOND, cause="payments")])
    (line,) = logs.tail(["web-a"])
    assert logs.text(line) == (
        "time=2026-07-04T09:01:30.123Z level=error service=web version=v1 pod=web-a "
        'route="POST /orders" status=504 duration_ms=41.0 trace_id=0000000000000abc '
        'msg="payments did not answer in time: context deadline exceeded"'
    )


def test_times_before_the_start_are_right() -> None:
    """T-00:01 is a second before the start time."""
    logs = LogStore(start_time=datetime(2026, 7, 4, 9, tzinfo=UTC))
    assert logs.timestamp(-SECOND) == "2026-07-04T08:59:59.000Z"


def test_every_outcome_has_its_words_and_its_status() -> None:
    """As many messages as outcomes; the status is the one that the data plane answered with."""
    logs, written = LogStore(), [outcome for outcome in OUTCOMES if outcome != "reset"]
    logs.add([_record(outcome) for outcome in written])
    lines = logs.tail(["web-a"])
    assert len({line.message for line in lines}) == len(written)
    assert [line.code for line in lines] == [
        code for outcome, code in zip(OUTCOMES, HTTP_CODES, strict=True) if outcome != "reset"
    ]
    assert [line.level for line in lines if line.outcome == "ok"] == ["INFO"]
    assert all(line.level in ("WARN", "ERROR") for line in lines if line.outcome != "ok")


def test_a_killed_process_writes_nothing_about_what_it_left_behind() -> None:
    """Its open requests end in a reset, which its callers tell; its own log just ends."""
    shop = Shop(rps=400.0)
    shop.run(7 * SECOND)
    shop.dataplane.kill(shop.rows["checkout-a"])
    shop.run(MINUTE)
    logs = shop.telemetry.logs
    assert max(line.at for line in logs.tail(["checkout-a"]) if line.route) < 7 * SECOND
    told = [line.message for line in logs.tail(["web-a", "web-b"]) if "reset by peer" in line.message]
    counted = shop.telemetry.store.instant("http_requests_total", MINUTE, pod="checkout-a", code="502")
    assert counted.values.sum() > 0
    assert len(told) <= counted.values.sum()


def test_upstream_failures_name_the_callee() -> None:
    """A failure that is passed on says whose it is."""
    for outcome in ("upstream", "timeout"):
        assert "orders-db" in message(_record(outcome, cause="orders-db"))


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("error", "orders-db answered 500"),
        ("timeout", "context deadline exceeded"),
        ("rejected", "orders-db answered 503"),
        ("unavailable", "no healthy upstream"),
        ("reset", "connection reset by peer"),
        ("limited", "429 Too Many Requests"),
        ("shed", "request shed"),
        ("open", 'circuit breaker "orders-db" is open'),
        ("starved", "connection pool to orders-db exhausted"),
        ("no-name", "lookup orders-db on 10.96.0.10:53: no such host"),
        ("no-trust", "certificate has expired"),
        ("refused", "connection refused"),
    ],
)
def test_a_failed_call_is_told_as_its_client_would_tell_it(reason: str, words: str) -> None:
    """Each kind of failure has its own words, and an answer from the fallback says both."""
    failed = _record("upstream", cause="orders-db")._replace(reason=reason)
    assert words in message(failed)
    covered = message(failed._replace(outcome="degraded"))
    assert covered == f"{message(failed)}; answered from the fallback"


def test_every_reason_has_words_of_its_own() -> None:
    """No way to fail shares its words with another, and none is without; a degraded answer is no failure."""
    ways = [reason for reason in REASONS if reason not in ("ok", "degraded")]
    said = {message(_record("upstream", cause="db")._replace(reason=reason)) for reason in ways}
    assert len(said) == len(ways)


def test_one_version_raises_one_exception_from_one_line_of_code() -> None:
    """The same bug writes the same message; it says where, and names no scenario's cause."""
    assert message(_record("error")) == own_fault("web", "v1", "place")
    assert own_fault("web", "v1", "place") == own_fault("web", "v1", "place")
    places = {own_fault("web", f"v{number}", "place") for number in range(20)}
    assert len(places) > 15
    assert all(
        re.search(r"unhandled exception: \w+: ?.+ \(handlers/place\.py:\d+\)", text) for text in places
    )


def test_tail_is_pod_after_pod_newest_lines_in_order() -> None:
    """As kubectl prints a selector: the last lines of each pod, one pod after the other."""
    logs = LogStore()
    logs.add([_record(at=number * SECOND, pod=pod) for number in range(10) for pod in ("web-a", "web-b")])
    lines = logs.tail(["web-b", "web-a", "nobody"], count=3)
    assert [(line.pod, line.at // SECOND) for line in lines] == [
        ("web-b", 7), ("web-b", 8), ("web-b", 9), ("web-a", 7), ("web-a", 8), ("web-a", 9),
    ]  # fmt: skip
    assert len(logs.tail(["web-a"], since=6 * SECOND)) == 3
    assert logs.tail(["web-a"], count=0) == []


def test_recent_lines_of_several_pods_are_merged_by_time() -> None:
    """A Logs tab shows one stream, failures alone if asked."""
    logs = LogStore()
    logs.add(
        _record("ok" if number % 3 else "error", at=number * SECOND, pod=f"web-{number % 2}")
        for number in range(20)
    )
    assert [line.at // SECOND for line in logs.recent(["web-0", "web-1"], 4)] == [16, 17, 18, 19]
    failures = logs.recent(["web-0", "web-1"], 3, failures_only=True)
    assert [line.at // SECOND for line in failures] == [12, 15, 18]
    assert logs.recent(["web-0"], 0) == []


def test_a_pods_log_is_bounded() -> None:
    """The oldest lines make way, as in a rotated file."""
    logs = LogStore(lines_per_pod=5)
    logs.add([_record(at=number) for number in range(12)])
    assert [line.at for line in logs.tail(["web-a"])] == [7, 8, 9, 10, 11]
    assert len(logs) == 5


def test_lines_about_the_process_have_no_request() -> None:
    """A line without a route prints none; quotes in a message are escaped."""
    logs = LogStore()
    logs.add([LogLine(0, "INFO", "web", "web-a", "v1", 'listening on ":8080"')])
    text = logs.text(logs.tail(["web-a"])[0])
    assert "route=" not in text
    assert text.endswith(r'msg="listening on \":8080\""')


def test_logs_of_a_run_agree_with_its_counters() -> None:
    """Every failed request of a slow trickle leaves its line: as many 500s in the log as the pod counted."""
    shop = Shop(rps=8.0)
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(2 * MINUTE)
    lines = [line for line in shop.telemetry.logs.tail(["checkout-c"]) if line.outcome == "error"]
    counted = shop.telemetry.store.instant("http_requests_total", 2 * MINUTE, pod="checkout-c", code="500")
    assert len(lines) == counted.values.sum() > 10
    assert all(0 < line.at <= 2 * MINUTE and line.version == "v2" and line.code == 500 for line in lines)


def test_each_minute_a_pod_says_what_its_log_leaves_out() -> None:
    """The summary has the pod's own counts, and how many failures have a line; true at any load."""
    shop = Shop(rps=800.0)
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(3 * MINUTE)
    said = [
        line for line in shop.telemetry.logs.tail(["checkout-c"]) if line.message.startswith("last minute")
    ]
    assert [MINUTE, 2 * MINUTE, 3 * MINUTE] == [line.at for line in said]
    total, failed, code, written, of = (
        int(number) for number in re.findall(r"\d+", said[-1].message)[:6] if number != "500"
    )
    name, store = "http_requests_total", shop.telemetry.store
    counted = [
        [store.instant(name, at, pod="checkout-c", **labels).values.sum() for at in (2 * MINUTE, 3 * MINUTE)]
        for labels in ({}, {"code": "500"})
    ]
    assert [total, failed] == [after - before for before, after in counted]
    assert failed == code == of > written
    kept = [line for line in shop.telemetry.logs.tail(["checkout-c"], since=2 * MINUTE) if line.code == 500]
    assert (
        written
        == len(kept)
        == 12 * 20
        - sum(line.code == 200 for line in shop.telemetry.logs.tail(["checkout-c"], since=2 * MINUTE))
    )
    shop.remove_pod("checkout-c")
    shop.run(5 * MINUTE)
    assert [said[-1]] == [
        line
        for line in shop.telemetry.logs.tail(["checkout-c"], since=3 * MINUTE - 1)
        if line.message.startswith("last minute")
    ]


def test_a_process_that_crashes_has_last_words_and_one_that_is_killed_has_none() -> None:
    """A new start is a new "starting"; exit code 1 is told, 137 is silence."""
    shop = Shop()
    shop.run(0)
    for code in (1, 137):
        name = f"checkout-{code}"
        shop.add_pod(name, "checkout", "v2")
        shop.run(int(shop.env.now) + 10 * SECOND)
        pod, now = shop.cluster.pod(name, "production"), int(shop.env.now)
        (status,) = pod.status.container_statuses
        began = status.state.started_at
        status.last_state = ContainerState("terminated", "Error", "", began, now, code)
        status.state, status.restart_count = ContainerState("running", started_at=now + SECOND), 1
        pod.status.conditions[0].last_transition_at = now + 2 * SECOND
        shop.cluster.changed(pod)
        shop.run(now + 10 * SECOND)
        own = [line.message for line in shop.telemetry.logs.tail([name]) if not line.route]
        last_words = ["fatal: unrecoverable error, exiting with code 1"] if code == 1 else []
        life = ["starting checkout:v2", "listening on :8080, ready for requests"]
        assert [*life, *last_words, *life] == [each for each in own if not each.startswith("last minute")]


def test_times_are_read_back() -> None:
    """RFC 3339 to the simulated instant; a time without a zone, or none at all, is nothing."""
    logs = LogStore(start_time=datetime(2026, 7, 4, 9, tzinfo=UTC))
    assert logs.timestamp(90 * SECOND + 5, nanoseconds=True) == "2026-07-04T09:01:30.000000005Z"
    assert 90 * SECOND == logs.instant("2026-07-04T09:01:30Z") == logs.instant("2026-07-04T11:01:30+02:00")
    assert logs.instant("2026-07-04T09:01:30") is None
    assert logs.instant("yesterday") is None


def test_reading_changes_nothing() -> None:
    """Two runs, one of which is read at every scrape, end with the same lines."""
    quiet, busy = Shop(), Shop()

    def read(_: int) -> None:
        busy.telemetry.logs.tail(["web-a"], 5)

    busy.telemetry.on_scrape(read)
    for shop in (quiet, busy):
        shop.run(MINUTE)
    pods = quiet.telemetry.logs.pods
    assert quiet.telemetry.logs.tail(pods) == busy.telemetry.logs.tail(pods)
    assert len(quiet.telemetry.logs) > 0


def test_processes_say_that_they_start_listen_and_stop() -> None:
    """A new pod's log begins with its start, and one asked to stop says so, once."""
    shop = Shop()
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(20 * SECOND)
    shop.terminate_pod("checkout-c")
    shop.run(40 * SECOND)
    own = [line.message for line in shop.telemetry.logs.tail(["checkout-c"]) if not line.route]
    assert own == [
        "starting checkout:v2",
        "listening on :8080, ready for requests",
        "received SIGTERM, finishing open requests",
    ]
    older = [line for line in shop.telemetry.logs.tail(["checkout-a"]) if not line.route]
    assert all(line.message.startswith("last minute") for line in older)
    times = [line.at for line in shop.telemetry.logs.tail(["checkout-c"])]
    assert times == sorted(times)
