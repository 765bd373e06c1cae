"""The clock of a pipeline: SimPy's, in integer nanoseconds, whose errors reach the caller as they are."""

from __future__ import annotations

from heapq import heappop

import simpy
from simpy.core import EmptySchedule, StopSimulation
from simpy.events import EventPriority


class Clock(simpy.Environment):
    """A SimPy environment from instant 0 on.

    SimPy raises a copy of a process's exception made from its ``args`` alone, which the kit's errors with
    their named parts do not allow; here the exception itself is raised.
    """

    def __init__(self) -> None:
        super().__init__(0)

    def step(self) -> None:
        """Carry out the next event."""
        if not self._queue:
            raise EmptySchedule
        self._now, _, _, event = heappop(self._queue)
        callbacks, event.callbacks = event.callbacks, None  # type: ignore[assignment]
        for place, callback in enumerate(callbacks):
            try:
                callback(event)
            except StopSimulation:
                event.callbacks = callbacks[place + 1 :]
                self.schedule(event, EventPriority(-1))
                raise
        if not event.ok and not event.defused:
            failure = event.value
            assert isinstance(failure, BaseException)
            raise failure
