"""What an expression is worth: GitHub's loose comparison, its truth, and its functions.

A context's value that GitHub would know and the model does not is an error that names it, never an empty
string in silence: a condition that nobody evaluated would decide what runs.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from simulator.pipeline.workflow.expressions import (
    Binary,
    Call,
    Constant,
    Expression,
    ExpressionError,
    Member,
    Not,
    Operator,
    Reference,
    asks_for_status,
    number,
    parse,
    path_of,
)

#: What an expression can be worth: text, number, truth, null, a list or a mapping.
Value = Any

#: One expression; a string in it may hold ``}}``.
_WHOLE: Final = re.compile(r"\$\{\{((?:'[^']*'|[^'}]|\}(?!\}))*)\}\}")
#: One that never ends takes the rest of the text, which then parses as nothing.
_EMBEDDED: Final = re.compile(_WHOLE.pattern + r"|\$\{\{(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand where a condition is asked.

    Attributes:
        failed: An earlier step, or an ancestor job, failed.
        cancelled: The run, or an ancestor job, was cancelled.
        skipped: A job that is needed was skipped.
    """

    failed: bool = False
    cancelled: bool = False
    skipped: bool = False

    @property
    def success(self) -> bool:
        return not (self.failed or self.cancelled or self.skipped)


@dataclass(frozen=True, slots=True)
class Scope:
    """The contexts of one place in a run.

    Attributes:
        contexts: Values by context: nested mappings.
        given: Values by path, such as ``vars.REGION``, that the model declares; they come first.
        status: How things stand.
    """

    contexts: Mapping[str, Value] = field(default_factory=dict)
    given: Mapping[str, Value] = field(default_factory=dict)
    status: Status = Status()


def condition(text: str, scope: Scope) -> bool:
    """Whether an ``if`` holds; one that asks for no status holds only after success.

    Raises:
        ExpressionError: It is no expression, or rests on something that the model does not know.
    """
    expression = parse(bare(text))
    if not asks_for_status(expression) and not scope.status.success:
        return False
    return truth(evaluate(expression, scope))


def bare(text: str) -> str:
    """An ``if`` without the ``${{ }}`` that may stand around it."""
    whole = _WHOLE.fullmatch(text.strip())
    return whole[1].strip() if whole else text.strip()


def embedded(text: str) -> list[str]:
    """Every expression in a text, without its ``${{ }}``."""
    return [_inner(match) for match in _EMBEDDED.finditer(text)]


def _inner(match: re.Match[str]) -> str:
    return match[1].strip() if match[1] is not None else f"{match[2].strip()} …"


def filled(text: str, scope: Scope) -> Value:
    """A text with its expressions evaluated; one that is a single expression keeps its kind."""
    whole = _WHOLE.fullmatch(text.strip())
    if whole:
        return evaluate(parse(whole[1].strip()), scope)
    return _EMBEDDED.sub(lambda match: as_text(evaluate(parse(_inner(match)), scope)), text)


def evaluate(expression: Expression, scope: Scope) -> Value:
    """What an expression is worth."""
    match expression:
        case Constant(value):
            return value
        case Reference() | Member():
            return _looked_up(expression, scope)
        case Not(of):
            return not truth(evaluate(of, scope))
        case Binary("&&", left, right):
            value = evaluate(left, scope)
            return evaluate(right, scope) if truth(value) else value
        case Binary("||", left, right):
            value = evaluate(left, scope)
            return value if truth(value) else evaluate(right, scope)
        case Binary(operator, left, right):
            return compared(operator, evaluate(left, scope), evaluate(right, scope))
        case Call(name, arguments):
            return _called(name, arguments, scope)


def truth(value: Value) -> bool:
    """GitHub's truth: false, 0, NaN, the empty text and null are false."""
    return (bool(value) and not (isinstance(value, float) and math.isnan(value))) or isinstance(
        value, (list, dict)
    )


def as_text(value: Value) -> str:
    """A value as text: null is empty, truth is small letters, a whole number has no point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else f"{value:.15g}"
    if isinstance(value, (list, dict)):
        return "Array" if isinstance(value, list) else "Object"
    return str(value)


def as_number(value: Value) -> float:
    """A value as GitHub's loose comparison counts it; NaN where it counts as none."""
    if value is None:
        return 0.0
    if isinstance(value, (bool, int, float)):
        return float(value)
    if isinstance(value, str):
        try:
            return number(value.strip()) if value.strip() else 0.0
        except ValueError:
            return math.nan
    return math.nan


