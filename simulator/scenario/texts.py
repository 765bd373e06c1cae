"""The texts of a scenario: a second file of its folder, so that the first stays short."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import Duration, Identifier, Line, Model, Text, exactly_one, refused


class PeopleMessage(Model):
    """Something that a colleague writes into the incident channel. Exactly one trigger.

    ``at``: at this time. ``afterPage``: this long after the first page. ``unlessToldFor``: once, when since
    the first page, or the last status post or message after it, so long has passed without a word.
    ``onceTold``: this long after the first status post or message that follows the first page.
    """

    id: Identifier
    author: Line
    text: Text
    at: Duration | None = None
    after_page: Duration | None = None
    unless_told_for: Duration | None = None
    once_told: Duration | None = None

    @model_validator(mode="after")
    def _one_trigger(self) -> Self:
        exactly_one(self, ("at", "after_page", "unless_told_for", "once_told"))
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
    quiz: tuple[Question, ...] = ()
