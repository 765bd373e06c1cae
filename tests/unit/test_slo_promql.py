"""One story: the live integers, the rule file as PromQL, and promtool fire at the same minute."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from math import isnan
from pathlib import Path
from typing import Any

import pytest

from simulator.drill import Run
from simulator.errors import GamedayError
from simulator.scenario import Scenario
from simulator.scenario.alerting import Alerts
from simulator.scenario.objectives import SLO
from simulator.slo.declared import rules_yaml
from simulator.telemetry.promql import query
from simulator.telemetry.promql.labels import metric_text
from simulator.telemetry.promql.syntax import Version
from simulator.telemetry.rules import RuleEngine, read_rules
from simulator.units import DAY, HOUR, MINUTE, SECOND, format_clock
from tests import drill_stage

PROMTOOL = shutil.which("promtool")
BURN = "AppAvailabilityBudgetBurn"
LATENCY: dict[str, Any] = {
    "metadata": {"name": "app-latency"},
    "spec": {
        "service": "app",
        "indicator": {"metadata": {"name": "fast"}, "spec": {"ratioMetric": {
            "good": {"metricSource": {"spec": {
                "query": 'http_request_duration_seconds_bucket{service="app",le="0.05"}'}}},
            "total": {"metricSource": {"spec": {
                "query": 'http_request_duration_seconds_count{service="app"}'}}},
        }}},
        "timeWindow": [{"duration": "1M", "calendar": {
            "startTime": "2026-01-01 00:00:00", "timeZone": "Europe/Berlin"}}],
        "objectives": [{"target": 0.98}],
    },
    "model": {"budgetSpentAtStart": 0.1},
}  # fmt: skip
QUEUE: dict[str, Any] = {
    "metadata": {"name": "app-errors"},
    "spec": {
        "service": "app",
        "budgetingMethod": "Timeslices",
        "indicator": {"metadata": {"name": "errors"}, "spec": {"thresholdMetric": {"metricSource": {"spec": {
            "query": 'sum(rate(lb_requests_total{service="app",code=~"5.."}[1m]))'}}}}},
        "timeWindow": [{"duration": "7d", "isRolling": True}],
        "objectives": [{"target": 0.99, "op": "lte", "value": 1.0,
                        "timeSliceTarget": 0.5, "timeSliceWindow": "1m"}],
    },
}  # fmt: skip


def _bent(*slos: dict[str, Any], alerts: dict[str, Any] | None = None) -> Scenario:
    """The stage with more SLOs and other alerts."""
    scenario = drill_stage.scenario()
    spec = scenario.spec.model_copy(
        update={
            "slos": (*scenario.spec.slos, *(SLO.model_validate(each, strict=False) for each in slos)),
            "alerts": Alerts.model_validate(alerts or {}, strict=False),
        }
    )
    return scenario.model_copy(update={"spec": spec})


def _fired(run: Run) -> list[tuple[int, str, str]]:
    return [
        (one.at, one.alert, one.state)
        for one in run.alerts.transitions
        if one.state in ("firing", "resolved")
    ]


def _by_promql(run: Run, version: Version) -> list[tuple[int, str, str]]:
    """Play the run to its end with the generated rule file beside it, evaluated as PromQL."""
    engine = RuleEngine(
        run.telemetry.scraped, read_rules(rules_yaml(run.scenario).encode(), "rules.yml"), version=version
    )
    epoch = run.telemetry.source.epoch
    found: list[tuple[int, str, str]] = []

    def beside(at: int) -> None:
        for change in engine.evaluate(epoch + at):
            state = "resolved" if change.state == "inactive" else change.state
            if state == "firing" or change.before == "firing":
                found.append((at, change.alert.name, state))

    run.alerts.on_evaluated.append(beside)
    run.do("wait 6m")
    run.do("kubectl rollout undo deployment/app")
    run.finish()
    assert [] == engine.failures
    return found


@pytest.mark.parametrize("version", [3, 2])
def test_the_rule_file_as_promql_fires_when_the_live_rules_do(version: Version) -> None:
    """Availability and latency, rolling and calendar: the same alerts, at the very same evaluation.

    A range of Prometheus 2 holds a sample more, on its left edge: an alert may end an evaluation later.
    """
    run = Run(_bent(LATENCY), 11)
    found = _by_promql(run, version)
    assert BURN in {name for _, name, _ in found}
    unit = 1 if version == 3 else MINUTE
    assert [(at // unit, *rest) for at, *rest in _fired(run)] == [(at // unit, *rest) for at, *rest in found]


def test_history_and_run_make_one_ratio() -> None:
    """Over every window the PromQL of the file gives what the integers give, history included."""
    run = Run(_bent(LATENCY), 11)
    run.do("wait 5m")
    for slo in run.slos.values():
        goal = slo.objective
        for window, text in ((5 * MINUTE, "5m"), (HOUR, "1h"), (6 * HOUR, "6h"), (3 * DAY, "3d")):
            at = run.telemetry.store.times[-1]
            asked = goal.indicator.error_ratio(goal.service, goal.routes, text)
            (found,) = query(run.telemetry.scraped, asked, run.telemetry.source.epoch + int(at)).elements
            assert slo.error_ratio(window, int(at)) == pytest.approx(found.value, rel=0.03), (goal.name, text)


def test_history_shows_on_the_console() -> None:
    """A learner's own rate over a day sees the day, not the warm-up alone."""
    run = drill_stage.fresh()
    day = run.do('promql sum(increase(lb_requests_total{service="app"}[1d]))').text
    assert float(day.split("=>")[1].split("@")[0]) > 30 * 86_400 / 3


