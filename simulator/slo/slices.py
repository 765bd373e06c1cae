"""Time slices: requests folded into slices of whole minutes, each good, bad, or worth its own share.

Slices lie end to end with one boundary at the end of the recorded history, so history and live samples make
the same slices. A slice without a request is unknown: it is no unit at all, so it spends nothing and proves
nothing.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np

from simulator.slo.history import RATIO_UNITS
from simulator.slo.objective import Objective
from simulator.slo.tally import Integers, Tally


def units_of_slice(objective: Objective) -> int:
    """Budget units in one slice; of ``RatioTimeslices`` the millionths of its requests."""
    return RATIO_UNITS if objective.method == "RatioTimeslices" else 1


class Slices:
    """Folds a tally of requests into one of slices.

    Args:
        objective: With a method of slices.
        events: Its requests, history alone so far.
        end: The last instant of the history, ns.
    """

    def __init__(self, objective: Objective, events: Tally, end: int) -> None:
        self._objective = objective
        self._events = events
        length = objective.slice_window
        times, bad, total = events.arrays()
        count = int((end - int(times[0])) // length)
        start = end - count * length
        edges = np.searchsorted(times, start + length * np.arange(count + 1), side="right") - 1
        units = self.judge(np.diff(bad[edges]), np.diff(total[edges]))
        zero = np.zeros(1, dtype=np.int64)
        recorded = [np.concatenate([zero, np.cumsum(one)]) for one in units]
        self.units = Tally(objective.name, start, length, recorded[0], recorded[1])
        self._next = end + length
        self._bad = self._total = 0

    def judge(self, bad: Integers, total: Integers) -> tuple[Integers, Integers]:
        """(bad, total) units of slices with these counts of requests."""
        known = (total > 0).astype(np.int64)
        if self._objective.method == "RatioTimeslices":
            share = (bad * RATIO_UNITS * 2 + total) // np.maximum(2 * total, 1)
            return share * known, known * RATIO_UNITS
        limit: Fraction = 1 - self._objective.slice_target
        broken = bad * limit.denominator > limit.numerator * total
        return (broken & (total > 0)).astype(np.int64), known

    def close(self, at: int) -> None:
        """Close every slice that has ended by ``at``."""
        length = self._objective.slice_window
        while self._next <= at:
            counted = self._events.between(self._next - length, self._next)
            bad, total = self.judge(*(np.array([one], dtype=np.int64) for one in counted))
            self._bad += int(bad[0])
            self._total += int(total[0])
            self.units.append(self._next, self._bad, self._total)
            self._next += length
