"""Hints: one ladder a misconception, four rungs, chosen by what was seen and done.

Orient (where to look), principle (why it matters), narrow (two options and the question that separates them),
worked step (James does one step in the console and says why). There is no fifth rung. The next rung needs a
new act or a minute; who asks again without either hears the same rung, and is asked for a guess in one
sentence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from simulator.coach.case import Case, Deed
from simulator.coach.voice import say
from simulator.drill.acts import Printer
from simulator.units import MINUTE, format_clock

Rung = Literal["orient", "principle", "narrow", "worked"]
RUNGS: Final[tuple[Rung, ...]] = ("orient", "principle", "narrow", "worked")
PATIENCE: Final = MINUTE


@dataclass(frozen=True, slots=True)
class Ladder:
    """The four rungs of one misconception.

    Attributes:
        id: The misconception; equal to the id of a wrong act where the ladder belongs to that act.
        rungs: The words of the four rungs.
        run: The console line of the worked step.
    """

    id: str
    rungs: tuple[str, str, str, str]
    run: str = ""


@dataclass(frozen=True, slots=True)
class Hint:
    """One hint that was given; ``str(hint)`` is what the terminal prints.

    Attributes:
        id: ``hint.<ladder>.<rung>``, with ``.again`` where it was repeated.
        at: When, ns.
        ladder: The ladder's id.
        rung: 1 to 4.
        name: ``orient``, ``principle``, ``narrow`` or ``worked``.
        text: The words.
        worked: The console line that James does; empty below rung 4.
        repeated: Whether the rung stayed, since nothing new had been tried.
    """

    id: str
    at: int
    ladder: str
    rung: int
    name: Rung
    text: str
    worked: str = ""
    repeated: bool = False

    def __str__(self) -> str:
        return self.text

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """What a notebook shows."""
        printer.text(str(self))


CALM: Final = "calm"
RECOVERED: Final = "recovered"
#: The scenario's author wrote no ladder, and something burns.
UNWRITTEN: Final = "unwritten"
#: Ladders of one rung, which is no help with the incident and costs nothing.
FREE: Final = (CALM, UNWRITTEN)


@dataclass(slots=True)
class HintDesk:
    """Gives hints in one run and remembers which.

    Attributes:
        ladders: The scenario's, the default first.
        seed: The run's seed.
        given: Hints so far.
    """

    ladders: Sequence[Ladder]
    seed: int
    given: list[Hint] = field(default_factory=list)

    def ask(self, case: Case, at: int) -> Hint:
        """The hint that fits now; it is remembered."""
        ladder = self.fitting(case, at)
        earlier = [hint for hint in self.given if hint.ladder == ladder.id]
        last = earlier[-1] if earlier else None
        repeated = last is not None and not _moved_on(case, last, at)
        if last is None:
            rung = _floor(case, at)
        elif repeated:
            rung = last.rung
        else:
            rung = min(len(RUNGS), max(last.rung + 1, _floor(case, at)))
        if ladder.id in FREE:
            rung, repeated = 1, False
        text, name = ladder.rungs[rung - 1], RUNGS[rung - 1]
        line_id = f"hint.{ladder.id}.{name}"
        if repeated:
            line_id += ".again"
            text = f"{say('hint.guess', self.seed, line_id, {})}\n{text}"
        worked = ladder.run if rung == len(RUNGS) and not repeated else ""
        hint = Hint(line_id, at, ladder.id, rung, name, text, worked, repeated)
        self.given.append(hint)
        return hint

    def heard(self, ladder: Ladder) -> bool:
        """Whether the learner has had a hint from this ladder."""
        return any(hint.ladder == ladder.id for hint in self.given)

    def fitting(self, case: Case, at: int) -> Ladder:
        """The ladder for this state: that of the newest wrong act, else the default one."""
        if case.calm(at) is not None:
            texts = [say(f"hint.recovered.{rung}", self.seed, RECOVERED, {}) for rung in range(1, 5)]
            return Ladder(RECOVERED, (texts[0], texts[1], texts[2], texts[3]))
        rung = [page for page in case.pages if page.at <= at]
        if not rung:
            return _one_rung(CALM, say("hint.calm", self.seed, CALM, {}))
        if not self.ladders:
            newest = {"alert": rung[-1].alert, "clock": format_clock(rung[-1].at)}
            return _one_rung(UNWRITTEN, say("hint.unwritten", self.seed, UNWRITTEN, newest))
        wrong = _newest_wrong(case, at)
        for ladder in self.ladders:
            if wrong is not None and wrong.act is not None and ladder.id == wrong.act.id:
                return ladder
        return self.ladders[0]


def _one_rung(id_: str, text: str) -> Ladder:
    return Ladder(id_, (text, text, text, text))


def _floor(case: Case, at: int) -> int:
    """The rung to begin on: who has seen the evidence, or felt the misconception, needs no "look here"."""
    seen = any(deed.is_a("good") for deed in case.done(at, "look", since=case.paged_at))
    return 2 if seen or _newest_wrong(case, at) is not None else 1


def _newest_wrong(case: Case, at: int) -> Deed | None:
    for deed in reversed(case.done(at, "change")):
        if deed.is_a("reasonable-error") or deed.is_a("harmful"):
            return deed
    return None


def _moved_on(case: Case, last: Hint, at: int) -> bool:
    tried = any(
        deed.at > last.at
        and deed.ok
        and deed.kind in ("look", "change", "communicate")
        and deed.canonical != "hint"
        for deed in case.deeds
    )
    return tried or at - last.at >= PATIENCE
