"""The score: what each line is made of, and that doing nothing or harm earns nothing by being idle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from simulator.coach import Coach
from simulator.coach.case import Deed, PageSeen
from simulator.coach.checks import (
    AckedWithin,
    BudgetBelow,
    Check,
    Condition,
    Did,
    Family,
    HeldFor,
    Looked,
    Never,
    ToldWithin,
    judge,
)
from simulator.coach.conduct import breaches
from simulator.coach.ladder import Hint
from simulator.coach.score import UNSCORED, WEIGHTS, Score, compose
from simulator.drill import Run
from simulator.scenario import load
from simulator.units import MINUTE, SECOND, format_clock
from tests.coach_stage import Stage
from tests.drill_stage import scenario

PAGE = 6 * MINUTE


def check(
    condition: Condition, family: Family = "process", *, weight: float = 1.0, gate: bool = False
) -> Check:
    """A check with words that can be told apart."""
    name = type(condition).__name__.lower()
    return Check(
        f"{family}-{name}", family, condition, weight, "rollback", gate, f"{name} held", f"{name} missed"
    )


CHECKS = (
    check(
        Never(("kubectl scale deployment/* --replicas=0", "kubectl delete deployment/*")), "safety", gate=True
    ),
    check(Never(("kubectl rollout restart *",)), "safety"),
    check(ToldWithin(10 * MINUTE), "process"),
    check(AckedWithin(2 * MINUTE), "process"),
    check(Looked(("kubectl rollout history *",)), "diagnosis"),
)


def scored(
    stage: Stage,
    users: float,
    *,
    acked: int | None = None,
    hints: tuple[Hint, ...] = (),
    mode: str = "game-day",
) -> Score:
    """The score of a made-up run with a given outcome."""
    now = stage.screen.now
    return compose(users, [judge(item, stage.case, acked, now) for item in CHECKS], hints, mode)


def test_the_weights_add_up_and_the_total_is_their_sum() -> None:
    """40/20/15/15/10, and the total is nothing but the weighted sum of the lines shown."""
    assert 100 == sum(WEIGHTS.values())
    stage = Stage(paged=PAGE).until(20 * MINUTE)
    score = scored(stage, 80.0)
    assert score.total == round(sum((line.points or 0.0) * line.weight for line in score.lines) / 100, 1)
    assert ["outcome", "safety", "process", "diagnosis", "independence", "total"] == list(score.to_json())


def test_doing_nothing_scores_nothing() -> None:
    """Nothing wrong was typed and no hint was asked for: with no good in it, that earns no point."""
    score = scored(Stage(paged=PAGE).until(45 * MINUTE), 0.0)
    assert {
        "outcome": 0,
        "safety": 0,
        "process": 0,
        "diagnosis": 0,
        "independence": 0,
        "total": 0,
    } == score.to_json()


def test_a_good_run_keeps_its_craft_points() -> None:
    """Looked, told, acknowledged, nothing broken, users spared: every line is full."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 20 * SECOND, "kubectl rollout history deployment/checkout")
    stage.post(PAGE + MINUTE, "investigating")
    stage.until(20 * MINUTE)
    score = scored(stage, 100.0, acked=PAGE + 10 * SECOND)
    assert {
        "outcome": 100,
        "safety": 100,
        "process": 100,
        "diagnosis": 100,
        "independence": 100,
        "total": 100,
    } == score.to_json()
    assert score.passed


@pytest.mark.parametrize(
    "line", ["kubectl scale deployment/checkout --replicas=0", "kubectl delete deployment/checkout"]
)
def test_taking_the_service_away_scores_less_than_doing_nothing(line: str) -> None:
    """A failed gate empties its line, and harm to users makes the total negative."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + MINUTE, line, "change")
    score = scored(stage, -50.0)
    assert score.total is not None and score.total < 0
    assert not score.passed
    assert 0 == score["safety"].points


def test_restarting_in_a_loop_gains_no_safety_for_what_it_did_not_break() -> None:
    """Little good for users, so the check that held by absence counts as little."""
    stage = Stage(paged=PAGE)
    for minute in range(7, 30, 2):
        stage.act(minute * MINUTE, "kubectl rollout restart deployment/checkout", "change")
    score = scored(stage, 2.0)
    assert score.total is not None and score.total < 3
    assert 12 == len(next(item for item in score["safety"].items if item.passed is False).acts)


def test_what_was_done_counts_even_if_users_got_nothing() -> None:
    """Telling users and looking in the right place are worth their points by themselves."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 20 * SECOND, "kubectl rollout history deployment/checkout")
    stage.post(PAGE + MINUTE, "investigating")
    score = scored(stage.until(45 * MINUTE), 0.0)
    assert (50.0, 100.0) == (score["process"].points, score["diagnosis"].points)


