"""The metrics server: a rate needs two points, and what could not be read is not known any more."""

from __future__ import annotations

import numpy as np
import pytest

from simulator.dataplane import Resources
from simulator.engine.autoscaling.metrics_server import SYSTEM_BYTES, SYSTEM_NANOCORES, MetricsServer
from simulator.units import MILLISECOND, SECOND
from simulator.world import Pod
from tests.engine_stage import Stage


class Metered(Stage):
    """Two pods that compute 200 ms a second and take 64 MiB, and a metrics server that watches them."""

    def __init__(self) -> None:
        super().__init__(2, start_time=SECOND, pull_time=SECOND)
        self.cores = 16
        self.busy = 1
        self.server = MetricsServer(self.env, self.cluster, self, self.kubelet.instance_of)

    def resources(self) -> Resources:
        """As the data plane would count it; every instance since its own start."""
        rows = len(self.plane.pods)
        began = {
            self.kubelet.instance_of(pod): pod.status.container_statuses[0].state.started_at or 0
            for pod in self.cluster.pods
        }
        work = [(self.env.now - max(0, began.get(row, 0))) // 5 for row in range(rows)]
        millicores = np.full(rows, self.cores * 1000)
        return Resources(np.array(work) * self.busy, millicores, np.full(rows, 64 << 20))

    @property
    def first(self) -> Pod:
        return self.living()[0]


def test_a_rate_needs_two_samples() -> None:
    """Every 15 s; the window is what lies between them."""
    stage = Metered()
    stage.run(20)
    assert stage.server.pod(stage.first) is None
    stage.run(10)
    usage = stage.server.pod(stage.first)
    assert usage is not None
    assert (usage.cpu_milli, usage.memory_bytes, usage.at, usage.window) == (
        200,
        64 << 20,
        30 * SECOND,
        15 * SECOND,
    )


@pytest.mark.parametrize(("age", "known"), [(9, False), (12, True)])
def test_a_container_that_has_just_started_is_compared_with_its_start(age: int, known: bool) -> None:
    """Once it is ten seconds old at its first sample."""
    stage = Metered()
    stage.run(600)
    stage.run((15 * SECOND - stage.env.now % (15 * SECOND)) / SECOND)
    pod = stage.first
    started = stage.env.now - age * SECOND
    pod.status.container_statuses[0].state.started_at = started
    stage.server._last.clear()
    stage.run(0.001)
    usage = stage.server.pod(pod)
    assert (usage is not None) == known
    if usage is not None:
        assert (usage.window, usage.cpu_milli) == (age * SECOND, 200)


def test_a_restarted_container_is_not_compared_with_its_predecessor() -> None:
    """Its counter began anew: two samples first."""
    stage = Metered()
    stage.run(60)
    status = stage.first.status.container_statuses[0]
    status.state.started_at, status.restart_count = stage.env.now, 1
    stage.run(15)
    assert stage.server.pod(stage.first) is None
    stage.run(15)
    assert stage.server.pod(stage.first) is not None


def test_a_node_takes_what_its_pods_and_its_system_take() -> None:
    """An empty node takes the system's share alone."""
    stage = Metered()
    stage.run(60)
    taken, empty = stage.first.node_name, "node-11"
    nodes = {node.meta.name: stage.server.node(node) for node in stage.cluster.nodes}
    busy, idle = nodes[taken], nodes[empty]
    assert busy is not None
    assert idle is not None
    assert busy.cpu_nanocores == SYSTEM_NANOCORES + 200 * MILLISECOND
    assert (idle.cpu_nanocores, idle.memory_bytes) == (SYSTEM_NANOCORES, SYSTEM_BYTES)


def test_a_pod_takes_no_more_than_its_cores_and_a_node_no_more_than_it_has() -> None:
    """What was counted ahead is held back: three pods' worth of work on one core is one core's."""
    stage = Metered()
    stage.cores, stage.busy = 1, 15
    stage.run(60)
    usage = stage.server.pod(stage.first)
    node = stage.cluster.nodes.find(stage.first.node_name)
    assert usage is not None
    assert node is not None
    assert usage.cpu_milli == 1000
    stage.cores, stage.busy = 200, 1000
    stage.run(30)
    taken = stage.server.node(node)
    assert taken is not None
    assert node.spec.cpu_millicores == taken.cpu_milli


def test_what_does_not_answer_is_not_known_any_more() -> None:
    """A node that is lost takes the metrics of its pods along."""
    stage = Metered()
    stage.run(60)
    node = stage.cluster.nodes.find(stage.first.node_name)
    assert node is not None
    node.powered = False
    stage.run(15)
    assert stage.server.pod(stage.first) is None
    assert stage.server.node(node) is None
