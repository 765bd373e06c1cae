"""Deployments and ReplicaSets: a frozen spec that edits replace, and a status that controllers write."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from simulator.errors import GamedayError
from simulator.world.meta import Condition, ObjectMeta
from simulator.world.pods import PodTemplate

#: A count, or a percentage of the replicas such as ``25%``.
IntOrPercent = int | str

REVISION_ANNOTATION: Final = "deployment.kubernetes.io/revision"
REVISION_HISTORY_ANNOTATION: Final = "deployment.kubernetes.io/revision-history"
DESIRED_ANNOTATION: Final = "deployment.kubernetes.io/desired-replicas"
MAX_ANNOTATION: Final = "deployment.kubernetes.io/max-replicas"
ROLLOUT_REVISION_ANNOTATION: Final = "rollout.argoproj.io/revision"
CHANGE_CAUSE_ANNOTATION: Final = "kubernetes.io/change-cause"
RESTARTED_AT_ANNOTATION: Final = "kubectl.kubernetes.io/restartedAt"


def scaled_value(value: IntOrPercent, total: int, *, round_up: bool) -> int:
    """A count, or a percentage of ``total`` rounded as asked.

    Raises:
        GamedayError: The text is no percentage.
    """
    if isinstance(value, int):
        return value
    number = value.removesuffix("%")
    if number == value or not number.isascii() or not number.isdigit():
        raise GamedayError(
            "strategy.rollingUpdate",
            expected="a whole number or a percentage such as 25%",
            got=repr(value),
            todo="Write maxSurge and maxUnavailable as Kubernetes does.",
        )
    product = int(number) * total
    return -(-product // 100) if round_up else product // 100


@dataclass(frozen=True, slots=True)
class RollingUpdate:
    """How far a rolling update may leave the wanted number of pods; Kubernetes' defaults."""

    max_surge: IntOrPercent = "25%"
    max_unavailable: IntOrPercent = "25%"

    def resolve(self, replicas: int) -> tuple[int, int]:
        """(most pods above, most pods unavailable) for this many replicas.

        maxSurge rounds up, maxUnavailable rounds down; both zero would never move, so then one pod may be
        unavailable (Kubernetes' ``ResolveFenceposts``).
        """
        surge = scaled_value(self.max_surge, replicas, round_up=True)
        unavailable = scaled_value(self.max_unavailable, replicas, round_up=False)
        return (surge, unavailable) if surge or unavailable else (0, 1)


@dataclass(frozen=True, slots=True)
class Recreate:
    """All old pods end before the first new one starts; whoever chooses this accepts the gap."""


@dataclass(frozen=True, slots=True)
class DeploymentSpec:
    """What a Deployment shall be; an edit replaces it whole."""

    replicas: int
    selector: Mapping[str, str]
    template: PodTemplate
    strategy: RollingUpdate | Recreate = RollingUpdate()
    min_ready_seconds: int = 0
    revision_history_limit: int = 10
    progress_deadline_seconds: int = 600
    paused: bool = False

    @property
    def max_surge(self) -> int:
        """Pods above ``replicas`` that an update may have."""
        return self.strategy.resolve(self.replicas)[0] if isinstance(self.strategy, RollingUpdate) else 0

    @property
    def max_unavailable(self) -> int:
        """Pods below ``replicas`` that an update may leave available; never more than there are."""
        if self.replicas == 0 or isinstance(self.strategy, Recreate):
            return 0
        return min(self.strategy.resolve(self.replicas)[1], self.replicas)


@dataclass(slots=True)
class DeploymentStatus:
    """What a Deployment is, as its controller last saw it."""

    observed_generation: int = 0
    replicas: int = 0
    updated_replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    unavailable_replicas: int = 0
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class Deployment:
    """A Deployment."""

    meta: ObjectMeta
    spec: DeploymentSpec
    status: DeploymentStatus = field(default_factory=DeploymentStatus)

    @property
    def revision(self) -> int:
        """The revision its controller last gave it; 0 before."""
        return int(self.meta.annotations.get(REVISION_ANNOTATION, "0"))

    @property
    def complete(self) -> bool:
        """Every pod is of the current template, available, and none is left of another."""
        wanted = self.spec.replicas
        return (
            self.status.updated_replicas == wanted
            and self.status.replicas == wanted
            and self.status.available_replicas == wanted
            and self.status.observed_generation >= self.meta.generation
        )


@dataclass(frozen=True, slots=True)
class ReplicaSetSpec:
    """What a ReplicaSet shall be; its template carries the hash label."""

    replicas: int
    selector: Mapping[str, str]
    template: PodTemplate
    min_ready_seconds: int = 0


@dataclass(slots=True)
class ReplicaSetStatus:
    """What a ReplicaSet is; terminating pods no longer count."""

    observed_generation: int = 0
    replicas: int = 0
    ready_replicas: int = 0
    available_replicas: int = 0
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class ReplicaSet:
    """A ReplicaSet.

    Attributes:
        pods_made: How many pods it has made so far: the next one's ordinal.
    """

    meta: ObjectMeta
    spec: ReplicaSetSpec
    status: ReplicaSetStatus = field(default_factory=ReplicaSetStatus)
    pods_made: int = 0

    @property
    def revision(self) -> int:
        """The revision of its Deployment or Rollout that it stands for."""
        annotations = self.meta.annotations
        return int(annotations.get(REVISION_ANNOTATION) or annotations.get(ROLLOUT_REVISION_ANNOTATION, "0"))

    @property
    def change_cause(self) -> str:
        """What ``kubectl rollout history`` prints beside the revision; empty where none was given."""
        return self.meta.annotations.get(CHANGE_CAUSE_ANNOTATION, "")
