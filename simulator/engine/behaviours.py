"""From the scenario's words to the data plane's: what a version does, and how its callers choose a pod.

The scenario names each field as the tool that owns it does (Envoy, resilience4j, gRPC, HikariCP); the data
plane has one vocabulary of its own. Here, and nowhere else, one becomes the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from simulator.dataplane import (
    Admission,
    Balancer,
    Behaviour,
    Cache,
    CallBehaviour,
    CircuitBreaker,
    Consume,
    Hedge,
    Memory,
    OutlierDetection,
    Pool,
    Publish,
    RetryBudget,
    RouteBehaviour,
    Routing,
    Store,
    Topic,
)
from simulator.scenario import balancing, instances, messaging, resilience
from simulator.scenario.sealed import RouteOverride, VersionModel
from simulator.scenario.workloads import Route, Service, Workload, WorkloadModel
from simulator.units import MILLISECOND

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a container may take.

    Attributes:
        cpu_millicores: Its CPU limit; None has none.
        memory_bytes: Its memory limit, or what its node has.
    """

    cpu_millicores: int | None
    memory_bytes: int


#: CPU that a request to a partner takes in the pod that stands for him: it is passed on there, and the rest
#: of its service time is his, spent elsewhere.
PARTNER_CPU: Final = 3 * MILLISECOND

#: As much of both as anything may take.
UNLIMITED: Final = Limits(None, 1 << 50)


def behaviour_of(workload: Workload, version: VersionModel, limits: Limits = UNLIMITED) -> Behaviour:
    """What one version does: the workload's model with the version's differences laid over it.

    Args:
        workload: Whose version.
        version: What it does differently; absent fields are the workload's.
        limits: Of its container.
    """
    model = workload.model
    different = {route.name: route for route in version.routes}
    cores, warm_up = _either(version.cores, model.cores), _either(version.warm_up, model.warm_up)
    memory, admission = _either(version.memory, model.memory), _either(version.admission, model.admission)
    consumes = _either(version.consumes, model.consumes) or ()
    cpu = PARTNER_CPU if model.role == "external" else 0
    size = version.maximum_pool_size
    return Behaviour(
        concurrency=model.concurrency if version.concurrency is None else version.concurrency,
        queue_limit=model.queue_limit if version.queue_limit is None else version.queue_limit,
        routes=tuple(
            _route(_resized(_laid_over(route, different.get(route.name)), size), version, cpu)
            for route in model.routes
        ),
        cores=_cores(cores, limits),
        warm_up=warm_up.duration if warm_up is not None else 0,
        coldness=warm_up.coldness if warm_up is not None else 0.0,
        memory=Memory(memory.base, memory.per_request, limits.memory_bytes) if memory is not None else None,
        newest_first_above=_either(version.newest_first_above, model.newest_first_above),
        admission=_admission(admission) if admission is not None else None,
        consumes=tuple(Consume(each.topic, each.route, each.concurrency) for each in consumes),
    )


def routing_of(workload: Workload, service: Service | None) -> tuple[Balancer, Routing]:
    """How callers choose among a workload's pods.

    Args:
        workload: Whose pods.
        service: The Service before it, if there is one; its affinity and its zones count.
    """
    model = workload.model
    sticky = service is not None and service.spec.session_affinity == "ClientIP"
    slow = model.slow_start_config
    routing = Routing(
        outlier=_outlier(model.outlier_detection) if model.outlier_detection is not None else None,
        slow_start=slow.slow_start_window if slow is not None else 0,
        slow_start_floor=slow.min_weight_percent / 100 if slow is not None else 0.0,
        panic_percent=model.healthy_panic_threshold,
        prefer_zone=service is not None and service.spec.traffic_distribution == "PreferClose",
    )
    return "ring_hash" if sticky else model.balancer, routing


def store_of(workload: Workload) -> Store | None:
    """What makes a workload a store, if it is one."""
    store = workload.model.store
    if store is None:
        return None
    return Store(
        store.writes,
        store.entities,
        store.skew,
        store.replication_lag,
        store.failover,
        store.max_connections,
    )


def topic_of(topic: messaging.Topic) -> Topic:
    """A topic as the data plane keeps it."""
    return Topic(
        topic.name,
        topic.order,
        topic.attempts,
        topic.redelivery_delay,
        topic.ordered,
        topic.poison,
        topic.limit,
    )


def weight_of(model: WorkloadModel, version: VersionModel) -> int:
    """The weight of each pod of a version in a weighted rotation."""
    return _either(version.weight, model.weight) or 1


def _either(own: T | None, inherited: T | None) -> T | None:
    """A version's own value, or the workload's."""
    return inherited if own is None else own


def _laid_over(route: Route, change: RouteOverride | None) -> Route:
    """A workload's route as a version has it."""
    if change is None:
        return route
    given = {
        name: getattr(change, name)
        for name in ("service_time", "error_rate", "shed_rate", "calls", "leak", "lock", "publishes")
    }
    return route.model_copy(update={name: value for name, value in given.items() if value is not None})


def _cores(cores: float | None, limits: Limits) -> float | None:
    """CPUs of a process that computes; one that does not compute is not slowed by a limit."""
    if cores is None or limits.cpu_millicores is None:
        return cores
    return min(cores, limits.cpu_millicores / 1000)


