"""The package as text and syntax trees, for the tests of the house rules."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.house.lockstep import ROOT


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file.

    Attributes:
        path: Its path from the top of the repository, with forward slashes.
        name: Its dotted name, as it is imported.
        text: What stands in it.
        tree: The same, parsed.
    """

    path: str
    name: str
    text: str
    tree: ast.Module

    @classmethod
    def parse(cls, path: str, text: str) -> Module:
        """A module out of its text; a test of a checker makes up both."""
        parts = Path(path).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        return cls(path, name, text, ast.parse(text, path))

    @property
    def room(self) -> str:
        """The name under ``simulator`` to which the layers table refers; empty for the front door itself."""
        _, _, rest = self.name.partition(".")
        return rest.partition(".")[0]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One breach of a house rule: where it is and what to do instead."""

    path: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.message}"


@cache
def package() -> tuple[Module, ...]:
    """Every module of the package, by path."""
    paths = sorted(p for p in (ROOT / "simulator").rglob("*.py") if "__pycache__" not in p.parts)
    return tuple(Module.parse(p.relative_to(ROOT).as_posix(), p.read_text(encoding="utf-8")) for p in paths)


@cache
def tracked() -> tuple[Path, ...]:
    """Every file that git tracks; every file of the tree where there is no git (an unpacked archive)."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listing.returncode:
        hidden = {".venv", "__pycache__", "build", "dist"}
        return tuple(sorted(p for p in ROOT.rglob("*") if p.is_file() and not hidden & set(p.parts)))
    names = listing.stdout.decode().split("\0")
    return tuple(sorted(path for name in names if name and (path := ROOT / name).is_file()))


def tracked_text() -> Iterator[tuple[str, str]]:
    """Path and text of every tracked file that is text."""
    for path in tracked():
        try:
            yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def report(findings: list[Finding]) -> str:
    """Findings as a list to read, worst file first in the alphabet."""
    return "\n" + "\n".join(str(finding) for finding in sorted(findings))
