"""James in a run: he listens, keeps the case, speaks by the rules, gives hints, closes with the debrief.

``Coach(run)`` attaches itself. He observes and says; he changes nothing, so a replay without him gives the
same bytes. The one act that he ever does, the worked step at the end of a hint ladder, is done as a line of
the console with his name on it, and stands in the journal like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from simulator.coach.ask import Endpoint, answer
from simulator.coach.authored import act_classes, example_steps, ladders, tags
from simulator.coach.case import Case, Deed, PageSeen, classify
from simulator.coach.debrief import Debrief, Words, debrief
from simulator.coach.example import Example
from simulator.coach.james import RULES, James
from simulator.coach.ladder import Hint, HintDesk
from simulator.coach.lines import Line
from simulator.coach.predictions import Prediction, prediction, read
from simulator.coach.runbook import runbook
from simulator.coach.score import Score, score
from simulator.coach.sense import problems
from simulator.coach.sight import RunSight
from simulator.coach.steps import Steps, steps_at
from simulator.coach.undoing import NOTHING_UNDONE, template_of, undone
from simulator.drill.acts import PRIVATE, Act, Answer, ListenerBase
from simulator.drill.observing import resolved
from simulator.errors import GamedayError, ScenarioError

if TYPE_CHECKING:
    from simulator.drill.console.registry import Command
    from simulator.drill.run import Run
    from simulator.slo import Transition
    from simulator.world import PodTemplate

NAME: Final = "James O'Brien"


class Coach(ListenerBase):
    """James, for one run. Attach him before the first act.

    Raises ScenarioError where his part of the scenario means nothing; all problems at once.

    Attributes:
        run: The run he listens to.
        case: What he knows.
        example: What he shows himself, by the run's guidance.
        played: (scenario, variant) of every run that the learner started in this sitting, oldest first.
        model: The language model that ``ask`` may use from now on; None, as in every replay, uses none.
    """

    def __init__(self, run: Run) -> None:
        if wrong := problems(run.scenario):
            raise ScenarioError(wrong)
        self.run = run
        began = min((entry.at for entry in run.scenario.timeline), default=0)
        self.case = Case(RunSight(run), run.mode, run.scenario.coach.cadence, began)
        desk = HintDesk(ladders(run.scenario), run.seed)
        classes = act_classes(run.scenario)
        self.example = Example(run.guidance, example_steps(run.scenario, run.namespace), classes, run.seed)
        scene = f"{run.scenario.name}/{run.variant}/{run.mode}"
        newcomer = run.scenario.metadata.labels.get("level") == "0"
        self._james = James(
            self.case, classes, desk, run.seed, tags(run.scenario), self.example, scene, newcomer
        )
        self.model: Endpoint | None = None
        self.played: Sequence[tuple[str, int]] = ()
        self._written = Words()
        self._begun: Deed | None = None
        self._template: PodTemplate | None = None
        self._worked = ""
        self._own = False
        self._debrief: tuple[str, Debrief] | None = None
        run.add_listener(self)
        run.hooks.hint = self._give_hint
        run.hooks.ask = self._answer
        run.hooks.runbook = lambda: str(runbook(run))
        run.hooks.next_step = lambda: self.example.answer(self.case, run.now)
        run.hooks.aside = lambda _act: self.example.aside() if self._own else ""
        greeting = self._james.greet() if run.now == 0 else None
        if greeting is not None:
            self._speak((greeting, False))

    # --- what a front end asks

    @property
    def steps(self) -> Steps:
        """The four steps now."""
        return steps_at(self.case, self.run.now)

    def steps_at(self, at: int) -> Steps:
        """The four steps as they stood at ``at``."""
        return steps_at(self.case, at)

    @property
    def lines(self) -> tuple[Line, ...]:
        """Everything he said, oldest first."""
        return tuple(self.case.said)

    @property
    def hints(self) -> tuple[Hint, ...]:
        """The hints he gave, oldest first."""
        return tuple(self._james.desk.given)

    @property
    def hint_notice(self) -> str:
        """What a hint costs, to be shown before."""
        if self.run.mode == "lesson":
            return "A hint takes 10 s of the clock. In a lesson it costs no points."
        return "A hint takes 10 s of the clock and lowers the independence line, more with each rung."

    @property
    def predictions(self) -> tuple[Prediction, ...]:
        """What the learner expected, oldest first."""
        return read(self.run.notes)

    def why(self, line_id: str) -> str:
        """Why he said a line: the rule and the evidence; for instructors.

        Raises:
            KeyError: He never said it.
        """
        line = next((line for line in self.case.said if line.id == line_id), None)
        if line is None:
            raise KeyError(line_id)
        rule = next(rule for rule in RULES if rule.name == line.rule)
        return "\n".join([f"{rule.name}: {rule.says}", *(f"  {item.text}" for item in line.evidence)])

    def hint(self) -> Hint:
        """Ask for a hint: ten seconds of the clock; at the fourth rung James does the worked step."""
        count = len(self._james.desk.given)
        answer = self.run.do("hint")
        self.follow_up()
        if len(self._james.desk.given) > count:
            return self._james.desk.given[-1]
        return Hint("hint.none", self.run.now, "", 1, "orient", answer.text)

    def follow_up(self) -> Answer | None:
        """Do what James does himself; call it after each typed line.

        That is the worked step of a hint, or the next step of a worked example once the learner has said
        what to expect of it.
        """
        line, self._worked = self._worked, ""
        at = self.run.now
        if not line and self.example.wanted and self.example.running:
            line, at = self.example.steps[self.example.done].line, self.example.due(at)
        if not line or at >= self.run.duration or self.run.ended:
            return None
        self.run.advance(at)
        try:
            line = resolved(self.run, line)
        except GamedayError:
            return None
        answer = self.run.apply(Act(at, line, "james"))
        return self.run.apply(Act(self.run.now, "yes", "james")) if self.run.pending else answer

    def predict(
        self, expectation: str, *, signal: str = "", value: float | None = None, within: str = "5m"
    ) -> Prediction:
        """Record what the learner expects; it is compared in the debrief and never judged.

        Args:
            expectation: In the learner's own words.
            signal: Optionally the signal meant, such as ``errors:checkout``.
            value: The value expected of it, in base units (0.01 is one per cent).
            within: When to compare, from now.

        Raises:
            GamedayError: An argument makes no sense.
        """
        made = prediction(self.run.now, expectation, signal, value, within)
        self.run.do(f"note {made.note()}")
        return made

    def score(self, *, helped: bool = False) -> Score:
        """The five lines of the score, each with what made it.

        Args:
            helped: Whether James's own steps count as the learner's; only the estimates of skills ask so.
        """
        return score(self.run, self, self.case.helped() if helped else self.case)

    def debrief(
        self,
        account: tuple[str, ...] = (),
        *,
        rule: str = "",
        change: str = "",
        answer: str = "",
    ) -> Debrief:
        """The debrief. The first call replays other plays, later ones reuse them until the run goes on.

        What was written stays: what a later call leaves empty, from the console or a cell, keeps its words.

        Args:
            account: The learner's own account, up to three lines, given before any score.
            rule: The rule that the learner takes away.
            change: The change to the system, with owner and date.
            answer: The learner's answer to the question about the decision.
        """
        state = f"{self.run.digest} {self.run.now} {len(self.run.acts)}"
        if self._debrief is None or self._debrief[0] != state:
            self._debrief = (state, debrief(self.run, self))
        had = self._written
        made = self._debrief[1].with_words(
            account if any(line.strip() for line in account) else had.account,
            rule=rule.strip() or had.rule,
            change=change.strip() or had.change,
            answer=answer.strip() or had.answer,
        )
        self._written = made.words
        return made

    # --- what a run tells

    def before_act(self, run: Run, act: Act, command: Command | None) -> None:
        """Note how things stood when the act took effect."""
        self._worked = ""
        self._own = act.actor == "james" and not self._was_told() and self.example.running
        canonical = command.canonical if command else ""
        found = classify(self._james.classes, canonical) if canonical else None
        deed = Deed(
            number=0,
            at=act.at,
            seen_at=act.at,
            line=command.line if command else act.line,
            canonical=canonical,
            kind=_kind(command) if command else "none",
            actor=act.actor,
            act=found,
            danger=command.danger if command else "",
        )
        if deed.kind == "change" or (found is not None and found.signal is not None):
            deed = replace(deed, before=self.case.sight.value(deed.signal, act.at))
        self._begun, self._template = deed, template_of(run, canonical)

    def after_act(self, run: Run, act: Act, answer: Answer) -> None:  # noqa: ARG002
        """Keep the deed with its answer; then see whether there is something to say."""
        begun, self._begun = self._begun, None
        if begun is None or answer.number == 0:
            return
        deed = replace(
            begun,
            number=answer.number,
            at=answer.at,
            seen_at=run.now,
            ok=answer.ok and answer.kind != "none",
            kind=begun.kind if answer.kind != "none" else "none",
            undone=undone(self._template, template_of(run, begun.canonical)) if answer.ok else NOTHING_UNDONE,
        )
        asked = deed if run.pending is not None and begun.danger else None
        if self._own and asked is None:
            self.example.hear_own(deed)
        self._speak(self._james.hear_deed(deed, asked))

    def _was_told(self) -> bool:
        """Whether the last act was a hint of the fourth rung, which a step of James's follows."""
        last = self.case.deeds[-1] if self.case.deeds else None
        hints = self._james.desk.given
        return last is not None and last.kind == "hint" and bool(hints) and bool(hints[-1].worked)

    def on_page(self, run: Run, transition: Transition) -> None:  # noqa: ARG002
        """A page rang."""
        self._speak(self._james.hear_page(PageSeen(transition.at, transition.alert, transition.value)))

    def after_scrape(self, run: Run, at: int) -> None:  # noqa: ARG002
        """Fresh numbers on the screen."""
        self._speak(self._james.hear_scrape(at))

    # --- speaking

    def _speak(self, said: tuple[Line, bool] | None) -> None:
        if said is None:
            return
        line, interrupts = said
        self.run.say(
            "coach", NAME, line.text, id=line.id, evidence=tuple(item.text for item in line.evidence)
        )
        if interrupts and self.run.mode == "lesson":
            self.run.interrupt()

    def _answer(self, question: str) -> str:
        return answer(self, question, self.model)

    def _give_hint(self, run: Run) -> str:
        hint = self._james.hint(run.now)
        self._worked = hint.worked
        return hint.text


def _kind(command: Command) -> str:
    """A hint is no look at production, and a note tells nobody, whichever line pins it."""
    program = command.canonical.partition(" ")[0]
    return program if program in PRIVATE else command.kind
