"""What caches, circuit breakers, queues, databases and certificates show of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from simulator.dataplane import (
    BREAKER_STATES,
    NO_EXPIRY,
    BreakerFrame,
    CounterFrame,
    StoreFrame,
    TopicFrame,
)
from simulator.telemetry.collect import Columns
from simulator.telemetry.store import Store
from simulator.units import SECOND

_CACHES: Final = {
    "cache_hits_total": "hits",
    "cache_misses_total": "misses",
    "cache_coalesced_total": "coalesced",
    "cache_stale_hits_total": "stale",
}
_QUEUES: Final = {
    "queue_messages_ready": "waiting",
    "queue_messages_delayed": "delayed",
    "queue_messages_unacked": "held",
    "queue_messages_dead": "dead",
    "queue_consumers": "consumers",
    "queue_messages_published_total": "published",
    "queue_messages_refused_total": "refused",
    "queue_messages_acked_total": "acknowledged",
    "queue_messages_redelivered_total": "redelivered",
    "queue_messages_dead_lettered_total": "buried",
    "queue_message_age_seconds_total": "age_us",
}
_DATABASES: Final = {
    "db_writes_total": "writes",
    "db_reads_total": "reads",
    "db_replica_reads_total": "replica_reads",
    "db_writes_refused_total": "refused_writes",
    "db_failovers_total": "failovers",
}


class PartsCollector:
    """Writes everything that is neither a pod nor a call; none of it ends before the run.

    Args:
        store: Where to.
        epoch: Nanoseconds from the Unix epoch to T+00:00, for certificates.
    """

    def __init__(self, store: Store, epoch: int) -> None:
        self._store = store
        self._epoch = epoch
        self._columns: dict[str, Columns] = {}
        self._dated: list[int] = []  # rows of services that have had a certificate

    def collect(self, frame: CounterFrame) -> None:
        """Write the state of all parts."""
        if frame.caches.names:
            self._fields(_CACHES, frame.caches, frame.caches.names)
        if frame.topics.names:
            self._queues(frame.topics)
        if frame.stores.names:
            self._databases(frame.stores)
        if frame.breakers.infos:
            self._breakers(frame.breakers)
        services = [(name,) for name in frame.services]
        self._write("lb_outlier_ejections_total", services, frame.ejections)
        self._certificates(frame)

    def _fields(self, fields: Mapping[str, str], part: object, names: Sequence[str]) -> None:
        """One family for each field of a part, by its metric."""
        labels = [(name,) for name in names]
        for metric, field in fields.items():
            self._write(metric, labels, getattr(part, field))

    def _queues(self, part: TopicFrame) -> None:
        self._fields(_QUEUES, part, part.names)
        oldest = [(name,) for name in part.names]
        self._write("queue_oldest_message_age_seconds", oldest, part.oldest_ns / SECOND)

    def _databases(self, part: StoreFrame) -> None:
        self._fields(_DATABASES, part, part.names)
        labels = [(name,) for name in part.names]
        self._write("db_replication_lag_seconds", labels, part.lag_ns / SECOND)
        self._write("db_primary_up", labels, (part.primary >= 0).astype(np.float64))
        limited = np.flatnonzero(part.most_connections)
        if len(limited):
            labels = [labels[row] for row in limited.tolist()]
            self._write("db_connections", labels, part.connections[limited])
            self._write("db_connections_max", labels, part.most_connections[limited])

    def _certificates(self, frame: CounterFrame) -> None:
        """When each certificate ends; NaN for one that was taken away, which is unknown and not fine."""
        dated = frame.certificates != NO_EXPIRY
        if not self._dated and not dated.any():
            return
        self._dated += [row for row in np.flatnonzero(dated).tolist() if row not in self._dated]
        rows = np.array(self._dated, dtype=np.int64)
        ends = np.where(dated[rows], (frame.certificates[rows] + self._epoch) / SECOND, np.nan)
        self._write("probe_ssl_earliest_cert_expiry", [(frame.services[row],) for row in self._dated], ends)

    def _breakers(self, part: BreakerFrame) -> None:
        labels = [(one.service, one.version, one.route, one.callee, one.callee_route) for one in part.infos]
        states = [(*one, state) for one in labels for state in BREAKER_STATES]
        holds = part.state[:, None] == np.arange(len(BREAKER_STATES))
        self._write("circuit_breaker_state", states, holds.astype(np.float64))
        self._write("circuit_breaker_transitions_total", states, part.transitions)
        self._write("circuit_breaker_not_permitted_calls_total", labels, part.refused)

    def _write(self, metric: str, labels: Sequence[tuple[str, ...]], values: NDArray[Any]) -> None:
        """Write one family, whose rows are only ever added at the end."""
        columns = self._columns.get(metric)
        if columns is None:
            columns = self._columns[metric] = Columns(self._store.family(metric))
        known = len(columns.family)
        if known < len(labels):
            columns.declare(labels[known:], range(known, len(labels)))
        columns.write(values)
