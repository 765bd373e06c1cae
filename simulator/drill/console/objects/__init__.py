"""Objects on the console: how each kind is listed, described, written out and read back from a manifest."""

from simulator.drill.console.objects import disruption_views, node_views, settings

__all__ = ["disruption_views", "node_views", "settings"]
