"""Secrets of a workflow: long-lived keys, secrets that every job gets; and runners that strangers reach."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from simulator.pipeline.workflow import SecretUse, secrets_of
from simulator.review.checks.jobs import Jobs
from simulator.review.checks.mending import sign_in
from simulator.review.findings import Found
from simulator.review.patches import Edit

#: Secrets whose names say that they open a cloud or a cluster for whoever has them.
_KEY: Final = re.compile(
    r"AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SECRET_KEY)|(GCP|GCLOUD|GOOGLE)_.*(KEY|CREDENTIALS)|GOOGLE_CREDENTIALS"
    r"|GKE_.*(KEY|CREDENTIALS)|AZURE_(CREDENTIALS|CLIENT_SECRET)|ARM_CLIENT_SECRET|.*KUBE_?CONFIG.*"
    r"|KUBE_(TOKEN|DATA)|DIGITALOCEAN_(ACCESS_)?TOKEN|HCLOUD_TOKEN|ALIYUN_.*SECRET.*",
    re.IGNORECASE,
)
_SELF_HOSTED: Final = "self-hosted"
#: Events that a stranger can cause on a public repository.
_STRANGERS: Final = ("pull_request", "pull_request_target", "issue_comment", "issues", "discussion")


def stored(jobs: Jobs) -> list[SecretUse]:
    """Every secret that the workflow names and that somebody has to store; GitHub's own token is none."""
    return [use for use in secrets_of(jobs.workflow) if use.name.upper() != "GITHUB_TOKEN"]


def cloud_keys(jobs: Jobs) -> Iterator[Found]:
    """Each place where a key is handed over that works until somebody revokes it."""
    for line, names in _by_line(jobs).items():
        keys = [name for name in names if _KEY.fullmatch(name)]
        if keys:
            words = f"{', '.join(keys)}: a stored key of the cloud, good from anywhere until it is revoked"
            yield Found("stored-cloud-key", jobs.file, line, words, sign_in(jobs, line))


def _by_line(jobs: Jobs) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for use in stored(jobs):
        found.setdefault(use.at.line, []).append(use.name)
    return {line: list(dict.fromkeys(names)) for line, names in sorted(found.items())}


def for_all(jobs: Jobs) -> Iterator[Found]:
    """Secrets in ``env`` at the top, or of a whole job: every action in it can read them."""
    many = len(jobs.workflow.jobs) > 1
    for use in stored(jobs):
        if use.job is None and many:
            reach = f"every step of all {len(jobs.workflow.jobs)} jobs gets {use.name}"
        elif use.job is not None and _job_wide(use) and len(use.job.steps) > 1:
            reach = f"all {len(use.job.steps)} steps of {use.job.id} get {use.name}"
        else:
            continue
        yield Found("secret-for-all", jobs.file, use.at.line, reach, _moved(jobs, use))


def _job_wide(use: SecretUse) -> bool:
    return use.job is not None and use.at.path.startswith(f"jobs.{use.job.id}.env.")


def _moved(jobs: Jobs, use: SecretUse) -> tuple[Edit, ...]:
    """The line moved to the one step that names the variable; nothing where none or several do."""
    lines, line = jobs.lines, use.at.line
    variable = use.at.path.rpartition(".")[2]
    entry = re.fullmatch(rf"\s+{re.escape(variable)}:.*\$\{{\{{.*\}}\}}\s*", lines.line(line))
    users = [
        step
        for job in jobs.workflow.jobs
        for step in job.steps
        if step.run is not None and re.search(rf"\b{re.escape(variable)}\b", step.run.text)
    ]
    if entry is None or len(users) != 1:
        return ()
    place, kept = users[0].at.line, lines.line(line).strip()
    inside = lines.child(place, "env")
    if inside:
        added = lines.into(inside, [kept])
    else:
        added = lines.into(place, ["env:", f"  {kept}"], after="name")
    return (*_without(jobs, line), *added) if added else ()


def _without(jobs: Jobs, line: int) -> tuple[Edit, ...]:
    """The line gone, and the key above it too if it was the last inside."""
    lines = jobs.lines
    above = line - 1
    alone = lines.opens(above) and lines.end(above) == line
    return (Edit(above, 2),) if alone else (Edit(line, 1),)


def reachable_runners(jobs: Jobs, public: bool | None) -> Iterator[Found]:
    """Jobs on machines of one's own that a stranger's proposal can start."""
    events = [each.event for each in jobs.workflow.triggers if each.event in _STRANGERS]
    if public is False or (public is None and not events):
        return
    for job in jobs.workflow.jobs:
        labels = [each.text for each in job.runs_on]
        own = job.group or next((each for each in labels if each.lower() == _SELF_HOSTED), "")
        if not own:
            continue
        line = job.runs_on[0].at.line if job.runs_on else job.at.line
        state = (
            "a public repository"
            if public
            else "a repository of which the files don't say that it is private"
        )
        starts = f", started by {', '.join(events)}" if events else ""
        words = f"{job.id} runs on {own}{starts}, in {state}"
        yield Found("self-hosted", jobs.file, line, words)
