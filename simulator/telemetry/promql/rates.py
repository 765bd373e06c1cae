"""How fast: rate, increase, delta with Prometheus' extrapolation, irate and idelta, regression, smoothing.

Source of every rule: prometheus/prometheus promql/functions.go, v3; where 2.42 differs, the code says so.
"""

from __future__ import annotations

from math import nan

import numpy as np

from simulator.telemetry.promql.source import Bools, Ends, Floats, Integers
from simulator.telemetry.promql.windows import Windows, spread, walk
from simulator.units import MILLISECOND, SECOND

Result = tuple[Floats, Bools]


def seconds_between(times: Integers) -> Floats:
    """Differences of times as Prometheus has them: whole milliseconds, then seconds."""
    found: Floats = (times // MILLISECOND) / 1000.0
    return found


def extrapolated(
    ends: Ends, starts: Integers, stops: Integers, *, counter: bool, per_second: bool, version: int
) -> Result:
    """``rate`` (a counter, per second), ``increase`` (a counter) and ``delta`` (a gauge).

    The increase seen between the first and last sample is carried on to the window's bounds, unless the
    nearest sample is so far from one that the series seems to begin or end inside; a counter is never carried
    on below zero.

    Args:
        ends: First and last samples.
        starts: Where the windows begin, ns.
        stops: Where they end.
        counter: Whether resets are made up for.
        per_second: Whether to divide by the window's length.
        version: In Prometheus 2 the rule on zero came before the rule on far samples.
    """
    there: Bools = ends.counts > 1
    with np.errstate(all="ignore"):
        grown = ends.last_values - ends.first_values
        if counter:
            grown = grown + ends.lost
        to_start = seconds_between(ends.first_times - starts)
        to_end = seconds_between(stops - ends.last_times)
        sampled = seconds_between(ends.last_times - ends.first_times)
        average = sampled / (ends.counts - 1)
        far = average * 1.1
        if version >= 3:
            to_start = np.where(to_start >= far, average / 2, to_start)
        if counter:
            to_zero = sampled * (ends.first_values / grown)
            rises = (grown > 0) & (ends.first_values >= 0) & (to_zero < to_start)
            to_start = np.where(rises, to_zero, to_start)
        if version < 3:
            to_start = np.where(to_start >= far, average / 2, to_start)
        to_end = np.where(to_end >= far, average / 2, to_end)
        factor = (sampled + to_start + to_end) / sampled
        if per_second:
            factor = factor / seconds_between(stops - starts)
        values = grown * factor
        return values, np.broadcast_to(there, values.shape)


def instant(windows: Windows, *, counter: bool) -> Result:
    """``irate`` and ``idelta``: the last two samples alone."""
    there: Bools = windows.counts > 1
    last = np.where(there, windows.last(), 1)
    values = windows.values if len(windows.values) > 1 else np.zeros(2)
    times = windows.times if len(windows.times) > 1 else np.arange(2, dtype=np.int64) * SECOND
    newer, older = values[last], values[last - 1]
    with np.errstate(all="ignore"):
        found = np.where(counter & (newer < older), newer, newer - older)
        if counter:
            found = found / seconds_between(times[last] - times[last - 1])
    return found, there


def regression(windows: Windows, origin: Integers | None) -> tuple[Floats, Floats, Bools]:
    """Least squares through each window, as Prometheus sums them up.

    Args:
        windows: The samples.
        origin: Where time is zero at each step, ns; None for each window's first sample.

    Returns:
        Slope per second, value at the origin, and where there are two samples or more.
    """
    there: Bools = windows.counts > 1
    some = windows.some
    size = int(some.sum())
    zero = windows.times[windows.first[some]] if size else np.zeros(0, dtype=np.int64)
    initial = windows.values[windows.first[some]] if size else np.zeros(0)
    if origin is not None:
        zero = np.broadcast_to(origin, some.shape)[some]
    count, constant = np.zeros(size), np.ones(size, dtype=np.bool_)
    sums = [Kahan(size) for _ in range(4)]
    with np.errstate(all="ignore"):
        for value, time, live in walk(windows):
            x = seconds_between(time - zero)
            constant &= ~live | (value == initial)
            count += live
            for part, term in zip(sums, (x, value, x * value, x * x), strict=True):
                part.add(term, live)
        sum_x, sum_y, sum_xy, sum_xx = (part.total for part in sums)
        slope = (sum_xy - sum_x * sum_y / count) / (sum_xx - sum_x * sum_x / count)
        intercept = sum_y / count - slope * sum_x / count
        endless = np.isinf(initial)
        slope = np.where(constant, np.where(endless, nan, 0.0), slope)
        intercept = np.where(constant, np.where(endless, nan, initial), intercept)
    return spread(windows, slope), spread(windows, intercept), there


def smoothed(windows: Windows, smoothing: Floats, trend: Floats) -> Result:
    """Holt's double exponential smoothing; both factors lie strictly between 0 and 1."""
    there: Bools = windows.counts > 1
    some = windows.some
    level_factor, trend_factor = (np.broadcast_to(each, some.shape)[some] for each in (smoothing, trend))
    size = int(some.sum())
    level, slope, older = np.zeros(size), np.zeros(size), np.zeros(size)
    with np.errstate(all="ignore"):
        for number, (value, _, live) in enumerate(walk(windows)):
            if number == 0:
                level = value
                continue
            if number == 1:
                slope = np.where(live, value - level, slope)
            else:
                slope = np.where(live, trend_factor * (level - older) + (1 - trend_factor) * slope, slope)
            rising = (1 - level_factor) * (level + slope)
            newer = level_factor * value + rising
            older, level = np.where(live, level, older), np.where(live, newer, level)
    return spread(windows, level), there


class Kahan:
    """Compensated sums, side by side, as Prometheus adds (Neumaier's variant).

    Source: prometheus/prometheus util/kahansum.
    """

    def __init__(self, size: int | tuple[int, ...]) -> None:
        self.sum: Floats = np.zeros(size)
        self.rest: Floats = np.zeros(size)

    def add(self, term: Floats, live: Bools) -> None:
        """Add a term to each sum that is ``live``."""
        total = self.sum + term
        larger = np.abs(self.sum) >= np.abs(term)
        lost = np.where(larger, (self.sum - total) + term, (term - total) + self.sum)
        rest = np.where(np.isinf(total), 0.0, self.rest + lost)
        self.sum = np.where(live, total, self.sum)
        self.rest = np.where(live, rest, self.rest)

    @property
    def total(self) -> Floats:
        """The sums."""
        return self.sum + self.rest
