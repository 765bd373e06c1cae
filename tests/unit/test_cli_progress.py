"""``gameday progress``: what a learner has shown, on their own machine alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

import simulator as sim
from simulator.cli.app import app
from simulator.coach.progress import VARIABLE, Progress, QuizEntry


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A learner's file of its own."""
    path = tmp_path / "progress.json"
    monkeypatch.setenv(VARIABLE, str(path))
    return path


def told(*arguments: str) -> str:
    """What the command prints."""
    done = CliRunner().invoke(app, ["progress", *arguments])
    assert 0 == done.exit_code, done.output
    return done.output


def test_who_has_finished_nothing_is_told_where_to_begin() -> None:
    """No table of zeros."""
    assert "No finished drill yet" in told()


def test_first_answers_to_quizzes_stand_before_and_after() -> None:
    """A lesson without its second quiz has an empty place there; a second try changes nothing."""
    kept = Progress()
    kept.record_quiz(QuizEntry("02", "pre", 1, 3))
    kept.record_quiz(QuizEntry("03", "pre", 2, 3))
    kept.record_quiz(QuizEntry("02", "post", 3, 3))
    kept.record_quiz(QuizEntry("02", "post", 0, 3))
    lines = [line.split() for line in told().splitlines()]
    assert ["02", "1", "of", "3", "3", "of", "3"] in lines
    assert ["03", "2", "of", "3"] in lines


def test_a_finished_drill_moves_its_skills_and_delete_forgets_all(file: Path) -> None:
    """One row a skill for machines; after ``--delete`` the file is gone, and nothing counts any more."""
    drill = sim.start("welcome", seed=1, journal=False)
    while drill.wait("1h").ok:
        pass
    drill.debrief()
    assert file.exists()
    assert any(row["runs"] for row in json.loads(told("--json")))
    assert "█" in told()
    told("--delete")
    assert not file.exists()
    assert not any(row["runs"] for row in json.loads(told("--json")))
