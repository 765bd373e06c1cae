"""The run's store as a source for PromQL: simulated time laid onto a calendar, series found by search.

In Prometheus a scrape that no longer has a series leaves a stale marker; so every row in which a series of
the store has no sample counts as one. The first and last samples of a window, and what counter resets took in
between, are searched for, so that a rate over days costs no more than one over minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from simulator.telemetry.family import Family
from simulator.telemetry.promql.expressions import Matcher
from simulator.telemetry.promql.labels import NAME, Labels
from simulator.telemetry.promql.source import (
    Block,
    Bools,
    Ends,
    Floats,
    Integers,
    Latest,
    SeriesSource,
    predicate,
)
from simulator.telemetry.store import Store
from simulator.units import MICROSECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def epoch_of(start_time: datetime) -> int:
    """Nanoseconds from the Unix epoch to T+00:00."""
    since = start_time - _EPOCH
    return (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * MICROSECOND


class StoreSource(SeriesSource):
    """A store's series for PromQL.

    Args:
        store: Read only; it may grow between queries.
        epoch: Nanoseconds from the Unix epoch to T+00:00, by which all times of queries are later.
    """

    @property
    def epoch(self) -> int:
        """Nanoseconds from the Unix epoch to T+00:00."""
        return self._epoch

    def __init__(self, store: Store, epoch: int) -> None:
        self._store = store
        self._epoch = epoch
        self._labels: dict[str, list[Labels]] = {}

    def names(self) -> list[str]:
        return sorted(self._store.names())

    def label_names(self, name: str) -> tuple[str, ...]:
        """Labels of a metric; for completion."""
        return self._store.family(name).metric.labels

    def label_values(self, name: str, label: str) -> list[str]:
        """Values that a label of a metric has had, sorted; for completion."""
        return sorted({labels[label] for labels in self._store.labels(name)})

    def select(self, matchers: Sequence[Matcher], start: int, end: int) -> Block:
        times = self._store.times
        low, high = self._rows(start, "left"), self._rows(end, "right")
        labels: list[Labels] = []
        values: list[Floats] = [np.zeros((0, high - low))]
        present: list[Bools] = [np.zeros((0, high - low), dtype=np.bool_)]
        for family, series in self._families(matchers):
            raw, held = family.read(series, low, high)
            labels += self._label_sets(family, series)
            values.append(raw / family.metric.divisor)
            present.append(held)
        there = np.concatenate(present)
        return Block(labels, times[low:high] + self._epoch, np.concatenate(values), there, ~there)

    def latest(
        self, matchers: Sequence[Matcher], moments: Integers, lookback: int, *, closed: bool
    ) -> Latest:
        times = self._store.times
        column = np.searchsorted(times, moments - self._epoch, side="right") - 1
        rows, where = np.unique(np.maximum(column, 0), return_inverse=True)
        taken = times[rows][where] + self._epoch if len(times) else np.zeros(len(moments), dtype=np.int64)
        oldest = moments - lookback
        young = (column >= 0) & ((taken >= oldest) if closed else (taken > oldest))
        labels: list[Labels] = []
        values: list[Floats] = [np.zeros((0, len(moments)))]
        present: list[Bools] = [np.zeros((0, len(moments)), dtype=np.bool_)]
        for family, series in self._families(matchers):
            labels += self._label_sets(family, series)
            values.append((family.read_rows(series, rows) / family.metric.divisor)[:, where])
            present.append(family.present_at(series, rows)[:, where] & young)
        joined = np.concatenate(values)
        return Latest(labels, joined, np.broadcast_to(taken, joined.shape), np.concatenate(present))

    def ends(
        self, matchers: Sequence[Matcher], starts: Integers, ends: Integers, *, closed: bool
    ) -> Sequence[Ends] | None:
        families = self._families(matchers)
        if any(family.metric.type != "counter" for family, _ in families):
            return None
        times = self._store.times
        low = np.searchsorted(times, starts - self._epoch, side="left" if closed else "right")
        high = np.searchsorted(times, ends - self._epoch, side="right")
        parts = []
        for family, series in families:
            begin, end, whole = family.lives(series)
            whole &= (begin <= low.min()) & (end >= high.max())
            for some, alike in ((whole, True), (~whole, False)):
                if some.any():
                    parts.append(self._ends_of(family, series[some], low, high, alike=alike))
        return parts

    def _ends_of(
        self, family: Family, series: Integers, low: Integers, high: Integers, *, alike: bool
    ) -> Ends:
        """First and last rows of each window by the series' spans, their values, and what resets took.

        ``alike`` says that all these series have samples in all rows of all windows.
        """
        usual = np.where(low < high, low, 0), np.where(low < high, high - 1, 0)
        if alike:
            first, last, counts = usual[0][None, :], usual[1][None, :], np.maximum(high - low, 0)[None, :]
        else:
            first, last, counts = _bounds(family, series, low, high)
        values = [
            _values(family, series, rows, common, counts > 0, alike=alike)
            for rows, common in zip((first, last), usual, strict=True)
        ]
        lost = np.zeros((1, 1))
        for place, one in enumerate(series.tolist()):
            taken = family.resets.lost(one, first[0 if alike else place], last[0 if alike else place])
            if taken is not None:
                lost = np.zeros(values[0].shape) if lost.shape != values[0].shape else lost
                lost[place] = taken
        divisor = family.metric.divisor
        times = self._store.times if len(self._store.times) else np.zeros(1, dtype=np.int64)
        return Ends(
            self._label_sets(family, series),
            times[first] + self._epoch,
            values[0] / divisor,
            times[last] + self._epoch,
            values[1] / divisor,
            counts,
            lost / divisor,
        )

    def _rows(self, at: int, side: str) -> int:
        """The first row not before (``left``) or after (``right``) a moment."""
        where = "left" if side == "left" else "right"
        return int(np.searchsorted(self._store.times, at - self._epoch, side=where))  # type: ignore[call-overload]

    def _families(self, matchers: Sequence[Matcher]) -> list[tuple[Family, Integers]]:
        """Families and their series that match, by name."""
        names = [predicate(matcher) for matcher in matchers if matcher.name == NAME]
        tests: dict[str, list[Callable[[str], bool]]] = {}
        for matcher in matchers:
            if matcher.name != NAME:
                tests.setdefault(matcher.name, []).append(predicate(matcher))
        found = []
        exact = next((one.value for one in matchers if one.name == NAME and one.kind == "="), None)
        held = self._store.names() if exact is None else self._store.holds(exact)
        for name in held:
            if all(test(name) for test in names):
                family = self._store.family(name)
                series = family.matching(tests)
                if len(series):
                    found.append((family, series))
        return found

    def _label_sets(self, family: Family, series: Integers) -> list[Labels]:
        known = self._labels.setdefault(family.metric.name, [])
        # Sorted once for the family, since there may be thousands: its series have the same names.
        names = sorted((label, place) for place, label in enumerate((*family.metric.labels, NAME)))
        for number in range(len(known), len(family)):
            values = (*family.label_values(number), family.metric.name)
            known.append(tuple([(label, values[place]) for label, place in names if values[place]]))
        return [known[one] for one in series.tolist()]


def _bounds(
    family: Family, series: Integers, low: Integers, high: Integers
) -> tuple[Integers, Integers, Integers]:
    """Rows of the first and last sample in ``[low, high)`` and how many there are, by series and window."""
    begin, end, whole = family.lives(series)
    top, bottom = np.minimum(high, end[:, None]), np.maximum(low, begin[:, None])
    some = (top > bottom) & whole[:, None]
    first, last = np.where(some, bottom, 0), np.where(some, top - 1, 0)
    counts = np.where(some, top - bottom, 0)
    for place in np.flatnonzero(~whole).tolist():
        for begin_row, end_row in family.spans(int(series[place])):
            high_row, low_row = np.minimum(high, end_row), np.maximum(low, begin_row)
            here = high_row > low_row
            first[place] = np.where(here & (counts[place] == 0), low_row, first[place])
            last[place] = np.where(here, high_row - 1, last[place])
            counts[place] += np.where(here, high_row - low_row, 0)
    return first, last, counts


def _values(
    family: Family, series: Integers, rows: Integers, usual: Integers, some: Bools, *, alike: bool
) -> Floats:
    """Raw values at ``rows`` (series by window), most of which are the ``usual`` row of their window."""
    wanted, where = np.unique(usual, return_inverse=True)
    values = family.read_rows(series, wanted).astype(np.float64)
    if len(wanted) < len(usual):
        values = values[:, where]
    if not alike and (odd := some & (rows != usual)).any():
        values[odd] = family.pick(series[np.nonzero(odd)[0]], rows[odd])
    return values
