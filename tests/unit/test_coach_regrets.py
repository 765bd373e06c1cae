"""Regret: every decision tried otherwise on the same users, the costliest named, nothing invented."""

from __future__ import annotations

from simulator.coach import Coach, regret
from simulator.drill import Run, what_if
from simulator.units import MINUTE
from tests.drill_stage import fresh

UNDO = "kubectl rollout undo deployment/app"


def late() -> tuple[Run, Coach]:
    """Scaled out at the page, rolled back four minutes later."""
    run = fresh()
    coach = Coach(run)
    run.advance(4 * MINUTE)
    run.do("kubectl scale deployment/app --replicas=5")
    run.advance(8 * MINUTE)
    run.do(UNDO)
    run.finish()
    return run, coach


def test_the_late_rollback_is_the_decision_that_cost_most() -> None:
    """At the first page it would have spared most; the sentence says act, time and both measures."""
    run, coach = late()
    found = regret(run, coach)
    assert found.worst is not None
    assert (2, "at the first page") == (found.worst.attempt.number, found.worst.attempt.instead)
    assert found.worst.saved > 0 and found.worst.user_minutes > 0
    assert found.sentence.startswith(
        "The decision that cost most: act 2 (rollout undo deployment/app) at T+08:00."
    )
    assert list(found.frame()["budget_saved_percent"]) == sorted(
        found.frame()["budget_saved_percent"], reverse=True
    )


def test_each_try_is_the_what_if_that_it_names() -> None:
    """The same numbers as when the learner asks by hand, however many cores there are."""
    run, coach = late()
    for item in regret(run, coach).tried:
        by_hand = what_if(run, **item.attempt.edits)
        assert (-by_hand.budget_difference, -by_hand.user_minutes_difference) == (
            item.saved,
            item.user_minutes,
        )


def test_the_tries_are_the_same_on_any_number_of_cores() -> None:
    """One at a time, two or five at once: the same rows in the same order, to the last digit."""
    run, coach = late()
    alone, *others = [regret(run, coach, workers=workers) for workers in (1, 2, 5)]
    assert len(alone.tried) >= 4
    for found in others:
        assert [(each.attempt, each.saved, each.user_minutes) for each in alone.tried] == [
            (each.attempt, each.saved, each.user_minutes) for each in found.tried
        ]
        for one, other in zip(alone.tried, found.tried, strict=True):
            assert one.comparison.other.budget_spent.tolist() == other.comparison.other.budget_spent.tolist()


def test_taking_the_rollback_away_costs_and_is_last() -> None:
    """A try may be worse than what was done; the table shows that too."""
    run, coach = late()
    last = regret(run, coach).tried[-1]
    assert ("without it", 2) == (last.attempt.instead, last.attempt.number) and last.saved < 0


def test_who_did_nothing_is_shown_what_the_reference_does_at_the_first_page() -> None:
    """Nothing typed is a decision too."""
    run = fresh()
    coach = Coach(run)
    run.finish()
    found = regret(run, coach)
    assert [0] == [item.attempt.number for item in found.tried]
    assert f"`{UNDO.removeprefix('kubectl ')}` at the first page" == found.tried[0].attempt.instead
    assert "nothing was done by" in found.sentence


def test_before_any_page_and_change_there_is_nothing_to_try() -> None:
    """No regret is invented."""
    run = fresh()
    coach = Coach(run)
    found = regret(run, coach)
    assert () == found.tried and found.worst is None
    assert str(found).startswith("Nothing to try")


def test_progress_counts_up_to_all_tries() -> None:
    """A bar can be drawn from it."""
    run, coach = late()
    seen: list[tuple[int, int]] = []
    found = regret(run, coach, done=lambda count, whole: seen.append((count, whole)))
    assert [(number, len(found.tried)) for number in range(1, len(found.tried) + 1)] == seen
