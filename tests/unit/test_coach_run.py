"""James in a real run: a learner who errs, asks, predicts and is helped, from first page to debrief."""

from __future__ import annotations

import pytest

from simulator.coach import Coach, Debrief
from simulator.drill import Act, Run, play_acts
from simulator.scenario import load
from simulator.units import SECOND

SCENARIO = load("production-is-down")
LINES = (
    "hint",
    "wait 10m",
    "kubectl get pods",
    "kubectl delete deployment/checkout",
    "no",
    "hint",
    "kubectl scale deployment/checkout --replicas=12",
    "wait 6m",
    'statuspage investigating "Some orders fail. More in ten minutes."',
    "hint",
    "hint",
    "wait 2m",
    "hint",
    "kubectl rollout undo deployment/checkout",
    "wait 10m",
    'statuspage resolved "Orders go through again."',
    "wait 1h",
)


def play() -> Coach:
    """The whole session, as a front end drives it."""
    coach = Coach(Run(SCENARIO, 1))
    for line in LINES:
        coach.run.do(line)
        coach.follow_up()
        if line.startswith("kubectl scale"):
            coach.predict("more pods clear it", signal="errors:checkout", value=0.01, within="3m")
    return coach


@pytest.fixture(scope="module")
def coach() -> Coach:
    """One session, shared by the tests that only read it."""
    return play()


@pytest.fixture(scope="module")
def debrief(coach: Coach) -> Debrief:
    """Its debrief."""
    return coach.debrief(("I took it for load.",))


def again(acts: list[Act], *, with_coach: bool) -> tuple[Run, Coach | None]:
    """The same acts in a fresh run."""
    run = Run(SCENARIO, 1)
    james = Coach(run) if with_coach else None
    play_acts(run, acts)
    run.finish()
    return run, james


def test_a_replay_hears_the_same_words(coach: Coach) -> None:
    """The same acts give the same lines, byte for byte, with ids, times and evidence."""
    _, james = again(coach.run.acts, with_coach=True)
    assert james is not None
    assert coach.lines == james.lines
    assert coach.hints == james.hints


def test_he_changes_nothing(coach: Coach) -> None:
    """A replay without him gives the same digest."""
    run, _ = again(coach.run.acts, with_coach=False)
    assert coach.run.digest == run.digest


def test_his_lines_stand_in_the_channel_with_their_evidence(coach: Coach) -> None:
    """Each line is a message of the channel under its id."""
    said = [message for message in coach.run.channel if message.kind == "coach"]
    assert [(line.id, line.at, line.text) for line in coach.lines] == [(m.id, m.at, m.text) for m in said]
    assert all(message.evidence for message in said)


def test_every_line_can_be_explained(coach: Coach) -> None:
    """Rule and evidence of each line, for an instructor."""
    for line in coach.lines:
        assert line.rule in coach.why(line.id)
    with pytest.raises(KeyError):
        coach.why("never.said")


def test_a_wait_ends_when_he_asks(coach: Coach) -> None:
    """In a lesson a question about a wrong guess interrupts the wait that is under way."""
    asked = next(line for line in coach.lines if line.id == "expect.scale-out")
    waits = [answer for answer in coach.run.transcript if answer.line == "wait 6m"]
    assert asked.at < waits[0].at + waits[0].cost <= asked.at + 5 * SECOND


def test_the_worked_step_is_an_act_of_his_in_the_journal(coach: Coach) -> None:
    """The fourth rung types one line with his name on it, right after the hint."""
    his = [act for act in coach.run.acts if act.actor == "james"]
    worked = [hint for hint in coach.hints if hint.worked]
    assert [hint.worked for hint in worked] == [act.line for act in his]


def test_a_prediction_is_laid_beside_what_came(coach: Coach, debrief: Debrief) -> None:
    """It is kept as a note of the run, and the debrief gives both values."""
    assert ["more pods clear it"] == [item.words for item in coach.predictions]
    assert "1.0 % expected" in debrief.predictions[0]


def test_the_debrief_finds_a_decision_and_another_play(debrief: Debrief) -> None:
    """The late rollback or the scaling, with two curves that part after the first page and never before."""
    best = debrief.counterfactual
    assert best is not None
    assert best.saved > 0.01
    chart = best.chart
    parted = next(
        at for at, mine, other in zip(chart.times_s, chart.yours, chart.other, strict=True) if mine != other
    )
    assert parted >= chart.marks[0][0]
    assert debrief.decision.question.endswith("?")


def test_what_was_done_by_hand_is_listed_against_git(debrief: Debrief) -> None:
    """Twelve replicas and the old image are in the cluster and not in git."""
    assert {"spec.replicas", "spec.template"} == {item.field for item in debrief.drift}


def test_the_debrief_is_kept_until_the_run_moves_on(coach: Coach, debrief: Debrief) -> None:
    """Asking again with other words replays nothing and changes nothing else."""
    other = coach.debrief(("Another account.",))
    assert other.counterfactual is debrief.counterfactual
    assert ("Another account.",) == other.account


def test_the_score_is_in_parts_and_hints_are_free_in_a_lesson(debrief: Debrief) -> None:
    """Five lines; the hints are listed and cost nothing here."""
    lines = {line.name: line for line in debrief.score.lines}
    assert ["outcome", "safety", "process", "diagnosis", "independence"] == list(lines)
    assert any(item.id.startswith("hint.") for item in lines["independence"].items)
    assert 0 < (lines["outcome"].points or 0) < 100


def test_the_coach_asks_before_a_line_lands_that_cannot_be_taken_back() -> None:
    """A dangerous line in a lesson waits for a yes, and he names the risk if the minute is free."""
    coach = Coach(Run(SCENARIO, 1))
    coach.run.do("kubectl delete deployment/checkout")
    assert ["risk.delete-deployment"] == [line.id for line in coach.lines]
