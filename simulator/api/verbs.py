"""The programs of the console on a drill, with typed methods; see ``typed.py`` and ``verbs.pyi``."""

from __future__ import annotations

from simulator.api.typed import Program, door
from simulator.drill.console import FAMILIES

#: Programs whose name is a drill's own: ``wait`` and ``hint`` type their line, the others look for free.
OWN = ("hint", "promql", "runbook", "slo", "wait")
#: Every other program, in alphabetical order.
NAMES = tuple(sorted(set(FAMILIES) - set(OWN)))

Verbs = type("Verbs", (), {"__doc__": "Has every program of the console by its name.", **door(NAMES)})

__all__ = ["NAMES", "OWN", "Program", "Verbs"]
