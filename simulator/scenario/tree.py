"""YAML as a tree in which every value knows its file, its line and its path.

A scenario file is plain data. Tags, anchors, aliases and merge keys are refused, keys may not repeat, and
size and depth are bounded, so that no file can do anything but be read. Scalars are read as YAML 1.2's core
schema reads them, except that times and dates stay text. Other kinds of files have rules of their own, such
as aliases that stand for what their anchor marks; ``on`` and ``off`` are words in all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.reader import ReaderError

from simulator.errors import Problem

#: Largest file, bytes; it parses in well under a second.
MAX_BYTES: Final = 128 * 1024
MAX_DEPTH: Final = 24
#: Problems of one file after which reading stops: the rest would be echoes.
MAX_PROBLEMS: Final = 50

#: Keys and values that a file may hold, aliases written out: ten times what the longest scenario has, and
#: read in half a second.
MAX_VALUES: Final = 12_000

Value = str | int | float | bool | None
Path_ = tuple[str | int, ...]

_INT: Final = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
_WORDS: Final[dict[str, Value]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A value with where it came from.

    Attributes:
        value: A scalar, a list of nodes, or a mapping of nodes.
        file: As messages show it.
        line: From 1. Of a mapping's entry, the line of its key.
        path: In the file that it was written in.
    """

    value: Value | list[Node] | dict[str, Node]
    file: str
    line: int
    path: Path_ = ()

    @property
    def where(self) -> str:
        """File, line and path, as the first part of a message."""
        return f"{self.file}:{self.line}: {spelled(self.path)}".rstrip(": ")

    def plain(self) -> Any:
        """The value without its origins: dict, tuple and scalars, as pydantic's strict mode wants them."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return tuple(node.plain() for node in self.value)
        return self.value

    def child(self, step: str | int) -> Node | None:
        """The entry or item of that name or number, if there is one."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, list) and isinstance(step, int) and 0 <= step < len(self.value):
            return self.value[step]
        return None


