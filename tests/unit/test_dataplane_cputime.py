"""CPU: what a request counts, what processors can have spent by now, and that waiting costs none."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.dataplane import CpuTime
from simulator.distributions import Law
from simulator.engine.behaviours import PARTNER_CPU
from simulator.units import MILLISECOND, SECOND
from tests.planes import one_tier
from tests.small_system import Seen, Tree, back, constant, played

LAW = Law("constant", 200 * MILLISECOND)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_request_counts_its_own_cpu_and_not_the_time_that_it_waits(compiled: bool) -> None:
    """Ten users of 200 ms: two seconds, unless the route says that each takes 3 ms."""
    counted = {}
    for cpu in (0, 3 * MILLISECOND):
        plane = one_tier(1, law=LAW, rate=0.0, slots=16, cpu=cpu, compiled=compiled)
        plane.bring_crowd(0, 10, SECOND)
        plane.advance(2 * SECOND)
        frame = plane.counters()
        counted[cpu] = int(frame.work_ns[0])
        assert 10 * 200 * MILLISECOND == frame.busy_ns[0]
    assert {0: 2 * SECOND, 3 * MILLISECOND: 30 * MILLISECOND} == counted


def test_a_pod_that_stands_for_a_partner_takes_little_cpu_however_slow_he_is() -> None:
    """Ours computes for its whole service time; a partner's pod passes on, whether he takes 5 ms or 50."""
    external: Tree = {"role": "external"}
    slow: Tree = {"role": "external", "routes": {0: {"serviceTime": constant(50)}}}
    ours, theirs, late = Seen(played()), Seen(played(back(external))), Seen(played(back(slow)))
    for seen in (theirs, late):
        begun = seen.answers("back") + seen.frame.in_flight[seen.rows("back")].sum()
        assert begun * PARTNER_CPU == seen.frame.work_ns[seen.rows("back")].sum()
    assert theirs.users("ok") == ours.users("ok")


def test_what_begins_at_once_is_spent_as_processors_get_to_it() -> None:
    """Thirty seconds of work counted in one instant: two cores show two seconds of it each second."""
    reader, two = CpuTime(), np.array([2000])
    counted = [0, 30, 30, 30, 31]
    at = [0, 5, 10, 15, 20]
    shown = [
        int(reader.spent(now * SECOND, np.array([work * SECOND]), two)[0] // SECOND)
        for now, work in zip(at, counted, strict=True)
    ]
    assert [0, 10, 20, 30, 31] == shown


def test_an_instance_that_comes_later_has_spent_nothing_before() -> None:
    """Instances are only added; the first reading takes what was counted as it is."""
    reader = CpuTime()
    assert [7] == reader.spent(SECOND, np.array([7]), np.array([1000])).tolist()
    assert [9, 4] == reader.spent(2 * SECOND, np.array([9, 4]), np.array([1000, 1000])).tolist()
