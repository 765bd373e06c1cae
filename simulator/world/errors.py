"""What the API server or kubectl refuses, in its own words and in the kit's four parts."""

from __future__ import annotations

from simulator.errors import GamedayError


class KubernetesError(GamedayError):
    """A request that a real cluster would refuse.

    Attributes:
        message: What kubectl prints, word for word; ``str`` gives the kit's four parts instead.
    """

    def __init__(self, message: str, *, where: str, expected: str, got: str, todo: str) -> None:
        self.message = message
        super().__init__(where, expected=expected, got=got, todo=todo)
