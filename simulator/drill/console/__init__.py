"""The console: families of lines that register themselves, one grammar, one door to parse and to complete."""

from simulator.drill.console import (
    amtool,
    argo,
    asking,
    certificates,
    channel,
    clock,
    curl,
    flags,
    flyway,
    gh,
    git,
    helping,
    incident,
    incident_command,
    kubectl,
    logs,
    objects,
    pager,
    promql,
    queues,
    role,
    screen,
    slo,
    traces,
    view,
)
from simulator.drill.console.completion import complete
from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.parsing import parse
from simulator.drill.console.registry import FAMILIES, Command, Family, Verb, family

#: Importing a family registers it; this tuple says which there are.
MODULES = (
    asking,
    objects,
    kubectl,
    argo,
    logs,
    traces,
    flyway,
    flags,
    certificates,
    queues,
    promql,
    curl,
    incident,
    incident_command,
    role,
    screen,
    channel,
    pager,
    amtool,
    slo,
    clock,
    git,
    gh,
    view,
    helping,
)

__all__ = [
    "FAMILIES",
    "MODULES",
    "Arguments",
    "Command",
    "Family",
    "Flag",
    "RefusedError",
    "Verb",
    "complete",
    "family",
    "parse",
]
