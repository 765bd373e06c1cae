"""``gh workflow``: list, view, and run, which makes production follow git again for one workload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from simulator.drill.console.gh import pictures
from simulator.drill.console.gh.runs import GH, check_workflow, refused
from simulator.drill.console.grammar import Arguments, Flag, RefusedError
from simulator.drill.console.registry import Command
from simulator.drill.console.tables import tabulate
from simulator.engine.delivery.jobs import BRANCH, INPUT, WORKFLOW, workflow_text
from simulator.engine.delivery.runs import WorkflowRun
from simulator.errors import GamedayError

if TYPE_CHECKING:
    from simulator.drill.run import Run

_ID: Final = 104_211_873
_SHOWN: Final = 5


def _state(run: Run) -> str:
    return "disabled_manually" if run.production.delivery.switch.off(run.now) else "active"


@GH.verb(
    "workflow list",
    usage="[--all]",
    about="The workflows of the repository that are enabled.",
    kind="look",
    cost="gh",
    flags=(Flag("all", "Disabled ones too.", short="a", takes="bool"),),
)
def workflow_list(run: Run, command: Command) -> str:
    """There is one."""
    state = _state(run)
    if state != "active" and not command.arguments.truth("all"):
        return "no workflows found"
    return tabulate(f"NAME\tSTATE\tID\n{WORKFLOW}\t{state}\t{_ID}", padding=2)


def _files(_run: Run, before: Sequence[str]) -> list[str]:
    return [pictures.FILE] if before[-1] in ("view", "run", "disable", "enable") else []


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
    repository = run.production.repository
    if command.arguments.truth("yaml"):
        return f"{head}\n\n{workflow_text(repository.pipeline, repository.uses)}"
    found = pictures.visible(run)
    rows = "\n".join(_row(run, each) for each in found[:_SHOWN])
    return (
        f"{head}\n\nTotal runs {len(found)}\nRecent runs\n{tabulate(rows, padding=2)}\n\n"
        f"To see more runs for this workflow, try: gh run list --workflow {pictures.FILE}\n"
        f"To see the YAML for this workflow, try: gh workflow view {pictures.FILE} --yaml"
    )


def _row(run: Run, shown: WorkflowRun) -> str:
    symbol = pictures.header(run, shown)[0]
    return "\t".join([symbol, shown.title, WORKFLOW, BRANCH, shown.event, str(shown.id)])


def _dispatched(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.words:
        raise refused(
            "workflow ID, name, or filename required when not running interactively",
            line,
            pictures.FILE,
            "none",
            f"Write gh workflow run {pictures.FILE} -f {INPUT}=NAME.",
        )
    check_workflow(arguments.words[0], line)
    _inputs(line, arguments)
    return (pictures.FILE,)


def _named(line: str, arguments: Arguments) -> tuple[str, ...]:
    if not arguments.words:
        raise refused("must provide workflow ID or name", line, pictures.FILE, "none", "Name the workflow.")
    check_workflow(arguments.words[0], line)
    return (pictures.FILE,)


def _inputs(line: str, arguments: Arguments) -> str:
    """The workload that is asked for."""
    given: dict[str, str] = {}
    both = "\n".join(filter(None, [arguments.text("raw-field"), arguments.text("field")]))
    for field in both.split("\n") if both else ():
        name, equals, value = field.partition("=")
        if not equals:
            said = f"field \"{field}\" requires a value separated by an '=' sign"
            raise refused(said, line, f"{INPUT}=NAME", repr(field))
        given[name] = value
    unexpected = sorted(set(given) - {INPUT})
    trouble = (
        f'Unexpected inputs provided: ["{unexpected[0]}"]'
        if unexpected
        else ""
        if given.get(INPUT)
        else f"Required input '{INPUT}' not provided"
    )
    if trouble:
        raise refused(
            f"could not create workflow dispatch event: HTTP 422: {trouble}",
            line,
            f"-f {INPUT}=NAME",
            ", ".join(given) or "no input",
            f"Write gh workflow run {pictures.FILE} -f {INPUT}=NAME.",
        )
    if arguments.text("ref") not in ("", BRANCH):
        ref = arguments.text("ref")
        said = f"could not create workflow dispatch event: HTTP 422: No ref found for: {ref}"
        raise refused(said, line, BRANCH, repr(ref))
    return given[INPUT]


@GH.verb(
    "workflow run",
    usage=f"deploy.yml -f {INPUT}=NAME",
    about="Let the pipeline deploy a workload as git has it; gh run watch waits for it.",
    kind="change",
    cost="change",
    flags=(
        Flag("raw-field", "An input: workload=NAME.", short="f", many=True),
        Flag("field", "The same.", short="F", many=True),
        Flag("ref", "Branch.", short="r", choices=(BRANCH,)),
    ),
    normalise=_dispatched,
    candidates=_files,
)
def workflow_run(run: Run, command: Command) -> str:
    """Start a run by hand."""
    name = _inputs(command.line, command.arguments)
    if run.production.delivery.switch.off(run.now):
        said = (
            "could not create workflow dispatch event: HTTP 422: "
            "Cannot trigger a 'workflow_dispatch' on a disabled workflow"
        )
        raise refused(
            said,
            command.line,
            "a workflow that is enabled",
            _state(run),
            f"Type gh workflow enable {pictures.FILE} first.",
        )
    try:
        begun = run.production.delivery.dispatch(name)
    except GamedayError as error:
        said = f"could not create workflow dispatch event: HTTP 422: no workload {name} in deploy/"
        raise refused(said, command.line, error.expected, repr(name), error.todo) from None
    return (
        f"✓ Created workflow_dispatch event for {pictures.FILE} at {BRANCH}\n\n"
        f"To see the created workflow run, try: gh run view {begun.id}\n"
        f"To see runs for this workflow, try: gh run list --workflow={pictures.FILE}"
    )


# --- disable and enable ---------------------------------------------------------------------------


@GH.verb(
    "workflow disable",
    usage="deploy.yml",
    about="From now on no push starts a run; those under way go on.",
    kind="change",
    cost="change",
    normalise=_named,
    candidates=_files,
)
def workflow_disable(run: Run, command: Command) -> str:
    """Nothing reaches production by the pipeline any more."""
    switch = run.production.delivery.switch
    if switch.off(run.now):
        raise _not_found(command, "active")
    switch.turn(run.now)
    return f"✓ Disabled {WORKFLOW}"


@GH.verb(
    "workflow enable",
    usage="deploy.yml",
    about="From now on pushes start runs again; what was pushed meanwhile waits for the next.",
    kind="change",
    cost="change",
    normalise=_named,
    candidates=_files,
)
def workflow_enable(run: Run, command: Command) -> str:
    """The next push, or a dispatch, deploys."""
    switch = run.production.delivery.switch
    if not switch.off(run.now):
        raise _not_found(command, "disabled")
    switch.turn(run.now)
    return f"✓ Enabled {WORKFLOW}"


def _not_found(command: Command, state: str) -> RefusedError:
    """As gh says it of a workflow that is not in the state in which the verb looks for it."""
    name = command.targets[0]
    return refused(
        f"could not find any workflows named {name}",
        command.line,
        f"a workflow that is {state}",
        repr(name),
        "Type gh workflow list --all.",
    )
