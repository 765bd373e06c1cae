"""GitHub's expressions, ``${{ … }}``: their grammar, as a tree.

Literals (numbers, 'strings', true, false, null), contexts with ``.``, ``[]`` and ``.*``, ``!``, comparison,
``&&``, ``||``, and the documented functions. Parsed here and never executed as code; an error names the
column. Source of the rules: GitHub's "Evaluate expressions in workflows and actions".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "&&", "||"]
Scalar = str | float | bool | None

#: Functions and how many arguments each takes, least and most.
FUNCTIONS: Final[dict[str, tuple[int, int]]] = {
    "contains": (2, 2),
    "startswith": (2, 2),
    "endswith": (2, 2),
    "format": (2, 99),
    "join": (1, 2),
    "tojson": (1, 1),
    "fromjson": (1, 1),
    "hashfiles": (1, 99),
    "case": (3, 99),
    "success": (0, 99),
    "failure": (0, 99),
    "always": (0, 0),
    "cancelled": (0, 0),
}
#: The functions as GitHub spells them, for messages.
SPELLED: Final = (
    "contains, startsWith, endsWith, format, join, toJSON, fromJSON, hashFiles, case, success, failure, "
    "always, cancelled"
)
#: Functions that ask how the run stands; an ``if`` without one of them means ``success() && (…)``.
STATUS: Final = frozenset({"success", "failure", "always", "cancelled"})
#: Contexts that GitHub fills.
CONTEXTS: Final = frozenset(
    {
        "github",
        "env",
        "vars",
        "job",
        "jobs",
        "steps",
        "runner",
        "secrets",
        "strategy",
        "matrix",
        "needs",
        "inputs",
    }
)

_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>[-+]?(?:0x[0-9a-fA-F]+|0o[0-7]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?)(?![\w.]))"
    r"|(?P<string>'(?:[^']|'')*')"
    r"|(?P<word>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<sign>&&|\|\||==|!=|<=|>=|[<>!()\[\].,*]))"
)
_MOST_TOKENS: Final = 2_000
_DEEPEST: Final = 50


class ExpressionError(Exception):
    """An expression that can't be read or evaluated.

    Attributes:
        expected: What would have been right.
        got: What was there.
        todo: What to do.
    """

    def __init__(self, expected: str, got: str, todo: str) -> None:
        super().__init__(f"expected {expected}, got {got}. {todo}")
        self.expected, self.got, self.todo = expected, got, todo


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Reference:
    """A context, such as ``github``."""

    name: str


@dataclass(frozen=True, slots=True)
class Member:
    """``of.name``, or ``of[key]``; with ``key`` None it is the filter ``of.*``."""

    of: Expression
    key: Expression | None


@dataclass(frozen=True, slots=True)
class Call:
    """A function, its name in small letters, and its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """``!of``."""

    of: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands; ``&&`` and ``||`` give back an operand, the others true or false."""

    operator: Operator
    left: Expression
    right: Expression


Expression = Constant | Reference | Member | Call | Not | Binary


def walk(expression: Expression) -> Iterator[Expression]:
    """The expression and everything in it."""
    yield expression
    match expression:
        case Member(of, key):
            yield from walk(of)
            if key is not None:
                yield from walk(key)
        case Call(_, arguments):
            for argument in arguments:
                yield from walk(argument)
        case Not(of):
            yield from walk(of)
        case Binary(_, left, right):
            yield from walk(left)
            yield from walk(right)
        case _:
            pass


def path_of(expression: Expression) -> str:
    """A context's path as people write it: ``needs.test.result``; empty for anything else."""
    match expression:
        case Reference(name):
            return name
        case Member(of, Constant(str() as key)):
            head = path_of(of)
            return f"{head}.{key}" if head else ""
        case Member(of, None):
            head = path_of(of)
            return f"{head}.*" if head else ""
    return ""


def asks_for_status(expression: Expression) -> bool:
    """Whether it says itself when to run, with success(), failure(), always() or cancelled()."""
    return any(isinstance(part, Call) and part.name in STATUS for part in walk(expression))


@lru_cache(maxsize=4096)
def parse(text: str) -> Expression:
    """Read one expression, without its ``${{ }}``.

    Raises:
        ExpressionError: It is none.
    """
    return _Parser(text).whole()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


_END: Final = "the end"
_LEVELS: Final[tuple[tuple[Operator, ...], ...]] = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="))


