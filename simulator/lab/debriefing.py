"""The coach's debrief as the console shows it; what must stay closed until the learner writes is left out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from simulator.slo import worst
from simulator.units import seconds

if TYPE_CHECKING:
    from simulator.coach import Debrief as CoachDebrief
    from simulator.drill import Run

PROMPTS: Final = ("What did you see first?", "What did you believe, and what did you try?", "What ended it?")
_MARKS: Final = {True: "held", False: "did not hold", None: ""}


@dataclass(frozen=True, slots=True)
class Happened:
    """One row of the debrief's timeline.

    Attributes:
        at: When, seconds.
        lane: Who: ``world``, ``pages``, ``people``, ``you``, ``james`` and so on.
        text: What.
        number: The act's number; 0 where it is no act.
        visible: What the screen showed then.
        costly: It is the decision that the debrief is about.
        decides: It changed something or told somebody, and is drawn with its number; a look is a tick.
    """

    at: float
    lane: str
    text: str
    number: int = 0
    visible: str = ""
    costly: bool = False
    decides: bool = False


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with a name: an alert that fired, an objective that was missed."""

    start: float
    end: float
    label: str


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Two budget curves on one time axis: the learner's own and that of the other play.

    Attributes:
        label: What the other play did, such as ``undo at the first page``.
        sentence: The difference in words.
        times: Seconds.
        yours, other: Share of the budget left.
        marks: Instants worth a line, with a word.
        target: The objective in words.
    """

    label: str
    sentence: str
    times: tuple[float, ...]
    yours: tuple[float, ...]
    other: tuple[float, ...]
    marks: tuple[tuple[float, str], ...] = ()
    target: str = ""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One of the five parts of the score, up to 100 (outcome from −50, safety −25), with what made it."""

    name: str
    points: float
    weight: int
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Minute:
    """The console as it was at one minute.

    Attributes:
        label: The minute, such as ``T+07:00``.
        pairs: Part of the console and what stood there.
        screen: The end of the terminal.
    """

    label: str
    pairs: tuple[tuple[str, str], ...]
    screen: str


@dataclass(frozen=True, slots=True)
class Debrief:
    """The eight steps of the debrief; the page opens them one after another.

    The author's rule and the score are empty until the learner has written a rule: what is not sent can't
    be peeked at.

    Attributes:
        title, subtitle: Scenario, variant, seed, length.
        prompts: The questions over the three lines of the learner's account.
        account, answer, rule, change: The learner's words so far.
        sentence: The timeline in one sentence.
        rows, missed, pages: The timeline.
        minutes: The console at every minute, for the scrubber.
        observation, concern, question, breach: The decision that cost most.
        decision_act, decision_at: Which act it was; 0 where it is something not done.
        what_if: The other play of it; None where nothing was worth trying.
        predictions: Expectations beside outcomes.
        right, right_signal: One thing that went right.
        happened, rule_shown, change_shown: What the scenario's author says.
        drift: Live objects that differ from git.
        next_text, next_call: What to play next.
        score, total, passed: The score, in parts.
        unscored: Why there are no points; empty where there are.
    """

    title: str
    subtitle: str
    prompts: tuple[str, ...]
    account: tuple[str, ...]
    answer: str
    rule: str
    change: str
    sentence: str
    rows: tuple[Happened, ...]
    missed: tuple[Span, ...]
    pages: tuple[Span, ...]
    observation: str
    concern: str
    question: str
    breach: str
    decision_act: int
    decision_at: float | None
    what_if: Counterfactual | None
    predictions: tuple[str, ...]
    right: str
    right_signal: str
    happened: str
    rule_shown: str
    change_shown: str
    drift: tuple[str, ...]
    next_text: str
    next_call: str
    score: tuple[ScoreLine, ...] = ()
    total: float | None = None
    passed: bool = True
    unscored: str = ""
    minutes: tuple[Minute, ...] = ()


def debrief_view(run: Run, made: CoachDebrief) -> Debrief:
    """What the page may show of it now."""
    words, decision = made.words, made.decision
    told = bool(words.account)
    ruled = told and bool(words.rule)
    objective = worst(run.slos, run.now).objective
    happened, rule, change = made.lesson
    if made.echo is not None:
        title, says, url = made.echo
        happened += f" A public incident that is alike: {title}. {says} {url}"
    return Debrief(
        title=made.title,
        subtitle=made.subtitle,
        prompts=PROMPTS,
        account=words.account,
        answer=words.answer,
        rule=words.rule,
        change=words.change,
        sentence=made.timeline.sentence,
        rows=tuple(
            Happened(
                seconds(row.at),
                row.lane,
                _bare(row.text),
                row.number,
                row.visible,
                costly=bool(decision.act) and row.number == decision.act,
                decides=row.decides,
            )
            for row in made.timeline.rows
        ),
        missed=tuple(
            Span(seconds(start), seconds(end), "objective missed") for start, end in made.timeline.burning
        ),
        pages=tuple(
            Span(
                seconds(page.since),
                seconds(run.now if page.resolved_at is None else page.resolved_at),
                page.name,
            )
            for page in run.pager.pages
        ),
        observation=_bare(decision.observation),
        concern=_bare(decision.concern),
        question=_bare(decision.question),
        breach=_bare(decision.breach),
        decision_act=decision.act,
        decision_at=None if decision.at is None else seconds(decision.at),
        what_if=_counterfactual(
            made, f"{objective.title or objective.name}, {objective.target_text} over {objective.window_text}"
        ),
        predictions=made.predictions,
        right=_bare(made.went_right.text),
        right_signal=made.went_right.signal,
        happened=happened if told else "",
        rule_shown=rule if ruled else "",
        change_shown=change if ruled else "",
        drift=tuple(item.text for item in made.drift),
        next_text=_bare(made.next.text),
        next_call=made.next.call,
        score=_score(made) if ruled else (),
        total=made.score.total if ruled else None,
        passed=made.score.passed,
        unscored=made.score.reason if ruled else "",
        minutes=tuple(Minute(each.label, each.pairs, each.screen) for each in made.frames) if told else (),
    )


def _bare(text: str) -> str:
    """Without the marks that make code of a line elsewhere: the console shows text as it stands."""
    return text.replace("`", "")


def _counterfactual(made: CoachDebrief, target: str) -> Counterfactual | None:
    if made.counterfactual is None:
        return None
    chart = made.counterfactual.chart
    return Counterfactual(
        label=chart.other_label,
        sentence=_bare(made.counterfactual.sentence),
        times=chart.times_s,
        yours=chart.yours,
        other=chart.other,
        marks=chart.marks,
        target=target,
    )


def _score(made: CoachDebrief) -> tuple[ScoreLine, ...]:
    """The lines that have points; before the end the first says until when, and what is open."""
    found = [
        ScoreLine(
            line.title,
            line.points,
            line.weight,
            tuple((_MARKS[item.passed], item.text) for item in line.items),
        )
        for line in made.score.lines
        if line.points is not None
    ]
    if found and made.score.notice:
        left_out = (
            ("", f"{line.title}: {item.text}")
            for line in made.score.lines
            if line.points is None
            for item in line.items
        )
        found[0] = replace(found[0], reasons=(("", made.score.notice), *found[0].reasons, *left_out))
    return tuple(found)
