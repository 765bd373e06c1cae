"""``queue``: the topics, what waits in each, and its dead letters: put back, or thrown away.

Brokers differ in their programs; the words are those of Amazon SQS and Azure Service Bus: *redrive* puts dead
letters back to the end of their queue, *purge* throws messages away.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError, nearest
from simulator.drill.console.registry import Command, family
from simulator.drill.console.tables import table
from simulator.units import format_age

if TYPE_CHECKING:
    from simulator.drill.run import Run

QUEUE: Final = family(
    "queue", about="Queues: what waits in each, and its dead letters.", aliases=("queues", "topic")
)


def _topics(run: Run) -> list[str]:
    return [topic.name for topic in run.scenario.spec.topics]


def _names(run: Run, _before: Sequence[str]) -> list[str]:
    return _topics(run)


def _refused(said: str, line: str, expected: str, got: str) -> RefusedError:
    return RefusedError(said, where=line, expected=expected, got=got, todo="Type queue list.")


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise _refused(
            f'queue list: unexpected "{arguments.words[0]}"', line, "queue list", arguments.sentence
        )
    return ()


def _one_name(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) != 1:
        raise _refused("queue: which one?", line, "the name of one queue", arguments.sentence or "none")
    return arguments.words


def _named(run: Run, command: Command) -> str:
    """The queue that a line names.

    Raises:
        RefusedError: There is none of that name.
    """
    name, known = command.targets[0], _topics(run)
    if name not in known:
        close = nearest(name, known)
        hint = f"\n\nDid you mean this?\n\t{close}" if close else ""
        raise _refused(
            f'queue: "{name}" does not exist{hint}', command.line, ", ".join(known) or "a queue", repr(name)
        )
    return name


@QUEUE.verb(
    "list",
    about="Every queue: ready, in hand, delayed and dead messages, the age of the oldest, consumers.",
    kind="look",
    cost="get",
    normalise=_no_words,
)
def list_(run: Run, _command: Command) -> str:
    """One row a queue."""
    frame = run.production.dataplane.counters().topics
    if not frame.names:
        return "No queues."
    rows = []
    for place, name in enumerate(frame.names):
        counts = (frame.waiting, frame.held, frame.delayed, frame.dead)
        oldest = int(frame.oldest_ns[place])
        age = format_age(oldest) if oldest else "-"
        rows.append(
            [name, *(str(int(each[place])) for each in counts), age, str(int(frame.consumers[place]))]
        )
    return table(("NAME", "READY", "UNACKED", "DELAYED", "DEAD", "OLDEST", "CONSUMERS"), rows)


@QUEUE.verb(
    "redrive",
    usage="NAME",
    about="Put a queue's dead letters back to its end, to be tried again.",
    kind="change",
    cost="change",
    normalise=_one_name,
    candidates=_names,
)
def redrive(run: Run, command: Command) -> str:
    """Put back."""
    name = _named(run, command)
    count = run.production.dataplane.redrive(name)
    return f"queue/{name}: {count} dead letter{'s' if count != 1 else ''} put back"


def _risk(arguments: Arguments) -> str:
    what = "dead letters" if arguments.truth("dead-letters") else "messages that wait"
    return f"Its {what} are thrown away, and nobody gets them back."


@QUEUE.verb(
    "purge",
    usage="NAME [--dead-letters]",
    about="Throw away what waits in a queue, or its dead letters.",
    kind="change",
    cost="change",
    flags=(Flag("dead-letters", "Its dead letters instead.", takes="bool"),),
    normalise=_one_name,
    danger=_risk,
    candidates=_names,
)
def purge(run: Run, command: Command) -> str:
    """Throw away."""
    name, dead = _named(run, command), command.arguments.truth("dead-letters")
    count = run.production.dataplane.purge(name, dead_letters=dead)
    what = "dead letter" if dead else "message"
    return f"queue/{name}: {count} {what}{'s' if count != 1 else ''} thrown away"
