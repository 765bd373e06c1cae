"""What ``gameday run`` and ``gameday replay`` give to machines is complete, and alone on standard output."""

from __future__ import annotations

import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

from rich.console import Console

import simulator as sim
from simulator.cli.bench.plain_simpy import PlainModel
from simulator.cli.bench.workloads import WORKLOADS, data_plane
from simulator.cli.results import show_result
from simulator.coach.score import unscored
from simulator.units import SECOND
from tests.house.lockstep import ROOT

KEYS = [
    *(
        "budget_spent",
        "digest",
        "mitigated_at",
        "paged_at",
        "player",
        "requests",
        "scenario",
        "score",
        "seed",
    ),
    *("user_minutes_bad", "variant", "wall_seconds"),
]
LINES = ["diagnosis", "independence", "outcome", "process", "safety", "total"]


def gameday(*arguments: str) -> dict[str, object]:
    """The one JSON document on standard output."""
    command = [sys.executable, "-m", "simulator", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def test_a_replay_measures_what_the_run_measured(tmp_path: Path) -> None:
    """A run file of nothing but a wait is the play of nobody: the same keys, the same harm, outcome 0."""
    journal = tmp_path / "run.jsonl"
    sim.start("production-is-down", seed=3, journal=journal).wait("1m")
    replayed = gameday("replay", str(journal))
    nobody = gameday("run", "production-is-down", "--player", "nothing", "--seed", "3")
    assert KEYS == sorted(replayed) == sorted(nobody)
    for key in (
        "scenario",
        "seed",
        "variant",
        "budget_spent",
        "user_minutes_bad",
        "paged_at",
        "mitigated_at",
    ):
        assert nobody[key] == replayed[key], key
    assert isinstance(replayed["score"], dict)
    assert LINES == sorted(replayed["score"])
    assert 0 == replayed["score"]["outcome"]


def test_the_rivals_of_the_bench_carry_the_same_load() -> None:
    """A ratio is fair only if both sides do the work: engine and SimPy model carry the same users."""
    for work in WORKLOADS:
        plane = data_plane(work, 1, compiled=True)
        plane.advance(60 * SECOND)
        frame = plane.counters()
        plain = PlainModel(work, 1)
        arrived = plain.run(60.0)
        assert abs(arrived - int(frame.arrived.sum())) < 0.03 * arrived
        assert plain.answered > 0.98 * arrived
        assert int(frame.answered[..., 0].sum()) > 0.98 * int(frame.arrived.sum())


def test_a_run_without_a_score_prints_the_reason() -> None:
    """Where nothing can be scored the table says why, and no number that is none."""
    score = unscored().to_json()
    row: dict[str, object] = {
        "scenario": "bare",
        "variant": 0,
        "seed": 1,
        "player": "nothing",
        "budget_spent": 0.3,
        "user_minutes_bad": 9,
        "paged_at": None,
        "mitigated_at": None,
        "score": score,
        "requests": 10,
        "wall_seconds": 0.1,
        "digest": "v1:0",
    }
    page = StringIO()
    show_result(Console(file=page, width=160), row)
    assert str(score["reason"]) in page.getvalue() and "nan" not in page.getvalue()
