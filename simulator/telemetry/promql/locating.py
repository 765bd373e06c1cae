"""Where an expression is wrong: the parser's message, put into four parts with a column.

The parser says what is wrong but not where. Most messages name the word; for the one that does not
(``invalid promql query``) the column is the first word with which no beginning can go on: every beginning of
the expression is tried with a few endings, and the parser says which of them it could read.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from itertools import pairwise
from typing import Final

from simulator.errors import QueryError
from simulator.telemetry.promql.grammar import parsed
from simulator.telemetry.promql.supported import FUNCTIONS
from simulator.telemetry.promql.tokens import Token, closing, open_brackets, tokens

#: Endings that complete a beginning at some point of the grammar.
_ENDINGS: Final = (
    "",
    "x",
    "1",
    "5m",
    '"s"',
    '="s"',
    "(x)",
    "(a)",
    "(a) x",
    ") x",
    ") (x)",
    "a",
    "a) (x)",
    "(a) (x)",
    ":]",
)
_ON_SYNTAX: Final = (
    "invalid promql",
    "unclosed",
    "unexpected",
    "unterminated",
    "bad number",
    "invalid label matcher",
)
_QUOTED: Final = re.compile(r"['\"]([^'\"]+)['\"]")
#: How the parser says it, and how Prometheus does.
_KINDS: Final = (
    (r"\bvector(?=,| in call|$)|(?<=on )vector\b|(?<=type )vector\b", "instant vector"),
    (r"\bmatrix\b", "range vector"),
    (r"'([^']*)'", r'"\1"'),
)
_COMPARISONS: Final = ("==", "!=", "<", ">", "<=", ">=")
_MOST_WORDS: Final = 400


def refused(text: str, start: int, *, expected: str, got: str, todo: str, message: str = "") -> QueryError:
    """An error at a place of an expression; ``start`` counts characters from 0."""
    where = f"PromQL, column {start + 1}" if text.strip() else "PromQL"
    before = text[:start]
    place = f"{before.count(chr(10)) + 1}:{start - before.rfind(chr(10))}"
    words = f"{place}: parse error: {message or f'expected {expected}, got {got}'}"
    return QueryError(where, expected=expected, got=got, todo=todo, column=start + 1, message=words)


def pointer(text: str, column: int) -> str:
    """The line of the expression that holds a column, and under it a caret that points there."""
    before = text[: max(column - 1, 0)]
    line = text.splitlines()[before.count("\n")] if text.strip() else text
    return f"{line}\n{' ' * (len(before) - before.rfind(chr(10)) - 1)}^"


def located(text: str, message: str) -> QueryError:
    """The parser's message as an error with a column, in Prometheus' words for the kinds of values."""
    words = tokens(text)
    for ours, theirs in _KINDS:
        message = re.sub(ours, theirs, message)
    if not words:
        return refused(
            text, 0, expected="an expression", got="nothing", todo="Write for example: up", message=message
        )
    unknown = re.fullmatch(r'unknown function with name "(.*)"', message)
    if unknown:
        return _unknown_function(text, words, unknown.group(1), message)
    if message.startswith(("unclosed", "unexpected end")) and open_brackets(words):
        bracket = open_brackets(words)[-1]
        got = f"{bracket.text!r} that is never closed"
        return refused(
            text, bracket.start, expected="brackets in pairs", got=got, todo="Close it.", message=message
        )
    if message.startswith(_ON_SYNTAX):
        return _syntax(text, words, message)
    start, got = _guilty(words, message)
    return refused(
        text,
        start,
        expected="an expression whose parts fit together",
        got=got,
        todo=message[0].upper() + message[1:] + ".",
        message=message,
    )


def _unknown_function(text: str, words: list[Token], name: str, message: str) -> QueryError:
    start = next((word.start for word in words if word.text == name), 0)
    renamed = {"holt_winters": "double_exponential_smoothing"}.get(name)
    close = [renamed] if renamed else get_close_matches(name, sorted(FUNCTIONS), n=1)
    todo = f"Did you mean {close[0]}()?" if close else "Prometheus' documentation lists the functions."
    return refused(text, start, expected="a function of PromQL", got=f"{name}()", todo=todo, message=message)


def _syntax(text: str, words: list[Token], message: str) -> QueryError:
    stray = next((word for word in words if word.kind == "unknown"), None)
    if stray is not None:
        quote = stray.text in "\"'`"
        return refused(
            text,
            stray.start,
            expected="closed quotes" if quote else "a word of PromQL",
            got=f"{stray.text} that is never closed" if quote else repr(stray.text),
            todo="Close the quote." if quote else "Remove it.",
            message=message,
        )
    numbers = (word for word in words if word.kind == "number")
    bad = next((word for word in numbers if message.endswith(word.text)), None)
    if message.startswith("bad number") and bad is not None:
        return refused(
            text,
            bad.start,
            expected="a number such as 0.5 or a duration such as 1h30m",
            got=repr(bad.text),
            todo="Durations are whole numbers with ms, s, m, h, d, w or y.",
            message=message,
        )
    for count in range(1, min(len(words), _MOST_WORDS) + 1):
        if not _can_go_on(text, words[:count]):
            word = words[count - 1]
            before = f" after {words[count - 2].text!r}" if count > 1 else ""
            return refused(
                text,
                word.start,
                expected=f"an expression that goes on{before}",
                got=f"{word.text!r}",
                todo="Look at what stands just before this column.",
                message=message,
            )
    got = f"its end after {words[-1].text!r}"
    return refused(
        text, len(text), expected="an expression that goes on", got=got, todo="Complete it.", message=message
    )


def _can_go_on(text: str, words: list[Token]) -> bool:
    beginning = text[: words[-1].end]
    for ending in _ENDINGS:
        attempt = f"{beginning} {ending}"
        try:
            parsed(attempt + closing(tokens(attempt)))
        except (ValueError, OverflowError) as error:
            if str(error).startswith(_ON_SYNTAX):
                continue
        return True
    return False


def _guilty(words: list[Token], message: str) -> tuple[int, str]:
    """The word that a message about meaning speaks of."""
    named = [match.group(1) for match in _QUOTED.finditer(message)]
    for word in words:
        if word.text in named:
            return word.start, f"{word.text!r}"
    wanted: tuple[str, ...] = ()
    if message.startswith("comparisons between scalars"):
        wanted = _COMPARISONS
    elif message.startswith("bool modifier"):
        wanted = ("bool",)
    elif message.startswith("offset"):
        wanted = ("offset",)
    elif message.startswith("duration"):
        wanted = ("offset", "[")
    elif "@ modifier" in message:
        wanted = ("@",)
    elif "aggregation" in message:
        wanted = tuple(word.text for word, after in pairwise(words) if after.text in ("(", "by"))
    for word in words:
        if word.text in wanted:
            return word.start, f"{word.text!r}"
    return words[0].start, "this"
