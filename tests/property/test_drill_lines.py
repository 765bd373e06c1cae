"""Any text at all gets an answer."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.drill import Run
from simulator.drill.console import parse
from tests.drill_stage import fresh

WORDS = st.sampled_from(
    [
        *(
            "kubectl",
            "get",
            "describe",
            "logs",
            "rollout",
            "undo",
            "status",
            "history",
            "scale",
            "set",
            "image",
        ),
        *(
            "delete",
            "pod",
            "pods",
            "deployment",
            "deploy/app",
            "app",
            "deployment/app",
            "all",
            "events",
            "nodes",
        ),
        *("svc", "rs", "app-", "-n", "-l", "-o", "wide", "yaml", "json", "--replicas", "--replicas=2", "-w"),
        *("-A", "--tail=5", "--tail", "--since=1m", "app=myapp", "a=b,c!=d", "--timeout=5s", "--watch=false"),
        *("--to-revision=1", "statuspage", "investigating", "resolved", "page", "ack", "message", "tell"),
        *("noor", "note", "hint", "wait", "5s", "help", "git", "log", "--oneline", "yes", "no", "production"),
        *("'", '"', "-", "--", "=", ",", "/", "@", "!app"),
    ]
)
LINES = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=8).map(" ".join))


_RUNS: list[Run] = []


def _shared() -> Run:
    """One run for many lines; a new one when its time is over."""
    if not _RUNS or _RUNS[-1].ended:
        _RUNS.append(fresh())
    return _RUNS[-1]


@settings(max_examples=400, deadline=None)
@given(line=LINES)
def test_any_text_gives_an_answer(line: str) -> None:
    """Nothing raises; a line that fails says what was expected and what to do, and is not carried out."""
    run = _shared()
    before = run.now
    answer = run.do(line)
    assert line == answer.line
    assert answer.ok or answer.error is not None
    if answer.error is not None:
        assert answer.error.where and answer.error.expected and answer.error.got and answer.error.todo
        assert answer.text
    assert before <= run.now


@settings(max_examples=200, deadline=None)
@given(text=LINES)
def test_any_text_can_be_completed(text: str) -> None:
    """Completion gives words in alphabetical order, or none."""
    found = _shared().complete(text)
    assert sorted(found) == found


#: Lines as lists of what must stay together: a flag with its value is one.
PIECES = st.sampled_from(
    [
        ["get", "pods", "-l app=checkout"],
        ["get", "deploy", "-o wide"],
        ["get", "-l app=checkout", "-o name", "pods", "-w"],
        ["get", "pods,svc", "--selector app=checkout", "--no-headers"],
        ["scale", "deploy/edge", "--replicas 2"],
        ["scale", "--replicas 2", "deploy", "edge"],
        ["top", "pods", "-l app=checkout"],
        ["describe", "pods", "-l app=checkout"],
        ["delete", "pods", "-l app=checkout", "--grace-period 5"],
        ["logs", "-l app=checkout", "--tail 5", "-f"],
        ["logs", "deploy/edge", "--since 1m"],
        ["rollout", "status", "deploy/edge", "--timeout 5s"],
        ["rollout", "undo", "deployment", "edge", "--to-revision 2"],
        ["set", "image", "deploy/edge", "edge=edge:v2"],
        ["argo", "rollouts", "get", "rollout", "checkout"],
        ["label", "pod", "a", "team=payments", "--overwrite"],
    ]
)
SPELLINGS = st.sampled_from(["-n production", "-nproduction", "-n=production", "--namespace production"])


@settings(max_examples=300, deadline=None)
@given(pieces=PIECES, spelling=SPELLINGS, data=st.data())
def test_the_default_namespace_may_stand_anywhere(
    pieces: list[str], spelling: str, data: st.DataObject
) -> None:
    """A line with the default namespace in any place, in any spelling, is the line without it."""
    place = data.draw(st.integers(0, len(pieces)))
    with_it = " ".join(["kubectl", *pieces[:place], spelling, *pieces[place:]])
    costs = _shared().costs
    plain = parse(" ".join(["kubectl", *pieces]), costs=costs, namespace="production")
    assert plain.canonical == parse(with_it, costs=costs, namespace="production").canonical
