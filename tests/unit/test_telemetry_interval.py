"""The scrape interval of a scenario: samples come as often as it says, and rules keep their rhythm."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.drill import Run
from simulator.errors import ScenarioError
from simulator.scenario import load_bytes
from simulator.units import MINUTE, SECOND
from tests import drill_stage


def _run(interval: str) -> Run:
    text = drill_stage._SCENARIO.replace("  warmUp: 2m\n", f"  warmUp: 2m\n  scrapeInterval: {interval}\n")
    return Run(load_bytes(text.encode(), drill_stage._TEXTS.encode()), 11)


@pytest.mark.parametrize(("interval", "seconds"), [("1s", 1), ("7s", 7), ("15s", 15), ("1m", 60)])
def test_samples_come_as_often_as_the_scenario_says(interval: str, seconds: int) -> None:
    """Times of scrapes are multiples of the interval, from the warm-up on; counts do not depend on it."""
    run, usual = _run(interval), drill_stage.fresh()
    for each in (run, usual):
        each.advance(2 * MINUTE + SECOND)
    assert {seconds * SECOND} == set(np.diff(run.telemetry.store.times).tolist())
    assert set(run.telemetry.store.times % (seconds * SECOND)) == {0}
    both = 105 * SECOND if seconds == 7 else 2 * MINUTE
    total = [each.telemetry.store.instant("lb_requests_total", both).values.sum() for each in (run, usual)]
    assert total[0] == total[1]


@pytest.mark.parametrize("interval", ["7s", "23s", "1m"])
def test_a_release_pages_whatever_the_interval(interval: str) -> None:
    """Half of the requests fail from one minute on: however often one scrapes, the page rings."""
    run = _run(interval)
    run.advance(9 * MINUTE)
    assert run.pager.pages


def test_rules_are_evaluated_every_fifteen_seconds_whatever_the_interval() -> None:
    """A transition happens at an instant of the rules, on what had been scraped by then."""
    run = _run("23s")
    evaluated = list[int]()
    run.alerts.on_evaluated.append(evaluated.append)
    run.advance(9 * MINUTE)
    assert {15 * SECOND} == set(np.diff(evaluated).tolist())
    assert {0} == {one.at % (15 * SECOND) for one in run.alerts.transitions}


def test_an_interval_that_is_no_number_of_seconds_is_refused() -> None:
    """Half a second, a minute and a second, and a bare number are refused with what is accepted."""
    for interval in ("500ms", "61s", "2m"):
        with pytest.raises(ScenarioError, match="scrapeInterval: expected whole seconds from 1s to 1m"):
            _run(interval)
    with pytest.raises(ScenarioError, match="scrapeInterval: expected a duration"):
        _run("5")
