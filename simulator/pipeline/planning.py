"""The steps of a job before it runs: how long each takes, whether it fails and why.

Nothing outside can change what a job does once it has begun, except ending it; so its steps are laid out at
once, and the clock moves to the job's end in one stride.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from simulator.errors import PipelineError, Problem
from simulator.pipeline.caches import Caches
from simulator.pipeline.changes import Commit, Defect
from simulator.pipeline.kinds import Behaviour, behaviour_of
from simulator.pipeline.laws import StepLaw
from simulator.pipeline.luck import Luck
from simulator.pipeline.physics import Physics
from simulator.pipeline.records import Cause, StepRecord
from simulator.pipeline.workflow import At, Job, Step, Text
from simulator.pipeline.workflow.evaluation import (
    Open,
    Scope,
    Status,
    Value,
    as_number,
    condition,
    filled,
    truth,
)
from simulator.pipeline.workflow.expressions import ExpressionError
from simulator.units import MINUTE

#: What the canary's judgement is called among the steps of the job that releases.
CANARY: Final = "canary"


@dataclass(frozen=True, slots=True)
class PlannedStep:
    """A step of a job with how it behaves.

    Attributes:
        key: Names it in draws; it stays when the step is moved to another job.
        gate: Its name in tables: the job's id and the step's title.
    """

    step: Step
    behaviour: Behaviour
    key: str
    gate: str


def steps_of(job: Job, model: Physics, *, releases: bool) -> tuple[PlannedStep, ...]:
    """The steps of a job; a job that calls a workflow counts as one."""
    if job.uses is not None:
        called = Step(0, job.uses.at, name=job.uses.text)
        behaviour = replace(behaviour_of(job, called, model), kind="called-workflow")
        return (PlannedStep(called, behaviour, _key(called), f"{job.id}: {called.title}"),)
    planned = [
        PlannedStep(step, behaviour_of(job, step, model), _key(step), f"{job.id}: {step.title}")
        for step in job.steps
    ]
    if releases and model.production.strategy == "canary":
        places = [
            place
            for place, each in enumerate(planned)
            if each.behaviour.kind in ("deploy", "verify") and each.step.condition is None
        ]
        planned.insert((places[-1] + 1) if places else len(planned), _canary(job, model))
    return tuple(planned)


def _key(step: Step) -> str:
    return f"{step.at.path}:{step.at.line}"


def _canary(job: Job, model: Physics) -> PlannedStep:
    canary = model.production.canary
    at = At(job.at.file, job.at.line, f"jobs.{job.id}.{CANARY}")
    step = Step(len(job.steps), at, name=f"Canary at {canary.weight} %")
    bake = max(canary.bake, 1)
    behaviour = Behaviour("verify", StepLaw("constant", bake), 0.0, 0.0, 0, tuple(canary.finds.items()), 0.0)
    return PlannedStep(step, behaviour, CANARY, CANARY)


class Planner:
    """Lays out the steps of jobs.

    Args:
        luck: Whose.
        caches: Read when a job begins.
    """

    def __init__(self, luck: Luck, caches: Caches) -> None:
        self._luck = luck
        self._caches = caches
        self._verdicts: dict[tuple[int, str], bool] = {}

    def lay_out(
        self,
        planned: tuple[PlannedStep, ...],
        scope: Scope,
        commit: Commit,
        now: int,
        *,
        turn: int,
        combination: str,
        keeps: list[tuple[str, int]],
    ) -> list[StepRecord]:
        """Every step from ``now`` on.

        Args:
            planned: The job's steps.
            scope: Contexts of the job, and whether it is being cancelled.
            commit: What it works on.
            now: ns.
            turn: Which run of the change it is, for fresh luck.
            combination: The job of the matrix, for luck of its own.
            keeps: Caches that it saves when it succeeds are written down here.
        """
        records: list[StepRecord] = []
        failed = False
        steps: dict[str, Value] = {}
        for each in planned:
            status = Status(failed=failed, cancelled=scope.status.cancelled)
            within = Scope({**scope.contexts, "steps": steps}, scope.given, status)
            if not _runs(each.step, within):
                record = StepRecord(each.step.title, each.behaviour.kind, now, now, "skipped", "skipped")
            else:
                record = self._step(each, within, commit, now, turn, combination, keeps)
                failed = failed or record.conclusion == "failure"
            now = record.finished
            records.append(record)
            if each.step.id:
                steps[each.step.id] = {
                    "outcome": record.outcome,
                    "conclusion": record.conclusion,
                    "outputs": Open(),
                }
        return records

    def _step(
        self,
        each: PlannedStep,
        scope: Scope,
        commit: Commit,
        now: int,
        turn: int,
        combination: str,
        keeps: list[tuple[str, int]],
    ) -> StepRecord:
        behaviour, change = each.behaviour, commit.head.key
        about = (change, turn, each.key, combination)
        length = self._luck.draw(behaviour.law, "step", *about)
        gate = each.gate if behaviour.gate else ""
        record = StepRecord(each.step.title, behaviour.kind, now, now, gate=gate)
        if behaviour.saves:
            hit = self._caches.hit(each.key, commit.ref, commit.cache_key, now)
            record.cache = "hit" if hit else "miss"
            if hit:
                length = round(length * (1.0 - behaviour.saves))
            else:
                keeps.append((each.key, commit.cache_key))
        found, cause, tries = self._tried(each, commit, about)
        record.found, record.tries = found, tries
        total = length * tries
        limit = _minutes(each.step.timeout_minutes, scope, each.step.at)
        if limit is not None and total > limit:
            total, cause, record.found = limit, "timeout", ()
        record.finished = now + total
        if cause:
            record.outcome, record.cause = "failure", cause
            tolerated = each.step.continue_on_error
            forgiven = tolerated if isinstance(tolerated, bool) else truth(evaluated(tolerated, scope))
            record.conclusion = "success" if forgiven else "failure"
        return record

    def _tried(
        self, each: PlannedStep, commit: Commit, about: tuple[int | str, ...]
    ) -> tuple[tuple[Defect, ...], Cause, int]:
        """What the step finds, why it fails in the end, and how often it was run."""
        behaviour = each.behaviour
        certain = tuple(
            defect for defect in commit.defects if defect.shows >= 1.0 and self._sees(each, defect)
        )
        unsteady = [defect for defect in commit.defects if defect.shows < 1.0 and self._sees(each, defect)]
        alarm = (
            behaviour.false_alarms > 0
            and each.gate not in commit.head.dismissed
            and self._luck.uniform("false-alarm", commit.head.key, each.key) < behaviour.false_alarms
        )
        found: tuple[Defect, ...] = ()
        cause: Cause = ""
        for attempt in range(behaviour.retries + 1):
            shown = tuple(
                defect
                for defect in unsteady
                if self._luck.uniform("shows", defect.key, *about, attempt) < defect.shows
            )
            found = (*certain, *shown)
            if found:
                cause = "defect"
            elif behaviour.flaky and self._luck.uniform("flaky", *about, attempt) < behaviour.flaky:
                cause = "flaky"
            elif alarm:
                cause = "false-alarm"
            else:
                return (), "", attempt + 1
        return found, cause, behaviour.retries + 1

    def _sees(self, each: PlannedStep, defect: Defect) -> bool:
        """Whether this gate can see this defect at all: a test that is not there stays away."""
        known = self._verdicts.get((defect.key, each.key))
        if known is None:
            chance = dict(each.behaviour.finds).get(defect.kind, 0.0)
            known = chance > 0 and self._luck.uniform("finds", defect.key, each.key) < chance
            self._verdicts[defect.key, each.key] = known
        return known


def _runs(step: Step, scope: Scope) -> bool:
    if step.condition is None:
        return scope.status.success
    return asked(step.condition, scope)


def asked(text: Text, scope: Scope) -> bool:
    """Whether an ``if`` of the file holds.

    Raises:
        PipelineError: It rests on what the model does not know.
    """
    try:
        return condition(text.text, scope)
    except ExpressionError as error:
        raise PipelineError([Problem(str(text.at), error.expected, error.got, error.todo)]) from None


def evaluated(text: Text, scope: Scope) -> Value:
    """A text of the file with its expressions evaluated.

    Raises:
        PipelineError: One rests on what the model does not know.
    """
    try:
        return filled(text.text, scope)
    except ExpressionError as error:
        raise PipelineError([Problem(str(text.at), error.expected, error.got, error.todo)]) from None


def _minutes(given: int | Text | None, scope: Scope, at: At) -> int | None:
    """A timeout in ns; None where there is none."""
    if given is None:
        return None
    count = float(given) if isinstance(given, int) else as_number(evaluated(given, scope))
    if not count > 0:
        raise PipelineError(
            [Problem(str(at), "a positive number of minutes", str(given), "See timeout-minutes.")]
        )
    return round(count * MINUTE)


def limit_of(given: int | Text, scope: Scope, at: At) -> int:
    """A job's timeout in ns."""
    found = _minutes(given, scope, at)
    assert found is not None, "a job has a timeout"
    return found
