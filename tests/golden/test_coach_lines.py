"""Which lines James says on the plays of the first incident: their ids, in order.

A change of these ids is a change of what learners hear: read the lines before committing it.
``GAMEDAY_WRITE_GOLDEN=1`` in the environment writes the file anew.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from simulator.coach import Coach
from simulator.drill import Act, Run, play_run, replay
from simulator.scenario import load
from simulator.units import MINUTE, SECOND

FILE = Path(__file__).parent / "coach_lines.json"
FIRST, WELCOME = load("production-is-down"), load("welcome")
SEED = 1


def plays() -> Iterator[tuple[str, int, str]]:
    """(scenario, variant, player): nothing, the reference and each wrong path of all variants; panic once."""
    for scenario in (FIRST, WELCOME):
        for variant in scenario.variants or (scenario,):
            wrong = [path.name for path in variant.wrong_paths]
            for player in ("nothing", "reference", *wrong):
                yield scenario.metadata.name, variant.variant, player
    yield FIRST.metadata.name, 0, "panic"


PLAYS = tuple(plays())


def heard(name: str, variant: int, player: str) -> Coach:
    """The coach after a whole play."""
    coaches: list[Coach] = []

    def attach(run: Run) -> None:
        coaches.append(Coach(run))

    play_run(load(name), SEED, variant=variant, player=player, attach=attach)
    return coaches[0]


@pytest.mark.parametrize(("scenario", "variant", "player"), PLAYS)
def test_the_lines_of_a_play_are_known_by_heart(scenario: str, variant: int, player: str) -> None:
    """The same play, the same ids; a minute apart at least; nothing cited that was not visible yet."""
    lines = heard(scenario, variant, player).lines
    known: dict[str, list[str]] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    ids = [line.id for line in lines]
    name = f"{scenario}, variant {variant}, {player}"
    if os.environ.get("GAMEDAY_WRITE_GOLDEN"):
        known[name] = ids
        FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    assert known[name] == ids
    assert all(after.at - before.at >= MINUTE for before, after in pairwise(lines))
    assert all(item.at <= line.at for line in lines for item in line.evidence)


def test_no_play_is_known_that_nobody_plays() -> None:
    """A play that is gone takes its lines along."""
    known = json.loads(FILE.read_text(encoding="utf-8"))
    assert {f"{name}, variant {variant}, {player}" for name, variant, player in PLAYS} == set(known)


def test_the_same_run_file_gives_the_same_lines_byte_for_byte(tmp_path: Path) -> None:
    """Ids, rules, instants, words and evidence, twice from one file and as they were said."""
    path = tmp_path / "run.jsonl"
    run = Run(FIRST, SEED, journal=path)
    said = Coach(run)
    for at, line in (
        (0, "wait 10m"),
        (7 * MINUTE + 30 * SECOND, "kubectl get pods"),
        (8 * MINUTE, "kubectl scale deployment/checkout --replicas=12"),
        (8 * MINUTE + 15 * SECOND, "hint"),
        (12 * MINUTE, "kubectl delete deployment/checkout"),
        (12 * MINUTE + SECOND, "no"),
        (13 * MINUTE, "kubectl rollout undo deployment/checkout"),
        (24 * MINUTE, "statuspage resolved Orders go through again."),
    ):
        run.apply(Act(max(at, run.now), line))
    run.finish()
    expected = written(said)
    assert 8 <= len(expected.splitlines())
    for _ in range(2):
        coaches: list[Coach] = []
        replay(path, attach=lambda fresh, kept=coaches: kept.append(Coach(fresh)), to_end=True)  # type: ignore[misc]
        assert expected == written(coaches[0])


def written(coach: Coach) -> bytes:
    """All that he said, as bytes, a line each."""
    return "\n".join(repr(line) for line in coach.lines).encode()
