"""The console without a browser: what the page sends, the live clock, threads, and what breaks."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from simulator.coach import Coach
from simulator.errors import GamedayError
from simulator.lab.clock import LiveClock
from simulator.lab.console import Console
from simulator.units import MINUTE, SECOND, from_seconds
from tests.drill_stage import fresh


def console() -> Console:
    """A console of the small incident with James."""
    run = fresh()
    return Console(run, Coach(run))


def say(made: Console, **content: object) -> None:
    """A message as the page sends it."""
    made._receive(made, content, [])


def test_a_line_typed_in_the_page_is_an_act_of_the_run() -> None:
    """The transcript, the clock and the journal see the same line as drill.run would write."""
    made = console()
    say(made, do="line", line="kubectl get pods -n production")
    assert ["kubectl get pods -n production"] == [act.line for act in made._run.acts]
    assert 5.0 == made.frame["clock"]["now"]
    assert "NAME" in made.transcript[-1]["text"]


def test_a_wrong_line_is_answered_and_costs_nothing() -> None:
    """As the real tool would answer it, in the terminal; the console itself is fine."""
    made = console()
    say(made, do="line", line="kubectl gte pods")
    assert not made.transcript[-1]["ok"]
    assert 0.0 == made.frame["clock"]["now"]
    assert "" == made.trouble


def test_an_unknown_message_or_service_is_shown_and_never_silent() -> None:
    """Where, what was expected, what came, what to do: in the console itself."""
    made = console()
    say(made, do="select", service="nonsense")
    assert "expected one of app, db, got 'nonsense'" in made.trouble


def test_a_fault_of_the_simulator_is_shown_with_its_place() -> None:
    """A callback's exception would vanish in the kernel's log; the learner must see it."""
    made = console()
    made._scene.frame = None  # type: ignore[assignment]
    say(made, do="line", line="help")
    assert "TypeError" in made.trouble and "the run itself is kept" in made.trouble


def test_selecting_a_service_brings_its_charts() -> None:
    """And the tabs follow."""
    made = console()
    say(made, do="select", service="db")
    say(made, do="tab", tab="rollout")
    assert "db" == made.frame["signals"]["service"]
    assert any("db:15" in cell for row in made.pane["rows"] for cell in row)


def test_methods_do_what_buttons_do() -> None:
    """Everything that a widget does, a function does too; a wrong argument is told in four parts."""
    made = console()
    made.speed(60)
    made.select("db")
    made.open_tab("events")
    assert 60 == made.frame["clock"]["speed"]
    assert "db" == made.frame["signals"]["service"]
    with pytest.raises(GamedayError, match="expected 1, 10, 60"):
        made.speed(7)
    with pytest.raises(GamedayError, match="expected one of app, db"):
        made.select("x")
    with pytest.raises(GamedayError, match="expected one of signals"):
        made.open_tab("x")


def test_another_thread_does_not_touch_the_run() -> None:
    """A run has one owner thread: what reaches it from elsewhere is refused aloud."""
    made = console()
    thread = threading.Thread(target=made._handle, args=({"do": "line", "line": "help"},))
    thread.start()
    thread.join()
    assert [] == made._run.acts
    assert "another thread" in made.trouble


def test_a_message_on_another_thread_crosses_to_the_loop_that_shows_the_console() -> None:
    """Jupyter delivers all but the first message off the main thread; they still act there, in order."""

    async def scene() -> list[str]:
        made = console()
        made._repr_mimebundle_()
        lines = ("kubectl get pods", "kubectl get deployments")
        for line in lines:
            await asyncio.to_thread(say, made, do="line", line=line)
        while len(made._run.acts) < len(lines):
            await asyncio.sleep(0)
        assert "" == made.trouble
        return [act.line for act in made._run.acts]

    assert ["kubectl get pods", "kubectl get deployments"] == asyncio.run(scene())


def test_acts_of_a_cell_appear_in_a_console_that_is_shown() -> None:
    """drill.run in a cell needs no second call to be seen."""

    async def scene() -> int:
        made = console()
        made._repr_mimebundle_()
        made._run.do("kubectl get pods")
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return len(made.transcript)

    assert 1 == asyncio.run(scene())


def test_long_answers_are_cut_and_say_so() -> None:
    """The page gets the beginning of a very long answer; Python has it all."""
    made = console()
    made._run.advance(4 * MINUTE)
    made.line("kubectl logs -l app=myapp --tail=400")
    entry = made.transcript[-1]
    assert len(entry["text"]) < 13_000
    assert len(entry["text"]) <= len(made._run.transcript[-1].text)


class Stage:
    """A clock that advances a number, on a loop of its own."""

    def __init__(self, *, length: int = 10**6 * SECOND) -> None:
        self.now = 0
        self.ticks = 0
        self.troubles: list[BaseException] = []
        self.clock = LiveClock(
            self.advance, lambda: self.now, lambda: self.now >= length, self.tick, self.troubles.append
        )

    def advance(self, until: int) -> None:
        """Time passes."""
        self.now = until

    def tick(self) -> None:
        """The console would be refreshed."""
        self.ticks += 1


def test_time_runs_at_the_speed_that_was_asked_for() -> None:
    """At ×60 half a second of the learner's is about half a minute."""

    async def scene() -> float:
        stage = Stage()
        stage.clock.speed = 60
        stage.clock.play()
        await asyncio.sleep(1.2)
        stage.clock.pause()
        return stage.now / SECOND

    assert 30 <= asyncio.run(scene()) <= 90


