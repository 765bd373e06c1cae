"""The SLOs of a run, joined: history, live samples from each scrape, alerts, pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from simulator.errors import GamedayError
from simulator.scenario import alerting
from simulator.scenario.alerting import EscalationRule, NoisyAlert, PrometheusGroup
from simulator.slo.alertmanager import Alertmanager
from simulator.slo.alerts import AlertRules
from simulator.slo.counting import counter
from simulator.slo.flow import Endpoint
from simulator.slo.history import lay_down
from simulator.slo.noise import Noise
from simulator.slo.objective import Objective
from simulator.slo.pager import Pager
from simulator.slo.raw import RawRules, asking
from simulator.slo.recorded import recorded
from simulator.slo.rules import Rule, workbook_rules
from simulator.slo.series import RuleSeries
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


@dataclass(frozen=True, slots=True)
class Alerting:
    """What fires, whom it reaches, who is asked next.

    Attributes:
        rules: Alert rules on SLOs; None for the Workbook's from each.
        groups: Prometheus rules of the scenario's own.
        noise: Alerts that fire whatever happens.
        routing: Alertmanager's configuration.
        escalation: Levels of the pager.
    """

    rules: tuple[Rule, ...] | None = None
    groups: tuple[PrometheusGroup, ...] = ()
    noise: tuple[NoisyAlert, ...] = ()
    routing: alerting.Alertmanager = field(default_factory=alerting.Alertmanager)
    escalation: tuple[EscalationRule, ...] = ()


def watch(
    telemetry: Telemetry,
    objectives: Iterable[Objective],
    *,
    seed: int,
    warm_up: int,
    rates: Mapping[Endpoint, float],
    start_time: datetime,
    versions: Mapping[str, str] | None = None,
    declared: Alerting | None = None,
) -> Monitor:
    """Watch objectives from now on; call it before the first scrape.

    Args:
        telemetry: The run's telemetry; the monitor listens to its scrapes, and evaluates rules every 15 s.
        objectives: What was promised.
        seed: The run's.
        warm_up: Simulated time before T+00:00, ns.
        rates: Planned requests a second by (service, route), for the history.
        start_time: The civil time of T+00:00.
        versions: What each service ran before the run, for the labels of its history.
        declared: Alert rules and whom they reach; the defaults where nothing is given.

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
    laid = [(slo.objective, slo.history) for slo in slos.values()]
    epoch = telemetry.source.epoch
    telemetry.add_recorded(recorded(laid, rates, versions=versions or {}, epoch=epoch))
    ask = asking(telemetry.scraped, epoch)
    counters = [(slo, counter(slo.objective, telemetry, ask)) for slo in slos.values()]

    def observe(at: int) -> None:
        for slo, count in counters:
            slo.observe(at, *count(at))

    telemetry.on_scrape(observe)
    return _alerting(telemetry, slos, declared or Alerting(), -warm_up)


def _alerting(telemetry: Telemetry, slos: dict[str, Slo], declared: Alerting, start: int) -> Monitor:
    """Rules over the SLOs, and what hears them."""
    rules = declared.rules
    if rules is None:
        rules = tuple(rule for slo in slos.values() for rule in workbook_rules(slo.objective))
    alerts = AlertRules(rules, slos)
    epoch = telemetry.source.epoch
    taken = frozenset(rule.record for group in declared.groups for rule in group.rules if rule.record)
    telemetry.add_derived(RuleSeries(slos, alerts, epoch=epoch, start=start, without=taken))
    raw = RawRules(declared.groups, telemetry.metrics, epoch=epoch, slos=slos)
    telemetry.add_derived(raw.engine.recorded)
    alerts.add_source(raw)
    alerts.add_source(Noise(declared.noise))
    alertmanager = Alertmanager(declared.routing, alerts)
    pager = Pager(alertmanager, declared.escalation)
    alerts.on_evaluated.append(pager.tick)
    telemetry.every(alerts.interval, alerts.evaluate)
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
