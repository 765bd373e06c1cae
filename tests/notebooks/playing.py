"""A notebook played in a kernel of its own, as a reader would: untouched, or with the exercises solved.

``solutions/<lesson>.py`` maps the id of each exercise to the code that a reader might write, and ends with
``VERIFY``: asserts that run in the notebook's own kernel after its last cell, where the drill still lives.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from tests.house.lockstep import ROOT
from tests.notebooks.course import cells, code_cell

#: Seconds for one cell; a debrief replays several plays, and the machine may be busy.
CELL_TIMEOUT = 120


@dataclass(frozen=True, slots=True)
class Played:
    """What a reader saw.

    Attributes:
        texts: What each cell printed or showed as plain text, by cell number.
        stderr: What went to standard error, by cell number.
        error: The traceback that ended it; empty when it ran to the end.
    """

    texts: Mapping[int, str]
    stderr: Mapping[int, str]
    error: str

    @property
    def all_text(self) -> str:
        """Everything, in order."""
        return "\n".join(self.texts.values())


@dataclass(frozen=True, slots=True)
class Solution:
    """A solved path: code by exercise id, and asserts for the end."""

    exercises: Mapping[str, str]
    verify: str


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


def without_debriefs(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """A copy whose debriefs are left out: they replay other plays, which is most of a lesson's time."""
    copy = deepcopy(notebook)
    for cell in copy.cells:
        if cell.cell_type == "code" and ".debrief(" in cell.source:
            cell.source = "None"
    return copy


def isolated(folder: Path) -> dict[str, str]:
    """An environment in which a kernel finds the kit, and nothing of the person who runs the tests."""
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")])),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
    }


def play(notebook: nbformat.NotebookNode, folder: Path) -> Played:
    """Run every cell in order, in ``folder``; a traceback ends it and is kept."""
    copy = deepcopy(notebook)
    client = NotebookClient(
        copy, timeout=CELL_TIMEOUT, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    )
    error = ""
    try:
        client.execute(env=isolated(folder))
    except CellExecutionError as failure:
        error = str(failure)
    texts, stderr = {}, {}
    for number, cell in enumerate(copy.cells, 1):
        outputs = cell.get("outputs", [])
        texts[number] = "\n".join(filter(None, map(_text, outputs)))
        stderr[number] = "".join(o.text for o in outputs if o.output_type == "stream" and o.name == "stderr")
    return Played(texts, {number: text for number, text in stderr.items() if text}, error)


def _text(output: nbformat.NotebookNode) -> str:
    if output.output_type == "stream":
        return str(output.text) if output.name == "stdout" else ""
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return str(output.data.get("text/plain", ""))
