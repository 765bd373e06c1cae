"""Points 10 and 12: no text gives the cause away or needs an eye to be read, and a run costs little."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

from simulator.authoring.plays.all import Played
from simulator.authoring.points.finding import Finding, joined
from simulator.authoring.spoilers import Hit, spoilers, spoilers_on_screen
from simulator.scenario import Scenario

#: CPU seconds that a replay may take on a laptop, and the same in turns of the calibration loop.
BUDGET_SECONDS: Final = 3.0
BUDGET_TURNS: Final = 60.0
#: A machine that is busy with other things makes numbers worse; only what is this far over fails.
PATIENCE: Final = 2.0
_MOST_HITS: Final = 4
_IMAGE: Final = re.compile(r"!\[([^\]]*)\]\(|<img\b(?![^>]*\balt=\"[^\"]+\")")
_DRAWING: Final = re.compile(r"```mermaid.*?```", re.DOTALL)


def gives_nothing_away(played: Played) -> Finding:
    """Point 10: prompt, title, file names and command outputs do not name the cause."""
    hits: list[Hit] = [*spoilers(played.scenario)]
    shown = played.each("screen")
    for record in shown.values():
        hits += [hit for hit in spoilers_on_screen(record.answer) if hit not in hits]
    if hits:
        return _betrayed(hits)
    lines = min(record.answer.count("\n") for record in shown.values())
    return Finding(
        True, f"No name, mechanism or phrase of the cause in the texts, nor in {lines} lines on the screen."
    )


def texts_give_nothing_away(scenario: Scenario) -> Finding:
    """Point 10 without a run: what can be read in the files alone."""
    hits = spoilers(scenario)
    return (
        _betrayed(list(hits))
        if hits
        else Finding(True, "No name, mechanism or phrase of the cause in the texts.")
    )


def _betrayed(hits: list[Hit]) -> Finding:
    more = f"; and {len(hits) - _MOST_HITS} more" if len(hits) > _MOST_HITS else ""
    return Finding(False, "; ".join(map(str, hits[:_MOST_HITS])) + more + ".")


def costs_little(played: Played) -> Finding:
    """Point 12: runs in the time budget of a laptop; each text has an accessible twin.

    A replay may take 3 s of CPU. It is timed against a loop of the same process, as machines differ and are
    never quiet; one that is over by less than a factor of two is said and not failed.
    """
    replays = played.each("replay")
    turns = min(record.cpu_ratio for record in replays.values())
    took = min(record.cpu_seconds for record in replays.values())
    wrong = [f"{where} is a picture without words" for where in pictures(played.scenario)]
    if turns > PATIENCE * BUDGET_TURNS:
        allowed = f"{BUDGET_TURNS:.0f} are allowed"
        wrong.append(f"a replay takes {took:.1f} s of CPU: {turns:.0f} turns of the loop, {allowed}")
    if wrong:
        return Finding(False, joined(wrong))
    over = "" if turns <= BUDGET_TURNS else ", over the budget but within what a busy machine explains"
    cost = f"A replay takes {took:.1f} s of CPU, {turns:.0f} of {BUDGET_TURNS:.0f} turns of the loop{over}"
    return Finding(True, f"{cost}; every text can be read aloud.")


def texts_can_be_read_aloud(scenario: Scenario) -> Finding:
    """Point 12 without a run: each text has an accessible twin."""
    wrong = [f"{where} is a picture without words" for where in pictures(scenario)]
    return Finding(not wrong, joined(wrong) or "Every text can be read aloud.")


def pictures(scenario: Scenario) -> Iterator[str]:
    """Texts that hold an image without a description, or a drawing that no sentence accompanies."""
    for where, text in _texts_of(scenario.texts, "texts"):
        lonely = any(not (match.group(1) or "").strip() for match in _IMAGE.finditer(text))
        drawn = _DRAWING.search(text) and not _DRAWING.sub("", text).strip()
        if lonely or drawn:
            yield where


def _texts_of(value: object, where: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _texts_of(item, f"{where}[{number}]")
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _texts_of(getattr(value, name), f"{where}.{name}")
