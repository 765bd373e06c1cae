"""Services and weights: whom a Rollout's users reach.

Source: argoproj/argo-rollouts rollout/service.go, trafficrouting.go (1.8).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from simulator.engine.rollouts.passes import Pass, hash_of, selector_of
from simulator.engine.rollouts.sets import at_desired_counts
from simulator.world import Change, Cluster, Pod, ReplicaSet, Service
from simulator.world.pods import ROLLOUT_HASH_LABEL
from simulator.world.rollouts import MANAGED_BY_ANNOTATION, Rollout, Weights

# --- services -------------------------------------------------------------------------------------


def switch(turn: Pass, service: Service, hash_: str) -> None:
    """Point a Service's selector at a ReplicaSet, and say whose it is."""
    before = selector_of(service)
    managed = MANAGED_BY_ANNOTATION in service.meta.annotations
    if (before == hash_ and managed) or not hash_:
        return
    service.meta.annotations[MANAGED_BY_ANNOTATION] = turn.rollout.meta.name
    selector = {**service.spec.selector, ROLLOUT_HASH_LABEL: hash_}
    service.spec = replace(service.spec, selector=selector)
    turn.cluster.changed(service)
    name = service.meta.name
    turn.record("SwitchService", f"Switched selector for service '{name}' from '{before}' to '{hash_}'")


def point_services(turn: Pass) -> None:
    """Keep the stable and the canary service at their ReplicaSets."""
    canary = turn.rollout.canary
    assert canary is not None, "asked for a canary alone"
    _ensure(turn, canary.stable_service, turn.stable)
    if turn.aborted:
        if not turn.rollout.routed:  # else ``route`` does it, once no traffic is left there
            _ensure(turn, canary.canary_service, turn.stable)
        return
    if _returning(turn):
        return  # the stable pods can't yet carry what the canary service brings
    _ensure(turn, canary.canary_service, turn.new)


def _ensure(turn: Pass, name: str, replica_set: ReplicaSet | None, *, available: bool = True) -> None:
    service = turn.service(name)
    if replica_set is None or service is None or selector_of(service) == hash_of(replica_set):
        return
    size, there = replica_set.spec.replicas, replica_set.status.available_replicas
    adopted = MANAGED_BY_ANNOTATION in service.meta.annotations
    if available and (there == 0 or (not adopted and there < size)):
        return
    switch(turn, service, hash_of(replica_set))


# --- weights --------------------------------------------------------------------------------------


def _returning(turn: Pass) -> str:
    """The hash that still has traffic while a dynamically sized stable ReplicaSet grows back; else empty."""
    rollout, weights = turn.rollout, turn.status.weights
    canary = rollout.canary
    if canary is None or not canary.dynamic_stable_scale or not rollout.routed or weights is None:
        return ""
    if not rollout.fully_promoted or turn.new is None or weights.canary_hash == hash_of(turn.new):
        return ""
    return weights.canary_hash if turn.new.status.available_replicas < rollout.spec.replicas else ""


def route(turn: Pass) -> None:
    """Decide the split of the traffic and write it into the draft."""
    rollout, canary = turn.rollout, turn.rollout.canary
    if canary is None or canary.traffic_routing is None:
        turn.draft.weights = None
        return
    returning = _returning(turn)
    desired = _desired_weight(turn, returning)
    if turn.aborted and not rollout.fully_promoted and desired == 0:
        _ensure(turn, canary.canary_service, turn.stable, available=False)
    weights = Weights(desired, returning or hash_of(turn.new), hash_of(turn.stable))
    before = turn.status.weights
    if weights != before:
        if before is None:
            turn.record("TrafficWeightUpdated", f"Traffic weight updated to {desired}")
        elif before.canary != desired:
            turn.record("TrafficWeightUpdated", f"Traffic weight updated from {before.canary} to {desired}")
        turn.draft.weights = weights


def _desired_weight(turn: Pass, returning: str) -> int:
    """Percent of the traffic for the canary."""
    rollout, status, new = turn.rollout, turn.status, turn.new
    canary = rollout.canary
    dynamic = canary is not None and canary.dynamic_stable_scale
    if returning or (turn.aborted and not rollout.fully_promoted):
        return _retreat(turn) if dynamic else 0
    if rollout.fully_promoted or new is None or new.status.available_replicas == 0:
        return 0
    if status.promote_full:
        if dynamic:
            return 100 * new.status.available_replicas // max(1, rollout.spec.replicas)
        return status.weights.canary if status.weights is not None else 0
    if not rollout.steps:
        return 0
    if not at_desired_counts(turn, None):
        return rollout.weight_before(status.current_step_index or 0)
    return rollout.set_weight


def _retreat(turn: Pass) -> int:
    """As much as the stable pods can't carry yet, and never more than before."""
    stable, before = turn.stable, turn.status.weights
    there = 0 if stable is None else stable.status.available_replicas
    left = max(0, 100 - 100 * there // max(1, turn.rollout.spec.replicas))
    return left if before is None else min(left, before.canary)


# --- the data plane -------------------------------------------------------------------------------


class Splitter(Protocol):
    """What the router needs of a data plane."""

    def set_subset(self, instance: int, subset: str) -> None:
        """Say which part of its service an instance belongs to."""

    def set_weights(self, service: str, weights: dict[str, float]) -> None:
        """Split a service's requests between its parts; empty ends the split."""


class Instances(Protocol):
    """What the router needs of the kubelets."""

    def instance_of(self, pod: Pod) -> int | None:
        """The data plane's number of a pod's running container."""


class Router:
    """Carries out in the data plane what Services and weights say about a Rollout's pods.

    Args:
        cluster: What it watches.
        instances: The kubelets.
        dataplane: Where requests are split.
        services: Rollout to the Service that users and callers name.
    """

    def __init__(
        self, cluster: Cluster, instances: Instances, dataplane: Splitter, services: dict[str, str]
    ) -> None:
        self._cluster = cluster
        self._instances = instances
        self._dataplane = dataplane
        self._services = services
        self._split: dict[str, dict[str, float]] = {}
        self._known: set[int] = set()
        cluster.subscribe(self._on_change, Pod)

    def _on_change(self, change: Change) -> None:
        """A new pod's instance belongs to its ReplicaSet's part before it gets its first request."""
        pod = change.object
        if not isinstance(pod, Pod) or change.type == "DELETED":
            return
        hash_ = pod.meta.labels.get(ROLLOUT_HASH_LABEL)
        instance = self._instances.instance_of(pod) if hash_ else None
        if hash_ and instance is not None and instance not in self._known:
            self._known.add(instance)
            self._dataplane.set_subset(instance, hash_)

    def apply(self, rollout: Rollout) -> None:
        """Split the requests as the Rollout's status and its Service say; nothing where it is so already."""
        name = self._services.get(rollout.meta.name, "")
        split = self._wanted(rollout, name)
        if name and split != self._split.get(name, {}):
            self._split[name] = split
            self._dataplane.set_weights(name, split)

    def _wanted(self, rollout: Rollout, name: str) -> dict[str, float]:
        weights = rollout.status.weights
        if weights is not None and rollout.routed:
            split = {weights.stable_hash: float(weights.stable)}
            if weights.canary:
                split[weights.canary_hash] = split.get(weights.canary_hash, 0.0) + weights.canary
            return {hash_: share for hash_, share in split.items() if share}
        selected = selector_of(self._cluster.services.find(name, rollout.meta.namespace))
        return {selected: 1.0} if selected else {}
