"""What a learner can do by now: one estimate a skill, from 0 to 4, in a small file of the learner's own.

Each finished run is an opportunity for the skills that its checks name. Solved without help raises a skill by
one; failed, or solved only at the third rung of a hint ladder or later, lowers it by one; a hint of the first
two rungs leaves it where it is. A step that James showed (see ``example``) counts as solved if the incident
ended well and, where he showed them all, the learner predicted at least half of them: so a worked example
fades. A skill begins in the middle, so that the first success hands the next problem over whole, and the
first failure shows how it goes. Beside the skills it keeps the first answers to each quiz, since a second try
measures the memory. The file holds nothing else, is never sent anywhere, and may be deleted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from simulator.drill.journal import DEFAULT_GUIDANCE
from simulator.errors import SetupError
from simulator.scenario import Scenario
from simulator.scenario.sealed import Skill

if TYPE_CHECKING:
    from simulator.coach.coach import Coach
    from simulator.coach.score import Score
    from simulator.drill.run import Run

#: Where the file is, for those who want it elsewhere.
VARIABLE: Final = "GAMEDAY_PROGRESS"
SKILLS: Final[tuple[str, ...]] = get_args(Skill)
HIGHEST: Final = 4
#: Where a skill begins.
BEGINS: Final = 2
#: What each estimate means for the next lesson (Salden et al. 2010: worked examples fade with shown skill).
MEANINGS: Final = (
    "a worked example, predict each step",
    "a worked example without its last step",
    "half of the steps are yours",
    "yours, with James beside you",
    "yours; James speaks only when harm is near",
)
#: From this rung on a hint has told what to do.
_TOLD: Final = 3
_VERSION: Final = 1
_LARGEST: Final = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Estimate:
    """One skill.

    Attributes:
        skill: One of ``SKILLS``.
        level: 0 to 4; ``BEGINS`` where nothing is known.
        runs: Finished runs in which it was asked for.
        rising: Solved once at this level; once more makes it the next.
    """

    skill: str
    level: int
    runs: int
    rising: bool = False

    @property
    def meaning(self) -> str:
        """What it means for the next lesson."""
        return MEANINGS[self.level + self.rising]


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished run: which it was, and by how much it moved each skill it asked for (-1, 0 or +1)."""

    run: str
    scenario: str
    variant: int
    seed: int
    moves: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class QuizEntry:
    """The first answers to one quiz: which it was (``02``, ``pre``), how many were right, of how many."""

    name: str
    when: str
    right: int
    asked: int


def default_file() -> Path:
    """The learner's file: ``$GAMEDAY_PROGRESS``, else in the user's data folder."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named)
    data = os.environ.get("XDG_DATA_HOME", "")
    return (Path(data) if data else Path.home() / ".local" / "share") / "gameday" / "progress.json"


class Progress:
    """The file, read and written whole.

    Args:
        path: None is the learner's own.

    Raises:
        SetupError: The file can't be read, or is none.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or default_file()
        self.entries: list[Entry]
        self.quizzes: list[QuizEntry]
        self.entries, self.quizzes = _read(self.path)

    def record(self, run: Run, coach: Coach, score: Score) -> bool:
        """Add a finished run; one that is there already, or has not ended, changes nothing.

        Returns:
            Whether it was added.

        Raises:
            SetupError: The file can't be written.
        """
        if not run.ended or any(entry.run == run.digest for entry in self.entries):
            return False
        rung = max((hint.rung for hint in coach.hints), default=0)
        shown, followed = _with_help(coach)
        moves = moved(score, rung, shown, followed=followed)
        self.entries.append(
            Entry(run.digest, run.scenario.metadata.name, run.variant, run.seed, dict(sorted(moves.items())))
        )
        self._write()
        return True

    def record_quiz(self, entry: QuizEntry) -> bool:
        """Keep the answers to a quiz, unless it was answered before.

        Returns:
            Whether they were kept.

        Raises:
            SetupError: The file can't be written.
        """
        if self.quiz(entry.name, entry.when) is not None:
            return False
        self.quizzes.append(entry)
        self._write()
        return True

    def quiz(self, name: str, when: str) -> QuizEntry | None:
        """The first answers to a quiz; None where it was not answered yet."""
        return next((each for each in self.quizzes if (each.name, each.when) == (name, when)), None)

    def estimates(self) -> tuple[Estimate, ...]:
        """Every skill, in the order of the list; entries count in the order in which they were recorded.

        One good run may be luck: above where a skill begins a step up takes two with no failure between.
        """
        found = []
        for skill in SKILLS:
            level, rising = BEGINS, False
            moves = [entry.moves[skill] for entry in self.entries if skill in entry.moves]
            for move in moves:
                if move > 0 and BEGINS <= level < HIGHEST and not rising:
                    rising = True
                elif move:
                    level, rising = min(HIGHEST, max(0, level + move)), False
            found.append(Estimate(skill, level, len(moves), rising))
        return tuple(found)

    def level(self, skill: str) -> int:
        """The estimate of one skill."""
        return next((each.level for each in self.estimates() if each.skill == skill), BEGINS)

    def guidance(self, scenario: Scenario) -> int:
        """How much James does in the next run of a scenario: the weakest estimate among its skills.

        The skills are those of the scenario's label. What was never asked for does not count: who meets a
        skill for the first time tries first, with James beside (3). So does everybody where there is no
        reference to show. Who solved it once is not shown more than before.
        """
        named = scenario.metadata.labels.get("skill", "").replace(",", " ").split()
        known = [each.level + each.rising for each in self.estimates() if each.skill in named and each.runs]
        level = min(known, default=DEFAULT_GUIDANCE)
        return level if scenario.reference else max(level, DEFAULT_GUIDANCE)

    def _write(self) -> None:
        rows = [
            {
                "run": e.run,
                "scenario": e.scenario,
                "variant": e.variant,
                "seed": e.seed,
                "moves": dict(e.moves),
            }
            for e in self.entries
        ]
        document: dict[str, object] = {"version": _VERSION, "runs": rows}
        if self.quizzes:
            document["quizzes"] = [asdict(each) for each in self.quizzes]
        text = json.dumps(document, indent=1) + "\n"
        fresh = self.path.with_suffix(".new")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(text, encoding="utf-8")
            fresh.replace(self.path)  # a reader sees the old file or the new one, never half of one
        except OSError as error:
            raise SetupError(
                str(self.path),
                expected="a place to write your progress",
                got=error.strerror or str(error),
                todo=f"Set {VARIABLE} to a file of your own.",
            ) from None


