"""``channel``: what pages, James and colleagues said, for whoever prints answers with no panel beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.drill.acts import spoken
from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family

if TYPE_CHECKING:
    from simulator.drill.run import Run

CHANNEL: Final = family(
    "channel", about="What was said: pages, James, colleagues, the tracker.", aliases=("inbox",)
)


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise RefusedError(
            'channel: takes no words; it reads. To write: message "TEXT"',
            where=line,
            expected="channel, or channel --all",
            got=arguments.sentence,
            todo='Write to everybody with message "TEXT".',
        )
    return ()


@CHANNEL.verb(
    "",
    usage="[--all]",
    about="Print what others said since you last read it; with --all everything, your own words too.",
    kind="look",
    cost="status",
    flags=(Flag("all", "Everything that was said, from the beginning.", takes="bool"),),
    normalise=_no_words,
)
def channel(run: Run, command: Command) -> str:
    """Read the channel; what a line has printed once, only ``--all`` prints again."""
    if command.arguments.truth("all"):
        return "\n".join(map(spoken, run.channel.read_all())) or "Nothing has been said."
    return "\n".join(map(spoken, run.channel.read())) or "Nothing new. Type channel --all for everything."
