"""The forge: it starts runs for events, and lets jobs wait for each other, for people and for runners."""

from __future__ import annotations

from collections.abc import Callable

import simpy

from simulator.pipeline import contexts
from simulator.pipeline.caches import Caches
from simulator.pipeline.changes import Commit
from simulator.pipeline.groups import Claim, Groups
from simulator.pipeline.jobs import JobRunner
from simulator.pipeline.kinds import kind_of
from simulator.pipeline.loading import Source
from simulator.pipeline.luck import Luck
from simulator.pipeline.people import People
from simulator.pipeline.planning import Planner, asked, evaluated, steps_of
from simulator.pipeline.records import Cause, Conclusion, JobRecord, RunRecord
from simulator.pipeline.runners import Pools
from simulator.pipeline.running import Events, JobState, Run, Site
from simulator.pipeline.workflow import Concurrency, Text
from simulator.pipeline.workflow.evaluation import Open, Scope, Status, as_text, truth
from simulator.streams import fold, key


class Forge:
    """Runs a workflow.

    Args:
        env: The clock.
        source: The workflow and its settings.
        luck: Whose.
        people: Who approve deployments.
        holds: Asked before people approve a deployment: whether they know something against it.

    Attributes:
        site: What its jobs run on.
        release_job: The job that releases; empty if there is none.
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
        spec, model = source.settings.spec, source.settings.model
        caches = Caches(f"refs/heads/{spec.branch}")
        self.release_job = release_job(source)
        self.site = Site(
            env=env,
            workflow=source.workflow,
            settings=source.settings,
            luck=luck,
            people=people,
            holds=holds,
            pools=Pools(env, spec.runners),
            groups=Groups(env),
            caches=caches,
            planner=Planner(luck, caches),
            steps={
                job.id: steps_of(job, model, releases=job.id == self.release_job)
                for job in source.workflow.jobs
            },
        )
        self.runs: list[RunRecord] = []
        self.released: Callable[[Run], None] = lambda _run: None
        self._env, self._workflow, self._settings = env, source.workflow, source.settings
        self._given = dict(spec.values)
        self._ancestors = _ancestors(source)

    def starts(self, event: str) -> bool:
        """Whether an event on the branch starts the workflow."""
        trigger = self._workflow.trigger(event)
        return trigger is not None and trigger.accepts(self._settings.spec.branch)

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
            int(self._env.now),
        )
        author = self.site.people.names[head.author]
        filled = contexts.github(
            self._workflow, self._settings, commit, event, run=number, attempt=attempt, author=author
        )
        jobs = {job.id: JobState(job, self._env.event()) for job in self._workflow.jobs}
        count = head.turns.get(event, 0)
        run = Run(record, commit, self._env.event(), jobs, filled, fold(key(event), count))
        head.turns[event] = count + 1
        self.runs.append(record)
        run.process = self._env.process(self._run(run, again))
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
            scope = Scope({"github": run.github}, self._given, Status(cancelled=True))
            if state.job.condition is not None and _survives(state.job.condition, scope):
                continue
            for process in list(state.running):
                process.interrupt(cause)

    # -- runs ----------------------------------------------------------------------------------------

    def _run(self, run: Run, again: RunRecord | None) -> Events:
        yield self._env.timeout(0)  # whoever started it has written it down
        scope = Scope({"github": run.github, "inputs": Open()}, self._given)
        try:
            if self._workflow.concurrency is not None:
                run.pending = True
                yield from self._enter(
                    self._workflow.concurrency, scope, lambda: self.cancel(run), run.claims
                )
                run.pending = False
        except simpy.Interrupt:
            run.pending = False
            self._finish(run)
            return
        run.record.started = int(self._env.now)
        kept = _kept(again)
        for state in run.jobs.values():
            if state.job.id in kept:
                state.result = kept[state.job.id]
                state.done.succeed()
            else:
                self._env.process(self._job(run, state))
        yield simpy.AllOf(self._env, [state.done for state in run.jobs.values()])
        self._finish(run)

    def _finish(self, run: Run) -> None:
        record = run.record
        record.finished = int(self._env.now)
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
            self.site.groups.leave(name, claim)
        run.done.succeed(run)

    def _enter(
        self,
        concurrency: Concurrency,
        scope: Scope,
        evict: Callable[[], None],
        claims: list[tuple[str, Claim]],
    ) -> Events:
        cancels = concurrency.cancel_in_progress
        yield from self.site.groups.enter(
            as_text(evaluated(concurrency.group, scope)),
            evict,
            cancel_in_progress=cancels if isinstance(cancels, bool) else truth(evaluated(cancels, scope)),
            queue=concurrency.queue,
            claims=claims,
        )

    # -- jobs ----------------------------------------------------------------------------------------

    def _job(self, run: Run, state: JobState) -> Events:
        job = state.job
        yield simpy.AllOf(self._env, [run.jobs[name].done for name in job.needed])
        before = [run.jobs[name].result for name in self._ancestors[job.id]]
        status = Status("failure" in before, run.cancelled or "cancelled" in before, "skipped" in before)
        results = {name: run.jobs[name].result for name in job.needed}
        base = {
            "github": run.github,
            "inputs": Open(),
            "vars": Open(),
            "needs": contexts.needs(job, results),
        }
        scope = Scope(base, self._given, status)
        if not (status.success if job.condition is None else asked(job.condition, scope)):
            state.result = "cancelled" if run.cancelled else "skipped"
            now = int(self._env.now)
            record = JobRecord(job.id, job.title, job.needed, now, finished=now, conclusion=state.result)
            run.record.jobs.append(record)
        else:
            yield from JobRunner(self.site, run, state, scope).run_all()
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
