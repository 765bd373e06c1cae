"""``kubectl``: a module a verb or a few that belong together; importing the package registers all of them."""

from simulator.drill.console.kubectl import (
    apply,
    autoscale,
    change,
    describe,
    drain,
    env,
    get,
    listings,
    logs,
    metadata,
    patch,
    rollout,
    top,
    waiting,
)

__all__ = [
    "apply",
    "autoscale",
    "change",
    "describe",
    "drain",
    "env",
    "get",
    "listings",
    "logs",
    "metadata",
    "patch",
    "rollout",
    "top",
    "waiting",
]
