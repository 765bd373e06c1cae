"""The traces tab: which visits touched the selected service, and one of them as a waterfall."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from simulator.lab import evidence
from simulator.telemetry.traces import Trace
from simulator.telemetry.waterfall import how, summary, took, tree, what, who
from simulator.units import seconds

if TYPE_CHECKING:
    from simulator.lab.frames import Scene

#: Visits in the list, and spans of the one that is drawn, at most.
_VISITS: Final = 14
_SPANS: Final = 60
#: The newest visits out of which those are chosen: failed ones first, then slow ones, then others.
_LOOKED_AT: Final = 60
_GOOD: Final = ("ok", "degraded")


def waterfall(scene: Scene, wanted: str) -> evidence.Waterfall:
    """The newest visits of the selected service and the wanted one of them, else the most telling.

    Args:
        scene: What the console shows.
        wanted: An id, or nothing.
    """
    store = scene.run.telemetry.traces
    touching = (trace for trace in store if trace.touches(scene.service))
    listed = sorted(islice(touching, _LOOKED_AT), key=_rank)[:_VISITS]
    named = store.find(wanted) if wanted else []
    chosen = named[0] if len(named) == 1 else listed[0] if listed else None
    if chosen is None:
        return evidence.Waterfall(note=f"No traced visit of {scene.service} has ended yet.")
    return evidence.Waterfall(
        traces=tuple(_row(trace) for trace in listed),
        chosen=f"{chosen.id:016x}",
        summary=summary(chosen),
        spans=_spans(scene, chosen),
    )


def _rank(trace: Trace) -> int:
    """Failed visits first, then slow ones and those that hide something, then the others."""
    return 0 if trace.failed else 1 if trace.slow or trace.retries or trace.orphans else 2


def _tone(trace: Trace) -> str:
    """By what was promised alone: failed, or slower than its users' objective."""
    return "bad" if trace.failed else "warn" if trace.slow else ""


def _row(trace: Trace) -> evidence.TraceRow:
    ended = how(trace.root) if trace.root is not None else "under way"
    if not trace.failed:
        hidden = (("slow", trace.slow), ("retried", trace.retries), ("orphans", trace.orphans))
        ended = ", ".join([ended, *(word for word, there in hidden if there)])
    return evidence.TraceRow(
        f"{trace.id:016x}", seconds(trace.start), took(trace.duration), ended, _tone(trace)
    )


def _spans(scene: Scene, trace: Trace) -> tuple[evidence.SpanBar, ...]:
    begin, length = trace.start, max(trace.end - trace.start, 1)
    texts = scene.run.telemetry.route_texts
    return tuple(
        evidence.SpanBar(
            depth,
            who(span),
            what(span, texts),
            took(span.end - span.start),
            how(span),
            (span.start - begin) / length,
            (span.end - span.start) / length,
            "orphan" if span.orphan else span.kind,
            span.outcome not in _GOOD,
        )
        for depth, span in islice(tree(trace), _SPANS)
    )
