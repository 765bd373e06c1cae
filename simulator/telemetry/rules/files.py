"""Prometheus rule files: groups of recording and alerting rules, read with their lines.

A rule's expression, its templates and its names are checked when the file is read, as ``promtool check
rules`` checks them; all problems of a file come in one error.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Self, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from simulator.errors import GamedayError, Problem, QueryError, ScenarioError
from simulator.scenario.fields import Window, refused, shown
from simulator.scenario.problems import problem_at, problems_of
from simulator.scenario.tree import Node, read_bytes
from simulator.telemetry.promql import Expression, Version, parse
from simulator.telemetry.rules.templates import checked

M = TypeVar("M", bound=BaseModel)

_METRIC: Final = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL: Final = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class Strict(BaseModel):
    """Base of what these files hold: frozen, no unknown key, names as Prometheus writes them."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


def _label_names(value: object) -> object:
    if isinstance(value, Mapping):
        for name, text in value.items():
            if not _LABEL.fullmatch(str(name)) or str(name).startswith("__"):
                raise refused(
                    expected="a label's name", got=shown(name), todo="Use letters, digits and underscores."
                )
            if not isinstance(text, str):
                raise refused(
                    expected="texts as values", got=shown(text), todo=f"Put the value of {name} in quotes."
                )
    return value


Words = Annotated[dict[str, str], BeforeValidator(_label_names)]


class RuleEntry(Strict):
    """One rule as written: it records or it alerts."""

    record: str = ""
    alert: str = ""
    expr: Annotated[
        str, BeforeValidator(lambda value: str(value) if isinstance(value, int | float) else value)
    ]
    hold: Annotated[Window, Field(alias="for")] = 0
    keep_firing_for: Window = 0
    labels: Words = Field(default_factory=dict)
    annotations: Words = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.record) == bool(self.alert):
            raise refused(
                expected="either record or alert",
                got="both" if self.record else "neither",
                todo="A rule records a series or raises an alert.",
            )
        if self.record and not _METRIC.fullmatch(self.record):
            raise refused(
                expected="a metric's name to record", got=shown(self.record), todo="Name it level:metric:op."
            )
        if self.record and (self.hold or self.keep_firing_for or self.annotations):
            raise refused(
                expected="for, keep_firing_for and annotations on alerts only",
                got="one of them on a recording rule",
                todo="Remove it.",
            )
        return self


class GroupEntry(Strict):
    """One group as written."""

    name: Annotated[str, Field(min_length=1)]
    interval: Window = 0
    limit: Annotated[int, Field(ge=0)] = 0
    labels: Words = Field(default_factory=dict)
    rules: tuple[RuleEntry, ...] = ()


class RuleFile(Strict):
    """A rule file as written."""

    groups: tuple[GroupEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule, ready to be evaluated.

    Attributes:
        name: The series that it records, or the alert that it raises.
        alerts: Whether it raises an alert.
        text: Its expression as written.
        expression: The same, parsed.
        labels: What it adds; templates for an alert.
        annotations: Templates.
        hold: ``for``, ns: how long it must be true before it fires.
        keep_firing: ``keep_firing_for``, ns: how long it fires on after it stopped being true.
    """

    name: str
    alerts: bool
    text: str
    expression: Expression
    labels: Mapping[str, str]
    annotations: Mapping[str, str]
    hold: int = 0
    keep_firing: int = 0


@dataclass(frozen=True, slots=True)
class RuleGroup:
    """Rules that are evaluated in order, each seeing what those before it recorded.

    Attributes:
        name: Its name; no two of a file alike.
        rules: In order.
        interval: How often, ns; 0 where the file leaves it to the global setting.
        limit: At most so many elements or alerts from one rule; 0 is no limit.
    """

    name: str
    rules: tuple[Rule, ...]
    interval: int = 0
    limit: int = 0


def load_rules(path: Path, *, version: Version = 3) -> tuple[RuleGroup, ...]:
    """Read a rule file.

    Raises:
        GamedayError: There is no such file.
        ScenarioError: Something in it is wrong; all problems at once.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise GamedayError(
            str(path), expected="a rule file", got=error.strerror or "nothing", todo="Check the path."
        ) from None
    return read_rules(content, str(path), version=version)


def read_rules(content: bytes, shown_as: str, *, version: Version = 3) -> tuple[RuleGroup, ...]:
    """Read rules that are in memory; as ``load_rules``."""
    root, model = read_model(content, shown_as, RuleFile)
    problems: list[Problem] = []
    groups = []
    names: set[str] = set()
    for number, group in enumerate(model.groups):
        if group.name in names:
            where = ("groups", number, "name")
            problems.append(
                problem_at(root, where, "group names that differ", shown(group.name), "Rename one.")
            )
        names.add(group.name)
        rules: list[Rule] = []
        for place, entry in enumerate(group.rules):
            found = list(_problems(root, ("groups", number, "rules", place), entry, version))
            problems += found
            if not found:
                rules.append(_rule(entry, group.labels, version))
        groups.append(RuleGroup(group.name, tuple(rules), group.interval, group.limit))
    if problems:
        raise ScenarioError(problems)
    return tuple(groups)


def read_model(content: bytes, shown_as: str, model: type[M]) -> tuple[Node, M]:
    """A YAML file by a model of pydantic's, with the tree that knows its lines.

    Raises:
        ScenarioError: It does not fit the model; all problems at once.
    """
    root, problems = read_bytes(content, shown_as)
    if root is None or problems:
        raise ScenarioError(problems or [Problem(shown_as, "a mapping", "an empty file", "Write one.")])
    try:
        return root, model.model_validate(root.plain())
    except ValidationError as error:
        raise ScenarioError(problems_of(error, root, model)) from None


def _rule(entry: RuleEntry, group_labels: Mapping[str, str], version: Version) -> Rule:
    return Rule(
        name=entry.record or entry.alert,
        alerts=bool(entry.alert),
        text=entry.expr,
        expression=parse(entry.expr, version=version),
        labels={**group_labels, **entry.labels},
        annotations=entry.annotations,
        hold=entry.hold,
        keep_firing=entry.keep_firing_for,
    )


def _problems(
    root: Node, where: tuple[str | int, ...], entry: RuleEntry, version: Version
) -> Iterator[Problem]:
    """What is wrong with a rule's expression and templates."""
    try:
        parse(entry.expr, version=version)
    except QueryError as error:
        got = f"{error.got} at column {error.column}" if error.column else error.got
        yield problem_at(root, (*where, "expr"), error.expected, got, error.todo)
    for kind in ("labels", "annotations"):
        for name, text in getattr(entry, kind).items() if entry.alert else ():
            try:
                checked(text)
            except GamedayError as error:
                yield problem_at(root, (*where, kind, name), error.expected, error.got, error.todo)
