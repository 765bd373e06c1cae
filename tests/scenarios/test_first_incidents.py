"""The first incidents behave as their texts say, where the proof of a scenario does not ask."""

from __future__ import annotations

import pytest

from simulator.drill import Act, Run
from simulator.scenario import Scenario, load
from simulator.units import MINUTE, SECOND, seconds

SEED = 1
VARIANTS = (("production-is-down", 0), ("production-is-down", 1), ("production-is-down", 2), ("welcome", 0))


def scenario(name: str, variant: int) -> Scenario:
    """One variant, loaded."""
    return load(name).with_variant(variant)


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_page_comes_when_the_lesson_needs_it(name: str, variant: int) -> None:
    """The welcome pages within four minutes; the incident leaves seven to look around, and not nine."""
    run = Run(scenario(name, variant), SEED, mode="game-day")
    run.advance(10 * MINUTE)
    assert run.first_page_at is not None
    at = seconds(run.first_page_at)
    assert 180 <= at <= 240 if name == "welcome" else 400 <= at <= 510


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
    """Customer care asks five minutes after the page, and thanks whoever tells it something."""
    silent = Run(scenario("production-is-down", 0), SEED, mode="game-day")
    silent.advance(14 * MINUTE)
    assert ["care-asks"] == [message.id for message in silent.channel if message.kind == "people"]
    told = Run(scenario("production-is-down", 0), SEED, mode="game-day")
    told.advance(8 * MINUTE)
    told.apply(Act(told.now, 'statuspage investigating "Some orders fail. More at 10:20."'))
    told.advance(12 * MINUTE + 30 * SECOND)
    assert ["care-thanks"] == [message.id for message in told.channel if message.kind == "people"]
