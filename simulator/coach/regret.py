"""The decision that cost most: a few other plays of the same run, and the one that spares users most.

Tried are the reference's mitigation at the first page, in place of the learner's own moment or of its
absence; the run without an act that the scenario's author calls an error; and the run without the act after
which it burned again. Every alternative meets the same users with the same luck, so the difference is the
decision's.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

from simulator.coach.case import Case, Deed
from simulator.coach.svg import Chart
from simulator.drill import Command, Run, console, play_acts, what_if
from simulator.drill.observing import resolved
from simulator.errors import GamedayError
from simulator.units import MINUTE, SECOND, format_duration

if TYPE_CHECKING:
    from simulator.drill.whatif import Comparison

#: Replays cost seconds of CPU; a debrief should open while the learner still writes the account.
TRIES: Final = 3
#: Less than this share of the budget is no decision worth a question.
WORTH_ASKING: Final = 0.01


@dataclass(frozen=True, slots=True)
class Alternative:
    """Another play that was tried.

    Attributes:
        kind: ``earlier`` (the learner's mitigation, at the first page), ``absent`` (the reference's, since
            there was none) or ``without`` (the run without an error).
        label: The other play in a few words, for the end of its curve.
        deed: The learner's act that it is about; None for ``absent``.
        at: When the other play acts, or when the error was made, ns.
        saved: Share of the budget that it would have spared; negative if it would have cost more.
        user_minutes: Bad user-minutes that it would have spared.
        sentence: The comparison in one plain sentence.
        chart: Both curves.
    """

    kind: str
    label: str
    deed: Deed | None
    at: int
    saved: float
    user_minutes: float
    sentence: str
    chart: Chart


def alternatives(run: Run, case: Case, left_at_start: float) -> list[Alternative]:
    """Other plays, the most sparing first. Replays up to three times; empty before the first page.

    Args:
        run: The run.
        case: Its record.
        left_at_start: Budget left at T+00:00, where both curves begin.
    """
    page = case.paged_at
    if page is None or page + SECOND > run.now:
        return []
    found = [_mitigation(run, case, page + SECOND, left_at_start)]
    for deed in _suspects(case)[: TRIES - 1]:
        comparison = what_if(run, drop=[deed.number])
        label = f"without `{short(deed.line)}`"
        found.append(_alternative(case, comparison, "without", label, deed, deed.at, left_at_start))
    tried = [item for item in found if item is not None]
    return sorted(tried, key=lambda item: -_own_share(item, tried, page))


def _own_share(item: Alternative, tried: list[Alternative], page: int) -> float:
    """What a decision cost by itself: a late right step is not to blame for a wrong one before it."""
    if item.kind != "earlier":
        return item.saved
    before = [other.saved for other in tried if other.kind == "without" and page <= other.at < _made_at(item)]
    return item.saved - max(0.0, *before) if before else item.saved


def _made_at(item: Alternative) -> int:
    return item.deed.at if item.deed is not None else item.at


def turned(case: Case, deed: Deed, now: int) -> int | None:
    """When the signal of an act first showed that it worked, within ten minutes; None if it never did.

    From the next good change on the graph speaks of that one: where the first did nothing and the second
    healed, it was the second.
    """
    later = (other.at for other in case.deeds if other.at > deed.at and _changes_for_good(other))
    end = min(now, deed.at + 10 * MINUTE, next(later, now) + 30 * SECOND)
    for at in range(deed.at + 30 * SECOND, end + 1, 15 * SECOND):
        if deed.signal.cleared(deed.before, case.sight.value(deed.signal, at)):
            return at
    return None


def _changes_for_good(deed: Deed) -> bool:
    return deed.kind == "change" and deed.is_a("good")


def _suspects(case: Case) -> list[Deed]:
    """Changes that made it burn again, then errors by the author's word, in order of time."""
    changes = [deed for deed in case.deeds if deed.ok and deed.kind == "change" and deed.actor != "james"]
    ends = [calm.end for calm in case.calms if calm.end is not None]
    relapses = [next((deed for deed in reversed(changes) if deed.at < end), None) for end in ends]
    errors = [deed for deed in changes if deed.is_a("reasonable-error") or deed.is_a("harmful")]
    found: list[Deed] = []
    for deed in (*relapses, *errors):
        if deed is not None and deed not in found:
            found.append(deed)
    return found