def spelled(path: Path_) -> str:
    """A path as operators write it: ``spec.workloads[0].metadata.name``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{_word(step)}" if text else _word(step)
    return text


def _word(key: str) -> str:
    """A key as a message shows it: short, on one line, in quotes where nobody would write such a one."""
    short = key if len(key) <= 60 else key[:57] + "..."
    return short if short.isprintable() and short == short.strip() else repr(short)


def size_of(root: Node) -> int:
    """How many values a tree holds, itself counted."""
    inside = root.value
    if isinstance(inside, dict):
        return 1 + sum(size_of(node) for node in inside.values())
    return 1 + sum(size_of(node) for node in inside) if isinstance(inside, list) else 1


@dataclass(frozen=True, slots=True)
class Rules:
    """What a kind of file may hold, and how messages speak of it.

    Attributes:
        aliases: Whether ``*name`` may stand for what ``&name`` marks, above it in the file.
        plain: Why a tag is refused.
        begin: What to do about an empty file.
        shorten: What to do about one that is too long.
    """

    aliases: bool = False
    plain: str = "A scenario is plain data."
    begin: str = "Begin with apiVersion and kind."
    shorten: str = "Split the texts off, or share a system."


SCENARIO: Final = Rules()


def read_bytes(content: bytes, shown_as: str, rules: Rules = SCENARIO) -> tuple[Node | None, list[Problem]]:
    """Read one YAML file.

    Args:
        content: Its bytes.
        shown_as: Its name, as messages show it.
        rules: What it may hold; by default what a scenario may.

    Returns:
        The tree, or None if nothing could be made of it; and what was wrong.
    """
    if len(content) > MAX_BYTES:
        return None, [
            Problem(
                shown_as,
                f"at most {MAX_BYTES // 1024} KiB",
                "more",
                rules.shorten,
            )
        ]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return None, [Problem(f"{shown_as}:{line}", "UTF-8", "other bytes", "Save the file as UTF-8.")]
    return _Reader(shown_as, rules).read(text)


@dataclass(slots=True)
class _Reader:
    """Builds a tree from a stream of YAML events."""

    file: str
    rules: Rules
    problems: list[Problem] = field(default_factory=list)
    anchors: dict[str, tuple[Node, int]] = field(default_factory=dict)
    values: int = 0

    def read(self, text: str) -> tuple[Node | None, list[Problem]]:
        root: Node | None = None
        try:
            events = YAML(typ="safe", pure=True).parse(text)
            for event in events:
                if isinstance(event, DocumentStartEvent):
                    if root is not None:
                        self.refuse(
                            _line(event), "one document", "a second one", "Remove everything after ---."
                        )
                        break
                    if event.tags:
                        self.refuse(_line(event), "no %TAG", "one", self.rules.plain)
                    root = self.node(next(events), events, (), 0)
        except _StopReadingError:
            root = None
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            what = (error.problem or error.context or "something else").strip()
            self.refuse(mark.line + 1 if mark else 1, "YAML", what, "Check indentation, quotes and brackets.")
            root = None
        except ReaderError as error:
            line = text.count("\n", 0, error.position) + 1 if isinstance(error.position, int) else 1
            self.refuse(line, "printable characters", "a control character", "Remove it.")
            root = None
        except (YAMLError, ValueError, LookupError, AttributeError, TypeError, AssertionError) as error:
            # The parser's own slips on malformed input: it has dozens of ways to trip.
            self.refuse(
                1, "YAML", f"what makes the parser fail ({type(error).__name__})", "Check the file's syntax."
            )
            root = None
        if root is None and not self.problems:
            self.refuse(1, "a mapping", "an empty file", self.rules.begin)
        return root, self.problems

    def node(self, event: Event, events: Iterator[Event], path: Path_, depth: int, line: int = 0) -> Node:
        """The tree that begins with ``event``; ``line`` is that of its key."""
        line = line or _line(event)
        if depth > MAX_DEPTH:
            self.refuse(line, f"at most {MAX_DEPTH} levels", "more", "Flatten the file.")
            raise _StopReadingError
        self.count(1, line)
        if isinstance(event, AliasEvent):
            return self.alias(str(event.anchor), line, path)
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if anchor is not None and not self.rules.aliases:
            self.refuse(
                line, "a value without an anchor", f"&{anchor}", "Write the value out where it is used.", path
            )
        if tag is not None and str(tag) != "!":
            self.refuse(line, "a value without a tag", str(tag), self.rules.plain, path)
        before = self.values
        made = self.content(event, events, path, depth, line)
        if anchor is not None:
            self.anchors[str(anchor)] = (made, self.values - before + 1)
        return made

    def count(self, values: int, line: int) -> None:
        """Stop where a file holds more than anybody writes by hand."""
        self.values += values
        if self.values > MAX_VALUES:
            self.refuse(line, f"at most {MAX_VALUES:,} keys and values", "more", self.rules.shorten)
            raise _StopReadingError

    def alias(self, name: str, line: int, path: Path_) -> Node:
        """What an alias stands for, where it may be used and its anchor is known by now."""
        if not self.rules.aliases:
            self.refuse(line, "the value itself", f"the alias *{name}", "Write the value out.", path)
        elif name not in self.anchors:
            self.refuse(
                line, f"an anchor &{name} above", "none", "Mark the value where it is first used.", path
            )
        else:
            meant, size = self.anchors[name]
            self.count(size, line)
            return Node(meant.value, self.file, line, path)
        return Node(None, self.file, line, path)

    def content(self, event: Event, events: Iterator[Event], path: Path_, depth: int, line: int) -> Node:
        """A value that stands here itself."""
        if isinstance(event, ScalarEvent):
            return Node(_scalar(event), self.file, line, path)
        if isinstance(event, SequenceStartEvent):
            items: list[Node] = []
            for item in events:
                if isinstance(item, SequenceEndEvent):
                    break
                items.append(self.node(item, events, (*path, len(items)), depth + 1))
            return Node(items, self.file, line, path)
        assert isinstance(event, MappingStartEvent), f"unexpected {event}"
        return Node(self.mapping(events, path, depth), self.file, line, path)

    def mapping(self, events: Iterator[Event], path: Path_, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            key = self.node(event, events, path, depth + 1)
            name = str(event.value) if isinstance(event, ScalarEvent) else ""
            if not name:
                self.refuse(key.line, "a word as key", "something else", "Keys are words.", path)
            value = self.node(next(events), events, (*path, name), depth + 1, key.line)
            if name in entries:
                first = entries[name].line
                self.refuse(
                    key.line, "each key once", f"{name!r} again (first on line {first})", "Remove one.", path
                )
                continue
            entries[name] = value
        return entries

    def refuse(self, line: int, expected: str, got: str, todo: str, path: Path_ = ()) -> None:
        where = Node(None, self.file, line, path).where
        self.problems.append(Problem(where, expected, got, todo))
        if len(self.problems) >= MAX_PROBLEMS:
            raise _StopReadingError


class _StopReadingError(Exception):
    """The rest of the file is not worth reading."""


def _line(event: Event) -> int:
    return int(event.start_mark.line) + 1


def _scalar(event: ScalarEvent) -> Value:
    text = str(event.value)
    if event.style is not None:  # quoted, or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        value = float(text)
        return value if abs(value) < 1e300 else text
    return text
