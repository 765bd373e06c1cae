"""The ways into a drill: start one, go on with one, play one again; and what there is to play."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from simulator import drill as runs
from simulator import scenario as files
from simulator.api.drill import Drill
from simulator.coach import Coach
from simulator.drill import Mode, Run
from simulator.scenario import Scenario
from simulator.units import parse_duration


def start(
    scenario: str | Path,
    *,
    seed: int | None = None,
    variant: int | None = None,
    mode: Mode = "lesson",
    journal: str | Path | bool = True,
) -> Drill:
    """Go on call.

    Args:
        scenario: A scenario's name (``sim.catalog()`` lists them) or the path of its file.
        seed: Whose luck; None takes the scenario's own.
        variant: Which of the scenario's variants, from 0; None takes the file as it stands.
        mode: ``lesson``: dangerous lines ask for a yes, hints are free. ``game-day``: neither.
        journal: Where the run file goes; True takes the next free name in ``runs/``, False keeps none.

    Raises:
        ScenarioError: There is no such scenario, or its file has mistakes.
        JournalError: The run file can't be written.
        GamedayError: No such variant or mode.
    """
    chosen = files.load(scenario)
    if variant is not None:
        chosen = chosen.with_variant(variant)
    if isinstance(journal, bool):
        taken = chosen.spec.seed if seed is None else seed
        path = runs.default_path(chosen.metadata.name, chosen.variant, taken) if journal else None
    else:
        path = Path(journal)
    run = Run(chosen, seed, mode=mode, journal=path)
    return Drill(run, Coach(run))


def resume(path: str | Path, *, at: str | None = None) -> Drill:
    """Go on with a run file, after a crash or the next morning.

    Args:
        path: The run file.
        at: None goes on after the last act. A time, such as ``"7m"``, takes over there, in a new file.

    Raises:
        JournalError: The file is damaged, or belongs to another scenario.
    """
    instant = None if at is None else parse_duration(at, where="resume(at=…)")
    coaches: list[Coach] = []
    run = runs.resume(Path(path), at=instant, attach=lambda fresh: coaches.append(Coach(fresh)))
    return Drill(run, coaches[0])


def replay(path: str | Path) -> Drill:
    """Play a run file again, as far as it was played; the file is only read.

    Raises:
        JournalError: The file is damaged, or belongs to another scenario.
    """
    coaches: list[Coach] = []
    run = runs.replay(Path(path), attach=lambda fresh: coaches.append(Coach(fresh)))
    return Drill(run, coaches[0])


def load(scenario: str | Path) -> Scenario:
    """A scenario as data, by name or path, without playing it.

    Raises:
        ScenarioError: There is none, or its file has mistakes; all of them are listed.
    """
    return files.load(scenario)


def catalog() -> pd.DataFrame:
    """What there is to play: one row a scenario, by name."""
    rows = [{"name": entry.name, "title": entry.title, **entry.labels} for entry in files.catalog()]
    return pd.DataFrame(rows, columns=["name", "title", "skill", "level", "minutes"]).set_index("name")
