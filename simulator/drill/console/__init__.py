"""The console: families of lines that register themselves, one grammar, one door to parse and to complete."""

from simulator.drill.console import (
    amtool,
    argo_views,
    asking,
    clock,
    disruption_views,
    git,
    helping,
    incident,
    incident_command,
    kubectl_autoscale,
    kubectl_change,
    kubectl_describe,
    kubectl_drain,
    kubectl_get,
    kubectl_logs,
    kubectl_rollout,
    kubectl_top,
    logs,
    node_views,
    pager,
    promql,
    settings,
    slo,
    traces,
)
from simulator.drill.console.completion import complete
from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import FAMILIES, Command, Family, Verb, family, parse

#: Importing a family registers it; this tuple says which there are.
MODULES = (
    asking,
    kubectl_get,
    kubectl_describe,
    kubectl_logs,
    logs,
    traces,
    kubectl_rollout,
    kubectl_change,
    argo_views,
    kubectl_autoscale,
    kubectl_top,
    promql,
    settings,
    kubectl_drain,
    disruption_views,
    node_views,
    incident,
    incident_command,
    pager,
    amtool,
    slo,
    clock,
    git,
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
