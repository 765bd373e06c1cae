"""From a defect that slipped to the release that the production simulator runs: an entry of a timeline.

The record of releases is the contract between the two: what is written here is what a scenario's ``timeline``
holds, a ``release`` of an image with the ``model`` of the version, so that a rollback takes back exactly it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from simulator.errors import GamedayError
from simulator.pipeline.changes import Defect
from simulator.pipeline.physics import DefectKind, Target
from simulator.pipeline.records import Deployment
from simulator.scenario.timeline import TimelineEntry
from simulator.streams import Stream

Plain = dict[str, Any]
_WORDS: Final[dict[DefectKind, str]] = {
    "type-error": "a value of the wrong kind where nobody looked",
    "failing-unit": "a case that the tests did not have",
    "vulnerable-dependency": "a newer library",
    "leaked-secret": "a settings file",
    "slow-query": "one more lookup",
    "leak": "a pool of connections",
    "bad-migration": "a new column",
}


def version_model(defects: Sequence[Defect], target: Target) -> Plain:
    """How a version with these defects behaves, as a timeline's ``model``; how bad is drawn by defect.

    Args:
        defects: That the release brings.
        target: Whose route they hurt.
    """
    model: Plain = {}
    route: Plain = {}
    for defect in defects:
        size = Stream(defect.key, "pipeline/severity").uniform(0)
        if defect.kind == "type-error":
            model["crash"] = {"after": "2s", "exitCode": 1, "log": "TypeError: undefined is not a function"}
        elif defect.kind == "failing-unit":
            route["errorRate"] = round(0.05 + 0.4 * size, 3)
        elif defect.kind == "slow-query":
            mean = round(300 + 900 * size)
            route["serviceTime"] = {"mean": f"{mean}ms", "p99": f"{3 * mean}ms"}
        elif defect.kind == "leak":
            model["requestsPerLeakedConnection"] = round(300 + 1500 * size)
        elif defect.kind == "bad-migration" and target.schema_ is None:
            route["errorRate"] = max(route.get("errorRate", 0.0), round(0.5 + 0.5 * size, 3))
    if route:
        model["routes"] = [{"name": target.route, **route}]
    return model


def timeline_entry(deployment: Deployment, target: Target, at: str = "12m") -> Plain:
    """A deployment as an entry of a scenario's timeline, as plain data that YAML writes.

    Args:
        deployment: What reached production.
        target: What it changes there.
        at: When, in the scenario's time.

    Raises:
        GamedayError: The target names no workload; ``model.target`` says which.
    """
    owner = "deployment" if target.deployment is not None else "rollout"
    name = target.deployment or target.rollout
    if name is None:
        raise GamedayError(
            "model.target",
            expected="the deployment or rollout that a release changes",
            got="neither",
            todo="Add it to pipeline.yaml, as in target: {deployment: checkout}.",
        )
    change = deployment.changes[-1] if deployment.changes else deployment.run.change
    words = [_WORDS[defect.kind] for defect in deployment.slipped] or ["small things"]
    release: Plain = {
        owner: name,
        "image": f"{target.image}:c{change.number}",
        "cause": f"{target.image} c{change.number}: {', '.join(dict.fromkeys(words))}",
        "commit": f"{change.key:016x}"[:7],
    }
    if target.container is not None:
        release["container"] = target.container
    if target.schema_ is not None and any(defect.kind == "bad-migration" for defect in deployment.slipped):
        release["migration"] = {"schema": target.schema_, "version": target.migration}
    entry: Plain = {"at": at, "release": release}
    model = version_model(deployment.slipped, target)
    if model:
        entry["model"] = model
    checked(entry)
    return entry


def checked(entry: Plain) -> TimelineEntry:
    """The entry as the scenario layer reads it; it refuses what no scenario may hold."""
    return TimelineEntry.model_validate(_tuples(entry))


def _tuples(value: Any) -> Any:
    """Lists as the strict models want them."""
    if isinstance(value, dict):
        return {key: _tuples(each) for key, each in value.items()}
    return tuple(_tuples(each) for each in value) if isinstance(value, list) else value
