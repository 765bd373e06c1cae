"""What metrics cost: a day of a world of ten services, scraped every five seconds, and a dashboard's queries.

Samples are made by arithmetic, not by a run: only their number and how they change matter here. Fifty pods of
three routes, all metrics of the catalogue; counters grow by up to forty a scrape.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import product
from statistics import median
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.telemetry import CATALOGUE, Metric, Store
from simulator.telemetry.collect import CODES, LE
from simulator.telemetry.metric import POD
from simulator.telemetry.promql import query, query_range
from simulator.telemetry.querying import StoreSource
from simulator.units import DAY, HOUR, SECOND

INTERVAL: Final = 5 * SECOND
#: Rows of an ordinary dashboard, an hour in steps of fifteen seconds.
DASHBOARD: Final = {
    "traffic": "sum by (service) (rate(http_requests_total[5m]))",
    "errors": 'sum by (service) (rate(lb_requests_total{code=~"5.."}[5m])) '
    "/ sum by (service) (rate(lb_requests_total[5m]))",
    "latency": "histogram_quantile(0.99, "
    "sum by (service, le) (rate(http_request_duration_seconds_bucket[5m])))",
}
_EPOCH: Final = 20_000 * DAY
_SERVICES, _PODS, _ROUTES, _EDGES = 10, 5, 3, 20
_SPREAD: Final = np.int64(2_654_435_761)
#: How many values labels beside those of the subject have.
_VALUES: Final = {"route": _ROUTES, "code": len(CODES), "le": len(LE), "phase": 5, "reason": 12, "state": 3}


def world(span: int, *, interval: int = INTERVAL) -> Store:
    """A store with the scrapes of a time.

    Args:
        span: How long, ns.
        interval: Distance of scrapes, ns.
    """
    store = Store(limit_bytes=1 << 40)
    series = {name: _label_sets(metric) for name, metric in CATALOGUE.items()}
    counted = {name: np.zeros(len(sets), dtype=np.int64) for name, sets in series.items()}
    for row in range(span // interval):
        store.begin(row * interval)
        for name, sets in series.items():
            family = store.family(name)
            if row == 0:
                family.declare(sets)
            if family.metric.type == "gauge":
                family.write(_gauge(name, len(sets), row))
                continue
            counted[name] = counted[name] + _increments(family.metric, len(sets), row)
            family.write(counted[name])
    return store


def _label_sets(metric: Metric) -> list[tuple[str, ...]]:
    """The series of one metric, with as many values a label as in such a world."""
    own = metric.labels
    if own[: len(POD)] == POD or "pod" in own:
        subjects = [(service, pod) for service in range(_SERVICES) for pod in range(_PODS)]
    elif "upstream" in own:
        subjects = [(edge % _SERVICES, edge) for edge in range(_EDGES)]
    else:
        subjects = [(service, 0) for service in range(_SERVICES)]
    free = [name for name in own if name in _VALUES and not (name == "route" and "upstream" in own)]
    found = []
    for (service, number), values in product(subjects, product(*(range(_VALUES[name]) for name in free))):
        chosen = dict(zip(free, values, strict=True))
        texts = {"code": CODES, "le": LE}
        found.append(
            tuple(
                texts[name][chosen[name]]
                if name in chosen and name in texts
                else f"{name}-{chosen.get(name, service if name == 'service' else f'{service}-{number}')}"
                for name in own
            )
        )
    return found


def _increments(metric: Metric, size: int, row: int) -> NDArray[np.int64]:
    ids = np.arange(size, dtype=np.int64)
    grown = ((ids + 1) * (row + 7) * _SPREAD >> np.int64(9)) % 40
    if "code" in metric.labels:
        grown[ids % len(CODES) > 1] = 0
    if "le" in metric.labels:
        grown = np.cumsum(grown.reshape(-1, len(LE)) // 10, axis=1).ravel()
    return grown * (metric.divisor // 1000 if metric.divisor > 1 else 1)


def _gauge(name: str, size: int, row: int) -> NDArray[np.float64]:
    if name.startswith(("kube_", "up", "workers_total")):
        return np.ones(size)
    numbers = ((np.arange(size, dtype=np.int64) + 3) * (row // 6 + 1) * _SPREAD >> np.int64(11)) % 16
    return numbers.astype(np.float64) * (4096.0 if "bytes" in name else 1.0)


def metrics(rounds: int) -> dict[str, float]:
    """The row of ``gameday bench``: bytes of a day, cost of a scrape, milliseconds of queries."""
    begun = time.process_time()
    store = world(DAY)
    seconds = time.process_time() - begun
    source, end = StoreSource(store, _EPOCH), _EPOCH + DAY
    asked: dict[str, Callable[[], object]] = {
        f"{name}_query_milliseconds": _range_query(source, text, end) for name, text in DASHBOARD.items()
    }
    asked["rate_over_a_day_milliseconds"] = lambda: query(source, "sum(rate(lb_requests_total[1d]))", end)
    return {
        "series": float(store.series_count),
        "megabytes_a_day": store.nbytes / 1e6,
        "scrape_microseconds": 1e6 * seconds / (DAY // INTERVAL),
        **{name: 1000 * median(_timed(ask) for _ in range(rounds)) for name, ask in asked.items()},
    }


def _range_query(source: StoreSource, text: str, end: int) -> Callable[[], object]:
    return lambda: query_range(source, text, end - HOUR, end, 15 * SECOND)


def _timed(ask: Callable[[], object]) -> float:
    begun = time.perf_counter()
    ask()
    return time.perf_counter() - begun
