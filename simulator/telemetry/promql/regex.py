"""Regular expressions of RE2 in Python's engine: fully anchored, ASCII classes, no look-around.

The parser has already refused what RE2 refuses. What RE2 knows and Python writes otherwise is translated;
what Python lacks is refused by name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from simulator.errors import QueryError

_POSIX: Final = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7f",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
_PIECES: Final = re.compile(r"\[:(\w+):\]|\\Q(.*?)(?:\\E|$)|\\([pPzC])|\(\?<(?![=!])|\\.", re.DOTALL)


@lru_cache(maxsize=512)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern, to be used with ``fullmatch``.

    Args:
        pattern: In RE2's syntax; ``.`` also matches a line's end, as in Prometheus 3.

    Raises:
        QueryError: A construct that is not supported here, or no regular expression at all.
    """
    try:
        return re.compile(_PIECES.sub(_translated, pattern), re.ASCII | re.DOTALL)
    except (re.error, RecursionError, OverflowError) as error:
        raise _refused(pattern, str(error)) from None


def _translated(piece: re.Match[str]) -> str:
    whole, (posix, literal, escape) = piece.group(), piece.groups()
    if posix is not None:
        if posix not in _POSIX:
            raise _refused(piece.string, f"no character class [:{posix}:]")
        return _POSIX[posix]
    if literal is not None:
        return re.escape(literal)
    if escape == "z":
        return r"\Z"
    if escape is not None:
        raise _refused(piece.string, f"\\{escape} is not supported here")
    return "(?P<" if whole == "(?<" else whole


def _refused(pattern: str, reason: str) -> QueryError:
    return QueryError(
        f"regular expression {pattern[:80]!r}",
        expected="RE2 syntax without Unicode classes",
        got=reason,
        todo="Write it with character classes such as [a-z] and groups such as (a|b).",
    )
