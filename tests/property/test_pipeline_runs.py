"""Whatever jobs wait for, fail at, or are cancelled by: time runs forwards, and no runner is shared."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.records import JobRecord
from tests.pipeline_stage import Stage, constant, workflow

CONDITIONS = st.sampled_from(
    ["", "if: always(), ", "if: failure(), ", "if: '!cancelled()', ", "if: github.ref, "]
)
GROUPS = st.sampled_from(
    [
        "",
        "concurrency: one, ",
        "concurrency: {group: two, cancel-in-progress: true}, ",
        "concurrency: {group: one, queue: max}, ",
    ]
)
MATRICES = st.sampled_from(
    [
        "",
        "strategy: {matrix: {n: [1, 2, 3]}}, ",
        "strategy: {fail-fast: false, max-parallel: 1, matrix: {n: [1, 2]}}, ",
    ]
)
HEADS = st.sampled_from(
    [
        "on: push",
        "on: push\nconcurrency: all",
        "on: push\nconcurrency: {group: all, cancel-in-progress: true}",
    ]
)
STEPS = st.sampled_from(
    [
        "[{run: short}]",
        "[{run: long}, {run: short, if: always()}]",
        "[{run: wobbles}, {run: short}]",
        "[{run: short, timeout-minutes: 1}, {run: wobbles, continue-on-error: true}]",
    ]
)


@st.composite
def workflows(draw: st.DrawFn) -> str:
    """A workflow of one to five jobs with all that can hold them up."""
    lines = []
    for number in range(draw(st.integers(1, 5))):
        needs = draw(st.lists(st.integers(0, number - 1), unique=True, max_size=2)) if number else []
        named = ", ".join(f"j{need}" for need in needs)
        held = draw(CONDITIONS) + draw(GROUPS) + draw(MATRICES)
        place = "environment: production, " if draw(st.booleans()) else ""
        lines.append(f"j{number}: needs: [{named}], {held}{place}timeout-minutes: 5, steps: {draw(STEPS)}")
    return workflow("\n".join(lines), draw(HEADS))


@given(workflows(), st.integers(1, 3), st.lists(st.integers(0, 900), min_size=1, max_size=5))
@settings(max_examples=60, deadline=None)
def test_time_runs_forwards_and_nothing_is_shared(text: str, runners: int, starts: list[int]) -> None:
    """Every run ends; each job goes through its stations in order; so many jobs run at once, and no more."""
    model = {
        "steps": [{"step": "wobbles", "time": constant(40), "flaky": 0.4}],
        "people": {"approval": constant(120)},
    }
    spec = {"environments": [{"name": "production", "reviewers": ["Ana"], "waitTimer": "1m"}]}
    stage = Stage(text, {"short": 20, "long": 400}, runners=runners, spec=spec, model=model)
    for number, at in enumerate(sorted(starts), 1):
        stage.start(at, number=number)
    stage.play(3_000_000)
    records = [job for run in stage.runs for job in run.record.jobs]
    for run in stage.runs:
        assert run.done.triggered and run.record.conclusion and run.record.finished is not None
        assert all(state.result for state in run.jobs.values() if run.record.started is not None)
    for job in records:
        _in_order(job)
        for step in job.steps:
            assert step.started <= step.finished
    _never_more(records, runners)
    for run in stage.runs:
        for job in run.record.jobs:
            for need in job.needs:
                assert all((before.finished or 0) <= job.created for before in run.record.named(need))


def _in_order(job: JobRecord) -> None:
    stations = [job.created, job.queued, job.picked, job.started, job.finished]
    passed = [each for each in stations if each is not None]
    assert job.finished is not None and job.conclusion
    assert all(first <= second for first, second in pairwise(passed))


def _never_more(records: list[JobRecord], most: int) -> None:
    """So many hold a runner at once, at most; who gives one up at an instant makes room for another then."""
    events = sorted(
        (at, change)
        for job in records
        if job.picked is not None and job.finished is not None
        for at, change in ((job.picked, 1), (job.finished, -1))
        if job.picked < job.finished
    )
    held = 0
    for _, change in events:
        held += change
        assert held <= most
