"""Copies of the files under review: what an analyser sees, apart from the originals' configuration."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from simulator.review.analysers.asking import NoAnswerError
from simulator.review.files import File


@dataclass(frozen=True, slots=True)
class Copy:
    """A file and where its copy lies, relative to the folder."""

    file: File
    path: str

    @classmethod
    def of(cls, file: File, number: int, folder: Path) -> Self:
        """Write the copy under a number of its own, with the name that tells tools what it is."""
        path = f"{number:04d}/{Path(file.name).name}"
        target = folder / path
        target.parent.mkdir()
        target.write_bytes(file.text.encode())
        return cls(file, path)


def name_of(copies: Sequence[Copy], path: str) -> str:
    """The name of the file whose copy an analyser speaks of.

    Raises:
        NoAnswerError: There is no such copy.
    """
    wanted = path.replace("\\", "/").removeprefix("./")
    for copy in copies:
        if wanted == copy.path or wanted.endswith(f"/{copy.path}"):
            return copy.file.name
    raise NoAnswerError("failed", f"its answer speaks of a file that nobody gave it: {path[:80]}")


def read_json(text: str, tool: str) -> Any:
    """An analyser's answer.

    Raises:
        NoAnswerError: It is no JSON.
    """
    try:
        return json.loads(text)
    except ValueError:
        raise NoAnswerError("failed", f"{tool}'s answer can't be read: {text.strip()[:80]!r}") from None
