"""PromQL by cases whose answers are known by hand: Prometheus 3's bounds, errors with columns, rules."""

from __future__ import annotations

from math import inf, isnan, nan

import numpy as np
import pytest

from simulator.errors import QueryError
from simulator.telemetry.promql import (
    MemorySource,
    labels_of,
    metric_text,
    parse,
    pointer,
    query,
    query_range,
)
from simulator.telemetry.promql.formats import duration_text, exponent_text, number_text
from simulator.telemetry.promql.functions import SPECIAL
from simulator.telemetry.promql.histograms import bound_of
from simulator.telemetry.promql.numbers import OF_NUMBERS, OF_TIMES
from simulator.telemetry.promql.over_time import SIMPLE
from simulator.telemetry.promql.regex import compiled
from simulator.telemetry.promql.supported import FUNCTIONS
from simulator.units import HOUR, MINUTE, SECOND


def _source(**series: list[float | None]) -> MemorySource:
    """One series a name, a sample a minute from 0; None is a stale marker."""
    source = MemorySource()
    for name, values in series.items():
        source.extend(
            labels_of({"__name__": name}), ((place * MINUTE, value) for place, value in enumerate(values))
        )
    return source


def _value(source: MemorySource, text: str, at: int) -> float | None:
    elements = query(source, text, at).elements
    assert len(elements) <= 1
    return elements[0].value if elements else None


def test_ranges_are_open_on_the_left() -> None:
    """A range of one minute over one-minute samples holds one sample, so it has no rate; of two, two."""
    source = _source(c=[float(10 * place) for place in range(11)])
    assert 1.0 == _value(source, "count_over_time(c[1m])", 10 * MINUTE)
    assert _value(source, "rate(c[1m])", 10 * MINUTE) is None
    # Samples at 9 and 10 minutes grew by 10; the range begins a minute before the first, within 1.1
    # intervals, so the increase is carried on over all of it.
    assert 20.0 == _value(source, "increase(c[2m])", 10 * MINUTE)
    assert 2.0 == query(source, "count_over_time(c[1m])", 10 * MINUTE, version=2).elements[0].value


def test_lookback_is_five_minutes_open_on_the_left() -> None:
    """A sample is seen until just before it is five minutes old."""
    source = _source(x=[7.0])
    assert 7.0 == _value(source, "x", 5 * MINUTE - 1)
    assert _value(source, "x", 5 * MINUTE) is None


def test_a_stale_marker_ends_a_series_at_once() -> None:
    """After the marker there is nothing, for instants and for absent(); ranges see the samples before it."""
    source = _source(x=[1.0, 2.0, None])
    assert _value(source, "x", 2 * MINUTE) is None
    assert 1.0 == _value(source, "absent(x)", 2 * MINUTE)
    assert 3.0 == _value(source, "sum_over_time(x[5m])", 2 * MINUTE)


def test_a_counter_is_not_extrapolated_below_zero() -> None:
    """A counter that must have been 0 ten seconds before its first sample is carried back no further."""
    source = MemorySource()
    labels = labels_of({"__name__": "c"})
    source.extend(labels, [(10 * SECOND, 1.0), (20 * SECOND, 2.0), (30 * SECOND, 3.0)])
    # Growth 2 over 20 s, so 1 was gained in the 10 s before. The range begins 30 s before the first sample,
    # which is more than 1.1 intervals: without the zero it would be carried back half an interval.
    assert 3.0 == _value(source, "increase(c[30s])", 30 * SECOND)
    source.append(labels, 40 * SECOND, 13.0)
    assert pytest.approx(12 * (30 + 2.5) / 30) == _value(source, "increase(c[35s])", 40 * SECOND)


def test_resets_are_made_up_for() -> None:
    """A restart in the middle loses nothing: 0, 10, 20, 5, 15 grew by 35 between its ends."""
    source = _source(c=[0.0, 10.0, 20.0, 5.0, 15.0])
    assert 35.0 == _value(source, "increase(c[4m1s])", 4 * MINUTE)
    assert 1.0 == _value(source, "resets(c[10m])", 4 * MINUTE)
    assert 10.0 / 60 == _value(source, "irate(c[2m])", 4 * MINUTE)
    assert 5.0 / 60 == _value(source, "irate(c[2m])", 3 * MINUTE)


