"""From the text of a workflow file to a typed workflow, with every problem of the file at once.

GitHub's keys are known one by one; a key that it does not know is refused with the nearest that it does.
``on`` stays a word here, as GitHub reads it, where YAML 1.1 would make it true.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from simulator.errors import PipelineError, Problem
from simulator.pipeline.workflow.common import concurrency_of, permissions_of
from simulator.pipeline.workflow.document import Trigger, Workflow
from simulator.pipeline.workflow.jobs import job_of
from simulator.pipeline.workflow.meaning import problems_of
from simulator.pipeline.workflow.parts import Parts, place
from simulator.scenario.folders import shown_path
from simulator.scenario.problems import nearest
from simulator.scenario.tree import MAX_BYTES, Node, Rules, read_bytes

RULES: Final = Rules(
    aliases=True,
    plain="GitHub reads plain YAML.",
    begin="Begin with name, on and jobs.",
    shorten="Split the workflow.",
)
_KEYS: Final = ("name", "run-name", "on", "permissions", "env", "defaults", "concurrency", "jobs")
#: Events that GitHub starts workflows for.
EVENTS: Final = (
    *("branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment"),
    *(
        "deployment_status",
        "discussion",
        "discussion_comment",
        "fork",
        "gollum",
        "image_version",
        "issue_comment",
    ),
    *("issues", "label", "merge_group", "milestone", "page_build", "public", "pull_request"),
    *(
        "pull_request_review",
        "pull_request_review_comment",
        "pull_request_target",
        "push",
        "registry_package",
    ),
    *("release", "repository_dispatch", "schedule", "status", "watch", "workflow_call", "workflow_dispatch"),
    "workflow_run",
)
_FILTERS: Final = ("branches", "branches-ignore", "tags", "tags-ignore", "paths", "paths-ignore")


def read_workflow(path: Path) -> Workflow:
    """Read a workflow file.

    Raises:
        PipelineError: It is not there, or something in it is wrong; all problems at once.
    """
    name = shown_path(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PipelineError([Problem(name, "a workflow file", reason, "Check the path.")]) from None
    return workflow_of(content, name)


def workflow_of(content: bytes, shown_as: str) -> Workflow:
    """Read a workflow from its bytes.

    Raises:
        PipelineError: Something in it is wrong; all problems at once.
    """
    root, problems = read_bytes(content, shown_as, RULES)
    if root is None or problems:
        raise PipelineError(problems)
    parts = Parts(content.decode("utf-8").splitlines())
    workflow = _workflow(root, parts)
    if not parts.problems:
        parts.problems += problems_of(workflow)
    if parts.problems:
        raise PipelineError(sorted(parts.problems, key=_line))
    return workflow


def _line(problem: Problem) -> int:
    number = problem.where.split(":")[1:2]
    return int(number[0]) if number and number[0].isdigit() else 0


def _workflow(root: Node, parts: Parts) -> Workflow:
    keys = parts.mapping(root, _KEYS)
    if root.value is None:
        parts.refuse(root, "a mapping", "nothing", RULES.begin)
    if isinstance(root.value, dict):
        for name in ("on", "jobs"):
            if name not in root.value:
                parts.refuse(root, f"the key {name!r}", "nothing", f"A workflow needs {name}.")
    jobs = keys.get("jobs")
    entries = parts.mapping(jobs)
    if jobs is not None and jobs.value == {}:
        parts.refuse(jobs, "at least one job", "none", "Add one under jobs.")
    return Workflow(
        file=root.file,
        at=place(root),
        name=parts.word(keys.get("name")),
        run_name=parts.word(keys.get("run-name")),
        triggers=_triggers(keys.get("on"), parts),
        permissions=permissions_of(keys.get("permissions"), parts),
        env=parts.env(keys.get("env")),
        defaults=parts.defaults(keys.get("defaults")),
        concurrency=concurrency_of(keys.get("concurrency"), parts),
        jobs=tuple(job_of(name, node, parts) for name, node in entries.items()),
        source=tuple(parts.source),
    )


def _triggers(node: Node | None, parts: Parts) -> tuple[Trigger, ...]:
    if node is None:
        return ()
    if isinstance(node.value, dict):
        entries = list(node.value.items())
    else:
        entries = [
            (parts.word(item, "an event"), Node(None, item.file, item.line, item.path))
            for item in parts.items(node, "events")
        ]
    found = []
    for event, entry in entries:
        if event not in EVENTS:
            near = nearest(event, EVENTS)
            todo = (
                f"Did you mean {near!r}?" if near else "See GitHub's list of events that trigger workflows."
            )
            parts.refuse(entry, "an event that starts workflows", repr(event), todo)
            continue
        found.append(_trigger(event, entry, parts))
    return tuple(found)


def _trigger(event: str, node: Node, parts: Parts) -> Trigger:
    at = place(node)
    if event == "schedule":
        crons = [
            parts.mapping(item, ("cron", "timezone")) for item in parts.items(node, "a list of cron entries")
        ]
        return Trigger(event, at, crons=tuple(parts.word(each.get("cron")) for each in crons))
    if event in ("workflow_dispatch", "workflow_call", "repository_dispatch"):
        keys = parts.mapping(node, ("inputs", "outputs", "secrets", "types"))
        return Trigger(event, at, inputs=tuple(parts.mapping(keys.get("inputs"))))
    keys = parts.mapping(node, ("types", "workflows", *_FILTERS))
    for name in ("branches", "tags", "paths"):
        if name in keys and f"{name}-ignore" in keys:
            parts.refuse(
                keys[name], f"{name} or {name}-ignore", "both", "Write exceptions with ! in one list."
            )
    lists = {name: parts.words(keys.get(name), "a list of patterns") for name in _FILTERS}
    for name in keys:
        if name in _FILTERS and not lists[name]:
            parts.refuse(
                keys[name], "a list of patterns", "none", "Remove the key to let everything through."
            )
    return Trigger(
        event,
        at,
        types=parts.words(keys.get("types"), "a list of types"),
        branches=lists["branches"],
        branches_ignore=lists["branches-ignore"],
        tags=lists["tags"],
        tags_ignore=lists["tags-ignore"],
        paths=lists["paths"],
        paths_ignore=lists["paths-ignore"],
    )
