"""The objective timeline: what the world did, what rang, who did and said what, and what was visible when."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import TYPE_CHECKING, Final, Literal

from simulator.coach.case import CALM_BURN, RECOVERY_WINDOW, Case, Deed
from simulator.coach.lanes import Bar, Dot, timeline_svg
from simulator.coach.signals import BURN, percent
from simulator.units import MINUTE, SECOND, format_clock

if TYPE_CHECKING:
    from simulator.coach.coach import Coach
    from simulator.drill.run import Run

Lane = Literal["World", "Instructor", "Pages", "People", "You", "James"]
LANES: Final[tuple[Lane, ...]] = ("World", "Instructor", "Pages", "People", "You", "James")
_SCRAPE: Final = 5 * SECOND
#: Rows before this are history that nobody on call needs.
_FROM: Final = -10 * MINUTE


@dataclass(frozen=True, slots=True)
class Row:
    """One entry.

    Attributes:
        at: When, ns.
        lane: Who or what.
        text: What happened.
        number: The act's number; 0 where it is none.
        visible: What the status bar showed at that moment.
        decides: It changed something or told somebody; False for a look, and for what is no act.
    """

    at: int
    lane: Lane
    text: str
    number: int
    visible: str
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Timeline:
    """The run in order of time.

    Attributes:
        rows: Its entries.
        burning: Stretches in which the objective was missed, ns.
        sentence: The same in one sentence.
        svg: The same as a drawing.
    """

    rows: tuple[Row, ...]
    burning: tuple[tuple[int, int], ...]
    sentence: str
    svg: str


def chronicle(run: Run, coach: Coach) -> Timeline:
    """Put a run's log in order."""
    case, now = coach.case, run.now
    rows = [
        Row(marker.at, "World", marker.text, 0, _visible(case, marker.at))
        for marker in run.markers
        if marker.kind == "deploy" and _FROM <= marker.at <= now
    ]
    rows += [
        Row(each.act.at, "Instructor", each.text, 0, _visible(case, each.act.at)) for each in run.injects
    ]
    for page in run.pager.pages:
        rows.append(Row(page.since, "Pages", f"{page.name} rings", 0, _visible(case, page.since)))
        if page.resolved_at is not None:
            rows.append(
                Row(page.resolved_at, "Pages", f"{page.name} stops", 0, _visible(case, page.resolved_at))
            )
    for deed in case.deeds:
        if _shown(deed):
            lane: Lane = "James" if deed.actor == "james" else "You"
            rows.append(Row(deed.at, lane, deed.line, deed.number, _visible(case, deed.at), deed.decides))
    rows += [
        Row(message.at, "People", f"{message.author}: {message.text}", 0, _visible(case, message.at))
        for message in run.channel
        if message.kind == "people" and 0 <= message.at <= now
    ]
    rows += [Row(line.at, "James", line.text, 0, _visible(case, line.at)) for line in case.said]
    rows += [
        Row(calm.start, "World", "users are served again", 0, _visible(case, calm.start))
        for calm in case.calms
    ]
    # An act stands above what it did in the same instant.
    rows.sort(key=lambda row: (row.at, not row.number, LANES.index(row.lane)))
    burning = _burning(case, now)
    sentence = _sentence(case, burning, now)
    return Timeline(tuple(rows), burning, sentence, _draw(run, case, burning, now, sentence))


def _shown(deed: Deed) -> bool:
    """What was carried out, but for plain waits: ``rollout status`` waits too, and is a look."""
    return deed.ok and deed.kind != "none" and deed.canonical.partition(" ")[0] != "wait"


def _visible(case: Case, at: int) -> str:
    """Burn and budget as the status bar had them."""
    return f"burn {BURN.format(case.sight.value(BURN, at))}, {percent(case.sight.left(at))} left"


def _burning(case: Case, now: int) -> tuple[tuple[int, int], ...]:
    """Stretches with the burn over a minute above what counts as calm."""
    found: list[tuple[int, int]] = []
    start: int | None = None
    for at in range(0, now + 1, _SCRAPE):
        burn = case.sight.burn(at, RECOVERY_WINDOW)
        hot = not isnan(burn) and burn >= CALM_BURN
        if hot and start is None:
            start = at
        elif not hot and start is not None:
            found.append((start, at))
            start = None
    if start is not None:
        found.append((start, now))
    return tuple(stretch for stretch in found if stretch[1] - stretch[0] >= MINUTE)


def _sentence(case: Case, burning: tuple[tuple[int, int], ...], now: int) -> str:
    if not burning:
        return f"No objective was missed for a minute or longer by {format_clock(now)}."
    whole = sum(end - start for start, end in burning)
    page = (
        f"; the first page rang at {format_clock(case.paged_at)}"
        if case.paged_at is not None
        else "; no page rang"
    )
    end = (
        "and it was still missed at the end"
        if burning[-1][1] >= now
        else f"until {format_clock(burning[-1][1])}"
    )
    return (
        f"The objective was missed for {whole / MINUTE:.0f} min, from {format_clock(burning[0][0])} "
        f"{end}{page}."
    )


def _draw(run: Run, case: Case, burning: tuple[tuple[int, int], ...], now: int, sentence: str) -> str:
    bars = [Bar("World", start / SECOND, end / SECOND, "objective missed", "bad") for start, end in burning]
    for page in run.pager.pages:
        stop = page.resolved_at if page.resolved_at is not None else now
        bars.append(Bar("Pages", page.since / SECOND, stop / SECOND, page.name, "page"))
    dots = [
        Dot("World", marker.at / SECOND, marker.text, "deploy")
        for marker in run.markers
        if marker.kind == "deploy" and 0 <= marker.at <= now
    ]
    dots += [
        Dot("You", deed.at / SECOND, str(deed.number), _form(deed), deed.line)
        for deed in case.deeds
        if _shown(deed)
    ]
    dots += [Dot("Instructor", each.act.at / SECOND, each.text, "deploy") for each in run.injects]
    lanes = ("World", *["Instructor"] * bool(run.injects), "Pages", "You")
    return timeline_svg(lanes, bars, dots, now / SECOND, sentence)


def _form(deed: Deed) -> str:
    """How it is drawn: as a tick, or as a number whose form says what kind of decision it was."""
    if not deed.decides:
        return "look"
    if deed.is_a("reasonable-error") or deed.is_a("harmful"):
        return "act wrong"
    return "act change" if deed.kind == "change" else "act"
