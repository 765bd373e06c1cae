"""Worked examples that fade: how much of the reference play James does himself, and how he asks as he does.

By the run's guidance (see ``MEANINGS`` in ``progress``): at 0 he plays the whole reference and asks for a
prediction before each step; at 1 the last step is the learner's; at 2 he plays the first half, and never past
the first change, since to decide is what is being learnt. From 3 on nothing is his. He does a step when the
learner says what to expect (``note predict ...``) or types ``next``; it is an act of his in the journal,
takes its time, and comes no sooner than in the reference: a graph must have moved before it can be read. A
change of the learner's own ends the example: whoever takes the controls has them.

All state follows from the deeds that the coach hears, so that a replay knows the same.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from simulator.coach.case import ActClass, Case, Deed, classify
from simulator.coach.voice import say
from simulator.units import MINUTE, format_clock

#: From this guidance on every step is the learner's own.
UNAIDED: Final = 3
#: At this guidance he speaks only when harm is near.
SILENT: Final = 4
_PREDICTION: Final = re.compile(r"note\s+[\"']?predict\b")


@dataclass(frozen=True, slots=True)
class ExampleStep:
    """One step of the reference.

    Attributes:
        at: When the reference has it, ns.
        line: As the reference types it.
        canonical: The same in one spelling; empty where the console does not know it.
        kind: ``look``, ``change``, ``communicate`` or ``wait``.
    """

    at: int
    line: str
    canonical: str
    kind: str


def share(guidance: int, steps: Sequence[ExampleStep]) -> int:
    """How many of the first steps are James's."""
    if guidance >= UNAIDED or not steps:
        return 0
    if guidance == 0:
        return len(steps)
    if guidance == 1:
        return len(steps) - 1
    change = next((place for place, step in enumerate(steps) if step.kind == "change"), len(steps))
    return min(len(steps) // 2, change)


@dataclass(slots=True)
class Example:
    """The worked example of one run.

    Attributes:
        guidance: Of the run.
        steps: The whole reference.
        classes: What the author says about acts, for the reason of each step.
        seed: The run's seed, which picks the wordings.
        done: How many steps he has done.
        predicted: How many of them the learner predicted in words.
        asked: Whether the learner has been asked what the next step will show.
        wanted: Whether the learner wants to see it now.
        taken_over: When the learner took the controls, ns; None so far.
    """

    guidance: int
    steps: Sequence[ExampleStep]
    classes: Sequence[ActClass]
    seed: int
    done: int = 0
    predicted: int = 0
    asked: bool = False
    wanted: bool = False
    taken_over: int | None = None
    _late: int = 0
    _said: bool = field(default=False)

    @property
    def mine(self) -> int:
        """How many steps are his to do."""
        return share(self.guidance, self.steps)

    @property
    def running(self) -> bool:
        """He has a step left to do, and the learner lets him."""
        return self.done < self.mine and self.taken_over is None

    # --- hearing

    def hear(self, deed: Deed, case: Case) -> None:
        """Follow what the learner does; ``deed`` is not in the case yet. His own go to ``hear_own``."""
        if not self.running:
            return
        if deed.kind == "change" and deed.ok and case.pages:
            self.taken_over = deed.at
        elif self.asked and deed.kind == "note" and _PREDICTION.match(deed.line):
            self.wanted = self._said = True

    def hear_own(self, deed: Deed) -> None:
        """A step was done."""
        self._late = max(self._late, deed.at - self.steps[self.done].at)
        self.predicted += self._said
        self.done += 1
        self.asked, self.wanted, self._said = self.running, False, False

    # --- speaking

    def answer(self, case: Case, now: int) -> str:
        """What ``next`` prints: the question before a step, or why there is none."""
        if self.guidance >= UNAIDED or not self.mine:
            return self._say("guide.none")
        if self.taken_over is not None:
            return self._say("guide.taken", then=format_clock(self.taken_over))
        if not self.running:
            return self.handover()
        if not case.pages and now < self.steps[0].at:
            return self._say("guide.early")
        if not self.asked:
            self.asked = True
            return self.question()
        self.wanted = True
        due = self.due(now)
        words = "guide.watch.later" if due - now > MINUTE else "guide.watch"
        return self._say(words, number=str(self.done + 1), of=str(len(self.steps)), due=format_clock(due))

    def due(self, now: int) -> int:
        """When the next step is done: as the reference has it, later by what the run is late."""
        return max(now, self.steps[self.done].at + max(0, self._late))

    def aside(self) -> str:
        """What he says under the step that he does now: why, and what comes next."""
        step = self.steps[self.done]
        act = classify(self.classes, step.canonical)
        why = act.why if act is not None else self._say(f"guide.why.{_reason(step)}")
        left = self.done + 1 < self.mine
        after = self.question(self.done + 1) if left else self.handover(self.done + 1)
        return "\n".join(f"# James: {line}" for line in (why, after))

    def question(self, place: int | None = None) -> str:
        """The question before a step."""
        place = self.done if place is None else place
        step = self.steps[place]
        fields = {"line": step.line, "number": str(place + 1), "of": str(len(self.steps))}
        return self._say(f"guide.ask.{_sort(step)}", str(place), **fields)

    def handover(self, place: int | None = None) -> str:
        """What he says when his part is done."""
        left = len(self.steps) - (self.done if place is None else place)
        return self._say({0: "guide.over", 1: "guide.last"}.get(left, "guide.yours"), left=str(left))

    def _say(self, words: str, place: str = "", **fields: str) -> str:
        return say(words, self.seed, f"{words}.{place}", fields)


def _sort(step: ExampleStep) -> str:
    """What sort of step it is, for the words around it."""
    program = step.canonical.partition(" ")[0]
    if program in ("page", "ack"):
        return "ack"
    return step.kind if step.kind in ("look", "change", "communicate") else "look"


def _reason(step: ExampleStep) -> str:
    """Whose words give the reason where the author gives none."""
    words = step.canonical.split()
    closing = words[:1] == ["statuspage"] and words[1:2] and words[1] in ("monitoring", "resolved")
    return words[1] if closing else _sort(step)
