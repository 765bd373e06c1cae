"""What exporters say: restarts and resets, targets that don't answer, kube-state-metrics, equipment."""

from __future__ import annotations

import numpy as np

import simulator as sim
from simulator.dataplane import BREAKER_STATES
from simulator.telemetry.collect_parts import PartsCollector
from simulator.telemetry.collect_pods import PodCollector
from simulator.telemetry.promql import query
from simulator.telemetry.store import Store
from simulator.units import DAY, MINUTE, SECOND
from tests.planes import wide_tiers
from tests.telemetry_world import Shop


def _ask(shop: Shop, text: str) -> list[float]:
    source = shop.telemetry.source
    return [one.value for one in query(source, text, source.epoch + int(shop.env.now)).elements]


def _restart(shop: Shop, pod: str, *, down: int) -> None:
    """A container that ends, waits, and is started again in its pod."""
    name, state = shop.cluster.pod(pod, "production"), None
    status = name.status.container_statuses[0]
    row = shop.rows[pod]
    shop.dataplane.stop(row)
    state, status.state = status.state, type(status.state)("waiting", "CrashLoopBackOff")
    status.last_state = type(state)("terminated", "OOMKilled", exit_code=137)
    shop.cluster.changed(name)
    shop.run(int(shop.env.now) + down)
    shop.dataplane.restart(row)
    status.state = state
    status.restart_count += 1
    shop.cluster.changed(name)


def test_a_restart_sets_a_pods_counters_back_and_rates_make_up_for_it() -> None:
    """The balancer and the pods count the same requests over a restart; the pod's own counter fell once."""
    shop = Shop()
    shop.run(MINUTE)
    before = _ask(shop, 'sum(http_requests_total{pod="checkout-a"})')[0]
    _restart(shop, "checkout-a", down=20 * SECOND)
    shop.run(2 * MINUTE)
    after = _ask(shop, 'sum(http_requests_total{pod="checkout-a"})')[0]
    assert 0 < after < before
    assert [1.0] == _ask(shop, 'max(resets(http_requests_total{pod="checkout-a"}[3m]))')
    pods = _ask(shop, 'sum(increase(http_requests_total{service="checkout",code="200"}[2m])) by (service)')
    balancer = _ask(shop, 'sum(increase(lb_requests_total{service="checkout",code="200"}[2m])) by (service)')
    assert np.isclose(pods, balancer, rtol=0.01).all()


def test_a_target_that_does_not_answer_is_down_and_its_series_are_stale() -> None:
    """While the container waits, up is 0 and the page's series are gone: not their last values."""
    shop = Shop()
    shop.run(MINUTE)
    _restart(shop, "checkout-a", down=20 * SECOND)
    assert [0.0] == _ask(shop, 'up{pod="checkout-a"}')
    assert [] == _ask(shop, 'http_requests_total{pod="checkout-a"}')
    assert [0.0] == _ask(shop, "up == 0 and on(pod) kube_pod_container_status_waiting_reason")
    waiting = 'kube_pod_container_status_waiting_reason{reason="CrashLoopBackOff",pod="checkout-a"}'
    assert [1.0] == _ask(shop, waiting)
    shop.run(2 * MINUTE)
    assert [1.0] == _ask(shop, 'up{pod="checkout-a"}')
    assert [] == _ask(shop, waiting)
    assert [1.0] == _ask(shop, 'kube_pod_container_status_restarts_total{pod="checkout-a"}')
    reason = 'kube_pod_container_status_last_terminated_reason{pod="checkout-a",reason="OOMKilled"}'
    assert [1.0] == _ask(shop, reason)


def test_a_pod_is_in_one_phase_and_either_ready_or_not() -> None:
    """Of the series of a phase or a condition exactly one is 1, and sums count pods."""
    shop = Shop()
    shop.run(MINUTE)
    shop.terminate_pod("web-a")
    shop.run(2 * MINUTE)
    assert [4.0] == _ask(shop, 'sum(kube_pod_status_phase{phase="Running"})')
    assert [4.0] == _ask(shop, "sum(kube_pod_status_phase)")
    assert [1.0] == _ask(shop, 'kube_pod_status_ready{pod="web-a",condition="false"}')
    assert [3.0] == _ask(shop, 'sum(kube_pod_status_ready{condition="true"})')


