"""Conditions of an analysis: the part of expr-lang that Argo's templates use, parsed here, never executed.

    result[0] >= 0.95        len(result) > 0 and not isNaN(result[0])        all(result, # < 0.5)

Source: the language definition of expr-lang/expr, and the functions that argo-rollouts utils/evaluate adds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from simulator.errors import GamedayError

Value = int | float | bool | str | None | tuple["Value", ...]
#: What a condition is asked about: a number, or the numbers of a vector.
Result = float | tuple[float, ...]

_LONGEST: Final = 2_000
_DEEPEST: Final = 40
_TOKEN: Final = re.compile(
    r"""\s*(?:(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<text>"[^"\\]*"|'[^'\\]*')
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<mark>\|\||&&|==|!=|<=|>=|\*\*|[-+*/%^<>!()\[\]{},?:\#]))""",
    re.VERBOSE,
)
#: Binary operators from the loosest to the tightest.
_LEVELS: Final = (
    ("or", "||"),
    ("and", "&&"),
    ("==", "!=", "<", "<=", ">", ">=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)
_CLOSURES: Final = ("all", "any", "none", "one", "filter", "count", "map")


class EvaluationError(Exception):
    """A condition that has no answer for this result; the text is what the measurement says."""


@dataclass(frozen=True, slots=True)
class _Scope:
    """What names mean: the result, and inside a closure the element at hand."""

    result: Value
    element: Value = None


_Node = Callable[[_Scope], Value]


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition."""

    text: str
    _node: _Node

    def holds(self, result: Result) -> bool:
        """Whether the condition holds for a result.

        Raises:
            EvaluationError: It has no answer: an index beyond the vector, or values that can't be compared.
        """
        value = self._node(_Scope(result))
        if isinstance(value, bool):
            return value
        raise EvaluationError(f"expected bool, but got {_type(value)}")


def parse_condition(text: str, *, where: str) -> Condition:
    """Read a condition.

    Args:
        text: Of ``successCondition`` or ``failureCondition``.
        where: File, line and path, or the field.

    Raises:
        GamedayError: It is none; the message names the column.
    """
    return Condition(text, _Parser(text, where).whole())


class _Parser:
    """A recursive-descent parser over the tokens of one condition."""

    def __init__(self, text: str, where: str) -> None:
        self._text, self._where = text, where
        self._tokens: list[tuple[str, str, int]] = []
        self._place = self._depth = self._closures = 0
        self._scan()

    def whole(self) -> _Node:
        node = self._ternary()
        if self._kind() != "end":
            raise self._refused("the end, or an operator such as and")
        return node

    # -- tokens --------------------------------------------------------------------------------------------

    def _scan(self) -> None:
        if len(self._text) > _LONGEST:
            raise self._bad(f"at most {_LONGEST} characters", str(len(self._text)), 1)
        at = 0
        while self._text[at:].strip():
            match = _TOKEN.match(self._text, at)
            if match is None or match.lastgroup is None:
                column = at + len(self._text[at:]) - len(self._text[at:].lstrip()) + 1
                raise self._bad("an expression", repr(self._text[column - 1]), column)
            token = match[match.lastgroup]
            self._tokens.append((match.lastgroup, token, match.end() - len(token) + 1))
            at = match.end()
        self._tokens.append(("end", "", len(self._text) + 1))

    def _kind(self) -> str:
        return self._tokens[self._place][0]

    def _word(self) -> str:
        kind, word, _ = self._tokens[self._place]
        return word if kind in ("mark", "name") else ""

    def _next(self) -> str:
        _, word, _ = self._tokens[self._place]
        self._place += 1
        return word

    def _skip(self, word: str) -> bool:
        if self._word() == word:
            self._place += 1
            return True
        return False

    def _expect(self, word: str) -> None:
        if not self._skip(word):
            raise self._refused(repr(word))

    def _refused(self, expected: str) -> GamedayError:
        kind, word, column = self._tokens[self._place]
        return self._bad(expected, "the end" if kind == "end" else repr(word), column)

    def _bad(self, expected: str, got: str, column: int) -> GamedayError:
        return GamedayError(
            f"{self._where}: column {column}",
            expected=expected,
            got=got,
            todo="Write a condition such as result[0] >= 0.95.",
        )

    # -- grammar -------------------------------------------------------------------------------------------

    def _ternary(self) -> _Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refused(f"at most {_DEEPEST} levels of nesting")
        condition = self._binary(0)
        if self._skip("?"):
            yes = self._ternary()
            self._expect(":")
            no = self._ternary()
            test = condition
            condition = lambda scope: yes(scope) if _truth(test(scope), "?") else no(scope)  # noqa: E731
        self._depth -= 1
        return condition

    def _binary(self, level: int) -> _Node:
        if level == len(_LEVELS):
            return self._power()
        left = self._binary(level + 1)
        while self._word() in _LEVELS[level] and self._word():
            operator = self._next()
            left = _applied(operator, left, self._binary(level + 1))
        return left

    def _power(self) -> _Node:
        base = self._unary()
        if self._word() in ("**", "^"):
            operator = self._next()
            return _applied(operator, base, self._power())
        return base

    def _unary(self) -> _Node:
        if self._word() in ("not", "!"):
            operator = self._next()
            inner = self._nested_unary()
            return lambda scope: not _truth(inner(scope), operator)
        if self._word() in ("-", "+"):
            sign = -1 if self._next() == "-" else 1
            inner = self._nested_unary()
            return lambda scope: sign * _number(inner(scope), "-")
        return self._postfix()

    def _nested_unary(self) -> _Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refused(f"at most {_DEEPEST} levels of nesting")
        node = self._unary()
        self._depth -= 1
        return node

    def _postfix(self) -> _Node:
        node = self._primary()
        while self._skip("["):
            index = self._ternary()
            self._expect("]")
            node = _indexed(node, index)
        return node

    def _primary(self) -> _Node:
        kind = self._kind()
        if kind == "number":
            word = self._next()
            number = float(word) if any(mark in word for mark in ".eE") else int(word)
            return lambda _: number
        if kind == "text":
            text = self._next()[1:-1]
            return lambda _: text
        if self._skip("("):
            node = self._ternary()
            self._expect(")")
            return node
        if self._word() == "#" and self._closures:
            self._next()
            return lambda scope: scope.element
        if kind == "name":
            return self._named()
        raise self._refused("a value such as result[0]")

    def _named(self) -> _Node:
        name = self._word()
        if name == "result":
            self._next()
            return lambda scope: scope.result
        if name in ("true", "false", "nil"):
            self._next()
            constant = {"true": True, "false": False, "nil": None}[name]
            return lambda _: constant
        if name in _CLOSURES:
            self._next()
            return self._closure(name)
        if name in _FUNCTIONS:
            self._next()
            return self._call(name)
        raise self._refused("result, or one of " + ", ".join((*_FUNCTIONS, *_CLOSURES)))

    def _call(self, name: str) -> _Node:
        self._expect("(")
        arguments = [self._ternary()]
        while self._skip(","):
            arguments.append(self._ternary())
        function, wanted = _FUNCTIONS[name]
        if len(arguments) != wanted:
            raise self._refused(f"{wanted} argument{'s' if wanted > 1 else ''} to {name}")
        self._expect(")")
        return lambda scope: function(*(argument(scope) for argument in arguments))

    def _closure(self, name: str) -> _Node:
        """``all(result, # >= 1)``, also with braces around the second argument as older templates have it."""
        self._expect("(")
        items = self._ternary()
        self._expect(",")
        braces = self._skip("{")
        self._closures += 1
        test = self._ternary()
        self._closures -= 1
        if braces:
            self._expect("}")
        self._expect(")")
        return _quantified(name, items, test)


# --- meaning --------------------------------------------------------------------------------------


def _type(value: Value) -> str:
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


def _number(value: Value, operator: str) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise EvaluationError(f"invalid operation: {operator} (mismatched type {_type(value)})")


def _truth(value: Value, operator: str) -> bool:
    if isinstance(value, bool):
        return value
    raise EvaluationError(f"invalid operation: {operator} (mismatched type {_type(value)})")


def _list(value: Value, name: str) -> tuple[Value, ...]:
    if isinstance(value, tuple):
        return value
    raise EvaluationError(f"builtin {name} takes only array (got {_type(value)})")


def _applied(operator: str, left: _Node, right: _Node) -> _Node:
    if operator in ("or", "||"):
        return lambda scope: _truth(left(scope), operator) or _truth(right(scope), operator)
    if operator in ("and", "&&"):
        return lambda scope: _truth(left(scope), operator) and _truth(right(scope), operator)
    return lambda scope: _computed(operator, left(scope), right(scope))


def _computed(operator: str, left: Value, right: Value) -> Value:
    if operator == "==":
        return left == right
    if operator == "!=":
        return left != right
    if operator == "in":
        return left in _list(right, operator)
    if isinstance(left, str) and isinstance(right, str) and operator == "+":
        return left + right
    numbers = [value for value in (left, right) if isinstance(value, (int, float))]
    if len(numbers) < 2 or isinstance(left, bool) or isinstance(right, bool):
        raise EvaluationError(
            f"invalid operation: {operator} (mismatched types {_type(left)} and {_type(right)})"
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


def _indexed(items: _Node, index: _Node) -> _Node:
    def node(scope: _Scope) -> Value:
        sequence, place = items(scope), index(scope)
        if not isinstance(sequence, tuple):
            raise EvaluationError(f"type {_type(sequence)} is not indexable")
        if not isinstance(place, int) or isinstance(place, bool):
            raise EvaluationError(
                f"array elements can only be selected using an integer (got {_type(place)})"
            )
        if not -len(sequence) <= place < len(sequence):
            raise EvaluationError(f"index out of range: {place} (array length is {len(sequence)})")
        return sequence[place]

    return node


def _quantified(name: str, items: _Node, test: _Node) -> _Node:
    def node(scope: _Scope) -> Value:
        sequence = _list(items(scope), name)
        found = [test(_Scope(scope.result, element)) for element in sequence]
        if name == "map":
            return tuple(found)
        holds = [_truth(value, name) for value in found]
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
    raise EvaluationError(f"invalid argument for len (type {_type(value)})")


def _as_int(value: Value) -> Value:
    try:
        return int(value) if isinstance(value, str) else int(_number(value, "asInt()"))
    except (ValueError, OverflowError):
        raise EvaluationError(f"asInt() not supported on {_type(value)} {value}") from None


def _as_float(value: Value) -> Value:
    try:
        return float(value) if isinstance(value, str) else float(_number(value, "asFloat()"))
    except ValueError:
        raise EvaluationError(f"asFloat() not supported on {_type(value)} {value}") from None


#: (what it does, how many arguments it takes), by name.
_FUNCTIONS: Final[dict[str, tuple[Callable[..., Value], int]]] = {
    "len": (_length, 1),
    "isNaN": (lambda value: math.isnan(_number(value, "isNaN")), 1),
    "isInf": (lambda value: math.isinf(_number(value, "isInf")), 1),
    "isNil": (lambda value: value is None, 1),
    "default": (lambda value, instead: instead if value is None else value, 2),
    "asInt": (_as_int, 1),
    "asFloat": (_as_float, 1),
}
