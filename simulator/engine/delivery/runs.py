"""Runs of the pipeline that deploys: one a push or dispatch, with the jobs and steps that it goes through.

The workflow is one for all: gates in parallel, a build, a colleague's approval of the protected environment,
the deploy. What happens in production happens at its end, ``PIPELINE_TIME`` after its start.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count
from typing import Final, Literal

from simulator.units import MINUTE, SECOND

#: From a push to production: gates, build, review by a colleague, deploy.
PIPELINE_TIME: Final = 4 * MINUTE
#: The workflow's name, which its file has too.
WORKFLOW: Final = "deploy"

#: Room for the numbers of runs that begin in one second.
_IDS_A_SECOND: Final = 11

Event = Literal["push", "workflow_dispatch"]
State = Literal["queued", "waiting", "in_progress", "success", "failure"]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job, and how long it takes, ns."""

    name: str
    takes: int


@dataclass(frozen=True, slots=True)
class Job:
    """One job of the workflow.

    Attributes:
        name: As the workflow file has it.
        needs: Jobs that must have passed.
        steps: One after the other.
        approval: ns that it waits for a colleague before its first step; 0 where nobody is asked.
    """

    name: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    approval: int = 0

    @property
    def starts(self) -> int:
        """When its first step begins, ns from the start of the run."""
        return max((job.ends for job in JOBS if job.name in self.needs), default=0) + self.approval

    @property
    def ends(self) -> int:
        """When its last step ends, ns from the start of the run."""
        return self.starts + sum(step.takes for step in self.steps)


def _job(name: str, needs: tuple[str, ...], *steps: tuple[str, int], approval: int = 0) -> Job:
    own = [("Set up job", 2), ("Check out", 3), *steps, ("Complete job", 1)]
    return Job(name, needs, tuple(Step(step, seconds * SECOND) for step, seconds in own), approval * SECOND)


#: The workflow, in the order in which its file has the jobs.
JOBS: Final = (
    _job("lint", (), ("Validate manifests", 14)),
    _job("test", (), ("Policy tests", 68)),
    _job("scan", (), ("Scan images", 31)),
    _job("build", ("lint", "test", "scan"), ("Render manifests", 27), ("Sign", 9)),
    _job(
        "deploy",
        ("build",),
        ("Log in by OIDC", 4),
        ("Compare with production", 12),
        ("Apply", 18),
        approval=84,
    ),
)
#: The step of the last job in which production changes.
APPLY: Final = "Apply"


@dataclass(slots=True)
class WorkflowRun:
    """One run.

    Attributes:
        id: Unique, larger for one that began later, as GitHub's are.
        title: What GitHub calls it: the commit's subject, or the workflow's name for a dispatch.
        event: What started it.
        author: Who pushed or dispatched.
        commit: Of which it deploys the files.
        began: ns.
        ends: ns; what it does to production happens then.
        failed: Whether its last step failed: the workload was not there any more.
    """

    id: int
    title: str
    event: Event
    author: str
    commit: str
    began: int
    ends: int
    failed: bool = False

    def state(self, now: int) -> State:
        """What it is doing at ``now``."""
        if now < self.ends:
            return "in_progress"
        return "failure" if self.failed else "success"

    def state_of(self, job: Job, now: int) -> State:
        """What one of its jobs is doing at ``now``."""
        since = now - self.began
        if since >= job.ends:
            return "failure" if self.failed and job is JOBS[-1] else "success"
        if since >= job.starts:
            return "in_progress"
        return "waiting" if since >= job.starts - job.approval else "queued"

    def states_of_steps(self, job: Job, now: int) -> list[State]:
        """What the steps of a job are doing at ``now``, in their order."""
        found: list[State] = []
        at = self.began + job.starts
        for step in job.steps:
            broken = self.failed and step.name == APPLY
            done: State = "failure" if broken else "success"
            found.append("queued" if now < at else "in_progress" if now < at + step.takes else done)
            at += step.takes
        return found


class RunBook:
    """Every run so far, in the order in which they were heard of.

    Args:
        start: Seconds from the Unix epoch to T+00:00.
    """

    def __init__(self, start: int) -> None:
        self._start = start
        self.runs: list[WorkflowRun] = []

    def begin(self, title: str, event: Event, author: str, commit: str, began: int) -> WorkflowRun:
        """Write down a run that starts at ``began``."""
        first = (self._start + began // SECOND) * _IDS_A_SECOND
        taken = {run.id for run in self.runs}
        id_ = next(each for each in count(first) if each not in taken)
        run = WorkflowRun(id_, title, event, author, commit, began, began + PIPELINE_TIME)
        self.runs.append(run)
        return run

    def newest_first(self) -> list[WorkflowRun]:
        """All of them, as GitHub lists them."""
        return sorted(self.runs, key=lambda run: run.id, reverse=True)
