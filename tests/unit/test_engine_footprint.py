"""A scenario that would take too much memory is refused before it starts, and the message says why."""

from __future__ import annotations

import pytest

from simulator.dataplane import DataPlane
from simulator.engine import Production
from simulator.engine.footprint import refuse_too_large
from simulator.engine.software import Software
from simulator.errors import GamedayError
from simulator.scenario import Scenario
from tests.small_system import Tree, front, loaded

NODES: Tree = {"spec": {"nodes": {"count": 500, "cpu": "64", "memory": "256Gi"}}}
CROWDED: Tree = {"spec": {"workloads": {0: {"spec": {"replicas": 2000}}}}}


def refused(scenario: Scenario, limit: int) -> str:
    """The message under a limit of so many bytes; empty where it fits."""
    plane = DataPlane(1)
    Software(scenario, plane)
    try:
        refuse_too_large(scenario, plane, limit)
    except GamedayError as error:
        return str(error)
    return ""


def test_deep_queues_on_many_pods_are_refused() -> None:
    """The largest part is named with the numbers that make it, and what to change."""
    deep = front({"concurrency": 1000, "queueLimit": 100_000})
    message = refused(loaded(NODES, CROWDED, deep), 200 << 20)
    assert message.startswith(
        "scenario small, with 2,002 pods: expected a system whose requests take at most 200 MiB"
    )
    assert "of which open requests take" in message
    assert "workers and places in queues)" in message
    assert message.endswith("Shorten the queues (queueLimit), or lower concurrency or replicas.")


def test_a_release_counts_with_its_own_room() -> None:
    """What a version of the timeline may hold is part of the estimate, before it is released."""
    version: Tree = {"queueLimit": 100_000}
    release = {"at": "1m", "setImage": {"deployment": "front", "image": "front:v2"}, "model": version}
    assert refused(loaded(), 200 << 20) == ""
    assert "open requests" in refused(loaded({"timeline": [release]}), 40 << 20)


def test_an_autoscaler_counts_with_what_it_may_make() -> None:
    """Two pods that may become 2,000 are 2,000."""
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "front"}
    scaler = {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "front"},
        "spec": {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": 2000},
    }
    requests = {"name": "front", "image": "front:v1", "resources": {"requests": {"cpu": "100m"}}}
    pods: Tree = {"spec": {"workloads": {0: {"spec": {"template": {"spec": {"containers": [requests]}}}}}}}
    assert "with 2,002 pods" in refused(loaded(NODES, pods, {"spec": {"autoscalers": [scaler]}}), 1 << 20)


def test_production_refuses_before_it_makes_a_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check stands before the first pod, so that nothing large is made."""

    def small(scenario: Scenario, dataplane: DataPlane) -> None:
        refuse_too_large(scenario, dataplane, 1000)

    def never(*_: object, **__: object) -> int:
        raise AssertionError("a pod was made")

    monkeypatch.setattr(DataPlane, "add_instance", never)
    monkeypatch.setattr("simulator.engine.production.refuse_too_large", small)
    with pytest.raises(GamedayError, match="a system whose requests take at most 0 MiB"):
        Production(loaded(), 1)
