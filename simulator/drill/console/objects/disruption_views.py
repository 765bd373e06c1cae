"""PodDisruptionBudgets on the console: their row, their description, their manifest."""

from __future__ import annotations

from simulator.drill.console.kubectl.columns import age, pairs
from simulator.drill.console.objects.descriptions import annotation_lines, pairs_lines
from simulator.drill.console.objects.manifests import conditions_tree, kept
from simulator.drill.console.objects.views import Row, Tree, columns, describes, writes
from simulator.world import Cluster
from simulator.world.disruption import DisruptionBudget
from simulator.world.workloads import IntOrPercent


def _amount(value: IntOrPercent | None) -> str:
    return "N/A" if value is None else str(value)


@columns(
    DisruptionBudget,
    ("NAME", "MIN AVAILABLE", "MAX UNAVAILABLE", "ALLOWED DISRUPTIONS", "AGE"),
)
def _row(item: DisruptionBudget, now: int) -> Row:
    cells = (
        item.meta.name,
        _amount(item.spec.min_available),
        _amount(item.spec.max_unavailable),
        str(item.status.disruptions_allowed),
        age(item.meta.created_at, now),
    )
    return Row(cells, cells)


@describes(DisruptionBudget)
def _describe(item: DisruptionBudget, _cluster: Cluster, _now: int) -> list[str]:
    spec, status = item.spec, item.status
    bound = (
        f"Max unavailable:\t{spec.max_unavailable}"
        if spec.max_unavailable is not None
        else f"Min available:\t{spec.min_available}"
    )
    return [
        f"Name:\t{item.meta.name}",
        f"Namespace:\t{item.meta.namespace}",
        *(pairs_lines("Labels", item.meta.labels) if item.meta.labels else []),
        *(annotation_lines(item.meta.annotations) if item.meta.annotations else []),
        bound,
        f"Selector:\t{pairs(spec.selector)}",
        "Status:",
        f"    Allowed disruptions:\t{status.disruptions_allowed}",
        f"    Current:\t{status.current_healthy}",
        f"    Desired:\t{status.desired_healthy}",
        f"    Total:\t{status.expected_pods}",
    ]


@writes(DisruptionBudget)
def _manifest(item: DisruptionBudget, cluster: Cluster) -> dict[str, Tree]:
    spec, status = item.spec, item.status
    return {
        "spec": kept(
            {
                "maxUnavailable": spec.max_unavailable,
                "minAvailable": spec.min_available,
                "selector": {"matchLabels": dict(spec.selector)},
            }
        ),
        "status": kept(
            {
                "conditions": conditions_tree(status.conditions, cluster),
                "currentHealthy": status.current_healthy,
                "desiredHealthy": status.desired_healthy,
                "disruptedPods": {name: cluster.timestamp(at) for name, at in status.disrupted.items()},
                "disruptionsAllowed": status.disruptions_allowed,
                "expectedPods": status.expected_pods,
                "observedGeneration": status.observed_generation,
            }
        ),
    }
