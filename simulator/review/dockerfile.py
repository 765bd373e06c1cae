"""A Dockerfile as stages of instructions, each with its line; as much of the language as the checks need."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from simulator.errors import Problem, ReviewError
from simulator.review.patches import lines_of
from simulator.scenario.problems import nearest

_WORDS: Final = (
    *("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL"),
    *("MAINTAINER", "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"),
)
_HEREDOC: Final = re.compile(r"<<-?\s*([\"']?)([A-Za-z_]\w*)\1")
_FROM: Final = re.compile(r"(?:--platform=\S+\s+)?(?P<base>\S+)(?:\s+AS\s+(?P<name>\S+))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction, its continued lines joined.

    Attributes:
        line: Its first line, from 1.
        last: Its last line.
    """

    word: str
    arguments: str
    line: int
    last: int


@dataclass(slots=True)
class Stage:
    """What stands behind one FROM.

    Attributes:
        base: The image or the earlier stage, as written.
        name: Behind AS; empty where there is none.
    """

    base: str
    line: int
    name: str = ""
    instructions: list[Instruction] = field(default_factory=list)

    @property
    def image(self) -> str:
        """The base without its digest."""
        return self.base.partition("@")[0]

    @property
    def user(self) -> str:
        """Whom it ends as; empty where it says nothing."""
        users = [
            each.arguments.partition(":")[0].strip() for each in self.instructions if each.word == "USER"
        ]
        return users[-1] if users else ""

    @property
    def last(self) -> int:
        return self.instructions[-1].last if self.instructions else self.line


def stages_of(text: str, file: str) -> list[Stage]:
    """The stages of a Dockerfile.

    Raises:
        ReviewError: A line begins with no instruction, or nothing is built.
    """
    stages: list[Stage] = []
    problems: list[Problem] = []
    for each in _instructions(lines_of(text)):
        where = f"{file}:{each.line}"
        if each.word not in _WORDS:
            near = nearest(each.word, list(_WORDS))
            todo = f"Did you mean {near}?" if near else "See the Dockerfile reference."
            problems.append(Problem(where, "an instruction such as FROM or RUN", repr(each.word[:40]), todo))
        elif each.word == "FROM":
            found = _FROM.fullmatch(each.arguments.strip())
            if found is None:
                problems.append(
                    Problem(
                        where,
                        "FROM IMAGE, or FROM IMAGE AS NAME",
                        repr(each.arguments[:40]),
                        "Name one image.",
                    )
                )
            else:
                stages.append(Stage(found["base"], each.line, found["name"] or ""))
        elif stages:
            stages[-1].instructions.append(each)
        elif each.word != "ARG":
            problems.append(Problem(where, "FROM first", each.word, "Say which image it is built on."))
    if not stages and not problems:
        problems.append(Problem(file, "an instruction FROM", "none", "Say which image it is built on."))
    if problems:
        raise ReviewError(problems)
    return stages


def _instructions(lines: list[str]) -> Iterator[Instruction]:
    number = 0
    while number < len(lines):
        first = number
        text = lines[number].strip()
        number += 1
        if not text or text.startswith("#"):
            continue
        parts = [text]
        while parts[-1].endswith("\\") and number < len(lines):
            following = lines[number].strip()
            number += 1
            if following and not following.startswith("#"):
                parts[-1] = parts[-1][:-1]
                parts.append(following)
        whole = " ".join(part.strip() for part in parts)
        word, _, arguments = whole.partition(" ")
        if word.upper() in ("RUN", "COPY", "ADD"):
            for found in _HEREDOC.finditer(arguments):
                while number < len(lines) and lines[number].strip() != found.group(2):
                    number += 1
                number += 1
        yield Instruction(word.upper(), arguments.strip(), first + 1, min(number, len(lines)))
