"""The machines below, in pools, and where a pod may run: Kubernetes' words for both."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import (
    Count,
    Cpu,
    Duration,
    Labels,
    Line,
    Memory,
    Model,
    Name,
    Positive,
    refused,
)

Effect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]
TopologyKey = Literal["topology.kubernetes.io/zone", "kubernetes.io/hostname"]
Zones = Annotated[tuple[Name, ...], Field(min_length=1, max_length=10)]
_ZONES = ("zone-a", "zone-b", "zone-c")


class Taint(Model):
    """Keeps pods away that do not tolerate it."""

    key: Line
    value: str = ""
    effect: Effect = "NoSchedule"


class Machine(Model):
    """What one node offers to pods: its allocatable part."""

    cpu: Cpu = 8000
    memory: Memory = 32 * 1024**3
    pods: Positive = 110


class NodePool(Machine):
    """Nodes that are alike, in turn over their zones; named ``POOL-1``, ``POOL-2`` and so on."""

    name: Name
    count: Annotated[int, Field(ge=1, le=500)]
    zones: Zones = _ZONES
    labels: Labels = Field(default_factory=dict)
    taints: Annotated[tuple[Taint, ...], Field(max_length=8)] = ()


class Nodes(Machine):
    """The machines: all alike, or in pools."""

    count: Annotated[int, Field(ge=1, le=500)] = 6
    zones: Zones = _ZONES
    pools: Annotated[tuple[NodePool, ...], Field(max_length=16)] = ()
    """In place of ``count``, ``zones``, ``cpu``, ``memory`` and ``pods``."""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        own = [name for name in ("count", "zones", "cpu", "memory", "pods") if name in self.model_fields_set]
        if self.pools and own:
            raise refused(
                expected="pools alone",
                got=f"{', '.join(own)} beside them",
                todo="Each pool says this itself.",
            )
        if sum(pool.count for pool in self.pools) > 500:
            raise refused(
                expected="at most 500 nodes in all",
                got=str(sum(pool.count for pool in self.pools)),
                todo="Take smaller pools.",
            )
        return self

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """(node, zone) of every node, in the order in which they are made."""
        if not self.pools:
            return tuple(
                (f"node-{number + 1:02d}", self.zones[number % len(self.zones)])
                for number in range(self.count)
            )
        return tuple(
            (f"{pool.name}-{number + 1}", pool.zones[number % len(pool.zones)])
            for pool in self.pools
            for number in range(pool.count)
        )


# --- what happens to machines


class NodeLoss(Model):
    """One machine is gone, as by a loss of power; it boots again after ``duration``."""

    node: Name
    duration: Duration | None = None
    """For good where none is given."""


class ZoneOutage(Model):
    """All machines of a zone are gone at one instant; they boot again after ``duration``."""

    zone: Name
    duration: Duration | None = None
    """For good where none is given."""


# --- where a pod may run


class Toleration(Model):
    """Lets a pod onto a tainted node."""

    key: str = ""
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str = ""
    effect: Effect | None = None
    toleration_seconds: Count | None = None

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if not self.key and self.operator != "Exists":
            raise refused(
                expected="operator: Exists without a key", got="no key", todo="Name the taint's key."
            )
        if self.operator == "Exists" and self.value:
            raise refused(
                expected="no value beside operator: Exists", got=repr(self.value), todo="Remove the value."
            )
        if self.toleration_seconds is not None and self.effect != "NoExecute":
            raise refused(
                expected="effect: NoExecute beside tolerationSeconds",
                got=self.effect or "no effect",
                todo="Only NoExecute takes pods away.",
            )
        return self


class LabelSelector(Model):
    """Labels that a pod must carry."""

    match_labels: Annotated[Labels, Field(min_length=1)]


class TopologySpreadConstraint(Model):
    """How evenly the matching pods shall lie over zones or nodes."""

    max_skew: Positive
    topology_key: TopologyKey
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"]
    label_selector: LabelSelector


class PodAffinityTerm(Model):
    """Pods to keep away from, in the same zone or on the same node."""

    topology_key: TopologyKey
    label_selector: LabelSelector


class WeightedPodAffinityTerm(Model):
    """The same as a preference."""

    weight: Annotated[int, Field(ge=1, le=100)]
    pod_affinity_term: PodAffinityTerm


class PodAntiAffinity(Model):
    """What a pod must keep away from, and what it had rather."""

    required_during_scheduling_ignored_during_execution: Annotated[
        tuple[PodAffinityTerm, ...], Field(max_length=4)
    ] = ()
    preferred_during_scheduling_ignored_during_execution: Annotated[
        tuple[WeightedPodAffinityTerm, ...], Field(max_length=4)
    ] = ()


class Affinity(Model):
    """A pod's affinity, as far as it is modelled."""

    pod_anti_affinity: PodAntiAffinity = PodAntiAffinity()


class Placed(Model):
    """The fields of a pod's spec that say where it runs."""

    node_selector: Labels = Field(default_factory=dict)
    tolerations: Annotated[tuple[Toleration, ...], Field(max_length=16)] = ()
    affinity: Affinity = Affinity()
    topology_spread_constraints: Annotated[tuple[TopologySpreadConstraint, ...], Field(max_length=4)] = ()
