"""Where a pod may run: what it selects, tolerates, avoids and spreads over; and what a node keeps away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from simulator.world.meta import matches

ZONE_LABEL: Final = "topology.kubernetes.io/zone"
HOSTNAME_LABEL: Final = "kubernetes.io/hostname"
UNSCHEDULABLE_TAINT: Final = "node.kubernetes.io/unschedulable"
UNREACHABLE_TAINT: Final = "node.kubernetes.io/unreachable"
NOT_READY_TAINT: Final = "node.kubernetes.io/not-ready"
#: On a node that runs out of memory; every pod that asked for anything tolerates it.
MEMORY_PRESSURE_TAINT: Final = "node.kubernetes.io/memory-pressure"
#: How long a pod stays on a node that is lost (the DefaultTolerationSeconds admission plugin).
DEFAULT_TOLERATION_SECONDS: Final = 300

Effect = Literal["NoSchedule", "PreferNoSchedule", "NoExecute"]


@dataclass(frozen=True, slots=True)
class Taint:
    """Keeps pods off a node that do not tolerate it.

    Attributes:
        added_at: ns; for ``NoExecute``, from when tolerations are counted.
    """

    key: str
    value: str = ""
    effect: Effect = "NoSchedule"
    added_at: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.key}{f'={self.value}' if self.value else ''}:{self.effect}"


@dataclass(frozen=True, slots=True)
class Toleration:
    """What lets a pod onto a tainted node.

    Attributes:
        key: Empty tolerates every taint.
        operator: ``Exists`` asks for no value.
        effect: Empty is every effect.
        seconds: Of ``NoExecute``: how long it stays; None is for ever.
    """

    key: str = ""
    operator: Literal["Equal", "Exists"] = "Equal"
    value: str = ""
    effect: Effect | Literal[""] = ""
    seconds: int | None = None

    def tolerates(self, taint: Taint) -> bool:
        """Whether this is a toleration of that taint."""
        if self.effect not in ("", taint.effect) or self.key not in ("", taint.key):
            return False
        return self.operator == "Exists" or (self.key != "" and self.value == taint.value)

    def __str__(self) -> str:
        """As ``kubectl describe`` writes it."""
        text = self.key + (f"={self.value}" if self.value else "")
        text += f":{self.effect}" if self.effect else ""
        text += " op=Exists" if self.operator == "Exists" else ""
        return text + (f" for {self.seconds}s" if self.seconds is not None else "")


@dataclass(frozen=True, slots=True)
class TopologySpread:
    """How evenly the pods that match shall lie over the domains of a topology.

    Attributes:
        topology_key: A node label, such as the zone's.
        when_unsatisfiable: ``DoNotSchedule`` waits, ``ScheduleAnyway`` only prefers.
    """

    max_skew: int
    topology_key: str
    when_unsatisfiable: Literal["DoNotSchedule", "ScheduleAnyway"]
    selector: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AntiAffinity:
    """Pods that this one keeps away from, in the same domain of a topology.

    Attributes:
        weight: None is required; a number from 1 to 100 only prefers.
    """

    topology_key: str
    selector: Mapping[str, str]
    weight: int | None = None


@dataclass(frozen=True, slots=True)
class Placement:
    """All that a pod says about where it runs; the default says nothing."""

    node_selector: Mapping[str, str] = field(default_factory=dict)
    tolerations: tuple[Toleration, ...] = ()
    spread: tuple[TopologySpread, ...] = ()
    anti_affinity: tuple[AntiAffinity, ...] = ()

    def tolerates(self, taint: Taint) -> bool:
        """Whether some toleration tolerates the taint; every pod tolerates a lost node for a while."""
        return any(toleration.tolerates(taint) for toleration in self.all_tolerations)

    @property
    def all_tolerations(self) -> tuple[Toleration, ...]:
        """Those declared, and the two that the admission plugin adds where they are not."""
        added = tuple(
            Toleration(key, "Exists", effect="NoExecute", seconds=DEFAULT_TOLERATION_SECONDS)
            for key in (NOT_READY_TAINT, UNREACHABLE_TAINT)
            if not any(each.tolerates(Taint(key, effect="NoExecute")) for each in self.tolerations)
        )
        return (*self.tolerations, *added)

    def stays_seconds(self, taint: Taint) -> int | None:
        """How long a pod stays under a ``NoExecute`` taint: 0 not at all, None for ever."""
        tolerating = [each for each in self.all_tolerations if each.tolerates(taint)]
        if not tolerating:
            return 0
        limits = [each.seconds for each in tolerating if each.seconds is not None]
        return max(0, min(limits)) if limits else None


#: Says nothing: a pod that may run anywhere.
ANYWHERE: Final = Placement()


def selects(placement: Placement, labels: Mapping[str, str]) -> bool:
    """Whether a node's labels fit a pod's ``nodeSelector``."""
    return matches(placement.node_selector, labels)
