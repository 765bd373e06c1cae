"""Queues of a pipeline against closed forms: M/M/c, Little's law; and a merge queue worked out by hand."""

from __future__ import annotations

from collections.abc import Generator
from math import factorial
from statistics import mean, stdev

import simpy

from simulator.distributions import Law
from simulator.pipeline.changes import Branch, Change, Commit, Defect
from simulator.pipeline.merging import Merger, Queue
from simulator.pipeline.settings import MergeQueue
from simulator.units import MINUTE, SECOND
from tests.pipeline_stage import Stage, constant, workflow

ONE = workflow("a: steps: [{run: work}]")
TEN_MINUTES = {"distribution": "exponential", "mean": "10m"}
EXPONENTIAL = {"steps": [{"step": "work", "time": TEN_MINUTES, "flaky": 0.0}]}


def erlang_c(servers: int, load: float) -> float:
    """The chance that an arrival waits in M/M/c; ``load`` is arrival rate over service rate."""
    head = sum(load**n / factorial(n) for n in range(servers))
    tail = load**servers / factorial(servers) * servers / (servers - load)
    return tail / (head + tail)


def poisson(stage: Stage, per_minute: float, count: int) -> float:
    """Start so many runs at the arrivals of a Poisson stream; give back the last instant in seconds."""
    at, gap = 0.0, 60.0 / per_minute
    for number in range(1, count + 1):
        bits = stage.luck.bits("test-arrivals", number)
        at += gap * _exponential(bits)
        stage.start(at, number=number)
    return at


def _exponential(bits: int) -> float:
    return Law("exponential", SECOND).quantile(bits) / SECOND


def _waits(servers: int, per_minute: float, count: int) -> tuple[Stage, list[float]]:
    stage = Stage(ONE, {}, runners=servers, model=EXPONENTIAL)
    last = poisson(stage, per_minute, count)
    stage.play(last + 90_000)
    jobs = [run.record.jobs[0] for run in stage.runs]
    return stage, [((job.picked or 0) - (job.queued or 0)) / MINUTE for job in jobs]


def test_the_wait_for_a_runner_is_that_of_m_m_c() -> None:
    """Poisson runs, exponential jobs of ten minutes, three runners at 65 %: the mean wait is Erlang's."""
    servers, rate = 3, 0.195  # a minute
    load = rate * (10 + 1 / 60)
    expected = erlang_c(servers, load) * (10 + 1 / 60) / (servers - load)
    _, waits = _waits(servers, rate, 6000)
    batches = [mean(waits[place : place + 300]) for place in range(0, 6000, 300)]
    half = 2.5 * stdev(batches) / len(batches) ** 0.5
    assert abs(mean(batches) - expected) < half
    assert half < 0.35 * expected  # else it would prove nothing
    waiting = mean(float(wait > 0) for wait in waits)
    assert abs(waiting - erlang_c(servers, load)) < 0.06


def test_littles_law_holds_in_the_runner_queue() -> None:
    """The mean number of jobs that wait or run, watched from outside, is their rate times their time."""
    stage = Stage(ONE, {}, runners=2, model=EXPONENTIAL)
    last = poisson(stage, 0.15, 1500)
    resource = stage.forge.site.pools.pools[0].runners
    seen: list[int] = []
    step = 30 * SECOND

    def watch() -> Generator[simpy.Event, None, None]:
        while True:
            seen.append(len(resource.queue) + resource.count)
            yield stage.env.timeout(step)

    stage.env.process(watch())
    horizon = round((last + 90_000) * SECOND)
    stage.play(horizon / SECOND)
    jobs = [run.record.jobs[0] for run in stage.runs]
    assert all(job.finished is not None for job in jobs)
    inside = sum(((job.finished or 0) - (job.queued or 0)) for job in jobs)
    watched = sum(seen) * step
    assert abs(watched - inside) < 0.01 * inside


# -- the merge queue -------------------------------------------------------------------------------------

QUEUED = workflow("test: steps: [{run: work}]", "on: [push, merge_group]")
GATE = {"steps": [{"step": "work", "time": constant(99), "finds": {"failing-unit": 1.0}}]}


