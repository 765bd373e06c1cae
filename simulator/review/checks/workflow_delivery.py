"""James's standard for a delivery: gates, caches, digests, environments, verified rollouts, a way back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from simulator.pipeline.workflow import Job, Step
from simulator.pipeline.workflow.document import DEFAULT_TIMEOUT_MINUTES
from simulator.review.checks.images import reports_only, scans_image, with_exit_code
from simulator.review.checks.jobs import GATES, Jobs, command, deployment_of, setting, tests
from simulator.review.findings import Found, Unseen
from simulator.review.patches import Edit
from simulator.review.pins import tag_of

_IMAGE_BY_TAG: Final = re.compile(
    r"=[\"']?(?P<image>[\w./$\{\}-]+/[\w./$\{\}-]+):(?P<tag>[\w.$\{\}-]+)(?![\w@])"
)
_SETUP_CACHES: Final = (
    "actions/setup-node",
    "actions/setup-python",
    "actions/setup-java",
    "actions/setup-go",
)
#: Commands that put dependencies in place, and what each setup action calls its cache.
_CACHES: Final = (("npm", "npm"), ("yarn", "yarn"), ("pnpm", "pnpm"), ("pip", "pip"), ("mvn", "maven"))
_CONDITION_RUNS_ON_FAILURE: Final = re.compile(r"\b(failure|always)\(\)")


def pins(jobs: Jobs) -> Iterator[Found]:
    """Commits without the tag that people and bots read."""
    for uses in jobs.workflow.uses():
        if not uses.pinned or uses.kind not in ("action", "workflow"):
            continue
        if re.search(r"\d", uses.comment):
            continue
        tag = tag_of(uses.repository, uses.ref)
        line = uses.at.line
        edits = (
            (Edit(line, 1, (f"{jobs.lines.line(line).partition(' #')[0].rstrip()} # {tag}",)),) if tag else ()
        )
        words = f"{uses.repository} is pinned, and nothing says to which version"
        yield Found("pin-without-tag", jobs.file, line, words, edits)


def gates(jobs: Jobs) -> Iterator[Found]:
    """What stands before production, and whether it can stop anything."""
    for job in jobs.to_production:
        kinds = set().union(*(jobs.kinds(each) for each in (job, *jobs.before(job))))
        if not tests(kinds):
            yield Found("no-tests-before", jobs.file, job.at.line, f"nothing tests what {job.id} deploys")
        if "scan" not in kinds:
            yield Found("no-scan-before", jobs.file, job.at.line, f"nothing scans what {job.id} deploys")
    for job in jobs.workflow.jobs:
        yield from _toothless(jobs, job)
        rows = [step for step in job.steps if jobs.kind(step) in GATES]
        groups = {("tests" if tests({jobs.kind(step)}) else str(jobs.kind(step))) for step in rows}
        if len(groups - {"type-check"}) > 2 or {"tests", "scan"} <= groups:
            names = ", ".join(step.title for step in rows)
            words = f"{job.id} runs its gates one after the other: {names}"
            yield Found("gates-in-a-row", jobs.file, job.at.line, words)


def _toothless(jobs: Jobs, job: Job) -> Iterator[Found]:
    """Gates that go green whatever they find. Scans are judged with the images."""
    lines = jobs.lines
    if job.continue_on_error is True and jobs.kinds(job) & GATES:
        line = lines.child(job.at.line, "continue-on-error")
        edits = (Edit(line, 1),) if line else ()
        yield Found("gate-cannot-fail", jobs.file, line or job.at.line, f"{job.id} can't fail", edits)
    for step in job.steps:
        if step.continue_on_error is True and jobs.kind(step) in GATES:
            line = lines.child(step.at.line, "continue-on-error")
            edits = (Edit(line, 1),) if line > step.at.line else ()
            words = f"{step.title} can't fail"
            yield Found("gate-cannot-fail", jobs.file, line or step.at.line, words, edits)
        if reports_only(step) and not scans_image(step):
            words = f"{step.title} reports and passes: its exit code is 0 whatever it finds"
            yield Found("gate-cannot-fail", jobs.file, step.at.line, words, with_exit_code(jobs, step))


def caches(jobs: Jobs) -> Iterator[Found]:
    """Installs and builds that begin from nothing every time."""
    for job in jobs.workflow.jobs:
        for step in job.steps:
            kind = jobs.kind(step)
            if kind == "install" and not _cached(job, step):
                words = f"{step.title} downloads everything anew in {job.id}"
                yield Found("not-cached", jobs.file, step.at.line, words, _cache_setup(jobs, job, step))
            builds = step.uses is not None and step.uses.repository == "docker/build-push-action"
            if builds and not setting(step, "cache-from"):
                words = f"the image is built from nothing in {job.id}"
                yield Found("not-cached", jobs.file, step.at.line, words, _cache_layers(jobs, step))


def _cached(job: Job, step: Step) -> bool:
    for earlier in job.steps[: step.number]:
        if earlier.uses is None:
            continue
        if earlier.uses.repository.startswith("actions/cache"):
            return True
        if any(
            setting(earlier, name) not in ("", "false") for name in ("cache", "enable-cache", "bundler-cache")
        ):
            return True
        if earlier.uses.repository == "actions/setup-go" and setting(earlier, "cache") != "false":
            return True
    return False


def _cache_setup(jobs: Jobs, job: Job, step: Step) -> tuple[Edit, ...]:
    words = command(step)
    name = next((cache for tool, cache in _CACHES if re.search(rf"\b{tool}\b", words)), "")
    setup = next(
        (each for each in job.steps if each.uses is not None and each.uses.repository in _SETUP_CACHES), None
    )
    if setup is None or not name:
        return ()
    inside = jobs.lines.child(setup.at.line, "with")
    if not inside:
        return jobs.lines.into(setup.at.line, ["with:", f"  cache: {name}"], after="uses")
    return jobs.lines.into(inside, [f"cache: {name}"])


def _cache_layers(jobs: Jobs, step: Step) -> tuple[Edit, ...]:
    inside = jobs.lines.child(step.at.line, "with")
    return jobs.lines.into(inside, ["cache-from: type=gha", "cache-to: type=gha,mode=max"]) if inside else ()


def digests(jobs: Jobs) -> Iterator[Found]:
    """Deployments that name an image by its tag."""
    for job in jobs.deploying:
        for step in jobs.deploy_steps(job):
            if step.run is None:
                continue
            for line in range(step.run.at.line, jobs.lines.end(step.at.line) + 1):
                found = _IMAGE_BY_TAG.search(jobs.lines.line(line))
                if found:
                    words = f"{job.id} deploys {found['image']}:{found['tag']}"
                    edits = _by_digest(jobs, job, step, line, found)
                    yield Found("deployed-by-tag", jobs.file, line, words, edits)


def _by_digest(jobs: Jobs, job: Job, step: Step, line: int, found: re.Match[str]) -> tuple[Edit, ...]:
    """The build's digest as an output of its job, and the deployment by it."""
    lines = jobs.lines
    builds = [(other, build) for other, build in jobs.pushing if build.uses is not None]
    if len(builds) != 1 or not step.name or builds[0][0].id not in job.needed:
        return ()
    builder, build = builds[0]
    edits: list[Edit] = []
    name = build.id or "push"
    if not build.id:
        edits += lines.into(build.at.line, [f"id: {name}"], after="uses")
    outputs = lines.child(builder.at.line, "outputs")
    value = f"digest: ${{{{ steps.{name}.outputs.digest }}}}"
    if outputs:
        edits += lines.into(outputs, [value])
    else:
        edits += lines.into(builder.at.line, ["outputs:", f"  {value}"], after="runs-on")
    handed = f"DIGEST: ${{{{ needs.{builder.id}.outputs.digest }}}}"
    held = lines.child(step.at.line, "env")
    new = (
        lines.into(held, [handed])
        if held
        else lines.into(step.at.line, ["env:", f"  {handed}"], after="name")
    )
    if not new:
        return ()
    edits += new
    text = lines.line(line)
    begin, end = found.start("tag") - 1, found.end("tag")
    edits += lines.replaced(line, f"{text[:begin]}@${{DIGEST}}{text[end:]}")
    return tuple(edits)


