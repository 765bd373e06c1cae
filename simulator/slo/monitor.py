"""The SLOs of a run, joined: history, live samples from each scrape, alerts, pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from simulator.errors import GamedayError
from simulator.scenario import alerting
from simulator.scenario.alerting import EscalationRule, NoisyAlert
from simulator.slo.alertmanager import Alertmanager
from simulator.slo.alerts import AlertRules
from simulator.slo.counting import Ask, counter
from simulator.slo.flow import Endpoint
from simulator.slo.history import lay_down
from simulator.slo.noise import Noise
from simulator.slo.objective import Objective
from simulator.slo.pager import Pager
from simulator.slo.rules import Rule, workbook_rules
from simulator.slo.sli import Slo
from simulator.telemetry.scraper import Telemetry


@dataclass(frozen=True, slots=True)
class Monitor:
    """What watches the objectives of a run.

    Attributes:
        slos: By name, in the order in which they were declared.
        alerts: The rules at work.
        alertmanager: What it makes of the alerts.
        pager: The pages that rang.
    """

    slos: dict[str, Slo]
    alerts: AlertRules
    alertmanager: Alertmanager
    pager: Pager


def watch(
    telemetry: Telemetry,
    objectives: Iterable[Objective],
    *,
    seed: int,
    warm_up: int,
    rates: Mapping[Endpoint, float],
    start_time: datetime,
    rules: Iterable[Rule] | None = None,
    ask: Ask | None = None,
    noise: Iterable[NoisyAlert] = (),
    routing: alerting.Alertmanager | None = None,
    escalation: Iterable[EscalationRule] = (),
) -> Monitor:
    """Watch objectives from now on; call it before the first scrape.

    Args:
        telemetry: The run's telemetry; the monitor registers in ``after_scrape``, SLOs first, then alerts.
        objectives: What was promised.
        seed: The run's.
        warm_up: Simulated time before T+00:00, ns.
        rates: Planned requests a second by (service, route), for the history.
        start_time: The civil time of T+00:00.
        rules: Alert rules; the Workbook's for every objective by default.
        ask: Answers PromQL, for threshold metrics.
        noise: Alerts that fire whatever happens.
        routing: Alertmanager's configuration; the scenario's defaults where none is given.
        escalation: Who is asked when nobody acknowledges.

    Raises:
        GamedayError: The window of an objective is too short, its routes get no traffic, or two share a name.
    """
    slos: dict[str, Slo] = {}
    for goal in objectives:
        if goal.name in slos:
            raise GamedayError(
                f"SLO {goal.name}",
                expected="a name of its own",
                got="one that exists",
                todo="Rename one of them.",
            )
        rps = sum(
            rate
            for (service, route), rate in rates.items()
            if service == goal.service and (not goal.routes or route in goal.routes)
        )
        history = lay_down(goal, seed=seed, warm_up=warm_up, requests_per_second=rps, start_time=start_time)
        slos[goal.name] = Slo(goal, history)

    counters = [(slo, counter(slo.objective, telemetry, ask)) for slo in slos.values()]

    def observe(at: int) -> None:
        for slo, count in counters:
            slo.observe(at, *count(at))

    if rules is None:
        rules = [rule for slo in slos.values() for rule in workbook_rules(slo.objective)]
    alerts = AlertRules(rules, slos)
    alerts.add_source(Noise(noise))
    alertmanager = Alertmanager(routing or alerting.Alertmanager(), alerts)
    pager = Pager(alertmanager, escalation)
    alerts.on_evaluated.append(pager.tick)
    telemetry.after_scrape += [observe, alerts.after_scrape]
    return Monitor(slos, alerts, alertmanager, pager)


def worst(slos: Mapping[str, Slo], at: int) -> Slo:
    """The SLO whose budget the drill has spent most of; of equals, the one declared first.

    Raises:
        GamedayError: There is no SLO.
    """
    if not slos:
        raise GamedayError(
            "slos",
            expected="at least one SLO",
            got="none",
            todo="Declare one under spec.slos of the scenario.",
        )
    return max(slos.values(), key=lambda slo: slo.spent_in_drill(at))
