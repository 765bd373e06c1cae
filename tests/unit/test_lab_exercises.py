"""Exercise checks: what was seen, what was hoped for, one hint; they coach and never raise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from simulator.coach import Coach
from simulator.drill import Comparison, what_if
from simulator.errors import ScenarioError
from simulator.lab import exercise_file
from simulator.lab.exercise_file import Exercise, ExerciseFile
from simulator.lab.exercises import Exercises, Feedback
from simulator.units import MINUTE, format_duration
from tests.drill_stage import fresh

HINTS = ("look there", "it matters since", "this or that", "write this")
UNDO = "kubectl rollout undo deployment/app"


def exercise(*wants: dict[str, object]) -> dict[str, Exercise]:
    """One exercise, e1, with these conditions."""
    words = {"met": "It held.", "hoped": "that it holds.", "hints": HINTS}
    document = {
        "apiVersion": "gameday/v1",
        "kind": "Exercises",
        "exercises": ({"id": "e1", "wants": tuple({**words, **want} for want in wants)},),
    }
    return {each.id: each for each in ExerciseFile.model_validate(document).exercises}


class Stage:
    """A run with James and its exercises."""

    def __init__(self, *wants: dict[str, object]) -> None:
        self.run = fresh()
        self.coach = Coach(self.run)
        self.comparisons: list[Comparison] = []
        self.exercises = Exercises(self.run, self.coach, self.comparisons, exercise(*wants))

    def check(self) -> Feedback:
        """The check of e1."""
        return self.exercises.check("e1")


def test_a_check_says_what_it_saw_what_was_hoped_for_and_one_hint() -> None:
    """Nothing is typed yet: the check says so and begins at the first rung."""
    stage = Stage({"did": (f"{UNDO}*",)})
    expected = (
        "e1: not yet.\nSaw: No line in this run yet; it is T+00:00.\nHoped for: that it holds.\n"
        "Hint 1 of 4: look there"
    )
    assert expected == str(stage.check())


def test_asking_again_goes_up_the_four_rungs_and_stays_on_the_last() -> None:
    """Orient, principle, narrow, worked; there is no fifth."""
    stage = Stage({"did": (f"{UNDO}*",)})
    assert [1, 2, 3, 4, 4] == [stage.check().rung for _ in range(5)]
    assert "Hint 4 of 4: write this" in str(stage.check())


def test_what_was_done_is_seen_with_its_time() -> None:
    """A line counts in whatever spelling it was typed."""
    stage = Stage({"did": (f"{UNDO}*",), "within": "5m"})
    stage.run.advance(4 * MINUTE)
    stage.run.do("kubectl rollout undo deploy app -n production")
    found = stage.check()
    assert found.passed
    assert str(found).startswith(
        "e1: done.\nSaw: `kubectl rollout undo deploy app -n production` at T+04:00, "
    )
    assert "after the page. It held." in str(found)


def test_too_late_is_seen_and_said() -> None:
    """The act is there, and the check says by how much it missed the time."""
    stage = Stage({"did": (f"{UNDO}*",), "within": "1m"})
    stage.run.advance(8 * MINUTE)
    stage.run.do(UNDO)
    assert not stage.check().passed
    assert "after the page; the time was 1m" in str(stage.check())


def test_what_belongs_after_another_act_does_not_count_before_it() -> None:
    """The order is part of the exercise: too early is said, and so is too late."""
    scale = "kubectl scale deployment/app --replicas=6"
    stage = Stage({"did": (f"{UNDO}*",), "after": ("kubectl scale*",), "within": "2m"})
    assert "No line in this run yet" in str(stage.check())
    stage.run.advance(4 * MINUTE)
    stage.run.do(UNDO)
    stage.run.do(scale)
    assert "what belongs before it was not done by then." in str(stage.check())
    assert not stage.check().passed
    orderly = Stage({"did": (f"{UNDO}*",), "after": ("kubectl scale*",), "within": "2m"})
    orderly.run.advance(4 * MINUTE)
    orderly.run.do(scale)
    orderly.run.do(UNDO)
    assert orderly.check().passed
    late = Stage({"did": (f"{UNDO}*",), "after": ("kubectl scale*",), "within": "2m"})
    late.run.advance(8 * MINUTE)
    late.run.do(scale)
    late.run.do(UNDO)
    assert "; the time was 2m." in str(late.check())


def test_a_small_bill_is_read_from_the_budget() -> None:
    """What the drill has spent is said as a share of the budget, met or not."""
    stage = Stage({"budgetBelow": 0.001})
    assert str(stage.check()).startswith("e1: done.\nSaw: 0 % of the budget went in this drill so far; ")
    stage.run.advance(8 * MINUTE)
    found = stage.check()
    assert not found.passed
    assert " % of the budget went in this drill so far; it is T+08:00." in str(found)


def test_looks_have_to_be_complete() -> None:
    """One of two looks is named, the rest asked for."""
    stage = Stage({"looked": ("kubectl get pods*", "kubectl logs*")})
    stage.run.do("kubectl get pods")
    assert "`kubectl get pods` at T+00:00; the rest not yet." in str(stage.check())
    stage.run.do("kubectl logs -l app=myapp")
    assert stage.check().passed


def test_a_refused_line_is_no_act_and_is_told() -> None:
    """Who mistyped reads that the console refused it."""
    stage = Stage({"did": (f"{UNDO}*",)})
    stage.run.do("kubectl rollout undo deployment/ap")
    said = str(stage.check())
    assert "One line so far, the last `kubectl rollout undo deployment/ap` at T+00:00." in said
    assert "Refused: `kubectl rollout undo deployment/ap`, Error from server (NotFound): " in said


def test_users_served_told_and_held_are_read_from_the_run() -> None:
    """Recovery counts from the users' numbers, in time or too late, and telling from the status page."""
    stage = Stage({"servedWithin": "4m"}, {"heldFor": "1m"}, {"toldWithin": "5m"}, {"noted": True})
    assert "No page yet at T+00:00." in str(stage.check())
    stage.run.advance(4 * MINUTE)
    assert "the budget burns at" in str(stage.check())
    stage.run.do(UNDO)
    stage.run.advance(8 * MINUTE)
    assert "Nothing on the status page" in str(stage.check())
    stage.run.do('statuspage monitoring "rolled back"')
    stage.run.do('note "it was the release"')
    assert stage.check().passed
    assert "Users are served since T+05:" in str(stage.check())
    assert "The status page spoke at T+08:00" in str(stage.check())


