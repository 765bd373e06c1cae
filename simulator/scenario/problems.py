"""What pydantic found wrong, as problems with file, line, path and the nearest known key."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError
from pydantic_core import ErrorDetails

from simulator.errors import Problem
from simulator.scenario.fields import REFUSED, shown
from simulator.scenario.tree import Node, spelled

Location = tuple[int | str, ...]

_KINDS = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
    "finite_number": "a finite number",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A problem with the value of the tree at which it lies.

    Attributes:
        node: The deepest one that exists on the way to it.
        problem: What is wrong.
    """

    node: Node
    problem: Problem


def problems_of(error: ValidationError, root: Node, model: type[BaseModel]) -> list[Problem]:
    """Every problem of a validation, in order of the file's lines."""
    return in_order(placed_problems(error, root, model))


def placed_problems(error: ValidationError, root: Node, model: type[BaseModel]) -> list[Placed]:
    """Every problem of a validation with its place."""
    details = [_untagged(detail, model) for detail in error.errors()]
    return [
        Placed(_anchor(root, detail["loc"]), _problem(detail, root))
        for detail in details
        if not _is_echo(detail, details)
    ]


def places_of(error: ValidationError, model: type[BaseModel]) -> list[Location]:
    """Where a validation failed, as places of the file; each once."""
    return list(dict.fromkeys(_untagged(detail, model)["loc"] for detail in error.errors()))


def in_order(found: Iterable[Placed]) -> list[Problem]:
    """Problems in the order of the file's lines; of several files, one after the other as they came."""
    listed = list(found)
    files = list(dict.fromkeys(item.node.file for item in listed))
    listed.sort(key=lambda item: (files.index(item.node.file), item.node.line))
    return [item.problem for item in listed]


def _is_echo(detail: ErrorDetails, details: Sequence[ErrorDetails]) -> bool:
    """A list counts as too short when its items are wrong; the items say it better."""
    depth = len(detail["loc"])
    return detail["type"] == "too_short" and any(
        len(other["loc"]) > depth and other["loc"][:depth] == detail["loc"] for other in details
    )


def placed_at(root: Node, location: Location, expected: str, got: str, todo: str) -> Placed:
    """A problem of our own with its place in the merged tree."""
    return Placed(_anchor(root, location), problem_at(root, location, expected, got, todo))


def problem_at(root: Node, location: Location, expected: str, got: str, todo: str) -> Problem:
    """A problem of our own at a place of the merged tree."""
    return Problem(_where(root, location), expected, got, todo)


def nearest(word: str, known: Sequence[str]) -> str | None:
    """The known word that ``word`` was probably meant to be."""
    folded = {name.replace("_", "").replace("-", "").lower(): name for name in known}
    direct = folded.get(word.replace("_", "").replace("-", "").lower())
    if direct:
        return direct
    close = difflib.get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def _anchor(root: Node, location: Location) -> Node:
    """The deepest node that exists on the way to ``location``."""
    node = root
    for step in location:
        child = node.child(step)
        if child is None:
            break
        node = child
    return node


def _where(root: Node, location: Location) -> str:
    """File and line of what exists, and the path of what was meant."""
    node, rest = root, list(location)
    while rest:
        child = node.child(rest[0])
        if child is None:
            break
        node = child
        rest.pop(0)
    path = spelled((*node.path, *(step for step in rest if isinstance(step, int) or step.isidentifier())))
    return f"{node.file}:{node.line}: {path}" if path else f"{node.file}:{node.line}"


def _problem(detail: ErrorDetails, root: Node) -> Problem:
    kind, location, context = detail["type"], detail["loc"], detail.get("ctx", {})
    where = _where(root, location)
    if kind == REFUSED:
        return Problem(where, context["expected"], context["got"], context["todo"])
    if kind == "union_tag_invalid":
        value = detail["input"].get("kind") if isinstance(detail["input"], dict) else None
        kinds = str(context["expected_tags"])
        return _choice(_where(root, (*location, "kind")), kinds.replace(", ", " or "), shown(value), value)
    if kind == "missing":
        return Problem(where, f"the key {str(location[-1])!r}", "nothing", "Add it.")
    got = shown(detail["input"])
    if kind == "extra_forbidden":
        known = context["known"]
        near = nearest(str(location[-1]), known)
        todo = f"Did you mean {near!r}?" if near else f"Known here: {', '.join(known)}."
        return Problem(where, "a known key", repr(str(location[-1])), todo)
    if kind in _KINDS:
        todo = (
            "Put it in quotes." if kind == "string_type" and isinstance(detail["input"], (int, float)) else ""
        )
        return Problem(where, _KINDS[kind], got, todo or "See scenarios/README.md for the format.")
    if kind == "literal_error":
        return _choice(where, str(context.get("expected", "")), got, detail["input"])
    if kind in ("too_short", "too_long"):
        got = f"{context.get('actual_length', 'another number')} of them"
    return Problem(where, _bounds(kind, context, detail["msg"]), got, "Choose another.")


