"""What one pod of a workload is made of: workers, CPU, memory, whom it turns away, and its own work.

Two models share these fields: a workload's, and a version's, where a field that is absent is as the workload
has it.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from simulator.distributions import Kind, Law
from simulator.errors import GamedayError
from simulator.scenario.fields import Bytes, Count, Duration, Model, Positive, Share, UpToHour, refused
from simulator.scenario.messaging import Consume
from simulator.units import SECOND


class LawOfTime(Model):
    """How long something takes, as operators know it."""

    distribution: Kind = "lognormal"
    mean: Duration
    p99: Duration | None = None

    @model_validator(mode="after")
    def _lawful(self) -> Self:
        try:
            Law(self.distribution, self.mean, self.p99)
        except GamedayError as error:
            raise refused(expected=error.expected, got=error.got, todo=error.todo) from None
        return self

    @property
    def law(self) -> Law:
        """The law that the data plane draws from."""
        return Law(self.distribution, self.mean, self.p99)


class ServiceTime(LawOfTime):
    """How long the computing part of a request takes."""


class WarmUp(Model):
    """A process is slower when it is new: cold code, cold caches of its own."""

    duration: UpToHour
    coldness: Annotated[float, Field(ge=0.0, le=100.0)] = 1.0
    """How much more time requests take at its start, as a share (1.0 doubles it); it falls to nothing."""


class MemoryUse(Model):
    """What a process takes; above its container's limit (or the node's memory) it is killed."""

    base: Bytes = 0
    """Before any request."""
    per_request: Bytes = 0
    """More for each request that is queued or running."""


class RateLimit(Model):
    """A token bucket: who comes too soon is answered 429."""

    requests_per_second: Annotated[float, Field(gt=0.0, le=1e6)]
    burst: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class LoadShedding(Model):
    """Of ``maxConcurrency``, the share that requests of each priority may use; priority 0 has all."""

    priority_1: Share = 1.0
    priority_2: Share = 1.0
    priority_3: Share = 1.0


class Admission(Model):
    """Whom a pod turns away before it works for them."""

    rate_limit: RateLimit | None = None
    max_concurrency: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    """Requests queued and running that it takes, one more is answered 503; 0 is no limit."""
    shedding: LoadShedding = LoadShedding()

    @model_validator(mode="after")
    def _shares_of_something(self) -> Self:
        if self.shedding != LoadShedding() and not self.max_concurrency:
            raise refused(
                expected="maxConcurrency beside shedding",
                got="shedding alone",
                todo="Shedding by priority shares out maxConcurrency; add it.",
            )
        return self


class Crash(Model):
    """A process that ends by itself soon after each start: a missing setting, say."""

    after: UpToHour = SECOND
    exit_code: Annotated[int, Field(ge=0, le=255)] = 1
    log: Annotated[str, StringConstraints(max_length=400, pattern=r"^[^\n\r]*$")] = ""
    """Its last line."""


class Equipment(Model):
    """The fields of a pod's process that a workload and a version have in common; absent is off."""

    cores: Annotated[float, Field(ge=0.001, le=100_000)] | None = None
    """CPUs that those who compute share; a CPU limit of the container lowers it. Absent: as many as it takes.
    """
    warm_up: WarmUp | None = None
    memory: MemoryUse | None = None
    newest_first_above: Count | None = None
    """With so many waiting, newcomers go to the queue's front."""
    admission: Admission | None = None
    consumes: Annotated[tuple[Consume, ...], Field(max_length=16)] | None = None
    crash: Crash | None = None
    on_sigterm: Literal["drain", "exit"] | None = None
    """What the process does when it is asked to stop: finish what it has (absent, too), or end at once."""
    weight: Positive | None = None
    """Of each pod, for ``balancer: weighted_round_robin``; absent is 1."""
