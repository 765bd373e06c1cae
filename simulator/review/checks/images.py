"""Images: scanned and signed where they are built, and what a Dockerfile builds on and runs as."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from simulator.pipeline.workflow import Job, Step
from simulator.review.checks.jobs import Jobs, command, setting
from simulator.review.checks.mending import needed
from simulator.review.dockerfile import Stage
from simulator.review.findings import Found, Said
from simulator.review.lines import Lines
from simulator.review.patches import Edit
from simulator.review.pins import newest

_IMAGE_SCAN: Final = re.compile(
    r"trivy image|grype |docker scout (cves|quickview)|snyk container|clair|docker sbom", re.IGNORECASE
)
_IMAGE_SCANNERS: Final = ("anchore/scan-action", "snyk/actions", "docker/scout-action")
_SIGNS: Final = re.compile(r"cosign (sign|attest)|notation sign|gh attestation sign")
_ATTESTS: Final = ("actions/attest-build-provenance", "actions/attest")
#: Base images that hold a program and little else.
_MINIMAL: Final = re.compile(
    r"scratch|.*distroless.*|cgr\.dev/chainguard/.*|.*wolfi.*|.*/ubi\d*-(micro|minimal).*|(.*/)?(alpine|busybox)"
    r"|.*:.*(alpine|slim|-tiny|static|micro|chiseled).*"
)
_NONROOT_BASE: Final = re.compile(r".*(:|-)nonroot.*|cgr\.dev/chainguard/.*")


def scanned(jobs: Jobs) -> Iterator[Found]:
    """Every pushed image must meet a scan that can fail."""
    scans = [step for job in jobs.workflow.jobs for step in job.steps if scans_image(step)]
    for step in scans:
        if reports_only(step):
            words = f"{step.title} reports and passes: its exit code is 0 whatever it finds"
            yield Found("scan-cannot-fail", jobs.file, step.at.line, words, with_exit_code(jobs, step))
    if not scans:
        for job, step in jobs.pushing:
            words = f"{job.id} pushes an image that nobody scans"
            yield Found("image-not-scanned", jobs.file, step.at.line, words, _scan_step(jobs, step))


def scans_image(step: Step) -> bool:
    """Whether a step scans an image, and not only the files."""
    if step.uses is None:
        return _IMAGE_SCAN.search(command(step)) is not None
    if step.uses.repository == "aquasecurity/trivy-action":
        return bool(setting(step, "image-ref")) or setting(step, "scan-type") in ("", "image")
    return step.uses.repository in _IMAGE_SCANNERS


def reports_only(step: Step) -> bool:
    """Whether a scan passes whatever it finds, as Trivy's action does unless it is told otherwise."""
    trivy = step.uses is not None and step.uses.repository == "aquasecurity/trivy-action"
    return trivy and setting(step, "exit-code") in ("", "0")


def with_exit_code(jobs: Jobs, step: Step) -> tuple[Edit, ...]:
    """The scan told to fail."""
    lines = jobs.lines
    inside = lines.child(step.at.line, "with")
    if inside and lines.opens(inside):
        named = lines.child(inside, "exit-code")
        new = 'exit-code: "1"'
        blanks = " " * lines.indent(named)
        return lines.replaced(named, blanks + new) if named else lines.into(inside, [new])
    return ()


def _scan_step(jobs: Jobs, step: Step) -> tuple[Edit, ...]:
    """A scan of the image by its digest, in the job that pushed it and under the name that it has there."""
    pin = newest("aquasecurity/trivy-action")
    image = _by_digest(step)
    if not image or pin is None:
        return ()
    new = (
        "- name: Scan the image",
        f"  uses: {pin.action}@{pin.sha} # {pin.tag}",
        "  with:",
        f"    image-ref: {image}",
        '    exit-code: "1"',
    )
    return _behind(jobs, step, new)


def _behind(jobs: Jobs, step: Step, new: tuple[str, ...]) -> tuple[Edit, ...]:
    """Steps behind one that pushed an image, which gets an id if it has none."""
    lines, begin = jobs.lines, step.at.line
    named = () if step.id else lines.into(begin, ["id: push"], after="uses")
    if not step.id and not named:
        return ()
    blanks = " " * lines.indent(begin)
    return (*named, Edit(lines.end(begin) + 1, 0, tuple(blanks + line for line in new)))


def _by_digest(step: Step) -> str:
    """The pushed image by its digest, as an action's output has it; empty where that can't be said."""
    image = _pushed_name(step)
    output = f"${{{{ steps.{step.id or 'push'}.outputs.digest }}}}"
    return f"{image}@{output}" if image and step.uses is not None else ""


def _pushed_name(step: Step) -> str:
    """The image without its tag, as ``tags`` names it; empty where it is not one plain tag."""
    tags = setting(step, "tags").split()
    found = re.fullmatch(r"(?P<image>[\w./-]+|\$\{\{ [\w.]+ \}\}[\w./-]*):.*", " ".join(tags))
    return found["image"] if found else ""


def signed(jobs: Jobs) -> Iterator[Found]:
    """Every pushed image must be signed, or its build attested."""
    if any(_signs(step) for job in jobs.workflow.jobs for step in job.steps):
        return
    for job, step in jobs.pushing:
        words = f"{job.id} pushes an image that nobody signs"
        yield Found("image-not-signed", jobs.file, step.at.line, words, _sign_steps(jobs, job, step))


