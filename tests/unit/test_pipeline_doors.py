"""The doors of the pipeline: Python, the command line, charts, drawings; and the release that comes out."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import simulator as sim
from simulator.cli.app import app
from simulator.drill import Run
from simulator.errors import GamedayError, PipelineError
from simulator.pipeline import (
    Pipeline,
    Settings,
    draw,
    load_pipeline,
    timeline_entry,
)
from simulator.pipeline.loading import settings_of
from simulator.pipeline.releases import checked
from simulator.scenario import Scenario
from simulator.units import DAY, HOUR
from tests.drill_stage import scenario

PIPELINES = Path(__file__).resolve().parents[2] / "scenarios" / "pipelines"
PERSONA, COPIED = PIPELINES / "persona", PIPELINES / "copied"

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


def _release(kind: str, target: str) -> dict[str, Any]:
    """The first release of a pipeline in which every change carries this defect and no gate finds it."""
    defects = f"  defects: [{{kind: {kind}, chance: 1.0, harm: 1.0}}]\n"
    made = short(f"{defects}  steps: [{{step: '*', finds: {{}}}}]\n  target: {target}\n")
    outcome = made.run(1)
    return timeline_entry(outcome.deployments[0], made.settings.model.target, at="4m")


@pytest.mark.parametrize(
    "kind",
    [
        "type-error",
        "failing-unit",
        "vulnerable-dependency",
        "leaked-secret",
        "slow-query",
        "leak",
        "bad-migration",
    ],
)
def test_every_kind_of_defect_is_a_release_that_a_scenario_may_hold(kind: str) -> None:
    """The scenario layer reads it; quiet kinds leave the version as it was."""
    entry = _release(kind, "{deployment: app, image: app, route: page}")
    read = checked(entry)
    assert read.release is not None and read.release.deployment == "app" and read.release.commit
    quiet = kind in ("vulnerable-dependency", "leaked-secret")
    assert quiet is ("model" not in entry)


def test_a_bad_migration_of_a_known_schema_is_released_as_a_migration() -> None:
    """The release record joins image and migration in one commit."""
    entry = _release("bad-migration", "{deployment: app, schema: shop, migration: '7'}")
    assert {"schema": "shop", "version": "7"} == entry["release"]["migration"]


def test_what_slips_through_is_the_release_that_production_runs() -> None:
    """From commit to customer: the failing unit that no gate found makes the users' requests fail."""
    entry = checked(_release("failing-unit", "{deployment: app, image: app, route: page}"))
    base: Scenario = scenario()
    released = base.model_copy(update={"timeline": (entry,)})
    quiet = base.model_copy(update={"timeline": ()})
    spent = []
    for each in (quiet, released):
        run = Run(each, 3, mode="game-day")
        run.finish()
        slo = next(iter(run.slos.values()))
        spent.append(slo.budget_left(0).share_left - slo.budget_left(run.now).share_left)
        if each is released:
            commit = [release.commit for release in run.production.releases if release.at >= 0]
            assert [entry.release.commit if entry.release else ""] == commit
    assert spent[0] < 0.02 < spent[1]


def test_the_door_takes_files_folders_and_text() -> None:
    """And says in four parts what it can't take."""
    assert sim.pipeline(SHORT, seed=2).run(2).seed == 2
    assert sim.pipeline(PERSONA).settings.metadata.name == "persona"
    assert sim.pipeline(PERSONA / "pipeline.yaml").workflow.name == "delivery"
    assert sim.pipeline(str(PERSONA / "workflow.yaml")).settings.metadata.name == "persona"
    assert sim.pipeline("persona").workflow.name == "delivery"
    with pytest.raises(PipelineError, match="Did you mean 'persona'"):
        sim.pipeline("personna")
    assert isinstance(sim.pipeline(SHORT, model="kind: Pipeline\nspec:\n  approvals: 0\n").settings, Settings)
    for wrong in (PERSONA / "none.yaml", PERSONA.parent):
        with pytest.raises(PipelineError, match="expected"):
            sim.pipeline(wrong)
    with pytest.raises(PipelineError, match=r"expected pull_request or merge_group or push on main, got sch"):
        sim.pipeline(SHORT.replace("[push, pull_request]", "{schedule: [{cron: '0 0 * * *'}]}")).run(1)
    trunk = SHORT.replace("on: [push, pull_request]", "on: {push: {branches: [trunk]}}")
    assert sim.pipeline(trunk).settings.spec.branch == "trunk"
    for call in (
        lambda: sim.pipeline(SHORT).run("30"),  # type: ignore[arg-type]
        lambda: sim.pipeline(SHORT).what_if("canary"),  # type: ignore[arg-type]
        lambda: sim.pipeline(None),  # type: ignore[arg-type]
        lambda: sim.pipeline(SHORT, seed="7"),  # type: ignore[arg-type]
    ):
        with pytest.raises(GamedayError, match="expected"):
            call()
    with pytest.raises(GamedayError, match=r"run\(days=…\): expected more than 0"):
        sim.pipeline(SHORT).run(0)


