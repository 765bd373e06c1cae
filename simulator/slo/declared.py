"""The SLOs and alerts of a scenario, at work on its telemetry."""

from __future__ import annotations

from datetime import datetime
from fractions import Fraction
from typing import cast

from simulator.scenario.alerting import ThresholdAlert
from simulator.scenario.document import Scenario
from simulator.scenario.objectives import SLO
from simulator.slo.flow import Endpoint, UserFlow, planned_rates
from simulator.slo.indicator import CodeMatcher, Indicator, Operator, Threshold
from simulator.slo.monitor import Alerting, Monitor, watch
from simulator.slo.objective import Objective, exact
from simulator.slo.periods import CalendarUnit, periods
from simulator.slo.rulefile import rule_file
from simulator.slo.rules import Rule, ThresholdRule, no_data_rule, threshold_rules, workbook_rules
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
    spec = scenario.spec
    running = {service.name: spec.backend(service.name) for service in spec.services}
    return watch(
        telemetry,
        objectives(scenario),
        seed=seed,
        warm_up=spec.warm_up,
        rates=expected_rates(scenario),
        start_time=spec.start_time,
        versions={name: each.image.rpartition(":")[2] for name, each in running.items() if each},
        declared=Alerting(
            rules=tuple(rules(scenario)),
            groups=spec.alerts.groups,
            noise=scenario.noise,
            routing=spec.alertmanager,
            escalation=spec.pager.escalation_rules,
        ),
    )


def rules(scenario: Scenario) -> list[Rule]:
    """The alert rules that the scenario's ``alerts`` asks for, SLO by SLO.

    Raises:
        GamedayError: A calendar window names no time zone that there is.
    """
    alerts = scenario.spec.alerts
    off = {
        severity
        for severity, switch in (("page", alerts.page_alert), ("ticket", alerts.ticket_alert))
        if switch.disable
    }
    found: list[Rule] = []
    for goal in objectives(scenario):
        if alerts.slos and goal.name not in alerts.slos:
            continue
        if alerts.generate == "workbook":
            made = workbook_rules(goal)
        elif alerts.generate == "threshold":
            made = threshold_rules(goal, _threshold(alerts.threshold))
        else:
            made = (no_data_rule(goal),)
        found += [rule for rule in made if (alerts.absent if rule.silence else rule.severity not in off)]
    return found


def rules_yaml(scenario: Scenario) -> str:
    """The same as a Prometheus rule file, recording rules included."""
    return rule_file(objectives(scenario), rules(scenario))


def _threshold(declared: ThresholdAlert) -> ThresholdRule:
    return ThresholdRule(
        ratio=exact(declared.ratio),
        window=declared.window,
        hold=declared.for_,
        keep=declared.keep_firing_for,
        severity=declared.severity,
    )


def objectives(scenario: Scenario) -> list[Objective]:
    """The scenario's SLOs in this room's terms."""
    return [objective(slo, scenario.spec.start_time) for slo in scenario.spec.slos]


def objective(slo: SLO, start_time: datetime) -> Objective:
    """One SLO in this room's terms.

    Args:
        slo: As declared.
        start_time: The civil time of T+00:00, for calendar windows.

    Raises:
        GamedayError: A calendar window names no time zone that there is.
    """
    goal, window = slo.objective, slo.window
    calendar = None
    if window.calendar is not None:
        calendar = periods(
            count=window.count,
            unit=cast("CalendarUnit", window.unit),
            first=window.calendar.start_time,
            time_zone=window.calendar.time_zone,
            start_time=start_time,
        )
    begin, end = calendar.containing(0) if calendar else (0, window.rolling)
    return Objective(
        name=slo.name,
        service=slo.service,
        routes=slo.routes,
        target=goal.share,
        window=end - begin,
        spent_at_start=slo.budget_spent_at_start,
        title=slo.title,
        owner=slo.spec.service,
        indicator=_indicator(slo),
        method=slo.spec.budgeting_method,
        slice_window=goal.time_slice_window or 0,
        slice_target=Fraction(str(goal.time_slice_target or 0)),
        periods=calendar,
    )


def _indicator(slo: SLO) -> Indicator:
    goal, ratio = slo.objective, slo.ratio
    if ratio is None:
        assert slo.threshold is not None, "an SLI is a ratio or a threshold"
        assert goal.op is not None and goal.value is not None, "a threshold has both"
        return Indicator(threshold=Threshold(slo.threshold.query, goal.op, goal.value))
    some = ratio.some.selector
    if some.latency:
        return Indicator(metric=some.metric, le=_canonical(some.le))
    assert some.code is not None, "good and bad are told apart by the code"
    matcher = CodeMatcher(cast("Operator", some.code[0]), some.code[1])
    return Indicator(metric=some.metric, bad=matcher if ratio.word == "bad" else matcher.negated)


def _canonical(le: str) -> str:
    """A bucket's bound as exporters write it: 1 for 1.0. What is no number stays, and is refused later."""
    try:
        return f"{float(le):g}"
    except ValueError:
        return le


def expected_rates(scenario: Scenario) -> dict[Endpoint, float]:
    """Requests a second at each (service, route) when the run begins, while nothing fails."""
    flows = [UserFlow(one.service, one.routes, one.initial_rate) for one in scenario.spec.traffic]
    calls: dict[Endpoint, list[tuple[Endpoint, float]]] = {}
    for service in scenario.spec.fronts:
        workload = scenario.spec.backend(service.name)
        for route in workload.model.routes if workload else ():
            calls[service.name, route.name] = [
                ((call.service, call.route), call.chance * call.copies) for call in route.calls
            ]
    return planned_rates(flows, calls)
