"""What a what-if changed, in words for the check of an exercise: which lines, and what moving one means."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from simulator.drill.acts import Answer
from simulator.drill.run import Run
from simulator.drill.whatif import Comparison
from simulator.units import format_duration

#: What is counted between two instants, singular and plural.
_COUNTED: Final = {
    "look": ("look", "looks"),
    "change": ("change", "changes"),
    "communicate": ("word to others", "words to others"),
}


@dataclass(frozen=True, slots=True)
class _Typed:
    """A line of one of the two runs: as typed, in one spelling, and when."""

    line: str
    canonical: str
    at: int


def changed(comparison: Comparison) -> list[str]:
    """The lines of the acts in which the two runs differ, in one spelling where that is known."""
    yours, other = _lines(comparison.run), _lines(comparison.other_run)
    both = [*yours.items(), *other.items()]
    return [each.canonical for key, each in both if (key in yours) != (key in other)]


def moved(comparison: Comparison, globs: Sequence[str]) -> str:
    """What it means that an act of these globs was moved: how long after the page, and what lay between.

    Returns:
        Sentences; empty where no such act has merely another time.
    """
    for mine, theirs in _moves(comparison, globs):
        said = [_after_the_page(comparison.run, mine.at, theirs.at)]
        if between := _between(comparison.run, theirs.at, mine):
            said.append(f"In between you had {between}. Which of them did you need?")
        return " ".join(filter(None, said))
    return ""


def _moves(comparison: Comparison, globs: Sequence[str]) -> Iterator[tuple[_Typed, _Typed]]:
    """Pairs of the same line at another time, yours first."""
    yours, other = _lines(comparison.run), _lines(comparison.other_run)
    gone = [each for key, each in yours.items() if key not in other]
    new = [each for key, each in other.items() if key not in yours]
    for mine in gone:
        if any(fnmatchcase(mine.canonical, glob) for glob in globs):
            yield from ((mine, theirs) for theirs in new if theirs.line == mine.line)


def _lines(run: Run) -> dict[tuple[int, str], _Typed]:
    return {
        (act.at, act.line): _Typed(act.line, answer.canonical, act.at)
        for act, answer in zip(run.acts, run.transcript, strict=True)
    }


def _after_the_page(run: Run, mine: int, theirs: int) -> str:
    page = run.first_page_at
    if page is None or mine < page:
        return ""
    if theirs < page:
        return f"That is {format_duration(page - theirs)} before the page, when nobody knew."
    then, now = format_duration(theirs - page), format_duration(mine - page)
    return f"That is {then} after the page instead of {now}."


def _between(run: Run, start: int, act: _Typed) -> str:
    """What was typed from ``start`` up to an act: a count of each kind, and changes by their lines."""
    typed = [each for each in run.transcript if start <= each.at < act.at and each.ok]
    kinds = {kind: [each for each in typed if each.kind == kind] for kind in _COUNTED}
    parts = [_counted(kind, found) for kind, found in kinds.items() if found]
    return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def _counted(kind: str, found: Sequence[Answer]) -> str:
    words = f"{len(found)} {_COUNTED[kind][len(found) > 1]}"
    lines = ", ".join(f"`{each.line.strip()}`" for each in found)
    return f"{words} ({lines})" if kind == "change" else words
