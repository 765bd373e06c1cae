"""``flag``: the feature flags, for whom each is on, and its audit trail."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command, family
from simulator.drill.console.tables import table
from simulator.engine import OPERATOR
from simulator.units import format_age, format_clock
from simulator.world import FlagState
from simulator.world.flags import Flag as FeatureFlag

if TYPE_CHECKING:
    from simulator.drill.run import Run

FLAG: Final = family("flag", about="Feature flags: for whom each is on.", aliases=("flags",))

_VALUE: Final = re.compile(r"on|off|(100|[0-9]{1,2})(\.[0-9]{1,2})?%")


def _names(run: Run, _before: Sequence[str]) -> list[str]:
    return [*run.production.causes.flags.flags.names, "on", "off", "25%"]


def _nothing_more(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        raise _refused(f"flag list: unknown argument {arguments.words[0]!r}", line, "no argument")
    return ()


def _one_name(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) != 1:
        raise _refused("flag get: which flag?", line, "one flag")
    return arguments.words


def _setting(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    if len(words) not in (1, 2) or (len(words) == 1 and not arguments.text("cohort")):
        raise _refused(
            "flag set: a flag and a value are needed: flag set NAME on|off|25%", line, "NAME on|off|25%"
        )
    if len(words) == 2 and not _VALUE.fullmatch(words[1]):
        share = f"{words[1]}%"
        hint = f"; did you mean {share}?" if _VALUE.fullmatch(share) else "; write on, off or 25%"
        raise _refused(
            f"flag set: {words[1]!r} is no value of a flag{hint}",
            line,
            "on, off or a percentage such as 25%",
        )
    return words


def _refused(said: str, line: str, expected: str) -> RefusedError:
    return RefusedError(
        said, where=line, expected=expected, got=repr(line), todo="Type help flag, or flag list."
    )


@FLAG.verb(
    "list",
    usage="",
    about="Every flag and for whom it is on.",
    kind="look",
    cost="get",
    normalise=_nothing_more,
)
def list_(run: Run, _command: Command) -> str:
    """One row a flag."""
    flags = run.production.causes.flags.flags
    if not flags.names:
        return "No flags."
    rows = []
    for name in flags.names:
        flag = flags.get(name)
        changed = f"{format_age(run.now - flag.trail[-1].at)} ago" if flag.trail else "-"
        rows.append((name, str(flag.state), changed, flag.owner or "-", flag.description or "-"))
    return table(("FLAG", "STATE", "CHANGED", "OWNER", "DESCRIPTION"), rows)


@FLAG.verb(
    "get",
    usage="NAME",
    about="One flag, with who changed it when.",
    kind="look",
    cost="describe",
    normalise=_one_name,
    candidates=_names,
)
def get(run: Run, command: Command) -> str:
    """State, owner, and the trail, oldest first."""
    flags = run.production.causes.flags.flags
    flag = flags.get(command.targets[0])
    head = [
        f"flag:        {flag.name}",
        f"state:       {flag.state}",
        f"owner:       {flag.owner or '-'}",
        f"description: {flag.description or '-'}",
    ]
    if flags.cohorts:
        head.append(
            "cohorts:     " + ", ".join(f"{name} ({share:.0%})" for name, share in flags.cohorts.items())
        )
    return "\n".join([*head, "audit trail:", *_trail(flag)])


def _trail(flag: FeatureFlag) -> list[str]:
    if not flag.trail:
        return ["  no change since the drill began"]
    return [
        f"  {format_clock(each.at)}  {each.author}: {each.before} -> {each.after}"
        + (f"  ({each.cause})" if each.cause else "")
        for each in flag.trail
    ]


@FLAG.verb(
    "set",
    usage="NAME on|off|25% [--cohort NAME] [--reason TEXT]",
    about="Turn a flag on, off, or on for a share of the users; takes effect within seconds.",
    kind="change",
    cost="change",
    flags=(
        Flag("cohort", "On for this group of users, whatever the share; several joined by commas."),
        Flag("reason", "For the audit trail."),
    ),
    normalise=_setting,
    candidates=_names,
)
def set_(run: Run, command: Command) -> str:
    """Change a flag. ``off`` is the kill switch: it ends cohorts too."""
    service = run.production.causes.flags
    name, *values = command.targets
    before = service.flags.get(name).state
    value = values[0] if values else ""
    cohorts = tuple(each for each in command.arguments.text("cohort").split(",") if each)
    if value == "off":
        state = FlagState()
    elif value:
        state = FlagState(100.0 if value == "on" else float(value[:-1]), cohorts)
    else:
        state = FlagState(before.percentage, cohorts)
    if not service.set(name, state, author=OPERATOR, cause=command.arguments.text("reason")):
        return f"{name} is {state} already."
    return f"{name}: {before} -> {service.flags.get(name).state}"
