"""The live clock: simulated time that runs by itself, at ×1 to ×60, on the notebook's main loop.

What is known about notebooks is built in here. The clock is one asyncio task on the *main* loop; whoever
calls from another thread goes through ``call_soon_threadsafe``, except that :meth:`pause` raises its flag
at once. A tick stays under its period and is cut into slices between which the loop may answer a button.
Time is never caught up: after a cell that blocked for a minute the clock goes on where it was. One clock
plays at a time in a kernel, for a person is on one call at a time. An error of the task is handed to
``on_trouble``, never lost.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import ClassVar, Final

from simulator.units import SECOND, from_seconds

PERIOD: Final = 0.5
"""Seconds between refreshes: 2 Hz."""
SLICE: Final = 2 * SECOND
"""Simulated time between two looks at the pause flag."""
SPEEDS: Final = (1, 10, 60)


class LiveClock:
    """Advances something while it plays.

    Args:
        advance: Moves the clock to an instant (ns).
        now: The instant now, ns.
        ended: Whether there is nothing left to play.
        on_tick: Called after each tick, and once when the clock stops.
        on_trouble: Called with an error of the task.
        speed: Simulated seconds in a second of the learner's, to begin with.

    Attributes:
        speed: Simulated seconds in a second of the learner's.
    """

    _playing: ClassVar[LiveClock | None] = None

    def __init__(
        self,
        advance: Callable[[int], None],
        now: Callable[[], int],
        ended: Callable[[], bool],
        on_tick: Callable[[], None],
        on_trouble: Callable[[BaseException], None],
        *,
        speed: int = 10,
    ) -> None:
        self._advance = advance
        self._now = now
        self._ended = ended
        self._on_tick = on_tick
        self._on_trouble = on_trouble
        self._task: asyncio.Task[None] | None = None
        self._wanted = False
        self.speed = speed

    @property
    def playing(self) -> bool:
        """The clock runs, and nobody has asked it to stop."""
        return self._wanted

    def play(self) -> None:
        """Start; call on the main loop. Another clock that plays in this kernel is paused."""
        if self._wanted or self._ended():
            return
        other = LiveClock._playing
        if other is not None and other is not self:
            other.pause()
        LiveClock._playing = self
        self._wanted = True
        if self._task is not None:
            self._task.cancel()
        self._task = asyncio.get_running_loop().create_task(self._run())

    def pause(self) -> None:
        """Stop at once; any thread may call. The task sees the flag before its next slice of time."""
        self._wanted = False

    def close(self) -> None:
        """Stop and forget the task; call on the main loop."""
        self.pause()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        if LiveClock._playing is self:
            LiveClock._playing = None

    @classmethod
    def close_other(cls, mine: LiveClock) -> None:
        """Stop the clock of a console that was shown before: a cell that runs again replaces it."""
        if cls._playing is not None and cls._playing is not mine:
            cls._playing.pause()

    async def _run(self) -> None:
        try:
            last = time.monotonic()
            while self._wanted and not self._ended():
                await asyncio.sleep(max(0.0, PERIOD - (time.monotonic() - last)))
                passed = min(time.monotonic() - last, PERIOD)  # never catch up after a cell that blocked
                last = time.monotonic()
                await self._tick(self._now() + from_seconds(passed * self.speed))
                if self._wanted:
                    self._on_tick()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 - shown in the console; a task's error is otherwise silent
            self._on_trouble(error)
        finally:
            self._wanted = False
            self._on_tick()

    async def _tick(self, until: int) -> None:
        speed = self.speed
        while self._wanted and not self._ended() and self._now() < until:
            self._advance(min(until, self._now() + SLICE))
            if self.speed < speed:  # it was slowed down inside the slice: the rest of the tick is not due
                return
            await asyncio.sleep(0)
