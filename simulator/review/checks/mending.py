"""Fixes of a workflow that need more than a line: pins, least permissions, OIDC, values in env."""

from __future__ import annotations

import re
from typing import Final

from simulator.pipeline.workflow import Job
from simulator.review.checks.jobs import Jobs, setting
from simulator.review.findings import Said
from simulator.review.patches import Edit
from simulator.review.pins import newest, pin_of

_USES: Final = re.compile(
    r"(?P<head>.*?uses:\s*)(?P<quote>['\"]?)(?P<target>[\w./-]+)@(?P<ref>[\w./-]+)['\"]?.*"
)
_EXPRESSION: Final = re.compile(r"\$\{\{\s*(?P<path>[\w.-]+)\s*\}\}")
_AWS: Final = re.compile(r"AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SECRET_KEY)")
_OIDC_ACTIONS: Final = (
    "aws-actions/configure-aws-credentials",
    "google-github-actions/auth",
    "azure/login",
    "sigstore/cosign-installer",
    "actions/attest",
    "actions/attest-build-provenance",
)


def mended(jobs: Jobs, said: Said) -> tuple[Edit, ...]:
    """The fix for what zizmor said of a workflow; empty where no machine can know it."""
    fixes = {
        "unpinned-uses": pinned,
        "artipacked": without_credentials,
        "excessive-permissions": least_permissions,
        "template-injection": through_env,
    }
    fix = fixes.get(said.rule)
    return fix(jobs, said.line) if fix is not None else ()


def pinned(jobs: Jobs, line: int) -> tuple[Edit, ...]:
    """The action by its commit, its tag in a comment; nothing for an action that the table does not have."""
    found = _USES.fullmatch(jobs.lines.line(line))
    pin = pin_of(found["target"], found["ref"]) if found else None
    if found is None or pin is None:
        return ()
    return jobs.lines.replaced(line, f"{found['head']}{found['target']}@{pin.sha} # {pin.tag}")


def without_credentials(jobs: Jobs, line: int) -> tuple[Edit, ...]:
    """``persist-credentials: false`` for a checkout."""
    lines = jobs.lines
    begin = _step_line(jobs, line)
    inside = lines.child(begin, "with")
    if not inside:
        return lines.into(begin, ["with:", "  persist-credentials: false"], after="uses")
    if lines.opens(inside):
        return lines.into(inside, ["persist-credentials: false"])
    braces = re.fullmatch(r"([^{]*\{)(.*)", lines.line(inside))
    return lines.replaced(inside, f"{braces[1]}persist-credentials: false, {braces[2]}") if braces else ()


def _step_line(jobs: Jobs, line: int) -> int:
    """The first line of the step that a line belongs to; the line itself where it belongs to none."""
    begins = [step.at.line for job in jobs.workflow.jobs for step in job.steps if step.at.line <= line]
    return max(begins, default=line)


def least_permissions(jobs: Jobs, line: int) -> tuple[Edit, ...]:
    """Nothing at the top, and for each job that has no permissions of its own what its steps need.

    A finding inside a job mends that job; one of the file, or of the block at its top, mends all of them.
    """
    workflow, lines = jobs.workflow, jobs.lines
    own = next((job for job in workflow.jobs if job.at.line == line), None)
    if own is not None:
        return lines.into(own.at.line, [f"permissions: {needed(own)}"], after="runs-on")
    top = workflow.permissions
    if top is not None and not top.at.line <= line <= lines.end(top.at.line):
        return ()
    edits: list[Edit] = []
    if top is not None:
        last = lines.end(top.at.line)
        edits.append(Edit(top.at.line, last - top.at.line + 1, ("permissions: {}",)))
    else:
        place = next((number for number, text in enumerate(lines.all, 1) if text.startswith("jobs:")), 0)
        if not place:
            return ()
        edits.append(Edit(place, 0, ("permissions: {}",)))
    for job in workflow.jobs:
        if job.permissions is None:
            edits += lines.into(
                job.at.line, [f"permissions: {needed(job)}"], after="uses" if job.uses else "runs-on"
            )
    return tuple(edits)


