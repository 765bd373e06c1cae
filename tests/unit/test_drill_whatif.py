"""What-if: one decision changed, everything else equal."""

from __future__ import annotations

import pytest

from simulator.drill import Run, benchmark_plays, outcome, play_run, what_if
from simulator.drill.paired import stretch
from simulator.errors import GamedayError
from simulator.units import MINUTE, SECOND
from tests.drill_stage import fresh, scenario


def reference() -> Run:
    """The reference play, at its end."""
    return play_run(scenario(), 11, player="reference")


def test_rolling_back_sooner_saves_budget() -> None:
    """Act 3 two minutes earlier: the other curve lies below, and the sentence says so."""
    run = reference()
    sooner = what_if(run, move={3: "2m20s"})
    assert sooner.budget_difference < 0 and sooner.user_minutes_difference < 0
    assert "act 3 (kubectl rollout undo deployment/app) at T+02:20 instead of T+04:20" in sooner.sentence
    assert "fewer bad user-minutes" in sooner.sentence
    assert len(sooner.yours.times_s) == len(sooner.yours.budget_spent) == len(sooner.other.budget_spent)
    assert sooner.other.budget_spent[-1] < sooner.yours.budget_spent[-1]


def test_without_the_rollback_it_burns_on() -> None:
    """Dropping the mitigation is doing nothing, to the last request."""
    comparison = what_if(reference(), drop=[3])
    nothing, _ = benchmark_plays(scenario(), 11)
    assert comparison.budget_difference > 0
    assert comparison.other.budget_spent[-1] == pytest.approx(nothing.budget_spent)


def test_an_inserted_line_is_an_act_of_the_other_run() -> None:
    """Doing nothing, but with one rollback at three minutes."""
    run = play_run(scenario(), 11, player="nothing")
    comparison = what_if(run, insert=[("3m", "kubectl rollout undo deployment/app")])
    assert comparison.budget_difference < 0
    assert comparison.sentence.startswith("With kubectl rollout undo deployment/app at T+03:00, ")


def test_an_inserted_dangerous_line_means_itself() -> None:
    """Nobody is there to say yes: the other run is what would have happened."""
    comparison = what_if(
        fresh_until(3 * MINUTE), insert=[("1m", "kubectl scale deployment/app --replicas=0")]
    )
    assert 0 == comparison.other_run.cluster.deployment("app").spec.replicas
    assert comparison.budget_difference > 0 and () == comparison.not_applicable


def fresh_until(at: int) -> Run:
    """A lesson in which nothing was done up to ``at``."""
    run = fresh()
    run.advance(at)
    return run


def test_a_line_that_names_a_pod_means_the_same_pod_there() -> None:
    """The pod is found by owner and ordinal; a pod that never came to be is reported."""
    run = fresh()
    run.advance(3 * MINUTE)
    new = next(pod.meta.name for pod in run.cluster.pods if pod.revision == 3)
    run.do(f"kubectl delete pod {new} --wait=false")
    run.do("kubectl rollout undo deployment/app")
    old = next(pod.meta.name for pod in run.cluster.pods if pod.deployment == "db")
    run.do(f"kubectl delete pod {old} --wait=false")
    run.finish()
    comparison = what_if(run, insert=[("1m", "kubectl rollout pause deployment/app")])
    missing = {each.number: each.reason for each in comparison.not_applicable}
    assert 3 not in missing
    assert new in missing[1] or "does not exist there" in missing[1]


def test_a_confirmed_line_and_its_yes_are_one_decision() -> None:
    """Dropping either drops both."""
    run = fresh()
    run.do("kubectl scale deployment/app --replicas=0")
    run.do("yes")
    run.finish()
    assert [] == what_if(run, drop=[1]).other_run.acts == what_if(run, drop=[2]).other_run.acts


@pytest.mark.parametrize("change", [{"move": {9: "1m"}}, {"drop": [0]}, {"insert": [("99m", "x")]}])
def test_an_act_or_time_that_is_not_there_is_refused(change: dict[str, object]) -> None:
    """Numbers are those of drill.actions; times lie within what was played."""
    with pytest.raises(GamedayError, match="what_if"):
        what_if(reference(), **change)  # type: ignore[arg-type]


