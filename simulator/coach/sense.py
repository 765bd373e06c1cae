"""Whether what the author wrote for the coach means something: queries, objects, jsonpaths, signals, stories.

The loader sees to the shape of a file; here is seen to what only PromQL, the cluster and the coach can tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from simulator.coach.stories import STORIES
from simulator.drill.console.objects.jsonpath import JsonPathError, bare, found_at
from simulator.errors import Problem, QueryError
from simulator.scenario import Scenario
from simulator.scenario.conditions import StateCondition
from simulator.scenario.problems import Location, nearest
from simulator.telemetry.promql import parse
from simulator.telemetry.promql.expressions import Range, Subquery, Text
from simulator.world import KubernetesError
from simulator.world.kinds import Kind, kind_named


def problems(scenario: Scenario) -> list[Problem]:
    """What in the coach's part of a scenario means nothing, each with the line where it was written."""
    return [*_story(scenario), *_signals(scenario), *(each for one in _checks(scenario) for each in one)]


def _story(scenario: Scenario) -> Iterator[Problem]:
    tied, known = scenario.coach.story, [story.id for story in STORIES]
    if tied is not None and tied not in known:
        yield scenario.problem(
            ("coach", "story"),
            expected="the id of a war story",
            got=repr(tied),
            todo=_did_you_mean(tied, known),
        )


def _signals(scenario: Scenario) -> Iterator[Problem]:
    """A signal of a service that is not there would never be known."""
    services = [service.name for service in scenario.spec.services]
    workloads = [workload.name for workload in scenario.spec.workloads]
    cited: list[tuple[Location, str]] = [
        (("coach", "acts", index, "signal"), act.signal) for index, act in enumerate(scenario.coach.acts)
    ]
    for index, path in enumerate(scenario.wrong_paths):
        if path.looks_right is not None:
            cited.append((("wrongPaths", index, "looksRight", "signal"), path.looks_right.signal))
    for location, signal in cited:
        kind, _, name = signal.partition(":")
        known = workloads if kind == "ready" else [*services, *workloads]
        if name and name not in known:
            yield scenario.problem(
                location,
                expected="a signal of a service of this system",
                got=repr(signal),
                todo=_did_you_mean(name, known),
            )


def _checks(scenario: Scenario) -> Iterator[list[Problem]]:
    for index, check in enumerate(scenario.checks):
        if check.promql is not None:
            yield _query(scenario, ("checks", index, "promql", "query"), check.promql.query)
        if check.state is not None:
            yield _state(scenario, ("checks", index, "state"), check.state)


def _query(scenario: Scenario, location: Location, text: str) -> list[Problem]:
    try:
        expression = parse(text)
    except QueryError as error:
        return [scenario.problem(location, expected=error.expected, got=error.got, todo=error.todo)]
    if isinstance(expression, Range | Subquery | Text):
        return [
            scenario.problem(
                location,
                expected="a vector or a number at each instant",
                got="a range" if not isinstance(expression, Text) else "a text",
                todo="Put a function around it, such as rate(…) or max_over_time(…).",
            )
        ]
    return []


def _state(scenario: Scenario, location: Location, asked: StateCondition) -> list[Problem]:
    kind, _, name = asked.object.partition("/")
    try:
        found = kind_named(kind)
    except KubernetesError as error:
        place = (*location, "object")
        return [scenario.problem(place, expected=error.expected, got=error.got, todo=error.todo)]
    known = _declared(scenario, found)
    if known is not None and name not in known:
        return [
            scenario.problem(
                (*location, "object"),
                expected=f"a {found.singular} of this scenario",
                got=repr(name),
                todo=_did_you_mean(name, known),
            )
        ]
    try:
        found_at({}, bare(asked.jsonpath))
    except JsonPathError:
        return [
            scenario.problem(
                (*location, "jsonpath"),
                expected="one path such as {.spec.replicas}",
                got=repr(asked.jsonpath)[:80],
                todo="Try it with kubectl get -o jsonpath in the drill.",
            )
        ]
    return []


def _declared(scenario: Scenario, kind: Kind) -> list[str] | None:
    """The names that a scenario gives to objects of a kind; None for kinds that the run itself names."""
    spec = scenario.spec
    named: dict[str, Sequence[str]] = {
        "deployments": [item.name for item in spec.workloads if item.kind == "Deployment"],
        "rollouts": [item.name for item in spec.workloads if item.kind == "Rollout"],
        "services": [item.name for item in spec.services],
        "configmaps": [item.name for item in spec.config_maps],
        "secrets": [item.name for item in spec.secrets],
        "cronjobs": [item.name for item in spec.cron_jobs],
        "horizontalpodautoscalers": [item.name for item in spec.autoscalers],
        "poddisruptionbudgets": [item.name for item in spec.pod_disruption_budgets],
        "nodes": [name for name, _ in spec.nodes.names],
    }
    return list(named[kind.plural]) if kind.plural in named else None


def _did_you_mean(word: str, known: Sequence[str]) -> str:
    close = nearest(word, known)
    return f"Did you mean {close!r}?" if close else f"There are {', '.join(known) or 'none'}."
