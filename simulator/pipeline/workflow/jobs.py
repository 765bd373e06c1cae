"""Reading the jobs of a workflow and their steps."""

from __future__ import annotations

import re
from typing import Final

from simulator.pipeline.workflow.common import concurrency_of, permissions_of
from simulator.pipeline.workflow.document import (
    DEFAULT_TIMEOUT_MINUTES,
    EnvironmentUse,
    Job,
    Need,
    Setting,
    Step,
    Strategy,
    Text,
)
from simulator.pipeline.workflow.evaluation import embedded
from simulator.pipeline.workflow.parts import Parts, place
from simulator.scenario.fields import shown
from simulator.scenario.tree import Node

_KEYS: Final = (
    *("name", "permissions", "needs", "if", "runs-on", "environment", "concurrency", "outputs", "env"),
    *("defaults", "steps", "timeout-minutes", "strategy", "continue-on-error", "container", "services"),
    *("uses", "with", "secrets"),
)
_STEP_KEYS: Final = (
    *("id", "if", "name", "uses", "run", "with", "env", "shell", "working-directory", "timeout-minutes"),
    "continue-on-error",
)
#: Keys of GitHub's that change how a job runs and that the model does not have.
_NOT_MODELLED: Final = ("background", "wait", "wait-all", "cancel", "parallel", "snapshot")
_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def job_of(name: str, node: Node, parts: Parts) -> Job:
    """One entry of ``jobs``."""
    if not _ID.fullmatch(name):
        parts.refuse(
            node, "an id of letters, digits, - and _", repr(name), "It begins with a letter or an underscore."
        )
    _unmodelled(node, parts)
    keys = parts.mapping(node, (*_KEYS, *_NOT_MODELLED))
    calls = parts.uses(keys.get("uses"), workflow=True)
    if "uses" in keys:
        for key in ("steps", "runs-on", "container", "services", "environment"):
            if key in keys:
                parts.refuse(keys[key], f"no {key} beside uses", "both", "A called workflow brings its own.")
    elif isinstance(node.value, dict):
        for key in ("runs-on", "steps"):
            if key not in keys:
                parts.refuse(node, f"the key {key!r}", "nothing", f"A job needs {key}, or uses.")
    labels, group = _runner(keys.get("runs-on"), parts)
    handed = keys.get("secrets")
    timeout = parts.count(keys.get("timeout-minutes"), "minutes")
    container = keys.get("container")
    return Job(
        id=name,
        at=place(node),
        name=parts.word(keys.get("name")),
        needs=tuple(
            Need(each.text, each.at) for each in parts.texts(keys.get("needs"), "a job, or a list of jobs")
        ),
        condition=_condition(keys.get("if"), parts),
        runs_on=labels,
        group=group,
        environment=_environment(keys.get("environment"), parts),
        permissions=permissions_of(keys.get("permissions"), parts),
        concurrency=concurrency_of(keys.get("concurrency"), parts),
        strategy=_strategy(keys.get("strategy"), parts),
        steps=_steps(keys.get("steps"), parts),
        container=parts.container("container", container) if container is not None else None,
        services=tuple(
            found
            for service, entry in parts.mapping(keys.get("services")).items()
            if (found := parts.container(service, entry)) is not None
        ),
        outputs=parts.settings(keys.get("outputs")),
        env=parts.env(keys.get("env")),
        defaults=parts.defaults(keys.get("defaults")),
        timeout_minutes=DEFAULT_TIMEOUT_MINUTES if timeout is None else timeout,
        continue_on_error=parts.truth(keys.get("continue-on-error"), False),
        uses=calls,
        with_=parts.settings(keys.get("with")),
        secrets="inherit" if handed is not None and handed.value == "inherit" else parts.settings(handed),
    )


def _unmodelled(node: Node, parts: Parts) -> None:
    for key in _NOT_MODELLED:
        found = node.child(key)
        if found is not None:
            parts.refuse(
                found, "what the model can run", f"{key!r}", "It is GitHub's, and not modelled here."
            )


def _condition(node: Node | None, parts: Parts) -> Text | None:
    """An ``if``: text, or true and false as YAML has them."""
    return parts.text(node, "a condition")


