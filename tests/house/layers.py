"""Who may import whom: a room imports from rooms below it, or from itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.house.source import Finding, Module

# From the ground up. Rooms of one row don't import one another; the first row is one room of four files.
TIERS: tuple[tuple[str, ...], ...] = (
    ("errors", "units", "streams", "distributions"),
    ("scenario",),
    ("world",),
    ("dataplane",),
    ("engine", "pipeline"),
    ("telemetry",),
    ("slo",),
    ("drill",),
    ("coach", "review"),
    ("authoring",),
    ("lab",),
    ("api",),
    ("cli", "__main__"),
)
_TIER = {room: height for height, tier in enumerate(TIERS) for room in tier}
_FRONT = _TIER["api"]  # `simulator` itself: the door that re-exports the api
_WORDS, _TOP = 0, _TIER["cli"]


def imports(module: Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything of the package that this module imports, wherever it stands."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and node.module == "simulator":
            for alias in node.names:
                yield node.lineno, f"simulator.{alias.name}"
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module


def breaches(module: Module) -> list[Finding]:
    """The imports of one module that point upwards or sideways, and rooms that the table does not know."""
    own = _TIER.get(module.room) if module.room else _FRONT
    if own is None:
        rooms = ", ".join(room for tier in TIERS for room in tier)
        return [Finding(module.path, 1, f"room {module.room!r} has no layer; the rooms are {rooms}")]
    found = []
    for line, name in imports(module):
        head, _, rest = name.partition(".")
        if head != "simulator":
            continue
        room = rest.partition(".")[0]
        other = _TIER.get(room, _FRONT)
        same = room == module.room or own == other in (_WORDS, _FRONT, _TOP)
        if other > own or (other == own and not same):
            way = "upwards" if other > own else "sideways"
            found.append(
                Finding(
                    module.path,
                    line,
                    f"{module.room or 'simulator'} -> {room or 'simulator'} points {way}; move what both "
                    "need down, or let the lower room take it as an argument or a listener",
                )
            )
    return found
