"""Users who arrive whatever the answer: rates as k6 declares them, handed to the data plane as steps."""

from __future__ import annotations

from typing import Final, Protocol

from simulator.engine.environment import Environment
from simulator.scenario.objectives import Stage
from simulator.units import SECOND

#: A ramp becomes steps of this length, each at the ramp's mean rate over the step.
STEP: Final = SECOND

#: (from ns, requests a second), ascending.
Schedule = list[tuple[int, float]]


class Sources(Protocol):
    """What traffic needs of a data plane."""

    def set_rate(self, source: int, schedule: Schedule) -> None:
        """How often a source's users come from now on."""


def ramp(start: int, rate: float, stages: tuple[Stage, ...]) -> Schedule:
    """The steps of k6's stages.

    Args:
        start: When the first stage begins, ns.
        rate: Requests a second before it.
        stages: Each goes in a straight line to its target within its duration; a duration of 0 jumps.

    Returns:
        Steps from ``start`` on; after the last stage its target holds.
    """
    schedule: Schedule = []
    for stage in stages:
        passed = 0
        while passed < stage.duration:
            length = min(STEP, stage.duration - passed)
            middle = (passed + length / 2) / stage.duration
            schedule.append((start + passed, rate + (stage.target - rate) * middle))
            passed += length
        start += stage.duration
        rate = stage.target
    schedule.append((start, rate))
    return schedule


class Traffic:
    """The sources by name, and the schedule that each follows.

    Args:
        env: The clock.
        dataplane: Where the users arrive.
    """

    def __init__(self, env: Environment, dataplane: Sources) -> None:
        self._env = env
        self._dataplane = dataplane
        self._numbers: dict[str, int] = {}
        self._schedules: dict[str, Schedule] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Every source."""
        return tuple(self._numbers)

    def declare(self, name: str, number: int, schedule: Schedule) -> None:
        """Start a source of the data plane on its schedule."""
        self._numbers[name] = number
        self._follow(name, schedule)

    def rate_at(self, name: str, at: int) -> float:
        """Requests a second that a source is scheduled to send at ``at`` (ns)."""
        rate = 0.0
        for begin, each in self._schedules[name]:
            if begin > at:
                break
            rate = each
        return rate

    def set_rate(self, name: str, rate: float) -> None:
        """From now on, this rate."""
        self._follow(name, [(self._env.now, rate)])

    def set_stages(self, name: str, stages: tuple[Stage, ...]) -> None:
        """From now on, k6's stages, beginning at the rate of this moment."""
        now = self._env.now
        self._follow(name, ramp(now, self.rate_at(name, now), stages))

    def _follow(self, name: str, schedule: Schedule) -> None:
        self._schedules[name] = schedule
        self._dataplane.set_rate(self._numbers[name], schedule)
