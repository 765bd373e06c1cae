"""One job of a run: its matrix, its place in a group, its environment, its runner, its steps."""

from __future__ import annotations

from contextlib import suppress
from typing import Final

import simpy

from simulator.pipeline import contexts
from simulator.pipeline.groups import Claim
from simulator.pipeline.planning import evaluated, limit_of
from simulator.pipeline.records import Cause, Conclusion, JobRecord, StepRecord
from simulator.pipeline.runners import Pool
from simulator.pipeline.running import Events, JobState, Run, Site
from simulator.pipeline.workflow import Text
from simulator.pipeline.workflow.evaluation import Open, Scope, Status, as_number, as_text, truth
from simulator.pipeline.workflow.matrix import Combination, combinations, title
from simulator.pipeline.workflow.patterns import accepts
from simulator.units import DAY, MINUTE

#: How long a deployment waits for its reviewers before it fails, and a job for a runner (GitHub's "Limits").
LONGEST_APPROVAL: Final = 30 * DAY
#: What still runs so long after a cancellation is ended by force.
_GRACE: Final = 5 * MINUTE


class _EndedError(Exception):
    """The job ends here with this conclusion and cause."""

    def __init__(self, conclusion: Conclusion, cause: Cause) -> None:
        super().__init__(conclusion, cause)
        self.conclusion, self.cause = conclusion, cause


