"""From declared pools to nodes, and from declared placement to a pod's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from simulator.engine.nodes.lifecycle import healthy_conditions
from simulator.scenario import nodes as declared
from simulator.units import DAY
from simulator.world import Cluster, Node, NodeSpec, NodeStatus, ObjectMeta
from simulator.world.placement import (
    HOSTNAME_LABEL,
    ZONE_LABEL,
    AntiAffinity,
    Placement,
    Taint,
    Toleration,
    TopologySpread,
)

#: Age of the nodes.
_AGE: Final = 120 * DAY
POOL_LABEL: Final = "node.gameday/pool"


def build_nodes(cluster: Cluster, nodes: declared.Nodes) -> None:
    """Add the machines, pool by pool, in turn over the zones."""
    if not nodes.pools:
        for name, zone in nodes.names:
            _add(cluster, name, zone, nodes, {}, ())
        return
    for pool in nodes.pools:
        taints = tuple(Taint(each.key, each.value, each.effect) for each in pool.taints)
        for number in range(pool.count):
            zone = pool.zones[number % len(pool.zones)]
            labels = {POOL_LABEL: pool.name, **pool.labels}
            _add(cluster, f"{pool.name}-{number + 1}", zone, pool, labels, taints)


def _add(
    cluster: Cluster,
    name: str,
    zone: str,
    machine: declared.Machine,
    labels: Mapping[str, str],
    taints: Sequence[Taint],
) -> None:
    number = len(cluster.nodes)
    cluster.add(
        Node(
            meta=ObjectMeta(
                name,
                labels={HOSTNAME_LABEL: name, "kubernetes.io/os": "linux", ZONE_LABEL: zone, **labels},
                created_at=-_AGE,
            ),
            spec=NodeSpec(machine.cpu, machine.memory, machine.pods, taints=tuple(taints)),
            status=NodeStatus(f"10.0.{number // 200}.{10 + number % 200}", healthy_conditions(-_AGE)),
        )
    )


def placement_of(spec: declared.Placed) -> Placement:
    """Where a pod of this spec may run."""
    anti = spec.affinity.pod_anti_affinity
    return Placement(
        node_selector=dict(spec.node_selector),
        tolerations=tuple(
            Toleration(each.key, each.operator, each.value, each.effect or "", each.toleration_seconds)
            for each in spec.tolerations
        ),
        spread=tuple(
            TopologySpread(
                each.max_skew,
                each.topology_key,
                each.when_unsatisfiable,
                dict(each.label_selector.match_labels),
            )
            for each in spec.topology_spread_constraints
        ),
        anti_affinity=(
            *(_term(each, None) for each in anti.required_during_scheduling_ignored_during_execution),
            *(
                _term(each.pod_affinity_term, each.weight)
                for each in anti.preferred_during_scheduling_ignored_during_execution
            ),
        ),
    )


def _term(term: declared.PodAffinityTerm, weight: int | None) -> AntiAffinity:
    return AntiAffinity(term.topology_key, dict(term.label_selector.match_labels), weight)
