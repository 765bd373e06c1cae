"""``gameday pipeline``: a workflow file drawn, and run on the simulator's clock."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console

from simulator.cli import screen

if TYPE_CHECKING:
    from simulator.pipeline import Outcome, Source

pipeline = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="A workflow file, a folder with a pipeline.yaml, or a name such as persona."
    ),
]
Model = Annotated[
    Path | None, typer.Option(help="A pipeline.yaml; without it the one beside the workflow, else defaults.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]


@pipeline.callback()
def family() -> None:
    """The delivery pipeline, from commit to release, as a GitHub Actions workflow has it."""


@pipeline.command("draw")
def draw_it(file: File, model: Model = None, json: Json = False) -> None:
    """Stages, gates side by side and approvals: as Mermaid, and in words."""
    from simulator.pipeline import Pipeline, draw

    source = Pipeline(file, model=model).source
    drawing = draw(source)
    if json:
        plans = {each.event: _plan(source, each.event) for each in source.workflow.triggers}
        screen.machine({"mermaid": drawing.mermaid, "lines": list(drawing.lines), "schedule": plans})
        return
    print(drawing)
    print()
    print(drawing.mermaid)


def _plan(source: Source, event: str) -> list[dict[str, object]] | None:
    """The jobs that an event runs, by mean times in minutes; None where a condition can't be known."""
    from simulator.errors import PipelineError
    from simulator.pipeline import schedule
    from simulator.units import MINUTE

    try:
        planned = schedule(source, event)
    except PipelineError:
        return None
    return [
        {
            "job": each.job,
            "start_minutes": round(each.start / MINUTE, 3),
            "finish_minutes": round(each.finish / MINUTE, 3),
            "slack_minutes": round(each.slack / MINUTE, 3),
        }
        for each in planned
    ]


@pipeline.command("run")
def run_it(
    file: File,
    days: Annotated[float, typer.Option(help="Calendar days, weekends too.")] = 30.0,
    seed: Annotated[int, typer.Option(min=0, help="Whose luck.")] = 1,
    model: Model = None,
    json: Json = False,
) -> None:
    """Simulate a team that works with this pipeline: DORA keys, gates, defects caught and slipped."""
    from simulator.pipeline import Pipeline

    simulated = Pipeline(file, model=model, seed=seed)
    with screen.steps(1, f"{days:g} days of {file}"):
        outcome = simulated.run(days)
    screen.machine(outcome.to_json()) if json else show(screen.out, outcome)


@pipeline.command("new")
def new(
    forge: Annotated[str, typer.Option(help="Where the code lives; github is covered.")] = "",
    stack: Annotated[str, typer.Option(help="node, python, go or java.")] = "",
    target: Annotated[str, typer.Option(help="eks, gke or aks.")] = "",
    environments: Annotated[str, typer.Option(help="staging or development-staging.")] = "",
    approvals: Annotated[str, typer.Option(help="one or two.")] = "",
    chat: Annotated[str, typer.Option(help="slack, teams or none.")] = "",
    service: Annotated[str, typer.Option(help="The Deployment's name.")] = "app",
    folder: Annotated[
        Path | None, typer.Option("--in", help="The repository; without it the workflow is printed.")
    ] = None,
    json: Json = False,
) -> None:
    """James's four questions, answered by options; then a workflow, or which answers are open."""
    from simulator.pipeline.interview import Answers, propose

    made = propose(Answers(forge, stack, target, environments, approvals, chat, service))
    if folder is not None:
        for path in made.save(folder):
            screen.say(f"gameday: wrote {path}")
    if json:
        screen.machine({"files": made.files, "setup": list(made.setup)})
    elif folder is None:
        screen.text(made.workflow)
    if not json:
        screen.say("What no file can hold:")
        for number, line in enumerate(made.setup, 1):
            screen.say(f"{number:2}. {line}")


def show(console: Console, outcome: Outcome) -> None:
    """An outcome for people: the keys in a sentence, a table of gates, what slipped."""
    console.print(f"{outcome.days:g} days, seed {outcome.seed}. {outcome.dora.sentence}\n")
    numbers = ("runs", "minutes", "caught", "false alarms", "flaky")
    table = screen.plain_table("gate", *numbers, "kinds", right=numbers)
    for each in outcome.gate_tallies:
        caught = str(each.caught) + (f" (+{each.ignored} ignored)" if each.ignored else "")
        counts = (str(each.runs), f"{each.minutes:,.0f}", caught, str(each.false_alarms), str(each.flaky))
        table.add_row(each.gate, *counts, ", ".join(f"{kind} {n}" for kind, n in sorted(each.kinds.items())))
    console.print(table)
    slipped = outcome.to_json()["slipped"]
    assert isinstance(slipped, dict)
    words = ", ".join(f"{count} {kind}" for kind, count in slipped.items()) or "nothing"
    console.print(f"\nReached production: {words}. Incidents: {len(outcome.incidents)}.")
