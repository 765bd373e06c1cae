"""``promql`` on the console and in Python: what the terminal prints, what a wrong line costs, completion."""

from __future__ import annotations

import numpy as np
import pytest

import simulator as sim
from simulator.api import Drill
from simulator.drill.console import complete
from simulator.errors import QueryError
from tests.drill_stage import fresh


@pytest.fixture(scope="module")
def drill() -> Drill:
    """The first incident at five minutes, in which checkout's release has gone bad."""
    drill = sim.start("production-is-down", seed=7, journal=False)
    drill.wait("4m")
    return drill


def test_an_instant_query_prints_promtools_lines_in_columns() -> None:
    """Labels, an arrow, the value, the moment; it costs twenty seconds, as typing it would."""
    run = fresh()
    before = run.now
    answer = run.do('promql sum by (service) (up{service=~"app|db"})')
    assert before + 20_000_000_000 == run.now
    first, second = answer.text.splitlines()
    moment = 1_783_155_600 + before // 10**9
    assert f'{{service="app"}} => 3 @[{moment}]' == first
    assert f'{{service="db"}} =>  1 @[{moment}]' == second


def test_quotes_of_a_shell_may_stand_around_the_expression() -> None:
    """As at a real prompt, the expression may be in single or double quotes; its own stay."""
    run = fresh()
    plain = run.do("promql count(up)").text.split("@")[0]
    assert (
        plain
        == run.do("promql 'count(up)'").text.split("@")[0]
        == run.do('promql "count(up)"').text.split("@")[0]
    )
    assert "=> 3" in run.do("promql 'count(up{service=\"app\"})'").text


def test_nothing_is_said_to_be_nothing() -> None:
    """No series is no zero: the console says so, for a moment and for a stretch of time."""
    run = fresh()
    assert "not a zero" in run.do("promql nosuch_metric").text
    assert "not a zero" in run.do("promql --range 2m nosuch_metric").text
    assert "-" in run.do("promql --range 30m sum(rate(lb_requests_total[1m]))").text.splitlines()[4]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("promql", "an expression is missing"),
        ("promql sum(up", "1:4: parse error"),
        ("promql rat(up[5m])", "Did you mean rate()?"),
        ("promql histogram_count(up)", "histogram_count()"),
        ("promql --range 5x up", "a duration such as 5m"),
        ("promql --step 1m up", "--step needs --range"),
        ("promql --range 1h --step 1s up", "more than 120 steps"),
        ("promql --rnage 1h up", "unknown flag: --rnage"),
    ],
)
def test_a_line_that_is_not_understood_costs_nothing(line: str, words: str) -> None:
    """Prometheus' words, a caret under the column where there is one, and not a second of the clock."""
    run = fresh()
    before = run.now
    answer = run.do(line)
    assert not answer.ok and words in answer.text
    assert before == run.now


def test_a_caret_stands_under_the_column() -> None:
    """The line is shown again with the place at which it stops making sense."""
    said = fresh().do("promql sum by code (up)").text.splitlines()
    assert "sum by code (up)" == said[1].strip()
    assert said[1].index("code") == said[2].index("^")


def test_a_range_query_is_a_table_over_time() -> None:
    """A row a step up to now, a column a series, a legend for the names."""
    run = fresh()
    lines = run.do(
        "promql --range 2m --step 30s sum by (service) (rate(lb_requests_total[1m]))"
    ).text.splitlines()
    assert "T-02:00 to T+00:00, step 30s" == lines[0]
    assert ['A  {service="app"}', 'B  {service="db"}', ""] == lines[1:4]
    assert ["TIME", "A", "B"] == lines[4].split()
    assert ["T-02:00", "T-01:30", "T-01:00", "T-00:30", "T+00:00"] == [row.split()[0] for row in lines[5:]]


def test_python_gets_frames(drill: Drill) -> None:
    """An instant is a row an element, a range a column a series; neither costs time; a typo has a column."""
    before = drill.now
    frame = drill.promql("sum by (service) (rate(lb_requests_total[5m]))")
    assert ["service", "value"] == list(frame.columns)
    assert {"edge", "checkout"} <= set(frame["service"])
    ranged = drill.promql("sum by (service) (rate(lb_requests_total[1m]))", range="3m", step="30s")
    assert (7, len(frame)) == ranged.shape
    assert 180.0 == ranged.index[-1] - ranged.index[0]
    assert list(drill.promql("up", at="1m").columns)[:1] == ["__name__"]
    assert "time" in drill.promql("up[10s]").columns
    assert drill.promql("nosuch").empty
    assert before == drill.now
    with pytest.raises(QueryError, match="column 3"):
        drill.promql("x[5x]")


def test_rates_of_the_load_balancer_are_what_the_scraper_counted(drill: Drill) -> None:
    """An increase between two scrapes is the difference of the counters, to the request."""
    samples = drill.metrics("lb_requests_total", service="edge")
    total = samples.sum(axis=1)
    end = total.index[-1]
    grown = total[end] - total[end - 55.0]
    found = drill.promql('sum(increase(lb_requests_total{service="edge"}[65s]))')["value"]
    # An act comes before the scrape of its instant: twelve samples, eleven intervals, and the increase is
    # carried on by one interval to either bound.
    assert drill.now == "T+04:00" and end == 235.0
    assert np.isclose(float(found.iloc[0]), grown * 65 / 55)


def test_completion_knows_metrics_labels_and_values(drill: Drill) -> None:
    """The last word is completed inside the expression: names, then labels, then values."""
    run = drill._run
    assert "sum(rate(http_requests_total" in complete(run, "promql sum(rate(http_req")
    assert ['lb_requests_total{service="'] == complete(run, "promql lb_requests_total{ser")
    assert ['lb_requests_total{service="edge"'] == complete(run, 'promql lb_requests_total{service="ed')
    assert "(service" in complete(run, "promql sum by (ser")
    assert ["label_join(", "label_replace("] == complete(run, "promql lab")
    assert ["--range="] == complete(run, "promql --r")
