"""Conditions of an analysis: the part of expr-lang that Argo's templates use, parsed here, never executed.

    result[0] >= 0.95        len(result) > 0 and not isNaN(result[0])        all(result, # < 0.5)

Source: the language definition of expr-lang/expr, and the functions that argo-rollouts utils/evaluate adds.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from simulator.engine.rollouts.operations import (
    CLOSURES,
    FUNCTIONS,
    EvaluationError,
    Node,
    Result,
    Scope,
    applied,
    indexed,
    number,
    quantified,
    truth,
    type_of,
)
from simulator.errors import GamedayError

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


@dataclass(frozen=True, slots=True)
class Condition:
    """A parsed condition."""

    text: str
    node: Node

    def holds(self, result: Result) -> bool:
        """Whether the condition holds for a result.

        Raises:
            EvaluationError: It has no answer: an index beyond the vector, or values that can't be compared.
        """
        value = self.node(Scope(result))
        if isinstance(value, bool):
            return value
        raise EvaluationError(f"expected bool, but got {type_of(value)}")


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

    def whole(self) -> Node:
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

    def _ternary(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refused(f"at most {_DEEPEST} levels of nesting")
        condition = self._binary(0)
        if self._skip("?"):
            yes = self._ternary()
            self._expect(":")
            no = self._ternary()
            test = condition
            condition = lambda scope: yes(scope) if truth(test(scope), "?") else no(scope)  # noqa: E731
        self._depth -= 1
        return condition

    def _binary(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._power()
        left = self._binary(level + 1)
        while self._word() in _LEVELS[level] and self._word():
            operator = self._next()
            left = applied(operator, left, self._binary(level + 1))
        return left

    def _power(self) -> Node:
        base = self._unary()
        if self._word() in ("**", "^"):
            operator = self._next()
            return applied(operator, base, self._power())
        return base

    def _unary(self) -> Node:
        if self._word() in ("not", "!"):
            operator = self._next()
            inner = self._nested_unary()
            return lambda scope: not truth(inner(scope), operator)
        if self._word() in ("-", "+"):
            sign = -1 if self._next() == "-" else 1
            inner = self._nested_unary()
            return lambda scope: sign * number(inner(scope), "-")
        return self._postfix()

    def _nested_unary(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refused(f"at most {_DEEPEST} levels of nesting")
        node = self._unary()
        self._depth -= 1
        return node

    def _postfix(self) -> Node:
        node = self._primary()
        while self._skip("["):
            index = self._ternary()
            self._expect("]")
            node = indexed(node, index)
        return node

    def _primary(self) -> Node:
        kind = self._kind()
        if kind == "number":
            word = self._next()
            literal = float(word) if any(mark in word for mark in ".eE") else int(word)
            return lambda _: literal
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

    def _named(self) -> Node:
        name = self._word()
        if name == "result":
            self._next()
            return lambda scope: scope.result
        if name in ("true", "false", "nil"):
            self._next()
            constant = {"true": True, "false": False, "nil": None}[name]
            return lambda _: constant
        if name in CLOSURES:
            self._next()
            return self._closure(name)
        if name in FUNCTIONS:
            self._next()
            return self._call(name)
        raise self._refused("result, or one of " + ", ".join((*FUNCTIONS, *CLOSURES)))

    def _call(self, name: str) -> Node:
        self._expect("(")
        arguments = [self._ternary()]
        while self._skip(","):
            arguments.append(self._ternary())
        function, wanted = FUNCTIONS[name]
        if len(arguments) != wanted:
            raise self._refused(f"{wanted} argument{'s' if wanted > 1 else ''} to {name}")
        self._expect(")")
        return lambda scope: function(*(argument(scope) for argument in arguments))

    def _closure(self, name: str) -> Node:
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
        return quantified(name, items, test)
