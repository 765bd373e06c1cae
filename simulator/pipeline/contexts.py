"""What the forge fills into contexts: ``github``, ``needs``, ``runner`` and others, as far as it is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from simulator.pipeline.changes import Commit
from simulator.pipeline.settings import Settings
from simulator.pipeline.workflow import Job, Setting, Workflow
from simulator.pipeline.workflow.evaluation import Open, Value, embedded


def github(
    workflow: Workflow, settings: Settings, commit: Commit, event: str, *, run: int, attempt: int, author: str
) -> Open:
    """The ``github`` context of a run, with what every run has."""
    branch, name = settings.spec.branch, commit.ref
    for prefix in ("refs/heads/", "refs/tags/", "refs/pull/"):
        name = name.removeprefix(prefix)
    proposed = event in ("pull_request", "pull_request_target")
    head = f"change-{commit.head.number}"
    payload = Open(action="synchronize" if commit.head.pushes > 1 else "opened") if proposed else Open()
    if proposed:
        payload["number"] = float(commit.head.number)
        payload["pull_request"] = Open(
            number=float(commit.head.number),
            draft=False,
            merged=False,
            head=Open(ref=head),
            base=Open(ref=branch),
        )
    return Open(
        event_name=event,
        event=payload,
        ref=commit.ref,
        ref_name=name,
        ref_type="branch",
        ref_protected=commit.ref == f"refs/heads/{branch}",
        head_ref=head if proposed else "",
        base_ref=branch if proposed else "",
        sha=f"{commit.head.key:016x}{commit.index:024x}",
        run_id=float(run),
        run_number=float(run),
        run_attempt=float(attempt),
        workflow=workflow.name or workflow.file,
        actor=author,
        triggering_actor=author,
        repository="example/shop",
        repository_owner="example",
    )


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
