"""Notebooks as nbval shall run them: untouched or with the exercises solved, with asserts between the cells.

nbval says whether a cell raised; what it showed it compares with stored outputs, which no notebook here has.
So the asserts travel with the notebook and run in its own kernel. ``solutions/<lesson>.py`` maps the id of
each exercise to the code that a reader might write, and ends with ``VERIFY``: asserts for after the last
cell, where the drill still lives.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree as ET

import nbformat

from simulator.coach.progress import VARIABLE
from tests.house.lockstep import ROOT
from tests.notebooks.course import cells, code_cell, lesson_name, read, written

#: Untouched: every check says what to do next. Solved: every check says that it is done.
Way = Literal["untouched", "solved"]

#: Seconds for one cell; a debrief replays several plays, and the machine may be busy.
_CELL_TIMEOUT = 120
#: Before the first cell: progress of its own, and whatever is written to standard error is kept.
_PROLOGUE = f"""
import os, sys
os.environ["{VARIABLE}"] = os.path.abspath("progress.json")
_complaints = []
class _Stderr:
    def __init__(self, stream):
        self._stream = stream
    def write(self, text):
        _complaints.append(text)
        return self._stream.write(text)
    def __getattr__(self, name):
        return getattr(self._stream, name)
sys.stderr = _Stderr(sys.stderr)
"""
_EPILOGUE = """
assert not "".join(_complaints).strip(), "".join(_complaints)
"""
#: After the check of an exercise: what it showed.
_TOLD = """
_told = get_ipython().display_formatter.format(_)[0]["text/plain"]
for _words in {words!r}:
    assert _words in _told, _told
assert _told.startswith({start!r}), _told
"""


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved path: code by exercise id, and asserts for the end."""

    exercises: Mapping[str, str]
    verify: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What nbval made of one notebook.

    Attributes:
        passed: Cells that ran to their end.
        failures: Of each other cell, what nbval says; cells after the first failure may be among them.
    """

    passed: int = 0
    failures: tuple[str, ...] = ()


def solution(lesson: str) -> Solution:
    """The solved path of a lesson, such as ``00-welcome``."""
    module = import_module(f"tests.notebooks.solutions.lesson_{lesson.replace('-', '_')}")
    return Solution(module.EXERCISES, module.VERIFY)


def solved(notebook: nbformat.NotebookNode, lesson: Solution) -> nbformat.NotebookNode:
    """A copy with the solutions in the exercise cells, and the asserts in a last cell.

    Raises:
        KeyError: The solutions and the notebook's exercises are not the same.
    """
    ids = {name for cell in cells(notebook) if (name := cell.named("exercise"))}
    if ids != set(lesson.exercises):
        raise KeyError(f"exercises {sorted(ids)}, solutions {sorted(lesson.exercises)}")
    copy = deepcopy(notebook)
    for cell, seen in zip(copy.cells, cells(notebook), strict=True):
        if name := seen.named("exercise"):
            cell.source = lesson.exercises[name].strip("\n")
    copy.cells.append(code_cell(lesson.verify.strip("\n")))
    return copy


def asserting(notebook: nbformat.NotebookNode, way: Way) -> nbformat.NotebookNode:
    """A copy that asserts, after each check, what it told, and at the end that nothing complained."""
    copy = deepcopy(notebook)
    copy.cells = [code_cell(_PROLOGUE.strip("\n"))]
    seen = {cell.number: cell for cell in cells(notebook)}
    for number, cell in enumerate(notebook.cells, 1):
        copy.cells.append(deepcopy(cell))
        if number in seen and (name := seen[number].named("check")):
            start = f"{name}: done." if way == "solved" else f"{name}: not yet."
            words = [] if way == "solved" else ["Hoped for: ", "Hint 1 of 4: "]
            copy.cells.append(code_cell(_TOLD.format(words=words, start=start).strip("\n")))
    copy.cells.append(code_cell(_EPILOGUE.strip("\n")))
    return copy


def staged(path: Path, way: Way, folder: Path) -> Path:
    """Write a notebook of the repository, made ready for one way, into a folder of its own."""
    notebook = read(path)
    if way == "solved":
        notebook = solved(notebook, solution(lesson_name(path)))
    target = folder / f"{path.stem}-{way}" / path.name
    target.parent.mkdir(parents=True)
    target.write_text(written(asserting(notebook, way)), encoding="utf-8")
    return target


def isolated(folder: Path) -> dict[str, str]:
    """An environment in which a kernel finds the kit, and nothing of the person who runs the tests."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "GAMEDAY_PROGRESS": str(folder / "progress.json"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }


def nbval(folder: Path, notebooks: Sequence[Path]) -> dict[Path, Outcome]:
    """Run notebooks under nbval and nothing else, one kernel each, each in the folder where it lies.

    Args:
        folder: For the files of the run.
        notebooks: Below ``folder``, no two in one folder.
    """
    (folder / "empty.ini").write_text("[pytest]\njunit_family = xunit1\n", encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "empty.ini"]
    options = ["--nbval-lax", f"--nbval-cell-timeout={_CELL_TIMEOUT}", "--junitxml=run.xml"]
    done = subprocess.run(
        [*command, *options, *map(str, notebooks)],
        cwd=folder,
        env=isolated(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    return _outcomes(folder, notebooks)


def _outcomes(folder: Path, notebooks: Sequence[Path]) -> dict[Path, Outcome]:
    found = {path.resolve(): Outcome() for path in notebooks}
    for case in ET.parse(folder / "run.xml").iter("testcase"):
        path = (folder / case.attrib["file"]).resolve()
        before = found[path]
        failures = [each.text or "" for each in case if each.tag in ("failure", "error")]
        skipped = any(each.tag == "skipped" for each in case)
        found[path] = Outcome(
            before.passed + (not failures and not skipped), (*before.failures, *map(_plain, failures))
        )
    return {path: found[path.resolve()] for path in notebooks}


def _plain(text: str) -> str:
    """What nbval says, without colours."""
    return re.sub(r"\x1b\[[0-9;]*m|#x1B\[[0-9;]*m", "", text)
