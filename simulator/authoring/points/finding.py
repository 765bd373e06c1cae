"""What a point of the proof found, and the words in which evidence is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import median
from typing import NamedTuple

from simulator.authoring.plays.all import Played
from simulator.authoring.plays.record import Record
from simulator.coach.signals import percent
from simulator.units import format_clock, from_seconds


class Finding(NamedTuple):
    """Whether a point holds, and why one should believe it."""

    passed: bool
    evidence: str


def spread(values: Sequence[float], worst: float) -> str:
    """A share of the budget over the seeds: one value alone, or the median and the worst."""
    middle, last = percent(median(values)), percent(worst)
    return middle if middle == last else f"{middle} on the median seed ({last} on the worst)"


def budgets(records: Mapping[int, Record]) -> list[float]:
    """What each seed spent of the window's budget."""
    return [record.budget for record in records.values()]


def clock(at: float) -> str:
    """Seconds since T+00:00 as the console shows them."""
    return format_clock(from_seconds(at))


def on_seeds(seeds: Iterable[int], count: int) -> str:
    """On which of so many seeds: ``on seeds 3, 7 of 20``; nothing where there is one alone."""
    listed = list(seeds)
    if count == 1:
        return ""
    if len(listed) == count:
        return " on every seed"
    named = ", ".join(map(str, listed[:5])) + (", …" if len(listed) > 5 else "")
    return f" on seed{'s' if len(listed) > 1 else ''} {named} of {count}"


def joined(parts: Iterable[str]) -> str:
    """Findings one after the other, each with its full stop; what begins with a name keeps its spelling."""
    return " ".join(f"{_opened(part)}." for part in parts)


def _opened(part: str) -> str:
    first = part.split(" ", 1)[0]
    return part[:1].upper() + part[1:] if first.isalpha() else part


#: Said by the points that measure others by the reference, where there is nothing to measure by.
NO_MEASURE = "Not measurable: the reference does not pass on any seed (point 4)."


def measurable(played: Played) -> tuple[int, ...]:
    """The seeds on which others can be measured by the reference, since it passes its gates there."""
    return tuple(
        seed for seed, record in played.each("reference").items() if not gates_failed(played, record)
    )


def gates_failed(played: Played, record: Record) -> list[str]:
    """Ids of the gates that do not hold where a record ends."""
    gates = {check.id for check in played.scenario.checks if check.gate}
    return [check.id for check in record.checks if check.id in gates and not check.passed]


def gates_broken(played: Played, seed: int, record: Record) -> list[str]:
    """Ids of the gates that a record fails and doing nothing does not: what was broken, not left undone."""
    idle = gates_failed(played, played.each("nothing")[seed])
    return [name for name in gates_failed(played, record) if name not in idle]
