"""What the steps of a run wrote, as ``gh run view --log`` prints it: job, step, and a line with its time.

Source of the look: GitHub CLI 2.6x, ``pkg/cmd/run/view/view.go``, ``displayRunLog``; of what setting up a job
writes, ``actions/runner``, ``src/Runner.Worker/ActionManager.cs``.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from simulator.engine.delivery.jobs import SET_UP, Job, Step
from simulator.engine.delivery.runs import Attempt
from simulator.units import MICROSECOND

if TYPE_CHECKING:
    from simulator.drill.run import Run


def step_logs(run: Run, tried: Attempt, *, only: Job | None = None, failed: bool = False) -> str:
    """The lines of every step that is over.

    Args:
        run: The drill.
        tried: The attempt.
        only: Of this job alone.
        failed: Of the steps alone that failed.
    """
    lines: list[str] = []
    for job in tried.jobs if only is None else (only,):
        at = tried.began + job.starts
        for step, state in zip(job.steps, tried.states_of_steps(job, run.now), strict=True):
            at += step.takes
            over = state == "failure" or (state == "success" and not failed)
            if over and job.name not in tried.blocked and at <= run.now:
                lines += [
                    f"{job.name}\t{step.name}\t{_timestamp(run, at - step.takes)} {text}"
                    for text in _written(run, tried, job, step)
                ]
    return "\n".join(lines)


def _written(run: Run, tried: Attempt, job: Job, step: Step) -> Iterator[str]:
    if step.name == SET_UP:
        actions = run.production.delivery.actions
        for each in job.steps:
            if each.uses and not each.skipped:
                name = each.uses.partition(" # ")[0]
                commit = actions.commit(name, tried.began + job.starts)
                yield f"Download action repository '{name}' (SHA:{commit})"
        yield f"Complete job name: {job.name}"
        return
    if step is not job.steps[-1]:
        yield f"##[group]Run {step.uses.partition(' # ')[0] or step.name.lower()}"
    yield from tried.log.get(step.name, ())
    if step.name == tried.failed:
        yield "##[error]Process completed with exit code 1."


def _timestamp(run: Run, at: int) -> str:
    moment = run.cluster.start + timedelta(microseconds=at // MICROSECOND)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond:06d}0Z"
