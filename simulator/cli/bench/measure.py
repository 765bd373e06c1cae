"""``gameday bench``: every engine on every workload, in turns, so that a busy machine slows all alike.

Numbers are requests of users per CPU second of one process; reported are medians over the rounds, and of
the ratios between engines within a round.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

from simulator.cli import screen
from simulator.cli.bench import anchor, ciw_model
from simulator.cli.bench.growth import growth
from simulator.cli.bench.metrics import metrics
from simulator.cli.bench.plain_simpy import PlainModel
from simulator.cli.bench.rollout import rollout
from simulator.cli.bench.rules import rules
from simulator.cli.bench.workloads import WORKLOADS, H, Workload, data_plane
from simulator.cli.warmup import warm_up
from simulator.units import SECOND

# Simulated seconds a round: long enough that each takes a good fraction of a CPU second.
_COMPILED_SECONDS, _SIMPY_SECONDS, _TWIN_SECONDS, _C_SECONDS, _CIW_SECONDS = 480, 20, 4, 480, 5
#: Rounds of what is compared with itself alone.
_FEW_ROUNDS = 3
_DRILL = "production-is-down"

Rates = dict[str, float]


def measure(rounds: int) -> dict[str, object]:
    """Measure everything; a progress bar on standard error.

    Args:
        rounds: How often each engine runs on each workload.
    """
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        program = anchor.build(Path(name))
        with screen.steps(rounds * len(WORKLOADS) + 5, "compiling the engine") as progress:
            warm_up()
            result: dict[str, object] = {}
            for work in WORKLOADS:
                taken = []
                for number in range(rounds):
                    progress.step(f"workload {work.name}, round {number + 1} of {rounds}")
                    taken.append(_one_round(work, number + 1, program))
                    progress.done()
                result[work.name] = _medians(taken)
            progress.step("more instances, more services, more load, more time")
            result["growth"] = growth(min(rounds, _FEW_ROUNDS))
            progress.done()
            progress.step("a rollout of 200 replicas over 40 nodes")
            result["rollout"] = rollout(min(rounds, _FEW_ROUNDS))
            progress.done()
            progress.step("a day of ten services' metrics, and a dashboard")
            result["metrics"] = metrics(min(rounds, _FEW_ROUNDS))
            progress.done()
            progress.step("a drill of 45 minutes, replayed")
            result["drill"] = _drill()
            progress.done()
            progress.step("alert rules over the same drill")
            result["rules"] = rules(_DRILL, min(rounds, _FEW_ROUNDS))
            progress.done()
            progress.step("the engine, compiled from nothing")
            result["start"] = _starts()
            progress.done()
    return result


def _one_round(work: Workload, seed: int, program: Path | None) -> Rates:
    """Requests per CPU second of each engine, one after the other."""

    def plane(
        seconds: int, *, compiled: bool = True, wide: bool = False, tandem: bool = False
    ) -> Callable[[], int]:
        built = data_plane(work, seed, compiled=compiled, wide=wide, tandem=tandem)

        def run() -> int:
            built.advance(seconds * SECOND)
            return int(built.counters().arrived.sum())

        return run

    rates = {
        "requests_per_cpu_second": _rate(plane(_COMPILED_SECONDS)),
        "all_features_requests_per_cpu_second": _rate(plane(_COMPILED_SECONDS, wide=True)),
        "simpy_requests_per_cpu_second": _rate(lambda: PlainModel(work, seed).run(_SIMPY_SECONDS)),
        "uncompiled_requests_per_cpu_second": _rate(plane(_TWIN_SECONDS, compiled=False)),
    }
    if program is not None:
        rates["c_requests_per_cpu_second"] = anchor.requests_per_cpu_second(
            program, work.name, _C_SECONDS, seed
        )
    if work is H and ciw_model.installed():
        rates["tandem_requests_per_cpu_second"] = _rate(plane(_COMPILED_SECONDS, tandem=True))
        model = ciw_model.CiwModel(work, seed)
        rates["ciw_requests_per_cpu_second"] = _rate(lambda: model.run(_CIW_SECONDS))
    return rates


def _rate(run: Callable[[], int]) -> float:
    begun = time.process_time()
    requests = run()
    return requests / (time.process_time() - begun)


def _medians(taken: list[Rates]) -> dict[str, float | None]:
    """Medians over the rounds, and of the ratios within each round."""

    def ratio(name: str, over: str = "requests_per_cpu_second") -> float | None:
        if any(name not in one for one in taken):
            return None
        return round(median(one[over] / one[name] for one in taken), 3)

    rates: dict[str, float | None] = {name: round(median(one[name] for one in taken)) for name in taken[0]}
    return {
        **rates,
        "ratio_of_c": ratio("c_requests_per_cpu_second"),
        "ratio_over_simpy": ratio("simpy_requests_per_cpu_second"),
        "ratio_over_uncompiled": ratio("uncompiled_requests_per_cpu_second"),
        "ratio_over_all_features": ratio("all_features_requests_per_cpu_second"),
        "ratio_over_ciw": ratio("ciw_requests_per_cpu_second", over="tandem_requests_per_cpu_second"),
    }


def _drill() -> dict[str, float]:
    """CPU seconds that the first incident's 45 minutes take: the reference play, and its replay."""
    from simulator.cli.results import replay_cost

    return replay_cost(_DRILL)


def _starts() -> dict[str, float]:
    """Seconds from nothing to a running engine: without machine code on the disk, and with it."""
    with tempfile.TemporaryDirectory(prefix="gameday-cold-") as cache:
        environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
        cold, warm = (_start(environment) for _ in range(2))
    return {"cold_seconds": round(cold, 2), "warm_seconds": round(warm, 2)}


def _start(environment: dict[str, str]) -> float:
    command = [sys.executable, "-m", "simulator", "warm-up", "--json"]
    done = subprocess.run(command, env=environment, capture_output=True, check=True, text=True)
    warmth: dict[str, Any] = json.loads(done.stdout)
    return float(warmth["seconds"])
