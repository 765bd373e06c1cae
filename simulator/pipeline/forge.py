"""The forge: it starts runs for events, and lets jobs wait for each other, for people and for runners."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import simpy

from simulator.pipeline import contexts
from simulator.pipeline.caches import Caches
from simulator.pipeline.changes import Commit
from simulator.pipeline.groups import Claim, Groups
from simulator.pipeline.kinds import kind_of
from simulator.pipeline.loading import Source
from simulator.pipeline.luck import Luck
from simulator.pipeline.people import People
from simulator.pipeline.planning import PlannedStep, Planner, asked, evaluated, steps_of
from simulator.pipeline.records import Cause, Conclusion, JobRecord, RunRecord
from simulator.pipeline.runners import Pools
from simulator.pipeline.workflow import Concurrency, Job, Text
from simulator.pipeline.workflow.evaluation import Open, Scope, Status, as_text, truth
from simulator.streams import fold, key

Events = Generator[simpy.Event, None, None]


@dataclass(eq=False)
class JobState:
    """How one job of a run stands.

    Attributes:
        done: Happens when it has a result.
        result: As ``needs.<job>.result`` says it.
        running: Its instances that run, with what each does about being cancelled.
    """

    job: Job
    done: simpy.Event
    result: Conclusion = ""
    running: list[simpy.Process] = field(default_factory=list)


@dataclass(eq=False)
class Run:
    """A run on its way.

    Attributes:
        done: Happens when all its jobs have ended.
        cancelled: Whether it was told to end.
        turn: Which run of its change for this event it is, for fresh luck.
        claims: Its places in concurrency groups.
    """

    record: RunRecord
    commit: Commit
    done: simpy.Event
    jobs: dict[str, JobState]
    github: Open
    turn: int
    cancelled: bool = False
    process: simpy.Process | None = None
    pending: bool = False
    claims: list[tuple[str, Claim]] = field(default_factory=list)


class Forge:
    """Runs a workflow.

    Args:
        env: The clock.
        source: The workflow and its settings.
        luck: Whose.
        people: Who approve deployments.
        holds: Asked before people approve a deployment: whether they know something against it.

    Attributes:
        runs: Every run so far.
        released: Called with a run whose job for production has succeeded, at that instant.
    """

    def __init__(
        self,
        env: simpy.Environment,
        source: Source,
        luck: Luck,
        people: People,
        holds: Callable[[Commit], bool],
    ) -> None:
        self.env = env
        self.workflow = source.workflow
        self.settings = source.settings
        self.people = people
        self.luck = luck
        self.holds = holds
        self.pools = Pools(env, source.settings.spec.runners)
        self.groups = Groups(env)
        self.caches = Caches(f"refs/heads/{source.settings.spec.branch}")
        self.planner = Planner(luck, self.caches)
        self.given = dict(source.settings.spec.values)
        self.runs: list[RunRecord] = []
        self.released: Callable[[Run], None] = lambda _run: None
        self.release_job = release_job(source)
        self.steps: dict[str, tuple[PlannedStep, ...]] = {
            job.id: steps_of(job, source.settings.model, releases=job.id == self.release_job)
            for job in source.workflow.jobs
        }
        self._ancestors = _ancestors(source)

    def starts(self, event: str) -> bool:
        """Whether an event on the branch starts the workflow."""
        trigger = self.workflow.trigger(event)
        return trigger is not None and trigger.accepts(self.settings.spec.branch)

    def start(self, commit: Commit, event: str, *, again: RunRecord | None = None) -> Run:
        """Start a run now.

        Args:
            commit: What it works on.
            event: What started it.
            again: A run whose failed jobs, and those after them, run again; the others keep their results.
        """
        head = commit.head
        number = again.number if again is not None else 1 + max((run.number for run in self.runs), default=0)
        attempt = again.attempt + 1 if again is not None else 1
        record = RunRecord(
            number,
            attempt,
            event,
            commit.ref,
            head,
            tuple(change.number for change in commit.changes),
            int(self.env.now),
        )
        author = self.people.names[head.author]
        filled = contexts.github(
            self.workflow, self.settings, commit, event, run=number, attempt=attempt, author=author
        )
        jobs = {job.id: JobState(job, self.env.event()) for job in self.workflow.jobs}
        count = head.turns.get(event, 0)
        run = Run(record, commit, self.env.event(), jobs, filled, fold(key(event), count))
        head.turns[event] = count + 1
        self.runs.append(record)
        run.process = self.env.process(self._run(run, again))
        return run

    def cancel(self, run: Run, cause: Cause = "superseded") -> None:
        """End a run: what waits ends at once, what runs ends unless its ``if`` says otherwise."""
        if run.cancelled or run.done.triggered:
            return
        run.cancelled, run.record.cause = True, cause
        if run.pending:
            assert run.process is not None
            run.process.interrupt(cause)
            return
        for state in run.jobs.values():
            scope = Scope({"github": run.github}, self.given, Status(cancelled=True))
            if state.job.condition is not None and _survives(state.job.condition, scope):
                continue
            for process in list(state.running):
                process.interrupt(cause)

    # -- runs ----------------------------------------------------------------------------------------

    def _run(self, run: Run, again: RunRecord | None) -> Events:
        yield self.env.timeout(0)  # whoever started it has written it down
        scope = Scope({"github": run.github, "inputs": Open()}, self.given)
        try:
            if self.workflow.concurrency is not None:
                run.pending = True
                yield from self._enter(self.workflow.concurrency, scope, lambda: self.cancel(run), run.claims)
                run.pending = False
        except simpy.Interrupt:
            run.pending = False
            self._finish(run)
            return
        run.record.started = int(self.env.now)
        kept = _kept(again)
        for state in run.jobs.values():
            if state.job.id in kept:
                state.result = kept[state.job.id]
                state.done.succeed()
            else:
                self.env.process(self._job(run, state))
        yield simpy.AllOf(self.env, [state.done for state in run.jobs.values()])
        self._finish(run)

    def _finish(self, run: Run) -> None:
        record = run.record
        record.finished = int(self.env.now)
        results = [state.result for state in run.jobs.values()]
        if run.cancelled or (not any(results)):
            record.conclusion = "cancelled"
        elif "failure" in results:
            record.conclusion = "failure"
        elif "cancelled" in results:
            record.conclusion = "cancelled"
        else:
            record.conclusion = "success" if "success" in results else "skipped"
        for name, claim in run.claims:
            self.groups.leave(name, claim)
        run.done.succeed(run)

    def _enter(
        self,
        concurrency: Concurrency,
        scope: Scope,
        evict: Callable[[], None],
        claims: list[tuple[str, Claim]],
    ) -> Events:
        cancels = concurrency.cancel_in_progress
        yield from self.groups.enter(
            as_text(evaluated(concurrency.group, scope)),
            evict,
            cancel_in_progress=cancels if isinstance(cancels, bool) else truth(evaluated(cancels, scope)),
            queue=concurrency.queue,
            claims=claims,
        )

    # -- jobs ----------------------------------------------------------------------------------------

    def _job(self, run: Run, state: JobState) -> Events:
        from simulator.pipeline.jobs import JobRunner

        job = state.job
        yield simpy.AllOf(self.env, [run.jobs[name].done for name in job.needed])
        before = [run.jobs[name].result for name in self._ancestors[job.id]]
        status = Status("failure" in before, run.cancelled or "cancelled" in before, "skipped" in before)
        results = {name: run.jobs[name].result for name in job.needed}
        base = {
            "github": run.github,
            "inputs": Open(),
            "vars": Open(),
            "needs": contexts.needs(job, results),
        }
        scope = Scope(base, self.given, status)
        if not (status.success if job.condition is None else asked(job.condition, scope)):
            state.result = "cancelled" if run.cancelled else "skipped"
            now = int(self.env.now)
            record = JobRecord(job.id, job.title, job.needed, now, finished=now, conclusion=state.result)
            run.record.jobs.append(record)
        else:
            yield from JobRunner(self, run, state, scope).run_all()
        state.done.succeed()
        if job.id == self.release_job and state.result == "success":
            self.released(run)


def _survives(text: Text, scope: Scope) -> bool:
    """Whether a running job goes on after a cancellation: only if its ``if`` says so by itself."""
    words = text.text.replace(" ", "")
    return ("always()" in words or "cancelled()" in words) and asked(text, scope)


def _kept(again: RunRecord | None) -> dict[str, Conclusion]:
    """Results that stay when failed jobs run again: of jobs that succeeded or were skipped by themselves."""
    if again is None:
        return {}
    results: dict[str, list[Conclusion]] = {}
    for record in again.jobs:
        results.setdefault(record.job, []).append(record.conclusion)
    broken = {name for name, each in results.items() if {"failure", "cancelled"} & set(each)}
    while True:
        after = {
            record.job for record in again.jobs if record.job not in broken and broken & set(record.needs)
        }
        if not after:
            break
        broken |= after
    return {name: each[0] for name, each in sorted(results.items()) if name not in broken}


def _ancestors(source: Source) -> dict[str, tuple[str, ...]]:
    """Every job that stands before each job, near or far."""
    found: dict[str, tuple[str, ...]] = {}
    for job in source.workflow.in_order:
        chain = [name for need in job.needed for name in (*found[need], need)]
        found[job.id] = tuple(dict.fromkeys(chain))
    return found


def release_job(source: Source) -> str:
    """The job that releases: production's, else the last one that deploys without an environment; or none."""
    wanted = source.settings.spec.production.casefold()
    for job in source.workflow.jobs:
        if job.environment is not None and job.environment.name.text.strip().casefold() == wanted:
            return job.id
    deploying = [
        job.id
        for job in source.workflow.in_order
        if job.environment is None and any(kind_of(step) == "deploy" for step in job.steps)
    ]
    return deploying[-1] if deploying else ""
