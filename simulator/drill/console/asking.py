"""``ask``, ``runbook`` and ``next``: what the coach knows, by a question, as written down, or by doing it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, RefusedError
from simulator.drill.console.registry import Command, family

if TYPE_CHECKING:
    from simulator.drill.run import Run

RUNBOOK: Final = family("runbook", about="What the team wrote down for this system.")
NEXT: Final = family("next", about="James shows the next step, where the level of guidance has him show any.")
ASK: Final = family("ask", about="Ask James what a word means, or think aloud with him.")


def _question(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.sentence.strip():
        raise RefusedError(
            'ask: a question is missing\nUsage: ask "what is a burn rate?"',
            where=line,
            expected="a question",
            got="none",
            todo="Write it in one sentence.",
        )
    return arguments.words


def nobody(command: Command) -> RefusedError:
    """The refusal of a line that only a coach can answer, in a run that has none."""
    return RefusedError(
        f"{command.family}: no coach is here",
        where=command.line,
        expected="a drill with a coach",
        got="a run without one",
        todo="Start the drill with gameday play NAME or sim.start(NAME), which bring the coach.",
    )


@ASK.verb(
    "",
    usage="QUESTION",
    about="James answers from what he knows and what you have seen; he gives no hint this way.",
    kind="none",
    cost="hint",
    prose=True,
    normalise=_question,
)
def ask(run: Run, command: Command) -> str:
    """The coach answers through the run's hook."""
    if run.hooks.ask is None:
        raise nobody(command)
    return run.hooks.ask(command.arguments.sentence)


@RUNBOOK.verb("", about="Print the runbook.", kind="look", cost="describe")
def runbook(run: Run, command: Command) -> str:
    """The coach's runbook through the run's hook."""
    if run.hooks.runbook is None:
        raise nobody(command)
    return run.hooks.runbook()


@NEXT.verb("", about="Watch James do the next step of a worked example.", kind="look", cost="")
def next_step(run: Run, command: Command) -> str:
    """The coach answers through the run's hook; the step itself is an act of his, right after."""
    if run.hooks.next_step is None:
        raise nobody(command)
    return run.hooks.next_step()
