"""What a release's plan says, in the words of the repository and of its own way back."""

from __future__ import annotations

from typing import Any

from simulator.scenario.releases import ReleasedData, ReleasedFlag
from simulator.scenario.workloads import Strategy, Workload
from simulator.world import FlagState


def whose(workload: Workload) -> dict[str, Any]:
    """The key by which a release names a workload."""
    return {workload.kind.lower(): workload.name}


def state_of(flag: ReleasedFlag) -> FlagState:
    """A flag as a release leaves it."""
    return FlagState(flag.percentage, tuple(sorted(set(flag.cohorts))))


def back(change: ReleasedData, before: dict[str, str]) -> ReleasedData:
    """The values that the changed keys had; new keys keep theirs, since there is nothing to go back to."""
    return ReleasedData(
        name=change.name, data={name: before.get(name, value) for name, value in change.data.items()}
    )


def strategy_text(strategy: Strategy) -> str:
    """A strategy as a workload's file has it."""
    rolling = strategy.rolling_update
    if strategy.type == "Recreate":
        return "Recreate"
    return f"RollingUpdate {rolling.max_surge}/{rolling.max_unavailable}"
