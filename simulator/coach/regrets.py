"""Every decision of a run tried otherwise: sooner, not at all, or as the reference would have had it.

``regret`` asks the simulator, not an opinion: each try is the whole run again with the same users and the
same luck, and one decision changed. Tries are independent, so they run side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from simulator.coach.case import Case, Deed
from simulator.coach.regret import WORTH_ASKING, short, understood
from simulator.drill import Comparison, Run, what_ifs
from simulator.drill.acts import Printer
from simulator.units import MINUTE, SECOND, format_clock, format_duration

if TYPE_CHECKING:
    from simulator.coach.coach import Coach

#: How much sooner than they were made decisions are tried, ns; and always at the first page.
EARLIER: Final = (MINUTE, 3 * MINUTE)
#: Replays of one call at most. Every decision is tried in one way before any is tried in a second.
MOST: Final = 20
#: What a try does, in words that its sentence knows again.
WITHOUT: Final = "without it"
AT_THE_PAGE: Final = "at the first page"
_COLUMNS: Final = 96


@dataclass(frozen=True, slots=True)
class Try:
    """One decision made otherwise.

    Attributes:
        number: The act's number; 0 where the learner did nothing and the try does something.
        line: The act as typed; the tried line where there was none.
        at: When it was made, ns; when the try makes it where there was none.
        instead: What the try does, in words.
        edits: ``what_if``'s arguments.
    """

    number: int
    line: str
    at: int
    instead: str
    edits: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tried:
    """A try and what came of it.

    Attributes:
        attempt: The try.
        saved: Share of the budget that it would have spared; negative if it would have cost more.
        user_minutes: Bad user-minutes that it would have spared.
        comparison: Both runs.
    """

    attempt: Try
    saved: float
    user_minutes: int
    comparison: Comparison


@dataclass(frozen=True, slots=True)
class Regrets:
    """All tries, the most sparing first."""

    tried: tuple[Tried, ...]

    @property
    def worst(self) -> Tried | None:
        """The decision that cost most; None where no try would have spared a hundredth of the budget."""
        return self.tried[0] if self.tried and self.tried[0].saved >= WORTH_ASKING else None

    @property
    def sentence(self) -> str:
        """The finding in one plain sentence."""
        if not self.tried:
            return "Nothing to try: no page rang, and nothing was changed."
        if self.worst is None:
            return f"{len(self.tried)} other plays were tried; none would have spared users noticeably more."
        attempt = self.worst.attempt
        return (
            f"The decision that cost most: {_decision(attempt)}. {_subject(attempt)} would have spared "
            f"{100 * self.worst.saved:.1f} points of the budget and {self.worst.user_minutes:,} bad "
            "user-minutes."
        )

    def frame(self) -> pd.DataFrame:
        """One row a try."""
        rows = [
            {
                "act": item.attempt.number,
                "decision": item.attempt.line,
                "at": format_clock(item.attempt.at),
                "instead": item.attempt.instead,
                "budget_saved_percent": round(100 * item.saved, 2) + 0.0,
                "user_minutes_saved": item.user_minutes,
            }
            for item in self.tried
        ]
        return pd.DataFrame(
            rows, columns=["act", "decision", "at", "instead", "budget_saved_percent", "user_minutes_saved"]
        )

    def __str__(self) -> str:
        rows = [
            f"  {_points(item.saved)} points  {_decision(item.attempt)}: {item.attempt.instead}"
            for item in self.tried
        ]
        return "\n".join([self.sentence, *rows])

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows."""
        printer.text(
            "\n".join(fill(line, _COLUMNS, subsequent_indent=" " * 18) for line in str(self).split("\n"))
        )


def _points(saved: float) -> str:
    """Points spared with their sign; what rounds to nothing has none."""
    text = f"{100 * saved:+6.1f}"
    return f"{0.0:6.1f}" if text.strip() in ("-0.0", "+0.0") else text


