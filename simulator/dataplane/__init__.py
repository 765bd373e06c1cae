"""Requests: a compiled event loop behind a typed front."""

from simulator.dataplane.counters import (
    HTTP_CODES,
    LE_SECONDS,
    OUTCOMES,
    CounterFrame,
    EdgeInfo,
    InstanceInfo,
    LogRecord,
    Signal,
    SourceInfo,
    fine_quantile,
)
from simulator.dataplane.model import (
    Admission,
    Balancer,
    Behaviour,
    CallBehaviour,
    CircuitBreaker,
    Hedge,
    Memory,
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
    "Admission",
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
    "Memory",
    "OutlierDetection",
    "RetryBudget",
    "RouteBehaviour",
    "Routing",
    "Signal",
    "SourceInfo",
    "fine_quantile",
]
