"""Golden signals and the map."""

from __future__ import annotations

from math import isnan

import numpy as np
import pytest

from simulator.errors import GamedayError
from simulator.telemetry import signals, traffic_map
from simulator.units import MINUTE, SECOND
from tests.telemetry_world import Shop


def test_signals_of_a_healthy_service() -> None:
    """25 orders a second at 10 ms: traffic, no errors, the law's quantiles, hardly a worker busy."""
    shop = Shop()
    shop.run(3 * MINUTE)
    found = signals(shop.telemetry, "checkout", 0, 3 * MINUTE, window=MINUTE)
    assert found.times.tolist() == list(range(0, 3 * MINUTE + 1, 5 * SECOND))
    assert found.versions == ("v1",)
    assert np.mean(found.total) == pytest.approx(25, rel=0.1)
    assert np.array_equal(found.total, found.traffic["v1"])
    assert found.error_ratio.tolist() == [0.0] * len(found.times)
    assert np.median(found.p99) == pytest.approx(0.040, rel=0.2)
    assert (found.p50 < found.p95).all()
    assert (found.p95 < found.p99).all()
    assert np.mean(found.saturation) == pytest.approx(25 * 0.010 / 32, rel=0.15)


def test_a_bad_version_shows_in_errors_and_by_version() -> None:
    """One of three pods answers half its requests with 500: a sixth of all; its version carries a third."""
    shop = Shop()
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(3 * MINUTE)
    found = signals(shop.telemetry, "checkout", -MINUTE, 3 * MINUTE, window=MINUTE)
    assert found.versions == ("v1", "v2")
    assert np.isnan(found.traffic["v2"][:12]).all()
    assert found.traffic["v2"][-1] == pytest.approx(found.total[-1] / 3, rel=0.1)
    assert found.error_ratio[-1] == pytest.approx(1 / 6, rel=0.25)
    assert found.error_ratio[12] == 0
    whole = sum(np.nan_to_num(array) for array in found.traffic.values())
    assert whole == pytest.approx(np.nan_to_num(found.total))


def test_no_traffic_has_unknown_errors_and_latency() -> None:
    """Zero requests a second is a fact; the error ratio and the latency of nothing are not."""
    shop = Shop()
    shop.run(0)
    shop.dataplane.set_rate(shop.users, [(0, 0.0)])
    shop.run(3 * MINUTE)
    found = signals(shop.telemetry, "checkout", 0, 3 * MINUTE)
    assert found.total[-1] == 0
    for array in (found.error_ratio, found.p50, found.p99):
        assert isnan(array[-1])
    assert found.saturation[-1] == 0


def test_no_pods_have_unknown_saturation() -> None:
    """A service without a pod is not an idle service; its requests all fail."""
    shop = Shop()
    shop.run(0)
    shop.remove_pod("checkout-a")
    shop.remove_pod("checkout-b")
    shop.run(MINUTE)
    found = signals(shop.telemetry, "checkout", MINUTE, MINUTE)
    assert isnan(found.saturation[-1])
    assert isnan(found.queue[-1])
    assert found.error_ratio[-1] == 1


def test_errors_are_shown_from_the_first_whole_window_on() -> None:
    """A chart does not begin with a spike because one of the first seconds' few requests failed."""
    shop = Shop()
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(MINUTE)
    found = signals(shop.telemetry, "checkout", -MINUTE, MINUTE, window=30 * SECOND)
    assert np.isnan(found.error_ratio[:6]).all()
    assert (found.error_ratio[6:] > 0).all()
    assert (found.total[1:] > 0).all()


def test_before_the_first_scrape_there_is_nothing() -> None:
    """An empty range gives empty arrays, and the first point's window gives NaN rather than zero."""
    shop = Shop()
    shop.run(-30 * SECOND)
    assert len(signals(shop.telemetry, "web", -10 * MINUTE, -5 * MINUTE).times) == 0
    first = signals(shop.telemetry, "web", -MINUTE, -MINUTE)
    assert isnan(first.total[0])
    assert isnan(first.error_ratio[0])
    with pytest.raises(GamedayError, match="web, checkout"):
        signals(shop.telemetry, "nope", 0, 0)


def test_the_map_has_every_service_and_every_arrow() -> None:
    """Nodes with pods by version, edges from users to web and from web to checkout, over the last minute."""
    shop = Shop()
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(2 * MINUTE + 3 * SECOND)
    picture = traffic_map(shop.telemetry, 2 * MINUTE + 3 * SECOND)
    assert picture.at == 2 * MINUTE
    assert picture.nodes["checkout"].pods == {"v1": (2, 2), "v2": (1, 1)}
    assert picture.nodes["web"].rps == pytest.approx(100, rel=0.1)
    arrows = {(edge.caller, edge.callee): edge for edge in picture.edges}
    assert set(arrows) == {("users", "web"), ("web", "checkout")}
    assert arrows["users", "web"].users
    # Half the requests of a third of the pods fail, and a second attempt may find the same pod: retries show.
    assert arrows["web", "checkout"].rps > 25 * 1.1
    assert 0 < arrows["web", "checkout"].error_ratio < 1 / 6


def test_the_map_before_the_first_scrape_is_empty() -> None:
    """Nothing is known, so nothing is drawn as healthy."""
    shop = Shop()
    assert traffic_map(shop.telemetry, 0).nodes == {}
