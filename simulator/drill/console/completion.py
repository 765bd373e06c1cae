"""Completion: what the last word of a line may become, from the registry and the live objects."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.drill.console import pipes
from simulator.drill.console.filters import PROGRAMS
from simulator.drill.console.registry import FAMILIES, Family, Verb, program
from simulator.errors import GamedayError

if TYPE_CHECKING:
    from simulator.drill.run import Run

_MOST = 200


def complete(run: Run, text: str) -> list[str]:
    """Candidates for the word under the cursor, which stands at the end of ``text``.

    Args:
        run: For live names.
        text: The line so far.

    Returns:
        Whole words in alphabetical order, at most 200; empty where nothing fits.
    """
    words = text.split()
    if not words or text[-1].isspace():
        words.append("")
    begun, before = words[-1], words[:-1]
    found = {word for word in _candidates(run, before, begun, text) if word.startswith(begun)}
    return sorted(found)[:_MOST]


def _candidates(run: Run, before: list[str], begun: str, text: str) -> list[str]:
    if not before:
        return sorted(FAMILIES)
    owner = program(before[0])
    behind_a_pipe = pipes.completions(before, begun)
    if behind_a_pipe is None:
        return _own(run, owner, before, begun, text)
    # In LogQL a bar may begin a filter of its own as well as one of the shell's.
    speaks = owner is not None and any(verb.prose for verb in owner.verbs.values())
    stage = before[len(before) - before[::-1].index("|") :]
    if not speaks or (stage and stage[0] in PROGRAMS):
        return behind_a_pipe
    return [*_own(run, owner, before, begun, text), *behind_a_pipe]


def _own(run: Run, owner: Family | None, before: list[str], begun: str, text: str) -> list[str]:
    """What a program's own verbs, flags and arguments offer."""
    if owner is None:
        return []
    rest = before[1:]
    verb = owner.find(rest)
    found = _next_words(owner, rest)
    if verb is None:
        return found
    if begun.startswith("-"):
        return _flags(verb, begun)
    try:
        return [*found, *verb.candidates(run, before), *verb.endings(run, text)]
    except GamedayError:
        return found


def _next_words(owner: Family, rest: list[str]) -> list[str]:
    """Words of verbs that begin with what is typed."""
    return [
        verb[len(rest)] for verb in owner.verbs if len(verb) > len(rest) and verb[: len(rest)] == tuple(rest)
    ]


def _flags(verb: Verb, begun: str) -> list[str]:
    found: list[str] = []
    for flag in verb.flags:
        if flag.choices and begun.startswith(f"--{flag.name}="):
            found.extend(f"--{flag.name}={choice}" for choice in flag.choices)
        elif flag.takes == "bool":
            found.append(f"--{flag.name}")
        else:
            found.append(f"--{flag.name}=")
        if flag.short:
            found.append(f"-{flag.short}")
    return found
