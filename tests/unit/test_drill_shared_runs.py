"""Run codes, ghosts, magics, the runbook's line: a run that others can meet, see and type into."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import simulator as sim
from simulator.coach import Coach
from simulator.drill import Run, RunCode, ghost
from simulator.errors import GamedayError
from simulator.lab import Plots
from simulator.units import MINUTE
from tests.drill_stage import fresh, scenario
from tests.house.lockstep import ROOT


def test_a_run_code_says_scenario_variant_and_seed_and_reads_back() -> None:
    """``str`` and ``parse`` are inverse; names and paths are no codes."""
    run = fresh(seed=7, variant=1)
    assert "drill-stage.1.7" == str(RunCode.of(run))
    assert RunCode("drill-stage", 1, 7) == RunCode.parse("drill-stage.1.7")
    for text in ("drill-stage", "./drill-stage.yaml", "drill-stage.1", "a.b.c", "a.1.2.3", ""):
        assert RunCode.parse(text) is None


def test_who_starts_a_code_meets_the_same_users() -> None:
    """Scenario, variant and seed are those of the code; an argument of one's own wins."""
    drill = sim.start("production-is-down.2.5", journal=False)
    assert "variant 2, seed 5" in str(drill)
    assert "variant 2, seed 6" in str(sim.start("production-is-down.2.5", seed=6, journal=False))


def test_the_debrief_hands_out_the_code_to_beat() -> None:
    """With the outcome that it stands for."""
    run = fresh()
    coach = Coach(run)
    run.finish()
    text = str(coach.debrief())
    assert "To beat: outcome 0 with the run code drill-stage.0.11." in text


def test_a_ghost_is_a_player_or_a_run_file_of_the_same_users() -> None:
    """The reference spends less than who does nothing; a file plays to the end of its drill."""
    run = fresh()
    run.finish()
    best = ghost(run, "reference")
    name = "app-availability"
    assert best.slos[name].spent_in_drill(run.now) < run.slos[name].spent_in_drill(run.now)
    with pytest.raises(GamedayError, match=r"a player .nothing, reference, panic, more-pods. or the path"):
        ghost(run, "nobody")


def test_a_ghost_of_other_users_is_refused(tmp_path: Path) -> None:
    """Another seed is another day; the error names both codes."""
    path = tmp_path / "run.jsonl"
    sim.start("welcome", seed=4, journal=path).run("kubectl get pods")
    mine = sim.start("welcome", seed=5, journal=False)
    with pytest.raises(GamedayError, match=r"expected a run of welcome\.0\.5, got welcome\.0\.4"):
        mine.plot.budget(ghost=path)


def test_a_ghost_lies_under_the_budget_curve_by_its_name() -> None:
    """One line more an objective, named in the legend and in the sentence."""
    run = fresh()
    run.advance(10 * MINUTE)
    alone, shadowed = Plots(run).budget(), Plots(run).budget(ghost="reference")
    assert len(shadowed.axes[0].lines) == len(alone.axes[0].lines) + len(run.slos)
    assert "(reference)" in shadowed.sentence and "(reference)" not in alone.sentence


def test_the_runbook_can_be_read_on_the_console() -> None:
    """It costs a look; without a coach nobody has written one."""
    run = fresh()
    Coach(run)
    answer = run.do("runbook")
    assert "look" == answer.kind and answer.text.startswith("Runbook: drill-stage")
    assert "no coach is here" in fresh().do("runbook").text


_CELLS = """
import simulator as sim
first, last = (sim.start("welcome", seed=seed, journal=False) for seed in (1, 2))
shell = get_ipython()
print(shell.run_line_magic("kubectl", "get pods -l app=db"))
print(shell.run_cell_magic("oncall", "", "kubectl get deploy\\n\\nkubectl gte pods\\nwait 1m"))
print(len(first.actions), list(last.actions["line"]))
"""


def test_magics_type_into_the_drill_that_was_started_last(tmp_path: Path) -> None:
    """``%kubectl`` and ``%%oncall`` print what the terminal would; a refused line ends the cell."""
    command = [sys.executable, "-m", "IPython", "--no-banner", "--HistoryManager.enabled=False", "-c", _CELLS]
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    out = done.stdout
    assert out.startswith("NAME"), done.stderr
    assert "$ kubectl get deploy\nNAME" in out
    assert '$ kubectl gte pods\nerror: unknown command "gte"' in out
    assert "Stopped here; 1 more was not typed." in out
    typed = ["kubectl get pods -l app=db", "kubectl get deploy", "kubectl gte pods"]
    assert out.rstrip().endswith(f"0 {typed}")


def test_a_what_if_of_a_ghost_is_a_run_like_any_other() -> None:
    """A ghost can be asked for everything that a run can."""
    run = Run(scenario(), 11)
    run.finish()
    assert ghost(run, "more-pods").cluster.deployment("app").spec.replicas == 6
