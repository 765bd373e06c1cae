"""Whether what is said of the pipeline's runs and actions names steps and actions that there are."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.scenario.agreement import Dangling
from simulator.scenario.causes import effects_fit
from simulator.scenario.document import Scenario, Spec
from simulator.scenario.naming import unknown
from simulator.scenario.problems import Location
from simulator.scenario.workflow import MoveTag, ReleasedStep, RunRecord


def recorded(spec: Spec, record: RunRecord | None, location: Location) -> Iterator[Dangling]:
    """The steps that a run's record names."""
    if record is None:
        return
    steps = _steps(spec)
    for index, attempt in enumerate(record.attempts):
        if attempt.step not in steps:
            yield unknown((*location, "attempts", index, "step"), "step", attempt.step, steps)
    for index, step in enumerate(record.skipped):
        if step not in steps:
            yield unknown((*location, "skipped", index), "step", step, steps)
    for step in record.log:
        if step not in steps:
            yield unknown((*location, "log", step), "step", step, steps)


def moved(scenario: Scenario, move: MoveTag, location: Location) -> Iterator[Dangling]:
    """The action whose tag moves, and those whom it hits."""
    spec = scenario.spec
    used = [step.uses for job in spec.pipeline.jobs for step in job.steps if step.uses is not None]
    names = [uses.partition("@")[0] for uses in used]
    name = move.uses.partition("@")[0]
    if name not in names:
        yield unknown((*location, "uses"), "action of the pipeline", name, names)
    if spec.pipeline.images != "built":
        yield Dangling(
            (*location, "effects"),
            "a pipeline that builds (spec.pipeline.images: built)",
            spec.pipeline.images,
            "What is built before can't be changed by a tag that moves later.",
        )
    yield from effects_fit(scenario, move.effects, location)


def repinned(spec: Spec, change: ReleasedStep, location: Location) -> Iterator[Dangling]:
    """The step whose action a commit changes."""
    using = [step.name for job in spec.pipeline.jobs for step in job.steps if step.uses is not None]
    if change.step not in using:
        yield unknown((*location, "step"), "step that uses an action", change.step, using)


def past_runs(spec: Spec) -> Iterator[Dangling]:
    """The records of releases from before the drill."""
    for index, workload in enumerate(spec.workloads):
        for place, revision in enumerate(workload.model.history):
            where: Location = ("spec", "workloads", index, "model", "history", place, "run")
            yield from recorded(spec, revision.run, where)


def _steps(spec: Spec) -> list[str]:
    return [step.name for job in spec.pipeline.jobs for step in job.steps]
