"""``%kubectl`` and ``%%oncall``: in a notebook, lines are typed as at work, into the drill started last."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from simulator.drill.acts import Answer, Printer

if TYPE_CHECKING:
    from simulator.api.drill import Drill


@dataclass(frozen=True, slots=True)
class Typed:
    """What a cell of lines came to: each line behind a prompt, and its answer.

    Attributes:
        answers: In order; the last one may be a refusal.
        left: Lines that were not typed, since the one before was refused.
    """

    answers: tuple[Answer, ...]
    left: int

    def __str__(self) -> str:
        parts = [f"$ {answer.line}\n{answer}" for answer in self.answers]
        if self.left:
            parts.append(f"Stopped here; {self.left} more {'was' if self.left == 1 else 'were'} not typed.")
        return "\n\n".join(parts)

    def _repr_pretty_(self, printer: Printer, cycle: bool) -> None:
        """What a notebook shows, with what was said meanwhile under the last answer."""
        printer.text(str(self))
        if self.answers and (unread := self.answers[-1].unread) is not None and unread.messages:
            printer.text("\n")
            said = Answer("", "", True, self.answers[-1].at, unread=unread)
            said._repr_pretty_(printer, cycle)


def install(drill: Drill) -> None:
    """Point both magics at this drill; outside IPython nothing happens.

    ``%kubectl get pods`` types one line of kubectl. ``%oncall LINE`` types any line, and ``%%oncall`` above a
    cell types each of its lines in turn; a line that is refused ends the cell there, as ``set -e`` would.
    """
    ipython: Any = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    if shell is None:
        return

    def kubectl(line: str) -> Answer:
        return drill.run(f"kubectl {line}")

    def oncall(line: str, cell: str | None = None) -> Answer | Typed:
        if cell is None:
            return drill.run(line)
        typed = [each.strip() for each in (line, *cell.splitlines()) if each.strip()]
        answers: list[Answer] = []
        for each in typed:
            answers.append(drill.run(each))
            if not answers[-1].ok:
                break
        return Typed(tuple(answers), len(typed) - len(answers))

    shell.register_magic_function(kubectl, "line", "kubectl")
    shell.register_magic_function(oncall, "line_cell", "oncall")
