"""From counters to series: for each metric, which numbers of a frame are its samples, in which order.

A collector declares series when it first sees their subject and afterwards gathers their values with one
indexed copy. The order of series is the order of appearance, so a subject's columns never move.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from simulator.dataplane import HTTP_CODES, LE_SECONDS, OUTCOMES, REASONS, CounterFrame, TrafficFrame
from simulator.telemetry.family import Family
from simulator.telemetry.store import Store

Integers = NDArray[np.int64]

#: Status codes that services answer with, as label values.
CODES: Final = tuple(str(code) for code in sorted(set(HTTP_CODES)))
#: Label values of ``le``, as client libraries write them.
LE: Final = (*(f"{bound:g}" for bound in LE_SECONDS), "+Inf")
_OK: Final = OUTCOMES.index("ok")


def _codes_of_outcomes() -> Integers:
    matrix = np.zeros((len(OUTCOMES), len(CODES)), dtype=np.int64)
    for outcome, code in enumerate(HTTP_CODES):
        matrix[outcome, CODES.index(str(code))] = 1
    return matrix


#: Maps counts by outcome to counts by status code, by matrix product.
BY_CODE: Final[Integers] = _codes_of_outcomes()


class Columns:
    """A family whose samples are gathered from a flat array: which places, in order of the series."""

    def __init__(self, family: Family) -> None:
        self.family = family
        self._places: Integers = np.zeros(0, dtype=np.int64)

    def declare(self, labels: Sequence[tuple[str, ...]], places: Sequence[int]) -> range:
        """Add series with the places of their values; returns their ids."""
        first = len(self.family)
        self.family.declare(labels)
        self._places = np.concatenate([self._places, np.array(places, dtype=np.int64)])
        return range(first, first + len(labels))

    def write(self, values: NDArray[Any], *, may_fall: bool = False) -> None:
        """Gather the samples of this scrape out of ``values`` (any shape, read flat).

        Args:
            values: Of the frame.
            may_fall: Whether what counts may have been started again since the last scrape.
        """
        if len(self._places):
            self.family.write(values.ravel()[self._places], may_fall=may_fall)


class Collector(Protocol):
    """Writes some families at each scrape."""

    def collect(self, frame: CounterFrame) -> None:
        """Take in one frame."""


class BalancerCollector:
    """What the load balancer in front of each service counts, pods that are gone included.

    Attributes:
        by_code: Requests of the newest frame by (service, route, code), unrouted ones included.
    """

    def __init__(self, store: Store) -> None:
        self._columns = Columns(store.family("lb_requests_total"))
        self._groups: dict[tuple[str, str], int] = {}
        self._group_of: list[int] = []
        self._service_of: list[int] = []
        self.by_code: Integers = np.zeros((0, 0, len(CODES)), dtype=np.int64)

    def collect(self, frame: CounterFrame) -> None:
        """Write ``lb_requests_total``."""
        if not self._groups:
            for number, service in enumerate(frame.services):
                self._open(frame, number, service, "")
        for info in frame.instances[len(self._group_of) :]:
            self._group_of.append(self._group(frame, info.service, info.version))
        by_group = np.zeros((len(self._groups), frame.requests.shape[1], len(OUTCOMES)), dtype=np.int64)
        np.add.at(by_group, np.array(self._group_of, dtype=np.int64), frame.requests)
        # The first groups are the services themselves: requests that met no ready pod.
        by_group[: len(frame.services), :, OUTCOMES.index("unavailable")] += frame.unrouted
        by_code = by_group @ BY_CODE
        self._columns.write(by_code)
        self.by_code = np.zeros((len(frame.services), *by_code.shape[1:]), dtype=np.int64)
        np.add.at(self.by_code, np.array(self._service_of, dtype=np.int64), by_code)

    def _group(self, frame: CounterFrame, service: str, version: str) -> int:
        if (service, version) not in self._groups:
            self._open(frame, frame.services.index(service), service, version)
        return self._groups[service, version]

    def _open(self, frame: CounterFrame, number: int, service: str, version: str) -> None:
        group = self._groups[service, version] = len(self._groups)
        self._service_of.append(number)
        width = frame.requests.shape[1]
        codes = [code for code in CODES if version or code == str(HTTP_CODES[OUTCOMES.index("unavailable")])]
        self._columns.declare(
            [(service, version, route, code) for route in frame.routes[service] for code in codes],
            [
                (group * width + route) * len(CODES) + CODES.index(code)
                for route in range(len(frame.routes[service]))
                for code in codes
            ],
        )


#: What callers' sidecars count, by the frame's name and the metric's.
_BY_EDGE: Final = {
    "calls": "calls",
    "attempts": "attempts",
    "retries": "retries",
    "timeouts": "timeouts",
    "failures": "failures",
    "hedges": "hedges",
    "fallbacks": "fallbacks",
    "unretried": "retries_refused",
    "starved": "pool_timeouts",
}
#: Why attempts fail; "ok" is no failure, and "no-room" none where no store limits its connections.
_REASONS: Final = tuple(place for place, reason in enumerate(REASONS) if reason not in ("ok", "no-room"))
_NO_ROOM: Final = REASONS.index("no-room")


class EdgeCollector:
    """What the callers' sidecars count, by edge."""

    def __init__(self, store: Store) -> None:
        self._columns = {
            name: Columns(store.family(f"http_client_{shown}_total")) for name, shown in _BY_EDGE.items()
        }
        self._reasons = Columns(store.family("http_client_attempt_failures_total"))
        self._known = 0

    def collect(self, frame: CounterFrame) -> None:
        """Write the ``http_client_*`` metrics."""
        reasons = (*_REASONS, _NO_ROOM) if frame.stores.most_connections.any() else _REASONS
        for edge in frame.edges[self._known :]:
            labels = (edge.caller, edge.caller_route, edge.callee, edge.callee_route)
            for columns in self._columns.values():
                columns.declare([labels], [edge.id])
            self._reasons.declare(
                [(*labels, REASONS[place]) for place in reasons],
                [edge.id * len(REASONS) + place for place in reasons],
            )
        self._known = len(frame.edges)
        self._reasons.write(frame.failed_attempts)
        for name, columns in self._columns.items():
            columns.write(getattr(frame, name))


class UserCollector:
    """What users' browsers report."""

    def __init__(self, store: Store) -> None:
        self._requests = Columns(store.family("user_requests_total"))
        self._slow = Columns(store.family("user_slow_requests_total"))
        self._bad = Columns(store.family("user_bad_requests_total"))
        self._known = 0

    def collect(self, frame: TrafficFrame) -> None:
        """Write the ``user_*`` metrics."""
        width = frame.arrived.shape[1]
        for source in frame.sources[self._known :]:
            if source.synthetic:  # an operator's own requests: nobody's browser
                continue
            who = (source.name, source.service)
            cells = [source.id * width + route for route in range(len(source.routes))]
            self._requests.declare(
                [(*who, route, code) for route in source.routes for code in CODES],
                [cell * len(CODES) + code for cell in cells for code in range(len(CODES))],
            )
            self._slow.declare([(*who, route) for route in source.routes], cells)
            self._bad.declare([who], [source.id])
        self._known = len(frame.sources)
        failed = frame.answered.sum(axis=2) - frame.answered[:, :, _OK]
        self._requests.write(frame.answered @ BY_CODE)
        self._slow.write(frame.slow)
        self._bad.write((failed + frame.slow).sum(axis=1))
