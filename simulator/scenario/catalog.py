"""Which scenarios there are."""

from __future__ import annotations

from simulator.errors import ScenarioError
from simulator.scenario.folders import Entry, scenario_files
from simulator.scenario.loader import load


def catalog() -> tuple[Entry, ...]:
    """All scenarios that load, in order of names; loading one by name tells why it does not."""
    entries = []
    for name, path in scenario_files().items():
        try:
            scenario = load(path)
        except ScenarioError:
            continue
        entries.append(Entry(name, scenario.metadata.title, dict(scenario.metadata.labels), path))
    return tuple(entries)