def _admission(admission: instances.Admission) -> Admission:
    limit, shares = admission.rate_limit, admission.shedding
    return Admission(
        rate=limit.requests_per_second if limit is not None else 0.0,
        burst=limit.burst if limit is not None else 1,
        concurrency=admission.max_concurrency,
        shares=(shares.priority_1, shares.priority_2, shares.priority_3),
    )


def _outlier(outlier: balancing.OutlierDetection) -> OutlierDetection:
    return OutlierDetection(
        consecutive=outlier.consecutive_5xx,
        interval=outlier.interval,
        base_ejection=outlier.base_ejection_time,
        longest_ejection=outlier.max_ejection_time,
        max_ejection_percent=outlier.max_ejection_percent,
        stdev_factor=outlier.success_rate_stdev_factor,
        minimum_hosts=outlier.success_rate_minimum_hosts,
        request_volume=outlier.success_rate_request_volume,
    )


def _resized(route: Route, size: int | None) -> Route:
    """A route whose calls' connection pools have this size; one without pools, or a size, as it is."""
    if size is None:
        return route
    return route.model_copy(update={"calls": tuple(_with_size(call, size) for call in route.calls)})


def _with_size(call: resilience.Call, size: int) -> resilience.Call:
    pool = call.connection_pool
    if pool is None:
        return call
    kept = size if pool.minimum_idle == pool.maximum_pool_size else min(pool.minimum_idle, size)
    resized = pool.model_copy(update={"maximum_pool_size": size, "minimum_idle": kept})
    return call.model_copy(update={"connection_pool": resized})


def _route(route: Route, version: VersionModel, cpu: int) -> RouteBehaviour:
    per_leak = version.requests_per_leaked_connection
    return RouteBehaviour(
        name=route.name,
        service_time=route.service_time.law,
        error_rate=route.error_rate,
        calls=(
            *(_call(call if per_leak is None else _leaking(call, per_leak)) for call in route.calls),
            *(Publish(each.topic, each.chance) for each in route.publishes),
        ),
        leak=route.leak,
        lock=route.lock.law if route.lock is not None else None,
        shed_rate=route.shed_rate,
        cpu=cpu,
    )


def _leaking(call: resilience.Call, per_leak: int) -> resilience.Call:
    """A call whose pool loses connections, one in so many uses."""
    pool = call.connection_pool or resilience.ConnectionPool()
    leaking = pool.model_copy(update={"requests_per_leaked_connection": per_leak})
    return call.model_copy(update={"connection_pool": leaking})


def _call(call: resilience.Call) -> CallBehaviour:
    hedge, breaker, pool, cache = (
        call.hedging_policy,
        call.circuit_breaker,
        call.connection_pool,
        call.cache,
    )
    return CallBehaviour(
        service=call.service,
        route=call.route,
        timeout=call.try_timeout,
        attempts=call.retries.attempts,
        backoff=call.retries.backoff,
        chance=call.chance,
        parallel=call.parallel,
        copies=call.copies,
        hedge=Hedge(hedge.hedging_delay, hedge.max_attempts - 1) if hedge is not None else None,
        breaker=_breaker(breaker) if breaker is not None else None,
        budget=_budget(call.retries),
        fallback=call.fallback,
        propagate_deadline=call.propagate_deadline,
        pool=_pool(pool) if pool is not None else None,
        cache=_cache(cache) if cache is not None else None,
    )


def _breaker(breaker: resilience.CircuitBreaker) -> CircuitBreaker:
    return CircuitBreaker(
        window=breaker.sliding_window_size,
        minimum_calls=breaker.minimum_number_of_calls,
        failure_rate=breaker.failure_rate_threshold,
        slow_call=breaker.slow_call_duration_threshold,
        slow_rate=breaker.slow_call_rate_threshold,
        wait_open=breaker.wait_duration_in_open_state,
        half_open_calls=breaker.permitted_number_of_calls_in_half_open_state,
    )


def _budget(retries: resilience.Retries) -> RetryBudget | None:
    """The one budget that is given, of three kinds, if one is."""
    if retries.retry_budget is not None:
        envoy = retries.retry_budget
        return RetryBudget(
            "concurrency", ratio=envoy.budget_percent / 100, minimum=envoy.min_retry_concurrency
        )
    if retries.retry_throttling is not None:
        grpc = retries.retry_throttling
        return RetryBudget("tokens", ratio=grpc.token_ratio, max_tokens=grpc.max_tokens)
    if retries.retry_ratio is not None:
        return RetryBudget("ratio", ratio=retries.retry_ratio.ratio, max_tokens=retries.retry_ratio.reserve)
    return None


def _pool(pool: resilience.ConnectionPool) -> Pool:
    return Pool(
        pool.maximum_pool_size,
        pool.connection_timeout,
        pool.requests_per_leaked_connection,
        pool.minimum_idle,
    )


def _cache(cache: resilience.Cache) -> Cache:
    return Cache(
        cache.name, cache.keys, cache.skew, cache.ttl, cache.coalesce, cache.serve_stale, cache.service or ""
    )
