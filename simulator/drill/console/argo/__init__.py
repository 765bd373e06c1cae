"""``kubectl argo rollouts``: the plugin's lines, its tree, and how Rollouts are shown and written."""

from simulator.drill.console.argo import change, family, get, views

__all__ = ["change", "family", "get", "views"]
