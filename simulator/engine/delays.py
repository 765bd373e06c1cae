"""How long things take on a node: each around its mean, drawn for one pod and one purpose."""

from __future__ import annotations

from typing import Final

from simulator.streams import Stream, fold, key
from simulator.world import Pod

#: What a delay is drawn for; a container's n-th restart draws at ``START + 16 * n``.
SANDBOX, START, PROBE_PHASE = 1, 2, 3
#: Between the draws of one purpose for one restart and the next.
RESTARTS: Final = 16


def instance_key(pod: Pod) -> int:
    """The 64-bit key of a pod's own luck: the same for the same (owner, revision, ordinal) in every run."""
    return fold(key(pod.deployment), pod.revision, pod.ordinal)


class Delays:
    """The draws of one run.

    Args:
        seed: Of the run.
    """

    def __init__(self, seed: int) -> None:
        self._luck = Stream(seed, "pod-start")

    def varied(self, mean: int, pod: Pod, purpose: int) -> int:
        """A time around its mean, from 0.8 to 1.2 of it, drawn for this pod and purpose."""
        return round(mean * (0.8 + 0.4 * self._luck.uniform(instance_key(pod), purpose)))

    def within(self, span: int, pod: Pod, purpose: int) -> int:
        """A time from 0 up to ``span``, drawn for this pod and purpose."""
        return round(span * self._luck.uniform(instance_key(pod), purpose))
