"""The quiz before and after a lesson: letters in, a reason for each answer; the first answers are kept."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

import simulator as sim
from simulator.coach.progress import VARIABLE, Progress, QuizEntry
from simulator.errors import GamedayError, ScenarioError
from simulator.lab.quiz import Quiz, ordered
from simulator.scenario.texts import Option, Question


def question(name: str, when: str) -> Question:
    """A question with three options, the first one right."""
    options = tuple(Option(text=f"{name} {n}", correct=n == 1, why=f"since {n}") for n in (1, 2, 3))
    return Question.model_validate(
        {"id": f"{name}-{when}", "when": when, "ask": f"{name}?", "options": options}
    )


QUESTIONS = tuple(question(name, when) for when in ("pre", "post") for name in ("first", "second"))


def letters(when: str, right: bool) -> str:
    """The answers of one time, all right or all wrong."""
    found = ""
    for asked in QUESTIONS:
        if asked.when == when:
            places = [place for place, option in enumerate(ordered(asked)) if option.correct is right]
            found += "abc"[places[0]]
    return found


def test_asked_it_shows_each_option_with_a_letter_and_no_reason() -> None:
    """Whoever has not answered reads questions, and nothing that gives one away."""
    shown = str(Quiz("02", "pre", QUESTIONS))
    assert shown.startswith("Before the lesson: 2 questions\n\n1. first?\n   a) first ")
    assert "since" not in shown
    assert shown.endswith(
        'Answer with a letter a question, as in sim.quiz("02", "pre", "ab"). It measures the lesson, not you.'
    )


def test_a_wrong_answer_shows_its_reason_and_the_right_one_with_its_own() -> None:
    """Feedback belongs to the answer that was given."""
    made = Quiz("02", "pre", QUESTIONS, letters("pre", right=False))
    assert (0, True) == (made.right, made.complete)
    for words in ("Not this one. since", "first 1. Right. since 1", "0 of 2 right."):
        assert words in str(made)
    good = Quiz("02", "pre", QUESTIONS, letters("pre", right=True))
    assert 2 == good.right
    assert "Not this one" not in str(good)


@pytest.mark.parametrize("answers", ["a", "abc", "zz", "a?", "12"])
def test_answers_that_do_not_fit_are_asked_again(answers: str) -> None:
    """A letter too few, one too many, or none of the options: said, and nothing is counted."""
    made = Quiz("02", "pre", QUESTIONS, answers)
    assert (0, False) == (made.right, made.complete)
    assert f"{answers!r} is not one letter a question; write 2" in str(made)


def test_letters_may_be_parted_and_large() -> None:
    """``A, B`` is two answers."""
    wanted = letters("pre", right=True)
    assert 2 == Quiz("02", "pre", QUESTIONS, ", ".join(wanted.upper())).right


def test_the_first_answers_are_kept_and_the_second_quiz_says_what_moved(tmp_path: Path) -> None:
    """A second try measures the memory, so the file keeps the first."""
    path = tmp_path / "progress.json"
    Quiz("02", "pre", QUESTIONS, letters("pre", right=False)).kept(Progress(path))
    again = Quiz("02", "pre", QUESTIONS, letters("pre", right=True)).kept(Progress(path))
    assert "2 of 2 right. Your first answers count: 0 of 2." in str(again)
    after = Quiz("02", "post", QUESTIONS, letters("post", right=True)).kept(Progress(path))
    assert "2 of 2 right. Before the lesson: 0 of 2. Kept in" in str(after)
    assert [QuizEntry("02", "pre", 0, 2), QuizEntry("02", "post", 2, 2)] == Progress(path).quizzes


def test_a_quiz_without_answers_keeps_nothing(tmp_path: Path) -> None:
    """To read the questions is no try."""
    path = tmp_path / "progress.json"
    Quiz("02", "pre", QUESTIONS).kept(Progress(path))
    assert not path.exists()


def test_it_reads_the_same_in_a_notebook() -> None:
    """Markdown has the same words, with the letters in bold."""
    made = Quiz("02", "pre", QUESTIONS)
    assert "- **a** first " in made._repr_markdown_()
    assert str(made) == repr(made)


def test_a_scenario_without_questions_says_so() -> None:
    """Nothing to ask is an answer, not an error."""
    assert "02 has no questions for this time." == str(Quiz("02", "pre", ()))


def test_the_door_takes_a_scenario_and_refuses_what_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A scenario's own quiz; a name that is none is answered as ``start`` answers it."""
    monkeypatch.setenv(VARIABLE, str(tmp_path / "progress.json"))
    assert 3 == len(sim.quiz("production-is-down", "pre").questions)
    with pytest.raises(ScenarioError, match="production-is-down"):
        sim.quiz("production-is-dow", "pre")
    with pytest.raises(ScenarioError, match="the number of a lesson"):
        sim.quiz("99", "pre")
    with pytest.raises(GamedayError, match="pre or post"):
        sim.quiz("production-is-down", "during")


def test_a_progress_file_that_can_not_be_read_costs_a_warning_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The feedback is there; what is lost is the record."""
    path = tmp_path / "progress.json"
    path.write_text("{", encoding="utf-8")
    monkeypatch.setenv(VARIABLE, str(path))
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        assert 3 == sim.quiz("production-is-down", "pre", "bcb").right
    assert "progress file" in str(told[0].message)
