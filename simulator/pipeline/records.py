"""What a simulation writes down: runs, their jobs, their steps; deployments and what they did to users."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from simulator.pipeline.changes import Change, Defect
from simulator.pipeline.physics import StepKind

Conclusion = Literal["", "success", "failure", "cancelled", "skipped"]
Cause = Literal[
    "", "defect", "flaky", "false-alarm", "timeout", "rejected", "not-allowed", "superseded", "fail-fast"
]


@dataclass(eq=False, slots=True)
class StepRecord:
    """One step that ran, or was left out.

    Attributes:
        title: What the page of the run calls it.
        started: ns; likewise ``finished``.
        outcome: Before ``continue-on-error`` counts.
        conclusion: After it.
        cause: Of a failure.
        gate: What it is called as a gate; empty if it judges nothing.
        found: Defects that made it fail.
        cache: ``hit`` or ``miss`` where a cache is kept for it.
        tries: How often it ran.
    """

    title: str
    kind: StepKind
    started: int
    finished: int
    outcome: Conclusion = "success"
    conclusion: Conclusion = "success"
    cause: Cause = ""
    gate: str = ""
    found: tuple[Defect, ...] = ()
    cache: Literal["", "hit", "miss"] = ""
    tries: int = 1


@dataclass(eq=False, slots=True)
class JobRecord:
    """One job of a run, or one of its matrix.

    Attributes:
        job: Its id in the workflow.
        title: With the values of its matrix.
        needs: Ids of the jobs that it waited for.
        created: When all of these had ended, ns.
        queued: When it began to wait for a runner: its concurrency group and environment had let it through.
        picked: When it had a runner; it waited in between.
        started: Its first step; the runner was made ready in between.
        finished: ns.
        pool: The labels of its runners.
        approver: Who approved the deployment.
    """

    job: str
    title: str
    needs: tuple[str, ...]
    created: int
    queued: int | None = None
    picked: int | None = None
    started: int | None = None
    finished: int | None = None
    conclusion: Conclusion = ""
    cause: Cause = ""
    steps: list[StepRecord] = field(default_factory=list)
    pool: str = ""
    approver: str = ""
    environment: str = ""


@dataclass(eq=False, slots=True)
class RunRecord:
    """One run of the workflow.

    Attributes:
        number: From 1.
        attempt: From 1; a later one runs again what failed.
        change: The change whose luck it has.
        changes: Numbers of the changes that it is about.
        created: ns; ``started`` when its concurrency group let it through.
    """

    number: int
    attempt: int
    event: str
    ref: str
    change: Change
    changes: tuple[int, ...]
    created: int
    started: int | None = None
    finished: int | None = None
    conclusion: Conclusion = ""
    cause: Cause = ""
    jobs: list[JobRecord] = field(default_factory=list)

    def named(self, job: str) -> list[JobRecord]:
        """The records of one job of the workflow, several where it has a matrix."""
        return [record for record in self.jobs if record.job == job]

    @property
    def failures(self) -> list[StepRecord]:
        """Steps that failed and made their job fail."""
        return [
            step
            for job in self.jobs
            if job.conclusion == "failure"
            for step in job.steps
            if step.conclusion == "failure"
        ]


@dataclass(eq=False, slots=True)
class Incident:
    """Users hurt by a defect that reached production.

    Attributes:
        began: ns, the deployment; ``noticed`` and ``restored`` are None while they have not come.
        how: What ended it.
    """

    defect: Defect
    began: int
    noticed: int | None = None
    restored: int | None = None
    how: Literal["", "roll-back", "roll-forward"] = ""


@dataclass(eq=False, slots=True)
class Deployment:
    """A release: what production runs from then on.

    Attributes:
        at: ns.
        index: The number of commits of the branch that it contains.
        changes: Those that it brought for the first time.
        slipped: Defects that it brought.
        incidents: What came of it.
    """

    at: int
    index: int
    run: RunRecord
    changes: tuple[Change, ...]
    slipped: tuple[Defect, ...]
    incidents: list[Incident] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        return bool(self.incidents)
