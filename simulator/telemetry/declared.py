"""Telemetry as a scenario declares it: its clock for printed times, its routes as logs write them."""

from __future__ import annotations

import simpy

from simulator.dataplane import DataPlane
from simulator.scenario.document import Scenario
from simulator.telemetry.scraper import Telemetry
from simulator.world import Cluster


def observe(scenario: Scenario, env: simpy.Environment, dataplane: DataPlane, cluster: Cluster) -> Telemetry:
    """Telemetry for a scenario's world; ``start`` it before the warm-up runs."""
    return Telemetry(
        env,
        dataplane,
        cluster,
        start_time=scenario.spec.start_time,
        route_texts=route_texts(scenario),
    )


def route_texts(scenario: Scenario) -> dict[tuple[str, str], str]:
    """How a log line names each (service, route): method and path, as in ``POST /orders``."""
    found: dict[tuple[str, str], str] = {}
    for service in scenario.spec.services:
        workload = scenario.spec.backend(service.name)
        for route in workload.model.routes if workload else ():
            http = route.method != "CALL"
            found[service.name, route.name] = f"{route.method} {route.path}" if http else route.name
    return found
