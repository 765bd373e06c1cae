"""The chance of a pipeline: each draw is keyed by the change that it is about, never by the order of events.

So two runs that differ in one decision meet the same changes with the same mistakes, the same slow tests and
the same people, and their difference is the decision.
"""

from __future__ import annotations

from simulator.pipeline.laws import StepLaw
from simulator.streams import Stream, key


class Luck:
    """All draws of one simulation.

    Args:
        seed: Whose luck.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, Stream] = {}

    def bits(self, purpose: str, *parts: int | str) -> int:
        """64 fair bits for a purpose and what it is about."""
        stream = self._streams.get(purpose)
        if stream is None:
            stream = self._streams[purpose] = Stream(self.seed, f"pipeline/{purpose}")
        return stream.bits(*(key(part) if isinstance(part, str) else part for part in parts))

    def uniform(self, purpose: str, *parts: int | str) -> float:
        """A uniform number in [0, 1)."""
        return (self.bits(purpose, *parts) >> 11) * 2.0**-53

    def draw(self, law: StepLaw, purpose: str, *parts: int | str) -> int:
        """A duration, ns."""
        return law.draw(self.bits(purpose, *parts))
