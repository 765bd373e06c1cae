"""Errors in four parts."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

from simulator.errors import (
    ConsoleError,
    GamedayError,
    JournalError,
    Problem,
    ScenarioError,
    SimulationError,
)


@pytest.mark.parametrize("kind", [GamedayError, ConsoleError, JournalError])
def test_an_error_says_where_what_came_and_what_to_do(kind: type[GamedayError]) -> None:
    """One line, four parts, whatever the kind."""
    error = kind("file.yaml:3", expected="a duration", got="'soon'", todo="Write 10m.")
    assert str(error) == "file.yaml:3: expected a duration, got 'soon'. Write 10m."
    assert (error.where, error.expected, error.got, error.todo) == (
        "file.yaml:3",
        "a duration",
        "'soon'",
        "Write 10m.",
    )


def test_a_scenario_error_holds_every_problem_of_the_file() -> None:
    """All problems, a line each."""
    problems = (Problem("a", "b", "c", "d."), Problem("e", "f", "g", "h."))
    assert str(ScenarioError(problems)) == "a: expected b, got c. d.\ne: expected f, got g. h."
    with pytest.raises(ValueError, match="at least one problem"):
        ScenarioError(())


def test_errors_travel_between_processes() -> None:
    """A worker's error arrives as it was raised."""
    for error in (
        ConsoleError("x", expected="a", got="b", todo="c."),
        ScenarioError([Problem("a", "b", "c", "d."), Problem("e", "f", "g", "h.")]),
    ):
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert copy.problem == error.problem


#: A cell as a learner might run it, that imports what it needs.
_CELL = """
from simulator.errors import {0}
def deep():
    raise {0}("move", expected="7m", got="soon", todo="Write 7m.")
deep()
"""


def _shown(cell: str, capsys: pytest.CaptureFixture[str]) -> str:
    """What IPython shows of a cell that raises, without colours."""
    shell: Any = InteractiveShell
    shell(colors="nocolor").run_cell(cell)
    return capsys.readouterr().out


def test_a_notebook_shows_the_sentence_and_no_stack(capsys: pytest.CaptureFixture[str]) -> None:
    """A learner's mistake is one line, however deep it was found; ours keeps its stack."""
    for kind in (GamedayError, ConsoleError, JournalError):
        shown = _shown(_CELL.format(kind.__name__), capsys)
        assert f"{kind.__name__}: move: expected 7m, got soon. Write 7m." == shown.strip()
    assert "in deep" in _shown(_CELL.format(SimulationError.__name__), capsys)
    assert "in deep" in _shown("def deep():\n    1 / 0\ndeep()", capsys)
