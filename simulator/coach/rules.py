"""When James speaks: the shape of a rule, and the book of all rules in order of precedence.

A rule is a pure function of the case and the instant: it proposes lines and changes nothing. Several rules
may propose at once; ``coach`` lets the most severe speak, at most once a simulated minute, and no id twice in
a run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import isnan

from simulator.coach.case import RECOVERY_WINDOW, Case
from simulator.coach.lines import Evidence, Proposal
from simulator.coach.signals import BURN, Signal, percent
from simulator.coach.steps import Steps
from simulator.units import MINUTE, format_clock

#: The window over which "the burn rate" is meant wherever a person reads it.
BURN_WINDOW = 5 * MINUTE


@dataclass(frozen=True, slots=True)
class Moment:
    """What a rule gets to see.

    Attributes:
        case: The record so far.
        at: Now, ns.
        steps: The four steps now.
        orient: The first rung of the hint ladder that fits now; empty once the learner has heard it.
        tags: Skills and misconceptions of the scenario, to choose a story by.
        seed: The run's seed.
        guided: James has a step of a worked example to do.
        scene: What is played.
        newcomer: It is the first scenario of the course.
    """

    case: Case
    at: int
    steps: Steps
    orient: str
    tags: frozenset[str]
    seed: int
    guided: bool = False
    scene: str = ""
    newcomer: bool = False

    def value(self, signal: Signal) -> float:
        return self.case.sight.value(signal, self.at)

    def cite(self, signal: Signal = BURN) -> Evidence:
        """The signal as it stands now."""
        return signal.evidence(self.value(signal), self.at)

    def shown(self, signal: Signal = BURN) -> str:
        """The signal's value now, in words."""
        return signal.format(self.value(signal))

    def cite_minute(self) -> Evidence:
        """The burn over one minute, which knows of a recovery before the five-minute rate does."""
        rate = self.case.sight.burn(self.at, RECOVERY_WINDOW)
        words = f"burn over one minute {BURN.format(rate)} at {format_clock(self.at)}"
        return Evidence("burn over 1m", None if isnan(rate) else rate, self.at, words)

    def cite_left(self) -> Evidence:
        """The budget that is left now."""
        left = self.case.sight.left(self.at)
        return Evidence(
            "budget left", left, self.at, f"budget left {percent(left)} at {format_clock(self.at)}"
        )


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of the coach.

    Attributes:
        name: Short, for logs.
        says: The rule in a sentence, for an instructor who asks why.
        propose: Gives the lines that it would like to say now.
    """

    name: str
    says: str
    propose: Callable[[Moment], Iterator[Proposal]]
