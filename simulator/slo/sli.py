"""One SLO as it is measured: history and live samples, and all its answers.

Two tallies: ``events`` counts requests, ``units`` counts what the budget is counted in. For ``Occurrences``
they are the same one; otherwise ``units`` holds slices.

**Windows.** ``error_ratio(w, at)`` is what Prometheus 3 computes for ``rate(bad[w]) / rate(total[w])`` at
``at``: the newest minus the oldest sample in ``(at - w, at]``, open on the left. With fewer than two samples,
or with no request between them, the ratio is NaN: unknown, and never healthy. Of slices it is
``avg_over_time`` of those that ended in the window. Budgets are counted to the unit instead: bad units since
the newest sample at or before the window's start.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

import numpy as np
from numpy.typing import NDArray

from simulator.slo.history import STEP, SliHistory
from simulator.slo.objective import Objective
from simulator.slo.slices import Slices, units_of_slice
from simulator.slo.tally import Integers, Tally
from simulator.units import MINUTE

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Budget:
    """The error budget at one instant, over the window that ends then.

    Attributes:
        allowed: Bad units that the window allows: requests, slices, or minutes of a broken threshold.
        spent: Bad units that it has seen.
        share_left: What is left as a share of 1; below zero when overspent.
        minutes_left: The same in minutes of full outage.
        requests_left: The same in bad requests; for slices, at the traffic that the window expects.
    """

    allowed: float
    spent: float
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
    """An objective with its samples.

    Attributes:
        objective: What was promised.
        history: What was laid down before the drill.
        events: Requests (of a threshold, samples).
        units: What the budget is counted in.
    """

    def __init__(self, objective: Objective, history: SliHistory) -> None:
        self.objective = objective
        self.history = history
        self.events = Tally(objective.name, history.start, STEP, history.bad, history.total)
        self._slices = Slices(objective, self.events, history.end) if objective.sliced else None
        self.units = self.events if self._slices is None else self._slices.units
        self._worth = units_of_slice(objective)
        self._allowance = float(objective.allowance)

    def __repr__(self) -> str:
        goal = self.objective
        return f"<Slo {goal.name}: {goal.target_text} over {goal.window_text}>"

    def observe(self, at: int, bad: int, total: int) -> None:
        """Append a live sample: events counted since the warm-up began.

        A sample at the history's last instant adds nothing and is dropped.

        Raises:
            SimulationError: It is older than the newest, or a counter shrank.
        """
        self.events.append(at, bad, total)
        if self._slices is not None:
            self._slices.close(at)

    # --- ratios -----------------------------------------------------------------------------------

    def window_counts(self, window: int, at: int) -> tuple[int, int] | None:
        """(bad, total) units in ``(at - window, at]``; None if unknown.

        Unknown is: fewer than two samples, or no request between them; of slices, none that had a request.
        """
        if self._slices is None:
            return self.events.within(window, at)
        bad, total = self.units.between(at - window, at)
        return (bad, total) if total else None

    def error_ratio(self, window: int, at: int) -> float:
        """Share of bad units over ``window``; NaN if unknown."""
        counts = self.window_counts(window, at)
        return nan if counts is None else counts[0] / counts[1]

    def burn_rate(self, window: int, at: int) -> float:
        """Error ratio over ``window`` in multiples of the allowance; NaN if unknown."""
        counts = self.window_counts(window, at)
        return nan if counts is None else self.in_allowances(counts)

    def in_allowances(self, counts: tuple[int, int]) -> float:
        """The burn rate of (bad, total) units of any window with at least one unit."""
        return counts[0] / counts[1] / self._allowance

    # --- budget -----------------------------------------------------------------------------------

    @property
    def allowed(self) -> float:
        """Bad units that a window allows; see ``objective`` for the definition."""
        return float(self.objective.allowance * self._expected())

    def _expected(self) -> int:
        """Units that the window is expected to hold, in the tally's own numbers."""
        goal = self.objective
        return (
            self.history.expected if self._slices is None else goal.window // goal.slice_window * self._worth
        )

    def budget_left(self, at: int) -> Budget:
        """The budget over the window that ends at ``at``; a calendar's began with its period."""
        goal = self.objective
        spent, _ = self.units.between(goal.window_start(at), at)
        left = self.allowed - spent
        share = left / self.allowed
        in_requests = left if self._slices is None else share * float(goal.allowance) * self.history.expected
        return Budget(
            self.allowed / self._worth,
            spent / self._worth,
            share,
            share * goal.budget_minutes,
            in_requests,
        )

    def bad_in_drill(self, at: int) -> int:
        """Bad requests since T+00:00."""
        return self.events.between(0, at)[0] if at > 0 else 0

    def requests_in_drill(self, at: int) -> int:
        """Requests since T+00:00."""
        return self.events.between(0, at)[1] if at > 0 else 0

    def spent_in_drill(self, at: int) -> float:
        """Share of the window's budget that was spent since T+00:00; may pass 1."""
        return self.units.between(0, at)[0] / self.allowed if at > 0 else 0.0

    def time_to_exhaustion(self, at: int, *, over: int = 5 * MINUTE) -> int | None:
        """Nanoseconds until the budget is gone if bad units keep coming as over the last ``over``.

        0 when it is gone already; None when nothing burns, or when that is unknown.
        """
        spent, _ = self.units.between(self.objective.window_start(at), at)
        left = self.allowed - spent
        if left <= 0:
            return 0
        counts = self.window_counts(over, at)
        if counts is None or counts[0] == 0:
            return None
        oldest = self.units.index(at - over) + (0 if self._slices else 1)
        took = self.units.time(self.units.index(at)) - self.units.time(max(oldest, 0))
        return round(left * took / counts[0])

    # --- curves -----------------------------------------------------------------------------------

    def curve(self, start: int, end: int, *, over: int = 5 * MINUTE) -> Curve:
        """The budget at every sample in ``[start, end]``, with ratios over ``over``."""
        times, bad, total = self.units.arrays()
        low, high = np.searchsorted(times, start, "left"), np.searchsorted(times, end, "right")
        newest = np.arange(low, high)
        here = times[low:high]

        def bad_until(moments: Integers) -> Integers:
            index = np.searchsorted(times, moments, "right") - 1
            counted: Integers = np.where(index >= 0, bad[index], 0)
            return counted

        starts = np.array([self.objective.window_start(int(at)) for at in here], dtype=np.int64)
        spent = bad[low:high] - bad_until(starts)
        at_zero = int(bad_until(np.zeros(1, dtype=np.int64))[0])
        in_drill = np.where(here > 0, bad[low:high] - at_zero, 0)
        first = np.searchsorted(times, here - over, "right") - (1 if self._slices else 0)
        oldest = np.minimum(np.maximum(first, 0), newest)
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
