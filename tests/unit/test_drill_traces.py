"""``traces`` and ``trace ID`` on a drill's console: from a log line to its waterfall."""

from __future__ import annotations

import re

import pytest

from simulator.dataplane import SpanRecord
from simulator.drill import Run
from simulator.scenario import load
from simulator.telemetry.traces import TRACES_A_SECOND
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh


@pytest.fixture(scope="module")
def run() -> Run:
    """The bad release, three minutes after it."""
    made = fresh()
    made.advance(4 * MINUTE)
    return made


def test_from_a_log_line_to_its_waterfall(run: Run) -> None:
    """A line says that its visit was traced; the trace shows the pod that wrote it, failing."""
    lines = run.do('logs {service="app"} | level="ERROR" and traced="true" --limit=1').text
    number, pod = (re.findall(rf"{name}=(\S+)", lines)[0] for name in ("trace_id", "pod"))
    before = run.now
    answer = run.do(f"trace {number[:10]}")
    assert run.now - before == 15 * SECOND
    first, head, *rows = answer.text.split("\n")
    assert first.startswith(f"trace {number}: ")
    assert head.split()[:4] == ["SERVICE", "WHAT", "START", "TOOK"]
    assert re.match(r"users +visit GET /", rows[0])
    assert any(f"GET / on {pod} (v2)" in row and row.endswith("500 error") for row in rows)


def test_the_list_has_failures_and_slow_ones_apart(run: Run) -> None:
    """Errors have a status and who failed first; the slowest stand first; a service had a part in all."""
    errors = run.do("traces --errors --service=app --limit=4").text.split("\n")
    assert ["TIME", "TRACE", "VISIT", "TOOK", "SPANS", "OUTCOME", "FAILED", "FIRST"] == errors[0].split()
    assert all("500 error" in line and "app: 500 error" in line for line in errors[1:-1])
    assert errors[-1].startswith("# 4 of ")
    times = [trace.end for trace in run.telemetry.traces]
    assert times == sorted(times, reverse=True)
    assert all(trace.slow for trace in run.telemetry.traces if not trace.failed and trace.duration > SECOND)


def test_a_refused_call_counts_for_the_service_that_refused_it() -> None:
    """A full queue leaves no span of its own: checkout refuses its callers, and is found by its name."""
    run = Run(load("production-is-down"), 5, variant=1)
    run.advance(20 * MINUTE)
    rows = run.do("traces --service=checkout --errors").text.split("\n")[1:-1]
    assert any("web → checkout: queue full" in row for row in rows)
    assert all(trace.touches("web") for trace in run.telemetry.traces)


def test_an_untraced_id_says_why_and_where_to_look(run: Run) -> None:
    """Sampling comes before the failure, so most failed lines have no trace."""
    lines = run.do('logs {service="app"} | level="error" --limit=200').text.split("\n")
    number = next(re.findall(r"trace_id=(\S+)", line)[0] for line in lines if "traced=true" not in line)
    answer = run.do(f"trace {number}").text
    assert "chosen before they fail or not" in answer and 'level="error" and traced="true"' in answer


def test_about_as_many_are_traced_as_is_said(run: Run) -> None:
    """Thirty visits a second, two of which are traced, from the start of the warm-up."""
    seconds = (run.now + run.scenario.spec.warm_up) / SECOND
    assert run.telemetry.traces.seen / seconds == pytest.approx(TRACES_A_SECOND, rel=0.25)


def test_the_same_visits_are_traced_whoever_acts() -> None:
    """Another run of the same seed in which somebody scales out traces the same users."""
    quiet, busy = fresh(), fresh()
    busy.do("kubectl scale deployment/app --replicas=5")
    for each in (quiet, busy):
        each.advance(2 * MINUTE)
    assert quiet.telemetry.traces._seen == busy.telemetry.traces._seen


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("trace", "expected a trace id, such as 7ba3d26cb839e80d"),
        ("trace 12g4", 'got "12g4"'),
        ("trace 0000000000000001", "not found. Only about 2 visits a second are traced"),
        ("traces --service=ap", "Did you mean this?\n\tapp"),
        ("traces 7ba3", 'traces: unexpected "7ba3"'),
        ("traces --limit=0", "--limit takes 1 to 200"),
    ],
)
def test_what_is_not_there_is_said(run: Run, line: str, words: str) -> None:
    """In the console's way."""
    answer = run.do(line)
    assert not answer.ok
    assert words in answer.text


def test_the_beginning_of_several_is_not_enough() -> None:
    """More digits are asked for, and the first of those that fit are named."""
    run = fresh()
    visit = SpanRecord(0, 1, 0, "user", "users", "", "", "page", "app", 1, 0, 5, "error", False)
    run.telemetry.traces.add(visit._replace(trace=0xABCD << 48 | number) for number in (1, 2))
    said = run.do("trace abcd").text
    assert "abcd is the beginning of 2 traces: abcd000000000001, abcd000000000002" in said
    assert run.do("trace abcd000000000002").ok


def test_traces_complete(run: Run) -> None:
    """The newest by their ids, services behind --service."""
    assert f"{next(iter(run.telemetry.traces)).id:016x}" in run.complete("trace ")
    assert ["app", "db"] == run.complete("traces --service ")


def test_nothing_found_is_said(run: Run) -> None:
    """And that traces are no measure of traffic."""
    assert "No trace of the last 1s matches." in run.do("traces --since=1s").text


def test_the_newest_visit_stands_first(run: Run) -> None:
    """By the time that is printed, which is when the visit began."""
    times = [line.split()[0] for line in run.do("traces --limit=50").text.split("\n")[1:-1]]
    assert len(times) > 5 and times == sorted(times, reverse=True)
