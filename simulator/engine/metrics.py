"""The metric port: how a controller asks for a number that it can't count itself.

An analysis step and an autoscaler ask one question at one instant and get one number, or ``NoData``. Who
answers is the composition root's choice: the engine knows no series store and no query language.
"""

from __future__ import annotations

from typing import Final, Protocol


class NoData:
    """The answer where no series matched. It is no number: missing data never reads as health."""

    def __repr__(self) -> str:
        return "NO_DATA"

    def __bool__(self) -> bool:
        return False


#: The one instance.
NO_DATA: Final = NoData()


class MetricPort(Protocol):
    """What answers a controller's queries."""

    def query(self, expr: str, at: int) -> float | NoData:
        """The value of an instant query that yields one number.

        Args:
            expr: In the query language of the provider, such as PromQL.
            at: ns.

        Raises:
            GamedayError: The provider can't evaluate the expression; the controller's error, not its verdict.
        """


class Metrics:
    """The port as a world is built with it: nobody answers until the composition root connects a provider."""

    def __init__(self) -> None:
        self._provider: MetricPort | None = None

    def connect(self, provider: MetricPort) -> None:
        """Have every later question answered by ``provider``."""
        self._provider = provider

    def query(self, expr: str, at: int) -> float | NoData:
        """The provider's answer; no data where there is none.

        Raises:
            GamedayError: The provider can't evaluate the expression.
        """
        return self._provider.query(expr, at) if self._provider is not None else NO_DATA
