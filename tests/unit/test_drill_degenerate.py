"""Degenerate players: built from the topology, valid on any workload, worse for users than nobody at all."""

from __future__ import annotations

from functools import lru_cache

import pytest

from simulator.drill import DEGENERATE, Run, play, play_run, result_of
from simulator.drill.console import FAMILIES
from simulator.drill.degenerate import AT_THE_LATEST, DELAY, LUCKY, front_doors, paged_workload, workloads
from simulator.units import MINUTE
from tests import rollout_scenario as shop
from tests.drill_stage import fresh, scenario

SEED = 11
#: What each has done, by its first words, in the order in which it types them.
FIRST = {
    "scale-to-zero": "kubectl scale deployment/app --replicas=0",
    "silence-the-alert": "amtool silence add alertname=",
    "stop-the-load": "kubectl scale deployment/app --replicas=0",
    "delete-the-service": "kubectl delete deployment app",
    "restart-in-a-loop": "kubectl delete pod -l app=myapp",
    "drain-everything": "kubectl cordon ",
    "roll-back-everything": "kubectl rollout undo deployment/app",
    "spam": "kubectl scale deployment/app --replicas=1",
}


@lru_cache(maxsize=16)
def played(player: str) -> Run:
    """A whole play of the small incident."""
    return play_run(scenario(), SEED, player=player)


def test_they_are_named_and_each_does_what_its_name_says() -> None:
    """The list is complete, and none waits for what it can't know: half a minute after the page it acts."""
    assert set(FIRST) == set(DEGENERATE)
    for name, line in FIRST.items():
        run = played(name)
        assert run.acts[0].line.startswith(line), name
        assert run.first_page_at is not None
        assert 0 <= run.acts[0].at - run.first_page_at - DELAY <= run.telemetry.interval
        assert {name} == {act.actor for act in run.acts}


@pytest.mark.parametrize("name", sorted(set(DEGENERATE) - {"silence-the-alert", *LUCKY}))
def test_users_lose_more_than_with_nobody_on_call(name: str) -> None:
    """Each leaves more harm than doing nothing does on the same seed."""
    nothing, theirs = result_of(played("nothing")), result_of(played(name))
    assert theirs.budget_spent > nothing.budget_spent
    assert theirs.mitigated_at is None


def test_who_silences_the_alert_spares_users_nothing() -> None:
    """Exactly the harm of doing nothing, and nobody hears of it any more."""
    nothing, theirs = result_of(played("nothing")), result_of(played("silence-the-alert"))
    assert nothing.budget_spent == theirs.budget_spent
    assert all(answer.ok for answer in played("silence-the-alert").transcript)


@pytest.mark.parametrize("name", DEGENERATE)
@pytest.mark.parametrize("made", ["canary", "blue_green"])
def test_each_knows_rollouts_as_well_as_deployments(name: str, made: str) -> None:
    """On a system with a Rollout every line is understood; only what was never released can't be undone."""
    whole = shop.canary(bad=True) if made == "canary" else shop.blue_green()
    spec = whole.spec.model_copy(update={"duration": AT_THE_LATEST + 3 * MINUTE})
    short = whole.model_copy(update={"spec": spec})
    run = play_run(short, player=name)
    assert run.acts
    refused = [answer.text for answer in run.transcript if not answer.ok]
    assert all("no rollout history" in text or "no revision" in text for text in refused), refused
    if name == "roll-back-everything":
        assert any(act.line.startswith("kubectl argo rollouts undo checkout") for act in run.acts)


def test_they_find_the_promise_and_the_door_by_the_topology() -> None:
    """The workload whose promise rang, and the one that users reach first, by the Service's selector."""
    run = fresh()
    assert "app" == paged_workload(run).meta.name
    assert ["app"] == [door.meta.name for door in front_doors(run)]
    assert ["app", "db"] == [workload.meta.name for workload in workloads(run)]


def test_a_second_undo_takes_back_the_first() -> None:
    """Who rolls everything back twice is where the trouble began, a few pods later."""
    run = played("roll-back-everything")
    assert "app:v2" == run.cluster.deployment("app").spec.template.containers[0].image
    assert result_of(run).mitigated_at is None
    assert set(LUCKY) < set(DEGENERATE)


def test_no_line_loosens_an_objective() -> None:
    """Nothing in the console changes an SLO: its family only looks."""
    assert {"look"} == {verb.kind for verb in FAMILIES["slo"].verbs.values()}
    run = fresh()
    before = [slo.objective for slo in run.slos.values()]
    for line in ("kubectl edit slo app-availability 'spec: {}'", "kubectl delete slo app-availability"):
        assert not run.do(line).ok
    assert before == [slo.objective for slo in run.slos.values()]


def test_they_play_by_name_and_the_same_way_each_time() -> None:
    """A degenerate player is a player: by name, to the same bytes."""
    assert played("spam").digest == play(scenario(), SEED, player="spam").digest
