"""A run: acts, costs, pages, people, dangerous lines, the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulator.drill import Act, Answer, ListenerBase, Run
from simulator.drill.console import Command
from simulator.errors import SimulationError
from simulator.slo import Transition
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh, scenario


def test_an_act_takes_effect_at_its_instant_and_then_costs() -> None:
    """A look costs 5 s and a change 10 s, after the answer was made."""
    run = fresh()
    look = run.do("kubectl get pods")
    assert (0, 5 * SECOND, "look", 5 * SECOND) == (look.at, look.cost, look.kind, run.now)
    change = run.do("kubectl scale deployment/app --replicas=4")
    assert (5 * SECOND, 10 * SECOND, "change") == (change.at, change.cost, change.kind)
    assert "deployment.apps/app scaled" == str(change)
    assert run.cluster.deployment("app").spec.replicas == 4


def test_a_wrong_line_costs_nothing_and_is_numbered() -> None:
    """It is an act like any other, but the clock stands."""
    run = fresh()
    answer = run.do("kubectl get podss")
    assert (False, 0, "none", "", 1) == (answer.ok, answer.cost, answer.kind, answer.canonical, answer.number)
    assert answer.error is not None and answer.error.todo
    assert 0 == run.now
    refused = run.do("kubectl delete pod nobody")
    assert 'Error from server (NotFound): pods "nobody" not found' == refused.text
    assert (False, 0, 2) == (refused.ok, refused.cost, refused.number)


@pytest.mark.parametrize("line", ["", "   ", "# a comment"])
def test_a_blank_line_is_no_act(line: str) -> None:
    """Nothing is numbered, nothing is journalled."""
    run = fresh()
    assert (True, 0) == (run.do(line).ok, len(run.acts))


def test_the_past_is_closed() -> None:
    """An act before now is an error of the caller, not an answer."""
    run = fresh()
    run.advance(MINUTE)
    with pytest.raises(SimulationError):
        run.apply(Act(MINUTE - 1, "kubectl get pods"))


def test_nothing_happens_after_the_end() -> None:
    """The clock stops at the scenario's duration; a line says so and where the debrief is, and is no act."""
    run = fresh()
    run.finish()
    for line in (
        "kubectl scale deployment/app --replicas=9",
        "statuspage resolved",
        "wait 1m",
        "yes",
        "hint",
    ):
        answer = run.do(line)
        assert run.ended and not answer.ok and 0 == answer.number
        assert "The drill is over since T+12:00" in answer.text and "Debrief" in answer.text
    assert 3 == run.cluster.deployment("app").spec.replicas
    assert not run.acts and not run.history and not run.transcript and not run.status_page.posts


def test_whoever_looks_after_the_end_sees_the_world_as_it_stopped(tmp_path: Path) -> None:
    """Pods, numbers, logs, pages and help answer; nothing of it is in the run file or changes the digest."""
    run = Run(scenario(), journal=tmp_path / "run.jsonl")
    run.do("kubectl get pods")
    run.finish()
    digest, written = run.digest, (tmp_path / "run.jsonl").read_bytes()
    for line in (
        "kubectl get pods -w",
        'promql sum(rate(http_requests_total{service="app"}[1m]))',
        "kubectl logs -l app=myapp",
        "channel --all",
        "page",
        "kubectl wait --for=condition=Ready pod --all --timeout=30s",
        "view logs app",
        "help",
    ):
        answer = run.do(line)
        assert answer.ok and 0 == answer.number == answer.cost, (line, answer.text)
        assert line.startswith("view") or answer.text
    wrong = run.do("kubectl get podz")
    assert not wrong.ok and "the server doesn't have a resource type" in wrong.text
    assert "The drill is over" in wrong.text
    assert (digest, written, 1) == (run.digest, (tmp_path / "run.jsonl").read_bytes(), len(run.acts))


def test_a_dangerous_line_waits_for_a_yes_in_a_lesson() -> None:
    """Both lines are acts; nothing changes before the yes."""
    run = fresh()
    asked = run.do("kubectl scale deployment/app --replicas=0")
    assert run.pending is not None and (0, "none", "") == (asked.cost, asked.kind, asked.canonical)
    assert "Type yes" in asked.text
    assert 3 == run.cluster.deployment("app").spec.replicas
    done = run.do("yes")
    assert ("kubectl scale deployment/app --replicas=0", "change") == (done.canonical, done.kind)
    assert 0 == run.cluster.deployment("app").spec.replicas
    assert 2 == len(run.acts)


@pytest.mark.parametrize("other", ["no", "kubectl get pods"])
def test_anything_but_yes_leaves_it(other: str) -> None:
    """Another line is carried out itself; a later yes confirms nothing."""
    run = fresh()
    run.do("kubectl delete deployment app")
    assert run.do(other).ok
    late = run.do("yes")
    assert not late.ok and "nothing waits" in late.text
    assert "app" == run.cluster.deployment("app").meta.name


def test_on_a_game_day_dangerous_lines_land() -> None:
    """Nobody asks; the consequence is the lesson."""
    run = fresh(mode="game-day")
    assert 'deployment.apps "app" deleted' == run.do("kubectl delete deployment app").text


