"""Disruption budgets: the controller that counts what may be evicted, and the eviction that asks it.

Sources: kubernetes/kubernetes pkg/controller/disruption/disruption.go and
pkg/registry/core/pod/storage/eviction.go.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from simulator.engine.environment import Environment
from simulator.engine.reconciler import Name, Reconciler
from simulator.scenario import disruption as declared
from simulator.world import Change, Cluster, KubernetesError, ObjectMeta, Pod, edits, matches, set_condition
from simulator.world.disruption import (
    DELETION_TIMEOUT,
    DisruptionBudget,
    DisruptionBudgetSpec,
    DisruptionBudgetStatus,
)
from simulator.world.kinds import kind_named
from simulator.world.scales import scalable, scale_of

_ENOUGH: Final = ("True", "SufficientPods")
_TOO_FEW: Final = ("False", "InsufficientPods")


def build_disruption_budget(cluster: Cluster, item: declared.DisruptionBudget) -> None:
    """Add a declared budget, as old as the oldest workload that it covers; they are there already."""
    wanted = dict(item.spec.selector.match_labels)
    ages = [each.meta.created_at for each in cluster.replica_sets if matches(wanted, each.meta.labels)]
    cluster.add(
        DisruptionBudget(
            ObjectMeta(
                item.name,
                cluster.namespace,
                labels=dict(item.metadata.labels),
                annotations=dict(item.metadata.annotations),
                created_at=min(ages, default=0),
            ),
            DisruptionBudgetSpec(wanted, item.spec.min_available, item.spec.max_unavailable),
        )
    )


def covering(cluster: Cluster, pod: Pod) -> list[DisruptionBudget]:
    """The budgets whose selector matches a pod."""
    return [
        budget
        for budget in cluster.table(DisruptionBudget)
        if budget.meta.namespace == pod.meta.namespace and matches(budget.spec.selector, pod.meta.labels)
    ]


@dataclass(slots=True)
class _Covered:
    """The pods that a budget covers, kept as they come and go.

    Attributes:
        healthy: Pod name to whether it is ready and not asked to end.
        owners: (kind, name) of the workload above each pod; empty for a pod on its own.
    """

    healthy: dict[str, bool] = field(default_factory=dict)
    owners: dict[str, tuple[str, str]] = field(default_factory=dict)


class DisruptionController:
    """Counts healthy pods against each budget, pod by pod as they change.

    Args:
        env: The clock.
        cluster: What it watches and writes.
    """

    def __init__(self, env: Environment, cluster: Cluster) -> None:
        self._env = env
        self._cluster = cluster
        self._budgets = cluster.table(DisruptionBudget)
        self._covered: dict[str, _Covered] = {}
        self._queue = Reconciler(env, self._reconcile)
        cluster.subscribe(self._on_change, DisruptionBudget, Pod, *scalable())
        for budget in self._budgets:
            self._cover(budget)
            self._write(budget)

    def _on_change(self, change: Change) -> None:
        item = change.object
        if isinstance(item, Pod):
            if len(self._budgets):
                self._note(item, gone=change.type == "DELETED")
        elif isinstance(item, DisruptionBudget):
            if change.type == "DELETED":
                del self._covered[item.meta.uid]
            elif item.meta.uid not in self._covered:
                self._cover(item)
            self._queue.enqueue(item.meta.namespace, item.meta.name)
        else:
            for budget in self._budgets:
                self._queue.enqueue(budget.meta.namespace, budget.meta.name)

    def _cover(self, budget: DisruptionBudget) -> None:
        self._covered[budget.meta.uid] = _Covered()
        for pod in self._cluster.pods:
            self._note(pod, gone=False, budgets=[budget])

    def _note(self, pod: Pod, *, gone: bool, budgets: Iterable[DisruptionBudget] | None = None) -> None:
        """Write down how a pod is; a budget is looked at again only if that counts."""
        name, healthy = pod.meta.name, pod.ready and not pod.terminating
        for budget in budgets or self._budgets:
            if budget.meta.namespace != pod.meta.namespace:
                continue
            covered = self._covered[budget.meta.uid]
            if not gone and name not in covered.healthy and matches(budget.spec.selector, pod.meta.labels):
                covered.owners[name] = self._top(pod)
            elif name not in covered.healthy or (not gone and covered.healthy[name] == healthy):
                continue
            if gone:
                del covered.healthy[name], covered.owners[name]
            else:
                covered.healthy[name] = healthy
            self._queue.enqueue(budget.meta.namespace, budget.meta.name)

    def _reconcile(self, name: Name) -> None:
        budget = self._budgets.find(name[1], name[0])
        if budget is not None and self._write(budget):
            self._cluster.changed(budget)

    def _write(self, budget: DisruptionBudget) -> bool:
        """Count, and write what may be evicted; returns whether anything differs."""
        now, before, covered = self._env.now, budget.status, self._covered[budget.meta.uid]
        expected = self._expected(budget, covered)
        disrupted = self._disrupted(budget, covered, now)
        healthy = sum(covered.healthy.values()) - len(disrupted)
        desired = budget.spec.desired_healthy(expected)
        allowed = max(0, healthy - desired) if expected else 0
        after = DisruptionBudgetStatus(
            budget.meta.generation, healthy, desired, expected, allowed, disrupted, before.conditions
        )
        told = set_condition(after.conditions, now, "DisruptionAllowed", *(_ENOUGH if allowed else _TOO_FEW))
        budget.status = after
        return told or after != before

    def _expected(self, budget: DisruptionBudget, covered: _Covered) -> int:
        """How many pods there shall be: those there are; where a share is meant, their workloads' sizes."""
        if isinstance(budget.spec.min_available, int):
            return len(covered.healthy)
        total = 0
        for kind, name in dict.fromkeys(covered.owners.values()):
            item = (
                self._cluster.table_of(kind_named(kind)).find(name, budget.meta.namespace) if kind else None
            )
            scale = scale_of(item) if item is not None else None
            total += scale.replicas if scale is not None else 0
        return total

    def _top(self, pod: Pod) -> tuple[str, str]:
        """The workload above a pod's ReplicaSet, or the ReplicaSet, or nobody."""
        owner = pod.meta.owner
        if owner is None:
            return "", ""
        replica_set = self._cluster.replica_sets.find(owner.name, pod.meta.namespace)
        above = replica_set.meta.owner if replica_set is not None else None
        return (above.kind, above.name) if above is not None else (owner.kind, owner.name)

    def _disrupted(self, budget: DisruptionBudget, covered: _Covered, now: int) -> dict[str, int]:
        """Evicted pods that are still healthy; after two minutes it is assumed that they stay."""
        kept = {}
        for name, at in budget.status.disrupted.items():
            if covered.healthy.get(name) and now < at + DELETION_TIMEOUT:
                kept[name] = at
                self._queue.enqueue_at(budget.meta.namespace, budget.meta.name, at + DELETION_TIMEOUT)
        return kept


