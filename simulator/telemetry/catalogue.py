"""The metrics that exist: every name with type, help and labels, in the order in which a scrape writes them.

Names follow Prometheus' conventions (base units, ``_total`` on counters) and the exporters that an operator
knows: ``http_*``, ``workers_*`` and ``process_*`` from a pod's own page, with the labels that service
discovery adds; ``lb_*`` from the load balancer in front of a service; ``http_client_*``,
``circuit_breaker_*`` and ``connection_pool_*`` from the callers' side; ``kube_*`` from kube-state-metrics,
``container_*`` from cAdvisor, ``prober_*`` from the kubelet; ``user_*`` from the users' browsers.

**Who counts requests.** Two counters speak of the same requests. ``http_requests_total`` is each pod's own:
it knows nothing of requests that no pod answered, begins anew when its container does, and goes when its pod
goes. ``lb_requests_total`` is the balancer's: it has every request that somebody sent, those that met no
ready pod as code 503 with an empty ``version``, and it outlives pods. In a mesh the same two are
``istio_requests_total`` with ``reporter="destination"`` and ``reporter="source"``. An SLO is a promise to
those who ask, so SLOs count ``lb_requests_total``; a question about one pod's or one version's own work asks
``http_requests_total``.

Series of a pod begin when its container runs for the first time; all status codes are there from the start,
at 0, as a well-made client library exposes them, so that a first error is an increase.
"""

from __future__ import annotations

from typing import Final

from simulator.telemetry.metric import Metric, MetricType
from simulator.telemetry.metrics_cluster import CLUSTER
from simulator.telemetry.metrics_parts import PARTS
from simulator.telemetry.metrics_requests import REQUESTS

__all__ = ["CATALOGUE", "Metric", "MetricType"]

#: Every metric by name, in the order in which a scrape writes them.
CATALOGUE: Final[dict[str, Metric]] = {metric.name: metric for metric in (*REQUESTS, *PARTS, *CLUSTER)}
