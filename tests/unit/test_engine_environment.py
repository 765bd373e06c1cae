"""One clock for control and requests, and the rule for what happens at the same instant."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from simpy.core import EmptySchedule

from simulator.engine import Environment
from simulator.engine.reconciler import CONTROL_LATENCY, Reconciler
from simulator.errors import SimulationError
from simulator.units import SECOND
from tests.engine_stage import FakePlane


class Story:
    """An environment that writes down what happens, data plane included."""

    def __init__(self, start: int = 0) -> None:
        self.plane = FakePlane()
        self.env = Environment(self.plane, start)

    @property
    def lines(self) -> list[tuple[object, ...]]:
        return self.plane.calls

    def event(self, at: int, text: str) -> None:
        self.env.at(at, lambda: self.lines.append((text, self.env.now)))


def test_the_data_plane_reaches_an_instant_before_its_control_events() -> None:
    """Requests strictly before t, then the control events of t; several of them share one advance."""
    story = Story()
    story.event(5, "a")
    story.event(5, "b")
    story.event(9, "c")
    story.env.advance(10)
    assert story.lines == [("advance", 5), ("a", 5), ("b", 5), ("advance", 9), ("c", 9), ("advance", 10)]


def test_an_act_at_an_instant_precedes_its_control_events() -> None:
    """Advancing to t leaves the control events of t for the next advance, so an act at t comes first."""
    story = Story()
    story.event(5, "probe")
    story.env.advance(5)
    story.lines.append(("act", story.env.now))
    story.env.advance(6)
    assert story.lines == [("advance", 5), ("act", 5), ("probe", 5), ("advance", 6)]


def test_what_an_act_sets_off_at_its_instant_follows_what_was_due_there() -> None:
    """A wake-up made by the act at t runs at t, after the control events that had been scheduled for t."""
    story = Story()
    story.event(5, "scrape")
    story.env.advance(5)
    story.event(5, "woken")
    story.env.advance(6)
    assert story.lines == [("advance", 5), ("scrape", 5), ("woken", 5), ("advance", 6)]


def test_an_advance_of_zero_length_does_nothing() -> None:
    """Two acts in one instant are legal: nothing moves between them."""
    story = Story(-10)
    story.event(5, "probe")
    story.env.advance(5)
    before = list(story.lines)
    story.env.advance(5)
    assert story.lines == before
    assert story.env.now == 5


def test_time_never_goes_back() -> None:
    """An advance into the past is refused in four parts."""
    story = Story()
    story.env.advance(2 * SECOND)
    with pytest.raises(SimulationError, match=r"a time from T\+00:02 on"):
        story.env.advance(SECOND)


def test_the_clock_is_an_integer_and_may_be_negative() -> None:
    """The world begins before T+00:00."""
    story = Story(-600 * SECOND)
    assert story.env.now == -600 * SECOND
    story.env.advance(0)
    assert story.env.now == 0
    assert isinstance(story.env.now, int)


def test_a_failing_process_ends_the_run_with_its_own_exception() -> None:
    """The four parts survive: SimPy's copy would have lost them."""
    story = Story()

    def broken() -> Generator[object, object, None]:
        yield story.env.timeout(3)
        raise SimulationError("pod", expected="idle", got="busy", todo="Drain it.")

    story.env.process(broken())  # type: ignore[arg-type]
    with pytest.raises(SimulationError, match="pod: expected idle, got busy") as caught:
        story.env.advance(4)
    assert caught.value.todo == "Drain it."


def test_simpys_own_run_still_works() -> None:
    """``run(until)`` stops on time and carries the data plane along."""
    story = Story()
    story.event(5, "a")
    story.env.run(until=7)
    assert story.lines[:3] == [("advance", 5), ("a", 5), ("advance", 7)]
    with pytest.raises(EmptySchedule):
        Story().env.step()


def test_changes_that_come_together_are_one_look() -> None:
    """A reconciler looks once, a control latency later; what comes meanwhile joins, the rest waits."""
    env, looked = Environment(FakePlane()), list[tuple[str, int]]()
    queue = Reconciler(env, lambda name: looked.append((name[1], env.now)))
    for name in ("a", "b", "a"):
        queue.enqueue("production", name)
    env.advance(CONTROL_LATENCY // 2)
    queue.enqueue("production", "a")
    env.advance(SECOND)
    assert looked == [("a", CONTROL_LATENCY), ("b", CONTROL_LATENCY)]
    queue.enqueue("production", "b")
    env.advance(2 * SECOND)
    assert looked[2:] == [("b", SECOND + CONTROL_LATENCY)]


def test_an_alarm_rings_once_at_its_time() -> None:
    """What only time brings is looked at when it is due; the same alarm twice is one."""
    env, looked = Environment(FakePlane()), list[int]()
    queue = Reconciler(env, lambda _: looked.append(env.now))
    queue.enqueue_at("production", "a", 5 * SECOND)
    queue.enqueue_at("production", "a", 5 * SECOND)
    env.advance(10 * SECOND)
    assert looked == [5 * SECOND + CONTROL_LATENCY]
