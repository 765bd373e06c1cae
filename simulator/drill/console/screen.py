"""``clear``: an empty screen, where there is one to clear.

The console's terminal takes its lines away when it hears the word. What was answered stays in the run, and a
notebook's cells keep theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from simulator.drill.console.registry import Command, family

if TYPE_CHECKING:
    from simulator.drill.run import Run

CLEAR: Final = family(
    "clear", about="Empty the terminal; what was answered stays in the run.", aliases=("reset",)
)


@CLEAR.verb("", about="Empty the terminal; what was answered stays in the run.", kind="none", cost="help")
def clear(_run: Run, _command: Command) -> str:
    """Nothing is printed."""
    return ""
