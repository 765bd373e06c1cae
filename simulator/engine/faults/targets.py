"""Whom a fault hits, as Chaos Mesh's selector and mode say."""

from __future__ import annotations

from collections.abc import Sequence

from simulator.engine.delays import instance_key
from simulator.scenario.document import Scenario
from simulator.scenario.faults import Chaos, ChaosSelector
from simulator.streams import Stream
from simulator.world import Cluster, Pod, matches


def chosen_pods(cluster: Cluster, chaos: Chaos, luck: Stream, number: int) -> list[Pod]:
    """The ready pods that a fault hits: the matching ones with the smallest draws, so many as its mode says.

    The draw hangs on the fault's number and the pod alone, so that a pod is hit or spared however many others
    there are.
    """
    wanted = chaos.selector.label_selectors
    ready = [
        pod for pod in cluster.pods if matches(wanted, pod.meta.labels) and pod.ready and not pod.terminating
    ]
    ready.sort(key=lambda pod: luck.bits(number, instance_key(pod)))
    return ready[: _how_many(chaos, len(ready))]


def _how_many(chaos: Chaos, matching: int) -> int:
    """Chaos Mesh rounds a fixed percentage down, as its ``GetFixedSubListFromPodList`` does."""
    value = int(chaos.value or 0)
    return {"one": 1, "all": matching, "fixed": value, "fixed-percent": matching * value // 100}[chaos.mode]


def chosen_workloads(scenario: Scenario, selector: ChaosSelector) -> list[str]:
    """The workloads whose pods a selector matches, in the order of the scenario."""
    wanted = selector.label_selectors
    return [item.name for item in scenario.spec.workloads if matches(wanted, item.pod_labels)]


def chosen_services(scenario: Scenario, services: dict[str, str], selector: ChaosSelector) -> Sequence[str]:
    """The Services before the workloads that a selector matches."""
    return [services[name] for name in chosen_workloads(scenario, selector)]
