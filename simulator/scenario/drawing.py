"""A variant by chance: the document with drawn values, chosen decoys, another start, and names shuffled.

Works on the tree before it is validated, so a drawn variant is checked as any other, and what is wrong with a
drawn value is reported at the line of ``randomise`` that drew it. Draws are whole numbers out of keyed
streams: the same variant on every machine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from simulator.errors import GamedayError
from simulator.scenario.document import Scenario
from simulator.scenario.merge import name_of
from simulator.scenario.overlays import with_entry
from simulator.scenario.randomise import Constraint, Randomise
from simulator.scenario.tree import Node, Value
from simulator.streams import Stream, key
from simulator.units import MINUTE, SECOND, format_duration, parse_duration

#: Draws after which constraints count as impossible.
ATTEMPTS: Final = 200
_STEP: Final = re.compile(r"\.?([A-Za-z][A-Za-z0-9]*)|\[([^\[\]]+)\]")
_TAG: Final = re.compile(r":(v[0-9]+)$")
#: Keys that name a thing outside the document, or the document itself.
_KEPT: Final = ("apiVersion", "kind", "metadata", "randomise")
_CLOCK: Final = re.compile(r"\b([01][0-9]|2[0-3]):([0-5][0-9])\b")
_DRILL_CLOCK: Final = re.compile(r"\bT\+([0-9]{2,3}):([0-5][0-9])\b")


@dataclass(frozen=True, slots=True)
class Draw:
    """Where chance comes from: a number of a variant, or one end of every range."""

    number: int
    scenario: str
    end: int | None = None

    def pick(self, bound: int, purpose: str, *parts: int) -> int:
        """A whole number below ``bound``."""
        if self.end is not None:
            return 0 if self.end == 0 else bound - 1
        return Stream(self.number, f"randomise {self.scenario} {purpose}").integer(bound, *parts)

    def order(self, count: int, purpose: str) -> list[int]:
        """The numbers below ``count`` in an order by chance."""
        left = list(range(count))
        return [left.pop(self.pick(len(left), purpose, step)) for step in range(count)]


class ImpossibleError(Exception):
    """No draw fulfilled the constraints."""


def drawn(base: Scenario, tree: Node, block: Randomise, draw: Draw) -> Node:
    """The tree of a variant.

    Args:
        base: The variant by hand that it is drawn from.
        tree: Its tree, before the traces of decoys are laid in.
        block: What may differ.
        draw: Where chance comes from.

    Raises:
        ImpossibleError: The constraints can't be met.
    """
    tree = _chosen(tree, base, block, draw)
    for attempt in range(ATTEMPTS if draw.end is None else 1):
        changed = tree
        for index, item in enumerate(block.ranges):
            value = item.value(draw.pick(len(item), f"ranges {index}", attempt))
            place = _line(tree, "ranges", index)
            changed = put(changed, item.path, Node(value, place.file, place.line, place.path))
        if all(_holds(changed, each) for each in block.where):
            break
    else:
        raise ImpossibleError
    minutes = _delay(block, draw)
    changed = with_traces(changed)
    if minutes:
        changed = _later(changed, base, minutes)
    return _renamed(changed, _names(changed, block, draw))


def _line(tree: Node, key: str, index: int) -> Node:
    """Where a part of ``randomise`` stands in the file."""
    node = tree.child("randomise")
    for step in (key, index):
        node = node.child(step) if node is not None else None
    return node or tree


# --- paths


def found(tree: Node, path: str) -> Node | None:
    """What a path such as ``spec.traffic[web].rate`` leads to."""
    node: Node | None = tree
    for step in _steps(path):
        node = _child(node, step) if node is not None else None
    return node


def _steps(path: str) -> list[str]:
    return [match[1] or f"[{match[2]}" for match in _STEP.finditer(path)]


def _child(node: Node, step: str) -> Node | None:
    if not step.startswith("["):
        return node.child(step) if isinstance(node.value, dict) else None
    position = _position(node, step[1:])
    return None if position is None or not isinstance(node.value, list) else node.value[position]


def _position(node: Node, word: str) -> int | None:
    """The place of a list's item, by its number or its name."""
    if not isinstance(node.value, list):
        return None
    if word.isdigit():
        return int(word) if int(word) < len(node.value) else None
    return next((place for place, item in enumerate(node.value) if name_of(item) == word), None)


