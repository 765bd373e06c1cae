"""What the console's terminal shows: the run's lines, and those that were answered and are no act of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from simulator.lab import view
from simulator.units import seconds

if TYPE_CHECKING:
    from simulator.drill import Run
    from simulator.drill.acts import Answer

_ENTRIES: Final = 60
_ENTRY_CHARACTERS: Final = 12_000


class Scrollback:
    """The lines of one terminal.

    Args:
        run: Whose transcript it shows. A line after the end, or a comment, is not in there: no run file has
            it. Who typed it sees its answer all the same.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._asides: list[tuple[int, view.Entry]] = []

    def remember(self, answer: Answer) -> None:
        """Keep an answer that the transcript does not hold, after the lines that are there now."""
        entry = view.Entry(0, seconds(answer.at), answer.line, _short(answer.text), answer.ok)
        self._asides.append((len(self._run.transcript), entry))

    def entries(self) -> tuple[view.Entry, ...]:
        """The newest lines, oldest first, each with its number among all."""
        run = self._run
        first = max(0, len(run.transcript) - _ENTRIES)
        typed = [
            (
                place,
                view.Entry(
                    0, seconds(answer.at), act.line, _short(answer.text), answer.ok, act.actor, act.role
                ),
            )
            for place, (act, answer) in enumerate(
                zip(run.acts[first:], run.transcript[first:], strict=True), start=first + 1
            )
        ]
        beside = [aside for aside in self._asides if aside[0] >= first]
        number = first + len(self._asides) - len(beside)
        # sorted keeps an act before what was said after it, and asides in their order
        ordered = sorted([*typed, *beside], key=lambda one: one[0])
        numbered = [replace(entry, number=number + place) for place, (_, entry) in enumerate(ordered)]
        return tuple(numbered[-_ENTRIES:])


def _short(text: str) -> str:
    if len(text) <= _ENTRY_CHARACTERS:
        return text
    cut = text[:_ENTRY_CHARACTERS].rpartition("\n")[0] or text[:_ENTRY_CHARACTERS]
    return f"{cut}\n… {len(text) - len(cut)} more characters; a narrower question shows them"
