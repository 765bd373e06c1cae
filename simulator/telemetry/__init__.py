"""What can be seen: the scraper, the series store, golden signals, logs, traces."""

from simulator.telemetry.catalogue import CATALOGUE, Metric
from simulator.telemetry.declared import observe
from simulator.telemetry.frames import catalogue_frame, metrics_frame
from simulator.telemetry.logs import LogLine, LogStore
from simulator.telemetry.scraper import Telemetry
from simulator.telemetry.signals import (
    SIGNAL_WINDOW,
    EdgeTraffic,
    NodeTraffic,
    Signals,
    TrafficMap,
    signals,
    traffic_map,
)
from simulator.telemetry.store import Samples, Store
from simulator.telemetry.traces import Trace, TraceStore

__all__ = [
    "CATALOGUE",
    "SIGNAL_WINDOW",
    "EdgeTraffic",
    "LogLine",
    "LogStore",
    "Metric",
    "NodeTraffic",
    "Samples",
    "Signals",
    "Store",
    "Telemetry",
    "Trace",
    "TraceStore",
    "TrafficMap",
    "catalogue_frame",
    "metrics_frame",
    "observe",
    "signals",
    "traffic_map",
]
