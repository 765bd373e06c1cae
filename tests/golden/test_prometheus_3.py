"""What differs in Prometheus 3, held to what is not ours: promtool's answers, and upstream's own tests.

3.0 made ranges and the lookback open on the left (its changelog, #13904): a sample exactly on the left bound
no longer counts. Prometheus' clock ticks in milliseconds, so a 3.x answer is the 2.x answer with every range
and the lookback a millisecond shorter; and 2.x answers are promtool's, recorded. Other changes are named.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import accumulate, repeat
from typing import Final, NamedTuple

import numpy as np
import pytest
from ruamel.yaml import YAML

from simulator.errors import QueryError
from simulator.telemetry.promql import query
from simulator.telemetry.promql.evaluate import Evaluation, Settings
from simulator.telemetry.promql.query import instant_of
from simulator.telemetry.promql.source import STALE, MemorySource
from simulator.telemetry.promql.syntax import parse
from simulator.telemetry.rules.notation import MISSING, STALE_MARK, series_labels, series_values
from simulator.telemetry.store import LOOKBACK
from simulator.units import MILLISECOND, SECOND, parse_duration
from tests.golden.test_promtool import RECORDED

#: Changes of 3.x that are no matter of bounds, by what the expression begins with.
OTHERWISE: Final = {
    "stddev ": "of a single infinite element it is NaN (promql/engine.go, aggregation)",
    "stdvar ": "likewise",
    "avg_over_time(g[10m])": "the mean of a compensated sum; 2.x carried a mean along (promql/functions.go)",
    "holt_winters(": "now double_exponential_smoothing, and experimental",
}
_RANGE: Final = re.compile(r"\[(\w+)(?=[\]:])")

Answer = dict[tuple[tuple[str, str], ...], float] | str


class Question(NamedTuple):
    """One expression of the recorded files with its series."""

    source: MemorySource
    text: str
    at: int
    step: int


def _series(step: int, series: dict[str, str]) -> MemorySource:
    source = MemorySource()
    for name, values in series.items():
        labels = series_labels(name, where=name)
        for place, value in enumerate(series_values(values, where=name)):
            if value != MISSING:
                source.append(labels, place * step, STALE if value == STALE_MARK else float(value))
    return source


def _time(text: object) -> int:
    return 0 if str(text) == "0" else parse_duration(str(text), where="", dialect="prometheus")


def _questions() -> Iterator[Question]:
    for path in RECORDED:
        file = YAML(typ="safe").load(path.read_text())
        for test in file["tests"]:
            given = {each["series"]: each["values"] for each in test["input_series"]}
            source = _series(_time(test["interval"]), given)
            for one in test["promql_expr_test"]:
                step = _time(file["evaluation_interval"])
                yield Question(source, one["expr"], _time(one["eval_time"]), step)


def _answer(asked: Question, text: str, settings: Settings) -> Answer:
    try:
        expression = parse(text, version=3 if settings.version == 3 else 2)
        evaluation = Evaluation(asked.source, np.array([asked.at], dtype=np.int64), settings)
        return {each.labels: each.value for each in instant_of(evaluation, expression, asked.at).elements}
    except QueryError as error:
        return error.message


def _alike(one: Answer, other: Answer) -> bool:
    """Equal, but for the millisecond that a rate's extrapolation sees."""
    if isinstance(one, str) or isinstance(other, str):
        return one == other
    return one.keys() == other.keys() and all(
        math.isclose(value, other[key], rel_tol=2e-5, abs_tol=1e-9)
        or (math.isnan(value) and math.isnan(other[key]))
        for key, value in one.items()
    )


def _shorter(text: str) -> str:
    return _RANGE.sub(lambda found: f"[{_time(found[1]) // MILLISECOND - 1}ms", text)


def test_prometheus_3_answers_as_2_does_with_a_millisecond_less() -> None:
    """Some five hundred expressions; those that differ for another reason are the ones named above."""
    different = []
    for asked in _questions():
        three = _answer(asked, asked.text, Settings(3, subquery_step=asked.step))
        less = Settings(2, lookback=LOOKBACK - MILLISECOND, subquery_step=asked.step)
        if not _alike(three, _answer(asked, _shorter(asked.text), less)):
            different.append(asked.text)
    assert all(any(text.startswith(known) for known in OTHERWISE) for text in different), different
    assert all(any(text.startswith(known) for text in different) for known in OTHERWISE), different


