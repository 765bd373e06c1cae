"""Completion of an expression: metrics and functions, label names inside braces, values behind a label."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, Protocol

from simulator.telemetry.promql.supported import AGGREGATIONS, FUNCTIONS
from simulator.telemetry.promql.tokens import Token, open_brackets, tokens

_PART: Final = re.compile(r"[A-Za-z0-9_:]*$")
_GROUPINGS: Final = frozenset({"by", "without", "on", "ignoring", "group_left", "group_right"})


class Vocabulary(Protocol):
    """What a source knows of its names."""

    def names(self) -> list[str]:
        """Metrics."""

    def label_names(self, name: str) -> tuple[str, ...]:
        """Labels of a metric."""

    def label_values(self, name: str, label: str) -> list[str]:
        """Values of a label of a metric."""


def endings(vocabulary: Vocabulary, text: str) -> Sequence[str]:
    """What the last word, up to a blank, of a line may become.

    Args:
        vocabulary: Names that there are.
        text: The line so far; what stands before the expression does no harm.

    Returns:
        Whole last words.
    """
    begun = "" if not text or text[-1].isspace() else text.rsplit(maxsplit=1)[-1]
    value = re.search(r'([A-Za-z_][A-Za-z0-9_]*)\s*(?:=~|!~|!=|=)\s*"[^"]*$', text)
    words = tokens(text)
    brackets = open_brackets([word for word in words if word.kind != "unknown"])
    inside = brackets[-1] if brackets else None
    if value and inside and inside.text == "{":
        metric = _before(words, inside)
        kept = begun[: begun.rfind('"') + 1]
        known = vocabulary.label_values(metric, value.group(1)) if metric in vocabulary.names() else []
        return [f'{kept}{one}"' for one in known]
    match = _PART.search(begun)
    kept = begun[: match.start()] if match else begun
    return [kept + one for one in _names(vocabulary, words, inside)]


def _names(vocabulary: Vocabulary, words: list[Token], inside: Token | None) -> list[str]:
    if inside is not None and inside.text == "{":
        metric = _before(words, inside)
        known = vocabulary.label_names(metric) if metric in vocabulary.names() else ()
        return [f'{label}="' for label in known]
    if inside is not None and inside.text == "(" and _before(words, inside) in _GROUPINGS:
        metrics = [word.text for word in words if word.text in vocabulary.names()] or vocabulary.names()
        return sorted({label for name in metrics for label in vocabulary.label_names(name)})
    return [*vocabulary.names(), *(f"{name}(" for name in sorted(FUNCTIONS | AGGREGATIONS))]


def _before(words: list[Token], bracket: Token) -> str:
    """The word before a bracket."""
    return next((word.text for word in reversed(words) if word.end <= bracket.start), "")
