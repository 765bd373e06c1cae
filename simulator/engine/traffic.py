"""Users as k6 declares them, arrivals at a rate or people who think, handed to the data plane as steps."""

from __future__ import annotations

from functools import partial
from typing import Final, Protocol

from simulator.distributions import Law
from simulator.engine.environment import Environment
from simulator.scenario.load import Profile, Stage
from simulator.scenario.load import Traffic as Source
from simulator.units import SECOND

#: A ramp becomes steps of this length, each at the ramp's mean rate over the step.
STEP: Final = SECOND

#: Periods of a wave that are laid out, more than any drill has.
WAVES: Final = 24

#: (from ns, requests a second or users), ascending.
Schedule = list[tuple[int, float]]


class Sources(Protocol):
    """What traffic needs of a data plane."""

    def set_rate(self, source: int, schedule: Schedule) -> None:
        """How often a source's users come from now on."""

    def set_users(self, source: int, count: int, think: Law) -> None:
        """How many users of a closed load there are from now on."""

    def set_patience(self, source: int, patience: int, *, attempts: int = 1, pause: int = 0) -> None:
        """How long users wait, and how often they try."""

    def bring_crowd(self, source: int, count: int, at: int) -> None:
        """So many users come at one instant."""


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


def curve(start: int, rate: float, profile: Profile) -> Schedule:
    """The steps of a profile.

    Args:
        start: When it begins, ns.
        rate: Requests a second before it, to which a spike returns.
        profile: Its kind and its ends.

    Returns:
        Steps of a hundredth of its duration, a second at least; a wave is laid out for ``WAVES`` periods.
    """
    step = max(STEP, profile.duration // 100)
    if profile.kind == "spike":
        half = profile.duration // 2
        stages = [(rate, profile.peak, half), (profile.peak, rate, profile.duration - half)]
        schedule: Schedule = []
        for begin, end, length in stages:
            for passed in range(0, length, step):
                middle = (passed + min(step, length - passed) / 2) / length
                schedule.append((start + passed, begin + (end - begin) * middle))
            start += length
        return [*schedule, (start, rate)]
    low = profile.low or 0.0
    return [
        (start + at, low + (profile.peak - low) * _wave((at + step / 2) / profile.duration))
        for at in range(0, WAVES * profile.duration, step)
    ]


def _wave(periods: float) -> float:
    """From 0 to 1 and back in each period, flat at both ends; by + - x alone, so every machine agrees."""
    place = periods % 1.0
    rising = 2 * place if place < 0.5 else 2 - 2 * place
    return rising * rising * (3 - 2 * rising)


class Traffic:
    """The sources by name, and the schedule that each follows: a rate of arrivals, or a number of users.

    Args:
        env: The clock.
        dataplane: Where the users arrive.
    """

    def __init__(self, env: Environment, dataplane: Sources) -> None:
        self._env = env
        self._dataplane = dataplane
        self._numbers: dict[str, int] = {}
        self._sources: dict[str, Source] = {}
        self._schedules: dict[str, Schedule] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """Every source."""
        return tuple(self._numbers)

    def declare(self, source: Source, number: int) -> None:
        """Start a source of the data plane on the schedule that it declares."""
        name, model = source.name, source.model
        self._numbers[name], self._sources[name] = number, source
        if model.patience or model.attempts > 1:
            self._dataplane.set_patience(number, model.patience, attempts=model.attempts, pause=model.pause)
        begin = float(source.initial_people) if source.closed else source.initial_rate
        schedule = [(self._env.now, begin)]
        # Stages begin at T+00:00: the warm-up is not part of the story.
        schedule += [each for each in ramp(0, begin, source.stages) if each[0] > self._env.now]
        self._follow(name, schedule)

    def rate_at(self, name: str, at: int) -> float:
        """What a source is scheduled to send at ``at`` (ns): requests a second, or users of a closed load."""
        rate = 0.0
        for begin, each in self._schedules[name]:
            if begin > at:
                break
            rate = each
        return rate

    def set_rate(self, name: str, rate: float) -> None:
        """From now on, this rate (of a closed load: this many users)."""
        self._follow(name, [(self._env.now, rate)])

    def set_stages(self, name: str, stages: tuple[Stage, ...]) -> None:
        """From now on, k6's stages, beginning at the rate of this moment."""
        now = self._env.now
        self._follow(name, ramp(now, self.rate_at(name, now), stages))

    def set_profile(self, name: str, profile: Profile) -> None:
        """From now on, a curve: once up and down from the rate of this moment, or a wave that goes on."""
        now = self._env.now
        self._follow(name, curve(now, self.rate_at(name, now), profile))

    def bring_crowd(self, name: str, count: int) -> None:
        """So many users more, all at this instant."""
        self._dataplane.bring_crowd(self._numbers[name], count, self._env.now)

    def _follow(self, name: str, schedule: Schedule) -> None:
        self._schedules[name] = schedule
        if not self._sources[name].closed:
            self._dataplane.set_rate(self._numbers[name], schedule)
            return
        for at, people in schedule:
            if at <= self._env.now:
                self._set_people(name, schedule, people)
            else:
                self._env.at(at, partial(self._set_people, name, schedule, people))

    def _set_people(self, name: str, schedule: Schedule, people: float) -> None:
        """One step of a closed load, unless another schedule has taken its place."""
        think = self._sources[name].model.think_time
        if self._schedules[name] is schedule and think is not None:
            self._dataplane.set_users(self._numbers[name], round(people), think.law)