class Lane:
    """A merge queue with runs of a hundred seconds, and what it merged."""

    def __init__(self, **rules: int | str) -> None:
        self.stage = Stage(QUEUED, {}, model=GATE)
        self.env = self.stage.env
        self.branch = Branch("main")
        self.merged: list[tuple[float, list[int]]] = []
        self.ejected: list[tuple[float, int]] = []
        merger = Merger(
            self.env,
            self.stage.forge,
            self.branch,
            self.stage.luck,
            0.0,
            lambda run: run.record.conclusion == "success",
            self._pushed,
        )
        made = MergeQueue.model_validate({"wait": "5m", **rules})
        self.queue = Queue(self.env, self.stage.forge, merger, made)

    def _pushed(self, commit: Commit) -> None:
        self.merged.append((int(self.env.now) / SECOND, [change.number for change in commit.changes]))

    def add(self, at: float, number: int, *, broken: bool = False) -> None:
        """A change enters at this second."""
        change = Change(number, number, 0, 0, pushes=1)
        if broken:
            change.defects = [Defect("failing-unit", 1000 + number, number, 1.0, self.env.event())]

        def enter() -> Generator[simpy.Event, None, None]:
            yield self.env.timeout(round(at * SECOND))
            done = self.queue.add(change)
            yield done
            if done.value is not None:
                self.ejected.append((int(self.env.now) / SECOND, number))

        self.env.process(enter())

    def builds(self) -> list[tuple[float, tuple[int, ...], str]]:
        """When each merge_group run began, of which changes, and how it ended."""
        return [(run.created / SECOND, run.changes, run.conclusion) for run in self.stage.forge.runs]


def test_each_entry_is_tested_on_top_of_those_before_it() -> None:
    """Three at 0, 10 and 20 build side by side and merge when they and those before them have passed."""
    lane = Lane()
    for number, at in enumerate((0, 10, 20), 1):
        lane.add(at, number)
    lane.stage.play(1000)
    assert [(0, (1,)), (10, (1, 2)), (20, (1, 2, 3))] == [build[:2] for build in lane.builds()]
    assert [(100, [1]), (110, [2]), (120, [3])] == lane.merged


def test_what_passes_meanwhile_merges_as_one_push() -> None:
    """All three enter at once: their runs end together, and they merge together."""
    lane = Lane()
    for number in (1, 2, 3):
        lane.add(0, number)
    lane.stage.play(1000)
    assert [(100, [1, 2, 3])] == lane.merged


def test_a_broken_entry_is_ejected_and_those_behind_are_built_anew() -> None:
    """The second is out at 100; the third, which had it underneath, starts again and merges at 200."""
    lane = Lane()
    lane.add(0, 1)
    lane.add(0, 2, broken=True)
    lane.add(0, 3)
    lane.stage.play(1000)
    assert [(100, 2)] == lane.ejected
    assert (100, (3,)) == lane.builds()[-1][:2]
    assert [(100, [1]), (200, [3])] == lane.merged


def test_who_failed_on_top_of_a_broken_one_is_not_blamed() -> None:
    """The second fails with the first's defect in it; it stays in the queue, and passes without it."""
    lane = Lane()
    lane.add(0, 1, broken=True)
    lane.add(0, 2)
    lane.stage.play(1000)
    assert [(100, 1)] == lane.ejected
    assert [(200, [2])] == lane.merged


def test_build_concurrency_limits_how_many_build_at_once() -> None:
    """With one at a time, three take three hundred seconds."""
    lane = Lane(buildConcurrency=1)
    for number in (1, 2, 3):
        lane.add(0, number)
    lane.stage.play(1000)
    assert [(100, [1]), (200, [2]), (300, [3])] == lane.merged


def test_too_small_a_group_waits_but_only_so_long() -> None:
    """The first, ready at 100, goes with the second at 160; one alone goes after five minutes."""
    lane = Lane(minGroupSize=2)
    lane.add(0, 1)
    lane.add(60, 2)
    lane.add(1000, 3)
    lane.stage.play(5000)
    assert [(160, [1, 2]), (1400, [3])] == lane.merged
