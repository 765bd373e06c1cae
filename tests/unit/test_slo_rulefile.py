"""The rule file of a scenario's SLOs: Sloth's names, promtool's approval, the alerts that were asked for."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from ruamel.yaml import YAML

from simulator.scenario import Scenario
from simulator.slo.declared import objectives, rules
from simulator.slo.rulefile import decimal, rule_file
from simulator.slo.rules import ThresholdRule, threshold_rules, workbook_rules
from simulator.units import DAY, MINUTE
from tests.slo_rules import GOLDEN, KINDS, RECORDED, with_alerts

PROMTOOL = shutil.which("promtool")
GOAL = KINDS["availability"]


def _parsed(text: str) -> dict[str, list[dict[str, Any]]]:
    """Rules by the group they stand in."""
    return {group["name"]: group["rules"] for group in YAML(typ="safe").load(text)["groups"]}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_rule_files_are_the_recorded_ones_which_promtool_accepts(name: str) -> None:
    """Byte by byte what `promtool check rules` of Prometheus 2.42 accepted; where it is installed, again."""
    path = GOLDEN / f"{name}_rules.yml"
    assert path.read_text(encoding="utf-8") == RECORDED[name]()
    if PROMTOOL is not None:
        done = subprocess.run(
            [PROMTOOL, "check", "rules", str(path)], capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, done.stdout + done.stderr


def test_series_carry_sloths_names_and_labels() -> None:
    """A dashboard that was made for Sloth finds its series."""
    groups = _parsed(rule_file([GOAL], workbook_rules(GOAL)))
    assert [
        "sloth-slo-sli-recordings-web-api", "sloth-slo-meta-recordings-web-api", "sloth-slo-alerts-web-api"
    ] == list(groups)  # fmt: skip
    recorded = [rule["record"] for rules in groups.values() for rule in rules if "record" in rule]
    assert [
        *(f"slo:sli_error:ratio_rate{each}" for each in ("5m", "30m", "1h", "2h", "6h", "1d", "3d", "30d")),
        "slo:objective:ratio", "slo:error_budget:ratio", "slo:time_period:days",
        "slo:current_burn_rate:ratio", "slo:period_burn_rate:ratio",
        "slo:period_error_budget_remaining:ratio", "sloth_slo_info",
    ] == recorded  # fmt: skip
    first = groups["sloth-slo-sli-recordings-web-api"][0]["labels"]
    assert {
        "sloth_id": "web-api", "sloth_service": "web", "sloth_slo": "api", "sloth_window": "5m"
    } == first  # fmt: skip


@pytest.mark.parametrize(("days", "factor"), [(30, "14.4"), (28, "13.44"), (7, "3.36")])
def test_factors_of_the_page_scale_with_the_window(days: int, factor: str) -> None:
    """The first row of the page as written in the file, for 30, 28 and 7 days."""
    goal = replace(GOAL, window=days * DAY)
    page = _parsed(rule_file([goal], workbook_rules(goal)))["sloth-slo-alerts-web-api"][0]
    assert f"> ({factor} * 0.001)) without (sloth_window)" in page["expr"]
    assert "page" == page["labels"]["severity"] == page["labels"]["sloth_severity"]
    assert "for" not in page


def test_a_classic_alert_waits_and_keeps_firing_as_declared() -> None:
    """`for` and `keep_firing_for` stand in the file, and no second window confirms it."""
    rule = ThresholdRule(Fraction(2, 100), 10 * MINUTE, 5 * MINUTE, 15 * MINUTE, "ticket")
    alert = _parsed(rule_file([GOAL], threshold_rules(GOAL, rule)))["sloth-slo-alerts-web-api"][0]
    assert ("ApiHighErrorRatio", "5m", "15m", "ticket") == (
        alert["alert"], alert["for"], alert["keep_firing_for"], alert["labels"]["severity"]
    )  # fmt: skip
    assert alert["expr"].startswith("slo:sli_error:ratio_rate10m{") and alert["expr"].endswith("> 0.02")


def test_slices_are_recorded_at_their_own_interval_and_only_where_something_was_asked() -> None:
    """A slice without a request is NaN, which the filter drops: it is not recorded as good."""
    goal = KINDS["slices"]
    document = YAML(typ="safe").load(rule_file([goal], workbook_rules(goal)))
    samples = document["groups"][0]
    assert ("slo-slices-web-api", "1m") == (samples["name"], samples["interval"])
    assert samples["rules"][0]["expr"].endswith(") >= 0) > bool 0.05")
    ratio = document["groups"][1]["rules"][0]["expr"]
    assert ratio.startswith("avg_over_time(slo:sli_slice:bad{") and ratio.endswith("[5m])")


@pytest.mark.parametrize(
    ("declared", "names"),
    [
        ({}, ["BudgetBurn", "BudgetBurnSlow", "NoData"]),
        ({"page_alert": {"disable": True}}, ["BudgetBurnSlow", "NoData"]),
        ({"ticket_alert": {"disable": True}, "absent": False}, ["BudgetBurn"]),
        ({"generate": "threshold"}, ["HighErrorRatio", "NoData"]),
        ({"generate": "threshold", "page_alert": {"disable": True}, "absent": False}, []),
        ({"generate": "none"}, ["NoData"]),
        ({"generate": "none", "absent": False}, []),
    ],
)
def test_a_scenario_says_which_alerts_there_are(declared: dict[str, object], names: list[str]) -> None:
    """An alert that a team forgot is switched off in Sloth's words; the classic one takes its place."""
    assert [f"AppAvailability{name}" for name in names] == [rule.name for rule in rules(_with(declared))]


def test_alerts_may_watch_some_slos_only() -> None:
    """An SLO that is not named is measured and rings nobody."""
    shop = with_alerts("production-is-down", {"slos": ["storefront-availability"]})
    assert {"storefront-availability"} == {rule.slo for rule in rules(shop)}
    assert 2 == len(objectives(shop))


def _with(declared: dict[str, object]) -> Scenario:
    return with_alerts("welcome", declared)


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (Fraction(1, 1000), "0.001"),
        (Fraction(144, 10), "14.4"),
        (Fraction(6), "6"),
        (Fraction(14, 15), "0.9333333333333333"),
        (Fraction(100), "100"),
        (Fraction(999, 10), "99.9"),
    ],
)
def test_numbers_are_written_as_people_write_them(share: Fraction, text: str) -> None:
    """Exactly where the decimal ends, to sixteen figures where it does not."""
    assert text == decimal(share)
