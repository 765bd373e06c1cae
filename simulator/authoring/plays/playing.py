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
from dataclasses import replace
from typing import Final

from simulator.authoring.plays import looking
from simulator.authoring.plays.calibration import timed
from simulator.authoring.plays.given import Given, spent
from simulator.authoring.plays.improving import Improvement
from simulator.authoring.plays.panels import panels
from simulator.authoring.plays.record import Calm, Objective, Record
from simulator.authoring.plays.task import Kind, Task
from simulator.authoring.plays.witness import Witness, judged
from simulator.authoring.plays.worlds import healthy, shortened
from simulator.coach import Coach
from simulator.drill import Act, Run, outcome_between, play_acts, play_run
from simulator.drill.degenerate import AT_THE_LATEST
from simulator.drill.observing import resolved
from simulator.errors import GamedayError
from simulator.scenario import Scenario
from simulator.scenario.sealed import Play, WrongPath
from simulator.units import MINUTE, SECOND, seconds

#: Degenerate plays go on for so long after the page.
SHORT: Final = 12 * MINUTE
#: How often a wrong path is asked whether it is decided.
_STEP: Final = 30 * SECOND


class Cast:
    """A run with its coach and its witness, and the lines that were refused.

    Args:
        run: Before its first act.
        coached: Without a coach nobody judges; he costs a tenth of the run.
    """

    def __init__(self, run: Run, *, coached: bool = True) -> None:
        self.run = run
        self._coach = Coach(run) if coached else None
        self._witness = Witness(run, self._coach) if self._coach is not None else None
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
        run, page = self.run, self.run.pager.first
        record = Record(
            digest=run.digest if run.looked_at else "",
            until=seconds(run.now),
            paged_at=None if run.first_page_at is None else seconds(run.first_page_at),
            paged_slo=page.slo if page is not None else "",
            spent=spent(run),
            objectives=tuple(_objectives(run)),
            refused=tuple(self.refused),
            acts=tuple((act.at, act.line, act.actor) for act in run.acts),
            panels=panels(run) if watched else {},
        )
        if self._coach is None or self._witness is None:
            return record
        return replace(
            record,
            checks=judged(run, self._coach),
            checks_at_call=self._witness.at_call,
            checks_when_lucky=self._witness.when_lucky,
            calms=tuple(
                Calm(seconds(each.start), None if each.end is None else seconds(each.end))
                for each in self._coach.case.calms
            ),
        )


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
    cast = Cast(Run(scenario, seed, mode="game-day"))
    cast.run.finish()
    return cast.record(watched=True)


def _healthy(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    cast = Cast(Run(healthy(scenario), seed, mode="game-day", looked_at=False), coached=False)
    cast.run.finish()
    return cast.record()


def _reference(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    cast = Cast(Run(scenario, seed, mode="game-day"))
    cast.type(scenario.reference, "reference")
    cast.run.finish()
    return cast.record()


def _replay(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all  # noqa: ARG001 - as all
    acts = [Act(at, line, actor) for at, line, actor in given.records["reference"].acts]
    runs: list[Run] = []

    def again() -> None:
        run = Run(scenario, seed, mode="game-day")
        play_acts(run, acts)
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
    # Only where doing nothing is best are its checks asked; a signal, or the worst pod, must be looked at.
    looked_at = scenario.noop or path.looks_right is not None or any("{" in step.run for step in path.plays)
    run = Run(scenario, seed, mode="game-day", looked_at=looked_at)
    cast = Cast(run, coached=scenario.noop)
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


def _alternative(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    cast = Cast(Run(scenario, seed, mode="game-day"))
    cast.type(next(each for each in scenario.alternatives if each.name == name).plays, name)
    cast.run.finish()
    return cast.record()


def _degenerate(scenario: Scenario, seed: int, name: str, given: Given) -> Record:
    paged = given.records["nothing"].paged_at
    called = AT_THE_LATEST if paged is None else round(paged * SECOND)
    cast: list[Cast] = []
    short = shortened(scenario, called + SHORT)
    play_run(short, seed, player=name, attach=lambda run: cast.append(Cast(run)))
    return cast[0].record()


_PLAYS: Final[Mapping[Kind, Callable[[Scenario, int, str, Given], Record]]] = {
    "nothing": _nothing,
    "reference": _reference,
    "healthy": _healthy,
    "replay": _replay,
    "alternative": _alternative,
    "wrong": _wrong,
    "degenerate": _degenerate,
    "without": looking.without_entry,
    "tell": looking.tell,
    "otherwise": looking.tell_of_others,
    "guilty": looking.tell_of_guilty,
    "screen": looking.screen,
}
