"""An undo after a restart: the same image under a new revision is no cure; the undo that healed is named."""

from __future__ import annotations

from functools import lru_cache

from simulator.coach import Coach, regret
from simulator.coach.checks import Check, Did, judge
from simulator.coach.findings import went_right
from simulator.coach.regrets import tries
from simulator.drill import Run
from simulator.scenario.sealed import ActClass
from simulator.units import MINUTE, SECOND
from tests.drill_stage import scenario

UNDO = "kubectl rollout undo deployment/app"
GOOD = ActClass(
    match=f"{UNDO}*", class_="good", id="undo", signal="errors:app", why="A release is cheap to undo."
)


@lru_cache(maxsize=1)
def played() -> tuple[Run, Coach]:
    """The trap: restart, undo (which is the restart's), and then the undo to the release before."""
    known = scenario()
    coached = known.coach.model_copy(update={"acts": (GOOD,)})
    run = Run(known.model_copy(update={"coach": coached}), 11, mode="game-day")
    coach = Coach(run)
    run.advance(4 * MINUTE)
    run.do("kubectl rollout restart deployment/app")
    run.advance(5 * MINUTE)
    run.do(UNDO)
    run.advance(7 * MINUTE)
    run.do(f"{UNDO} --to-revision=2")
    run.finish()
    return run, coach


def test_the_image_before_and_after_tells_what_an_undo_came_to() -> None:
    """The first brought back what ran, as a revision of its own; the second another image."""
    _, coach = played()
    restart, same, cure = coach.case.deeds
    assert [False, True, False] == [deed.undone.same for deed in (restart, same, cure)]
    assert "app:v2" == same.undone.image and "" == cure.undone.image
    assert not same.is_a("good") and cure.is_a("good")


def test_james_says_in_one_line_that_nothing_is_different() -> None:
    """He names the image, which both revisions have, and asks for one that has another."""
    _, coach = played()
    line = next(line for line in coach.lines if line.id == "undo.same")
    assert 5 * MINUTE <= line.at <= 7 * MINUTE
    assert "app:v2 before, app:v2 now" in line.text and line.text.endswith("?")


def test_the_check_and_the_debrief_name_the_undo_that_healed() -> None:
    """The scenario's glob fits both undos; only the one that changed something is that deed."""
    run, coach = played()
    asked = Check("back", "diagnosis", Did((f"{UNDO}*",)), 1.0, "rollback", False, "held", "missed")
    assert (3,) == judge(asked, coach.case, None, run.now).acts
    assert 3 == went_right(coach.case, run.now).act
    assert any(line.id == "good.undo" and "act 3" in line.evidence[0].metric for line in coach.lines)


def test_the_regrets_try_every_decision_and_the_empty_undo_one_way_only() -> None:
    """Each act is left out once before anything is tried twice; what brought back the same is not moved."""
    run, coach = played()
    listed = [each for each in tries(run, coach.case) if each.number]
    first = listed[: len(coach.case.deeds)]
    assert {1, 2, 3} == {each.number for each in first}
    assert all(each.instead == "without it" for each in first)
    assert ["without it"] == [each.instead for each in listed if each.number == 2]
    found = regret(run, coach, workers=1)
    assert {0, 1, 2, 3} == {item.attempt.number for item in found.tried}  # 0: the reference's, never done
    assert "-0.0" not in str(found) and "would have spared" in found.sentence


def test_a_release_that_was_never_restarted_is_another_image() -> None:
    """Back and forth between two releases changes something every time."""
    run = Run(scenario(), 11, mode="game-day")
    coach = Coach(run)
    run.advance(4 * MINUTE)
    run.do(UNDO)
    run.advance(run.now + 30 * SECOND)
    run.do(UNDO)
    assert [False, False] == [deed.undone.same for deed in coach.case.deeds]
