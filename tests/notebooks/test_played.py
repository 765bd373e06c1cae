"""Every notebook runs as a reader would run it: untouched, under nbval, and with its exercises solved."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.notebooks.course import FOLDER, cells, code_cell, lesson_name, paths, read, written
from tests.notebooks.playing import Solution, isolated, play, solution, solved, without_debriefs

pytestmark = pytest.mark.notebook
# What zmq and a kernel's client warn about at their own end is not the lesson's.
quiet = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def _name(path: Path) -> str:
    return path.relative_to(FOLDER).as_posix()


@quiet
@pytest.mark.parametrize("path", paths(), ids=_name)
def test_an_untouched_lesson_coaches(path: Path, tmp_path: Path) -> None:
    """Whoever opens a lesson and runs all of it sees no warning, and checks that say what to do next."""
    notebook = read(path)
    played = play(without_debriefs(notebook), tmp_path)
    assert "" == played.error
    assert {} == played.stderr
    for cell in cells(notebook):
        if name := cell.named("check"):
            told = played.texts[cell.number]
            assert told.startswith(f"{name}: not yet.")
            assert "Hoped for: " in told
            assert "Hint 1 of 4: " in told


@quiet
@pytest.mark.parametrize("path", paths(), ids=_name)
def test_a_solved_lesson_passes_its_checks(path: Path, tmp_path: Path) -> None:
    """A reader who does the exercises hears that they are done, and the lesson's own asserts hold."""
    notebook = read(path)
    played = play(solved(notebook, solution(lesson_name(path))), tmp_path)
    assert "" == played.error
    assert {} == played.stderr
    for cell in cells(notebook):
        if name := cell.named("check"):
            assert played.texts[cell.number].startswith(f"{name}: done."), played.texts[cell.number]


def _nbval(folder: Path) -> tuple[int, str]:
    """Exit code and output of pytest with nbval alone on the notebooks of a folder."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        "empty.ini",
        "--nbval-lax",
    ]
    (folder / "empty.ini").write_text("[pytest]\n", encoding="utf-8")
    done = subprocess.run(
        [*command, "."],
        cwd=folder,
        env=isolated(folder),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    return done.returncode, done.stdout


def test_run_all_of_an_untouched_lesson_ends_without_a_traceback(tmp_path: Path) -> None:
    """Nbval runs every notebook to its end and passes over no cell: as many pass as there are code cells."""
    for path in paths():
        shutil.copy(path, tmp_path / path.name)
    code, output = _nbval(tmp_path)
    assert 0 == code, output
    wanted = sum(cell.kind == "code" for path in paths() for cell in cells(read(path)))
    assert f"{wanted} passed" in output


def test_nbval_finds_a_cell_that_raises(tmp_path: Path) -> None:
    """The test above is able to fail."""
    notebook = read(paths()[0])
    notebook.cells = [code_cell("drill = None\ndrill.run('help')")]
    (tmp_path / "broken.ipynb").write_text(written(notebook), encoding="utf-8")
    code, output = _nbval(tmp_path)
    assert 1 == code
    assert re.search(r"1 failed", output)


@quiet
def test_a_traceback_and_a_warning_are_seen(tmp_path: Path) -> None:
    """The tests that play are able to fail: what goes wrong in a cell is kept."""
    notebook = read(paths()[0])
    sources = ["import warnings\nwarnings.warn('worn')", "1 / 0"]
    notebook.cells = [code_cell(source) for source in sources]
    played = play(notebook, tmp_path)
    assert "ZeroDivisionError" in played.error
    assert "worn" in played.stderr[1]


def test_a_solution_for_an_exercise_that_is_not_there_is_refused() -> None:
    """A lesson and its solved path can't drift apart."""
    with pytest.raises(KeyError):
        solved(read(paths()[0]), Solution({"e9": "pass"}, ""))


def test_every_notebook_has_a_solved_path() -> None:
    """Both paths of each lesson are exercised."""
    assert paths()
    for path in paths():
        assert solution(lesson_name(path)).verify.strip()
