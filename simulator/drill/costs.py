"""What each kind of act costs: the simulated seconds that it would take a person on call.

One table. A scenario may override any row (``spec.costs``); nothing else in the kit knows a cost. To change a
default breaks every run file, because later acts of a learner follow from the clock that they saw.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from simulator.errors import GamedayError
from simulator.units import MINUTE, SECOND

#: Nanoseconds by the name of the row. What blocks (wait, rollout status) costs what it takes, and no row.
COSTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "get": 5 * SECOND,
        "describe": 10 * SECOND,
        "logs": 15 * SECOND,
        "history": 5 * SECOND,
        "status": 5 * SECOND,
        "git": 5 * SECOND,
        "gh": 5 * SECOND,
        "promql": 20 * SECOND,
        "curl": 5 * SECOND,
        "change": 10 * SECOND,
        "statuspage": 30 * SECOND,
        "message": 30 * SECOND,
        "page": 5 * SECOND,
        "incident": 20 * SECOND,
        "hint": 10 * SECOND,
        "note": 0,
        "help": 0,
    }
)
_LONGEST: Final = 30 * MINUTE


def table_of_costs(overrides: Mapping[str, int] | None = None) -> Mapping[str, int]:
    """The table for one scenario.

    Args:
        overrides: Nanoseconds by row name, as the scenario's ``spec.costs`` gives them.

    Raises:
        GamedayError: A row that does not exist, or a cost below zero or above half an hour.
    """
    table = dict(COSTS)
    for name, cost in (overrides or {}).items():
        if name not in COSTS:
            raise GamedayError(
                f"spec.costs.{name}",
                expected=f"one of {', '.join(sorted(COSTS))}",
                got=repr(name),
                todo="Remove the row or correct its name.",
            )
        if not 0 <= cost <= _LONGEST:
            raise GamedayError(
                f"spec.costs.{name}",
                expected="0s to 30m",
                got=f"{cost / SECOND}s",
                todo="Choose a shorter time.",
            )
        table[name] = cost
    return MappingProxyType(table)
