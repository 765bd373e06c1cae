"""SLOs of every kind, their recorded rule files, and the kit's scenarios with other alerts.

To write the files anew: ``python -m tests.slo_rules``; then let ``promtool check rules`` read them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from simulator.scenario import Scenario, load
from simulator.scenario.alerting import Alerts
from simulator.slo.declared import rules_yaml
from simulator.slo.indicator import Indicator, Threshold
from simulator.slo.objective import Objective, exact
from simulator.slo.rulefile import rule_file
from simulator.slo.rules import ThresholdRule, threshold_rules, workbook_rules
from simulator.units import DAY, MINUTE

GOLDEN: Final = Path(__file__).parent / "golden"
_GOAL: Final = Objective("api", "edge", ("cart",), exact("0.999"), 30 * DAY, owner="web")
KINDS: Final = {
    "availability": _GOAL,
    "week": replace(_GOAL, window=7 * DAY),
    "latency": replace(_GOAL, indicator=Indicator(le="0.25")),
    "slices": replace(
        _GOAL, method="Timeslices", slice_window=MINUTE, slice_target=exact("0.95"), target=exact("0.99")
    ),
    "shares": replace(_GOAL, method="RatioTimeslices", slice_window=5 * MINUTE),
    "threshold": replace(_GOAL, indicator=Indicator(threshold=Threshold("max(queue_depth)", "lt", 100))),
}


def _all_kinds() -> str:
    """One file with the Workbook's and a classic alert for each kind."""
    goals = [replace(goal, name=f"api-{kind}") for kind, goal in KINDS.items()]
    classic = ThresholdRule(keep=10 * MINUTE)
    return rule_file(
        goals, [rule for goal in goals for rule in (*workbook_rules(goal), threshold_rules(goal, classic)[0])]
    )


RECORDED: Final[dict[str, Callable[[], str]]] = {
    "kinds": _all_kinds,
    "shop": lambda: rules_yaml(load("production-is-down")),
}


def with_alerts(name: str, declared: dict[str, object]) -> Scenario:
    """A scenario of the kit with this in its ``alerts``."""
    scenario = load(name)
    alerts = Alerts.model_validate(declared, strict=False)
    return scenario.model_copy(update={"spec": scenario.spec.model_copy(update={"alerts": alerts})})


if __name__ == "__main__":
    for name, make in RECORDED.items():
        (GOLDEN / f"{name}_rules.yml").write_text(make(), encoding="utf-8")
