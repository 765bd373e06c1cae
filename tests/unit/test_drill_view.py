"""Opening a tab of the console is a look: it is written down, costs nothing, prints nothing, and counts."""

from __future__ import annotations

import pytest

from simulator.drill import Run
from simulator.scenario import load
from tests.drill_stage import fresh

#: What each tab shows, as somebody would have typed it.
SAME = {
    "logs": "kubectl logs -l app=myapp",
    "events": "kubectl get events",
    "rollout": "kubectl rollout history deployment/app",
    "alerts": "alerts",
    "traces": "traces --service=app",
    "pods": "kubectl get pods",
}


@pytest.mark.parametrize(("tab", "typed"), SAME.items())
def test_a_tab_is_the_look_that_one_would_have_typed(tab: str, typed: str) -> None:
    """Checks and the coach see the same canonical line and kind; no time passes, nothing is printed."""
    run = fresh()
    opened = run.do(f"view {tab} app")
    assert ("", True, "look", 0) == (str(opened), opened.ok, opened.kind, opened.cost)
    assert run.do(typed).canonical == opened.canonical
    assert [f"view {tab} app", typed] == [act.line for act in run.history]


def test_the_tab_of_a_rollout_is_argo_s_picture_of_it() -> None:
    """A Rollout has no history that kubectl knows; its tab shows what the plugin shows."""
    answer = Run(load("release-train"), looked_at=False).do("view rollout checkout")
    assert "kubectl argo rollouts get rollout checkout" == answer.canonical


def test_an_unknown_service_or_tab_is_refused_with_the_nearest() -> None:
    """As every line is, and the refusal counts as no look."""
    run = fresh()
    wrong = run.do("view logs apd")
    assert not wrong.ok and "Did you mean this?\n\tapp" in wrong.text and "" == wrong.canonical
    assert "Did you mean this?\n\tview events" in run.do("view evnts app").text
    assert ["app"] == [word for word in run.complete("view logs a") if word == "app"]


def test_a_question_stays_open_while_a_tab_is_opened() -> None:
    """A yes that waits for an answer is not given up by looking at a pane before one says it."""
    run = fresh()
    run.do("kubectl delete pods -l app=myapp")
    run.do("view pods app")
    assert run.pending is not None
    assert "deleted" in run.do("yes").text


def test_a_run_with_opened_tabs_replays_to_the_same_digest() -> None:
    """The line is an act like any other."""
    run = fresh()
    for tab in SAME:
        run.do(f"view {tab} app")
    again = fresh()
    for act in run.history:
        again.apply(act)
    assert run.digest == again.digest
