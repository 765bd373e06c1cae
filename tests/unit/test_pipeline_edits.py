"""What-ifs: typed edits on the same luck, refused where they mean nothing; intervals whatever the workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import simulator as sim
from simulator.errors import GamedayError
from simulator.pipeline import (
    AddCache,
    AddMergeQueue,
    CanaryRelease,
    Edit,
    MoreRunners,
    Outcome,
    ParallelGates,
    Pipeline,
    Recover,
    RetrySteps,
    SkipGate,
    compare,
    draw,
    load_pipeline,
)

PIPELINES = Path(__file__).resolve().parents[2] / "scenarios" / "pipelines"
PERSONA, COPIED = PIPELINES / "persona", PIPELINES / "copied"


def shape(outcome: Outcome) -> list[tuple[int, str, int, str, int | None]]:
    """Everything that a run of the simulation wrote down about runs."""
    return [(r.number, r.event, r.created, r.conclusion, r.finished) for r in outcome.runs]


EDITS: list[tuple[Edit, Path]] = [
    (CanaryRelease(), PERSONA),
    (SkipGate("security"), PERSONA),
    (AddMergeQueue(), PERSONA),
    (MoreRunners(2), PERSONA),
    (Recover("roll-forward"), PERSONA),
    (RetrySteps("Unit tests"), PERSONA),
    (ParallelGates(), COPIED),
    (AddCache(), COPIED),
]


@pytest.mark.parametrize(("edit", "folder"), EDITS, ids=lambda value: getattr(value, "sentence", ""))
def test_an_edit_meets_the_same_changes_with_the_same_luck(edit: Edit, folder: Path) -> None:
    """Opened at the same instants, with the same defects: the difference is the edit's."""
    source = load_pipeline(folder)
    before, after = (Pipeline(each, seed=2).run(5) for each in (source, edit.apply(source)))
    opened = [
        [(c.opened, c.author, c.key) for c in each.changes if c.mends is None] for each in (before, after)
    ]
    assert opened[0] == opened[1] and len(opened[0]) > 20
    assert shape(before) != shape(after) or isinstance(edit, (Recover, RetrySteps))
    assert draw(edit.apply(source)).lines


def test_parallel_gates_are_jobs_of_their_own_and_the_rest_waits_for_all() -> None:
    """One job of three gates becomes three; the critical path of the checks is the longest of them."""
    source = ParallelGates().apply(load_pipeline(COPIED))
    assert ["test", "test-2", "test-3", "build", "deploy"] == [job.id for job in source.workflow.jobs]
    assert ("test", "test-2", "test-3") == source.workflow.by_id["build"].needed
    firsts = [[step.title for step in job.steps] for job in source.workflow.jobs[:3]]
    assert ["npm run lint", "npm test", "Scan"] == [titles[-1] for titles in firsts]
    assert all(titles[:3] == firsts[0][:3] for titles in firsts)


def test_gates_in_a_row_no_longer_wait_for_each_other() -> None:
    """Lint → test → scan → ship becomes three side by side, then ship."""
    text = "on: [push, pull_request]\njobs:\n"
    for name, need, run in (
        ("lint", "", "eslint"),
        ("test", "lint", "npm test"),
        ("scan", "test", "npm audit"),
        ("ship", "scan", "kubectl apply"),
    ):
        text += f"  {name}: {{runs-on: x, needs: [{need}], steps: [{{run: {run}}}]}}\n"
    made = ParallelGates().apply(load_pipeline(text)).workflow
    assert [["lint", "test", "scan"], ["ship"]] == [[job.id for job in stage] for stage in made.stages]


def test_a_gate_left_out_takes_its_required_check_with_it() -> None:
    """Nobody waits for a check that no longer comes; who needed the job needs what it needed."""
    made = SkipGate("security").apply(load_pipeline(PERSONA))
    assert ("lint", "test") == made.settings.spec.required_checks
    assert ("lint", "test") == made.workflow.by_id["build"].needed


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (SkipGate("secruity"), "expected a job or step, got 'secruity'. Did you mean 'security'?"),
        (MoreRunners(4, "big"), "expected a runner's label, got 'big'"),
        (MoreRunners(0), "expected from 1 to 10,000, got 0"),
        (CanaryRelease(weight=500), "what if: a canary: expected weight: "),
        (CanaryRelease(bake="soon"), "expected bake: a duration such as 1h30m or 250ms, got 'soon'"),
        (AddMergeQueue(max_group_size=0), "what if: a merge queue: expected maxGroupSize: "),
        (RetrySteps("Unit tests", -1), "what if: retries: expected retries: "),
        (RetrySteps("nothing"), "expected a step of that name, got 'nothing'"),
        (AddCache("lint"), "expected a step that installs or builds without one"),
    ],
)
def test_an_edit_that_means_nothing_is_refused(edit: Edit, said: str) -> None:
    """In four parts, with the nearest name."""
    with pytest.raises(GamedayError) as caught:
        edit.apply(load_pipeline(PERSONA))
    assert said in str(caught.value)


def test_a_comparison_does_not_depend_on_the_number_of_workers() -> None:
    """One process or two: the same numbers in the same order; and the bar hears of every simulation."""
    heard: list[tuple[int, int]] = []

    def comparison(workers: int) -> Any:
        return compare(
            load_pipeline(PERSONA),
            [CanaryRelease(), MoreRunners(1)],
            days=3,
            replications=2,
            seed=4,
            workers=workers,
            done=lambda count, whole: heard.append((count, whole)),
        )

    one, two = comparison(1), comparison(2)
    assert one == two
    assert [(number, 6) for number in range(1, 7)] * 2 == heard
    frame = one.frame()
    assert ["a canary at 10 % for 20m", "1 runner"] == list(frame.index.get_level_values(0).unique())
    queue = next(each for each in one.differences["1 runner"] if each.measure == "queue_minutes")
    assert queue.change.low > 0 and queue.clear


def test_an_interval_is_students() -> None:
    """1, 2, 3: the mean is 2, and t with two degrees of freedom at 97.5 % is 4.302653."""
    from simulator.pipeline import Interval

    made = Interval.of([1.0, 2.0, 3.0])
    assert (made.mean, round(made.high - made.mean, 5)) == (2.0, round(4.302652729911275 / 3**0.5, 5))
    assert Interval.of([5.0]) == Interval(5.0, 5.0, 5.0, 1)


def test_a_notebook_has_every_edit_under_one_name() -> None:
    """``pipe.edit`` offers the typed edits, and each says in words what it does."""
    edit = sim.pipeline("persona").edit
    offered = [
        edit.parallel_gates(),
        edit.cache(),
        edit.merge_queue(),
        edit.canary(),
        edit.without("security"),
        edit.runners(2),
        edit.recover("roll-back"),
        edit.retries("Unit tests"),
    ]
    kinds = [
        ParallelGates,
        AddCache,
        AddMergeQueue,
        CanaryRelease,
        SkipGate,
        MoreRunners,
        Recover,
        RetrySteps,
    ]
    assert kinds == [type(each) for each in offered]
    assert len({each.sentence for each in offered}) == len(offered)
    assert len([name for name in dir(edit) if not name.startswith("_")]) == len(offered)
