"""What a service does with a request, as typed values: the only way to configure the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.distributions import Law
from simulator.errors import GamedayError

Balancer = Literal["round_robin", "least_request"]


@dataclass(frozen=True, slots=True)
class CallBehaviour:
    """One call that a route makes.

    Attributes:
        service: Whom it asks.
        route: Which route there.
        timeout: Nanoseconds the caller waits for one attempt; 0 waits for ever.
        attempts: Attempts at most, the first included.
        backoff: Nanoseconds; before attempt n+1 it waits between 0 and ``backoff * 2^(n-1)`` (full jitter).
        chance: Share of requests that make this call (a cache miss, say).
    """

    service: str
    route: str
    timeout: int = 0
    attempts: int = 1
    backoff: int = 0
    chance: float = 1.0

    def __post_init__(self) -> None:
        _within("timeout", self.timeout, 0, 3600 * 10**9)
        _within("attempts", self.attempts, 1, 16)
        _within("backoff", self.backoff, 0, 60 * 10**9)
        _within("chance", self.chance, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class RouteBehaviour:
    """What one version does on one route: compute, perhaps fail, then call others in sequence.

    Attributes:
        name: The route, as its service declared it.
        service_time: Law of the compute time.
        error_rate: Share of requests that fail by themselves after computing (HTTP 500).
        calls: In order.
    """

    name: str
    service_time: Law
    error_rate: float = 0.0
    calls: tuple[CallBehaviour, ...] = ()

    def __post_init__(self) -> None:
        _within("error_rate", self.error_rate, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One version of a service.

    Attributes:
        concurrency: Worker slots of each instance.
        queue_limit: Requests that may wait at each instance; one more is rejected.
        routes: One entry for each route that the service declared.
    """

    concurrency: int
    queue_limit: int
    routes: tuple[RouteBehaviour, ...]

    def __post_init__(self) -> None:
        _within("concurrency", self.concurrency, 1, 100_000)
        _within("queue_limit", self.queue_limit, 0, 1_000_000)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise GamedayError(
            name, expected=f"a value from {low} to {high}", got=repr(value), todo="Choose one in this range."
        )
