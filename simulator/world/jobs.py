"""CronJobs and the Jobs that they make."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.world.meta import Condition, ObjectMeta


@dataclass(frozen=True, slots=True)
class CronJobSpec:
    """When a Job shall be made, and of what."""

    schedule: str
    container: str
    image: str
    suspend: bool = False
    concurrency_policy: str = "Allow"
    successful_jobs_history_limit: int = 3


@dataclass(slots=True)
class CronJob:
    """A CronJob.

    Attributes:
        last_schedule_at: When it last made a Job, ns; None before.
        last_successful_at: When one last ended well, ns.
        active: Names of its Jobs that run.
    """

    meta: ObjectMeta
    spec: CronJobSpec
    last_schedule_at: int | None = None
    last_successful_at: int | None = None
    active: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Job:
    """One run of a piece of work.

    Attributes:
        cron_job: Of which CronJob's template it is made.
        started_at: ns; None before.
        completed_at: ns; None while it runs.
    """

    meta: ObjectMeta
    cron_job: str
    container: str
    image: str
    started_at: int | None = None
    completed_at: int | None = None
    conditions: list[Condition] = field(default_factory=list)

    @property
    def succeeded(self) -> int:
        """Of its one completion."""
        return int(self.completed_at is not None)

    @property
    def running(self) -> bool:
        """It has begun and not ended."""
        return self.started_at is not None and self.completed_at is None and self.meta.deleted_at is None
