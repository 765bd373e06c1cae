"""How many requests reach which route, by plan: users' rates followed through the calls that routes make."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from simulator.errors import GamedayError

#: Deeper than any system that a person would draw; a deeper one is a circle.
_DEEPEST = 64

Endpoint = tuple[str, str]


@dataclass(frozen=True, slots=True)
class UserFlow:
    """Users of one source: how many a second, and how they divide over the routes of the service they ask."""

    service: str
    weights: Mapping[str, float]
    rps: float


def planned_rates(
    flows: Iterable[UserFlow], calls: Mapping[Endpoint, Iterable[tuple[Endpoint, float]]]
) -> dict[Endpoint, float]:
    """Requests a second at each (service, route) while nothing fails and nobody retries.

    Args:
        flows: The users.
        calls: For each (service, route) whom it calls, and with which chance.

    Raises:
        GamedayError: Calls go round in a circle.
    """
    rates: dict[Endpoint, float] = {}

    def follow(at: Endpoint, rps: float, depth: int) -> None:
        if depth > _DEEPEST:
            raise GamedayError(
                f"calls of {at[0]}, route {at[1]}",
                expected="calls that end somewhere",
                got="a circle",
                todo="Remove one of the calls that lead back.",
            )
        rates[at] = rates.get(at, 0.0) + rps
        for callee, chance in calls.get(at, ()):
            follow(callee, rps * chance, depth + 1)

    for flow in flows:
        whole = sum(flow.weights.values())
        for route, weight in flow.weights.items():
            if weight > 0:
                follow((flow.service, route), flow.rps * weight / whole, 0)
    return rates
