"""A pair of cumulative counters over time, bad and total: history at an even step, then what is appended.

Counters are cumulative, so any window is the difference of two samples found by search, however long.
"""

from __future__ import annotations

from bisect import bisect_right

import numpy as np
from numpy.typing import NDArray

from simulator.errors import SimulationError
from simulator.units import format_clock

Integers = NDArray[np.int64]


class Tally:
    """Counters of bad and total events.

    Args:
        name: Whose, for errors.
        start: Time of the first sample, ns.
        step: Distance of the recorded samples, ns.
        bad: Bad events since ``start``, at each recorded sample; at least one.
        total: Events since ``start``, at each recorded sample.
    """

    def __init__(self, name: str, start: int, step: int, bad: Integers, total: Integers) -> None:
        self.name = name
        self._start, self._step = start, step
        self._old_bad, self._old_total = bad, total
        self._times: list[int] = []
        self._bad: list[int] = []
        self._total: list[int] = []
        self._base = int(bad[-1]), int(total[-1])

    def __len__(self) -> int:
        return len(self._old_total) + len(self._times)

    @property
    def newest(self) -> int:
        """Time of the newest sample, ns."""
        return self.time(len(self) - 1)

    def append(self, at: int, bad: int, total: int) -> None:
        """Append a sample: events counted since the recorded ones end.

        A sample at the last recorded instant adds nothing and is dropped.

        Raises:
            SimulationError: It is older than the newest, or a counter shrank.
        """
        if at == self.newest and not self._times:
            return
        bad, total = bad + self._base[0], total + self._base[1]
        before = self.counts(len(self) - 1)
        if at <= self.newest or bad < before[0] or total < before[1] or bad > total:
            raise SimulationError(
                f"SLO {self.name} at {format_clock(at)}",
                expected=f"counters that grow, after {format_clock(self.newest)}",
                got=f"{bad} bad of {total} events after {before[0]} of {before[1]}",
                todo="This is a bug in the collector of the SLI.",
            )
        self._times.append(at)
        self._bad.append(bad)
        self._total.append(total)

    def index(self, at: int) -> int:
        """Number of the newest sample at or before ``at``; -1 before the first."""
        old = len(self._old_total)
        if self._times and at >= self._times[0]:
            return old - 1 + bisect_right(self._times, at)
        return min((at - self._start) // self._step, old - 1) if at >= self._start else -1

    def time(self, index: int) -> int:
        """When a sample was taken, ns."""
        old = len(self._old_total)
        return self._times[index - old] if index >= old else self._start + index * self._step

    def counts(self, index: int) -> tuple[int, int]:
        """(bad, total) at a sample; zero before the first."""
        old = len(self._old_total)
        if index < 0:
            return 0, 0
        if index < old:
            return int(self._old_bad[index]), int(self._old_total[index])
        return self._bad[index - old], self._total[index - old]

    def until(self, at: int) -> tuple[int, int]:
        """(bad, total) at the newest sample at or before ``at``."""
        return self.counts(self.index(at))

    def between(self, start: int, end: int) -> tuple[int, int]:
        """(bad, total) that came after the newest sample at or before ``start``, up to that of ``end``."""
        bad, total = self.until(end)
        bad_before, total_before = self.until(start)
        return bad - bad_before, total - total_before

    def within(self, window: int, at: int) -> tuple[int, int] | None:
        """(bad, total) between the oldest and the newest sample in ``(at - window, at]``, as ``rate`` has it.

        None where that is unknown: fewer than two samples, or no event between them.
        """
        oldest, newest = self.index(at - window) + 1, self.index(at)
        if newest <= oldest:
            return None
        bad, total = self.counts(newest)
        bad_before, total_before = self.counts(oldest)
        return (bad - bad_before, total - total_before) if total > total_before else None

    def arrays(self) -> tuple[Integers, Integers, Integers]:
        """(times, bad, total) of every sample."""
        recorded = self._start + self._step * np.arange(len(self._old_total), dtype=np.int64)
        return (
            np.concatenate([recorded, np.array(self._times, dtype=np.int64)]),
            np.concatenate([self._old_bad, np.array(self._bad, dtype=np.int64)]),
            np.concatenate([self._old_total, np.array(self._total, dtype=np.int64)]),
        )
