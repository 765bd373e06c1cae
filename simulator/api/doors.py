"""The ways into a drill: start one, go on with one, play one again; and what there is to play."""

from __future__ import annotations

import warnings
from pathlib import Path

import pandas as pd

from simulator import drill as runs
from simulator import scenario as files
from simulator.api import arguments, magics
from simulator.api.drill import Drill
from simulator.coach import Coach, Progress
from simulator.drill import Mode, Run
from simulator.drill.journal import DEFAULT_GUIDANCE
from simulator.errors import GamedayError, SetupError
from simulator.lab import Quiz
from simulator.lab.exercise_file import lesson_file, quiz_of
from simulator.scenario import Scenario
from simulator.units import parse_duration

#: What was started in this sitting, oldest first: James proposes nothing that has just been played.
_PLAYED: list[tuple[str, int]] = []


@arguments.checked
def start(
    scenario: str | Path,
    *,
    seed: int | None = None,
    variant: int | None = None,
    mode: Mode = "lesson",
    guidance: int | None = None,
    journal: str | Path | bool = True,
    lesson: str | None = None,
) -> Drill:
    """Go on call.

    Args:
        scenario: A scenario's name (``sim.catalog()`` lists them), the path of its file, or a run code such
            as ``production-is-down.0.7``: scenario, variant and seed of somebody else's run.
        seed: Whose luck; None takes the scenario's own.
        variant: Which of the scenario's variants, from 0; None takes the file as it stands.
        mode: ``lesson``: dangerous lines ask for a yes, hints are free. ``game-day``: neither.
        guidance: How much James does himself: 0 every step, and you predict each; 1 all but the last; 2 the
            first half; 3 none, he is beside you; 4 none, and he is silent unless harm is near. None takes in
            a lesson what your progress says (``gameday progress``), in a game day 3, the same for everybody.
        journal: Where the run file goes; True takes the next free name in ``runs/``, False keeps none.
        lesson: The number of the lesson whose exercises ``drill.check`` looks at, such as ``"02"``; None
            takes the scenario's own.

    Raises:
        ScenarioError: There is no such scenario or lesson, or its file has mistakes.
        JournalError: The run file can't be written.
        GamedayError: No such variant or mode.
    """
    arguments.whole("start(seed=…)", seed, 2**63 - 1)
    arguments.whole("start(variant=…)", variant, 999)
    arguments.path("start(scenario)", scenario)
    code = runs.RunCode.parse(scenario) if isinstance(scenario, str) else None
    if code is not None:
        scenario = code.name
        seed = code.seed if seed is None else seed
        variant = code.variant if variant is None else variant
    chosen = files.load(scenario)
    if variant is not None:
        chosen = chosen.with_variant(variant)
    if isinstance(journal, bool):
        taken = chosen.spec.seed if seed is None else seed
        path = runs.default_path(chosen.metadata.name, chosen.variant, taken) if journal else None
    else:
        path = arguments.path("start(journal=…)", journal)
    if lesson is not None:
        lesson_file(arguments.text("start(lesson=…)", lesson, "02"))
    level = arguments.whole("start(guidance=…)", guidance, 4)
    level = _guidance(chosen, mode) if level is None else level
    run = Run(chosen, seed, mode=mode, guidance=level, journal=path)
    return _held(run, Coach(run), lesson)


def _guidance(scenario: Scenario, mode: Mode) -> int:
    """What the learner's progress says; the usual where it can't be read, with a warning."""
    if mode == "game-day":
        return DEFAULT_GUIDANCE
    try:
        return Progress().guidance(scenario)
    except SetupError as error:
        warnings.warn(str(error), stacklevel=3)
        return DEFAULT_GUIDANCE


@arguments.checked
def resume(path: str | Path, *, at: str | None = None) -> Drill:
    """Go on with a run file, after a crash or the next morning.

    Args:
        path: The run file.
        at: None goes on after the last act. A time, such as ``"7m"``, takes over there, in a new file.

    Raises:
        JournalError: The file is damaged, or belongs to another scenario.
    """
    where = "resume(at=…)"
    instant = None if at is None else parse_duration(arguments.text(where, at, "7m"), where=where)
    coaches: list[Coach] = []
    file = arguments.path("resume(path)", path)
    run = runs.resume(file, at=instant, attach=lambda fresh: coaches.append(Coach(fresh)))
    coaches[0].follow_up()  # what a crash kept James from doing
    _say(run)
    return _held(run, coaches[0])


@arguments.checked
def replay(path: str | Path) -> Drill:
    """Play a run file again, as far as it was played; the file is only read.

    Raises:
        JournalError: The file is damaged, or belongs to another scenario.
    """
    coaches: list[Coach] = []
    file = arguments.path("replay(path)", path)
    run = runs.replay(file, attach=lambda fresh: coaches.append(Coach(fresh)))
    _say(run)
    return _held(run, coaches[0])


def _held(run: Run, coach: Coach, lesson: str | None = None) -> Drill:
    """The drill, with the notebook's magics pointing at it."""
    _PLAYED.append((run.scenario.metadata.name, run.variant))
    coach.played = _PLAYED
    drill = Drill(run, coach, lesson)
    magics.install(drill)
    return drill


def _say(run: Run) -> None:
    """What a run file had to say about itself: a dropped last line, another version of the kit."""
    for sentence in run.warnings:
        warnings.warn(sentence, stacklevel=3)


@arguments.checked
def load(scenario: str | Path) -> Scenario:
    """A scenario as data, by name or path, without playing it.

    Raises:
        ScenarioError: There is none, or its file has mistakes; all of them are listed.
    """
    return files.load(scenario)


@arguments.checked
def quiz(name: str, when: str, answers: str = "") -> Quiz:
    """The questions before and after a lesson, with a word on each answer.

        sim.quiz("02", "pre")             # shows the questions
        sim.quiz("02", "pre", "bac")      # answers them

    Your first answers to each are kept in your own progress file, so that the second quiz can say what moved.

    Args:
        name: A lesson's number, or the name of a scenario.
        when: ``pre`` or ``post``: before the lesson, or after it.
        answers: A letter for each question, in their order; without any, the questions are shown.

    Raises:
        ScenarioError: There is no such lesson or scenario.
        GamedayError: ``when`` is neither.
    """
    arguments.text("quiz(name)", name, "02")
    if when not in ("pre", "post"):
        raise GamedayError(
            "quiz(when)",
            expected="pre or post",
            got=repr(when)[:80],
            todo="Change the argument in this cell.",
        )
    asked = Quiz(name, when, quiz_of(name), arguments.text("quiz(answers)", answers, "bac"))
    try:
        return asked.kept(Progress())
    except SetupError as error:
        warnings.warn(str(error), stacklevel=2)
        return asked


@arguments.checked
def catalog() -> pd.DataFrame:
    """What there is to play: one row a scenario, by name."""
    rows = [{"name": entry.name, "title": entry.title, **entry.labels} for entry in files.catalog()]
    return pd.DataFrame(rows, columns=["name", "title", "skill", "level", "minutes"]).set_index("name")
