"""Rule groups at work, evaluation by evaluation; rule files and templates that are refused."""

from __future__ import annotations

import pytest

from simulator.errors import QueryError, ScenarioError
from simulator.telemetry.promql import MemorySource, labels_of, query
from simulator.telemetry.rules import RuleEngine, read_rules
from simulator.telemetry.rules.notation import MISSING, STALE_MARK, series_values
from simulator.telemetry.rules.templates import expanded
from simulator.units import MINUTE

RULES = b"""
groups:
  - name: shop
    limit: 2
    rules:
      - record: job:up:sum
        expr: sum by (job) (up)
      - alert: Down
        expr: job:up:sum < 2
        for: 2m
        keep_firing_for: 1m
        labels: {severity: page}
        annotations: {summary: "{{ $labels.job }} has {{ $value }} left"}
      - record: clash
        expr: up * on(job) up
"""


def _source(*values: float | None) -> MemorySource:
    """Two pods of one job, the second of which follows ``values``, a minute each."""
    source = MemorySource()
    for at, value in enumerate(values):
        source.append(labels_of({"__name__": "up", "job": "web", "pod": "a"}), at * MINUTE, 1.0)
        source.append(labels_of({"__name__": "up", "job": "web", "pod": "b"}), at * MINUTE, value)
    return source


def test_an_alert_goes_pending_firing_and_back_at_its_minutes() -> None:
    """True from minute 1: pending at 1, firing at 3; false from 5, but it fires on for one minute more."""
    engine = RuleEngine(_source(1, 0, 0, 0, 0, 1, 1, 1), read_rules(RULES, "rules.yml"))
    seen = [
        (minute, change.before, change.state)
        for minute in range(8)
        for change in engine.evaluate(minute * MINUTE)
    ]
    assert [(1, "inactive", "pending"), (3, "pending", "firing"), (6, "firing", "inactive")] == seen
    assert [] == engine.active()


def test_what_rules_write_can_be_asked_and_ends_with_a_stale_marker() -> None:
    """ALERTS says which are active; the pending series ends when the firing one begins."""
    engine = RuleEngine(_source(1, 0, 0, 0, 0), read_rules(RULES, "rules.yml"))
    for minute in range(5):
        engine.evaluate(minute * MINUTE)
    (alert,) = engine.active("Down")
    assert {"alertname": "Down", "job": "web", "severity": "page"} == dict(alert.labels)
    assert {"summary": "web has 1 left"} == dict(alert.annotations)
    for minute, state in ((2, "pending"), (4, "firing")):
        (found,) = query(engine.source, "ALERTS", minute * MINUTE).elements
        assert state == dict(found.labels)["alertstate"]
    assert 60.0 == query(engine.source, "ALERTS_FOR_STATE", 4 * MINUTE).elements[0].value


def test_a_rule_that_fails_is_told_and_keeps_nothing_back() -> None:
    """The clash on two pods of one job is reported with group, rule and Prometheus' words; others go on."""
    engine = RuleEngine(_source(1, 1), read_rules(RULES, "rules.yml"))
    engine.evaluate(0)
    (failure,) = engine.failures
    assert ("shop", "clash") == (failure.group, failure.rule)
    assert "many-to-many matching not allowed" in failure.error.message
    assert 2.0 == query(engine.source, "job:up:sum", 0).elements[0].value


def test_no_data_resolves_an_alert_and_absent_says_so() -> None:
    """Silence makes a comparison false: only an alert on absence fires on nothing."""
    rules = b"""
groups:
  - name: g
    rules:
      - {alert: High, expr: x > 1}
      - {alert: Silence, expr: absent(x)}
"""
    source = MemorySource()
    source.extend(labels_of({"__name__": "x"}), [(0, 5.0), (MINUTE, None)])
    engine = RuleEngine(source, read_rules(rules, "rules.yml"))
    names = [[(one.alert.name, one.state) for one in engine.evaluate(at * MINUTE)] for at in range(2)]
    assert [[("High", "firing")], [("High", "inactive"), ("Silence", "firing")]] == names


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b"record: clash", b"rekord: clash", "Did you mean 'record'"),
        (b"record: clash", b"record: 1clash", "a metric's name to record"),
        (b"record: clash", b"alert: A\n        record: clash", "either record or alert"),
        (b"sum by (job) (up)", b"sum by (job) (up", "column 14"),
        (b"{{ $value }}", b"{{ if $value }}", "the statement if"),
        (b"{{ $value }}", b"{{ $value | shout }}", "'shout'"),
        (b"severity: page", b"severity: 5", "texts as values"),
        (b"name: shop", b"name: shop\n    rulez: 1", "'rulez'"),
    ],
)
def test_a_rule_file_with_a_mistake_is_refused_with_file_and_line(old: bytes, new: bytes, words: str) -> None:
    """One mistake, one problem, at its line."""
    with pytest.raises(ScenarioError) as caught:
        read_rules(RULES.replace(old, new), "rules.yml")
    assert words in str(caught.value)
    assert all(problem.where.startswith("rules.yml:") for problem in caught.value.problems)


def test_series_are_written_in_promtools_notation() -> None:
    """Steps, repeats, gaps and stale markers; what is none of them is refused."""
    assert [0.0, 10.0, 20.0, MISSING, MISSING, 5.0, 5.0, STALE_MARK] == series_values(
        "0+10x2 _x2 5x1 stale", where="values"
    )
    for wrong in ("1+2", "x5", "{{schema:1}}"):
        with pytest.raises(QueryError, match="values such as"):
            series_values(wrong, where="values")


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ $value | humanizePercentage }}", "12.35%"),
        ("{{ humanizeDuration 3725.5 }}", "1h 2m 5s"),
        ("{{ 0.0042 | humanize }}s", "4.2ms"),
        ('{{ printf "%.2f of %s" $value $labels.job }}', "0.12 of web"),
        ("{{ $labels.missing }}-{{ .Labels.job | toUpper }}", "-WEB"),
        ("{{ 1e21 }} {{ 12345678.0 }} {{ 123456.0 }} {{ 1234567 }}", "1e+21 1.2345678e+07 123456 1234567"),
        ("{{ $labels.job | humanize }}", 'strconv.ParseFloat: parsing "web": invalid syntax'),
    ],
)
def test_templates_are_filled_as_prometheus_fills_them(template: str, text: str) -> None:
    """Humanising, printf and pipes, to the letter; what fails says so in the text, as there."""
    assert text in expanded(template, {"job": "web"}, 0.12345678, {})