class _Parser:
    """Recursive descent over the tokens; deeper than fifty levels is refused."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(self._scan())
        self._place = 0

    def _scan(self) -> Iterator[_Token]:
        position, end = 0, len(self._text.rstrip())
        for _ in range(_MOST_TOKENS):
            if position >= end:
                yield _Token("end", _END, end + 1)
                return
            match = _TOKEN.match(self._text, position)
            if match is None or match.lastgroup is None:
                at = position + len(self._text[position:]) - len(self._text[position:].lstrip())
                quoted = self._text[at] in "\"'"
                todo = (
                    "Strings stand in single quotes."
                    if quoted
                    else "Write it as GitHub's expressions have it."
                )
                raise ExpressionError("an expression", f"{self._text[at]!r} in column {at + 1}", todo)
            yield _Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup) + 1)
            position = match.end()
        raise ExpressionError(f"at most {_MOST_TOKENS:,} words", "more", "Split the expression.")

    def whole(self) -> Expression:
        if self._next.kind == "end":
            raise ExpressionError("an expression", "nothing", "Write one between ${{ and }}.")
        found = self._binary(0, 0)
        if self._next.kind != "end":
            raise self._unexpected("an operator or the end")
        return found

    @property
    def _next(self) -> _Token:
        return self._tokens[self._place]

    def _take(self) -> _Token:
        token = self._next
        self._place += token.kind != "end"
        return token

    def _sign(self, text: str) -> bool:
        if self._next.kind == "sign" and self._next.text == text:
            self._take()
            return True
        return False

    def _unexpected(self, expected: str) -> ExpressionError:
        token = self._next
        got = f"{token.text!r} in column {token.column}" if token.kind != "end" else _END
        return ExpressionError(expected, got, "See GitHub's page on expressions.")

    def _binary(self, level: int, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise ExpressionError(f"at most {_DEEPEST} levels", "more", "Flatten the expression.")
        if level == len(_LEVELS):
            return self._unary(depth)
        left = self._binary(level + 1, depth)
        while self._next.kind == "sign":
            operator = next((each for each in _LEVELS[level] if each == self._next.text), None)
            if operator is None:
                break
            self._take()
            left = Binary(operator, left, self._binary(level + 1, depth))
        return left

    def _unary(self, depth: int) -> Expression:
        if depth > _DEEPEST:
            raise ExpressionError(f"at most {_DEEPEST} levels", "more", "Flatten the expression.")
        if self._sign("!"):
            return Not(self._unary(depth + 1))
        found = self._primary(depth)
        while True:
            if self._sign("."):
                found = self._property(found)
            elif self._sign("["):
                key = None if self._sign("*") else self._binary(0, depth + 1)
                self._close("]")
                found = Member(found, key)
            else:
                return found

    def _property(self, of: Expression) -> Expression:
        if self._sign("*"):
            return Member(of, None)
        token = self._take()
        if token.kind != "word":
            self._place -= token.kind != "end"
            raise self._unexpected("a name after the point")
        return Member(of, Constant(token.text))

    def _primary(self, depth: int) -> Expression:
        token = self._take()
        if token.kind == "number":
            return Constant(number(token.text))
        if token.kind == "string":
            return Constant(token.text[1:-1].replace("''", "'"))
        if token.kind == "sign" and token.text == "(":
            inner = self._binary(0, depth + 1)
            self._close(")")
            return inner
        if token.kind != "word":
            self._place -= token.kind != "end"
            raise self._unexpected("a value")
        words: dict[str, Scalar] = {"true": True, "false": False, "null": None}
        if self._sign("("):
            return self._call(token, depth)
        if token.text in words:
            return Constant(words[token.text])
        name = token.text.lower()
        if name not in CONTEXTS:
            raise ExpressionError(
                f"one of the contexts {', '.join(sorted(CONTEXTS))}",
                f"{token.text!r} in column {token.column}",
                "A string stands in single quotes.",
            )
        return Reference(name)

    def _call(self, token: _Token, depth: int) -> Call:
        name = token.text.lower()
        if name not in FUNCTIONS:
            raise ExpressionError(
                f"one of the functions {SPELLED}",
                f"{token.text!r} in column {token.column}",
                "GitHub has no other.",
            )
        arguments: list[Expression] = []
        if not self._sign(")"):
            arguments.append(self._binary(0, depth + 1))
            while self._sign(","):
                arguments.append(self._binary(0, depth + 1))
            self._close(")")
        least, most = FUNCTIONS[name]
        if not least <= len(arguments) <= most or (name == "case" and len(arguments) % 2 == 0):
            wanted = (
                str(least) if least == most else f"at least {least}" if most == 99 else f"{least} to {most}"
            )
            raise ExpressionError(
                f"{wanted} arguments of {token.text}",
                f"{len(arguments)} in column {token.column}",
                "case takes pairs and a default." if name == "case" else "See GitHub's page on expressions.",
            )
        return Call(name, tuple(arguments))

    def _close(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._unexpected(repr(sign))


def number(text: str) -> float:
    """A number as GitHub reads it: JSON's forms, and hexadecimal and octal integers.

    Raises:
        ValueError: The text is none.
    """
    bare, sign = text.lstrip("+-"), -1.0 if text.startswith("-") else 1.0
    if bare[:2].lower() in ("0x", "0o"):
        return sign * int(bare, 16 if bare[1] in "xX" else 8)
    return float(text)