def test_time_is_not_caught_up_after_a_cell_that_blocked() -> None:
    """Two seconds of a busy main thread are at most one period of simulated time."""

    async def scene() -> float:
        stage = Stage()
        stage.clock.speed = 10
        stage.clock.play()
        await asyncio.sleep(0)
        time.sleep(2)
        await asyncio.sleep(0.01)
        await asyncio.sleep(0)
        stage.clock.pause()
        return stage.now / SECOND

    assert asyncio.run(scene()) <= 10


def test_pause_is_obeyed_inside_a_tick() -> None:
    """A pause that comes while a long tick is under way stops it at the next slice."""

    async def scene() -> int:
        stage = Stage()
        stage.clock.speed = 60

        def advance(until: int) -> None:
            stage.now = until
            stage.clock.pause()

        stage.clock._advance = advance
        stage.clock.play()
        await asyncio.sleep(0.7)
        return stage.now

    assert asyncio.run(scene()) <= from_seconds(2)


def test_an_error_of_the_clock_is_handed_over_and_stops_it() -> None:
    """Never silent: the console shows it."""

    async def scene() -> Stage:
        stage = Stage()

        def broken(until: int) -> None:
            raise ValueError(f"no {until}")

        stage.clock._advance = broken
        stage.clock.play()
        await asyncio.sleep(0.7)
        return stage

    stage = asyncio.run(scene())
    assert isinstance(stage.troubles[0], ValueError)
    assert not stage.clock.playing


def test_one_clock_plays_at_a_time() -> None:
    """A cell that runs again replaces its console; the old clock stops."""

    async def scene() -> tuple[bool, bool]:
        first, second = Stage(), Stage()
        first.clock.play()
        second.clock.play()
        await asyncio.sleep(0)
        playing = (first.clock.playing, second.clock.playing)
        second.clock.close()
        return playing

    assert (False, True) == asyncio.run(scene())


def test_the_clock_ends_with_the_drill() -> None:
    """Nothing plays on after the last second, and the console hears of it."""

    async def scene() -> tuple[bool, int]:
        stage = Stage(length=SECOND)
        stage.clock.speed = 60
        stage.clock.play()
        await asyncio.sleep(0.7)
        return stage.clock.playing, stage.ticks

    playing, ticks = asyncio.run(scene())
    assert not playing
    assert ticks >= 1
