"""The debrief: eight parts in one order, always, also after success; the score comes last.

Account, timeline, the decision that cost most, the other play, one thing that went right, a rule and a
change, what to play next, score. It is built once from the log and then only gets the learner's words;
``render`` and ``page`` write it out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from simulator.coach.blocks import Frame, Section
from simulator.coach.chronicle import Timeline, chronicle
from simulator.coach.drift import Drift, drift
from simulator.coach.findings import Decision, NextPlay, WentRight, decide, next_play, went_right
from simulator.coach.minutes import frames
from simulator.coach.page import fragment, page
from simulator.coach.regret import Alternative, alternatives
from simulator.coach.render import markdown, plain
from simulator.coach.score import Score, score
from simulator.coach.sections import sections
from simulator.drill import RunCode
from simulator.drill.acts import Printer
from simulator.units import format_clock

if TYPE_CHECKING:
    from simulator.coach.coach import Coach
    from simulator.drill.run import Run


@dataclass(frozen=True, slots=True)
class Words:
    """What the learner writes. It is kept with the debrief and never scored.

    Attributes:
        account: The learner's own account, up to three lines.
        answer: The answer to the question about the decision.
        rule: The rule taken away.
        change: The change to the system, with owner and date.
    """

    account: tuple[str, ...] = ()
    answer: str = ""
    rule: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Debrief:
    """One run, looked back on.

    Attributes:
        title: The scenario's title.
        subtitle: Scenario, variant, seed and length.
        words: What the learner wrote.
        timeline: What happened and what was visible when.
        decision: The decision with the largest regret, as observation, concern and question.
        counterfactual: The other play of that decision; None where nothing was worth trying.
        predictions: Expectations beside outcomes, one sentence each.
        went_right: One thing that went right, with its signal.
        lesson: What happened, the rule and the change of the scenario's author; each may be empty.
        drift: Live objects that differ from git.
        next: What to play next.
        score: The five lines.
        code: The run code: who starts it meets the same users.
        frames: The console at every minute.
        echo: Title, words and address of a public incident that is alike; None where none is named.
    """

    title: str
    subtitle: str
    words: Words
    timeline: Timeline
    decision: Decision
    counterfactual: Alternative | None
    predictions: tuple[str, ...]
    went_right: WentRight
    lesson: tuple[str, str, str]
    drift: tuple[Drift, ...]
    next: NextPlay
    score: Score
    code: str
    echo: tuple[str, str, str] | None = None
    frames: tuple[Frame, ...] = ()

    @property
    def account(self) -> tuple[str, ...]:
        """The learner's own account."""
        return self.words.account

    @property
    def sections(self) -> tuple[Section, ...]:
        """The eight parts in their order, as blocks."""
        return sections(self)

    def with_words(
        self, account: tuple[str, ...] = (), *, rule: str = "", change: str = "", answer: str = ""
    ) -> Debrief:
        """The same debrief with the learner's words in it."""
        lines = tuple(line.strip() for line in account if line.strip())[:3]
        return replace(self, words=Words(lines, answer.strip(), rule.strip(), change.strip()))

    def __str__(self) -> str:
        return plain(self)

    def markdown(self) -> str:
        """The debrief as Markdown."""
        return markdown(self)

    def html(self) -> str:
        """The debrief as one self-contained page, light or dark as the reader's system says."""
        return page(self)

    def _repr_html_(self) -> str:
        return fragment(self)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:  # noqa: ARG002 - IPython's protocol
        """The plain twin of what a notebook shows."""
        printer.text(str(self))


def _until(run: Run) -> str:
    """How far the run has come; a debrief before the end says that it is one."""
    now = format_clock(run.now)
    if run.ended:
        return now
    return (
        f"{now}: the drill goes on until {format_clock(run.duration)}, and this counts what is decided so far"
    )


def debrief(run: Run, coach: Coach) -> Debrief:
    """Look back on a run; replays a few other plays of it."""
    case, now = coach.case, run.now
    left = case.sight.left(0)
    tried = alternatives(run, case, left)
    best = tried[0] if tried else None
    result = score(run, coach)
    decision = decide(case, best, result, now)
    texts, echo = run.scenario.texts.debrief, run.scenario.texts.echo
    variant = f", variant {run.variant}" if run.variant else ""
    return Debrief(
        title=run.scenario.metadata.title,
        subtitle=f"{run.scenario.metadata.name}{variant}, seed {run.seed}, {_until(run)}",
        words=Words(),
        timeline=chronicle(run, coach),
        decision=decision,
        counterfactual=best,
        predictions=tuple(item.compared(case.sight, now) for item in coach.predictions),
        went_right=went_right(case, now),
        lesson=(texts.what_happened, texts.rule, texts.change),
        drift=drift(run),
        next=next_play(run, result, coach.played),
        score=result,
        code=str(RunCode.of(run)),
        echo=(echo.title, echo.says, echo.url) if echo is not None else None,
        frames=frames(run, coach),
    )
