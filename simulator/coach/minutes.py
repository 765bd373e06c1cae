"""The console as it was at any minute: what a learner could have read there, for the debrief's scrubber.

Everything is read as of its instant: the numbers of the newest scrape, the answer that stood last in the
terminal, what had been said in the minute before. So nobody has to remember, and nobody can know better.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from simulator.coach.blocks import Frame
from simulator.coach.guide import suspects
from simulator.coach.signals import BURN, Signal, percent
from simulator.slo import worst
from simulator.telemetry import signals
from simulator.units import MINUTE, format_clock

if TYPE_CHECKING:
    from simulator.coach.coach import Coach
    from simulator.drill.run import Run
    from simulator.telemetry import Signals

#: Services whose numbers are shown, nearest to the promise first; lines of an answer, and their length.
_SERVICES: Final = 4
_LINES: Final = 8
_WIDTH: Final = 110


def frames(run: Run, coach: Coach) -> tuple[Frame, ...]:
    """One frame a minute, from T+00:00 to where the run stands."""
    slo = worst(run.slos, run.now)
    names = [service for service in suspects(run, slo) if _measured(run, service)][:_SERVICES]
    series = {name: signals(run.telemetry, name, -run.telemetry.interval, run.now) for name in names}
    return tuple(_frame(run, coach, series, at) for at in range(0, run.now + 1, MINUTE))


def _measured(run: Run, service: str) -> bool:
    """Whether the charts know a service of this name."""
    return any(item.meta.name == service for item in run.cluster.services)


def _frame(run: Run, coach: Coach, series: dict[str, Signals], at: int) -> Frame:
    case = coach.case
    sight = case.sight
    ringing = [
        page.name
        for page in run.pager.pages
        if page.since <= at and (page.resolved_at is None or page.resolved_at > at)
    ]
    said = [
        f"{format_clock(message.at)} {message.author}: {message.text}"
        for message in run.channel
        if at - MINUTE < message.at <= at
    ]
    pairs = (
        (
            "Status",
            f"{percent(sight.left(at))} of the budget left, burn {BURN.format(sight.value(BURN, at))}",
        ),
        ("Pages", ", ".join(ringing) or "none"),
        ("Charts", "; ".join(filter(None, (_numbers(name, shown, at) for name, shown in series.items())))),
        ("Step", coach.steps_at(at).sentence),
        ("Channel", " · ".join(said) or "nothing new"),
    )
    return Frame(format_clock(at), pairs, _screen(run, coach, at))


def _numbers(name: str, shown: Signals, at: int) -> str:
    """The newest scrape of a service's four signals."""
    row = int(np.searchsorted(shown.times, at, side="right")) - 1
    if row < 0:
        return ""
    columns = (
        ("traffic", shown.total),
        ("errors", shown.error_ratio),
        ("latency", shown.p99),
        ("saturation", shown.saturation),
    )
    words = [
        f"{kind} {Signal.parse(f'{kind}:{name}').format(float(column[row]))}" for kind, column in columns
    ]
    return f"{name} {', '.join(words)}"


def _screen(run: Run, coach: Coach, at: int) -> str:
    """The line typed last whose answer had come, and the beginning of that answer."""
    last = next((deed for deed in reversed(coach.case.deeds) if deed.seen_at <= at), None)
    if last is None:
        return "$"
    text = run.transcript[last.number - 1].text.splitlines()
    shown = [line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…" for line in text[:_LINES]]
    more = [f"… {len(text) - _LINES} lines more"] if len(text) > _LINES else []
    who = "james$" if last.actor == "james" else "$"
    return "\n".join([f"{who} {last.line}", *shown, *more])
