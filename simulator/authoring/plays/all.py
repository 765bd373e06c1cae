"""All plays of many scenarios on many seeds, side by side on the machine's cores.

Doing nothing and the reference come first, since others are compared with them on the same seed. The control
plane is Python, so plays run in processes; with one job they run in this one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from joblib import Parallel, delayed

from simulator.authoring.plays.calibration import Clock
from simulator.authoring.plays.given import Given
from simulator.authoring.plays.keeping import Kept
from simulator.authoring.plays.playing import perform
from simulator.authoring.plays.record import Record
from simulator.authoring.plays.task import BENCHMARKS, Kind, Task, benchmarks, others
from simulator.errors import GamedayError
from simulator.scenario import Scenario

#: Called with what has just been finished, in words.
Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Played:
    """All records of one scenario's variant.

    Attributes:
        scenario: With its variant applied.
        seeds: In order.
        records: By seed, then by task.
    """

    scenario: Scenario
    seeds: tuple[int, ...]
    records: dict[int, dict[Task, Record]]

    def each(self, kind: Kind, name: str = "") -> dict[int, Record]:
        """The records of one play, by seed."""
        return {seed: self.records[seed][Task(kind, name)] for seed in self.seeds}


def count(scenarios: Iterable[Scenario], seeds: Sequence[int]) -> int:
    """How many plays that is."""
    return sum(len(benchmarks()) + len(others(scenario)) for scenario in scenarios) * len(seeds)


def play_all(
    scenarios: Sequence[Scenario], seeds: Sequence[int], *, kept: Kept, jobs: int, clock: Clock, told: Told
) -> tuple[Played, ...]:
    """Play everything that is not kept.

    Args:
        scenarios: Each with its variant applied.
        seeds: The same for all.
        kept: Where records come from and go to.
        jobs: Processes; 1 plays in this one.
        clock: As ``time.process_time``.
        told: Called after each play.
    """
    played = tuple(Played(scenario, tuple(seeds), {seed: {} for seed in seeds}) for scenario in scenarios)
    first = [(one, seed, task) for one in played for seed in seeds for task in benchmarks()]
    then = [(one, seed, task) for one in played for seed in seeds for task in others(one.scenario)]
    for wave in (first, then):
        wanted = []
        for one, seed, task in wave:
            record = kept.get(one.scenario, seed, task)
            if record is None:
                wanted.append((one, seed, task))
            else:
                one.records[seed][task] = record
                told(f"{one.scenario.name}, seed {seed}: {task}")
        for number, record in _side_by_side(wanted, kept, jobs, clock):
            one, seed, task = wanted[number]
            one.records[seed][task] = record
            told(f"{one.scenario.name}, seed {seed}: {task}")
    return played


_Work = tuple[Played, int, Task]


def _side_by_side(work: Sequence[_Work], kept: Kept, jobs: int, clock: Clock) -> Iterator[tuple[int, Record]]:
    """(number of the work, its record), as they are finished."""
    calls = (
        delayed(_one)(number, one.scenario, seed, task, Given(_known(one, seed), clock), kept)
        for number, (one, seed, task) in enumerate(work)
    )
    if work:
        yield from Parallel(n_jobs=jobs, return_as="generator_unordered", batch_size=1)(calls)


def _known(one: Played, seed: int) -> dict[Kind, Record]:
    """What others are compared with; empty while these are played themselves."""
    here = one.records[seed]
    return {kind: here[Task(kind)] for kind in BENCHMARKS if Task(kind) in here}


def _one(
    number: int, scenario: Scenario, seed: int, task: Task, given: Given, kept: Kept
) -> tuple[int, Record]:
    try:
        record = perform(scenario, seed, task, given)
    except GamedayError as error:
        where = f"{scenario.name}, variant {scenario.variant}, seed {seed}, {task}: {error.where}"
        raise GamedayError(where, expected=error.expected, got=error.got, todo=error.todo) from error
    kept.put(scenario, seed, task, record)
    return number, record
