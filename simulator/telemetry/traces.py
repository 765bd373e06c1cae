"""The trace store: whole visits of some users, from the first request to the last orphaned piece of work.

The data plane traces a share of the users, chosen before anybody knows how their visits end (head sampling),
so the trace of a log line, failed or not, is mostly not there. Of those that come, the store keeps every one
that failed, was slow, asked again or left orphaned work, and one in ten of the others, as a collector's tail
sampling does: a count of traces is no measure of traffic. Both are bounded; the
oldest go first. Which users are traced and which traces are kept hangs on their keys, so it is the same in
every run with the same seed. Nothing of it is worked out before somebody asks for a trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from simulator.dataplane import SpanBatch, SpanRecord
from simulator.streams import fold, key
from simulator.units import MINUTE, SECOND

#: Traces a second that the data plane may begin, whatever the load.
TRACES_A_SECOND: Final = 2
#: Of the unremarkable ones, one in so many is kept.
ORDINARY_IN: Final = 10
#: Traces kept of either kind: twenty minutes of an incident in which every traced visit fails.
MOST_REMARKABLE: Final = 2_500
MOST_ORDINARY: Final = 1_000
#: Visits under way at most; an older one whose end was lost makes way.
MOST_OPEN: Final = 2_000
#: After its user's answer, a trace that is not kept is still there so long, and takes in orphaned work.
_LINGERS: Final = MINUTE
#: Drains that wait to be read at most: some three hours at the usual interval, and a few megabytes.
_MOST_WAITING: Final = 2_000
#: A visit longer than this is slow where its source names no objective.
DEFAULT_OBJECTIVE: Final = SECOND

_GOOD: Final = ("ok", "degraded")
_KEPT: Final = key("trace kept")


@dataclass(slots=True)
class Trace:
    """One visit of one user.

    Attributes:
        id: 64-bit key, as in the log lines of its requests.
        spans: In the order of their ends.
        root: The user's span; None while the visit is under way.
        slow: It took longer than its source's objective.
    """

    id: int
    spans: list[SpanRecord] = field(default_factory=list)
    root: SpanRecord | None = None
    slow: bool = False

    @property
    def start(self) -> int:
        """When the first span began, ns."""
        return min(span.start for span in self.spans)

    @property
    def end(self) -> int:
        """When the last span ended, ns: later than the answer where work was orphaned."""
        return max(span.end for span in self.spans)

    @property
    def duration(self) -> int:
        """What the user waited, ns; so far, while the visit is under way."""
        return self.root.end - self.root.start if self.root is not None else self.end - self.start

    @property
    def failed(self) -> bool:
        """The user got no good answer."""
        return self.root is not None and self.root.outcome not in _GOOD

    @property
    def services(self) -> tuple[str, ...]:
        """Services that served a part of it, in order of their first span's start."""
        first = sorted(
            (s for s in self.spans if s.kind == "server"), key=lambda span: (span.start, span.span)
        )
        return tuple(dict.fromkeys(span.service for span in first))

    def touches(self, service: str) -> bool:
        """Whether a service had a part in it: it served, called, or was asked, if only to refuse.

        What refuses for want of room or of a ready pod has no span of its own: its callers' tell of it.
        """
        return any(service in (span.service, span.callee) for span in self.spans)

    @property
    def retries(self) -> int:
        """Attempts after the first, the user's own among them."""
        calls = sum(span.attempt > 1 for span in self.spans if span.kind == "client")
        return calls + (self.root.attempt - 1 if self.root is not None else 0)

    @property
    def timeouts(self) -> int:
        """Attempts that their callers gave up."""
        return sum(span.outcome == "timeout" for span in self.spans if span.kind == "client")

    @property
    def orphans(self) -> int:
        """Pieces of work for which nobody waited any more."""
        return sum(span.orphan for span in self.spans)

    @property
    def culprit(self) -> SpanRecord | None:
        """The deepest failure: of the spans that failed, the first that ended; None where none did."""
        failed = [s for s in self.spans if s.kind != "user" and s.outcome not in (*_GOOD, "abandoned")]
        return min(failed, key=lambda s: (s.end, -s.start, s.kind != "server", s.span), default=None)