def _choice(where: str, choices: str, got: str, value: object) -> Problem:
    words = [word.strip("'") for word in choices.replace(" or ", ", ").split(", ")]
    near = nearest(value, words) if isinstance(value, str) else None
    return Problem(where, " or ".join(words), got, f"Did you mean {near!r}?" if near else "Use one of these.")


def _bounds(kind: str, context: dict[str, Any], message: str) -> str:
    """What a limit asks for, in words."""
    for name, words in (
        ("ge", "at least {}"),
        ("gt", "more than {}"),
        ("le", "at most {}"),
        ("lt", "less than {}"),
        ("pattern", "text of the form {}"),
    ):
        if name in context:
            return words.format(context[name])
    if kind.endswith(("too_short", "too_long")):
        least, most = context.get("min_length"), context.get("max_length")
        return f"at least {least}" if least is not None else f"at most {most}"
    return message[:1].lower() + message[1:]


def keys_at(model: type[BaseModel], location: Location) -> list[str]:
    """The keys that a mapping at ``location`` may have, as the file spells them.

    Args:
        model: Of the root.
        location: As pydantic has it; tags of unions may be in it.
    """
    found = _model_of(_walked(model, location)[1])
    if found is None:
        return []
    return [info.alias or name for name, info in found.model_fields.items()]


def _untagged(detail: ErrorDetails, model: type[BaseModel]) -> ErrorDetails:
    """An error whose place is one of the file: the tags by which pydantic tells alternatives apart are none.

    The keys that are known there still hang on the tags, so they are found first.
    """
    context = dict(detail.get("ctx", {}))
    if detail["type"] == "extra_forbidden":
        context["known"] = keys_at(model, detail["loc"][:-1])
    return {**detail, "loc": _walked(model, detail["loc"])[0], "ctx": context}


def _walked(model: type[BaseModel], location: Location) -> tuple[Location, Any]:
    """A place without the tags of unions, and the annotation of what stands there."""
    current: Any = model
    path: list[int | str] = []
    for step in location:
        tagged = _tagged(current)
        if step in tagged:
            current = tagged[str(step)]
        else:
            current = _step(current, step)
            path.append(step)
    return tuple(path), current


def _tagged(annotation: Any) -> dict[str, Any]:
    """The alternatives of a tagged union by their tags; none for anything else."""
    if get_origin(annotation) is Annotated:
        return _tagged(get_args(annotation)[0])
    if get_origin(annotation) not in (Union, UnionType):
        return {}
    return {
        mark.tag: part
        for part in get_args(annotation)
        if get_origin(part) is Annotated
        for mark in get_args(part)[1:]
        if isinstance(mark, Tag)
    }


def _step(annotation: Any, step: int | str) -> Any:
    if isinstance(step, int):
        return _parameter(annotation, tuple, 0)
    model = _model_of(annotation)
    if model is None:
        return _parameter(annotation, dict, 1)
    for name, info in model.model_fields.items():
        if step in (name, info.alias):
            return info.annotation
    return None


def _unfolded(annotation: Any) -> list[Any]:
    """The alternatives of an annotation, without ``Annotated`` and ``None``."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _unfolded(get_args(annotation)[0])
    if origin in (Union, UnionType):
        return [part for argument in get_args(annotation) for part in _unfolded(argument)]
    return [annotation]


def _model_of(annotation: Any) -> type[BaseModel] | None:
    for part in _unfolded(annotation):
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
    return None


def _parameter(annotation: Any, origin: type, position: int) -> Any:
    for part in _unfolded(annotation):
        if get_origin(part) is origin:
            return get_args(part)[position]
    return None
