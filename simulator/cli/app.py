"""The commands of ``gameday``: what each is called, takes and says about itself.

The work is done elsewhere and imported when a command needs it, so that ``gameday --help`` answers at once.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from simulator.cli import screen
from simulator.cli.pipeline import pipeline
from simulator.cli.rules import rules
from simulator.errors import GamedayError

_PLAY, _INSTRUCT, _MACHINE = "Play and learn", "Instruct and measure", "This machine"

app = typer.Typer(
    name="gameday",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="New here? [bold]gameday demo[/bold] shows an incident in half a minute, "
    "[bold]gameday lab[/bold] puts you on call.",
)

Json = Annotated[bool, typer.Option("--json", help="One JSON document on standard output, nothing else.")]
Name = Annotated[str, typer.Argument(help="A scenario's name (see `gameday list`) or the path of its file.")]
Seed = Annotated[int | None, typer.Option(help="Whose luck; the scenario's own seed without it.")]
Variant = Annotated[int, typer.Option(help="Which variant of the scenario, from 0.")]

app.add_typer(rules, name="rules", rich_help_panel=_INSTRUCT)
app.add_typer(pipeline, name="pipeline", rich_help_panel=_INSTRUCT)


@app.callback()
def gameday() -> None:
    """Go on call in a simulated production system.

    A simulator plays production second by second. You read the signals, type the lines that you would
    type at work, and see what your decisions cost the users: against doing nothing, and against the
    best play known.
    """


def main() -> None:
    """The entry point of ``gameday`` and ``python -m simulator``; a user's mistake ends with exit code 2."""
    try:
        app(prog_name="gameday")
    except GamedayError as error:
        screen.say(str(error), style="red")
        sys.exit(2)


@app.command(
    rich_help_panel=_PLAY,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def lab(context: typer.Context) -> None:
    """Open JupyterLab on the welcome notebook; what follows is passed on to it.

    The address that it prints opens the welcome too.

    On a server: gameday lab --no-browser --port=9000
    """
    from simulator.cli.jupyter_lab import open_lab
    from simulator.cli.warmup import warm_up

    with screen.steps(1, "compiling the engine, if it is new here"):
        warmth = warm_up()
    screen.say(f"gameday: {warmth.words}")
    open_lab(context.args)


@app.command(
    rich_help_panel=_PLAY,
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
)
def play(
    context: typer.Context,
    name: Name,
    seed: Seed = None,
    variant: Variant = 0,
    game_day: Annotated[
        bool, typer.Option("--game-day", help="No guidance, no question before a dangerous line; scored.")
    ] = False,
    dark: Annotated[bool, typer.Option("--dark", help="Light letters on a dark ground.")] = False,
) -> None:
    """The console alone in a browser; what follows is passed on to Voilà.

    Loading the page anew goes on where the run file ends. On a server: gameday play NAME --no-browser
    """
    from simulator.cli.play import open_console
    from simulator.cli.warmup import warm_up

    with screen.steps(1, "compiling the engine, if it is new here"):
        warm_up()
    mode: Literal["lesson", "game-day"] = "game-day" if game_day else "lesson"
    open_console(name, context.args, seed=seed, variant=variant, mode=mode, dark=dark)


@app.command(rich_help_panel=_PLAY)
def demo(
    seed: Annotated[int, typer.Option(help="Whose luck.")] = 7,
    speed: Annotated[float, typer.Option(min=0.1, max=1000.0, help="2 plays twice as fast.")] = 1.0,
) -> None:
    """The welcome's incident in half a minute: a real run of the reference play, told by James."""
    from simulator.cli.demo import play_demo

    play_demo(screen.out, seed=seed, speed=speed)


@app.command("list", rich_help_panel=_PLAY)
def list_scenarios(json: Json = False) -> None:
    """The scenarios: name, title, skills, minutes, and how hard each was measured to be."""
    from simulator.cli.listing import listing, show_listing

    rows = listing()
    screen.machine(rows) if json else show_listing(screen.out, rows)


@app.command(rich_help_panel=_INSTRUCT)
def run(
    name: Name,
    player: Annotated[
        str,
        typer.Option(
            help="reference, nothing, panic, or the name of another of the scenario's plays, right or wrong."
        ),
    ] = "reference",
    seed: Seed = None,
    variant: Variant = 0,
    json: Json = False,
) -> None:
    """Let an automatic player play a scenario, and measure it."""
    from simulator.cli.results import played, show_result

    with screen.steps(1, f"{player} plays {name}"):
        result = played(name, player=player, seed=seed, variant=variant)
    screen.machine(result) if json else show_result(screen.out, result)


@app.command(rich_help_panel=_INSTRUCT)
def replay(
    journal: Annotated[
        Path, typer.Argument(metavar="RUN.jsonl", help="A run file: yours, a learner's, anybody's.")
    ],
    json: Json = False,
) -> None:
    """Play a run file again and measure it: the same acts, the same bytes."""
    from simulator.cli.results import replayed, show_result

    with screen.steps(1, f"replaying {journal}"):
        result = replayed(journal, warn=screen.say)
    screen.machine(result) if json else show_result(screen.out, result)


@app.command(rich_help_panel=_INSTRUCT)
def check(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Scenarios by name or path; all without any."),
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, max=1000, help="On how many seeds, from 1.")] = 20,
    jobs: Annotated[int, typer.Option(help="Processes side by side; -1 takes every core.")] = -1,
    fresh: Annotated[bool, typer.Option("--fresh", help="Play again what was played before.")] = False,
    lint_only: Annotated[bool, typer.Option("--lint-only", help="Play nothing: the texts alone.")] = False,
    write: Annotated[
        bool, typer.Option("--write", help="Write PROOF.md and difficulty.json beside the kit's scenarios.")
    ] = False,
    json: Json = False,
) -> None:
    """Prove scenarios: each point with its evidence; exit code 1 if one does not hold.

    What was played is kept in the user's cache folder ($GAMEDAY_CACHE names another), so a proof that was
    interrupted goes on where it was.
    """
    from simulator.cli import check as room

    found = room.proofs(names or [], seeds=seeds, jobs=jobs, fresh=fresh, texts_only=lint_only)
    screen.machine([proof.to_json() for proof in found]) if json else room.show(screen.out, found)
    room.complain(found)
    if write and not lint_only:
        screen.say(f"gameday: the table is in {room.record(found)}")
    if not all(proof.passed for proof in found):
        raise typer.Exit(1)


