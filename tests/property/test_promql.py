"""PromQL on whatever can be typed and scraped: an error or a value, and arithmetic that adds up."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.errors import QueryError
from simulator.telemetry.promql import (
    Instant,
    Matrix,
    MemorySource,
    Version,
    labels_of,
    query,
    query_range,
)
from simulator.telemetry.promql.supported import OF_NUMBERS, OF_TIMES, OVER_RANGES
from simulator.units import MINUTE, SECOND

VERSIONS: Final[tuple[Version, ...]] = (2, 3)
_VALUES = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True), st.integers(-5, 1000).map(float), st.just(None)
)


def _series(name: str, columns: list[list[float | None]]) -> MemorySource:
    source = MemorySource()
    for place, values in enumerate(columns):
        labels = labels_of({"__name__": name, "pod": f"p{place}", "zone": "ab"[place % 2], "le": f"{place}"})
        source.extend(labels, ((row * MINUTE, value) for row, value in enumerate(values)))
    return source


def _expressions() -> st.SearchStrategy[str]:
    """Expressions of the right shape, most of which have a value."""
    spans = st.sampled_from(["1m", "90s", "5m", "1h"])
    selector = st.sampled_from(
        ["x", "y", 'x{pod="p0"}', 'x{zone=~"a|c"}', "x offset 2m", "x @ 120", 'x{pod!~"p1.*"}', "x @ end()"]
    )
    numbers = st.sampled_from(["0", "1", "-2.5", "NaN", "Inf", "time()", "scalar(x)", "2", "1e300"])

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        ranges = st.one_of(
            st.builds("{}[{}]".format, st.just("x"), spans), st.builds("({})[{}:1m]".format, inner, spans)
        )
        plain = sorted(OVER_RANGES - {"quantile_over_time", "predict_linear", "double_exponential_smoothing"})
        operators = st.sampled_from(
            ["+", "-", "*", "/", "%", "^", "atan2", "==", ">", "<= bool", "and", "or", "unless"]
        )
        matching = st.sampled_from(
            ["", "on(pod)", "ignoring(le)", "on(zone) group_left", "on() group_right(pod)"]
        )
        return st.one_of(
            st.builds("{}({})".format, st.sampled_from(plain), ranges),
            st.builds("predict_linear({}, {})".format, ranges, numbers),
            st.builds("quantile_over_time({}, {})".format, numbers, ranges),
            st.builds("double_exponential_smoothing({}, 0.5, 0.1)".format, ranges),
            st.builds("{}({})".format, st.sampled_from(sorted(OF_NUMBERS | OF_TIMES)), inner),
            st.builds(
                "{} by ({}) ({})".format,
                st.sampled_from(["sum", "avg", "min", "max", "count", "stddev", "stdvar", "group"]),
                st.sampled_from(["", "pod", "zone", "nosuch"]),
                inner,
            ),
            st.builds("{}({}, {})".format, st.sampled_from(["topk", "bottomk", "quantile"]), numbers, inner),
            st.builds('count_values("v", {})'.format, inner),
            st.builds("histogram_quantile({}, {})".format, numbers, inner),
            st.builds("({}) {} {} ({})".format, inner, operators, matching, inner),
            st.builds("({}) {} {}".format, inner, operators, numbers),
            st.builds("-({})".format, inner),
            st.builds("clamp({}, {}, {})".format, inner, numbers, numbers),
            st.builds("round({}, {})".format, inner, numbers),
            st.builds('label_replace({}, "pod", "$1", "pod", "(p).*")'.format, inner),
            st.builds('label_join({}, "n", "-", "pod", "zone")'.format, inner),
            st.builds("{}({})".format, st.sampled_from(["absent", "timestamp", "sort", "sort_desc"]), inner),
            st.builds("vector({})".format, numbers),
        )

    return st.recursive(selector, grown, max_leaves=4)


def _reason(ask: Callable[[], Instant | Matrix]) -> str:
    """Empty if there is an answer, else why there is none; whatever else is raised, the test fails by."""
    try:
        ask()
    except QueryError as error:
        parts = (error.where, error.expected, error.got, error.todo, error.message)
        return " | ".join(part or "MISSING" for part in parts)
    return ""


@settings(deadline=None, max_examples=120)
@given(text=_expressions(), columns=st.lists(st.lists(_VALUES, max_size=8), max_size=3))
def test_a_well_formed_expression_has_a_value_or_a_reason(
    text: str, columns: list[list[float | None]]
) -> None:
    """Neither odd values nor odd expressions make the evaluator crash or warn, in either version."""
    source = _series("x", columns)
    for version in VERSIONS:
        reason = _reason(partial(query, source, text, 6 * MINUTE, version=version))
        assert "MISSING" not in reason
        if not reason:
            result = query(source, text, 6 * MINUTE, version=version)
            assert result.kind in ("vector", "scalar")
            assert len({one.labels for one in result.elements}) == len(result.elements)
        ranged = partial(query_range, source, text, MINUTE, 7 * MINUTE, 90 * SECOND, version=version)
        assert "MISSING" not in _reason(ranged)


_WORDS = st.sampled_from(
    [
        *(
            "x",
            "sum",
            "rate",
            "by",
            "on",
            "(",
            ")",
            "[",
            "]",
            "{",
            "}",
            "5m",
            "1",
            "+",
            "-",
            "@",
            "offset",
            ",",
        ),
        *(
            "=",
            "=~",
            '"a"',
            '"',
            "'",
            "#",
            "\n",
            "bool",
            "start()",
            ":",
            "and",
            "0x1_f",
            "1_000",
            "é",
            "&",
            "\x00",
        ),
        *("NaN", "holt_winters", "label_replace", "group_left", "fill", "`", "1e400", "99999999y", "$", "\\"),
    ]
)


@settings(deadline=None, max_examples=200)
@given(words=st.lists(_WORDS, max_size=12), glue=st.sampled_from(["", " "]))
def test_any_text_is_an_expression_or_an_error_with_four_parts(words: list[str], glue: str) -> None:
    """Whatever is typed, the answer is a value or an error that says where and what."""
    source = _series("x", [[1.0, 2.0]])
    for version in VERSIONS:
        assert "MISSING" not in _reason(partial(query, source, glue.join(words), MINUTE, version=version))


@settings(deadline=None, max_examples=100)
@given(
    steps=st.lists(st.integers(0, 1000), min_size=5, max_size=30),
    cuts=st.sets(st.integers(0, 29), max_size=4),
)
def test_increase_does_not_see_resets(steps: list[int], cuts: set[int]) -> None:
    """A counter that restarts from zero grows as fast as one that never did, to the last bit.

    The range holds all samples, so that both begin with the same, high value: how far a counter is carried
    back depends on its first sample.
    """
    whole, cut = [10_000_000.0], [10_000_000.0]
    for place, step in enumerate(steps):
        whole.append(whole[-1] + step)
        restarts = place in cuts and step < cut[-1]
        cut.append(float(step) if restarts else cut[-1] + step)
    at = len(steps) * MINUTE
    for text in (f"increase(x[{at // SECOND + 30}s])", f"rate(x[{at // SECOND + 90}s])"):
        (plain,), (restarted,) = (
            query(_series("x", [list(values)]), text, at).elements for values in (whole, cut)
        )
        assert plain == restarted


@settings(deadline=None, max_examples=100)
@given(
    columns=st.lists(
        st.lists(st.integers(0, 10**6).map(float), min_size=3, max_size=8), min_size=1, max_size=6
    )
)
def test_the_sum_of_the_parts_is_the_sum(columns: list[list[float]]) -> None:
    """Summing by zone and then altogether is summing altogether; a mean times a count is a sum."""
    source = _series("x", [list(column) for column in columns])
    at = 2 * MINUTE

    def only(text: str) -> float:
        (element,) = query(source, text, at).elements
        return element.value

    assert only("sum(x)") == only("sum(sum by (zone) (x))") == only("sum(sum without (pod, le) (x))")
    assert only("count(x)") == only("sum(count by (pod) (x))")
    assert math.isclose(only("avg(x) * count(x)"), only("sum(x)"), rel_tol=1e-12)
    assert only("max(x)") == only("max(max by (zone) (x))") == only("quantile(1, x)")
    assert math.isclose(only("sum(rate(x[3m]))"), only("sum(sum by (zone) (rate(x[3m])))"), rel_tol=1e-12)