def test_hints_lower_independence_alone_and_only_when_it_counts() -> None:
    """Free in a lesson; in a game day each rung costs more, and a repeated one nothing."""
    stage = Stage(paged=PAGE).until(20 * MINUTE)
    hints = tuple(Hint(f"hint.{rung}", PAGE, "release", rung, "orient", "") for rung in (1, 2, 3))
    again = Hint("hint.again", PAGE, "release", 3, "orient", "", repeated=True)
    lesson, graded = (
        scored(stage, 100.0, hints=hints, mode="lesson"),
        scored(stage, 100.0, hints=(*hints, again)),
    )
    assert (100.0, 65.0) == (lesson["independence"].points, graded["independence"].points)
    assert lesson["safety"].points == graded["safety"].points
    assert 4 == sum(item.id.startswith("hint.") for item in graded["independence"].items)


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        (Looked(("kubectl get pods", "kubectl rollout history *")), True),
        (Looked(("kubectl get pods", "kubectl logs *")), False),
        (Looked(("kubectl get pods",), before=5 * SECOND), False),
        (Did(("kubectl rollout undo *", "kubectl set image *")), True),
        (Did(("kubectl rollout undo *",), before=MINUTE), False),
        (Never(("kubectl delete *",)), True),
        (Never(("kubectl rollout undo *",)), False),
        (ToldWithin(4 * MINUTE), True),
        (ToldWithin(MINUTE), False),
        (AckedWithin(MINUTE), True),
        (AckedWithin(SECOND), False),
        (BudgetBelow(0.5), True),
        (BudgetBelow(0.1), False),
        (HeldFor(10 * MINUTE), True),
        (HeldFor(30 * MINUTE), False),
    ],
)
def test_each_condition_holds_and_fails(condition: Condition, passes: bool) -> None:
    """Every kind of check passes on the run that fulfils it and fails on one that does not."""
    stage = Stage(lambda at: 0.02 if 4 * MINUTE <= at < 10 * MINUTE else 0.0002, paged=PAGE)
    stage.act(PAGE + 10 * SECOND, "kubectl get pods")
    stage.act(PAGE + 20 * SECOND, "kubectl rollout history deployment/checkout")
    stage.post(PAGE + 2 * MINUTE, "investigating")
    stage.act(PAGE + 3 * MINUTE, "kubectl rollout undo deployment/checkout", "change")
    stage.until(25 * MINUTE)
    verdict = judge(check(condition), stage.case, PAGE + 30 * SECOND, 25 * MINUTE)
    assert passes == verdict.passed
    assert verdict.text.startswith(f"{type(condition).__name__.lower()} {'held' if passes else 'missed'}")


def test_what_was_looked_at_before_anything_happened_is_no_diagnosis() -> None:
    """A look before the timeline's first entry shows nothing of it; a later one does, and is named."""
    asked = check(Looked(("kubectl get pods",)), "diagnosis")
    stage = Stage(paged=PAGE)
    stage.case.began = 3 * MINUTE
    stage.act(MINUTE, "kubectl get pods")
    stage.until(PAGE + MINUTE)
    assert not judge(asked, stage.case, None, PAGE + MINUTE).passed
    assert judge(replace(asked, family="process"), stage.case, None, PAGE + MINUTE).passed
    stage.act(PAGE + 2 * MINUTE, "kubectl get pods")
    verdict = judge(asked, stage.case, None, PAGE + 3 * MINUTE)
    assert verdict.passed and (2,) == verdict.acts


