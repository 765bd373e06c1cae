"""What a lesson's exercises hope for, as data: the third file of a scenario's folder, ``exercises.yaml``.

It lies with what is sealed from the learner, since the last rung of a hint is the answer. An exercise has
one or more wants, in the order in which they are asked for; each has one condition, words for both outcomes
and four rungs of hints.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario, find
from simulator.scenario.fields import Duration, Identifier, Line, Model, exactly_one, refused
from simulator.scenario.folders import shown_path
from simulator.scenario.problems import problems_of
from simulator.scenario.sealed import Glob
from simulator.scenario.tree import MAX_BYTES, read_bytes

FILE: Final = "exercises.yaml"


class Want(Model):
    """One thing that is hoped for. Exactly one condition.

    ``looked``: each glob was looked at; ``did``: one of the globs was done; ``toldWithin``: the status page
    spoke so soon after the first page; ``servedWithin``: users were served again so soon after it, and still
    are; ``heldFor``: they have been served for so long; ``noted``: a note was pinned; ``compared``: a what-if
    was asked in which an act of one of these globs was moved, dropped or inserted. ``within``, beside looked
    or did, counts from the first page.
    """

    looked: tuple[Glob, ...] = ()
    did: tuple[Glob, ...] = ()
    told_within: Duration | None = None
    served_within: Duration | None = None
    held_for: Duration | None = None
    noted: Literal[True] | None = None
    compared: tuple[Glob, ...] = ()
    within: Duration | None = None
    met: Line
    """What the check says once it holds."""
    hoped: Line
    """What it says it hoped for."""
    hints: Annotated[tuple[Line, ...], Field(min_length=4, max_length=4)]
    """Orient, principle, narrow, worked."""

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        names = ("looked", "did", "told_within", "served_within", "held_for", "noted", "compared")
        condition = exactly_one(self, names)
        if self.within is not None and condition not in ("looked", "did"):
            raise refused(
                expected="within beside looked or did alone", got="it beside another", todo="Remove within."
            )
        return self


class Exercise(Model):
    """One exercise: its id, as a lesson's cell names it, and what is hoped for."""

    id: Identifier
    wants: Annotated[tuple[Want, ...], Field(max_length=6)]

    @model_validator(mode="after")
    def _wants_something(self) -> Self:
        if not self.wants:
            raise refused(expected="at least one want", got="none", todo="Say what is hoped for.")
        return self


class ExerciseFile(Model):
    """The document."""

    api_version: Literal["gameday/v1"]
    kind: Literal["Exercises"]
    exercises: Annotated[tuple[Exercise, ...], Field(max_length=32)]

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        ids = [exercise.id for exercise in self.exercises]
        if twice := sorted({each for each in ids if ids.count(each) > 1}):
            raise refused(expected="each id once", got=f"{twice[0]!r} twice", todo="Rename one of them.")
        return self


def exercises_of(scenario: Scenario) -> dict[str, Exercise]:
    """The exercises that belong to a scenario, by id; none where its folder has no such file.

    Raises:
        ScenarioError: Something in the file is wrong; all problems at once.
    """
    path = _beside(scenario)
    return {exercise.id: exercise for exercise in _load(path).exercises} if path is not None else {}


def _beside(scenario: Scenario) -> Path | None:
    """The file in the folder that the scenario came from."""
    places = [Path(scenario.path)] if scenario.path else []
    with suppress(ScenarioError):
        places.append(find(scenario.name))
    return next((path.with_name(FILE) for path in places if path.with_name(FILE).is_file()), None)


@lru_cache(maxsize=16)
def _load(path: Path) -> ExerciseFile:
    name = shown_path(path)
    with path.open("rb") as stream:
        root, problems = read_bytes(stream.read(MAX_BYTES + 1), name)
    if root is None or problems:
        raise ScenarioError(
            problems or [Problem(name, "a mapping", "nothing", "Begin with keys, such as kind:.")]
        )
    try:
        return ExerciseFile.model_validate(root.plain(), by_alias=True, by_name=False)
    except ValidationError as error:
        raise ScenarioError(problems_of(error, root, ExerciseFile)) from None
