"""Degenerate plays of the first incident score worse than doing nothing, in outcome and in all."""

from __future__ import annotations

from functools import lru_cache

import pytest

from simulator.coach import Coach, Score
from simulator.drill import DEGENERATE, Run, play_run
from simulator.scenario import Scenario, load
from simulator.units import MINUTE

SEED = 1
SCENARIO = load("production-is-down")
VARIANTS = range(len(SCENARIO.variants))
#: All plays are decided by then; the rest of the drill repeats the minutes before.
HORIZON = 26 * MINUTE


def shortened(variant: int) -> Scenario:
    """One variant, up to the horizon."""
    whole = SCENARIO.with_variant(variant)
    return whole.model_copy(update={"spec": whole.spec.model_copy(update={"duration": HORIZON})})


@lru_cache(maxsize=64)
def scored(variant: int, player: str) -> Score:
    """The score of a whole play."""
    coaches: list[Coach] = []

    def attach(run: Run) -> None:
        coaches.append(Coach(run))

    play_run(shortened(variant), SEED, player=player, attach=attach)
    return coaches[0].score()


def total(variant: int, player: str) -> float:
    """The sum of the lines."""
    found = scored(variant, player).total
    assert found is not None
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_doing_nothing_is_nothing_and_the_reference_everything(variant: int) -> None:
    """0 in each line and 100 in each line: the two ends of the scale."""
    nothing, reference = scored(variant, "nothing"), scored(variant, "reference")
    assert [0.0] * 5 == [line.points for line in nothing.lines]
    assert [100.0] * 5 == [line.points for line in reference.lines]


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("player", DEGENERATE)
def test_a_degenerate_play_scores_worse_than_doing_nothing(variant: int, player: str) -> None:
    """Its total is below zero, its outcome no better than nobody's, and it does not pass."""
    score = scored(variant, player)
    assert total(variant, player) < 0.0
    assert score["outcome"].points is not None
    if player == "silence-the-alert":
        assert 0.0 == score["outcome"].points  # users notice nothing of a silence; it is no help either
    else:
        assert score["outcome"].points < 0.0
    assert not score.passed
    assert all(line.points is not None and line.points <= 0.0 for line in score.lines)


def test_a_silence_counts_only_while_the_fire_it_hides_burns() -> None:
    """Silenced and then cured is no breach; silenced and left burning is, with the act that did it."""
    run = Run(shortened(0), SEED, mode="game-day")
    coach = Coach(run)
    run.advance(8 * MINUTE)
    run.do(
        'amtool silence add alertname=CheckoutAvailabilityBudgetBurn --duration=2h --comment="it is known"'
    )
    burning = coach.score()["safety"]
    assert -25.0 == burning.points and (1,) == burning.items[-1].acts
    assert "nobody will be called" in burning.items[-1].text
    run.do("kubectl rollout history deployment/checkout")
    run.do("kubectl rollout undo deployment/checkout")
    run.finish()
    assert 100.0 == coach.score()["safety"].points
