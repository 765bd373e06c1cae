"""The coach's debrief as the console shows it; what must stay closed until the learner has written is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.lab import view
from simulator.slo import worst
from simulator.units import seconds

if TYPE_CHECKING:
    from simulator.coach import Debrief
    from simulator.drill import Run

PROMPTS: Final = ("What did you see first?", "What did you believe, and what did you try?", "What ended it?")
_MARKS: Final = {True: "held", False: "did not hold", None: ""}


def debrief_view(run: Run, made: Debrief) -> view.Debrief:
    """What the page may show of it now."""
    words, decision = made.words, made.decision
    told = bool(words.account)
    ruled = told and bool(words.rule)
    objective = worst(run.slos, run.now).objective
    happened, rule, change = made.lesson
    return view.Debrief(
        title=made.title,
        subtitle=made.subtitle,
        prompts=PROMPTS,
        account=words.account,
        answer=words.answer,
        rule=words.rule,
        change=words.change,
        sentence=made.timeline.sentence,
        rows=tuple(
            view.Happened(
                seconds(row.at),
                row.lane,
                row.text,
                row.number,
                row.visible,
                costly=bool(decision.act) and row.number == decision.act,
            )
            for row in made.timeline.rows
        ),
        missed=tuple(
            view.Span(seconds(start), seconds(end), "objective missed") for start, end in made.timeline.burning
        ),
        pages=tuple(
            view.Span(seconds(page.since), seconds(run.now if page.resolved_at is None else page.resolved_at), page.name)
            for page in run.pager.pages
        ),
        observation=decision.observation,
        concern=decision.concern,
        question=decision.question,
        breach=decision.breach,
        decision_act=decision.act,
        decision_at=None if decision.at is None else seconds(decision.at),
        what_if=_counterfactual(made, f"{objective.title or objective.name}, {objective.target_text} over {objective.window_text}"),
        predictions=made.predictions,
        right=made.went_right.text,
        right_signal=made.went_right.signal,
        happened=happened if told else "",
        rule_shown=rule if ruled else "",
        change_shown=change if ruled else "",
        drift=tuple(item.text for item in made.drift),
        next_text=made.next.text,
        next_call=made.next.call,
        score=_score(made) if ruled else (),
        total=made.score.total if ruled else None,
        passed=made.score.passed,
    )


def _counterfactual(made: Debrief, target: str) -> view.Counterfactual | None:
    if made.counterfactual is None:
        return None
    chart = made.counterfactual.chart
    return view.Counterfactual(
        label=chart.other_label,
        sentence=made.counterfactual.sentence,
        times=chart.times_s,
        yours=chart.yours,
        other=chart.other,
        marks=chart.marks,
        target=target,
    )


def _score(made: Debrief) -> tuple[view.ScoreLine, ...]:
    return tuple(
        view.ScoreLine(
            line.title,
            line.points,
            line.weight,
            tuple((_MARKS[item.passed], item.text) for item in line.items),
        )
        for line in made.score.lines
    )
