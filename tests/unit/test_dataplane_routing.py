"""Which instance answers: balancers, versions by weight, zones, ejected outliers, slow start, panic."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from simulator.dataplane import (
    OUTCOMES,
    Behaviour,
    CallBehaviour,
    DataPlane,
    OutlierDetection,
    RouteBehaviour,
    Routing,
)
from simulator.dataplane.state import Ints
from simulator.distributions import Law
from simulator.errors import GamedayError
from simulator.units import MILLISECOND, SECOND
from tests.planes import caller, pool

FAST = Law("constant", MILLISECOND)
FACTS = json.loads((Path(__file__).parents[1] / "facts" / "resilience.json").read_text())["envoy_outlier"]


def sent(plane: DataPlane) -> Ints:
    """Requests that each instance answered."""
    counts: Ints = plane.counters().requests.sum(axis=(1, 2))
    return counts


def test_smooth_weighted_round_robin_interleaves_as_nginx_does() -> None:
    """Weights 5, 1, 1 give a a b a c a a, again and again: nginx's own example."""
    plane = pool(1, law=FAST, rate=20.0, balancer="weighted_round_robin", instances=3, weights=(5, 1, 1))
    picks: list[str] = []
    last = np.zeros(3, dtype=np.int64)
    while len(picks) < 21:
        plane.advance(plane.now + MILLISECOND)
        now = sent(plane)
        picks += ["abc"[i] for i in np.flatnonzero(now - last)]
        last = now
    assert "".join(picks[:21]) == "aabacaa" * 3


def test_random_is_even_and_keyed() -> None:
    """Each of four instances gets a quarter, within 4 standard deviations; the same seed the same picks."""
    one, two = (pool(3, law=FAST, rate=1000.0, balancer="random") for _ in range(2))
    for plane in (one, two):
        plane.advance(20 * SECOND)
    assert np.array_equal(sent(one), sent(two))
    total = sent(one).sum()
    assert (abs(sent(one) - total / 4) < 4 * (total * 3 / 16) ** 0.5).all()