def test_unknown_is_never_healthy() -> None:
    """No series, NaN, and a ratio of nothing compare to nothing: neither an alert nor a pass."""
    source = _source(bad=[0.0, 0.0, 0.0], all=[0.0, 0.0, 0.0], odd=[nan, nan, nan])
    ratio = "rate(bad[3m]) / rate(all[3m])"
    value = _value(source, ratio, 2 * MINUTE)
    assert value is not None and isnan(value)
    assert _value(source, f"{ratio} < 0.01", 2 * MINUTE) is None
    assert _value(source, "odd < 1", 2 * MINUTE) is None
    assert _value(source, "odd >= 1", 2 * MINUTE) is None
    assert _value(source, "rate(missing[3m]) / rate(all[3m])", 2 * MINUTE) is None
    assert 0.0 == _value(source, "odd < bool 1", 2 * MINUTE)


def test_a_range_query_is_an_instant_query_at_every_step() -> None:
    """All steps at once give what each step gives alone, gaps and stale markers included."""
    source = _source(c=[float(place % 7) for place in range(40)] + [None] + [3.0] * 10)
    for text in ("rate(c[5m])", "c > 3", "max_over_time(c[3m]) - c", "sum_over_time(rate(c[2m])[6m:1m])"):
        matrix = query_range(source, text, 0, 50 * MINUTE, 30 * SECOND)
        for step, at in enumerate(matrix.times.tolist()):
            alone = {one.labels: one.value for one in query(source, text, at).elements}
            together = {
                labels: matrix.values[row, step]
                for row, labels in enumerate(matrix.labels)
                if matrix.present[row, step]
            }
            assert alone == together, (text, at)


def test_topk_comes_in_order_and_sorting_too() -> None:
    """An instant topk lists the largest first; sort_desc puts NaN last; everything else goes by labels."""
    source = MemorySource()
    for pod, value in (("a", 2.0), ("b", nan), ("c", 3.0), ("d", 1.0)):
        source.append(labels_of({"__name__": "m", "pod": pod}), 0, value)

    def order(text: str) -> str:
        return "".join(dict(one.labels)["pod"] for one in query(source, text, 0).elements)

    assert "cad" == order("topk(3, m)")
    assert "dac" == order("bottomk(3, m)")
    assert "cadb" == order("sort_desc(m)")
    assert "abcd" == order("m")


def test_a_classic_histograms_quantile_by_hand() -> None:
    """Of 100 requests 90 took under 0.1 s, 8 more under 0.5 s: the 95th percentile lies 5/8 into those."""
    source = MemorySource()
    for le, count in (("0.1", 90.0), ("0.5", 98.0), ("+Inf", 100.0)):
        source.append(labels_of({"__name__": "h_bucket", "le": le}), 0, count)
    assert pytest.approx(0.1 + 0.4 * 5 / 8) == _value(source, "histogram_quantile(0.95, h_bucket)", 0)
    assert 0.5 == _value(source, "histogram_quantile(0.99, h_bucket)", 0)


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("rat(x[5m])", 1),
        ("sum by code (x)", 8),
        ("sum(rate(x[5m]) by (a)", 4),
        ("x[5x]", 3),
        ('x{a="b}', 5),
        ("x &", 3),
        ("x + ", 5),
        ("x @ -5", 3),
        ("a + fill(0) b", 5),
        ("1 == 2", 3),
        ("rate(x[5m]) offset 5m", 13),
        ("histogram_count(x)", 1),
    ],
)
def test_an_error_points_at_its_column(text: str, column: int) -> None:
    """Whatever is wrong or not supported is named in four parts, with the column where it stands."""
    with pytest.raises(QueryError) as caught:
        parse(text)
    error = caught.value
    assert column == error.column
    assert all((error.where, error.expected, error.got, error.todo))
    assert pointer(text, column).splitlines()[-1] == " " * (column - 1) + "^"


