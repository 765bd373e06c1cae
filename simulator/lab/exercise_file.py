"""What a lesson's exercises hope for, and its quiz, as data.

They lie with what is sealed from the learner, since the last rung of a hint is the answer: in the third file
of a scenario's folder, ``exercises.yaml``, or in a lesson's own file, ``scenarios/lessons/NN.yaml``, where
several lessons play one scenario. An exercise has one or more wants, in the order in which they are asked
for; each has one condition, words for both outcomes and four rungs of hints.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache
from math import inf
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator

from simulator.errors import Problem, ScenarioError
from simulator.scenario import Scenario, find, load
from simulator.scenario.fields import Duration, Identifier, Line, Model, exactly_one, refused
from simulator.scenario.folders import search_path, shown_path
from simulator.scenario.problems import problems_of
from simulator.scenario.sealed import Glob
from simulator.scenario.texts import Question
from simulator.scenario.tree import MAX_BYTES, read_bytes

FILE: Final = "exercises.yaml"
#: The folder beside the scenarios with the lessons' own files.
LESSONS: Final = "lessons"


class Bound(Model):
    """What one value of an answer is hoped to be: a number within limits, or one of some words."""

    at_least: float | None = None
    at_most: float | None = None
    one_of: tuple[Line, ...] = ()

    @model_validator(mode="after")
    def _bounds_something(self) -> Self:
        numbers = (self.at_least, self.at_most) != (None, None)
        if numbers == bool(self.one_of):
            raise refused(
                expected="atLeast and atMost, one of the two, or oneOf alone",
                got="both kinds" if numbers else "none of them",
                todo="Say what the answer may be.",
            )
        return self

    def holds(self, value: float | str) -> bool:
        """Whether a value is as hoped; a word where a number belongs, or no number at all, is not."""
        if self.one_of:
            return str(value).strip().casefold() in {each.casefold() for each in self.one_of}
        if isinstance(value, str):
            return False
        low = -inf if self.at_least is None else self.at_least
        return low <= value <= (inf if self.at_most is None else self.at_most)


class Want(Model):
    """One thing that is hoped for. Exactly one condition.

    ``looked``: each glob was looked at; ``did``: one of the globs was done; ``toldWithin``: the status page
    spoke so soon after the first page; ``servedWithin``: users were served again so soon after it, and still
    are; ``heldFor``: they have been served for so long; ``noted``: a note was pinned; ``compared``: a what-if
    was asked in which an act of one of these globs was moved, dropped or inserted; ``answered``: the answer
    given with ``drill.answer`` has each of these values within its bounds (``value`` where it is one value
    alone); ``budgetBelow``: the drill has spent less than this share of the window's budget. ``within``,
    beside looked or did, counts from the first page; ``after``, beside did: not before one of these globs
    was done.
    """

    looked: tuple[Glob, ...] = ()
    did: tuple[Glob, ...] = ()
    told_within: Duration | None = None
    served_within: Duration | None = None
    held_for: Duration | None = None
    noted: Literal[True] | None = None
    compared: tuple[Glob, ...] = ()
    answered: Annotated[dict[Line, Bound], Field(min_length=1, max_length=8)] | None = None
    budget_below: Annotated[float, Field(gt=0, le=10)] | None = None
    within: Duration | None = None
    after: tuple[Glob, ...] = ()
    met: Line
    """What the check says once it holds."""
    hoped: Line
    """What it says it hoped for."""
    hints: Annotated[tuple[Line, ...], Field(min_length=4, max_length=4)]
    """Orient, principle, narrow, worked. ``PAGE+1m`` in one is a minute after the run's first page."""

    @model_validator(mode="after")
    def _one_condition(self) -> Self:
        condition = exactly_one(self, _CONDITIONS)
        if self.within is not None and condition not in ("looked", "did"):
            raise refused(
                expected="within beside looked or did alone", got="it beside another", todo="Remove within."
            )
        if self.after and condition != "did":
            raise refused(expected="after beside did alone", got="it beside another", todo="Remove after.")
        return self


_CONDITIONS: Final = (
    "looked", "did", "told_within", "served_within", "held_for", "noted", "compared", "answered",
    "budget_below",
)  # fmt: skip


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
    quiz: Annotated[tuple[Question, ...], Field(max_length=32)] = ()
    """The lesson's own questions; without any, those of the scenario's texts are asked."""

    @model_validator(mode="after")
    def _ids_are_unique(self) -> Self:
        for ids in ([exercise.id for exercise in self.exercises], [question.id for question in self.quiz]):
            if twice := sorted({each for each in ids if ids.count(each) > 1}):
                raise refused(expected="each id once", got=f"{twice[0]!r} twice", todo="Rename one of them.")
        return self


def exercises_of(scenario: Scenario, lesson: str | None = None) -> dict[str, Exercise]:
    """The exercises of a lesson, or those that belong to a scenario, by id.

    Args:
        scenario: Without a lesson: its folder's file; none where it has no such file.
        lesson: The number of a lesson that has a file of its own, such as ``"02"``.

    Raises:
        ScenarioError: There is no such lesson, or something in the file is wrong; all problems at once.
    """
    path = _beside(scenario) if lesson is None else lesson_file(lesson)
    return {exercise.id: exercise for exercise in _load(path).exercises} if path is not None else {}


def quiz_of(name: str) -> tuple[Question, ...]:
    """The questions of a lesson with a file of its own, such as ``"02"``, or of a scenario, by its name.

    Raises:
        ScenarioError: There is neither, or something in the file is wrong.
    """
    if name.isdigit():
        return _load(lesson_file(name)).quiz
    scenario = load(name)
    path = _beside(scenario)
    own = _load(path).quiz if path is not None else ()
    return own or scenario.texts.quiz


def lesson_file(lesson: str) -> Path:
    """The file of a lesson's own exercises and quiz.

    Raises:
        ScenarioError: No lesson of that number has one.
    """
    for root in search_path():
        path = root / LESSONS / f"{lesson}.yaml"
        if lesson.isdigit() and path.is_file():
            return path
    known = sorted({path.stem for root in search_path() for path in root.glob(f"{LESSONS}/*.yaml")})
    todo = f"There are {', '.join(known)}." if known else "None has one."
    raise ScenarioError([Problem("lesson", "the number of a lesson", repr(lesson)[:80], todo)])


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
