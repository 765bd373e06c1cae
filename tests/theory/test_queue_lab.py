"""The queue lab measures what theory says, and Little's law holds between numbers that are counted apart."""

from __future__ import annotations

from math import exp, isnan, log, sqrt

import numpy as np
import pytest

from simulator.dataplane import Balancer
from simulator.errors import GamedayError
from simulator.lab import queue_lab

SHORT = 10.0  # minutes


@pytest.mark.parametrize(
    ("offered", "workers", "wait"),
    [(0.5, 1, 1.0), (0.8, 1, 4.0), (1.0, 2, 1 / 3), (6.4, 8, 0.2860), (7.2, 8, 0.8769)],
)
def test_the_wait_is_erlangs(offered: float, workers: int, wait: float) -> None:
    """In units of the work: ρ/(1−ρ) for one worker, ρ²/(1−ρ²) for two, tables for eight."""
    assert wait == pytest.approx(queue_lab.waits(offered, workers, 1.0), rel=2e-3)


def test_the_spread_of_the_work_counts_by_half() -> None:
    """Pollaczek and Khinchine: constant work waits half as long as exponential."""
    assert queue_lab.waits(0.8, 1, 1.0, spread=0.0) == pytest.approx(2.0)
    assert queue_lab.waits(0.8, 1, 1.0, spread=3.0) == pytest.approx(8.0)


def test_at_a_load_of_one_there_is_no_mean() -> None:
    """The queue grows without end."""
    assert isnan(queue_lab.waits(8.0, 8, 1.0))


@pytest.mark.parametrize("load", [0.3, 0.7, 0.9])
def test_what_is_measured_is_what_theory_says(load: float) -> None:
    """Eight workers for half an hour: the mean time within six per cent, workers in use within two."""
    found = queue_lab.sweep((load,), workers=8)
    row = found.rows[0]
    assert row.seconds == pytest.approx(found.theory(load), rel=0.06)
    assert row.busy == pytest.approx(load, rel=0.02)
    assert row.rps == pytest.approx(80 * load, rel=0.02)
    assert 0 == row.refused


def test_a_lognormal_law_is_corrected_by_its_spread() -> None:
    """p99 of four times the mean: the squared spread follows from the two, and the wait from that."""
    found = queue_lab.sweep((0.85,), workers=8, p99="400ms", minutes=60)
    sigma = 2.3263478740 - sqrt(2.3263478740**2 - 2 * log(4))
    assert exp(sigma**2) - 1 == pytest.approx(found.spread)
    assert found.rows[0].seconds == pytest.approx(found.theory(0.85), rel=0.05)


@pytest.mark.parametrize("queue", [None, 8])
def test_littles_law_holds_between_what_is_counted_and_what_is_timed(queue: int | None) -> None:
    """Requests inside, looked at each second, are the rate times the mean time, with refusals and without."""
    frame = queue_lab.sweep((0.5, 0.95), workers=4, queue=queue, minutes=60).frame
    assert frame["inside"].tolist() == pytest.approx(frame["little"].tolist(), rel=0.04)


def test_a_longer_queue_refuses_as_many_and_lets_all_wait() -> None:
    """A tenth too much: whatever the queue, an eleventh of what comes finds no worker."""
    short, long = (queue_lab.sweep((1.1,), queue=places, minutes=SHORT) for places in (16, 256))
    assert short.rows[0].refused == pytest.approx(1 - 1 / 1.1, abs=0.02)
    assert long.rows[0].refused == pytest.approx(1 - 1 / 1.1, abs=0.02)
    assert long.rows[0].seconds > 8 * short.rows[0].seconds
    assert not long.predicted and isnan(long.theory(1.1))


def test_who_looks_at_the_queues_waits_less_than_who_takes_turns_or_chance() -> None:
    """Eight pods of one worker: fewest inside, then turns, then chance; chance is eight times M/M/1."""
    names: tuple[Balancer, ...] = ("least_request", "round_robin", "random")
    found = [queue_lab.sweep((0.8,), workers=1, pods=8, balancer=name, minutes=60) for name in names]
    times = [each.rows[0].seconds for each in found]
    assert times == sorted(times)
    assert [False, False, True] == [each.predicted for each in found]
    assert times[2] == pytest.approx(0.5, rel=0.05)


def test_the_same_seed_is_the_same_sweep() -> None:
    """And another seed is other luck."""
    one, again, other = (queue_lab.sweep((0.9,), seed=seed, minutes=SHORT) for seed in (1, 1, 2))
    assert one == again != other


def test_the_picture_has_dots_lines_and_a_sentence() -> None:
    """Measured and theory, with units; a sweep that theory says nothing of is joined by its dots."""
    one = queue_lab.sweep((0.5, 0.9), minutes=SHORT)
    limited = queue_lab.sweep((0.5, 0.9), queue=4, minutes=SHORT)
    picture = one.plot(limited)
    axes = picture.axes[0]
    assert "(ms)" in axes.get_ylabel() and "%" in axes.get_xlabel()
    assert [101, 2] == [np.asarray(line.get_xdata()).size for line in axes.lines[:2]]
    assert "at a load of 90 %" in str(picture)
    assert picture._repr_png_().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "wrong",
    [
        {"loads": ()}, {"loads": (0.0,)}, {"loads": (4.0,)}, {"workers": 0}, {"pods": 2000}, {"queue": -1},
        {"minutes": 0.1}, {"service_time": "fast"}, {"p99": "90ms"},
    ],
)  # fmt: skip
def test_a_number_that_can_not_be_meant_is_said_in_four_parts(wrong: dict[str, object]) -> None:
    """Nothing is measured then."""
    with pytest.raises(GamedayError, match="expected"):
        queue_lab.sweep(**{"loads": (0.5,), **wrong})  # type: ignore[arg-type]
