"""One play of a proof, from its task to its record.

A play is *decided*, and is left, once nothing that may still come can change what is asked of it:

- a wrong path, once all its lines are typed, what it has spent keeps it under its ceiling (budget that is
  spent never comes back, so an outcome only falls), and the signal that should look right has had its minute,
  or a quarter of an hour in vain;
- a run that lacks an entry of the timeline, once it differs visibly from the run that has it;
- a degenerate play, a while after the page: it is compared with doing nothing *by the same instant*.

All other plays run to their end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from simulator.authoring.plays.calibration import Clock, timed
from simulator.authoring.plays.improving import Improvement
from simulator.authoring.plays.panels import moved, panels
from simulator.authoring.plays.record import SPENT_EVERY, Calm, Objective, Record
from simulator.authoring.plays.task import Kind, Task
from simulator.authoring.plays.witness import Witness, judged
from simulator.authoring.plays.worlds import healthy, without
from simulator.coach import Coach
from simulator.drill import Act, Run, outcome_between, play_acts, result_of
from simulator.drill.observing import resolved
from simulator.errors import GamedayError
from simulator.scenario import Scenario
from simulator.scenario.sealed import Play, WrongPath
from simulator.units import MINUTE, SECOND, seconds

#: How long an entry of the timeline may take until it shows, at most; and how often it is looked for.
SLOWEST: Final = 30 * MINUTE
_LOOK: Final = 2 * MINUTE
#: How often a wrong path is asked whether it is decided.
_STEP: Final = 30 * SECOND


@dataclass(frozen=True, slots=True)
class Given:
    """What a play needs beside its scenario.

    Attributes:
        records: Of ``nothing`` and ``reference`` on the same seed; empty while these are played themselves.
        clock: Tells the CPU seconds of a process.
    """

    records: Mapping[Kind, Record]
    clock: Clock


class Cast:
    """A run with its coach and its witness, and the lines that were refused."""

    def __init__(self, scenario: Scenario, seed: int) -> None:
        self.run = Run(scenario, seed, mode="game-day")
        self.coach = Coach(self.run)
        self.witness = Witness(self.run, self.coach)
        self.refused: list[str] = []

    def type(self, plays: Sequence[Play], actor: str) -> None:
        """Type each line at its time, or as soon as the line before is done."""
        for step in plays:
            self.run.advance(step.at)
            try:
                line = resolved(self.run, step.run)
            except GamedayError as error:
                self.refused.append(str(error))
                continue
            answer = self.run.apply(Act(self.run.now, line, actor))
            if not answer.ok:
                told = answer.text.strip().splitlines()
                self.refused.append(f"{line}: {told[0] if told else 'refused'}")

    def record(self, *, watched: bool = False) -> Record:
        """What has become of it up to now.

        Args:
            watched: Keep the panels too.
        """
        run, case = self.run, self.coach.case
        page = run.pager.first
        calm = result_of(run).mitigated_at
        return Record(
            digest=run.digest,
            until=seconds(run.now),
            paged_at=None if run.first_page_at is None else seconds(run.first_page_at),
            paged_slo=page.slo if page is not None else "",
            spent=_spent(run),
            objectives=tuple(_objectives(run)),
            checks=judged(run, self.coach),
            checks_at_call=self.witness.at_call,
            checks_when_lucky=self.witness.when_lucky,
            calms=tuple(
                Calm(seconds(each.start), None if each.end is None else seconds(each.end))
                for each in case.calms
            ),
            mitigated_at=calm,
            refused=tuple(self.refused),
            typed=len(run.acts),
            panels=panels(run) if watched else {},
        )


def _spent(run: Run) -> tuple[float, ...]:
    instants = [*range(0, run.now, SPENT_EVERY * SECOND), run.now]
    rows = [slo.spent_in_drill(at) for slo in run.slos.values() for at in instants]
    table = np.array(rows).reshape(len(run.slos), len(instants))
    return tuple(table.max(axis=0).tolist())


def _objectives(run: Run) -> list[Objective]:
    found = []
    for name, slo in run.slos.items():
        bad, total = slo.units.between(0, run.now)
        ratio = bad / total if total else None
        found.append(Objective(name, ratio, float(slo.objective.allowance), slo.spent_in_drill(run.now)))
    return found


# --- the plays ------------------------------------------------------------------------------------


def perform(scenario: Scenario, seed: int, task: Task, given: Given) -> Record:
    """Play.

    Args:
        scenario: With its variant applied.
        seed: Of the run.
        task: What is played.
        given: What others are compared with, and a clock.
    """
    return _PLAYS[task.kind](scenario, seed, task.name, given)


def _nothing(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    cast = Cast(scenario, seed)
    cast.run.finish()
    return cast.record(watched=True)


def _healthy(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    cast = Cast(healthy(scenario), seed)
    cast.run.finish()
    return cast.record()


def _reference(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    cast = Cast(scenario, seed)
    cast.type(scenario.reference, "reference")
    cast.run.finish()
    return cast.record()


def _replay(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    first = Cast(scenario, seed)
    first.type(scenario.reference, "reference")
    runs: list[Run] = []

    def again() -> None:
        run = Run(scenario, seed, mode="game-day")
        play_acts(run, first.run.acts)
        run.finish()
        runs.append(run)

    cost = timed(again, given.clock)
    return Record(
        digest=runs[0].digest,
        until=seconds(runs[0].now),
        cpu_seconds=round(cost.seconds, 3),
        cpu_ratio=round(cost.ratio, 2),
    )


def _wrong(scenario: Scenario, seed: int, name: str, given: Given) -> Record:
    path = next(each for each in scenario.wrong_paths if each.name == name)
    cast = Cast(scenario, seed)
    cast.type(path.plays, name)
    watch = Improvement(cast.run, path.looks_right.signal) if path.looks_right else None
    while not cast.run.ended:
        if _is_decided(cast.run, path, watch, given):
            break
        cast.run.advance(cast.run.now + _STEP)
    record = cast.record()
    if watch is None:
        return record
    return replace(record, improved_seconds=watch.best_seconds, improved=watch.words)


def _is_decided(run: Run, path: WrongPath, watch: Improvement | None, given: Given) -> bool:
    """Whether nothing that may still come lifts a wrong path over its ceiling, nor its signal matters."""
    spent = max(slo.spent_in_drill(run.now) for slo in run.slos.values())
    best = outcome_between(spent, given.records["nothing"].budget, given.records["reference"].budget)
    return best <= path.ceiling and (watch is None or watch.decided)


def _without(scenario: Scenario, seed: int, name: str, given: Given) -> Record:
    since = scenario.timeline[int(name)].at
    run = Run(without(scenario, int(name)), seed, mode="game-day")
    # Long enough to see what it does to users once somebody is called, however soon it shows.
    called = given.records["nothing"].paged_at
    least = max(since, 0 if called is None else round(called * SECOND)) + 3 * MINUTE
    run.advance(min(since + _LOOK, run.duration))
    shown = panels(run)
    while not run.ended and run.now < since + SLOWEST:
        found = moved(shown, given.records["nothing"].panels, since // MINUTE, run.now // MINUTE)
        if found and run.now >= least:
            break
        run.advance(run.now + _LOOK)
        shown = panels(run)
    return Record(until=seconds(run.now), spent=_spent(run), panels=shown)


_PLAYS: Final[Mapping[Kind, Callable[[Scenario, int, str, Given], Record]]] = {
    "nothing": _nothing,
    "reference": _reference,
    "healthy": _healthy,
    "replay": _replay,
    "wrong": _wrong,
    "without": _without,
}
