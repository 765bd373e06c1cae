"""How callers choose among a workload's ready pods, in Envoy's words."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulator.scenario.fields import Duration, Model, Percent, UpToDay, UpToHour, between
from simulator.units import HOUR, MILLISECOND, SECOND

Balancer = Literal[
    "round_robin", "least_request", "random", "power_of_two", "weighted_round_robin", "ring_hash"
]
_Million = Annotated[int, Field(ge=1, le=1_000_000)]


class OutlierDetection(Model):
    """Envoy's passive health checks: a pod whose answers fail is left out for a while. Envoy's defaults."""

    consecutive_5xx: _Million = 5
    """Failures in a row that eject a pod (timeouts count)."""
    interval: Annotated[Duration, between(MILLISECOND, HOUR)] = 10 * SECOND
    base_ejection_time: UpToHour = 30 * SECOND
    """The n-th ejection takes n times as long."""
    max_ejection_time: UpToDay = 300 * SECOND
    max_ejection_percent: Percent = 10
    success_rate_stdev_factor: Annotated[int, Field(ge=0, le=1_000_000)] = 1900
    """Thousandths of a standard deviation below the mean success rate that eject; 0 is off."""
    success_rate_minimum_hosts: Annotated[int, Field(ge=0, le=1_000_000)] = 5
    success_rate_request_volume: _Million = 100


class SlowStart(Model):
    """Envoy's ``slow_start_config``: a pod that has just become ready gets less at first."""

    slow_start_window: UpToHour
    min_weight_percent: Percent = 10
