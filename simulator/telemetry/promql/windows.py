"""Ranges of samples: for every series and step, which samples fall into the window that ends there.

The samples that are present lie in one flat array, series after series. A window is a run of it, found by
search; prefix sums along it answer for any window at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from simulator.telemetry.promql.labels import Labels
from simulator.telemetry.promql.source import Block, Bools, Ends, Floats, Integers

#: Beyond this the doubles lose whole numbers, and a prefix sum its exactness.
_EXACT = float(1 << 53)


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of a range selector or subquery.

    Attributes:
        labels: One a series.
        times: Of all samples, series after series, ns.
        values: Of all samples.
        first: Place of each window's first sample, shape ``(series, steps)``.
        counts: Samples in each window, the same shape; where 0, ``first`` means nothing.
        starts: Where each step's window begins, ns, shape ``(steps,)``.
        ends: Where it ends.
        steps: The steps themselves; they differ from ``ends`` by the offset.
    """

    labels: Sequence[Labels]
    times: Integers
    values: Floats
    first: Integers
    counts: Integers
    starts: Integers
    ends: Integers
    steps: Integers

    @property
    def some(self) -> Bools:
        """Windows that hold a sample."""
        there: Bools = self.counts > 0
        return there

    def last(self) -> Integers:
        """Place of each window's last sample."""
        place: Integers = self.first + self.counts - 1
        return place


def windows_of(block: Block, starts: Integers, ends: Integers, steps: Integers, *, closed: bool) -> Windows:
    """Cut a block into windows.

    Args:
        block: The samples.
        starts: Where each window begins.
        ends: Where each window ends; a sample there belongs to it.
        steps: The steps of the query.
        closed: Whether a sample exactly at the start belongs to it: so in Prometheus 2, not in 3.
    """
    low = np.searchsorted(block.times, starts, side="left" if closed else "right")
    high = np.searchsorted(block.times, ends, side="right")
    before = np.zeros((len(block.labels), len(block.times) + 1), dtype=np.int64)
    np.cumsum(block.present, axis=1, out=before[:, 1:])
    offsets = np.zeros(len(block.labels), dtype=np.int64)
    np.cumsum(before[:-1, -1], out=offsets[1:])
    first = offsets[:, None] + before[:, low]
    counts = before[:, high] - before[:, low]
    times = np.broadcast_to(block.times, block.present.shape)[block.present]
    values = block.values[block.present]
    return Windows(block.labels, times, values, first, np.maximum(counts, 0), starts, ends, steps)


def walk(windows: Windows) -> Iterator[tuple[Floats, Integers, Bools]]:
    """The first samples of all windows, then the second ones, and so on, as Prometheus' loops meet them.

    Yields:
        Values, times and where there is such a sample, each with one entry a window that holds any.
    """
    some = windows.some
    first, counts = windows.first[some], windows.counts[some]
    for number in range(int(counts.max(initial=0))):
        live = number < counts
        place = np.where(live, first + number, first)
        yield windows.values[place], windows.times[place], live


def spread(windows: Windows, results: Floats) -> Floats:
    """Results of the windows that hold a sample, put where they belong; 0 elsewhere."""
    values = np.zeros(windows.counts.shape)
    values[windows.some] = results
    return values


def differences(windows: Windows, marked: Floats) -> Floats:
    """Sum of ``marked`` over each window but its first sample; exact for counts.

    ``marked`` says something of each sample and the one before it.
    """
    if not len(marked):
        return np.zeros(windows.counts.shape)
    total = np.cumsum(marked)
    first = np.where(windows.some, windows.first, 0)
    last = np.where(windows.some, windows.last(), 0)
    found: Floats = total[last] - total[first]
    return found


def ends_of(windows: Windows) -> Ends:
    """First and last samples, and what counter resets took away in between."""
    some = windows.some
    first, last = np.where(some, windows.first, 0), np.where(some, windows.last(), 0)
    values, times = windows.values, windows.times
    if not len(values):
        values, times = np.zeros(1), np.zeros(1, dtype=np.int64)
    fell = np.zeros(len(values))
    with np.errstate(invalid="ignore"):
        np.copyto(fell[1:], values[:-1], where=values[1:] < values[:-1])
        finite = bool(np.isfinite(fell).all()) and float(np.abs(fell).sum()) < _EXACT
        lost = differences(windows, fell) if finite else _lost_by_walking(windows)
    return Ends(windows.labels, times[first], values[first], times[last], values[last], windows.counts, lost)


def _lost_by_walking(windows: Windows) -> Floats:
    """What resets took, added up sample by sample: where a prefix sum would not be exact."""
    lost = previous = None
    for value, _, live in walk(windows):
        if lost is None or previous is None:
            lost, previous = np.zeros(len(value)), value
            continue
        lost = lost + np.where(live & (value < previous), previous, 0.0)
        previous = np.where(live, value, previous)
    return spread(windows, lost if lost is not None else np.zeros(0))


def whole_numbers(values: Floats) -> bool:
    """Whether every prefix sum of these values is exact: whole numbers whose sum stays below 2^53."""
    if not np.isfinite(values).all() or (np.floor(values) != values).any():
        return False
    return float(np.abs(values).sum()) < _EXACT