def test_a_ring_moves_only_the_share_of_the_instance_that_left() -> None:
    """A trace that another instance served stays there when one of five leaves."""
    routing = Routing()
    homes: list[dict[int, str]] = []
    for leave in (False, True):
        plane = pool(5, law=FAST, rate=400.0, balancer="ring_hash", instances=5, routing=routing)
        if leave:
            plane.set_ready(2, False)
        seen: dict[int, str] = {}
        for second in range(1, 400):
            plane.advance(second * SECOND // 2)
            seen.update({line.trace: line.pod for line in plane.drain_log()})
        homes.append(seen)
    both = homes[0].keys() & homes[1].keys()
    moved = [trace for trace in both if homes[0][trace] != homes[1][trace]]
    assert len(both) > 300
    assert {homes[0][trace] for trace in moved} == {"web-2"}
    assert all(homes[1][trace] != "web-2" for trace in both)
    assert 0.1 < len(moved) / len(both) < 0.32


def test_canary_weights_split_by_version_and_a_version_without_instances_fails() -> None:
    """A tenth goes to v2; when v2 has no ready instance, that tenth is unavailable."""
    plane = pool(2, law=FAST, rate=1000.0, instances=3)
    program = plane.add_program("web", "v2", Behaviour(1, 1000, (RouteBehaviour("home", FAST),)))
    canary = plane.add_instance("web", "canary", program, key=9)
    plane.set_ready(canary, True)
    plane.set_weights("web", {"v1": 90, "v2": 10})
    plane.advance(20 * SECOND)
    shares = sent(plane) / sent(plane).sum()
    assert shares[3] == pytest.approx(0.1, abs=4 * (0.09 / 20_000) ** 0.5)
    assert shares[:3] == pytest.approx(shares[0], abs=1e-3)
    before = plane.counters()
    plane.set_ready(canary, False)
    plane.advance(40 * SECOND)
    after = plane.counters()
    lost = (after.unrouted - before.unrouted).sum() / (after.arrived - before.arrived).sum()
    assert lost == pytest.approx(0.1, abs=4 * (0.09 / 20_000) ** 0.5)
    plane.set_weights("web", {})
    plane.advance(41 * SECOND)
    assert plane.counters().unrouted.sum() == after.unrouted.sum()


def test_a_split_that_names_one_part_sends_the_others_nothing() -> None:
    """Blue-green: everybody goes to one side, however many instances the other has; then all change over."""
    plane = pool(2, law=FAST, rate=1000.0, instances=3)
    program = plane.add_program("web", "v2", Behaviour(1, 1000, (RouteBehaviour("home", FAST),)))
    green = [plane.add_instance("web", f"green-{number}", program, key=9 + number) for number in range(3)]
    for number, instance in enumerate([*range(3), *green]):
        plane.set_subset(instance, "blue" if number < 3 else "green")
    plane.set_weights("web", {"blue": 1.0})
    for instance in green:
        plane.set_ready(instance, True)
    plane.advance(5 * SECOND)
    blue = sent(plane)
    assert (True, 0) == (blue[:3].sum() > 4000, blue[3:].sum())
    plane.set_weights("web", {"green": 1.0})
    plane.advance(6 * SECOND)  # what was under way is through
    before = sent(plane)
    plane.advance(10 * SECOND)
    assert 0 == (sent(plane) - before)[:3].sum()
    assert (sent(plane) - before)[3:].sum() > 3000


def test_callers_stay_in_their_zone_while_it_has_an_instance() -> None:
    """Front in zone a asks back in zone a alone; when that leaves, the others are asked."""
    plane = DataPlane(1)
    plane.add_service("front", routes=("r",))
    plane.add_service("back", routes=("r",), routing=Routing(prefer_zone=True))
    front = plane.add_program(
        "front", "v1", Behaviour(100, 0, (RouteBehaviour("r", FAST, 0.0, (CallBehaviour("back", "r"),)),))
    )
    back = plane.add_program("back", "v1", Behaviour(100, 0, (RouteBehaviour("r", FAST),)))
    plane.set_ready(plane.add_instance("front", "front-0", front, key=1, zone="a"), True)
    for number, zone in enumerate("abc"):
        plane.set_ready(plane.add_instance("back", f"back-{number}", back, key=number, zone=zone), True)
    plane.set_rate(plane.add_source("users", "front", {"r": 1.0}, objective=SECOND), [(0, 100.0)])
    plane.advance(5 * SECOND)
    assert sent(plane)[1] > 400
    assert sent(plane)[2:].sum() == 0
    plane.set_ready(1, False)
    before = sent(plane)
    plane.advance(10 * SECOND)
    asked = sent(plane) - before
    assert asked[1] <= 1
    assert abs(asked[2] - asked[3]) <= 1
    assert asked[2] > 200


def outlier(**changes: int) -> Routing:
    """Envoy's defaults with some numbers changed."""
    return Routing(outlier=OutlierDetection(**changes))


def test_the_defaults_are_envoys() -> None:
    """Every number of the configuration that Envoy publishes is its default here."""
    default, published = OutlierDetection(), FACTS["defaults"]
    assert default.consecutive == published["consecutive_5xx"]
    assert default.interval == published["interval_s"] * SECOND
    assert default.base_ejection == published["base_ejection_time_s"] * SECOND
    assert default.longest_ejection == published["max_ejection_time_s"] * SECOND
    assert default.max_ejection_percent == published["max_ejection_percent"]
    assert default.stdev_factor == published["success_rate_stdev_factor"]
    assert default.minimum_hosts == published["success_rate_minimum_hosts"]
    assert default.request_volume == published["success_rate_request_volume"]
    assert Routing().panic_percent == published["healthy_panic_threshold_pct"]


def test_ejections_grow_longer_by_the_published_schedule() -> None:
    """An instance that always fails is out 30 s, then 60 s, 90 s …, each rounded up to the next sweep."""
    plane = pool(1, law=FAST, rate=200.0, instances=10, routing=outlier(stdev_factor=0, interval=SECOND))
    plane.set_degraded(0, error_rate=1.0)
    out_at: list[int] = []
    back_at: list[int] = []
    last = 0
    for step in range(1, 4001):
        plane.advance(step * 100 * MILLISECOND)
        state = int(plane._memory.instance[0]["ejected"])
        if state != last:
            (out_at if state else back_at).append(plane.now)
        last = state
    lengths = [(back - out) / SECOND for out, back in zip(out_at, back_at, strict=False)]
    wanted = [case["seconds"] for case in FACTS["ejection_times"]][: len(lengths)]
    assert len(lengths) >= 4
    assert lengths == pytest.approx(wanted, abs=1.2)


def test_a_fast_failing_instance_draws_traffic_under_least_request_and_is_ejected() -> None:
    """Failing at once looks idle: it takes far more than its share, until outlier detection takes it out."""
    slow = Law("constant", 40 * MILLISECOND)
    shares = []
    for routing in (Routing(), outlier(max_ejection_percent=50)):
        plane = pool(4, law=slow, rate=200.0, balancer="least_request", slots=8, instances=5, routing=routing)
        plane.set_degraded(0, error_rate=1.0, speed=50.0)
        plane.advance(20 * SECOND)
        shares.append(sent(plane)[0] / sent(plane).sum())
        plane.check_conservation()
    assert shares[0] > 0.3
    assert shares[1] < 0.02


def test_no_more_are_ejected_than_the_limit_but_always_one_may() -> None:
    """At 10 % of ten, one of three failing instances is out; at 50 % all three."""
    for percent, out in ((10, 1), (50, 3), (0, 1)):
        plane = pool(
            2,
            law=FAST,
            rate=500.0,
            instances=10,
            routing=outlier(max_ejection_percent=percent, stdev_factor=0),
        )
        for instance in range(3):
            plane.set_degraded(instance, error_rate=1.0)
        plane.advance(9 * SECOND)
        assert int(plane._memory.instance["ejected"].sum()) == out


def test_too_few_left_is_a_panic_and_everyone_is_asked() -> None:
    """With three of four ejected, fewer than half are healthy: ejections are ignored."""
    asked = {}
    for panic in (0, 50):
        routing = Routing(OutlierDetection(max_ejection_percent=100, stdev_factor=0), panic_percent=panic)
        plane = pool(2, law=FAST, rate=500.0, instances=4, routing=routing)
        for instance in range(3):
            plane.set_degraded(instance, error_rate=1.0)
        plane.advance(5 * SECOND)
        before = sent(plane)
        plane.advance(9 * SECOND)
        asked[panic] = (sent(plane) - before).tolist()
    assert asked[0][:3] == [0, 0, 0]
    assert min(asked[50]) > 400


def test_a_low_success_rate_is_ejected_at_the_sweep() -> None:
    """One of ten fails a fifth of its requests, never five in a row for long: the success rate finds it."""
    plane = pool(3, law=FAST, rate=2000.0, instances=10, routing=outlier(consecutive=1000, stdev_factor=1900))
    plane.set_degraded(7, error_rate=0.2)
    plane.advance(10 * SECOND)
    assert plane._memory.instance["ejected"].sum() == 0
    plane.advance(11 * SECOND)
    assert np.flatnonzero(plane._memory.instance["ejected"]).tolist() == [7]


@pytest.mark.parametrize("balancer", ["round_robin", "random"])
def test_slow_start_grows_from_its_floor_to_a_full_share(balancer: str) -> None:
    """Over a ramp from 0 to 1 the newcomer gets the time's mean of share f / (n - 1 + f)."""
    routing = Routing(slow_start=20 * SECOND, slow_start_floor=0.0)
    plane = pool(
        6,
        law=FAST,
        rate=2000.0,
        instances=4,
        routing=routing,
        balancer="random" if balancer == "random" else "round_robin",
    )
    plane.set_ready(0, False)
    plane.advance(30 * SECOND)
    before = sent(plane)
    plane.set_ready(0, True)
    plane.advance(50 * SECOND)
    asked = sent(plane) - before
    steps = (np.arange(1000) + 0.5) / 1000
    expected = float((steps / (3 + steps)).mean())
    assert asked[0] / asked.sum() == pytest.approx(expected, abs=0.006)
    before = sent(plane)
    plane.advance(60 * SECOND)
    asked = sent(plane) - before
    assert asked[0] / asked.sum() == pytest.approx(0.25, abs=0.01)


def test_timeouts_count_as_failures_of_the_instance_that_was_asked() -> None:
    """A hung instance answers nothing; its callers' timeouts eject it."""
    plane = caller(
        1,
        CallBehaviour("back", "r", timeout=50 * MILLISECOND),
        instances=4,
        routing=outlier(max_ejection_percent=50),
    )
    plane.set_degraded(1, speed=0.001)
    plane.advance(9 * SECOND)
    frame = plane.counters()
    assert 5 <= frame.timeouts[0] <= 8
    assert frame.answered[0, 0, OUTCOMES.index("ok")] > 400


def test_a_mistaken_weight_is_named() -> None:
    """Weights below 0 and instances without weight are refused with the range."""
    plane = pool(1, law=FAST, rate=1.0)
    with pytest.raises(GamedayError, match="expected weights of 0 or more"):
        plane.set_weights("web", {"v1": -1})
    with pytest.raises(GamedayError, match="expected a weight from 1"):
        plane.add_instance("web", "x", 0, key=1, weight=0)


def test_published_ejection_times_follow_the_rule() -> None:
    """The facts' table is min(base × n, longest)."""
    for case in FACTS["ejection_times"]:
        assert case["seconds"] == min(30 * case["ejection_number"], 300)
    assert all(a["seconds"] <= b["seconds"] for a, b in pairwise(FACTS["ejection_times"]))
