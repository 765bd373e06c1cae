"""The parser package behind one door: what it would panic on is refused before it is asked.

A panic of the package crosses into Python as an exception that is no ``Exception``, after writing to the
terminal. Known causes are durations that are no numbers or far too long, and moments before 1970.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final

import promql_parser

from simulator.telemetry.promql.tokens import Token, tokens

#: Seconds, some three hundred years: longer than anything that a clock here can hold.
_LONGEST: Final = 1e10
_UNKNOWN: Final = frozenset({"nan", "inf"})


def parsed(text: str) -> Any:
    """The package's tree of an expression.

    Raises:
        ValueError: Its message; or ours, where it would have panicked.
        OverflowError: A moment after the year 9999.
    """
    _refuse_panics(tokens(text))
    try:
        return promql_parser.parse(text)
    except BaseException as error:  # the package's panics derive from BaseException alone
        if type(error).__name__ != "PanicException":
            raise
        raise ValueError(f"the parser gave up: {error}") from None


def _refuse_panics(words: list[Token]) -> None:
    signless = [word for word in words if word.text not in ("+", "-")]
    for before, word in pairwise(signless):
        if before.text in ("offset", "[", ":", "@") and (word.text.lower() in _UNKNOWN or _too_large(word)):
            raise ValueError(f"duration out of range: '{word.text}'")
    for before, word in pairwise(words):
        if before.text == "@" and word.text == "-":
            raise ValueError("timestamp out of bounds for @ modifier: before 1970")


def _too_large(word: Token) -> bool:
    try:
        return word.kind == "number" and float(word.text) > _LONGEST
    except ValueError:
        return False
