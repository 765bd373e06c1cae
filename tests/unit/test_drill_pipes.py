"""Pipes behind a look: the filters that everybody types first, as GNU's answer."""

from __future__ import annotations

from functools import lru_cache

import pytest

from simulator.drill import Run
from simulator.drill.console import parse, pipes
from simulator.drill.costs import COSTS
from tests.drill_stage import fresh

TEXT = """\
NAME    READY   CPU
cart-1  1/1     250m
web-2   0/1     1250m
cart-3  1/1     90m
web-2   0/1     1250m"""


def piped(stages: str, text: str = TEXT) -> list[str]:
    """What the filters leave of a text."""
    filters = pipes.filters(stages.split(" | "), f"kubectl get pods | {stages}")
    return pipes.through(text, filters).split("\n")


@pytest.mark.parametrize(
    ("stages", "expected"),
    [
        ("grep cart", ["cart-1  1/1     250m", "cart-3  1/1     90m"]),
        ("grep -i CART | head -1", ["cart-1  1/1     250m"]),
        ("grep -v web | wc -l", ["3"]),
        ("grep -c -E '^(cart|web)-[0-9]'", ["4"]),
        ("grep -o 'cart-.'", ["cart-1", "cart-3"]),
        ("grep -n -A1 cart-3", ["4:cart-3  1/1     90m", "5-web-2   0/1     1250m"]),
        ("grep -B 1 cart-1", ["NAME    READY   CPU", "cart-1  1/1     250m"]),
        ("grep -e NAME -e cart-3", ["NAME    READY   CPU", "cart-3  1/1     90m"]),
        ("grep -A0 -m 1 cart", ["cart-1  1/1     250m"]),
        ("tail -n +2 | sort -k3 -n -r | head -n 1", ["web-2   0/1     1250m"]),
        ("tail -n +2 | sort -k3,3n | head -1", ["cart-3  1/1     90m"]),
        ("sort | uniq -c | grep web", ["      2 web-2   0/1     1250m"]),
        ("head -n -4", ["NAME    READY   CPU"]),
        ("tail -1", ["web-2   0/1     1250m"]),
        ("sort -u | wc -l", ["4"]),
        ("head -1 | wc", ["      1       3      20"]),
        ("grep nothing", [""]),
    ],
)
def test_filters_answer_as_gnu_s(stages: str, expected: list[str]) -> None:
    """Chained, with their flags together, apart, long or as a bare number."""
    assert expected == piped(stages)


def test_groups_that_do_not_touch_are_parted() -> None:
    """With context, `--` stands between them."""
    assert ["--"] == [each for each in piped("grep -A1 cart", "cart\na\nb\nc\ncart") if each == "--"]


def test_sizes_are_compared_as_sizes() -> None:
    """`sort -h` knows the units that kubectl top prints."""
    assert ["b 900Ki", "a 2Mi", "c 1Gi"] == piped("sort -k2 -h", "a 2Mi\nb 900Ki\nc 1Gi")


def test_remarks_are_no_lines_of_the_answer() -> None:
    """What a tool writes to its standard error goes past the filters, so a count counts the answer."""
    assert ["No resources found in production namespace.", "0"] == piped(
        "wc -l", "No resources found in production namespace."
    )
    assert ["1", "# one of many"] == piped("wc -l", "a line\n# one of many")


@lru_cache(maxsize=1)
def _run() -> Run:
    """One run for all: a look takes its time, a refused line none."""
    return fresh()


def test_checks_and_the_coach_see_the_look_before_the_pipe() -> None:
    """One act, of the kind, the cost and the canonical line of the look; the terminal prints what is left."""
    run = _run()
    plain, filtered = run.do("kubectl get pods"), run.do("kubectl get pods | grep app- | wc -l")
    assert (plain.canonical, plain.kind, plain.cost) == (filtered.canonical, filtered.kind, filtered.cost)
    assert "3" == filtered.text
    assert "1" == run.do("help | grep -c statuspage").text
    assert 2 == len(run.do("promql up | head -2 | tail -2").text.split("\n"))


def test_logql_s_own_bars_are_no_pipes() -> None:
    """Only a bar before a program's name is; prose may hold one."""
    run = _run()
    answer = run.do('logs {service="app"} |= "served" | level="info" | head -1')
    assert answer.ok and 'logs {service="app"} |= "served" | level="info"' == answer.canonical
    assert "note: left | grep or right" in run.do("note note: left | grep or right").line
    assert "left | grep or right" == run.notes[-1].text.removeprefix("note: ")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("kubectl get pods -w | grep app", "leave --watch out"),
        ("kubectl logs deploy/app -f | head", "leave --follow out"),
        ("kubectl scale deploy/app --replicas=2 | tail -1", "it changes something"),
        ("kubectl rollout status deploy/app | tail -1", "it takes the time"),
        ("kubectl get pods | awk '{print $1}'", "-o jsonpath=…"),
        ("kubectl get pods -o json | jq .items", "-o jsonpath=…"),
        ("kubectl get pods -o name | xargs kubectl delete", "type the second line yourself"),
        ("kubectl get pods | less", "stands here whole"),
        ("kubectl get pods | gerp app", "Did you mean this?\n\tgrep"),
        ("kubectl get pods | grep", "Usage: … | grep"),
        ("kubectl get pods | grep -Z app", "grep: invalid option -- 'Z'"),
        ("kubectl get pods | grep --ignorecase a", "grep: unrecognized option '--ignorecase'"),
        ("kubectl get pods | grep -A", "option requires an argument -- 'A'"),
        ("kubectl get pods | grep app file.txt", "grep: file.txt: No such file or directory"),
        ("kubectl get pods | grep [", "Unmatched ["),
        ("kubectl get pods | head -n x", "head: invalid number of lines: 'x'"),
        ("kubectl get pods | sort -k x", "sort: invalid field specification 'x'"),
        ("kubectl get pods | grep a > file", "without redirections"),
        ("kubectl get pods | grep 'a", "matching `''"),
        ("kubectl get pods |", "syntax error near unexpected token `|'"),
        ("kubectl get pods" + " | head" * 9, "more than 8 pipes"),
        ("grep app", "kubectl get pods | grep"),
    ],
)
def test_what_no_pipe_can_do_is_said(line: str, said: str) -> None:
    """Before anything is run, in the program's words or with what to type instead; it costs nothing."""
    run = _run()
    answer = run.do(line)
    assert not answer.ok and said in answer.text and 0 == answer.cost and "" == answer.canonical
    assert 3 == run.cluster.deployment("app").spec.replicas


def test_completion_and_help_know_the_filters() -> None:
    """Behind a bar stand programs, behind a program its flags; help has a page for each."""
    run = _run()
    assert ["grep"] == run.complete("kubectl get pods | g")
    assert "--ignore-case" in run.complete("kubectl get pods | grep --i")
    assert [] == run.complete("kubectl get pods | grep a")
    assert "Usage:\n  LOOK | grep" in run.do("help grep").text
    assert "| uniq" in run.do("help").text


def test_a_dry_run_may_be_filtered() -> None:
    """It changes nothing, so it is a look."""
    command = parse(
        "kubectl scale deploy/app --replicas=2 --dry-run=client | head -1",
        costs=COSTS,
        namespace="production",
    )
    assert "look" == command.kind and 1 == len(command.filters)
