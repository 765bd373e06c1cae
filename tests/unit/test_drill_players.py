"""Automatic learners and what their plays come to."""

from __future__ import annotations

import pytest

from simulator.drill import play, play_run, players, result_of
from simulator.drill.observing import worst_pod
from simulator.errors import GamedayError
from tests.drill_stage import fresh, scenario


def test_everybody_can_play() -> None:
    """Nothing, reference, panic, and each wrong path by name; anybody else is refused."""
    assert ("nothing", "reference", "panic", "more-pods") == players(scenario())
    with pytest.raises(GamedayError, match="more-pods"):
        play(scenario(), 11, player="hero")


def test_the_result_of_doing_nothing() -> None:
    """It pages, nothing is mitigated, the budget is the most that is spent."""
    result = play(scenario(), 11, player="nothing")
    assert result.paged_at is not None and 60 < result.paged_at < 600
    assert result.mitigated_at is None
    assert result.budget_spent > 0.01 and result.user_minutes_bad > 1000
    assert result.requests > 30 * 60 * 12  # the users alone


def test_the_result_of_the_reference() -> None:
    """Mitigated soon after the rollback, with less harm, and no earlier than the act."""
    nothing, reference = (play(scenario(), 11, player=name) for name in ("nothing", "reference"))
    assert reference.mitigated_at is not None and 260 <= reference.mitigated_at < 360
    assert reference.budget_spent < nothing.budget_spent / 2
    assert reference.user_minutes_bad < nothing.user_minutes_bad / 2


def test_panic_is_no_cure() -> None:
    """A flurry of changes without a look leaves the bad release in place."""
    panic = play_run(scenario(), 11, player="panic")
    assert 8 <= len(panic.acts)
    assert all(answer.ok for answer in panic.transcript)
    assert "app:v2" == panic.cluster.deployment("app").spec.template.containers[0].image
    assert result_of(panic).mitigated_at is None


def test_a_play_finds_the_sick_pod_by_what_can_be_seen() -> None:
    """The placeholder becomes the name of the pod with most failures; deleting it ends the harm."""
    run = play_run(scenario(), 11, variant=1)
    fault = run.production.faults[0]
    assert f"kubectl delete pod {fault.pod}" == run.acts[0].line
    assert run.transcript[0].ok
    result = result_of(run, "reference")
    nothing = play(scenario(), 11, variant=1, player="nothing")
    assert 1 == result.variant == nothing.variant
    assert result.mitigated_at is not None and nothing.mitigated_at is None
    assert result.budget_spent < nothing.budget_spent / 2


def test_before_anything_was_scraped_the_first_pod_by_name_is_picked() -> None:
    """Ties and missing data have a rule of their own."""
    run = fresh()
    names = sorted(pod.meta.name for pod in run.cluster.pods if pod.deployment == "app")
    assert names[0] == worst_pod(run, "app", "myapp")
    with pytest.raises(GamedayError, match="a ready pod"):
        worst_pod(run, "app", "nobody")


def test_the_json_object_is_complete() -> None:
    """The fields that other tools rely on, with the caller's clock."""
    json = play(scenario(), 11).to_json(wall_seconds=1.5)
    assert [
        "scenario",
        "seed",
        "variant",
        "player",
        "digest",
        "requests",
        "wall_seconds",
        "budget_spent",
        "user_minutes_bad",
        "paged_at",
        "mitigated_at",
        "score",
    ] == list(json)
    assert (1.5, "drill-stage", "reference") == (json["wall_seconds"], json["scenario"], json["player"])
