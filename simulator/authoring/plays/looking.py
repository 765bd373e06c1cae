"""Plays of a proof in which nobody does anything but look."""

from __future__ import annotations

from math import isfinite
from typing import Final

from simulator.authoring.plays.given import Given, spent
from simulator.authoring.plays.panels import grouped, moved, panels
from simulator.authoring.plays.record import Record
from simulator.authoring.plays.worlds import without
from simulator.drill import Run
from simulator.scenario import Scenario
from simulator.scenario.suspects import Tell
from simulator.telemetry.promql import query
from simulator.units import MINUTE, SECOND, seconds

#: How long an entry of the timeline may take until it shows, at most; and how often it is looked for.
SLOWEST: Final = 30 * MINUTE
_LOOK: Final = 2 * MINUTE
#: Other users and other luck, for what an observation varies by itself.
_OTHER_SEED: Final = 1_000_003
#: What is read by habit when the pager rings; lines for one workload follow for each.
_HABITS: Final = (
    "channel",
    "page",
    "alerts",
    "kubectl get pods",
    "kubectl get events",
    "kubectl get deployments -o wide",
    "kubectl get nodes",
    "kubectl get configmaps",
    "flag list",
    "git log",
)


def without_entry(scenario: Scenario, seed: int, name: str, given: Given) -> Record:
    """Doing nothing where all but one entry of the timeline happens, until the difference shows."""
    nothing, since = given.records["nothing"], scenario.timeline[int(name)].at
    run = Run(without(scenario, int(name)), seed, mode="game-day")
    # Long enough to see what it does to users once somebody is called, however soon it shows.
    called = 0 if nothing.paged_at is None else round(nothing.paged_at * SECOND)
    least = max(since, called) + 3 * MINUTE
    run.advance(since + _LOOK)
    shown = panels(run)
    while not run.ended and run.now < max(least, since + SLOWEST):
        if run.now >= least and moved(shown, nothing.panels, since // MINUTE, run.now // MINUTE):
            break
        run.advance(run.now + _LOOK)
        shown = panels(run)
    return Record(until=seconds(run.now), spent=spent(run), panels=shown)


def tell(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    """A decoy's observation in the scenario as it is."""
    return _observed(scenario, seed, _tell_of(scenario, name))


def tell_of_others(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    """The same with other users and other luck: what it varies by itself."""
    return _observed(scenario, seed + _OTHER_SEED, _tell_of(scenario, name))


def tell_of_guilty(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    """The same in the world in which the decoy is the cause."""
    decoy = next(each for each in scenario.decoys if each.name == name)
    return _observed(scenario.with_guilty(decoy), seed, decoy.tell)


def screen(scenario: Scenario, seed: int, name: str, given: Given) -> Record:  # noqa: ARG001 - as all
    """What everybody reads when they are called, all of it as one text."""
    paged = given.records["nothing"].paged_at
    last = max((entry.at for entry in scenario.timeline), default=0) + MINUTE
    run = Run(scenario, seed, mode="game-day")
    run.advance(last if paged is None else round(paged * SECOND) + SECOND)
    lines = list(_HABITS)
    for workload in scenario.spec.workloads:
        lines.append(f"kubectl describe {workload.kind.lower()} {workload.name}")
        lines.append(f"kubectl logs {workload.kind.lower()}/{workload.name} --tail=40")
    answers = [run.do(line) for line in lines]
    shown = [f"$ {answer.line}\n{answer.text}" for answer in answers if answer.ok]
    return Record(until=seconds(run.now), answer="\n".join(shown))


def _tell_of(scenario: Scenario, name: str) -> Tell:
    return next(each for each in scenario.decoys if each.name == name).tell


def _observed(scenario: Scenario, seed: int, asked: Tell) -> Record:
    run = Run(scenario, seed, mode="game-day")
    run.advance(asked.at)
    if asked.promql is None:
        answer = run.do(asked.line)
        refused = () if answer.ok else (f"{asked.line}: {answer.text.strip()}",)
        return Record(until=seconds(run.now), answer=answer.text, refused=refused)
    source = run.telemetry.source
    found = query(source, asked.promql, run.now + source.epoch)
    series: dict[str, float] = {}
    for element in found.elements:
        if isfinite(element.value):
            place = grouped(dict(element.labels))
            series[place] = series.get(place, 0.0) + element.value
    return Record(until=seconds(run.now), series=series)
