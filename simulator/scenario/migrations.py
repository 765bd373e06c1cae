"""Older versions of the format: how a file of one is read as a file of the next, until it is today's.

A version stands in ``apiVersion``. When the format changes so that old files would not load any more, its
number is raised, and a row here says how the old tree is rewritten. Files are never rewritten on disk, and
every value keeps its own line and path, so a message still names what the author sees. ``texts.yaml`` has no
version of its own: it goes by the scenario beside it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from simulator.errors import Problem
from simulator.scenario.problems import nearest
from simulator.scenario.tree import Node

#: The version that the models are of.
CURRENT: Final = "gameday/v1"
FileKind = Literal["Scenario", "System", "Texts"]
_VERSION: Final = re.compile(r"gameday/v([1-9][0-9]{0,3})(?:(alpha|beta)([1-9][0-9]{0,3}))?")
_STAGES: Final = {"alpha": 0, "beta": 1, None: 2}


@dataclass(frozen=True, slots=True)
class Migration:
    """One step from a version to the next.

    Attributes:
        to: The version that the rewritten tree is of.
        rewrite: Takes a file's kind and its tree, and gives the tree as that version would have it.
    """

    to: str
    rewrite: Callable[[FileKind, Node], Node]


#: By the version that is read. There has been one version so far, so nothing is older.
MIGRATIONS: Final[dict[str, Migration]] = {}


def version_of(root: Node) -> str | None:
    """What a file says in ``apiVersion``; None where it says nothing that could be a version."""
    node = root.child("apiVersion")
    return node.value if node is not None and isinstance(node.value, str) else None


def migrated(
    kind: FileKind, root: Node, version: str | None, table: Mapping[str, Migration] | None = None
) -> Node:
    """A file's tree as today's version has it; unchanged where the version is today's or unknown."""
    steps = MIGRATIONS if table is None else table
    seen = set[str]()
    while version is not None and version in steps and version not in seen:
        seen.add(version)
        step = steps[version]
        root = _stamped(step.rewrite(kind, root), step.to)
        version = step.to
    return root


def refused_version(root: Node, table: Mapping[str, Migration] | None = None) -> Problem | None:
    """Why the version of a file can't be read here; None where it can, or where it is missing altogether."""
    version, steps = version_of(root), MIGRATIONS if table is None else table
    node = root.child("apiVersion")
    if node is None or version is None or version == CURRENT or version in steps:
        return None
    older = f", or an older one ({', '.join(sorted(steps))})" if steps else ""
    expected = f"{CURRENT!r}{older}"
    if _order(version) > _order(CURRENT):
        todo = f"The file is for a newer gameday. Update gameday, or write the file as {CURRENT} has it."
    else:
        close = nearest(version, [CURRENT, *steps])
        todo = f"Did you mean {close!r}?" if close else f"Write apiVersion: {CURRENT}."
    return Problem(node.where, expected, repr(version)[:60], todo)


def _order(version: str) -> tuple[int, int, int]:
    """Versions in Kubernetes' order, v1alpha1 < v1beta1 < v1 < v2alpha1; what is none comes before all."""
    found = _VERSION.fullmatch(version)
    if found is None:
        return 0, 0, 0
    major, stage, minor = found.groups()
    return int(major), _STAGES[stage], int(minor or 0)


# --- what rewrites are written with


def renamed(root: Node, path: tuple[str, ...], name: str) -> Node:
    """A tree in which the key at ``path`` has another name; ``*`` stands for every item of a list."""
    *above, key = path

    def rename(node: Node) -> Node:
        if not isinstance(node.value, dict) or key not in node.value or name in node.value:
            return node
        entries = {name if old == key else old: entry for old, entry in node.value.items()}
        return Node(entries, node.file, node.line, node.path)

    return changed(root, tuple(above), rename)


def changed(root: Node, path: tuple[str, ...], change: Callable[[Node], Node]) -> Node:
    """A tree in which every value at ``path`` is what ``change`` makes of it; the same where none is."""
    if not path:
        return change(root)
    first, rest = path[0], path[1:]
    if first == "*" and isinstance(root.value, list):
        items = [changed(item, rest, change) for item in root.value]
        return Node(items, root.file, root.line, root.path)
    if isinstance(root.value, dict) and first in root.value:
        entries = {**root.value, first: changed(root.value[first], rest, change)}
        return Node(entries, root.file, root.line, root.path)
    return root


def _stamped(root: Node, version: str) -> Node:
    """The tree with another ``apiVersion``, where it has one."""
    node = root.child("apiVersion")
    if node is None or not isinstance(root.value, dict):
        return root
    stamp = Node(version, node.file, node.line, node.path)
    return Node({**root.value, "apiVersion": stamp}, root.file, root.line, root.path)
