"""What is laid over what: a system below the spec, a variant above the document, its texts above these."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from simulator.errors import Problem
from simulator.scenario.fields import shown
from simulator.scenario.folders import find_system, system_names
from simulator.scenario.merge import laid_over, put_before
from simulator.scenario.migrations import migrated, version_of
from simulator.scenario.problems import nearest, problem_at
from simulator.scenario.reading import read_file
from simulator.scenario.tree import Node

#: What a variant may change. ``spec`` and ``checks`` merge; of ``coach`` its own comes first; the rest is
#: replaced.
OVERLAY_KEYS: Final = (
    "belief", "noop", "spec", "timeline", "noise", "reference", "alternatives", "wrongPaths", "decoys",
    "coach", "checks",
)  # fmt: skip
#: What a variant's texts may change; ``debrief`` merges, the rest is replaced.
TEXTS_KEYS: Final = (
    "story", "normal", "situation", "people", "debrief", "echo", "quiz", "facilitator",
)  # fmt: skip
SYSTEM_KEYS: Final = ("apiVersion", "kind", "metadata", "spec")
MAX_VARIANTS: Final = 32


def overlays(root: Node, known: tuple[str, ...], problems: list[Problem]) -> list[Node]:
    """The entries of ``variants``, as far as they are overlays at all."""
    listed = root.child("variants")
    if listed is None:
        return []
    if not isinstance(listed.value, list) or not 0 < len(listed.value) <= MAX_VARIANTS:
        expected = f"a list of 1 to {MAX_VARIANTS} overlays"
        problems.append(Problem(listed.where, expected, shown(listed.plain()), "Remove it, or fill it."))
        return []
    for node in listed.value:
        if not isinstance(node.value, dict):
            problems.append(Problem(node.where, "a mapping", shown(node.plain()), _known(known)))
            continue
        for key, entry in node.value.items():
            if key not in known:
                close = nearest(key, known)
                todo = f"Did you mean {close!r}?" if close else _known(known)
                problems.append(Problem(entry.where, "a key that a variant may change", repr(key), todo))
    return listed.value


def _known(keys: tuple[str, ...]) -> str:
    return f"Known here: {', '.join(keys)}."


def with_system(root: Node, near: Path | None, problems: list[Problem]) -> Node:
    """The document with the included system's spec below its own."""
    spec = root.child("spec")
    name = spec.child("system") if spec else None
    if spec is None or name is None or not isinstance(name.value, str):
        return root
    known = system_names(near)
    path = find_system(name.value, near) if name.value in known else None
    if path is None:
        close = nearest(name.value, known)
        todo = f"Did you mean {close!r}?" if close else f"There are {', '.join(known) or 'none'}."
        problems.append(Problem(name.where, "the name of a system", repr(name.value), todo))
        return root
    before = len(problems)
    system = read_file(path, problems)
    if system is None or len(problems) > before:
        return root
    system = migrated("System", system, version_of(system))
    problems += _not_a_system(system, name.value)
    declared = system.child("spec")
    return with_entry(root, "spec", laid_over(declared, spec)) if declared else root


def _not_a_system(system: Node, name: str) -> list[Problem]:
    """What is wrong with a system's file outside its ``spec``, which is validated with each scenario."""
    if not isinstance(system.value, dict):
        return [Problem(system.where, "a mapping", shown(system.plain()), _known(SYSTEM_KEYS))]
    found = [
        Problem(entry.where, "a known key", repr(key), _known(SYSTEM_KEYS))
        for key, entry in system.value.items()
        if key not in SYSTEM_KEYS
    ]
    for path, value in ((("apiVersion",), "gameday/v1"), (("kind",), "System"), (("metadata", "name"), name)):
        node: Node | None = system
        for step in path:
            node = node.child(step) if node else None
        if node is None or node.value != value:
            got = shown(node.plain()) if node else "nothing"
            found.append(problem_at(system, path, repr(value), got, "Correct it."))
    if system.child("spec") is None:
        found.append(problem_at(system, ("spec",), "the key 'spec'", "nothing", "Add it."))
    return found


def with_entry(root: Node, key: str, entry: Node) -> Node:
    """The mapping with another value at a key."""
    assert isinstance(root.value, dict), "callers hand in mappings"
    return Node({**root.value, key: entry}, root.file, root.line, root.path)


def without_variants(root: Node) -> Node:
    """The document that the variants share."""
    assert isinstance(root.value, dict), "callers hand in mappings"
    rest = {key: node for key, node in root.value.items() if key != "variants"}
    return Node(rest, root.file, root.line, root.path)


def overlaid(base: Node, overlay: Node | None) -> Node:
    """The document with a variant over it: ``spec`` and ``checks`` merge, its coach's part comes first."""
    if overlay is None or not isinstance(overlay.value, dict):
        return base
    for key in OVERLAY_KEYS:
        entry, below = overlay.child(key), base.child(key)
        if entry is None:
            continue
        if key in ("spec", "checks"):
            base = with_entry(base, key, laid_over(below, entry, owner="base"))
        elif (
            key == "coach"
            and below is not None
            and isinstance(below.value, dict)
            and isinstance(entry.value, dict)
        ):
            for name, part in entry.value.items():
                below = with_entry(below, name, put_before(below.child(name), part))
            base = with_entry(base, key, below)
        else:
            base = with_entry(base, key, entry)
    return base


def overlaid_texts(base: Node, overlay: Node | None) -> Node:
    """The texts with a variant's own laid over them; ``debrief`` merges."""
    if overlay is None or not isinstance(overlay.value, dict):
        return base
    for key in TEXTS_KEYS:
        entry = overlay.child(key)
        if entry is not None:
            merged = laid_over(base.child(key), entry, owner="base") if key == "debrief" else entry
            base = with_entry(base, key, merged)
    return base
