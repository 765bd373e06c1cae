"""The kernel's memory: its arrays, how they grow, and the names of their rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from simulator.dataplane import kernel, state
from simulator.dataplane.counters import (
    BOUNDS_NS,
    BUCKET_OF,
    EdgeInfo,
    InstanceInfo,
    SourceInfo,
)
from simulator.dataplane.frames import BreakerInfo, PoolInfo
from simulator.dataplane.state import Ints
from simulator.dataplane.twin import Column, Table, plain_kernel
from simulator.errors import SimulationError
from simulator.units import format_clock

FIRST_SLOTS: Final = 2048
#: Requests that may be open at once, at most; a run that needs more is refused, not slowed down in silence.
MOST_SLOTS: Final = 1 << 20
#: Events that may be pending at once, at most; timeouts that never fire are not among them.
MOST_EVENTS: Final = 1 << 22
#: Messages in all topics together, at most.
MOST_MESSAGES: Final = 1 << 21
_LOG_ROOM: Final = 4096
#: Spans between two drains, at most; more are dropped and counted.
_SPAN_ROOM: Final = 16_384
MOST_SIGNALS: Final = 1 << 17


@dataclass(slots=True)
class Names:
    """Which service, instance, edge and source each row is.

    Attributes:
        services: By row.
        routes: Of each service, by place.
        instances: By row.
        edges: By counter row.
        sources: By row.
        caches: By row.
        breakers: By row.
        pools: By row.
        topics: By row.
        stores: The service of each, by row.
        width: R, the routes of the widest service; 0 until the first version fixes it.
    """

    services: list[str] = field(default_factory=list)
    routes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    instances: list[InstanceInfo] = field(default_factory=list)
    edges: list[EdgeInfo] = field(default_factory=list)
    sources: list[SourceInfo] = field(default_factory=list)
    caches: list[str] = field(default_factory=list)
    breakers: list[BreakerInfo] = field(default_factory=list)
    pools: list[PoolInfo] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    stores: list[str] = field(default_factory=list)
    width: int = 0


class Memory:
    """All arrays of one data plane; ``state.py`` has their fields, ``CounterFrame`` the counters' shapes.

    Args:
        start: Simulated time at the beginning, ns.
        compiled: Whether the arrays go to the compiled kernel, or as columns to its twin.
    """

    def __init__(self, start: int, *, compiled: bool) -> None:
        self._compiled = compiled
        self.scalars = np.zeros(kernel.N_SCALARS, dtype=np.int64)
        self.scalars[kernel.NOW] = start
        self.scalars[kernel.SPARE] = kernel.MARGIN
        self.heap = state.records(state.HEAP, 2 * FIRST_SLOTS)
        self.service = state.records(state.SERVICE, 0)
        self.endpoints = np.zeros(0, dtype=np.int64)
        self.instance = state.records(state.INSTANCE, 0)
        self.program = state.records(state.PROGRAM, 0)
        self.edge = state.records(state.EDGE, 0)
        self.source = state.records(state.SOURCE, 0)
        self.source_route = state.records(state.SOURCE_ROUTE, 0)
        self.call = state.records(state.CALL, 0)
        self.work = state.records(state.WORK, 0)
        self.log = state.records(state.LOG, _LOG_ROOM)
        self.tables = np.zeros(0, dtype=np.int64)
        self.plan_time = np.zeros(0, dtype=np.int64)
        self.plan_rate = np.zeros(0, dtype=np.int64)
        self.n_requests = np.zeros(0, dtype=np.int64)
        self.n_latency = np.zeros(0, dtype=np.int64)
        self.n_bucket = np.zeros(0, dtype=np.int64)
        self.n_unrouted = np.zeros(0, dtype=np.int64)
        self.n_fine = np.zeros(0, dtype=np.int64)
        self.by_edge = state.records(state.EDGE_COUNTS, 0)
        self.n_failed = np.zeros(0, dtype=np.int64)
        self.by_source = state.records(state.SOURCE_COUNTS, 0)
        self.u_answered = np.zeros(0, dtype=np.int64)
        self.u_fine = np.zeros(0, dtype=np.int64)
        self.sets = state.records(state.SET, 0)
        self.members = np.zeros(0, dtype=np.int64)
        self.ring = np.zeros(0, dtype=np.uint64)
        self.ring_member = np.zeros(0, dtype=np.int64)
        self.breaker = state.records(state.BREAKER, 0)
        self.windows = np.zeros(0, dtype=np.int64)
        self.budget = state.records(state.BUDGET, 0)
        self.signal = state.records(state.SIGNAL, 1024)
        self.pool = state.records(state.POOL, 0)
        self.link = state.records(state.LINK, 0)
        self.cache = state.records(state.CACHE, 0)
        self.key = state.records(state.KEY, 0)
        self.person = state.records(state.PERSON, 0)
        self.probe = state.records(state.PROBE, 0)
        self.split = state.records(state.SPLIT, 0)
        self.variants = np.zeros(0, dtype=np.int64)
        self.topic = state.records(state.TOPIC, 0)
        self.message = state.records(state.MESSAGE, 0)
        self.span = state.records(state.SPAN, _SPAN_ROOM)
        self.store = state.records(state.STORE, 0)
        self.entities = np.zeros(0, dtype=np.int64)
        self.commits = np.zeros(0, dtype=np.int64)
        self.consumer = state.records(state.CONSUMER, 0)
        self.zipf = np.zeros(0, dtype=np.uint64)
        #: Traces that may begin between two drains.
        self.trace_quota = 0
        self._arguments: tuple[Any, ...] | None = None
        self.grow_slots(FIRST_SLOTS)

    def widen(self) -> None:
        """Say that a feature is in use that the kernel's plain path leaves out."""
        self.scalars[kernel.WIDE] = 1

    def reserve(self, spare: int) -> None:
        """Let one event take up to ``spare`` slots."""
        self.scalars[kernel.SPARE] = max(spare, int(self.scalars[kernel.SPARE]))
        self.signal = state.grown(self.signal, max(len(self.signal), 4 * spare))
        while len(self.call) <= 2 * spare:
            self.grow_slots(2 * len(self.call))
        while len(self.heap) <= 4 * spare:
            self.grow_heap()
        if len(self.topic):
            self.hold_messages()

    @property
    def bytes(self) -> int:
        """What all arrays take now."""
        return sum(array.nbytes for array in vars(self).values() if isinstance(array, np.ndarray))

    def changed(self) -> None:
        """Say that an array was replaced, so that the kernel is given the new one."""
        self._arguments = None

    def make_room(self) -> None:
        """Room for one event more from outside the loop."""
        if int(self.scalars[kernel.HEAP_SIZE]) + 1 >= len(self.heap):
            self.grow_heap()

    def grow_heap(self) -> None:
        """Room for twice as many pending events."""
        if len(self.heap) >= MOST_EVENTS:
            raise SimulationError(
                "data plane",
                expected=f"at most {MOST_EVENTS:,} pending events",
                got=f"more, at {format_clock(int(self.scalars[kernel.NOW]))}",
                todo="Lower the traffic, or shorten patience, hedge delays and propagated deadlines.",
            )
        self.heap = state.grown(self.heap, 2 * len(self.heap))
        self.changed()

    def grow(self) -> None:
        """Make room after the kernel asked for it."""
        spare = int(self.scalars[kernel.SPARE])
        if len(self.topic) and int(self.scalars[kernel.MESSAGES_USED]) + spare >= len(self.message):
            self._grow_messages()
            return
        if int(self.scalars[kernel.SIGNALS]) + spare >= len(self.signal):
            self._grow_signals()
            return
        used = max(int(self.scalars[kernel.CALLS_USED]), int(self.scalars[kernel.WORKS_USED]))
        if used + spare >= len(self.call):
            self.grow_slots(2 * len(self.call))
            return
        self.grow_heap()

    def _grow_signals(self) -> None:
        if len(self.signal) >= MOST_SIGNALS:
            raise SimulationError(
                "data plane",
                expected=f"at most {MOST_SIGNALS:,} signals between two drains",
                got="more",
                todo="Call drain_signals() as often as the control plane steps.",
            )
        self.signal = state.grown(self.signal, 2 * len(self.signal))
        self.changed()

    def hold_messages(self) -> None:
        """Make room for the messages of a first topic, or for a larger reserve."""
        while len(self.message) < FIRST_SLOTS + 2 * int(self.scalars[kernel.SPARE]):
            self._grow_messages()

    def _grow_messages(self) -> None:
        old, count = len(self.message), max(FIRST_SLOTS, 2 * len(self.message))
        if count > MOST_MESSAGES:
            raise SimulationError(
                "data plane",
                expected=f"at most {MOST_MESSAGES:,} messages in all topics together",
                got=f"more, at {format_clock(int(self.scalars[kernel.NOW]))}",
                todo="Bound the topics (limit), publish less, or add consumers.",
            )
        self.message = state.grown(self.message, count)
        self.message["newer"][old:] = np.arange(old + 1, count + 1)
        self.message["newer"][count - 1] = self.scalars[kernel.FREE_MESSAGE] if old else count
        # the old end of the free list is about to become a slot
        free = self.message["state"][:old] == kernel.FREE
        ends = free & (self.message["newer"][:old] == old)
        self.message["newer"][:old][ends] = count
        self.scalars[kernel.FREE_MESSAGE] = old
        self.changed()

    def grow_slots(self, count: int) -> None:
        """Make calls and works ``count`` each; new slots join the free lists' front, in order."""
        if count > MOST_SLOTS:
            raise SimulationError(
                "data plane",
                expected=f"at most {MOST_SLOTS:,} requests open at once",
                got=f"more, at {format_clock(int(self.scalars[kernel.NOW]))}",
                todo="Bound the queues (queueLimit), lower the traffic, or give calls a timeout.",
            )
        old = len(self.call)
        self.call, self.work = state.grown(self.call, count), state.grown(self.work, count)
        for slots, link, head in (
            (self.call, "work", kernel.FREE_CALL),
            (self.work, "next", kernel.FREE_WORK),
        ):
            # no slot in use holds the number that ends the list, which is about to become a slot
            slots[link][:old][slots[link][:old] == old] = count
            slots[link][old:count] = np.arange(old + 1, count + 1)
            # the list's end is a number past the last slot; the margin keeps the kernel from reaching it
            slots[link][count - 1] = self.scalars[head] if old else count
            self.scalars[head] = old
        self.work["instance"][old:] = kernel.NONE
        self.changed()

    def tell(self, kind: int, instance: int) -> None:
        """Leave a signal for the control plane from outside the loop."""
        waiting = int(self.scalars[kernel.SIGNALS])
        if waiting + 1 >= len(self.signal):
            self._grow_signals()
        plain_kernel().tell(
            kind, instance, kernel.NONE, kernel.OK, int(self.scalars[kernel.NOW]), Column(self.scalars),
            Table(self.signal),
        )  # fmt: skip

    def push(self, at: int, what: int) -> None:
        size = int(self.scalars[kernel.HEAP_SIZE])
        self.scalars[kernel.SEQUENCE] += 1
        plain_kernel().push(Table(self.heap), size, at, int(self.scalars[kernel.SEQUENCE]), what)
        self.scalars[kernel.HEAP_SIZE] = size + 1

    def arguments(self) -> tuple[Any, ...]:
        """The arrays in the kernel's order; made anew after any of them was replaced."""
        if self._arguments is None:
            table, column = (lambda a: a, lambda a: a) if self._compiled else (Table, Column)
            self._arguments = (
                column(self.scalars), table(self.heap), table(self.service), column(self.endpoints),
                table(self.instance), table(self.program), table(self.edge), table(self.source),
                table(self.call), table(self.work), column(self.tables), column(self.plan_time),
                column(self.plan_rate), table(self.source_route), column(self.n_requests),
                column(self.n_latency), column(self.n_bucket), column(self.n_unrouted), column(self.n_fine),
                table(self.by_edge), column(self.n_failed), table(self.by_source), column(self.u_answered),
                column(self.u_fine),
                column(BUCKET_OF), column(BOUNDS_NS), table(self.log),
                table(self.sets), column(self.members), column(self.ring), column(self.ring_member),
                table(self.breaker), column(self.windows), table(self.budget), table(self.signal),
                table(self.pool), table(self.link), table(self.cache), table(self.key), column(self.zipf),
                table(self.person), table(self.probe), table(self.split), column(self.variants),
                table(self.topic), table(self.message), table(self.consumer),
                table(self.store), column(self.entities), column(self.commits),
                table(self.span),
            )  # fmt: skip
        return self._arguments


def equal(what: str, left: Ints, right: Ints) -> None:
    """Assert that two sums of a conservation law agree.

    Raises:
        SimulationError: They do not; the text names the law.
    """
    if not np.array_equal(left, right):
        raise SimulationError(
            f"conservation of {what}",
            expected=str(right.tolist()),
            got=str(left.tolist()),
            todo="This is a fault of the kit; report it.",
        )
