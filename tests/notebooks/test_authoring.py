"""The guide for authors: what it says of broken files is what the loader says today."""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

from simulator.scenario import load
from tests.notebooks.course import FOLDER, cells, read

GOLDEN = Path(__file__).parents[1] / "golden" / "authoring_errors.txt"


def said_of_broken_files() -> str:
    """What the golden cell prints, once every cell before it has written its part of the draft."""
    names: dict[str, object] = {}
    for cell in cells(read(FOLDER / "instructor" / "authoring.ipynb")):
        if cell.kind != "code" or not any(word in cell.source for word in ("Draft(", "belief =", 'draft["')):
            continue
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(cell.source, names)  # noqa: S102 - the notebook's own cells, as its reader runs them
        if "golden" in cell.tags:
            return printed.getvalue()
    raise LookupError("no cell is tagged golden")


def test_the_messages_are_the_committed_ones() -> None:
    """Texts that an author reads change on purpose or not at all."""
    assert GOLDEN.read_text(encoding="utf-8") == said_of_broken_files()


def test_what_the_guide_builds_is_shipped() -> None:
    """The scenario written with the guide alone is one of the kit's, with the same belief and timeline."""
    names: dict[str, object] = {}
    for cell in cells(read(FOLDER / "instructor" / "authoring.ipynb")):
        if cell.kind == "code" and any(word in cell.source for word in ("Draft(", "belief =", 'draft["')):
            with contextlib.redirect_stdout(io.StringIO()):
                exec(cell.source, names)  # noqa: S102 - the notebook's own cells, as its reader runs them
    built, shipped = names["draft"].scenario, load("first-of-month")  # type: ignore[attr-defined]
    assert (built.belief, built.timeline, built.reference) == (
        shipped.belief, shipped.timeline, shipped.reference,
    )  # fmt: skip
    assert built.digest == shipped.digest
