"""What was promised: one service-level objective in OpenSLO's terms, and how its budget is counted.

The method is *occurrences* over a rolling window: of the requests that count, a share ``target`` must be
good. Good is a request answered with success (outcome ``ok``); every other outcome is bad, a request that
found no ready pod too.

**The budget.** ``allowed = (1 - target) * expected``, where ``expected`` is the number of requests that the
window is expected to hold, fixed when the run begins: the requests of the recorded history plus the warm-up
at its planned rate. So the budget is one number for the whole run. A learner who turns users away can neither
grow it nor shrink it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from simulator.units import DAY, HOUR, MINUTE


@dataclass(frozen=True, slots=True)
class Objective:
    """One SLO.

    Attributes:
        name: The OpenSLO object's name, such as ``checkout-availability``.
        service: The service whose load balancer counts the requests.
        routes: The routes that count; empty for all of the service.
        target: Share of good requests, exact, such as 999/1000.
        window: Length of the rolling window, ns.
        spent_at_start: Share of the budget that is already spent at T+00:00.
        title: Words for a status bar, such as ``Checkout availability``.
    """

    name: str
    service: str
    routes: tuple[str, ...]
    target: Fraction
    window: int
    spent_at_start: Fraction = Fraction(0)
    title: str = ""

    @property
    def allowance(self) -> Fraction:
        """Share of requests that may be bad: ``1 - target``."""
        return 1 - self.target

    @property
    def budget_minutes(self) -> float:
        """Minutes of full outage that the window allows."""
        return float(self.allowance * self.window / MINUTE)

    @property
    def target_text(self) -> str:
        """The target in per cent, without trailing zeros: ``99.9 %``."""
        percent = Decimal(self.target.numerator) * 100 / Decimal(self.target.denominator)
        return f"{percent.normalize():f} %"

    @property
    def window_text(self) -> str:
        """The window as OpenSLO and Prometheus write it: ``30d``, ``1h``."""
        for unit, letter in ((DAY, "d"), (HOUR, "h")):
            if self.window % unit == 0:
                return f"{self.window // unit}{letter}"
        return f"{self.window // MINUTE}m"

    @property
    def alert_name(self) -> str:
        """``checkout-availability`` as the alert's first words: ``CheckoutAvailability``."""
        return "".join(part[:1].upper() + part[1:] for part in self.name.replace("_", "-").split("-"))


def exact(share: float | str | Decimal) -> Fraction:
    """A share as written (0.999 is 999/1000, not the nearest binary number)."""
    return Fraction(str(share))
