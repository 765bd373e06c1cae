"""Reading what a workflow and a job both have: permissions and a concurrency group."""

from __future__ import annotations

from typing import Final

from simulator.pipeline.workflow.document import Access, Concurrency, Permissions
from simulator.pipeline.workflow.parts import Parts, place
from simulator.scenario.fields import shown
from simulator.scenario.tree import Node

_SCOPES: Final = (
    *("actions", "artifact-metadata", "attestations", "checks", "contents", "deployments", "discussions"),
    *("id-token", "issues", "models", "packages", "pages", "pull-requests", "repository-projects"),
    *("security-events", "statuses"),
)
_LEVELS: Final[tuple[Access, ...]] = ("read", "write", "none")


def permissions_of(node: Node | None, parts: Parts) -> Permissions | None:
    """The key ``permissions`` of a workflow or job."""
    if node is None:
        return None
    at = place(node)
    if isinstance(node.value, str):
        if node.value == "read-all":
            return Permissions(at, "read-all")
        if node.value == "write-all":
            return Permissions(at, "write-all")
        parts.refuse(
            node, "read-all, write-all or scopes", shown(node.value), "Name the scopes that it needs."
        )
        return None
    scopes: list[tuple[str, Access]] = []
    for scope, entry in parts.mapping(node, _SCOPES).items():
        level = next((each for each in _LEVELS if each == entry.value), None)
        if level is None:
            parts.refuse(entry, " or ".join(_LEVELS), shown(entry.plain()), "Use one of these.")
        else:
            scopes.append((scope, level))
    return Permissions(at, "", tuple(scopes))


def concurrency_of(node: Node | None, parts: Parts) -> Concurrency | None:
    """The key ``concurrency`` of a workflow or job: a group, or a mapping with one."""
    if node is None:
        return None
    if not isinstance(node.value, dict):
        group = parts.text(node, "the name of a group")
        return Concurrency(group, place(node)) if group is not None else None
    keys = parts.mapping(node, ("group", "cancel-in-progress", "queue"))
    group = parts.text(keys.get("group"), "the name of a group")
    if group is None:
        if "group" not in keys:
            parts.refuse(node, "the key 'group'", "nothing", "A concurrency group needs a name.")
        return None
    queue = parts.word(keys.get("queue"))
    if queue not in ("", "single", "max"):
        parts.refuse(keys["queue"], "single or max", repr(queue), "Use one of these.")
    cancels = parts.truth(keys.get("cancel-in-progress"), False)
    if queue == "max" and cancels is True:
        parts.refuse(keys["queue"], "no queue: max beside cancel-in-progress", "both", "Remove one of them.")
    return Concurrency(group, place(node), cancels, "max" if queue == "max" else "single")