@app.command(rich_help_panel=_INSTRUCT)
def new(
    name: Annotated[str, typer.Argument(help="What it is called; it gives nothing away.")],
    system: Annotated[str, typer.Option("--from", help="The shared system that it plays in.")] = "shop",
    folder: Annotated[
        Path | None, typer.Option("--in", help="Where its folder is made; the first searched without it.")
    ] = None,
) -> None:
    """Begin a scenario: a folder that loads and plays, with a question for every decision of yours."""
    from simulator.cli.authors import new as write

    with screen.steps(1, f"writing {name}, and playing it once to see when the page rings"):
        path = write(name, system, folder)
    screen.say(f"gameday: wrote {path.parent}. Next: gameday preview {path.parent} --watch")


@app.command(rich_help_panel=_INSTRUCT)
def preview(
    name: Name,
    watch: Annotated[bool, typer.Option("--watch", help="Again each time a file is saved.")] = False,
    out: Annotated[Path, typer.Option(help="Where the picture is written.")] = Path("preview.png"),
    variant: Variant = 0,
) -> None:
    """One picture of a scenario, what moves, the page, the budget, and the debrief's words; or its errors."""
    from simulator.cli import authors

    def show() -> None:
        with screen.steps(1, f"playing {name} twice"):
            text = authors.preview(name, out, variant)
        screen.text(text + "\n")

    authors.watch(name, show) if watch else show()


@app.command(rich_help_panel=_INSTRUCT)
def facilitate(name: Name, variant: Variant = 0) -> None:
    """The page of whoever runs a scenario for others, as Markdown: goal, timing, injects, questions."""
    from simulator.cli.authors import facilitators_page

    screen.text(facilitators_page(name, variant))


