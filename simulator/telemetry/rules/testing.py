"""promtool's rule unit tests: the file, its run, and differences in promtool's own words.

Source: prometheus/prometheus cmd/promtool/unittest.go. Samples are visible up to the newest evaluation, rules
are evaluated from 0 to the last ``eval_time``, and an alert test looks at the evaluation at or just before
its time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import glob
from math import inf, nextafter
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from simulator.errors import GamedayError, QueryError
from simulator.scenario.fields import Window, refused, shown
from simulator.telemetry.promql.formats import duration_text, exponent_text
from simulator.telemetry.promql.labels import Labels, inner_text, labels_of, quoted
from simulator.telemetry.promql.query import query
from simulator.telemetry.promql.source import STALE, MemorySource
from simulator.telemetry.promql.syntax import Version
from simulator.telemetry.promql.union import UntilSource
from simulator.telemetry.rules.engine import ALERT_NAME, RuleEngine
from simulator.telemetry.rules.files import RuleGroup, Strict, load_rules, read_model
from simulator.telemetry.rules.notation import MISSING, STALE_MARK, number, series_labels, series_values
from simulator.units import MINUTE


def _number(value: object) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    try:
        return number(str(value).replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:
        raise refused(expected="a number", got=shown(value), todo="Write for example 0.5.") from None


def _texts(value: object) -> object:
    return {name: str(text) for name, text in value.items()} if isinstance(value, Mapping) else value


Number = Annotated[float, BeforeValidator(_number)]
Texts = Annotated[dict[str, str], BeforeValidator(_texts)]


class InputSeries(Strict):
    """A series of a test and its values."""

    series: str
    values: str


class Sample(Strict):
    """An element that an expression should have."""

    labels: str = "{}"
    value: Number = 0.0


class ExpectedAlert(Strict):
    """An alert that should fire."""

    exp_labels: Texts = Field(default_factory=dict)
    exp_annotations: Texts = Field(default_factory=dict)


class AlertTest(Strict):
    """Which alerts of a name fire at a time."""

    eval_time: Window = 0
    alertname: Annotated[str, Field(min_length=1)]
    exp_alerts: tuple[ExpectedAlert, ...] | None = None


class ExpressionTest(Strict):
    """What an expression gives at a time."""

    expr: str
    eval_time: Window = 0
    exp_samples: tuple[Sample, ...] | None = None


class TestGroup(Strict):
    """Series and what is asked of them."""

    name: str = ""
    interval: Window = MINUTE
    input_series: tuple[InputSeries, ...] | None = None
    alert_rule_test: tuple[AlertTest, ...] | None = None
    promql_expr_test: tuple[ExpressionTest, ...] | None = None
    external_labels: Texts = Field(default_factory=dict)
    external_url: str = ""


class TestFile(Strict):
    """A rule unit-test file."""

    rule_files: tuple[str, ...] | None = None
    evaluation_interval: Window = MINUTE
    group_eval_order: tuple[str, ...] | None = None
    fuzzy_compare: bool = False
    tests: tuple[TestGroup, ...] | None = None


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of a file.

    Attributes:
        path: The file.
        differences: One text each, in promtool's words; empty if everything agrees.
        warnings: What promtool would warn of.
    """

    path: Path
    differences: tuple[str, ...]
    warnings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether everything agrees."""
        return not self.differences

    def __str__(self) -> str:
        lines = [f"Unit Testing:  {self.path}", *self.warnings]
        lines += ["  SUCCESS"] if self.passed else ["  FAILED:", *(f"{one}\n" for one in self.differences)]
        return "\n".join([*lines, ""])


def check_file(path: Path, *, version: Version = 3) -> FileReport:
    """Run a rule unit-test file.

    Args:
        path: The file; its ``rule_files`` are relative to its folder.
        version: Prometheus' semantics: 2 to agree with a promtool of the 2.x line.

    Raises:
        GamedayError: The file or a rule file can't be read, or is not one.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GamedayError(
            str(path),
            expected="a rule unit-test file",
            got=error.strerror or "nothing",
            todo="Check the path.",
        ) from None
    _, file = read_model(content, str(path), TestFile)
    groups, warnings = _rules(path, file, version)
    differences: list[str] = []
    for test in file.tests or ():
        differences += _TestRun(file, test, groups, version).differences()
    return FileReport(path, tuple(differences), tuple(warnings))


def _rules(path: Path, file: TestFile, version: Version) -> tuple[list[RuleGroup], list[str]]:
    """The groups of all rule files, those named in ``group_eval_order`` in that order, after the others."""
    groups: list[RuleGroup] = []
    warnings = []
    for pattern in file.rule_files or ():
        found = sorted(glob(str(path.parent / pattern)))  # noqa: PTH207 - an absolute pattern is legal
        if not found:
            warnings.append(f"  WARNING: no file match pattern {path.parent / pattern}")
        for one in found:
            groups += load_rules(Path(one), version=version)
    order = {name: place for place, name in enumerate(file.group_eval_order or ())}
    if len(order) < len(file.group_eval_order or ()):
        raise GamedayError(
            f"{path}: group_eval_order",
            expected="every group once",
            got="one twice",
            todo="Name each group once.",
        )
    return sorted(groups, key=lambda group: order.get(group.name, 0)), warnings


