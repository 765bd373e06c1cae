"""``gh workflow``: list, view, and run, which makes production follow git again for one workload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.gh import pictures
from simulator.drill.console.gh.runs import GH, check_workflow, refused
from simulator.drill.console.grammar import Arguments, Flag
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import tabulate
from simulator.engine.delivery.runs import JOBS, PIPELINE_TIME, WORKFLOW, WorkflowRun
from simulator.errors import GamedayError
from simulator.units import format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

_ID: Final = 104_211_873
_SHOWN: Final = 5
_INPUT: Final = "workload"


@GH.verb("workflow list", about="The workflows of the repository.", kind="look", cost="gh")
def workflow_list(_run: Run, _command: Command) -> str:
    """There is one."""
    return tabulate(f"NAME\tSTATE\tID\n{WORKFLOW}\tactive\t{_ID}", padding=2)


def _files(_run: Run, before: Sequence[str]) -> list[str]:
    return [pictures.FILE] if before[-1] in ("view", "run") else []


def _one_workflow(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.words:
        return ()
    check_workflow(arguments.words[0], line)
    return (pictures.FILE,)


@GH.verb(
    "workflow view",
    usage="[deploy.yml] [--yaml]",
    about="The workflow and its last runs, or its file.",
    kind="look",
    cost="gh",
    flags=(Flag("yaml", "The file.", short="y", takes="bool"),),
    normalise=_one_workflow,
    candidates=_files,
)
def workflow_view(run: Run, command: Command) -> str:
    """Its name, and its runs."""
    head = f"{WORKFLOW} - {pictures.FILE}\nID: {_ID}"
    if command.arguments.truth("yaml"):
        return f"{head}\n\n{_yaml()}"
    found = pictures.visible(run)
    rows = "\n".join(_row(run, each) for each in found[:_SHOWN])
    return (
        f"{head}\n\nTotal runs {len(found)}\nRecent runs\n{tabulate(rows, padding=2)}\n\n"
        f"To see more runs for this workflow, try: gh run list --workflow {pictures.FILE}\n"
        f"To see the YAML for this workflow, try: gh workflow view {pictures.FILE} --yaml"
    )


def _row(run: Run, shown: WorkflowRun) -> str:
    symbol = pictures.header(run, shown)[0]
    return "\t".join([symbol, shown.title, WORKFLOW, pictures.BRANCH, shown.event, str(shown.id)])


def _yaml() -> str:
    """The workflow's file, as its jobs say it; steps by their names alone."""
    lines = [
        f"name: {WORKFLOW}",
        "on:",
        f"  push: {{branches: [{pictures.BRANCH}]}}",
        "  workflow_dispatch:",
        f"    inputs: {{{_INPUT}: {{required: true, type: string}}}}",
        "permissions: {contents: read}",
        "jobs:",
    ]
    for job in JOBS:
        lines.append(f"  {job.name}:")
        lines += [f"    needs: [{', '.join(job.needs)}]"] if job.needs else []
        if job.approval:
            lines += ["    environment: production", "    permissions: {contents: read, id-token: write}"]
        lines += ["    runs-on: ubuntu-24.04", "    steps:"]
        lines += [f"      - name: {step.name}" for step in job.steps[1:-1]]
    return "\n".join(lines)


def _dispatched(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.words:
        raise refused(
            "workflow ID, name, or filename required when not running interactively",
            line,
            pictures.FILE,
            "none",
            f"Write gh workflow run {pictures.FILE} -f {_INPUT}=NAME.",
        )
    check_workflow(arguments.words[0], line)
    _inputs(line, arguments)
    return (pictures.FILE,)


def _inputs(line: str, arguments: Arguments) -> str:
    """The workload that is asked for."""
    given: dict[str, str] = {}
    both = "\n".join(filter(None, [arguments.text("raw-field"), arguments.text("field")]))
    for field in both.split("\n") if both else ():
        name, equals, value = field.partition("=")
        if not equals:
            said = f"field \"{field}\" requires a value separated by an '=' sign"
            raise refused(said, line, f"{_INPUT}=NAME", repr(field))
        given[name] = value
    unexpected = sorted(set(given) - {_INPUT})
    trouble = (
        f'Unexpected inputs provided: ["{unexpected[0]}"]'
        if unexpected
        else ""
        if given.get(_INPUT)
        else f"Required input '{_INPUT}' not provided"
    )
    if trouble:
        raise refused(
            f"could not create workflow dispatch event: HTTP 422: {trouble}",
            line,
            f"-f {_INPUT}=NAME",
            ", ".join(given) or "no input",
            f"Write gh workflow run {pictures.FILE} -f {_INPUT}=NAME.",
        )
    if arguments.text("ref") not in ("", pictures.BRANCH):
        ref = arguments.text("ref")
        said = f"could not create workflow dispatch event: HTTP 422: No ref found for: {ref}"
        raise refused(said, line, pictures.BRANCH, repr(ref))
    return given[_INPUT]


@GH.verb(
    "workflow run",
    usage=f"deploy.yml -f {_INPUT}=NAME",
    about=f"Let the pipeline deploy a workload as git has it, {format_duration(PIPELINE_TIME)} later.",
    kind="change",
    cost="change",
    flags=(
        Flag("raw-field", "An input: workload=NAME.", short="f", many=True),
        Flag("field", "The same.", short="F", many=True),
        Flag("ref", "Branch.", short="r", choices=(pictures.BRANCH,)),
    ),
    normalise=_dispatched,
    candidates=_files,
)
def workflow_run(run: Run, command: Command) -> str:
    """Start a run by hand."""
    name = _inputs(command.line, command.arguments)
    try:
        begun = run.production.delivery.dispatch(name)
    except GamedayError as error:
        said = f"could not create workflow dispatch event: HTTP 422: no workload {name} in deploy/"
        raise refused(said, command.line, error.expected, repr(name), error.todo) from None
    return (
        f"✓ Created workflow_dispatch event for {pictures.FILE} at {pictures.BRANCH}\n\n"
        f"To see the created workflow run, try: gh run view {begun.id}\n"
        f"To see runs for this workflow, try: gh run list --workflow={pictures.FILE}"
    )
