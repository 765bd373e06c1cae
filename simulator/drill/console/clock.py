"""Letting time pass: ``wait 2m`` ends early when the pager rings or the coach speaks up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.errors import GamedayError
from simulator.units import format_clock, format_duration, parse_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

#: A length of time as people say it.
_SPOKEN: Final = re.compile(r"([0-9]{1,6}) ?([smh])(?:ec|in|our)?(?:ond|ute)?s?")

WAIT: Final = family("wait", about="Let time pass; ends early at a page.", aliases=("sleep",))


def _duration(text: str) -> int:
    """Go's durations, and bare seconds as ``sleep`` has them."""
    bare = text.isascii() and text.isdigit()
    return parse_duration(text, where="wait", dialect="argo" if bare else "go")


def _one_duration(line: str, arguments: Arguments) -> tuple[str, ...]:
    got = " ".join(arguments.words)
    try:
        if len(arguments.words) == 1 and _duration(got) > 0:
            return arguments.words
    except GamedayError:
        pass
    program = line.split(maxsplit=1)[0]
    spoken = _SPOKEN.fullmatch(got.lower())
    example = f"{program} {spoken[1]}{spoken[2]}" if spoken else f"{program} 2m"
    said = f"{program}: invalid time interval '{got}'" if got else f"{program}: for how long?"
    if spoken or not got:
        said += f"\nWrite for example: {example}"
    raise RefusedError(
        said,
        where=line,
        expected="one duration above zero, such as 2m or 90s",
        got=repr(got) if got else "none",
        todo=f"Write for example: {example}",
    )


@WAIT.verb(
    "",
    usage="DURATION",
    about="Wait, at most until the end of the drill.",
    kind="wait",
    cost="",
    normalise=_one_duration,
)
def wait(run: Run, command: Command) -> str:
    """Block until the time is over or something wants attention."""
    began, wanted = run.now, _duration(command.targets[0])
    end = run.block(began + wanted)
    waited = format_duration(run.now - began)
    if end.reason:
        return f"Stopped waiting after {waited}: {end.reason} It is {format_clock(run.now)}."
    if run.ended:
        return f"Waited {waited}. The drill is over at {format_clock(run.now)}."
    return f"Waited {waited}. It is {format_clock(run.now)}."
