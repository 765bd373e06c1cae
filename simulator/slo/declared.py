"""The SLOs and alerts of a scenario, at work on its telemetry."""

from __future__ import annotations

from simulator.scenario.document import Scenario
from simulator.slo.flow import Endpoint, UserFlow, planned_rates
from simulator.slo.monitor import Monitor, watch
from simulator.slo.objective import Objective
from simulator.telemetry.scraper import Telemetry


def monitor(scenario: Scenario, seed: int, telemetry: Telemetry) -> Monitor:
    """Watch everything that the scenario promises; call it before telemetry starts.

    Args:
        scenario: With its variant applied.
        seed: The run's.
        telemetry: Of the same run.

    Raises:
        GamedayError: An SLO counts requests that no traffic makes, or calls go round in a circle.
    """
    return watch(
        telemetry,
        objectives(scenario),
        seed=seed,
        warm_up=scenario.spec.warm_up,
        rates=expected_rates(scenario),
        start_time=scenario.spec.start_time,
    )


def objectives(scenario: Scenario) -> list[Objective]:
    """The scenario's SLOs in this room's terms."""
    return [
        Objective(
            name=slo.name,
            service=slo.service,
            routes=slo.routes,
            target=slo.target,
            window=slo.window,
            spent_at_start=slo.budget_spent_at_start,
            title=slo.title,
        )
        for slo in scenario.spec.slos
    ]


def expected_rates(scenario: Scenario) -> dict[Endpoint, float]:
    """Requests a second at each (service, route) when the run begins, while nothing fails."""
    flows = [UserFlow(one.service, one.routes, one.initial_rate) for one in scenario.spec.traffic]
    calls: dict[Endpoint, list[tuple[Endpoint, float]]] = {}
    for service in scenario.spec.services:
        workload = scenario.spec.backend(service.name)
        for route in workload.model.routes if workload else ():
            calls[service.name, route.name] = [
                ((call.service, call.route), call.chance * call.copies) for call in route.calls
            ]
    return planned_rates(flows, calls)
