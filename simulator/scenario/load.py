"""Load: users in the words of k6's executors, with what k6 leaves to the script as their model."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Duration, Model, Name, UpToHour, refused
from simulator.scenario.instances import LawOfTime
from simulator.units import SECOND

Rate = Annotated[float, Field(ge=0.0, le=100_000.0)]
#: Users of a closed load, and of a crowd.
People = Annotated[int, Field(ge=0, le=100_000)]
Executor = Literal["constant-arrival-rate", "ramping-arrival-rate", "constant-vus", "ramping-vus"]

#: What each executor needs; of all other fields named here it takes none.
_NEEDS: Final[dict[str, tuple[str, ...]]] = {
    "constant-arrival-rate": ("rate",),
    "ramping-arrival-rate": ("start_rate", "stages"),
    "constant-vus": ("vus",),
    "ramping-vus": ("start_vus", "stages"),
}
_SPELLED: Final = {
    "rate": "rate",
    "start_rate": "startRate",
    "vus": "vus",
    "start_vus": "startVUs",
    "stages": "stages",
}


class Stage(Model):
    """k6's stage: the rate, or the number of users, goes in a straight line to ``target``."""

    target: Rate
    duration: Duration


class Profile(Model):
    """A curve of arrivals around a rate, for which k6 has no executor; it begins at the rate of that moment.

    ``spike``: up to ``peak`` at half of ``duration`` and back. ``diurnal``: a wave between ``low`` and
    ``peak`` with this period, which begins upwards at ``low`` and goes on.
    """

    kind: Literal["spike", "diurnal"]
    peak: Rate
    low: Rate | None = None
    duration: Annotated[Duration, Field(ge=10 * SECOND)]

    @model_validator(mode="after")
    def _low_goes_with_waves(self) -> Self:
        if (self.kind == "diurnal") != (self.low is not None) or (self.low or 0.0) > self.peak:
            raise refused(
                expected="low below peak" if self.kind == "diurnal" else "no low",
                got="none" if self.low is None else repr(self.low),
                todo="A wave has two ends; a spike begins and ends at the rate of that moment.",
            )
        return self


class UserModel(Model):
    """How users behave."""

    think_time: LawOfTime | None = None
    """For executors of VUs: from an answer to the user's next request."""
    patience: UpToHour = 0
    """How long a user waits for an answer; 0s is for ever."""
    attempts: Annotated[int, Field(ge=1, le=16)] = 1
    """How often a user asks at most; every failure counts, giving up too."""
    pause: UpToHour = 0
    """Before the user asks again."""
    priority: Annotated[int, Field(ge=0, le=3)] = 0
    """0 is shed last; the calls that a request makes inherit it."""


class Traffic(Model):
    """Users of one kind, in the words of k6's executors.

    With an arrival rate they come whatever the answer (an open load; ``rate``, ``startRate`` and ``target``
    are requests per second). VUs ask, wait for the answer, think, and ask again (a closed load).
    """

    name: Name
    executor: Executor = "constant-arrival-rate"
    rate: Rate | None = None
    start_rate: Rate | None = None
    vus: People | None = None
    start_vus: Annotated[People | None, Field(alias="startVUs")] = None
    stages: Annotated[tuple[Stage, ...], Field(max_length=64)] = ()
    service: Name
    """Whom they ask."""
    routes: dict[str, Annotated[float, Field(gt=0.0)]]
    """Route: weight. The weights need not add up to one."""
    objective: Duration = SECOND
    """A slower answer is a bad experience (user-minutes), though not against an error SLO."""
    model: UserModel = UserModel()

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        needs = _NEEDS[self.executor]
        given = [name for name in _SPELLED if getattr(self, name) not in (None, ())]
        if sorted(given) != sorted(needs):
            others = [_SPELLED[name] for name in _SPELLED if name not in needs]
            raise refused(
                expected=f"{' and '.join(_SPELLED[name] for name in needs)}, and no {', '.join(others)}",
                got=", ".join(_SPELLED[name] for name in given) or "none of them",
                todo=f"{self.executor} takes {' and '.join(_SPELLED[name] for name in needs)}, as in k6.",
            )
        if not self.routes:
            raise refused(
                expected="at least one route", got="none", todo="Name what the users ask for, with weights."
            )
        if self.closed:
            self._check_people()
        elif self.model.think_time is not None:
            raise refused(
                expected="model.thinkTime with constant-vus or ramping-vus",
                got=f"it with {self.executor}",
                todo="Users at a rate come once; remove thinkTime.",
            )
        return self

    def _check_people(self) -> None:
        if self.model.think_time is None:
            raise refused(
                expected="model.thinkTime beside VUs",
                got="nothing",
                todo="Say how long a user thinks between two requests, such as {mean: 5s, p99: 20s}.",
            )
        for stage in self.stages:
            if stage.target != int(stage.target):
                raise refused(
                    expected="whole users as the target of a stage",
                    got=repr(stage.target),
                    todo="Round it.",
                )

    @property
    def closed(self) -> bool:
        """The users wait for answers before they ask again."""
        return self.executor.endswith("-vus")

    @property
    def initial_people(self) -> int:
        """Users of a closed load when the run begins; 0 for an open one."""
        return (self.vus if self.vus is not None else self.start_vus) or 0

    @property
    def initial_rate(self) -> float:
        """Requests per second when the run begins; of a closed load, if answers took no time."""
        if self.model.think_time is not None:
            return self.initial_people * SECOND / self.model.think_time.mean
        return self.rate if self.rate is not None else self.start_rate or 0.0