def needed(job: Job) -> str:
    """The permissions that the steps of a job need, as a flow mapping."""
    scopes: dict[str, str] = {}
    for step in job.steps:
        name = step.uses.repository if step.uses is not None else ""
        if name == "actions/checkout" or job.uses is not None:
            scopes["contents"] = "read"
        if name == "docker/login-action" and "secrets.GITHUB_TOKEN" in setting(step, "password"):
            scopes["packages"] = "write"
        if name in _OIDC_ACTIONS:
            scopes["id-token"] = "write"
        if name.startswith("actions/attest"):
            scopes["attestations"] = "write"
        if name == "github/codeql-action":
            scopes["security-events"] = "write"
    if job.uses is not None:
        scopes["contents"] = "read"
    return "{" + ", ".join(f"{scope}: {level}" for scope, level in scopes.items()) + "}"


def through_env(jobs: Jobs, line: int) -> tuple[Edit, ...]:
    """The expressions of a script's line as variables, which the shell expands once it has read it."""
    lines = jobs.lines
    text = lines.line(line)
    names: dict[str, str] = {}

    def variable(found: re.Match[str]) -> str:
        parts = re.split(r"[.-]", found["path"])
        name = "_".join(parts[-2:] if len(parts) > 2 else parts).upper()
        names[name] = found[0]
        return f"${{{name}}}"

    changed = _EXPRESSION.sub(variable, text)
    begin = _step_line(jobs, line)
    run = lines.child(begin, "run")
    if not names or not run or text.lstrip().startswith(("- {", "{")):
        return ()
    entries = [f"{name}: {expression}" for name, expression in names.items()]
    inside = lines.child(begin, "env")
    if inside:
        added = lines.into(inside, entries)
        return (*added, *lines.replaced(line, changed)) if added else ()
    depth = lines.depth(run)
    block = [" " * depth + "env:", *(" " * (depth + 2) + entry for entry in entries)]
    if run == begin:  # the dash stands before run: env goes behind the step's last line
        return (*lines.replaced(line, changed), Edit(lines.end(begin) + 1, 0, tuple(block)))
    return (Edit(run, 0, tuple(block)), *lines.replaced(line, changed))


def sign_in(jobs: Jobs, line: int) -> tuple[Edit, ...]:
    """AWS's keys in ``env`` replaced by a role that the deploying jobs take with OIDC.

    Nothing for other clouds, or where the key is no line of an ``env`` of its own.
    """
    lines = jobs.lines
    name = lines.line(line).strip().partition(":")[0]
    pin = newest("aws-actions/configure-aws-credentials")
    if not _AWS.fullmatch(name) or pin is None or not jobs.deploying:
        return ()
    edits: list[Edit] = [Edit(line, 1)]
    step = [
        "- name: Sign in with OIDC",
        f"  uses: aws-actions/configure-aws-credentials@{pin.sha} # {pin.tag}",
        "  with:",
        "    role-to-assume: ${{ vars.AWS_ROLE_TO_ASSUME }}",
        "    aws-region: ${{ vars.AWS_REGION }}",
    ]
    for job in jobs.deploying:
        first = job.steps[0].at.line
        edits.append(Edit(first, 0, tuple(" " * lines.indent(first) + each for each in step)))
        if job.permissions is None:
            edits += lines.into(
                job.at.line, ["permissions: {contents: read, id-token: write}"], after="runs-on"
            )
    above = [number for number in range(line - 1, 0, -1) if lines.opens(number)]
    if above and lines.line(above[0]).strip() == "env:" and _only_keys(jobs, above[0]):
        edits[0] = Edit(above[0], lines.end(above[0]) - above[0] + 1)
    return tuple(edits)


def _only_keys(jobs: Jobs, env: int) -> bool:
    """Whether an ``env`` holds nothing but keys of AWS, so that all of it goes at once."""
    inside = [jobs.lines.line(number) for number in range(env + 1, jobs.lines.end(env) + 1)]
    return all(_AWS.match(text.strip()) for text in inside if text.strip())
