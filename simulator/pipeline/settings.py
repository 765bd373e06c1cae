"""What stands beside a workflow: ``pipeline.yaml``, in two voices.

``spec`` is what people set up in the repository (who works when, required checks, merge queue, environments,
runners); ``model`` is the physics (how long things take, what goes wrong, what each gate finds). Everything
has a default, so that a workflow runs without the file.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from simulator.pipeline.physics import Physics, Time, time_of
from simulator.scenario.fields import (
    Duration,
    Instant,
    Line,
    Model,
    Name,
    UpToDay,
    between,
    refused,
)
from simulator.units import DAY, MINUTE

Day = Literal["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
DayTime = Annotated[
    str,
    Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$"),
]
_DAYS: tuple[Day, ...] = ("Mon", "Tue", "Wed", "Thu", "Fri")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refused(
            expected="a time zone such as Europe/Berlin", got=repr(value), todo="Use a name of the IANA list."
        ) from None
    return value


class Person(Model):
    """Somebody of the team, and when they work."""

    name: Line
    time_zone: Annotated[str, AfterValidator(_zone)] = "UTC"
    from_: DayTime = "09:00"
    to: DayTime = "17:00"
    days: Annotated[tuple[Day, ...], Field(min_length=1)] = _DAYS

    @model_validator(mode="after")
    def _forwards(self) -> Self:
        if self.from_ >= self.to:
            raise refused(
                expected=f"a time after {self.from_}", got=self.to, todo="A night shift is two people."
            )
        return self


_TEAM = tuple(Person(name=name) for name in ("Ana", "Ben", "Chidi", "Dana", "Emre"))


class Environment(Model):
    """The protection of an environment. One of the reviewers suffices, as on GitHub."""

    name: Line
    reviewers: Annotated[tuple[Line, ...], Field(max_length=6)] = ()
    prevent_self_review: bool = False
    wait_timer: Annotated[Duration, between(0, 30 * DAY)] = 0
    branches: tuple[Line, ...] = ()
    """Patterns; empty lets every branch deploy."""


class MergeQueue(Model):
    """GitHub's merge queue: each change is tested on top of those before it, and what passes merges together.

    ``maxGroupSize`` changes merge at most at once; fewer than ``minGroupSize`` wait for others, but only so
    long.
    """

    max_group_size: Annotated[int, Field(ge=1, le=100)] = 5
    min_group_size: Annotated[int, Field(ge=1, le=100)] = 1
    wait: UpToDay = 5 * MINUTE
    build_concurrency: Annotated[int, Field(ge=1, le=100)] = 5

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.min_group_size > self.max_group_size:
            raise refused(
                expected=f"minGroupSize up to {self.max_group_size}",
                got=str(self.min_group_size),
                todo="A group can't have to be larger than it may be.",
            )
        return self


class RunnerPool(Model):
    """Runners alike. A job takes one of the first pool that has all its labels."""

    labels: Annotated[tuple[Line, ...], Field(min_length=1)]
    count: Annotated[int, Field(ge=1, le=10_000)]
    pickup: Time = time_of("8s", "30s")
    """From the moment when a runner is free to the job's first step."""


class Declared(Model):
    """What people set up."""

    workflow: Line = "workflow.yaml"
    """The workflow's file, beside this one."""
    start_time: Instant = datetime(2026, 3, 2, tzinfo=UTC)
    """The civil time at which the simulation begins."""
    branch: Line = "main"
    production: Line = "production"
    """The environment whose deployments are releases."""
    people: Annotated[tuple[Person, ...], Field(min_length=1, max_length=200)] = _TEAM
    changes_per_day: Annotated[float, Field(gt=0.0, le=500.0)] = 8.0
    """Of the whole team, in a working day."""
    approvals: Annotated[int, Field(ge=0, le=6)] = 1
    """Reviews that a change needs before it merges."""
    required_checks: tuple[Line, ...] = ()
    """Jobs that must pass before a change merges; none named means all."""
    merge_queue: MergeQueue | None = None
    environments: tuple[Environment, ...] = ()
    runners: tuple[RunnerPool, ...] = ()
    values: dict[str, str | float | bool] = Field(default_factory=dict)
    """Contexts that GitHub would fill and a condition asks for, such as ``vars.REGION``."""

    @model_validator(mode="after")
    def _known_people(self) -> Self:
        names = [person.name for person in self.people]
        if len(set(names)) < len(names):
            raise refused(expected="each person once", got="a name twice", todo="Rename one of them.")
        for environment in self.environments:
            for reviewer in environment.reviewers:
                if reviewer not in names:
                    raise refused(
                        expected=f"a reviewer of {environment.name} among {', '.join(names)}",
                        got=repr(reviewer),
                        todo="Add the person under people.",
                    )
        return self

    def environment(self, name: str) -> Environment:
        """The protection of an environment; none where none is declared."""
        found = (each for each in self.environments if each.name.casefold() == name.casefold())
        return next(found, Environment(name=name or "-"))


class PipelineMetadata(Model):
    """Name and title."""

    name: Name = "pipeline"
    title: Line = "A delivery pipeline"


class Settings(Model):
    """The file ``pipeline.yaml``."""

    api_version: Literal["gameday/v1"] = "gameday/v1"
    kind: Literal["Pipeline"] = "Pipeline"
    metadata: PipelineMetadata = PipelineMetadata()
    spec: Declared = Declared()
    model: Physics = Physics()
