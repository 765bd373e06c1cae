"""``gameday check``: the proof of scenarios, as a table for people and one document for machines."""

from __future__ import annotations

import time
from collections.abc import Sequence

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from simulator.authoring import Kept, Proof, folder, plays_needed, prove, variants_of
from simulator.cli import screen
from simulator.cli.screen import plain_table
from simulator.scenario import catalog, load


def proofs(names: Sequence[str], *, seeds: int, jobs: int, fresh: bool) -> tuple[Proof, ...]:
    """Prove scenarios by name or path; all of the catalogue where none is named.

    Raises:
        ScenarioError: One can't be loaded, or does not exist.
    """
    scenarios = [load(name) for name in names or [str(entry.path) for entry in catalog()]]
    variants, numbers = variants_of(scenarios), range(1, seeds + 1)
    with screen.steps(plays_needed(variants, numbers), "proving") as bar:

        def told(text: str) -> None:
            bar.step(text)
            bar.done()

        return prove(
            variants, numbers, kept=Kept(folder(), fresh=fresh), clock=time.process_time, jobs=jobs, told=told
        )


def show(console: Console, found: Sequence[Proof]) -> None:
    """Every point of every proof with its evidence, then what does not hold."""
    for proof in found:
        console.print(f"[bold]{escape(_title(proof))}[/bold]")
        table = plain_table("", "point", "", "evidence", right=("point",))
        for point in proof.points:
            mark = Text("ok", style="green") if point.passed else Text("FAILS", style="bold red")
            table.add_row(mark, str(point.number), point.title, point.evidence)
        console.print(table)
        console.print()


def complain(found: Sequence[Proof]) -> None:
    """Say loudly which points fail; nothing where all hold."""
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
    elif found:
        screen.say(f"Every point of {len(found)} scenarios and variants holds.", style="green")


def _name(proof: Proof) -> str:
    return f"{proof.scenario.name}, variant {proof.scenario.variant}"


def _title(proof: Proof) -> str:
    count = len(proof.seeds)
    return f"{_name(proof)}: {proof.scenario.metadata.title} ({count} seed{'' if count == 1 else 's'})"
