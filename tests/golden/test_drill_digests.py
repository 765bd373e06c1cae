"""Golden digests: a play gives the same bytes as on the day when its scenario had passed its proof.

A change here breaks every learner's run file, so it needs a reason: a new version of the digest or a changed
scenario. To write the file anew: ``python -m tests.golden.test_drill_digests``. The plays are the proof's own
(kept under a hash of all code that can change them): whichever asks first plays, and the other looks it up.
"""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from simulator.authoring.plays.given import Given
from simulator.authoring.plays.keeping import Kept, folder
from simulator.authoring.plays.playing import perform
from simulator.authoring.plays.task import Task
from simulator.scenario import Scenario, load
from tests import drill_stage

PATH = Path(__file__).with_name("drill_digests.json")
SEED = 1


def scenario(name: str) -> Scenario:
    """A scenario of the kit, or the tests' own."""
    return drill_stage.scenario() if name == "drill-stage" else load(name)


def digest(name: str, variant: int) -> str:
    """Of the reference play."""
    chosen, kept, reference = scenario(name).with_variant(variant), Kept(folder()), Task("reference")
    record = kept.get(chosen, SEED, reference)
    if record is None:
        record = perform(chosen, SEED, reference, Given({}, time.process_time))
        kept.put(chosen, SEED, reference, record)
    return record.digest


GOLDEN: dict[str, list[str]] = json.loads(PATH.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_reference_play_gives_its_golden_digest(name: str) -> None:
    """Every variant, on seed 1."""
    assert GOLDEN[name] == [digest(name, variant) for variant in range(len(scenario(name).variants))]


if __name__ == "__main__":
    found = {name: [digest(name, v) for v in range(len(scenario(name).variants))] for name in sorted(GOLDEN)}
    PATH.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
