"""``help``: what the console knows, from the registry, and how to use one line of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.acts import Kind
from simulator.drill.console import pipes
from simulator.drill.console.filters import PROGRAMS
from simulator.drill.console.grammar import RefusedError, nearest
from simulator.drill.console.registry import FAMILIES, Command, Family, Verb, family, program
from simulator.drill.console.tables import tabulate
from simulator.units import format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: What an act of each class is, as help says it.
_CLASSES: Final[Mapping[Kind, str]] = {
    "look": "A look.",
    "change": "A change.",
    "communicate": "Communication.",
    "wait": "A wait.",
    "none": "Touches nothing.",
}

HELP: Final = family("help", about="This list, or help on one topic.")


def _topics(_run: Run, _before: Sequence[str]) -> list[str]:
    return sorted([*FAMILIES, *PROGRAMS])


@HELP.verb(
    "",
    usage="[TOPIC]",
    about="Show what can be typed.",
    kind="none",
    cost="help",
    prose=True,
    candidates=_topics,
)
def help_(run: Run, command: Command) -> str:
    """The list, a family, or a verb."""
    words = command.arguments.words
    if not words:
        rows = [f"  {name}\t{owner.about}" for name, owner in sorted(FAMILIES.items())]
        head = "What this console takes. Type help TOPIC for more, for example: help kubectl rollout undo\n"
        behind = "Behind a line that only looks:\n" + tabulate(pipes.topics())
        return head + "\n" + tabulate("\n".join(rows)) + "\n\n" + behind
    if len(words) == 1 and (text := pipes.topic(words[0])):
        return text
    owner = program(words[0]) or program("kubectl")
    rest = words[1:] if program(words[0]) is not None else words
    if owner is None:  # pragma: no cover - kubectl is always registered
        raise AssertionError("kubectl is not registered")
    verb = owner.find(rest)
    if rest and (verb is None or len(verb.words) < len(rest)):
        below = [known for known in owner.verbs.values() if known.words[: len(rest)] == tuple(rest)]
        if below:
            return _family(owner, below)
        raise _no_topic(command.line, words)
    if verb is None or (not rest and len(owner.verbs) > 1):
        return _family(owner, list(owner.verbs.values()))
    below = [each for each in owner.verbs.values() if verb.words and each.words[: len(rest)] == verb.words]
    text = _verb(run, owner, verb)
    return f"{text}\n\n{_rows(owner, below)}" if len(below) > 1 else text


def _no_topic(line: str, words: Sequence[str]) -> RefusedError:
    topic, owner = " ".join(words), program(words[0])
    if owner is None:
        close = nearest(topic, FAMILIES)
    else:  # the program is right; what stands behind it must be near on its own
        close = nearest(" ".join(words[1:]), [verb.name for verb in owner.verbs.values() if verb.words])
        close = f"{owner.name} {close}" if close else ""
    hint = f"\n\nDid you mean this?\n\thelp {close}" if close else ""
    return RefusedError(
        f'help: no topic "{topic[:80]}"{hint}',
        where=line[:200],
        expected="a topic of the list that help prints",
        got=repr(topic[:80]),
        todo=f"Type help {close}." if close else "Type help.",
    )


def _family(owner: Family, verbs: list[Verb]) -> str:
    return f"{owner.about}\n\n{_rows(owner, verbs)}"


def _rows(owner: Family, verbs: Sequence[Verb]) -> str:
    rows = [
        f"  {owner.name} {verb.name}".rstrip() + f"\t{verb.about}"
        for verb in sorted(verbs, key=lambda v: v.words)
    ]
    return tabulate("\n".join(rows))


def _verb(run: Run, owner: Family, verb: Verb) -> str:
    name = f"{owner.name} {verb.name}".strip()
    costs = (
        f"{format_duration(run.costs[verb.cost])} of simulated time" if verb.cost else "as long as it takes"
    )
    parts = [
        f"{verb.about}\n\nUsage:\n  {name} {verb.usage}".rstrip(),
        f"Takes: {costs}. {_CLASSES[verb.kind]}",
    ]
    parts += filter(None, [verb.more(run)])
    if verb.flags:
        rows = [
            f"  {f'-{flag.short}, ' if flag.short else '    '}--{flag.name}"
            + ("" if flag.takes == "bool" else f"={flag.default}" if flag.default else "=...")
            + f"\t{flag.about}"
            for flag in verb.flags
        ]
        parts.insert(1, "Flags:\n" + tabulate("\n".join(rows)))
    return "\n\n".join(parts)