def test_waiting_ends_at_a_page() -> None:
    """The pager rings in the middle of a long wait, and the clock stands a second after it."""
    run = fresh()
    answer = run.do("wait 10m")
    assert run.first_page_at is not None
    assert run.first_page_at + SECOND == run.now
    assert "the pager rings: P1" in answer.text
    page = next(message for message in run.channel if message.kind == "page")
    assert ("P1", run.first_page_at, None) == (page.id, page.at, page.acked_at)


def test_a_page_is_acknowledged_in_the_pager_and_in_the_channel() -> None:
    """Both show the same instant."""
    run = fresh()
    run.do("wait 10m")
    assert run.do("page ack").ok
    page = next(message for message in run.channel if message.kind == "page")
    assert page.acked_at == run.pager.pages[0].acked_at == run.transcript[-1].at
    assert not run.do("page ack").ok


def test_customer_care_asks_when_nobody_says_anything() -> None:
    """After three minutes of silence; who was told waits for the update that the cadence allows."""
    silent = fresh()
    silent.finish()
    assert silent.first_page_at is not None
    question = next(message for message in silent.channel if message.kind == "people")
    assert silent.first_page_at + 3 * MINUTE == question.at
    told = fresh()
    told.do("wait 10m")
    told.do('statuspage investigating "Some pages fail."')
    assert told.transcript[-1].at + told.scenario.coach.cadence > told.duration
    told.finish()
    assert [] == [message for message in told.channel if message.kind == "people"]


def test_what_was_said_is_in_the_channel() -> None:
    """Status posts, messages and notes, with their authors."""
    run = fresh()
    run.do('statuspage identified "A release."')
    run.do("tell noor we are on it")
    run.do("note it's the release")
    assert ["status", "you"] == [message.kind for message in run.channel]
    assert "@noor we are on it" == run.channel[1].text
    assert "it's the release" == run.notes[0].text
    assert run.status_page.current is not None and "identified" == run.status_page.current.state
    assert "Identified - A release." in run.do("statuspage").text


def test_charts_get_markers_for_deploys_pages_and_changes() -> None:
    """In order of time, each with its kind."""
    run = fresh()
    run.do("wait 10m")
    run.do("kubectl rollout undo deployment/app")
    run.finish()
    kinds = [marker.kind for marker in run.markers]
    assert {"deploy", "page", "act"} <= set(kinds)
    assert sorted(marker.at for marker in run.markers) == [marker.at for marker in run.markers]
    assert "kubectl rollout undo deployment/app" in [marker.text for marker in run.markers]


class Ear(ListenerBase):
    """Notes what it hears."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def before_act(self, run: Run, act: Act, command: Command | None) -> None:
        self.heard.append(
            f"before {act.line} at {run.now // SECOND}: {command.canonical if command else '?'}"
        )

    def after_act(self, run: Run, act: Act, answer: Answer) -> None:
        self.heard.append(f"after {act.line} at {run.now // SECOND}: {answer.kind}")

    def on_page(self, run: Run, transition: Transition) -> None:
        self.heard.append(f"page {transition.state}")
        run.say("coach", "James", "Stay calm.", id="calm")

    def after_scrape(self, run: Run, at: int) -> None:
        if at == 30 * SECOND:
            run.interrupt("James speaks.")


def test_listeners_hear_acts_before_and_after_and_may_interrupt() -> None:
    """A look that blocks ends one second after the coach calls."""
    run, ear = fresh(), Ear()
    run.add_listener(ear)
    answer = run.do("wait 5m")
    assert ["before wait 5m at 0: wait 5m", "after wait 5m at 31: wait"] == ear.heard
    assert "James speaks." in answer.text
    run.do("wait 10m")
    assert "page firing" in ear.heard and "calm" in [message.id for message in run.channel]


def test_listeners_do_not_change_the_run() -> None:
    """The same acts with and without a listener give the same digest."""
    heard, alone = fresh(), fresh()
    heard.add_listener(Ear())
    for run in (heard, alone):
        run.apply(Act(MINUTE, "kubectl get pods"))
        run.finish()
    assert alone.digest == heard.digest


def test_an_act_on_the_instant_of_a_scrape_comes_before_it() -> None:
    """At T+00:05 the store holds nothing newer than T+00:00."""
    run = fresh()
    run.apply(Act(5 * SECOND, "note now"))
    assert 0 == int(run.telemetry.store.times[-1])
    run.advance(5 * SECOND + 1)
    assert 5 * SECOND == int(run.telemetry.store.times[-1])


def test_completion_knows_verbs_flags_and_live_names() -> None:
    """Candidates are whole words in alphabetical order."""
    run = fresh()
    assert "kubectl" in run.complete("kub")
    assert ["restart", "resume"] == run.complete("kubectl rollout re")
    assert ["deployment/app", "deployment/db"] == run.complete("kubectl rollout undo dep")
    assert "--tail=" in run.complete("kubectl logs -l app=x --t")
    pods = run.complete("kubectl delete pod app-")
    assert 3 == len(pods) == len([name for name in pods if name.startswith("app-")])
    assert ["--output=wide"] == run.complete("kubectl get pods --output=w")
    assert ["resolved"] == run.complete("statuspage re")
    assert [] == run.complete("nonsense ")
