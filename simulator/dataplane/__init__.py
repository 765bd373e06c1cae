"""Requests: a compiled event loop behind a typed front."""

from simulator.dataplane.counters import (
    HTTP_CODES,
    LE_SECONDS,
    OUTCOMES,
    CounterFrame,
    EdgeInfo,
    InstanceInfo,
    LogRecord,
    SourceInfo,
    fine_quantile,
)
from simulator.dataplane.model import (
    Balancer,
    Behaviour,
    CallBehaviour,
    CircuitBreaker,
    Hedge,
    OutlierDetection,
    RetryBudget,
    RouteBehaviour,
    Routing,
)
from simulator.dataplane.plane import DataPlane

__all__ = [
    "HTTP_CODES",
    "LE_SECONDS",
    "OUTCOMES",
    "Balancer",
    "Behaviour",
    "CallBehaviour",
    "CircuitBreaker",
    "CounterFrame",
    "DataPlane",
    "EdgeInfo",
    "Hedge",
    "InstanceInfo",
    "LogRecord",
    "OutlierDetection",
    "RetryBudget",
    "RouteBehaviour",
    "Routing",
    "SourceInfo",
    "fine_quantile",
]
