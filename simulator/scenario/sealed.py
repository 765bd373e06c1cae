"""What is sealed from the learner: what happens, how it is judged, and what the coach knows."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.conditions import MetricCondition, StateCondition
from simulator.scenario.fields import (
    Duration,
    Identifier,
    Leak,
    Line,
    Model,
    Name,
    Share,
    Text,
    exactly_one,
    refused,
)
from simulator.scenario.instances import Equipment, LawOfTime, ServiceTime
from simulator.scenario.messaging import Publish
from simulator.scenario.resilience import Call

ActClassName = Literal["good", "reasonable-error", "harmful", "irrelevant"]
Family = Literal["outcome", "safety", "process", "diagnosis"]
#: The closed list of skills, by which a learner's progress is kept.
Skill = Literal[
    "observe", "slo", "alerting", "canary", "rollback", "blue-green", "config-and-flags", "retries",
    "overload", "capacity", "balancing", "data", "pipeline", "security", "communication", "command",
]  # fmt: skip
Glob = Line


# --- versions


class RouteOverride(Model):
    """What a version does differently on one route; an absent field is as the workload declares it."""

    name: Name
    service_time: ServiceTime | None = None
    error_rate: Share | None = None
    shed_rate: Share | None = Field(default=None, exclude_if=lambda value: value is None)
    calls: tuple[Call, ...] | None = None
    leak: Leak | None = None
    lock: LawOfTime | None = None
    publishes: tuple[Publish, ...] | None = None


class VersionModel(Equipment):
    """What a version does differently. It holds for the image, so a rollback takes back exactly this."""

    requests_per_leaked_connection: Annotated[int, Field(ge=1, le=1 << 40)] | None = Field(
        default=None, exclude_if=lambda value: value is None
    )
    """So many uses lose one connection of each of its pools for good; every call then has a pool."""
    maximum_pool_size: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, exclude_if=lambda value: value is None
    )
    """Of each pool that its calls have; one that is kept open in full stays so."""
    concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = None
    queue_limit: Annotated[int, Field(ge=0, le=100_000)] | None = None
    start_time: Duration | None = None
    routes: tuple[RouteOverride, ...] = ()


# --- plays


class Play(Model):
    """A console line typed at an instant; the player resolves ``{worst-pod:app=checkout}`` (see README)."""

    at: Duration
    run: Line


class LooksRight(Model):
    """Which signal gets better for a while on a wrong path, such as ``errors:checkout`` or ``burn``."""

    signal: Annotated[
        str, Field(pattern=r"^((errors|latency|traffic|saturation|queue|ready):[-a-z0-9]+|burn)$")
    ]


class NamedPlay(Model):
    """A play that a player of this name makes."""

    name: Name
    title: Line
    plays: Annotated[tuple[Play, ...], Field(min_length=1, max_length=200)]


class Alternative(NamedPlay):
    """Another play that succeeds; it must pass as the reference does."""


class WrongPath(NamedPlay):
    """A tempting play with the outcome score that it may reach at most."""

    ceiling: Annotated[float, Field(ge=-50.0, le=120.0)]
    looks_right: LooksRight | None = None


# --- the coach


class ActClass(Model):
    """How acts of one shape are classed. The first entry whose glob fits the canonical line decides."""

    match: Glob
    class_: ActClassName
    id: Identifier
    why: Line
    signal: Annotated[
        str, Field(pattern=r"^((errors|latency|traffic|saturation|queue|ready):[-a-z0-9]+|burn)?$")
    ] = ""


class Worked(Model):
    """The last rung: James does one step and says why."""

    say: Text
    run: Line


class Ladder(Model):
    """Four rungs of hints for one misconception."""

    orient: Text
    principle: Text
    narrow: Text
    worked: Worked


class Coach(Model):
    """What James knows about this scenario."""

    cadence: Duration = 600_000_000_000
    """How often users should hear something while it lasts; 10m where nothing is said."""
    acts: tuple[ActClass, ...] = ()
    ladder: dict[str, Ladder] = Field(default_factory=dict)
    story: Identifier | None = None
    """The war story that James tells here, by its id; without it he chooses by the scenario's skills."""


# --- checks


class Check(Model):
    """One thing that the score looks at. Exactly one condition.

    ``looked``: each glob was looked at; ``did``: one of the globs was done; ``never``: none was; with
    ``before``, counted from the first page. ``toldWithin``, ``ackedWithin``, ``servedWithin``: from the first
    page until the status page spoke, it was acknowledged, users were served again. ``budgetBelow``: share of
    the budget that the drill spent. ``heldFor``: users were served for so long at the end.
    ``changesAtMost``: so many acts that changed production. ``promql``, ``state``: see there.
    """

    id: Identifier
    family: Family
    weight: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    skill: Skill
    gate: bool = False
    """Failing it fails the run."""
    explain_pass: Line
    explain_fail: Line
    looked: tuple[Glob, ...] = ()
    did: tuple[Glob, ...] = ()
    never: tuple[Glob, ...] = ()
    before: Duration | None = None
    told_within: Duration | None = None
    acked_within: Duration | None = None
    served_within: Duration | None = None
    budget_below: Annotated[float, Field(gt=0.0, le=100.0)] | None = None
    held_for: Duration | None = None
    changes_at_most: Annotated[int, Field(ge=0, le=1000)] | None = None
    promql: MetricCondition | None = None
    state: StateCondition | None = None

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        names = (
            "looked", "did", "never", "told_within", "acked_within", "served_within", "budget_below",
            "held_for", "changes_at_most", "promql", "state",
        )  # fmt: skip
        condition = exactly_one(self, names)
        if self.before is not None and condition not in ("looked", "did"):
            raise refused(
                expected="before beside looked or did alone", got="it beside another", todo="Remove before."
            )
        return self
