"""``gameday rules test`` as a shell sees it: exit code, standard output, files that are none."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from simulator.cli.app import app

GOOD = """\
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - {series: 'up{job="web"}', values: '1 1 0 0 0 0'}
    alert_rule_test:
      - eval_time: 4m
        alertname: Down
        exp_alerts: [{exp_labels: {job: web}, exp_annotations: {summary: web is down}}]
    promql_expr_test:
      - {expr: 'count_over_time(up[2m])', eval_time: 5m, exp_samples: [{labels: '{job="web"}', value: COUNT}]}
"""
RULES = """\
groups:
  - name: web
    rules:
      - alert: Down
        expr: up == 0
        for: 2m
        annotations: {summary: "{{ $labels.job }} is down"}
"""


def _files(folder: Path, *, count: str = "2", rules: str = RULES) -> str:
    (folder / "rules.yml").write_text(rules)
    test = folder / "test.yml"
    test.write_text(GOOD.replace("COUNT", count))
    return str(test)


def test_agreement_is_exit_code_0(tmp_path: Path) -> None:
    """A file that agrees says SUCCESS and nothing else."""
    path = _files(tmp_path)
    done = CliRunner().invoke(app, ["rules", "test", path])
    assert (0, f"Unit Testing:  {path}\n  SUCCESS\n\n") == (done.exit_code, done.stdout)


def test_a_difference_is_exit_code_1_and_says_both_sides(tmp_path: Path) -> None:
    """The two-minute range holds two samples in Prometheus 3 and three in 2."""
    path = _files(tmp_path, count="3")
    done = CliRunner().invoke(app, ["rules", "test", path])
    assert 1 == done.exit_code
    assert 'exp: {job="web"} 3E+00\n        got: {job="web"} 2E+00' in done.stdout
    assert 0 == CliRunner().invoke(app, ["rules", "test", "--promql", "2", path]).exit_code


def test_a_rule_file_that_is_none_is_refused_with_its_line(tmp_path: Path) -> None:
    """A typing mistake in a key, in an expression, in a template: file, line, path and what to do."""
    for rules, line, words in (
        (RULES.replace("for:", "fro:"), 6, "for"),
        (RULES.replace("up == 0", "sum(up"), 5, "column 4"),
        (RULES.replace("$labels.job", "if $labels.job"), 7, "the statement if"),
        (RULES.replace("2m", "2 minutes"), 6, "Prometheus accepts"),
    ):
        path = _files(tmp_path, rules=rules)
        done = CliRunner().invoke(app, ["rules", "test", path])
        assert 1 == done.exit_code
        assert f"rules.yml:{line}: groups[0].rules[0]" in done.stdout and words in done.stdout, done.stdout


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """Neither a missing test file nor a pattern without files ends in a traceback."""
    done = CliRunner().invoke(app, ["rules", "test", str(tmp_path / "none.yml")])
    assert 1 == done.exit_code and "No such file" in done.stdout
    path = tmp_path / "lonely.yml"
    path.write_text("rule_files: [nothing-*.yml]\ntests: []\n")
    done = CliRunner().invoke(app, ["rules", "test", str(path)])
    assert 0 == done.exit_code and "WARNING: no file match pattern" in done.stdout
