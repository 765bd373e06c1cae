"""Recorded incidents and quiet weeks: an SLI's counters alone, made on demand, the same for the same seed.

A recording has three days of ordinary traffic, then its fault from time 0 on, then some hours of calm, one
sample every 15 s, which is how often rules are evaluated. Sizes of faults are burn rates, so a library suits
any target.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.slo.history import many_bits
from simulator.streams import Stream
from simulator.units import DAY, HOUR, MINUTE, SECOND

Integers = NDArray[np.int64]

#: Distance of samples and of evaluations.
STEP: Final = 15 * SECOND
#: Ordinary traffic before a fault: what the longest alert window sees.
BEFORE: Final = 3 * DAY
#: Calm after it: the longest short window, and an hour.
AFTER: Final = 7 * HOUR
#: Bad requests of ordinary days, in thousandths of what the target allows.
NOISE: Final = 250
_MILLION: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a fault: the burn rate goes in a straight line from ``first`` to ``last``.

    Attributes:
        start: ns after the fault's beginning.
        end: ns.
        first: Burn rate at the start; as an error ratio it is capped at 1.
        last: Burn rate at the end.
    """

    start: int
    end: int
    first: float
    last: float


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """An SLI's requests over time.

    Attributes:
        name: Short, such as ``outage``.
        about: One sentence.
        start: When the first step begins, ns; the fault begins at 0.
        bad: Bad requests of each step of 15 s.
        total: Requests of each step.
        ends: When the fault is over, ns; None for a recording without one.
    """

    name: str
    about: str
    start: int
    bad: Integers
    total: Integers
    ends: int | None

    @property
    def quiet(self) -> bool:
        """Nothing is wrong in it: whatever rings is a false page."""
        return self.ends is None

    @property
    def times(self) -> Integers:
        """When each sample is taken: the end of its step, ns."""
        return self.start + STEP * np.arange(1, len(self.total) + 1, dtype=np.int64)

    def bad_until(self, at: int) -> int:
        """Bad requests from the fault's beginning to ``at``."""
        first = max(-self.start // STEP, 0)
        return int(self.bad[first : max((at - self.start) // STEP, first)].sum())

    def burns(self, allowance: Fraction) -> bool:
        """Whether the fault, taken as a whole, goes beyond what is allowed."""
        if self.ends is None:
            return False
        part = slice(max(-self.start // STEP, 0), (self.ends - self.start) // STEP)
        return bool(self.bad[part].sum() > float(allowance) * self.total[part].sum())

    @property
    def per_step(self) -> float:
        """Requests in a step, on average."""
        return float(self.total.mean())


def fault(
    name: str,
    about: str,
    stretches: tuple[Stretch, ...],
    *,
    allowance: Fraction,
    seed: int = 7,
    rps: float = 100.0,
    noise: int = NOISE,
) -> Recording:
    """A recording with a fault made of stretches, in the order of time.

    Args:
        name: Its name; it keys the noise.
        about: One sentence.
        stretches: Of the fault.
        allowance: Share of requests that may be bad, ``1 - target``.
        seed: Of the noise.
        rps: Requests a second.
        noise: Bad requests of ordinary minutes, thousandths of the allowance; 0 for none at all.
    """
    ends = max(stretch.end for stretch in stretches)
    ends += -ends % STEP
    steps = (BEFORE + ends + AFTER) // STEP
    total = np.full(steps, round(rps * STEP / SECOND), dtype=np.int64)
    ratio = np.zeros(steps, dtype=np.int64)  # millionths
    middle = -BEFORE + STEP * np.arange(steps, dtype=np.int64) + STEP // 2
    for each in stretches:
        inside = (middle >= each.start) & (middle < each.end)
        along = (middle[inside] - each.start) / (each.end - each.start)
        burn = each.first + (each.last - each.first) * along
        ratio[inside] = np.minimum(np.rint(burn * float(allowance) * _MILLION), _MILLION)
    bad = np.diff(np.cumsum(ratio * total) // _MILLION, prepend=0)
    bad += _noise(Stream(seed, f"recording/{name}"), total, allowance, noise)
    return Recording(name, about, -BEFORE, np.minimum(bad, total), total, ends)


def quiet_week(
    name: str, about: str, *, allowance: Fraction, seed: int = 7, rps: float = 100.0, blips: int = 0
) -> Recording:
    """A week in which nothing is wrong.

    Args:
        name: Its name.
        about: One sentence.
        allowance: Share of requests that may be bad.
        seed: Of the noise.
        rps: Requests a second; a fraction for a service that is hardly used.
        blips: Moments of half a minute with one bad request in twenty-five, such as a release makes.
    """
    steps = 7 * DAY // STEP
    stream = Stream(seed, f"recording/{name}")
    arrivals = many_bits(stream, 3, np.arange(steps, dtype=np.int64)) >> np.uint64(44)  # 20 bits
    per_step = round(rps * STEP / SECOND * (1 << 20))
    total = (per_step + arrivals.astype(np.int64)) >> 20
    bad = _noise(stream, total, allowance, NOISE)
    for blip in range(blips):
        at = stream.integer(steps - 2, 4, blip)
        bad[at : at + 2] += total[at : at + 2] // 25
    return Recording(name, about, 0, np.minimum(bad, total), total, None)


def _noise(stream: Stream, total: Integers, allowance: Fraction, level: int) -> Integers:
    """Uneven bad requests, ``level`` thousandths of the allowance on average, whole numbers."""
    if not level:
        return np.zeros(len(total), dtype=np.int64)
    bits = many_bits(stream, 1, np.arange(len(total), dtype=np.int64))
    weight = (bits & np.uint64(0xFF)).astype(np.int64)  # 0 to 255: 127.5 on average
    chance = (bits >> np.uint64(44)).astype(np.int64)  # 20 bits
    share = round(allowance * level * 2 * _MILLION / 1000)  # millionths at the full weight
    expected = total * share * weight // 255  # millionths of a request
    noise: Integers = (expected * 1_048_576 // _MILLION + chance) >> 20
    return noise


def library(allowance: Fraction, *, seed: int = 7, rps: float = 100.0) -> tuple[Recording, ...]:
    """Incidents of every kind, and two quiet weeks.

    Args:
        allowance: Share of requests that may be bad, ``1 - target``.
        seed: Of the noise.
        rps: Requests a second, but for the week of a service that is hardly used.
    """
    whole = float(1 / allowance)

    def made(name: str, about: str, *stretches: Stretch) -> Recording:
        return fault(name, about, stretches, allowance=allowance, seed=seed, rps=rps)

    return (
        made("outage", "Every request fails for ten minutes.", Stretch(0, 10 * MINUTE, whole, whole)),
        made(
            "blip", "Every request fails for half a minute: over before anybody sits down.",
            Stretch(0, 30 * SECOND, whole, whole),
        ),
        made("bad-release", "One in six fails for half an hour.", Stretch(0, 30 * MINUTE, 150, 150)),
        made("fast-burn", "Twenty times too fast for two hours.", Stretch(0, 2 * HOUR, 20, 20)),
        made("slow-burn", "Five times too fast for a day.", Stretch(0, DAY, 5, 5)),
        made("smoulder", "One and a half times too fast for four days.", Stretch(0, 4 * DAY, 1.5, 1.5)),
        made("creeping", "From nothing to fifty times in six hours.", Stretch(0, 6 * HOUR, 0, 50)),
        made(
            "flapping", "Sixty times too fast for three minutes of every ten, for four hours.",
            *(Stretch(at, at + 3 * MINUTE, 60, 60) for at in range(0, 4 * HOUR, 10 * MINUTE)),
        ),
        made(
            "spikes", "Every request fails for five minutes of every ten, for an hour.",
            *(Stretch(at, at + 5 * MINUTE, whole, whole) for at in range(0, HOUR, 10 * MINUTE)),
        ),
        made("within-budget", "Half of what is allowed, for two days.", Stretch(0, 2 * DAY, 0.5, 0.5)),
        quiet_week(
            "quiet-week", "A week of ordinary noise with ten releases.",
            allowance=allowance, seed=seed, rps=rps, blips=10,
        ),
        quiet_week(
            "few-users", "A week of ten requests an hour, of which one now and then fails.",
            allowance=Fraction(1, 100), seed=seed, rps=10 / 3600,
        ),
    )  # fmt: skip
