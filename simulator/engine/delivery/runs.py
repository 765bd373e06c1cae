"""Runs of the pipeline that deploys: one a push or dispatch, with the jobs and steps that it goes through.

What happens in production happens at the end of a run. A run may have failed before and been run again; then
it begins and ends as its last attempt does, and the attempts before stay to be looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Literal

from simulator.engine.delivery.jobs import Job, Step, laid_out
from simulator.scenario.workflow import FailedAttempt, Pipeline, RunRecord
from simulator.units import SECOND

#: From a failed attempt to the next: somebody looks, and presses the button.
_AGAIN_AFTER: Final = 95 * SECOND
#: Room for the numbers of runs that begin in one second.
_IDS_A_SECOND: Final = 11

Event = Literal["push", "workflow_dispatch"]
State = Literal["queued", "waiting", "in_progress", "success", "failure", "skipped"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that a run was tried, as it is looked at.

    Attributes:
        number: From 1.
        began: ns.
        ends: ns.
        failed: The step at which it fails; empty where it passes.
        jobs: What it goes through.
        log: What its steps wrote.
    """

    number: int
    began: int
    ends: int
    failed: str
    jobs: tuple[Job, ...]
    log: Mapping[str, tuple[str, ...]]

    def state(self, now: int) -> State:
        """What it is doing at ``now``."""
        if now < self.ends:
            return "in_progress"
        return "failure" if self.failed else "success"

    def state_of(self, job: Job, now: int) -> State:
        """What one of its jobs is doing at ``now``."""
        since = now - self.began
        if job.name not in self.blocked and since >= self.end_of(job):
            return "failure" if self._fails(job) else "success"
        if job.name in self.blocked:
            return "skipped" if now >= self.ends else "queued"
        if since >= job.starts:
            return "in_progress"
        return "waiting" if since >= job.starts - job.approval else "queued"

    def end_of(self, job: Job) -> int:
        """When a job ends, ns from the start of the attempt: early where one of its steps fails."""
        if not self._fails(job):
            return job.ends
        return job.starts + sum(step.takes for step in _run_of(job, self.failed))

    def states_of_steps(self, job: Job, now: int) -> list[State]:
        """What the steps of a job are doing at ``now``, in their order."""
        found: list[State] = []
        at = self.began + job.starts
        broken = False
        for step in job.steps:
            behind = broken and step is not job.steps[-1]  # what completes a job runs in any case
            found.append(self._state_of(step, at, now, behind=behind))
            broken = broken or step.name == self.failed
            at += 0 if behind else step.takes
        return found

    def _state_of(self, step: Step, at: int, now: int, *, behind: bool) -> State:
        if step.skipped or behind:
            return "skipped"
        if now < at:
            return "queued"
        if now < at + step.takes:
            return "in_progress"
        return "failure" if step.name == self.failed else "success"

    @property
    def blocked(self) -> frozenset[str]:
        """Jobs that wait for one that fails, and so never begin."""
        found: set[str] = set()
        for job in self.jobs:
            behind = [each for each in self.jobs if each.name in job.needs]
            if any(each.name in found or self._fails(each) for each in behind):
                found.add(job.name)
        return frozenset(found)

    def _fails(self, job: Job) -> bool:
        return bool(self.failed) and any(step.name == self.failed for step in job.steps)


def _run_of(job: Job, failed: str) -> tuple[Step, ...]:
    """The steps of a job that take time when one of them fails: up to it, and the last."""
    place = [step.name for step in job.steps].index(failed)
    return (*job.steps[: place + 1], job.steps[-1])


