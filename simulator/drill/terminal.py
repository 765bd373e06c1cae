"""The terminal: understands a line, warns where it is dangerous, carries it out, and lets its cost pass.

Where somebody ended a blocking line, its answer ends with what they said; where a page rang while a line's
cost passed, with the page.

In lesson mode a dangerous line is not carried out at once: it waits for ``yes``. Both lines are acts, so a
replay asks and is answered in the same way.

After the end whoever looks still sees the world as it stopped; that is no act, and in no run file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from simulator.drill import console
from simulator.drill.acts import INSTRUCTOR, Act, Answer, spoken
from simulator.drill.console import Command, RefusedError, pipes
from simulator.errors import ConsoleError, GamedayError, SimulationError
from simulator.units import format_clock
from simulator.world import KubernetesError

if TYPE_CHECKING:
    from simulator.drill.run import Run


_ASKED: Final = (
    "Type yes to go ahead. Any other line leaves it undone, and is run itself; no does nothing else."
)


@dataclass(frozen=True, slots=True)
class Pending:
    """A dangerous line that waits for a yes."""

    act: Act
    command: Command


#: Looks that need a world that goes on, or a coach who still helps.
_NEED_TIME: Final = frozenset({"curl", "hint", "next"})
#: What touches nothing and helps to look back.
_LOOK_BACK: Final = frozenset({"help", "ask", "clear"})
#: Words that are no line of a tool, and mean that somebody goes on or wants to look back.
_PAST_ANSWERING: Final = frozenset({"yes", "y", "no", "n", "debrief"})


def _over(act: Act, duration: int) -> Answer:
    """The answer to a line that would need time after the end; it is no act any more."""
    end = format_clock(duration)
    error = ConsoleError(
        act.line.strip()[:200],
        expected=f"a look, or a line before {end}",
        got="the end of the drill",
        todo="Ask for the debrief.",
    )
    text = (
        f"The drill is over since {end}: nothing can be done any more. You can still look around.\n"
        "The debrief is open: the Debrief button of the console, or drill.debrief() in a notebook."
    )
    return Answer(act.line, text, False, duration, error=error)


class Terminal:
    """Answers the acts of one run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self.pending: Pending | None = None

    def answer(self, act: Act, line: str) -> Answer:
        """Understand, warn, carry out, let the cost pass; ``line`` is the act's, stripped and not blank."""
        run = self._run
        pending, self.pending = self.pending, None
        command, refusal = self._understand(line, pending)
        for listener in run.listeners:
            listener.before_act(run, act, command)
        if command is None:
            return self._refused(act, "", refusal) if refusal else self._said(act, "Nothing was done.")
        confirmed = pending is not None and command is pending.command
        if command.by_a_pane:  # nobody typed it, so it answers no question
            self.pending = pending
        if command.danger and not confirmed and run.mode == "lesson":
            self.pending = Pending(act, command)
            return self._said(act, f"{command.danger}\n{_ASKED}")
        said_before = len(run.channel)
        try:
            text = self._carried_out(command)
        except SimulationError:
            raise
        except GamedayError as error:
            return self._refused(act, command.canonical, error)
        if run.stopped:
            text = "\n".join([text, *map(spoken, run.channel.read(said_before))])
        run.advance(min(act.at + command.cost, run.ends_by))
        rang = "\n".join(map(spoken, run.channel.read(pages=True)))
        if act.actor == "james" and run.hooks.aside is not None:
            text = "\n".join(filter(None, [text, run.hooks.aside(act)]))
        return Answer(
            act.line,
            text,
            True,
            act.at,
            cost=self._run.now - act.at,
            kind=command.kind,
            canonical=command.canonical,
            number=len(self._run.acts),
            rang=rang,
        )

    def afterwards(self, act: Act, line: str) -> Answer:
        """Answer a line after the end: who looks sees the world as it stopped; nothing else is carried out.

        The line is no act: it is in no run file, nobody listens, and its number is 0.
        """
        run = self._run
        if act.actor == INSTRUCTOR or line.lower() in _PAST_ANSWERING:
            return _over(act, run.duration)
        command, refusal = self._understand(line, None)
        if refusal is not None:
            refused = self._refused(act, "", refusal)
            return replace(refused, text=f"{refused.text}\n\n{_over(act, run.duration).text}", number=0)
        looks = command is not None and command.kind == "look" and command.family not in _NEED_TIME
        if command is None or not (looks or command.family in _LOOK_BACK):
            return _over(act, run.duration)
        try:
            text = self._carried_out(command)
        except SimulationError:
            raise
        except GamedayError as error:
            return replace(self._refused(act, command.canonical, error), number=0)
        return Answer(act.line, text, True, run.now, kind=command.kind, canonical=command.canonical)

    def _carried_out(self, command: Command) -> str:
        """What the line prints, through its pipes."""
        text = command.action(self._run, command)
        return pipes.through(text, command.filters) if command.filters else text

    def _understand(self, line: str, pending: Pending | None) -> tuple[Command | None, GamedayError | None]:
        """(the command, why there is none); both None for a ``no`` to a pending line."""
        word = line.lower()
        if word in ("yes", "y"):
            if pending is not None:
                return pending.command, None
            return None, RefusedError(
                f"{word}: nothing waits for an answer",
                where=line,
                expected="a dangerous line before it",
                got="none",
                todo="Type the line itself.",
            )
        if word in ("no", "n") and pending is not None:
            return None, None
        try:
            return self._parsed(line), None
        except SimulationError:
            raise
        except GamedayError as error:
            return None, error

    def _parsed(self, line: str) -> Command:
        """The line, with the canonical spelling of what it stands for in this run."""
        run = self._run
        command = console.parse(line, costs=run.costs, namespace=run.namespace)
        other = command.stands_for(run, command)
        if not other:
            return command
        same = console.parse(other, costs=run.costs, namespace=run.namespace)
        return replace(command, canonical=same.canonical)

    def _refused(self, act: Act, canonical: str, error: GamedayError) -> Answer:
        text = str(error)
        if isinstance(error, RefusedError):
            text = error.said
        elif isinstance(error, KubernetesError):
            text = error.message
        return Answer(
            act.line,
            text,
            False,
            act.at,
            cost=self._run.now - act.at,
            error=error,
            canonical=canonical,
            number=len(self._run.acts),
        )

    def _said(self, act: Act, text: str) -> Answer:
        return Answer(act.line, text, True, act.at, number=len(self._run.acts))
