"""The words of an expression with their columns: for error messages, completion, and two spellings to mend.

The parser package reports neither columns nor, in one version, what another version spells differently; both
are done here, on the words alone. Nothing here decides whether an expression is valid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["text", "number", "word", "operator", "comment", "unknown"]

_WORDS: Final = re.compile(
    r"""
    (?P<space>\s+)
  | (?P<comment>\#[^\n]*)
  | (?P<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)
  | (?P<number>0[xX][0-9a-fA-F_]+|(?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9]+)?[0-9A-Za-z_]*)
  | (?P<word>[A-Za-z_](?:[A-Za-z0-9_]|:(?=[A-Za-z0-9_:]))*)
  | (?P<operator>==|!=|=~|!~|>=|<=|[-+*/%^<>=(){}\[\],:@])
  | (?P<unknown>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_OPENING: Final = {"(": ")", "[": "]", "{": "}"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of an expression; ``start`` and ``end`` count characters from 0."""

    kind: Kind
    text: str
    start: int
    end: int


def tokens(expression: str) -> list[Token]:
    """The words, comments and blanks left out; whatever is no word is one of kind ``unknown``."""
    found = []
    for match in _WORDS.finditer(expression):
        kind = match.lastgroup
        if kind not in ("space", "comment"):
            found.append(Token(kind, match.group(), match.start(), match.end()))  # type: ignore[arg-type]
    return found


def open_brackets(words: list[Token]) -> list[Token]:
    """The brackets that are still open at the end, outermost first."""
    stack: list[Token] = []
    for word in words:
        if word.kind == "operator" and word.text in _OPENING:
            stack.append(word)
        elif word.kind == "operator" and stack and word.text == _OPENING[stack[-1].text]:
            stack.pop()
    return stack


def closing(words: list[Token]) -> str:
    """What would close every open bracket."""
    return "".join(_OPENING[word.text] for word in reversed(open_brackets(words)))


def deepest(words: list[Token]) -> int:
    """The largest number of brackets open at once."""
    depth = most = 0
    for word in words:
        if word.kind == "operator":
            depth += (word.text in _OPENING) - (word.text in _OPENING.values())
            most = max(most, depth)
    return most


def mended(expression: str, words: list[Token], version: int) -> str:
    """The expression as the parser package spells it.

    Numbers lose the underscores that Prometheus allows between digits, and a 2.x expression may say
    ``holt_winters``, which 3.x calls ``double_exponential_smoothing``.
    """
    pieces, last = [], 0
    for number, word in enumerate(words):
        text = word.text
        if word.kind == "number" and "_" in text:
            text = text.replace("_", "").ljust(len(text))
        elif (
            version == 2
            and text == "holt_winters"
            and [w.text for w in words[number + 1 : number + 2]] == ["("]
        ):
            text = "double_exponential_smoothing"
        pieces += [expression[last : word.start], text]
        last = word.end
    return "".join(pieces) + expression[last:]
