"""The metrics that exist: name, type, help and labels of each, as a ``/metrics`` page declares them.

Names follow Prometheus' conventions (base units, ``_total`` on counters) and the exporters an operator knows:
``http_*`` from a service's own client library, ``lb_*`` from the load balancer in front of it,
``http_client_*`` from its sidecar, ``kube_*`` from kube-state-metrics, ``process_*`` from the standard
process collector.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

MetricType = Literal["counter", "gauge"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric name.

    Attributes:
        name: The Prometheus name.
        type: ``counter`` (stored as int64) or ``gauge`` (stored as float64).
        help: One sentence, the HELP line.
        labels: Label names, in the order in which series carry their values.
        divisor: From the stored integer to the exposed value; 1e9 where nanoseconds are exposed as seconds.
        exposed_type: What TYPE says; the parts of a classic histogram are counters in store and say
            ``histogram``.
    """

    name: str
    type: MetricType
    help: str
    labels: tuple[str, ...]
    divisor: int = 1
    exposed_type: str = ""

    def __post_init__(self) -> None:
        if not self.exposed_type:
            object.__setattr__(self, "exposed_type", self.type)

    @property
    def exposition(self) -> str:
        """The two comment lines of the text format."""
        return f"# HELP {self.name} {self.help}\n# TYPE {self.name} {self.exposed_type}"


_POD: Final = ("service", "version", "pod")
_EDGE: Final = ("service", "route", "upstream", "upstream_route")
_DEPLOYMENT: Final = ("namespace", "deployment")
_NANOSECONDS: Final = 10**9

_METRICS: Final = (
    Metric(
        "up",
        "gauge",
        "1 if the last scrape of this target succeeded.",
        ("service", "pod"),
    ),
    Metric(
        "http_requests_total",
        "counter",
        "HTTP requests answered by this pod, by route and status code.",
        (*_POD, "route", "code"),
    ),
    Metric(
        "http_request_duration_seconds_bucket",
        "counter",
        "HTTP request latency as this pod measured it, in seconds.",
        (*_POD, "route", "le"),
        exposed_type="histogram",
    ),
    Metric(
        "http_request_duration_seconds_sum",
        "counter",
        "HTTP request latency as this pod measured it, in seconds.",
        (*_POD, "route"),
        _NANOSECONDS,
        exposed_type="histogram",
    ),
    Metric(
        "http_request_duration_seconds_count",
        "counter",
        "HTTP request latency as this pod measured it, in seconds.",
        (*_POD, "route"),
        exposed_type="histogram",
    ),
    Metric("workers_busy", "gauge", "Worker slots in use.", _POD),
    Metric("workers_total", "gauge", "Worker slots.", _POD),
    Metric("queue_depth", "gauge", "Requests that wait for a worker slot.", _POD),
    Metric(
        "worker_busy_seconds_total",
        "counter",
        "Time for which worker slots were in use.",
        _POD,
        _NANOSECONDS,
    ),
    Metric(
        "process_cpu_seconds_total",
        "counter",
        "Total user and system CPU time spent in seconds.",
        _POD,
        _NANOSECONDS,
    ),
    Metric(
        "lb_requests_total",
        "counter",
        "Requests to a service as its load balancer counted them; version is empty where no pod was ready.",
        ("service", "version", "route", "code"),
    ),
    Metric(
        "http_client_calls_total",
        "counter",
        "Calls to an upstream, whatever their attempts.",
        _EDGE,
    ),
    Metric(
        "http_client_attempts_total",
        "counter",
        "Attempts of calls to an upstream, retries included.",
        _EDGE,
    ),
    Metric(
        "http_client_retries_total",
        "counter",
        "Attempts after the first of a call.",
        _EDGE,
    ),
    Metric(
        "http_client_timeouts_total",
        "counter",
        "Attempts that the caller gave up on.",
        _EDGE,
    ),
    Metric(
        "http_client_failures_total",
        "counter",
        "Calls that failed after their last attempt.",
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
    Metric(
        "kube_deployment_spec_replicas",
        "gauge",
        "Number of desired pods for a deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas",
        "gauge",
        "The number of replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas_ready",
        "gauge",
        "The number of ready replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas_available",
        "gauge",
        "The number of available replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas_updated",
        "gauge",
        "The number of updated replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_deployment_status_replicas_unavailable",
        "gauge",
        "The number of unavailable replicas per deployment.",
        _DEPLOYMENT,
    ),
    Metric(
        "kube_pod_status_ready",
        "gauge",
        "1 if the pod is ready to serve requests, else 0.",
        ("namespace", "pod", "service", "version"),
    ),
)

#: Every metric by name, in the order in which a scrape writes them.
CATALOGUE: Final[dict[str, Metric]] = {metric.name: metric for metric in _METRICS}
