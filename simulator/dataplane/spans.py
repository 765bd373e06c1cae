"""A sample of whole traces: every span of some users' requests, as a tracing backend would be sent them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from simulator import streams
from simulator.dataplane import kernel
from simulator.dataplane.counters import REASONS
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.ranges import within
from simulator.dataplane.state import Records

Keys = npt.NDArray[np.uint64]
SpanKind = Literal["user", "client", "server", "producer"]
#: Kinds of spans, by code.
SPAN_KINDS: Final[tuple[SpanKind, ...]] = ("user", "client", "server", "producer")
#: How a span can end: as an attempt can, or abandoned by a caller that died or took another's answer.
SPAN_OUTCOMES: Final = (*REASONS, "abandoned")
_SERVER: Final = streams.key("server span")


class SpanRecord(NamedTuple):
    """One span, written when it ended; a trace's spans may come in several drains, orphaned ones last.

    Attributes:
        trace: 64-bit key of the user's visit.
        span: 64-bit key of this span.
        parent: That of the span above it; 0 for a user's.
        kind: ``user``: a whole visit. ``client``: one attempt of a call, as its caller saw it. ``server``: a
            request at an instance, a message's handling among them. ``producer``: a message published.
        service: Whose span: of a user the source, of a client and producer the caller's service.
        version: Of the pod; empty for a user.
        pod: Its name; empty for a user.
        route: Of a server its own, of a client or user the one it asked for.
        callee: Whom a client asked, or the topic of a producer; empty otherwise.
        attempt: 1 first; a user's: how often it asked.
        start: ns.
        end: ns.
        outcome: One of ``SPAN_OUTCOMES``.
        orphan: The server's work for which nobody waited any more.
    """

    trace: int
    span: int
    parent: int
    kind: SpanKind
    service: str
    version: str
    pod: str
    route: str
    callee: str
    attempt: int
    start: int
    end: int
    outcome: str
    orphan: bool


def set_tracing(memory: Memory, share: float, per_drain: int) -> None:
    """Choose whose requests leave spans; see ``DataPlane.set_tracing``."""
    within("share", share, 0.0, 1.0)
    within("per_drain", per_drain, 0, 10_000)
    memory.scalars[kernel.TRACE_BELOW] = round(share * (1 << 32))
    memory.scalars[kernel.TRACES_LEFT] = memory.trace_quota = per_drain


class SpanBatch:
    """The spans of one drain, as the kernel wrote them; they become records when somebody reads them."""

    __slots__ = ("_names", "_rows")

    def __init__(self, rows: Records, names: Names) -> None:
        self._rows = rows
        self._names = names

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[SpanRecord]:
        """In order of their end."""
        rows = self._rows
        # A column at a time: numpy turns a column into numbers several times faster than it does records.
        columns = [rows[name].tolist() for name in rows.dtype.names or ()]
        own, above = server_spans(rows["span"]).tolist(), server_spans(rows["parent"]).tolist()
        for row in zip(*columns, own, above, strict=True):
            yield _read(self._names, *row)


def drain(memory: Memory, names: Names) -> SpanBatch:
    """The spans that ended since the last drain."""
    size = int(memory.scalars[kernel.SPANS])
    memory.scalars[kernel.SPANS] = 0
    memory.scalars[kernel.TRACES_LEFT] = memory.trace_quota
    return SpanBatch(memory.span[:size].copy(), names)


def server_spans(spans: Keys) -> Keys:
    """The keys of servers' spans under the attempts that they answer: ``streams.mix`` of many at once."""
    mixed = spans ^ np.uint64(_SERVER)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(int(kernel.MIX_1))
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(int(kernel.MIX_2))
    return mixed ^ (mixed >> np.uint64(31))


def _read(
    names: Names, kind: int, start: int, end: int, trace: int, span: int, message: int, number: int,
    route: int, edge: int, attempt: int, outcome: int, waited: int, own: int, above: int,
) -> SpanRecord:  # fmt: skip
    """One record; ``own`` and ``above`` are the keys of a server's span under its span and its parent."""
    how = SPAN_OUTCOMES[outcome]
    if kind == kernel.VISITED:
        source = names.sources[edge]
        return SpanRecord(
            trace, span, 0, "user", source.name, "", "", names.routes[source.service][route],
            source.service, attempt, start, end, how, False,
        )  # fmt: skip
    info = names.instances[number]
    if kind == kernel.SERVED:
        return SpanRecord(
            trace, own, message or span, "server", info.service, info.version, info.pod,
            names.routes[info.service][route], "", attempt, start, end, how, not (waited or message),
        )  # fmt: skip
    call = names.edges[edge]
    return SpanRecord(
        trace, span, above, SPAN_KINDS[kind], info.service, info.version, info.pod, call.callee_route,
        call.callee, attempt, start, end, how, False,
    )  # fmt: skip
