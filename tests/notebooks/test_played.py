"""Every notebook runs under nbval as a reader would run it: untouched, and with its exercises solved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
import pytest

from tests.notebooks.course import FOLDER, cells, code_cell, lesson_name, paths, read, written
from tests.notebooks.playing import Outcome, Solution, Way, asserting, nbval, solution, solved, staged

pytestmark = pytest.mark.notebook
Key = tuple[Path, Way]


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[Key, Outcome]:
    """What became of each notebook that was asked for; all of them run under one nbval."""
    folder = tmp_path_factory.mktemp("course")
    calls: list[dict[str, Any]] = [
        each.callspec.params
        for each in request.session.items
        if isinstance(each, pytest.Function) and each.originalname == _PLAYED
    ]
    asked: list[Key] = [(each["path"], each["way"]) for each in calls]
    staging = {key: staged(*key, folder) for key in asked}
    found = nbval(folder, list(staging.values()))
    return {key: found[path] for key, path in staging.items()}


_PLAYED = "test_a_notebook_runs_to_its_end_and_says_what_it_should"


def _name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@pytest.mark.parametrize("way", ["untouched", "solved"])
@pytest.mark.parametrize("path", paths(), ids=_name)
def test_a_notebook_runs_to_its_end_and_says_what_it_should(
    path: Path, way: Way, outcomes: dict[Key, Outcome]
) -> None:
    """No traceback and no warning; untouched, each check says what to do next, and solved, that it is done.

    As many cells pass as there are, with the asserts between them: none is passed over.
    """
    outcome = outcomes[path, way]
    assert () == outcome.failures, "\n".join(outcome.failures)
    notebook = read(path) if way == "untouched" else solved(read(path), solution(lesson_name(path)))
    wanted = sum(cell.kind == "code" for cell in cells(asserting(notebook, way)))
    assert wanted == outcome.passed


def _lesson(*sources: str, tags: tuple[str, ...] = ()) -> nbformat.NotebookNode:
    """A notebook of these cells; the last one has the tags."""
    notebook = read(paths()[0])
    notebook.cells = [code_cell(source) for source in sources]
    notebook.cells[-1].metadata["tags"] = list(tags)
    return notebook


#: What must be found, by the words that nbval says about it.
_BROKEN = {
    "raises": (_lesson("drill = None\ndrill.run('help')"), "has no attribute 'run'"),
    "warns": (_lesson("import warnings", "warnings.warn('worn')"), "UserWarning: worn"),
    "is silent": (_lesson("'e1: very well'", tags=("check:e1",)), "AssertionError: 'e1: very well'"),
    "is done": (_lesson("print('e1')", "'e1: done.'", tags=("check:e1",)), "AssertionError: 'e1: done.'"),
}


def test_what_goes_wrong_in_a_cell_is_found(tmp_path: Path) -> None:
    """The test above is able to fail: on a traceback, on a warning, on a check that says something else."""
    broken = {}
    for name, (notebook, _) in _BROKEN.items():
        broken[name] = tmp_path / name / "broken.ipynb"
        broken[name].parent.mkdir()
        broken[name].write_text(written(asserting(notebook, "untouched")), encoding="utf-8")
    found = nbval(tmp_path, list(broken.values()))
    for name, (_, words) in _BROKEN.items():
        failures = found[broken[name]].failures
        assert failures, f"a notebook that {name} passed"
        assert words in failures[0]


def test_a_wrong_argument_in_a_cell_is_one_sentence(tmp_path: Path) -> None:
    """A learner reads what was expected, what came and what to do, and no stack of the kit's own files."""
    notebook = _lesson(
        "import simulator as sim\ndrill = sim.start('welcome', journal=False)\ndrill.run('help')",
        "drill.what_if(move={1: 'soon'})",
    )
    path = tmp_path / "wrong.ipynb"
    path.write_text(written(notebook), encoding="utf-8")
    (failure,) = nbval(tmp_path, [path])[path].failures
    stack = failure.partition("Traceback:")[2].strip()
    assert stack.startswith("GamedayError: what_if: expected a duration such as")
    assert 1 == len(stack.splitlines())


def test_a_solution_for_an_exercise_that_is_not_there_is_refused() -> None:
    """A lesson and its solved path can't drift apart."""
    with pytest.raises(KeyError):
        solved(read(paths()[0]), Solution({"e9": "pass"}, ""))


def test_every_notebook_has_a_solved_path() -> None:
    """Both paths of each lesson are exercised."""
    assert paths()
    for path in paths():
        assert solution(lesson_name(path)).verify.strip()
