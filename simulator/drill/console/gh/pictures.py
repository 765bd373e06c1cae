"""What ``gh`` prints of runs, jobs and steps.

Source of the look: GitHub CLI 2.6x, ``pkg/cmd/run/shared/presentation.go``, ``pkg/cmd/run/list/list.go``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.tables import tabulate
from simulator.engine.delivery.jobs import BRANCH, WORKFLOW, Job
from simulator.engine.delivery.runs import Attempt, State, WorkflowRun
from simulator.units import DAY, HOUR, MINUTE, SECOND

if TYPE_CHECKING:
    from simulator.drill.run import Run

FILE: Final = f"{WORKFLOW}.yml"
#: Where the repository of deployments is.
REPOSITORY: Final = "https://github.com/example/deployments"
_SYMBOLS: Final[dict[State, str]] = {
    "success": "✓",
    "failure": "X",
    "in_progress": "*",
    "waiting": "*",
    "queued": "*",
    "skipped": "-",
}
_MONTH: Final = 30 * DAY


def elapsed(time: int) -> str:
    """A length of time as Go prints it, in whole seconds: ``4m0s``."""
    seconds = time // SECOND
    hours, minutes = seconds // 3600, seconds // 60 % 60
    if hours:
        return f"{hours}h{minutes}m{seconds % 60}s"
    return f"{minutes}m{seconds % 60}s" if minutes else f"{seconds}s"


def ago(time: int) -> str:
    """How long ago, as gh says it to people."""
    for unit, name in ((_MONTH, "month"), (DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")):
        if time >= unit:
            number = time // unit
            return f"about {number} {name}{'s' if number != 1 else ''} ago"
    return "less than a minute ago"


def visible(run: Run) -> list[WorkflowRun]:
    """The runs that have begun, newest first; none begins while the workflow is disabled."""
    delivery = run.production.delivery
    return [
        each
        for each in delivery.book.newest_first()
        if each.began <= run.now and not delivery.switch.off(each.began)
    ]


def table(run: Run, runs: Sequence[WorkflowRun]) -> str:
    """``gh run list``."""
    rows = ["STATUS\tTITLE\tWORKFLOW\tBRANCH\tEVENT\tID\tELAPSED\tAGE"]
    for each in runs:
        cells = (
            _SYMBOLS[each.state(run.now)],
            each.title,
            WORKFLOW,
            BRANCH,
            each.event,
            str(each.id),
            elapsed(min(run.now, each.ends) - each.began),
            ago(run.now - each.began),
        )
        rows.append("\t".join(cells))
    return tabulate("\n".join(rows), padding=2)


def job_id(run: WorkflowRun, job: Job) -> int:
    """A job's number, unique among all jobs."""
    return 2 * run.id + 1 + [each.name for each in run.jobs].index(job.name)


def header(run: Run, shown: WorkflowRun, attempt: Attempt | None = None) -> str:
    """The two lines on top of a run; which attempt it is where there were several."""
    tried = attempt or shown.attempts[-1]
    which = f" (Attempt #{tried.number})" if len(shown.attempts) > 1 else ""
    symbol = _SYMBOLS[tried.state(run.now)]
    return (
        f"{symbol} {BRANCH} {WORKFLOW} · {shown.id}{which}\n"
        f"Triggered via {shown.event} {ago(run.now - tried.began)}"
    )


def jobs(
    run: Run, shown: WorkflowRun, *, steps: bool, only: Job | None = None, attempt: Attempt | None = None
) -> str:
    """The jobs that GitHub knows of by now: those whose needs have passed; failed ones with their steps."""
    tried = attempt or shown.attempts[-1]
    lines = []
    for job in tried.jobs if only is None else (only,):
        state = tried.state_of(job, run.now)
        if state == "queued":
            continue
        took = "" if state in ("in_progress", "waiting") else f" in {elapsed(_length(tried, job))}"
        wait = "  Waiting for review: production needs approval" if state == "waiting" else ""
        lines.append(f"{_SYMBOLS[state]} {job.name}{took} (ID {job_id(shown, job)}){wait}")
        if state not in ("waiting", "skipped") and (steps or state == "failure"):
            found = zip(tried.states_of_steps(job, run.now), job.steps, strict=True)
            lines += [f"  {_SYMBOLS[each]} {step.name}" for each, step in found]
    return "\n".join(lines)


def _length(tried: Attempt, job: Job) -> int:
    return 0 if job.name in tried.blocked else tried.end_of(job) - job.starts


def picture(run: Run, shown: WorkflowRun, *, steps: bool, attempt: Attempt | None = None) -> str:
    """Header and jobs, as ``view`` and ``watch`` have them."""
    head = header(run, shown, attempt)
    return f"{head}\n\nJOBS\n{jobs(run, shown, steps=steps, attempt=attempt)}"
