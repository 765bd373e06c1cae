"""``gameday report``: a class's run files as a table, a CSV file and a notebook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from simulator.cli import screen
from simulator.coach.classroom import Classroom, classroom
from simulator.coach.documents import Document
from simulator.errors import GamedayError
from simulator.lab.class_report import report

#: What the table shows: the row's name, and the heading.
_COLUMNS: Final = {
    "detected_s": "noticed s",
    "told_s": "told s",
    "mitigated_s": "mitigated s",
    "budget_spent_percent": "budget %",
    "total": "score",
}


def read(paths: Sequence[Path]) -> Classroom:
    """Play the run files again; a folder stands for the run files in it.

    Raises:
        GamedayError: There is no run file.
        JournalError: One is damaged.
    """
    files = [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]
    if not files:
        raise GamedayError(
            "gameday report",
            expected="run files, or folders that hold some",
            got=", ".join(str(path) for path in paths) or "nothing",
            todo="Collect the learners' runs/*.jsonl and name them here.",
        )
    with screen.steps(len(files), "playing the class's runs again") as steps:
        return classroom(files, done=lambda _name: steps.done())


def write(found: Classroom, folder: Path) -> list[Path]:
    """Put ``class.csv`` and ``class.ipynb`` into a folder; existing ones are replaced.

    Raises:
        GamedayError: The folder can't be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GamedayError(
            f"--out {folder}", expected="a folder to write into", got=str(error), todo="Give another one."
        ) from None
    table = Document.write(folder / "class.csv", found.frame().to_csv(index=False))
    return [table, Document.write(folder / "class.ipynb", report(found, table.name))]


def rows(found: Classroom) -> list[dict[str, Any]]:
    """One object a run; what is not known is null."""
    frame = found.frame().astype(object)
    return [
        {str(name): value for name, value in row.items()}
        for row in frame.where(frame.notna(), None).to_dict(orient="records")
    ]


def show(console: Console, found: Classroom) -> None:
    """The table for people, and the beliefs that were shared most."""
    headings = tuple(_COLUMNS.values())
    table = screen.plain_table("run", "scenario", *headings, right=headings)
    for row in rows(found):
        known = ("–" if row[name] is None else f"{row[name]:g}" for name in _COLUMNS)
        table.add_row(row["run"], row["scenario"], *known)
    console.print(table)
    for scenario, belief, runs, of, why in found.beliefs().head(3).itertuples(index=False):
        console.print(f"{runs} of {of} in {scenario}: {belief}. {why}")
