"""What the jobs of a workflow do: which deploy, where to, what stands before them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from simulator.pipeline.kinds import kind_of
from simulator.pipeline.physics import StepKind
from simulator.pipeline.workflow import Job, Step, Workflow
from simulator.review.lines import Lines

_BEFORE_PRODUCTION: Final = re.compile(r"stag|test|dev|preview|review|\bqa|sandbox|uat|e2e", re.IGNORECASE)
_TESTS: Final[frozenset[StepKind]] = frozenset({"unit-tests", "end-to-end-tests"})
GATES: Final[frozenset[StepKind]] = _TESTS | {"lint", "type-check", "scan"}
_DEPLOYMENT: Final = re.compile(r"\bdeploy(?:ment)?s?[/ ]([a-z0-9][a-z0-9.-]*)")
_CHANGES: Final = re.compile(r"kubectl .*\b(set image|apply|patch|replace|create|rollout restart)\b")
_PUSHES: Final = re.compile(r"docker (image )?push|docker buildx .*--push|podman push|buildah push")


@dataclass(frozen=True)
class Jobs:
    """A workflow with its text."""

    workflow: Workflow
    text: str

    @cached_property
    def lines(self) -> Lines:
        return Lines(self.text)

    @property
    def file(self) -> str:
        return self.workflow.file

    def kinds(self, job: Job) -> set[StepKind]:
        """What the steps of a job are."""
        return {self.kind(step) for step in job.steps}

    def kind(self, step: Step) -> StepKind:
        """What a step is; setting a tool up deploys nothing, and neither does a look at a Deployment."""
        kind = kind_of(step)
        if kind == "deploy" and step.uses is not None and "setup" in step.uses.repository:
            return "setup"
        if kind == "deploy" and "kubectl" in command(step) and not _CHANGES.search(command(step)):
            return "other"
        return kind

    @cached_property
    def deploying(self) -> tuple[Job, ...]:
        """Jobs with a step that deploys."""
        return tuple(job for job in self.workflow.jobs if "deploy" in self.kinds(job))

    @cached_property
    def to_production(self) -> tuple[Job, ...]:
        """Jobs that deploy to users: every one whose name and environment don't say staging or the like."""
        return tuple(job for job in self.deploying if not _BEFORE_PRODUCTION.search(self._goal(job)))

    def _goal(self, job: Job) -> str:
        if job.environment is not None:
            return job.environment.name.text
        return f"{job.id} {job.name}"

    @cached_property
    def pushing(self) -> tuple[tuple[Job, Step], ...]:
        """Steps that push an image."""
        return tuple((job, step) for job in self.workflow.jobs for step in job.steps if _pushes(step))

    def before(self, job: Job) -> tuple[Job, ...]:
        """Every job that must have passed before this one, in the file's order."""
        wanted, seen = list(job.needed), set[str]()
        while wanted:
            name = wanted.pop()
            if name not in seen:
                seen.add(name)
                other = self.workflow.job(name)
                wanted += other.needed if other is not None else ()
        return tuple(each for each in self.workflow.jobs if each.id in seen)

    def deploy_steps(self, job: Job) -> tuple[Step, ...]:
        """The steps of a job that deploy."""
        return tuple(step for step in job.steps if self.kind(step) == "deploy")

    def after(self, job: Job, step: Step) -> tuple[Step, ...]:
        """The steps of a job behind one of them."""
        return job.steps[step.number + 1 :]


def tests(kinds: set[StepKind]) -> bool:
    """Whether steps of these kinds test the code."""
    return bool(kinds & _TESTS)


def command(step: Step) -> str:
    """What a step runs; empty for an action."""
    return step.run.text if step.run is not None else ""


def setting(step: Step, name: str) -> str:
    """A value of ``with`` as text; empty where there is none."""
    found = (each.value for each in step.with_ if each.name == name)
    value = next(found, None)
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def deployment_of(step: Step) -> str:
    """The Deployment that a command speaks of; empty where it names none."""
    found = _DEPLOYMENT.search(command(step))
    return found.group(1) if found else ""


def _pushes(step: Step) -> bool:
    if step.uses is not None and step.uses.repository in ("docker/build-push-action", "docker/bake-action"):
        return setting(step, "push") not in ("", "false") or "push=true" in setting(step, "outputs")
    return _PUSHES.search(command(step)) is not None
