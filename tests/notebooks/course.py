"""The notebooks of the repository as the tests read them: cells, tags, words; nothing is executed here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat

from tests.house.lockstep import ROOT

FOLDER = ROOT / "notebooks"
_FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"\]\([^)]*\)")
_WORD = re.compile(r"[^\W_][\w'’.,-]*")


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell.

    Attributes:
        number: From 1, as a reader counts.
        kind: ``code`` or ``markdown``.
        source: Its text.
        tags: Its tags.
        hidden: Whether its input is folded away.
    """

    number: int
    kind: str
    source: str
    tags: tuple[str, ...]
    hidden: bool

    @property
    def lines(self) -> int:
        """Lines that are not blank."""
        return sum(1 for line in self.source.splitlines() if line.strip())

    @property
    def words(self) -> int:
        """Words of prose: without fenced code and without the addresses of links."""
        return (
            len(_WORD.findall(_LINK.sub("]", _FENCE.sub("", self.source)))) if self.kind == "markdown" else 0
        )

    def named(self, prefix: str) -> str | None:
        """What stands after ``prefix:`` among the tags: ``e1`` of ``exercise:e1``."""
        return next(
            (tag.removeprefix(f"{prefix}:") for tag in self.tags if tag.startswith(f"{prefix}:")), None
        )


def paths() -> list[Path]:
    """Every notebook of the repository, in the order of the course."""
    return sorted(path for path in FOLDER.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def read(path: Path) -> nbformat.NotebookNode:
    """A notebook as it lies on disk, in the form of version 4."""
    text = path.read_text(encoding="utf-8")
    notebook: nbformat.NotebookNode = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
    return notebook


def cells(notebook: nbformat.NotebookNode) -> list[Cell]:
    """Its cells, numbered from 1."""
    return list(_cells(notebook))


def _cells(notebook: nbformat.NotebookNode) -> Iterator[Cell]:
    for number, cell in enumerate(notebook.cells, 1):
        tags = tuple(cell.metadata.get("tags", ()))
        folded = bool(cell.metadata.get("jupyter", {}).get("source_hidden")) or "hide-input" in tags
        yield Cell(number, cell.cell_type, cell.source, tags, folded)


def lesson_name(path: Path) -> str:
    """``00-welcome`` of ``notebooks/learn/00-welcome.ipynb``."""
    return path.stem


def code_cell(source: str) -> nbformat.NotebookNode:
    """A fresh code cell."""
    cell: nbformat.NotebookNode = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    return cell


def prose_cell(source: str) -> nbformat.NotebookNode:
    """A fresh Markdown cell."""
    cell: nbformat.NotebookNode = nbformat.v4.new_markdown_cell(source)  # type: ignore[no-untyped-call]
    return cell


def written(notebook: nbformat.NotebookNode) -> str:
    """A notebook as it is stored."""
    return str(nbformat.writes(notebook))  # type: ignore[no-untyped-call]