def test_served_too_late_is_seen_and_said() -> None:
    """The time counts from the page to the start of the quiet that lasts."""
    stage = Stage({"servedWithin": "1m"})
    stage.run.advance(6 * MINUTE)
    stage.run.do(UNDO)
    stage.run.advance(9 * MINUTE)
    assert not stage.check().passed
    assert "Users are served since T+07:" in str(stage.check())


def test_each_thing_that_is_missing_has_hints_of_its_own() -> None:
    """Who solved the first part begins at the first rung of the second."""
    stage = Stage({"did": (f"{UNDO}*",)}, {"noted": True})
    assert [1, 2] == [stage.check().rung for _ in range(2)]
    stage.run.do(UNDO)
    assert 1 == stage.check().rung
    stage.run.do('note "it was the release"')
    assert "“it was the release”, noted at T+00:10." in str(stage.check())


def test_a_prediction_is_no_note() -> None:
    """What is asked for is the learner's finding."""
    stage = Stage({"noted": True})
    stage.exercises.predict("it stays")
    assert not stage.check().passed


def test_a_what_if_counts_when_it_changes_the_act_in_question() -> None:
    """Another act moved is seen, and not taken for it."""
    stage = Stage({"compared": (f"{UNDO}*",)})
    stage.run.do("kubectl get pods")
    stage.run.advance(4 * MINUTE)
    stage.run.do(UNDO)
    stage.run.advance(6 * MINUTE)
    assert "No what-if on this run yet." in str(stage.check())
    stage.comparisons.append(what_if(stage.run, drop=[1]))
    assert "A what-if that leaves that act as it was" in str(stage.check())
    stage.comparisons.append(what_if(stage.run, move={2: "2m30s"}))
    assert stage.check().passed
    assert stage.comparisons[-1].sentence in str(stage.check())


