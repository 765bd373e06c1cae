"""The proof of a scenario: its points, each with evidence, on so many seeds.

The twelve points are the law for every scenario of the kit, and a tool for an instructor's own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from simulator.authoring.difficulty import Difficulty, measure
from simulator.authoring.hardness import equally_hard, to_play
from simulator.authoring.plays.all import Played, Told, count, play_all
from simulator.authoring.plays.calibration import Clock
from simulator.authoring.plays.keeping import Kept
from simulator.authoring.points.evidence import fault_is_visible
from simulator.authoring.points.finding import Finding
from simulator.authoring.points.lasting import degenerate_plays_fail, success_is_held
from simulator.authoring.points.plays import nothing_fails, reference_passes, wrong_paths_fail
from simulator.authoring.points.sameness import same_bytes
from simulator.authoring.points.start import healthy_before, unsolved_at_call
from simulator.authoring.points.telling import decoys_are_told_apart
from simulator.authoring.points.texts import (
    costs_little,
    gives_nothing_away,
    texts_can_be_read_aloud,
    texts_give_nothing_away,
)
from simulator.scenario import Scenario

#: Seeds on which drawn variants are compared with their base; every play of them is a whole drill.
HARDNESS_SEEDS: Final = 2
#: Every point by its number: its title, and the function that judges it.
POINTS: Final[Mapping[int, tuple[str, Callable[[Played], Finding]]]] = MappingProxyType(
    {
        1: ("not failing before the trigger", healthy_before),
        2: ("not solved at the start", unsolved_at_call),
        3: ("do-nothing fails", nothing_fails),
        4: ("the reference passes with margin", reference_passes),
        5: ("wrong paths stay under their ceilings", wrong_paths_fail),
        6: ("degenerate plays fail", degenerate_plays_fail),
        7: ("success is held", success_is_held),
        8: ("the fault is visible", fault_is_visible),
        9: ("solvable from evidence", decoys_are_told_apart),
        10: ("nothing gives the cause away", gives_nothing_away),
        11: ("same seed, same bytes", same_bytes),
        12: ("cheap to run, and readable by all", costs_little),
    }
)


@dataclass(frozen=True, slots=True)
class Point:
    """A point, judged.

    Attributes:
        number: 1 to 12, as in the list of points; 13 where variants are drawn.
        title: In a few words.
        passed: Whether it holds.
        evidence: The numbers that make one believe it.
    """

    number: int
    title: str
    passed: bool
    evidence: str

    def to_json(self) -> dict[str, object]:
        """The point as ``gameday check --json`` prints it."""
        return {"point": self.number, "title": self.title, "passed": self.passed, "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Proof:
    """The proof of one variant of a scenario.

    Attributes:
        scenario: With the variant applied.
        seeds: On which it was played.
        points: In order.
        difficulty: As measured on the same plays; None where nothing was played.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    points: tuple[Point, ...]
    difficulty: Difficulty | None = None

    @property
    def passed(self) -> bool:
        """Whether every point holds."""
        return all(point.passed for point in self.points)

    @property
    def failed(self) -> tuple[Point, ...]:
        """The points that do not hold."""
        return tuple(point for point in self.points if not point.passed)

    def to_json(self) -> dict[str, object]:
        """The proof as ``gameday check --json`` prints it."""
        return {
            "name": self.scenario.name,
            "variant": self.scenario.variant,
            "seeds": list(self.seeds),
            "passed": self.passed,
            "difficulty": None if self.difficulty is None else self.difficulty.to_json(),
            "points": [point.to_json() for point in self.points],
        }


def variants_of(scenarios: Sequence[Scenario]) -> tuple[Scenario, ...]:
    """Every hand-written variant of each scenario."""
    return tuple(variant for scenario in scenarios for variant in scenario.variants)


def plays_needed(variants: Sequence[Scenario], seeds: Sequence[int]) -> int:
    """How many plays a proof takes, for a progress bar."""
    return count(variants, seeds)


def prove(
    variants: Sequence[Scenario],
    seeds: Sequence[int],
    *,
    kept: Kept,
    clock: Clock,
    jobs: int = 1,
    told: Told = lambda text: None,  # noqa: ARG005 - a listener that does nothing
) -> tuple[Proof, ...]:
    """Prove each variant.

    Args:
        variants: Of ``variants_of``.
        seeds: On which each is played.
        kept: Records of before.
        clock: Tells the CPU seconds of a process, as ``time.process_time`` does.
        jobs: Processes; -1 takes every core.
        told: Called after each play with what it was.
    """
    kept.prune()
    return tuple(
        judge(played) for played in play_all(variants, seeds, kept=kept, jobs=jobs, clock=clock, told=told)
    )


def lint(variants: Sequence[Scenario]) -> tuple[Proof, ...]:
    """What of the proof can be judged without a run: the texts alone (points 10 and 12)."""
    found = []
    for scenario in variants:
        points = []
        for number, point in ((10, texts_give_nothing_away), (12, texts_can_be_read_aloud)):
            finding = point(scenario)
            points.append(Point(number, POINTS[number][0], finding.passed, finding.evidence))
        found.append(Proof(scenario, (), tuple(points)))
    return tuple(found)


def judge(played: Played) -> Proof:
    """Every point of one variant, from its records."""
    points = []
    for number, (title, point) in POINTS.items():
        finding = point(played)
        points.append(Point(number, title, finding.passed, finding.evidence))
    scenario = played.scenario
    if scenario.randomise is not None and scenario.variant == 0:
        finding = equally_hard(scenario, to_play(scenario), played.seeds[:HARDNESS_SEEDS])
        points.append(Point(13, "drawn variants are as hard", finding.passed, finding.evidence))
    return Proof(scenario, played.seeds, tuple(points), measure(played))
