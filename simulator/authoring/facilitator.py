"""The page of whoever runs a drill for others: what it is for, what happens when, what to ask. A spoiler."""

from __future__ import annotations

import json
from collections.abc import Iterator

from simulator.authoring.points.plays import ANY_OUTCOME
from simulator.coach.stories import STORIES
from simulator.scenario import Scenario
from simulator.scenario.sealed import Play, WrongPath
from simulator.scenario.texts import Facilitator
from simulator.units import format_clock


def page(scenario: Scenario) -> str:
    """The facilitator's page as Markdown."""
    return "\n\n".join(part for part in _parts(scenario) if part) + "\n"


def _parts(scenario: Scenario) -> Iterator[str]:
    labels, texts, notes = scenario.metadata.labels, scenario.texts, scenario.texts.facilitator
    yield f"# {scenario.metadata.title}: for the facilitator"
    variant = f", variant {scenario.variant}" if scenario.last_variant else ""
    measures = f"{labels.get('minutes', '?')} minutes, level {labels.get('level', '?')}"
    yield f"*{scenario.name}{variant}, {measures}. Not for learners.*"
    if notes is not None:
        yield f"**Goal.** {notes.goal.strip()}"
    if scenario.belief is not None:
        yield f"**The belief that it corrects.** {scenario.belief}"
    if scenario.noop:
        yield "**Nothing is wrong here.** Whoever changes nothing in production does best."
    yield f"**What happens.** {texts.debrief.what_happened.strip()}"
    yield f"**Read aloud.** {texts.situation.strip()}"
    if notes is not None:
        yield _listed("When", [f"**{item.at}** {item.what}" for item in notes.timing])
    yield _listed("A play that succeeds", _play(scenario.reference))
    yield _listed(
        "Others that do", [f"{item.title} (`--player {item.name}`)" for item in scenario.alternatives]
    )
    yield _listed(
        "Tempting, and wrong",
        [
            f"{path.title} (`--player {path.name}`): {_bounds(path)}"
            + (f"; {path.looks_right.signal} looks better for a while" if path.looks_right else "")
            for path in scenario.wrong_paths
        ],
    )
    yield _listed(
        "Suspects that are innocent",
        [
            f"{decoy.title}. What tells: `{decoy.tell.line}` at {format_clock(decoy.tell.at)}"
            for decoy in scenario.decoys
        ],
    )
    if notes is not None:
        yield _listed("What you may add", list(_injects(scenario, notes)))
        yield _listed("To ask afterwards", [question.strip() for question in notes.questions])
    yield _listed("To take away", [texts.debrief.rule.strip(), texts.debrief.change.strip()])
    story = next((item for item in STORIES if item.id == scenario.coach.story), None)
    yield f"**James's story.** {story.text}" if story else ""
    if (echo := texts.echo) is not None:
        yield f"**A public incident that is alike.** {echo.title}. {echo.says.strip()} <{echo.url}>"
    yield f"The page rings and the budget burns as `gameday preview {scenario.name}` shows."


def _injects(scenario: Scenario, notes: Facilitator) -> Iterator[str]:
    """What may be added, each as it is typed or written."""
    for index, item in enumerate(notes.injects):
        what = f"type `{item.line}`"
        if item.line is None:
            node = scenario.written("texts", "facilitator", "injects", index, "entry")
            entry = node.plain() if node is not None else {}
            what = f"add `{json.dumps(entry, ensure_ascii=False)}` to what happens"
        yield f"When {item.when}: {what}. {item.why}"


def _play(plays: tuple[Play, ...]) -> list[str]:
    return [f"{format_clock(step.at)} `{step.run}`" for step in plays]


def _listed(title: str, items: list[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {item}" for item in items) if items else ""


def _bounds(path: WrongPath) -> str:
    """What a wrong path can come to at most; some end well, and are wrong for the gate that they break."""
    if path.ceiling >= ANY_OUTCOME:
        return "users may fare as well as with the reference; it is wrong for the gate that it breaks"
    return f"an outcome of {path.ceiling:g} at most"
