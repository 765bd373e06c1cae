"""The physics of a pipeline: how long things take, what goes wrong, what finds it.

The second voice of ``pipeline.yaml``, under ``model``. Each field has a default that is made up to be
plausible; a team replaces it by what its own runs say.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.distributions import Kind
from simulator.errors import GamedayError
from simulator.pipeline.laws import StepLaw
from simulator.scenario.fields import Duration, Line, Model, Name, Percent, Share, UpToDay, between, refused
from simulator.units import DAY, MINUTE, SECOND

DefectKind = Literal[
    "type-error",
    "failing-unit",
    "vulnerable-dependency",
    "leaked-secret",
    "slow-query",
    "leak",
    "bad-migration",
]
StepKind = Literal[
    "checkout",
    "setup",
    "install",
    "lint",
    "type-check",
    "unit-tests",
    "end-to-end-tests",
    "scan",
    "build",
    "deploy",
    "roll-back",
    "verify",
    "smoke-tests",
    "sign-in",
    "artifact",
    "notify",
    "called-workflow",
    "other",
]


class Time(Model):
    """How long something takes, as operators know it; a mean up to thirty days."""

    distribution: Kind = "lognormal"
    mean: Annotated[Duration, between(SECOND // 1000, 30 * DAY)]
    p99: Annotated[Duration, between(SECOND // 1000, 365 * DAY)] | None = None

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        try:
            StepLaw(self.distribution, self.mean, self.p99)
        except GamedayError as error:
            raise refused(expected=error.expected, got=error.got, todo=error.todo) from None
        return self

    @property
    def law(self) -> StepLaw:
        """The law that is drawn from."""
        return StepLaw(self.distribution, self.mean, self.p99)


def time_of(mean: str, p99: str) -> Time:
    """A lognormal time, as the file writes it."""
    return Time.model_validate({"mean": mean, "p99": p99})


class Cache(Model):
    """What a cache does for a step: of its time, ``saves`` is saved when the cache is hit."""

    saves: Share = 0.7


class StepModel(Model):
    """The physics of steps. Each field that is given replaces the default of the step's kind.

    ``job`` is a job's id, ``step`` the step's id, name, or the action that it uses; ``*`` stands for
    anything. The first entry that fits a step is taken.
    """

    job: Line = "*"
    step: Line = "*"
    kind: StepKind | None = None
    time: Time | None = None
    cache: Cache | None = None
    flaky: Share | None = None
    """The chance to fail for no reason, each time it runs."""
    retries: Annotated[int, Field(ge=0, le=10)] | None = None
    """How often the step tries again by itself before it fails; each try takes its time."""
    finds: dict[DefectKind, Share] | None = None
    """What it finds, and with what chance."""
    false_alarms: Share | None = None
    """The chance to refuse a good change, until somebody dismisses it."""


class DefectModel(Model):
    """One kind of mistake that changes carry."""

    kind: DefectKind
    chance: Share
    """Of each change."""
    shows: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """The chance that it shows in one run of a gate that could see it; below 1 it looks like a flaky test."""
    harm: Share | None = None
    """The chance to hurt users in production; each kind has a default."""
    noticed: Time | None = None
    """From the release until somebody knows; each kind has a default."""


class Author(Model):
    """How people answer to what the pipeline tells them; in their working hours."""

    reaction: Time = time_of("12m", "1h")
    """Until somebody looks at a red check."""
    rework: Time = time_of("40m", "4h")
    """To mend a defect."""
    dismiss: Time = time_of("15m", "1h")
    """To prove a false alarm one."""
    reruns: Annotated[int, Field(ge=0, le=10)] = 1
    """How often a failure that looks flaky is run again before somebody investigates."""


class Reviewing(Model):
    """How long people take to answer when they are asked, in their working hours."""

    review: Time = time_of("50m", "5h")
    approval: Time = time_of("20m", "2h")
    """Of a deployment."""
    urgent: Time = time_of("4m", "15m")
    """Either of them while users are hurt, at any hour."""


_AT_A_CANARY: dict[DefectKind, float] = {
    "type-error": 0.98,
    "failing-unit": 0.8,
    "slow-query": 0.75,
    "bad-migration": 0.7,
}


class Canary(Model):
    """The share of users who meet a new version first, for how long, and what is noticed there."""

    weight: Annotated[Percent, Field(ge=1)] = 10
    bake: UpToDay = 20 * MINUTE
    finds: dict[DefectKind, Share] = Field(default_factory=lambda: dict(_AT_A_CANARY))


class Production(Model):
    """How releases reach users, and how a bad one is taken back."""

    strategy: Literal["all-at-once", "canary"] = "all-at-once"
    canary: Canary = Canary()
    recovery: Literal["roll-back", "roll-forward"] = "roll-back"
    rollback: Time = time_of("5m", "15m")
    """From the decision until the version before serves everybody. A migration is not rolled back."""


class Target(Model):
    """What a release changes in a scenario of the production simulator."""

    deployment: Name | None = None
    rollout: Name | None = None
    container: Name | None = None
    image: Name = "app"
    """The image's name; its tag is the change's."""
    route: Name = "home"
    """The route that a defect hurts."""
    schema_: Name | None = None
    """The schema that a bad migration touches, with ``migration``."""
    migration: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.deployment is not None and self.rollout is not None:
            raise refused(expected="deployment or rollout", got="both", todo="A release changes one of them.")
        if (self.schema_ is None) != (self.migration is None):
            raise refused(expected="schema and migration", got="one of them", todo="Give both, or neither.")
        return self


class Physics(Model):
    """How long things take, what goes wrong, what finds it."""

    steps: tuple[StepModel, ...] = ()
    defects: tuple[DefectModel, ...] = (
        DefectModel(kind="type-error", chance=0.12),
        DefectModel(kind="failing-unit", chance=0.15),
        DefectModel(kind="vulnerable-dependency", chance=0.03),
        DefectModel(kind="leaked-secret", chance=0.006),
        DefectModel(kind="slow-query", chance=0.03),
        DefectModel(kind="leak", chance=0.012),
        DefectModel(kind="bad-migration", chance=0.012),
    )
    cache_key_changes: Share = 0.12
    """The share of changes that touch what caches are keyed by, such as a lock file."""
    skew: Share = 0.004
    """The chance that a change breaks with one that merged since it was tested."""
    author: Author = Author()
    people: Reviewing = Reviewing()
    production: Production = Production()
    target: Target = Target()

    @model_validator(mode="after")
    def _each_kind_once(self) -> Self:
        kinds = [each.kind for each in self.defects]
        if len(set(kinds)) < len(kinds):
            raise refused(expected="each kind of defect once", got="one twice", todo="Remove one.")
        return self


def matches(pattern: str, *names: str) -> bool:
    """Whether a pattern with ``*`` fits one of these names, whatever their case."""
    form = re.compile(".*".join(re.escape(part) for part in pattern.casefold().split("*")), re.DOTALL)
    return any(form.fullmatch(name.casefold()) for name in names)
