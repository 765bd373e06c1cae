"""From a scrape to an SLI's pair of counters: bad and total events since the warm-up began.

Whole numbers from the data plane's own counters, pods that are gone included. The PromQL of
``indicator`` names the same counters.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Final

import numpy as np

from simulator.dataplane import HTTP_CODES, LE_SECONDS, OUTCOMES, TrafficFrame
from simulator.errors import GamedayError
from simulator.slo.indicator import BALANCER, Indicator, Threshold
from simulator.slo.objective import Objective
from simulator.telemetry.scraper import Telemetry
from simulator.units import MINUTE

#: Asks for the value of a PromQL expression at an instant; NaN where there is none.
Ask = Callable[[str, int], float]
#: A counter: (bad, total) at the newest scrape, which was at this instant.
Counter = Callable[[int], tuple[int, int]]

_UNAVAILABLE: Final = OUTCOMES.index("unavailable")
_BOUNDS: Final = tuple(f"{bound:g}" for bound in LE_SECONDS)


def counter(objective: Objective, telemetry: Telemetry, ask: Ask | None = None) -> Counter:
    """What counts an objective's events.

    Args:
        objective: Its service, routes and indicator.
        telemetry: Of the run.
        ask: PromQL, for a threshold metric.

    Raises:
        GamedayError: The latency bound is no bucket's, or there is nobody to ask about a threshold.
    """
    indicator = objective.indicator
    if indicator.threshold is not None:
        if ask is None:
            raise GamedayError(
                f"SLO {objective.name}",
                expected="a ratioMetric, where nobody answers PromQL",
                got="a thresholdMetric",
                todo="Hand `watch` a function that answers PromQL.",
            )
        return _sampled(indicator.threshold, ask)
    if indicator.le:
        bucket = _bucket(objective)
        return lambda _at: _slower(objective, telemetry, bucket)
    mask = _bad_outcomes(indicator)
    return lambda _at: _failed(objective, telemetry, mask)


def _bad_outcomes(indicator: Indicator) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    assert indicator.bad is not None, "availability is told by the codes of bad answers"
    return np.array([indicator.bad.matches(str(code)) for code in HTTP_CODES])


def _failed(
    objective: Objective, telemetry: Telemetry, mask: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> tuple[int, int]:
    frame = telemetry.frame
    if frame is None:
        return 0, 0
    routes = telemetry.route_rows(objective.service, objective.routes)
    by_outcome = frame.requests[_pods(frame, objective.service)][:, routes].sum(axis=(0, 1))
    if objective.indicator.metric == BALANCER:
        by_outcome[_UNAVAILABLE] += frame.unrouted[frame.services.index(objective.service), routes].sum()
    return int(by_outcome[mask].sum()), int(by_outcome.sum())


def _slower(objective: Objective, telemetry: Telemetry, bucket: int) -> tuple[int, int]:
    frame = telemetry.frame
    if frame is None:
        return 0, 0
    routes = telemetry.route_rows(objective.service, objective.routes)
    by_bucket = frame.buckets[_pods(frame, objective.service)][:, routes].sum(axis=(0, 1))
    return int(by_bucket[bucket + 1 :].sum()), int(by_bucket.sum())


def _pods(frame: TrafficFrame, service: str) -> list[int]:
    return [row for row, info in enumerate(frame.instances) if info.service == service]


def _bucket(objective: Objective) -> int:
    """Number of the last bucket whose answers are fast enough."""
    if objective.indicator.le not in _BOUNDS:
        raise GamedayError(
            f'SLO {objective.name}, le="{objective.indicator.le}"',
            expected="the upper bound of a bucket: " + ", ".join(_BOUNDS),
            got=repr(objective.indicator.le),
            todo="A histogram can tell requests apart at its own bounds alone; choose the nearest.",
        )
    return _BOUNDS.index(objective.indicator.le)


def _sampled(threshold: Threshold, ask: Ask) -> Counter:
    """One sample a minute; a number that does not exist is neither kept nor broken, and is not counted."""
    counts = [0, 0]
    before: int | None = None

    def count(at: int) -> tuple[int, int]:
        nonlocal before
        due = at % MINUTE == 0 or (before is not None and before // MINUTE < at // MINUTE)
        before = at
        if due:  # the first scrape of a minute
            number = ask(threshold.query, at)
            if not isnan(number):
                counts[0] += threshold.broken(number)
                counts[1] += 1
        return counts[0], counts[1]

    return count
