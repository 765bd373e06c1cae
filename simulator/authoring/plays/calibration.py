"""CPU time in units of a loop that this process runs itself: machines differ, and are never quiet."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

#: Tells the CPU seconds of this process, as ``time.process_time`` does; whoever has a clock passes it in.
Clock = Callable[[], float]
#: Rounds of the loop; some 60 ms of CPU on the machine on which the budget was set.
_ROUNDS: Final = 400_000


class Cost(NamedTuple):
    """What something cost: CPU seconds of this process, and the same in units of the loop."""

    seconds: float
    ratio: float


def timed(work: Callable[[], None], clock: Clock) -> Cost:
    """Do the work between two loops, and compare its CPU time with theirs."""
    before = _loop(clock)
    begun = clock()
    work()
    took = clock() - begun
    loop = (before + _loop(clock)) / 2
    return Cost(took, took / loop)


def _loop(clock: Clock) -> float:
    begun = clock()
    state = 1
    for number in range(_ROUNDS):
        state = (state * 0x5851F42D4C957F2D + number) & 0xFFFFFFFFFFFFFFFF
    assert state, "the loop has a result, so that nobody may leave it out"
    return max(clock() - begun, 1e-6)
