"""What an instructor adds to a drill that runs: a timeline's entry, a line typed for the learner, a word.

The same models, the same checks of names and the same errors as for a scenario's file; only ``at`` is
missing, since the moment is now.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel, ValidationError

from simulator.errors import Problem, ScenarioError
from simulator.scenario.agreement import disagreements
from simulator.scenario.document import Scenario
from simulator.scenario.fields import Line, Model, Text, shown
from simulator.scenario.happenings import timeline
from simulator.scenario.messaging_references import messaging
from simulator.scenario.problems import nearest, problem_at, problems_of
from simulator.scenario.timeline import TimelineEntry
from simulator.scenario.tree import Node, read_bytes

#: How errors call the place.
_WHERE: Final = "inject"
_OWN: Final = ("message", "line")


class Word(Model):
    """What somebody writes into the channel."""

    author: Line = "facilitator"
    text: Text


@dataclass(frozen=True, slots=True)
class Injection:
    """What is added, checked against the scenario.

    Attributes:
        entry: What happens to the world, at the instant for which it was read; None for nothing.
        line: What is typed for the learner; empty for nothing.
        word: What is said; None for nothing.
        text: All of it as one line of JSON, from which it can be read again.
    """

    entry: TimelineEntry | None
    line: str
    word: Word | None
    text: str

    @property
    def subject(self) -> tuple[str, ...]:
        """The entry in a few words: its key and the texts in it, such as ``("nodeLoss", "node-01")``."""
        body = json.loads(self.text)
        key = next((each for each in body if each not in (*_OWN, "model")), "")
        inside = body.get(key)
        return (key, *(each for each in inside.values() if isinstance(each, str))) if key else ()


def read_injection(source: str | int | Mapping[str, object], scenario: Scenario, at: int) -> Injection:
    """Read what an instructor wants to happen.

    Args:
        source: A mapping or YAML text in the words of a timeline's entry, without ``at``; beside or instead
            of it ``message: {author, text}``, or ``line``. A number is that inject of the facilitator's page,
            from 1.
        scenario: Whose names must fit.
        at: The instant, ns.

    Raises:
        ScenarioError: Something in it is wrong; all problems at once.
    """
    root = _of_the_page(source, scenario) if isinstance(source, int) else _tree(source)
    assert isinstance(root.value, dict)
    known = (*_names(TimelineEntry), *_OWN)
    problems = [_unknown_key(root, key, node, known) for key, node in root.value.items() if key not in known]
    if not root.value:
        problems.append(
            Problem(root.where, "something to happen", "nothing", f"Known here: {', '.join(known)}.")
        )
    if problems:
        raise ScenarioError(problems)
    entry = _entry(root, scenario, at, problems)
    word = _part(root, "message", Word, problems)
    line = root.value["line"].plain() if "line" in root.value else ""
    if not isinstance(line, str) or ("line" in root.value and not line.strip()):
        problems.append(problem_at(root, ("line",), "a console line", shown(line), "Write what to type."))
        line = ""
    if problems:
        raise ScenarioError(problems)
    return Injection(entry, line, word, json.dumps(root.plain(), separators=(",", ":")))


def _names(model: type[BaseModel]) -> tuple[str, ...]:
    """The keys of a model as a file spells them, without the moment."""
    spelled = (field.alias or name for name, field in model.model_fields.items())
    return tuple(name for name in spelled if name != "at")


def _unknown_key(root: Node, key: str, node: Node, known: Iterable[str]) -> Problem:
    if key == "at":
        return Problem(node.where, "an entry without at", "at", "It happens now.")
    near = nearest(key, tuple(known))
    todo = f"Did you mean {near!r}?" if near else f"Known here: {', '.join(known)}."
    return problem_at(root, (key,), "a known key", repr(key), todo)


def _tree(source: str | Mapping[str, object]) -> Node:
    """What was handed in, as a tree with places."""
    if isinstance(source, Mapping):
        try:
            source = json.dumps(dict(source))
        except (TypeError, ValueError):
            raise ScenarioError(
                [Problem(_WHERE, "plain data", "something else", "Use texts, numbers, lists and mappings.")]
            ) from None
    root, problems = read_bytes(source.encode("utf-8", "replace"), _WHERE)
    if problems or root is None:
        raise ScenarioError(problems or [Problem(_WHERE, "a mapping", "nothing", "For example chaos: {…}.")])
    if not isinstance(root.value, dict):
        raise ScenarioError(
            [Problem(root.where, "a mapping", shown(root.plain()), "Begin with a key, such as chaos:.")]
        )
    return root


def _of_the_page(number: int, scenario: Scenario) -> Node:
    """An inject of the facilitator's page, as its file has it."""
    page = scenario.texts.facilitator
    count = len(page.injects) if page is not None else 0
    node = scenario.written("texts", "facilitator", "injects", number - 1) if 1 <= number <= count else None
    if node is None or not isinstance(node.value, dict):
        expected = f"a number from 1 to {count}" if count else "what is to happen"
        todo = "The facilitator's page of the scenario lists its injects."
        raise ScenarioError([Problem(_WHERE, expected, str(number), todo)])
    entry = node.value.get("entry")
    return entry if entry is not None else Node({"line": node.value["line"]}, node.file, node.line, node.path)


def _entry(root: Node, scenario: Scenario, at: int, problems: list[Problem]) -> TimelineEntry | None:
    """The part that happens to the world, with every name looked up."""
    assert isinstance(root.value, dict)
    rest = {key: node for key, node in root.value.items() if key not in _OWN}
    if not rest:
        return None
    tree = Node(
        {"at": Node(f"{at}ns", root.file, root.line, ("at",)), **rest}, root.file, root.line, root.path
    )
    try:
        entry = TimelineEntry.model_validate(tree.plain(), by_alias=True, by_name=False)
    except ValidationError as error:
        problems += problems_of(error, tree, TimelineEntry)
        return None
    world = scenario.model_copy(update={"timeline": (entry,)})
    for item in (*timeline(world), *disagreements(world), *messaging(world)):
        if item.location[:1] == ("timeline",):
            problems.append(problem_at(root, item.location[2:], item.expected, item.got, item.todo))
    return entry


def _part(root: Node, key: str, model: type[Word], problems: list[Problem]) -> Word | None:
    """A part with a model of its own."""
    node = root.child(key)
    if node is None:
        return None
    try:
        return model.model_validate(node.plain(), by_alias=True, by_name=False)
    except ValidationError as error:
        problems += problems_of(error, node, model)
        return None
