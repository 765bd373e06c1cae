"""What a service does with a request, as typed values: the only way to configure the kernel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from simulator.dataplane.messages import Consume, Publish
from simulator.dataplane.ranges import HOUR, within
from simulator.distributions import Law
from simulator.errors import GamedayError

Balancer = Literal[
    "round_robin", "least_request", "random", "power_of_two", "weighted_round_robin", "ring_hash"
]
BudgetStyle = Literal["ratio", "concurrency", "tokens"]


@dataclass(frozen=True, slots=True)
class OutlierDetection:
    """Passive health checks of a service's instances, by Envoy's rules and with its names and defaults.

    Attributes:
        consecutive: Failures in a row that eject an instance (``consecutive_5xx``; timeouts count).
        interval: ns between sweeps, which let instances back and judge success rates.
        base_ejection: ns of the first ejection; the n-th takes n times as long.
        longest_ejection: ns at most.
        max_ejection_percent: Share of the instances that may be out at once; one always may.
        stdev_factor: Thousandths of a standard deviation below the mean success rate that eject; 0 is off.
        minimum_hosts: Instances with enough requests that judging by success rate takes.
        request_volume: Requests in an interval that are enough.
    """

    consecutive: int = 5
    interval: int = 10 * 10**9
    base_ejection: int = 30 * 10**9
    longest_ejection: int = 300 * 10**9
    max_ejection_percent: int = 10
    stdev_factor: int = 1900
    minimum_hosts: int = 5
    request_volume: int = 100

    def __post_init__(self) -> None:
        within("consecutive", self.consecutive, 1, 1_000_000)
        within("interval", self.interval, 10**6, HOUR)
        within("base_ejection", self.base_ejection, 0, HOUR)
        within("longest_ejection", self.longest_ejection, 0, 24 * HOUR)
        within("max_ejection_percent", self.max_ejection_percent, 0, 100)
        within("request_volume", self.request_volume, 1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Routing:
    """How callers choose among a service's instances, beyond the balancer's name.

    Attributes:
        outlier: Passive ejection, or None.
        slow_start: ns after readiness in which an instance's share grows to a full one; 0 is off.
        slow_start_floor: The share at its beginning.
        panic_percent: With fewer instances not ejected than this, ejections are ignored.
        prefer_zone: Callers stay in their zone while it has an instance.
    """

    outlier: OutlierDetection | None = None
    slow_start: int = 0
    slow_start_floor: float = 0.1
    panic_percent: int = 50
    prefer_zone: bool = False

    def __post_init__(self) -> None:
        within("slow_start", self.slow_start, 0, HOUR)
        within("slow_start_floor", self.slow_start_floor, 0.0, 1.0)
        within("panic_percent", self.panic_percent, 0, 100)


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """A caller's circuit breaker over a window of its last attempts, by resilience4j's rules and defaults.

    All instances of the caller's version share it.

    Attributes:
        window: Attempts that it remembers.
        minimum_calls: Attempts before it judges.
        failure_rate: Percent of failures that open it.
        slow_call: ns from which an attempt is slow.
        slow_rate: Percent of slow attempts that open it.
        wait_open: ns before it lets attempts through on trial.
        half_open_calls: How many of them; their rates close or open it.
    """

    window: int = 100
    minimum_calls: int = 100
    failure_rate: int = 50
    slow_call: int = 60 * 10**9
    slow_rate: int = 100
    wait_open: int = 60 * 10**9
    half_open_calls: int = 10

    def __post_init__(self) -> None:
        within("window", self.window, 1, 10_000)
        within("minimum_calls", self.minimum_calls, 1, 10_000)
        within("failure_rate", self.failure_rate, 1, 100)
        within("slow_rate", self.slow_rate, 1, 100)
        within("wait_open", self.wait_open, 0, HOUR)
        within("half_open_calls", self.half_open_calls, 1, 10_000)


@dataclass(frozen=True, slots=True)
class RetryBudget:
    """A limit to retries, shared by all calls of a version that name an equal budget.

    Attributes:
        style: ``ratio``: retries are at most this share of calls, with a small reserve (SRE book, Finagle).
            ``concurrency``: at most this share of the calls open now may be retries (Envoy). ``tokens``: a
            failure costs one token, a success gives ``ratio`` back, retries stop at half (gRPC).
        ratio: The share; for tokens, what a success gives.
        minimum: ``concurrency``: retries that are always allowed.
        max_tokens: ``ratio``: the reserve, in retries. ``tokens``: the bucket, full at the start.
    """

    style: BudgetStyle = "ratio"
    ratio: float = 0.1
    minimum: int = 3
    max_tokens: int = 10

    def __post_init__(self) -> None:
        within("ratio", self.ratio, 0.0, 10.0)
        within("minimum", self.minimum, 0, 1_000_000)
        within("max_tokens", self.max_tokens, 1, 1_000_000)


@dataclass(frozen=True, slots=True)
class Hedge:
    """Ask again beside an attempt that has not answered; the first good answer counts.

    Attributes:
        delay: ns without an answer.
        copies: How many further attempts, each a delay after the one before.
    """

    delay: int
    copies: int = 1

    def __post_init__(self) -> None:
        within("delay", self.delay, 0, HOUR)
        within("copies", self.copies, 1, 8)


@dataclass(frozen=True, slots=True)
class Pool:
    """The connections that each instance of a version keeps to one service; equal pools are one pool.

    A pool keeps connections open, so that a failure of names or certificates spares them.

    Attributes:
        limit: Connections at once; who finds them all taken waits in line.
        patience: ns to wait at most; 0 waits for ever.
        requests_per_leak: So many uses lose one connection for good; 0 never.
        floor: Connections that a process opens when it starts, as many of them as the store has room for.
    """

    limit: int
    patience: int = 0
    requests_per_leak: int = 0
    floor: int = 0

    def __post_init__(self) -> None:
        within("limit", self.limit, 1, 1_000_000)
        within("patience", self.patience, 0, HOUR)
        within("requests_per_leak", self.requests_per_leak, 0, 1 << 40)
        within("floor", self.floor, 0, self.limit)


@dataclass(frozen=True, slots=True)
class Cache:
    """A cache in front of a call: a hit saves the call. Calls that name the same cache share its entries.

    It begins empty. A user asks for the same key again when the request is tried again. How long an answer
    is fresh, coalescing and stale answers are the caller's own ways, and may differ from call to call.

    Attributes:
        name: Unique.
        keys: How many there are.
        skew: Zipf's exponent: the key of rank r is asked for in proportion to 1 / r^skew; 0 is even.
        ttl: ns for which an answer is fresh.
        coalesce: Whether those who miss a key that is being fetched wait for that one answer.
        serve_stale: ns after the end of its life for which an entry is served while another request renews
            it, or when that fails.
        service: Whose processes hold the entries; empty for a cache that nothing can empty.
    """

    name: str
    keys: int
    skew: float
    ttl: int
    coalesce: bool = True
    serve_stale: int = 0
    service: str = ""

    def __post_init__(self) -> None:
        within("keys", self.keys, 1, 100_000)
        within("skew", self.skew, 0.0, 5.0)
        within("ttl", self.ttl, 1, 24 * HOUR)
        within("serve_stale", self.serve_stale, 0, 24 * HOUR)


@dataclass(frozen=True, slots=True)
class Link:
    """What the network does between two ends; several that apply add up.

    Attributes:
        caller: A service, ``users``, or None for any.
        callee: A service, or None for any.
        from_zone: Of the caller, or None for any.
        to_zone: Of the callee, or None for any.
        latency: ns of a round trip more.
        loss: Share of attempts that get no answer.
        cut: Nothing passes; callers wait until they give up.
    """

    caller: str | None = None
    callee: str | None = None
    from_zone: str | None = None
    to_zone: str | None = None
    latency: int = 0
    loss: float = 0.0
    cut: bool = False

    def __post_init__(self) -> None:
        within("latency", self.latency, 0, 60 * 10**9)
        within("loss", self.loss, 0.0, 1.0)


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
        parallel: Neighbouring calls of a route with the same number above 0 are made side by side.
        copies: The same call so many times side by side (a fan-out over shards).
        hedge: When to ask a second instance as well.
        breaker: Circuit breaker, or None.
        budget: Limit to retries, or None.
        fallback: A failure of this call makes the answer degraded, not failed.
        propagate_deadline: The callee learns until when its answer is wanted: the sooner of this timeout and
            the caller's own deadline.
        pool: Connections to the callee, or None for a new one each time without limit.
        cache: Where the answer may be already, or None.
    """

    service: str
    route: str
    timeout: int = 0
    attempts: int = 1
    backoff: int = 0
    chance: float = 1.0
    parallel: int = 0
    copies: int = 1
    hedge: Hedge | None = None
    breaker: CircuitBreaker | None = None
    budget: RetryBudget | None = None
    fallback: bool = False
    propagate_deadline: bool = False
    pool: Pool | None = None
    cache: Cache | None = None

    def __post_init__(self) -> None:
        within("timeout", self.timeout, 0, 3600 * 10**9)
        within("attempts", self.attempts, 1, 16)
        within("backoff", self.backoff, 0, 60 * 10**9)
        within("chance", self.chance, 0.0, 1.0)
        if self.cache is not None and self.hedge is not None:
            raise GamedayError(
                "cache", expected="a cache or a hedge", got="both", todo="Drop one of them from this call."
            )
        within("parallel", self.parallel, 0, 1000)
        within("copies", self.copies, 1, 1000)