def test_what_the_rules_record_can_be_asked() -> None:
    """Sloth's series and ALERTS on the console: the values of the SLO, and only while the alert fires."""
    run = Run(_bent(LATENCY), 11)
    run.do("wait 6m")
    at = run.pager.pages[0].since
    slo, epoch = run.slos["app-availability"], run.telemetry.source.epoch

    def ask(text: str, moment: int) -> list[float]:
        return [each.value for each in query(run.telemetry.metrics, text, epoch + moment).elements]

    where = '{sloth_slo="app-availability"}'
    assert [slo.error_ratio(HOUR, at)] == ask(f"slo:sli_error:ratio_rate1h{where}", at)
    assert [slo.burn_rate(5 * MINUTE, at)] == ask(f"slo:current_burn_rate:ratio{where}", at)
    remaining = ask(f"slo:period_error_budget_remaining:ratio{where}", at)
    assert 0.7 < remaining[0] < 0.8
    firing = f'ALERTS{{alertname="{BURN}",alertstate="firing"}}'
    assert ([], [1.0]) == (ask(firing, at - SECOND), ask(firing, at))
    assert len(ask("slo:objective:ratio", at)) == 2
    assert "ALERTS" in run.do("promql ALERTS").text
    run.do("kubectl rollout undo deployment/app")
    run.finish()
    assert [] == ask(firing, run.now)


def test_a_pasted_rule_file_is_recorded_once() -> None:
    """The generated file given verbatim as raw rules: there is one of each series, and it pages."""
    from ruamel.yaml import YAML

    groups = YAML(typ="safe").load(rules_yaml(drill_stage.scenario()))["groups"]
    plain = [{"name": group["name"], "rules": group["rules"]} for group in groups]
    run = Run(_bent(alerts={"generate": "none", "absent": False, "groups": plain}), 11)
    run.do("wait 6m")
    assert BURN == run.pager.pages[0].name
    asked = query(run.telemetry.metrics, "slo:sli_error:ratio_rate5m", run.telemetry.source.epoch + run.now)
    assert 1 == len(asked.elements)
    assert 1 == run.do("promql ALERTS").text.count(BURN)


# --- promtool -------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def _paged() -> Run:
    run = drill_stage.fresh()
    run.do("wait 6m")
    return run


