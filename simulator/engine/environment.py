"""The one clock: SimPy holds it, and the data plane is brought along before any control event happens.

Ties have one rule. At an instant *t*: the data plane has run what lies strictly before *t*; a learner's act
at *t* comes next; then the control events of *t*, in the order in which they were scheduled; then the data
plane's own events of *t*, which happen at the start of the next advance.

What the data plane has to tell (a probe that failed, a process out of memory) stops it at that very instant:
those who listen hear of it before anything later happens.
"""

from __future__ import annotations

from collections.abc import Callable
from heapq import heappop
from typing import Protocol

import simpy
from simpy.core import EmptySchedule, StopSimulation
from simpy.events import EventPriority

from simulator.dataplane import Signal
from simulator.errors import SimulationError
from simulator.units import format_clock


class Clocked(Protocol):
    """What the environment needs of a data plane."""

    def advance_to_signal(self, until: int) -> Signal | None:
        """Carry out every request event strictly before ``until`` (ns), or up to the first that tells."""


class Environment(simpy.Environment):
    """A SimPy environment in integer nanoseconds that carries a data plane along.

    Args:
        dataplane: Advanced to the time of each control event before the event happens.
        start: The first instant, ns; negative before T+00:00.
    """

    def __init__(self, dataplane: Clocked, start: int = 0) -> None:
        super().__init__(start)
        self._dataplane = dataplane
        self._carried_to = start
        self._listeners: list[Callable[[Signal], None]] = []

    @property
    def now(self) -> int:
        """Simulated time, ns."""
        return int(self._now)

    def advance(self, until: int) -> None:
        """Go to ``until``: every control event strictly before it, then the data plane up to it.

        Control events at ``until`` itself wait for the next advance, so that an act at ``until`` precedes
        them. An advance of zero length is legal and does nothing.

        Args:
            until: ns.

        Raises:
            SimulationError: ``until`` lies in the past.
        """
        if until < self.now:
            raise SimulationError(
                "advance",
                expected=f"a time from {format_clock(self.now)} on",
                got=format_clock(until),
                todo="Simulated time never goes back; replay the run to see an earlier minute.",
            )
        while True:
            while self.peek() < until:
                self.step()
            if self._carry(until):
                break
        self._now = until

    def listen(self, listener: Callable[[Signal], None]) -> None:
        """Have ``listener`` called, at its instant, with whatever the data plane has to tell."""
        self._listeners.append(listener)

    def step(self) -> None:
        """Carry out the next control event, with the data plane brought to its time first.

        If the data plane has something to tell before that time, that is the event. A process that
        fails ends the run with the exception it raised. (SimPy would raise a copy made from ``args`` alone,
        which the kit's errors do not allow: their four parts are named.)
        """
        if not self._queue:
            raise EmptySchedule
        if not self._carry(int(self._queue[0][0])):
            return
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

    def at(self, instant: int, action: Callable[[], None]) -> None:
        """Call ``action`` as a control event at ``instant`` (ns, not in the past)."""
        timer = self.timeout(instant - self.now)
        timer.callbacks.append(lambda _: action())

    def _carry(self, until: int) -> bool:
        """Bring the data plane to ``until``; several control events may share one instant.

        Returns:
            False when it stopped before, at a signal that its listeners have heard by now.
        """
        if until <= self._carried_to:
            return True
        signal = self._dataplane.advance_to_signal(until)
        if signal is None:
            self._carried_to = until
            return True
        self._now = self._carried_to = signal.at
        for listener in self._listeners:
            listener(signal)
        return False
