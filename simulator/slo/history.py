"""What happened before the drill: an SLI's counters from a window ago to the warm-up, at one sample a minute.

Windows of days mean something only if the days are there. Simulating them would cost gigabytes, so the
counters of the SLI alone are generated from the seed: traffic with a shop's day and week, a little healthy
noise, and a few small past incidents, such that the declared share of the budget is spent to the request. Old
incidents end before the longest alert window begins, so no alert of the table is true when the learner
arrives. Whole numbers throughout: the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.errors import GamedayError
from simulator.slo.objective import Objective
from simulator.streams import GOLDEN, MASK, Stream, fold, key
from simulator.units import DAY, HOUR, MINUTE

Integers = NDArray[np.int64]

#: Distance of the samples.
STEP: Final = MINUTE
#: History reaches back this much further than the window, so windows that end in the warm-up are full too.
MARGIN: Final = HOUR
#: The longest alert window; a calendar's period may be younger.
ALERT_REACH: Final = 3 * DAY
#: Parts of a minute's share of bad requests, where a slice is worth its share.
RATIO_UNITS: Final = 1_000_000
#: Traffic of a shop by hour of the day, per mille of its busiest hour.
DAY_SHAPE: Final = (
    310, 240, 200, 180, 190, 240, 350, 500, 650, 760, 830, 880,
    910, 890, 870, 860, 880, 930, 980, 1000, 960, 830, 620, 430,
)  # fmt: skip
#: And by day of the week from Monday, per mille.
WEEK_SHAPE: Final = (960, 940, 950, 970, 1000, 1090, 1060)
#: Of the spending that a scenario declares, this part is everyday noise, per cent; the rest is incidents.
NOISE_PERCENT: Final = 45
#: What a calendar's last period spends of its budget's pace before this one begins, per cent: calm days.
CALM_PERCENT: Final = 30
#: Past incidents lie between these parts of the window, per cent before T+00:00.
INCIDENT_SPAN_PERCENT: Final = (12, 94)


@dataclass(frozen=True, slots=True)
class PastIncident:
    """An incident of the history: a start, a length and the bad requests that it cost."""

    start: int
    duration: int
    bad: int


@dataclass(frozen=True, slots=True)
class SliHistory:
    """Cumulative counters of an SLI before the drill.

    Attributes:
        start: Time of sample 0, ns; sample ``i`` is ``STEP`` times ``i`` later.
        bad: Bad requests since ``start``, at each sample.
        total: Requests since ``start``, at each sample.
        expected: Requests that the window ending at T+00:00 is expected to hold, warm-up included.
        incidents: What was laid into it, oldest first.
    """

    start: int
    bad: Integers
    total: Integers
    expected: int
    incidents: tuple[PastIncident, ...]

    @property
    def end(self) -> int:
        """Time of the last sample, where the live counters take over."""
        return self.start + (len(self.total) - 1) * STEP

    @property
    def times(self) -> Integers:
        """Times of the samples, ns."""
        return self.start + STEP * np.arange(len(self.total), dtype=np.int64)


def many_bits(stream: Stream, purpose: int, indices: Integers) -> NDArray[np.uint64]:
    """``stream.bits(purpose, i)`` for many ``i`` at once."""
    root = fold(stream.seed, key(stream.name), purpose)
    mixed = _mix(indices.astype(np.uint64)) ^ np.uint64((root + GOLDEN) & MASK)
    return _mix(mixed)


def _mix(z: NDArray[np.uint64]) -> NDArray[np.uint64]:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    result: NDArray[np.uint64] = z ^ (z >> np.uint64(31))
    return result


def lay_down(
    objective: Objective,
    *,
    seed: int,
    warm_up: int,
    requests_per_second: float,
    start_time: datetime,
) -> SliHistory:
    """Generate an SLI's history.

    Args:
        objective: The SLO; its window, method and ``spent_at_start`` are met.
        seed: The run's seed; the SLO's name keys the rest.
        warm_up: Simulated time before T+00:00, ns: the history ends where it begins.
        requests_per_second: Planned rate of the SLI's requests when the run begins.
        start_time: The civil time of T+00:00, for the hour and the weekday.

    Raises:
        GamedayError: The window is not longer than the warm-up, or no request is expected in it.
    """
    plan = _Plan(objective, warm_up, requests_per_second, start_time)
    stream = Stream(seed, f"sli-history/{objective.name}")
    minutes = np.arange(
        -(plan.steps + plan.before), 0, dtype=np.int64
    )  # minute i ends at -warm_up + (i + 1) * STEP
    totals = plan.totals(stream, minutes)
    expected = plan.expected(totals)
    lay = {"Timeslices": _bad_slices, "RatioTimeslices": _bad_shares}.get(objective.method, _bad_events)
    bad, incidents = lay(plan, stream, minutes, totals, expected)
    bad = _within(bad, totals, plan.before)
    zero = np.zeros(1, dtype=np.int64)
    return SliHistory(
        start=-warm_up - len(totals) * STEP,
        bad=np.concatenate([zero, np.cumsum(bad)]),
        total=np.concatenate([zero, np.cumsum(totals)]),
        expected=expected,
        incidents=incidents,
    )


class _Plan:
    """What a history must meet.

    Attributes:
        objective: The SLO.
        warm_up: ns.
        span: How far the budget's window reaches back from T+00:00, ns.
        steps: Samples of the history inside the window.
        before: Samples before the window, for long alert windows and for those that end in the warm-up.
        planned: Thousandths of an event per minute when the run begins.
    """

    def __init__(self, objective: Objective, warm_up: int, rps: float, start_time: datetime) -> None:
        rolling = objective.periods is None
        self.objective, self.warm_up = objective, warm_up
        self.span = objective.window if rolling else -objective.window_start(0)
        self.steps = max(self.span - warm_up, 0) // STEP
        self.before = (MARGIN if rolling else max(ALERT_REACH - self.steps * STEP, 0) + MARGIN) // STEP
        self.planned = 1000 if objective.indicator.threshold is not None else round(rps * 60_000)
        weekday_minutes = (start_time.weekday() * 24 + start_time.hour) * 60 + start_time.minute
        self._civil = weekday_minutes - warm_up // STEP
        if objective.window - warm_up < STEP or self.planned < 1:
            raise GamedayError(
                f"SLO {objective.name}",
                expected="a window longer than the warm-up, and traffic on the routes that it counts",
                got=f"a window of {objective.window_text} and {rps:g} requests/s",
                todo="Widen timeWindow, or point the indicator at a service and route that users reach.",
            )
        if objective.spent_at_start and not self.steps:
            raise GamedayError(
                f"SLO {objective.name}, budgetSpentAtStart",
                expected="0, where the calendar's period begins in the warm-up or later",
                got=f"{float(objective.spent_at_start):g}",
                todo="Nothing can have been spent yet: move startTime, or begin with the whole budget.",
            )

    def totals(self, stream: Stream, minutes: Integers) -> Integers:
        """Events of each minute: the planned rate by day and week, with the scatter of arrivals."""
        if self.objective.indicator.threshold is not None:
            return np.ones(len(minutes), dtype=np.int64)  # one sample a minute
        mean = self._mean(minutes)
        bits = many_bits(stream, 1, minutes)
        # The sum of four 16-bit uniforms is near normal, with mean 131,070 and deviation 37,837.
        summed = sum(
            ((bits >> np.uint64(16 * part)) & np.uint64(0xFFFF)).astype(np.int64) for part in range(4)
        )
        scatter = np.sqrt(mean).astype(np.int64) * (summed - 131_070) // 37_837
        totals: Integers = np.maximum(mean + scatter, 0)
        return totals

    def expected(self, totals: Integers) -> int:
        """Events that the whole window should hold: what was, the warm-up, what a calendar has left."""
        known = int(totals[self.before :].sum()) + self.planned * self.warm_up // (1000 * STEP)
        ahead = (self.objective.window - self.span) // STEP
        if not ahead:
            return known
        first = self.warm_up // STEP
        if self.objective.indicator.threshold is not None:
            return known + ahead
        return known + int(self._mean(np.arange(first, first + ahead, dtype=np.int64)).sum())

    def _mean(self, minutes: Integers) -> Integers:
        now = int(_shape(np.array([self._civil], dtype=np.int64))[0])
        mean: Integers = self.planned * _shape(self._civil + minutes) // (1000 * now)
        return mean

    def first(self, incident: PastIncident) -> int:
        """Index of the minute at which an incident begins."""
        return self.before + (incident.start + self.span) // STEP


def _bad_events(
    plan: _Plan, stream: Stream, minutes: Integers, totals: Integers, expected: int
) -> tuple[Integers, tuple[PastIncident, ...]]:
    """Bad events of each minute such that those in the window are the declared share of the budget."""
    goal, before = plan.objective, plan.before
    spend = int(goal.spent_at_start * goal.allowance * expected + goal.allowance / 2)
    spend = min(spend, int(totals[before:].sum()))
    noise = spend * NOISE_PERCENT // 100
    bad = np.zeros(len(totals), dtype=np.int64)
    incidents = _incidents(stream, plan, spend - noise, totals[before:])
    for incident in incidents:
        first, length = plan.first(incident), incident.duration // STEP
        bad[first : first + length] += spread(incident.bad, _rise(length) * totals[first : first + length])
    weights = _everyday(stream, minutes) * totals
    bad[before:] += spread(spend - int(bad.sum()), weights[before:])
    usual = noise * before // max(plan.steps, 1)
    if goal.periods is not None:
        usual = int(goal.allowance * int(totals[:before].sum()) * CALM_PERCENT / 100)
    bad[:before] = spread(usual, weights[:before])
    return bad, incidents


def _bad_shares(
    plan: _Plan, stream: Stream, minutes: Integers, totals: Integers, _expected: int
) -> tuple[Integers, tuple[PastIncident, ...]]:
    """The same for slices that are worth their share: a quiet night weighs as much as noon."""
    level = np.full(len(totals), RATIO_UNITS, dtype=np.int64)  # every minute is worth the same
    whole = plan.objective.window // STEP * RATIO_UNITS
    shares, incidents = _bad_events(plan, stream, minutes, level, whole)
    bad = np.zeros(len(totals), dtype=np.int64)
    due = 0
    for minute, (share, total) in enumerate(zip(shares.tolist(), totals.tolist(), strict=True)):
        due += share
        if total:  # whole requests only: what a minute can't express, the next ones make good
            failed = min(due * total // RATIO_UNITS, total)
            bad[minute] = failed
            due -= failed * RATIO_UNITS // total
    return bad, incidents


def _bad_slices(
    plan: _Plan, stream: Stream, _minutes: Integers, totals: Integers, _expected: int
) -> tuple[Integers, tuple[PastIncident, ...]]:
    """The same for slices that are good or bad: exactly so many are bad, and the others clearly good."""
    goal, before = plan.objective, plan.before
    length = goal.slice_window // STEP
    lead = len(totals) % length  # slices end where the history does, so the first may be cut short
    slices = totals[lead:].reshape(-1, length).sum(axis=1)
    inside = slices[len(slices) - plan.steps // length :]
    whole = goal.window // goal.slice_window
    spend = min(int(goal.spent_at_start * goal.allowance * whole + Fraction(1, 2)), int((inside > 0).sum()))
    noise = spend * NOISE_PERCENT // 100
    incidents = _incidents(stream, plan, spend - noise, np.ones(len(inside), dtype=np.int64))
    chosen = np.zeros(len(inside), dtype=bool)
    for incident in incidents:
        first = (plan.first(incident) - before) // length
        chosen[first : first + incident.bad] = True
    chosen &= inside > 0
    order = np.argsort(many_bits(stream, 3, np.arange(len(inside), dtype=np.int64)), kind="stable")
    spare = [int(one) for one in order if inside[one] > 0 and not chosen[one]]
    chosen[spare[: max(spend - int(chosen.sum()), 0)]] = True
    limit = 1 - goal.slice_target
    bad = totals * limit.numerator // (8 * limit.denominator)  # an eighth of what a good slice may have
    where = np.repeat(chosen, length)
    tail = totals[len(totals) - len(where) :]
    worse = np.minimum(tail * 3 * limit.numerator // limit.denominator + 1, tail)
    bad[len(totals) - len(where) :][where] = worse[where]
    return bad, incidents


def _everyday(stream: Stream, minutes: Integers) -> Integers:
    """Uneven weights for the noise of every day."""
    return (many_bits(stream, 3, minutes) >> np.uint64(56)).astype(np.int64)


def _rise(length: int) -> Integers:
    """The shape of an incident: it builds up slowly and ends fast, since somebody rolled back."""
    rising = np.arange(1, length + 1, dtype=np.int64)
    shape: Integers = np.minimum(rising, rising[::-1] * 3)
    return shape


def _shape(civil_minutes: Integers) -> Integers:
    """Traffic per million at minutes since a Monday's midnight, linear between the hours."""
    day_minute = civil_minutes % (24 * 60)
    hour, past = day_minute // 60, day_minute % 60
    table = np.array(DAY_SHAPE, dtype=np.int64)
    week = np.array(WEEK_SHAPE, dtype=np.int64)[civil_minutes // (24 * 60) % 7]
    result: Integers = (table[hour] * (60 - past) + table[(hour + 1) % 24] * past) * week // 60
    return result


def _incidents(stream: Stream, plan: _Plan, spend: int, totals: Integers) -> tuple[PastIncident, ...]:
    """A few incidents that cost ``spend`` units between them, one in each equal part of the span."""
    nearest, farthest = (plan.span * percent // 100 for percent in INCIDENT_SPAN_PERCENT)
    if plan.objective.periods is not None and farthest > 2 * (ALERT_REACH + MARGIN):
        nearest = max(nearest, ALERT_REACH + MARGIN)
    count = 3 + stream.integer(2, 2, 0)
    slot = (farthest - nearest) // count
    if spend < count or slot < 10 * STEP or nearest <= plan.warm_up:
        return ()
    shares = [1 + stream.integer(4, 2, 1, one) for one in range(count)]
    costs = np.diff(np.concatenate([[0], spend * np.cumsum(shares) // sum(shares)])).tolist()
    per_minute = max(int(totals.mean()), 1)
    found = []
    for one, cost in enumerate(costs):
        # Long enough that hardly ever more than every third request fails.
        duration = min((5 + stream.integer(15, 2, 2, one) + 4 * cost // per_minute) * STEP, slot)
        room = (slot - duration) // STEP
        start = -farthest + one * slot + (stream.integer(room, 2, 3, one) * STEP if room > 0 else 0)
        found.append(
            PastIncident(
                start - (start + plan.span) % STEP,
                duration // STEP * STEP,
                int(cost),
            )
        )
    return tuple(found)


def spread(amount: int, weights: Integers) -> Integers:
    """``amount`` as whole numbers in proportion to ``weights``, exact in their sum."""
    cumulative = np.cumsum(weights)
    whole = int(cumulative[-1]) if len(cumulative) else 0
    if amount <= 0 or whole <= 0:
        return np.zeros(len(weights), dtype=np.int64)
    # The product below must stay inside 63 bits; dropping low bits of a cumulative sum keeps its order.
    shift = max(0, whole.bit_length() + amount.bit_length() - 62)
    cumulative >>= shift
    shares: Integers = np.diff(amount * cumulative // int(cumulative[-1]), prepend=0)
    return shares


def _within(bad: Integers, totals: Integers, before: int) -> Integers:
    """No minute has more bad requests than requests: the surplus moves to minutes with room, newest first."""
    capped = np.minimum(bad, totals)
    surplus = int((bad - capped)[before:].sum())
    if not surplus:
        return capped
    room = (totals - capped)[before:][::-1]
    taken = np.diff(np.minimum(np.cumsum(room), surplus), prepend=0)
    capped[before:] += taken[::-1]
    return capped