def _input_series(run: Run, start: int, end: int) -> Iterator[dict[str, str]]:
    """The run's own counters as promtool's input, one value a scrape."""
    from simulator.telemetry.promql import Matcher

    epoch, step = run.telemetry.source.epoch, run.telemetry.interval
    wanted = (Matcher("__name__", "=", "lb_requests_total"), Matcher("service", "=", "app"))
    block = run.telemetry.scraped.select(wanted, epoch + start, epoch + end)
    for row, labels in enumerate(block.labels):
        cells = ["_"] * ((end - start) // step + 1)
        for column, at in enumerate(block.times.tolist()):
            place = -(-(at - epoch - start) // step)
            if block.present[row, column]:
                cells[place] = f"{block.values[row, column]:.0f}"
            elif block.stale[row, column] and cells[place] == "_" and "history" in str(labels):
                cells[place] = "stale"
        yield {"series": metric_text(labels), "values": " ".join(cells)}


def _unit_test(run: Run, fires: int, folder: Path) -> Path:
    """Promtool's own unit test: silent one evaluation before, firing at that evaluation."""
    from ruamel.yaml import YAML

    start = -6 * HOUR - 15 * MINUTE
    rules = folder / "rules.yml"
    rules.write_text(rules_yaml(run.scenario), encoding="utf-8")
    groups = [group["name"] for group in YAML(typ="safe").load(rules.read_text(encoding="utf-8"))["groups"]]
    asked = f'count(ALERTS{{alertname="{BURN}",alertstate="firing"}}) or vector(0)'
    document = {
        "rule_files": [rules.name],
        "evaluation_interval": "15s",
        "group_eval_order": groups,
        "tests": [
            {
                "interval": f"{run.telemetry.interval // SECOND}s",
                "input_series": list(_input_series(run, start, fires + MINUTE)),
                "promql_expr_test": [
                    {
                        "expr": asked,
                        "eval_time": f"{(at - start) // SECOND}s",
                        "exp_samples": [{"labels": "{}", "value": value}],
                    }
                    for at, value in ((fires - 15 * SECOND, 0), (fires, 1))
                ],
            }
        ],
    }
    path = folder / "test.yml"
    with path.open("w", encoding="utf-8") as stream:
        YAML(typ="safe").dump(document, stream)
    return path


def test_promtool_fires_at_the_page_of_the_drill(tmp_path: Path) -> None:
    """On the drill's own exported series; what Prometheus 2.42 answered is recorded, and asked again."""
    run = _paged()
    page = run.pager.pages[0]
    assert (BURN, RECORDED) == (page.name, format_clock(page.since))
    path = _unit_test(run, page.since, tmp_path)
    if PROMTOOL is not None:
        done = subprocess.run(
            [PROMTOOL, "test", "rules", path.name], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, done.stdout[-2000:] + done.stderr[-2000:]


#: What promtool of Prometheus 2.42 confirmed for the stage's page.
RECORDED = "T+03:00"


# --- raw rules ------------------------------------------------------------------------------------


def _groups(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"generate": "none", "absent": False, "groups": [{"name": "own", "rules": list(rules)}]}


_RATE = 'sum(rate(lb_requests_total{service="app"%s}[1m]))'
RATIO: dict[str, Any] = {
    "record": "app:errors:ratio1m",
    "expr": _RATE % ',code=~"5.."' + " / " + _RATE % "",
}
HIGH: dict[str, Any] = {
    "alert": "AppErrors",
    "expr": "app:errors:ratio1m > 0.2",
    "for": "1m",
    "labels": {"severity": "page", "team": "app"},
    "annotations": {"summary": "{{ $value | humanizePercentage }} of the app's answers are errors."},
}


def test_rules_given_verbatim_ring_the_pager() -> None:
    """A recording rule, an alert on it with `for`: pending, firing a minute later, paged with its words."""
    run = Run(_bent(alerts=_groups(RATIO, HIGH)), 11)
    run.do("wait 8m")
    pending, firing = run.alerts.transitions[:2]
    assert ("pending", "firing", MINUTE) == (pending.state, firing.state, firing.at - pending.at)
    (page,) = run.pager.pages
    assert ("AppErrors", firing.at, "") == (page.name, page.since, page.slo)
    assert "% of the app's answers are errors." in page.summary
    assert "AppErrors" in str(run.do("alerts")) and "app:errors:ratio1m > 0.2" in str(run.do("alerts"))
    assert page.since == run.first_page_at


def test_keep_firing_for_of_a_raw_rule_is_honoured() -> None:
    """The alert outlives its cause by as long as the rule says."""
    ends = []
    for keep in ("0s", "2m"):
        run = Run(_bent(alerts=_groups(RATIO, {**HIGH, "keep_firing_for": keep})), 11)
        run.do("wait 5m")
        run.do("kubectl rollout undo deployment/app")
        run.finish()
        ends.append(next(one.at for one in run.alerts.transitions if one.state == "resolved"))
    assert 2 * MINUTE == ends[1] - ends[0]


@pytest.mark.parametrize(
    ("expr", "fires"),
    [
        ("rate(no_such_metric_total[5m]) > 0", False),
        ("rate(no_such_metric_total[5m]) <= 0", False),
        ('sum(rate(lb_requests_total{service="app",route="none"}[5m])) == 0', False),
        ("0 * vector(NaN) < 1", False),
        ("absent(no_such_metric_total)", True),
    ],
)
def test_missing_series_and_nan_never_read_as_a_value(expr: str, fires: bool) -> None:
    """Neither healthy nor broken: only a rule that asks for absence sees it."""
    run = Run(_bent(alerts=_groups({"alert": "Odd", "expr": expr, "labels": {"severity": "page"}})), 11)
    run.advance(MINUTE)
    assert fires is bool(run.pager.pages)


def test_an_expression_that_is_no_promql_names_its_place() -> None:
    """The error points at the rule and says what was expected."""
    with pytest.raises(GamedayError, match=r"spec\.alerts\.groups\[0\]\.rules\[1\]\.expr"):
        Run(_bent(alerts=_groups(RATIO, {**HIGH, "expr": "sum(rate(x[5m])"})), 11)


# --- thresholds -----------------------------------------------------------------------------------


def test_a_threshold_in_slices_is_measured_by_promql() -> None:
    """Above one error a second from the bad release on: every minute is a bad slice, 100.8 are allowed."""
    run = Run(_bent(QUEUE), 11)
    run.advance(6 * MINUTE)
    slo = run.slos["app-errors"]
    left = slo.budget_left(run.now)
    assert 100.8 == pytest.approx(left.allowed)
    assert 3 <= left.spent <= 5
    assert not isnan(slo.burn_rate(5 * MINUTE, run.now))


def test_a_threshold_that_gives_many_numbers_is_refused() -> None:
    """The error names the query and says to aggregate it."""
    many = {**QUEUE, "spec": {**QUEUE["spec"], "indicator": {"metadata": {"name": "x"}, "spec": {
        "thresholdMetric": {"metricSource": {"spec": {"query": "lb_requests_total"}}}}}}}  # fmt: skip
    with pytest.raises(GamedayError, match="one number"):
        Run(_bent(many), 11)


def test_a_threshold_without_data_is_unknown_and_not_kept() -> None:
    """A query of nothing makes no slice: the burn is NaN, and the alert on missing data rings."""
    nothing = {**QUEUE, "spec": {**QUEUE["spec"], "indicator": {"metadata": {"name": "x"}, "spec": {
        "thresholdMetric": {"metricSource": {"spec": {"query": "sum(no_such_metric)"}}}}}}}  # fmt: skip
    run = Run(_bent(nothing), 11)
    run.advance(11 * MINUTE)
    assert isnan(run.slos["app-errors"].burn_rate(5 * MINUTE, run.now))
    assert "AppErrorsNoData" in {page.name for page in run.pager.pages}
