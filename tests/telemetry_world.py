"""A small shop for the telemetry tests: web asks checkout, one pod of which can be bad; no control plane."""

from __future__ import annotations

import simpy

from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, RouteBehaviour
from simulator.distributions import Law
from simulator.telemetry import Telemetry
from simulator.units import MILLISECOND, MINUTE, SECOND
from simulator.world import (
    Cluster,
    Condition,
    Container,
    ContainerState,
    ContainerStatus,
    ObjectMeta,
    Pod,
    PodSpec,
    PodStatus,
)


class Shop:
    """Two services on a data plane, a cluster with their pods, and a scraper, from T-01:00."""

    def __init__(
        self, *, seed: int = 7, rps: float = 100.0, interval: int = 5 * SECOND, start: bool = True
    ) -> None:
        self.env = simpy.Environment(initial_time=-MINUTE)
        self.dataplane = DataPlane(seed, start=-MINUTE)
        self.cluster = Cluster()
        self.rows: dict[str, int] = {}
        self.dataplane.add_service("web", routes=("page", "order"))
        self.dataplane.add_service("checkout", routes=("place",))
        quick = Law("lognormal", 10 * MILLISECOND, 40 * MILLISECOND)
        call = CallBehaviour("checkout", "place", timeout=SECOND, attempts=2)
        self._programs = {
            ("web", "v1"): self._program(
                "web", "v1", RouteBehaviour("page", quick), RouteBehaviour("order", quick, calls=(call,))
            ),
            ("checkout", "v1"): self._program("checkout", "v1", RouteBehaviour("place", quick)),
            ("checkout", "v2"): self._program("checkout", "v2", RouteBehaviour("place", quick, 0.5)),
        }
        self.users = self.dataplane.add_source("users", "web", {"page": 3, "order": 1}, objective=SECOND)
        self.dataplane.set_rate(self.users, [(-MINUTE, rps)])
        for name in ("web-a", "web-b"):
            self.add_pod(name, "web", "v1")
        for name in ("checkout-a", "checkout-b"):
            self.add_pod(name, "checkout", "v1")
        self.telemetry = Telemetry(self.env, self.dataplane, self.cluster, interval=interval)
        if start:
            self.telemetry.start()

    def _program(self, service: str, version: str, *routes: RouteBehaviour) -> int:
        return self.dataplane.add_program(service, version, Behaviour(16, 100, routes))

    def add_pod(self, name: str, service: str, version: str) -> None:
        """A ready pod, in the cluster and on the data plane."""
        row = self.dataplane.add_instance(
            service, name, self._programs[service, version], key=len(self.rows) + 1
        )
        self.rows[name] = row
        self.dataplane.set_ready(row, True)
        container = Container("app", f"{service}:{version}")
        now = int(self.env.now)
        started = ContainerStatus("app", container.image, state=ContainerState("running", started_at=now))
        ready = Condition("Ready", "True", last_transition_at=now)
        status = PodStatus("Running", conditions=[ready], container_statuses=[started])
        meta = ObjectMeta(name, "production", labels={"app": service}, created_at=now)
        self.cluster.add(Pod(meta, PodSpec((container,)), service, status=status))

    def remove_pod(self, name: str) -> None:
        """Kill a pod and forget it."""
        self.dataplane.kill(self.rows[name])
        self.cluster.remove(self.cluster.pod(name, "production"))

    def terminate_pod(self, name: str) -> None:
        """Ask a pod to stop: out of rotation, marked for deletion."""
        self.dataplane.set_ready(self.rows[name], False)
        pod = self.cluster.pod(name, "production")
        pod.meta.deleted_at = int(self.env.now)
        pod.status.conditions[0].status = "False"
        self.cluster.changed(pod)

    def run(self, until: int) -> None:
        """Advance: requests first, then the control events of the same instant."""
        while self.env.peek() <= until:
            self.dataplane.advance(int(self.env.peek()))
            self.env.step()
        self.dataplane.advance(until)
