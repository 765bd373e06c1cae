"""James's mind: what he hears goes into the case, and at every beat at most one line comes out.

It knows no run, only the learner's screen (``Sight``) and what the scenario's author wrote, so that every
rule can be tried on a made-up incident. ``coach`` joins it to a run.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from simulator.coach.case import ActClass, Case, Deed, PageSeen
from simulator.coach.clocks import CLOCKS
from simulator.coach.example import SILENT, Example
from simulator.coach.ladder import FREE, Hint, HintDesk
from simulator.coach.lines import Line, Proposal
from simulator.coach.responses import RESPONSES
from simulator.coach.rules import Moment, Rule
from simulator.coach.steps import steps_at
from simulator.coach.voice import say
from simulator.units import MINUTE

#: From one line to the next, at least.
SPACING: Final = MINUTE
#: Rules in order of precedence between equals.
RULES: Final[tuple[Rule, ...]] = (*RESPONSES, *CLOCKS)
#: All that he says while he shows a worked example, and all that he says to somebody who needs no coach.
_SHOWING: Final = ("first page", "risk before it lands", "harmful act", "worked example")
_HARM: Final = ("risk before it lands", "harmful act")


@dataclass(slots=True)
class James:
    """The coach of one run.

    Attributes:
        case: What he knows and what he said.
        classes: The author's classes of acts, the first match wins.
        desk: Where hints come from.
        seed: The run's seed, which picks the wordings.
        tags: Skills and misconceptions of the scenario, to choose a story by.
        example: What he shows himself, by the run's guidance; None shows nothing.
        scene: What is played; with the seed it picks wordings and the story.
        newcomer: It is the first scenario of the course: only there he says "stay calm" in so many words.
    """

    case: Case
    classes: Sequence[ActClass]
    desk: HintDesk
    seed: int
    tags: frozenset[str] = field(default_factory=frozenset)
    example: Example | None = None
    scene: str = ""
    newcomer: bool = False

    def greet(self) -> Line | None:
        """What he says before it begins, where he shows steps himself or stays silent; else None."""
        guidance = self.example.guidance if self.example is not None else None
        shows = self.example is not None and self.example.running
        if guidance != SILENT and not shows:
            return None
        name = f"guide.level.{guidance}"
        line = Line(name, "worked example", 0, say(name, self.seed, name, {}), 0)
        self.case.said.append(line)
        return line

    def hear_page(self, page: PageSeen) -> tuple[Line, bool] | None:
        """A page rang."""
        self.case.pages.append(page)
        return self._beat(page.at)

    def hear_scrape(self, at: int) -> tuple[Line, bool] | None:
        """Fresh numbers are on the screen."""
        self.case.hear_scrape(at)
        return self._beat(at)

    def hear_deed(self, deed: Deed, asked_yes: Deed | None = None) -> tuple[Line, bool] | None:
        """An act's cost has passed, and its answer can be read."""
        if self.example is not None and deed.actor != "james":
            self.example.hear(deed, self.case)
        self.case.deeds.append(deed)
        self.case.asked_yes = asked_yes
        return self._beat(deed.seen_at)

    def hint(self, at: int) -> Hint:
        """The hint that fits now."""
        return self.desk.ask(self.case, at)

    def _beat(self, at: int) -> tuple[Line, bool] | None:
        """The most severe proposal, as a line, with whether it should end a wait; None if there is none."""
        case = self.case
        if not case.pages and not case.deeds:
            return None
        if case.said and at - case.said[-1].at < SPACING:
            return None
        ladder = self.desk.fitting(case, at)
        orient = "" if ladder.id in FREE or self.desk.heard(ladder) else ladder.rungs[0]
        guided = self.example is not None and self.example.running
        moment = Moment(
            case, at, steps_at(case, at), orient, self.tags, self.seed, guided, self.scene, self.newcomer
        )
        best: tuple[Proposal, Rule] | None = None
        for rule in self._rules(guided=guided):
            for proposal in rule.propose(moment):
                if not case.has_said(proposal.id) and (best is None or proposal.severity > best[0].severity):
                    best = proposal, rule
        if best is None:
            return None
        proposal, rule = best
        text = proposal.text or say(proposal.words, self.seed, proposal.id, proposal.fields, self.scene)
        line = Line(proposal.id, rule.name, at, text, proposal.severity, proposal.evidence)
        case.said.append(line)
        return line, proposal.interrupts

    def _rules(self, *, guided: bool) -> Sequence[Rule]:
        """The rules that may speak now."""
        if guided:
            return [rule for rule in RULES if rule.name in _SHOWING]
        if self.example is not None and self.example.guidance == SILENT:
            return [rule for rule in RULES if rule.name in _HARM]
        return RULES
