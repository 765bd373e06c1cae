"""One file of a scenario as a tree: read, bounded, a mapping of a version that is known."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from simulator.errors import Problem
from simulator.scenario.fields import shown
from simulator.scenario.folders import shown_path
from simulator.scenario.migrations import refused_version
from simulator.scenario.tree import MAX_BYTES, Node, read_bytes


def read_file(path: Path, problems: list[Problem]) -> Node | None:
    """Read a file; None where nothing could be made of it.

    Args:
        path: Where it lies.
        problems: Takes what is wrong.
    """
    name = shown_path(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        problems.append(Problem(name, "a file that can be read", reason, "Check the path."))
        return None
    return read_content(content, name, problems)


def read_content(content: bytes, name: str, problems: list[Problem]) -> Node | None:
    """As :func:`read_file`, for bytes that are in memory."""
    root, found = _parsed(content, name)
    problems += found
    if root is None or found:
        return None
    if not isinstance(root.value, dict):
        todo = "Begin with keys, such as kind:."
        problems.append(Problem(root.where, "a mapping", shown(root.plain()), todo))
        return None
    refusal = refused_version(root)
    if refusal is not None:
        problems.append(refusal)
        return None
    return root


@lru_cache(maxsize=64)
def _parsed(content: bytes, name: str) -> tuple[Node | None, list[Problem]]:
    """Parsing takes most of a load's time, and a player loads the same files again and again."""
    return read_bytes(content, name)
