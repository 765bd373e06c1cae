"""A line becomes a command: its program, its verb, its flags, and what stands behind its pipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Final

from simulator.drill.console import pipes
from simulator.drill.console.grammar import (
    Arguments,
    RefusedError,
    canonical,
    nearest,
    parse_flags,
    split,
    split_prose,
)
from simulator.drill.console.registry import FAMILIES, Command, Family, Verb, program

_HELP: Final = frozenset({"-h", "--help"})


def parse(line: str, *, costs: Mapping[str, int], namespace: str) -> Command:
    """Understand a line without touching the world.

    Args:
        line: As typed; not blank.
        costs: The table of costs.
        namespace: The context's default namespace.

    Returns:
        The command before the first pipe, with what stands behind.

    Raises:
        RefusedError: The line is none that the console knows; nothing else is ever raised.
    """
    owner = program(line.split(maxsplit=1)[0])
    own_language = owner is None or any(verb.prose for verb in owner.verbs.values())
    first, stages = pipes.divide(line, own_language=own_language)
    if not stages or not first:
        return _command(line, costs, namespace)
    command = _command(first, costs, namespace)
    if own_language and command.kind == "communicate":  # a sentence may hold a bar
        return _command(line, costs, namespace)
    flags = command.arguments.flags
    going_on = next((name for name in ("watch", "follow") if flags.get(name) == "true"), "")
    if command.kind not in ("look", "none"):
        does = "it changes something" if command.kind == "change" else "it takes the time that it takes"
        raise pipes.refused_behind(line, first, does)
    if going_on:
        raise pipes.refused_behind(line, first, f"it goes on printing: leave --{going_on} out")
    return replace(command, filters=pipes.filters(stages, line))


def _command(line: str, costs: Mapping[str, int], namespace: str) -> Command:
    """Understand a line that has no pipe."""
    first = line.split(maxsplit=1)[0]
    owner = program(first)
    if owner is None:
        raise _command_not_found(first, line)
    prose = any(verb.prose for verb in owner.verbs.values())
    words = split_prose(line) if prose else split(line)
    rest = owner.verb_first(words[1:])
    verb = owner.find(rest)
    if verb is None:
        asked = rest[1:] if rest[:1] == ["help"] else rest
        if asked is not rest or _HELP & set(rest):
            topic = takewhile(lambda word: not word.startswith("-"), asked)
            return _help(" ".join([owner.name, *topic]), line)
        raise owner.unknown(owner, rest, line)
    name = f"{owner.name} {verb.name}".strip()
    behind = rest[len(verb.words) :]
    if _HELP & set(behind) and (not verb.prose or len(behind) == 1):
        return _help(name, line)
    if verb.prose:
        arguments = Arguments(tuple(behind))
    else:
        arguments = _flags_of(owner, verb, behind, name, line)
    targets = verb.normalise(line, arguments)
    dry = arguments.flags.get("dry-run", "none") != "none"  # changes nothing: a look, without a danger
    return Command(
        line=line,
        family=owner.name,
        verb=verb.name,
        canonical=canonical(
            [*(verb.spelled.split() or (owner.name, *verb.words)), *targets], arguments, namespace
        ),
        kind="look" if dry else verb.kind,
        cost=costs[verb.cost] if verb.cost else 0,
        danger="" if dry else verb.danger(arguments),
        arguments=arguments,
        targets=targets,
        action=verb.action,
        stands_for=verb.stands_for,
    )


def _flags_of(owner: Family, verb: Verb, words: list[str], name: str, line: str) -> Arguments:
    """What stands behind a verb, read as pflag reads it and refused in the tool's own words."""
    try:
        return parse_flags(words, verb.flags, verb=name, line=line)
    except RefusedError as error:
        error.said = owner.phrased(error)
        raise


#: What people type into a shell out of habit, and what to do here instead.
_OF_A_SHELL: Final[Mapping[str, str]] = {
    "debrief": "The debrief is the Debrief button of the console, or drill.debrief() in a notebook.",
    **dict.fromkeys(
        ("exit", "quit", "logout"),
        "This console has no exit; stop typing, or let the drill come to its end: wait 1h",
    ),
    "watch": "This console has no watch; kubectl get pods -w watches, and wait 30s lets time pass.",
}


def _command_not_found(word: str, line: str) -> RefusedError:
    here = _OF_A_SHELL.get(word) or pipes.alone(word)
    if here:
        return RefusedError(
            f"bash: {word}: command not found\n{here}",
            where=line[:200],
            expected=f"a line that begins with one of {', '.join(sorted(FAMILIES))}",
            got=repr(word),
            todo=here,
        )
    known = [*FAMILIES, *(alias for known in FAMILIES.values() for alias in known.aliases)]
    close = nearest(word, known)
    said = f"bash: {word[:80]}: command not found"
    if close:
        said += f"\n\nDid you mean this?\n\t{close}"
    return RefusedError(
        said,
        where=line[:200],
        expected=f"a line that begins with one of {', '.join(sorted(FAMILIES))}",
        got=repr(word[:80]),
        todo=f"Type {close} instead, or help." if close else "Type help for what this console knows.",
    )


def _help(name: str, line: str) -> Command:
    """``kubectl get --help`` is ``help kubectl get``."""
    verb = FAMILIES["help"].verbs[()]
    words = tuple(name.split())
    return Command(line, "help", "", f"help {name}", "none", 0, "", Arguments(words), words, verb.action)
