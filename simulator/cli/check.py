"""``gameday check``: the proof of scenarios, as a table for people and one document for machines."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from simulator.authoring.plays.keeping import Kept, folder
from simulator.authoring.proof import Proof, lint, plays_needed, prove, variants_of
from simulator.authoring.report import write
from simulator.cli import screen
from simulator.cli.screen import plain_table
from simulator.errors import GamedayError
from simulator.scenario import Scenario, catalog, load
from simulator.scenario.folders import search_path


def chosen(names: Sequence[str]) -> tuple[Scenario, ...]:
    """Every variant of the scenarios of these names or paths; of the whole catalogue where none is named.

    Raises:
        ScenarioError: One can't be loaded, or does not exist.
    """
    return variants_of([load(name) for name in names or [str(entry.path) for entry in catalog()]])


def proofs(
    names: Sequence[str], *, seeds: int, jobs: int, fresh: bool, texts_only: bool = False
) -> tuple[Proof, ...]:
    """Prove scenarios, with a progress bar.

    Raises:
        ScenarioError: One can't be loaded, or does not exist.
    """
    variants, numbers = chosen(names), range(1, seeds + 1)
    if texts_only:
        return lint(variants)
    with screen.steps(plays_needed(variants, numbers), "proving") as bar:

        def told(text: str) -> None:
            bar.step(text)
            bar.done()

        kept = Kept(folder(), fresh=fresh)
        return prove(variants, numbers, kept=kept, clock=time.process_time, jobs=jobs, told=told)


def record(found: Sequence[Proof]) -> Path:
    """Write the table and the difficulties beside the kit's own scenarios; the folder.

    Raises:
        GamedayError: Not all of these were proved.
    """
    home = search_path()[-1]
    missing = {path.parent.name for path in home.glob("*/scenario.yaml")} - {
        proof.scenario.name for proof in found
    }
    if missing:
        raise GamedayError(
            "check --write",
            expected="every scenario of the kit",
            got=f"none of {', '.join(sorted(missing))}",
            todo="Name no scenario, or all of them: the table is one.",
        )
    write(found, home)
    return home


def show(console: Console, found: Sequence[Proof]) -> None:
    """Every point of every proof with its evidence, and how hard it is."""
    for proof in found:
        console.print(f"[bold]{escape(_title(proof))}[/bold]")
        table = plain_table("", "", "point", "evidence")
        for point in proof.points:
            mark = Text("ok", style="green") if point.passed else Text("FAILS", style="bold red")
            table.add_row(mark, f"{point.number:>2}", point.title, escape(point.evidence))
        if proof.difficulty is not None:
            table.add_row("", "", "difficulty", proof.difficulty.words)
        console.print(table)
        console.print()


def complain(found: Sequence[Proof]) -> None:
    """Say loudly which points fail, or in one line that all hold."""
    failed = [proof for proof in found if not proof.passed]
    for proof in failed:
        for point in proof.failed:
            screen.say(
                f"FAILS  {_name(proof)}: point {point.number}, {point.title}: {point.evidence}",
                style="bold red",
            )
    count = sum(len(proof.failed) for proof in failed)
    if failed:
        screen.say(
            f"{count} point{' does' if count == 1 else 's do'} not hold, in {len(failed)} of {len(found)} "
            "scenarios and variants.",
            style="bold red",
        )
    else:
        screen.say(f"Every point holds, in all {len(found)} scenarios and variants.", style="green")


def _name(proof: Proof) -> str:
    return f"{proof.scenario.name}, variant {proof.scenario.variant}"


def _title(proof: Proof) -> str:
    count = len(proof.seeds)
    played = f"{count} seed{'' if count == 1 else 's'}" if count else "texts alone"
    return f"{_name(proof)}: {proof.scenario.metadata.title} ({played})"
