"""What every play needs beside its scenario, and what is read from every run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from simulator.authoring.plays.calibration import Clock
from simulator.authoring.plays.record import SPENT_EVERY, Record
from simulator.authoring.plays.task import Kind
from simulator.drill import Run
from simulator.units import SECOND


@dataclass(frozen=True, slots=True)
class Given:
    """What a play needs beside its scenario.

    Attributes:
        records: Of ``nothing`` and ``reference`` on the same seed; empty while these are played themselves.
        clock: Tells the CPU seconds of a process.
    """

    records: Mapping[Kind, Record]
    clock: Clock


def spent(run: Run) -> tuple[float, ...]:
    """Share of the window's budget that was spent, worst SLO: every half minute from 0, and now.

    A run that is left at an instant has not been scraped at it yet; so each instant is read just before it.
    """
    instants = [*(max(at - 1, 0) for at in range(0, run.now, SPENT_EVERY * SECOND)), run.now]
    rows = [[slo.spent_in_drill(at) for at in instants] for slo in run.slos.values()]
    return tuple(np.array(rows).max(axis=0).tolist())
