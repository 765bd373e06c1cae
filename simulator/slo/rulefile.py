"""The alert rules of SLOs as a real Prometheus rule file, in the series names that Sloth generates.

For each SLO three groups: recorded error ratios by window, what they mean for the objective, the alerts. A
budget in slices of time, and a threshold, record their samples first, in a group of their own whose interval
is the slice's; their ratio over a window is then a mean of samples. ``promtool check rules`` accepts it.

Source of the names and of the shape of an alert: slok/sloth examples/_gen/getting-started.yml. Where Sloth
prints a binary number (0.9990000000000001) this file has the number as it was written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from io import StringIO
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from simulator.slo.alerts import window_text
from simulator.slo.objective import Objective
from simulator.slo.rules import Condition, Rule, sloth_identity
from simulator.units import DAY, HOUR, MINUTE

#: Sloth's windows: those of the Workbook's rows.
WINDOWS: Final = (5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 6 * HOUR, DAY, 3 * DAY)
#: One value a slice: 1 where it was bad, 0 where it was good, or its share of bad requests.
SLICE: Final = "slo:sli_slice:bad"
_HEAD: Final = "# Recording and alerting rules of the SLOs, in the series names of github.com/slok/sloth.\n"

Groups = list[dict[str, Any]]


def rule_file(objectives: Iterable[Objective], rules: Iterable[Rule]) -> str:
    """A Prometheus rule file, as YAML.

    Args:
        objectives: The SLOs.
        rules: Their alerts, in order.
    """
    return rules_text(rule_groups(objectives, rules))


def rules_text(groups: Groups) -> str:
    """Groups as the text of a Prometheus rule file."""
    writer = YAML()
    writer.width = 4096
    writer.indent(mapping=2, sequence=4, offset=2)
    target = StringIO()
    writer.dump({"groups": [_literal(group) for group in groups]}, target)
    return _HEAD + target.getvalue()


def rule_groups(objectives: Iterable[Objective], rules: Iterable[Rule]) -> Groups:
    """The same as data: what stands under ``groups`` of a rule file, in order of evaluation."""
    alerts = list(rules)
    groups: Groups = []
    for goal in objectives:
        own = [rule for rule in alerts if rule.slo == goal.name]
        name = sloth_identity(goal)["sloth_id"]
        if _sampled(goal):
            groups.append(_samples(goal, name))
        parts = [part for rule in own for part in rule.conditions]
        asked = {*WINDOWS, *(part.long for part in parts), *(part.short for part in parts)}
        windows = sorted(window for window in asked if window >= goal.slice_window)
        period = f"{max(round(goal.window / DAY), 1)}d"
        groups += [
            {
                "name": f"sloth-slo-sli-recordings-{name}",
                "rules": [
                    *(_ratio(goal, window) for window in windows),
                    _period_ratio(goal, windows[0], period),
                ],
            },
            {
                "name": f"sloth-slo-meta-recordings-{name}",
                "rules": _meta(goal, windows[0], period),
            },
        ]
        if own:
            groups.append({"name": f"sloth-slo-alerts-{name}", "rules": [_alert(goal, rule) for rule in own]})
    return groups


def _literal(value: Any) -> Any:
    """Texts of several lines as YAML's literal blocks."""
    if isinstance(value, dict):
        return {key: _literal(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_literal(each) for each in value]
    return LiteralScalarString(value) if isinstance(value, str) and "\n" in value else value


def _sampled(goal: Objective) -> bool:
    return goal.sliced or goal.indicator.threshold is not None


def _samples(goal: Objective, name: str) -> dict[str, Any]:
    """The group that records one value a slice; where there is nothing to judge it records nothing."""
    length = goal.slice_window or MINUTE
    if goal.indicator.threshold is not None:
        expr = goal.indicator.broken()
    else:
        ratio = goal.indicator.error_ratio(goal.service, goal.routes, window_text(length))
        # NaN >= 0 is false, so a slice without a request is filtered out and never reads as good.
        expr = f"(\n{ratio}\n) >= 0"
        if goal.method == "Timeslices":
            expr = f"({expr}) > bool {decimal(1 - goal.slice_target)}"
    rule = {"record": SLICE, "expr": expr, "labels": sloth_identity(goal)}
    return {"name": f"slo-slices-{name}", "interval": window_text(length), "rules": [rule]}


def _ratio(goal: Objective, window: int) -> dict[str, Any]:
    text = window_text(window)
    if _sampled(goal):
        expr = f"avg_over_time({SLICE}{_selected(goal)}[{text}])"
    else:
        expr = goal.indicator.error_ratio(goal.service, goal.routes, text)
    labels = {**sloth_identity(goal), "sloth_window": text}
    return {"record": ratio_name(window), "expr": expr, "labels": labels}


def ratio_name(window: int) -> str:
    """Sloth's name for the error ratio over a window."""
    return f"slo:sli_error:ratio_rate{window_text(window)}"


def _period_ratio(goal: Objective, shortest: int, period: str) -> dict[str, Any]:
    series = f"{ratio_name(shortest)}{_selected(goal)}[{period}]"
    expr = f"sum_over_time({series})\n/ ignoring (sloth_window)\ncount_over_time({series})"
    return {
        "record": f"slo:sli_error:ratio_rate{period}",
        "expr": expr,
        "labels": {**sloth_identity(goal), "sloth_window": period},
    }


def _meta(goal: Objective, shortest: int, period: str) -> list[dict[str, Any]]:
    where = _selected(goal)
    budget = f"\n/ on(sloth_id, sloth_slo, sloth_service) group_left\nslo:error_budget:ratio{where}"
    target = decimal(goal.target)
    recorded = {
        "slo:objective:ratio": f"vector({target})",
        "slo:error_budget:ratio": f"vector({decimal(goal.allowance)})",
        "slo:time_period:days": f"vector({period[:-1]})",
        "slo:current_burn_rate:ratio": f"{ratio_name(shortest)}{where}{budget}",
        "slo:period_burn_rate:ratio": f"slo:sli_error:ratio_rate{period}{where}{budget}",
        "slo:period_error_budget_remaining:ratio": f"1 - slo:period_burn_rate:ratio{where}",
    }
    labels = sloth_identity(goal)
    rules = [{"record": name, "expr": expr, "labels": labels} for name, expr in recorded.items()]
    about = {
        **labels,
        "sloth_mode": "cli-gen-openslo",
        "sloth_objective": decimal(100 * goal.target),
        "sloth_spec": "openslo/v1",
    }
    return [*rules, {"record": "sloth_slo_info", "expr": "vector(1)", "labels": about}]


def _alert(goal: Objective, rule: Rule) -> dict[str, Any]:
    made: dict[str, Any] = {"alert": rule.name, "expr": _alert_expr(goal, rule)}
    if rule.hold:
        made["for"] = window_text(rule.hold)
    if rule.keep:
        made["keep_firing_for"] = window_text(rule.keep)
    made["labels"] = {"severity": rule.severity, **dict(rule.labels)}
    made["annotations"] = _annotations(goal, rule)
    return made


def _alert_expr(goal: Objective, rule: Rule) -> str:
    if rule.silence:
        if _sampled(goal):
            return f"absent(count_over_time({SLICE}{_selected(goal)}[{window_text(rule.silence)}]) > 0)"
        traffic = goal.indicator.traffic(goal.service, goal.routes, window_text(rule.silence))
        # absent_over nothing and a rate of zero are both silence; NaN > 0 is false, so that is silence too.
        return f"absent({traffic} > 0)"
    if rule.plain:
        part = rule.conditions[0]
        return f"{ratio_name(part.long)}{_selected(goal)} > {decimal(part.limit)}"
    return "\nor\n".join(_both(goal, part) for part in rule.conditions)


def _both(goal: Objective, part: Condition) -> str:
    """Both windows of a row over its limit, without the label that tells them apart."""
    limit = f"({decimal(part.factor)} * {decimal(goal.allowance)})"
    sides = [
        f"    max({ratio_name(window)}{_selected(goal)} > {limit}) without (sloth_window)"
        for window in (part.short, part.long)
    ]
    return "(\n" + "\n    and\n".join(sides) + "\n)"


def _annotations(goal: Objective, rule: Rule) -> Mapping[str, str]:
    kind = f"({rule.severity}) {goal.promised_by} {goal.name}"
    if rule.silence:
        silence = window_text(rule.silence)
        return {"title": f"{kind}: no data", "summary": f"No request for {silence}; nothing is known."}
    if rule.plain:
        limit = f"{100 * float(rule.conditions[0].limit):.4g} %"
        return {
            "title": f"{kind}: error ratio over {limit}",
            "summary": "Error ratio is {{ $value | humanizePercentage }}.",
        }
    return {
        "title": f"{kind} SLO error budget burn rate is too fast.",
        "summary": f"{goal.promised_by} {goal.name} SLO error budget burn rate is over expected.",
    }


def _selected(goal: Objective) -> str:
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sloth_identity(goal).items()) + "}"


def decimal(share: Fraction) -> str:
    """A share in decimal figures: exactly where it has an end, else to 16 significant ones, as Go would."""
    denominator = share.denominator
    for prime in (2, 5):
        while denominator % prime == 0:
            denominator //= prime
    if denominator != 1:
        return repr(float(share))
    return f"{(Decimal(share.numerator) / Decimal(share.denominator)).normalize():f}"