def test_very_deep_and_very_long_expressions_are_refused() -> None:
    """Neither thousands of brackets nor a chain of thousands of operators reaches the evaluator."""
    for text in ("(" * 5000 + "x" + ")" * 5000, "x" + " + x" * 3000, "x" * 20_000):
        with pytest.raises(QueryError):
            parse(text)


def test_every_function_of_the_list_is_evaluated() -> None:
    """What the parser lets through, the evaluator knows: the list of names and the code are one."""
    known = {*OF_NUMBERS, *OF_TIMES, *SPECIAL, *SIMPLE}
    ranged = {"rate", "increase", "delta", "irate", "idelta", "deriv", "predict_linear", "quantile_over_time"}
    assert known | ranged | {"double_exponential_smoothing"} == FUNCTIONS


def test_regular_expressions_are_res_not_pythons() -> None:
    """RE2's classes and named groups work; Unicode classes are refused by name; everything is anchored."""
    assert compiled("[[:alpha:]]+[[:digit:]]").fullmatch("web1")
    assert compiled("(?<name>a)\\z").fullmatch("a")
    assert compiled("\\Qa.b\\E").fullmatch("a.b") and not compiled("\\Qa.b\\E").fullmatch("axb")
    with pytest.raises(QueryError, match="RE2"):
        compiled("\\pL")


def test_numbers_are_printed_as_go_prints_them() -> None:
    """Shortest digits, no exponent for tools, an exponent of two digits for rule tests."""
    assert ["0.1", "15", "+Inf", "NaN", "100000000000000000000000"] == [
        number_text(value) for value in (0.1, 15.0, inf, nan, 1e23)
    ]
    assert ["1.5E+01", "0E+00", "-2.5E-07", "1E+100"] == [
        exponent_text(value) for value in (15.0, 0.0, -2.5e-7, 1e100)
    ]
    assert ["1h30m", "0s", "1d", "2w"] == [
        duration_text(span) for span in (90 * MINUTE, 0, 24 * HOUR, 14 * 24 * HOUR)
    ]


def test_bounds_of_buckets_are_read_as_go_reads_them() -> None:
    """``+Inf`` and exponents are bounds; words, blanks and underscores are none."""
    assert [inf, -inf, 0.005, 1e3] == [bound_of(text) for text in ("+Inf", "-Inf", "0.005", "1e3")]
    assert [None, None, None] == [bound_of(text) for text in ("abc", " 1", "1_0")]


def test_the_name_goes_where_the_value_is_no_longer_the_metric() -> None:
    """Functions and arithmetic drop the name; comparison, sets, last_over_time and sort keep it."""
    source = _source(x=[1.0, 2.0])
    kept = ("x > 0", "x and x", "last_over_time(x[5m])", "sort(x)", "topk(1, x)", "x or x")
    dropped = ("x + 0", "-x", "abs(x)", "x > bool 0", "max_over_time(x[5m])", "timestamp(x)", "round(x)")
    for text in kept:
        assert "x" == metric_text(query(source, text, MINUTE).elements[0].labels), text
    for text in dropped:
        assert "{}" == metric_text(query(source, text, MINUTE).elements[0].labels), text


def test_start_and_end_are_the_whole_querys() -> None:
    """``@ end()`` inside a range query is the same moment at every step, in subqueries too."""
    source = _source(x=[float(place) for place in range(11)])
    matrix = query_range(source, "x @ end()", 0, 10 * MINUTE, MINUTE)
    assert np.array_equal(matrix.values, np.full((1, 11), 10.0))
    matrix = query_range(source, "max_over_time((x @ start())[5m:1m])", 2 * MINUTE, 4 * MINUTE, MINUTE)
    assert np.array_equal(matrix.values, np.full((1, 3), 2.0))


def test_a_range_query_of_too_many_points_is_refused() -> None:
    """Eleven thousand points a series are Prometheus' limit, and a step of zero is none."""
    source = _source(x=[1.0])
    for step in (0, SECOND // 100):
        with pytest.raises(QueryError, match="11000"):
            query_range(source, "x", 0, HOUR, step)
