"""A GitHub Actions workflow as the file says it: every part typed, each with its file and line.

Nothing is evaluated here: texts keep their ``${{ }}``. Field names are GitHub's in Python's spelling.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

from simulator.pipeline.workflow.patterns import accepts
from simulator.scenario.tree import Value

Access = Literal["read", "write", "none"]

#: Minutes after which GitHub ends a job that sets none.
DEFAULT_TIMEOUT_MINUTES: Final = 360
_SHA: Final = re.compile(r"[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class At:
    """Where something stands.

    Attributes:
        file: As messages show it.
        line: From 1.
        path: Such as ``jobs.test.steps[2].run``.
    """

    file: str
    line: int
    path: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.path}".rstrip(": ")


@dataclass(frozen=True, slots=True)
class Text:
    """A text of the file, with its line; expressions in it are as written."""

    text: str
    at: At

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True)
class Setting:
    """A value of ``with``, ``env`` or the like: a scalar as YAML reads it."""

    name: str
    value: Value
    at: At


@dataclass(frozen=True, slots=True)
class Trigger:
    """An event under ``on`` with its filters; empty filters let everything through."""

    event: str
    at: At
    types: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    branches_ignore: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    tags_ignore: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    paths_ignore: tuple[str, ...] = ()
    crons: tuple[str, ...] = ()
    inputs: tuple[str, ...] = ()

    def accepts(self, branch: str) -> bool:
        """Whether it starts a run for this branch: of a push the pushed one, else the base."""
        if self.branches:
            return accepts(self.branches, branch)
        if self.branches_ignore:
            return not accepts(self.branches_ignore, branch)
        return not (self.event == "push" and (self.tags or self.tags_ignore))


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the job's token may do. ``everything`` is ``read-all`` or ``write-all``, else by scope."""

    at: At
    everything: Literal["read-all", "write-all", ""] = ""
    scopes: tuple[tuple[str, Access], ...] = ()

    def access(self, scope: str) -> Access:
        """What it says about one scope; what is not named is ``none``."""
        if self.everything:
            return "write" if self.everything == "write-all" else "read"
        return dict(self.scopes).get(scope, "none")


@dataclass(frozen=True, slots=True)
class Concurrency:
    """A concurrency group: one runs, one waits, a newer one takes the waiting one's place.

    With ``queue`` ``max`` up to a hundred wait, first come, first served.
    """

    group: Text
    at: At
    cancel_in_progress: bool | Text = False
    queue: Literal["single", "max"] = "single"


@dataclass(frozen=True, slots=True)
class EnvironmentUse:
    """The environment that a job deploys to."""

    name: Text
    at: At
    url: Text | None = None


@dataclass(frozen=True, slots=True)
class Uses:
    """An action or reusable workflow that is called.

    Attributes:
        text: As written.
        kind: ``action`` or ``workflow`` of a repository, ``local`` of this one, ``docker``.
        owner: Empty unless of a repository.
        repository: ``owner/repo``; the path for a local one, the image for ``docker``.
        path: Inside the repository; empty at its top.
        ref: After ``@``; of an image its tag or digest.
        comment: What stands behind ``#`` on its line, where tools keep the tag of a pinned commit.
    """

    text: str
    at: At
    kind: Literal["action", "workflow", "local", "docker"]
    repository: str
    path: str = ""
    ref: str = ""
    comment: str = ""

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0] if self.kind in ("action", "workflow") else ""

    @property
    def pinned(self) -> bool:
        """Whether it can't be repointed: a full commit SHA, an image's digest, or this very repository."""
        if self.kind == "docker":
            return self.ref.startswith("sha256:")
        return self.kind == "local" or bool(_SHA.fullmatch(self.ref))


@dataclass(frozen=True, slots=True)
class Container:
    """A container of a job: the one it runs in, or a service beside it."""

    name: str
    image: Text
    at: At
    env: tuple[Setting, ...] = ()


