"""Application logs: bounded per pod, true to their requests, rendered when somebody reads them.

The data plane keeps a line for failures and a sample of successes, up to a bound for each pod and scrape; the
scraper collects them. So a log is at most one scrape interval behind, whoever looks and however often:
reading changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

from simulator.dataplane import LogRecord
from simulator.telemetry.messages import CODE_OF, LEVEL_OF, Level, message
from simulator.units import MICROSECOND, MILLISECOND

#: Lines kept for each pod, as a node keeps a container's newest log file.
LINES_PER_POD: Final = 2_000
#: Printed time of T+00:00 where a scenario names none.
DEFAULT_START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a pod's log.

    Attributes:
        at: When it was written, ns.
        level: ``INFO``, ``WARN`` or ``ERROR``.
        service: Whose.
        pod: Name of the pod.
        version: Version of the service.
        message: The sentence.
        route: The request's route; empty for a line about the process itself.
        code: The request's status; 0 likewise.
        latency: ns from arrival to answer.
        trace: 64-bit key of the user's visit, the same in every service; 0 without a request.
        outcome: One of the data plane's outcomes; empty without a request.
    """

    at: int
    level: Level
    service: str
    pod: str
    version: str
    message: str
    route: str = ""
    code: int = 0
    latency: int = 0
    trace: int = 0
    outcome: str = ""


class LogStore:
    """The logs of all pods, living or gone.

    Args:
        start_time: Printed time of T+00:00.
        route_texts: How a (service, route) is written in a line, such as ``POST /orders``; the route's name
            otherwise.
        lines_per_pod: Bound of what is kept.
    """

    def __init__(
        self,
        *,
        start_time: datetime = DEFAULT_START,
        route_texts: Mapping[tuple[str, str], str] | None = None,
        lines_per_pod: int = LINES_PER_POD,
    ) -> None:
        self.start_time = start_time if start_time.tzinfo else start_time.replace(tzinfo=UTC)
        self._route_texts = dict(route_texts or {})
        self._bound = lines_per_pod
        self._pods: dict[str, deque[LogRecord | LogLine]] = {}

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._pods.values())

    @property
    def pods(self) -> tuple[str, ...]:
        """Pods that have written anything, in order of their first line."""
        return tuple(self._pods)

    def add(self, records: Iterable[LogRecord | LogLine]) -> None:
        """Take in what was written since the last time, in order of time."""
        for record in records:
            kept = self._pods.get(record.pod)
            if kept is None:
                kept = self._pods[record.pod] = deque(maxlen=self._bound)
            kept.append(record)

    def tail(self, pods: Iterable[str], count: int | None = None, since: int | None = None) -> list[LogLine]:
        """The newest lines of each pod, pod after pod as ``kubectl logs`` prints them.

        Args:
            pods: Names, in the order of the answer; a pod without a log has no lines.
            count: Lines of each pod at most (``--tail``); None for all that is kept.
            since: Only lines after this time, ns (``--since``).
        """
        lines: list[LogLine] = []
        for pod in pods:
            lines.extend(reversed(list(islice(self._newest(pod, since), count))))
        return lines

    def recent(self, pods: Iterable[str], count: int, *, failures_only: bool = False) -> list[LogLine]:
        """The newest ``count`` lines of these pods together, in order of time."""
        found: list[LogLine] = []
        for pod in pods:
            wanted = (line for line in self._newest(pod, None) if line.level != "INFO" or not failures_only)
            found.extend(islice(wanted, count))
        found.sort(key=lambda line: (line.at, line.pod, line.trace))
        return found[-count:] if count else []

    def text(self, line: LogLine) -> str:
        """The line as the application wrote it: logfmt, one line, times in UTC."""
        parts = [
            f"time={self.timestamp(line.at)} level={line.level.lower()}",
            f"service={line.service} version={line.version} pod={line.pod}",
        ]
        if line.route:
            milliseconds = f"{line.latency / MILLISECOND:.1f}"
            parts.append(f'route="{line.route}" status={line.code} duration_ms={milliseconds}')
            parts.append(f"trace_id={line.trace:016x}")
        escaped = line.message.replace("\\", "\\\\").replace('"', '\\"')
        parts.append(f'msg="{escaped}"')
        return " ".join(parts)

    def timestamp(self, at: int) -> str:
        """A simulated instant in RFC 3339, with milliseconds."""
        moment = self.start_time.astimezone(UTC) + timedelta(microseconds=at // MICROSECOND)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

    def _newest(self, pod: str, since: int | None) -> Iterator[LogLine]:
        """A pod's lines, newest first, as far back as ``since``."""
        for record in reversed(self._pods.get(pod, ())):
            if since is not None and record.at <= since:
                return
            yield record if isinstance(record, LogLine) else self._line(record)

    def _line(self, record: LogRecord) -> LogLine:
        return LogLine(
            at=record.at,
            level=LEVEL_OF[record.outcome],
            service=record.service,
            pod=record.pod,
            version=record.version,
            message=message(record),
            route=self._route_texts.get((record.service, record.route), record.route),
            code=CODE_OF[record.outcome],
            latency=record.latency,
            trace=record.trace,
            outcome=record.outcome,
        )
