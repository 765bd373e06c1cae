"""Requests are conserved, whatever happens to the system."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from simulator.dataplane import DataPlane
from simulator.distributions import Law
from simulator.units import MILLISECOND, SECOND
from tests.determinism.test_dataplane_pairs import same
from tests.planes import two_tiers, wide_tiers

acts = st.lists(
    st.tuples(
        st.integers(1, 400),  # ms to pass first
        st.sampled_from(["ready", "unready", "kill", "stop", "restart", "degrade", "rate", "topic"]),
        st.integers(0, 4),
        st.floats(0.0, 1.0),
    ),
    max_size=25,
)


def meddle(plane: DataPlane, number: int, amount: float) -> None:
    """One of the acts of those who run topics."""
    topics = plane.counters().topics
    name = topics.names[number % len(topics.names)]
    if amount < 0.2:
        plane.set_poison(name, amount)
    elif amount < 0.5:
        plane.redrive(name)
    elif amount < 0.7:
        plane.purge(name, dead_letters=amount < 0.6)
    else:
        plane.set_consuming(7 + number % 2, amount < 0.85)


def carry_out(plane: DataPlane, plan: list[tuple[int, str, int, float]]) -> None:
    """Do what the plan says, check the books after every act, and let no more users come."""
    down: set[int] = set()
    for wait, act, instance, amount in plan:
        plane.advance(plane.now + wait * MILLISECOND)
        if act in ("kill", "stop"):
            (plane.kill if act == "kill" else plane.stop)(instance)
            down.add(instance)
        elif act == "restart" and instance in down:
            plane.restart(instance, listens_at=plane.now + round(amount * 100) * MILLISECOND)
            down.remove(instance)
        elif act in ("ready", "unready"):
            plane.set_ready(instance, act == "ready")
        elif act == "degrade":
            plane.set_degraded(instance, error_rate=amount, speed=max(0.05, amount))
        elif act == "topic" and plane.counters().topics.names:
            meddle(plane, instance, amount)
        elif act == "rate":
            plane.set_rate(0, [(plane.now, amount * 1000)])
        plane.check_conservation()
    plane.set_rate(0, [(plane.now, 0.0)])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**63), acts, st.sampled_from([0, 5, 40, 1000]), st.integers(1, 4), st.booleans())
def test_no_request_is_lost_or_made(
    seed: int, plan: list[tuple[int, str, int, float]], timeout_ms: int, attempts: int, held: bool
) -> None:
    """At every act: arrived = answered + in flight, at users, instances and edges alike."""
    plane = two_tiers(seed, timeout=timeout_ms * MILLISECOND, attempts=attempts, held=held)
    carry_out(plane, plan)
    plane.advance(plane.now + 60 * SECOND)
    plane.check_conservation()
    frame = plane.counters()
    assert frame.arrived.sum() == frame.answered.sum()
    assert frame.queued.sum() == frame.busy.sum() == 0


@settings(max_examples=60, deadline=None)
@example(205288979, [(166, "ready", 0, 0.0), (232, "unready", 0, 0.0), (165, "degrade", 2, 1.0)])
@given(st.integers(0, 2**63), acts)
def test_no_request_is_lost_or_made_with_every_feature(
    seed: int, plan: list[tuple[int, str, int, float]]
) -> None:
    """The same with hedges, fan-outs, breakers, budgets, deadlines, fallbacks, probes, restarts."""
    plane = wide_tiers(seed)
    carry_out(
        plane, [(wait, act, instance + round(amount * 6), amount) for wait, act, instance, amount in plan]
    )
    plane.set_users(1, 0, Law("exponential", 100 * MILLISECOND))
    for info in plane.counters().instances:
        plane.stop_probes(info.id)
        plane.set_consuming(info.id, False)  # a poison message of an ordered topic comes again for ever
    plane.advance(plane.now + 60 * SECOND)
    plane.check_conservation()
    frame = plane.counters()
    assert frame.arrived.sum() == frame.answered.sum()
    assert frame.queued.sum() == frame.busy.sum() == 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**63), acts)
def test_the_twin_does_the_same_whatever_is_done(seed: int, plan: list[tuple[int, str, int, float]]) -> None:
    """Compiled and not, a system of every feature counts, logs, traces and signals alike under any acts."""
    left, right = (wide_tiers(seed, compiled=compiled) for compiled in (True, False))
    for plane in (left, right):
        carry_out(plane, plan)
        plane.advance(plane.now + SECOND)
    assert same(left.counters(), right.counters())
    assert left.drain_log() == right.drain_log()
    assert list(left.drain_traces()) == list(right.drain_traces())
    assert left.drain_signals() == right.drain_signals()
    assert left.events == right.events
