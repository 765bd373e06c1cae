"""What the console shows, as plain typed records: the whole contract between the kernel and the page.

``frames.py`` makes a :class:`Frame` from a run, ``console.py`` sends it, ``static/js`` draws it. Nothing here
knows a widget or a simulator, so a frame can be written by hand in a test and drawn in a bare browser page.

On the wire a record is a JSON object with the same names. Times are seconds of simulated time (floats: a
browser has no 64-bit integers), shares are 0…1, latencies are seconds. A value that is not known is
``None``, never zero. The samples of the charts do not travel as JSON: they are one block of little-endian
float32, row after row in the order in which :class:`Signals` names them, NaN where nothing was measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, is_dataclass
from typing import Final, Literal

Wire = None | bool | int | float | str | list["Wire"] | dict[str, "Wire"]

Health = Literal["ok", "warn", "bad", "unknown"]
StepState = Literal["waiting", "current", "beside", "done"]
Tone = Literal["old", "new", "fast", "mid", "slow", "plain", "bad"]
"""What a line means; the style sheet gives it a colour that suits the theme."""

WINDOW_SECONDS: Final = 900
STEP_SECONDS: Final = 5


@dataclass(frozen=True, slots=True)
class Clock:
    """Where the run is in its own time.

    Attributes:
        now, duration: Seconds since T+00:00.
        ended: The drill is over; nothing advances any more.
        playing: The clock runs by itself.
        speed: Simulated seconds in a second of the learner's, while playing.
        pausable: False in a game day whose clock does not stop.
    """

    now: float
    duration: float
    ended: bool = False
    playing: bool = False
    speed: int = 10
    pausable: bool = True


@dataclass(frozen=True, slots=True)
class Budget:
    """One objective and its error budget.

    Attributes:
        name: The objective's name.
        title: Words for the status bar, such as ``checkout availability``.
        target: ``99.9 %``.
        window: ``30 d``.
        left: Share of the budget that is left; below 0 when overspent.
        left_at_start: The same at T+00:00.
        burn: Burn rate over ``burn_over``; 1 spends the budget exactly in the window. None before there is
            data.
        page_burn: Burn rate at which the fast page rings.
        empty_in: Seconds until nothing is left at this rate; None when that is further off than the window.
        minutes_left: The same budget as minutes of full outage.
        burn_over: The window of ``burn``, such as ``5m``: the same second has another burn in every window.
    """

    name: str
    title: str
    target: str
    window: str
    left: float
    left_at_start: float
    burn: float | None
    page_burn: float
    empty_in: float | None = None
    minutes_left: float | None = None
    burn_over: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of the pager."""

    id: str
    alert: str
    since: float
    summary: str = ""
    acked_at: float | None = None
    resolved_at: float | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One of James's four steps.

    Attributes:
        name: ``Assess``, ``Mitigate``, ``Communicate``, ``Investigate``.
        state: ``waiting`` until it begins; ``beside`` for communication, which runs beside the others.
        note: Words on the right: ``2 min``, ``3:50 left of 5:00``, ``next by T+17:10``.
        used: Share of its time that has gone; None for a step without a clock.
        late: Its time is over.
    """

    name: str
    state: StepState
    note: str = ""
    used: float | None = None
    late: bool = False


def step_state(word: str) -> StepState:
    """One of the four words; an unknown one counts as waiting."""
    states: tuple[StepState, ...] = ("waiting", "current", "beside", "done")
    return next((state for state in states if state == word), "waiting")


@dataclass(frozen=True, slots=True)
class PodDot:
    """One pod on the map."""

    name: str
    version: str
    ready: bool
    new: bool


@dataclass(frozen=True, slots=True)
class Node:
    """One part of the system.

    Attributes:
        name: The service's name.
        role: ``users``, ``load-balancer``, ``service``, ``database``, ``cache``, ``external``.
        column, row: Where it stands: columns follow the flow from the users, rows are shares of the height
            (0…1).
        health: Ring, triangle or diamond.
        rate: Requests a second, 1-minute average.
        errors: Share that failed, 1-minute average.
        saturation: Busy share of its worker slots.
        queue: Requests waiting.
        pods: Its pods, oldest first.
        split: Share of the requests that each version answered, oldest version first.
        reason: Why it is not healthy, in a few words.
    """

    name: str
    role: str
    column: int
    row: float
    health: Health = "ok"
    rate: float | None = None
    errors: float | None = None
    saturation: float | None = None
    queue: float | None = None
    pods: tuple[PodDot, ...] = ()
    split: tuple[tuple[str, float], ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """Requests from one part to another, 1-minute averages."""

    source: str
    target: str
    rate: float | None = None
    errors: float | None = None
    health: Health = "ok"


@dataclass(frozen=True, slots=True)
class Marker:
    """A line through the charts.

    Attributes:
        at: When, seconds.
        kind: ``deploy``, ``page``, ``resolved``, ``act``.
        text: A word or two, such as ``v43``.
        long: A sentence for the tooltip and the table.
    """

    at: float
    kind: Literal["deploy", "page", "resolved", "act", "status"]
    text: str
    long: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart; its samples are one row of the block.

    Attributes:
        label: ``v42``, ``p99``, or empty when the chart has one line only.
        tone: What it means.
        latest: Over the window of the map; None without data.
        judged: The chart's threshold applies to it.
        stacked: Drawn as an area on top of the line before it.
    """

    label: str
    tone: Tone
    latest: float | None
    judged: bool = False
    stacked: bool = False


