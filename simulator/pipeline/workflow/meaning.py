"""Whether the names in a workflow mean something: needs that exist and end, expressions that parse."""

from __future__ import annotations

from collections.abc import Iterator

from simulator.errors import Problem
from simulator.pipeline.workflow.document import At, Step, Workflow
from simulator.pipeline.workflow.expressions import (
    STATUS,
    Call,
    ExpressionError,
    Member,
    Reference,
    parse,
    path_of,
    walk,
)
from simulator.pipeline.workflow.places import ALLOWED, Place, places
from simulator.scenario.problems import nearest


def problems_of(workflow: Workflow) -> list[Problem]:
    """Everything in a well-formed workflow that points nowhere."""
    found = [*_needs(workflow), *_step_ids(workflow)]
    if not found:
        found += _cycle(workflow)
    for place in places(workflow):
        found += _expression(place)
    return found


def _unknown(at: At, what: str, name: str, known: list[str]) -> Problem:
    near = nearest(name, known)
    todo = f"Did you mean {near!r}?" if near else f"There are {', '.join(known) or 'none'}."
    return Problem(str(at), what, repr(name), todo)


def _needs(workflow: Workflow) -> Iterator[Problem]:
    known = [job.id for job in workflow.jobs]
    for job in workflow.jobs:
        for need in job.needs:
            if need.job == job.id:
                yield Problem(
                    str(need.at), "another job", f"{need.job!r} itself", "Remove it: no job waits for itself."
                )
            elif need.job not in known:
                yield _unknown(
                    need.at, "the id of a job", need.job, [name for name in known if name != job.id]
                )


def _step_ids(workflow: Workflow) -> Iterator[Problem]:
    for job in workflow.jobs:
        seen: dict[str, At] = {}
        for step in job.steps:
            if step.id and step.id in seen:
                yield Problem(
                    str(step.at),
                    "each id once in a job",
                    f"{step.id!r} again (first on line {seen[step.id].line})",
                    "Rename one of the steps.",
                )
            seen.setdefault(step.id, step.at)


def _cycle(workflow: Workflow) -> list[Problem]:
    """The first circle of needs, spelled out; the file has none if jobs can be taken off one by one."""
    left = {job.id: job for job in workflow.jobs}
    while True:
        free = [name for name, job in left.items() if not any(need in left for need in job.needed)]
        if not free:
            break
        for name in free:
            del left[name]
    if not left:
        return []
    chain = [next(iter(left))]
    while chain[-1] not in chain[:-1]:
        chain.append(next(name for name in left[chain[-1]].needed if name in left))
    circle = chain[chain.index(chain[-1]) :]
    job = left[circle[0]]
    at = next(need.at for need in job.needs if need.job == circle[1])
    return [
        Problem(
            str(at),
            "needs that end somewhere",
            f"the circle {' → '.join(circle)}",
            "Remove one of these needs.",
        )
    ]


def _expression(place: Place) -> Iterator[Problem]:
    try:
        expression = parse(place.text)
    except ExpressionError as error:
        yield Problem(str(place.at), error.expected, error.got, error.todo)
        return
    allowed = ALLOWED[place.kind]
    for part in walk(expression):
        if isinstance(part, Reference) and part.name not in allowed:
            yield Problem(
                str(place.at),
                f"one of the contexts {', '.join(sorted(allowed))}",
                part.name,
                _advice(place, part.name),
            )
        elif isinstance(part, Call) and part.name in STATUS and place.kind not in ("job-if", "step-if"):
            yield Problem(
                str(place.at), "a status function in an if alone", f"{part.name}()", "Move it to if."
            )
        elif isinstance(part, Call) and part.name == "hashfiles" and place.kind not in ("step", "step-if"):
            yield Problem(str(place.at), "hashFiles in a step", "hashFiles()", "Only a step has files.")
        elif isinstance(part, Member):
            yield from _member(place, part)


def _advice(place: Place, context: str) -> str:
    if context == "secrets":
        return "GitHub allows no secrets in an if; put it into env of the job and compare that."
    if place.kind == "job-if" and context in ("matrix", "strategy"):
        return "A job's if is asked before its matrix is; exclude the combination instead."
    if context in ("steps", "env", "job", "runner"):
        return "It is not known yet where this is evaluated."
    return "GitHub does not fill it here."


def _member(place: Place, part: Member) -> Iterator[Problem]:
    head, _, rest = path_of(part).partition(".")
    name, _, deeper = rest.partition(".")
    if place.job is None or not name or name == "*" or deeper:
        return
    if head == "needs" and name not in place.job.needed:
        yield _unknown(place.at, f"a job in needs of {place.job.id}", name, list(place.job.needed))
    elif head == "steps":
        known = [step.id for step in _before(place) if step.id]
        if name not in known:
            yield _unknown(place.at, "the id of an earlier step", name, known)


def _before(place: Place) -> list[Step]:
    assert place.job is not None
    end = place.step.number if place.step is not None else len(place.job.steps)
    return list(place.job.steps[:end])
