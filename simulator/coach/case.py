"""What James knows of a run: pages, deeds with the class that the scenario gave them, recovery, what he said.

Everything carries its instant and nothing is ever forgotten, so that the same record answers for now, for a
past minute (the debrief's scrubber) and for the score. ``Sight`` is the window through which values are read:
it shows what stood on the learner's screen at an instant, and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from math import isnan, nan
from typing import Final, Literal, Protocol

from simulator.coach.lines import Line
from simulator.coach.signals import BURN, Signal
from simulator.coach.undoing import NOTHING_UNDONE, Undone
from simulator.drill.acts import DECISIONS, StatusPost
from simulator.units import MINUTE

#: From one status message to the next, where the scenario says nothing.
CADENCE: Final = 10 * MINUTE
ActKind = Literal["good", "reasonable-error", "harmful", "irrelevant"]

#: Users are served again once the burn over RECOVERY_WINDOW has been under CALM_BURN for RECOVERY_HELD.
CALM_BURN: Final = 3.0
RECOVERY_WINDOW: Final = MINUTE
RECOVERY_HELD: Final = MINUTE
#: And they are not any more once it is over this again, the fast page's rate.
RELAPSE_BURN: Final = 14.4


class Sight(Protocol):
    """What stands on the learner's screen at an instant: nothing from later, nothing sealed."""

    def value(self, signal: Signal, at: int) -> float:
        """The signal at ``at``; NaN where nothing is known."""

    def burn(self, at: int, window: int) -> float:
        """Burn rate of the worst objective over ``window``; NaN where unknown."""

    def left(self, at: int) -> float:
        """Share of the budget that is left, of the objective that paged; negative once it is overspent."""

    def spent(self, at: int) -> float:
        """Share of the worst objective's budget that went since T+00:00."""

    def empty_in(self, at: int) -> int | None:
        """Nanoseconds until the budget is gone at the present rate; None if it is not falling."""

    def objective(self) -> str:
        """That objective in words, such as ``checkout availability``."""

    def course(self, start: int, end: int) -> Sequence[tuple[int, float, int]]:
        """At every scrape from ``start`` to ``end``: when, what share failed in a minute, pods ready."""

    def posts(self, at: int) -> Sequence[StatusPost]:
        """The status page's messages up to ``at``."""

    def readings(self, query: str, start: int, end: int) -> Sequence[tuple[int, tuple[float, ...]]]:
        """A PromQL expression at every scrape from ``start`` to ``end``: the values of its series there."""

    def field(self, name: str, jsonpath: str) -> Sequence[object]:
        """What a jsonpath finds now in an object such as ``deployment/checkout``; nothing if it is gone."""


@dataclass(frozen=True, slots=True)
class ActClass:
    """What the scenario's author says about acts of one shape.

    Attributes:
        id: Its name.
        match: Glob on the canonical line.
        kind: The class. James never guesses one.
        why: One or two short sentences: why it is right, or where it goes wrong.
        signal: The signal that shows its effect; None where the answer itself does.
    """

    id: str
    match: str
    kind: ActKind
    why: str
    signal: Signal | None


def classify(classes: Sequence[ActClass], canonical: str) -> ActClass | None:
    """The first class whose glob fits the canonical line; None where the author said nothing."""
    return next((item for item in classes if fnmatchcase(canonical, item.match)), None)


