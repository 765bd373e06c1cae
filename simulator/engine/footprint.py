"""How large a scenario's requests may become, from what it declares, before any of them is sent."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from simulator.dataplane import DEFAULT_LIMIT, DataPlane, refuse_beyond
from simulator.scenario.document import Scenario
from simulator.scenario.workloads import Workload

#: Replacements of every pod by hand that a drill is given room for, beside its own releases.
_BY_HAND: Final = 4


def refuse_too_large(scenario: Scenario, dataplane: DataPlane, limit: int = DEFAULT_LIMIT) -> None:
    """Refuse a scenario whose requests may take more memory than a run is given.

    Args:
        scenario: Which.
        dataplane: With its services, versions and topics declared, and neither users nor pods yet.
        limit: Bytes.

    Raises:
        GamedayError: It may; the text says what takes most, why, and what to do.
    """
    pods = rows = waiting = 0
    for workload in scenario.spec.workloads:
        most = _most_replicas(scenario, workload)
        releases = sum(
            entry.image is not None and entry.image.workload == workload.name for entry in scenario.timeline
        )
        pods += most
        rows += most * (1 + releases + _BY_HAND)
        waiting += most * _room(scenario, workload)
    size = dataplane.memory_size(instances=rows, open_requests=waiting)
    size = replace(size, sources=len(scenario.spec.traffic))
    refuse_beyond(size, f"scenario {scenario.name}, with {pods:,} pods", limit)


def _most_replicas(scenario: Scenario, workload: Workload) -> int:
    """As many pods as an autoscaler may make of a workload, or as it declares."""
    bounds = [
        each.spec.max_replicas
        for each in scenario.spec.autoscalers
        if each.spec.scale_target_ref.name == workload.name
    ]
    return max([workload.spec.replicas, *bounds])


def _room(scenario: Scenario, workload: Workload) -> int:
    """Requests that one pod of a workload may have, running and queued, in its most spacious version."""
    model = workload.model
    versions = [
        entry.model
        for entry in scenario.timeline
        if entry.image is not None and entry.image.workload == workload.name
    ]
    workers = max([model.concurrency, *(each.concurrency or 0 for each in versions)])
    queued = max([model.queue_limit, *(each.queue_limit or 0 for each in versions)])
    return workers + queued
