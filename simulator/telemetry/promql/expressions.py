"""The expression tree that the evaluator walks: what the parser's tree says, with time in nanoseconds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

MatchKind = Literal["=", "!=", "=~", "!~"]
Cardinality = Literal["one-to-one", "many-to-one", "one-to-many"]
#: A moment of the @ modifier: nanoseconds since the Unix epoch, or the bounds of the whole query.
Moment = int | Literal["start", "end"]


@dataclass(frozen=True, slots=True)
class Matcher:
    """One condition on a label; a metric's name is a condition on ``__name__``."""

    name: str
    kind: MatchKind
    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number or a duration in seconds."""

    value: float


@dataclass(frozen=True, slots=True)
class Text:
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Selector:
    """An instant vector selector.

    Attributes:
        matchers: All of them hold.
        offset: How far back it looks, ns; negative looks ahead.
        at: The moment of its @ modifier, if any.
    """

    matchers: tuple[Matcher, ...]
    offset: int = 0
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Range:
    """A selector over ``length`` ns of samples: ``x[5m]``."""

    selector: Selector
    length: int


@dataclass(frozen=True, slots=True)
class Subquery:
    """An expression at every multiple of ``step`` ns within ``length`` ns; a step of 0 is the default."""

    body: Expression
    length: int
    step: int
    offset: int = 0
    at: Moment | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function of its arguments."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Aggregation:
    """``sum by (labels) (body)``; ``without`` says that the labels named are those to go."""

    operator: str
    body: Expression
    parameter: Expression | None
    labels: tuple[str, ...]
    without: bool


@dataclass(frozen=True, slots=True)
class Matching:
    """How the series of two vectors find each other.

    Attributes:
        on: True for ``on``, False for ``ignoring``.
        labels: The labels named there.
        cardinality: Which side may have several.
        include: Labels that ``group_left`` or ``group_right`` copies from the one side.
    """

    on: bool = False
    labels: tuple[str, ...] = ()
    cardinality: Cardinality = "one-to-one"
    include: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """Two expressions joined by an operator; ``boolean`` is the ``bool`` modifier."""

    operator: str
    left: Expression
    right: Expression
    boolean: bool
    matching: Matching


@dataclass(frozen=True, slots=True)
class Negation:
    """``-x``."""

    body: Expression


Expression = Number | Text | Selector | Range | Subquery | Call | Aggregation | Binary | Negation


def children(expression: Expression) -> tuple[Expression, ...]:
    """The expressions directly inside."""
    match expression:
        case Range():
            return (expression.selector,)
        case Subquery() | Negation():
            return (expression.body,)
        case Call():
            return expression.arguments
        case Aggregation():
            return (expression.body, *([expression.parameter] if expression.parameter else []))
        case Binary():
            return (expression.left, expression.right)
        case _:
            return ()


def selectors(expression: Expression) -> Iterator[Selector]:
    """Every selector inside, from left to right."""
    if isinstance(expression, Selector):
        yield expression
    for child in children(expression):
        yield from selectors(child)