class _TestRun:
    """One test group: its series, its engine, and what differs."""

    def __init__(
        self, file: TestFile, test: TestGroup, groups: Sequence[RuleGroup], version: Version
    ) -> None:
        self._file, self._test, self._version = file, test, version
        memory = MemorySource()
        for series in test.input_series or ():
            labels = series_labels(series.series, where="input_series.series")
            values = series_values(series.values, where=f"input_series {series.series}")
            for place, value in enumerate(values):
                if value != MISSING:
                    memory.append(
                        labels, place * test.interval, STALE if value == STALE_MARK else float(value)
                    )
        self._seen = UntilSource(memory)
        self._engine = RuleEngine(
            self._seen,
            groups,
            external=labels_of(test.external_labels),
            version=version,
            subquery_step=file.evaluation_interval,
        )

    def differences(self) -> list[str]:
        """Evaluate the rules from 0 to the last test, alerts on the way, expressions at the end."""
        test, interval = self._test, self._file.evaluation_interval
        alerts = sorted(test.alert_rule_test or (), key=lambda one: one.eval_time)
        expressions = test.promql_expr_test or ()
        times = [one.eval_time for one in alerts] + [one.eval_time for one in expressions]
        last = max(times, default=0)
        found: list[str] = []
        for at in range(0, last + 1, interval):
            self._seen.now = at
            before = len(self._engine.failures)
            self._engine.evaluate(at)
            failures = self._engine.failures[before:]
            if failures:
                return found + [
                    f"    rule: {one.rule}, time: {_go_duration(at)}, err: {one.error.message}"
                    for one in failures
                ]
            for one in alerts:
                if at <= one.eval_time < at + interval:
                    found += self._alerts_differ(one)
        for expression in expressions:
            found += self._expression_differs(expression)
        return found

    def _alerts_differ(self, test: AlertTest) -> list[str]:
        got = sorted(
            (alert.labels, alert.annotations)
            for alert in self._engine.active(test.alertname)
            if alert.state == "firing"
        )
        wanted = sorted(
            (labels_of({**one.exp_labels, ALERT_NAME: test.alertname}), labels_of(one.exp_annotations))
            for one in test.exp_alerts or ()
        )
        if got == wanted:
            return []
        named = f"    name: {self._test.name},\n" if self._test.name else ""
        time = duration_text(test.eval_time)
        return [
            f"{named}    alertname: {test.alertname}, time: {time}, \n"
            f"        exp:{_indented(_alerts_text(wanted), 12)}, \n"
            f"        got:{_indented(_alerts_text(got), 12)}"
        ]

    def _expression_differs(self, test: ExpressionTest) -> list[str]:
        head = f"    expr: {quoted(test.expr)}, time: {duration_text(test.eval_time)}"
        try:
            result = query(
                self._engine.source,
                test.expr,
                test.eval_time,
                version=self._version,
                subquery_step=self._file.evaluation_interval,
            )
        except QueryError as error:
            return [f"{head}, err: {error.message}"]
        if result.kind not in ("vector", "scalar"):
            return [f"{head}, err: rule result is not a vector or scalar"]
        got = sorted((element.labels, element.value) for element in result.elements)
        wanted = []
        for sample in test.exp_samples or ():
            try:
                wanted.append((series_labels(sample.labels, where="exp_samples.labels"), sample.value))
            except QueryError as error:
                return [f"{head}, err: labels {quoted(sample.labels)}: {error.message}"]
        wanted.sort()
        if len(got) == len(wanted) and all(map(self._agree, got, wanted)):
            return []
        return [f"{head},\n        exp: {_samples_text(wanted)}\n        got: {_samples_text(got)}"]

    def _agree(self, got: tuple[Labels, float], wanted: tuple[Labels, float]) -> bool:
        return got[0] == wanted[0] and same_number(got[1], wanted[1], fuzzy=self._file.fuzzy_compare)


def same_number(one: float, other: float, *, fuzzy: bool) -> bool:
    """Equal, or with ``fuzzy`` neighbours among the doubles. NaN equals nothing, as in promtool."""
    return one == other or (fuzzy and other in (nextafter(one, -inf), nextafter(one, inf)))


def _go_duration(span: int) -> str:
    """A duration as Go prints it: ``1m0s``, ``1h0m0s``."""
    seconds = span // 10**9
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours:
        return f"{hours}h{minutes}m{seconds}s"
    return f"{minutes}m{seconds}s" if minutes else f"{seconds}s"


def _samples_text(samples: Sequence[tuple[Labels, float]]) -> str:
    return ", ".join(f"{inner_text(labels)} {exponent_text(value)}" for labels, value in samples) or "nil"


def _alerts_text(alerts: Sequence[tuple[Labels, Labels]]) -> str:
    if not alerts:
        return "[]"
    shown_alerts = [
        f"{number}:" + _indented(f"\nLabels:{inner_text(labels)}\nAnnotations:{inner_text(annotations)}", 2)
        for number, (labels, annotations) in enumerate(alerts)
    ]
    return "[\n" + ",\n".join(shown_alerts) + "\n]"


def _indented(text: str, width: int) -> str:
    """Every line but the first moved to the right."""
    return text.replace("\n", "\n" + " " * width)
