"""A team at work: the same luck, the life of a change, gates, incidents, what-ifs, and the release."""

from __future__ import annotations

from pathlib import Path

from simulator.pipeline import (
    AddMergeQueue,
    Outcome,
    Pipeline,
    load_pipeline,
)
from simulator.pipeline.loading import settings_of
from simulator.units import DAY, HOUR

PERSONA = Path(__file__).resolve().parents[2] / "scenarios" / "pipelines" / "persona"
COPIED = PERSONA.parent / "copied"

SHORT = """\
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - {name: Unit tests, run: npm test}
  ship:
    needs: test
    if: github.event_name == 'push'
    runs-on: ubuntu-latest
    environment: production
    steps:
      - {name: Deploy, run: kubectl apply}
"""


def short(model: str = "", spec: str = "") -> Pipeline:
    """A small pipeline with these lines of settings."""
    text = f"kind: Pipeline\nspec:\n  changesPerDay: 12\n{spec}model:\n  skew: 0.0\n{model}"
    return Pipeline(SHORT, model=settings_of(text.encode(), "settings"), seed=5)


ALWAYS = "  defects: [{kind: %s, chance: 1.0%s}]\n"
CALM = "  defects: []\n  steps: [{step: '*', flaky: 0.0, falseAlarms: 0.0%s}]\n"


def shape(outcome: Outcome) -> list[tuple[int, str, int, str, int | None]]:
    """Everything that a run of the simulation wrote down about runs."""
    return [(r.number, r.event, r.created, r.conclusion, r.finished) for r in outcome.runs]


def test_the_same_seed_gives_the_same_month_and_another_seed_another() -> None:
    """Ten times over, and not by accident."""
    pipeline = Pipeline(PERSONA, seed=7)
    first = pipeline.run(5)
    for _ in range(9):
        again = pipeline.run(5)
        assert shape(first) == shape(again) and first.to_json() == again.to_json()
    assert shape(first) != shape(pipeline.run(5, seed=8))


def test_nobody_opens_a_change_on_a_weekend_or_at_night() -> None:
    """Each person's changes are opened in their own hours: 9 to 17, Monday to Friday."""
    outcome = Pipeline(SHORT, seed=3).run(21)
    assert 60 < len(outcome.changes) < 180  # eight a working day, fifteen days, and mends
    for change in outcome.changes:
        if change.mends is None:
            day, hour = change.opened // DAY, change.opened % DAY / HOUR
            assert day % 7 < 5 and 9 <= hour <= 17


def test_a_calm_pipeline_delivers_every_change_and_hurts_nobody() -> None:
    """Without defects and flaky tests each change takes one run, and each merge is a deployment."""
    outcome = short(CALM % "").run(14)
    merged = [change for change in outcome.changes if change.merged is not None]
    assert len(merged) > 80 and all(change.pushes == 1 for change in merged)
    assert outcome.dora.change_failure_rate == 0.0 and outcome.incidents == []
    assert outcome.dora.restore_hours_median is None
    deployed = [change for change in merged if change.deployed is not None]
    assert sum(len(each.changes) for each in outcome.deployments) == len(deployed)
    assert all((change.deployed or 0) > (change.merged or 0) > change.opened for change in deployed)


def test_a_gate_that_sees_everything_lets_nothing_through_and_each_change_is_mended() -> None:
    """Every change carries a failing unit; the tests find each one once, before it merges."""
    gate = "  steps: [{step: Unit tests, flaky: 0.0, finds: {failing-unit: 1.0}}]\n"
    outcome = short(ALWAYS % ("failing-unit", "") + gate).run(10)
    merged = [change for change in outcome.changes if change.merged is not None]
    assert len(merged) > 40 and all(change.pushes == 2 for change in merged)
    assert outcome.slipped == [] and len(outcome.caught) >= len(merged)
    tallies = {each.gate: each for each in outcome.gate_tallies}
    assert tallies["test: Unit tests"].caught == len(outcome.caught)
    assert tallies["test: Unit tests"].kinds == {"failing-unit": len(outcome.caught)}


