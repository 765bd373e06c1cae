"""What a notebook holds in its hand: the console, plots, exercise checks, quiz.

The console needs widgets and the plots need matplotlib; each is imported when it is first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from simulator.lab.exercises import Exercises, Feedback
from simulator.lab.plots import Plots
from simulator.lab.quiz import Quiz

if TYPE_CHECKING:
    from simulator.lab.console import Console

__all__ = ["Console", "Exercises", "Feedback", "Plots", "Quiz"]


def __getattr__(name: str) -> object:
    if name == "Console":
        from simulator.lab.console import Console

        return Console
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
