"""``role``: where a team shares one screen and one keyboard, in whose name the next lines are typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, RefusedError, nearest
from simulator.drill.console.registry import Command, family
from simulator.drill.incident import TYPISTS

if TYPE_CHECKING:
    from simulator.drill.run import Run

ROLE: Final = family("role", about="In whose name lines are typed, where a team shares a screen.")
#: Takes the stamp off again.
_NOBODY: Final = "none"
_KNOWN: Final = (*TYPISTS, _NOBODY)


def _one_role(line: str, arguments: Arguments) -> tuple[str, ...]:
    word = " ".join(arguments.words).lower()
    if not word or word in _KNOWN:
        return (word,) if word else ()
    close = nearest(word, _KNOWN)
    raise RefusedError(
        f'role: "{word}" is none: {", ".join(_KNOWN)}',
        where=line,
        expected=f"one of {', '.join(_KNOWN)}",
        got=repr(word),
        todo=f"Write: role {close}"
        if close
        else "Who has a role is written so: incident role operations NAME",
    )


def _known(_run: Run, before: Sequence[str]) -> Sequence[str]:
    return _KNOWN if len(before) == 1 else ()


@ROLE.verb(
    "",
    usage="[commander|operations|communications|scribe|none]",
    about="Say for which role the driver types from now on; alone, print it.",
    kind="none",
    cost="",
    normalise=_one_role,
    candidates=_known,
)
def role_(run: Run, command: Command) -> str:
    """Stamp the acts that follow."""
    if command.targets:
        word = command.targets[0]
        run.incident.typing = "" if word == _NOBODY else word
    typing = run.incident.typing
    return f"Lines are typed for {typing} now." if typing else "Lines are typed for no role."
