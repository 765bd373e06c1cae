"""PodDisruptionBudgets (policy/v1): how many pods an eviction must leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from simulator.units import MINUTE
from simulator.world.meta import Condition, ObjectMeta
from simulator.world.workloads import IntOrPercent, scaled_value

#: How long an eviction counts as disrupted while its pod is not yet seen to end (``DeletionTimeout``).
DELETION_TIMEOUT: Final = 2 * MINUTE


@dataclass(frozen=True, slots=True)
class DisruptionBudgetSpec:
    """What shall be left; exactly one of the two amounts is given."""

    selector: Mapping[str, str]
    min_available: IntOrPercent | None = None
    max_unavailable: IntOrPercent | None = None

    def desired_healthy(self, expected: int) -> int:
        """Pods that must stay healthy, of ``expected``; percentages round up, as the controller does."""
        if self.max_unavailable is not None:
            return max(0, expected - scaled_value(self.max_unavailable, expected, round_up=True))
        assert self.min_available is not None, "one of the two is given"
        return scaled_value(self.min_available, expected, round_up=True)


@dataclass(slots=True)
class DisruptionBudgetStatus:
    """What its controller counted last.

    Attributes:
        disrupted: Pods that were evicted and not yet seen to end: when, ns.
    """

    observed_generation: int = 0
    current_healthy: int = 0
    desired_healthy: int = 0
    expected_pods: int = 0
    disruptions_allowed: int = 0
    disrupted: dict[str, int] = field(default_factory=dict)
    conditions: list[Condition] = field(default_factory=list)


@dataclass(slots=True)
class DisruptionBudget:
    """Limits how many of the selected pods evictions take at once."""

    meta: ObjectMeta
    spec: DisruptionBudgetSpec
    status: DisruptionBudgetStatus = field(default_factory=DisruptionBudgetStatus)
