"""The signals that James may cite, by the names that a scenario's file uses for them.

``errors:checkout`` is the share of checkout's requests that failed over the last minute, ``latency:checkout``
their p99, ``burn`` the burn rate of the worst objective over five minutes. Each is on the learner's screen at
every moment; what is not on this list he can't cite.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import Final, Literal

from simulator.coach.lines import Evidence
from simulator.errors import GamedayError
from simulator.units import format_clock

Kind = Literal["errors", "latency", "traffic", "saturation", "queue", "ready", "burn"]


@dataclass(frozen=True, slots=True)
class _Gauge:
    """How a kind of signal is read.

    Attributes:
        noun: Its name after the service's.
        better: -1 where lower is better, +1 where higher is, 0 where neither.
        floor: A change smaller than this is noise, in the signal's own unit.
        reacts: It has reacted once it stands at this share of what it was, or what it was at this share of
            it.
        clears: It has cleared, so that one may call it proof, at this share of what it was.
    """

    noun: str
    better: int
    floor: float
    reacts: float = 0.5
    clears: float = 0.2


_GAUGES: Final[dict[Kind, _Gauge]] = {
    "errors": _Gauge("errors", -1, 0.004),
    "latency": _Gauge("p99", -1, 0.03, reacts=0.7, clears=0.6),
    "traffic": _Gauge("traffic", 0, 2.0),
    "saturation": _Gauge("busy workers", -1, 0.08, reacts=0.85, clears=0.8),
    "queue": _Gauge("queue", -1, 4.0),
    "ready": _Gauge("pods ready", +1, 0.5, reacts=1.0, clears=1.0),
    "burn": _Gauge("burn", -1, 1.0),
}


@dataclass(frozen=True, slots=True)
class Signal:
    """One named signal: a kind and, except for ``burn``, the service it is of."""

    kind: Kind
    service: str = ""

    @classmethod
    def parse(cls, text: str) -> Signal:
        """Read ``errors:checkout`` or ``burn``.

        Raises:
            GamedayError: It is no such name.
        """
        name, _, service = text.partition(":")
        for kind in _GAUGES:
            if kind == name and bool(service) != (kind == "burn"):
                return cls(kind, service)
        raise GamedayError(
            f"signal {text!r}",
            expected="burn, or " + ", ".join(f"{kind}:SERVICE" for kind in _GAUGES if kind != "burn"),
            got=repr(text),
            todo="Name one of these with a service of the scenario, such as errors:checkout.",
        )

    def __str__(self) -> str:
        return f"{self.kind}:{self.service}" if self.service else self.kind

    @property
    def words(self) -> str:
        """Its name in a sentence: ``checkout errors``, ``the burn rate over 5 minutes``."""
        return f"{self.service} {_GAUGES[self.kind].noun}" if self.service else "the burn rate over 5 minutes"

    @property
    def is_plural(self) -> bool:
        """Whether the verb after ``words`` is a plural."""
        return self.kind in ("errors", "saturation", "ready")

    def format(self, value: float) -> str:
        """A value as the console shows it; ``no data`` where it is unknown, which is not the same as zero."""
        if isnan(value):
            return "no data"
        match self.kind:
            case "errors" | "saturation":
                return percent(value)
            case "latency":
                return f"{value:.1f} s" if value >= 1 else f"{value * 1000:.0f} ms"
            case "traffic":
                return f"{value:.0f} requests/s"
            case "burn":
                return times(value)
            case "queue" | "ready":
                return f"{value:.0f}"

    def evidence(self, value: float, at: int) -> Evidence:
        """The value at an instant, to be cited."""
        return Evidence(
            str(self),
            None if isnan(value) else value,
            at,
            f"{self.words} {self.format(value)} at {format_clock(at)}",
        )

    def reacted(self, before: float, now: float) -> int:
        """Whether it moved by more than noise: +1 for the better, -1 for the worse, 0 if it stands."""
        gauge = _GAUGES[self.kind]
        if isnan(before) or isnan(now) or abs(now - before) < gauge.floor:
            return 0
        if now <= before * gauge.reacts and now < before:
            return -gauge.better
        if before <= now * gauge.reacts and now > before:
            return gauge.better
        return 0

    def improved(self, before: float, now: float, share: float) -> bool:
        """Whether it stands better than it did by more than noise, and by this share of what it was.

        Traffic has no better side: it has improved where it moved at all.
        """
        gauge = _GAUGES[self.kind]
        change = now - before
        if isnan(change) or abs(change) < max(gauge.floor, share * abs(before)):
            return False
        return not gauge.better or (change > 0) == (gauge.better > 0)

    def cleared(self, before: float, now: float) -> bool:
        """Whether it moved so far for the better that it proves something."""
        gauge = _GAUGES[self.kind]
        if self.reacted(before, now) <= 0:
            return False
        return now <= before * gauge.clears if gauge.better < 0 else before <= now * gauge.clears


BURN: Final = Signal("burn")


def percent(share: float) -> str:
    """A share as people read it: ``12.4 %``, ``0.03 %``, ``100 %``."""
    value = share * 100
    if value >= 99.95 or abs(value) < 0.005:
        return f"{value:.0f} %"
    return f"{value:.2f} %" if abs(value) < 0.1 else f"{value:.1f} %"


def times(rate: float) -> str:
    """A burn rate: ``124×``, ``3.4×``."""
    return f"{rate:.0f}×" if rate >= 10 or rate < 0.05 else f"{rate:.1f}×"


def ago(ns: int) -> str:
    """A stretch of time in speech: ``40 seconds``, ``one minute``, ``6 minutes``."""
    whole = max(0, round(ns / 1_000_000_000))
    if whole < 60:
        return "a second" if whole == 1 else f"{whole} seconds"
    minutes = round(whole / 60)
    return "one minute" if minutes == 1 else f"{minutes} minutes"
