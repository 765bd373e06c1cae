"""One rule by which one part of a scenario is laid over another.

Mappings merge key by key. Lists whose items all have a name (``name``, ``metadata.name`` or ``id``) merge by
name: an item of the same name is merged, a new one is appended. Anything else is replaced. An overlay can
change and add; it can't remove.
"""

from __future__ import annotations

from typing import Literal

from simulator.scenario.tree import Node


def laid_over(base: Node | None, overlay: Node, *, owner: Literal["base", "overlay"] = "overlay") -> Node:
    """``overlay`` laid over ``base``; every value keeps its own file, line and path.

    Args:
        base: What lies below, if there is anything.
        overlay: What is laid over it.
        owner: Whose place a merged mapping or list has, for messages about a key that neither of them has.
    """
    if base is None:
        return overlay
    place = base if owner == "base" else overlay
    if isinstance(base.value, dict) and isinstance(overlay.value, dict):
        merged = dict(base.value)
        for key, node in overlay.value.items():
            merged[key] = laid_over(merged.get(key), node, owner=owner)
        return Node(merged, place.file, place.line, place.path)
    if isinstance(base.value, list) and isinstance(overlay.value, list):
        items = _by_name(base.value, overlay.value, owner)
        return overlay if items is None else Node(items, place.file, place.line, place.path)
    return overlay


def put_before(base: Node | None, overlay: Node) -> Node:
    """Two lists or two mappings, the overlay's entries first; an equal key is the overlay's."""
    if base is None:
        return overlay
    if isinstance(base.value, list) and isinstance(overlay.value, list):
        return Node([*overlay.value, *base.value], overlay.file, overlay.line, overlay.path)
    if isinstance(base.value, dict) and isinstance(overlay.value, dict):
        return Node(
            {**overlay.value, **{k: v for k, v in base.value.items() if k not in overlay.value}},
            overlay.file,
            overlay.line,
            overlay.path,
        )
    return overlay


def name_of(node: Node) -> str | None:
    """The name by which a list's item is known."""
    if not isinstance(node.value, dict):
        return None
    metadata = node.value.get("metadata")
    inner = metadata.child("name") if metadata else None
    for candidate in (node.value.get("name"), inner, node.value.get("id")):
        if candidate is not None and isinstance(candidate.value, str):
            return candidate.value
    return None


def _by_name(base: list[Node], overlay: list[Node], owner: Literal["base", "overlay"]) -> list[Node] | None:
    """Two lists of named items as one; None where they are lists of something else."""
    names = [name_of(node) for node in base]
    if not overlay or None in names or any(name_of(node) is None for node in overlay):
        return None
    items, seen = list(base), set()
    for node in overlay:
        name = name_of(node)
        if name in names and name not in seen:
            position = names.index(name)
            items[position] = laid_over(items[position], node, owner=owner)
        else:
            items.append(node)
        seen.add(name)
    return items
