"""What the forge fills into contexts: ``github``, ``needs``, ``runner`` and others, as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulator.pipeline.changes import Commit
from simulator.pipeline.settings import Settings
from simulator.pipeline.workflow import Job, Setting, Workflow
from simulator.pipeline.workflow.evaluation import Open, Value, embedded

#: The repository in which everything happens.
OWNER: Final = "example"
REPOSITORY: Final = f"{OWNER}/shop"


def github(
    workflow: Workflow, settings: Settings, commit: Commit, event: str, *, run: int, attempt: int, author: str
) -> Open:
    """The ``github`` context of a run, with what every run has."""
    branch, name = settings.spec.branch, commit.ref
    for prefix in ("refs/heads/", "refs/tags/", "refs/pull/"):
        name = name.removeprefix(prefix)
    proposed = event in ("pull_request", "pull_request_target")
    head = f"change-{commit.head.number}"
    payload = _payload(commit, branch, event, author)
    sha = _sha(commit)
    return Open(
        event_name=event,
        event=payload,
        ref=commit.ref,
        ref_name=name,
        ref_type="branch",
        ref_protected=commit.ref == f"refs/heads/{branch}",
        head_ref=head if proposed else "",
        base_ref=branch if proposed else "",
        sha=sha,
        run_id=float(run),
        run_number=float(run),
        run_attempt=float(attempt),
        workflow=workflow.name or workflow.file,
        actor=author,
        triggering_actor=author,
        repository=REPOSITORY,
        repository_owner=OWNER,
    )


def _sha(commit: Commit) -> str:
    return f"{commit.head.key:016x}{commit.index:024x}"


def _payload(commit: Commit, branch: str, event: str, author: str) -> Open:
    """``github.event``, as far as conditions usually ask for it; what the event does not bring is null."""
    repository = Open(
        full_name=REPOSITORY, name=REPOSITORY.partition("/")[2], default_branch=branch, fork=False
    )
    repository["owner"] = Open(login=OWNER)
    user = Open(login=author, type="User")
    found = Open(repository=repository, sender=user)
    found.update(
        dict.fromkeys(("inputs", "schedule", "release", "issue", "comment", "workflow_run", "label"))
    )
    found.update(dict.fromkeys(("pull_request", "number", "head_commit", "merge_group", "action")))
    title = f"Change {commit.head.number}"
    if event in ("pull_request", "pull_request_target"):
        found["action"] = "synchronize" if commit.head.pushes > 1 else "opened"
        found["number"] = float(commit.head.number)
        found["pull_request"] = Open(
            number=found["number"],
            title=title,
            draft=False,
            merged=False,
            labels=[],
            user=user,
            author_association="MEMBER",
            head=Open(ref=f"change-{commit.head.number}", sha=_sha(commit), repo=repository),
            base=Open(ref=branch, repo=repository),
        )
    elif event == "push":
        found["head_commit"] = Open(id=_sha(commit), message=title, author=Open(name=author, username=author))
        found.update(ref=commit.ref, forced=False, created=False, deleted=False, pusher=Open(name=author))
    return found


def variables(*scopes: Sequence[Setting]) -> Open:
    """The ``env`` context: later scopes win; a value that is an expression is not known beforehand."""
    found = Open()
    for settings in scopes:
        for setting in settings:
            found.pop(setting.name, None)
            if not (isinstance(setting.value, str) and embedded(setting.value)):
                found[setting.name] = setting.value
    return found


def needs(job: Job, results: Mapping[str, str]) -> dict[str, Value]:
    """The ``needs`` context: results are known, outputs only where the settings give them."""
    return {name: Open(result=results[name], outputs=Open()) for name in job.needed}


def runner(labels: Sequence[str]) -> Open:
    """The ``runner`` context, by the labels."""
    joined = " ".join(labels).casefold()
    system = "Windows" if "windows" in joined else "macOS" if "macos" in joined else "Linux"
    return Open(os=system, arch="ARM64" if "arm" in joined else "X64")
