"""What a scenario's author wrote for the coach, in the words of the rules: classes, ladders, checks."""

from __future__ import annotations

from simulator.coach.case import ActClass
from simulator.coach.checks import (
    AckedWithin,
    BudgetBelow,
    ChangesAtMost,
    Check,
    Condition,
    Did,
    HeldFor,
    Looked,
    Never,
    ServedWithin,
    ToldWithin,
)
from simulator.coach.example import ExampleStep
from simulator.coach.ladder import Ladder
from simulator.coach.signals import Signal
from simulator.drill.console import parse
from simulator.drill.costs import table_of_costs
from simulator.errors import GamedayError
from simulator.scenario import Scenario, sealed


def act_classes(scenario: Scenario) -> tuple[ActClass, ...]:
    """The classes of acts, in the file's order: the first match wins."""
    return tuple(
        ActClass(
            item.id, item.match, item.class_, item.why, Signal.parse(item.signal) if item.signal else None
        )
        for item in scenario.coach.acts
    )


def ladders(scenario: Scenario) -> tuple[Ladder, ...]:
    """The hint ladders, the default first."""
    return tuple(
        Ladder(name, (item.orient, item.principle, item.narrow, item.worked.say), item.worked.run)
        for name, item in scenario.coach.ladder.items()
    )


def example_steps(scenario: Scenario, namespace: str) -> tuple[ExampleStep, ...]:
    """The reference play, as a worked example has it."""
    costs = table_of_costs(scenario.spec.costs)
    found = []
    for play in scenario.reference:
        try:
            command = parse(play.run, costs=costs, namespace=namespace)
            found.append(ExampleStep(play.at, play.run, command.canonical, command.kind))
        except GamedayError:
            found.append(ExampleStep(play.at, play.run, "", "look"))
    return tuple(found)


def checks(scenario: Scenario) -> tuple[Check, ...]:
    """The checks, in the file's order."""
    return tuple(
        Check(
            item.id,
            item.family,
            _condition(item),
            item.weight,
            item.skill,
            item.gate,
            item.explain_pass,
            item.explain_fail,
        )
        for item in scenario.checks
    )


def tags(scenario: Scenario) -> frozenset[str]:
    """What to choose a story by: the one that is tied, else the skill and the misconception it is about."""
    if scenario.coach.story is not None:
        return frozenset({scenario.coach.story})
    labels = scenario.metadata.labels.get("skill", "").replace(",", " ").split()
    return frozenset(list(scenario.coach.ladder)[:1] or labels)


def _condition(item: sealed.Check) -> Condition:
    """The one condition that the loader made sure is there."""
    if item.looked:
        return Looked(item.looked, item.before)
    if item.did:
        return Did(item.did, item.before)
    if item.never:
        return Never(item.never)
    if item.told_within is not None:
        return ToldWithin(item.told_within)
    if item.acked_within is not None:
        return AckedWithin(item.acked_within)
    if item.served_within is not None:
        return ServedWithin(item.served_within)
    if item.changes_at_most is not None:
        return ChangesAtMost(item.changes_at_most)
    if item.budget_below is not None:
        return BudgetBelow(item.budget_below)
    asked = item.promql or item.state
    if asked is not None:
        return asked
    assert item.held_for is not None, "the loader admits exactly one condition"
    return HeldFor(item.held_for)
