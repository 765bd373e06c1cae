"""The workflow's jobs laid out on the clock of one run, and the file in which git holds them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from simulator.scenario.workflow import Pipeline, PipelineJob
from simulator.units import SECOND

#: The workflow's name, which its file has too.
WORKFLOW: Final = "deploy"
#: Where git holds it.
WORKFLOW_PATH: Final = f".github/workflows/{WORKFLOW}.yml"
#: The branch from which it deploys, and what a dispatch asks for.
BRANCH, INPUT = "main", "workload"
#: What every job begins and ends with, and how long that takes.
SET_UP: Final = "Set up job"
_BEFORE: Final = ((SET_UP, 2 * SECOND), ("Check out", 3 * SECOND))
_AFTER: Final = ("Complete job", SECOND)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job.

    Attributes:
        name: As the workflow has it.
        takes: ns; 0 where it is skipped.
        uses: The action that it uses; empty for none.
        skipped: It does not run.
    """

    name: str
    takes: int
    uses: str = ""
    skipped: bool = False


@dataclass(frozen=True, slots=True)
class Job:
    """One job of the workflow.

    Attributes:
        name: As the workflow file has it.
        needs: Jobs that must have passed.
        steps: One after the other.
        starts: When its first step begins, ns from the start of the run.
        approval: ns that it waits for a colleague before; 0 where nobody is asked.
    """

    name: str
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    starts: int
    approval: int = 0

    @property
    def ends(self) -> int:
        """When its last step ends, ns from the start of the run."""
        return self.starts + sum(step.takes for step in self.steps)

    def begins(self, name: str) -> int:
        """When a step begins, ns from the start of the run."""
        place = [step.name for step in self.steps].index(name)
        return self.starts + sum(step.takes for step in self.steps[:place])


def laid_out(pipeline: Pipeline, uses: Mapping[str, str], skipped: Collection[str] = ()) -> tuple[Job, ...]:
    """The jobs of a run, in the order in which the workflow has them.

    Args:
        pipeline: As it is declared.
        uses: What each step that uses an action uses now.
        skipped: Steps that do not run.
    """
    ends: dict[str, int] = {}
    made = []
    for job in pipeline.jobs:
        starts = max((ends[need] for need in job.needs), default=0) + job.approval
        steps = tuple(Step(name, takes) for name, takes in _BEFORE)
        steps += tuple(
            Step(step.name, 0 if gone else step.time, uses.get(step.name, ""), gone)
            for step in job.steps
            for gone in (step.name in skipped,)
        )
        made.append(Job(job.name, job.needs, (*steps, Step(*_AFTER)), starts, job.approval))
        ends[job.name] = made[-1].ends
    return tuple(made)


def time_of(pipeline: Pipeline) -> int:
    """From a push to production: how long a run takes that simply passes, ns."""
    return laid_out(pipeline, {})[-1].ends


def declared_uses(pipeline: Pipeline) -> dict[str, str]:
    """The action of each step that uses one, as it is declared."""
    return {step.name: step.uses for job in pipeline.jobs for step in job.steps if step.uses is not None}


def workflow_text(pipeline: Pipeline, uses: Mapping[str, str]) -> str:
    """The workflow's file; steps by their names and their actions."""
    lines = [
        f"name: {WORKFLOW}",
        "on:",
        f"  push: {{branches: [{BRANCH}]}}",
        "  workflow_dispatch:",
        f"    inputs: {{{INPUT}: {{required: true, type: string}}}}",
        "permissions: {contents: read}",
        "jobs:",
    ]
    for job in pipeline.jobs:
        lines += _job_text(job, uses)
    return "\n".join(lines)


def _job_text(job: PipelineJob, uses: Mapping[str, str]) -> list[str]:
    lines = [f"  {job.name}:"]
    lines += [f"    needs: [{', '.join(job.needs)}]"] if job.needs else []
    if job.approval:
        lines += ["    environment: production", "    permissions: {contents: read, id-token: write}"]
    lines += ["    runs-on: ubuntu-24.04", "    steps:", f"      - name: {_BEFORE[-1][0]}"]
    for step in job.steps:
        lines.append(f"      - name: {step.name}")
        lines += [f"        uses: {uses[step.name]}"] if step.name in uses else []
    return lines
