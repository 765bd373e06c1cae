"""The history of the SLIs as series that PromQL can ask: what a long window of a rule file sees.

The series are those that an SLO's queries select, with one label more (``recorded="history"``), since the
run's own series of the same names begin with the warm-up. A sum of rates over both is what one counter would
have given, but for half a minute of extrapolation where they meet.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Final

import numpy as np

from simulator.dataplane import HTTP_CODES
from simulator.slo.flow import Endpoint
from simulator.slo.history import STEP, SliHistory
from simulator.slo.indicator import LATENCY, CodeMatcher
from simulator.slo.objective import Objective
from simulator.slo.tally import Integers
from simulator.telemetry.promql import NAME, Block, Labels, Matcher, SeriesSource, labels_of
from simulator.telemetry.promql.labels import value_of
from simulator.telemetry.promql.source import Ends, predicate
from simulator.units import SECOND

#: The label that tells these series from those of the run.
MARK: Final = ("recorded", "history")
_CODES: Final = tuple(str(code) for code in sorted(set(HTTP_CODES)))


class HistorySource(SeriesSource):
    """Counters on one even line of times, which ended when the run began.

    Args:
        labels: One a series.
        start: Time of the first sample, ns since the Unix epoch.
        values: Shape ``(series, samples)``.
    """

    def __init__(self, labels: Sequence[Labels], start: int, values: Integers) -> None:
        self._labels, self._start = list(labels), start
        self._values = values.astype(np.float64)
        # A stale marker closes each series, as when a target goes away.
        self._times = start + STEP * np.arange(values.shape[1], dtype=np.int64)
        self._end = int(self._times[-1]) + SECOND

    def names(self) -> list[str]:
        """Metric names."""
        return sorted({value_of(labels, NAME) for labels in self._labels})

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Block:
        """Samples of the matching series from ``start`` to ``end``, and the marker behind them."""
        rows = self._rows(matchers)
        low, high = np.searchsorted(self._times, start, "left"), np.searchsorted(self._times, end, "right")
        times, values = self._times[low:high], self._values[rows, low:high]
        present = np.ones(values.shape, dtype=np.bool_)
        if start <= self._end <= end and rows:
            nothing = np.zeros((len(rows), 1))
            times = np.append(times, self._end)
            values = np.concatenate([values, nothing], axis=1)
            present = np.concatenate([present, nothing > 0], axis=1)
        return Block([self._labels[row] for row in rows], times, values, present, ~present)

    def ends(
        self, matchers: Sequence[Matcher], starts: Integers, ends: Integers, *, closed: bool
    ) -> Sequence[Ends] | None:
        """First and last samples of windows; these counters never reset."""
        rows = self._rows(matchers)
        first = np.searchsorted(self._times, starts, "left" if closed else "right")
        last = np.searchsorted(self._times, ends, "right") - 1
        counts = np.maximum(last - first + 1, 0)
        low, high = np.where(counts > 0, first, 0), np.where(counts > 0, last, 0)
        shape = (len(rows), len(starts))
        return [
            Ends(
                [self._labels[row] for row in rows],
                np.broadcast_to(self._times[low], shape),
                self._values[rows][:, low],
                np.broadcast_to(self._times[high], shape),
                self._values[rows][:, high],
                np.broadcast_to(counts, shape),
                np.zeros(shape),
            )
        ]

    def _rows(self, matchers: Sequence[Matcher]) -> list[int]:
        tests = [(each.name, predicate(each)) for each in matchers]
        return [
            row
            for row, labels in enumerate(self._labels)
            if all(test(value_of(labels, name)) for name, test in tests)
        ]


def recorded(
    histories: Iterable[tuple[Objective, SliHistory]],
    rates: Mapping[Endpoint, float],
    *,
    versions: Mapping[str, str],
    epoch: int,
) -> list[HistorySource]:
    """Sources of everything that was laid down.

    Where two SLOs count the same requests, the series are those of the one declared first.

    Args:
        histories: Of each SLO; thresholds have no requests.
        rates: Planned requests a second by (service, route): how an SLO's requests divide over its routes.
        versions: The version that each service ran.
        epoch: Nanoseconds from the Unix epoch to T+00:00.
    """
    known: set[Labels] = set()
    sources = []
    for goal, history in histories:
        if goal.indicator.threshold is not None:
            continue
        series = [
            (labels, values)
            for labels, values in _series(goal, history, rates, versions.get(goal.service, ""))
            if labels not in known
        ]
        known |= {labels for labels, _ in series}
        if series:
            values = np.stack([values for _, values in series])
            sources.append(HistorySource([labels for labels, _ in series], history.start + epoch, values))
    return sources


def _series(
    goal: Objective, history: SliHistory, rates: Mapping[Endpoint, float], version: str
) -> Iterable[tuple[Labels, Integers]]:
    shares = {
        route: round(rate * 1000)
        for (service, route), rate in rates.items()
        if service == goal.service and (not goal.routes or route in goal.routes)
    }
    bad, good = _divided(history.bad, shares), _divided(history.total - history.bad, shares)
    for place, route in enumerate(shares):
        where = {"service": goal.service, "version": version, "route": route, MARK[0]: MARK[1]}
        if goal.indicator.le:
            whole = good[place] + bad[place]
            for name, le, values in (
                ("_bucket", goal.indicator.le, good[place]),
                ("_bucket", "+Inf", whole),
                ("_count", "", whole),
            ):
                yield labels_of({**where, NAME: LATENCY + name, "le": le}), values
        elif goal.indicator.bad is not None:
            for matcher, counted in ((goal.indicator.bad.negated, good), (goal.indicator.bad, bad)):
                labels = {**where, NAME: goal.indicator.metric, "code": _code(matcher)}
                yield labels_of(labels), counted[place]


def _code(matcher: CodeMatcher) -> str:
    """The first status code that a matcher fits."""
    return next((code for code in _CODES if matcher.matches(code)), "")


def _divided(counter: Integers, shares: Mapping[str, int]) -> list[Integers]:
    """A counter divided over routes by share, in whole requests that add up to it."""
    whole = max(sum(shares.values()), 1)
    steps = np.diff(counter, prepend=0)
    borders = np.cumsum([0, *shares.values()])
    parts = [steps * int(border) // whole for border in borders]
    return [np.cumsum(upper - lower) for lower, upper in pairwise(parts)]
