"""What ``gameday list`` gives to machines and shows to people; it plays nothing and answers at once."""

from __future__ import annotations

from typing import Final

from rich.console import Console

from simulator.cli.screen import plain_table
from simulator.scenario import catalog, load
from simulator.scenario.measured import in_words, measured

Row = dict[str, object]
#: What the line under each scenario says, for whoever reads it for the first time.
LEGEND: Final = (
    "minutes: how long the drill's clock runs. Under each scenario: how hard it was measured to be.\n"
    "  hops             calls between what pages and where the cause lies; – where there is no path\n"
    "  decoys           suspects that are innocent\n"
    "  steps            lines of the best play known, looks and words to people included\n"
    "  half the budget  when half of the error budget is gone if nobody acts\n"
    "  best wrong path  how far the mistake that ends best ends behind the best play, of 100 points\n"
    "  panels           the share of the console's charts that move: the fewer, the longer one looks"
)


def listing() -> list[Row]:
    """The scenarios of the catalogue, for machines; the difficulty is that of the first variant."""
    return [
        {
            "name": entry.name,
            "title": entry.title,
            "skills": entry.labels.get("skill", "").split(),
            "level": entry.labels.get("level", ""),
            "minutes": int(entry.labels.get("minutes", "0")),
            "difficulty": measured(load(entry.path), entry.path.parent.parent),
        }
        for entry in catalog()
    ]


def show_listing(console: Console, rows: list[Row]) -> None:
    """The catalogue as a table, how hard each is under its line."""
    table = plain_table("name", "minutes", "skills", "title", right=("minutes",))
    for row in rows:
        skills, hard = row["skills"], row["difficulty"]
        words = ", ".join(skills) if isinstance(skills, list) else ""
        table.add_row(str(row["name"]), str(row["minutes"]), words, str(row["title"]))
        table.add_row("", "", "", f"[dim]{in_words(hard if isinstance(hard, dict) else None)}[/dim]")
    console.print(table)
    console.print(f"\n[dim]{LEGEND}[/dim]")