def _runner(node: Node | None, parts: Parts) -> tuple[tuple[Text, ...], str]:
    """Labels and group of ``runs-on``."""
    if node is None:
        return (), ""
    if not isinstance(node.value, dict):
        return parts.texts(node, "a runner's label, or a list of labels"), ""
    keys = parts.mapping(node, ("group", "labels"))
    return parts.texts(keys.get("labels"), "labels"), parts.word(keys.get("group"))


def _environment(node: Node | None, parts: Parts) -> EnvironmentUse | None:
    if node is None:
        return None
    if not isinstance(node.value, dict):
        name = parts.text(node, "an environment's name")
        return EnvironmentUse(name, place(node)) if name is not None else None
    keys = parts.mapping(node, ("name", "url", "deployment"))
    name = parts.text(keys.get("name"), "an environment's name")
    if name is None:
        if "name" not in keys:
            parts.refuse(node, "the key 'name'", "nothing", "Say which environment it is.")
        return None
    return EnvironmentUse(name, place(node), parts.text(keys.get("url")))


def _strategy(node: Node | None, parts: Parts) -> Strategy | None:
    if node is None:
        return None
    keys = parts.mapping(node, ("matrix", "fail-fast", "max-parallel"))
    matrix = keys.get("matrix")
    whole = matrix.value if matrix is not None else None
    axes: list[tuple[str, tuple[object, ...] | Text]] = []
    lists: dict[str, tuple[dict[str, object], ...] | Text] = {"include": (), "exclude": ()}
    if matrix is not None and not isinstance(whole, str):
        for name, entry in parts.mapping(matrix).items():
            if name in lists:
                lists[name] = _combinations(entry, parts)
            elif isinstance(entry.value, str) and embedded(entry.value):
                axes.append((name, Text(entry.value, place(entry))))
            elif isinstance(entry.value, list):
                axes.append((name, tuple(parts.value(item) for item in entry.value)))
            else:
                parts.refuse(entry, "a list of values", shown(entry.plain()), "Put it in brackets.")
    return Strategy(
        at=place(node),
        axes=tuple(axes),
        include=lists["include"],
        exclude=lists["exclude"],
        whole=Text(whole, place(matrix)) if matrix is not None and isinstance(whole, str) else None,
        fail_fast=parts.truth(keys.get("fail-fast"), True),
        max_parallel=parts.count(keys.get("max-parallel"), "jobs"),
    )


def _combinations(node: Node, parts: Parts) -> tuple[dict[str, object], ...] | Text:
    if isinstance(node.value, str) and embedded(node.value):
        return Text(node.value, place(node))
    found: list[dict[str, object]] = []
    for item in parts.items(node, "a list of mappings"):
        entries = parts.mapping(item)
        found.append({name: parts.value(entry) for name, entry in entries.items()})
    return tuple(found)


def _steps(node: Node | None, parts: Parts) -> tuple[Step, ...]:
    if node is None:
        return ()
    if not isinstance(node.value, list) or not node.value:
        parts.refuse(node, "a list of steps", shown(node.plain()), "Begin each with a hyphen.")
        return ()
    return tuple(_step(number, item, parts) for number, item in enumerate(node.value))


def _step(number: int, node: Node, parts: Parts) -> Step:
    _unmodelled(node, parts)
    keys = parts.mapping(node, (*_STEP_KEYS, *_NOT_MODELLED))
    given = [name for name in ("uses", "run") if name in keys]
    if isinstance(node.value, dict) and len(given) != 1 and not set(_NOT_MODELLED) & set(keys):
        parts.refuse(node, "uses or run", "both" if given else "neither", "A step does one of them.")
    if "with" in keys and "uses" not in keys:
        parts.refuse(keys["with"], "with beside uses", "with alone", "Commands take their values from env.")
    uses = parts.uses(keys.get("uses"))
    settings: tuple[Setting, ...] = parts.settings(keys.get("with"))
    return Step(
        number=number,
        at=place(node),
        id=parts.word(keys.get("id")),
        name=parts.word(keys.get("name")),
        uses=uses,
        run=parts.command(keys.get("run")),
        with_=settings,
        env=parts.env(keys.get("env")),
        condition=_condition(keys.get("if"), parts),
        shell=parts.word(keys.get("shell")),
        working_directory=parts.word(keys.get("working-directory")),
        timeout_minutes=parts.count(keys.get("timeout-minutes"), "minutes"),
        continue_on_error=parts.truth(keys.get("continue-on-error"), False),
    )