def compared(operator: Operator, left: Value, right: Value) -> bool:
    """GitHub's loose comparison: like kinds as they are, text without case, others as numbers."""
    if isinstance(left, str) and isinstance(right, str):
        first: Any = left.casefold()
        second: Any = right.casefold()
    elif isinstance(left, (list, dict)) and isinstance(right, (list, dict)):
        first, second = (0, 0) if left is right else (math.nan, math.nan)
    else:
        first, second = as_number(left), as_number(right)
    match operator:
        case "==":
            return bool(first == second)
        case "!=":
            return bool(first != second)
        case "<":
            return bool(first < second)
        case "<=":
            return bool(first <= second)
        case ">":
            return bool(first > second)
    return bool(first >= second)


def _looked_up(expression: Expression, scope: Scope) -> Value:
    path = path_of(expression)
    if path and path in scope.given:
        return scope.given[path]
    if isinstance(expression, Reference):
        if expression.name in scope.contexts:
            return scope.contexts[expression.name]
        raise _unknown(path)
    assert isinstance(expression, Member)
    of = evaluate(expression.of, scope)
    if expression.key is None:
        return list(of.values()) if isinstance(of, dict) else of if isinstance(of, list) else []
    key = evaluate(expression.key, scope)
    if isinstance(of, list) and isinstance(expression.of, Member) and expression.of.key is None:
        return [item[key] for item in of if isinstance(item, dict) and key in item]
    if isinstance(of, list):
        place = as_number(key)
        return of[int(place)] if 0 <= place < len(of) else None
    if isinstance(of, Open):
        return of.get(as_text(key), path)
    if isinstance(of, Mapping):
        wanted = as_text(key).casefold()
        return next((value for name, value in of.items() if name.casefold() == wanted), None)
    return None


class Open(dict[str, Value]):
    """A context of which the model knows a part: what it does not know is an error, not null."""

    def get(self, key: str, path: str = "") -> Value:  # type: ignore[override]
        """The value by name, whatever its case.

        Raises:
            ExpressionError: The model does not know it.
        """
        wanted = key.casefold()
        for name, value in self.items():
            if name.casefold() == wanted:
                return value
        raise _unknown(path or key)


def _unknown(path: str) -> ExpressionError:
    return ExpressionError(
        "a value that the model knows",
        path,
        f"Give it in pipeline.yaml, as in spec.values: {{{path}: 'true'}}.",
    )


def _called(name: str, arguments: tuple[Expression, ...], scope: Scope) -> Value:
    status = scope.status
    match name:
        case "success":
            return status.success
        case "failure":
            return status.failed
        case "cancelled":
            return status.cancelled
        case "always":
            return True
        case "case":
            for place in range(0, len(arguments) - 1, 2):
                if truth(evaluate(arguments[place], scope)):
                    return evaluate(arguments[place + 1], scope)
            return evaluate(arguments[-1], scope)
    return _PLAIN[name]([evaluate(argument, scope) for argument in arguments])


def _contains(values: list[Value]) -> bool:
    within, item = values
    if isinstance(within, list):
        return any(compared("==", each, item) for each in within)
    return as_text(item).casefold() in as_text(within).casefold()


def _format(values: list[Value]) -> str:
    text, rest = as_text(values[0]), [as_text(each) for each in values[1:]]

    def replaced(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        place = int(match[1])
        if place >= len(rest):
            raise ExpressionError(f"at most {{{len(rest) - 1}}} in format", match[0], "Add a value for it.")
        return rest[place]

    return re.sub(r"\{\{|\}\}|\{([0-9]{1,4})\}", replaced, text)


def _from_json(values: list[Value]) -> Value:
    text = as_text(values[0])
    try:
        return json.loads(text, parse_int=float)
    except (ValueError, RecursionError):
        raise ExpressionError("JSON in fromJSON", repr(text[:40]), "Check quotes and brackets.") from None


def _join(values: list[Value]) -> str:
    items = values[0] if isinstance(values[0], list) else [values[0]]
    return (as_text(values[1]) if len(values) > 1 else ",").join(as_text(each) for each in items)


_PLAIN: Final[dict[str, Callable[[list[Value]], Value]]] = {
    "contains": _contains,
    "startswith": lambda values: as_text(values[0]).casefold().startswith(as_text(values[1]).casefold()),
    "endswith": lambda values: as_text(values[0]).casefold().endswith(as_text(values[1]).casefold()),
    "format": _format,
    "join": _join,
    "tojson": lambda values: json.dumps(values[0], indent=2, ensure_ascii=False),
    "fromjson": _from_json,
    # No files here: the patterns themselves stand for what they match.
    "hashfiles": lambda values: "files:" + ",".join(as_text(each) for each in values),
}
