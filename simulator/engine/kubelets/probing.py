"""Probes as the kubelet asks them: from a container's fields to the data plane, and back to its events.

A probe whose path is the path of one of the service's routes asks that route, with all that it calls (a deep
check); any other path is a small request of its own. Both wait in the pod's queue like any request.
"""

from __future__ import annotations

from simulator.dataplane import HTTP_CODES, OUTCOMES, Probe, ProbeKind
from simulator.units import SECOND
from simulator.world import Container, Pod
from simulator.world import Probe as Declared


def declared_probes(container: Container) -> dict[ProbeKind, Declared]:
    """The probes of a container, by kind."""
    kinds: dict[ProbeKind, Declared | None] = {
        "startup": container.startup_probe,
        "liveness": container.liveness_probe,
        "readiness": container.readiness_probe,
    }
    return {kind: probe for kind, probe in kinds.items() if probe is not None}


def asked(kind: ProbeKind, probe: Declared, routes: tuple[tuple[str, str], ...]) -> Probe:
    """A declared probe as the data plane asks it.

    Args:
        kind: Which of the three.
        probe: As declared; seconds are whole there.
        routes: (path, route) of the service.
    """
    return Probe(
        kind,
        route=dict(routes).get(probe.path),
        period=probe.period_seconds * SECOND,
        timeout=probe.timeout_seconds * SECOND,
        initial_delay=probe.initial_delay_seconds * SECOND,
        success_threshold=probe.success_threshold,
        failure_threshold=probe.failure_threshold,
    )


def failure_message(pod: Pod, kind: ProbeKind, probe: Declared, outcome: str) -> str:
    """The message of the ``Unhealthy`` event (kubernetes pkg/kubelet/prober and pkg/probe/http).

    Args:
        pod: Whose probe.
        kind: Which of the three.
        probe: As declared.
        outcome: How it ended, one of the data plane's outcomes.
    """
    address = f"{pod.status.pod_ip}:{probe.port}"
    url = f'Get "http://{address}{probe.path}"'
    match outcome:
        case "timeout":
            why = f"{url}: context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
        case "unreachable":
            why = f"{url}: dial tcp {address}: connect: connection refused"
        case "reset":
            why = f"{url}: EOF"
        case _:
            why = f"HTTP probe failed with statuscode: {HTTP_CODES[OUTCOMES.index(outcome)]}"
    return f"{kind.capitalize()} probe failed: {why}"