def test_the_door_stays_a_door_when_the_room_is_imported() -> None:
    """``simulator.pipeline`` is also a package; importing it does not shadow the function."""
    import importlib

    room = importlib.import_module("simulator.pipeline")
    assert room.Pipeline is Pipeline
    assert sim.pipeline(SHORT).workflow.jobs


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("spec: {changesPerDay: 0}\n", "settings:1: spec.changesPerDay: expected more than 0"),
        ("spec: {peple: []}\n", "got 'peple'. Did you mean 'people'?"),
        (
            "spec: {people: [{name: A, timeZone: Mars}]}\n",
            "expected a time zone such as Europe/Berlin, got 'Mars'",
        ),
        (
            "spec: {people: [{name: A, from: '17:00', to: '09:00'}]}\n",
            "expected a time after 17:00, got 09:00",
        ),
        ("spec: {environments: [{name: p, reviewers: [Zoe]}]}\n", "expected a reviewer of p among"),
        ("model: {defects: [{kind: typo, chance: 0.1}]}\n", "settings:1: model.defects[0].kind"),
        ("model: {steps: [{step: x, time: {mean: 1m, p99: 60m}}]}\n", "expected a p99 of 1.02 to 14.9 times"),
        ("spec: {requiredChecks: [tset]}\n", "got 'tset'. Did you mean 'test'?"),
        ("spec: {mergeQueue: {}}\n", "expected merge_group beside a merge queue, got none."),
        ("spec: {mergeQueue: {minGroupSize: 9}}\n", "expected minGroupSize up to 5, got 9"),
    ],
)
def test_mistakes_in_the_settings_are_told_with_their_line(text: str, said: str) -> None:
    """The workflow's names are checked too."""
    with pytest.raises(PipelineError) as caught:
        sim.pipeline(SHORT, model=text)
    assert said in str(caught.value)


def test_frames_hold_a_row_for_each_thing() -> None:
    """Runs, jobs, changes, deployments, defects, gates and the four keys, with units in their names."""
    outcome = sim.pipeline(PERSONA, seed=6).run(6)
    assert len(outcome.run_frame) == len(outcome.runs)
    assert len(outcome.job_frame) == sum(len(run.jobs) for run in outcome.runs)
    assert len(outcome.change_frame) == len(outcome.changes)
    assert len(outcome.deployment_frame) == len(outcome.deployments)
    assert len(outcome.defect_frame) == len(outcome.defects)
    assert outcome.gates["caught"].sum() <= len([each for each in outcome.defects if each.caught_by])
    assert [
        "deployment frequency",
        "lead time for changes",
        "change failure rate",
        "time to restore",
    ] == list(outcome.dora.frame().index)


def test_every_chart_says_what_is_on_it() -> None:
    """A sentence for whoever can't see it, and a picture."""
    outcome = sim.pipeline(PERSONA, seed=6).run(6)
    for picture in (outcome.plot.dora(), outcome.plot.gates(), outcome.plot.gantt(), outcome.plot.queue()):
        assert str(picture).endswith(".") and picture._repr_png_().startswith(b"\x89PNG")
    with pytest.raises(GamedayError, match=r"gantt\(run=…\)"):
        outcome.plot.gantt(99_999)


def test_a_notebook_shows_the_drawing_and_a_comparison_its_chart() -> None:
    """Mermaid with a text twin; intervals as a picture."""
    pipe = sim.pipeline(PERSONA, seed=6)
    bundle = pipe._repr_mimebundle_()
    assert bundle["text/vnd.mermaid"].startswith("flowchart LR")
    assert "Lena or Aisha or June approves" in bundle["text/plain"]
    assert "Stage 1, 3 side by side:" in bundle["text/plain"]
    made = pipe.what_if(pipe.edit.runners(1), days=2, replications=2, workers=1)
    assert "paired on the same luck" in str(made.plot())
    assert pipe.edited(pipe.edit.canary(weight=5)).run(2).seed == 6


def test_drawings_name_every_job_once_and_keep_mermaids_quotes() -> None:
    """A title with quotes and angle brackets is escaped; ``end`` as a job's id is no keyword."""
    text = SHORT.replace("  test:\n", "  test:\n    name: 'Say \"hi\" <now>'\n").replace("ship:", "end:")
    drawing = draw(load_pipeline(text))
    assert 'job_test{{"Say &quot;hi&quot; &lt;now&gt;"}}' in drawing.mermaid
    assert "job_test --> job_end" in drawing.mermaid