class EvictionRefusedError(KubernetesError):
    """A budget allows no further disruption now (429); try again."""

    def __init__(self, pod: Pod, budget: DisruptionBudget) -> None:
        super().__init__(
            "Cannot evict pod as it would violate the pod's disruption budget.",
            where=f"eviction of pod/{pod.meta.name}",
            expected=f"a budget {budget.meta.name} that allows one more disruption",
            got=f"{budget.status.current_healthy} healthy of {budget.status.desired_healthy} needed",
            todo="kubectl get pdb shows what is allowed; make more pods healthy, or wait.",
        )


def evict(cluster: Cluster, now: int, pod: Pod, *, grace_seconds: int | None = None) -> None:
    """Ask for a pod's end as ``kubectl drain`` does: its budget is asked first, and pays.

    Args:
        cluster: Where.
        now: ns.
        pod: Whose end.
        grace_seconds: In place of its own grace period.

    Raises:
        EvictionRefusedError: A budget forbids it.
        KubernetesError: Several budgets cover the pod.
    """
    budgets = [] if pod.terminating or pod.status.phase == "Pending" else covering(cluster, pod)
    if len(budgets) > 1:
        message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not"
        raise KubernetesError(
            f"{message} support.",
            where=f"eviction of pod/{pod.meta.name}",
            expected="one budget at most",
            got=", ".join(budget.meta.name for budget in budgets),
            todo="Delete one of them.",
        )
    for budget in budgets:
        status = budget.status
        unready_anyway = not pod.ready and status.current_healthy >= status.desired_healthy > 0
        if unready_anyway:
            continue
        if status.disruptions_allowed < 1:
            raise EvictionRefusedError(pod, budget)
        status.disruptions_allowed -= 1
        status.disrupted[pod.meta.name] = now
        if not status.disruptions_allowed:
            set_condition(status.conditions, now, "DisruptionAllowed", *_TOO_FEW)
        cluster.changed(budget)
    edits.delete_pod(
        cluster, now, pod.meta.name, namespace=pod.meta.namespace, grace_period_seconds=grace_seconds
    )