@app.command(rich_help_panel=_INSTRUCT)
def export(
    name: Name,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files are written; it is made.")],
    variant: Variant = 0,
) -> None:
    """A scenario's system for a real cluster: manifests, Argo objects, OpenSLO, rules, Alertmanager."""
    from simulator.cli.authors import export as write

    screen.text(f"{write(name, folder, variant)}\n")


@app.command(rich_help_panel=_INSTRUCT)
def schema(
    of: Annotated[
        str, typer.Argument(help="scenario, texts, system or pipeline: which of an author's files.")
    ] = "scenario",
) -> None:
    """The JSON Schema of an author's files, from which editors complete and check while you type."""
    from simulator.pipeline import schema as pipelines
    from simulator.scenario.schema import schema_text

    screen.text(pipelines.schema_text() if of == "pipeline" else schema_text(of))


@app.command(rich_help_panel=_INSTRUCT)
def review(
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Files and folders, or a pipeline such as copied.")
    ],
    as_of: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day from which the age of stored secrets counts.")
    ] = None,
    since: Annotated[
        Path | None, typer.Option(metavar="FILE", help="An earlier --json: what is better, worse, new.")
    ] = None,
    diff: Annotated[bool, typer.Option("--diff", help="Only the fixes, as a patch for `git apply`.")] = False,
    json: Json = False,
) -> None:
    """James's security review: workflows, Dockerfiles, manifests, repository settings; with fixes as diffs.

    Exit code 0: nothing was found. 1: something was. 2: a file can't be read. 3: nothing was found, but an
    analyser is missing or failed, or a file was not read.
    """
    from simulator.cli.review import reviewed

    code = reviewed(paths, as_of=as_of, since=since, diff=diff, json=json)
    if code:
        raise typer.Exit(code)


@app.command(rich_help_panel=_INSTRUCT)
def report(
    runs: Annotated[list[Path], typer.Argument(metavar="RUNS...", help="Run files, or folders of them.")],
    out: Annotated[Path, typer.Option(help="Where class.csv and class.ipynb go.")] = Path(),
    json: Json = False,
) -> None:
    """Read a class's run files together: times, budget, costliest decisions, beliefs; CSV and notebook."""
    from simulator.cli import report as room

    found = room.read(runs)
    for path in room.write(found, out):
        screen.say(f"gameday: wrote {path}")
    screen.machine(room.rows(found)) if json else room.show(screen.out, found)


@app.command(rich_help_panel=_PLAY)
def progress(
    delete: Annotated[bool, typer.Option("--delete", help="Forget everything; run files stay.")] = False,
    json: Json = False,
) -> None:
    """Your own skills, as your finished drills show them; the file is yours and goes nowhere."""
    from simulator.cli import progress as room

    rows = room.rows(delete=delete)
    screen.machine(rows) if json else room.show(screen.out, rows)


@app.command(rich_help_panel=_MACHINE)
def doctor(json: Json = False) -> None:
    """What on this machine would spoil a workshop, each with its fix; exit code 1 if a thing is missing."""
    from simulator.cli import doctor as room
    from simulator.cli.results import show_findings

    with screen.steps(1, "examining this machine"):
        findings = list(room.examine())
    screen.machine(room.summary(findings)) if json else show_findings(screen.out, findings)
    if any(one.verdict == "fail" for one in findings):
        raise typer.Exit(1)


@app.command(rich_help_panel=_MACHINE)
def bench(
    rounds: Annotated[int, typer.Option(min=1, max=50, help="Each engine runs this often, in turns.")] = 5,
    json: Json = False,
) -> None:
    """Measure the engine on the standard workloads, against plain SimPy, C and its own uncompiled twin."""
    from simulator.cli.bench.measure import measure
    from simulator.cli.bench.report import show_bench

    result = measure(rounds)
    screen.machine(result) if json else show_bench(screen.out, result)


@app.command("warm-up", hidden=True)
def warm_up_engine(json: Json = False) -> None:
    """Compile the engine once, with a message; `make lab` calls it."""
    from dataclasses import asdict

    from simulator.cli.warmup import warm_up

    if not json:
        screen.say("gameday: compiling the engine (once; half a minute on a slow machine) ...")
    warmth = warm_up()
    screen.machine(asdict(warmth)) if json else screen.say(f"gameday: {warmth.words}")
