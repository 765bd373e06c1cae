"""What the samples of a window amount to: the ``*_over_time`` functions, ``changes`` and ``resets``.

Sums are compensated as Prometheus compensates them; where the samples are whole numbers, plain prefix sums
are as exact and answer at once. Source: prometheus/prometheus promql/functions.go, v3.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import inf, nan
from typing import Final

import numpy as np

from simulator.telemetry.promql.rates import Kahan, Result
from simulator.telemetry.promql.source import Bools, Floats
from simulator.telemetry.promql.windows import Windows, differences, spread, walk, whole_numbers

#: Values and where they count, term by term.
Terms = Iterable[tuple[Floats, Bools]]


def _total(windows: Windows) -> Floats:
    some = windows.some
    if whole_numbers(windows.values):
        total = np.concatenate([[0.0], np.cumsum(windows.values)])
        first = windows.first[some]
        return spread(windows, total[first + windows.counts[some]] - total[first])
    sums = Kahan(int(some.sum()))
    with np.errstate(all="ignore"):
        for value, _, live in walk(windows):
            sums.add(value, live)
        return spread(windows, np.where(np.isinf(sums.sum), sums.sum, sums.total))


def total(windows: Windows) -> Result:
    """``sum_over_time``."""
    return _total(windows), windows.some


def average(windows: Windows) -> Result:
    """``avg_over_time``."""
    some = windows.some
    if whole_numbers(windows.values):
        with np.errstate(all="ignore"):
            return _total(windows) / windows.counts, some
    found = mean_of(((value, live) for value, _, live in walk(windows)), int(some.sum()))
    return spread(windows, found), some


def average_of_2(windows: Windows) -> Result:
    """``avg_over_time`` of Prometheus 2: a mean carried along."""
    means, count = Kahan(int(windows.some.sum())), np.zeros(int(windows.some.sum()))
    with np.errstate(all="ignore"):
        for value, _, live in walk(windows):
            count = count + live
            means.add(value / count - means.sum / count, live & ~_stays_endless(means.sum, value))
        found = np.where(np.isinf(means.sum), means.sum, means.total)
    return spread(windows, found), windows.some


def running_mean_of(terms: Terms, size: int | tuple[int, ...]) -> Floats:
    """The aggregation's mean of Prometheus 2, carried along without compensation."""
    mean, count = np.zeros(size), np.zeros(size)
    with np.errstate(all="ignore"):
        for value, live in terms:
            count = count + live
            moved = mean + (value / count - mean / count)
            mean = np.where(live & ~_stays_endless(mean, value), moved, mean)
    return mean


def _stays_endless(mean: Floats, value: Floats) -> Bools:
    """An infinite mean that this value does not change."""
    same: Bools = np.isinf(mean) & (np.isfinite(value) | (mean == value))
    return same


def mean_of(terms: Terms, size: int | tuple[int, ...]) -> Floats:
    """Means side by side, of ``(values, live)`` pairs taken in order.

    Where the sum would overflow, the mean is carried along instead.
    """
    sums, mean = Kahan(size), Kahan(size)
    count, running = np.zeros(size), np.zeros(size, dtype=np.bool_)
    with np.errstate(all="ignore"):
        for value, live in terms:
            count = count + live
            overflows = live & ~running & np.isinf(sums.sum + value) & (count > 1)
            mean.sum = np.where(overflows, sums.sum / (count - 1), mean.sum)
            mean.rest = np.where(overflows, sums.rest / (count - 1), mean.rest)
            running = running | overflows
            sums.add(value, live & ~running)
            moving = live & running
            share = (count - 1) / count
            mean.sum = np.where(moving, share * mean.sum, mean.sum)
            mean.rest = np.where(moving, share * mean.rest, mean.rest)
            mean.add(value / count, moving)
        return np.where(running, mean.total, sums.sum / count + sums.rest / count)


def _extreme(reduce: np.ufunc) -> Callable[[Windows], Result]:
    def found(windows: Windows) -> Result:
        """The extreme sample; NaN only where there is nothing else."""
        some = windows.some
        first, counts = windows.first[some], windows.counts[some]
        if not len(first):
            return np.zeros(some.shape), some
        bounds = np.stack([first, first + counts], axis=1).ravel()
        padded = np.append(windows.values, nan)  # a window may end at the very end
        return spread(windows, reduce.reduceat(padded, bounds)[::2]), some

    return found


