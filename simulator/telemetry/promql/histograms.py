"""``histogram_quantile`` on classic histograms: the quantile by linear interpolation inside a bucket.

Source: prometheus/prometheus promql/quantile.go, ``BucketQuantile``, v3. The 2.x line does the same but for
small differences between neighbouring buckets, which 3.x irons out.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import inf, isinf, isnan, nan
from typing import Final

import numpy as np

from simulator.telemetry.promql.labels import NAME, Labels, drop, value_of
from simulator.telemetry.promql.source import Bools, Floats
from simulator.telemetry.promql.values import Vector, settled

_BUCKET: Final = frozenset({"le", NAME})
_SPECIAL: Final[Mapping[str, float]] = {"inf": inf, "+inf": inf, "-inf": -inf, "infinity": inf, "nan": nan}
#: Neighbouring buckets that differ by less, relatively, count as equal: sums of rates are not exact.
_TOLERANCE: Final = 1e-12
_SMALLEST_NORMAL: Final = 2.2250738585072014e-308


def bound_of(text: str) -> float | None:
    """The number that an ``le`` label names, as Go reads it; None if it names none."""
    special = _SPECIAL.get(text.lower())
    if special is not None:
        return special
    if not text.isascii() or text != text.strip() or "_" in text:
        return None
    try:
        return float(text)
    except ValueError:
        return None


def histogram_quantile(q: Floats, buckets: Vector) -> Vector:
    """The ``q`` quantile of every histogram at every step.

    Args:
        q: One entry a step.
        buckets: Elements with a label ``le``; others are passed over.
    """
    histograms: dict[Labels, list[tuple[float, int]]] = {}
    for row, labels in enumerate(buckets.labels):
        bound = bound_of(value_of(labels, "le"))
        if bound is not None and not isnan(bound):
            histograms.setdefault(drop(labels, _BUCKET), []).append((bound, row))
    steps = buckets.values.shape[1]
    values = np.zeros((len(histograms), steps))
    present = np.zeros((len(histograms), steps), dtype=np.bool_)
    for place, members in enumerate(histograms.values()):
        members.sort()
        rows = [row for _, row in members]
        bounds = np.array([bound for bound, _ in members])
        there = buckets.present[rows]
        present[place] = there.any(axis=0)
        for pattern, columns in _patterns(there):
            values[place, columns] = _quantiles(
                q[columns], bounds[pattern], buckets.values[rows][pattern][:, columns]
            )
    return settled(list(histograms), values, present)


def _patterns(there: Bools) -> list[tuple[Bools, Bools]]:
    """Which buckets are there, and the steps at which it is exactly these."""
    if there.all():
        return [(np.ones(len(there), dtype=np.bool_), np.ones(there.shape[1], dtype=np.bool_))]
    kinds, which = np.unique(there, axis=1, return_inverse=True)
    which = which.ravel()
    return [(kinds[:, kind], which == kind) for kind in range(kinds.shape[1]) if kinds[:, kind].any()]


def _quantiles(q: Floats, bounds: Floats, counts: Floats) -> Floats:
    """Quantiles of one histogram at several steps; buckets ascend, all of them there."""
    bounds, starts = np.unique(bounds, return_index=True)
    with np.errstate(all="ignore"):
        counts = _monotonic(np.add.reduceat(counts, starts, axis=0))
        known = isinf(bounds[-1]) and bounds[-1] > 0 and len(bounds) > 1
        if not known:
            found = np.full(len(q), nan)
        else:
            found = _interpolated(q, bounds, counts)
    found = np.where(q < 0, -inf, np.where(q > 1, inf, found))
    return np.where(np.isnan(q), nan, found)


def _interpolated(q: Floats, bounds: Floats, counts: Floats) -> Floats:
    observations = counts[-1]
    rank = q * observations
    reached = counts[:-1] >= rank
    bucket = np.where(reached.any(axis=0), reached.argmax(axis=0), len(bounds) - 1)
    steps = np.arange(len(q))
    below = np.maximum(bucket - 1, 0)
    inner = np.minimum(bucket, len(bounds) - 2)
    start = np.where(bucket > 0, bounds[below], 0.0)
    before = np.where(bucket > 0, counts[below, steps], 0.0)
    found = start + (bounds[inner] - start) * ((rank - before) / (counts[inner, steps] - before))
    found = np.where((bucket == 0) & (bounds[0] <= 0), bounds[0], found)
    found = np.where(bucket == len(bounds) - 1, bounds[-2], found)
    answer: Floats = np.where(observations == 0, nan, found)
    return answer


def _monotonic(counts: Floats) -> Floats:
    """Counts that never fall from bucket to bucket; differences too small to mean anything are ironed out."""
    fixed = counts.copy()
    previous = counts[0].copy()
    for row in range(1, len(counts)):
        current = counts[row]
        both = np.abs(previous) + np.abs(current)
        apart = np.abs(previous - current)
        tiny = (previous == 0) | (current == 0) | (both < _SMALLEST_NORMAL)
        near = np.where(tiny, apart < _TOLERANCE * _SMALLEST_NORMAL, apart / both < _TOLERANCE)
        holds = near | (current < previous)
        fixed[row] = np.where(holds, previous, current)
        previous = np.where(holds, previous, current)
    return fixed
