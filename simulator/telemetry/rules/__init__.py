"""Prometheus rules at work: rule files, a live engine for them, and promtool's unit-test files."""

from simulator.telemetry.rules.engine import Alert, AlertChange, RuleEngine, RuleFailure
from simulator.telemetry.rules.files import Rule, RuleGroup, load_rules, read_rules
from simulator.telemetry.rules.testing import FileReport, check_file

__all__ = [
    "Alert",
    "AlertChange",
    "FileReport",
    "Rule",
    "RuleEngine",
    "RuleFailure",
    "RuleGroup",
    "check_file",
    "load_rules",
    "read_rules",
]
