"""``curl``: one request of one's own, as the real program asks and answers."""

from simulator.drill.console.curl import family

__all__ = ["family"]