def _subject(attempt: Try) -> str:
    """What would have spared something, as the subject of a sentence."""
    if attempt.instead == WITHOUT:
        return "The same run without it"
    if attempt.number and attempt.instead.endswith(("sooner", AT_THE_PAGE)):
        return f"The same act {attempt.instead}"
    return attempt.instead[:1].upper() + attempt.instead[1:]


def _decision(attempt: Try) -> str:
    if not attempt.number:
        return f"nothing was done by {format_clock(attempt.at)}"
    return f"act {attempt.number} ({short(attempt.line)}) at {format_clock(attempt.at)}"


def regret(
    run: Run, coach: Coach, *, workers: int | None = None, done: Callable[[int, int], None] | None = None
) -> Regrets:
    """Try every decision of a run otherwise.

    Args:
        run: As it stands; acts after now are nobody's decision yet.
        coach: Who listened to it.
        workers: How many tries are played at once; None is one for each core.
        done: Called with (tries finished, tries in all), for a progress bar.

    Returns:
        Up to ``MOST`` tries. The same run gives the same tries in the same order, on any number of cores.
    """
    attempts = list(tries(run, coach.case))[:MOST]
    comparisons = what_ifs(run, [attempt.edits for attempt in attempts], workers=workers, done=done)
    found = [
        Tried(attempt, -comparison.budget_difference, -comparison.user_minutes_difference, comparison)
        for attempt, comparison in zip(attempts, comparisons, strict=True)
    ]
    found.sort(key=lambda item: (-item.saved, item.attempt.number))
    return Regrets(tuple(found))


def tries(run: Run, case: Case) -> Iterator[Try]:
    """What is worth trying: what was not done, then every decision in one way, in a second, and so on.

    Decisions that the scenario's author calls something stand before those that mean nothing to anybody.
    """
    page = case.paged_at
    made = [deed for deed in case.deeds if deed.ok and deed.kind == "change" and deed.actor != "james"]
    done = {deed.canonical for deed in made if not deed.undone.same}
    better = [(line, canonical) for line, canonical in _reference(run) if canonical not in done]
    if page is not None and page + SECOND < run.now:
        at = page + SECOND
        for line, _ in better:
            insert = [(format_duration(at), line)]
            yield Try(0, line, at, f"`{short(line)}` {AT_THE_PAGE}", {"insert": insert})
    made.sort(key=lambda deed: (deed.act is None or deed.is_a("irrelevant"), deed.number))
    ways = [_ways(deed, page, better) for deed in made]
    for rank in range(max((len(each) for each in ways), default=0)):
        yield from (each[rank] for each in ways if rank < len(each))


def _ways(deed: Deed, page: int | None, better: list[tuple[str, str]]) -> list[Try]:
    """One decision made otherwise, what says most about it first."""
    found = [Try(deed.number, deed.line, deed.at, WITHOUT, {"drop": [deed.number]})]
    if deed.undone.same:
        return found  # it brought back what ran: sooner or later is the same
    found += reversed(list(_sooner(deed, page)))
    for line, _ in better:
        instead = f"`{short(line)}` in its place"
        found.append(Try(deed.number, deed.line, deed.at, instead, {"replace": {deed.number: line}}))
    return found


def _sooner(deed: Deed, page: int | None) -> Iterator[Try]:
    """The same act a little sooner, but not before anybody could know; and at the first page."""
    earliest = 0 if page is None else page + SECOND
    for before in EARLIER:
        if deed.at - before > earliest:
            move = {deed.number: format_duration(deed.at - before)}
            yield Try(deed.number, deed.line, deed.at, f"{format_duration(before)} sooner", {"move": move})
    if page is not None and deed.at > earliest:
        move = {deed.number: format_duration(earliest)}
        yield Try(deed.number, deed.line, deed.at, AT_THE_PAGE, {"move": move})


def _reference(run: Run) -> list[tuple[str, str]]:
    """(line, canonical) of the changes of the scenario's reference that name no pod of their own run."""
    found = []
    for entry in run.scenario.reference:
        command = understood(run, entry.run) if "{" not in entry.run else None
        if command is not None and command.kind == "change":
            found.append((entry.run, command.canonical))
    return found
