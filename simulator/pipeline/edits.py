"""What-ifs: each a typed edit of the workflow or of what stands around it, with its sentence.

An edit gives back a pipeline; the file stays. Steps that move keep their place in the file, and so their
luck: the tests of a change take as long in a job of their own as they took in the job that they shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeVar

from pydantic import ValidationError

from simulator.errors import GamedayError
from simulator.pipeline.forge import release_job
from simulator.pipeline.kinds import behaviour_of
from simulator.pipeline.loading import Source
from simulator.pipeline.physics import Canary, Production, StepModel, matches
from simulator.pipeline.runners import HOSTED_LABELS
from simulator.pipeline.settings import Declared, MergeQueue, RunnerPool
from simulator.pipeline.workflow import At, Job, Need, Setting, Step, Trigger, places
from simulator.scenario.fields import Model
from simulator.scenario.problems import nearest

_Model = TypeVar("_Model", bound=Model)


class Edit(Protocol):
    """A change of a pipeline."""

    @property
    def sentence(self) -> str:
        """What it does, for a table's head."""
        ...

    def apply(self, source: Source) -> Source:
        """The pipeline with it.

        Raises:
            GamedayError: It means nothing for this pipeline.
        """
        ...


def _refused(edit: str, expected: str, got: str, todo: str) -> GamedayError:
    return GamedayError(f"what if: {edit}", expected=expected, got=got, todo=todo)


def _valid(edit: str, kind: type[_Model], given: Mapping[str, object]) -> _Model:
    """Settings of an edit, with the settings' own rules."""
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else "its settings"
        expected = first.get("ctx", {}).get("expected") or first["msg"][:1].lower() + first["msg"][1:]
        raise _refused(edit, f"{where}: {expected}", repr(first["input"]), "Choose another.") from None


def _with_jobs(source: Source, jobs: list[Job]) -> Source:
    workflow = replace(source.workflow, jobs=tuple(jobs))
    return replace(source, workflow=workflow)


def _with_spec(source: Source, **changed: Any) -> Source:
    spec: Declared = source.settings.spec.model_copy(update=changed)
    return replace(source, settings=source.settings.model_copy(update={"spec": spec}))


def _with_model(source: Source, **changed: Any) -> Source:
    model = source.settings.model.model_copy(update=changed)
    return replace(source, settings=source.settings.model_copy(update={"model": model}))


@dataclass(frozen=True, slots=True)
class ParallelGates:
    """Gates side by side: each gate step of a job gets a job of its own, and no gate waits for another."""

    @property
    def sentence(self) -> str:
        return "gates side by side"

    def apply(self, source: Source) -> Source:
        """Split jobs of several gates, and let gates wait only for what is none."""
        gates = [job.id for job in source.workflow.jobs if self._is_gate(job, source)]
        if not gates:
            raise _refused("gates side by side", "jobs that only judge", "none", "There is nothing to part.")
        parts: dict[str, list[Job]] = {job.id: [job] for job in source.workflow.jobs}
        by_id = source.workflow.by_id
        for name in gates:
            parts[name] = self._split(by_id[name], source)
        jobs = []
        for job in source.workflow.in_order:
            needed = job.needed
            if job.id in gates:
                needed = tuple(dict.fromkeys(_around(job, gates, by_id)))
            names = [part.id for name in needed for part in parts[name]]
            jobs += [
                replace(part, needs=tuple(Need(name, job.at) for name in names)) for part in parts[job.id]
            ]
        _no_references([name for name in gates if len(parts[name]) > 1], source)
        made = _with_jobs(source, jobs)
        spec = source.settings.spec
        required = [
            part.id
            for name in spec.required_checks
            for part in next((each for key, each in parts.items() if name in (key, by_id[key].title)), [])
        ]
        return _with_spec(made, required_checks=tuple(required)) if spec.required_checks else made

    @staticmethod
    def _is_gate(job: Job, source: Source) -> bool:
        """Whether a job does nothing but judge: it neither builds nor deploys, nor has outputs."""
        if job.environment is not None or job.uses is not None or job.outputs:
            return False
        made = [behaviour_of(job, step, source.settings.model) for step in job.steps]
        works = any(each.kind in ("build", "deploy", "roll-back") for each in made)
        return any(each.gate for each in made) and not works

    @staticmethod
    def _split(job: Job, source: Source) -> list[Job]:
        judging = [step for step in job.steps if behaviour_of(job, step, source.settings.model).gate]
        if len(judging) < 2:
            return [job]
        ready = job.steps[: judging[0].number]
        parts = []
        for number, step in enumerate(judging, 1):
            own = job.id if number == 1 else f"{job.id}-{number}"
            end = judging[number].number if number < len(judging) else len(job.steps)
            copied = [each if number == 1 else _copy(each, own) for each in ready]
            steps = [*copied, *job.steps[step.number : end]]
            numbered = tuple(replace(each, number=place) for place, each in enumerate(steps))
            parts.append(replace(job, id=own, name=f"{job.title}: {step.title}", steps=numbered))
        return parts


