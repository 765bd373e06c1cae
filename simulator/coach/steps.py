"""James's clock: four steps, each with its time, and which of them the learner is in.

Assess gets two minutes, mitigate five, communication is due at once and then on a cadence, investigation
waits until users are served again. The step follows from what was observed and done, not from the clock
alone: who has looked at nothing is still assessing after two minutes, only late; who changes something has
begun to mitigate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from simulator.coach.case import Case
from simulator.units import MINUTE, SECOND, format_clock

StepName = Literal["assess", "mitigate", "communicate", "investigate"]
StepState = Literal["waiting", "current", "late", "done"]

ASSESS_BUDGET: Final = 2 * MINUTE
MITIGATE_BUDGET: Final = 5 * MINUTE
#: "At once" is not the same second: a first message is late after this.
FIRST_WORD: Final = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps at an instant.

    Attributes:
        name: ``assess``, ``mitigate``, ``communicate`` or ``investigate``.
        title: For people.
        state: ``waiting`` for its turn, ``current``, ``late`` (current, and its time is up) or ``done``.
        entered_at: When it began, ns; None while it waits.
        budget: Its time, ns; None where it has none.
        used: Time spent in it, ns.
        left: Time left, ns, negative once it is over; None without a budget.
        due_at: For communicate: when the next message is due, ns.
        note: The words beside it, such as ``3:50 left of 5:00``.
    """

    name: StepName
    title: str
    state: StepState
    entered_at: int | None = None
    budget: int | None = None
    used: int = 0
    left: int | None = None
    due_at: int | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Steps:
    """The four steps at an instant.

    Attributes:
        at: The instant, ns.
        items: Assess, mitigate, communicate, investigate.
        current: The step that the learner is in; None before the first page and after the end. Communicate
            runs beside the others and is never this one.
        sentence: The same in words, for a screen reader.
    """

    at: int
    items: tuple[Step, Step, Step, Step]
    current: StepName | None
    sentence: str

    def __getitem__(self, name: StepName) -> Step:
        return next(item for item in self.items if item.name == name)


def steps_at(case: Case, at: int) -> Steps:
    """The four steps as they stood at ``at``."""
    page = case.paged_at
    if page is None or at < page:
        waiting = (
            Step("assess", "Assess", "waiting", budget=ASSESS_BUDGET, note="2:00 from the first page"),
            Step("mitigate", "Mitigate", "waiting", budget=MITIGATE_BUDGET, note="5:00"),
            Step(
                "communicate",
                "Communicate",
                "waiting",
                note=f"at once, then every {case.cadence // MINUTE} min",
            ),
            Step("investigate", "Investigate", "waiting", note="after mitigation"),
        )
        return Steps(at, waiting, None, "No page yet. The four steps begin with the first one.")
    assess_ends, calm = _assess_ends(case, at, page), case.calm(at)
    served = calm.start if calm else None
    if assess_ends is not None and served is not None:
        assess_ends = min(assess_ends, served)
    elif assess_ends is None and served is not None:
        assess_ends = served
    assess = _timed("assess", "Assess", page, assess_ends, ASSESS_BUDGET, at)
    mitigate = (
        Step("mitigate", "Mitigate", "waiting", budget=MITIGATE_BUDGET, note="5:00")
        if assess_ends is None
        else _timed("mitigate", "Mitigate", assess_ends, served, MITIGATE_BUDGET, at)
    )
    closed = _closed_at(case, at)
    if served is None:
        investigate = Step("investigate", "Investigate", "waiting", note="after mitigation")
    elif closed is not None:
        investigate = Step("investigate", "Investigate", "done", served, note="in the debrief")
    else:
        investigate = Step("investigate", "Investigate", "current", served, note="now there is time")
    communicate = _communicate(case, at, page, closed)
    items = (assess, mitigate, communicate, investigate)
    running = next(
        (item for item in (assess, mitigate, investigate) if item.state in ("current", "late")), None
    )
    if running is None:
        sentence = "The incident is closed."
    else:
        sentence = f"Step: {running.title}, {running.note}. Communicate: {communicate.note}."
    return Steps(at, items, running.name if running else None, sentence)


def _assess_ends(case: Case, at: int, page: int) -> int | None:
    """A change ends it; so do two minutes, once the learner has looked at something."""
    change = case.first_change(at)
    looks = case.done(at, "look", since=page)
    by_time = max(page + ASSESS_BUDGET, looks[0].seen_at) if looks else None
    if by_time is not None and by_time > at:
        by_time = None
    ends = [moment for moment in (by_time, change.at if change else None) if moment is not None]
    return min(ends) if ends else None


def _timed(name: StepName, title: str, start: int, end: int | None, budget: int, at: int) -> Step:
    used = max(0, (at if end is None else end) - start)
    left = budget - used
    if end is not None:
        return Step(name, title, "done", start, budget, used, left, note=f"{_minutes(used)} used")
    if left < 0:
        note = f"{_minutes(-left)} over {_minutes(budget)}"
        return Step(name, title, "late", start, budget, used, left, note=note)
    note = f"{_minutes(left)} left of {_minutes(budget)}"
    return Step(name, title, "current", start, budget, used, left, note=note)


def _communicate(case: Case, at: int, page: int, closed: int | None) -> Step:
    """Done for now once users were told, until the next word is due; closing is another matter."""
    posts = [post for post in case.sight.posts(at) if post.at >= page]
    if closed is not None:
        return Step("communicate", "Communicate", "done", page, note=f"closed {format_clock(closed)}")
    if not posts:
        due = page + FIRST_WORD
        state: StepState = "late" if at > due else "current"
        return Step("communicate", "Communicate", state, page, due_at=due, note="first word due now")
    due = posts[-1].at + case.cadence
    late = at > due
    note = f"update was due {format_clock(due)}" if late else f"next by {format_clock(due)}"
    return Step("communicate", "Communicate", "late" if late else "done", page, due_at=due, note=note)


def _closed_at(case: Case, at: int) -> int | None:
    """When ``resolved`` was posted, if users are served and it is still the last word."""
    posts, calm = case.sight.posts(at), case.calm(at)
    return posts[-1].at if posts and calm and posts[-1].state == "resolved" else None


def _minutes(ns: int) -> str:
    minutes, rest = divmod(ns // SECOND, 60)
    return f"{minutes}:{rest:02d}"
