"""Metrics of what requests meet besides pods: caches, breakers, pools, queues, databases, certificates."""

from __future__ import annotations

from typing import Final

from simulator.telemetry.metric import MICROSECONDS, Metric

_CACHE: Final = ("cache",)
_BREAKER: Final = ("service", "version", "route", "upstream", "upstream_route")
_POOL: Final = ("namespace", "pod", "service", "version", "upstream")
_QUEUE: Final = ("queue",)
_DATABASE: Final = ("database",)

PARTS: Final = (
    Metric("cache_hits_total", "counter", "Lookups that a fresh entry answered.", _CACHE),
    Metric("cache_misses_total", "counter", "Lookups that found no entry that could be served.", _CACHE),
    Metric(
        "cache_coalesced_total", "counter", "Misses that waited for the fetch of another instead.", _CACHE
    ),
    Metric("cache_stale_hits_total", "counter", "Lookups that an entry past its life answered.", _CACHE),
    Metric(
        "circuit_breaker_state",
        "gauge",
        "1 for the state in which the circuit breaker is, 0 for the others.",
        (*_BREAKER, "state"),
    ),
    Metric(
        "circuit_breaker_transitions_total",
        "counter",
        "How often the circuit breaker went into a state.",
        (*_BREAKER, "state"),
    ),
    Metric(
        "circuit_breaker_not_permitted_calls_total",
        "counter",
        "Attempts that the circuit breaker did not let through.",
        _BREAKER,
    ),
    Metric(
        "connection_pool_active",
        "gauge",
        "Connections that are taken; one that is never given back stays here.",
        _POOL,
    ),
    Metric("connection_pool_idle", "gauge", "Connections that are open and free.", _POOL),
    Metric("connection_pool_pending", "gauge", "Callers that wait for a connection.", _POOL),
    Metric("connection_pool_max", "gauge", "Connections that the pool may open.", _POOL),
    Metric("connection_pool_opened_total", "counter", "Connections opened.", _POOL),
    Metric("queue_messages_ready", "gauge", "Messages that no consumer has yet.", _QUEUE),
    Metric("queue_messages_delayed", "gauge", "Messages that wait for their next delivery.", _QUEUE),
    Metric("queue_messages_unacked", "gauge", "Messages delivered and not acknowledged yet.", _QUEUE),
    Metric("queue_messages_dead", "gauge", "Dead letters.", _QUEUE),
    Metric(
        "queue_oldest_message_age_seconds",
        "gauge",
        "Age of the oldest message that waits; 0 if none.",
        _QUEUE,
    ),
    Metric("queue_consumers", "gauge", "Instances that take messages.", _QUEUE),
    Metric("queue_messages_published_total", "counter", "Messages that came in.", _QUEUE),
    Metric("queue_messages_refused_total", "counter", "Messages that found the queue full.", _QUEUE),
    Metric("queue_messages_acked_total", "counter", "Messages handled well.", _QUEUE),
    Metric("queue_messages_redelivered_total", "counter", "Failed deliveries that another follows.", _QUEUE),
    Metric("queue_messages_dead_lettered_total", "counter", "Messages that became dead letters.", _QUEUE),
    Metric(
        "queue_message_age_seconds_total",
        "counter",
        "Time from publication to acknowledgement, summed over acknowledged messages.",
        _QUEUE,
        MICROSECONDS,
    ),
    Metric("db_replication_lag_seconds", "gauge", "How far replicas are behind the primary.", _DATABASE),
    Metric("db_primary_up", "gauge", "1 if an instance takes writes, 0 during a failover.", _DATABASE),
    Metric("db_writes_total", "counter", "Writes committed.", _DATABASE),
    Metric("db_reads_total", "counter", "Reads answered, by primary and replicas.", _DATABASE),
    Metric("db_replica_reads_total", "counter", "Reads that a replica answered.", _DATABASE),
    Metric("db_writes_refused_total", "counter", "Writes that found no primary.", _DATABASE),
    Metric("db_failovers_total", "counter", "Promotions of a replica.", _DATABASE),
    Metric("db_connections", "gauge", "Connections that clients keep open.", _DATABASE),
    Metric("db_connections_max", "gauge", "Connections that it takes at most.", _DATABASE),
    Metric(
        "probe_ssl_earliest_cert_expiry",
        "gauge",
        "Unix time at which the certificate of a service ends.",
        ("service",),
    ),
)