class JobRunner:
    """Runs one job of one run, with all the jobs of its matrix.

    Args:
        site: Its runners, groups and people.
        run: The run.
        state: The job.
        scope: Its contexts so far.
    """

    def __init__(self, site: Site, run: Run, state: JobState, scope: Scope) -> None:
        self._site, self._env = site, site.env
        self._run, self._state, self._job = run, state, state.job
        self._scope = scope
        self._cancelling = False

    def run_all(self) -> Events:
        """Run every combination of the matrix; the job's result is the worst of theirs."""
        job, strategy = self._job, self._job.strategy
        made = combinations(job, self._scope)
        parallel, fail_fast = len(made), True
        if strategy is not None:
            given = strategy.max_parallel
            if given is not None:
                asked = given if isinstance(given, int) else int(as_number(evaluated(given, self._scope)))
                parallel = max(1, min(parallel, asked))
            fail_fast = self._true(strategy.fail_fast, self._scope)
        slots = simpy.Resource(self._env, max(1, parallel))
        records, processes, ended = [], [], []
        for number, combination in enumerate(made):
            record = JobRecord(job.id, title(job, combination), job.needed, int(self._env.now))
            records.append(record)
            self._run.record.jobs.append(record)
            # Not the process but an event is waited for: SimPy would copy the error of a failing process.
            done = self._env.event()
            ended.append(done)
            one = self._one(record, combination, number, len(made), slots, fail_fast, done)
            processes.append(self._env.process(one))
        self._state.running = list(processes)
        yield simpy.AllOf(self._env, ended)
        self._state.running = []
        counted = [record.conclusion for record in records]
        worst: tuple[Conclusion, ...] = ("failure", "cancelled", "success")
        self._state.result = next((each for each in worst if each in counted), "skipped")

    def _one(
        self,
        record: JobRecord,
        combination: Combination,
        number: int,
        total: int,
        slots: simpy.Resource,
        fail_fast: bool,
        done: simpy.Event,
    ) -> Events:
        scope = self._with_matrix(combination, number, total)
        claims: list[tuple[str, Claim]] = []
        process = self._env.active_process
        assert process is not None
        tolerated = self._true(self._job.continue_on_error, scope)
        try:
            with slots.request() as slot:
                yield slot
                yield from self._protected(record, scope, claims, process)
                yield from self._on_runner(record, scope, combination)
        except simpy.Interrupt as interrupt:
            record.conclusion, record.cause = "cancelled", _cause(interrupt)
        except _EndedError as ended:
            record.conclusion, record.cause = ended.conclusion, ended.cause
        finally:
            for name, claim in claims:
                self._site.groups.leave(name, claim)
        record.finished = int(self._env.now)
        if process in self._state.running:
            self._state.running.remove(process)
        if record.conclusion == "failure" and tolerated:
            record.conclusion = "success"
        elif record.conclusion == "failure" and fail_fast and not self._cancelling:
            self._cancelling = True
            for other in list(self._state.running):
                other.interrupt("fail-fast")
        done.succeed()

    def _with_matrix(self, combination: Combination, number: int, total: int) -> Scope:
        strategy = {"job-index": float(number), "job-total": float(total), "fail-fast": True}
        more = {
            "matrix": combination,
            "strategy": strategy,
            "env": contexts.variables(self._site.workflow.env, self._job.env),
            "secrets": Open(),
        }
        return Scope({**self._scope.contexts, **more}, self._scope.given, self._scope.status)

    def _true(self, given: bool | Text, scope: Scope) -> bool:
        return given if isinstance(given, bool) else truth(evaluated(given, scope))

    # -- what it waits for ---------------------------------------------------------------------------

    def _protected(
        self, record: JobRecord, scope: Scope, claims: list[tuple[str, Claim]], process: simpy.Process
    ) -> Events:
        job, site = self._job, self._site
        if job.concurrency is not None:

            def evict() -> None:
                if process.is_alive:
                    process.interrupt("superseded")

            cancels = job.concurrency.cancel_in_progress
            yield from site.groups.enter(
                as_text(evaluated(job.concurrency.group, scope)),
                evict,
                cancel_in_progress=self._true(cancels, scope),
                queue=job.concurrency.queue,
                claims=claims,
            )
        if job.environment is not None:
            yield from self._environment(record, scope)

    def _environment(self, record: JobRecord, scope: Scope) -> Events:
        assert self._job.environment is not None
        site, commit, now = self._site, self._run.commit, int(self._env.now)
        record.environment = as_text(evaluated(self._job.environment.name, scope))
        environment = site.settings.spec.environment(record.environment)
        branch = commit.ref.removeprefix("refs/heads/").removeprefix("refs/")
        if environment.branches and not accepts(environment.branches, branch):
            raise _EndedError("failure", "not-allowed")
        at, record.approver = site.people.approved(environment, commit.head, now)
        given_up = now + LONGEST_APPROVAL
        at = given_up if at < 0 else max(at, record.created + environment.wait_timer)
        yield self._env.timeout(min(at, given_up) - now)
        if at >= given_up or (environment.reviewers and site.holds(commit)):
            raise _EndedError("failure", "rejected")

    def _on_runner(self, record: JobRecord, scope: Scope, combination: Combination) -> Events:
        site, env = self._site, self._env
        labels = tuple(as_text(evaluated(label, scope)) for label in self._job.runs_on)
        if self._job.uses is not None:
            pool: Pool | None = None
        else:
            pool = site.pools.pool(labels, self._job.group)
            record.pool = pool.name
        record.queued = int(env.now)
        if pool is None:
            record.picked = record.queued
            yield from self._steps(record, scope, labels, combination)
            return
        with pool.runners.request() as runner:
            yield runner
            record.picked = int(env.now)
            change = self._run.commit.head.key
            yield env.timeout(
                site.luck.draw(pool.pickup, "pickup", change, self._run.turn, record.job, record.title)
            )
            yield from self._steps(record, scope, labels, combination)

    # -- what it does --------------------------------------------------------------------------------

    def _steps(
        self, record: JobRecord, scope: Scope, labels: tuple[str, ...], combination: Combination
    ) -> Events:
        site, env, commit = self._site, self._env, self._run.commit
        begun = record.started = int(env.now)
        contexts_ = {**scope.contexts, "runner": contexts.runner(labels), "job": Open(status="success")}
        inner = Scope(contexts_, scope.given)
        keeps: list[tuple[str, int]] = []
        steps = site.planner.lay_out(
            site.steps[self._job.id],
            inner,
            commit,
            begun,
            turn=self._run.turn,
            combination=record.title if combination else "",
            keeps=keeps,
        )
        end = steps[-1].finished if steps else begun
        limit = begun + limit_of(self._job.timeout_minutes, scope, self._job.at)
        record.steps = steps
        try:
            yield env.timeout(min(end, limit) - begun)
        except simpy.Interrupt as interrupt:
            record.steps = ended_at(steps, int(env.now))
            yield from self._tidy_up(record, steps, inner)
            raise _EndedError("cancelled", _cause(interrupt)) from None
        if end > limit:
            record.steps = ended_at(steps, limit)
            raise _EndedError("cancelled", "timeout")
        failed = [step for step in steps if step.conclusion == "failure"]
        record.conclusion = "failure" if failed else "success"
        record.cause = failed[0].cause if failed else ""
        if not failed:
            for name, key in keeps:
                site.caches.save(name, commit.ref, key, int(env.now))

    def _tidy_up(self, record: JobRecord, steps: list[StepRecord], scope: Scope) -> Events:
        """After a cancellation: steps that ask for it, such as ``if: always()``; five minutes at most."""
        env, now = self._env, int(self._env.now)
        begun = sum(step.started < now for step in steps)
        rest = self._site.planner.lay_out(
            self._site.steps[self._job.id][begun:],
            Scope(scope.contexts, scope.given, Status(cancelled=True)),
            self._run.commit,
            now,
            turn=self._run.turn,
            combination=record.title,
            keeps=[],
        )
        ran = [step for step in rest if step.outcome != "skipped"]
        if ran:
            until = now + min(ran[-1].finished - now, _GRACE)
            while int(env.now) < until:
                with suppress(simpy.Interrupt):  # who is cancelled twice is not cancelled faster
                    yield env.timeout(until - int(env.now))
            record.steps += ended_at(ran, int(env.now))


def _cause(interrupt: simpy.Interrupt) -> Cause:
    return "fail-fast" if interrupt.cause == "fail-fast" else "superseded"


def ended_at(steps: list[StepRecord], now: int) -> list[StepRecord]:
    """The steps of a job that was ended: those before, and the one that ran, cut short."""
    kept = []
    for step in steps:
        if step.finished <= now:
            kept.append(step)
        elif step.started < now:
            step.finished, step.outcome, step.conclusion = now, "cancelled", "cancelled"
            step.cause, step.found = "", ()
            kept.append(step)
    return kept
