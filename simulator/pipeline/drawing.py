"""The workflow as a drawing: Mermaid's flowchart with stages, gates and approvals, and the same in words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from simulator.errors import PipelineError
from simulator.pipeline.forge import release_job
from simulator.pipeline.loading import Source
from simulator.pipeline.planning import steps_of
from simulator.pipeline.settings import Environment
from simulator.pipeline.workflow import Job, Trigger
from simulator.pipeline.workflow.evaluation import Scope, bare
from simulator.pipeline.workflow.expressions import ExpressionError
from simulator.pipeline.workflow.matrix import combinations
from simulator.units import format_duration


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing and its twin.

    Attributes:
        mermaid: What Mermaid draws.
        lines: The same for whoever can't see it, a line a job.
    """

    mermaid: str
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join(self.lines)

    def _repr_mimebundle_(self, **_: object) -> dict[str, str]:
        """What a notebook shows: JupyterLab draws Mermaid by itself."""
        return {"text/vnd.mermaid": self.mermaid, "text/plain": str(self)}


def draw(source: Source) -> Drawing:
    """Events, stages of jobs side by side, and who approves what."""
    workflow = source.workflow
    mermaid, words = ["flowchart LR"], []
    for number, trigger in enumerate(workflow.triggers):
        mermaid.append(f'  on_{number}(["{_event(trigger)}"])')
    words.append(
        f"{workflow.name or workflow.file} starts on {_list([_event(t) for t in workflow.triggers])}."
    )
    for level, stage in enumerate(workflow.stages, 1):
        mermaid.append(f'  subgraph stage_{level}["stage {level}"]')
        mermaid.append("    direction TB")
        mermaid += [f"    {line}" for job in stage for line in _shape(job, source)]
        mermaid.append("  end")
    for job in workflow.jobs:
        entry = _entry(job, source)
        if not job.needs:
            mermaid += [f"  on_{number} --> {entry}" for number in range(len(workflow.triggers))]
        mermaid += [f"  {_id(need.job)} --> {entry}" for need in job.needs]
    for level, stage in enumerate(workflow.stages, 1):
        beside = f", {len(stage)} side by side" if len(stage) > 1 else ""
        words.append(f"Stage {level}{beside}:")
        words += [f"  {_said(job, source)}" for job in stage]
    return Drawing("\n".join(mermaid), tuple(words))


def _shape(job: Job, source: Source) -> list[str]:
    """A job's node, a gate with six corners, and before it the people who approve."""
    protection = _protection(job, source)
    count = _count(job, source)
    label = _escaped(job.title) + (f" ×{count}" if count > 1 else "")
    if _gates(job, source) and job.id != release_job(source):
        lines = [f'{_id(job.id)}{{{{"{label}"}}}}']
    elif job.environment is not None:
        lines = [f'{_id(job.id)}[["{label}"]]']
    else:
        lines = [f'{_id(job.id)}["{label}"]']
    if protection is not None:
        lines.insert(0, f'{_id(job.id)}_ok{{"{_escaped(_approval(protection))}"}}')
        lines.append(f"{_id(job.id)}_ok --> {_id(job.id)}")
    return lines


def _entry(job: Job, source: Source) -> str:
    return f"{_id(job.id)}_ok" if _protection(job, source) is not None else _id(job.id)


def _said(job: Job, source: Source) -> str:
    """A job in one line of words."""
    parts = [job.title if job.title == job.id else f"{job.title} ({job.id})"]
    count = _count(job, source)
    if count > 1:
        parts.append(f"{count} jobs of a matrix")
    if job.needs:
        parts.append(f"after {_list(list(job.needed))}")
    if job.condition is not None:
        parts.append(f"if {bare(job.condition.text)}")
    gates = _gates(job, source)
    if gates:
        parts.append(f"finds {_list(gates)}")
    if job.environment is not None:
        parts.append(f"deploys to {job.environment.name.text}")
    protection = _protection(job, source)
    if protection is not None:
        parts.append(_approval(protection))
    return "; ".join(parts)


def _protection(job: Job, source: Source) -> Environment | None:
    if job.environment is None:
        return None
    found = source.settings.spec.environment(job.environment.name.text)
    return found if found.reviewers or found.wait_timer else None


def _approval(environment: Environment) -> str:
    who = " or ".join(environment.reviewers)
    words = [f"{who} approves"] if who else []
    if environment.wait_timer:
        words.append(f"waits {format_duration(environment.wait_timer)}")
    return ", ".join(words)


def _gates(job: Job, source: Source) -> list[str]:
    """The kinds of defects that a job's steps find."""
    planned = steps_of(job, source.settings.model, releases=job.id == release_job(source))
    kinds = [kind for each in planned for kind, chance in each.behaviour.finds if chance >= 0.2]
    return list(dict.fromkeys(kinds))


def _count(job: Job, source: Source) -> int:
    """Jobs of its matrix; 1 where that is not known before it runs."""
    try:
        return len(combinations(job, Scope({}, dict(source.settings.spec.values))))
    except (PipelineError, ExpressionError):
        return 1


def _event(trigger: Trigger) -> str:
    filters = [*trigger.branches, *(f"not {name}" for name in trigger.branches_ignore), *trigger.crons]
    return f"{trigger.event} {', '.join(filters)}".strip()


def _list(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}" if names else "nothing"


def _escaped(text: str) -> str:
    """Mermaid's labels stand in double quotes and know HTML's names."""
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace(">", "&gt;")


def _id(name: str) -> str:
    """A Mermaid identifier: letters, digits and underscores; ``end`` is a keyword there."""
    return "job_" + re.sub(r"\W", "_", name)
