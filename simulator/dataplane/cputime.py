"""CPU time as machines can have spent it.

A request's CPU is counted whole when it begins to compute, which costs the event loop one addition. Where
many begin at once, more is counted than their process can have used by then; whoever reads the counts at
intervals holds back what the processors had no time for, and shows it as soon as they had.
"""

from __future__ import annotations

import numpy as np

from simulator.dataplane.state import Ints


class CpuTime:
    """CPU-ns that instances have spent, for one reader, who reads forwards in time."""

    def __init__(self) -> None:
        self._at = 0
        self._spent: Ints | None = None

    def spent(self, at: int, counted: Ints, millicores: Ints) -> Ints:
        """What was counted, as far as the instances' processors can have got since the last reading.

        Args:
            at: Now, ns.
            counted: (I,) CPU-ns of all requests that began to compute; instances are only ever added.
            millicores: (I,) what each instance can keep busy at once.
        """
        if self._spent is None:
            spent = counted
        else:
            before = np.zeros_like(counted)
            before[: len(self._spent)] = self._spent
            spent = np.minimum(counted, before + millicores * (at - self._at) // 1000)
        self._at, self._spent = at, spent
        return spent
