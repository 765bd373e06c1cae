"""CronJobs and Jobs: what runs by the clock, for its time, and what of it others notice meanwhile.

A Job here is one completion of known length; it takes no room on a node and has no pods of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from simpy.events import ProcessGenerator

from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.scenario.document import Scenario
from simulator.scenario.schedules import next_run
from simulator.scenario.sealed import VersionModel
from simulator.units import HOUR, MICROSECOND, MILLISECOND, MINUTE
from simulator.world import Change, Cluster, CronJob, Job, ObjectMeta, OwnerReference, Pod, set_condition

#: How far back the last run before the world began is looked for.
_LOOK_BACK: Final = 25 * HOUR
#: From a Job's creation to its start.
_STARTING: Final = 900 * MILLISECOND


class JobController:
    """Makes Jobs at their times, and ends them.

    Args:
        env: The clock.
        cluster: Where CronJobs and Jobs are.
        scenario: What they do to others while they run.
        refit: Told the names of workloads that may behave otherwise now.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        scenario: Scenario,
        refit: Callable[[frozenset[str]], None],
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._refit = refit
        self._declared = {item.name: item.model for item in scenario.spec.cron_jobs}
        cluster.subscribe(self._on_change, CronJob, Job)

    def adopt(self, item: CronJob) -> None:
        """Say when a CronJob ran last before the world began; the caller adds it afterwards."""
        now, moment = self._env.now, self._env.now - _LOOK_BACK
        while (moment := self._next(item, moment)) <= now:
            item.last_schedule_at = moment
        if item.last_schedule_at is not None:
            item.last_successful_at = item.last_schedule_at + self._declared[item.meta.name].duration

    def models(self, pod: Pod) -> Iterator[VersionModel]:
        """What running Jobs do to a pod."""
        version = version_of(pod.spec.containers[0].image)
        for name in dict.fromkeys(job.cron_job for job in self._cluster.table(Job) if job.running):
            for effect in self._declared[name].effects if name in self._declared else ():
                if effect.workload == pod.deployment and (not effect.versions or version in effect.versions):
                    yield effect.model

    def _on_change(self, change: Change) -> None:
        item = change.object
        if isinstance(item, CronJob) and change.type == "ADDED":
            self._env.process(self._schedule(item))
        elif isinstance(item, Job) and change.type == "ADDED":
            self._env.process(self._run(item))
        elif isinstance(item, Job) and change.type == "DELETED":
            item.meta.deleted_at = self._env.now
            self._settle(item)

    def _next(self, item: CronJob, after: int) -> int:
        """The next instant that its schedule names, ns; in the far future where it names none."""
        start = self._cluster.start
        moment = next_run(item.spec.schedule, start + timedelta(microseconds=after // MICROSECOND))
        if moment is None:
            return after + 10_000 * HOUR
        return (moment - start) // timedelta(microseconds=1) * MICROSECOND

    def _schedule(self, item: CronJob) -> ProcessGenerator:
        while True:
            yield self._env.timeout(self._next(item, self._env.now) - self._env.now)
            if self._cluster.table(CronJob).find(item.meta.name, item.meta.namespace) is not item:
                return
            if not item.spec.suspend:
                self._due(item)

    def _due(self, item: CronJob) -> None:
        now, policy = self._env.now, item.spec.concurrency_policy
        if item.active and policy == "Forbid":
            self._cluster.record(
                now,
                item,
                "JobAlreadyActive",
                "Not starting job because prior execution is running and concurrency policy is Forbid",
                component="cronjob-controller",
            )
            return
        if policy == "Replace":
            for name in list(item.active):
                job = self._cluster.table(Job).find(name, item.meta.namespace)
                if job is not None:
                    self._cluster.remove(job)
        item.last_schedule_at = now
        minutes = (self._cluster.start + timedelta(microseconds=now // MICROSECOND)).timestamp() // 60
        job = new_job(item, f"{item.meta.name}-{int(minutes)}", now)
        self._cluster.add(job)
        self._cluster.record(
            now, item, "SuccessfulCreate", f"Created job {job.meta.name}", component="cronjob-controller"
        )
        self._cluster.changed(item)

    def _run(self, job: Job) -> ProcessGenerator:
        owner = self._owner(job)
        if owner is not None:
            owner.active.append(job.meta.name)
        yield self._env.timeout(_STARTING)
        if self._gone(job):
            return
        job.started_at = self._env.now
        self._cluster.changed(job)
        self._tell(job)
        declared = self._declared.get(job.cron_job)
        yield self._env.timeout(declared.duration if declared is not None else MINUTE)
        if self._gone(job):
            return
        job.completed_at = self._env.now
        for type_ in ("SuccessCriteriaMet", "Complete"):
            set_condition(job.conditions, self._env.now, type_, "True", "CompletionsReached")
        self._cluster.record(self._env.now, job, "Completed", "Job completed", component="job-controller")
        self._cluster.changed(job)
        self._settle(job)
        if owner is not None:
            owner.last_successful_at = self._env.now
            self._keep_few(owner)

    @staticmethod
    def _gone(job: Job) -> bool:
        """Somebody deleted it meanwhile."""
        return job.meta.deleted_at is not None

    def _settle(self, job: Job) -> None:
        owner = self._owner(job)
        if owner is not None and job.meta.name in owner.active:
            owner.active.remove(job.meta.name)
            self._cluster.changed(owner)
        self._tell(job)

    def _keep_few(self, owner: CronJob) -> None:
        done = [
            job
            for job in self._cluster.table(Job)
            if job.cron_job == owner.meta.name and job.completed_at is not None
        ]
        for job in done[: max(len(done) - owner.spec.successful_jobs_history_limit, 0)]:
            self._cluster.remove(job)

    def _owner(self, job: Job) -> CronJob | None:
        return self._cluster.table(CronJob).find(job.cron_job, job.meta.namespace)

    def _tell(self, job: Job) -> None:
        declared = self._declared.get(job.cron_job)
        if declared is not None and declared.effects:
            self._refit(frozenset(effect.workload for effect in declared.effects))


def new_job(owner: CronJob, name: str, now: int) -> Job:
    """A Job of a CronJob's template, as its schedule or ``kubectl create job --from`` makes it."""
    return Job(
        meta=ObjectMeta(
            name,
            owner.meta.namespace,
            labels={"job-name": name},
            created_at=now,
            owner=OwnerReference("CronJob", owner.meta.name, owner.meta.uid),
        ),
        cron_job=owner.meta.name,
        container=owner.spec.container,
        image=owner.spec.image,
    )