_FIBONACCI: Final = " ".join(
    str(pair[0])
    for pair in accumulate(repeat(None, 199), lambda pair, _: (pair[1], sum(pair)), initial=(1, 1))
)
_TWICE: Final = "sum_over_time(sum_over_time(sum_over_time"
_JOBS: Final = {'m{job="1"}': "0+1x1000", 'm{job="2"}': "0+2x1000"}
#: (interval s, series, [(at s, expression, values)]): figures of prometheus/prometheus, of the 3.x line,
#: promql/promqltest/testdata: staleness.test, subquery.test, at_modifier.test.
UPSTREAM: Final[tuple[tuple[int, dict[str, str], list[tuple[int, str, list[float]]]], ...]] = (
    (10, {"m": "0 1 stale 2"}, [
        (10, "m", [1]), (20, "m", []), (30, "m", [2]), (329, "m", [2]), (331, "m", []),
        (30, "count_over_time(m[1m])", [3]), (10, "count_over_time(m[1s])", [1]),
        (20, "count_over_time(m[1s])", []), (20, "count_over_time(m[10s])", []),
        (20, "count_over_time(m[20s])", [1]),
    ]),
    (10, {"m": "1 2"}, [
        (10, "sum_over_time(m[50s:10s])", [3]), (10, "sum_over_time(m[50s:5s])", [4]),
        (300, "sum_over_time(m[50s:10s])", [10]), (10, "rate(m[20s:10s])", [0.1]),
        (20, "rate(m[20s:5s])", [0.06666666666666667]),
    ]),
    (10, {"a": "0+1x1000", "b": "0+2x1000", "c": "0+3x1000"}, [
        (1000, "sum_over_time(a[30s:10s])", [297]), (1000, "sum_over_time(a[30s:5s])", [591]),
        (1010, "sum_over_time(a[30s:10s] offset 9s)", [297]),
        (1010, "sum_over_time(a[30s:10s] offset 3s)", [297]),
        (1000, "rate(sum_over_time(a[30s:10s])[50s:10s])", [0.3]),
        (1000, "rate(sum_over_time((a+b+c)[30s:10s])[30s:10s])", [1.8]),
    ]),
    (7, {"m": _FIBONACCI}, [
        (80, "rate(m[1m])", [2.517857143]), (80, "rate(m[1m:10s])", [2.4]),
        (20, "min_over_time(m[10s])", [2]), (20, "min_over_time(m[10s:10s])", [2]),
        (1200, "min_over_time(rate(m[5m])[20m:1m])", [0.12119047619047618]),
    ]),
    (10, _JOBS, [
        (10, "m @ 100 offset 50s", [5, 10]), (10, "m offset -50s @ 0", [5, 10]),
        (10, "---m @ 100", [-10, -20]),
        (25, 'sum_over_time(m{job="1"}[100s] @ 100)', [55]),
        (25, 'sum_over_time(m{job="1"}[100] @ 100 offset 50)', [15]),
        (25, 'm{job="1"} @ 50 + m{job="1"} @ 100', [15]),
        (25, 'sum_over_time(m{job="1"}[100s:1s] @ 100)', [460]),
        (25, 'sum_over_time(m{job="1"}[100s:1s] @ 100 offset 20s)', [288]),
        (100, 'sum_over_time(sum_over_time(m{job="1"}[100s] @ 100)[100s:25s] @ 50)', [220]),
        (0, f'{_TWICE}(m{{job="1"}}[100s] @ 100)[100s:25s] @ 50)[3s:1s] @ 3000)', [660]),
        (0, f'{_TWICE}(m{{job="1"}}[10s])[100s:25s] @ 50)[3s:1s] @ 200)', [21]),
        (0, f'{_TWICE}(m{{job="1"}}[10s])[100s:25s] @ 200)[3s:1s] @ 50)', [192]),
        (0, f'{_TWICE}(m{{job="1"}}[20s])[20s:10s] offset 10s)[100s:25s] @ 1000)', [1504]),
        (600, 'timestamp(m{job="1"} @ 10)', [10]), (600, 'timestamp(timestamp(m{job="1"} @ 10))', [600]),
        (0, "sum_over_time(minute(m @ 1500)[100s:10s])", [20, 50]),
        (0, "sum_over_time(minute()[50m:1m] @ 6000)", [1315]),
        (0, "sum_over_time(minute()[50m:1m] @ 6000 offset 5m)", [1365]),
        (0, "sum_over_time(vector(time())[100s:1s] @ 3000 offset 600s)", [235050]),
        (0, 'sum_over_time(timestamp(m{job="1"} @ 10)[100s:10s] @ 3000)', [100]),
        (0, 'sum_over_time(timestamp(timestamp(m{job="1"} @ 999))[10s:1s] @ 10)', [55]),
    ]),
)  # fmt: skip


@pytest.mark.parametrize("place", range(len(UPSTREAM)))
def test_upstreams_own_expectations_hold(place: int) -> None:
    """Staleness, subqueries and ``@`` give what Prometheus' tests of the 3.x line expect."""
    interval, given, questions = UPSTREAM[place]
    source = _series(interval * SECOND, given)
    for at, text, wanted in questions:
        got = sorted(each.value for each in query(source, text, at * SECOND).elements)
        assert sorted(wanted) == pytest.approx(got, rel=1e-9), text
