"""Back-off: ever longer pauses between tries, by client-go's rule (``util/flowcontrol/backoff.go``).

Kubelets use it twice: before a container that ended is started again, and before an image that could not be
pulled is tried again. Both begin at 10 s, double, and stay at 300 s.
"""

from __future__ import annotations

from typing import Final

from simulator.errors import GamedayError
from simulator.units import SECOND

FIRST: Final = 10 * SECOND
CAP: Final = 300 * SECOND


class BackOff:
    """The pauses of one container, or of one image of a pod.

    Attributes:
        delay: The pause in force, ns; 0 before the first try after a failure.
    """

    def __init__(self) -> None:
        self.delay = 0
        self._tried_at = 0

    def due(self, failed_at: int) -> int:
        """When the next try may begin, ns, after a failure at ``failed_at``.

        The first failure is tried again at once, and so is one that comes after twice the cap of peace.
        """
        return failed_at if self._expired(failed_at) else failed_at + self.delay

    def tried(self, now: int, failed_at: int) -> None:
        """A try begins at ``now``, after the failure at ``failed_at``; the next pause is twice as long."""
        self.delay = FIRST if self._expired(failed_at) else min(2 * self.delay, CAP)
        self._tried_at = now

    def _expired(self, failed_at: int) -> bool:
        return not self.delay or failed_at - self._tried_at > 2 * CAP


def go_duration(ns: int) -> str:
    """Whole seconds as Go prints a duration: ``10s``, ``1m20s``, ``5m0s``."""
    minutes, seconds = divmod(ns // SECOND, 60)
    if ns % SECOND:
        raise GamedayError(
            "duration", expected="whole seconds", got=f"{ns}ns", todo="Back-off pauses are whole seconds."
        )
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"
