"""The bench measures what it says: equal loads, sizes that grow, a rollout that ends, a report of it all."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from simulator.cli.bench import growth, metrics, rollout, rules
from simulator.cli.bench.report import show_bench
from simulator.cli.bench.workloads import H, data_plane
from simulator.telemetry import CATALOGUE
from simulator.telemetry.promql import query_range
from simulator.telemetry.querying import StoreSource
from simulator.units import HOUR, MINUTE, SECOND


def test_the_exponent_of_a_power_law_is_found() -> None:
    """Exactly where the costs are one, and in between where they are not."""
    assert growth.exponent((10, 100, 1000), (3.0, 30.0, 300.0)) == pytest.approx(1.0)
    assert growth.exponent((10, 100), (1.0, 100.0)) == pytest.approx(2.0)
    assert 1.2 < growth.n_log_n((10, 100, 1000)) < 1.3


def test_every_feature_on_carries_the_same_users() -> None:
    """The second row differs from the first by its probes alone, which have luck of their own."""
    answered = []
    for wide in (False, True):
        plane = data_plane(H, 1, compiled=True, wide=wide)
        plane.advance(20 * SECOND)
        frame = plane.counters()
        answered.append(int(frame.answered.sum()))
        assert bool(frame.probes.sum() > 0) is wide
    assert answered[0] == pytest.approx(answered[1], abs=20)


def test_the_tandem_holds_nobody() -> None:
    """Front workers are free while the back serves: fewer are taken on average."""
    taken = []
    for tandem in (False, True):
        plane = data_plane(H, 1, compiled=True, tandem=tandem)
        plane.advance(20 * SECOND)
        frame = plane.counters()
        rows = [each.id for each in frame.instances if each.service == "front"]
        taken.append(int(frame.busy_ns[rows].sum()) / (20 * SECOND))
    assert taken[0] == pytest.approx(1000 * 0.0365, rel=0.1)  # 15 ms of its own, 20 ms of the back's, a wait
    assert taken[1] == pytest.approx(1000 * 0.015, rel=0.05)


def test_services_grow_in_trees_of_ten() -> None:
    """A hundred services get ten times the requests of ten."""
    answers = []
    for count in growth.SERVICES:
        plane, rate = growth._of_services(count)
        plane.advance(10 * SECOND)
        answers.append(int(plane.counters().requests.sum()))
        assert answers[-1] == pytest.approx(10 * rate, rel=0.05)
    assert answers[1] == pytest.approx(10 * answers[0], rel=0.05)


def test_the_measured_rollout_replaces_every_pod() -> None:
    """Two hundred pods over forty nodes, all of the new image within the measured minutes."""
    taken = rollout._cost(0, roll=True)
    assert taken > 0


def test_a_day_of_ten_services_metrics_fits_into_300_megabytes() -> None:
    """All metrics of the catalogue for fifty pods, every five seconds: what an hour adds, times a day."""
    store = metrics.world(HOUR)
    assert all(len(store.family(name)) for name in CATALOGUE)
    open_chunks = store.nbytes
    assert 24 * (metrics.world(2 * HOUR).nbytes - store.nbytes) + open_chunks < 300e6
    source = StoreSource(store, 0)
    for text in metrics.DASHBOARD.values():
        answer = query_range(source, text, HOUR // 2, HOUR, MINUTE)
        assert len(answer.labels) == 10 and answer.present.all()


def test_the_report_has_a_line_for_everything() -> None:
    """What machines get as JSON, people get as tables and sentences."""
    rates = {
        "requests_per_cpu_second": 3e6,
        "all_features_requests_per_cpu_second": 2e6,
        "ratio_over_all_features": 1.5,
        "c_requests_per_cpu_second": None,
        "simpy_requests_per_cpu_second": 3e4,
        "ratio_over_simpy": 100.0,
        "uncompiled_requests_per_cpu_second": 1e4,
        "ratio_over_uncompiled": 300.0,
        "tandem_requests_per_cpu_second": 4e6,
        "ciw_requests_per_cpu_second": 2e4,
        "ratio_over_ciw": 200.0,
    }
    curve = {"10": 0.001, "100": 0.01, "1000": 0.1, "exponent": 1.0, "n_log_n_exponent": 1.24}
    result = {
        "H": rates,
        "HX": rates,
        "growth": {
            "instances": {"round_robin": curve},
            "services": curve,
            "load": {"1000_per_second": 0.3, "10000_per_second": 0.4},
            "memory_mb": {"after_1_minute": 200.0, "after_1_hour": 200.0},
            "control_step_microseconds": 6.5,
        },
        "rollout": {
            "replicas": 200.0,
            "nodes": 40.0,
            "requests_per_second": 10000.0,
            "requests_cpu_seconds": 0.6,
            "rollout_cpu_seconds": 0.3,
            "both_cpu_seconds": 0.9,
        },
        "rules": {
            "alerts": 6.0,
            "file_rules": 36.0,
            "live_cpu_seconds_per_hour": 0.08,
            "promql_cpu_seconds_per_hour": 19.9,
        },
        "metrics": {
            "series": 7210.0,
            "megabytes_a_day": 236.3,
            "scrape_microseconds": 500.0,
            "traffic_query_milliseconds": 11.0,
            "errors_query_milliseconds": 3.0,
            "latency_query_milliseconds": 30.0,
            "rate_over_a_day_milliseconds": 2.0,
        },
        "drill": {
            "minutes": 45.0,
            "replay_cpu_seconds": 1.0,
            "replay_with_coach_cpu_seconds": 1.2,
            "twenty_what_ifs_cpu_seconds": 15.2,
        },
        "start": {"cold_seconds": 40.0, "warm_seconds": 1.0},
    }
    page = StringIO()
    show_bench(Console(file=page, width=120), result)
    text = page.getvalue()
    expected = (
        "100.00 times this",
        "no compiler here",
        "tandem, Ciw",
        "n^1.24",
        "0.40 µs at 10,000",
        "6.5 µs",
        "6 alert rules takes 0.08 CPU seconds",
        "200 replicas over 40 nodes takes 0.30",
        "twenty what-ifs of it take 15.2.",
        "7,210 series, every 5 s, takes 236 MB",
        "compiled from nothing, in 40.0 s",
    )
    for words in expected:
        assert words in text


def test_the_cost_of_rules_is_that_of_an_hour() -> None:
    """Three alerts of the welcome system live, and the eighteen rules of their file as PromQL."""
    row = rules.rules("welcome", 1)
    assert (3, 18) == (row["alerts"], row["file_rules"])
    assert 0 < row["live_cpu_seconds_per_hour"] < row["promql_cpu_seconds_per_hour"]
