"""A sample of whole traces: every span of some users' requests, as a tracing backend would be sent them."""

from __future__ import annotations

from typing import Final, Literal, NamedTuple

from simulator import streams
from simulator.dataplane import kernel
from simulator.dataplane.counters import REASONS
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.ranges import within

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


def drain(memory: Memory, names: Names) -> list[SpanRecord]:
    """The spans that ended since the last drain, in order of their end."""
    size = int(memory.scalars[kernel.SPANS])
    memory.scalars[kernel.SPANS] = 0
    memory.scalars[kernel.TRACES_LEFT] = memory.trace_quota
    return [_read(row, names) for row in memory.span[:size].tolist()]


def _server_span(span: int) -> int:
    """The key of a server's span under the attempt that it answers."""
    return streams.mix(span ^ _SERVER)


def _read(row: tuple[int, ...], names: Names) -> SpanRecord:
    kind, start, end, trace, span, above, number, route, edge, attempt, outcome, waited = row
    how = SPAN_OUTCOMES[outcome]
    if kind == kernel.VISITED:
        source = names.sources[edge]
        asked = names.routes[source.service][route]
        return SpanRecord(
            trace,
            span,
            0,
            "user",
            source.name,
            "",
            "",
            asked,
            source.service,
            attempt,
            start,
            end,
            how,
            False,
        )
    info = names.instances[number]
    at = info.service, info.version, info.pod
    if kind == kernel.SERVED:
        own = names.routes[info.service][route]
        message = above != 0
        return SpanRecord(
            trace, _server_span(span), above or span, "server", *at, own, "", attempt, start, end, how,
            not waited and not message,
        )  # fmt: skip
    call, kind_of = names.edges[edge], SPAN_KINDS[kind]
    return SpanRecord(
        trace, span, _server_span(above), kind_of, *at, call.callee_route, call.callee, attempt, start, end,
        how, False,
    )  # fmt: skip