def test_a_what_if_that_moves_an_act_says_what_lay_between() -> None:
    """Computed from the run: how long after the page, and what was done in the meantime."""
    stage = Stage({"compared": (f"{UNDO}*",)})
    stage.run.advance(4 * MINUTE)
    page = stage.run.first_page_at
    assert page is not None
    stage.run.do("kubectl get pods")
    stage.run.do("kubectl scale deployment/app --replicas=6")
    stage.run.do('statuspage investigating "We look into it."')
    stage.run.do(UNDO)
    stage.run.advance(8 * MINUTE)
    stage.comparisons.append(what_if(stage.run, move={4: "4m"}))
    said = str(stage.check())
    assert f"That is {format_duration(4 * MINUTE - page)} after the page instead of " in said
    wanted = "1 look, 1 change (`kubectl scale deployment/app --replicas=6`) and 1 word to others."
    assert f"In between you had {wanted} Which of them" in said
    stage.comparisons.append(what_if(stage.run, move={4: "1m"}))
    assert "before the page, when nobody knew." in str(stage.check())
    stage.comparisons.append(what_if(stage.run, drop=[4]))
    assert "after the page" not in str(stage.check()) and stage.check().passed


def test_a_hint_gives_a_time_after_the_page_of_this_run() -> None:
    """``PAGE+1m`` becomes the time of day of whoever reads it."""
    hints = ("a", "b", "c", "Write PAGE+1m.")
    stage = Stage({"did": (f"{UNDO}*",), "hints": hints})
    stage.run.advance(4 * MINUTE)
    page = stage.run.first_page_at
    assert page is not None
    hint = [stage.check().hint for _ in range(4)][-1]
    assert f"Write {format_duration(page + MINUTE)}." == hint


def test_a_line_that_was_refused_earlier_is_named_with_its_error() -> None:
    """A cell shows its last answer alone; a check says what became of the line before."""
    stage = Stage({"did": (f"{UNDO}*",)})
    stage.run.do("kubectl rollout undo deployment/____")
    stage.run.do("wait 1m")
    said = str(stage.check())
    assert "Refused: `kubectl rollout undo deployment/____`, Error from server (NotFound): " in said


def test_an_unknown_exercise_is_answered_with_those_there_are() -> None:
    """A mistyped id is no traceback."""
    stage = Stage({"noted": True})
    assert "there is no 'E1x'" in str(stage.exercises.check("E1x"))
    assert 'Try: drill.check("e1")' in str(stage.exercises.check("E1x"))
    assert "nothing to check" in str(Exercises(stage.run, stage.coach, (), {}).check("e1"))


def test_a_prediction_is_recorded_with_its_time_and_never_raises() -> None:
    """Words, words with a number, nothing, and nonsense: four answers."""
    stage = Stage({"noted": True})
    predict = stage.exercises.predict
    assert "Nothing recorded yet." in str(predict())
    assert "Recorded at T+00:00: it stays." in str(predict("it stays"))
    assert "app errors 1.0 % by T+05:00" in str(predict("it falls", signal="errors:app", value=0.01))
    assert "Nothing recorded. Expected " in str(predict("it falls", signal="errors", value=0.01))
    stage.run.advance(6 * MINUTE)
    words, number = predict().saw
    assert words.startswith("At T+00:00 you expected: it stays. What came, by ")
    assert "App errors at T+05:00: 1.0 % expected, " in number


def test_feedback_reads_the_same_in_a_notebook() -> None:
    """The Markdown that a notebook shows has the words of the text."""
    found = Stage({"noted": True}).check()
    assert str(found) == repr(found)
    assert found._repr_markdown_().replace("*", "").replace("\n\n", "\n") == str(found)


# --- the file

