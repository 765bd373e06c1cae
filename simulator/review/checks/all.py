"""All checks of this room, over all files of a review."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from simulator.errors import PipelineError, Problem, ReviewError
from simulator.pipeline.workflow.reading import workflow_of
from simulator.review.checks import images, workflow_delivery, workflow_secrets
from simulator.review.checks import mending as workflow_mending
from simulator.review.checks import repository as settings_checks
from simulator.review.checks.jobs import Jobs
from simulator.review.checks.manifests import check_manifest
from simulator.review.dockerfile import Stage, stages_of
from simulator.review.files import Gathered
from simulator.review.findings import Found, Said, Unseen
from simulator.review.patches import Edit


@dataclass(slots=True)
class Read:
    """The files of a review, understood.

    Attributes:
        workflows: By name.
        dockerfiles: The stages of each, by name.
        texts: Of every file, by name.
    """

    workflows: dict[str, Jobs] = field(default_factory=dict)
    dockerfiles: dict[str, list[Stage]] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, gathered: Gathered) -> Read:
        """Understand every file.

        Raises:
            ReviewError: Workflows or Dockerfiles that make no sense; all problems at once.
        """
        read = cls()
        problems: list[Problem] = []
        for file in gathered.files:
            read.texts[file.name] = file.text
            try:
                if file.kind == "workflow":
                    workflow = workflow_of(file.text.encode(), file.name)
                    read.workflows[file.name] = Jobs(workflow, file.text)
                elif file.kind == "dockerfile":
                    read.dockerfiles[file.name] = stages_of(file.text, file.name)
            except (PipelineError, ReviewError) as error:
                problems += error.problems
        if problems:
            raise ReviewError(problems)
        return read

    def fix(self, said: Said) -> tuple[Edit, ...]:
        """The fix for what an analyser said; empty where no machine can know it."""
        if said.tool == "zizmor" and said.file in self.workflows:
            return workflow_mending.mended(self.workflows[said.file], said)
        if said.tool == "hadolint" and said.file in self.dockerfiles:
            return images.mended(self.texts[said.file], self.dockerfiles[said.file], said)
        return ()


def check(gathered: Gathered, read: Read, as_of: date | None) -> Iterator[Found | Unseen]:
    """Everything that this room finds, or can't see.

    Args:
        gathered: The files.
        read: The same, understood.
        as_of: The day from which the age of secrets counts.
    """
    workflows = list(read.workflows.values())
    settings = gathered.of("settings")
    public = settings_checks.is_public(settings)
    for jobs in workflows:
        yield from _workflow(jobs, public)
    if workflows:
        yield from workflow_delivery.unseen(workflows)
        yield from settings_checks.approvals(settings, workflows)
    yield from settings_checks.signatures(settings)
    yield from settings_checks.rotation(gathered.of("secret-list"), workflows, as_of)
    for name, stages in read.dockerfiles.items():
        yield from images.built_on(name, stages)
        yield from images.runs_as(name, stages)
    for file in gathered.of("manifest"):
        yield from check_manifest(file)


def _workflow(jobs: Jobs, public: bool | None) -> Iterator[Found]:
    yield from workflow_secrets.cloud_keys(jobs)
    yield from workflow_secrets.for_all(jobs)
    yield from workflow_secrets.reachable_runners(jobs, public)
    yield from workflow_delivery.pins(jobs)
    yield from workflow_delivery.gates(jobs)
    yield from workflow_delivery.caches(jobs)
    yield from workflow_delivery.digests(jobs)
    yield from workflow_delivery.environments(jobs)
    yield from workflow_delivery.rollouts(jobs)
    yield from workflow_delivery.bounds(jobs)
    yield from workflow_delivery.news(jobs)
    yield from images.scanned(jobs)
    yield from images.signed(jobs)
