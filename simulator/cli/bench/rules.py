"""The cost of alert rules: a drill's rules over its whole length, live in whole numbers and as PromQL."""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from simulator.drill import Run
from simulator.scenario import load
from simulator.slo import AlertRules
from simulator.slo.alerts import EVALUATION_INTERVAL
from simulator.slo.declared import rules_yaml
from simulator.telemetry.rules import RuleEngine, read_rules
from simulator.units import HOUR

#: PromQL is dear, so it is measured over every so many evaluations.
_EVERY = 10


def rules(name: str, rounds: int) -> dict[str, float]:
    """CPU seconds that an hour of rule evaluations takes.

    Args:
        name: The scenario that is played first, without a coach.
        rounds: How often each is measured; the median counts.
    """
    run = Run(load(name), 1)
    run.finish()
    groups = read_rules(rules_yaml(run.scenario).encode(), "rules.yml")
    epoch = run.telemetry.source.epoch

    def live() -> float:
        alerts = AlertRules(run.alerts.rules, run.slos)
        return _cost(run.duration, EVALUATION_INTERVAL, alerts.evaluate)

    def promql() -> float:
        engine = RuleEngine(run.telemetry.scraped, groups)
        return _cost(run.duration, _EVERY * EVALUATION_INTERVAL, lambda at: engine.evaluate(epoch + at))

    return {
        "alerts": len(run.alerts.rules),
        "file_rules": sum(len(group.rules) for group in groups),
        "live_cpu_seconds_per_hour": round(median(live() for _ in range(rounds)), 4),
        "promql_cpu_seconds_per_hour": round(median(promql() for _ in range(rounds)), 2),
    }


def _cost(duration: int, step: int, evaluate: Callable[[int], object]) -> float:
    """CPU seconds of an hour's evaluations, measured at every ``step`` of the drill."""
    instants = range(step, duration, step)
    begun = time.process_time()
    for at in instants:
        evaluate(at)
    return (time.process_time() - begun) / len(instants) * (HOUR / EVALUATION_INTERVAL)
