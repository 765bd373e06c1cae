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
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.errors import GamedayError
from simulator.slo.objective import Objective
from simulator.streams import GOLDEN, MASK, Stream, fold, key
from simulator.units import HOUR, MINUTE

Integers = NDArray[np.int64]

#: Distance of the samples.
STEP: Final = MINUTE
#: History reaches back this much further than the window, so windows that end in the warm-up are full too.
MARGIN: Final = HOUR
#: Traffic of a shop by hour of the day, per mille of its busiest hour.
DAY_SHAPE: Final = (
    310, 240, 200, 180, 190, 240, 350, 500, 650, 760, 830, 880,
    910, 890, 870, 860, 880, 930, 980, 1000, 960, 830, 620, 430,
)  # fmt: skip
#: And by day of the week from Monday, per mille.
WEEK_SHAPE: Final = (960, 940, 950, 970, 1000, 1090, 1060)
#: Of the spending that a scenario declares, this part is everyday noise, per cent; the rest is incidents.
NOISE_PERCENT: Final = 45
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
        objective: The SLO; its window and ``spent_at_start`` are met.
        seed: The run's seed; the SLO's name keys the rest.
        warm_up: Simulated time before T+00:00, ns: the history ends where it begins.
        requests_per_second: Planned rate of the SLI's requests when the run begins.
        start_time: The civil time of T+00:00, for the hour and the weekday.

    Raises:
        GamedayError: The window is not longer than the warm-up, or no request is expected in it.
    """
    span = objective.window - warm_up
    planned = round(requests_per_second * 60_000)  # thousandths of a request per minute
    if span < STEP or planned < 1:
        raise GamedayError(
            f"SLO {objective.name}",
            expected="a window longer than the warm-up, and traffic on the routes that it counts",
            got=f"a window of {objective.window_text} and {requests_per_second:g} requests/s",
            todo="Widen timeWindow, or point the indicator at a service and route that users reach.",
        )
    stream = Stream(seed, f"sli-history/{objective.name}")
    steps = span // STEP
    before = MARGIN // STEP
    minutes = np.arange(-(steps + before), 0, dtype=np.int64)  # minute i ends at -warm_up + (i + 1) * STEP
    totals = _totals(stream, minutes, planned, warm_up, start_time)

    window_totals = totals[before:]
    expected = int(window_totals.sum()) + planned * warm_up // (1000 * STEP)
    spend = int(objective.spent_at_start * objective.allowance * expected + objective.allowance / 2)
    spend = min(spend, int(window_totals.sum()))
    noise = spend * NOISE_PERCENT // 100
    bad = np.zeros(len(totals), dtype=np.int64)
    incidents = _incidents(stream, objective, spend - noise, window_totals, warm_up)
    for incident in incidents:
        first = before + (incident.start + objective.window) // STEP
        length = incident.duration // STEP
        rising = np.arange(1, length + 1, dtype=np.int64)
        shape = np.minimum(
            rising, rising[::-1] * 3
        )  # it builds up slowly and ends fast: somebody rolled back
        bad[first : first + length] += spread(incident.bad, shape * totals[first : first + length])
    everyday = (many_bits(stream, 3, minutes) >> np.uint64(56)).astype(np.int64)
    bad[before:] += spread(spend - int(bad.sum()), (everyday * totals)[before:])
    bad[:before] = spread(noise * before // max(steps, 1), (everyday * totals)[:before])
    bad = _within(bad, totals, before)
    zero = np.zeros(1, dtype=np.int64)
    return SliHistory(
        start=-warm_up - len(totals) * STEP,
        bad=np.concatenate([zero, np.cumsum(bad)]),
        total=np.concatenate([zero, np.cumsum(totals)]),
        expected=expected,
        incidents=incidents,
    )


def _totals(stream: Stream, minutes: Integers, planned: int, warm_up: int, start_time: datetime) -> Integers:
    """Requests of each minute: the planned rate by day and week, with the scatter of arrivals."""
    civil = (start_time.weekday() * 24 + start_time.hour) * 60 + start_time.minute - warm_up // STEP
    shape = _shape(civil + minutes)
    now = int(_shape(np.array([civil], dtype=np.int64))[0])
    mean = planned * shape // (1000 * now)
    bits = many_bits(stream, 1, minutes)
    # The sum of four 16-bit uniforms is near normal, with mean 131,070 and deviation 37,837: arithmetic only.
    summed = sum(((bits >> np.uint64(16 * part)) & np.uint64(0xFFFF)).astype(np.int64) for part in range(4))
    scatter = np.sqrt(mean).astype(np.int64) * (summed - 131_070) // 37_837
    totals: Integers = np.maximum(mean + scatter, 0)
    return totals


def _shape(civil_minutes: Integers) -> Integers:
    """Traffic per million at minutes since a Monday's midnight, linear between the hours."""
    day_minute = civil_minutes % (24 * 60)
    hour, past = day_minute // 60, day_minute % 60
    table = np.array(DAY_SHAPE, dtype=np.int64)
    week = np.array(WEEK_SHAPE, dtype=np.int64)[civil_minutes // (24 * 60) % 7]
    result: Integers = (table[hour] * (60 - past) + table[(hour + 1) % 24] * past) * week // 60
    return result


def _incidents(
    stream: Stream, objective: Objective, spend: int, totals: Integers, warm_up: int
) -> tuple[PastIncident, ...]:
    """A few incidents that cost ``spend`` bad requests between them, one in each equal part of the span."""
    nearest, farthest = (objective.window * percent // 100 for percent in INCIDENT_SPAN_PERCENT)
    count = 3 + stream.integer(2, 2, 0)
    slot = (farthest - nearest) // count
    if spend < count or slot < 10 * STEP or nearest <= warm_up:
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
                start - (start + objective.window) % STEP,
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
