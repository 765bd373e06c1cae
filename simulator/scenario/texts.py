"""The texts of a scenario: a second file of its folder, so that the first stays short."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.fields import Duration, Identifier, Line, Model, Text, exactly_one, refused
from simulator.scenario.timeline import TimelineEntry


class PeopleMessage(Model):
    """Something that a colleague writes into the incident channel. Exactly one trigger.

    ``at``: at this time. ``afterPage``: this long after the first page. ``unlessToldFor``: when since the
    first page, or the last status post or message after it, so long has passed without a word; and again
    while it stays so, at most once in the coach's cadence, until the status page says resolved.
    ``onceTold``: this long after the first status post or message that follows the first page.
    """

    id: Identifier
    author: Line
    text: Text
    at: Duration | None = None
    after_page: Duration | None = None
    unless_told_for: Duration | None = None
    once_told: Duration | None = None
    again: Annotated[tuple[Text, ...], Field(max_length=8)] = Field(
        default=(), exclude_if=lambda value: not value
    )
    """With ``unlessToldFor``: what is said the next times, the last one from then on. ``{minutes}`` is how
    long there has been no word. Where none is given, the kit has words."""

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        exactly_one(self, ("at", "after_page", "unless_told_for", "once_told"))
        if self.again and self.unless_told_for is None:
            raise refused(
                expected="unlessToldFor beside again",
                got="another trigger",
                todo="Only who waits for word asks again; remove again.",
            )
        return self


class DebriefTexts(Model):
    """What the debrief may say once it is over."""

    what_happened: Text
    rule: Text
    change: Text


class Option(Model):
    """An answer of a quiz question."""

    text: Line
    correct: bool = False
    why: Line


class Question(Model):
    """A quiz question; ``pre`` and ``post`` are two of one shape."""

    id: Identifier
    when: Literal["pre", "post"] = "post"
    ask: Text
    options: Annotated[tuple[Option, ...], Field(min_length=2, max_length=6)]

    @model_validator(mode="after")
    def _one_is_right(self) -> Self:
        exact = [option for option in self.options if option.correct]
        if len(exact) != 1:
            raise refused(
                expected="exactly one correct option",
                got=str(len(exact)),
                todo="Mark one with correct: true.",
            )
        return self


class Echo(Model):
    """A public incident that the scenario echoes; named in the debrief alone."""

    title: Line
    url: Annotated[str, Field(pattern=r"^https://[^\s<>\"']+$", max_length=400)]
    says: Text
    """What is alike, in a sentence or two that the linked page supports."""


class Timing(Model):
    """When the facilitator does what, in minutes of the workshop's clock or the drill's."""

    at: Line
    what: Line


class Inject(Model):
    """Something that a facilitator may add. Exactly one of ``line``, typed for the learner, and ``entry``.

    ``entry`` is an entry of a timeline without its ``at``: the facilitator chooses the moment.
    """

    when: Line
    line: Line | None = None
    entry: TimelineEntry | None = None
    why: Line

    @field_validator("entry", mode="before")
    @classmethod
    def _at_any_time(cls, value: object) -> object:
        if not isinstance(value, dict):
            return value
        if "at" in value:
            raise refused(
                expected="an entry without at", got="at", todo="Say in when at which moment it fits."
            )
        return {"at": "0s", **value}

    @model_validator(mode="after")
    def _one(self) -> Self:
        exactly_one(self, ("line", "entry"))
        return self


class Facilitator(Model):
    """The page of whoever runs the drill for others."""

    goal: Text
    """What a learner can do afterwards, as one can see it."""
    timing: Annotated[tuple[Timing, ...], Field(max_length=32)] = ()
    injects: Annotated[tuple[Inject, ...], Field(max_length=16)] = ()
    questions: Annotated[tuple[Text, ...], Field(max_length=16)] = ()


class Texts(Model):
    """All texts; a variant's own are already laid over the common ones."""

    story: Text
    """Who the learner is, and what the company does."""
    normal: Text
    """What is normal here: numbers that a good operator knows by heart."""
    situation: Text
    """The situation in some 80 words."""
    people: tuple[PeopleMessage, ...] = ()
    debrief: DebriefTexts
    echo: Echo | None = None
    quiz: tuple[Question, ...] = ()
    facilitator: Facilitator | None = None