class TraceStore:
    """Traces by their keys.

    Args:
        objectives: By source of users, the longest good visit, ns.
    """

    def __init__(self, objectives: Mapping[str, int] | None = None) -> None:
        self._objectives = dict(objectives or {})
        self._open: dict[int, Trace] = {}
        self._remarkable: dict[int, Trace] = {}
        self._ordinary: dict[int, Trace] = {}
        self._seen: set[int] = set()
        self._waiting: list[SpanBatch] = []

    def __len__(self) -> int:
        self._take_in()
        return len(self._remarkable) + len(self._ordinary)

    def __iter__(self) -> Iterator[Trace]:
        """Finished traces, newest end of the visit first."""
        self._take_in()
        kept = chain(self._remarkable.values(), self._ordinary.values())
        return iter(sorted(kept, key=lambda trace: (-trace.root.end if trace.root else 0, trace.id)))

    @property
    def seen(self) -> int:
        """Visits that were traced so far, those that were not kept among them."""
        self._take_in()
        return len(self._seen)

    def defer(self, spans: SpanBatch) -> None:
        """Take in the spans that ended since the last time, once somebody asks; asking changes nothing."""
        self._waiting.append(spans)
        if len(self._waiting) > _MOST_WAITING:
            self._take_in()

    def _take_in(self) -> None:
        waiting, self._waiting = self._waiting, []
        for spans in waiting:
            self._add(spans)

    def add(self, spans: Iterable[SpanRecord]) -> None:
        """Take in spans that ended since the last time, now."""
        self._take_in()
        self._add(spans)

    def _add(self, spans: Iterable[SpanRecord]) -> None:
        newest = 0
        for span in spans:
            newest = span.end
            trace = self._open.get(span.trace) or self._trace(span.trace)
            trace.spans.append(span)
            if span.kind == "user":
                trace.root = span
                trace.slow = span.end - span.start > self._objectives.get(span.service, DEFAULT_OBJECTIVE)
                self._finish(trace)
            elif span.orphan and trace.root is not None:
                self._finish(trace)
        self._bound(newest)

    def traced(self, trace: int) -> bool:
        """Whether the data plane traced this visit; its trace may have made way since."""
        self._take_in()
        return trace in self._seen

    def find(self, text: str) -> list[Trace]:
        """Traces whose key, as sixteen hexadecimal digits, begins so; those under way or just over too."""
        self._take_in()
        wanted = text.lower()
        return [
            trace
            for traces in (self._open, self._remarkable, self._ordinary)
            for trace in traces.values()
            if f"{trace.id:016x}".startswith(wanted)
        ]

    def _trace(self, number: int) -> Trace:
        for traces in (self._open, self._remarkable, self._ordinary):
            if number in traces:
                return traces[number]
        self._seen.add(number)
        made = self._open[number] = Trace(number)
        return made

    def _finish(self, trace: Trace) -> None:
        """Decide whether a trace is kept; one that turns out remarkable later is kept after all."""
        if trace.failed or trace.slow or trace.orphans or trace.retries:
            self._ordinary.pop(trace.id, None)
            self._open.pop(trace.id, None)
            self._remarkable[trace.id] = trace
        elif fold(_KEPT, trace.id) % ORDINARY_IN == 0:
            self._open.pop(trace.id, None)
            self._ordinary[trace.id] = trace

    def _bound(self, newest: int) -> None:
        """Let go of what was not kept and is over since long, then of the oldest beyond each bound."""
        over = []
        for number, trace in self._open.items():  # in order of their first spans, so of time
            if trace.root is None or trace.root.end >= newest - _LINGERS:
                break
            over.append(number)
        for number in over:
            del self._open[number]
        for traces, most in (
            (self._open, MOST_OPEN),
            (self._remarkable, MOST_REMARKABLE),
            (self._ordinary, MOST_ORDINARY),
        ):
            while len(traces) > most:
                del traces[next(iter(traces))]