def _copy(step: Step, job: str) -> Step:
    """A step that another job has too: with luck of its own."""
    return replace(step, at=At(step.at.file, step.at.line, f"{step.at.path} in {job}"))


def _around(job: Job, gates: list[str], by_id: dict[str, Job]) -> list[str]:
    """What a gate waits for, where other gates are looked through."""
    found: list[str] = []
    for name in job.needed:
        found += _around(by_id[name], gates, by_id) if name in gates else [name]
    return found


def _no_references(names: list[str], source: Source) -> None:
    for place in places(source.workflow):
        for name in names:
            if f"needs.{name}." in place.text:
                raise _refused(
                    "gates side by side",
                    f"no expression about needs.{name}",
                    f"one in {place.at}",
                    "The job would be several; write the workflow out instead.",
                )


@dataclass(frozen=True, slots=True)
class AddCache:
    """A dependency cache for every step that could use one."""

    job: str = "*"

    @property
    def sentence(self) -> str:
        return "a cache" if self.job == "*" else f"a cache in {self.job}"

    def apply(self, source: Source) -> Source:
        """Let steps that install or build read from a cache, and write one."""
        found = False
        jobs = []
        for job in source.workflow.jobs:
            steps = []
            for step in job.steps:
                behaviour = behaviour_of(job, step, source.settings.model)
                gains = behaviour.kind in ("install", "build") and not behaviour.saves
                if gains and matches(self.job, job.id, job.title):
                    found = True
                    step = replace(step, with_=(*step.with_, Setting("cache-from", "type=gha", step.at)))
                steps.append(step)
            jobs.append(replace(job, steps=tuple(steps)))
        if not found:
            raise _refused(
                "a cache", "a step that installs or builds without one", "none", "Nothing is gained."
            )
        return _with_jobs(source, jobs)


@dataclass(frozen=True, slots=True)
class AddMergeQueue:
    """A merge queue in front of the branch."""

    max_group_size: int = 5
    build_concurrency: int = 5

    @property
    def sentence(self) -> str:
        return f"a merge queue (groups of up to {self.max_group_size})"

    def apply(self, source: Source) -> Source:
        """Add ``merge_group`` to ``on`` and require the queue."""
        workflow = source.workflow
        if workflow.trigger("merge_group") is None:
            trigger = Trigger("merge_group", workflow.at)
            workflow = replace(workflow, triggers=(*workflow.triggers, trigger))
        given = {"maxGroupSize": self.max_group_size, "buildConcurrency": self.build_concurrency}
        rules = _valid("a merge queue", MergeQueue, given)
        return _with_spec(replace(source, workflow=workflow), merge_queue=rules)


@dataclass(frozen=True, slots=True)
class CanaryRelease:
    """A canary instead of all users at once."""

    weight: int = 10
    bake: str = "20m"

    @property
    def sentence(self) -> str:
        return f"a canary at {self.weight} % for {self.bake}"

    def apply(self, source: Source) -> Source:
        """Let the job that releases watch a canary before it goes on."""
        if not release_job(source):
            raise _refused("a canary", "a job that releases", "none", "Name production's environment.")
        production = source.settings.model.production
        finds = dict(production.canary.finds)
        canary = _valid("a canary", Canary, {"weight": self.weight, "bake": self.bake, "finds": finds})
        changed = production.model_copy(update={"strategy": "canary", "canary": canary})
        return _with_model(source, production=changed)


