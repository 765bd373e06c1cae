"""Any graph of jobs: a run is as long as its critical path, and with few runners within Graham's bound."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.pipeline.critical import critical_path, schedule
from simulator.units import SECOND
from tests.pipeline_stage import PICKUP, Stage, workflow


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[list[int]], list[int]]:
    """Jobs, each with those before it that it needs, and seconds."""
    count = draw(st.integers(1, 7))
    needs = [
        draw(st.lists(st.integers(0, n - 1), unique=True, max_size=3)) if n else [] for n in range(count)
    ]
    return needs, draw(st.lists(st.integers(1, 300), min_size=count, max_size=count))


def played(needs: list[list[int]], seconds: list[int], runners: int) -> Stage:
    """One run of this graph."""
    lines = [
        f"j{n}: needs: [{', '.join(f'j{m}' for m in before)}], steps: [{{run: s{n}}}]"
        for n, before in enumerate(needs)
    ]
    times = {f"s{n}": float(each) for n, each in enumerate(seconds)}
    stage = Stage(workflow("\n".join(lines)), times, runners=runners)
    stage.start(0)
    stage.play(10_000)
    return stage


@given(graphs())
@settings(max_examples=40, deadline=None)
def test_with_runners_enough_the_run_is_its_longest_chain(graph: tuple[list[list[int]], list[int]]) -> None:
    """The length by hand, by the plan of means, and by walking back from the end agree."""
    needs, seconds = graph
    done: list[int] = []
    for before, each in zip(needs, seconds, strict=True):
        done.append(max((done[m] for m in before), default=0) + each * SECOND + PICKUP)
    stage = played(needs, seconds, 20)
    assert max(done) == stage.runs[0].record.finished == critical_path(stage.runs[0].record).total
    plan = schedule(stage.source, "push")
    assert [f"j{n}" for n in range(len(done))] == sorted(each.job for each in plan)
    assert dict(zip((f"j{n}" for n in range(len(done))), done, strict=True)) == {
        e.job: e.finish for e in plan
    }
    assert all(each.slack >= 0 for each in plan) and any(each.critical for each in plan)


@given(graphs(), st.integers(1, 3))
@settings(max_examples=40, deadline=None)
def test_with_few_runners_no_runner_idles_while_a_job_waits(
    graph: tuple[list[list[int]], list[int]], runners: int
) -> None:
    """Graham 1966: at most work / runners + (1 - 1 / runners) of the critical path, at least either."""
    needs, seconds = graph
    stage = played(needs, seconds, runners)
    free = max(each.finish for each in schedule(stage.source, "push"))
    work = sum(each * SECOND + PICKUP for each in seconds)
    length = stage.runs[0].record.finished or 0
    assert max(free, work / runners) <= length <= work / runners + (1 - 1 / runners) * free + 1
    path = critical_path(stage.runs[0].record)
    assert path.total == length
