"""The first incidents behave as their texts say: quiet before, hurt after, cured by the right act alone."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from simulator.drill import Act, Result, Run, play
from simulator.scenario import Scenario, load
from simulator.telemetry import signals
from simulator.units import MINUTE, SECOND

SEED = 1
#: All plays are decided by then; the rest of the drill repeats the minutes before.
HORIZON = 26 * MINUTE
VARIANTS = (("production-is-down", 0), ("production-is-down", 1), ("production-is-down", 2), ("welcome", 0))
WRONG = tuple(
    (name, variant, path.name)
    for name, variant in VARIANTS
    for path in load(name).with_variant(variant).wrong_paths
)


def scenario(name: str, variant: int) -> Scenario:
    """One variant, loaded."""
    return load(name).with_variant(variant)


@lru_cache(maxsize=32)
def played(name: str, variant: int, player: str) -> Result:
    """A player's run on the one seed of the gate, up to the horizon."""
    whole = scenario(name, variant)
    short = whole.spec.model_copy(update={"duration": min(HORIZON, whole.spec.duration)})
    return play(whole.model_copy(update={"spec": short}), SEED, player=player)


@pytest.mark.parametrize("name", ["production-is-down", "welcome"])
def test_without_its_timeline_nobody_is_paged(name: str) -> None:
    """A healthy run stays inside every objective: what hurts comes from the timeline."""
    healthy = load(name).model_copy(update={"timeline": ()})
    run = Run(healthy, SEED, mode="game-day")
    run.advance(HORIZON)
    assert run.first_page_at is None
    for slo in run.slos.values():
        assert slo.error_ratio(15 * MINUTE, run.now) < 0.001
        assert slo.spent_in_drill(run.now) < 0.002


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_page_comes_when_the_lesson_needs_it(name: str, variant: int) -> None:
    """The welcome pages within four minutes; the incident leaves seven to look around, and not nine."""
    at = played(name, variant, "nothing").paged_at
    assert at is not None
    assert 180 <= at <= 240 if name == "welcome" else 400 <= at <= 510


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_reference_spends_less_than_a_third_of_doing_nothing(name: str, variant: int) -> None:
    """Doing nothing costs a good part of the month, and the reference play mitigates and holds."""
    nothing, reference = played(name, variant, "nothing"), played(name, variant, "reference")
    assert nothing.budget_spent > 0.08
    assert nothing.mitigated_at is None
    assert reference.budget_spent < nothing.budget_spent / 3
    assert reference.mitigated_at is not None
    budgets = [check.budget_below for check in scenario(name, variant).checks if check.budget_below]
    assert all(reference.budget_spent < share < nothing.budget_spent for share in budgets)


@pytest.mark.parametrize(("name", "variant", "wrong"), WRONG)
def test_a_wrong_path_stays_under_its_ceiling(name: str, variant: int, wrong: str) -> None:
    """A tempting play never mitigates, and its outcome score is what its author promised at most."""
    nothing, reference = played(name, variant, "nothing"), played(name, variant, "reference")
    theirs = played(name, variant, wrong)
    ceiling = next(path.ceiling for path in scenario(name, variant).wrong_paths if path.name == wrong)
    span = nothing.budget_spent - reference.budget_spent
    assert 100 * (nothing.budget_spent - theirs.budget_spent) / span <= ceiling
    assert theirs.mitigated_at is None


@pytest.mark.parametrize(("variant", "signal"), [(0, "p99"), (2, "error_ratio")])
def test_scaling_out_looks_right_for_a_while(variant: int, signal: str) -> None:
    """More pods make a bad release faster and a sick pod rarer: the graph improves, and the fault stays."""
    chosen = scenario("production-is-down", variant)
    path = next(path for path in chosen.wrong_paths if path.name == "scale-out")
    run = Run(chosen, SEED, mode="game-day")
    for step in path.plays:
        run.advance(max(run.now, step.at))
        run.do(step.run)
    acted = run.now
    run.advance(acted + 4 * MINUTE)
    before = signals(run.telemetry, "checkout", acted - 2 * MINUTE, acted)
    after = signals(run.telemetry, "checkout", acted + 2 * MINUTE, acted + 4 * MINUTE)
    assert np.nanmean(getattr(after, signal)) < 0.75 * np.nanmean(getattr(before, signal))
    assert np.nanmean(after.error_ratio) > 0.05


def test_only_the_customers_of_checkout_are_hurt() -> None:
    """Whoever browses notices nothing: the storefront's own objective spends nothing."""
    run = Run(scenario("production-is-down", 0), SEED, mode="game-day")
    run.advance(20 * MINUTE)
    assert run.slos["checkout-availability"].spent_in_drill(run.now) > 0.1
    assert run.slos["storefront-availability"].spent_in_drill(run.now) < 0.002


def test_one_pod_of_six_makes_the_errors_of_the_third_variant() -> None:
    """The pod's name stands in the failing log lines: the answer can be read and need not be guessed."""
    run = Run(scenario("production-is-down", 2), SEED, mode="game-day")
    run.advance(6 * MINUTE)
    text = run.do("kubectl logs -l app=checkout --since=2m --tail=400").text
    failing = [line for line in text.splitlines() if "status=500" in line or '"status":500' in line]
    names = run.do("kubectl get pods -l app=checkout -o name").text.replace("pod/", "").split()
    counts = {name: sum(name in line for line in failing) for name in names}
    assert len(names) == 6
    assert max(counts.values()) > 0.9 * sum(counts.values()) > 0


def test_the_lines_that_james_teaches_run_word_for_word_on_the_welcome() -> None:
    """Each command of his table works exactly as he writes it."""
    run = Run(scenario("welcome", 0), SEED)
    run.advance(4 * MINUTE)
    lines = (
        "kubectl get pods -n production",
        "kubectl rollout history deployment/app",
        "kubectl logs -l app=myapp --tail=100",
        "kubectl rollout undo deployment/app",
        "kubectl rollout status deployment/app --timeout=300s",
        "kubectl scale deployment/app --replicas=10",
        "kubectl set image deployment/app app=app@sha256:" + "0f" * 32,
    )
    for line in lines:
        answer = run.do(line)
        assert answer.ok, answer.text
    name = run.do("kubectl get pods -l app=myapp -o name").text.split()[0].removeprefix("pod/")
    assert run.do(f"kubectl delete pod {name}").ok


def test_colleagues_ask_when_they_are_left_without_news() -> None:
    """Customer care asks once five minutes after the page, and thanks whoever tells it something."""
    silent = Run(scenario("production-is-down", 0), SEED, mode="game-day")
    silent.advance(14 * MINUTE)
    assert ["care-asks"] == [message.id for message in silent.channel if message.kind == "people"]
    told = Run(scenario("production-is-down", 0), SEED, mode="game-day")
    told.advance(8 * MINUTE)
    told.apply(Act(told.now, 'statuspage investigating "Some orders fail. More at 10:20."'))
    told.advance(12 * MINUTE + 30 * SECOND)
    assert ["care-thanks"] == [message.id for message in told.channel if message.kind == "people"]
