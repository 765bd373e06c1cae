"""What was promised: one service-level objective in OpenSLO's terms, and how its budget is counted.

**The budget.** Its unit depends on OpenSLO's ``budgetingMethod``:

* ``Occurrences``: requests. Of those that the window is expected to hold, a share ``target`` must be good.
* ``Timeslices``: slices of ``slice_window``. A slice is good where at least ``slice_target`` of its requests
  were good; a share ``target`` of the slices must be good, however few requests a slice had.
* ``RatioTimeslices``: the same slices, each worth its own share of good requests; their mean must reach
  ``target``.

``allowed = (1 - target) * expected``, where ``expected`` is the number of units that the window is expected
to hold, fixed when the run begins: for requests those of the recorded history plus the warm-up at its planned
rate. So the budget is one number for the whole run. A learner who turns users away can neither grow it nor
shrink it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from simulator.slo.indicator import AVAILABILITY, Indicator
from simulator.slo.periods import Periods
from simulator.units import DAY, HOUR, MINUTE

Method = Literal["Occurrences", "Timeslices", "RatioTimeslices"]


@dataclass(frozen=True, slots=True)
class Objective:
    """One SLO.

    Attributes:
        name: The OpenSLO object's name, such as ``checkout-availability``.
        service: The service at whose door the requests are counted.
        routes: The routes that count; empty for all of the service.
        target: Share of good units, exact, such as 999/1000.
        window: Length of the rolling window, or of the calendar period that holds T+00:00, ns.
        spent_at_start: Share of the budget that is already spent at T+00:00.
        title: Words for a status bar, such as ``Checkout availability``.
        owner: The service whose promise it is; empty where it is ``service``.
        indicator: What makes a request good.
        method: What the budget is counted in.
        slice_window: Length of a slice, ns, whole minutes; 0 for ``Occurrences``.
        slice_target: Share of good requests that makes a slice good; 0 but for ``Timeslices``.
        periods: The calendar's periods; None for a rolling window.
    """

    name: str
    service: str
    routes: tuple[str, ...]
    target: Fraction
    window: int
    spent_at_start: Fraction = Fraction(0)
    title: str = ""
    owner: str = ""
    indicator: Indicator = AVAILABILITY
    method: Method = "Occurrences"
    slice_window: int = 0
    slice_target: Fraction = Fraction(0)
    periods: Periods | None = None

    @property
    def allowance(self) -> Fraction:
        """Share of units that may be bad: ``1 - target``."""
        return 1 - self.target

    @property
    def budget_minutes(self) -> float:
        """Minutes of full outage that the window allows."""
        return float(self.allowance * self.window / MINUTE)

    @property
    def promised_by(self) -> str:
        """The service whose promise it is; ``sloth_service`` of the rules."""
        return self.owner or self.service

    @property
    def sliced(self) -> bool:
        """Whether the budget is counted in slices of time."""
        return self.method != "Occurrences"

    @property
    def unit(self) -> str:
        """What the budget is counted in: ``requests``, ``minutes`` (of a threshold) or ``slices``."""
        if self.sliced:
            return "slices"
        return "minutes" if self.indicator.threshold is not None else "requests"

    @property
    def target_text(self) -> str:
        """The target in per cent, without trailing zeros: ``99.9 %``."""
        percent = Decimal(self.target.numerator) * 100 / Decimal(self.target.denominator)
        return f"{percent.normalize():f} %"

    @property
    def window_text(self) -> str:
        """The window as OpenSLO and Prometheus write it: ``30d``, ``1h``; a calendar's in words."""
        if self.periods is not None:
            return self.periods.text
        for unit, letter in ((DAY, "d"), (HOUR, "h")):
            if self.window % unit == 0:
                return f"{self.window // unit}{letter}"
        return f"{self.window // MINUTE}m"

    @property
    def alert_name(self) -> str:
        """``checkout-availability`` as the alert's first words: ``CheckoutAvailability``."""
        return "".join(part[:1].upper() + part[1:] for part in self.name.replace("_", "-").split("-"))

    def window_start(self, at: int) -> int:
        """Where the window that ends at ``at`` begins, ns: the budget counts what came after."""
        return at - self.window if self.periods is None else self.periods.containing(at)[0]


def exact(share: float | str | Decimal) -> Fraction:
    """A share as written (0.999 is 999/1000, not the nearest binary number)."""
    return Fraction(str(share))
