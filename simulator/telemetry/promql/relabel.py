"""Functions that look at labels: ``label_replace``, ``label_join``, ``absent``, and order by labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import Final

from simulator.errors import QueryError
from simulator.telemetry.promql.expressions import Expression, Range, Selector
from simulator.telemetry.promql.labels import EMPTY, NAME, Labels, labels_of, value_of
from simulator.telemetry.promql.regex import compiled
from simulator.telemetry.promql.values import Vector, settled

_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_REFERENCE: Final = re.compile(r"\$(?:\$|([A-Za-z0-9_]+)|\{([A-Za-z0-9_]+)\})")
_DIGITS: Final = re.compile(r"([0-9]+)")


def _checked_name(function: str, name: str, which: str) -> None:
    if not _LABEL.fullmatch(name):
        raise QueryError(
            f"PromQL, {function}()",
            expected=f"a label's name as {which}",
            got=repr(name),
            todo="Use letters, digits and underscores.",
            message=f"invalid {which} label name in {function}(): {name}",
        )


def label_replace(vector: Vector, target: str, template: str, source: str, pattern: str) -> Vector:
    """Where the whole of label ``source`` matches, ``target`` becomes the template, filled in."""
    try:
        regex = compiled(pattern)
    except QueryError as error:
        error.message = f"invalid regular expression in label_replace(): {pattern}"
        raise
    _checked_name("label_replace", target, "destination")

    def changed(labels: Labels) -> Labels:
        match = regex.fullmatch(value_of(labels, source))
        if match is None:
            return labels
        return labels_of({**dict(labels), target: _expanded(template, match)})

    return _relabelled(vector, changed)


def _expanded(template: str, match: re.Match[str]) -> str:
    """Go's ``Regexp.Expand``: ``$1``, ``${1}``, ``$name``, ``$$``; a group that is not there is empty."""

    def value(reference: re.Match[str]) -> str:
        name = reference.group(1) or reference.group(2)
        if name is None:
            return "$"
        try:
            return match.group(int(name) if name.isdigit() else name) or ""
        except (IndexError, OverflowError):
            return ""

    return _REFERENCE.sub(value, template)


def label_join(vector: Vector, target: str, separator: str, sources: Sequence[str]) -> Vector:
    """``target`` becomes the values of ``sources``, joined."""
    _checked_name("label_join", target, "destination")
    for source in sources:
        _checked_name("label_join", source, "source")
    return _relabelled(
        vector,
        lambda labels: labels_of(
            {**dict(labels), target: separator.join(value_of(labels, source) for source in sources)}
        ),
    )


def _relabelled(vector: Vector, changed: Callable[[Labels], Labels]) -> Vector:
    return settled([changed(labels) for labels in vector.labels], vector.values, vector.present)


def absent_labels(expression: Expression) -> Labels:
    """What ``absent()`` says of a selector that found nothing: the labels it asked for by equality, once."""
    selector = expression.selector if isinstance(expression, Range) else expression
    if not isinstance(selector, Selector):
        return EMPTY
    found: dict[str, str] = {}
    seen: set[str] = set()
    for matcher in selector.matchers:
        if matcher.name == NAME:
            continue
        if matcher.kind == "=" and matcher.name not in seen:
            found[matcher.name] = matcher.value
            seen.add(matcher.name)
        else:
            found.pop(matcher.name, None)
    return labels_of(found)


def by_labels(vector: Vector, names: Sequence[str], *, descending: bool) -> Vector:
    """Elements in natural order of some labels (``pod-2`` before ``pod-10``), then of all."""

    def compared(one: int, other: int) -> int:
        left, right = vector.labels[one], vector.labels[other]
        for name in names:
            a, b = _natural(value_of(left, name)), _natural(value_of(right, name))
            if a != b:
                return -1 if a < b else 1
        return (left > right) - (left < right)

    order = sorted(range(len(vector.labels)), key=cmp_to_key(compared), reverse=descending)
    return Vector([vector.labels[row] for row in order], vector.values[order], vector.present[order])


def _natural(text: str) -> list[tuple[int, int, str]]:
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part) for part in _DIGITS.split(text[:200]) if part
    ]
