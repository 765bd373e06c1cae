"""Suspects that are innocent, and the observation by which anybody can tell."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Duration, Line, Model, Name, exactly_one
from simulator.scenario.timeline import TimelineEntry


class Tell(Model):
    """The observation that tells an innocent suspect from the cause. Exactly one of ``promql`` and ``run``.

    It is made ``at`` this time, by somebody who has done nothing so far, and must come out differently in
    the scenario as it is and in the scenario in which the suspect were guilty.
    """

    at: Duration
    promql: Line | None = None
    run: Line | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("promql", "run"))
        return self

    @property
    def line(self) -> str:
        """The observation as a line of the console."""
        return self.run if self.run is not None else f"promql {self.promql}"


class Decoy(Model):
    """A suspect that is innocent, with what would have happened had it been the cause."""

    name: Name
    title: Line
    guilty: Annotated[tuple[TimelineEntry, ...], Field(min_length=1, max_length=64)]
    """The whole timeline of the world in which this suspect is the cause."""
    trace: Annotated[tuple[TimelineEntry, ...], Field(max_length=16)] = ()
    """What makes it a suspect although it is innocent: laid into the scenario's timeline."""
    tell: Tell
