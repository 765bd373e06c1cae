"""Telemetry as a scenario declares it: its clock, its routes as logs write them, whose visits are traced."""

from __future__ import annotations

import simpy

from simulator.dataplane import DataPlane
from simulator.scenario.document import Scenario
from simulator.telemetry.scraper import Keeps, Telemetry
from simulator.telemetry.traces import TRACES_A_SECOND
from simulator.units import SECOND
from simulator.world import Cluster


def observe(
    scenario: Scenario,
    env: simpy.Environment,
    dataplane: DataPlane,
    cluster: Cluster,
    *,
    looked_at: bool = True,
) -> Telemetry:
    """Telemetry for a scenario's world; ``start`` it before the warm-up runs.

    Args:
        scenario: With its variant applied.
        env: The clock.
        dataplane: Of the world.
        cluster: Of the world.
        looked_at: False where nobody will look: nothing is kept but what steers the world and tells the harm.
    """
    sources = scenario.spec.traffic
    rate = sum(source.initial_rate for source in sources)
    share = min(1.0, TRACES_A_SECOND / rate) if rate > 0 else 1.0
    keeps: Keeps = "all" if looked_at else "series" if queries(scenario) else "harm"
    if not looked_at:
        share = 0.0
    dataplane.set_tracing(share, per_drain=TRACES_A_SECOND * scenario.spec.scrape_interval // SECOND)
    return Telemetry(
        env,
        dataplane,
        cluster,
        interval=scenario.spec.scrape_interval,
        start_time=scenario.spec.start_time,
        route_texts=route_texts(scenario),
        objectives={source.name: source.objective for source in sources},
        keeps=keeps,
    )


def queries(scenario: Scenario) -> bool:
    """Whether anything in this world asks PromQL by itself: an analysis, an autoscaler, a rule, an SLO."""
    spec = scenario.spec
    return bool(
        spec.analysis_templates
        or spec.cluster_analysis_templates
        or spec.alerts.groups
        or any(each.model.queries for each in spec.autoscalers)
        or any(slo.spec.indicator.spec.threshold_metric for slo in spec.slos)
    )


def route_texts(scenario: Scenario) -> dict[tuple[str, str], str]:
    """How a log line names each (service, route): method and path, as in ``POST /orders``."""
    found: dict[tuple[str, str], str] = {}
    for service in scenario.spec.fronts:
        workload = scenario.spec.backend(service.name)
        for route in workload.model.routes if workload else ():
            http = route.method != "CALL"
            found[service.name, route.name] = f"{route.method} {route.path}" if http else route.name
    return found
