"""The outcome of a play that was left early is judged by what the others had spent by then."""

from __future__ import annotations

import pytest

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.record import SPENT_EVERY, Record
from simulator.authoring.plays.task import Task
from simulator.authoring.points.grading import outcome_of
from tests import proof_stage as stage

SEED = 1


def record(*spent: float) -> Record:
    """A play that spent so much by each half minute, and then was over."""
    return Record(until=float(SPENT_EVERY * (len(spent) - 1)), spent=spent)


def played(nothing: Record, reference: Record) -> Played:
    """Doing nothing and the reference, on one seed."""
    records = {Task("nothing"): nothing, Task("reference"): reference}
    return Played(stage.scenario(), (SEED,), {SEED: records})


@pytest.mark.parametrize(("yours", "points"), [(0.008, 0.0), (0.003, 50.0), (0.018, -50.0)])
def test_early_days_make_no_skill_of_doing_nothing(yours: float, points: float) -> None:
    """Half a hundredth apart so far: who spent as much as doing nothing is at 0, and not half way."""
    both = played(record(0.0, 0.008, 0.5), record(0.0, 0.003, 0.003))
    assert points == pytest.approx(outcome_of(both, SEED, record(0.0, yours)))


def test_a_whole_play_is_judged_as_the_score_judges_it() -> None:
    """Between doing nothing at 0 and the reference at 100; and nearly the same at the end is restraint."""
    apart = played(record(0.0, 0.2, 0.5), record(0.0, 0.1, 0.1))
    assert 50.0 == pytest.approx(outcome_of(apart, SEED, record(0.0, 0.2, 0.3)))
    alike = played(record(0.0, 0.001, 0.004), record(0.0, 0.001, 0.002))
    assert 80.0 == pytest.approx(outcome_of(alike, SEED, record(0.0, 0.001, 0.004)))
