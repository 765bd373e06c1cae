"""Application logs: bounded per pod, true to their requests, rendered when somebody reads them.

The data plane keeps a line for failures and a sample of successes, up to a bound for each pod and scrape; the
scraper collects them. So a log is at most one scrape interval behind, whoever looks and however often:
reading changes nothing.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from typing import Final

from simulator.dataplane import LogRecord
from simulator.telemetry.messages import CODE_OF, LEVEL_OF, Level, message
from simulator.units import MICROSECOND, MILLISECOND, SECOND

#: Lines kept for each pod, as a node keeps a container's newest log file.
LINES_PER_POD: Final = 2_000
#: Printed time of T+00:00 where a scenario names none.
DEFAULT_START: Final = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


#: Fields that are written with quotation marks.
_QUOTED: Final = ("route", "msg")


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


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

    Attributes:
        traced: Whether a visit's trace was sent; its lines say so.
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
        self.traced: Callable[[int], bool] = lambda _trace: False

    def __len__(self) -> int:
        return sum(len(kept) for kept in self._pods.values())

    def identity(self, pod: str) -> tuple[str, str]:
        """(service, version) of a pod that has written."""
        first = self._pods[pod][0]
        return first.service, first.version

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

    def tail(
        self,
        pods: Iterable[str],
        count: int | None = None,
        since: int | None = None,
        until: int | None = None,
    ) -> list[LogLine]:
        """The newest lines of each pod, pod after pod as ``kubectl logs`` prints them.

        Args:
            pods: Names, in the order of the answer; a pod without a log has no lines.
            count: Lines of each pod at most (``--tail``); None for all that is kept.
            since: Only lines after this time, ns (``--since``).
            until: Only lines up to this time, ns: those of a process that has ended.
        """
        lines: list[LogLine] = []
        for pod in pods:
            kept = (line for line in self._newest(pod, since) if until is None or line.at <= until)
            lines.extend(reversed(list(islice(kept, count))))
        return lines

    def newest(self, pods: Iterable[str], since: int | None = None) -> Iterator[LogLine]:
        """The lines of these pods together, newest first, as far back as ``since`` (ns)."""
        streams = [self._newest(pod, since) for pod in pods]
        return merge(*streams, key=lambda line: (line.at, line.pod, line.trace), reverse=True)

    def recent(self, pods: Iterable[str], count: int, *, failures_only: bool = False) -> list[LogLine]:
        """The newest ``count`` lines of these pods together, in order of time."""
        wanted = (line for line in self.newest(pods) if line.level != "INFO" or not failures_only)
        return list(islice(wanted, count))[::-1]

    def fields(self, line: LogLine) -> dict[str, str]:
        """The line's fields by name, in order; those about a request only where there is one."""
        found = {
            "time": self.timestamp(line.at),
            "level": line.level.lower(),
            "service": line.service,
            "version": line.version,
            "pod": line.pod,
        }
        if line.route:
            found |= {
                "route": line.route,
                "status": str(line.code),
                "duration_ms": f"{line.latency / MILLISECOND:.1f}",
                "trace_id": f"{line.trace:016x}",
            }
            if self.traced(line.trace):
                found["traced"] = "true"
        return found | {"msg": line.message}

    def text(self, line: LogLine) -> str:
        """The line as the application wrote it: logfmt, one line, times in UTC."""
        return " ".join(
            f'{name}="{_escaped(value)}"' if name in _QUOTED else f"{name}={value}"
            for name, value in self.fields(line).items()
        )

    def timestamp(self, at: int, *, nanoseconds: bool = False) -> str:
        """A simulated instant in RFC 3339, to the millisecond; the kubelet writes nanoseconds."""
        moment = self.start_time.astimezone(UTC) + timedelta(microseconds=at // MICROSECOND)
        if nanoseconds:
            return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % SECOND:09d}Z"
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"

    def instant(self, text: str) -> int | None:
        """The simulated instant of a time in RFC 3339; None where it is none."""
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            return None
        return (moment - self.start_time) // timedelta(microseconds=1) * MICROSECOND

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
