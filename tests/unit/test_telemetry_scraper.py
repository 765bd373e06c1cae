"""Scrapes: when they happen, what they hold, and how series come and go."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from simulator import engine
from simulator.dataplane import OUTCOMES
from simulator.errors import GamedayError
from simulator.telemetry import CATALOGUE, Telemetry, metrics_frame
from simulator.telemetry.frames import catalogue_frame
from simulator.units import MILLISECOND, MINUTE, SECOND
from tests.telemetry_world import Shop


def test_scrapes_fall_on_exact_multiples_of_the_interval() -> None:
    """From the start of the warm-up on, one scrape every five seconds, the first at once."""
    shop = Shop()
    shop.run(MINUTE)
    assert shop.telemetry.store.times.tolist() == list(range(-MINUTE, MINUTE + 1, 5 * SECOND))


def test_a_start_between_multiples_waits_for_the_next() -> None:
    """A scraper that starts at T-01:00 with an interval of 7 s first scrapes at a multiple of 7 s."""
    shop = Shop(interval=7 * SECOND)
    shop.run(0)
    times = shop.telemetry.store.times
    assert times[0] == -56 * SECOND
    assert not (times % (7 * SECOND)).any()


def test_an_interval_out_of_range_is_refused() -> None:
    """Scrapes come every whole number of seconds from 1 to 60."""
    shop = Shop()
    for interval in (0, 500 * MILLISECOND, 61 * SECOND):
        with pytest.raises(GamedayError, match="whole seconds from 1s to 1m"):
            Telemetry(shop.env, shop.dataplane, shop.cluster, interval=interval)


def test_listeners_are_called_in_order_with_the_samples_in_place() -> None:
    """Each listener sees the scrape it is told of."""
    shop, heard = Shop(), list[tuple[str, int, int]]()

    def listener(name: str) -> Callable[[int], None]:
        return lambda at: heard.append((name, at, int(shop.telemetry.store.times[-1])))

    shop.telemetry.on_scrape(listener("first"))
    shop.telemetry.on_scrape(listener("second"))
    shop.run(-55 * SECOND)
    assert [(name, at // SECOND) for name, at, _ in heard] == [
        ("first", -60),
        ("second", -60),
        ("first", -55),
        ("second", -55),
    ]
    assert all(at == newest for _, at, newest in heard)


def test_pods_expose_what_the_data_plane_counted() -> None:
    """The last sample of every pod's request counter equals the data plane's own count, code by code."""
    shop = Shop()
    shop.run(MINUTE)
    frame, store = shop.telemetry.frame, shop.telemetry.store
    assert frame is not None
    for info in frame.instances:
        samples = store.instant("http_requests_total", MINUTE, pod=info.pod)
        counted = frame.requests[info.id]
        assert samples.values.sum() == counted.sum() > 0
        good = store.instant("http_requests_total", MINUTE, pod=info.pod, code="200")
        assert good.values.sum() == counted[:, OUTCOMES.index("ok")].sum()


def test_classic_buckets_are_cumulative_and_end_in_the_count() -> None:
    """``le`` ascends, counts never fall along it, and +Inf equals ``_count``."""
    shop = Shop()
    shop.run(MINUTE)
    store = shop.telemetry.store
    name = "http_request_duration_seconds"
    buckets = store.instant(f"{name}_bucket", MINUTE, pod="web-a", route="page")
    bounds = [float(labels["le"]) for labels in buckets.labels]
    assert bounds == sorted(bounds)
    assert (np.diff(buckets.values[:, 0]) >= 0).all()
    count = store.instant(f"{name}_count", MINUTE, pod="web-a", route="page").values[0, 0]
    assert buckets.values[-1, 0] == count
    mean = store.instant(f"{name}_sum", MINUTE, pod="web-a", route="page").values[0, 0] / count
    assert mean == pytest.approx(0.010, rel=0.15)


def test_a_new_pods_series_begin_with_it_and_a_removed_pods_series_end() -> None:
    """Before a pod comes and after it goes there is no sample; while it lives there is one a scrape."""
    shop = Shop()
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.remove_pod("checkout-a")
    shop.run(MINUTE)
    store = shop.telemetry.store
    old = store.series("workers_busy", pod="checkout-a")
    new = store.series("workers_busy", pod="checkout-c")
    assert old.times[~np.isnan(old.values[0])][-1] == 0
    assert new.times[~np.isnan(new.values[0])][0] == 5 * SECOND
    assert not np.isnan(new.values[0, -1])
    assert store.instant("workers_busy", MINUTE, pod="checkout-a").labels == ()
    assert len(store.range("workers_busy", 0, MINUTE, pod="checkout-a").labels) == 0
    assert {labels["pod"] for labels in store.instant("kube_pod_status_ready", MINUTE).labels} == {
        "web-a",
        "web-b",
        "checkout-b",
        "checkout-c",
    }


def test_the_load_balancer_remembers_pods_that_are_gone() -> None:
    """Requests of a service never shrink when a pod goes, so an SLI sees no reset."""
    shop = Shop()
    shop.run(0)
    before = shop.telemetry.answered("checkout")
    shop.remove_pod("checkout-a")
    shop.run(MINUTE)
    after = shop.telemetry.answered("checkout")
    assert after[1] > before[1]
    samples = shop.telemetry.store.series("lb_requests_total", service="checkout")
    assert (np.diff(np.nansum(samples.values, axis=0)) >= 0).all()


def test_requests_that_meet_no_ready_pod_count_as_bad() -> None:
    """With every checkout pod gone, the balancer answers 503 and the SLI counts it."""
    shop = Shop()
    shop.run(0)
    for name in ("checkout-a", "checkout-b"):
        shop.remove_pod(name)
    shop.run(5 * SECOND)
    bad_before, total_before = shop.telemetry.answered("checkout")
    shop.run(MINUTE)
    bad, total = shop.telemetry.answered("checkout")
    assert bad - bad_before == total - total_before > 0
    nobody = shop.telemetry.store.instant("lb_requests_total", MINUTE, service="checkout", version="")
    assert nobody.values.sum() > 0


def test_asking_for_unknown_names_says_what_there_is() -> None:
    """Metric, label, service and route errors name what would have been right."""
    shop = Shop()
    shop.run(0)
    telemetry = shop.telemetry
    with pytest.raises(GamedayError, match="lb_requests_total"):
        telemetry.store.series("nope")
    with pytest.raises(GamedayError, match="service, version, route, code"):
        telemetry.store.series("lb_requests_total", pod="x")
    with pytest.raises(GamedayError, match="web, checkout"):
        telemetry.answered("nope")
    with pytest.raises(GamedayError, match="page, order"):
        telemetry.answered("web", ("nope",))


#: What a shop of bare pods has not: other objects, equipment, container states and resources.
_ELSEWHERE = (
    *("kube_deployment", "kube_replicaset", "kube_node", "kube_horizontal", "kube_pod_container_resource"),
    *("kube_pod_container_status_waiting", "kube_pod_container_status_last", "cache_", "circuit_breaker_"),
    *(
        "connection_pool_",
        "queue_m",
        "queue_o",
        "queue_c",
        "db_",
        "probe_ssl",
    ),
)


def test_every_metric_is_declared_and_written() -> None:
    """Each name of the catalogue has HELP, TYPE and, in a running world, samples; counters end in _total."""
    shop = Shop()
    shop.run(0)
    for name, metric in CATALOGUE.items():
        assert metric.exposition == f"# HELP {name} {metric.help}\n# TYPE {name} {metric.exposed_type}"
        if metric.type == "counter" and metric.exposed_type == "counter":
            assert name.endswith("_total")
        assert (len(shop.telemetry.store.family(name)) > 0) != name.startswith(_ELSEWHERE), name


def test_the_page_of_what_is_modelled_counts_the_catalogue() -> None:
    """So many metrics as it says."""
    page = Path(engine.__file__).with_name("README.md").read_text(encoding="utf-8")
    assert f"A catalogue of {len(CATALOGUE)} metrics" in page


def test_counters_are_whole_numbers_in_a_fixed_order() -> None:
    """What a digest takes in: int64 rows by name in one order, equal for equal seeds."""
    one, same, other = Shop(), Shop(), Shop(seed=8)
    for shop in (one, same, other):
        shop.run(MINUTE)
    rows = [list(shop.telemetry.store.counters()) for shop in (one, same, other)]
    assert all(row.dtype == np.int64 for _, row in rows[0])
    assert [name for name, _ in rows[0]] == [name for name, _ in rows[2]]
    assert all((a[1] == b[1]).all() for a, b in zip(rows[0], rows[1], strict=True))
    assert any((a[1] != b[1]).any() for a, b in zip(rows[0], rows[2], strict=True))


def test_frames_are_tidy_and_hold_only_samples() -> None:
    """One row a sample, one column a label, no row where a series has none."""
    shop = Shop()
    shop.run(0)
    shop.add_pod("checkout-c", "checkout", "v2")
    shop.run(MINUTE)
    frame = metrics_frame(shop.telemetry, "workers_busy", service="checkout")
    assert list(frame.columns) == ["time", "metric", *CATALOGUE["workers_busy"].labels, "value"]
    assert not frame["value"].isna().any()
    by_pod = frame.groupby("pod")["value"].count()
    assert by_pod["checkout-a"] == 25
    assert by_pod["checkout-c"] == 12
    assert frame["time"].max().total_seconds() == 60


def test_frame_of_everything_is_thinned_to_minutes() -> None:
    """Without names: all metrics, one row a minute, labels that a metric lacks left empty."""
    shop = Shop()
    shop.run(MINUTE)
    frame = metrics_frame(shop.telemetry)
    assert set(frame["metric"]) == set(shop.telemetry.store.names())
    assert sorted(set(frame["time"].dt.total_seconds())) == [-60, 0, 60]
    assert (frame.loc[frame["metric"] == "workers_busy", "upstream"] == "").all()
    assert len(metrics_frame(shop.telemetry, "up", start=10 * MINUTE)) == 0
    assert set(catalogue_frame(shop.telemetry)["metric"]) == set(CATALOGUE)
