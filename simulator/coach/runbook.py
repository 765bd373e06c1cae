"""The runbook that James would have wanted: what to type in this system, in what order, and what proves it.

Before the drill is over it holds what any member of the team could know. Afterwards it also holds what this
incident taught: the good acts of the scenario's author, each with the signal that proves it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.coach.authored import act_classes
from simulator.coach.blocks import Block, Items, Section, Table, Text
from simulator.coach.documents import Document
from simulator.coach.guide import history_line, page_rows, selector, suspects
from simulator.coach.steps import ASSESS_BUDGET, FIRST_WORD, MITIGATE_BUDGET
from simulator.drill.incident import CADENCE, HOLD
from simulator.units import format_clock, format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run


def runbook(run: Run) -> Document:
    """The runbook for the system that a run plays on."""
    taught = _taught(run) if run.ended else ()
    parts = [_assess(run), _mitigate(run), _communicate(), _verify(run)]
    if taught:
        parts.append(Section("learned", "What this incident taught", taught))
    return Document(
        kind="runbook",
        title=f"Runbook: {run.scenario.spec.system or run.scenario.metadata.name}",
        subtitle=f"Written at {format_clock(run.now)}"
        + ("" if run.ended else "; what this incident teaches comes in when it is over"),
        sections=tuple(parts),
    )


def _assess(run: Run) -> Section:
    lines = []
    for name, slo in run.slos.items():
        near = suspects(run, slo)
        looks = [f"`kubectl get pods -l {selector(run, each)}`" for each in near[:1]]
        looks += [f"`{history_line(run, each)}`" for each in near[:3]]
        looks += [f"`kubectl logs -l {selector(run, each)} --tail=100`" for each in near[:1]]
        lines.append(f"{slo.objective.title or name}: {', '.join(looks)}.")
    text = (
        f"{format_duration(ASSESS_BUDGET)}, no more. You look for what changed and where it stands, not for "
        "the cause. Nothing is changed in this step."
    )
    return Section("assess", "Assess", (Text(text), Items(tuple(lines))))


def _mitigate(run: Run) -> Section:
    text = (
        f"{format_duration(MITIGATE_BUDGET)}. One change at a time, and say beforehand which graph should "
        "move by when. If it does not move, take it back before you try the next."
    )
    return Section(
        "mitigate", "Mitigate", (Text(text), Table(("What you see", "What you do"), tuple(page_rows(run))))
    )


def _communicate() -> Section:
    rows = tuple((name, f"every {format_duration(cadence)}") for name, cadence in CADENCE.items())
    text = (
        f"The first word within {format_duration(FIRST_WORD)} of the page, even if it is only that you are "
        "on it: what users see, what you do, when you will speak next. Then on a cadence, also when nothing "
        "is new."
    )
    return Section("communicate", "Communicate", (Text(text), Table(("Severity", "Next word"), rows)))


def _verify(run: Run) -> Section:
    rows = tuple(
        (
            slo.objective.title or name,
            f"burn rate at most 1 for {format_duration(HOLD)}; {slo.objective.target_text} over "
            f"{slo.objective.window_text}",
        )
        for name, slo in run.slos.items()
    )
    text = "It is over when users say so: `incident resolve` checks it. A finished rollout proves nothing."
    return Section("verify", "Verify", (Text(text), Table(("Objective", "Over when"), rows)))


def _taught(run: Run) -> tuple[Block, ...]:
    """The acts that helped, by the author's word, and those that only looked like help."""
    classes = act_classes(run.scenario)
    helped = [item for item in classes if item.kind == "good"]
    lured = [item for item in classes if item.kind in ("reasonable-error", "harmful") and item.why]
    blocks: list[Block] = []
    if helped:
        rows = tuple(
            (f"`{item.match}`", item.why, item.signal.words if item.signal is not None else "its answer")
            for item in helped
        )
        blocks.append(Table(("Helps", "Why", "Proof"), rows))
    if lured:
        blocks.append(
            Table(
                ("Looks like help", "Why it is none"), tuple((f"`{item.match}`", item.why) for item in lured)
            )
        )
    rule, change = run.scenario.texts.debrief.rule, run.scenario.texts.debrief.change
    blocks.append(Items(tuple(filter(None, (rule, change)))))
    return tuple(blocks)
