"""A run on its way, and the site on which runs run: what the forge and its jobs share."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field

import simpy

from simulator.pipeline.caches import Caches
from simulator.pipeline.changes import Commit
from simulator.pipeline.groups import Claim, Groups
from simulator.pipeline.luck import Luck
from simulator.pipeline.people import People
from simulator.pipeline.planning import PlannedStep, Planner
from simulator.pipeline.records import Conclusion, RunRecord
from simulator.pipeline.runners import Pools
from simulator.pipeline.settings import Settings
from simulator.pipeline.workflow import Job, Workflow
from simulator.pipeline.workflow.evaluation import Open

Events = Generator[simpy.Event, None, None]


@dataclass(eq=False)
class JobState:
    """How one job of a run stands.

    Attributes:
        done: Happens when it has a result.
        result: As ``needs.<job>.result`` says it.
        running: The processes of its matrix that have not ended.
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


@dataclass(frozen=True, eq=False)
class Site:
    """What jobs run on.

    Attributes:
        holds: Asked before people approve a deployment: whether they know something against a commit.
        steps: Of each job, by id.
    """

    env: simpy.Environment
    workflow: Workflow
    settings: Settings
    luck: Luck
    people: People
    holds: Callable[[Commit], bool]
    pools: Pools
    groups: Groups
    caches: Caches
    planner: Planner
    steps: dict[str, tuple[PlannedStep, ...]]
