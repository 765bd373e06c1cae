"""Runs of workflows against times worked out by hand: needs, runners, groups, environments, caches."""

from __future__ import annotations

import pytest

from simulator.errors import PipelineError
from simulator.pipeline.changes import Defect
from simulator.pipeline.critical import critical_path, schedule
from simulator.pipeline.gantt import gantt
from simulator.units import HOUR, MINUTE, SECOND
from tests.pipeline_stage import Stage, constant, workflow

DIAMOND = workflow(
    """
    a: steps: [{run: first}]
    b: needs: a, steps: [{run: short}]
    c: needs: a, steps: [{run: long}]
    d: needs: [b, c], steps: [{run: last}]
    """
)
#: A step that always fails, after ten seconds.
BREAKS = {"steps": [{"step": "breaks", "flaky": 1.0, "time": constant(10)}]}
TIMES: dict[str, float] = {"first": 60, "short": 30, "long": 120, "last": 10}


def test_a_diamond_takes_its_longer_side() -> None:
    """61 + 121 + 11 seconds with a second of pickup each; the short side has 90 to spare."""
    stage = Stage(DIAMOND, TIMES)
    stage.start(5)
    stage.play()
    spans = [stage.span(name) for name in "abcd"]
    assert [(6, 66), (67, 97), (67, 187), (188, 198)] == spans
    path = critical_path(stage.runs[0].record)
    assert ["a", "c", "d"] == [link.job for link in path.links]
    assert 193 * SECOND == path.total
    plan = {each.job: (each.start, each.finish, each.slack) for each in schedule(stage.source, "push")}
    seconds = {job: tuple(each // SECOND for each in times) for job, times in plan.items()}
    assert {"a": (0, 61, 0), "b": (61, 92, 90), "c": (61, 182, 0), "d": (182, 193, 0)} == seconds


def test_the_path_of_means_is_the_path_of_a_run_with_constant_times() -> None:
    """Both readings of the critical path agree where nothing varies and nothing lacks."""
    stage = Stage(DIAMOND, TIMES)
    stage.start(0)
    stage.play()
    planned = [each.job for each in schedule(stage.source, "push") if each.critical]
    assert planned == [link.job for link in critical_path(stage.runs[0].record).links]


def test_one_runner_makes_the_sides_queue_and_the_path_says_so() -> None:
    """The longer side waits 31 seconds for the shorter one's runner."""
    stage = Stage(DIAMOND, TIMES, runners=1)
    stage.start(0)
    stage.play()
    assert [(1, 61), (62, 92), (93, 213), (214, 224)] == [stage.span(name) for name in "abcd"]
    path = critical_path(stage.runs[0].record)
    assert [("a", 0), ("c", 31), ("d", 0)] == [(link.job, link.queued // SECOND) for link in path.links]
    chart = gantt(stage.runs[0].record)
    assert ["a", "b", "c", "d"] == [bar.job for bar in chart.bars]
    assert [True, False, True, True] == [bar.critical for bar in chart.bars]
    text = str(chart).splitlines()
    assert "#" in text[0] and "=" in text[1] and "-" in text[2]
    assert "31s of it waiting." in text[-1]
    assert chart.mermaid.startswith("gantt") and chart.mermaid.count("crit") == 4


GROUPED = workflow("a: steps: [{run: work}]", "on: push\nconcurrency: {group: '${{ github.ref }}'%s}")


def _grouped(extra: str, *starts: float) -> list[tuple[str, float | None]]:
    stage = Stage(GROUPED.replace("%s", extra), {"work": 99})
    for number, at in enumerate(starts, 1):
        stage.start(at, number=number)
    stage.play()
    ended = [run.record for run in stage.runs]
    return [(run.conclusion, None if run.finished is None else run.finished / SECOND) for run in ended]


def test_in_a_group_one_runs_and_a_newer_one_takes_the_waiting_ones_place() -> None:
    """The second waits from 10 on; the third cancels it at 20 and runs when the first has ended."""
    assert [("success", 100), ("cancelled", 20), ("success", 200)] == _grouped("", 0, 10, 20)


def test_cancel_in_progress_ends_the_running_one() -> None:
    """The first ends when the second comes, and the second when the third comes."""
    assert [("cancelled", 10), ("cancelled", 30), ("success", 130)] == _grouped(
        ", cancel-in-progress: true", 0, 10, 30
    )


def test_cancel_in_progress_may_depend_on_the_event() -> None:
    """An expression that is false for a push lets the running one go on."""
    condition = ", cancel-in-progress: \"${{ github.event_name == 'pull_request' }}\""
    assert [("success", 100), ("success", 200)] == _grouped(condition, 0, 10)


def test_queue_max_lets_all_wait_in_order() -> None:
    """First come, first served, nobody is cancelled."""
    assert [("success", 100), ("success", 200), ("success", 300)] == _grouped(", queue: max", 0, 10, 20)


def test_a_cancelled_job_still_tidies_up_for_five_minutes_at_most() -> None:
    """The step that runs is cut short, those after it are left out, and what asks for it runs to its end."""
    steps = "steps: [{run: work}, {run: more}, {run: tidy, if: always()}, {run: rest, if: cancelled()}]"
    text = workflow(f"a: {steps}", "on: push\nconcurrency: {group: g, cancel-in-progress: true}")
    for rest, ends in ((60, 100), (600, 310)):
        stage = Stage(text, {"work": 99, "more": 9, "tidy": 30, "rest": rest})
        stage.start(0, number=1)
        stage.start(10, number=2)
        stage.play()
        made = [(step.title, step.conclusion) for step in stage.job("a").steps]
        last = "success" if rest == 60 else "cancelled"
        assert [("work", "cancelled"), ("tidy", "success"), ("rest", last)] == made
        assert ("cancelled", ends) == (stage.job("a").conclusion, stage.span("a")[1])
        assert ends + 1 == stage.span("a", run=1)[0]


def test_a_job_has_a_group_of_its_own() -> None:
    """Two runs' builds overlap; their deployments don't, and the name's case does not matter."""
    group = "${{ github.run_number == 1 && 'PROD' || 'prod' }}"
    text = workflow(
        f"""
        build: steps: [{{run: make}}]
        deploy: needs: build, concurrency: "{group}", steps: [{{run: ship}}]
        """
    )
    stage = Stage(text, {"make": 9, "ship": 49})
    stage.start(0, number=1)
    stage.start(5, number=2)
    stage.play()
    assert [(1, 10), (6, 15)] == [stage.span("build", run) for run in (0, 1)]
    assert [(11, 60), (61, 110)] == [stage.span("deploy", run) for run in (0, 1)]
    held = [link.held // SECOND for link in critical_path(stage.runs[1].record).links]
    assert [0, 45] == held


def test_what_needs_a_failed_job_is_skipped_unless_it_asks_for_it() -> None:
    """always() and failure() run; a skipped ancestor skips what comes after it, even behind an always()."""
    text = workflow(
        """
        bad: steps: [{run: breaks}]
        after: needs: bad, steps: [{run: x}]
        tidy: needs: bad, if: always(), steps: [{run: x}]
        tell: needs: bad, if: failure(), steps: [{run: x}]
        calm: needs: bad, if: "!cancelled() && needs.bad.result == 'success'", steps: [{run: x}]
        later: needs: tidy, steps: [{run: x}]
        """
    )
    stage = Stage(text, {"x": 1}, model=BREAKS)
    stage.start(0)
    stage.play()
    assert stage.results() == {
        "bad": "failure",
        "after": "skipped",
        "tidy": "success",
        "tell": "success",
        "calm": "skipped",
        "later": "skipped",
    }
    assert "failure" == stage.runs[0].record.conclusion


def test_steps_after_a_failure_run_only_if_they_ask() -> None:
    """A step's outcome and conclusion differ where the failure is forgiven."""
    steps = (
        "steps: [{id: one, run: breaks, continue-on-error: true}, "
        "{run: x, if: steps.one.outcome == 'failure'}, {run: breaks}, {run: y}, {run: z, if: failure()}]"
    )
    stage = Stage(workflow(f"a: {steps}"), {"x": 1, "y": 1, "z": 1}, model=BREAKS)
    stage.start(0)
    stage.play()
    made = [(step.outcome, step.conclusion) for step in stage.job("a").steps]
    assert [
        ("failure", "success"),
        ("success", "success"),
        ("failure", "failure"),
        ("skipped", "skipped"),
        ("success", "success"),
    ] == made


def test_a_matrix_fails_fast_unless_told_otherwise() -> None:
    """The one that fails after 10 s ends the others then; with fail-fast off they end by themselves."""
    steps = (
        "steps: [{run: x, if: \"matrix.which == 'lasts'\"}, {run: breaks, if: \"matrix.which == 'breaks'\"}]"
    )
    for fast, conclusions in (("true", ["failure", "cancelled"]), ("false", ["failure", "success"])):
        matrix = f"strategy: {{fail-fast: {fast}, matrix: {{which: [breaks, lasts]}}}}"
        stage = Stage(workflow(f"a: {matrix}, {steps}"), {"x": 60}, model=BREAKS)
        stage.start(0)
        stage.play()
        assert conclusions == [job.conclusion for job in stage.runs[0].record.jobs]
        ended = [(job.finished or 0) / SECOND for job in stage.runs[0].record.jobs]
        assert [11, 11 if fast == "true" else 61] == ended


def test_max_parallel_lets_so_many_run_at_once() -> None:
    """Five jobs of 9 seconds and a pickup, two at a time, take 30 seconds."""
    text = workflow("a: strategy: {max-parallel: 2, matrix: {n: [1, 2, 3, 4, 5]}}, steps: [{run: x}]")
    stage = Stage(text, {"x": 9})
    stage.start(0)
    stage.play()
    assert [10, 10, 20, 20, 30] == [(job.finished or 0) / SECOND for job in stage.runs[0].record.jobs]


def test_a_timeout_cancels_the_job_and_fails_the_step() -> None:
    """A job over its minutes is cancelled there, as on GitHub; a step over its own fails."""
    text = workflow(
        """
        job: timeout-minutes: 1, steps: [{run: long}]
        step: steps: [{run: long, timeout-minutes: 1}]
        """
    )
    stage = Stage(text, {"long": 300})
    stage.start(0)
    stage.play()
    assert {"job": "cancelled", "step": "failure"} == stage.results()
    assert [(1, 61), (1, 61)] == [stage.span("job"), stage.span("step")]


def _protected(environment: dict[str, object]) -> Stage:
    people = [
        {"name": "Ana", "from": "09:00", "to": "17:00"},
        {"name": "Ito", "timeZone": "Asia/Tokyo", "from": "09:00", "to": "17:00"},
    ]
    spec = {"people": people, "environments": [{"name": "production", **environment}]}
    model = {"people": {"approval": constant(1800)}}
    stage = Stage(
        workflow("ship: environment: production, steps: [{run: x}]"), {"x": 59}, spec=spec, model=model
    )
    stage.start(0)
    stage.play(40 * 24 * 3600)
    return stage


def test_whoever_of_the_reviewers_works_first_approves() -> None:
    """Monday 00:00 UTC is nine in Tokyo: Ito takes half an hour; Ana would begin nine hours later."""
    both = _protected({"reviewers": ["Ana", "Ito"]})
    assert "Ito" == both.job("ship").approver
    assert 30 * MINUTE == both.job("ship").queued
    alone = _protected({"reviewers": ["Ana"]})
    assert 9 * HOUR + 30 * MINUTE == alone.job("ship").queued


def test_a_wait_timer_runs_from_the_jobs_creation() -> None:
    """Approval and timer pass side by side; the later one counts."""
    assert 45 * MINUTE == _protected({"waitTimer": "45m", "reviewers": ["Ito"]}).job("ship").queued
    assert 30 * MINUTE == _protected({"waitTimer": "5m", "reviewers": ["Ito"]}).job("ship").queued


def test_a_branch_that_may_not_deploy_fails_at_once() -> None:
    """The environment's branch rules are asked before its reviewers."""
    job = _protected({"branches": ["release/**"], "reviewers": ["Ana"]}).job("ship")
    assert ("failure", "not-allowed", 0) == (job.conclusion, job.cause, job.finished)


def test_an_approval_that_never_comes_fails_after_thirty_days() -> None:
    """Ana alone may approve, and the change is hers."""
    job = _protected({"reviewers": ["Ana"], "preventSelfReview": True}).job("ship")
    assert ("failure", "rejected", 30 * 24 * HOUR) == (job.conclusion, job.cause, job.finished)


def test_a_cache_of_the_default_branch_serves_all_and_a_proposals_serves_itself() -> None:
    """As GitHub restricts them: main can't read what a pull request saved."""
    text = workflow("a: steps: [{uses: actions/cache@v4}, {run: install}]")
    model = {"steps": [{"step": "install", "time": constant(100), "cache": {"saves": 0.8}}]}
    stage = Stage(text, {"actions/cache": 1}, model=model)
    for at, event, number in (
        (0, "pull_request", 7),
        (200, "pull_request", 7),
        (400, "push", 8),
        (600, "pull_request", 9),
    ):
        stage.start(at, event, number=number)
    stage.play()
    steps = [run.record.jobs[0].steps[1] for run in stage.runs]
    assert ["miss", "hit", "miss", "hit"] == [step.cache for step in steps]
    assert [100, 20, 100, 20] == [(step.finished - step.started) / SECOND for step in steps]


def test_failed_jobs_run_again_and_the_others_keep_their_results() -> None:
    """GitHub's "re-run failed jobs" takes what comes after them too."""
    text = workflow(
        """
        good: steps: [{run: x}]
        bad: steps: [{run: breaks}]
        after: needs: [good, bad], steps: [{run: x}]
        """
    )
    stage = Stage(text, {"x": 1}, model=BREAKS)
    stage.start(0)
    stage.play(1000)
    again = stage.forge.start(stage.runs[0].commit, "push", again=stage.runs[0].record)
    stage.play(2000)
    assert (1, 2) == (again.record.number, again.record.attempt)
    assert ["bad", "after"] == [job.job for job in again.record.jobs]
    assert "success" == again.jobs["good"].result


def test_a_gate_finds_a_defect_each_time_and_an_unsteady_one_now_and_then() -> None:
    """A test that sees a defect sees it in every run; a defect that shows in half of them looks flaky."""
    gate = {"step": "tests", "time": constant(1), "flaky": 0.0, "finds": {"failing-unit": 1.0}}
    stage = Stage(workflow("a: steps: [{run: tests}]"), {}, model={"steps": [gate]})
    steady = Defect("failing-unit", 11, 1, 1.0, stage.env.event())
    unsteady = Defect("failing-unit", 12, 1, 0.5, stage.env.event())
    for number in range(40):
        stage.start(10 * number, number=number + 1, defects=[steady] if number < 5 else [unsteady])
    stage.play()
    failed = [run.record.conclusion == "failure" for run in stage.runs]
    assert [True] * 5 == failed[:5]
    assert 8 <= sum(failed[5:]) <= 27


def test_a_condition_on_what_nobody_knows_is_an_error_with_its_line() -> None:
    """Never skipped, never run in silence; the settings can give the value."""
    text = workflow("a: if: vars.REGION == 'eu', steps: [{run: x}]")
    stage = Stage(text, {"x": 1})
    stage.start(0)
    with pytest.raises(PipelineError, match=r"workflow:3: jobs\.a\.if: expected a value that the model"):
        stage.play()
    given = Stage(text, {"x": 1}, spec={"values": {"vars.REGION": "eu"}})
    given.start(0)
    given.play()
    assert {"a": "success"} == given.results()
