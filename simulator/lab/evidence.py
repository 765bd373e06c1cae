"""What the console's evidence tabs show, as plain typed records; ``view.wire`` makes JSON of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Table:
    """A tab's content: columns and rows of text, or plain lines.

    Attributes:
        tab: ``logs``, ``events``, ``rollout``, ``alerts``.
        columns: Headings; empty for plain lines.
        rows: Cells; the health of a row stands in ``tones`` at the same place.
        tones: ``""``, ``bad`` or ``warn`` for each row.
        lines: Plain lines, in place of rows.
        note: A sentence above the table, or alone when there is nothing to show.
    """

    tab: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    tones: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class TraceRow:
    """A visit in the list.

    Attributes:
        id: Sixteen hexadecimal digits.
        at: When it began, seconds since T+00:00.
        took: Words such as ``70 ms``.
        ended: How: ``ok``, ``504 timeout``.
        tone: ``bad`` if it failed, ``warn`` if it was slower than its users' objective, else empty.
    """

    id: str
    at: float
    took: str
    ended: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class SpanBar:
    """One span of the waterfall.

    Attributes:
        depth: How deep below the visit.
        who, what, took, ended: Words.
        start, width: Where it lies on the time axis, shares of 1.
        kind: ``user``, ``server``, ``client``, ``producer``; ``orphan`` where nobody waits any more.
        bad: It failed.
    """

    depth: int
    who: str
    what: str
    took: str
    ended: str
    start: float
    width: float
    kind: str
    bad: bool = False


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The traces tab: some visits, and one of them span by span.

    Attributes:
        tab: ``traces``.
        traces: Newest first; failed, slow and repeated ones before others.
        chosen: The id of the one that is drawn; empty where there is none.
        summary: It in a sentence.
        spans: Its spans, each above those that it caused.
        note: A sentence in place of all, when there is nothing to show.
    """

    tab: str = "traces"
    traces: tuple[TraceRow, ...] = ()
    chosen: str = ""
    summary: str = ""
    spans: tuple[SpanBar, ...] = ()
    note: str = ""
