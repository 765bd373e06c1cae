"""PromQL with the semantics of Prometheus 3: parsed by ``promql_parser``, evaluated here, over any source."""

from simulator.telemetry.promql.expressions import Expression, Matcher, selectors
from simulator.telemetry.promql.labels import NAME, Labels, labels_of, metric_text
from simulator.telemetry.promql.locating import pointer
from simulator.telemetry.promql.query import Element, Instant, Matrix, query, query_range
from simulator.telemetry.promql.source import STALE, Block, MemorySource, SeriesSource
from simulator.telemetry.promql.syntax import Version, parse

__all__ = [
    "NAME",
    "STALE",
    "Block",
    "Element",
    "Expression",
    "Instant",
    "Labels",
    "Matcher",
    "Matrix",
    "MemorySource",
    "SeriesSource",
    "Version",
    "labels_of",
    "metric_text",
    "parse",
    "pointer",
    "query",
    "query_range",
    "selectors",
]
