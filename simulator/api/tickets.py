"""``sim.game_day``: go on call for something that a number draws, and nobody tells you what."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from simulator import scenario as files
from simulator.api import arguments
from simulator.api.doors import start
from simulator.api.drill import Drill
from simulator.drill import RunCode
from simulator.errors import GamedayError, ScenarioError
from simulator.scenario import Scenario
from simulator.scenario.folders import scenario_files
from simulator.streams import Stream

#: Levels that a number draws from: the first two are the course's own beginning.
LEVELS: Final = range(2, 5)
#: Seeds on which every scenario and variant is proved; a number draws one of them.
_SEEDS: Final = range(1, 21)
#: Draws before a number is given up; a level that is on the shelf is met long before.
_DRAWS: Final = 1000
_LARGEST: Final = 2**63 - 1


@arguments.checked
def game_day(
    ticket: int | str, *, level: int | None = None, guidance: int = 4, journal: str | Path | bool = True
) -> Drill:
    """Go on call without knowing for what: no lesson around it, dangerous lines land, James is silent.

    The same number draws the same scenario, variant and users wherever the same scenarios lie. The run file
    is called after the number and not after the scenario.

    Args:
        ticket: Any whole number, also as text; or a run code such as ``payday.0.7``: somebody's very users.
        level: 2, 3 or 4 draws from that level alone; None from all of them.
        guidance: As for ``sim.start``; 4 leaves you alone unless harm is near.
        journal: As for ``sim.start``.

    Raises:
        GamedayError: It is no number and no run code, or there is no such level.
        ScenarioError: A run code names a scenario that there is not.
    """
    code = RunCode.parse(ticket) if isinstance(ticket, str) else None
    number = None if code is not None else _number(ticket)
    if level is not None and level not in LEVELS:
        raise GamedayError(
            "game_day(level=…)",
            expected=f"{LEVELS.start} to {LEVELS.stop - 1}, or nothing",
            got=repr(level),
            todo="The levels below are the welcome's and the first lesson's.",
        )
    if number is not None:
        code = _drawn(number, level)
        if journal is True:
            journal = _free(f"game-day-{number}")
    return start(str(code), mode="game-day", guidance=guidance, journal=journal)


def _number(ticket: object) -> int:
    text = ticket.strip() if isinstance(ticket, str) else ticket
    if isinstance(text, str) and text.isascii() and text.isdigit():
        text = int(text[:20])
    if isinstance(text, int) and not isinstance(text, bool) and 0 <= text <= _LARGEST:
        return text
    raise GamedayError(
        "game_day(ticket)",
        expected="a whole number of your own, or a run code such as payday.0.7",
        got=repr(ticket)[:80],
        todo="Type any number; the one that you were given, if your class plays the same day.",
    )


def _drawn(number: int, level: int | None) -> RunCode:
    """Scenario, variant and seed of a number; what does not load or has another level is drawn over."""
    chance, names = Stream(number, "game-day"), list(scenario_files())
    for turn in range(_DRAWS if names else 0):
        found = _loaded(names[chance.integer(len(names), turn)])
        wanted = LEVELS if level is None else range(level, level + 1)
        if found is None or int(found.metadata.labels.get("level", "0")) not in wanted:
            continue
        variant = chance.integer(len(found.variants), turn, 1)
        return RunCode(found.name, variant, _SEEDS[chance.integer(len(_SEEDS), turn, 2)])
    raise GamedayError(
        "game_day(level=…)",
        expected="a level that some scenario has",
        got=repr(level),
        todo="sim.catalog() lists the scenarios with their levels.",
    )


def _loaded(name: str) -> Scenario | None:
    try:
        return files.load(name)
    except ScenarioError:
        return None


def _free(stem: str) -> Path:
    """The first free name in ``runs/``: ``STEM.jsonl``, then ``STEM-2.jsonl`` and so on."""
    path, count = Path("runs") / f"{stem}.jsonl", 1
    while path.exists():
        count += 1
        path = path.with_name(f"{stem}-{count}.jsonl")
    return path
