"""PodDisruptionBudgets, as an operator declares them (policy/v1)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from simulator.scenario.fields import IntOrPercent, Model, refused
from simulator.scenario.nodes import LabelSelector
from simulator.scenario.workloads import Metadata


class DisruptionBudgetSpec(Model):
    """How many of the selected pods an eviction must leave; exactly one of the two is given."""

    selector: LabelSelector
    min_available: IntOrPercent | None = None
    max_unavailable: IntOrPercent | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.min_available is None) == (self.max_unavailable is None):
            raise refused(
                expected="exactly one of minAvailable, maxUnavailable",
                got="neither" if self.min_available is None else "both",
                todo="Add one of them." if self.min_available is None else "Remove one of them.",
            )
        return self


class DisruptionBudget(Model):
    """A PodDisruptionBudget."""

    api_version: Literal["policy/v1"] = "policy/v1"
    kind: Literal["PodDisruptionBudget"] = "PodDisruptionBudget"
    metadata: Metadata
    spec: DisruptionBudgetSpec

    @property
    def name(self) -> str:
        return self.metadata.name
