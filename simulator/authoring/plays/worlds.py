"""The scenario with its timeline bent: nothing happens, all but one thing happens, it is over sooner.

An entry that shall not happen is moved behind the end of the drill and not taken out: the faults after it
keep their numbers, and with them their luck.
"""

from __future__ import annotations

from simulator.scenario import Scenario
from simulator.scenario.timeline import TimelineEntry
from simulator.units import HOUR


def healthy(scenario: Scenario) -> Scenario:
    """The scenario in which nothing happens."""
    return _with_timeline(scenario, tuple(_never(scenario, entry) for entry in scenario.timeline))


def without(scenario: Scenario, index: int) -> Scenario:
    """The scenario in which all happens but the entry of this number, from 0."""
    entries = list(scenario.timeline)
    entries[index] = _never(scenario, entries[index])
    return _with_timeline(scenario, tuple(entries))


def shortened(scenario: Scenario, duration: int) -> Scenario:
    """The scenario that is over after ``duration`` ns, if it is not over before."""
    spec = scenario.spec.model_copy(update={"duration": min(duration, scenario.spec.duration)})
    return scenario.model_copy(update={"spec": spec})


def _with_timeline(scenario: Scenario, timeline: tuple[TimelineEntry, ...]) -> Scenario:
    return scenario.model_copy(update={"timeline": timeline})


def _never(scenario: Scenario, entry: TimelineEntry) -> TimelineEntry:
    return entry.model_copy(update={"at": scenario.spec.duration + HOUR})
