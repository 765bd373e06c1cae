"""The pager on the console: what rang, who has it, ``ack``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.registry import Command, family
from simulator.drill.situation import within_reach
from simulator.slo import Page
from simulator.units import format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run

PAGE: Final = family("page", about="The pager: what rang, and who has it.", aliases=("pager",))
ACK: Final = family("ack", about="Acknowledge a page; the same as page ack.")


@PAGE.verb("", about="List the pages of this run.", kind="look", cost="status")
@PAGE.verb("list", about="List the pages of this run.", kind="look", cost="status")
def page_list(run: Run, _command: Command) -> str:
    """Every page, newest last."""
    if not run.pager.pages:
        return "No pages."
    return "\n".join(_shown(run, page) for page in run.pager.pages)


def _shown(run: Run, page: Page) -> str:
    state = "firing" if page.open else f"resolved {format_clock(page.resolved_at or 0)}"
    acked = f"acknowledged {format_clock(page.acked_at)}" if page.acked_at is not None else "not acknowledged"
    levels = run.scenario.spec.pager.escalation_rules
    asked = [within_reach(target, run.guidance) for target in levels[page.level].targets]
    paged = f", {' and '.join(asked)} paged" if page.level else ""
    also = f" and {', '.join(page.alerts[1:])}" if page.alerts[1:] else ""
    head = f"{page.id}  {format_clock(page.since)}  {page.name}{also}  {state}, {acked}{paged}"
    return f"{head}\n    {page.summary}"


def _waiting(run: Run, before: Sequence[str]) -> Sequence[str]:
    return [page.id for page in run.pager.unacknowledged] if len(before) == 2 else ()


def _waiting_for_ack(run: Run, before: Sequence[str]) -> Sequence[str]:
    return [page.id for page in run.pager.unacknowledged] if len(before) == 1 else ()


@PAGE.verb(
    "ack",
    usage="[ID|ALERT]",
    about="Acknowledge a page: the one named, or the oldest that waits.",
    kind="communicate",
    cost="page",
    candidates=_waiting,
)
@ACK.verb(
    "",
    usage="[ID|ALERT]",
    about="Acknowledge a page: the one named, or the oldest that waits.",
    kind="communicate",
    cost="page",
    candidates=_waiting_for_ack,
    spelled="page ack",
)
def page_ack(run: Run, command: Command) -> str:
    """Take a page."""
    words = command.arguments.words
    page = run.pager.acknowledge(run.now, words[0] if words else None)
    run.channel.acknowledge(page.id, run.now)
    return f"{page.id} {page.name} acknowledged at {format_clock(run.now)}."


def _open(run: Run, before: Sequence[str]) -> Sequence[str]:
    return [page.id for page in run.pager.pages if page.open] if len(before) == 2 else ()


@PAGE.verb(
    "resolve",
    usage="ID|ALERT",
    about="Close a page by hand, whatever its alert does; a new alert rings anew.",
    kind="communicate",
    cost="page",
    candidates=_open,
)
def page_resolve(run: Run, command: Command) -> str:
    """Close a page."""
    words = command.arguments.words
    page = run.pager.resolve(run.now, words[0] if words else None)
    return f"{page.id} {page.name} resolved by hand at {format_clock(run.now)}."