def count(windows: Windows) -> Result:
    """``count_over_time``."""
    return windows.counts.astype(np.float64), windows.some


def present(windows: Windows) -> Result:
    """``present_over_time``."""
    return np.ones(windows.counts.shape), windows.some


def last(windows: Windows) -> Result:
    """``last_over_time``."""
    return spread(windows, windows.values[windows.last()[windows.some]]), windows.some


def first(windows: Windows) -> Result:
    """``first_over_time``."""
    return spread(windows, windows.values[windows.first[windows.some]]), windows.some


def variance(windows: Windows) -> Result:
    """``stdvar_over_time``: the population's variance, by Welford's recurrence."""
    terms = ((value, live) for value, _, live in walk(windows))
    return spread(windows, variance_of(terms, int(windows.some.sum()))), windows.some


def variance_of(terms: Terms, size: int | tuple[int, ...]) -> Floats:
    """Variances side by side, of ``(values, live)`` pairs taken in order."""
    number, mean, squares = np.zeros(size), Kahan(size), Kahan(size)
    with np.errstate(all="ignore"):
        for value, live in terms:
            number = number + live
            delta = value - mean.total
            mean.add(delta / number, live)
            squares.add(delta * (value - mean.total), live)
        return squares.total / number


def deviation(windows: Windows) -> Result:
    """``stddev_over_time``."""
    found, there = variance(windows)
    return np.sqrt(found), there


def changes(windows: Windows) -> Result:
    """How often a sample differs from the one before; NaN does not differ from NaN."""
    values = windows.values
    marked = np.zeros(len(values))
    if len(values):
        both = np.isnan(values[1:]) & np.isnan(values[:-1])
        marked[1:] = (values[1:] != values[:-1]) & ~both
    return differences(windows, marked), windows.some


def resets(windows: Windows) -> Result:
    """How often a sample is less than the one before."""
    values = windows.values
    marked = np.zeros(len(values))
    if len(values):
        marked[1:] = values[1:] < values[:-1]
    return differences(windows, marked), windows.some


def quantiles(windows: Windows, q: Floats) -> Result:
    """``quantile_over_time``; ``q`` has one entry a step."""
    ranks = np.broadcast_to(q, windows.counts.shape)[windows.some]
    samples = zip(windows.first[windows.some].tolist(), windows.counts[windows.some].tolist(), strict=True)
    found = [
        quantile(rank, windows.values[begin : begin + size])
        for rank, (begin, size) in zip(ranks.tolist(), samples, strict=True)
    ]
    return spread(windows, np.array(found)), windows.some


def absolute_deviation(windows: Windows) -> Result:
    """``mad_over_time``: the median distance from the median."""
    found = []
    for begin, size in zip(
        windows.first[windows.some].tolist(), windows.counts[windows.some].tolist(), strict=True
    ):
        values = windows.values[begin : begin + size]
        with np.errstate(invalid="ignore"):
            found.append(quantile(0.5, np.abs(values - quantile(0.5, values))))
    return spread(windows, np.array(found)), windows.some


def quantile(q: float, values: Floats) -> float:
    """Prometheus' quantile: linear between the two nearest ranks; NaN sorts before everything."""
    if not len(values) or q != q:
        return nan
    if q < 0:
        return -inf
    if q > 1:
        return inf
    unknown = np.isnan(values)
    ordered = np.concatenate([values[unknown], np.sort(values[~unknown])])
    rank = q * (len(ordered) - 1)
    low = int(rank)
    high = min(low + 1, len(ordered) - 1)
    weight = rank - low
    with np.errstate(invalid="ignore"):
        return float(ordered[low] * (1 - weight) + ordered[high] * weight)


#: Functions of one range and nothing else, by name.
SIMPLE: Final[Mapping[str, Callable[[Windows], Result]]] = {
    "avg_over_time": average,
    "changes": changes,
    "count_over_time": count,
    "first_over_time": first,
    "last_over_time": last,
    "mad_over_time": absolute_deviation,
    "max_over_time": _extreme(np.fmax),
    "min_over_time": _extreme(np.fmin),
    "present_over_time": present,
    "resets": resets,
    "stddev_over_time": deviation,
    "stdvar_over_time": variance,
    "sum_over_time": total,
}
#: What keeps the metric's name: its result is a sample of that metric.
KEEPS_NAME: Final = frozenset({"last_over_time", "first_over_time"})