def _signs(step: Step) -> bool:
    if step.uses is not None and step.uses.repository in _ATTESTS:
        return setting(step, "push-to-registry") == "true" or bool(setting(step, "subject-digest"))
    return _SIGNS.search(command(step)) is not None


def _sign_steps(jobs: Jobs, job: Job, step: Step) -> tuple[Edit, ...]:
    """Keyless signing of the digest with cosign, behind the push; the job gets the token that this takes."""
    pin = newest("sigstore/cosign-installer")
    image = _by_digest(step)
    permissions = _with_token(jobs, job)
    if not image or pin is None or permissions is None:
        return ()
    new = (
        f"- uses: {pin.action}@{pin.sha} # {pin.tag}",
        "- name: Sign the image",
        "  env:",
        f"    SIGNED: {image}",
        '  run: cosign sign --yes "$SIGNED"',
    )
    steps = _behind(jobs, step, new)
    return (*permissions, *steps) if steps else ()


def _with_token(jobs: Jobs, job: Job) -> tuple[Edit, ...] | None:
    """The edit that gives a job id-token: write; nothing if it has it, None where it can't be written."""
    held = jobs.workflow.effective_permissions(job)
    if held is not None and held.access("id-token") == "write":
        return ()
    if job.permissions is None:
        inside = ", ".join(filter(None, (needed(job)[1:-1], "id-token: write")))
        return jobs.lines.into(job.at.line, [f"permissions: {{{inside}}}"], after="runs-on") or None
    line = job.permissions.at.line
    braces = re.fullmatch(r"(\s*permissions:\s*\{)(.*)\}(.*)", jobs.lines.line(line))
    if braces:
        inside = ", ".join(filter(None, (braces[2].strip(), "id-token: write")))
        return jobs.lines.replaced(line, f"{braces[1]}{inside}}}{braces[3]}")
    return jobs.lines.into(line, ["id-token: write"]) or None


def built_on(file: str, stages: list[Stage]) -> Iterator[Found]:
    """What the image that is shipped is built on."""
    last, names = stages[-1], {stage.name: stage for stage in stages[:-1] if stage.name}
    while last.base in names:
        last = names[last.base]
    if not _MINIMAL.fullmatch(last.image.lower()) and not last.base.startswith("$"):
        words = f"the image that runs is built on {last.base}"
        yield Found("heavy-base", file, last.line, words)
    for stage in stages:
        known = stage.base in names or stage.base == "scratch" or stage.base.startswith("$")
        tagged = ":" in stage.base.rpartition("/")[2] and "@sha256:" not in stage.base
        if tagged and not known and not stage.base.endswith(":latest"):
            yield Found("base-by-tag", file, stage.line, f"{stage.base} is named by its tag alone")


def runs_as(file: str, stages: list[Stage]) -> Iterator[Found]:
    """Whom the image runs as, where nothing says so; an explicit root is hadolint's to say."""
    last = stages[-1]
    names = {stage.name: stage for stage in stages[:-1] if stage.name}
    chain = [last]
    while chain[-1].base in names:
        chain.append(names[chain[-1].base])
    if any(each.user for each in chain) or _NONROOT_BASE.fullmatch(chain[-1].base):
        return
    words = f"no USER: what is built on {chain[-1].base} runs as root"
    yield Found("image-runs-as-root", file, last.line, words, user_line(last))


def user_line(stage: Stage) -> tuple[Edit, ...]:
    """A user of its own before the program starts, or at the end of the stage."""
    starts = [each.line for each in stage.instructions if each.word in ("CMD", "ENTRYPOINT")]
    place = min(starts) if starts else stage.last + 1
    return (Edit(place, 0, ("USER 10001:10001",)),)


def mended(text: str, stages: list[Stage], said: Said) -> tuple[Edit, ...]:
    """The fix for what hadolint said of a Dockerfile; empty where no machine can know it."""
    lines = Lines(text)
    line = lines.line(said.line)
    swaps = {
        "DL3020": (r"^(\s*)ADD\b", r"\1COPY"),
        "DL3015": (r"(apt-get install(?: -y)?)", r"\1 --no-install-recommends"),
        "DL3000": (r"^(\s*WORKDIR\s+)(?=[A-Za-z])", r"\1/"),
        "DL3042": (r"(pip3? install)", r"\1 --no-cache-dir"),
        "DL3019": (r"(apk add)", r"\1 --no-cache"),
    }
    if said.rule in swaps:
        form, new = swaps[said.rule]
        changed = re.sub(form, new, line, count=1)
        return lines.replaced(said.line, changed) if changed != line else ()
    if said.rule == "DL3025":
        return _as_list(lines, said.line)
    if said.rule == "DL3002":
        return tuple(
            Edit(each.line, 1, ("USER 10001:10001",))
            for each in stages[-1].instructions
            if each.word == "USER" and each.line == said.line
        )
    return ()


def _as_list(lines: Lines, number: int) -> tuple[Edit, ...]:
    """CMD and ENTRYPOINT as a JSON list, where the command needs no shell."""
    found = re.fullmatch(r"\s*(CMD|ENTRYPOINT)\s+([\w./= :-]+)", lines.line(number))
    if not found:
        return ()
    words = ", ".join(f'"{word}"' for word in found[2].split())
    return lines.replaced(number, f"{found[1]} [{words}]")
