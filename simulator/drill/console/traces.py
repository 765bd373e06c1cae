"""``traces`` and ``trace ID``: whole visits, from a list or from a log line to the waterfall."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING, Final

from simulator.drill.console.grammar import Arguments, Flag, RefusedError, nearest
from simulator.drill.console.registry import Command, family
from simulator.drill.console.tables import tabulate
from simulator.telemetry.traces import ORDINARY_IN, TRACES_A_SECOND, Trace
from simulator.telemetry.waterfall import how, rows, summary, took
from simulator.units import MINUTE, format_clock, format_duration

if TYPE_CHECKING:
    from simulator.drill.run import Run

TRACE: Final = family("trace", about="One visit as a waterfall: who asked whom, and for how long.")
TRACES: Final = family("traces", about="List visits of a sample; of these, failed and slow ones are kept.")

_SHORTEST: Final = 4
_LOOK: Final = 'Type logs {service="checkout"} | level="error" and traced="true", or traces --errors.'
_SINCE: Final = 15 * MINUTE
_MOST: Final = 200
_COMPLETED: Final = 20


def _id_word(line: str, arguments: Arguments) -> tuple[str, ...]:
    words = arguments.words
    text = words[0].lower() if words else ""
    if len(words) != 1 or len(text) > 16 or len(text) < _SHORTEST or set(text) - set("0123456789abcdef"):
        raise RefusedError(
            "trace: expected a trace id, such as 7ba3d26cb839e80d (four digits or more)"
            + (f', got "{" ".join(words)[:60]}"' if words else ""),
            where=line,
            expected="a trace id in hexadecimal digits",
            got=" ".join(words)[:60] or "nothing",
            todo="Log lines have them as trace_id; traces lists some.",
        )
    return (text,)


def _ids(run: Run, before: Sequence[str]) -> Sequence[str]:
    if len(before) > 1:
        return ()
    return [f"{trace.id:016x}" for trace in islice(run.telemetry.traces, _COMPLETED)]


@TRACE.verb(
    "",
    usage="ID",
    about="Show a trace; log lines have its id as trace_id, and the first digits suffice.",
    kind="look",
    cost="logs",
    normalise=_id_word,
    candidates=_ids,
)
def trace(run: Run, command: Command) -> str:
    """One waterfall."""
    (text,) = command.targets
    store = run.telemetry.traces
    found = store.find(text)
    if not found:
        traced = len(text) == 16 and store.traced(int(text, 16))
        why = "It was traced and has made way for others." if traced else _untraced()
        raise RefusedError(
            f"trace: {text} not found. {why}",
            where=command.line,
            expected="a trace that was kept",
            got=text,
            todo=_LOOK,
        )
    if len(found) > 1:
        ids = ", ".join(f"{each.id:016x}" for each in found[:5])
        raise RefusedError(
            f"trace: {text} is the beginning of {len(found)} traces: {ids}",
            where=command.line,
            expected="more digits",
            got=text,
            todo="Type more digits.",
        )
    (one,) = found
    table = "\n".join("\t".join(row) for row in rows(one, run.telemetry.route_texts))
    return f"{summary(one)}, begun at {format_clock(one.start)}\n{tabulate(table)}"


def _no_words(line: str, arguments: Arguments) -> tuple[str, ...]:
    if arguments.words:
        word = arguments.words[0][:60]
        is_id = not set(word.lower()) - set("0123456789abcdef")
        meant = f"trace {word[:16]}" if is_id else f"traces --service={word}"
        raise RefusedError(
            f'traces: unexpected "{word}"\n\nDid you mean this?\n\t{meant}',
            where=line,
            expected="flags only",
            got=word,
            todo=f"For one visit type {meant}." if is_id else f"For one service type {meant}.",
        )
    if not 1 <= arguments.number("limit") <= _MOST:
        raise RefusedError(
            f"traces: --limit takes 1 to {_MOST}",
            where=line,
            expected=f"1 to {_MOST}",
            got=arguments.text("limit"),
            todo="Use --service or --errors to see fewer.",
        )
    return ()


def _services(run: Run, before: Sequence[str]) -> Sequence[str]:
    return _known(run) if before and before[-1] == "--service" else ()


def _known(run: Run) -> tuple[str, ...]:
    frame = run.telemetry.frame
    return frame.services if frame is not None else ()


@TRACES.verb(
    "",
    usage="[--service=NAME] [--errors] [--slow] [--since=15m] [--limit=20]",
    about="Newest first, or with --slow the longest first.",
    kind="look",
    cost="logs",
    flags=(
        Flag("service", "Only visits in which this service had a part, if only by refusing a call."),
        Flag("errors", "Only visits that failed.", takes="bool"),
        Flag("slow", "Only visits longer than their objective, the longest first.", takes="bool"),
        Flag("since", "How far back.", takes="duration", default="15m"),
        Flag("limit", "How many at most.", takes="int", default="20"),
    ),
    normalise=_no_words,
    candidates=_services,
)
def traces(run: Run, command: Command) -> str:
    """A list."""
    arguments = command.arguments
    service = arguments.text("service")
    if service and service not in _known(run):
        close = nearest(service, _known(run))
        raise RefusedError(
            f'traces: no service "{service}"' + (f"\n\nDid you mean this?\n\t{close}" if close else ""),
            where=command.line,
            expected=f"one of {', '.join(_known(run))}",
            got=repr(service),
            todo=f"Type traces --service={close}." if close else "Type kubectl get services.",
        )
    oldest = run.now - arguments.duration("since")
    found = [
        each
        for each in run.telemetry.traces
        if each.start >= oldest
        and (not service or each.touches(service))
        and (each.failed or not arguments.truth("errors"))
        and (each.slow or not arguments.truth("slow"))
    ]
    slow = arguments.truth("slow")
    found.sort(key=lambda each: (-each.duration if slow else -each.start, each.id))
    if not found:
        since = format_duration(arguments.duration("since"))
        return f"No trace of the last {since} matches.\n# {_sampling()}"
    shown = found[: arguments.number("limit")]
    head = "TIME\tTRACE\tVISIT\tTOOK\tSPANS\tOUTCOME\tFAILED FIRST"
    table = "\n".join([head, *("\t".join(_row(run, each)) for each in shown)])
    return f"{tabulate(table)}\n# {len(shown)} of {len(found)}. {_sampling()}"


def _row(run: Run, one: Trace) -> tuple[str, ...]:
    root, culprit = one.root, one.culprit
    asked = "" if root is None else run.telemetry.route_texts.get((root.callee, root.route), root.route)
    failed = ""
    if culprit is not None:
        whose = f"{culprit.service} → {culprit.callee}" if culprit.callee else culprit.service
        failed = f"{whose}: {how(culprit)}"
    return (
        format_clock(one.start),
        f"{one.id:016x}",
        asked,
        took(one.duration),
        str(len(one.spans)),
        how(root) if root is not None else "under way",
        failed or "-",
    )


def _sampling() -> str:
    """What traces are not a measure of."""
    return (
        f"About {TRACES_A_SECOND} visits a second are traced, chosen before they fail or not; of these "
        f"failed and slow ones are kept, 1 in {ORDINARY_IN} of the others: no measure of traffic."
    )


def _untraced() -> str:
    """Why there is no trace of a log line's id, and how to come by one that has."""
    return (
        f"Only about {TRACES_A_SECOND} visits a second are traced, chosen before they fail or not, so most "
        f"log lines have no trace, failures too. Lines of those that do say traced=true:\n{_LOOK}"
    )
