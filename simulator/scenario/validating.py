"""One merged document as a scenario, or everything that is wrong with it in the order of its lines.

Names are checked on a document whose shape is right. Where only sealed parts are wrong in shape, those are
taken out and the names of the rest are checked all the same, so that an author reads of both in one pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from pydantic import ValidationError

from simulator.errors import Problem
from simulator.scenario.document import Scenario
from simulator.scenario.problems import (
    Location,
    Placed,
    in_order,
    placed_at,
    placed_problems,
    places_of,
)
from simulator.scenario.references import dangling
from simulator.scenario.tree import Node

#: Keys whose parts don't hang on each other: what is left means the same without the one that is wrong.
_APART: Final = (
    "belief", "noop", "timeline", "noise", "reference", "alternatives", "wrongPaths", "decoys", "coach",
    "checks",
)  # fmt: skip
#: Stands for texts that can't be read; nothing in it is ever shown.
_NO_TEXTS: Final = {
    "story": "-",
    "normal": "-",
    "situation": "-",
    "debrief": {"whatHappened": "-", "rule": "-", "change": "-"},
}


def validated(
    merged: Node, folder: str | None, *, texts_read: bool = True
) -> tuple[Scenario | None, list[Problem]]:
    """One variant as a scenario, or what is wrong with it.

    Args:
        merged: The document, its texts below ``texts``.
        folder: Whose name it must bear; None for one that is in memory.
        texts_read: Whether its texts could be read; if not, nothing is said about them here.
    """
    whole = merged if texts_read else _with_texts(merged)
    try:
        scenario = Scenario.model_validate(whole.plain(), by_alias=True, by_name=False)
    except ValidationError as error:
        found = placed_problems(error, whole, Scenario)
        return None, in_order([*found, *_names_of_the_rest(whole, places_of(error, Scenario), folder)])
    wrong = in_order(_wrong_names(scenario, whole, folder))
    return scenario, wrong


def _names_of_the_rest(merged: Node, wrong: Sequence[Location], folder: str | None) -> list[Placed]:
    """Names that point nowhere in what is left once the parts of wrong shape are taken out."""
    if any(location[0] not in (*_APART, "texts") for location in wrong if location):
        return []
    rest = merged
    for location in sorted(wrong, key=_by_position, reverse=True):
        rest = _with_texts(rest) if location[0] == "texts" else _without(rest, location)
    try:
        scenario = Scenario.model_validate(rest.plain(), by_alias=True, by_name=False)
    except ValidationError:
        return []
    found = _wrong_names(scenario, rest, folder)
    if any(location[0] == "timeline" for location in wrong):
        # What an entry that is gone would have released can't be known to the rest.
        return [item for item in found if not _speaks_of(item, rest, "spec")]
    return found


def _wrong_names(scenario: Scenario, merged: Node, folder: str | None) -> list[Placed]:
    found = [
        placed_at(merged, item.location, item.expected, item.got, item.todo) for item in dangling(scenario)
    ]
    if folder is not None and scenario.name != folder:
        expected, todo = f"the folder's name {folder!r}", "Rename the folder or the scenario."
        found.append(placed_at(merged, ("metadata", "name"), expected, repr(scenario.name), todo))
    return found


def _speaks_of(item: Placed, merged: Node, key: str) -> bool:
    """Whether a problem lies at or below a key of the document."""
    below = merged.child(key)
    return below is not None and any(item.node is node for node in _nodes(below))


def _nodes(root: Node) -> Iterable[Node]:
    yield root
    inside = root.value
    for node in inside.values() if isinstance(inside, dict) else inside if isinstance(inside, list) else ():
        yield from _nodes(node)


def _by_position(location: Location) -> tuple[tuple[int, str], ...]:
    """Later items of a list first, so that the numbers of the others stay true."""
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in location)


def _without(root: Node, location: Location) -> Node:
    """The tree without the item in which a location lies: of a list, of the ladder, or the whole key."""
    depth = next((n for n, step in enumerate(location) if isinstance(step, int)), 0)
    if not depth and location[:2] == ("coach", "ladder") and len(location) > 2:
        depth = 2
    return _taken_out(root, location[: depth + 1])


def _taken_out(root: Node, location: Location) -> Node:
    first, rest = location[0], location[1:]
    child = root.child(first)
    if child is None:
        return root
    if isinstance(root.value, dict):
        entries = {key: node for key, node in root.value.items() if key != first or rest}
        if rest:
            entries[str(first)] = _taken_out(child, rest)
        return Node(entries, root.file, root.line, root.path)
    assert isinstance(root.value, list), "only mappings and lists have children"
    items = [node for number, node in enumerate(root.value) if number != first or rest]
    if rest and isinstance(first, int):
        items[first] = _taken_out(child, rest)
    return Node(items, root.file, root.line, root.path)


def _with_texts(root: Node) -> Node:
    assert isinstance(root.value, dict), "callers hand in mappings"
    stand_in = {**root.value, "texts": _node_of(_NO_TEXTS, root)}
    return Node(stand_in, root.file, root.line, root.path)


def _node_of(value: object, place: Node) -> Node:
    inside = (
        {key: _node_of(part, place) for key, part in value.items()} if isinstance(value, dict) else str(value)
    )
    return Node(inside, place.file, place.line, place.path)
