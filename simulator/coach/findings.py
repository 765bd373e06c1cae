"""What the debrief finds: the decision that cost most, one thing that went right, what to play next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from simulator.coach.case import CALM_BURN, Case, Deed
from simulator.coach.regret import WORTH_ASKING, Alternative, turned
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
    points = f"{100 * best.saved:.1f} points of the budget"
    burn = BURN.format(case.sight.value(BURN, min(now, page + MINUTE)))
    rang = f"The page rang at {format_clock(page)}, with the burn at {burn} a minute later."
    if best.kind == "earlier" and best.deed is not None:
        made = best.deed
        looked = sum(1 for deed in case.deeds if deed.kind == "look" and page <= deed.at < made.at)
        looks = {0: "Nothing was looked at in between.", 1: "One look lies between."}
        observation = (
            f"{rang} `{made.line}` came at {format_clock(made.at)}, {ago(made.at - page)} after the page. "
            f"{looks.get(looked, f'{looked} looks lie between.')}{_wrong_between(case, page, made)}"
        )
        cost = f"Users paid for the time in between: {points} that the same step at the page would have kept."
        return Decision(observation, cost, _QUESTIONS["earlier"], made.number, made.at, breach)
    if best.kind == "without" and best.deed is not None:
        made, signal = best.deed, best.deed.signal
        later = min(now, made.at + 3 * MINUTE)
        after = signal.format(case.sight.value(signal, later))
        observation = (
            f"At {format_clock(made.at)} you ran `{made.line}`. {_capital(signal.words)}: "
            f"{signal.format(made.before)} then, {after} at {format_clock(later)}."
        )
        why = f"{made.act.why} " if made.act and not made.is_a("good") else ""
        cost = f"{why}Without it, {points} would have been kept."
        return Decision(observation, cost, _QUESTIONS["without"], made.number, made.at, breach)
    changes = [deed for deed in case.deeds if deed.ok and deed.kind == "change"]
    if not changes:
        did = f"No change reached production until {format_clock(now)}."
    elif len(changes) == 1:
        did = f"One change was made, `{changes[0].line}` at {format_clock(changes[0].at)}."
    else:
        did = f"{len(changes)} changes were made, the last at {format_clock(changes[-1].at)}."
    if changes and case.calm(now) is None:
        did += f" At {format_clock(now)} the burn was at {BURN.format(case.sight.value(BURN, now))}."
    cost = f"That is {points} which {best.label} would have kept."
    return Decision(f"{rang} {did}", cost, _QUESTIONS["absent"], 0, page, breach)


def _wrong_between(case: Case, page: int, made: Deed) -> str:
    """The wrong guess between the page and the right step, with what its graph did; empty if none."""
    for deed in case.deeds:
        wrong = deed.is_a("harmful") or deed.is_a("reasonable-error")
        if wrong and deed.kind == "change" and page <= deed.at < made.at and deed.actor != "james":
            later, signal = min(made.at, deed.at + 3 * MINUTE), deed.signal
            return (
                f" Before it came `{deed.line}` at {format_clock(deed.at)}: {signal.words} "
                f"{signal.format(deed.before)} then, {signal.format(case.sight.value(signal, later))} at "
                f"{format_clock(later)}."
            )
    return ""


def went_right(case: Case, now: int) -> WentRight:
    """The best thing that the log can prove; if the learner did nothing, what the system did right."""
    for deed in case.deeds:
        if not (deed.kind == "change" and deed.is_a("good") and deed.actor != "james"):
            continue
        turn = turned(case, deed, now)
        if turn is not None:
            settled, signal = min(now, turn + 2 * MINUTE), deed.signal
            after = signal.format(case.sight.value(signal, settled))
            return WentRight(
                f"`{deed.line}` at {format_clock(deed.at)} was the step that turned it.",
                f"{_capital(signal.words)}: {signal.format(deed.before)} at {format_clock(deed.at)}, "
                f"{after} at {format_clock(settled)}.",
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


def _began(case: Case, page: int) -> int:
    """When the burn over a minute rose over what counts as calm, before the page."""
    at = page
    while at > 0 and case.sight.burn(at - 5 * SECOND, MINUTE) >= CALM_BURN:
        at -= 5 * SECOND
    return at


def next_play(run: Run, score: Score, played: Sequence[tuple[str, int]] = ()) -> NextPlay:
    """What trains the weakest skill: a scenario labelled with it, else a variant of this one not yet played.

    Args:
        run: What was played.
        score: What came of it.
        played: (scenario, variant) of all that was started since the learner sat down, oldest first.
    """
    lost: dict[str, float] = {}
    for line in score.lines:
        for item in line.items:
            if item.passed is False and item.skill:
                lost[item.skill] = lost.get(item.skill, 0.0) + item.weight * line.weight
    weakest = max(lost, key=lambda skill: (lost[skill], skill), default="")
    name = run.scenario.metadata.name
    started = {scenario for scenario, _ in played}
    for other in sorted(catalog(), key=lambda each: each.name in started):
        same_or_harder = _level(other.labels) >= _level(run.scenario.metadata.labels)
        if weakest and other.name != name and same_or_harder and weakest in other.labels.get("skill", ""):
            why = f"{other.title} · the weakest skill here was {weakest}."
            return NextPlay(why, f'sim.start("{other.name}")', weakest)
    count = len(run.scenario.variants)
    known = {variant for scenario, variant in played if scenario == name} | {run.variant}
    fresh = [each for step in range(1, count) if (each := (run.variant + step) % count) not in known]
    if fresh:
        variant = fresh[0]
        why = "The same page, another cause" + (
            f" · the weakest skill here was {weakest}." if weakest else "."
        )
        return NextPlay(why, f'sim.start("{name}", variant={variant})', weakest)
    variant_too = f", variant={run.variant}" if run.variant else ""
    return NextPlay(
        "The same scenario with other luck.",
        f'sim.start("{name}"{variant_too}, seed={run.seed + 1})',
        weakest,
    )


def _level(labels: Mapping[str, str]) -> int:
    level = labels.get("level", "")
    return int(level) if level.isdecimal() else 0


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
