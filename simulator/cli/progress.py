"""``gameday progress``: a learner's own estimates and quizzes, shown or forgotten."""

from __future__ import annotations

from rich.console import Console

from simulator.cli.screen import plain_table
from simulator.coach.progress import HIGHEST, Progress, QuizEntry, default_file, forget

Row = dict[str, object]


def rows(*, delete: bool) -> list[Row]:
    """One row a skill, in the order of the list; after ``delete`` all of them stand where they begin.

    Raises:
        SetupError: The file is damaged, or can't be deleted.
    """
    if delete:
        forget()
    return [
        {"skill": each.skill, "level": each.level, "runs": each.runs, "next": each.meaning}
        for each in Progress().estimates()
    ]


def show(console: Console, listed: list[Row]) -> None:
    """The skills that were asked for so far as a table, the others in a sentence."""
    known = [row for row in listed if row["runs"]]
    quizzes = Progress().quizzes
    if quizzes:
        _show_quizzes(console, quizzes)
    if not known:
        console.print("No finished drill yet. Play one to its end and ask for the debrief: gameday lab")
        return
    table = plain_table("skill", "", "runs", "the next lesson gives you")
    for row in known:
        level = int(str(row["level"]))
        bar = "█" * level + "·" * (HIGHEST - level)
        table.add_row(str(row["skill"]), f"{bar} {level}", str(row["runs"]), str(row["next"]))
    console.print(table)
    others = ", ".join(str(row["skill"]) for row in listed if not row["runs"])
    console.print(f"\nNot asked for yet: {others}." if others else "")
    console.print(f"Kept in {default_file()} and nowhere else; gameday progress --delete forgets it.")


def _show_quizzes(console: Console, kept: list[QuizEntry]) -> None:
    """First answers before and after each lesson, in the order in which they were given."""
    table = plain_table("quiz", "before", "after")
    found = {(each.name, each.when): f"{each.right} of {each.asked}" for each in kept}
    for name in dict.fromkeys(each.name for each in kept):
        table.add_row(name, found.get((name, "pre"), ""), found.get((name, "post"), ""))
    console.print(table, "")
