"""What controllers measure is what promql shows; the judge compares by it."""

from __future__ import annotations

from math import isnan

import pytest

from simulator.drill import Run
from simulator.drill.measuring import Measuring, longest_range
from simulator.engine.metrics import NO_DATA
from simulator.errors import GamedayError
from simulator.slo.judge import explain
from simulator.units import MINUTE
from tests.drill_stage import fresh

REQUESTS = 'sum(rate(http_requests_total{service="app"%s}[30s]%s))'


@pytest.fixture(scope="module")
def run() -> Run:
    """Five minutes after the bad release, which was at T+01:00."""
    made = fresh()
    made.advance(6 * MINUTE)
    return made


def test_one_number_is_asked_of_the_run_itself(run: Run) -> None:
    """A rate, a number, nothing; the port of the controllers gives the same."""
    measuring, rate = Measuring(run.telemetry), 'sum(rate(http_requests_total{service="app"}[1m]))'
    assert measuring.query(rate, run.now) == pytest.approx(30, rel=0.2)
    assert measuring.query(rate, run.now) == run.production.metrics.query(rate, run.now)
    assert 2.0 == measuring.query("1 + 1", run.now)
    for silent in ('sum(rate(http_requests_total{service="nobody"}[1m]))', "0 / 0"):
        assert NO_DATA is measuring.query(silent, run.now)


def test_samples_over_time_have_gaps_where_nothing_was_measured(run: Run) -> None:
    """Version 2 has no samples before its release."""
    count = 'sum(http_requests_total{service="app", version="v2"})'
    values = Measuring(run.telemetry).over_time(count, 0, 4 * MINUTE, MINUTE)
    assert [True, True] == [isnan(value) for value in values[:2]]
    assert 0 < values[3] < values[4]
    assert all(isnan(value) for value in Measuring(run.telemetry).over_time("nothing", 0, MINUTE, MINUTE))


def test_what_yields_several_numbers_is_refused(run: Run) -> None:
    """With what to do; so is what is no PromQL."""
    measuring = Measuring(run.telemetry)
    for ask in (lambda text: measuring.query(text, run.now), lambda text: measuring.over_time(text, 0, 9, 1)):
        with pytest.raises(GamedayError, match="Put sum"):
            ask("up")
        with pytest.raises(GamedayError):
            ask("sum(")


def test_the_judge_compares_by_the_runs_own_series(run: Run) -> None:
    """Errors since the release against those before it: worse, and it says by how much."""
    before, after = (
        f"{REQUESTS % (failed, shift)} / {REQUESTS % ('', shift)}"
        for failed, shift in ((', code=~"5.."', " offset 5m"), (', code=~"5.."', ""))
    )
    settings = {"baseline": before, "canary": after, "window": "2m30s", "interval": "30s", "unit": "ratio"}
    quiet = {**settings, "nanStrategy": "replace", "direction": "increase"}
    verdict = Measuring(run.telemetry).verdict(quiet, run.now)
    assert "Failed" == verdict.phase
    assert "metric: High. Canary 5 samples, mean 49.9 %, baseline 5 samples, mean 0 %" in explain(verdict)[1]
    same = Measuring(run.telemetry).verdict({**settings, "baseline": after}, run.now)
    assert "Successful" == same.phase
    gone = Measuring(run.telemetry).verdict({**settings, "canary": "sum(nothing)"}, run.now)
    assert "Inconclusive" == gone.phase


def test_overlapping_samples_are_found_in_the_query(run: Run) -> None:
    """The longest range of any depth counts."""
    assert 5 * MINUTE == longest_range("sum(rate(a[1m])) / sum(max_over_time(rate(a[30s])[5m:1m]))")
    assert 0 == longest_range("up")
    settings = {"baseline": "sum(rate(a[2m]))", "canary": "sum(rate(a[2m]))"}
    with pytest.raises(GamedayError, match="2m or more"):
        Measuring(run.telemetry).verdict(settings, run.now)
