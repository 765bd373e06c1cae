"""Every lesson has the form that a reader knows from the one before; each rule is shown able to fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from simulator.lab.exercise_file import exercises_of, quiz_of
from simulator.scenario import load
from tests.notebooks.course import FOLDER, cells, paths, prose_cell, read
from tests.notebooks.form import findings

WELCOME = FOLDER / "learn" / "00-welcome.ipynb"
LESSON = FOLDER / "learn" / "01-production-is-down.ipynb"
AUTHORING = FOLDER / "instructor" / "authoring.ipynb"


#: Game days and the guide for facilitators have a form of their own: see ``test_gameday``.
LESSONS = [path for path in paths() if path.parent == WELCOME.parent or path == AUTHORING]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_a_lesson_has_the_form_of_a_lesson(path: Path) -> None:
    """Title, verbs, tags, sizes, code and prose are as in every other lesson."""
    found = findings(read(path), welcome=path == WELCOME, authoring=path == AUTHORING)
    assert not found, "\n".join(map(str, found))


def _cell(notebook: nbformat.NotebookNode, tag: str) -> nbformat.NotebookNode:
    found: nbformat.NotebookNode = next(c for c in notebook.cells if tag in c.metadata.get("tags", ()))
    return found


def _first_code(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    found: nbformat.NotebookNode = next(cell for cell in notebook.cells if cell.cell_type == "code")
    return found


def _put(node: nbformat.NotebookNode, **values: object) -> None:
    for name, value in values.items():
        node[name] = value


def _set(cell: nbformat.NotebookNode, source: str) -> None:
    cell.source = source


def _set_all_code(notebook: nbformat.NotebookNode, source: str) -> None:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source = source


def _retag(notebook: nbformat.NotebookNode, tag: str, new: str) -> None:
    _cell(notebook, tag).metadata["tags"] = [new]


def _replace(notebook: nbformat.NotebookNode, old: str, new: str) -> None:
    hits = [cell for cell in notebook.cells if old in cell.source]
    assert hits, f"no cell holds {old!r}"
    for cell in hits:
        cell.source = cell.source.replace(old, new)


Breaks = Callable[[nbformat.NotebookNode], object]
BROKEN: dict[str, tuple[Breaks, str]] = {
    "kernel": (lambda n: _put(n.metadata.kernelspec, name="my-venv"), "kernel python3"),
    "format": (lambda n: _put(n, nbformat_minor=4), "not a valid notebook"),
    "count": (lambda n: _put(_first_code(n), execution_count=3), "execution count"),
    "outputs": (
        lambda n: _first_code(n).outputs.append({"output_type": "stream", "name": "stdout", "text": "x"}),
        "strip its outputs",
    ),
    "metadata": (lambda n: _put(_first_code(n).metadata, trusted=True), "belongs to one machine"),
    "few cells": (lambda n: _put(n, cells=n.cells[:30]), "30 cells"),
    "many words": (lambda n: _set(n.cells[0], n.cells[0].source + "\n" + "word " * 1800), "words, not 900"),
    "short code": (
        lambda n: _set_all_code(n, "drill.now"),
        "half of the code cells",
    ),
    "long code": (lambda n: _set(_first_code(n), "pass\n" * 13), "13 lines of code"),
    "empty code": (lambda n: _set(_first_code(n), " \n"), "an empty code cell"),
    "star": (lambda n: _set(_first_code(n), "from simulator import *"), "star import"),
    "install": (lambda n: _set(_first_code(n), "%pip install x"), "installing"),
    "plotting": (lambda n: _set(_first_code(n), "import matplotlib"), "plotting code"),
    "raising": (lambda n: _set(_first_code(n), "assert drill.now"), "coaches and never raises"),
    "no seed": (lambda n: _replace(n, ", seed=", ", journal="), "names scenario and seed"),
    "topic": (lambda n: _set(n.cells[0], "# Understanding rollbacks"), "the title is a claim"),
    "question": (lambda n: _set(n.cells[0], "# Can you stop it before you know it?"), "the title is a claim"),
    "no level": (lambda n: _replace(n, "Level ", "Stage "), "'Level N"),
    "two titles": (lambda n: _set(n.cells[-2], "# Another title"), "one title a notebook"),
    "verbs": (lambda n: _replace(n, "- **read**", "- read"), "three points"),
    "shouting": (lambda n: _set(n.cells[1], n.cells[1].source + "\nWell done!"), "exclamation mark"),
    "cliche": (lambda n: _set(n.cells[1], n.cells[1].source + "\nLet's dive in."), "says nothing"),
    "unknown tag": (lambda n: _retag(n, "check:e1", "chek:e1"), "unknown tag 'chek:e1'"),
    "double tag": (lambda n: _retag(n, "check:e2", "check:e1"), "stands at cell"),
    "no check": (lambda n: _retag(n, "check:e2", "hide-input"), "after exercise:e2 comes check:e2"),
    "clever check": (lambda n: _set(_cell(n, "check:e1"), 'drill.check("e1").passed'), "one call"),
    "no quiz": (lambda n: _retag(n, "exercise:post", "hide-input"), "no cell is tagged exercise:post"),
    "answered quiz": (lambda n: _replace(n, '"pre", ""', '"pre", "abc"'), "a quiz is one call"),
    "no prediction": (lambda n: _retag(n, "predict", "hide-input"), "no cell is tagged predict"),
    "no debrief": (lambda n: _replace(n, ".debrief(", ".score("), "drill.debrief()"),
    "no surprise": (lambda n: _replace(n, "**Surprise.**", "Then"), "no '**Surprise.**'"),
    "reflection": (
        lambda n: _replace(n, "What did you believe at minute", "Any thoughts on"),
        "first question",
    ),
    "readings": (lambda n: _set(n.cells[-1], "## Next\n\nNothing."), "one or two readings"),
    "same drill": (lambda n: _replace(n, ", variant=", ", mode="), "another scenario or variant"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_lesson_out_of_form_is_found(name: str) -> None:
    """Each rule is able to fail."""
    breaks, message = BROKEN[name]
    notebook = read(LESSON)
    breaks(notebook)
    assert message in "\n".join(map(str, findings(notebook)))


def test_the_welcome_leads_to_the_first_lesson() -> None:
    """A welcome without its last line, or without its exercise, is found."""
    notebook = read(WELCOME)
    notebook.cells[-1].source = "That is all."
    _retag(notebook, "exercise:e1", "predict")
    found = "\n".join(map(str, findings(notebook, welcome=True)))
    assert "leads to lesson 01" in found
    assert "no cell is tagged exercise:e1" in found


def test_the_guide_for_authors_has_twelve_steps() -> None:
    """A step left out, no broken file, no proof: each is found."""
    notebook = read(AUTHORING)
    notebook.cells = [
        cell for cell in notebook.cells if "## 7. " not in cell.source and ".prove(" not in cell.source
    ]
    _retag(notebook, "golden", "hide-input")
    found = "\n".join(map(str, findings(notebook, authoring=True)))
    for words in ("the steps are 1 to 12 in order", "no cell is tagged golden", "what was built is proved"):
        assert words in found


def test_words_of_code_and_addresses_do_not_count() -> None:
    """A lesson's length is what a reader reads."""
    notebook = read(WELCOME)
    notebook.cells = [prose_cell("One [two](https://sre.google/a/b) three\n```sh\nfour\n```\n")]
    assert 3 == cells(notebook)[0].words


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.name)
def test_every_check_of_a_lesson_has_its_data(path: Path) -> None:
    """What a lesson checks is written in its own file or its scenario's folder, and nothing else is."""
    code = "\n".join(cell.source for cell in cells(read(path)) if cell.kind == "code")
    started = re.findall(r'sim\.start\("([a-z0-9-]+)"', code)
    lesson = re.search(r'sim\.start\(.*, lesson="(\d+)"', code)
    ids = {name for cell in cells(read(path)) if (name := cell.named("check"))}
    known = exercises_of(load(started[0]), lesson[1] if lesson else None) if started else {}
    assert ids == set(known)


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.name)
def test_a_link_to_another_notebook_leads_to_one(path: Path) -> None:
    """Whoever follows "next" arrives."""
    prose = "\n".join(cell.source for cell in cells(read(path)) if cell.kind == "markdown")
    links = re.findall(r"\]\(([^)#:]+\.ipynb)", prose)
    assert [] == [link for link in links if not (path.parent / link).is_file()]


@pytest.mark.parametrize("path", paths(), ids=lambda path: path.name)
def test_what_a_lesson_asks_before_it_asks_again_after_it(path: Path) -> None:
    """Each question before a lesson has its twin after it, in the same order and with as many options."""
    code = "\n".join(cell.source for cell in cells(read(path)) if cell.kind == "code")
    for name in set(re.findall(r'sim\.quiz\("([\w-]+)"', code)):
        asked = {when: [each for each in quiz_of(name) if each.when == when] for when in ("pre", "post")}
        shapes = {
            when: [(each.id.removesuffix(f"-{end}"), len(each.options)) for each in asked[when]]
            for when, end in (("pre", "before"), ("post", "after"))
        }
        assert shapes["pre"]
        assert shapes["pre"] == shapes["post"]
