"""What the debrief finds: the decision that cost most, one thing that went right, what to play next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.coach.case import CALM_BURN, Case, Deed
from simulator.coach.regret import WORTH_ASKING, Alternative
from simulator.coach.score import Score
from simulator.coach.signals import BURN, ago
from simulator.scenario import catalog
from simulator.units import MINUTE, SECOND, format_clock

if TYPE_CHECKING:
    from simulator.drill.run import Run

_QUESTIONS: Final = {
    "earlier": "What were you waiting to see, and where could you have seen it sooner?",
    "absent": "What would have had to be on the screen for you to try it?",
    "without": "What were you seeing that spoke for it?",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision with the largest regret.

    Attributes:
        observation: What was done or not done, and what stood on the screen.
        concern: What it cost, or why it worries.
        question: The question to the learner.
        act: Number of the act; 0 where it is an absence.
        at: When, ns; None where there is no decision to speak of.
        breach: At most one breach of safety, in a sentence; empty if none.
    """

    observation: str
    concern: str
    question: str
    act: int = 0
    at: int | None = None
    breach: str = ""


@dataclass(frozen=True, slots=True)
class WentRight:
    """One thing that went right, and the signal that says so."""

    text: str
    signal: str
    act: int = 0


@dataclass(frozen=True, slots=True)
class NextPlay:
    """What to play next.

    Attributes:
        text: Why.
        call: The Python line that starts it.
        skill: The weakest skill; empty if none was tested.
    """

    text: str
    call: str
    skill: str


def decide(case: Case, best: Alternative | None, score: Score, now: int) -> Decision:
    """Put the costliest decision into words."""
    breach = next((item.text for item in score["safety"].items if item.passed is False), "")
    page = case.paged_at
    if page is None:
        return Decision(
            "Nobody was paged.",
            "So no decision under fire to look at.",
            "How would you know if the pager were broken?",
        )
    if best is None or best.saved < WORTH_ASKING:
        return Decision(
            "No other play that I tried would have spared users noticeably more.",
            "That says something about this run, and nothing yet about the next one.",
            "Which of your steps would you repeat with less evidence, and which would you not?",
            breach=breach,
        )
    burn = BURN.format(case.sight.value(BURN, page + MINUTE))
    cost = f"Those users saw {100 * best.saved:.1f} points of the budget go that the other play keeps."
    if best.kind == "earlier" and best.deed is not None:
        made = best.deed
        looked = sum(1 for deed in case.deeds if deed.kind == "look" and page <= deed.at < made.at)
        seen = f"{looked} looks lie between." if looked != 1 else "One look lies between."
        observation = (
            f"The page rang at {format_clock(page)}, with the burn at {burn} a minute later. "
            f"`{made.line}` came at {format_clock(made.at)}, {ago(made.at - page)} after it. {seen}"
        )
        return Decision(observation, cost, _QUESTIONS["earlier"], made.number, made.at, breach)
    if best.kind == "without" and best.deed is not None:
        made = best.deed
        signal = made.signal
        later = min(now, made.at + 3 * MINUTE)
        observation = (
            f"At {format_clock(made.at)} you ran `{made.line}`. {_capital(signal.words)}: "
            f"{signal.format(made.before)} then, "
            f"{signal.format(case.sight.value(signal, later))} at {format_clock(later)}."
        )
        why = f"{made.act.why} " if made.act else ""
        return Decision(observation, f"{why}{cost}", _QUESTIONS["without"], made.number, made.at, breach)
    changes = [deed for deed in case.deeds if deed.ok and deed.kind == "change"]
    did = (
        "No change reached production"
        if not changes
        else f"{len(changes)} change(s) reached production, none of which took back what hurt users,"
    )
    observation = (
        f"The page rang at {format_clock(page)}, with the burn at {burn} a minute later. {did} until "
        f"{format_clock(now)}."
    )
    return Decision(observation, cost, _QUESTIONS["absent"], 0, page, breach)


def went_right(case: Case, now: int) -> WentRight:
    """The best thing that the log can prove; if the learner did nothing, what the system did right."""
    for deed in case.deeds:
        if (
            deed.kind == "change"
            and deed.is_a("good")
            and deed.actor != "james"
            and (turn := _turned(case, deed, now))
        ):
            at, value = turn
            signal = deed.signal
            return WentRight(
                f"`{deed.line}` at {format_clock(deed.at)} was the step that turned it.",
                f"{_capital(signal.words)}: {signal.format(deed.before)} at {format_clock(deed.at)}, "
                f"{signal.format(value)} at {format_clock(at)}.",
                deed.number,
            )
    page = case.paged_at
    posts = [post for post in case.sight.posts(now) if page is not None and post.at >= page]
    if posts and page is not None and posts[0].at - page <= 5 * MINUTE:
        return WentRight(
            f"Users were told {ago(posts[0].at - page)} after the page, before a cause was known.",
            f"Status page: '{posts[0].state}' at {format_clock(posts[0].at)}.",
        )
    for deed in case.deeds:
        if deed.kind == "look" and deed.is_a("good") and deed.act is not None:
            return WentRight(
                f"`{deed.line}` at {format_clock(deed.at)} was the right place to look.",
                deed.act.why,
                deed.number,
            )
    if page is not None:
        start = _began(case, page)
        words = f"It rang {ago(page - start)} after the burn passed {CALM_BURN:.0f}×." if start < page else ""
        return WentRight(
            "The alert did its work: the system said by itself that users were hurt.",
            words or "The page itself.",
        )
    return WentRight(
        "The objective held.", f"Burn {BURN.format(case.sight.value(BURN, now))} at {format_clock(now)}."
    )


def _turned(case: Case, deed: Deed, now: int) -> tuple[int, float] | None:
    """When the signal of a good act first showed that it worked, within ten minutes."""
    for at in range(deed.at + 30 * SECOND, min(now, deed.at + 10 * MINUTE) + 1, 30 * SECOND):
        value = case.sight.value(deed.signal, at)
        if deed.signal.reacted(deed.before, value) > 0:
            settled = min(now, at + 2 * MINUTE)
            return settled, case.sight.value(deed.signal, settled)
    return None


def _began(case: Case, page: int) -> int:
    """When the burn over a minute rose over what counts as calm, before the page."""
    at = page
    while at > 0 and case.sight.burn(at - 5 * SECOND, MINUTE) >= CALM_BURN:
        at -= 5 * SECOND
    return at


def next_play(run: Run, score: Score) -> NextPlay:
    """What trains the weakest skill: a scenario labelled with it, else another variant of this one."""
    lost: dict[str, float] = {}
    for line in score.lines:
        for item in line.items:
            if item.passed is False and item.skill:
                lost[item.skill] = lost.get(item.skill, 0.0) + item.weight * line.weight
    weakest = max(lost, key=lambda skill: (lost[skill], skill), default="")
    name = run.scenario.metadata.name
    for other in catalog():
        if weakest and other.metadata.name != name and weakest in other.metadata.labels.get("skill", ""):
            why = f"{other.metadata.title} · the weakest skill here was {weakest}."
            return NextPlay(why, f'sim.start("{other.metadata.name}")', weakest)
    count = len(run.scenario.variants)
    if count > 1:
        variant = (run.variant + 1) % count
        why = "The same page, another cause" + (
            f" · the weakest skill here was {weakest}." if weakest else "."
        )
        return NextPlay(why, f'sim.start("{name}", variant={variant})', weakest)
    return NextPlay(
        "The same scenario with other luck.", f'sim.start("{name}", seed={run.seed + 1})', weakest
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