def test_resolved_alone_tells_nobody_what_they_saw() -> None:
    """The one word that it is over comes when it is over; a word while it hurt counts as ever."""
    stage = Stage(paged=PAGE)
    stage.post(PAGE + 2 * MINUTE, "resolved")
    asked = check(ToldWithin(10 * MINUTE))
    assert not judge(asked, stage.case, None, PAGE + 3 * MINUTE).passed
    stage.post(PAGE + 4 * MINUTE, "investigating")
    verdict = judge(asked, stage.case, None, PAGE + 5 * MINUTE)
    assert verdict.passed and (PAGE + 4 * MINUTE,) == verdict.at


def test_taking_something_down_beside_the_incident_costs_a_fifth_and_is_named() -> None:
    """A node drained in the middle of it, for no reason that the scenario knows; not before the page."""
    run = Run(load("production-is-down").with_variant(0), 1, mode="game-day")
    coach = Coach(run)
    coach.case.pages.append(PageSeen(5 * MINUTE, "A", 20.0))
    run.advance(7 * MINUTE)
    for number, (at, line) in enumerate(
        [
            (4 * MINUTE, "kubectl get nodes"),
            (4 * MINUTE, "kubectl drain node-01"),
            (6 * MINUTE, "kubectl drain node-02"),
            (6 * MINUTE, "kubectl rollout undo deployment/checkout"),
            (6 * MINUTE, "kubectl delete pod/web-1"),
        ],
        1,
    ):
        kind = "look" if " get " in line else "change"
        coach.case.deeds.append(Deed(number, at, at, line, line, kind))
    (found,) = breaches(run, coach.case)
    assert ("beside", (3, 5), {"safety": 60.0}) == (found.id, found.acts, found.at_most)
    assert "`kubectl drain node-02`" in found.text


