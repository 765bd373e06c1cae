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


@pytest.mark.parametrize(("interval", "seconds"), [("1s", 1), ("15s", 15), ("1m", 60)])
def test_samples_come_as_often_as_the_scenario_says(interval: str, seconds: int) -> None:
    """Times of scrapes are multiples of the interval, from the warm-up on; counts do not depend on it."""
    run, usual = _run(interval), drill_stage.fresh()
    for each in (run, usual):
        each.advance(2 * MINUTE + SECOND)
    assert {seconds * SECOND} == set(np.diff(run.telemetry.store.times).tolist())
    total = [
        each.telemetry.store.instant("lb_requests_total", 2 * MINUTE).values.sum() for each in (run, usual)
    ]
    assert total[0] == total[1]


def test_a_release_pages_whatever_the_interval() -> None:
    """Half of the requests fail from one minute on: with a scrape every minute the page rings too."""
    run = _run("1m")
    run.advance(9 * MINUTE)
    assert run.pager.pages


def test_an_interval_that_breaks_the_rules_rhythm_is_refused() -> None:
    """Seven seconds and two minutes are refused with the intervals that there are."""
    for interval in ("7s", "2m", "5"):
        with pytest.raises(ScenarioError, match="scrapeInterval: expected one of 1s, 3s, 5s, 15s, 30s, 1m"):
            _run(interval)
