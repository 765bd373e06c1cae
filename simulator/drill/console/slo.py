"""``slo``: the objectives on the console, as a table, or one of them in full."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, RefusedError, nearest
from simulator.drill.console.registry import Command, family
from simulator.drill.console.tables import tabulate
from simulator.slo import Slo
from simulator.slo.alerts import window_text
from simulator.slo.rulefile import WINDOWS, decimal
from simulator.units import DAY, HOUR, MINUTE, format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

SLO: Final = family("slo", about="Objectives: budget left in per cent, minutes and requests, burn rates.")
_HEAD: Final = ("NAME", "TARGET", "WINDOW", "LEFT", "MINUTES", "REQUESTS", "BURN 5m", "BURN 1h", "EMPTY IN")


def _names(run: Run, before: Sequence[str]) -> Sequence[str]:
    return list(run.slos) if len(before) == 1 else ()


def _at_most_one(line: str, arguments: Arguments) -> tuple[str, ...]:
    if len(arguments.words) <= 1:
        return arguments.words
    raise RefusedError(
        f"slo: too many arguments: {' '.join(arguments.words)}",
        where=line,
        expected="at most one name",
        got=str(len(arguments.words)),
        todo="Type slo for all of them.",
    )


@SLO.verb(
    "",
    usage="[NAME]",
    about="Every objective in a row, or one in full.",
    kind="look",
    cost="status",
    normalise=_at_most_one,
    candidates=_names,
)
def slo(run: Run, command: Command) -> str:
    """The table, or one objective."""
    words = command.arguments.words
    if words:
        return _full(run, _named(run, command.line, words[0]))
    rows = ["\t".join(_HEAD), *("\t".join(_row(run, each)) for each in run.slos.values())]
    return tabulate("\n".join(rows))


def _named(run: Run, line: str, name: str) -> Slo:
    found = run.slos.get(name)
    if found is not None:
        return found
    close = nearest(name, run.slos)
    raise RefusedError(
        f'slo: "{name}" not found' + (f"\n\nDid you mean this?\n\tslo {close}" if close else ""),
        where=line,
        expected="one of " + ", ".join(run.slos),
        got=repr(name),
        todo=f"Type slo {close}." if close else "Type slo for all of them.",
    )


def _row(run: Run, one: Slo) -> tuple[str, ...]:
    goal, left, now = one.objective, one.budget_left(run.now), run.now
    lasting = one.time_to_exhaustion(now)
    return (
        goal.name,
        goal.target_text,
        goal.window_text,
        f"{100 * left.share_left:.1f} %",
        f"{left.minutes_left:.1f}",
        f"{left.requests_left:,.0f}",
        _burn(one.burn_rate(5 * MINUTE, now)),
        _burn(one.burn_rate(HOUR, now)),
        "-" if lasting is None else _whole(lasting),
    )


def _full(run: Run, one: Slo) -> str:
    goal, now = one.objective, run.now
    left = one.budget_left(now)
    unit = "minutes of a broken threshold" if goal.unit == "minutes" else goal.unit
    shares = {
        "Objective:": f"{goal.title or goal.name}: {goal.target_text} over {goal.window_text}",
        "Service:": goal.promised_by,
        "Indicator:": f"{goal.indicator.kind} of {goal.service}"
        + (f", routes {', '.join(goal.routes)}" if goal.routes else ""),
        "Method:": goal.method
        + (f", slices of {window_text(goal.slice_window)}" if goal.sliced else "")
        + (f" with {decimal(100 * goal.slice_target)} % good" if goal.slice_target else ""),
        "Budget:": f"{left.allowed:,.0f} {unit}, {goal.budget_minutes:.1f} minutes of full outage",
        "Left:": f"{100 * left.share_left:.1f} %, {left.minutes_left:.1f} minutes, "
        f"{left.requests_left:,.0f} requests",
        "Spent in this drill:": f"{100 * one.spent_in_drill(now):.2f} %",
    }
    lines = ["\t".join(pair) for pair in shares.items()]
    burns = ["", "WINDOW\tERROR RATIO\tBURN RATE"]
    for window in (each for each in WINDOWS if each >= goal.slice_window):
        ratio = one.error_ratio(window, now)
        shown = "unknown" if isnan(ratio) else f"{100 * ratio:.3g} %"
        burns.append(f"{window_text(window)}\t{shown}\t{_burn(one.burn_rate(window, now))}")
    return tabulate("\n".join(lines)) + "\n" + tabulate("\n".join(burns))


def _burn(rate: float) -> str:
    """A burn rate; where nothing was asked it is unknown and never zero."""
    return "unknown" if isnan(rate) else f"{rate:.1f}x"


def _whole(ns: int) -> str:
    if ns >= 2 * DAY:
        return f"{ns // DAY}d"
    return format_duration(ns // MINUTE * MINUTE) if ns >= MINUTE else "now" if ns == 0 else "under 1m"
