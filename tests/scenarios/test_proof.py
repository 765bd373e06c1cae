"""The proof of every scenario of the kit, on one seed: a test a point, so that a failure names it.

``make proof`` does so on twenty seeds and writes the table; here it is seen to that the table is current.
"""

from __future__ import annotations

import json
import os
import time
from functools import cache

import pytest

from simulator.authoring.plays.keeping import Kept, folder
from simulator.authoring.proof import POINTS, Proof, prove
from simulator.authoring.report import TABLE
from simulator.scenario import load
from simulator.scenario.folders import search_path
from simulator.scenario.measured import FILE, measured, short_digest

HOME = search_path()[-1]
VARIANTS = [
    (path.parent.name, variant)
    for path in sorted(HOME.glob("*/scenario.yaml"))
    for variant in range(len(load(path).variants))
]
SEED = 1


@cache
def proof(name: str, variant: int) -> Proof:
    """The proof of one variant; what was played before on this machine with this kit is not played again."""
    chosen = load(HOME / name).with_variant(variant)
    jobs = min(2, os.cpu_count() or 1)
    return prove([chosen], [SEED], kept=Kept(folder()), clock=time.process_time, jobs=jobs)[0]


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_every_point_holds(name: str, variant: int, point: int) -> None:
    """The evidence is the message."""
    found = next(each for each in proof(name, variant).points if each.number == point)
    assert found.passed, found.evidence


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_drawn_variants_are_as_hard(name: str, variant: int) -> None:
    """Where a scenario draws variants, they cost what their base costs; whatever else is judged holds too."""
    assert [] == [
        each.evidence for each in proof(name, variant).points if each.number not in POINTS and not each.passed
    ]


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_committed_table_is_of_today(name: str, variant: int) -> None:
    """``PROOF.md`` lists each variant with the digest that it has now, and every point as holding."""
    digest = short_digest(load(HOME / name).with_variant(variant))
    wanted = f"| {name} | {variant} | `{digest}` | " + " | ".join("ok" for _ in POINTS) + " | "
    lines = (HOME / TABLE).read_text(encoding="utf-8").splitlines()
    assert [] != [line for line in lines if line.startswith(wanted)], "run make proof"


@pytest.mark.parametrize(("name", "variant"), VARIANTS)
def test_the_measured_difficulty_is_of_today(name: str, variant: int) -> None:
    """``gameday list`` shows what was measured on the scenario as it is now."""
    assert measured(load(HOME / name).with_variant(variant), HOME) is not None, "run make proof"


def test_the_table_lists_nothing_else() -> None:
    """A scenario that was renamed or taken out leaves both files too."""
    listed = json.loads((HOME / FILE).read_text(encoding="utf-8"))
    assert sorted({name for name, _ in VARIANTS}) == sorted(listed)
    rows = [
        tuple(cell.strip() for cell in line.split("|")[1:3])
        for line in (HOME / TABLE).read_text(encoding="utf-8").splitlines()
        if line.startswith("| ") and line.split("|")[2].strip().isdigit()
    ]
    assert sorted((name, str(variant)) for name, variant in VARIANTS) == sorted(rows)
