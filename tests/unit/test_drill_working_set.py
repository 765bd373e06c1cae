"""Memory that no model declares: what is shown of it is likely, constant, and the same everywhere."""

from __future__ import annotations

from simulator.drill import Run
from simulator.engine.autoscaling.metrics_server import SYSTEM_BYTES
from simulator.scenario import load
from simulator.units import MINUTE
from simulator.world.working_set import working_set_bytes


def test_a_pod_shows_a_likely_share_of_its_request() -> None:
    """`kubectl top`, the nodes' sums and cAdvisor's series say the same; no pod takes nothing."""
    run = Run(load("production-is-down"), 1)
    run.advance(MINUTE)
    server, total = run.production.metrics_server, 0
    for pod in run.cluster.pods:
        usage, asked = server.pod(pod), pod.spec.containers[0].memory_request_bytes
        assert usage is not None and working_set_bytes(pod) == usage.memory_bytes
        likely = (0.549 * asked, 0.701 * asked) if asked else (56 << 20, 72 << 20)
        assert likely[0] <= usage.memory_bytes <= likely[1]
        series = run.telemetry.store.series("container_memory_working_set_bytes", pod=pod.meta.name)
        assert {float(usage.memory_bytes)} == set(series.values[0].tolist())
        total += usage.memory_bytes
    nodes = [server.node(node) for node in run.cluster.nodes]
    assert total == sum(each.memory_bytes - SYSTEM_BYTES for each in nodes if each is not None)
    assert " 0Mi" not in run.do("kubectl top pods").text
