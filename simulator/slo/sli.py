"""One SLO as it is measured: history and live samples as one pair of counters, and all its answers.

Counters are cumulative, so any window is the difference of two samples found by search, however long the
window.

**Windows.** ``error_ratio(w, at)`` is what Prometheus 3 computes for ``rate(bad[w]) / rate(total[w])`` at
``at``: the newest minus the oldest sample in ``(at - w, at]``, open on the left. With fewer than two samples,
or with no request between them, the ratio is NaN: unknown, and never healthy. Budgets are counted to the
request instead: bad requests since the newest sample at or before the window's start.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from simulator.errors import SimulationError
from simulator.slo.history import STEP, SliHistory
from simulator.slo.objective import Objective
from simulator.units import MINUTE, format_clock

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Budget:
    """The error budget at one instant, over the rolling window.

    Attributes:
        allowed: Bad requests that the window allows.
        spent: Bad requests that it has seen.
        share_left: What is left as a share of 1; below zero when overspent.
        minutes_left: The same in minutes of full outage.
        requests_left: The same in bad requests.
    """

    allowed: float
    spent: int
    share_left: float
    minutes_left: float
    requests_left: float


@dataclass(frozen=True, slots=True)
class Curve:
    """The budget over time, one entry a sample.

    Attributes:
        times: Nanoseconds.
        budget_left: Share of the window's budget that is left.
        spent_in_drill: Share of the window's budget that was spent since T+00:00; 0 before.
        error_ratio: Error ratio over ``over``; NaN where unknown.
        burn_rate: The same in multiples of the allowance.
        over: The window of the two ratios, ns.
    """

    times: Integers
    budget_left: Floats
    spent_in_drill: Floats
    error_ratio: Floats
    burn_rate: Floats
    over: int


class Slo:
    """An objective with its samples."""

    def __init__(self, objective: Objective, history: SliHistory) -> None:
        self.objective = objective
        self.history = history
        self._times: list[int] = []
        self._bad: list[int] = []
        self._total: list[int] = []
        self._base_bad = int(history.bad[-1])
        self._base_total = int(history.total[-1])

    def __repr__(self) -> str:
        goal = self.objective
        return f"<Slo {goal.name}: {goal.target_text} over {goal.window_text}>"

    # --- samples ----------------------------------------------------------------------------------

    def observe(self, at: int, bad: int, total: int) -> None:
        """Append a live sample: requests counted since the warm-up began.

        A sample at the history's last instant adds nothing and is dropped.
        """
        newest = self._times[-1] if self._times else self.history.end
        if at == newest and not self._times:
            return
        bad, total = bad + self._base_bad, total + self._base_total
        before = (self._bad[-1], self._total[-1]) if self._times else (self._base_bad, self._base_total)
        if at <= newest or bad < before[0] or total < before[1] or bad > total:
            raise SimulationError(
                f"SLO {self.objective.name} at {format_clock(at)}",
                expected=f"counters that grow, after {format_clock(newest)}",
                got=f"{bad} bad of {total} requests after {before[0]} of {before[1]}",
                todo="This is a bug in the collector of the SLI.",
            )
        self._times.append(at)
        self._bad.append(bad)
        self._total.append(total)

    def _index(self, at: int) -> int:
        """Number of the newest sample at or before ``at``; -1 before the first. History first, then live."""
        old = len(self.history.total)
        if self._times and at >= self._times[0]:
            return old - 1 + bisect_right(self._times, at)
        return min((at - self.history.start) // STEP, old - 1) if at >= self.history.start else -1

    def _counts(self, index: int) -> tuple[int, int]:
        """(bad, total) since the history's start, at a sample; zero before the first."""
        old = len(self.history.total)
        if index < 0:
            return 0, 0
        if index < old:
            return int(self.history.bad[index]), int(self.history.total[index])
        return self._bad[index - old], self._total[index - old]

    def window_counts(self, window: int, at: int) -> tuple[int, int] | None:
        """(bad, total) between the oldest and the newest sample in ``(at - window, at]``; None if unknown.

        Unknown is: fewer than two samples, or no request between them.
        """
        oldest, newest = self._index(at - window) + 1, self._index(at)
        if newest <= oldest:
            return None
        bad, total = self._counts(newest)
        bad_before, total_before = self._counts(oldest)
        return (bad - bad_before, total - total_before) if total > total_before else None

    # --- ratios -----------------------------------------------------------------------------------

    def error_ratio(self, window: int, at: int) -> float:
        """Share of bad requests over ``window``; NaN if unknown."""
        counts = self.window_counts(window, at)
        return nan if counts is None else counts[0] / counts[1]

    def burn_rate(self, window: int, at: int) -> float:
        """Error ratio over ``window`` in multiples of the allowance; NaN if unknown."""
        return self.error_ratio(window, at) / float(self.objective.allowance)

    # --- budget -----------------------------------------------------------------------------------

    @property
    def allowed(self) -> float:
        """Bad requests that a window allows; see ``objective`` for the definition."""
        return float(self.objective.allowance * self.history.expected)

    def budget_left(self, at: int) -> Budget:
        """The budget over the window that ends at ``at``."""
        spent = self._counts(self._index(at))[0] - self._counts(self._index(at - self.objective.window))[0]
        left = self.allowed - spent
        share = left / self.allowed
        return Budget(self.allowed, spent, share, share * self.objective.budget_minutes, left)

    def bad_in_drill(self, at: int) -> int:
        """Bad requests since T+00:00."""
        return self._counts(self._index(at))[0] - self._counts(self._index(0))[0] if at > 0 else 0

    def requests_in_drill(self, at: int) -> int:
        """Requests since T+00:00."""
        return self._counts(self._index(at))[1] - self._counts(self._index(0))[1] if at > 0 else 0

    def spent_in_drill(self, at: int) -> float:
        """Share of the window's budget that was spent since T+00:00; may pass 1."""
        return self.bad_in_drill(at) / self.allowed

    def time_to_exhaustion(self, at: int, *, over: int = 5 * MINUTE) -> int | None:
        """Nanoseconds until the budget is gone if bad requests keep coming as over the last ``over``.

        0 when it is gone already; None when nothing burns, or when that is unknown.
        """
        left = self.budget_left(at).requests_left
        if left <= 0:
            return 0
        counts = self.window_counts(over, at)
        if counts is None or counts[0] == 0:
            return None
        oldest = self._time(self._index(at - over) + 1)
        newest = self._time(self._index(at))
        return round(left * (newest - oldest) / counts[0])

    def _time(self, index: int) -> int:
        old = len(self.history.total)
        return self._times[index - old] if index >= old else self.history.start + index * STEP

    # --- curves -----------------------------------------------------------------------------------

    def curve(self, start: int, end: int, *, over: int = 5 * MINUTE) -> Curve:
        """The budget at every sample in ``[start, end]``, with ratios over ``over``."""
        times = np.concatenate([self.history.times, np.array(self._times, dtype=np.int64)])
        bad = np.concatenate([self.history.bad, np.array(self._bad, dtype=np.int64)])
        total = np.concatenate([self.history.total, np.array(self._total, dtype=np.int64)])
        low, high = (
            int(np.searchsorted(times, start, "left")),
            int(np.searchsorted(times, end, "right")),
        )
        newest = np.arange(low, high)

        def sum_before(moments: Integers) -> Integers:
            index = np.searchsorted(times, moments, "right") - 1
            counted: Integers = np.where(index >= 0, bad[index], 0)
            return counted

        here = times[low:high]
        spent = bad[low:high] - sum_before(here - self.objective.window)
        at_zero = int(sum_before(np.zeros(1, dtype=np.int64))[0])
        in_drill = np.where(here > 0, bad[low:high] - at_zero, 0)
        oldest = np.minimum(np.searchsorted(times, here - over, "right"), newest)
        asked = total[newest] - total[oldest]
        ratio = np.full(len(here), nan)
        np.divide(bad[newest] - bad[oldest], asked, out=ratio, where=asked > 0)
        return Curve(
            times=here,
            budget_left=1 - spent / self.allowed,
            spent_in_drill=in_drill / self.allowed,
            error_ratio=ratio,
            burn_rate=ratio / float(self.objective.allowance),
            over=over,
        )
