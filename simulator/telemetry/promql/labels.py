"""Label sets: an immutable tuple of sorted pairs, and what PromQL does to one.

The metric's name is the label ``__name__``, as in Prometheus. A label with an empty value is no label.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

Labels = tuple[tuple[str, str], ...]

NAME: Final = "__name__"
EMPTY: Final[Labels] = ()
#: A dashboard asks for the same series again and again; more than these are cut anew.
_CACHED: Final = 1 << 15
_ESCAPES: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"})


def labels_of(pairs: Mapping[str, str] | Iterable[tuple[str, str]]) -> Labels:
    """A label set: sorted by name, empty values left out; of two pairs of one name the later counts."""
    return tuple(sorted((name, value) for name, value in dict(pairs).items() if value))


def value_of(labels: Labels, name: str) -> str:
    """The value of a label; empty if it is not there."""
    return next((value for known, value in labels if known == name), "")


@lru_cache(maxsize=_CACHED)
def keep(labels: Labels, names: frozenset[str]) -> Labels:
    """Only the labels named."""
    return tuple(pair for pair in labels if pair[0] in names)


@lru_cache(maxsize=_CACHED)
def drop(labels: Labels, names: frozenset[str]) -> Labels:
    """All but the labels named."""
    return tuple(pair for pair in labels if pair[0] not in names)


@lru_cache(maxsize=_CACHED)
def drop_name(labels: Labels) -> Labels:
    """Without the metric's name: what a function or an arithmetic operator gives is no longer that metric."""
    return tuple(pair for pair in labels if pair[0] != NAME)


def quoted(text: str) -> str:
    """A text as Go's ``strconv.Quote`` writes it, for what occurs in labels."""
    return '"' + text.translate(_ESCAPES) + '"'


def inner_text(labels: Labels) -> str:
    """``{__name__="x", a="b"}``: the name as a label, as rule tests print it."""
    return "{" + ", ".join(f"{name}={quoted(value)}" for name, value in labels) + "}"


def metric_text(labels: Labels) -> str:
    """``x{a="b"}``: the name in front, as query tools print it; ``{}`` where there is nothing."""
    name = value_of(labels, NAME)
    rest = drop_name(labels)
    return name if name and not rest else name + inner_text(rest)
