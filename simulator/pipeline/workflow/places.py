"""Every place of a workflow where an expression may stand, and which contexts GitHub allows there.

Source: "Context availability" on GitHub's page on contexts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from simulator.pipeline.workflow.document import (
    At,
    Concurrency,
    Container,
    Job,
    Setting,
    Step,
    Text,
    Workflow,
)
from simulator.pipeline.workflow.evaluation import bare, embedded
from simulator.pipeline.workflow.expressions import Member, parse, path_of, walk

Kind = Literal["workflow", "group", "job-if", "job", "job-env", "outputs", "step-if", "step"]

_HEAD: Final = frozenset({"github", "inputs", "vars"})
_JOB: Final = _HEAD | {"needs", "strategy", "matrix"}
_STEP: Final = _JOB | {"job", "runner", "env", "steps"}
ALLOWED: Final[dict[Kind, frozenset[str]]] = {
    "workflow": _HEAD | {"secrets"},
    "group": _HEAD,
    "job-if": _HEAD | {"needs"},
    "job": _JOB | {"env", "secrets"},
    "job-env": _JOB | {"secrets"},
    "outputs": _STEP | {"secrets"},
    "step-if": _STEP,
    "step": _STEP | {"secrets"},
}


@dataclass(frozen=True, slots=True)
class Place:
    """An expression and where it stands.

    Attributes:
        text: Without its ``${{ }}``.
        kind: What contexts it may name.
        job: The job that it belongs to; None at the top.
        step: The step that it belongs to, if any.
    """

    text: str
    at: At
    kind: Kind
    job: Job | None = None
    step: Step | None = None


def places(workflow: Workflow) -> Iterator[Place]:
    """Every expression of a workflow, in the order in which its parts are read."""
    for text in (workflow.name, workflow.run_name):
        yield from (Place(each, workflow.at, "group") for each in embedded(text))
    yield from _settings(workflow.env, "workflow")
    yield from _group(workflow.concurrency, "group", None)
    for job in workflow.jobs:
        yield from _job(job)


@dataclass(frozen=True, slots=True)
class SecretUse:
    """A secret that an expression names.

    Attributes:
        name: As written.
        job: The job that gets it; None where all do.
    """

    name: str
    at: At
    job: Job | None


def secrets_of(workflow: Workflow) -> Iterator[SecretUse]:
    """Every secret that a workflow names, in the order of :func:`places`; ``secrets: inherit`` names none."""
    for place in places(workflow):
        for part in walk(parse(place.text)):
            if isinstance(part, Member):
                head, _, name = path_of(part).partition(".")
                if head == "secrets" and name and "." not in name:
                    yield SecretUse(name, place.at, place.job)


def _job(job: Job) -> Iterator[Place]:
    if job.condition is not None:
        yield Place(bare(job.condition.text), job.condition.at, "job-if", job)
    texts: list[Text | None] = [*job.runs_on]
    if job.environment is not None:
        texts.append(job.environment.name)
    if isinstance(job.timeout_minutes, Text):
        texts.append(job.timeout_minutes)
    if isinstance(job.continue_on_error, Text):
        texts.append(job.continue_on_error)
    if job.strategy is not None:
        for value in (job.strategy.whole, job.strategy.include, job.strategy.exclude):
            texts += [value] if isinstance(value, Text) else []
        texts += [values for _, values in job.strategy.axes if isinstance(values, Text)]
    for text in texts:
        if text is not None:
            yield from (Place(each, text.at, "job", job) for each in embedded(text.text))
    yield from (Place(each, job.at, "job", job) for each in embedded(job.name))
    yield from _group(job.concurrency, "job", job)
    yield from _settings(job.env, "job-env", job)
    secrets = job.secrets if isinstance(job.secrets, tuple) else ()
    yield from _settings((*job.with_, *secrets), "job", job)
    for container in (*([job.container] if job.container else []), *job.services):
        yield from _container(container, job)
    for step in job.steps:
        yield from _step(job, step)
    if job.environment is not None and job.environment.url is not None:
        url = job.environment.url
        yield from (Place(each, url.at, "outputs", job) for each in embedded(url.text))
    yield from _settings(job.outputs, "outputs", job)


def _step(job: Job, step: Step) -> Iterator[Place]:
    if step.condition is not None:
        yield Place(bare(step.condition.text), step.condition.at, "step-if", job, step)
    for text in (step.run, step.timeout_minutes, step.continue_on_error):
        if isinstance(text, Text):
            yield from (Place(each, text.at, "step", job, step) for each in embedded(text.text))
    for plain in (step.name, step.working_directory, step.shell):
        yield from (Place(each, step.at, "step", job, step) for each in embedded(plain))
    yield from _settings((*step.with_, *step.env), "step", job, step)


def _container(container: Container, job: Job) -> Iterator[Place]:
    yield from (Place(each, container.image.at, "job", job) for each in embedded(container.image.text))
    yield from _settings(container.env, "job", job)


def _group(group: Concurrency | None, kind: Kind, job: Job | None) -> Iterator[Place]:
    if group is None:
        return
    yield from (Place(each, group.group.at, kind, job) for each in embedded(group.group.text))
    if isinstance(group.cancel_in_progress, Text):
        yield from (
            Place(each, group.cancel_in_progress.at, kind, job)
            for each in embedded(group.cancel_in_progress.text)
        )


def _settings(
    settings: Sequence[Setting], kind: Kind, job: Job | None = None, step: Step | None = None
) -> Iterator[Place]:
    for setting in settings:
        if isinstance(setting.value, str):
            yield from (Place(each, setting.at, kind, job, step) for each in embedded(setting.value))
