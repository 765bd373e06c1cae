"""Which lines James says on the plays of the first incident: their ids, in order.

A change of these ids is a change of what learners hear: read the lines before committing it.
``GAMEDAY_WRITE_GOLDEN=1`` in the environment writes the file anew.
"""

from __future__ import annotations

import json
import os
from itertools import pairwise
from pathlib import Path

import pytest

from simulator.coach import Coach
from simulator.drill import Run, play_run
from simulator.scenario import load
from simulator.units import MINUTE

FILE = Path(__file__).parent / "coach_lines.json"
SCENARIO = load("production-is-down")
PLAYS = [
    (variant.variant, player)
    for variant in SCENARIO.variants
    for player in ("nothing", "reference", "panic", *(path.name for path in variant.wrong_paths))
    if variant.variant == 0 or player not in ("nothing", "panic")
]


def heard(variant: int, player: str) -> Coach:
    """The coach after a whole play."""
    coaches: list[Coach] = []

    def attach(run: Run) -> None:
        coaches.append(Coach(run))

    play_run(SCENARIO, 1, variant=variant, player=player, attach=attach)
    return coaches[0]


@pytest.mark.parametrize(("variant", "player"), PLAYS)
def test_the_lines_of_a_play_are_known_by_heart(variant: int, player: str) -> None:
    """The same play, the same ids; a minute apart at least; nothing cited that was not visible yet."""
    lines = heard(variant, player).lines
    known: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    ids = [line.id for line in lines]
    name = f"{SCENARIO.name}, variant {variant}, {player}"
    if os.environ.get("GAMEDAY_WRITE_GOLDEN"):
        known[name] = ids
        FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    assert known[name] == ids
    assert all(after.at - before.at >= MINUTE for before, after in pairwise(lines))
    assert all(item.at <= line.at for line in lines for item in line.evidence)
