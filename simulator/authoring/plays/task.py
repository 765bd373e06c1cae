"""Which plays a proof asks for: one list a scenario, and the name of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from simulator.scenario import Scenario

Kind = Literal["healthy", "nothing", "reference", "replay", "wrong", "without"]
#: What every other play is compared with; these are played first.
BENCHMARKS: Final[tuple[Kind, ...]] = ("nothing", "reference")


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """One play of one scenario on one seed.

    ``healthy``: nothing happens and nobody does anything. ``nothing``: it happens, nobody does anything.
    ``reference``, ``wrong``: somebody plays. ``replay``: the reference's acts again, without a coach.
    ``without``: as ``nothing``, but for one entry of the timeline, ``name`` from 0.

    Attributes:
        kind: See above.
        name: Whose; empty where there is one alone.
    """

    kind: Kind
    name: str = ""

    def __str__(self) -> str:
        return f"{self.kind}-{self.name}" if self.name else self.kind


def benchmarks() -> tuple[Task, ...]:
    """Doing nothing, and the reference play."""
    return tuple(Task(kind) for kind in BENCHMARKS)


def others(scenario: Scenario) -> tuple[Task, ...]:
    """Every other play of a scenario's proof, on one seed."""
    return tuple(_others(scenario))


def _others(scenario: Scenario) -> Iterator[Task]:
    yield Task("healthy")
    yield Task("replay")
    for path in scenario.wrong_paths:
        yield Task("wrong", path.name)
    for index in range(len(scenario.timeline)):
        yield Task("without", str(index))