@dataclass(frozen=True, slots=True)
class RouteBehaviour:
    """What one version does on one route: compute, perhaps fail, then call others in sequence.

    Attributes:
        name: The route, as its service declared it.
        service_time: Law of the time that a request takes by itself, calls apart.
        error_rate: Share of requests that fail by themselves after computing (HTTP 500).
        calls: In order; messages that it publishes among them.
        leak: Bytes that each request leaves behind.
        lock: Law of the time for which, after computing, a request holds the instance's one lock.
        shed_rate: Share of requests that are turned away on purpose after computing (503).
        cpu: CPU-ns of each request, where most of its service time is waiting; 0 is all of that time.
    """

    name: str
    service_time: Law
    error_rate: float = 0.0
    calls: tuple[CallBehaviour | Publish, ...] = ()
    leak: int = 0
    lock: Law | None = None
    shed_rate: float = 0.0
    cpu: int = 0

    def __post_init__(self) -> None:
        within("cpu", self.cpu, 0, HOUR)
        within("shed_rate", self.shed_rate, 0.0, 1.0)
        within("leak", self.leak, 0, 1 << 40)
        within("error_rate", self.error_rate, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Memory:
    """What an instance's process takes, in bytes; above the limit the data plane signals ``out_of_memory``.

    Attributes:
        base: Empty.
        request: More for each request queued or running.
        limit: The container's.
    """

    base: int
    request: int
    limit: int

    def __post_init__(self) -> None:
        for name in ("base", "request", "limit"):
            within(name, getattr(self, name), 0, 1 << 50)


@dataclass(frozen=True, slots=True)
class Admission:
    """Whom an instance turns away before it works for them.

    Attributes:
        rate: Requests a second that it takes (429 above); 0 is off.
        burst: How many of them may come at once.
        concurrency: Requests queued and running that it takes (503 above); 0 is off.
        shares: Of that concurrency, for requests of priority 1, 2 and 3 (priority 0 has all).
    """

    rate: float = 0.0
    burst: int = 1
    concurrency: int = 0
    shares: tuple[float, float, float] = (1.0, 1.0, 1.0)

    def __post_init__(self) -> None:
        within("rate", self.rate, 0.0, 1e6)
        within("burst", self.burst, 1, 1_000_000)
        within("concurrency", self.concurrency, 0, 1_000_000)
        for share in self.shares:
            within("shares", share, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One version of a service.

    Attributes:
        concurrency: Worker slots of each instance.
        queue_limit: Requests that may wait at each instance; one more is rejected.
        routes: One entry for each route that the service declared.
        cores: CPUs that those who compute share fairly; more of them than cores slow each other down. None is
            as many as it takes.
        warm_up: ns after its start in which an instance is slower.
        coldness: How much more time requests take at the start of the warm-up, as a share (1.0 doubles it);
            it falls evenly to nothing.
        memory: What its process takes, or None where memory does not matter.
        newest_first_above: With so many waiting, newcomers go to the queue's front; None never.
        admission: Whom it turns away, or None.
        consumes: The topics from which it takes messages, from the time its process listens.
    """

    concurrency: int
    queue_limit: int
    routes: tuple[RouteBehaviour, ...]
    cores: float | None = None
    warm_up: int = 0
    coldness: float = 1.0
    memory: Memory | None = None
    newest_first_above: int | None = None
    admission: Admission | None = None
    consumes: tuple[Consume, ...] = ()

    def __post_init__(self) -> None:
        within("cores", 1.0 if self.cores is None else self.cores, 0.001, 100_000)
        within("warm_up", self.warm_up, 0, HOUR)
        within("coldness", self.coldness, 0.0, 100.0)
        within("concurrency", self.concurrency, 1, 100_000)
        within("queue_limit", self.queue_limit, 0, 1_000_000)