@dataclass(frozen=True, slots=True)
class Strategy:
    """A matrix.

    Attributes:
        axes: Variable to its values, or to an expression that gives them, in the file's order.
        whole: An expression that gives the whole matrix, instead of axes.
    """

    at: At
    axes: tuple[tuple[str, tuple[object, ...] | Text], ...] = ()
    include: tuple[dict[str, object], ...] | Text = ()
    exclude: tuple[dict[str, object], ...] | Text = ()
    whole: Text | None = None
    fail_fast: bool | Text = True
    max_parallel: int | Text | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a job: a command or an action.

    Attributes:
        number: From 0, in the job.
        title: Its name, else what it runs.
    """

    number: int
    at: At
    id: str = ""
    name: str = ""
    uses: Uses | None = None
    run: Text | None = None
    with_: tuple[Setting, ...] = ()
    env: tuple[Setting, ...] = ()
    condition: Text | None = None
    shell: str = ""
    working_directory: str = ""
    timeout_minutes: int | Text | None = None
    continue_on_error: bool | Text = False

    @property
    def title(self) -> str:
        if self.name:
            return self.name
        if self.uses is not None:
            return self.uses.text
        return self.run.text.strip().partition("\n")[0] if self.run is not None else f"step {self.number + 1}"


@dataclass(frozen=True, slots=True)
class Need:
    """A job that another waits for."""

    job: str
    at: At


@dataclass(frozen=True, slots=True)
class Job:
    """One job of a workflow.

    Attributes:
        runs_on: The labels that a runner must have; an expression may stand in each.
        group: The runner group; empty where none is named.
        uses: The reusable workflow that it calls, instead of steps.
    """

    id: str
    at: At
    name: str = ""
    needs: tuple[Need, ...] = ()
    condition: Text | None = None
    runs_on: tuple[Text, ...] = ()
    group: str = ""
    environment: EnvironmentUse | None = None
    permissions: Permissions | None = None
    concurrency: Concurrency | None = None
    strategy: Strategy | None = None
    steps: tuple[Step, ...] = ()
    container: Container | None = None
    services: tuple[Container, ...] = ()
    outputs: tuple[Setting, ...] = ()
    env: tuple[Setting, ...] = ()
    defaults: tuple[Setting, ...] = ()
    timeout_minutes: int | Text = DEFAULT_TIMEOUT_MINUTES
    continue_on_error: bool | Text = False
    uses: Uses | None = None
    with_: tuple[Setting, ...] = ()
    secrets: tuple[Setting, ...] | Literal["inherit"] = ()

    @property
    def title(self) -> str:
        return self.name or self.id

    @property
    def needed(self) -> tuple[str, ...]:
        """The jobs that it waits for."""
        return tuple(need.job for need in self.needs)


@dataclass(frozen=True)
class Workflow:
    """A workflow file.

    Attributes:
        file: As messages show it.
        source: Its lines, for whoever shows or mends them; the first is line 1.
    """

    file: str
    at: At
    name: str = ""
    run_name: str = ""
    triggers: tuple[Trigger, ...] = ()
    permissions: Permissions | None = None
    env: tuple[Setting, ...] = ()
    defaults: tuple[Setting, ...] = ()
    concurrency: Concurrency | None = None
    jobs: tuple[Job, ...] = ()
    source: tuple[str, ...] = field(default=(), repr=False)

    @cached_property
    def by_id(self) -> dict[str, Job]:
        """Jobs by id, in the file's order."""
        return {job.id: job for job in self.jobs}

    def job(self, name: str) -> Job | None:
        """The job of that id, if there is one."""
        return self.by_id.get(name)

    def trigger(self, event: str) -> Trigger | None:
        """The entry of ``on`` for an event, if it is there."""
        return next((each for each in self.triggers if each.event == event), None)

    def effective_permissions(self, job: Job) -> Permissions | None:
        """A job's own permissions, else the workflow's; None leaves it to the repository's default."""
        return job.permissions or self.permissions

    def uses(self) -> Iterator[Uses]:
        """Every action and reusable workflow that it calls, in the file's order."""
        for job in self.jobs:
            if job.uses is not None:
                yield job.uses
            yield from (step.uses for step in job.steps if step.uses is not None)

    @cached_property
    def stages(self) -> tuple[tuple[Job, ...], ...]:
        """Jobs by how many others stand before them: those of one stage can run side by side."""
        depth: dict[str, int] = {}
        for job in self.in_order:
            depth[job.id] = 1 + max((depth[name] for name in job.needed), default=-1)
        return tuple(
            tuple(job for job in self.jobs if depth[job.id] == level)
            for level in range(1 + max(depth.values(), default=-1))
        )

    @cached_property
    def in_order(self) -> tuple[Job, ...]:
        """Jobs such that each comes after those it needs, else as in the file."""
        done: dict[str, Job] = {}
        while len(done) < len(self.jobs):
            ready = [
                job for job in self.jobs if job.id not in done and all(name in done for name in job.needed)
            ]
            assert ready, "the reader refuses cycles and unknown jobs"
            done.update({job.id: job for job in ready})
        return tuple(done.values())
