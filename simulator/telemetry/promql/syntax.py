"""From text to an expression tree: the parser package's grammar, held to what Prometheus accepts.

``promql_parser`` knows more than Prometheus 3 (``fill``, ``step()``), less in two spellings (mended in
``tokens``), and nothing of columns (found in ``locating``). Experimental functions of Prometheus 3 are
accepted without its feature flag where the evaluator has them.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final, Literal

import promql_parser as grammar

from simulator.errors import QueryError
from simulator.telemetry.promql.expressions import (
    Aggregation,
    Binary,
    Call,
    Cardinality,
    Expression,
    Matcher,
    Matching,
    MatchKind,
    Moment,
    Negation,
    Number,
    Range,
    Selector,
    Subquery,
    Text,
)
from simulator.telemetry.promql.grammar import parsed
from simulator.telemetry.promql.labels import NAME
from simulator.telemetry.promql.locating import located, refused
from simulator.telemetry.promql.supported import AGGREGATIONS, FUNCTIONS, ONLY_IN_3
from simulator.telemetry.promql.tokens import deepest, mended, tokens
from simulator.units import DAY, MICROSECOND, SECOND

Version = Literal[2, 3]

LONGEST: Final = 10_000
DEEPEST: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_SPAN: Final = 40_000 * DAY
#: The package's enumerations have no hash; their texts do.
_KINDS: Final[dict[str, MatchKind]] = {
    "MatchOp.Equal": "=",
    "MatchOp.NotEqual": "!=",
    "MatchOp.Re": "=~",
    "MatchOp.NotRe": "!~",
}
_CARDINALITIES: Final[dict[str, Cardinality]] = {
    "VectorMatchCardinality.OneToOne": "one-to-one",
    "VectorMatchCardinality.ManyToOne": "many-to-one",
    "VectorMatchCardinality.OneToMany": "one-to-many",
    "VectorMatchCardinality.ManyToMany": "one-to-one",  # set operators ignore it
}


@lru_cache(maxsize=512)
def parse(text: str, *, version: Version = 3) -> Expression:
    """Read an expression.

    Args:
        text: PromQL.
        version: Whose spelling, Prometheus 2 or 3.

    Raises:
        QueryError: It is none, or uses a part that is not supported; the error knows the column.
    """
    words = tokens(text)
    if len(text) > LONGEST or deepest(words) > DEEPEST:
        raise refused(
            text,
            0,
            expected=f"at most {LONGEST} characters and {DEEPEST} nested brackets",
            got=f"{len(text)} characters, {deepest(words)} deep",
            todo="Shorten it, or record a part of it by a rule.",
        )
    try:
        return _Reader(text, version).read(parsed(mended(text, words, version)), 0)
    except (ValueError, OverflowError) as error:
        raise located(text, str(error)) from None


class _Reader:
    """Walks the parser's tree once; knows the text, for its errors."""

    def __init__(self, text: str, version: Version) -> None:
        self._text = text
        self._version = version

    def read(self, node: Any, depth: int) -> Expression:
        """The same expression as our tree."""
        if depth > 2 * DEEPEST:
            raise self._unsupported("so many operators in one expression", "")
        below = depth + 1
        match type(node).__name__:
            case "ParenExpr":
                return self.read(node.expr, depth)
            case "NumberLiteral":
                return Number(float(node.val))
            case "StringLiteral":
                return Text(node.val)
            case "UnaryExpr":
                return Negation(self.read(node.expr, below))
            case "VectorSelector":
                return self._selector(node)
            case "MatrixSelector":
                return Range(self._selector(node.vector_selector), self._length(node.range))
            case "SubqueryExpr":
                step = self._span(node.step) if node.step else 0
                body, length = self.read(node.expr, below), self._length(node.range)
                return Subquery(body, length, step, self._span(node.offset), self._moment(node.at))
            case "Call":
                return self._call(node, below)
            case "AggregateExpr":
                return self._aggregation(node, below)
            case "BinaryExpr":
                return self._binary(node, below)
        raise self._unsupported(type(node).__name__, "")

    def _selector(self, node: Any) -> Selector:
        if node.matchers.or_matchers:
            raise self._unsupported("'or' between label matchers", "or")
        found = [Matcher(NAME, "=", node.name)] if node.name else []
        found += [Matcher(each.name, _KINDS[str(each.op)], each.value) for each in node.matchers.matchers]
        return Selector(tuple(found), self._span(node.offset), self._moment(node.at))

    def _call(self, node: Any, depth: int) -> Call:
        name = node.func.name
        if name not in FUNCTIONS or (self._version == 2 and name in ONLY_IN_3):
            raise self._unsupported(f"the function {name}()", name)
        return Call(name, tuple(self.read(each, depth) for each in node.args))

    def _aggregation(self, node: Any, depth: int) -> Aggregation:
        name = str(node.op).strip()
        if name not in AGGREGATIONS:
            raise self._unsupported(f"the aggregation {name}", name)
        modifier = node.modifier
        without = modifier is not None and modifier.type == grammar.AggModifierType.Without
        labels = tuple(modifier.labels) if modifier is not None else ()
        parameter = self.read(node.param, depth) if node.param is not None else None
        return Aggregation(name, self.read(node.expr, depth), parameter, labels, without)

    def _binary(self, node: Any, depth: int) -> Binary:
        name, modifier = str(node.op).strip(), node.modifier
        left, right = self.read(node.lhs, depth), self.read(node.rhs, depth)
        if modifier is None:
            return Binary(name, left, right, boolean=False, matching=Matching())
        fill = modifier.fill_values
        if fill.lhs is not None or fill.rhs is not None:
            raise self._unsupported("the modifier fill", "fill")
        named = modifier.matching
        matching = Matching(
            on=named is not None and named.type == grammar.LabelModifierType.Include,
            labels=tuple(named.labels) if named is not None else (),
            cardinality=_CARDINALITIES[str(modifier.card)],
            include=tuple(modifier.group_labels or ()),
        )
        return Binary(name, left, right, boolean=bool(modifier.return_bool), matching=matching)

    def _span(self, delta: timedelta | None) -> int:
        if delta is None:
            return 0
        span = (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds * MICROSECOND
        if abs(span) > _LONGEST_SPAN:
            raise refused(
                self._text,
                0,
                expected="durations up to 100 years",
                got=f"{delta.days} days",
                todo="Shorten it.",
            )
        return span

    def _length(self, delta: timedelta) -> int:
        length = self._span(delta)
        if length <= 0:
            raise ValueError("duration must be greater than 0")
        return length

    def _moment(self, modifier: Any) -> Moment | None:
        if modifier is None:
            return None
        if modifier.type == grammar.AtModifierType.Start:
            return "start"
        if modifier.type == grammar.AtModifierType.End:
            return "end"
        return self._span(modifier.at - _EPOCH)

    def _unsupported(self, part: str, word: str) -> QueryError:
        column = next((each.start for each in tokens(self._text) if each.text == word), 0)
        return refused(
            self._text,
            column,
            expected=f"PromQL of Prometheus {self._version} as far as this kit evaluates it",
            got=f"{part}, which it does not",
            todo="Write it with other functions; simulator/engine/README.md lists what is left out.",
        )