FILE = """apiVersion: gameday/v1
kind: Exercises
exercises:
  - id: e1
    wants:
      - {noted: true, met: a, hoped: b, hints: [a, b, c, d]}
"""
TWICE = """exercises:
  - {id: e1, wants: [{heldFor: 1m, met: a, hoped: b, hints: [a, b, c, d]}]}
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("noted: true, ", "", "exercises[0].wants[0]: expected exactly one of looked, did, toldWithin"),
        ("noted: true", "noted: true, heldFor: 1m", "got heldFor and noted"),
        ("noted: true", "noted: true, within: 1m", "expected within beside looked or did alone"),
        ("noted: true", "noted: true, after: [page ack]", "expected after beside did alone"),
        ("noted:", "note:", "Did you mean 'noted'?"),
        (", d]", "]", "exercises[0].wants[0].hints"),
        ("  - id: e1", "  - {id: e1, wants: [*]}\n  - id: e1", "exercises.yaml:"),
        ("exercises:\n", TWICE, "expected each id once, got 'e1' twice"),
        ("[a, b, c, d]}", "[a, b, c, d]}\n  - {id: e2, wants: []}", "expected at least one want, got none"),
        ("kind: Exercises", "kind: [", "exercises.yaml:"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_file_is_said_with_its_place(
    old: str, new: str, message: str, tmp_path: Path
) -> None:
    """Whoever writes exercises reads where, what was expected, what came, and what to do."""
    path = tmp_path / "exercises.yaml"
    path.write_text(FILE.replace(old, new), encoding="utf-8")
    with pytest.raises(ScenarioError) as caught:
        exercise_file._load(path)
    assert message in str(caught.value)


def test_the_file_as_written_is_read(tmp_path: Path) -> None:
    """The example above is whole, so each of its breaks is the break's own doing."""
    path = tmp_path / "exercises.yaml"
    path.write_text(FILE, encoding="utf-8")
    assert ["e1"] == [each.id for each in exercise_file._load(path).exercises]


def test_an_answer_is_looked_at_by_its_check() -> None:
    """A number alone is ``value``; the check says what was answered, and the last answer counts."""
    stage = Stage({"answered": {"value": {"atLeast": 20.0, "atMost": 20.4}}})
    assert "Saw: No answer yet." in str(stage.check())
    assert "Recorded: 43.2. Run the check." == str(stage.exercises.answer("e1", 43.2))
    assert "Saw: You answered 43.2." in str(stage.check())
    stage.exercises.answer("e1", np.float64(20.16))
    assert "e1: done.\nSaw: You answered 20.16. It held." == str(stage.check())


def test_an_answer_may_be_a_row_of_a_table_or_a_word() -> None:
    """Values are known by their names; one that is missing is named, NaN is no number that fits."""
    stage = Stage({"answered": {"missed": {"atMost": 0}, "spent": {"atMost": 0.05}}})
    stage.exercises.answer("e1", pd.Series({"missed": 0, "other": 3}))
    assert "An answer without spent: missed 0, other 3." in str(stage.check())
    stage.exercises.answer("e1", pd.Series({"missed": 0, "spent": float("nan")}))
    assert not stage.check().passed
    stage.exercises.answer("e1", missed=0, spent=0.02)
    assert stage.check().passed
    words = Stage({"answered": {"value": {"oneOf": ("Latency", "slow")}}})
    for given, passed in (("errors", False), (" latency ", True), (3, False)):
        words.exercises.answer("e1", given)
        assert passed is words.check().passed


def test_no_answer_is_asked_for_again() -> None:
    """An empty cell records nothing and raises nothing."""
    stage = Stage({"answered": {"value": {"atMost": 1.0}}})
    for nothing in (None, "", "  ", {}, object(), [1]):
        assert "Nothing recorded yet." in str(stage.exercises.answer("e1", nothing))
    assert not stage.check().passed


@pytest.mark.parametrize("bound", [{}, {"oneOf": ("a",), "atMost": 1.0}])
def test_a_bound_is_numbers_or_words(bound: dict[str, object]) -> None:
    """Neither, or both, is a mistake of the file."""
    with pytest.raises(ValidationError, match="oneOf"):
        exercise({"answered": {"value": bound}})


def test_a_lesson_may_have_a_file_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Several lessons play one scenario; a number that no lesson has is answered with those there are."""
    (tmp_path / "lessons").mkdir()
    text = (exercise_file.lesson_file("02")).read_text(encoding="utf-8")
    (tmp_path / "lessons" / "77.yaml").write_text(text, encoding="utf-8")
    monkeypatch.setenv("GAMEDAY_SCENARIOS", str(tmp_path))
    run = fresh()
    stage = Exercises(run, Coach(run), lesson="77")
    assert "e1: not yet.\nSaw: No answer yet." in str(stage.check("e1"))
    assert "Exercises here: e1, e2, e3" in str(stage.check("e9"))
    assert [each.when for each in exercise_file.quiz_of("77")] == ["pre"] * 3 + ["post"] * 3
    for wrong in ("78", "seven", "../02"):
        with pytest.raises(ScenarioError, match=r"the number of a lesson.*There are .*02"):
            exercise_file.lesson_file(wrong)