def environments(jobs: Jobs) -> Iterator[Found]:
    """Deployments to production outside an environment."""
    for job in jobs.to_production:
        if job.environment is None:
            edits = jobs.lines.into(job.at.line, ["environment: production"], after="runs-on")
            words = f"{job.id} deploys to production outside any environment"
            yield Found("no-environment", jobs.file, job.at.line, words, edits)


def rollouts(jobs: Jobs) -> Iterator[Found]:
    """Whether anybody looks if what was deployed came up, and how it goes back if not."""
    for job in jobs.deploying:
        last = jobs.deploy_steps(job)[-1]
        later = jobs.after(job, last)
        target = deployment_of(last)
        if not any(jobs.kind(step) == "verify" for step in later) and "rollout status" not in command(last):
            words = f"{job.id} does not look whether the rollout came up"
            edits = (
                _step_after(
                    jobs,
                    last,
                    "Verify the rollout",
                    f"kubectl{_flags(last)} rollout status deployment/{target} --timeout=300s",
                )
                if target
                else ()
            )
            yield Found("rollout-not-verified", jobs.file, last.at.line, words, edits)
    for job in jobs.to_production:
        last = jobs.deploy_steps(job)[-1]
        if not any(_takes_back(jobs, step) for step in job.steps) and not _elsewhere(jobs, job):
            words = f"when {job.id} fails half-way, nothing takes it back"
            yield Found("no-way-back", jobs.file, last.at.line, words, _way_back(jobs, job, last))
    if jobs.to_production and not any("smoke-tests" in jobs.kinds(job) for job in jobs.workflow.jobs):
        place = jobs.to_production[0]
        words = "nobody asks the release a user's question"
        yield Found("no-smoke-tests", jobs.file, place.at.line, words)