def test_without_a_gate_the_same_changes_carry_their_defects_to_production() -> None:
    """What nobody looks for is in every deployment, and its harm is the kind's."""
    gate = "  steps: [{step: '*', flaky: 0.0, finds: {}}]\n"
    outcome = short(ALWAYS % ("slow-query", ", harm: 1.0") + gate).run(5)
    assert outcome.caught == [] and len(outcome.slipped) > 20
    assert outcome.dora.change_failure_rate == 1.0
    ended = [incident for incident in outcome.incidents if incident.restored is not None]
    assert all((each.restored or 0) > each.began for each in ended)
    back = [each for each in ended if each.how == "roll-back"]
    assert len(back) > 0.7 * len(ended) > 7


def test_a_bad_migration_is_not_rolled_back() -> None:
    """Its incident ends when a release without it reaches production, whatever the recovery is."""
    gate = "  steps: [{step: '*', flaky: 0.0, finds: {}}]\n"
    outcome = short("  defects: [{kind: bad-migration, chance: 0.05, harm: 1.0}]\n" + gate).run(20)
    ended = [incident for incident in outcome.incidents if incident.restored is not None]
    assert ended and {"roll-forward"} == {incident.how for incident in ended}
    releases = [each.at for each in outcome.deployments]
    assert all(incident.restored in releases for incident in ended)


def test_reruns_hide_a_regression_that_shows_now_and_then() -> None:
    """Of defects that show in four runs of ten, who looks at once merges six in ten; who reruns, most."""
    gate = "  steps: [{step: Unit tests, flaky: 0.0, finds: {failing-unit: 1.0}}]\n"
    defect = "  defects: [{kind: failing-unit, chance: 0.1, shows: 0.4}]\n"
    merged = []
    for reruns in (0, 3):
        outcome = short(defect + gate + f"  author: {{reruns: {reruns}}}\n").run(25)
        carried = [each.merged_index is not None for each in outcome.defects]
        merged.append(sum(carried) / len(carried))
    assert 0.35 < merged[0] < merged[1] - 0.1


def test_a_false_alarm_stays_until_it_is_dismissed() -> None:
    """Every change is refused once, runs again after somebody has proved the alarm false, and passes."""
    gate = "  defects: []\n  steps: [{step: Unit tests, flaky: 0.0, falseAlarms: 1.0}]\n"
    outcome = short(gate).run(10)
    merged = [change for change in outcome.changes if change.merged is not None]
    assert len(merged) > 40
    tallies = {each.gate: each for each in outcome.gate_tallies}
    proposals = [run for run in outcome.runs if run.event == "pull_request" and run.conclusion == "failure"]
    assert len(proposals) >= len(merged)
    assert tallies["test: Unit tests"].false_alarms >= len(merged) and tallies["test: Unit tests"].caught == 0


def test_skew_breaks_the_branch_and_a_merge_queue_does_not_let_it() -> None:
    """Two good changes that don't go together: seen after the merge without a queue, before it with one."""
    plain = short("  defects: []\n  steps: [{step: '*', flaky: 0.0, finds: {failing-unit: 1.0}}]\n")
    model = plain.settings.model.model_copy(update={"skew": 0.08})
    settings = plain.settings.model_copy(update={"model": model})
    source = load_pipeline(SHORT, settings)
    without = Pipeline(source, seed=5).run(20)
    queued = Pipeline(AddMergeQueue().apply(source), seed=5).run(20)
    red = [run for run in without.runs if run.event == "push" and run.conclusion == "failure"]
    assert len(red) > 3
    assert [] == [run for run in queued.runs if run.event == "push" and run.conclusion == "failure"]
    assert [run for run in queued.runs if run.event == "merge_group" and run.conclusion == "failure"]