def put(tree: Node, path: str, value: Node) -> Node:
    """The tree with another value at a path that leads somewhere."""
    return _put(tree, _steps(path), value)


def _put(node: Node, steps: Sequence[str], value: Node) -> Node:
    if not steps:
        return value
    inner = _child(node, steps[0])
    if inner is None:
        return node
    inner = _put(inner, steps[1:], value)
    if isinstance(node.value, dict):
        return Node({**node.value, steps[0]: inner}, node.file, node.line, node.path)
    assert isinstance(node.value, list), "only mappings and lists have children"
    position = _position(node, steps[0][1:])
    items = [inner if place == position else item for place, item in enumerate(node.value)]
    return Node(items, node.file, node.line, node.path)


def _holds(tree: Node, asked: Constraint) -> bool:
    left, right = (_amount(found(tree, path)) for path in (asked.path, asked.than))
    if left is None or right is None:
        return False
    bound = asked.times * right
    return {
        "Lt": left < bound, "Lte": left <= bound, "Gt": left > bound, "Gte": left >= bound,
        "Eq": left == bound, "Ne": left != bound,
    }[asked.op]  # fmt: skip


def _amount(node: Node | None) -> float | None:
    """A number, or a duration in seconds; None for anything else."""
    value = node.value if node is not None else None
    if isinstance(value, str):
        nanoseconds = _time(value)
        return None if nanoseconds is None else nanoseconds / SECOND
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _time(text: object) -> int | None:
    try:
        return parse_duration(text, where="", dialect="go") if isinstance(text, str) else None
    except GamedayError:
        return None


# --- decoys


def _chosen(tree: Node, base: Scenario, block: Randomise, draw: Draw) -> Node:
    """The tree with as many of its decoys as the block says, in their order."""
    listed = tree.child("decoys")
    if block.decoys is None or listed is None or not isinstance(listed.value, list):
        return tree
    chosen = sorted(draw.order(len(base.decoys), "decoys")[: block.decoys])
    items = [item for place, item in enumerate(listed.value) if place in chosen]
    return with_entry(tree, "decoys", Node(items, listed.file, listed.line, listed.path))


def with_traces(tree: Node) -> Node:
    """The tree with what its decoys leave to be seen laid into the timeline, in order of time."""
    decoys, timeline = tree.child("decoys"), tree.child("timeline")
    if decoys is None or not isinstance(decoys.value, list):
        return tree
    traces = [
        entry
        for decoy in decoys.value
        if (trace := decoy.child("trace")) is not None and isinstance(trace.value, list)
        for entry in trace.value
    ]
    own = timeline.value if timeline is not None and isinstance(timeline.value, list) else []
    if not traces or (timeline is not None and not isinstance(timeline.value, list)):
        return tree
    place = timeline or decoys
    merged = sorted([*own, *traces], key=_at)
    return with_entry(tree, "timeline", Node(list(merged), place.file, place.line, place.path))


def _at(entry: Node) -> int:
    node = entry.child("at")
    at = _time(node.value) if node is not None else None
    return at if at is not None else 1 << 62


# --- a later start


