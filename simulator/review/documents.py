"""YAML and JSON files of several documents, as trees in which every value knows its line."""

from __future__ import annotations

import re
from typing import Any, Final

from simulator.errors import Problem, ReviewError
from simulator.scenario.tree import Node, Rules, Value, read_bytes

_RULES: Final = Rules(
    aliases=True,
    plain="A review reads plain YAML.",
    begin="Write what it should say, or leave it out.",
    shorten="Split the file.",
)
_BREAK: Final = re.compile(r"---(\s.*)?")
_END: Final = re.compile(r"\.\.\.\s*")


def documents(text: str, file: str) -> list[Node]:
    """The documents of a file; empty ones are left out.

    Raises:
        ReviewError: It is no YAML; all problems at once.
    """
    found: list[Node] = []
    problems: list[Problem] = []
    for first, chunk in _chunks(text):
        root, wrong = read_bytes(("\n" * first + chunk).encode(), file, _RULES)
        problems += wrong
        if root is not None and root.value is not None:
            found.append(root)
    if problems:
        raise ReviewError(problems)
    return found


def _chunks(text: str) -> list[tuple[int, str]]:
    """Each document's text with the number of lines above it."""
    chunks: list[tuple[int, str]] = []
    first, held = 0, list[str]()
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if _BREAK.fullmatch(line) or _END.fullmatch(line):
            chunks.append((first, "\n".join(held)))
            rest = line[3:].strip() if line.startswith("---") else ""
            first, held = (number - 1, [f"    {rest}"]) if rest and rest[0] != "#" else (number, [])
        else:
            held.append(line)
    chunks.append((first, "\n".join(held)))
    return [(first, chunk) for first, chunk in chunks if _says_something(chunk)]


def _says_something(chunk: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "%")) for line in chunk.split("\n"))


def data(node: Node) -> Any:
    """The plain value: dict, list and scalars, as a JSON Schema judges them."""
    if isinstance(node.value, dict):
        return {key: data(entry) for key, entry in node.value.items()}
    if isinstance(node.value, list):
        return [data(item) for item in node.value]
    return node.value


def at(node: Node | None, *path: str | int) -> Node | None:
    """The node at a path below, if every step of it is there."""
    for step in path:
        node = node.child(step) if node is not None else None
    return node


def scalar(node: Node | None, *path: str | int) -> Value:
    """The scalar at a path below; None where there is none."""
    found = at(node, *path)
    if found is None or isinstance(found.value, dict | list):
        return None
    return found.value


def items(node: Node | None, *path: str | int) -> list[Node]:
    """The items of the list at a path below; empty where there is none."""
    found = at(node, *path)
    return list(found.value) if found is not None and isinstance(found.value, list) else []


def keys(node: Node | None) -> dict[str, Node]:
    """The entries of a mapping; empty where it is none."""
    return dict(node.value) if node is not None and isinstance(node.value, dict) else {}
