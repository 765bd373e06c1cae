"""What an instructor adds while a drill runs: journalled as an act of its own kind, nobody's decision.

An inject takes no time. It is the world's as the timeline is: replay, resume and what-if keep it at its
instant, plays that a run is measured against meet it too, and the learner hears of it only by what it does. A
line that is typed for the learner stands in the channel with its answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from simulator.drill import console
from simulator.drill.acts import INSTRUCTOR, Act, Answer
from simulator.drill.console import RefusedError
from simulator.errors import GamedayError, SimulationError
from simulator.scenario import Injection, read_injection
from simulator.units import format_clock
from simulator.world import KubernetesError

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: Who shows the learner a line and its answer.
_FACILITATOR: Final = "facilitator"


@dataclass(frozen=True, slots=True)
class Inject:
    """One inject as it was carried out.

    Attributes:
        act: As journalled.
        text: What it was, in a few words.
        ok: Whether it could be done.
    """

    act: Act
    text: str
    ok: bool


def prepared(run: Run, source: object) -> Act:
    """The act that injects something now, checked before anything is journalled.

    Args:
        run: Into which.
        source: See ``scenario.read_injection``.

    Raises:
        ScenarioError: Something in it is wrong.
        GamedayError: It is neither text, nor a mapping, nor a number, or its line is none.
    """
    if isinstance(source, bool) or not isinstance(source, str | int | dict):
        raise GamedayError(
            "inject(what)",
            expected='a mapping or YAML such as {"chaos": {…}}, or the number of the page\'s inject',
            got=repr(source)[:80],
            todo="Use the words of a timeline's entry, without at.",
        )
    injection = read_injection(source, run.scenario, run.now)
    if injection.line:
        command = console.parse(injection.line, costs=run.costs, namespace=run.namespace)
        if not command.cost:
            raise GamedayError(
                "inject: line",
                expected="a line that does not wait",
                got=repr(injection.line),
                todo="An inject takes no time.",
            )
    return Act(run.now, injection.text, INSTRUCTOR)


def inject(run: Run, source: object) -> Answer:
    """Let something happen now.

    Args:
        run: To whom.
        source: See ``scenario.read_injection``.

    Raises:
        ScenarioError: Something in it is wrong; nothing has happened then.
        GamedayError: Likewise.
    """
    return run.apply(prepared(run, source))


def foresee(run: Run, injects: Iterable[Act]) -> None:
    """Have injects of another run happen in this one at their instants, whatever is typed meanwhile."""
    for act in injects:
        run.production.env.at(act.at, partial(_meet, run, act))


def _meet(run: Run, act: Act) -> None:
    carry_out(run, act)


def carry_out(run: Run, act: Act) -> Answer:
    """Let the act of an instructor happen now; nothing is raised for it."""
    error: GamedayError | None = None
    try:
        text = _happen(run, read_injection(act.line, run.scenario, act.at))
    except SimulationError:
        raise
    except GamedayError as refused:
        error, text = refused, _said(refused)
    run.injects.append(Inject(act, text, error is None))
    shown = text if error is not None else f"{format_clock(act.at)} injected: {text}"
    return Answer(act.line, shown, error is None, act.at, error=error)


def _said(error: GamedayError) -> str:
    if isinstance(error, RefusedError):
        return error.said
    return error.message if isinstance(error, KubernetesError) else str(error)


def _happen(run: Run, injection: Injection) -> str:
    done: list[str] = []
    if injection.entry is not None:
        faults = len(run.production.faults)
        run.production.carry_out(injection.entry)
        done.append(_named(run, injection, faults))
    if injection.line:
        command = console.parse(injection.line, costs=run.costs, namespace=run.namespace)
        shown = command.action(run, command)
        run.say("people", _FACILITATOR, f"$ {injection.line}\n{shown}")
        done.append(injection.line)
    if injection.word is not None:
        run.say("people", injection.word.author, injection.word.text)
        done.append(f"{injection.word.author}: {injection.word.text}")
    return "; ".join(done)


def _named(run: Run, injection: Injection, faults: int) -> str:
    """An entry in a few words: what, of whom, and which pods or services it hit."""
    head = " ".join(injection.subject)
    if len(run.production.faults) == faults:
        return head
    fault = run.production.faults[-1]
    hit = ", ".join(fault.pods or fault.services)
    return f"{head} on {hit}" if hit else head
