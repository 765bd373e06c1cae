"""Run codes: scenario, variant and seed in one word, so that a colleague meets the very same users."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from simulator.drill.run import Run

_FORM: Final = re.compile(r"(?P<name>[a-z0-9][a-z0-9-]*)\.(?P<variant>\d{1,3})\.(?P<seed>\d{1,19})")


@dataclass(frozen=True, slots=True)
class RunCode:
    """What a run is made of besides its acts; ``str`` is the code, such as ``production-is-down.0.7``."""

    name: str
    variant: int
    seed: int

    @classmethod
    def of(cls, run: Run) -> RunCode:
        """The code of a run."""
        return cls(run.scenario.metadata.name, run.variant, run.seed)

    @classmethod
    def parse(cls, text: str) -> RunCode | None:
        """Read a code; None where the text is none, such as a scenario's name or a path."""
        match = _FORM.fullmatch(text.strip())
        return None if match is None else cls(match["name"], int(match["variant"]), int(match["seed"]))

    def __str__(self) -> str:
        return f"{self.name}.{self.variant}.{self.seed}"
