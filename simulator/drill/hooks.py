"""Where a coach plugs himself into a run: the lines that only he answers, and what he says beside his own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from simulator.drill.acts import Act
    from simulator.drill.run import Run


@dataclass(slots=True)
class Hooks:
    """All None in a run without a coach.

    Attributes:
        hint: The answer to ``hint``.
        ask: The answer to a question.
        runbook: The runbook for this system.
        next_step: The answer to ``next``.
        aside: What he says beside an act that he typed himself; it stands under the terminal's answer.
    """

    hint: Callable[[Run], str] | None = None
    ask: Callable[[str], str] | None = None
    runbook: Callable[[], str] | None = None
    next_step: Callable[[], str] | None = None
    aside: Callable[[Act], str] | None = None
