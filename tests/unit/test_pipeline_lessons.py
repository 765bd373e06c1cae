"""What the kit's own pipelines are there to show, each as a fact that holds."""

from __future__ import annotations

from pathlib import Path
from statistics import mean

import pytest

from simulator.pipeline import (
    Edit,
    MoreRunners,
    Outcome,
    ParallelGates,
    Pipeline,
    Recover,
    RetrySteps,
    load_pipeline,
)
from simulator.pipeline.workflow import read_workflow

PIPELINES = Path(__file__).resolve().parents[2] / "scenarios" / "pipelines"
SEEDS = (1, 2, 3, 4)
#: What a rollback cures and users notice soon.
CURED = ("failing-unit", "slow-query", "type-error")


def outcomes(name: str, *edits: Edit, days: float = 12) -> list[Outcome]:
    """A pipeline of the kit with these edits, on four seeds."""
    source = load_pipeline(PIPELINES / name)
    for edit in edits:
        source = edit.apply(source)
    return [Pipeline(source, seed=seed).run(days) for seed in SEEDS]


def test_every_pipeline_of_the_kit_is_whole() -> None:
    """Workflow and settings beside each other, and changes reach production."""
    names = sorted(path.name for path in PIPELINES.iterdir())
    assert ["copied", "draft", "flaky", "persona", "slow"] == names
    for name in names:
        pipeline = Pipeline(PIPELINES / name, seed=2)
        assert pipeline.settings.metadata.name == name
        assert pipeline.run(3).dora.deployments > 3


@pytest.mark.parametrize("name", ["persona", "slow", "flaky"])
def test_good_workflows_pin_every_action_and_ask_for_little(name: str) -> None:
    """A full commit with its tag beside it, nothing for all jobs, something for each."""
    workflow = read_workflow(PIPELINES / name / "workflow.yaml")
    assert all(use.pinned and use.comment for use in workflow.uses())
    assert workflow.permissions is not None and workflow.permissions.scopes == ()
    assert all(job.permissions is not None for job in workflow.jobs)


def test_one_action_is_pinned_to_one_commit_everywhere() -> None:
    """The same action and tag never have two commits."""
    pinned: dict[tuple[str, str], str] = {}
    for name in ("persona", "slow", "flaky"):
        for use in read_workflow(PIPELINES / name / "workflow.yaml").uses():
            assert pinned.setdefault((use.repository, use.comment), use.ref) == use.ref


def test_the_copied_pipeline_lets_through_what_jamess_does_not() -> None:
    """The same team: more defects in production, and more deployments that hurt."""
    copied, persona = outcomes("copied"), outcomes("persona")
    assert sum(len(each.slipped) for each in copied) > 1.5 * sum(len(each.slipped) for each in persona)
    assert sum(len(each.incidents) for each in copied) > sum(len(each.incidents) for each in persona)
    ignored = {each.gate: each.ignored for outcome in copied for each in outcome.gate_tallies}
    assert ignored["test: Scan"] > 0  # it saw them, and continue-on-error forgave


def test_behind_a_slow_pipeline_rolling_back_beats_rolling_forward() -> None:
    """A fix takes hours to get out; the version before takes minutes."""

    def restored(how: Edit) -> float:
        ended = [
            (incident.restored - incident.began) / 3.6e12
            for outcome in outcomes("slow", how, days=20)
            for incident in outcome.incidents
            if incident.restored is not None
            and incident.defect.kind in ("failing-unit", "slow-query", "type-error")
        ]
        assert len(ended) > 4
        return mean(ended)

    assert restored(Recover("roll-forward")) > 2 * restored(Recover("roll-back"))


def test_gates_side_by_side_need_runners_to_run_on() -> None:
    """With two runners for the team they only queue; with twelve a change is checked sooner."""

    def minutes(*edits: Edit) -> tuple[float, float]:
        made = [each.measures() for each in outcomes("slow", *edits, days=8)]
        return mean(each["checks_minutes"] for each in made), mean(each["queue_minutes"] for each in made)

    before, alone = minutes(), minutes(ParallelGates())
    together = minutes(ParallelGates(), MoreRunners(12, "build"))
    assert alone[1] > 2 * before[1]
    assert together[0] < 0.75 * before[0]


def test_retries_hide_a_real_regression() -> None:
    """A step that tries again makes the gate green, and what it let through hurts users."""
    plain, retried = outcomes("flaky"), outcomes("flaky", RetrySteps("Unit tests", 3))

    def failed(made: list[Outcome]) -> int:
        return sum(each.flaky for outcome in made for each in outcome.gate_tallies)

    assert failed(retried) < 0.2 * failed(plain)  # it looks like the cure
    assert sum(len(each.slipped) for each in retried) > sum(len(each.slipped) for each in plain)
    hidden = [
        each.hidden for outcome in retried for each in outcome.gate_tallies if "Unit tests" in each.gate
    ]
    assert sum(hidden) > 20