def _mitigation(run: Run, case: Case, when: int, left_at_start: float) -> Alternative | None:
    """The reference's changes from the first page on, in place of the same change made later or never."""
    steps = [
        (entry.at, line, command.canonical)
        for entry in run.scenario.reference
        if (line := _resolved(run, entry.run, when)) is not None
        and (command := understood(run, line)) is not None
        and command.kind == "change"
    ]
    if not steps:
        return None
    start, first, canonical = steps[0]
    made = _made(case, canonical, run.now)
    if made is not None and made.at <= when:
        return None
    if made is not None:
        label = f"`{short(made.line)}` at the first page"
        comparison = what_if(run, move={made.number: format_duration(when)})
        return _alternative(case, comparison, "earlier", label, made, when, left_at_start)
    label = f"`{short(first)}` at the first page"
    insert = [(format_duration(min(run.now, when + at - start)), line) for at, line, _ in steps]
    comparison = what_if(run, insert=insert)
    return _alternative(case, comparison, "absent", label, None, when, left_at_start)


def _made(case: Case, canonical: str, now: int) -> Deed | None:
    """The learner's own mitigation: of the reference's very line and the good changes the one that turned it.

    Where nothing turned, the reference's line. An undo that brought back what ran already is neither.
    """
    changes = [
        deed
        for deed in case.deeds
        if deed.ok and deed.kind == "change" and deed.actor != "james" and not deed.undone.same
    ]
    same = [deed for deed in changes if deed.canonical == canonical]
    good = [deed for deed in changes if deed.is_a("good")]
    worked = [deed for deed in (*same, *good) if turned(case, deed, now) is not None]
    return next(iter((*worked, *same)), None)


def _resolved(run: Run, line: str, when: int) -> str | None:
    """A reference's line with the pod that it would name at ``when``; None where no pod fits."""
    if "{" not in line:
        return line
    other = Run(run.scenario, run.seed, mode=run.mode, compiled=run.compiled)
    play_acts(other, [act for act in run.history if act.at < when])
    other.advance(when)
    try:
        return resolved(other, line)
    except GamedayError:
        return None


def understood(run: Run, line: str) -> Command | None:
    """The command that a line is in this run; None where it is none."""
    try:
        return console.parse(line, costs=run.costs, namespace=run.namespace)
    except GamedayError:
        return None


def _alternative(
    case: Case,
    comparison: Comparison,
    kind: str,
    label: str,
    deed: Deed | None,
    at: int,
    left_at_start: float,
) -> Alternative:
    times = tuple(float(second) for second in comparison.yours.times_s)
    yours = tuple(left_at_start - float(spent) for spent in comparison.yours.budget_spent)
    other = tuple(left_at_start - float(spent) for spent in comparison.other.budget_spent)
    count = min(len(yours), len(other))
    saved = other[count - 1] - yours[count - 1]
    minutes = -float(comparison.user_minutes_difference)
    sentence = _plain(label, saved, minutes)
    marks = [] if case.paged_at is None else [(case.paged_at / SECOND, "first page")]
    if deed is not None:
        marks.append((deed.at / SECOND, f"{deed.number} {short(deed.line, 14)}"))
    chart = Chart(times[:count], yours[:count], other[:count], _brief(label), tuple(marks), sentence)
    return Alternative(kind, label, deed, at, saved if isfinite(saved) else 0.0, minutes, sentence, chart)


def _plain(label: str, saved: float, minutes: float) -> str:
    """The one plain sentence."""
    points = abs(saved) * 100
    if abs(saved) < WORTH_ASKING:
        return f"{_opening(label)}, the same users with the same luck would have lost about as much."
    more = "more" if saved > 0 else "less"
    users = (
        f" and {abs(minutes):,.0f} bad user-minutes {'fewer' if minutes >= 0 else 'more'}"
        if abs(minutes) >= 1
        else ""
    )
    return (
        f"{_opening(label)}, the same users with the same luck: {points:.1f} points of the budget {more} "
        f"left{users}."
    )


def _opening(label: str) -> str:
    return label[0].upper() + label[1:] if label.startswith("without") else f"With {label}"


def _brief(label: str) -> str:
    """A label without the objects that the line names: ``rollout undo at the first page``."""
    words = label.replace("`", "").split()
    return " ".join(word for word in words if "/" not in word and not word.startswith("-"))


def short(line: str, width: int = 48) -> str:
    """A console line without what every line has, for a label."""
    words = line.removeprefix("kubectl ").split()
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in ("-n", "--namespace"):
            skip = True
        elif not word.startswith("--namespace="):
            kept.append(word)
    text = " ".join(kept)
    return text if len(text) <= width else text[: width - 1].rstrip() + "…"
