"""Services whose affinity, zones or weights change while the world runs, in the data plane's words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Protocol

from simulator.dataplane import Balancer
from simulator.scenario.document import Scenario
from simulator.scenario.timeline import SetRouting
from simulator.world import Change, Cluster, Service


class Balancing(Protocol):
    """What is needed of a data plane."""

    def set_routing(self, service: str, balancer: Balancer, *, prefer_zone: bool = False) -> None:
        """Let a service's callers choose in another way."""

    def set_weights(self, service: str, weights: dict[str, float]) -> None:
        """Split a service's requests between its versions."""


class Affinity:
    """Keeps how callers choose a pod what the Services say.

    Args:
        cluster: Whose Services are watched.
        dataplane: Where callers choose.
        scenario: Which balancer each workload has without affinity.
    """

    def __init__(self, cluster: Cluster, dataplane: Balancing, scenario: Scenario) -> None:
        self._cluster = cluster
        self._dataplane = dataplane
        self._balancers: dict[str, Balancer] = {}
        for item in scenario.spec.fronts:
            backend = scenario.spec.backend(item.name)
            if backend is not None:
                self._balancers[item.name] = backend.model.balancer
        self._known = {item.meta.name: _choice(item) for item in cluster.services}
        cluster.subscribe(self._on_change)

    def carry_out(self, change: SetRouting) -> None:
        """What a timeline says of a Service; nothing happens where it has been deleted."""
        if change.weights is not None:
            self.split(change.service, change.weights)
        service = self._cluster.services.find(change.service, self._cluster.namespace)
        if service is None:
            return
        spec = service.spec
        if change.session_affinity is not None:
            spec = replace(spec, session_affinity=change.session_affinity)
        if change.traffic_distribution is not None:
            zones = "" if change.traffic_distribution == "None" else change.traffic_distribution
            spec = replace(spec, traffic_distribution=zones)
        if spec != service.spec:
            service.spec = spec
            self._cluster.changed(service)

    def split(self, service: str, weights: Mapping[str, float]) -> None:
        """Send each version its share of a Service's requests, whatever its pods; empty ends that."""
        self._dataplane.set_weights(service, dict(weights))

    def _on_change(self, change: Change) -> None:
        item = change.object
        if not isinstance(item, Service) or change.type != "MODIFIED":
            return
        choice = _choice(item)
        if choice != self._known.get(item.meta.name) and item.meta.name in self._balancers:
            self._known[item.meta.name] = choice
            sticky, close = choice
            balancer = "ring_hash" if sticky else self._balancers[item.meta.name]
            self._dataplane.set_routing(item.meta.name, balancer, prefer_zone=close)


def _choice(item: Service) -> tuple[bool, bool]:
    return item.spec.session_affinity == "ClientIP", item.spec.traffic_distribution == "PreferClose"