@dataclass(frozen=True, slots=True)
class SkipGate:
    """A gate left out: the steps, or the whole job, of this name (``*`` stands for anything)."""

    gate: str

    @property
    def sentence(self) -> str:
        return f"without {self.gate}"

    def apply(self, source: Source) -> Source:
        """Leave the steps out; a job that then judges nothing goes too, and nobody waits for it."""
        kept: list[Job] = []
        gone: dict[str, Job] = {}
        hit = False
        for job in source.workflow.jobs:
            left = [step for step in job.steps if not matches(self.gate, step.title, step.id or step.title)]
            whole = matches(self.gate, job.id, job.title)
            hit = hit or whole or len(left) < len(job.steps)
            judges = any(behaviour_of(job, step, source.settings.model).gate for step in left)
            if whole or (len(left) < len(job.steps) and not judges):
                gone[job.id] = job
            else:
                steps = tuple(replace(step, number=number) for number, step in enumerate(left))
                kept.append(replace(job, steps=steps))
        if not hit:
            names = [name for job in source.workflow.jobs for name in (job.id, *(s.title for s in job.steps))]
            near = nearest(self.gate, names)
            todo = f"Did you mean {near!r}?" if near else f"Jobs are {', '.join(source.workflow.by_id)}."
            raise _refused("without a gate", "a job or step", repr(self.gate), todo)
        jobs = [replace(job, needs=tuple(_past(job, gone))) for job in kept]
        checks = tuple(
            name
            for name in source.settings.spec.required_checks
            if not any(name in (job.id, job.title) for job in gone.values())
        )
        return _with_spec(_with_jobs(source, jobs), required_checks=checks)


def _past(job: Job, gone: dict[str, Job]) -> list[Need]:
    """What a job needs once others are left out: what these needed."""
    found: dict[str, Need] = {}
    for need in job.needs:
        for each in _past(gone[need.job], gone) if need.job in gone else [need]:
            found[each.job] = each
    return list(found.values())


@dataclass(frozen=True, slots=True)
class MoreRunners:
    """Runners more, or fewer: ``count`` in all of those with these labels."""

    count: int
    label: str = "ubuntu-latest"

    @property
    def sentence(self) -> str:
        return "1 runner" if self.count == 1 else f"{self.count} runners"

    def apply(self, source: Source) -> Source:
        """Set the size of the first pool with the label, or declare one."""
        pools = list(source.settings.spec.runners)
        place = next((n for n, pool in enumerate(pools) if self.label in pool.labels), None)
        if not 1 <= self.count <= 10_000:
            raise _refused("runners", "from 1 to 10,000", str(self.count), "Choose one of these.")
        if place is not None:
            pools[place] = pools[place].model_copy(update={"count": self.count})
        elif self.label in HOSTED_LABELS:
            pools.append(RunnerPool(labels=(self.label,), count=self.count))
        else:
            known = [label for pool in pools for label in pool.labels] or list(HOSTED_LABELS)
            near = nearest(self.label, known)
            todo = f"Did you mean {near!r}?" if near else f"There are {', '.join(known)}."
            raise _refused("runners", "a runner's label", repr(self.label), todo)
        return _with_spec(source, runners=tuple(pools))


@dataclass(frozen=True, slots=True)
class Recover:
    """Another way to end an incident."""

    how: Literal["roll-back", "roll-forward"]

    @property
    def sentence(self) -> str:
        return "rolling back" if self.how == "roll-back" else "rolling forward"

    def apply(self, source: Source) -> Source:
        """Change how releases that hurt are taken back."""
        _valid("recovery", Production, {"recovery": self.how})
        production = source.settings.model.production.model_copy(update={"recovery": self.how})
        return _with_model(source, production=production)


@dataclass(frozen=True, slots=True)
class RetrySteps:
    """Steps that try again by themselves before they fail."""

    step: str
    retries: int = 2

    @property
    def sentence(self) -> str:
        return f"{self.step} retried up to {self.retries} times"

    def apply(self, source: Source) -> Source:
        """Put an entry before the others that fits these steps, else as they are."""
        _valid("retries", StepModel, {"retries": self.retries})
        entries: list[StepModel] = []
        for job in source.workflow.jobs:
            for step in job.steps:
                if matches(self.step, step.title, step.id or step.title):
                    now = behaviour_of(job, step, source.settings.model)
                    told = _told(source, job, step)
                    own = {"job": job.id, "step": step.title, "kind": now.kind, "retries": self.retries}
                    entries.append(told.model_copy(update=own))
        if not entries:
            raise _refused(
                "retries", "a step of that name", repr(self.step), "Name it as the run's page does."
            )
        return _with_model(source, steps=(*entries, *source.settings.model.steps))


def _told(source: Source, job: Job, step: Step) -> StepModel:
    """What the settings say of a step so far."""
    names = [step.id or step.title, step.title, step.uses.repository if step.uses is not None else step.title]
    return next(
        (
            each
            for each in source.settings.model.steps
            if matches(each.job, job.id, job.title) and matches(each.step, *names)
        ),
        StepModel(),
    )
