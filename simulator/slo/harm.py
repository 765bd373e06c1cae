"""Harm to users, counted from what their browsers report: user-minutes of failed or slow service.

Users of an open load come once each, so a request that failed or was slower than its source's objective is
one user with a bad minute. ``user_minutes_bad`` is the sum of those users over the minutes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry.scraper import Telemetry
from simulator.units import MINUTE


def bad_users_by_minute(telemetry: Telemetry, start: int, end: int) -> NDArray[np.int64]:
    """Users with a bad experience in each minute from ``start``; the last one ends at ``end``."""
    edges = np.append(np.arange(start, end, MINUTE, dtype=np.int64), end)
    times = telemetry.store.times
    family = telemetry.store.family("user_bad_requests_total")
    counts, held = family.read(family.select(), 0, len(times))
    bad = np.where(held, counts, 0).sum(axis=0)
    rows = np.searchsorted(times, edges, side="right") - 1
    reached = np.where(rows >= 0, bad[np.maximum(rows, 0)], 0) if len(bad) else np.zeros(len(edges), np.int64)
    result: NDArray[np.int64] = np.diff(reached)
    return result


def user_minutes_bad(telemetry: Telemetry, end: int, *, start: int = 0) -> int:
    """Bad user-minutes from ``start`` (T+00:00) to the newest scrape until ``end``."""
    return int(bad_users_by_minute(telemetry, start, end).sum()) if end > start else 0