@dataclass(frozen=True, slots=True)
class Threshold:
    """A dotted line across a chart."""

    value: float
    label: str


@dataclass(frozen=True, slots=True)
class Chart:
    """One of the four golden signals.

    Attributes:
        key: ``traffic``, ``errors``, ``latency``, ``saturation``.
        title: ``Traffic``.
        unit: ``rps``, ``%``, ``s``.
        lines: Its lines.
        threshold: What it is judged by.
        allowance: Errors only: the share that the objective allows, which is burn rate 1.
        summary: The chart in one sentence, for a screen reader and for people who prefer text.
    """

    key: Literal["traffic", "errors", "latency", "saturation"]
    title: str
    unit: str
    lines: tuple[Line, ...]
    threshold: Threshold | None = None
    allowance: float | None = None
    summary: str = ""


@dataclass(frozen=True, slots=True)
class Signals:
    """The four charts of the selected service and the time axis that they share.

    Attributes:
        service: Whose signals.
        start: Time of the first sample, seconds.
        step: Seconds between samples.
        count: Samples in a row.
        charts: Traffic, errors, latency, saturation.
        summary: One sentence on all four.
        window: Seconds that a point of a line covers.
        latest: Seconds that the newest numbers cover, here and on the map.
    """

    service: str
    start: float
    step: float
    count: int
    charts: tuple[Chart, ...]
    summary: str = ""
    window: float = 30.0
    latest: float = 60.0


@dataclass(frozen=True, slots=True)
class Again:
    """A way to play again, for who has a browser and no Python.

    Attributes:
        label: ``the same again``.
        query: The query of the address under which the page then plays.
    """

    label: str
    query: str


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything that changes with the clock.

    Attributes:
        notice: What the console itself has to tell, such as why the clock slowed down; mostly empty.
        confirm: A dangerous line that waits for a yes.
        hint_cost: What a hint takes of the clock.
        typing: In whose name lines are typed, where a team shares the screen.
        again: Offered after the end, where the page is served by ``gameday play``.
    """

    title: str
    mode: str
    seed: int
    variant: int
    clock: Clock
    budgets: tuple[Budget, ...]
    pages: tuple[Page, ...]
    steps: tuple[Step, ...]
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    markers: tuple[Marker, ...]
    signals: Signals
    confirm: str = ""
    hint_cost: str = "10 s"
    typing: str = ""
    notice: str = ""
    again: tuple[Again, ...] = ()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the incident channel."""

    id: str
    at: float
    kind: Literal["page", "coach", "people", "status", "you", "system"]
    author: str
    text: str
    note: str = ""
    acked_at: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the terminal and what it printed.

    Attributes:
        number: Position among all lines, from 0; those that are no act any more, after the end, count too.
        at: When it was typed, seconds.
        line: As typed.
        text: As printed.
        ok: False when it was refused.
        actor: Who typed it.
        role: In whose name, where a team shares the screen.
    """

    number: int
    at: float
    line: str
    text: str
    ok: bool = True
    actor: str = "you"
    role: str = ""


def wire(value: object) -> Wire:
    """A record as JSON can carry it: names kept, tuples as lists, NaN and infinity as ``None``.

    Raises:
        TypeError: Something in it is no record, number or text.
    """
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, tuple | list):
        return [wire(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: wire(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"a frame holds records, numbers and text, not {type(value).__name__}")
