"""A run that nobody looks at comes to the same end: what is kept to be read steers nothing."""

from __future__ import annotations

import pytest

from simulator.drill import Act, Run, play_acts
from simulator.drill.players import mitigated_at
from simulator.errors import SimulationError
from simulator.scenario import Scenario
from simulator.slo import bad_users_by_minute, worst
from simulator.units import MINUTE, SECOND
from tests import drill_stage, rollout_scenario

UNDO = (
    Act(4 * MINUTE, "kubectl get pods"),
    Act(4 * MINUTE + 5 * SECOND, "kubectl logs -l app=myapp --tail=20"),
    Act(4 * MINUTE + 20 * SECOND, "kubectl rollout undo deployment/app"),
    Act(5 * MINUTE, "kubectl rollout status deployment/app"),
    Act(7 * MINUTE, 'promql sum(rate(lb_requests_total{code=~"5.."}[1m]))'),
)
WORLDS = {
    "a release taken back": (drill_stage.scenario(), UNDO, 12 * MINUTE),
    "a canary that its analysis stops": (rollout_scenario.canary(bad=True), (), 8 * MINUTE),
}


def _end(scenario: Scenario, acts: tuple[Act, ...], until: int, *, looked_at: bool) -> Run:
    run = Run(scenario, 3, mode="game-day", looked_at=looked_at)
    play_acts(run, acts)
    run.advance(until)
    return run


def _told(run: Run) -> dict[str, object]:
    slo = worst(run.slos, run.now)
    return {
        "budget": slo.curve(0, run.now).spent_in_drill.tolist(),
        "users": bad_users_by_minute(run.telemetry, 0, run.now).tolist(),
        "alerts": run.alerts.transitions,
        "mitigated": mitigated_at(run, slo),
        "events": [(each.last_at, each.reason, each.message, each.count) for each in run.cluster.events],
        "answers": [(answer.at, answer.ok, answer.cost) for answer in run.transcript],
    }


@pytest.mark.parametrize("world", sorted(WORLDS))
def test_whether_anybody_looks_changes_nothing(world: str) -> None:
    """Budgets, users, alerts, events and the time that each act took are equal to the unit."""
    scenario, acts, until = WORLDS[world]
    seen = _end(scenario, acts, until, looked_at=True)
    unseen = _end(scenario, acts, until, looked_at=False)
    assert _told(seen) == _told(unseen)
    assert seen.telemetry.logs.pods
    assert not unseen.telemetry.logs.pods


def test_a_run_that_nobody_looks_at_has_no_digest() -> None:
    """Its counters were not kept, so it says so and gives no half of a hash."""
    run = Run(drill_stage.scenario(), 3, looked_at=False)
    with pytest.raises(SimulationError, match="outcome alone"):
        _ = run.digest