def test_the_coachs_own_act_earns_the_learner_nothing() -> None:
    """A worked step done by James is no look and no deed of the learner's."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + MINUTE, "kubectl rollout history deployment/checkout")
    stage.case.deeds[0] = stage.case.deeds[0].__class__(
        1,
        PAGE,
        PAGE,
        "kubectl rollout history deployment/checkout",
        "kubectl rollout history deployment/checkout",
        "look",
        actor="james",
    )
    assert not judge(check(Looked(("kubectl rollout history *",))), stage.case, None, 20 * MINUTE).passed


@pytest.mark.parametrize(
    ("condition", "decided"),
    [
        (Looked(("kubectl get pods",)), True),  # done is done
        (Looked(("kubectl logs *",)), False),  # there is time yet
        (Looked(("kubectl logs *",), before=MINUTE), True),  # its time is over
        (Did(("kubectl rollout undo *",), before=20 * MINUTE), False),
        (Never(("kubectl delete *",)), False),
        (Never(("kubectl get *",)), True),  # broken stays broken
        (ToldWithin(MINUTE), True),
        (ToldWithin(20 * MINUTE), False),
        (AckedWithin(5 * MINUTE), True),
        (BudgetBelow(0.9), False),
        (BudgetBelow(0.0), True),  # what is spent does not come back
        (HeldFor(MINUTE), False),
    ],
)
def test_before_the_end_a_check_that_may_still_turn_is_open(condition: Condition, decided: bool) -> None:
    """Three minutes after the page; at the end the same check is decided either way."""
    stage = Stage(lambda at: 0.02 if at >= 4 * MINUTE else 0.0002, paged=PAGE)
    stage.act(PAGE + 10 * SECOND, "kubectl get pods")
    stage.until(PAGE + 3 * MINUTE)
    now = PAGE + 3 * MINUTE
    assert decided == judge(check(condition), stage.case, PAGE + 30 * SECOND, now, ended=False).decided
    assert judge(check(condition), stage.case, PAGE + 30 * SECOND, now).decided


def test_an_open_check_counts_neither_way_and_says_so() -> None:
    """The line is made of what is decided; the open one has no mark, and no gate fails for it."""
    stage = Stage(paged=PAGE)
    stage.act(PAGE + 20 * SECOND, "kubectl rollout history deployment/checkout")
    stage.until(PAGE + MINUTE)
    listed = [
        check(Looked(("kubectl rollout history *",)), "diagnosis"),
        check(Did(("kubectl rollout undo *",)), "diagnosis", gate=True),
    ]
    verdicts = [judge(item, stage.case, None, PAGE + MINUTE, ended=False) for item in listed]
    score = compose(100.0, verdicts, (), "game-day")
    assert 100.0 == score["diagnosis"].points and score.passed
    assert [(True, "looked held"), (None, "Not decided yet: did held")] == [
        (item.passed, item.text.partition(" (")[0]) for item in score["diagnosis"].items
    ]


def test_a_line_of_which_nothing_is_decided_has_no_points_and_the_sum_leaves_it_out() -> None:
    """Three minutes after the page nothing was broken, and much may be yet: safety is open, not zero."""
    stage = Stage(paged=PAGE)
    stage.until(PAGE + MINUTE)
    verdicts = [judge(item, stage.case, PAGE + 20 * SECOND, PAGE + MINUTE, ended=False) for item in CHECKS]
    score = compose(100.0, verdicts, (), "game-day")
    assert score["safety"].points is None and score["process"].points == 100.0
    assert 2 == sum(item.open for item in score["safety"].items)
    counted = ("outcome", "process", "independence")
    weights = sum(WEIGHTS[line.name] for line in score.lines if line.name in counted)
    assert 65 == weights and 100.0 == score.total
    assert (
        0.0
        == compose(100.0, [replace(each, decided=True, passed=False) for each in verdicts], (), "")[
            "safety"
        ].points
    )


def test_a_run_that_is_not_over_says_until_when_and_what_is_open() -> None:
    """Debriefed where the cure has held, it names the end and what is open; at the end it names neither."""
    run = Run(scenario().model_copy(update={"checks": load("production-is-down").checks}))
    coach = Coach(run)
    run.advance(6 * MINUTE)
    found = coach.score()
    assert f"stands at T+06:00 and goes on until {format_clock(run.duration)}" in found.notice
    assert found.still_open and f"{len(found.still_open)} of the checks below" in found.notice
    assert found.notice in str(found)
    page = " ".join(str(coach.debrief()).split())
    assert found.notice.replace("`", "") in page.replace("`", "") and "goes on until" in page
    run.finish()
    after = coach.score()
    assert "" == after.notice and () == after.still_open and "not over" not in str(coach.debrief())


def test_an_outcome_better_than_the_reference_is_a_hundred_and_said_in_words() -> None:
    """No line has more than its hundred points, and neither has the sum."""
    score = scored(Stage(paged=PAGE).until(20 * MINUTE), 112.0)
    assert 100.0 == score["outcome"].points
    assert "Users lost less than in the best play known." == score["outcome"].items[0].text


def test_a_scenario_with_nothing_to_score_by_gives_no_points() -> None:
    """Without a reference play and without checks every line is null, and the reason stands beside it."""
    bare = scenario().model_copy(update={"reference": (), "checks": ()})
    run = Run(bare)
    coach = Coach(run)
    run.finish()
    found = coach.score()
    names = ("outcome", "safety", "process", "diagnosis", "independence", "total")
    assert {**dict.fromkeys(names), "reason": UNSCORED} == found.to_json()
    assert UNSCORED == str(found) and "In sum" not in str(found)
    page = " ".join(str(coach.debrief()).split())
    assert UNSCORED in page and "In sum" not in page


def test_a_reference_alone_is_something_to_score_by() -> None:
    """With a reference play and no checks the crafts count as the outcome does, as ever."""
    run = Run(scenario())
    coach = Coach(run)
    run.finish()
    found = coach.score()
    assert "" == found.reason and "reason" not in found.to_json()
    assert found["outcome"].points == found["safety"].points == 0.0


def test_where_nothing_is_wrong_the_outcome_speaks_of_restraint() -> None:
    """In a scenario in which doing nothing is best, nobody is told that users were spared something."""
    said = [compose(users, (), (), "game-day", noop=True)["outcome"].items[0].text for users in (100.0, 40.0)]
    assert "Users were well, and nothing that was done took it from them." == said[0]
    assert "Users were well until something was done that they did not need." == said[1]
