"""Which plays a proof asks for: one list a scenario, and the name of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from simulator.drill import DEGENERATE
from simulator.scenario import Scenario

Kind = Literal[
    "healthy", "nothing", "reference", "replay", "alternative", "wrong", "degenerate", "without", "tell",
    "otherwise", "guilty", "screen",
]  # fmt: skip
#: What every other play is compared with; these are played first.
BENCHMARKS: Final[tuple[Kind, ...]] = ("nothing", "reference")
#: The three looks at a decoy.
TELLS: Final[tuple[Kind, ...]] = ("tell", "otherwise", "guilty")


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """One play of one scenario on one seed.

    ``healthy``: nothing happens and nobody does anything. ``nothing``: it happens, nobody does anything.
    ``reference``, ``alternative``, ``wrong``, ``degenerate``: somebody plays. ``replay``: the acts of the
    reference again, without a coach. ``without``: as ``nothing``, but for one entry of the timeline, ``name``
    from 0.
    ``tell``: a decoy's observation in the scenario as it is; ``otherwise``: the same with other luck;
    ``guilty``: the same in the decoy's world. ``screen``: what everybody reads when they are called.

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
    yield Task("screen")
    for alternative in scenario.alternatives:
        yield Task("alternative", alternative.name)
    for path in scenario.wrong_paths:
        yield Task("wrong", path.name)
    for index in range(len(scenario.timeline)):
        yield Task("without", str(index))
    for name in DEGENERATE:
        yield Task("degenerate", name)
    for decoy in scenario.decoys:
        for kind in TELLS:
            yield Task(kind, decoy.name)
