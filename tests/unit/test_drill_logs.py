"""``kubectl logs`` and ``logs QUERY`` on a drill's console."""

from __future__ import annotations

import re

import pytest

from simulator.drill import Run
from simulator.units import MINUTE, SECOND
from simulator.world import ContainerState
from tests.drill_stage import fresh


@pytest.fixture(scope="module")
def run() -> Run:
    """The bad release, two minutes after it."""
    made = fresh()
    made.advance(4 * MINUTE)
    return made


def says(run: Run, line: str) -> str:
    """What the terminal prints."""
    return run.do(line).text


def test_lines_are_found_in_all_pods(run: Run) -> None:
    """By service and words, oldest first, with what lines are not; the cost is that of logs."""
    before = run.now
    answer = run.do('logs {service="app"} |= "unhandled" | level="ERROR" --limit=5 --since=10m')
    *lines, note = answer.text.split("\n")
    assert (5, 15 * SECOND) == (len(lines), run.now - before)
    assert all("level=error service=app version=v2" in line and 'msg="unhandled' in line for line in lines)
    assert lines == sorted(lines)
    assert note.startswith(
        "# the newest 5; there are more, of the last 10m. A pod writes a line for each request that fails"
    )
    assert 'logs {service="app"} |= "unhandled" | level="ERROR" --since=10m --limit=5' == answer.canonical


def test_flags_may_stand_before_and_quotation_marks_around(run: Run) -> None:
    """As people type it in a shell."""
    plain = run.do('logs {service="app"} --limit=3')
    quoted = run.do("logs --limit 3 '{service=\"app\"}'")
    assert plain.canonical == quoted.canonical
    assert quoted.ok


def test_lines_are_counted_now_and_over_time(run: Run) -> None:
    """A table by version and status, and one with a row a step."""
    table = says(run, 'logs sum by (version, status) (count_over_time({service="app"} | status>=200 [3m]))')
    assert re.match(r"VERSION +STATUS +COUNT_OVER_TIME\nv2 +500 +[0-9]+\n", table)
    steps = says(run, 'logs --since=4m --step=1m sum by (level) (count_over_time({service="app"}[1m]))')
    head, *rows, _ = steps.split("\n")
    assert ["TIME", "error"] == head.split()[:2]
    assert 4 == len(rows)
    assert rows[-1].startswith("T+0")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("logs", "logs: expected a query, got nothing"),
        ('logs {servce="app"}', "Did you mean service?"),
        ('logs {service="app"} --since=soon', "logs --since: expected a duration"),
        ('logs {service="app"} --limit=0', "logs --limit: expected a whole number from 1 to 1000"),
        ('logs --step=1s sum(rate({service="app"}[1m]))', "at most 60 steps"),
    ],
)
def test_what_cannot_be_understood_costs_nothing_and_says_why(run: Run, line: str, words: str) -> None:
    """An error in the console's way."""
    before = run.now
    answer = run.do(line)
    assert not answer.ok
    assert words in answer.text
    assert before == run.now or "steps" in words


def test_nothing_found_is_said(run: Run) -> None:
    """And why that may be."""
    said = says(run, 'logs {service="nobody"}')
    assert said.startswith(
        "No line of the last 15m matches.\nA pod writes a line for each request that fails"
    )
    assert "No line of the last 5m" in says(run, 'logs rate({service="nobody"}[5m])')


def test_queries_complete(run: Run) -> None:
    """Services first, then filters and fields."""
    assert '{service="app"}' in run.complete("logs ")
    assert ['{service="app"}'] == run.complete('logs {service="a')
    assert {"sort", "status="} <= set(run.complete('logs {service="app"} | s'))
    assert [] == run.complete('logs {service="app"} | sort s')
    assert "--since=" in run.complete('logs {service="app"} --s')


def test_kubectl_takes_times_prefixes_and_all_pods(run: Run) -> None:
    """Nanoseconds as the kubelet writes them; every pod of a Deployment with its name in front."""
    stamped = says(run, "kubectl logs deployment/app --all-pods --tail=1 --timestamps").split("\n")
    assert 3 == len(stamped)
    assert all(
        re.match(r"\[pod/app-\S+/app\] 2026-07-04T09:0\d:\d\d\.\d{9}Z time=2026", line) for line in stamped
    )
    since = run.telemetry.logs.timestamp(run.now - 20 * SECOND)
    recent = says(run, f"kubectl logs -l app=myapp --tail=-1 --since-time={since}")
    times = re.findall(r"^time=(\S+) ", recent, re.MULTILINE)
    assert times
    assert min(times) >= since


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "kubectl logs -l app=myapp --since=1m --since-time=2026-07-04T09:00:00Z",
            "at most one of `sinceTime`",
        ),
        ("kubectl logs -l app=myapp --since-time=noon", 'error: parsing time "noon"'),
        (
            "kubectl logs -f -l app=myapp --max-log-requests=2",
            "attempting to follow 3 log streams, but maximum allowed concurrency is 2, use",
        ),
        ("kubectl logs deployment/app -p", 'previous terminated container "app" in pod "app-'),
        ("kubectl logs deployment/app -c sidecar", "error: container sidecar is not valid for pod app-"),
    ],
)
def test_kubectl_refuses_as_the_real_one(run: Run, line: str, words: str) -> None:
    """In its own words."""
    assert words in says(run, line)


def test_following_takes_its_time_and_prints_what_comes(run: Run) -> None:
    """Half a minute, unless somebody calls; the new lines stand below the old."""
    before = run.now
    lines = says(run, "kubectl logs -f deployment/app --tail=1").split("\n")
    assert 10 * SECOND < run.now - before <= 45 * SECOND
    assert len(lines) > 2


def test_each_life_of_a_container_has_a_log_of_its_own() -> None:
    """After a restart the log begins anew, -p has the one before; while it waits, the last one is shown."""
    run = fresh()
    run.advance(3 * MINUTE)
    pod = min(run.cluster.pods, key=lambda each: each.meta.name)
    name, (status,) = pod.meta.name, pod.status.container_statuses
    died = 2 * MINUTE
    status.last_state = ContainerState("terminated", "OOMKilled", "", -SECOND, died, 137)
    status.state, status.restart_count = ContainerState("waiting", "CrashLoopBackOff"), 1

    def times(line: str) -> list[str]:
        return re.findall(r"^time=(\S+) ", says(run, line), re.MULTILINE)

    last, end = times(f"kubectl logs {name}"), run.telemetry.logs.timestamp(died)
    assert last == times(f"kubectl logs {name} --previous")
    assert last[-1] <= end
    status.state = ContainerState("running", started_at=died + 5 * SECOND)
    assert last == times(f"kubectl logs {name} -p")
    assert all(each > end for each in times(f"kubectl logs {name}"))
    status.last_state, status.state = None, ContainerState("waiting", "ImagePullBackOff")
    assert says(run, f"kubectl logs {name}").endswith("is waiting to start: trying and failing to pull image")
