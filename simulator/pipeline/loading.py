"""From a path or a text to a workflow and the settings beside it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from simulator.errors import PipelineError, Problem
from simulator.pipeline.settings import Settings
from simulator.pipeline.workflow import Workflow, read_workflow, workflow_of
from simulator.scenario.fields import shown
from simulator.scenario.folders import search_path, shown_path
from simulator.scenario.problems import nearest, problems_of
from simulator.scenario.tree import MAX_BYTES, Rules, read_bytes

SETTINGS_FILE: Final = "pipeline.yaml"
#: Where pipelines lie in a folder of scenarios.
FOLDER: Final = "pipelines"
_RULES: Final = Rules(plain="Settings are plain data.", shorten="It holds settings alone.")


@dataclass(frozen=True, slots=True)
class Source:
    """A workflow and what stands beside it."""

    workflow: Workflow
    settings: Settings


def load_pipeline(path_or_text: str | Path, settings: str | Path | Settings | None = None) -> Source:
    """Read a pipeline.

    Args:
        path_or_text: A workflow file; a folder with a ``pipeline.yaml`` that names one; the name of a folder
            in ``pipelines/`` on the scenarios' search path; or a workflow's text, of more than one line.
        settings: A ``pipeline.yaml``, or settings; None takes the file beside the workflow if one names it,
            else the defaults.

    Raises:
        PipelineError: A file is not there, or something in it is wrong; all problems at once.
    """
    if isinstance(path_or_text, str) and "\n" in path_or_text:
        workflow = workflow_of(path_or_text.encode(), "workflow")
        return _checked(workflow, _settings(settings) or Settings())
    path = _named(Path(path_or_text))
    if path.is_dir():
        declared = _settings(settings) or read_settings(path / SETTINGS_FILE)
        return _checked(read_workflow(path / declared.spec.workflow), declared)
    if path.name == SETTINGS_FILE:
        declared = _settings(settings) or read_settings(path)
        return _checked(read_workflow(path.parent / declared.spec.workflow), declared)
    workflow = read_workflow(path)
    found = _settings(settings)
    beside = path.with_name(SETTINGS_FILE)
    if found is None and beside.is_file():
        declared = read_settings(beside)
        found = declared if declared.spec.workflow == path.name else None
    return _checked(workflow, found or Settings())


def pipeline_names() -> dict[str, Path]:
    """The pipelines on the scenarios' search path, by name."""
    found: dict[str, Path] = {}
    for root in search_path():
        for path in sorted(root.glob(f"{FOLDER}/*/{SETTINGS_FILE}")):
            found.setdefault(path.parent.name, path.parent)
    return dict(sorted(found.items()))


def _named(path: Path) -> Path:
    """The folder of a pipeline that is meant by its name; any other path as it is."""
    if path.exists() or len(path.parts) != 1 or path.suffix:
        return path
    names = pipeline_names()
    if path.name in names:
        return names[path.name]
    near = nearest(path.name, list(names))
    todo = f"Did you mean {near!r}?" if near else f"There are {', '.join(names) or 'none'}."
    raise PipelineError(
        [Problem("pipeline", "a workflow file, or the name of a pipeline", repr(path.name), todo)]
    )


def _settings(settings: str | Path | Settings | None) -> Settings | None:
    if settings is None or isinstance(settings, Settings):
        return settings
    if isinstance(settings, str) and "\n" in settings:
        return settings_of(settings.encode(), "settings")
    return read_settings(Path(settings))


def read_settings(path: Path) -> Settings:
    """Read a ``pipeline.yaml``.

    Raises:
        PipelineError: It is not there, or something in it is wrong; all problems at once.
    """
    name = shown_path(path)
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise PipelineError([Problem(name, "a pipeline.yaml", reason, "Check the path.")]) from None
    return settings_of(content, name)


def settings_of(content: bytes, shown_as: str) -> Settings:
    """Settings from their bytes.

    Raises:
        PipelineError: Something in them is wrong; all problems at once.
    """
    root, problems = read_bytes(content, shown_as, _RULES)
    if root is None or problems:
        raise PipelineError(problems)
    if not isinstance(root.value, dict):
        got = shown(root.plain())
        raise PipelineError([Problem(root.where, "a mapping", got, "Begin with apiVersion and kind.")])
    try:
        return Settings.model_validate(root.plain())
    except ValidationError as error:
        raise PipelineError(problems_of(error, root, Settings)) from None


def _checked(workflow: Workflow, settings: Settings) -> Source:
    """Names in the settings that the workflow must have."""
    known = [name for job in workflow.jobs for name in dict.fromkeys((job.id, job.title))]
    problems = []
    for name in settings.spec.required_checks:
        if name not in known:
            near = nearest(name, known)
            todo = f"Did you mean {near!r}?" if near else f"There are {', '.join(known)}."
            problems.append(Problem("spec.requiredChecks", f"a job of {workflow.file}", repr(name), todo))
    if settings.spec.merge_queue is not None and workflow.trigger("merge_group") is None:
        problems.append(
            Problem(
                f"{workflow.file}: on",
                "merge_group beside a merge queue",
                "none",
                "Add merge_group: to on, or the queue waits for checks that never come.",
            )
        )
    if problems:
        raise PipelineError(problems)
    if "branch" not in settings.spec.model_fields_set:
        spec = settings.spec.model_copy(update={"branch": _branch(workflow)})
        settings = settings.model_copy(update={"spec": spec})
    return Source(workflow, settings)


def _branch(workflow: Workflow) -> str:
    """The branch that a workflow is about: main, or the first that its events name in its place."""
    named: list[str] = []
    for event in ("push", "pull_request", "merge_group"):
        trigger = workflow.trigger(event)
        if trigger is not None:
            if trigger.accepts("main"):
                return "main"
            named += [name for name in trigger.branches if not set(name) & set("*?+[!")]
    return named[0] if named else "main"
