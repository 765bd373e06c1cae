"""What the learner expected, kept as typed and laid beside what came. Never judged, never scored.

A prediction is a note in the journal, so it survives a crash and a replay: ``note predict [errors:checkout
    0.01 in 5m]
the rollback clears it``. The part in brackets is optional: a prediction may be words alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from math import isnan
from typing import Final, Protocol

from simulator.coach.case import Sight
from simulator.coach.signals import Signal, percent
from simulator.errors import GamedayError
from simulator.units import MINUTE, format_clock, format_duration, parse_duration

_FORM: Final = re.compile(
    r"predict(?: \[(?P<signal>[a-z0-9:.-]+) (?P<value>\S+) in (?P<within>\S+)\])? (?P<words>.+)", re.DOTALL
)


class HasText(Protocol):
    """A note: an instant and its text."""

    @property
    def at(self) -> int: ...
    @property
    def text(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Prediction:
    """One expectation.

    Attributes:
        at: When it was given, ns.
        words: The learner's own words.
        signal: The signal that it is about; None for words alone.
        value: The value expected, in the signal's base unit.
        within: How long after ``at`` it is compared, ns.
    """

    at: int
    words: str
    signal: Signal | None = None
    value: float = 0.0
    within: int = 5 * MINUTE

    def note(self) -> str:
        """The note that keeps it."""
        if self.signal is None:
            return f"predict {self.words}"
        return f"predict [{self.signal} {self.value!r} in {format_duration(self.within)}] {self.words}"

    def compared(self, sight: Sight, now: int) -> str:
        """The expectation beside what came, as one sentence without a verdict."""
        start = f"At {format_clock(self.at)} you expected: {self.words}."
        if self.signal is None:
            return f"{start} {_course(sight, self.at, now)}".rstrip()
        due = self.at + self.within
        expected = self.signal.format(self.value)
        if due > now:
            return (
                f"{start} {_capital(self.signal.words)}: {expected} by {format_clock(due)}; the run ended "
                "before."
            )
        came = self.signal.format(sight.value(self.signal, due))
        return (
            f"{start} {_capital(self.signal.words)} at {format_clock(due)}: {expected} expected, {came} came."
        )


def prediction(at: int, words: str, signal: str, value: object, within: str) -> Prediction:
    """Build a prediction out of a caller's arguments.

    Raises:
        GamedayError: No words, a signal without a value, or a name or duration that is none.
    """
    words = " ".join(words.split()).rstrip(".")
    if isinstance(value, bool) or not isinstance(value, int | float | None):
        raise GamedayError(
            "predict(value=…)",
            expected="a number in base units, such as 0.01 for one per cent",
            got=repr(value)[:80],
            todo="Change the argument in this cell.",
        )
    if not words or bool(signal) != (value is not None):
        raise GamedayError(
            "predict()",
            expected="some words, and for a signal also a value",
            got=f"{words!r}, signal={signal!r}, value={value!r}",
            todo='For example predict("the rollback clears it", signal="errors:checkout", value=0.01).',
        )
    if value is None:
        return Prediction(at, words)
    return Prediction(
        at,
        words,
        Signal.parse(str(signal)),
        float(value),
        parse_duration(str(within), where="predict(within=…)"),
    )


def read(notes: Iterable[HasText]) -> tuple[Prediction, ...]:
    """The predictions among a run's notes; a bracket that makes no sense is read as words."""
    found = []
    for note in notes:
        match = _FORM.fullmatch(note.text)
        if match is None:
            continue
        signal, value, within, words = match.group("signal", "value", "within", "words")
        try:
            found.append(
                prediction(note.at, words, signal or "", float(value) if signal else None, within or "5m")
            )
        except (GamedayError, ValueError):
            found.append(Prediction(note.at, " ".join(note.text.removeprefix("predict").split())))
    return tuple(found)


def _course(sight: Sight, start: int, end: int) -> str:
    """What came of the objective that the incident is about, for an expectation in words alone."""
    seen = [each for each in sight.course(start, end) if not isnan(each[1])]
    if not seen:
        return ""
    at, worst, _ = max(seen, key=lambda each: each[1])
    pods = sorted({ready for _, _, ready in seen})
    counted = f"{pods[0]} throughout" if len(pods) == 1 else f"{pods[0]} to {pods[-1]}"
    first = percent(seen[0][1])
    return (
        f"What came, by {sight.objective()}: {first} failed at first, {percent(worst)} at the most "
        f"({format_clock(at)}), {percent(seen[-1][1])} at {format_clock(end)}; pods ready in all: {counted}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
