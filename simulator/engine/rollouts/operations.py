"""What the operators and functions of an analysis' conditions do, on Go's values and with Go's complaints."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

Value = int | float | bool | str | None | tuple["Value", ...]
#: What a condition is asked about: a number, or the numbers of a vector.
Result = float | tuple[float, ...]

#: What takes a list and a test of its elements.
CLOSURES: Final = ("all", "any", "none", "one", "filter", "count", "map")


class EvaluationError(Exception):
    """A condition that has no answer for this result; the text is what the measurement says."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean: the result, and inside a closure the element at hand."""

    result: Value
    element: Value = None


Node = Callable[[Scope], Value]


def type_of(value: Value) -> str:
    """A value's type as Go calls it."""
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, int):
        return "int"
    return "float64" if isinstance(value, float) else "[]float64"


def number(value: Value, operator: str) -> float:
    """The value, if it is a number.

    Raises:
        EvaluationError: It is none.
    """
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise EvaluationError(f"invalid operation: {operator} (mismatched type {type_of(value)})")


def truth(value: Value, operator: str) -> bool:
    """The value, if it is true or false.

    Raises:
        EvaluationError: It is neither.
    """
    if isinstance(value, bool):
        return value
    raise EvaluationError(f"invalid operation: {operator} (mismatched type {type_of(value)})")


def listed(value: Value, name: str) -> tuple[Value, ...]:
    """The value, if it is a list.

    Raises:
        EvaluationError: It is none.
    """
    if isinstance(value, tuple):
        return value
    raise EvaluationError(f"builtin {name} takes only array (got {type_of(value)})")


def applied(operator: str, left: Node, right: Node) -> Node:
    """A binary operator on two parts; ``and`` and ``or`` look at the right one only where they must."""
    if operator in ("or", "||"):
        return lambda scope: truth(left(scope), operator) or truth(right(scope), operator)
    if operator in ("and", "&&"):
        return lambda scope: truth(left(scope), operator) and truth(right(scope), operator)
    return lambda scope: _computed(operator, left(scope), right(scope))


def _computed(operator: str, left: Value, right: Value) -> Value:
    if operator == "==":
        return left == right
    if operator == "!=":
        return left != right
    if operator == "in":
        return left in listed(right, operator)
    if isinstance(left, str) and isinstance(right, str) and operator == "+":
        return left + right
    numbers = [value for value in (left, right) if isinstance(value, (int, float))]
    if len(numbers) < 2 or isinstance(left, bool) or isinstance(right, bool):
        raise EvaluationError(
            f"invalid operation: {operator} (mismatched types {type_of(left)} and {type_of(right)})"
        )
    return _arithmetic(operator, *numbers)


def _arithmetic(operator: str, left: float, right: float) -> Value:
    match operator:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case ">":
            return left > right
        case ">=":
            return left >= right
        case "+":
            return left + right
        case "-":
            return left - right
        case "*":
            return left * right
        case "/":
            return _divided(left, right)
        case "%":
            if not isinstance(left, int) or not isinstance(right, int) or right == 0:
                raise EvaluationError("invalid operation: % (mismatched types or integer divide by zero)")
            return int(math.fmod(left, right))
    try:
        return math.pow(left, right)
    except (OverflowError, ValueError):
        return math.nan if left < 0 else math.inf


def _divided(left: float, right: float) -> float:
    """Division as floating point has it: by zero it gives an infinity, or no number."""
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


def indexed(items: Node, index: Node) -> Node:
    """One element of a list; from the end where the index is negative."""

    def node(scope: Scope) -> Value:
        sequence, place = items(scope), index(scope)
        if not isinstance(sequence, tuple):
            raise EvaluationError(f"type {type_of(sequence)} is not indexable")
        if not isinstance(place, int) or isinstance(place, bool):
            raise EvaluationError(
                f"array elements can only be selected using an integer (got {type_of(place)})"
            )
        if not -len(sequence) <= place < len(sequence):
            raise EvaluationError(f"index out of range: {place} (array length is {len(sequence)})")
        return sequence[place]

    return node


def quantified(name: str, items: Node, test: Node) -> Node:
    """A closure, such as ``all``, over the elements of a list."""

    def node(scope: Scope) -> Value:
        sequence = listed(items(scope), name)
        found = [test(Scope(scope.result, element)) for element in sequence]
        if name == "map":
            return tuple(found)
        holds = [truth(value, name) for value in found]
        if name == "filter":
            return tuple(element for element, kept in zip(sequence, holds, strict=True) if kept)
        answers: dict[str, Value] = {
            "all": all(holds),
            "any": any(holds),
            "none": not any(holds),
            "one": sum(holds) == 1,
            "count": sum(holds),
        }
        return answers[name]

    return node


def _length(value: Value) -> Value:
    if isinstance(value, (str, tuple)):
        return len(value)
    raise EvaluationError(f"invalid argument for len (type {type_of(value)})")


def _as_int(value: Value) -> Value:
    try:
        return int(value) if isinstance(value, str) else int(number(value, "asInt()"))
    except (ValueError, OverflowError):
        raise EvaluationError(f"asInt() not supported on {type_of(value)} {value}") from None


def _as_float(value: Value) -> Value:
    try:
        return float(value) if isinstance(value, str) else float(number(value, "asFloat()"))
    except ValueError:
        raise EvaluationError(f"asFloat() not supported on {type_of(value)} {value}") from None


#: (what it does, how many arguments it takes), by name.
FUNCTIONS: Final[dict[str, tuple[Callable[..., Value], int]]] = {
    "len": (_length, 1),
    "isNaN": (lambda value: math.isnan(number(value, "isNaN")), 1),
    "isInf": (lambda value: math.isinf(number(value, "isInf")), 1),
    "isNil": (lambda value: value is None, 1),
    "default": (lambda value, instead: instead if value is None else value, 2),
    "asInt": (_as_int, 1),
    "asFloat": (_as_float, 1),
}
