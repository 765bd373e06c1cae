"""How a caller guards its calls, in the words of the library or proxy that owns each field.

Circuit breakers are resilience4j's, retry budgets Envoy's or gRPC's or the SRE book's, hedging gRPC's,
connection pools HikariCP's. A cache has no tool of its own here: its fields are physics.
"""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from simulator.scenario.fields import (
    Duration,
    Model,
    Name,
    Share,
    UpToDay,
    UpToHour,
    UpToMinute,
    between,
    refused,
)
from simulator.units import HOUR, MILLISECOND, SECOND, format_duration

_Calls = Annotated[int, Field(ge=1, le=10_000)]
_Million = Annotated[int, Field(ge=1, le=1_000_000)]
_Rate = Annotated[int, Field(ge=1, le=100)]


class RetryBudget(Model):
    """Envoy's: at most so many of the calls that are open now may be retries."""

    budget_percent: Annotated[float, Field(ge=0.0, le=100.0)] = 20.0
    min_retry_concurrency: Annotated[int, Field(ge=0, le=1_000_000)] = 3
    """Retries that are always allowed."""


class RetryThrottling(Model):
    """gRPC's: a failure costs one token, a success gives some back; at half of the tokens retries stop."""

    max_tokens: _Million = 10
    token_ratio: Annotated[float, Field(ge=0.0, le=10.0)] = 0.1
    """Tokens that a success gives back."""


class RetryRatio(Model):
    """The SRE book's (and Finagle's): retries are at most this share of the calls, with a small reserve."""

    ratio: Share = 0.1
    reserve: _Million = 10
    """Retries beyond the share that may be saved up."""


class Retries(Model):
    """How often a call is tried. At most one budget; calls to one service with equal budgets share it."""

    attempts: Annotated[int, Field(ge=1, le=16)] = 1
    """Tries in all, the first included."""
    per_try_timeout: Annotated[Duration, between(MILLISECOND, HOUR)] | None = Field(
        default=None, exclude_if=lambda value: value is None
    )
    """Istio's: how long one try may take; the call's ``timeout`` then is for all of them."""
    backoff: UpToMinute = 0
    """Before try n+1 the caller waits between 0 and ``backoff * 2^(n-1)``."""
    retry_budget: RetryBudget | None = None
    retry_throttling: RetryThrottling | None = None
    retry_ratio: RetryRatio | None = None

    @model_validator(mode="after")
    def _one_budget(self) -> Self:
        names = {
            "retryBudget": self.retry_budget,
            "retryThrottling": self.retry_throttling,
            "retryRatio": self.retry_ratio,
        }
        given = [name for name, value in names.items() if value is not None]
        if len(given) > 1:
            raise refused(
                expected=f"at most one of {', '.join(names)}",
                got=" and ".join(given),
                todo="Keep the one that the caller's library has.",
            )
        return self


class CircuitBreaker(Model):
    """resilience4j's, over a window of the last attempts (COUNT_BASED); its defaults.

    All pods of the caller's version share it.
    """

    sliding_window_size: _Calls = 100
    minimum_number_of_calls: _Calls = 100
    failure_rate_threshold: _Rate = 50
    """Percent of failures that open it."""
    slow_call_duration_threshold: UpToHour = 60 * SECOND
    slow_call_rate_threshold: _Rate = 100
    """Percent of slow calls that open it."""
    wait_duration_in_open_state: UpToHour = 60 * SECOND
    permitted_number_of_calls_in_half_open_state: _Calls = 10


class HedgingPolicy(Model):
    """gRPC's: ask again beside an attempt that has not answered; the first good answer counts."""

    max_attempts: Annotated[int, Field(ge=2, le=9)] = 2
    """Attempts in all, the first included."""
    hedging_delay: UpToHour
    """Between one attempt and the next."""


class ConnectionPool(Model):
    """HikariCP's: connections that each pod keeps to the callee. Calls to it with equal pools share one."""

    maximum_pool_size: _Million = 10
    minimum_idle: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        default=0, exclude_if=lambda value: value == 0
    )
    """Connections that a pod opens when it starts; HikariCP's own default is ``maximumPoolSize``."""
    connection_timeout: Annotated[Duration, between(250 * MILLISECOND, HOUR)] = 30 * SECOND
    """How long a request waits for a connection."""
    requests_per_leaked_connection: Annotated[int, Field(ge=0, le=1 << 40)] = 0
    """So many uses lose one connection for good; 0 never. This one is physics."""

    @model_validator(mode="after")
    def _kept_fit(self) -> Self:
        if self.minimum_idle > self.maximum_pool_size:
            raise refused(
                expected=f"a minimumIdle of at most {self.maximum_pool_size}",
                got=str(self.minimum_idle),
                todo="Make maximumPoolSize larger, or keep fewer.",
            )
        return self


class Cache(Model):
    """A cache in front of a call: a hit saves the call. Calls that name it share it.

    It begins empty; one that lives in a service begins warm, since its pods have been running for days.

    ``ttl``, ``coalesce`` and ``serveStale`` are the ways of a caller, so they may differ by version.
    """

    name: Name
    service: Name | None = Field(default=None, exclude_if=lambda value: value is None)
    """Whose pods hold its entries, each its share; a pod that ends takes its own along. None: nobody's."""
    keys: Annotated[int, Field(ge=1, le=100_000)]
    """How many different things are asked for."""
    skew: Annotated[float, Field(ge=0.0, le=5.0)] = 1.0
    """Zipf's exponent: the key of rank r is asked for in proportion to ``1 / r^skew``; 0 is even."""
    ttl: Annotated[Duration, between(1, 24 * HOUR)]
    """How long an answer is fresh."""
    coalesce: bool = True
    """Those who miss a key that is being fetched wait for that one answer."""
    serve_stale: UpToDay = 0
    """How long after its end an entry is still served while it is renewed, or when that fails."""


class Call(Model):
    """A call that a route makes, in order; it holds its worker meanwhile where the workload says ``held``."""

    service: Name
    route: Name = "default"
    timeout: Annotated[Duration, between(0, HOUR)] = SECOND
    """How long one try may take; with ``retries.perTryTimeout``, the whole call."""
    chance: Share = 1.0
    """Share of the requests that make this call."""
    parallel: Annotated[int, Field(ge=0, le=1000)] = 0
    """Neighbouring calls with the same number above 0 are made side by side."""
    copies: Annotated[int, Field(ge=1, le=1000)] = 1
    """The same call so many times side by side, as over shards."""
    retries: Retries = Retries()
    hedging_policy: HedgingPolicy | None = None
    circuit_breaker: CircuitBreaker | None = None
    connection_pool: ConnectionPool | None = None
    cache: Cache | None = None
    fallback: bool = False
    """A failure of this call makes the answer degraded, not failed."""
    propagate_deadline: bool = False
    """The callee learns until when its answer is wanted, and drops what comes too late."""

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.cache is not None and self.hedging_policy is not None:
            raise refused(
                expected="a cache or a hedgingPolicy",
                got="both",
                todo="Drop one of them from this call.",
            )
        one, tries = self.retries.per_try_timeout, self.retries.attempts
        if one is not None and one * tries > self.timeout:
            raise refused(
                expected=f"a timeout of at least {tries} tries of {format_duration(one)}",
                got=format_duration(self.timeout),
                todo="Raise the timeout, or make perTryTimeout or attempts smaller.",
            )
        return self

    @property
    def try_timeout(self) -> int:
        """How long one try may take, ns."""
        return self.timeout if self.retries.per_try_timeout is None else self.retries.per_try_timeout