def forget(path: Path | None = None) -> bool:
    """Delete the file, whatever stands in it.

    Returns:
        Whether there was one.

    Raises:
        SetupError: It can't be deleted.
    """
    target = path or default_file()
    had = target.exists()
    try:
        target.unlink(missing_ok=True)
    except OSError as error:
        raise SetupError(
            str(target),
            expected="a file that can be deleted",
            got=error.strerror or str(error),
            todo="Delete it by hand.",
        ) from None
    return had


def moved(score: Score, rung: int, shown: Score | None = None, *, followed: bool = False) -> dict[str, int]:
    """By how much one run moves each skill that its checks name.

    Args:
        score: Of the finished run.
        rung: The highest rung of a hint that was given; 0 for none.
        shown: The score as if James's steps had been the learner's; None where he showed none.
        followed: Whether the learner followed what he showed.
    """
    solved = 1 if not rung else 0 if rung < _TOLD else -1
    own, helped = _held(score), _held(score if shown is None else shown)
    moves = {}
    for skill, held in helped.items():
        if not all(held):
            moves[skill] = -1
        elif len(held) == len(own.get(skill, ())) or followed:
            moves[skill] = solved
        else:
            moves[skill] = min(solved, 0)
    return moves


def _held(score: Score) -> dict[str, list[bool]]:
    """Which of the decided checks held, by skill."""
    held: dict[str, list[bool]] = {}
    for line in score.lines:
        for item in line.items:
            if item.skill and item.passed is not None:
                held.setdefault(item.skill, []).append(item.passed)
    return held


def _with_help(coach: Coach) -> tuple[Score | None, bool]:
    """(the score as if James's steps had been the learner's, whether the learner followed them)."""
    example = coach.example
    if not example.done:
        return None, False
    shown = coach.score(helped=True)
    predicted = example.guidance > 0 or 2 * example.predicted >= example.done
    return shown, shown.passed and predicted


def _read(path: Path) -> tuple[list[Entry], list[QuizEntry]]:
    try:
        if not path.exists():
            return [], []
        if path.stat().st_size > _LARGEST:
            raise ValueError("a file of over 4 MiB")
        found: Any = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("version") != _VERSION:
            raise ValueError("no progress file of this version")
        quizzes = [_quiz_entry(each) for each in found.get("quizzes", [])]
        return [_entry(each) for each in found["runs"]], quizzes
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise SetupError(
            str(path),
            expected="the progress file that gameday wrote",
            got=str(error) or type(error).__name__,
            todo="Begin anew with `gameday progress --delete`; your run files stay.",
        ) from None


def _entry(fields: Any) -> Entry:
    moves = {str(skill): int(move) for skill, move in fields["moves"].items()}
    if any(skill not in SKILLS or move not in (-1, 0, 1) for skill, move in moves.items()):
        raise ValueError("a skill that does not exist, or a move that is none")
    return Entry(
        str(fields["run"]), str(fields["scenario"]), int(fields["variant"]), int(fields["seed"]), moves
    )


def _quiz_entry(fields: Any) -> QuizEntry:
    made = QuizEntry(str(fields["name"]), str(fields["when"]), int(fields["right"]), int(fields["asked"]))
    if made.when not in ("pre", "post") or not 0 <= made.right <= made.asked:
        raise ValueError("answers to a quiz that can't be")
    return made
