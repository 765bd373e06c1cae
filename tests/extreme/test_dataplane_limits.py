"""The data plane at its limits: what grows, grows exactly; what may not grow is refused in four parts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from simulator.dataplane import (
    DEFAULT_LIMIT,
    DataPlane,
    Probe,
    Size,
    Topic,
    estimate,
    memory,
    refuse_beyond,
)
from simulator.distributions import Law
from simulator.errors import GamedayError, SimulationError
from simulator.units import MILLISECOND, SECOND
from tests.determinism.test_dataplane_pairs import same
from tests.planes import one_tier, two_tiers, wide_tiers
from tests.unit.test_dataplane_topics import stage


def overloaded() -> DataPlane:
    """A queue without end: a thousand a second come, a hundred are served."""
    return one_tier(1, law=Law("constant", 10 * MILLISECOND), rate=1000.0, queue=1_000_000)


def patient() -> DataPlane:
    """Quick answers for users who would each wait an hour: their patience is pending all the while."""
    plane = one_tier(1, law=Law("constant", MILLISECOND), rate=500.0)
    plane.set_patience(0, 3600 * SECOND)
    return plane


def publishing() -> DataPlane:
    """Messages that nobody consumes."""
    plane = stage(Topic("orders"), workers=0)
    plane.set_rate(0, [(0, 500.0)])
    return plane


def failing() -> DataPlane:
    """A thousand failed probes a second that nobody asks about."""
    plane = one_tier(1, law=Law("constant", MILLISECOND), rate=0.0)
    plane.stop(0)
    plane.restart(0, listens_at=3600 * SECOND)
    plane.set_probe(0, Probe("readiness", period=MILLISECOND, timeout=MILLISECOND))
    return plane


@pytest.mark.parametrize(
    ("limit", "system", "expected", "todo"),
    [
        ("MOST_SLOTS", overloaded, "at most 8,192 requests open at once", "queueLimit"),
        ("MOST_EVENTS", patient, "at most 8,192 pending events", "patience"),
        ("MOST_MESSAGES", publishing, "at most 8,192 messages in all topics", "limit"),
        ("MOST_SIGNALS", failing, "at most 8,192 signals between two drains", "drain_signals"),
    ],
)
def test_what_outgrows_its_limit_is_refused_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, limit: str, system: Callable[[], DataPlane], expected: str, todo: str
) -> None:
    """Requests, pending events, messages and signals: a clear end, not a slow machine."""
    monkeypatch.setattr(memory, limit, 8192)
    plane = system()
    with pytest.raises(SimulationError) as refused:
        plane.advance(120 * SECOND)
    assert expected in str(refused.value)
    assert todo in refused.value.todo
    plane.check_conservation()


def test_growing_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun with room for 64 of each, or for 2048: every counter agrees, in plain and wide systems."""
    for system in (two_tiers, wide_tiers):
        frames = []
        for first in (2048, 64):
            monkeypatch.setattr(memory, "FIRST_SLOTS", first)
            plane = system(3, rate=600.0)
            plane.advance(4 * SECOND)
            plane.check_conservation()
            frames.append(plane.counters())
        assert same(*frames)


def test_memory_is_flat_in_simulated_time() -> None:
    """A system of every feature takes after a minute what it took after ten seconds."""
    plane = wide_tiers(3)
    taken = []
    for second in range(1, 61):
        plane.advance(second * SECOND)
        plane.drain_log()
        plane.drain_signals()
        plane.drain_traces()
        taken.append(plane.memory_bytes)
    assert taken[9] == taken[59]


def test_restarts_take_no_memory() -> None:
    """A crash loop of a thousand starts leaves one row of counters."""
    plane = one_tier(1, law=Law("constant", MILLISECOND), rate=100.0)
    held = plane.memory_bytes
    for number in range(1, 1001):
        plane.advance(number * 50 * MILLISECOND)
        plane.kill(0)
        plane.restart(0)
        plane.set_ready(0, True)
    assert held == plane.memory_bytes
    assert 1001 == plane.counters().starts[0]


def test_an_estimate_covers_what_is_taken() -> None:
    """Of a busy system of every feature, after its run: the estimate is no less, and not tenfold."""
    plane = wide_tiers(3)
    plane.advance(20 * SECOND)
    counted = plane.memory_size(instances=11, open_requests=11 * 22)
    parts = estimate(counted)
    # a few arrays are of one size in every system: log, spans, latency tables, commits of the store
    fixed = 3 << 20
    assert plane.memory_bytes <= sum(parts.values()) + fixed
    # two topics may hold a million messages each, and hold next to none
    assert sum(parts.values()) - parts["messages"] < plane.memory_bytes


@pytest.mark.parametrize(
    ("size", "words"),
    [
        (Size(10, 20, 200_000), "counters of .* take 1,525 MiB .200,000 pods × 20 routes."),
        (Size(500, 2000, 50), "histograms of .* take 9,765 MiB .500 services × 2,000 routes."),
        (Size(5, 5, 50, keys=100_000_000), "keys of caches .* MiB .100,000,000 keys."),
        (Size(5, 5, 50, messages=50_000_000), "messages take .* MiB .50,000,000 messages."),
    ],
)
def test_a_system_too_large_is_refused_before_it_is_built(size: Size, words: str) -> None:
    """The text names the part that takes most, and its numbers."""
    refuse_beyond(Size(20, 10, 100, open_requests=100_000), "spec")
    with pytest.raises(GamedayError, match=f"scenario.yaml:7: expected .* at most 200 MiB .*, got .*{words}"):
        refuse_beyond(size, "scenario.yaml:7", 200 << 20)
    assert DEFAULT_LIMIT == 2 << 30
