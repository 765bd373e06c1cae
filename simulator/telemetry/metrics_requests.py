"""Metrics of requests: from the pods that answered, balancers in front, callers' sidecars, users."""

from __future__ import annotations

from typing import Final

from simulator.telemetry.metric import NANOSECONDS, POD, Metric

_EDGE: Final = ("service", "route", "upstream", "upstream_route")
_LATENCY: Final = "HTTP request latency as this pod measured it, in seconds."

REQUESTS: Final = (
    Metric("up", "gauge", "1 if the last scrape of this target succeeded.", POD),
    Metric(
        "http_requests_total",
        "counter",
        "HTTP requests answered by this pod, by route and status code.",
        (*POD, "route", "code"),
    ),
    Metric(
        "http_request_duration_seconds_bucket",
        "counter",
        _LATENCY,
        (*POD, "route", "le"),
        exposed_type="histogram",
    ),
    Metric(
        "http_request_duration_seconds_sum",
        "counter",
        _LATENCY,
        (*POD, "route"),
        NANOSECONDS,
        exposed_type="histogram",
    ),
    Metric(
        "http_request_duration_seconds_count",
        "counter",
        _LATENCY,
        (*POD, "route"),
        exposed_type="histogram",
    ),
    Metric(
        "http_requests_in_flight", "gauge", "Requests that are queued or being served, without probes.", POD
    ),
    Metric("workers_busy", "gauge", "Worker slots in use.", POD),
    Metric("workers_total", "gauge", "Worker slots.", POD),
    Metric("queue_depth", "gauge", "Requests that wait for a worker slot.", POD),
    Metric(
        "worker_busy_seconds_total", "counter", "Time for which worker slots were in use.", POD, NANOSECONDS
    ),
    Metric(
        "process_cpu_seconds_total",
        "counter",
        "Total user and system CPU time spent in seconds.",
        POD,
        NANOSECONDS,
    ),
    Metric(
        "lb_requests_total",
        "counter",
        "Requests to a service as its load balancer counted them; version is empty where no pod was ready.",
        ("service", "version", "route", "code"),
    ),
    Metric(
        "lb_outlier_ejections_total",
        "counter",
        "Ejections of pods by the outlier detection of a service's load balancer.",
        ("service",),
    ),
    Metric(
        "lb_outlier_ejected",
        "gauge",
        "1 while the load balancer keeps this pod out as an outlier.",
        ("namespace", "pod", "service"),
    ),
    Metric("http_client_calls_total", "counter", "Calls to an upstream, whatever their attempts.", _EDGE),
    Metric(
        "http_client_attempts_total",
        "counter",
        "Attempts of calls to an upstream, retries included.",
        _EDGE,
    ),
    Metric("http_client_retries_total", "counter", "Attempts after the first of a call.", _EDGE),
    Metric("http_client_timeouts_total", "counter", "Attempts that the caller gave up on.", _EDGE),
    Metric("http_client_failures_total", "counter", "Calls that failed after their last attempt.", _EDGE),
    Metric(
        "http_client_attempt_failures_total",
        "counter",
        "Attempts that did not end well, by reason.",
        (*_EDGE, "reason"),
    ),
    Metric("http_client_hedges_total", "counter", "Further attempts of calls that were hedged.", _EDGE),
    Metric("http_client_fallbacks_total", "counter", "Failed calls that a fallback covered.", _EDGE),
    Metric(
        "http_client_retries_refused_total", "counter", "Retries that the retry budget did not allow.", _EDGE
    ),
    Metric(
        "http_client_pool_timeouts_total",
        "counter",
        "Attempts that waited for a connection of the pool in vain.",
        _EDGE,
    ),
    Metric(
        "user_requests_total",
        "counter",
        "Requests of users as their browsers reported them, by outcome.",
        ("source", "service", "route", "code"),
    ),
    Metric(
        "user_slow_requests_total",
        "counter",
        "Requests of users that succeeded, slower than the objective.",
        ("source", "service", "route"),
    ),
    Metric(
        "user_bad_requests_total",
        "counter",
        "Requests of users that failed or were slower than the objective.",
        ("source", "service"),
    ),
)
