"""A live drill is its journal: at any speed of the clock, with acts at any instant, it replays in turns."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import pytest

from simulator.coach import Coach
from simulator.drill import Act, Run, replay
from simulator.errors import GamedayError
from simulator.lab import Console, clock
from simulator.lab.clock import PERIOD, LiveClock
from simulator.units import SECOND
from tests.drill_stage import fresh, scenario

LINES = (
    "kubectl get pods",
    "page ack",
    "kubectl rollout history deployment/app",
    "kubectl scale deployment/app --replicas=5",
    "note predict it gets faster",
    "hint",
    "kubectl rollout undo deployment/app",
    "kubectl rollout status deployment/app --timeout=300s",
    'statuspage monitoring "Back to the old release."',
    "kubectl get events",
)


class FakeTime:
    """A learner's clock that only sleeping moves, by a little more than was asked for."""

    def __init__(self, late: Iterator[float]) -> None:
        self.now = 0.0
        self._late = late

    def monotonic(self) -> float:
        """Seconds."""
        return self.now

    async def sleep(self, delay: float) -> None:
        """Wake up late, as a busy notebook does; a mere look at the loop takes no time."""
        if delay:
            self.now += delay + next(self._late)
        await real_sleep(0)


real_sleep = asyncio.sleep


def punctual() -> Iterator[float]:
    """Never late: at ×10 every tick ends on a scrape, at ×60 on every sixth."""
    while True:
        yield 0.0


def ragged() -> Iterator[float]:
    """Late by odd fractions of a second; a period is all that counts, so some ticks are cut."""
    step = 0
    while True:
        step += 1
        yield (step * 7919 % 311) / 1009


def live(path: Path, speed: int, late: Iterator[float], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Play live: lines at the first tick after every twenty seconds, two in one instant now and then."""
    fake = FakeTime(late)
    monkeypatch.setattr(clock, "time", SimpleNamespace(monotonic=fake.monotonic))
    monkeypatch.setattr(clock, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": fake.sleep}))
    run = fresh_at(path)
    coach = Coach(run)
    lines, due = list(LINES), 100 * SECOND

    def tick() -> None:
        nonlocal due
        if run.now >= due and lines:
            for line in (lines.pop(0), *(lines[:1] if len(lines) % 3 == 0 else ())):
                run.apply(Act(run.now, line))
                coach.follow_up()
            due = run.now + 20 * SECOND
        if not lines:
            playing.pause()

    playing = LiveClock(run.advance, lambda: run.now, lambda: run.ended, tick, trouble)
    playing.speed = speed
    asyncio.run(until_paused(playing))
    run.finish()
    return run


def fresh_at(path: Path) -> Run:
    """The small incident, journalled."""
    return Run(scenario(), 11, journal=path)


def trouble(error: BaseException) -> None:
    """The clock's own errors are the test's."""
    raise error


async def until_paused(playing: LiveClock) -> None:
    """Play until somebody pauses."""
    playing.play()
    while playing.playing:
        await real_sleep(0)


@pytest.mark.parametrize("late", [punctual, ragged])
@pytest.mark.parametrize("speed", [1, 10, 60])
def test_a_live_run_replays_in_turns_to_the_same_bytes(
    speed: int, late: Callable[[], Iterator[float]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At ×1, ×10 and ×60, ticks on scrapes or anywhere: acts, answers, lines and digest come again."""
    path = tmp_path / "live.jsonl"
    run = live(path, speed, late(), monkeypatch)
    coaches: list[Coach] = []
    again = replay(path, scenario=scenario(), attach=lambda other: coaches.append(Coach(other)), to_end=True)
    assert len(run.acts) > len(LINES)
    assert run.acts == again.acts
    assert [answer.text for answer in run.transcript] == [answer.text for answer in again.transcript]
    assert run.digest == again.digest
    said = next(each for each in run.listeners if isinstance(each, Coach))
    assert said.lines == coaches[0].lines


def test_acts_on_the_instants_of_scrapes_and_probes_replay(tmp_path: Path) -> None:
    """Scrapes come every 5 s, probes every 10 s of a pod's own: acts on each of them, two in one instant."""
    path = tmp_path / "run.jsonl"
    run = fresh_at(path)
    for number, line in enumerate(LINES):
        at = 60 * SECOND + number * 15 * SECOND
        run.apply(Act(max(run.now, at), line))
        run.apply(Act(run.now, f"note {number}"))
        run.advance((run.now // (10 * SECOND) + 1) * 10 * SECOND)
        run.apply(Act(run.now, "kubectl get pods -l app=myapp"))
    run.finish()
    again = replay(path, scenario=scenario(), to_end=True)
    assert (run.acts, run.digest) == (again.acts, again.digest)
    assert [answer.text for answer in run.transcript] == [answer.text for answer in again.transcript]


@pytest.mark.parametrize(("mode", "stops"), [("lesson", True), ("game-day", False)])
def test_a_clock_that_runs_stops_in_a_lesson_and_not_in_a_game_day(mode: str, stops: bool) -> None:
    """The button, the message and the method all keep the rule; the page is told whether there is a pause."""

    async def scene() -> tuple[bool, bool]:
        console = Console(fresh(mode=mode))
        console.pause()  # a clock that stands may be told so in any mode
        console.play(60)
        console._receive(console, {"do": "pause"}, [])
        by_message = console._clock.playing
        if not by_message:
            console.play(60)
        with nullcontext() if stops else pytest.raises(GamedayError, match="runs to the end"):
            console.pause()
        by_method = console._clock.playing
        console.close()
        return by_message, by_method

    assert (not stops, not stops) == asyncio.run(scene())
    assert stops is Console(fresh(mode=mode)).frame["clock"]["pausable"]


def test_the_period_is_what_the_fake_counts_by() -> None:
    """The scenes above rest on half a second of the learner's a tick."""
    assert 0.5 == PERIOD
