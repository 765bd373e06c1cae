"""A trace as a waterfall in text: who asked whom, when, for how long, and how it ended.

    SERVICE            WHAT                  START  TOOK    0 ms                          70 ms
    users              visit page            0 ms   70 ms   ▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬▬  timeout
      front            page on front-0       0 ms   70 ms   ██████████████████████████  504 timeout
        → back         read, attempt 1       10 ms  30 ms       ───────────             timeout
          back         read on back-0        10 ms  100 ms      ░░░░░░░░░░░░░░░░░░░░░░  ok, orphaned

A server's work is a block, a caller's wait a line; work that nobody waits for any more is hatched.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from simulator.dataplane import HTTP_CODES, OUTCOMES, SpanRecord
from simulator.telemetry.traces import Trace
from simulator.units import MILLISECOND, SECOND

#: Characters of the time axis.
WIDTH: Final = 40
#: Lines of one waterfall at most; a fan-out of hundreds is cut and says so.
MOST_LINES: Final = 80
_CODES: Final = dict(zip(OUTCOMES, HTTP_CODES, strict=True))
_BARS: Final = {"user": "▬", "server": "█", "client": "─", "producer": "▪"}
_ORPHANED: Final = "░"
_WORDS: Final = {
    "starved": "no free connection",
    "open": "circuit breaker open",
    "no-name": "name not found",
    "no-trust": "certificate expired",
    "refused": "connection refused",
    "unavailable": "no ready pod",
    "rejected": "queue full",
    "abandoned": "abandoned by its caller",
}


def summary(trace: Trace) -> str:
    """What happened, in a line."""
    root = trace.root
    outcome = "still under way" if root is None else how(root)
    counts = [
        f"{len(trace.spans)} spans",
        f"{len(trace.services)} services",
        *(["1 retry"] if trace.retries == 1 else [f"{trace.retries} retries"] if trace.retries else []),
        *([f"{trace.timeouts} timed out"] if trace.timeouts else []),
        *([f"{trace.orphans} orphaned"] if trace.orphans else []),
    ]
    return f"trace {trace.id:016x}: {outcome} after {took(trace.duration)}; {', '.join(counts)}"


def how(span: SpanRecord) -> str:
    """How a span ended: the status where there was an answer, and the word for it."""
    word = _WORDS.get(span.outcome, span.outcome)
    code = _CODES.get(span.outcome) if span.kind in ("server", "user") else None
    ended = f"{code} {word}" if code is not None and span.outcome != "ok" else word
    return f"{ended}, orphaned" if span.orphan else ended


def took(ns: int) -> str:
    """A duration in milliseconds below a second, else in seconds."""
    if ns < SECOND:
        return f"{ns / MILLISECOND:.0f} ms" if ns >= 10 * MILLISECOND else f"{ns / MILLISECOND:.1f} ms"
    return f"{ns / SECOND:.2f} s"


def rows(trace: Trace, route_texts: Mapping[tuple[str, str], str]) -> list[tuple[str, ...]]:
    """The waterfall as rows of cells: service, what, start, duration, bar, how it ended; the header first."""
    begin, length = trace.start, max(trace.end - trace.start, 1)
    axis = f"0 ms{took(length):>{WIDTH - 4}}"
    found: list[tuple[str, ...]] = [("SERVICE", "WHAT", "START", "TOOK", axis, "OUTCOME")]
    for depth, span in tree(trace):
        if len(found) > MOST_LINES:
            found.append((f"… {len(trace.spans) - MOST_LINES} more spans", "", "", "", "", ""))
            break
        found.append(
            (
                "  " * depth + who(span),
                what(span, route_texts),
                took(span.start - begin),
                took(span.end - span.start),
                _bar(span, begin, length),
                how(span),
            )
        )
    return found


def tree(trace: Trace) -> Iterator[tuple[int, SpanRecord]]:
    """Spans with their depth, each above those that it caused; what lost its parent stands at the left."""
    known = {span.span for span in trace.spans}
    below: dict[int, list[SpanRecord]] = {}
    for span in sorted(trace.spans, key=lambda each: (each.start, each.end, each.span)):
        below.setdefault(span.parent if span.parent in known else 0, []).append(span)
    waiting = [(0, span) for span in reversed(below.get(0, []))]
    while waiting:
        depth, span = waiting.pop()
        yield depth, span
        if span.span:
            waiting += [(depth + 1, under) for under in reversed(below.get(span.span, []))]


def who(span: SpanRecord) -> str:
    """The service at work; behind an arrow the one that was asked."""
    return f"→ {span.callee}" if span.kind in ("client", "producer") else span.service


def what(span: SpanRecord, route_texts: Mapping[tuple[str, str], str]) -> str:
    """What was asked, of which pod, for which time."""
    owner = span.callee if span.kind in ("client", "user") else span.service
    route = route_texts.get((owner, span.route), span.route)
    if span.kind == "user":
        return f"visit {route}" + (f", asked {span.attempt} times" if span.attempt > 1 else "")
    if span.kind == "client":
        return f"{route}, attempt {span.attempt}"
    if span.kind == "producer":
        return "publish"
    return f"{route} on {span.pod} ({span.version})"


def _bar(span: SpanRecord, begin: int, length: int) -> str:
    """Where on the axis it lies; at least one character, and none beyond the end."""
    first = min((span.start - begin) * WIDTH // length, WIDTH - 1)
    last = max(-(-(span.end - begin) * WIDTH // length), first + 1)
    mark = _ORPHANED if span.orphan else _BARS[span.kind]
    return (" " * first + mark * (last - first)).ljust(WIDTH)