@dataclass(slots=True)
class WorkflowRun:
    """One run.

    Attributes:
        id: Unique, larger for one that began later, as GitHub's are.
        number: The how-many-eth of the workflow it is.
        title: What GitHub calls it: the commit's subject, or the workflow's name for a dispatch.
        event: What started it.
        author: Who pushed or dispatched.
        commit: Of which it deploys the files.
        began: When its last attempt began, ns.
        jobs: What that goes through.
        whole: The same with no step skipped, as the attempts before it went.
        record: How it went.
        failed: Whether its last job failed: the workload was not there any more.
    """

    id: int
    number: int
    title: str
    event: Event
    author: str
    commit: str
    began: int
    jobs: tuple[Job, ...]
    whole: tuple[Job, ...]
    record: RunRecord
    failed: bool = False

    @property
    def ends(self) -> int:
        """ns; what it does to production happens then."""
        return self.began + self.jobs[-1].ends

    def state(self, now: int) -> State:
        """What it is doing at ``now``."""
        return self.attempts[-1].state(now)

    @property
    def attempts(self) -> list[Attempt]:
        """Every time that it was tried, oldest first; the last one is what it comes to."""
        broken = self.jobs[-1].steps[-2].name  # in which production would have changed
        before = len(self.record.attempts)
        made = [
            Attempt(
                before + 1, self.began, self.ends, broken if self.failed else "", self.jobs, self.record.log
            )
        ]
        for number, failed in reversed(list(enumerate(self.record.attempts, start=1))):
            ends = made[-1].began - _AGAIN_AFTER
            made.append(_failed(number, failed, self.whole, ends))
        return made[::-1]


def _failed(number: int, failed: FailedAttempt, jobs: tuple[Job, ...], ends: int) -> Attempt:
    """An attempt that ended at ``ends``, by one of its steps."""
    made = Attempt(number, 0, 0, failed.step, jobs, {failed.step: failed.log})
    took = max(made.end_of(job) for job in jobs if job.name not in made.blocked)
    return replace(made, began=ends - took, ends=ends)


class Switch:
    """Whether pushes start runs, now and at any moment before."""

    def __init__(self) -> None:
        self._turned: list[int] = []

    def turn(self, now: int) -> None:
        """Disable what is enabled, or enable what is disabled, at ``now`` (ns)."""
        self._turned.append(now)

    def off(self, at: int) -> bool:
        """Whether it is disabled at ``at`` (ns), which lies in the past or is now."""
        return len([each for each in self._turned if each <= at]) % 2 == 1


class RunBook:
    """Every run so far, in the order in which they were heard of.

    Args:
        start: Seconds from the Unix epoch to T+00:00.
        pipeline: The workflow.
        uses: What each of its steps that uses an action used at first.
    """

    def __init__(self, start: int, pipeline: Pipeline, uses: Mapping[str, str]) -> None:
        self._start = start
        self._pipeline = pipeline
        self._uses: list[tuple[int, Mapping[str, str]]] = [(0, uses)]
        self.runs: list[WorkflowRun] = []

    def follow(self, at: int, uses: Mapping[str, str]) -> None:
        """Say what the steps use in every run that begins at ``at`` (ns) or later."""
        self._uses.append((at, uses))
        for run in self.runs:
            if run.began >= at:
                run.jobs, run.whole = self._laid_out(run.began, run.record)

    def _laid_out(self, began: int, record: RunRecord) -> tuple[tuple[Job, ...], tuple[Job, ...]]:
        """The jobs of a run, and the same with no step skipped."""
        uses = [each for at, each in self._uses[1:] if at <= began] or [self._uses[0][1]]
        return (
            laid_out(self._pipeline, uses[-1], record.skipped),
            laid_out(self._pipeline, uses[-1]),
        )

    @property
    def next_number(self) -> int:
        """The number that the next run has."""
        return len(self.runs) + 1

    def begin(
        self,
        title: str,
        event: Event,
        author: str,
        commit: str,
        *,
        began: int | None = None,
        ended: int | None = None,
        record: RunRecord | None = None,
    ) -> WorkflowRun:
        """Write down a run that starts at ``began``, or that ended at ``ended``."""
        record = record or RunRecord()
        if began is None:
            assert ended is not None, "a run begins or has ended"
            began = ended - laid_out(self._pipeline, {}, record.skipped)[-1].ends
        jobs, whole = self._laid_out(began, record)
        first = (self._start + began // SECOND) * _IDS_A_SECOND
        taken = {run.id for run in self.runs}
        id_ = next(each for each in count(first) if each not in taken)
        run = WorkflowRun(id_, self.next_number, title, event, author, commit, began, jobs, whole, record)
        self.runs.append(run)
        return run

    def newest_first(self) -> list[WorkflowRun]:
        """All of them, as GitHub lists them."""
        return sorted(self.runs, key=lambda run: run.id, reverse=True)
