"""Which of the possible nodes is best: kube-scheduler's scores, from 0 to 100 each, weighted and added.

Source: kubernetes/kubernetes pkg/scheduler/framework/plugins, weights of the default profile: taints 3,
spread 2, affinity 2, least allocated 1, balanced 1. Without constraints of its own a pod is spread over nodes
and zones among its like (the plugin's system defaults). Where the real scheduler draws among equals, the
first in the list is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Final

from simulator.engine.nodes.occupancy import Occupancy, assumed_bytes, assumed_millicores
from simulator.world import Node, Pod
from simulator.world.placement import HOSTNAME_LABEL, ZONE_LABEL, TopologySpread

_FULL: Final = 100
_TAINTS, _SPREAD, _AFFINITY = 3, 2, 2
#: The plugin's ``systemDefaultConstraints``: (topology, maxSkew), both ``ScheduleAnyway``.
_DEFAULTS: Final = ((HOSTNAME_LABEL, 3), (ZONE_LABEL, 5))


def best(pod: Pod, nodes: Sequence[Node], every: Sequence[Node], occupancy: Occupancy) -> Node:
    """The node with the highest score; of equal ones the first.

    Args:
        pod: Not yet bound.
        nodes: That can take it.
        every: All nodes; who stands on them counts in its zone.
        occupancy: What stands where.
    """
    if len(nodes) == 1:
        return nodes[0]
    totals = _room(pod, nodes, occupancy)
    for weight, scores in (
        (_TAINTS, _taints(pod, nodes)),
        (_SPREAD, _spread(pod, nodes, every, occupancy)),
        (_AFFINITY, _apart(pod, nodes, every, occupancy)),
    ):
        if scores is not None:
            totals = [total + weight * score for total, score in zip(totals, scores, strict=True)]
    return nodes[max(range(len(nodes)), key=lambda place: (totals[place], -place))]


def _room(pod: Pod, nodes: Sequence[Node], occupancy: Occupancy) -> list[int]:
    """Least allocated and balanced allocation together."""
    cpu, memory = assumed_millicores(pod), assumed_bytes(pod)
    scores = []
    for node in nodes:
        load, spec = occupancy.load(node), node.spec
        wanted_cpu, wanted_memory = load.assumed_millicores + cpu, load.assumed_bytes + memory
        free = max(0, spec.cpu_millicores - wanted_cpu) * _FULL // spec.cpu_millicores
        free += max(0, spec.memory_bytes - wanted_memory) * _FULL // spec.memory_bytes
        # The standard deviation of two shares is half their distance.
        shares = (min(1.0, wanted_cpu / spec.cpu_millicores), min(1.0, wanted_memory / spec.memory_bytes))
        scores.append(free // 2 + int((1 - abs(shares[0] - shares[1]) / 2) * _FULL))
    return scores


def _taints(pod: Pod, nodes: Sequence[Node]) -> list[int] | None:
    """Fewer ``PreferNoSchedule`` taints that are not tolerated; None where there are none."""
    placement = pod.spec.placement
    counts = [
        sum(t.effect == "PreferNoSchedule" and not placement.tolerates(t) for t in node.spec.taints)
        for node in nodes
    ]
    most = max(counts)
    return [_FULL - _FULL * count // most for count in counts] if most else None


def _spread(pod: Pod, nodes: Sequence[Node], every: Sequence[Node], occupancy: Occupancy) -> list[int] | None:
    declared = pod.spec.placement.spread
    soft = [each for each in declared if each.when_unsatisfiable == "ScheduleAnyway"]
    if not declared:
        soft = [TopologySpread(skew, key, "ScheduleAnyway", pod.meta.labels) for key, skew in _DEFAULTS]
    if not soft:
        return None
    raw = [0.0] * len(nodes)
    for constraint in soft:
        counts = _by_domain(constraint, pod, every, occupancy)
        weight = log(len({node.meta.labels.get(constraint.topology_key) for node in nodes}) + 2)
        for place, node in enumerate(nodes):
            count = counts[node.meta.labels.get(constraint.topology_key, "")]
            raw[place] += count * weight + (constraint.max_skew - 1)
    rounded = [int(value + 0.5) for value in raw]
    most, least = max(rounded), min(rounded)
    return [_FULL * (most + least - score) // most for score in rounded] if most else None


def _by_domain(
    constraint: TopologySpread, pod: Pod, nodes: Sequence[Node], occupancy: Occupancy
) -> dict[str, int]:
    matching = occupancy.matching(pod.meta.namespace, constraint.selector)
    counts: dict[str, int] = {}
    for node in nodes:
        domain = node.meta.labels.get(constraint.topology_key, "")
        counts[domain] = counts.get(domain, 0) + matching.get(node.meta.name, 0)
    return counts


def _apart(pod: Pod, nodes: Sequence[Node], every: Sequence[Node], occupancy: Occupancy) -> list[int] | None:
    """Preferred anti-affinity: the weight of each pod to keep away from counts against its domain."""
    terms = [term for term in pod.spec.placement.anti_affinity if term.weight is not None]
    if not terms:
        return None
    raw = [0] * len(nodes)
    for term in terms:
        spread = TopologySpread(1, term.topology_key, "ScheduleAnyway", term.selector)
        counts = _by_domain(spread, pod, every, occupancy)
        for place, node in enumerate(nodes):
            raw[place] -= (term.weight or 0) * counts[node.meta.labels.get(term.topology_key, "")]
    most, least = max(raw), min(raw)
    return [_FULL * (score - least) // (most - least) for score in raw] if most != least else None