def _delay(block: Randomise, draw: Draw) -> int:
    """By how many minutes all that is sealed comes later."""
    return draw.pick(block.delay.to // MINUTE + 1, "delay") if block.delay is not None else 0


#: Where the sealed times stand; ``*`` is every item.
_TIMES: Final = (
    ("timeline", "*", "at"),
    ("noise", "*", "at"),
    ("reference", "*", "at"),
    ("alternatives", "*", "plays", "*", "at"),
    ("wrongPaths", "*", "plays", "*", "at"),
    ("decoys", "*", "guilty", "*", "at"),
    ("decoys", "*", "trace", "*", "at"),
    ("decoys", "*", "tell", "at"),
    ("texts", "people", "*", "at"),
)


def _later(tree: Node, base: Scenario, minutes: int) -> Node:
    for path in _TIMES:
        tree = _changed(tree, path, lambda node: _shifted(node, minutes))
    begun = min((entry.at for entry in base.timeline), default=0)
    words = _ClockShift(base, begun // MINUTE, minutes)
    return _in_texts(tree, words.moved)


def _shifted(node: Node, minutes: int) -> Node:
    at = _time(node.value)
    return (
        node if at is None else Node(format_duration(at + minutes * MINUTE), node.file, node.line, node.path)
    )


@dataclass(frozen=True, slots=True)
class _ClockShift:
    """Times of day and of the drill, from the first happening on, moved by whole minutes."""

    base: Scenario
    begun: int
    minutes: int

    def moved(self, text: str) -> str:
        return _DRILL_CLOCK.sub(self._drill, _CLOCK.sub(self._civil, text)) if ":" in text else text

    def _civil(self, found: re.Match[str]) -> str:
        if found.string[: found.start()].endswith("T+"):
            return found[0]
        start = self.base.spec.start_time
        since = (int(found[1]) * 60 + int(found[2]) - start.hour * 60 - start.minute) % (24 * 60)
        if not self.begun <= since <= self.base.spec.duration // MINUTE:
            return found[0]
        return (start + timedelta(minutes=since + self.minutes)).strftime("%H:%M")

    def _drill(self, found: re.Match[str]) -> str:
        minute = int(found[1])
        return found[0] if minute < self.begun else f"T+{minute + self.minutes:02d}:{found[2]}"


# --- names


def _names(tree: Node, block: Randomise, draw: Draw) -> dict[str, str]:
    """Every word that becomes another."""
    names: dict[str, str] = {}
    for index, group in enumerate(block.shuffle):
        order = draw.order(len(group), f"shuffle {index}")
        names |= {name: group[place] for name, place in zip(group, order, strict=True)}
    if block.versions:
        added = draw.pick(block.versions + 1, "versions")
        tags = {tag[1] for text in _texts(tree) if (tag := _TAG.search(text))}
        names |= {tag: f"v{int(tag[1:]) + added}" for tag in sorted(tags)}
    if block.commits:
        stream = Stream(draw.number, f"randomise {draw.scenario} commits")
        for commit in sorted(set(_commits(tree))):
            names[commit] = f"{stream.bits(key(commit)):016x}"[: len(commit)]
    return {old: new for old, new in names.items() if old != new}


def _texts(node: Node) -> Iterator[str]:
    if isinstance(node.value, str):
        yield node.value
    for inner in _inside(node):
        yield from _texts(inner)


def _commits(node: Node) -> Iterator[str]:
    if isinstance(node.value, dict):
        own = node.value.get("commit")
        if own is not None and isinstance(own.value, str) and re.fullmatch(r"[0-9a-f]{7,16}", own.value):
            yield own.value
    for inner in _inside(node):
        yield from _commits(inner)


def _inside(node: Node) -> Sequence[Node]:
    value = node.value
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else ()


def _renamed(tree: Node, names: Mapping[str, str]) -> Node:
    """The tree with every word exchanged, all at once; a longer word goes before one that it begins with."""
    if not names:
        return tree
    words = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    pattern = re.compile(rf"(?<![\w/-])({words})(?![\w]|-[a-z0-9])")
    return _in_texts(tree, lambda text: pattern.sub(lambda match: names[match[1]], text), names)


def _in_texts(tree: Node, change: Callable[[str], str], keys: Mapping[str, str] | None = None) -> Node:
    """Every text of the document changed, but for those that name it or belong to ``randomise``."""
    assert isinstance(tree.value, dict), "a document is a mapping"
    entries = {
        name: node if name in _KEPT else _rewritten(node, change, keys or {})
        for name, node in tree.value.items()
    }
    return Node(entries, tree.file, tree.line, tree.path)


def _rewritten(node: Node, change: Callable[[str], str], keys: Mapping[str, str]) -> Node:
    value: Value | list[Node] | dict[str, Node] = node.value
    if isinstance(value, str):
        value = change(value)
    elif isinstance(value, list):
        value = [_rewritten(item, change, keys) for item in value]
    elif isinstance(value, dict):
        value = {
            keys.get(name, name): inner if name == "system" else _rewritten(inner, change, keys)
            for name, inner in value.items()
        }
    return Node(value, node.file, node.line, node.path)


def _changed(node: Node, path: Sequence[str], change: Callable[[Node], Node]) -> Node:
    if not path:
        return change(node)
    first, rest = path[0], path[1:]
    if first == "*" and isinstance(node.value, list):
        return Node([_changed(item, rest, change) for item in node.value], node.file, node.line, node.path)
    if isinstance(node.value, dict) and first in node.value:
        inner = _changed(node.value[first], rest, change)
        return Node({**node.value, first: inner}, node.file, node.line, node.path)
    return node
