"""What a run's length consists of: its critical path, as it was and as the mean times would have it.

Two readings of one idea. Of a run that happened, the path is walked backwards from the job that ended last,
each time to the needed job that ended last, so waits count. Of a workflow, the longest chain of mean times is
found forwards and backwards, as the critical path method does, as if runners never lack.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.pipeline import contexts
from simulator.pipeline.changes import Change, Commit
from simulator.pipeline.clock import Clock
from simulator.pipeline.forge import release_job
from simulator.pipeline.loading import Source
from simulator.pipeline.planning import asked, steps_of
from simulator.pipeline.records import JobRecord, RunRecord
from simulator.pipeline.runners import Pools
from simulator.pipeline.workflow import Job
from simulator.pipeline.workflow.evaluation import Open, Scope
from simulator.units import format_duration


@dataclass(frozen=True, slots=True)
class Link:
    """One job on a run's critical path; all times are ns.

    Attributes:
        held: For its concurrency group, its environment's reviewers and timer.
        queued: For a runner.
        running: From the runner's pickup to the end.
    """

    job: str
    held: int
    queued: int
    running: int

    @property
    def total(self) -> int:
        return self.held + self.queued + self.running


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The chain of jobs that made a run as long as it was.

    Attributes:
        links: From the first to the last.
        waited: Before its first job: for the workflow's concurrency group, ns.
    """

    links: tuple[Link, ...]
    waited: int

    @property
    def total(self) -> int:
        """From the event to the end, ns."""
        return self.waited + sum(link.total for link in self.links)

    @property
    def sentence(self) -> str:
        """The path in one sentence."""
        if not self.links:
            return "No job ran."
        chain = " → ".join(link.job for link in self.links)
        idle = self.waited + sum(link.held + link.queued for link in self.links)
        return f"{format_duration(self.total)} along {chain}; {format_duration(idle)} of it waiting."


def critical_path(run: RunRecord) -> CriticalPath:
    """The critical path of a run that has ended."""
    started = run.created if run.started is None else run.started
    ended = [job for job in run.jobs if job.finished is not None and job.conclusion != "skipped"]
    links: list[Link] = []
    current = max(ended, key=lambda job: job.finished or 0, default=None)
    while current is not None:
        links.append(_link(current))
        needed = [job for job in ended if job.job in current.needs]
        current = max(needed, key=lambda job: job.finished or 0, default=None)
    return CriticalPath(tuple(reversed(links)), started - run.created)


def _link(job: JobRecord) -> Link:
    assert job.finished is not None
    queued = job.finished if job.queued is None else job.queued
    picked = job.finished if job.picked is None else job.picked
    return Link(job.title, queued - job.created, max(0, picked - queued), job.finished - max(picked, queued))


@dataclass(frozen=True, slots=True)
class Slack:
    """A job in the plan of mean times; all times are ns after the event.

    Attributes:
        start: At the earliest.
        finish: At the earliest.
        slack: How much later it may end without the run ending later; 0 on the critical path.
    """

    job: str
    start: int
    finish: int
    slack: int

    @property
    def critical(self) -> bool:
        return self.slack == 0


def schedule(source: Source, event: str) -> tuple[Slack, ...]:
    """Every job that an event runs, by mean times with runners enough and nobody to wait for.

    Raises:
        PipelineError: A condition rests on something that the model does not know.
    """
    running = {job.id: job for job in source.workflow.in_order if job.id in _running(source, event)}
    means = {name: _mean(job, source) for name, job in running.items()}
    finish: dict[str, int] = {}
    for name, job in running.items():
        begun = max((finish[need] for need in job.needed if need in finish), default=0)
        finish[name] = begun + means[name]
    end = max(finish.values(), default=0)
    latest = dict.fromkeys(running, end)
    for name in reversed(list(running)):
        for need in running[name].needed:
            if need in latest:
                latest[need] = min(latest[need], latest[name] - means[name])
    return tuple(
        Slack(name, finish[name] - means[name], finish[name], latest[name] - finish[name]) for name in running
    )


def _running(source: Source, event: str) -> list[str]:
    """Jobs that run for an event when all goes well."""
    spec = source.settings.spec
    change = Change(1, 1, 0, 0, pushes=1)
    proposed = event in ("pull_request", "pull_request_target")
    ref = "refs/pull/1/merge" if proposed else f"refs/heads/{spec.branch}"
    commit = Commit(ref, change, (), 0, 1, (change,))
    github = contexts.github(
        source.workflow, source.settings, commit, event, run=1, attempt=1, author=spec.people[0].name
    )
    found: list[str] = []
    for job in source.workflow.in_order:
        if any(need not in found for need in job.needed):
            continue
        results = dict.fromkeys(job.needed, "success")
        scope = Scope(
            {"github": github, "inputs": Open(), "vars": Open(), "needs": contexts.needs(job, results)},
            dict(spec.values),
        )
        if job.condition is None or asked(job.condition, scope):
            found.append(job.id)
    return found


def _mean(job: Job, source: Source) -> int:
    """A job's mean time with its runner's, without steps that run only when another has failed."""
    planned = steps_of(job, source.settings.model, releases=job.id == release_job(source))
    total = 0
    for each in planned:
        if each.step.condition is None or "failure()" not in each.step.condition.text:
            total += each.behaviour.law.mean
    if job.uses is not None:
        return total
    pools = Pools(Clock(), source.settings.spec.runners)
    return total + pools.pool(tuple(label.text for label in job.runs_on), job.group).pickup.mean
