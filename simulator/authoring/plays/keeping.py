"""Plays that were played are kept: under the kit, the scenario, the variant, the seed and the play.

The kit's part of the key is a hash of all of its code that can change a run or its record, and of the
versions of the libraries that compute it; the scenario's is a hash of everything in its file that can. So
what is kept is right, whoever looks it up, or is not found. Every record is written as soon as it is made: a
proof that is interrupted goes on where it was.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Final

from simulator.authoring.plays.record import Record, packed, unpacked
from simulator.authoring.plays.task import Task
from simulator.scenario import Scenario
from simulator.scenario.measured import proof_digest

#: Where records are kept, for those who want them elsewhere.
VARIABLE: Final = "GAMEDAY_CACHE"
#: Rooms of the kit whose code no record depends on.
_APART: Final = ("api", "cli", "lab", "pipeline", "review")
_LIBRARIES: Final = ("numpy", "numba", "simpy", "scipy", "promql-parser", "pydantic")
#: Of this many kits records are kept; those of older ones are deleted.
_KITS: Final = 3


def folder() -> Path:
    """``$GAMEDAY_CACHE``, else ``gameday`` in the user's cache folder."""
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named)
    base = os.environ.get("XDG_CACHE_HOME", "") or os.environ.get("LOCALAPPDATA", "")
    return (Path(base) if base else Path.home() / ".cache") / "gameday"


@lru_cache(maxsize=1)
def kit_digest() -> str:
    """Of all code of the kit that can change a record, and of the libraries that compute it."""
    package = Path(__file__).resolve().parents[2]
    content = hashlib.sha256()
    for path in sorted(package.rglob("*.py")):
        place = path.relative_to(package)
        judging = place.parts[0] == "authoring" and "plays" not in place.parts
        if not judging and place.parts[0] not in _APART and "_scenarios" not in place.parts:
            content.update(place.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    for name in _LIBRARIES:
        content.update(f"{name} {version(name)}\n".encode())
    content.update(f"{sys.version_info[:2]}\n".encode())
    return content.hexdigest()


class Kept:
    """The records on disk.

    Args:
        root: None keeps nothing and finds nothing.
        fresh: Records of before are not looked at; new ones are written all the same.
    """

    def __init__(self, root: Path | None, *, fresh: bool = False) -> None:
        self._root = None if root is None else root / "proof" / kit_digest()[:16]
        self._fresh = fresh
        self._made: set[Path] = set()

    def get(self, scenario: Scenario, seed: int, task: Task) -> Record | None:
        """A record of before; None if there is none."""
        path = self._path(scenario, seed, task)
        if path is None or (self._fresh and path not in self._made):
            return None
        try:
            return unpacked(path.read_bytes())
        except OSError:
            return None

    def put(self, scenario: Scenario, seed: int, task: Task, record: Record) -> None:
        """Keep a record; one that can't be written is not kept, and nothing else is lost."""
        path = self._path(scenario, seed, task)
        if path is None:
            return
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
                file.write(packed(record))
            Path(file.name).replace(path)
        except OSError:
            return
        self._made.add(path)

    def prune(self) -> None:
        """Delete what kits of long ago have left."""
        if self._root is None or not self._root.parent.is_dir():
            return
        kits = [each for each in self._root.parent.iterdir() if each.is_dir() and each != self._root]
        kits.sort(key=lambda each: each.stat().st_mtime, reverse=True)
        for old in kits[_KITS - 1 :]:
            shutil.rmtree(old, ignore_errors=True)

    def _path(self, scenario: Scenario, seed: int, task: Task) -> Path | None:
        if self._root is None:
            return None
        place = f"{scenario.name}-{scenario.variant}-{proof_digest(scenario)[:16]}"
        return self._root / place / f"seed-{seed}" / f"{task}.json.gz"
