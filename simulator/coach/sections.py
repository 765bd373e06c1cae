"""The eight parts of a debrief as blocks, a to h; each renderer writes the same ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.coach.blocks import (
    Block,
    Figure,
    Items,
    Labelled,
    Meter,
    Quote,
    Scrubber,
    Section,
    Table,
    Text,
)
from simulator.coach.score import Score
from simulator.coach.svg import Chart, budget_svg
from simulator.units import SECOND, format_clock

if TYPE_CHECKING:
    from simulator.coach.debrief import Debrief

#: More looks than these make the timeline's table long enough to fold them away.
_LOOKS = 12
#: Rows of the table twin of a curve.
_SAMPLES = 16


def sections(made: Debrief) -> tuple[Section, ...]:
    """The parts in their order."""
    return (
        _account(made),
        _timeline(made),
        _decision(made),
        _what_if(made),
        Section(
            "went-right",
            "One thing that went right",
            (Text(made.went_right.text, strong=True), Text(made.went_right.signal)),
        ),
        _rule(made),
        Section("next", "Next", (Text(made.next.text), Text(f"`{made.next.call}`"), _challenge(made))),
        Section("score", "Score, in parts", tuple(_score(made.score))),
    )


def _challenge(made: Debrief) -> Text:
    """The run code, for a colleague or for oneself: the same users, to be beaten."""
    outcome = made.score["outcome"].points
    if outcome is None:
        return Text(
            f'The run code is {made.code}. The same users meet whoever types `sim.start("{made.code}")`.'
        )
    return Text(
        f"To beat: outcome {outcome:.0f} with the run code {made.code}. The same users meet whoever types "
        f'`sim.start("{made.code}")`.'
    )


def _account(made: Debrief) -> Section:
    prompts = ("What did you see first?", "What did you believe, and what did you try?", "What ended it?")
    words = made.words.account
    blocks = tuple(Quote(prompt, words[i] if i < len(words) else "") for i, prompt in enumerate(prompts))
    return Section("account", "Your account, before the log", blocks)


def _scrubber(made: Debrief) -> tuple[Block, ...]:
    """The console at any minute, opened where the first page rang."""
    if not made.frames:
        return ()
    ringing = (place for place, frame in enumerate(made.frames) if dict(frame.pairs)["Pages"] != "none")
    return (Scrubber("The console as it was at any minute", made.frames, next(ringing, 0)),)


def _timeline(made: Debrief) -> Section:
    rows = tuple(
        (format_clock(row.at), row.lane, str(row.number) if row.number else "", row.text, row.visible)
        for row in made.timeline.rows
    )
    head = ("Time", "Who", "Act", "What", "On the screen")
    looks = frozenset(place for place, row in enumerate(made.timeline.rows) if row.number and not row.decides)
    caption = "Everything in order, with burn and budget as the status bar had them"
    return Section(
        "timeline",
        "Timeline",
        (
            Text(made.timeline.sentence, strong=True),
            Figure(made.timeline.svg, made.timeline.sentence),
            Table(head, rows, caption, minor=looks if len(looks) > _LOOKS else frozenset()),
            *_scrubber(made),
        ),
    )


def _decision(made: Debrief) -> Section:
    found = made.decision
    blocks: list[Block] = [
        Labelled((("Observation", found.observation), ("Concern", found.concern))),
        Text(found.question, strong=True),
        Quote("Your answer is kept with the run and never graded", made.words.answer),
    ]
    if found.breach:
        blocks.append(Labelled((("And one on safety", found.breach),)))
    title = "The decision that cost most"
    return Section("decision", title, tuple(blocks))


def _what_if(made: Debrief) -> Section:
    blocks: list[Block] = []
    if made.counterfactual is None:
        blocks.append(Text("No other play was tried: the scenario names none that differs from this run."))
    else:
        chart = made.counterfactual.chart
        blocks += [
            Text(made.counterfactual.sentence, strong=True),
            Figure(budget_svg(chart), made.counterfactual.sentence),
            _twin(chart),
        ]
    if made.predictions:
        blocks += [Text("What you expected, beside what came:"), Items(made.predictions)]
    return Section("what-if", "What if", tuple(blocks))


def _twin(chart: Chart) -> Table:
    """The two curves as a table, for readers of text."""
    step = max(1, len(chart.times_s) // _SAMPLES)
    rows = tuple(
        (
            format_clock(round(chart.times_s[i] * SECOND)),
            f"{100 * chart.yours[i]:.1f} %",
            f"{100 * chart.other[i]:.1f} %",
        )
        for i in range(0, len(chart.times_s), step)
    )
    return Table(("Time", "Yours", chart.other_label), rows, "Error budget left, both plays", fold=True)


def _rule(made: Debrief) -> Section:
    happened, rule, change = made.lesson
    blocks: list[Block] = []
    if happened:
        blocks.append(Labelled((("What happened", happened),)))
    blocks += [
        Quote("One rule that you take away", made.words.rule),
        Quote("One change to the system: what, owner, date", made.words.change),
    ]
    offered = tuple(
        pair for pair in (("A rule others took", rule), ("A change others made", change)) if pair[1]
    )
    if offered and made.words.rule:
        blocks.append(Labelled(offered))
    if made.echo is not None:
        title, says, url = made.echo
        blocks.append(Labelled((("A public incident that is alike", f"{title}. {says} <{url}>"),)))
    if made.drift:
        blocks += [Text("What differs from git now:"), Items(tuple(item.text for item in made.drift))]
    else:
        blocks.append(Text("Nothing in the cluster differs from git."))
    return Section("rule", "What happened, your rule, and one change", tuple(blocks))


def _score(score: Score) -> list[Block]:
    if score.total is None:
        return [Text(score.reason)]
    marks = {True: "held", False: "did not hold", None: ""}
    blocks: list[Block] = [Text(score.notice, strong=True)] if score.notice else []
    for line in score.lines:
        reasons = tuple((marks[item.passed], item.text) for item in line.items)
        if line.points is None:
            words = f"open until the drill ends, and in no sum; counts {line.weight} % then"
            blocks += [Labelled(((line.title, words),)), Items(tuple(text for _, text in reasons))]
        else:
            blocks.append(Meter(line.title, line.points, line.weight, reasons))
    gate = "" if score.passed else " A check that must hold did not."
    blocks.append(Text(f"In sum {score.total:.1f}; the parts say more than the sum.{gate}"))
    return blocks
