"""Where text goes: results to standard output alone, everything else to standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def machine(value: object) -> None:
    """Print one JSON document to standard output, and nothing beside it."""
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def text(value: str) -> None:
    """Print a text to standard output as it is: a schema, a page, a file."""
    sys.stdout.write(value)


def say(text: str, *, style: str = "") -> None:
    """Print a line for people to standard error, unbroken, so that it can be searched for."""
    err.print(text, style=style, markup=False, soft_wrap=True)


def plain_table(*columns: str, right: tuple[str, ...] = ()) -> Table:
    """A table in the house's style: no frame, one rule under the head; ``right`` names columns of numbers."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table


class Steps:
    """A progress bar that counts named steps."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress, self._task = progress, task

    def step(self, text: str) -> None:
        """Show that ``text`` is being done now; the step before it is over."""
        self._progress.update(self._task, description=text)

    def done(self) -> None:
        """Count one step."""
        self._progress.advance(self._task)


@contextmanager
def steps(total: int, text: str) -> Iterator[Steps]:
    """A progress bar on standard error for work that a person waits for; nothing where nobody watches."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        yield Steps(progress, progress.add_task(text, total=total))
