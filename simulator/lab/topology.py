"""Where each part of the system stands on the map: columns follow the calls, rows keep lines from crossing.

The layout is computed once from what the scenario declares, so a node never moves while a drill runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.scenario import Scenario, graph

_SWEEPS: Final = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One node's place.

    Attributes:
        name: The service, or the users.
        role: What it is, as the scenario's model says.
        column: From 0, the users.
        row: Share of the height, 0 at the top.
        workload: The Deployment behind it; empty for the users.
    """

    name: str
    role: str
    column: int
    row: float
    workload: str


@dataclass(frozen=True, slots=True)
class Topology:
    """Nodes with their places and the calls between them, in order of flow."""

    places: tuple[Place, ...]
    calls: tuple[tuple[str, str], ...]


def topology(scenario: Scenario) -> Topology:
    """Lay a scenario's system out from left to right."""
    system = graph(scenario)
    calls = list(system.calls)
    columns = _columns(list(system.parts), calls)
    rows = _rows(columns, calls)
    places = [
        Place(part.name, part.role, columns[part.name], rows[part.name], part.workload)
        for part in system.parts.values()
    ]
    places.sort(key=lambda place: (place.column, place.row))
    return Topology(tuple(places), system.calls)


def _columns(names: list[str], calls: list[tuple[str, str]]) -> dict[str, int]:
    """The longest way from the users; a call in a circle does not count."""
    columns = dict.fromkeys(names, 0)
    for _ in names:
        moved = False
        for caller, callee in calls:
            wanted = columns[caller] + 1
            if columns[callee] < wanted < len(names) + 1:
                columns[callee] = wanted
                moved = True
        if not moved:
            break
    used = sorted(set(columns.values()))
    return {name: used.index(column) for name, column in columns.items()}


def _rows(columns: dict[str, int], calls: list[tuple[str, str]]) -> dict[str, float]:
    """Each column in the order of its neighbours' middles, swept a few times both ways; evenly spaced."""
    stacks: list[list[str]] = [[] for _ in range(max(columns.values()) + 1)]
    for name, column in columns.items():
        stacks[column].append(name)
    neighbours: dict[str, list[str]] = {name: [] for name in columns}
    for caller, callee in calls:
        neighbours[caller].append(callee)
        neighbours[callee].append(caller)
    rows = _spread(stacks)
    for sweep in range(_SWEEPS):
        for stack in stacks if sweep % 2 == 0 else reversed(stacks):
            stack.sort(key=lambda name: _middle(name, rows, neighbours))
            rows.update(_spread([stack]))
    return rows


def _middle(name: str, rows: dict[str, float], neighbours: dict[str, list[str]]) -> float:
    near = [rows[other] for other in neighbours[name]]
    return sum(near) / len(near) if near else 0.5


def _spread(stacks: list[list[str]]) -> dict[str, float]:
    rows: dict[str, float] = {}
    for stack in stacks:
        for position, name in enumerate(stack):
            rows[name] = 0.5 if len(stack) == 1 else position / (len(stack) - 1)
    return rows
