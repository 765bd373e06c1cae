"""A rollout of 200 replicas over 40 nodes, beside the requests that flow at the same time."""

from __future__ import annotations

import json
import time
from statistics import median
from typing import Any, Final

from simulator.engine import Production
from simulator.scenario import Scenario, load_bytes
from simulator.units import MINUTE, SECOND
from simulator.world import edits

REPLICAS: Final = 200
NODES: Final = 40
#: Requests a second: fifty for each pod, which keeps one of its sixteen workers busy.
RATE: Final = 10_000
_MINUTES: Final = 5
_TEXTS: Final = b"{story: a, normal: b, situation: c, debrief: {whatHappened: d, rule: e, change: f}}"


def rollout(rounds: int) -> dict[str, float]:
    """CPU seconds of five minutes: of the requests alone, of the rollout alone, and of both together."""
    requests, controllers, both = [], [], []
    for _ in range(rounds):
        requests.append(_cost(RATE, roll=False))
        controllers.append(_cost(0, roll=True))
        both.append(_cost(RATE, roll=True))
    return {
        "replicas": REPLICAS,
        "nodes": NODES,
        "requests_per_second": RATE,
        "requests_cpu_seconds": round(median(requests), 3),
        "rollout_cpu_seconds": round(median(controllers), 3),
        "both_cpu_seconds": round(median(both), 3),
    }


def _cost(rate: int, *, roll: bool) -> float:
    production = Production(_scenario(rate), 1)
    production.advance(0)
    begun = time.process_time()
    production.advance(10 * SECOND)
    if roll:
        edits.set_image(production.cluster, production.now, "web", {"web": "web:v2"})
    production.advance(_MINUTES * MINUTE)
    taken = time.process_time() - begun
    if roll:
        assert production.cluster.deployment("web").complete, "the rollout ends within the measured minutes"
    return taken


def _scenario(rate: int) -> Scenario:
    """200 pods of one service, probed every ten seconds, and a second image to roll out."""
    container: dict[str, Any] = {
        "name": "web",
        "image": "web:v1",
        "resources": {"requests": {"cpu": "500m"}},
        "readinessProbe": {"periodSeconds": 2},
    }
    page = {"name": "page", "serviceTime": {"distribution": "exponential", "mean": "15ms"}}
    total = 'http_requests_total{service="web"}'
    good = 'http_requests_total{service="web",code!~"5.."}'
    queries = {
        name: {"metricSource": {"spec": {"query": text}}} for name, text in (("good", good), ("total", total))
    }
    objective = {
        "apiVersion": "openslo/v1",
        "kind": "SLO",
        "metadata": {"name": "web"},
        "spec": {
            "service": "web",
            "budgetingMethod": "Occurrences",
            "indicator": {
                "metadata": {"name": "good"},
                "spec": {"ratioMetric": {"counter": True, **queries}},
            },
            "timeWindow": [{"duration": "30d", "isRolling": True}],
            "objectives": [{"target": 0.999}],
        },
    }
    workload = {
        "kind": "Deployment",
        "metadata": {"name": "web"},
        "spec": {"replicas": REPLICAS, "template": {"spec": {"containers": [container]}}},
        "model": {
            "routes": [page],
            "history": [{"image": "web:v2", "age": "48h"}, {"image": "web:v1", "age": "24h"}],
        },
    }
    tree = {
        "apiVersion": "gameday/v1",
        "kind": "Scenario",
        "metadata": {"name": "rollout", "title": "A rollout"},
        "spec": {
            "duration": "1h",
            "warmUp": "10s",
            "nodes": {"count": NODES},
            "workloads": [workload],
            "services": [
                {"kind": "Service", "metadata": {"name": "web"}, "spec": {"selector": {"app": "web"}}}
            ],
            "traffic": [{"name": "users", "rate": rate, "service": "web", "routes": {"page": 1}}],
            "slos": [objective],
        },
    }
    return load_bytes(json.dumps(tree, indent=1).encode(), _TEXTS)
