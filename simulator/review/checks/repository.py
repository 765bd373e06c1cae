"""The repository's settings, as files: who may merge and deploy, and when its secrets were last changed.

Settings are read from ``.github/settings.yml`` as the Settings app and safe-settings have it (field names are
those of GitHub's REST API), and from the kit's own ``pipeline.yaml``. The list of secrets is what
``gh secret list --json name,updatedAt`` prints.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final

from simulator.review.checks.jobs import Jobs
from simulator.review.checks.workflow_secrets import stored
from simulator.review.documents import at, items, keys, scalar
from simulator.review.files import File
from simulator.review.findings import Found, Unseen
from simulator.review.lines import Lines
from simulator.review.patches import Edit
from simulator.scenario.tree import Node

#: Days after which a stored secret counts as not rotated.
ROTATION_DAYS: Final = 90
_LIST: Final = "gh secret list --json name,updatedAt > secrets.json"


def is_public(settings: Sequence[File]) -> bool | None:
    """Whether the settings say that everybody can see the repository; None where they don't say."""
    for file in settings:
        repository = at(file.nodes[0], "repository") if file.nodes else None
        visibility = scalar(repository, "visibility")
        if isinstance(visibility, str):
            return visibility == "public"
        private = scalar(repository, "private")
        if isinstance(private, bool):
            return not private
    return None


def signatures(settings: Sequence[File]) -> Iterator[Found | Unseen]:
    """Whether commits must be signed, by a ruleset or a branch's protection."""
    said = [file for file in settings if scalar(file.nodes[0], "kind") != "Pipeline"]
    if settings and not said:
        yield Unseen("pipeline.signed", "the kit's pipeline.yaml does not say; a .github/settings.yml would")
    if any(_signed(file.nodes[0]) for file in said):
        return
    for file in said:
        root = file.nodes[0]
        place, edits = _unsigned(file, root)
        yield Found("unsigned-commits", file.name, place, "nothing demands that commits are signed", edits)


def _signed(root: Node) -> bool:
    for branch in items(root, "branches"):
        wanted = at(branch, "protection", "required_signatures")
        if wanted is not None and (wanted.value is True or scalar(wanted, "enabled") is True):
            return True
    for ruleset in items(root, "rulesets"):
        active = scalar(ruleset, "enforcement") == "active" and scalar(ruleset, "target") in (None, "branch")
        if active and any(scalar(rule, "type") == "required_signatures" for rule in items(ruleset, "rules")):
            return True
    return False


def _unsigned(file: File, root: Node) -> tuple[int, tuple[Edit, ...]]:
    """Where a rule would stand, and the rule."""
    lines = Lines(file.text)
    for ruleset in items(root, "rulesets"):
        rules = at(ruleset, "rules")
        if rules is not None and scalar(ruleset, "target") in (None, "branch"):
            return rules.line, lines.into(rules.line, ["- type: required_signatures"])
    for branch in items(root, "branches"):
        protection = at(branch, "protection")
        wanted = at(protection, "required_signatures")
        if wanted is not None:
            text = lines.line(wanted.line)
            return wanted.line, lines.replaced(wanted.line, text.replace("false", "true"))
        if protection is not None:
            return protection.line, lines.into(protection.line, ["required_signatures: true"])
    return root.line, ()


def approvals(settings: Sequence[File], workflows: Sequence[Jobs]) -> Iterator[Found | Unseen]:
    """Whether somebody has to say yes before production is deployed."""
    named = [
        job.environment.name.text
        for jobs in workflows
        for job in jobs.to_production
        if job.environment is not None
    ]
    if not named:
        return
    declared = {name.casefold(): (file, node) for file in settings for name, node in _environments(file)}
    for name in dict.fromkeys(named):
        if not settings:
            yield Unseen(
                "delivery.environment",
                f"whether somebody approves {name} is in the repository's settings, and they are not here",
            )
            continue
        found = declared.get(name.casefold())
        if found is None:
            words = f"the settings don't know the environment {name}, so nobody has to approve it"
            yield Found("nobody-approves", settings[0].name, settings[0].nodes[0].line, words)
        elif not items(found[1], "reviewers"):
            yield Found("nobody-approves", found[0].name, found[1].line, f"{name} has no reviewers")


def _environments(file: File) -> Iterator[tuple[str, Node]]:
    root = file.nodes[0]
    listed = items(root, "environments") or items(root, "spec", "environments")
    for node in listed:
        if keys(node):
            yield str(scalar(node, "name")), node


def rotation(
    lists: Sequence[File], workflows: Sequence[Jobs], as_of: date | None
) -> Iterator[Found | Unseen]:
    """How long ago each stored secret was changed, by the day that the reader names."""
    names = sorted({use.name for jobs in workflows for use in stored(jobs)})
    if not lists:
        if names:
            many = f"{len(names)} stored secret{'s' if len(names) > 1 else ''}"
            yield Unseen("secrets.rotated", f"the workflows name {many} and no list says how old; {_LIST}")
        return
    if as_of is None:
        yield Unseen("secrets.rotated", "nobody said which day it is; say --as-of 2026-03-02")
        return
    for file in lists:
        for item in items(file.nodes[0]):
            name, changed = scalar(item, "name"), _day(scalar(item, "updatedAt"))
            if changed is None:
                yield Unseen("secrets.rotated", f"{file.name}:{item.line} has no date that can be read")
            elif as_of - changed > timedelta(days=ROTATION_DAYS):
                age = (as_of - changed).days
                words = f"{name} was last changed on {changed}, {age} days before {as_of}"
                yield Found("stale-secret", file.name, item.line, words)
    listed = {str(scalar(item, "name")).upper() for file in lists for item in items(file.nodes[0])}
    missing = [name for name in names if name.upper() not in listed]
    if missing:
        yield Unseen("secrets.rotated", f"the list does not have {', '.join(missing)}")


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        return None
