"""Laws of the times of a pipeline: minutes to days, drawn by the exact tables of the kit's laws.

A law of requests ends at minutes; here its shape is read at a mean of one second and stretched in whole
numbers, so that a draw is the same on every machine.
"""

from __future__ import annotations

from dataclasses import dataclass

from simulator.distributions import Kind, Law
from simulator.errors import GamedayError
from simulator.units import DAY, SECOND, format_duration

#: No step, and nobody's answer, has a longer mean.
LONGEST_MEAN = 30 * DAY
#: p99 / mean is kept to this fineness, so that laws of one shape share their table.
_GRAIN = 100


@dataclass(frozen=True, slots=True)
class StepLaw:
    """A law of durations.

    Attributes:
        kind: As in :class:`simulator.distributions.Law`.
        mean: Nanoseconds.
        p99: Nanoseconds; for ``lognormal`` alone. Its ratio to the mean counts to one per cent.

    Raises:
        GamedayError: The numbers fit no such law.
    """

    kind: Kind
    mean: int
    p99: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.mean <= LONGEST_MEAN:
            raise GamedayError(
                "mean",
                expected=f"a time above 0 and up to {format_duration(LONGEST_MEAN)}",
                got=format_duration(self.mean),
                todo="Give a shorter mean.",
            )
        self.shape()

    def shape(self) -> Law:
        """The law of one second with the same form."""
        if self.p99 is None:
            return Law(self.kind, SECOND)
        return Law(self.kind, SECOND, SECOND * round(_GRAIN * self.p99 / self.mean) // _GRAIN)

    def draw(self, bits: int) -> int:
        """The duration for 64 fair bits, ns."""
        return self.shape().quantile(bits) * self.mean // SECOND
