"""James's clock: which step the learner is in, and how much of its time is left."""

from __future__ import annotations

from simulator.coach.steps import steps_at
from simulator.units import MINUTE, SECOND
from tests.coach_stage import Stage, steady

PAGE = 6 * MINUTE


def test_the_steps_wait_for_the_first_page() -> None:
    """Before a page no step is current."""
    stage = Stage(lambda _: 0.0).until(MINUTE)
    steps = steps_at(stage.case, MINUTE)
    assert steps.current is None
    assert ["waiting"] * 4 == [step.state for step in steps.items]


def test_assess_has_two_minutes_from_the_page() -> None:
    """Assess counts down from 2:00; who has looked goes on to mitigate when they are used."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 10 * SECOND, "kubectl get pods")
    stage.until(PAGE + 3 * MINUTE + 10 * SECOND)
    early, late = (
        steps_at(stage.case, PAGE + 30 * SECOND),
        steps_at(stage.case, PAGE + 3 * MINUTE + 10 * SECOND),
    )
    assert ("assess", "1:30 left of 2:00") == (early.current, early["assess"].note)
    assert ("mitigate", "3:50 left of 5:00") == (late.current, late["mitigate"].note)
    assert "2:00 used" == late["assess"].note


def test_who_has_looked_at_nothing_is_still_assessing() -> None:
    """Time alone does not move the learner on: the step turns late."""
    stage = Stage(paged=PAGE).until(PAGE + 4 * MINUTE)
    steps = steps_at(stage.case, PAGE + 4 * MINUTE)
    assert ("assess", "late", -2 * MINUTE) == (steps.current, steps["assess"].state, steps["assess"].left)
    assert "waiting" == steps["mitigate"].state


def test_a_change_begins_mitigation() -> None:
    """The first change after the page ends assess at once."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 40 * SECOND, "kubectl scale deployment/checkout --replicas=9", "change")
    steps = steps_at(stage.case, PAGE + 50 * SECOND)
    assert ("mitigate", PAGE + 40 * SECOND) == (steps.current, steps["mitigate"].entered_at)


def test_mitigation_is_late_after_five_minutes() -> None:
    """A burning budget past 5:00 shows how far over the clock is."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE, "kubectl get pods")
    stage.until(PAGE + 8 * MINUTE)
    step = steps_at(stage.case, PAGE + 8 * MINUTE)["mitigate"]
    assert ("late", "1:00 over 5:00") == (step.state, step.note)


def test_investigation_waits_until_users_are_served() -> None:
    """Recovery that held a minute ends mitigate and opens investigate; a relapse closes it again."""
    stage = Stage(lambda at: 0.02 if 4 * MINUTE <= at < 9 * MINUTE or at >= 15 * MINUTE else 0.0, paged=PAGE)
    stage.act(7 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.until(18 * MINUTE)
    assert "mitigate" == steps_at(stage.case, 9 * MINUTE + 30 * SECOND).current
    assert "investigate" == steps_at(stage.case, 12 * MINUTE).current
    assert "mitigate" == steps_at(stage.case, 17 * MINUTE).current


def test_communication_is_due_at_once_and_then_on_a_cadence() -> None:
    """The first word is due with the page; each ticks it off for ten minutes; resolved ends it."""
    stage = Stage(lambda at: 0.02 if 4 * MINUTE <= at < 9 * MINUTE else 0.0, paged=PAGE)
    stage.until(PAGE + 3 * MINUTE)
    assert "late" == steps_at(stage.case, PAGE + 3 * MINUTE)["communicate"].state
    stage.post(PAGE + 4 * MINUTE, "investigating")
    step = steps_at(stage.case, PAGE + 5 * MINUTE)["communicate"]
    assert ("done", PAGE + 14 * MINUTE, "next by T+20:00") == (step.state, step.due_at, step.note)
    stage.until(PAGE + 15 * MINUTE)
    step = steps_at(stage.case, PAGE + 15 * MINUTE)["communicate"]
    assert ("late", "update was due T+20:00") == (step.state, step.note)
    stage.post(22 * MINUTE, "resolved")
    stage.until(23 * MINUTE)
    over = steps_at(stage.case, 23 * MINUTE)
    assert (None, "The incident is closed.") == (over.current, over.sentence)


def test_the_past_can_be_asked_for() -> None:
    """The steps of an earlier minute are the same whether asked then or at the end."""
    stage = Stage(steady, paged=PAGE)
    then = []
    for minute in range(1, 20):
        stage.act(minute * MINUTE, "kubectl get pods")
        then.append(steps_at(stage.case, minute * MINUTE + 10 * SECOND))
        stage.until(minute * MINUTE + 30 * SECOND)
    assert then == [steps_at(stage.case, step.at) for step in then]