@dataclass(frozen=True, slots=True)
class Deed:
    """One act with what became of it.

    Attributes:
        number: Its number in the run, from 1.
        at: When it took effect, ns.
        seen_at: When its answer stood on the screen, ns.
        line: As typed.
        canonical: The canonical line; empty where it was not understood.
        kind: ``look``, ``change``, ``communicate``, ``wait``, ``hint``, ``note`` or ``none``.
        actor: ``you`` or ``james``.
        ok: Whether it was carried out.
        act: What the author says about it.
        before: Value of its signal (of the burn rate, if it has none) when it took effect; NaN where unknown.
        danger: What it can't take back, in one sentence; empty for most acts.
        undone: What it brought back, where it is an undo.
    """

    number: int
    at: int
    seen_at: int
    line: str
    canonical: str
    kind: str
    actor: str = "you"
    ok: bool = True
    act: ActClass | None = None
    before: float = nan
    danger: str = ""
    undone: Undone = NOTHING_UNDONE

    @property
    def signal(self) -> Signal:
        """The signal to read its effect from."""
        return self.act.signal if self.act and self.act.signal else BURN

    @property
    def decides(self) -> bool:
        """Whether it changed something or told somebody: what a timeline numbers."""
        return self.ok and self.kind in DECISIONS

    def is_a(self, kind: ActKind) -> bool:
        """Whether the author calls it so; an undo that brought back what ran already is no good act."""
        if kind == "good" and self.undone.same:
            return False
        return self.ok and self.act is not None and self.act.kind == kind


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A page that rang."""

    at: int
    alert: str
    burn: float


@dataclass(slots=True)
class Calm:
    """A stretch in which users were served again.

    Attributes:
        start: When the burn fell under ``CALM_BURN``, ns.
        known_at: When that had held for ``RECOVERY_HELD``, so that one may speak of it, ns.
        end: When it burned again, ns; None so far.
    """

    start: int
    known_at: int
    end: int | None = None


@dataclass(slots=True)
class Case:
    """The record of one run, kept by the coach as it listens.

    Attributes:
        sight: The learner's screen.
        mode: ``lesson`` or ``game-day``.
        cadence: From one status message to the next while the incident is open, ns.
        began: When the first entry of the scenario's timeline happens, ns; a look before it shows nothing.
        pages: Pages that rang, oldest first.
        deeds: Acts whose cost has passed, in order.
        calms: Stretches in which users were served again.
        said: What James said.
        asked_yes: A dangerous act that waits for the learner's yes.
    """

    sight: Sight
    mode: str = "lesson"
    cadence: int = CADENCE
    began: int = 0
    pages: list[PageSeen] = field(default_factory=list)
    deeds: list[Deed] = field(default_factory=list)
    calms: list[Calm] = field(default_factory=list)
    said: list[Line] = field(default_factory=list)
    asked_yes: Deed | None = None
    _quiet_since: int | None = None

    # --- hearing

    def hear_scrape(self, at: int) -> None:
        """Follow recovery and relapse; called after every scrape."""
        if not self.pages:
            return
        burn = self.sight.burn(at, RECOVERY_WINDOW)
        if self.calms and self.calms[-1].end is None:
            if burn >= RELAPSE_BURN:
                self.calms[-1].end = at
                self._quiet_since = None
            return
        if isnan(burn) or burn >= CALM_BURN:
            self._quiet_since = None
        elif self._quiet_since is None:
            self._quiet_since = at
        elif at - self._quiet_since >= RECOVERY_HELD:
            self.calms.append(Calm(self._quiet_since, at))
            self._quiet_since = None

    # --- asking

    @property
    def paged_at(self) -> int | None:
        """When the first page rang."""
        return self.pages[0].at if self.pages else None

    def calm(self, at: int) -> Calm | None:
        """The stretch of calm after a page that is known of at ``at``, if users are served at that moment."""
        for item in reversed(self.calms):
            if item.known_at <= at:
                return item if item.end is None or item.end > at else None
        return None

    def burning(self, at: int) -> bool:
        """A page rang and users are not yet known to be served again."""
        return self.paged_at is not None and self.paged_at <= at and self.calm(at) is None

    def done(self, at: int, *kinds: str, since: int | None = None) -> list[Deed]:
        """Deeds whose answer is read by ``at``: of these kinds (any if none is named), from ``since`` on."""
        return [
            deed
            for deed in self.deeds
            if deed.seen_at <= at
            and deed.ok
            and (not kinds or deed.kind in kinds)
            and (since is None or deed.at >= since)
        ]

    def first_change(self, at: int) -> Deed | None:
        """The first change after the first page."""
        return next(iter(self.done(at, "change", since=self.paged_at)), None) if self.pages else None

    def helped(self) -> Case:
        """The same record, with the steps that James did as if the learner had done them."""
        return replace(self, deeds=[replace(deed, actor="you") for deed in self.deeds])

    def has_said(self, line_id: str) -> bool:
        return any(line.id == line_id for line in self.said)

    def said_at(self, prefix: str) -> int | None:
        """When he last said a line whose id begins so."""
        return next((line.at for line in reversed(self.said) if line.id.startswith(prefix)), None)
