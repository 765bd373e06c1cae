"""Answers to the four questions: checked one by one, and what is still open or not covered."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from itertools import product
from typing import Final

from simulator.errors import GamedayError
from simulator.pipeline.interview.questions import FIELDS
from simulator.scenario.problems import nearest

_LABEL: Final = re.compile(r"[a-z]([a-z0-9-]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered; an empty string is not answered yet. ``questions.py`` says what each may be.

    Attributes:
        service: The Deployment, its container and what people call it.
    """

    forge: str = ""
    stack: str = ""
    target: str = ""
    environments: str = ""
    approvals: str = ""
    chat: str = ""
    service: str = "app"

    def __post_init__(self) -> None:
        for name, field in FIELDS.items():
            value = getattr(self, name)
            if value != "" and value not in field.values:
                _refuse(name, field.values, value)
        if not _LABEL.fullmatch(str(self.service)):
            raise GamedayError(
                "interview(service=…)",
                expected="a name that Kubernetes takes, such as checkout",
                got=repr(self.service),
                todo="Lower-case letters, digits and hyphens; it begins with a letter.",
            )

    def with_(self, **answers: str) -> Answers:
        """The same with these answers.

        Raises:
            GamedayError: There is no such question, or no such answer.
        """
        known = [field.name for field in fields(self)]
        for name in answers:
            if name not in known:
                near = nearest(name, known)
                todo = f"Did you mean {near!r}?" if near else "Answer one of them."
                raise GamedayError("interview(…)", expected=", ".join(known), got=repr(name), todo=todo)
        return replace(self, **answers)

    @property
    def open(self) -> tuple[str, ...]:
        """What is not answered yet."""
        return tuple(name for name in FIELDS if not getattr(self, name))

    @property
    def gaps(self) -> tuple[str, ...]:
        """What was answered and is not covered, a sentence or two each."""
        given = [(field, getattr(self, name)) for name, field in FIELDS.items()]
        return tuple(gap for field, value in given if value and (gap := field.choice(value).gap))

    @property
    def stages(self) -> tuple[str, ...]:
        """The environments in their order, production last."""
        return (*self.environments.split("-"), "production")


def every_covered() -> tuple[Answers, ...]:
    """Every combination of answers that the kit writes a file for."""
    offered = [[choice.value for choice in field.choices if not choice.gap] for field in FIELDS.values()]
    return tuple(Answers(**dict(zip(FIELDS, values, strict=True))) for values in product(*offered))


def _refuse(name: str, known: tuple[str, ...], value: object) -> None:
    near = nearest(value, known) if isinstance(value, str) else None
    todo = f"Did you mean {near!r}?" if near else "Choose one of them."
    raise GamedayError(f"interview({name}=…)", expected=" or ".join(known), got=repr(value), todo=todo)
