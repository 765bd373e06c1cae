"""Game days and the guide for facilitators have their form; each rule is shown able to fail."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from tests.notebooks.course import FOLDER, paths, read
from tests.notebooks.form_gameday import findings

SOLO = FOLDER / "gameday" / "solo.ipynb"
GUIDE = FOLDER / "instructor" / "facilitation.ipynb"
GAME_DAYS = [path for path in paths() if path.parent == SOLO.parent]


def test_there_is_one_for_one_for_two_and_for_a_team() -> None:
    """Three game days, and none that nobody lists here."""
    assert ["pair.ipynb", "solo.ipynb", "team.ipynb"] == [path.name for path in GAME_DAYS]


@pytest.mark.parametrize("path", [*GAME_DAYS, GUIDE], ids=lambda path: path.name)
def test_it_has_its_form(path: Path) -> None:
    """A number, a play, an account, a page, a file; the guide its ten sections."""
    found = findings(read(path), guide=path == GUIDE)
    assert not found, "\n".join(map(str, found))


def _change(old: str, new: str) -> Callable[[nbformat.NotebookNode], None]:
    def change(notebook: nbformat.NotebookNode) -> None:
        hits = [cell for cell in notebook.cells if old in cell.source]
        assert hits, f"no cell holds {old!r}"
        for cell in hits:
            cell.source = cell.source.replace(old, new)

    return change


def _untag(notebook: nbformat.NotebookNode) -> None:
    for cell in notebook.cells:
        cell.metadata.pop("tags", None)


BROKEN: dict[str, tuple[Path, Callable[[nbformat.NotebookNode], None], str]] = {
    "a name": (SOLO, _change("Stuck for five minutes?", "Is it the release-train?"), "names an incident"),
    "a title": (SOLO, _change("Stuck for five minutes?", "A Payday."), "names an incident"),
    "a start": (SOLO, _change("sim.game_day(ticket)", 'sim.start("welcome")'), "no hint, no check"),
    "no tags": (SOLO, _untag, "the tags are"),
    "no page": (SOLO, _change("drill.results(", "drill.debrief("), "no cell of code has 'page ="),
    "no file": (SOLO, _change("page.save(", "print("), "no cell of code has 'page.save('"),
    "no question": (SOLO, _change("believe at minute 10", "think of it"), "the first question"),
    "a certificate": (SOLO, _change("certif", "confirm"), "no certificate"),
    "no way on": (SOLO, _change("## Next", "## End"), "where to go on"),
    "too short": (SOLO, lambda n: n.cells.__delitem__(slice(2, 16)), "words, not 500"),
    "an empty cell": (SOLO, _change("drill.slo()", " "), "an empty cell"),
    "a section left out": (GUIDE, _change("## 5. ", "## "), "the sections are 1 to 10"),
    "no agenda": (GUIDE, _change("**Half a day", "**Half"), "no '**Half a day'"),
    "no inject": (GUIDE, _change('drill.inject({"line"', 'print({"line"'), "no inject of kind line"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_out_of_form_is_found(name: str) -> None:
    """Each rule is able to fail."""
    path, breaks, message = BROKEN[name]
    notebook = read(path)
    breaks(notebook)
    assert message in "\n".join(map(str, findings(notebook, guide=path == GUIDE)))
