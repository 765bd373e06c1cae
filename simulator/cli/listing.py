"""What ``gameday list`` gives to machines and shows to people; it plays nothing and answers at once."""

from __future__ import annotations

from rich.console import Console

from simulator.cli.screen import plain_table
from simulator.scenario import catalog, load
from simulator.scenario.measured import in_words, measured

Row = dict[str, object]


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
