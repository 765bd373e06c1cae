"""The texts of a scenario: a second file of its folder, so that the first stays short."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from simulator.scenario.fields import Duration, Identifier, Line, Model, Text, exactly_one, refused
from simulator.scenario.timeline import TimelineEntry


class PeopleMessage(Model):
    """Something that a colleague writes into the incident channel. Exactly one trigger.

    ``at``: at this time. ``afterPage``: this long after the first page. ``unlessToldFor``: when so long has
    passed since the page without a word, and again at most once in the coach's cadence; after a word only
    once the cadence, and the time that the word promised, are over; never once it works again and the status
    page says so. ``onceTold``: this long after the first status post or message that follows the first page.
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
    """With ``unlessToldFor``: what is said the next times, the last one from then on, while there has been no
    word at all. ``{minutes}`` is how long. Where none is given, the kit has words."""
    stale: Annotated[tuple[Text, ...], Field(max_length=8)] = Field(
        default=(), exclude_if=lambda value: not value
    )
    """With ``unlessToldFor``: the same after a word that has grown old; ``{minutes}`` is its age."""
    recovered: Text | None = Field(default=None, exclude_if=lambda value: value is None)
    """With ``unlessToldFor``: what is said when it works again and the status page does not say so."""
    said_while: Literal["open", "hurt", "always"] | None = Field(
        default=None, exclude_if=lambda value: value is None
    )
    """With ``afterPage``: as long as what it says holds. ``open``, the default: until it works again and the
    status page says so. ``hurt``: only while users are hurt, and a question only of somebody to whom nobody
    has written since the page. ``always``: whatever happens."""

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        exactly_one(self, ("at", "after_page", "unless_told_for", "once_told"))
        for name in ("again", "stale", "recovered"):
            if getattr(self, name) and self.unless_told_for is None:
                raise refused(
                    expected=f"unlessToldFor beside {name}",
                    got="another trigger",
                    todo=f"Only who waits for word asks again; remove {name}.",
                )
        if self.said_while and self.after_page is None:
            raise refused(
                expected="afterPage beside saidWhile",
                got="another trigger",
                todo="Only who speaks after the page may be late; remove saidWhile.",
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
