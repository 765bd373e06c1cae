"""The pipeline that deploys, as a scenario declares it: jobs, steps, times, actions; and how a run went."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from simulator.scenario.effects import Effect
from simulator.scenario.fields import Duration, Identifier, Line, Model, UpToDay, refused
from simulator.units import SECOND

#: ``owner/name@v2``, or a commit and the tag in a comment, as people pin: ``owner/name@5f1c… # v2``.
_USES: Final = re.compile(r"[\w.-]+/[\w.-]+(/[\w.-]+)*@[\w./-]+( # \S+)?")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}")


def _action(value: str) -> str:
    if not _USES.fullmatch(value):
        raise refused(
            expected="an action and what is taken of it, such as docker/build-push-action@v6",
            got=repr(value),
            todo="Write owner/name@REF; a comment with the tag may follow a commit.",
        )
    return value


Uses = Annotated[Line, AfterValidator(_action)]
#: A commit of git in full.
Sha = Annotated[str, Field(pattern=r"^[0-9a-f]{40}$")]


class PipelineStep(Model):
    """A step of a job: what it takes, and the action that it uses, if it is one."""

    name: Line
    time: UpToDay
    uses: Uses | None = None


class PipelineJob(Model):
    """A job of the workflow; setting up and checking out come by themselves."""

    name: Identifier
    needs: tuple[Identifier, ...] = ()
    steps: Annotated[tuple[PipelineStep, ...], Field(min_length=1, max_length=20)]
    approval: UpToDay = 0
    """How long a colleague takes to approve its environment; 0 where nobody is asked."""


class WorkflowCommit(Model):
    """A commit of the past that changed what a step uses; ``uses`` is what stood there before."""

    step: Line
    uses: Uses
    cause: Line
    author: Line
    commit: Line
    age: Duration


def _job(name: str, needs: tuple[str, ...], *steps: tuple[str, int], approval: int = 0) -> PipelineJob:
    made = tuple(
        PipelineStep.model_construct(name=step, time=seconds * SECOND, uses=None) for step, seconds in steps
    )
    return PipelineJob.model_construct(name=name, needs=needs, steps=made, approval=approval * SECOND)


#: Gates side by side, a build, a colleague's approval, the deploy: four minutes.
_USUAL: Final = (
    _job("lint", (), ("Validate manifests", 14)),
    _job("test", (), ("Policy tests", 68)),
    _job("scan", (), ("Scan images", 31)),
    _job("build", ("lint", "test", "scan"), ("Render manifests", 27), ("Sign", 9)),
    _job(
        "deploy",
        ("build",),
        ("Log in by OIDC", 4),
        ("Compare with production", 12),
        ("Apply", 18),
        approval=84,
    ),
)


class Pipeline(Model):
    """The workflow that carries every release to production, at the end of its last job.

    ``images``: ``reused`` deploys the image that a commit names, which is there already; ``built`` builds it
    anew in each run, under a tag of its own, with whatever its actions are by then.
    """

    jobs: Annotated[tuple[PipelineJob, ...], Field(min_length=1, max_length=16)] = _USUAL
    images: Literal["reused", "built"] = "reused"
    history: Annotated[tuple[WorkflowCommit, ...], Field(max_length=16)] = ()
    """Commits of its file, oldest first."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        known: list[str] = []
        for job in self.jobs:
            if job.name in known:
                raise refused(
                    expected="jobs with names of their own", got=f"{job.name} twice", todo="Name it anew."
                )
            for need in job.needs:
                if need not in known:
                    raise refused(
                        expected=f"needs of {job.name} among {', '.join(known) or 'no jobs, as the first'}",
                        got=repr(need),
                        todo="Write the jobs in an order in which they can run.",
                    )
            known.append(job.name)
        if unneeded := set(known[:-1]) - _all_needs(self.jobs):
            raise refused(
                expected=f"a last job, {known[-1]}, that waits for all others",
                got=f"{min(unneeded)}, for which nobody waits",
                todo="The last job deploys; let it need the rest, directly or through others.",
            )
        return self

    @model_validator(mode="after")
    def _history_fits(self) -> Self:
        steps = {step.name: step.uses for job in self.jobs for step in job.steps}
        for commit in self.history:
            if steps.get(commit.step) is None:
                using = [name for name, uses in steps.items() if uses is not None]
                raise refused(
                    expected=f"a step that uses an action: {', '.join(using) or 'there is none'}",
                    got=repr(commit.step),
                    todo="A commit of the past changed what a step uses.",
                )
        return self


def _all_needs(jobs: Sequence[PipelineJob]) -> set[str]:
    """Every job that another waits for."""
    return {need for job in jobs for need in job.needs}


# --- a run, and what may happen to an action


class FailedAttempt(Model):
    """An attempt of a run that failed at a step, and was run again."""

    step: Line
    log: tuple[Line, ...] = ()
    """What the step wrote before it failed."""


class RunRecord(Model):
    """How the run of a release went, where it did not simply pass; ``gh run view`` shows it.

    ``attempts`` failed before the one that passed, oldest first. ``skipped``: steps that did not run.
    ``log``: what steps wrote.
    """

    attempts: Annotated[tuple[FailedAttempt, ...], Field(max_length=10)] = ()
    skipped: tuple[Line, ...] = ()
    log: dict[str, tuple[Line, ...]] = Field(default_factory=dict)


class MoveTag(Model):
    """An action's tag names another commit from now on.

    ``effects``: what every image does that the pipeline builds from then on while a step uses the tag.
    A step that names a commit never notices.
    """

    uses: Uses
    commit: Sha
    effects: Annotated[tuple[Effect, ...], Field(min_length=1, max_length=16)]

    @model_validator(mode="after")
    def _can_move(self) -> Self:
        if _COMMIT.fullmatch(self.uses.partition(" ")[0].partition("@")[2]):
            raise refused(
                expected="an action and its tag",
                got=repr(self.uses),
                todo="A commit is what it is.",
            )
        return self

    @model_validator(mode="after")
    def _of_all_versions(self) -> Self:
        if any(effect.versions for effect in self.effects):
            raise refused(
                expected="effects without versions",
                got="some",
                todo="They hold for the images that are built from then on, and for no others.",
            )
        return self


class ReleasedStep(Model):
    """What a step of the workflow uses from a commit on."""

    step: Line
    uses: Uses