def test_outcome_of_the_benchmark_plays() -> None:
    """Nothing scores 0, the reference 100, a wrong path less."""
    assert 0.0 == pytest.approx(outcome(play_run(scenario(), 11, player="nothing")))
    assert 100.0 == pytest.approx(outcome(reference()))
    assert outcome(play_run(scenario(), 11, player="more-pods")) < 50.0


def test_an_unfinished_run_is_judged_as_if_nothing_more_were_done() -> None:
    """A learner who walks away after the rollback still gets what it brought."""
    run = fresh(mode="game-day")
    run.advance(4 * MINUTE)
    run.do("kubectl rollout undo deployment/app")
    assert 100.0 < outcome(run) <= 120.0
    assert 4 * MINUTE < run.now < 5 * MINUTE


def test_a_replaced_act_happens_at_the_same_instant_in_other_words() -> None:
    """Scaling out where the rollback was: it burns on, and the sentence names both lines."""
    line = "kubectl scale deployment/app --replicas=6"
    comparison = what_if(reference(), replace={3: line})
    assert comparison.budget_difference > 0
    assert f"With {line} instead of act 3 (kubectl rollout undo deployment/app)" in comparison.sentence
    assert 6 == comparison.other_run.cluster.deployment("app").spec.replicas
    assert [line] == [act.line for act in comparison.other_run.acts if act.at == 260 * SECOND]


def test_a_replaced_act_may_move_too() -> None:
    """The other line at another time is one decision, and one phrase."""
    comparison = what_if(reference(), move={3: "2m"}, replace={3: "kubectl rollout undo deployment/app"})
    assert "at T+02:00 instead of act 3" in comparison.sentence
    assert comparison.budget_difference < 0


def cordoned() -> Run:
    """A node out of use for two minutes, and pods up and back down."""
    run = fresh()
    node = next(iter(run.cluster.nodes)).meta.name
    for at, line in (
        (2 * MINUTE, f"kubectl cordon {node}"),
        (3 * MINUTE, "kubectl scale deployment/app --replicas=5"),
        (4 * MINUTE, f"kubectl uncordon {node}"),
        (6 * MINUTE, "kubectl scale deployment/app --replicas=3"),
    ):
        run.advance(at)
        assert run.do(line).ok
    run.advance(8 * MINUTE)
    return run


def test_what_is_set_and_taken_back_moves_as_one() -> None:
    """The end goes with the start, by as much, and the sentence says so; what is named stays as named."""
    run = cordoned()
    assert [(3,), (4,), (), ()] == [stretch(run, number) for number in (1, 2, 3, 4)]
    sooner = what_if(run, move={2: "2m30s"})
    assert [150, 330] == [
        act.at // SECOND for act in sooner.other_run.acts if act.line.startswith("kubectl scale")
    ]
    assert "with it act 4 (kubectl scale deployment/app --replicas=3) at T+05:30" in sooner.sentence
    apart = what_if(run, move={2: "2m30s", 4: "7m"})
    assert [150, 420] == [
        act.at // SECOND for act in apart.other_run.acts if act.line.startswith("kubectl scale")
    ]
    assert "with it" not in apart.sentence


def test_what_was_never_set_is_not_taken_back() -> None:
    """Without the start there is no end either, and the sentence names both."""
    run = cordoned()
    without = what_if(run, drop=[1])
    assert not [act for act in without.other_run.acts if "cordon" in act.line]
    assert "and without act 3 (kubectl uncordon" in without.sentence
    assert "which took it back" in without.sentence


def test_a_look_that_finds_nothing_there_is_no_complaint() -> None:
    """It changed nothing here and changes nothing there; a change that is refused there is told."""
    run = fresh()
    run.advance(2 * MINUTE)
    run.do("kubectl scale deployment/app --replicas=4")
    run.advance(3 * MINUTE)
    newest = [pod.meta.name for pod in run.cluster.pods if pod.meta.name.startswith("app-")][-1]
    run.do(f"kubectl describe pod {newest}")
    run.do(f"kubectl delete pod {newest}")
    run.advance(4 * MINUTE)
    without = what_if(run, drop=[1])
    assert ["kubectl delete pod"] == [" ".join(each.line.split()[:3]) for each in without.not_applicable]


def test_an_act_can_not_be_dropped_and_replaced() -> None:
    """The two contradict each other."""
    with pytest.raises(GamedayError, match="act 3 in both"):
        what_if(reference(), drop=[3], replace={3: "kubectl get pods"})