def test_hours_of_work_follow_a_persons_clock() -> None:
    """Berlin's clocks go forward on 29 March 2026: nine o'clock is then an hour earlier in UTC."""
    from datetime import UTC, datetime

    from simulator.pipeline.calendars import WorkingHours
    from simulator.pipeline.settings import Person

    hours = WorkingHours(Person(name="A", time_zone="Europe/Berlin"), datetime(2026, 3, 27, tzinfo=UTC))
    assert 8 * HOUR == hours.next(0)  # Friday, 9:00 in winter
    assert 3 * DAY + 7 * HOUR == hours.next(16 * HOUR)  # Monday, 9:00 in summer
    assert 3 * DAY + 8 * HOUR == hours.add(15 * HOUR, 2 * HOUR)  # an hour on Friday, an hour on Monday
    assert 9 * HOUR == hours.add(0, HOUR)
    assert 15 * HOUR == hours.add(0, 7 * HOUR)


# -- the command line --------------------------------------------------------------------------------------


def test_run_prints_one_json_object() -> None:
    """DORA keys, gates, caught and slipped defects, on standard output alone."""
    line = ["pipeline", "run", str(PERSONA), "--days", "4", "--seed", "3", "--json"]
    result = CliRunner().invoke(app, line)
    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert (made["seed"], made["days"]) == (3, 4)
    keys = {"deployments_per_day", "lead_time_hours_median", "change_failure_rate", "restore_hours_median"}
    assert keys <= set(made["dora"])
    assert made == sim.pipeline(PERSONA, seed=3).run(4).to_json()
    assert "test: Unit tests" in [gate["gate"] for gate in made["gates"]]


def test_run_and_draw_speak_to_people_too() -> None:
    """A sentence and a table; stages in words, then Mermaid."""
    shown = CliRunner().invoke(app, ["pipeline", "run", str(COPIED / "workflow.yaml"), "--days", "4"]).stdout
    assert "4 days, seed 1." in shown and "npm test" in shown and "Reached production:" in shown
    drawn = CliRunner().invoke(app, ["pipeline", "draw", str(PERSONA)]).stdout
    assert "Stage 1, 3 side by side:" in drawn and "flowchart LR" in drawn
    plan = json.loads(CliRunner().invoke(app, ["pipeline", "draw", str(PERSONA), "--json"]).stdout)
    push = {row["job"]: row for row in plan["schedule"]["push"]}
    assert push["test"]["slack_minutes"] == 0 and push["lint"]["slack_minutes"] > 0
    assert ["lint", "test", "security"] == [row["job"] for row in plan["schedule"]["pull_request"]]


@pytest.mark.parametrize("command", ["draw", "run"])
def test_a_workflow_with_mistakes_ends_with_the_four_part_error(command: str, tmp_path: Path) -> None:
    """Malformed YAML, a circle, an unknown job, a missing file: exit code 2, no traceback."""
    job = "{runs-on: x, steps: [{run: y}], needs: %s}"
    for text, said in (
        ("jobs: [", "expected YAML"),
        (f"on: push\njobs:\n  a: {job % 'b'}\n  b: {job % 'a'}\n", "the circle a → b → a"),
        (f"on: push\njobs:\n  a: {job % 'c'}\n", "expected the id of a job, got 'c'"),
    ):
        path = tmp_path / "w.yml"
        path.write_text(text)
        line = [sys.executable, "-m", "simulator", "pipeline", command, str(path)]
        made = subprocess.run(line, capture_output=True, text=True, check=False)
        assert (2, "") == (made.returncode, made.stdout)
        assert said in made.stderr and "Traceback" not in made.stderr


def test_a_plan_is_a_table_of_when_each_job_can_run() -> None:
    """The same numbers as the schedule in minutes; an event that starts nothing is refused."""
    pipe = sim.pipeline(PERSONA)
    for event in ("push", "pull_request"):
        table = pipe.plan(event)
        planned = {each.job: each for each in pipe.schedule(event)}
        assert list(planned) == list(table.index)
        assert [each.slack / 6e10 for each in planned.values()] == list(table["slack_minutes"])
        assert [name for name, each in planned.items() if each.critical] == list(
            table.index[table["critical"]]
        )
    finish = pipe.plan("pull_request")["finish_minutes"]
    assert finish["test"] > finish["lint"] > finish["security"]
    with pytest.raises(GamedayError, match="expected pull_request or merge_group or push, got 'pull'"):
        pipe.plan("pull")
