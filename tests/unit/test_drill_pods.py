"""Pods as kubectl prints them while their containers come and go."""

from __future__ import annotations

import pytest

from simulator.drill.console.kubectl.columns import row_of
from simulator.drill.console.kubectl.describe import description
from simulator.drill.console.objects.manifests import pod_spec_tree
from simulator.engine import Production
from simulator.units import SECOND
from simulator.world import PODS, SERVICES, Container, Pod, PodSpec
from tests.small_system import Tree, loaded, page, played

CONTAINER: Tree = {
    "name": "front",
    "image": "front:v1",
    "livenessProbe": {"periodSeconds": 5, "timeoutSeconds": 2},
    "readinessProbe": {"periodSeconds": 2},
    "startupProbe": {"failureThreshold": 30},
    "lifecycle": {"preStop": {"sleep": {"seconds": 7}}},
    "resources": {"limits": {"memory": "256Mi"}},
}
CRASH = {
    "at": "1m",
    "setImage": {"deployment": "front", "image": "front:v2"},
    "model": {"startTime": "2s", "crash": {"after": "1s", "exitCode": 3, "log": "panic: no key"}},
}


@pytest.fixture(scope="module")
def looping() -> tuple[Production, Pod]:
    """A release that crashes a second after each start, two minutes on, and its first pod."""
    front: Tree = {"spec": {"template": {"spec": {"containers": [CONTAINER]}}}}
    made = played({"spec": {"workloads": {0: front}}, "timeline": [CRASH]}, page({"calls": []}), seconds=120)
    return made, next(pod for pod in made.cluster.pods if pod.spec.containers[0].image == "front:v2")


def test_the_row_of_a_crash_loop(looping: tuple[Production, Pod]) -> None:
    """READY 0/1, the reason as STATUS, and when the last restart was."""
    made, pod = looping
    _, ready, status, restarts, _ = row_of(PODS, pod, made.now).plain
    ended = pod.status.container_statuses[0].last_state
    assert ended is not None
    assert ended.finished_at is not None
    ago = (made.now - ended.finished_at) // SECOND
    assert ("0/1", "CrashLoopBackOff", f"3 ({ago}s ago)") == (ready, status, restarts)


def test_the_description_of_a_crash_loop(looping: tuple[Production, Pod]) -> None:
    """State and Last State with reason and exit code, each probe in a line, events that count up."""
    made, pod = looping
    lines = [" ".join(line.split()) for line in description(pod, made.cluster, made.now).splitlines()]
    state = lines.index("State: Waiting")
    assert ["Reason: CrashLoopBackOff", "Last State: Terminated", "Reason: Error", "Message: panic: no key",
            "Exit Code: 3"] == lines[state + 1 : state + 6]  # fmt: skip
    assert "Restart Count: 3" in lines
    for line in (
        "Liveness: http-get http://:8080/healthz delay=0s timeout=2s period=5s #success=1 #failure=3",
        "Readiness: http-get http://:8080/healthz delay=0s timeout=1s period=2s #success=1 #failure=3",
        "Startup: http-get http://:8080/healthz delay=0s timeout=1s period=10s #success=1 #failure=30",
        "QoS Class: Burstable",
    ):
        assert line in lines
    (back_off,) = [line for line in lines if line.startswith("Warning BackOff")]
    full_name = f"{pod.meta.name}_production({pod.meta.uid})"
    assert back_off.endswith(f"kubelet Back-off restarting failed container front in pod {full_name}")
    assert any(line.startswith("Normal Created") and "(x4 over" in line for line in lines)


def test_a_manifest_carries_what_was_declared(looping: tuple[Production, Pod]) -> None:
    """Probes and hooks come back under the names of the API."""
    _, pod = looping
    containers = pod_spec_tree(pod.spec)["containers"]
    assert isinstance(containers, list)
    container = containers[0]
    assert isinstance(container, dict)
    assert {"preStop": {"sleep": {"seconds": 7}}} == container["lifecycle"]
    liveness, startup = container["livenessProbe"], container["startupProbe"]
    assert isinstance(liveness, dict)
    assert isinstance(startup, dict)
    assert (2, 5) == (liveness["timeoutSeconds"], liveness["periodSeconds"])
    assert 30 == startup["failureThreshold"]


def test_a_services_affinity_is_described() -> None:
    """As declared, and None where nothing is."""
    made = Production(loaded({"spec": {"services": {1: {"spec": {"sessionAffinity": "ClientIP"}}}}}), 3)
    texts = []
    for name in ("back", "front"):
        item = made.cluster.get(SERVICES, name)
        texts.append(description(item, made.cluster, made.now).split("Session Affinity:")[1].split()[0])
    assert ["ClientIP", "None"] == texts


@pytest.mark.parametrize(
    ("container", "qos"),
    [
        (Container("a", "a:1"), "BestEffort"),
        (Container("a", "a:1", cpu_request_millicores=100), "Burstable"),
        (Container("a", "a:1", (), 100, 1 << 20, 100, 1 << 20), "Guaranteed"),
        (Container("a", "a:1", (), 100, 1 << 20, 100, 2 << 20), "Burstable"),
    ],
)
def test_the_quality_of_service_follows_requests_and_limits(container: Container, qos: str) -> None:
    """Guaranteed where both are equal for both resources, BestEffort where nothing is said."""
    assert qos == PodSpec((container,)).qos_class