def test_equipment_is_exposed_as_the_data_plane_counted_it() -> None:
    """Caches, breakers, queues, databases: each number of the frame under its name, to the unit."""
    plane, store = wide_tiers(3), Store()
    collector = PartsCollector(store, 20_000 * DAY)
    plane.set_certificate("front", 90 * DAY)
    frame = plane.counters()
    for at in (SECOND, 20 * SECOND):
        plane.advance(at)
        frame = plane.counters()
        store.begin(at)
        collector.collect(frame)

    def newest(name: str) -> list[float]:
        return [float(value) for value in store.instant(name, 20 * SECOND).values[:, 0]]

    assert frame.caches.hits.tolist() == newest("cache_hits_total")
    assert frame.topics.waiting.tolist() == newest("queue_messages_ready")
    assert frame.topics.published.tolist() == newest("queue_messages_published_total")
    assert np.allclose(frame.topics.age_us / 1e6, newest("queue_message_age_seconds_total"))
    assert frame.stores.writes.tolist() == newest("db_writes_total")
    assert frame.breakers.refused.tolist() == newest("circuit_breaker_not_permitted_calls_total")
    assert frame.ejections.tolist() == newest("lb_outlier_ejections_total")
    states = np.array(newest("circuit_breaker_state")).reshape(-1, len(BREAKER_STATES))
    assert (states.sum(axis=1) == 1).all() and frame.breakers.state.tolist() == states.argmax(axis=1).tolist()
    assert (20_000 + 90) * 86_400.0 == newest("probe_ssl_earliest_cert_expiry")[0]
    assert all(
        max(newest(name)) > 0 for name in ("cache_hits_total", "queue_messages_acked_total", "db_reads_total")
    )


def test_pools_are_on_their_pods_pages_and_end_with_them() -> None:
    """Each number of the frame under its name; of a pod that is gone there is none, not even a zero."""
    plane, store = wide_tiers(3), Store()
    collector = PodCollector(store, {}, {})
    plane.advance(10 * SECOND)
    frame = plane.counters()
    names = [info.pod for info in frame.instances]
    holders = [(frame.instances[pool.instance].pod, pool.callee) for pool in frame.pools.infos]
    store.begin(10 * SECOND)
    collector.collect(frame, frozenset(names), frozenset(names))

    def newest(name: str, at: int) -> list[tuple[tuple[str, str], float]]:
        found = store.instant(name, at)
        ends = [(labels["pod"], labels["upstream"]) for labels in found.labels]
        return list(zip(ends, found.values[:, 0].tolist(), strict=True))

    for metric, values in (
        ("connection_pool_active", frame.pools.used + frame.pools.leaked),
        ("connection_pool_idle", frame.pools.idle),
        ("connection_pool_max", frame.pools.limit),
        ("connection_pool_opened_total", frame.pools.opened),
    ):
        assert list(zip(holders, values.tolist(), strict=True)) == newest(metric, 10 * SECOND)
    gone = holders[0][0]
    store.begin(15 * SECOND)
    collector.collect(plane.counters(), frozenset(names) - {gone}, frozenset(names) - {gone})
    left = [ends for ends, _ in newest("connection_pool_max", 15 * SECOND)]
    assert [ends for ends in holders if ends[0] != gone] == left


def test_the_cluster_of_a_scenario_is_what_kube_state_metrics_says() -> None:
    """Replicas, nodes and requests of the first incident, asked as on a real cluster."""
    drill = sim.start("production-is-down", seed=7, journal=False)

    def one(text: str) -> float:
        frame = drill.promql(text)
        assert 1 == len(frame), text
        return float(frame["value"].iloc[0])

    assert one('kube_deployment_spec_replicas{deployment="checkout"}') == one(
        'count(kube_pod_info{created_by_kind="ReplicaSet",created_by_name=~"checkout-.*"})'
    )
    assert one('sum(kube_node_status_condition{condition="Ready",status="true"})') == one(
        "count(kube_node_info)"
    )
    assert one("count(up == 1)") == one('sum(kube_pod_status_phase{phase="Running"})')
    assert (
        0
        < one(
            'sum(kube_pod_container_resource_requests{resource="cpu"}) '
            '/ sum(kube_node_status_allocatable{resource="cpu"})'
        )
        < 1
    )
    assert {"zone-a", "zone-b", "zone-c"} >= set(drill.promql("up")["zone"]) > {""} - {""}