def _takes_back(jobs: Jobs, step: Step) -> bool:
    return (
        jobs.kind(step) == "roll-back"
        or re.search(r"rollout undo|helm rollback|--atomic", command(step)) is not None
    )


def _elsewhere(jobs: Jobs, job: Job) -> bool:
    """Whether a later job, which runs on failure, takes it back."""
    return any(
        job.id in other.needed
        and other.condition is not None
        and _CONDITION_RUNS_ON_FAILURE.search(other.condition.text)
        and any(_takes_back(jobs, step) for step in other.steps)
        for other in jobs.workflow.jobs
    )


def _flags(step: Step) -> str:
    """The namespace that a kubectl command names before its verb or behind it."""
    found = re.search(r"(?:--namespace[ =]|-n )\S+", command(step))
    return f" {found.group(0)}" if found else ""


def _step_after(jobs: Jobs, step: Step, name: str, run: str) -> tuple[Edit, ...]:
    lines = jobs.lines
    begin = step.at.line
    new = (f"- name: {name}", f"  run: {run}")
    blanks = " " * lines.indent(begin)
    return (Edit(lines.end(begin) + 1, 0, tuple(blanks + line for line in new)),)


def _way_back(jobs: Jobs, job: Job, deploys: Step) -> tuple[Edit, ...]:
    """An undo for what was deployed and failed later; what was never deployed must not be taken back."""
    target = deployment_of(deploys)
    if not target:
        return ()
    name = deploys.id or "deploy"
    named = () if deploys.id else jobs.lines.into(deploys.at.line, [f"id: {name}"], after="name")
    if not named and not deploys.id:
        return ()
    run = f"kubectl{_flags(deploys)} rollout undo deployment/{target}"
    condition = f"failure() && steps.{name}.outcome == 'success'"
    return (*named, *_step_at_end(jobs, job, "Take it back", run, condition))


def _step_at_end(jobs: Jobs, job: Job, name: str, run: str, condition: str) -> tuple[Edit, ...]:
    lines = jobs.lines
    begin = job.steps[-1].at.line
    blanks = " " * lines.indent(begin)
    new = (f"- name: {name}", f"  if: {condition}", f"  run: {run}")
    return (Edit(lines.end(begin) + 1, 0, tuple(blanks + line for line in new)),)


def bounds(jobs: Jobs) -> Iterator[Found]:
    """Time limits of jobs, and deployments that could overtake one another."""
    for job in jobs.workflow.jobs:
        if job.uses is None and job.timeout_minutes == DEFAULT_TIMEOUT_MINUTES:
            limit = 30 if job in jobs.deploying else 15
            edits = jobs.lines.into(job.at.line, [f"timeout-minutes: {limit}"], after="runs-on")
            words = f"{job.id} may hold its runner for {DEFAULT_TIMEOUT_MINUTES // 60} hours"
            yield Found("no-time-limit", jobs.file, job.at.line, words, edits)
    for job in jobs.deploying:
        if job.concurrency is None and jobs.workflow.concurrency is None:
            plain = "production" if job in jobs.to_production else job.id
            group = job.environment.name.text if job.environment is not None else plain
            edits = jobs.lines.into(job.at.line, [f"concurrency: {{group: {group}}}"], after="runs-on")
            words = f"two runs of {job.id} can deploy at once, and the older one may end last"
            yield Found("deployments-overlap", jobs.file, job.at.line, words, () if "${{" in group else edits)


def news(jobs: Jobs) -> Iterator[Found]:
    """Whether anybody is told of a release."""
    if not jobs.to_production or any("notify" in jobs.kinds(job) for job in jobs.workflow.jobs):
        return
    job = jobs.to_production[-1]
    lines, begin = jobs.lines, job.steps[-1].at.line
    blanks = " " * lines.indent(begin)
    new = (
        "- name: Notify the channel",
        "  if: always()",
        "  env:",
        "    WEBHOOK: ${{ secrets.CHAT_WEBHOOK }}",
        "    OUTCOME: ${{ job.status }}",
        "  run: >-",
        "    curl --fail --silent --show-error",
        '    --json "{\\"text\\": \\"$GITHUB_WORKFLOW: $OUTCOME\\"}" "$WEBHOOK"',
    )
    edits = (Edit(lines.end(begin) + 1, 0, tuple(blanks + line for line in new)),)
    yield Found("nobody-hears", jobs.file, job.at.line, f"{job.id} releases, and tells nobody", edits)


def unseen(jobs: list[Jobs]) -> Iterator[Unseen]:
    """Points that these workflows don't answer, because they don't do what is asked about."""
    if not any(each.deploying for each in jobs):
        for point in ("gates", "environment", "verified", "rollback", "notified"):
            yield Unseen(f"delivery.{point}", "no workflow here deploys anything")
    if not any(each.pushing for each in jobs):
        for point in ("scanned", "signed"):
            yield Unseen(f"containers.{point}", "no workflow here pushes an image")
