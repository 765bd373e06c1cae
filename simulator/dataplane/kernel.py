"""The data plane's event loop: one flat function over arrays, compiled by numba when it is there.

The life of a request
---------------------
::

    ARRIVAL ──► attempt ──► [balancer] ──► wire ──► instance ──► queue ──► slot ──► cores ──► error? ──► lock
                 ▲  │            │                      │                                                 │
      open ◄─────┤  │       unavailable             rejected, limited, shed                               ▼
    (breaker)    │  │            │                      │        call 1 … call n, a group at once ◄───────┤
      line ◄─────┤  │            │                      │        (each through the cache to an attempt)   ▼
     (pool)      │  │            └──────────┬───────────┘                                               finish
                 │  └► HEDGE                ▼                                                              │
                 │                       resolve ◄─────────────────────────────────────────────────────────┘
                 │                        │   ▲
                 └── RETRY ◄── backoff ───┘   └─── TIMEOUT, EXPIRE, PATIENCE (the work goes on, nobody waits)
                        (budget)

    probe:    PROBE ──► refused? ──► queue ──► slot … finish, or LATE ──► judge ──► signal?, next PROBE
    message:  publish ──► topic ──► PULL: a free hand ──► handle ──► queue ──► slot … finish ──► settle
                            └── AGAIN, after the delay ◄── failed ◄──────────────────────────────┤
                                                                        acknowledged, or dead ◄──┘

A *call* is the caller's view: whom it asked, which attempt this is, until when it waits. A *work* is the
callee's view: on which instance, since when, who waits for it. They are different things: a caller that gives
up leaves its work running, which is what makes retry storms right. A user is a call without a parent.

A work computes first (one draw of its route's service time), then makes its calls one after another or side
by side, then answers. Where the service holds its worker (thread per request) the slot stays taken during the
calls. A fallback turns a failed call into a degraded answer. A probe and a message in a consumer's hand are
works for which no call waits: they queue, compute and call as the others do. At a store a write finds the
primary alone; a read is judged by what its instance can know when it is answered.

The loop is one function with two compilations. What stands under ``wide is not None`` is for systems that use
a feature beyond slots, queues, timeouts and retries; the helpers above the loop carry most of it. Features of
a call and of an instance are bits (``E_…``, ``I_…``), so that each costs only those who have it.

Event kinds
-----------
======== ============= =======================================================================
ARRIVAL  source        the next user of an open-load source; the gap is keyed by the user
DONE     work          the work's compute time has passed, or its time with the lock
TIMEOUT  edge          the oldest open call of this edge may be due (one heap entry an edge)
RETRY    call          a backoff is over
RESET    work          its instance was killed
HEDGE    call          no answer for the hedge's delay: ask a second time beside it
EXPIRE   call          a propagated deadline (these are not in order, so each has its entry)
DROP     work          its turn came after its deadline: it is not computed
SWEEP    service       the interval of the outlier detection
CORE     instance      the first of those that share its cores has computed
DELIVER  work          it comes off the wire, or is forgotten where it was lost
GRANT    call          a connection came free for it
PATIENCE call          no connection came free in time
WAKE     key           a cache's entry was renewed or not: the next of those who wait for it
LEAVE    call          a user's patience is over
VISIT    person        a user of a closed load, or of a crowd, comes (again)
PROBE    probe         the kubelet asks an instance whether it has started, lives, is ready
LATE     probe         no answer to a probe in time (the work goes on, nobody waits)
PULL     consumer      one of its hands takes a message from its topic
CONSUME  consumer      its process listens: it begins to take messages
AGAIN    message       the delay before its next delivery is over
PROMOTE  store         the failover is over: the first ready replica takes the writes
======== ============= =======================================================================

Open calls of an edge stand in a list in the order of their deadlines (one constant timeout an edge), so a
timeout that never fires costs no heap entry. Equal times run in the order of their scheduling.

Chance
------
A span is a 64-bit number: ``mix(source key, user, visit)`` for a user, ``mix(parent span, edge
key, call index, attempt)`` below. A draw is ``mix(span + purpose * GOLDEN)``. Nothing here counts events to
draw, so two runs that differ in one decision meet the same users with the same luck.

Rules of this file (each learnt the hard way): arithmetic on 64-bit keys goes through ``U`` constants; no
array is indexed with a number below 0 (the uncompiled twin refuses it); constants live here, since numba's
cache does not see other files; helpers are given numbers and whole arrays of records (``works[work].call``
costs one address, whereas a view of one field costs a reference count and a stride); the bit of a feature is
tested before its helper is called (a helper of many arrays that is not inlined costs a fifth of the speed).
"""

from __future__ import annotations

import os
from math import sqrt
from typing import Any, Final

import numpy as np

_njit: Any
try:
    from numba import njit as _njit
except ImportError:  # no build of numba here (a browser kernel, say): the same code runs as plain Python
    _njit = None

#: The twin is this same file, loaded a second time under this name (see ``twin.py``); with numba's own switch
#: NUMBA_DISABLE_JIT=1 every system runs on it, as the gate's part ``twin`` does.
COMPILED: Final[bool] = (
    _njit is not None
    and not __name__.endswith("_twin")
    and os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0")
)

if COMPILED:
    # uint64 and int64 must never meet in one expression: numba would make a float of them
    U: Any = np.uint64
    I: Any = np.int64

    def jit(function: Any) -> Any:
        """Compile, cache on disk, release the GIL."""
        return _njit(cache=True, nogil=True, error_model="numpy")(function)
else:
    U = int
    I = int

    def jit(function: Any) -> Any:
        """Plain Python: what stands here is what runs."""
        return function


# --- constants ------------------------------------------------------------------------------------
ARRIVAL, DONE, TIMEOUT, RETRY, RESET = 0, 1, 2, 3, 4
HEDGE, EXPIRE, DROP, SWEEP, CORE, DELIVER, GRANT, PATIENCE, WAKE = 5, 6, 7, 8, 9, 10, 11, 12, 13
LEAVE, VISIT, PROBE, LATE, PULL, CONSUME, AGAIN, PROMOTE = 14, 15, 16, 17, 18, 19, 20, 21
#: An event is one int64: kind | subject << SUBJECT_SHIFT | generation << GENERATION_SHIFT.
KIND_MASK, SUBJECT_SHIFT, SUBJECT_MASK, GENERATION_SHIFT = 31, 5, 0x7FFFFFF, 32
GENERATION_MASK = 0x7FFFFFFF
OK, ERROR, UPSTREAM, TIMED_OUT, REJECTED, UNAVAILABLE, WAS_RESET = 0, 1, 2, 3, 4, 5, 6
DEGRADED, LIMITED, SHED, UNREACHABLE = 7, 8, 9, 10
N_OUTCOMES = 11
#: What an attempt may meet that no answer counts: its caller's circuit breaker is open.
OPEN = N_OUTCOMES
#: Why an attempt failed where its outcome alone does not say: no connection came free, the name was not
#: found, the certificate has expired, nobody listens, the store took no more connections.
STARVED, NO_NAME, NO_TRUST, REFUSED, NO_ROOM = 12, 13, 14, 15, 16
N_REASONS = 17
ROUND_ROBIN, LEAST_REQUEST, RANDOM, TWO_CHOICES, WEIGHTED, RING_HASH = 0, 1, 2, 3, 4, 5

#: Features of a call, as bits of ``edges[edge].features``; a plain call has none and pays one test.
E_BREAKER, E_BUDGET, E_HEDGE, E_GROUP, E_FALLBACK, E_DEADLINE, E_POOL = 1, 2, 4, 8, 16, 32, 64
E_CACHE, E_PUBLISH = 128, 256
#: Calls that may be open side by side stand in a list of their caller's work.
E_LISTED = E_HEDGE | E_GROUP
#: Places of a span that copies and hedges of a call add to its index.
COPY_SHIFT, HEDGE_SHIFT = 20, 40
HEDGE_MASK = (1 << HEDGE_SHIFT) - 1
CLOSED, OPENED, HALF_OPEN = 0, 1, 2
#: Features of an instance, as bits of ``instances[instance].features``.
I_CORES, I_WARM_UP, I_MEMORY, I_NEWEST_FIRST, I_ADMISSION, I_CHANGED = 1, 2, 4, 8, 16, 32
#: What a signal tells; PROBE_FAILED is a failure that crosses no threshold.
OUT_OF_MEMORY, READY, UNREADY, LIVE_FAILURE, STARTED, START_FAILURE, PROBE_FAILED = 0, 1, 2, 3, 4, 5, 6
#: Kinds of probes; an instance has its three rows of ``probes`` in this order.
STARTUP, LIVENESS, READINESS = 0, 1, 2
BY_RATIO, BY_CONCURRENCY, BY_TOKENS = 0, 1, 2

#: Purposes of a draw; the numbers are part of every run file's meaning and never change.
P_ARRIVAL, P_ROUTE, P_SERVICE, P_ERROR, P_CHANCE, P_BACKOFF, P_LOG = 1, 2, 3, 4, 5, 6, 7
P_BALANCE, P_VERSION, P_SLOW_START, P_RING, P_LOCK, P_LOSS, P_KEY = 8, 9, 10, 11, 12, 13, 14
P_THINK, P_SPLIT, P_POISON, P_TRACE, P_SHED = 15, 16, 17, 18, 19
#: Where a work is: in a queue, on its slot, on the wire.
QUEUED, ON_SLOT, ON_WIRE = 0, 1, 2
#: When an entity was written that never was, ns: before any world began.
NEVER = -(1 << 62)
#: Where a message is: nowhere, in its topic, between two deliveries, in a consumer's hands, among the dead.
FREE, WAITING, DELAYED, HELD, DEAD = 0, 1, 2, 3, 4
#: Kinds of spans: a user's visit, an attempt as its caller saw it, a work as its server saw it, a message.
VISITED, ASKED, SERVED, PUBLISHED = 0, 1, 2, 3
#: How an attempt ended whose caller died, or took another's answer.
ABANDONED = N_REASONS
#: The end of a link that is none of the services: users.
USERS = -2

NONE = -1  # no slot
FOREVER = (1 << 63) - 1

#: Scalars kept between calls, in one int64 array. WIDE is 1 once any feature is in use that the plain path
#: leaves out; SPARE is how many slots one event may take before the next check of the limits; SIGNALS wait to
#: be read; STOP is 1 to come back after the event that made one.
NOW, HEAP_SIZE, SEQUENCE, FREE_CALL, FREE_WORK, CALLS_USED, WORKS_USED, LOG_SIZE, EVENTS, LOG_DROPPED = range(
    10
)
WIDE, SPARE, SIGNALS, STOP, FREE_MESSAGE, MESSAGES_USED = 10, 11, 12, 13, 14, 15
#: Of all users this share (of 2^32) leave their spans, at most TRACES_LEFT more until the next drain.
TRACE_BELOW, TRACES_LEFT, SPANS, SPANS_DROPPED = 16, 17, 18, 19
N_SCALARS = 20

#: Why ``advance`` came back.
REACHED, GROW, SIGNALLED = 0, 1, 2
#: SPARE where no route makes calls in parallel.
MARGIN = 16

#: Fine histogram of latency: units of 2^13 ns, 64 cells an octave (212 a decade), up to 2^38 ns (275 s).
FINE_SHIFT, FINE_CELLS, FINE_BINS = 13, 64, 1280
#: Speed of an instance in 1/1024.
SPEED_ONE = 1024

GOLDEN = U(0x9E3779B97F4A7C15)
MIX_1 = U(0xBF58476D1CE4E5B9)
MIX_2 = U(0x94D049BB133111EB)
MASK = U(0xFFFFFFFFFFFFFFFF)
HALF = U(1 << 63)
CALL_STEP = U(0xD1B54A32D192ED03)
ATTEMPT_STEP = U(0xABC98388FB8FAC03)
VISIT_SALT = U(0x8CB92BA72F3D8DD7)
PROBE_SALT = U(0xC2B2AE3D27D4EB4F)
U0, U1, U26, U27, U30, U31, U38, U58 = U(0), U(1), U(26), U(27), U(30), U(31), U(38), U(58)
U32, LOW_32 = U(32), U(0xFFFFFFFF)
CELL_MASK = U(31)
FRACTION_MASK = U((1 << 20) - 1)
OCTAVES, CELLS, FRACTION_BITS = 32, 32, 20
LOG_SAMPLE = U(0xFFFFFFFFFFFFFFFF // 200)  # one success in 200 leaves a line
LOG_QUOTA = 20  # lines an instance may leave between two drains


@jit
def mix(z):  # type: ignore[no-untyped-def]
    """SplitMix64's finaliser on a uint64 (an int in the twin); a test keeps it equal to ``streams.mix``."""
    z = ((z ^ (z >> U30)) * MIX_1) & MASK
    z = ((z ^ (z >> U27)) * MIX_2) & MASK
    return z ^ (z >> U31)


@jit
def draw(span, purpose):  # type: ignore[no-untyped-def]
    """64 fair bits for this span and purpose."""
    return mix((span + U(purpose) * GOLDEN) & MASK)


def event(kind: int, subject: int, generation: int) -> int:
    """One heap entry's ``what``, for those who schedule from outside the loop."""
    return kind | subject << SUBJECT_SHIFT | generation << GENERATION_SHIFT


@jit
def child_span(parent, key, index, attempt):  # type: ignore[no-untyped-def]
    """The span of one attempt of one call; attempt 0 is the call before its first attempt."""
    return mix(parent ^ ((key + U(index) * CALL_STEP + U(attempt) * ATTEMPT_STEP) & MASK))


@jit
def user_span(key, user):  # type: ignore[no-untyped-def]
    """The span of a user's visit; it is also the visit's trace id."""
    return mix((mix((key + U(user) * GOLDEN) & MASK) + VISIT_SALT) & MASK)


@jit
def quantile(tables, base, bits):  # type: ignore[no-untyped-def]
    """Nanoseconds: the quantile whose upper tail is bits / 2^64, as ``distributions.read`` reads it."""
    octave = 0
    while octave < OCTAVES and bits < HALF:
        bits = (bits << U1) & MASK
        octave += 1
    if octave == OCTAVES:
        return tables[base]
    node = base + (OCTAVES - 1 - octave) * CELLS + I((bits >> U58) & CELL_MASK)
    fraction = I((bits >> U38) & FRACTION_MASK)
    return tables[node] - (((tables[node] - tables[node + 1]) * fraction) >> FRACTION_BITS)


@jit
def push(heap, size, time, sequence, what):  # type: ignore[no-untyped-def]
    """Put one event into the binary heap of ``size`` entries; the caller keeps size and sequence."""
    hole = size
    while hole > 0:
        above = (hole - 1) >> 1
        if heap[above].time <= time:
            break
        heap[hole].time = heap[above].time
        heap[hole].seq = heap[above].seq
        heap[hole].what = heap[above].what
        hole = above
    heap[hole].time = time
    heap[hole].seq = sequence
    heap[hole].what = what


@jit
def plan(heap, size, sequence, time, kind, subject, generation):  # type: ignore[no-untyped-def]
    """Schedule an event; returns the heap's size and the sequence number with it."""
    what = kind | subject << SUBJECT_SHIFT | generation << GENERATION_SHIFT
    push(heap, size, time, sequence + 1, what)
    return size + 1, sequence + 1


@jit
def grant(heap, size, sequence, now, call, calls):  # type: ignore[no-untyped-def]
    """Tell a call that a connection came free for it; NONE is nobody. Returns as ``plan`` does."""
    if call == NONE:
        return size, sequence
    return plan(heap, size, sequence, now, GRANT, call, calls[call].gen)


@jit
def drop_top(heap, size):  # type: ignore[no-untyped-def]
    """Take the first event out of the heap; ``size`` is the number of entries that remain."""
    time, sequence, what = heap[size].time, heap[size].seq, heap[size].what
    hole = 0
    below = 1
    while below < size:
        right = below + 1
        if right < size and (
            heap[right].time < heap[below].time
            or (heap[right].time == heap[below].time and heap[right].seq < heap[below].seq)
        ):
            below = right
        if time < heap[below].time or (time == heap[below].time and sequence < heap[below].seq):
            break
        heap[hole].time = heap[below].time
        heap[hole].seq = heap[below].seq
        heap[hole].what = heap[below].what
        hole = below
        below = 2 * hole + 1
    heap[hole].time = time
    heap[hole].seq = sequence
    heap[hole].what = what


@jit
def link(lists, items, at, item):  # type: ignore[no-untyped-def]
    """Put an item at the end of a list: an edge's open calls, who waits for a pool or key, a topic."""
    newest = lists[at].newest
    items[item].older = newest
    items[item].newer = NONE
    lists[at].newest = item
    if newest == NONE:
        lists[at].oldest = item
    else:
        items[newest].newer = item


@jit
def unlink(lists, items, at, item):  # type: ignore[no-untyped-def]
    """Take an item out of such a list."""
    older, newer = items[item].older, items[item].newer
    if older == NONE:
        lists[at].oldest = newer
    else:
        items[older].newer = newer
    if newer == NONE:
        lists[at].newest = older
    else:
        items[newer].older = older


@jit
def fine_cell(latency):  # type: ignore[no-untyped-def]
    """The cell of the fine histogram for a latency in ns."""
    small = latency >> FINE_SHIFT
    octave = 0
    while small >= 2 * FINE_CELLS:
        small >>= 1
        octave += 1
    return min(octave * FINE_CELLS + small, FINE_BINS - 1)


@jit
def next_arrival(plan_time, plan_rate, first, last, start, need):  # type: ignore[no-untyped-def]
    """When a source's next user comes.

    Args:
        plan_time: int64 ns, ascending; row i holds from its time to the next row's.
        plan_rate: int64 micro-requests a second, by row.
        first: The source's row in force at ``start``.
        last: One past its last row; the last row holds for ever.
        start: int64 ns from which ``need`` counts.
        need: int64, the hazard to use up, in micro-requests/s x ns (10^15 is one request).

    Returns:
        The time in ns, or ``FOREVER`` when the plan ends at rate 0.
    """
    row = first
    while True:
        rate = plan_rate[row]
        wait = FOREVER
        if rate > 0:
            wait = need // rate
        if row + 1 >= last:
            if rate <= 0:
                return FOREVER
            return start + wait
        end = plan_time[row + 1]
        if wait < end - start:
            return start + wait
        need -= (end - start) * rate
        start = end
        row += 1


@jit
def used_hazard(plan_time, plan_rate, first, last, start, end):  # type: ignore[no-untyped-def]
    """The hazard between two times, in micro-requests/s x ns: what ``next_arrival`` counts down."""
    total = 0
    for row in range(first, last):
        begin = max(start, plan_time[row]) if row > first else start
        finish = end
        if row + 1 < last:
            finish = min(end, plan_time[row + 1])
        if finish > begin:
            total += (finish - begin) * plan_rate[row]
    return total


@jit
def chosen_route(source, root, sources, source_routes):  # type: ignore[no-untyped-def]
    """The row of the route that a source's user takes on this visit."""
    row = sources[source].route
    bits = draw(root, P_ROUTE)
    while row + 1 < sources[source].route_end and bits >= U(source_routes[row].below):
        row += 1
    return row


@jit
def is_traced(root, scalars):  # type: ignore[no-untyped-def]
    """Whether a user's visit leaves its spans: always the same ones, while there is room."""
    if scalars[TRACES_LEFT] <= 0 or I(draw(root, P_TRACE) >> U32) >= scalars[TRACE_BELOW]:
        return 0
    scalars[TRACES_LEFT] -= 1
    return 1


@jit
def note_span(  # type: ignore[no-untyped-def]
    kind, start, now, trace, span, parent, instance, route, edge, attempt, outcome, waited, scalars, spans
):
    """Keep one span of a traced request, or count that there was no room for it."""
    place = scalars[SPANS]
    if place >= len(spans):
        scalars[SPANS_DROPPED] += 1
        return
    scalars[SPANS] = place + 1
    spans[place].kind = kind
    spans[place].start = start
    spans[place].end = now
    spans[place].trace = trace
    spans[place].span = span
    spans[place].parent = parent
    spans[place].instance = instance
    spans[place].route = route
    spans[place].edge = edge
    spans[place].attempt = attempt
    spans[place].outcome = outcome
    spans[place].waited = waited


@jit
def note_attempt(call, outcome, now, calls, works, edges, scalars, spans):  # type: ignore[no-untyped-def]
    """Keep the caller's view of an attempt of a traced request."""
    parent, edge, attempt = calls[call].parent, calls[call].edge, calls[call].attempt
    trace, above = U(works[parent].trace), U(works[parent].span)
    span = child_span(above, U(edges[edge].key), calls[call].index, attempt)
    start = now if outcome == OPEN else calls[call].asked
    note_span(
        ASKED, start, now, trace, span, above, works[parent].instance, edges[edge].route,
        edges[edge].row, attempt, outcome, 1, scalars, spans,
    )  # fmt: skip


@jit
def lay_call(call, parent, edge, row, index, now, calls):  # type: ignore[no-untyped-def]
    """A new call in a slot of ``calls``; nothing was attempted yet."""
    calls[call].parent = parent
    calls[call].edge = edge
    calls[call].row = row
    calls[call].index = index
    calls[call].attempt = 0
    calls[call].start = calls[call].asked = now
    calls[call].work = NONE
    calls[call].listed = 0


@jit
def equip_call(call, calls):  # type: ignore[no-untyped-def]
    """What a new call has beside where its edge has features."""
    calls[call].retrying = 0
    calls[call].holds = 0
    calls[call].waits = 0


@jit
def lay_visit(  # type: ignore[no-untyped-def]
    call, source, root, person, now, scalars, sources, source_routes, by_source, calls
):
    """A user asks: a call without a parent, on the route that this visit takes."""
    row = chosen_route(source, root, sources, source_routes)
    by_source[row].arrived += 1
    lay_call(call, NONE, source, row, 0, now, calls)
    calls[call].span = root
    calls[call].person = person
    calls[call].traced = is_traced(root, scalars)


@jit
def release_work(work, free_work, works):  # type: ignore[no-untyped-def]
    """Free a work's slot, whose events become void; returns the head of the free list."""
    works[work].gen = (works[work].gen + 1) & GENERATION_MASK
    works[work].instance = NONE
    works[work].next = free_work
    return work


@jit
def lay_work(  # type: ignore[no-untyped-def]
    work, instance, program, route, call, span, trace, traced, now, works
):
    """A new work in a slot of ``works``; nothing was computed yet."""
    works[work].instance = instance
    works[work].program = program
    works[work].route = route
    works[work].call = call
    works[work].span = span
    works[work].trace = trace
    works[work].traced = traced
    works[work].start = now
    works[work].index = 0
    works[work].out = NONE
    works[work].cause = NONE
    works[work].reason = OK
    works[work].next = NONE
    works[work].slot = QUEUED


@jit
def equip_work(work, deadline, priority, probe, user, works):  # type: ignore[no-untyped-def]
    """What a new work has beside where systems use more than the plain features."""
    works[work].user = user
    works[work].deadline = deadline
    works[work].priority = priority
    works[work].probe = probe
    works[work].message = 0
    works[work].pending = 0
    works[work].copy = 0
    works[work].degraded = 0
    works[work].phase = 0
    works[work].lost = 0


@jit
def program_now(instance, user, instances, splits, variants):  # type: ignore[no-untyped-def]
    """The first row of what an instance runs for this user: its program, or a variant of it.

    Each split that the user falls into sets its bit; the bits together are the variant's number. The draw
    hangs on the split and the user alone, so a larger share contains every smaller one, in every service.
    """
    chosen = 0
    first = instances[instance].split
    for row in range(first, first + instances[instance].splits):
        if draw(U(user) ^ U(splits[row].key), P_SPLIT) < U(splits[row].below):
            chosen |= 1 << splits[row].bit
    return variants[instances[instance].variant + chosen]


# --- which instance -------------------------------------------------------------------------------


@jit
def lay_sets(service, services, sets, members, endpoints, instances):  # type: ignore[no-untyped-def]
    """Fill a service's candidate sets: one a (version group, zone), the first of each group for all zones.

    An ejected instance stands in none, unless so few are left that the balancer panics and uses them all.
    """
    ready = services[service].ready
    first = services[service].first
    healthy = 0
    for place in range(ready):
        if instances[endpoints[first + place]].ejected == 0:
            healthy += 1
    panic = healthy * 100 < services[service].panic * ready
    row = services[service].sets
    for group in range(services[service].groups):
        for zone in range(services[service].zones + 1):
            count = 0
            for place in range(ready):
                instance = endpoints[first + place]
                if instances[instance].ejected != 0 and not panic:
                    continue
                if services[service].groups > 1 and instances[instance].group != group:
                    continue
                if zone > 0 and instances[instance].zone != zone - 1:
                    continue
                members[sets[row].first + count] = instance
                count += 1
            sets[row].count = count
            row += 1


@jit
def admitted(instance, now, span, slow_start, floor, instances):  # type: ignore[no-untyped-def]
    """Whether an instance takes this request in its slow start: its share grows from ``floor`` to all."""
    age = now - instances[instance].ready_at
    if age >= slow_start:
        return True
    share = max((age << FRACTION_BITS) // slow_start, floor)
    return I(draw(mix(span ^ U(instance)), P_SLOW_START) >> U(64 - FRACTION_BITS)) < share


@jit
def smooth_weighted(first, count, members, instances):  # type: ignore[no-untyped-def]
    """Nginx's smooth weighted round robin: all gain their weight, the largest pays the total."""
    total = 0
    best = members[first]
    for place in range(count):
        instance = members[first + place]
        instances[instance].current += instances[instance].weight
        total += instances[instance].weight
        if instances[instance].current > instances[best].current:
            best = instance
    instances[best].current -= total
    return best


@jit
def on_ring(key, first, count, ring, ring_member, panic, instances):  # type: ignore[no-untyped-def]
    """The first point of a hash ring from ``key`` on whose instance may be used."""
    low, high = 0, count
    while low < high:
        middle = (low + high) >> 1
        if U(ring[first + middle]) < key:
            low = middle + 1
        else:
            high = middle
    for step in range(count):
        instance = ring_member[first + (low + step) % count]
        if panic or instances[instance].ejected == 0:
            return instance
    return ring_member[first + low % count]


@jit
def choose(  # type: ignore[no-untyped-def]
    service, zone, span, trace, now, services, sets, members, ring, ring_member, instances
):
    """The instance for one attempt where more than plain rotation is asked for, or NONE."""
    row = services[service].sets
    groups, zones = services[service].groups, services[service].zones
    if groups > 1:
        bits = draw(span, P_VERSION)
        for _ in range(1, groups):
            if bits < U(sets[row].below):
                break
            row += zones + 1
    if zones > 0 and zone >= 0 and sets[row + 1 + zone].count > 0:
        row += 1 + zone
    count = sets[row].count
    if count == 0:
        return NONE
    first = sets[row].first
    balancer = services[service].balancer
    if balancer == RING_HASH:
        return on_ring(
            draw(trace, P_RING), services[service].ring, services[service].ring_size, ring, ring_member,
            count == services[service].ready, instances,
        )  # fmt: skip
    if balancer == WEIGHTED:
        return smooth_weighted(first, count, members, instances)
    slow_start = services[service].slow_start
    floor = services[service].slow_floor
    if balancer == RANDOM or balancer == TWO_CHOICES:
        instance = NONE
        for tried in range(count + 1):
            bits = draw(mix(span + U(tried)) if tried > 0 else span, P_BALANCE)
            place = I(((bits >> U32) * U(count)) >> U32)
            instance = members[first + place]
            if balancer == TWO_CHOICES and count > 1:
                other = I(((bits & LOW_32) * U(count - 1)) >> U32)
                if other >= place:
                    other += 1
                other = members[first + other]
                if instances[other].open < instances[instance].open:
                    instance = other
            if slow_start == 0 or admitted(instance, now, mix(span + U(tried)), slow_start, floor, instances):
                break
        return instance
    # -- round robin and least request, from the cursor on; a slow starter may be passed over
    cursor = sets[row].cursor
    if cursor >= count:
        cursor = 0
    instance = members[first + cursor]
    place = cursor
    if slow_start > 0:
        for _ in range(count):
            instance = members[first + place]
            if admitted(instance, now, span, slow_start, floor, instances):
                break
            place = place + 1 if place + 1 < count else 0
    sets[row].cursor = place + 1
    if balancer == LEAST_REQUEST:
        least = instances[instance].open
        for _ in range(1, count):
            if least == 0:  # nobody has fewer: among many, the scan ends after a few
                break
            place = place + 1 if place + 1 < count else 0
            other = members[first + place]
            if instances[other].open < least and (
                slow_start == 0 or admitted(other, now, span, slow_start, floor, instances)
            ):
                least = instances[other].open
                instance = other
    return instance


@jit
def eject(instance, now, services, instances):  # type: ignore[no-untyped-def]
    """Take an instance out of balancing for a while, if the limits allow; Envoy's rules.

    Returns:
        Whether it was ejected; then the service's sets must be laid anew.
    """
    service = instances[instance].service
    out = services[service].ejected
    if out > 0 and (out + 1) * 100 > services[service].max_ejection * services[service].ready:
        return False
    services[service].ejected = out + 1
    services[service].ejections += 1
    times = instances[instance].ejections + 1
    base = services[service].base_ejection
    instances[instance].ejections = times
    instances[instance].ejected = 1
    instances[instance].until = now + min(base * times, max(base, services[service].longest_ejection))
    return True


@jit
def observe(instance, failed, now, services, instances):  # type: ignore[no-untyped-def]
    """Tell the outlier detection of one answer; returns whether the instance was ejected for it."""
    instances[instance].window += 1
    if not failed:
        instances[instance].fails = 0
        return False
    instances[instance].window_failed += 1
    instances[instance].fails += 1
    service = instances[instance].service
    if instances[instance].fails < services[service].consecutive or instances[instance].ejected != 0:
        return False
    instances[instance].fails = 0
    return eject(instance, now, services, instances)


@jit
def detect(instance, failed, now, services, sets, members, endpoints, instances):  # type: ignore[no-untyped-def]
    """Tell a service's outlier detection of an answer; after an ejection its sets are laid anew."""
    if observe(instance, failed, now, services, instances):
        lay_sets(instances[instance].service, services, sets, members, endpoints, instances)


@jit
def sweep(service, now, services, endpoints, instances):  # type: ignore[no-untyped-def]
    """Outlier detection's interval: let back those who served their time, judge success rates."""
    first, ready = services[service].first, services[service].ready
    hosts = 0
    mean = 0.0
    for place in range(ready):
        instance = endpoints[first + place]
        if instances[instance].ejected != 0:
            if now >= instances[instance].until:
                instances[instance].ejected = 0
                instances[instance].fails = 0
                services[service].ejected -= 1
        elif instances[instance].ejections > 0:
            instances[instance].ejections -= 1
        if instances[instance].window >= services[service].volume:
            hosts += 1
            mean += 1.0 - instances[instance].window_failed / instances[instance].window
    if services[service].stdev_factor > 0 and hosts > 0 and hosts >= services[service].minimum_hosts:
        mean /= hosts
        square = 0.0
        for place in range(ready):
            instance = endpoints[first + place]
            if instances[instance].window >= services[service].volume:
                rate = 1.0 - instances[instance].window_failed / instances[instance].window
                square += (rate - mean) * (rate - mean)
        bound = mean - sqrt(square / hosts) * services[service].stdev_factor / 1000
        for place in range(ready):
            instance = endpoints[first + place]
            if instances[instance].window >= services[service].volume and instances[instance].ejected == 0:
                rate = 1.0 - instances[instance].window_failed / instances[instance].window
                if rate < bound:
                    eject(instance, now, services, instances)
    for place in range(ready):
        instances[endpoints[first + place]].window = 0
        instances[endpoints[first + place]].window_failed = 0


# --- what a careful caller does -------------------------------------------------------------------


@jit
def breaker_admits(b, now, breakers):  # type: ignore[no-untyped-def]
    """Whether a circuit breaker lets an attempt through; an open one turns half-open when its time is up."""
    if breakers[b].state == CLOSED:
        return True
    if breakers[b].state == OPENED:
        if now < breakers[b].opened + breakers[b].wait:
            breakers[b].refused += 1
            return False
        breakers[b].state = HALF_OPEN
        breakers[b].halves += 1
        breakers[b].count = breakers[b].failed = breakers[b].slow = breakers[b].place = 0
        breakers[b].permits = breakers[b].half_calls
    if breakers[b].permits > 0:
        breakers[b].permits -= 1
        return True
    breakers[b].refused += 1
    return False


@jit
def breaker_result(b, now, failed, slow, breakers, windows):  # type: ignore[no-untyped-def]
    """Put one result into a breaker's window of the last calls, and open or close it by the rates."""
    if breakers[b].state == OPENED:
        return
    window, needed = breakers[b].window, breakers[b].minimum
    if breakers[b].state == HALF_OPEN:
        window = needed = breakers[b].half_calls
    cell = breakers[b].first + breakers[b].place
    if breakers[b].count == window:
        breakers[b].failed -= windows[cell] & 1
        breakers[b].slow -= windows[cell] >> 1
    else:
        breakers[b].count += 1
    windows[cell] = failed + 2 * slow
    breakers[b].failed += failed
    breakers[b].slow += slow
    breakers[b].place = breakers[b].place + 1 if breakers[b].place + 1 < window else 0
    count = breakers[b].count
    if count < needed:
        return
    if (
        breakers[b].failed * 100 >= breakers[b].failure_rate * count
        or breakers[b].slow * 100 >= breakers[b].slow_rate * count
    ):
        breakers[b].state = OPENED
        breakers[b].opened = now
        breakers[b].times += 1
    elif breakers[b].state == HALF_OPEN:
        breakers[b].state = CLOSED
        breakers[b].closes += 1
        breakers[b].count = breakers[b].failed = breakers[b].slow = breakers[b].place = 0


@jit
def may_retry(b, budgets):  # type: ignore[no-untyped-def]
    """Whether a retry budget allows one more retry; if so it is taken."""
    style = budgets[b].style
    if style == BY_RATIO:
        allowed = budgets[b].tokens >= 1000
        if allowed:
            budgets[b].tokens -= 1000
    elif style == BY_CONCURRENCY:
        allowed = budgets[b].retrying < max(budgets[b].minimum, budgets[b].active * budgets[b].ratio // 1000)
    else:
        allowed = budgets[b].tokens * 2 > budgets[b].most
    if allowed:
        budgets[b].retrying += 1
    else:
        budgets[b].refused += 1
    return allowed


@jit
def ranked(owners, owner, bits, zipf):  # type: ignore[no-untyped-def]
    """The row of the key of a cache, or entity of a store, that 64 fair bits choose by Zipf's law."""
    first = owners[owner].zipf
    low, high = 0, owners[owner].keys - 1
    while low < high:
        middle = (low + high) >> 1
        if bits < U(zipf[first + middle]):
            high = middle
        else:
            low = middle + 1
    return owners[owner].first + low


@jit
def cached(cache, key, now, caches, keys):  # type: ignore[no-untyped-def]
    """Whether a cache answers: a fresh entry, or a stale one while another request renews it."""
    if caches[cache].down != 0:
        caches[cache].misses += 1
        return False
    expires = keys[key].expires
    if now < expires:
        caches[cache].hits += 1
        return True
    if now < expires + caches[cache].stale and keys[key].filler != NONE:
        caches[cache].stale_hits += 1
        return True
    caches[cache].misses += 1
    return False


@jit
def join_fill(cache, key, call, caches, keys, calls):  # type: ignore[no-untyped-def]
    """A call after a miss: it renews the entry, or waits for the one that does.

    Returns:
        Whether it waits.
    """
    calls[call].key = key
    calls[call].fills = 0
    calls[call].joined = 0
    if keys[key].filler == NONE:
        keys[key].filler = call
        calls[call].fills = 1
        return False
    if caches[cache].coalesce == 0:
        return False
    caches[cache].coalesced += 1
    calls[call].joined = 1
    link(keys, calls, key, call)
    return True


@jit
def filled(cache, key, call, outcome, now, caches, keys):  # type: ignore[no-untyped-def]
    """The end of a call after a miss; returns its outcome, which a stale entry can save."""
    if caches[cache].down != 0:
        pass  # nothing to write to
    elif outcome == OK:
        keys[key].expires = now + caches[cache].ttl
    elif now < keys[key].expires + caches[cache].stale:
        caches[cache].stale_hits += 1
        outcome = OK
    if keys[key].filler == call:
        keys[key].filler = NONE
        keys[key].outcome = outcome
    return outcome


@jit
def has_connection(pool, pools, stores):  # type: ignore[no-untyped-def]
    """Whether a pool has a connection for one more call or may open one, by its limit and its store's."""
    if pools[pool].used + pools[pool].leaked >= pools[pool].limit:
        return False
    store = pools[pool].store
    if pools[pool].idle > 0 or store == NONE or stores[store].most == 0:
        return True
    return stores[store].connections < stores[store].most


@jit
def take_connection(pool, call, pools, calls, stores):  # type: ignore[no-untyped-def]
    """Take a connection for a call, an open one if there is one.

    Who has to open one opens all that its pool is meant to keep, as far as the store has room.
    """
    pools[pool].used += 1
    calls[call].holds = 1
    calls[call].reused = 0
    if pools[pool].idle > 0:
        pools[pool].idle -= 1
        calls[call].reused = 1
    else:
        store = pools[pool].store
        more = max(pools[pool].floor - pools[pool].used - pools[pool].leaked, 0)
        if store != NONE:
            if stores[store].most > 0:
                more = min(more, stores[store].most - stores[store].connections - 1)
            stores[store].connections += more + 1
        pools[pool].idle = more
        pools[pool].opened += more + 1


@jit
def leave_pool(pool, call, answered, pools, calls, stores):  # type: ignore[no-untyped-def]
    """A call gives its connection back, or its place in the line.

    A connection stays open for others when an answer came over it and the pool is not too large. Returns the
    call that has a connection now and can go on, or NONE.
    """
    if calls[call].waits != 0:
        unlink(pools, calls, pool, call)
        calls[call].waits = 0
        pools[pool].waiting -= 1
        return NONE
    if calls[call].holds == 0:
        return NONE
    calls[call].holds = 0
    pools[pool].used -= 1
    pools[pool].uses += 1
    if pools[pool].leak_every > 0 and pools[pool].uses % pools[pool].leak_every == 0:
        pools[pool].leaked += 1
    elif answered and pools[pool].used + pools[pool].leaked + pools[pool].idle < pools[pool].limit:
        pools[pool].idle += 1
    elif pools[pool].store != NONE:
        stores[pools[pool].store].connections -= 1
    following = pools[pool].oldest
    if following == NONE or not has_connection(pool, pools, stores):
        return NONE
    unlink(pools, calls, pool, following)
    calls[following].waits = 0
    pools[pool].waiting -= 1
    take_connection(pool, following, pools, calls, stores)
    return following


@jit
def wait_for_connection(pool, call, pools, calls):  # type: ignore[no-untyped-def]
    """Put a call at the end of a pool's line."""
    calls[call].waits = 1
    pools[pool].waiting += 1
    link(pools, calls, pool, call)


@jit
def travel(n_links, caller, callee, from_zone, to_zone, span, links):  # type: ignore[no-untyped-def]
    """What the network does to one attempt: ns of a round trip, or -1 when it is lost.

    All links that apply add up. The whole round trip is spent on the way there.
    """
    delay = 0
    for link in range(n_links):
        if (
            (links[link].caller == NONE or links[link].caller == caller)
            and (links[link].callee == NONE or links[link].callee == callee)
            and (links[link].from_zone == NONE or links[link].from_zone == from_zone)
            and (links[link].to_zone == NONE or links[link].to_zone == to_zone)
        ):
            if links[link].cut != 0:
                return -1
            loss = U(links[link].loss)
            if loss > U0 and draw(mix(span + U(link)), P_LOSS) < loss:
                return -1
            delay += links[link].delay
    return delay


@jit
def give_up(call, edge, edges, calls, works, by_edge):  # type: ignore[no-untyped-def]
    """A call's time is over: its work goes on, nobody waits for it.

    Returns:
        The instance that was too slow, or NONE.
    """
    by_edge[edges[edge].row].timeouts += 1
    work = calls[call].work
    if work == NONE:
        return NONE
    works[work].call = NONE
    return works[work].instance


@jit
def detach(call, edges, calls, works, breakers, budgets, instances, pools, keys, stores):  # type: ignore[no-untyped-def]
    """Nobody waits for this call any more: its work goes on, its slot can be freed.

    Returns the call that takes over its connection, or NONE.
    """
    edge = calls[call].edge
    following = NONE
    if edges[edge].features & E_CACHE and calls[call].joined != 0:
        unlink(keys, calls, calls[call].key, call)
        calls[call].joined = 0
    if edges[edge].features & E_POOL:
        pool = instances[works[calls[call].parent].instance].pools + edges[edge].pool
        following = leave_pool(pool, call, False, pools, calls, stores)
    if calls[call].work != NONE:
        works[calls[call].work].call = NONE
    if calls[call].listed != 0:
        unlink(edges, calls, edge, call)
        calls[call].listed = 0
    features = edges[edge].features
    if features & E_BREAKER and calls[call].work != NONE and breakers[edges[edge].breaker].state == HALF_OPEN:
        breakers[edges[edge].breaker].permits += 1
    if features & E_BUDGET:
        leave_budget(edges[edge].budget, call, calls, budgets)
    calls[call].gen = (calls[call].gen + 1) & GENERATION_MASK
    return following


@jit
def leave_budget(b, call, calls, budgets):  # type: ignore[no-untyped-def]
    """A call that counted in a retry budget is over."""
    budgets[b].active -= 1
    budgets[b].retrying -= calls[call].retrying
    calls[call].retrying = 0


@jit
def join_list(work, call, works, calls):  # type: ignore[no-untyped-def]
    """Put a call at the head of its caller's list of open calls."""
    head = works[work].out
    calls[call].before = NONE
    calls[call].after = head
    if head != NONE:
        calls[head].before = call
    works[work].out = call


@jit
def leave_list(work, call, works, calls):  # type: ignore[no-untyped-def]
    """Take a call out of its caller's list of open calls."""
    before, after = calls[call].before, calls[call].after
    if before == NONE:
        works[work].out = after
    else:
        calls[before].after = after
    if after != NONE:
        calls[after].before = before


# --- stores ---------------------------------------------------------------------------------------


@jit
def touch(s, trace, route, instance, now, services, stores, entities, commits, zipf):  # type: ignore[no-untyped-def]
    """A request at a store was answered well: its write is committed, or its read is judged.

    All that one visit asks of a store is about one entity. Replicas have a write once the lag has passed;
    what a replica reads before is stale.
    """
    entity = ranked(stores, s, draw(mix(trace ^ U(stores[s].key)), P_KEY), zipf)
    if (services[stores[s].service].writes >> route) & 1 != 0:
        entities[entity] = now
        place = stores[s].place
        commits[stores[s].ring + place] = now
        stores[s].place = place + 1 if place + 1 < stores[s].ring_size else 0
        stores[s].written += 1
        return
    stores[s].read += 1
    if instance != stores[s].primary:
        stores[s].replica_read += 1
        if now < entities[entity] + stores[s].lag:
            stores[s].stale += 1


@jit
def elect(s, now, services, stores, endpoints, instances):  # type: ignore[no-untyped-def]
    """Make the first ready instance whose process is up a store's primary; returns it, or NONE."""
    service = stores[s].service
    for place in range(services[service].ready):
        instance = endpoints[services[service].first + place]
        if now >= instances[instance].listens_at:
            stores[s].primary = instance
            stores[s].failovers += 1
            return instance
    return NONE


# --- messages -------------------------------------------------------------------------------------


@jit
def lay_message(message, topic, span, work, now, topics, messages, works):  # type: ignore[no-untyped-def]
    """A work publishes a message; some of a topic's messages are poison from their birth."""
    messages[message].topic = topic
    messages[message].span = span
    messages[message].trace = works[work].trace
    messages[message].user = works[work].user
    messages[message].traced = works[work].traced
    messages[message].priority = works[work].priority
    messages[message].published = now
    messages[message].attempt = 0
    messages[message].poison = I(draw(span, P_POISON) < U(topics[topic].poison))
    topics[topic].published += 1
    wait_in_topic(message, topic, topics, messages)


@jit
def wait_in_topic(message, topic, topics, messages):  # type: ignore[no-untyped-def]
    """Put a message at the end of its topic."""
    messages[message].state = WAITING
    topics[topic].waiting += 1
    link(topics, messages, topic, message)


@jit
def return_to_topic(message, topic, topics, messages):  # type: ignore[no-untyped-def]
    """Put a message that was taken back to the head of its topic."""
    messages[message].state = WAITING
    topics[topic].waiting += 1
    oldest = topics[topic].oldest
    messages[message].older = NONE
    messages[message].newer = oldest
    topics[topic].oldest = message
    if oldest == NONE:
        topics[topic].newest = message
    else:
        messages[oldest].older = message


@jit
def take_message(consumer, topics, messages, consumers):  # type: ignore[no-untyped-def]
    """The message that a consumer's hand takes: the oldest, or the newest where the topic says so."""
    topic = consumers[consumer].topic
    message = topics[topic].newest if topics[topic].newest_first != 0 else topics[topic].oldest
    unlink(topics, messages, topic, message)
    topics[topic].waiting -= 1
    topics[topic].held += 1
    messages[message].state = HELD
    messages[message].consumer = consumer
    return message


@jit
def get_hungry(consumer, topics, consumers):  # type: ignore[no-untyped-def]
    """A consumer with a free hand joins the line of those who are given the next message."""
    if consumers[consumer].listed != 0 or consumers[consumer].on == 0:
        return
    topic = consumers[consumer].topic
    consumers[consumer].listed = 1
    consumers[consumer].next = NONE
    if topics[topic].hungry == NONE:
        topics[topic].hungry = consumer
    else:
        consumers[topics[topic].hungry_end].next = consumer
    topics[topic].hungry_end = consumer


@jit
def call_consumer(topic, topics, consumers):  # type: ignore[no-untyped-def]
    """Who is to take a message that nobody was called for yet, one hand reserved for it; or NONE."""
    if topics[topic].waiting <= topics[topic].called:
        return NONE
    while topics[topic].hungry != NONE:
        consumer = topics[topic].hungry
        topics[topic].hungry = consumers[consumer].next
        consumers[consumer].listed = 0
        if consumers[consumer].on != 0 and consumers[consumer].active < consumers[consumer].hands:
            consumers[consumer].active += 1
            topics[topic].called += 1
            if consumers[consumer].active < consumers[consumer].hands:
                get_hungry(consumer, topics, consumers)
            return consumer
    return NONE


@jit
def settle(message, outcome, now, topics, messages):  # type: ignore[no-untyped-def]
    """What becomes of a message whose handling is over; returns its new state."""
    topic = messages[message].topic
    topics[topic].held -= 1
    if outcome == OK or outcome == DEGRADED:
        topics[topic].acknowledged += 1
        topics[topic].age_us += (now - messages[message].published) // 1000
        messages[message].state = FREE
    elif topics[topic].attempts > 0 and messages[message].attempt >= topics[topic].attempts:
        topics[topic].dead += 1
        topics[topic].buried += 1
        messages[message].state = DEAD
    else:
        topics[topic].redelivered += 1
        if outcome == WAS_RESET:
            return_to_topic(message, topic, topics, messages)
        else:
            topics[topic].delayed += 1
            messages[message].state = DELAYED
    return messages[message].state


# --- what an instance is made of ------------------------------------------------------------------


@jit
def tell(kind, instance, probe, outcome, now, scalars, signals):  # type: ignore[no-untyped-def]
    """Leave a signal for the control plane; ``probe`` is the kind of the probe that it is about, or NONE."""
    size = scalars[SIGNALS]
    signals[size].at = now
    signals[size].kind = kind
    signals[size].instance = instance
    signals[size].probe = probe
    signals[size].outcome = outcome
    scalars[SIGNALS] = size + 1


@jit
def judge(p, outcome, now, probes, instances, scalars, signals):  # type: ignore[no-untyped-def]
    """Put one result into a probe's run of equal results, and signal when it crosses a threshold.

    The kubelet's rules (prober's worker.go): a result counts once it came ``success`` or ``failure`` times in
    a row; a failed liveness or startup probe holds until its process is started anew, a passed startup probe
    is done and lets the two others begin.

    Returns:
        Whether the startup probe has just passed.
    """
    kind, instance = probes[p].kind, probes[p].instance
    good = I(outcome == OK or outcome == DEGRADED)
    if probes[p].last == good:
        probes[p].run += 1
    else:
        probes[p].last = good
        probes[p].run = 1
    if outcome == OK or outcome == DEGRADED:
        probes[p].passed += 1
    elif outcome == TIMED_OUT:
        probes[p].late += 1
    elif outcome == UNREACHABLE:
        probes[p].refused += 1
    else:
        probes[p].failed += 1
    enough = probes[p].run >= (probes[p].success if good != 0 else probes[p].failure)
    if enough and probes[p].state != good:
        probes[p].state = good
        if kind == READINESS:
            tell(READY if good != 0 else UNREADY, instance, kind, outcome, now, scalars, signals)
        elif good == 0:
            probes[p].hold = 1
            tell(
                LIVE_FAILURE if kind == LIVENESS else START_FAILURE, instance, kind, outcome, now, scalars,
                signals,
            )  # fmt: skip
        elif kind == STARTUP:
            probes[p].hold = 1
            instances[instance].started = 1
            tell(STARTED, instance, kind, outcome, now, scalars, signals)
            return True
    elif good == 0:
        tell(PROBE_FAILED, instance, kind, outcome, now, scalars, signals)
    return False


@jit
def count_answer(  # type: ignore[no-untyped-def]
    row, cells, outcome, latency, n_requests, n_latency, n_bucket, n_fine, bucket_of, bounds
):
    """Count one answer of a server: by outcome, in the classic buckets, in the fine cells."""
    n_requests[row * N_OUTCOMES + outcome] += 1
    n_latency[row] += latency
    fine = fine_cell(latency)
    bucket = bucket_of[fine]
    while bucket < len(bounds) and latency > bounds[bucket]:
        bucket += 1
    n_bucket[row * (len(bounds) + 1) + bucket] += 1
    n_fine[cells + fine] += 1


@jit
def own_faults_show(work, works, probes):  # type: ignore[no-untyped-def]
    """Whether an instance's own error chance applies: not to a probe's route of its own."""
    return works[work].probe == 0 or probes[works[work].probe - 1].deep != 0


@jit
def next_tick(p, now, probes):  # type: ignore[no-untyped-def]
    """When a probe asks again after its last one is over: at its next tick, or now when it missed one.

    A ticker keeps one missed tick, and its phase.
    """
    due = max(probes[p].next, now)
    probes[p].next += ((due - probes[p].next) // probes[p].period + 1) * probes[p].period
    return due


@jit
def write_line(log, place, now, instance, route, outcome, latency, trace, span, cause, reason):  # type: ignore[no-untyped-def]
    """One log record: what this instance answered to this request."""
    log[place].at = now
    log[place].instance = instance
    log[place].route = route
    log[place].outcome = outcome
    log[place].latency = latency
    log[place].trace = trace
    log[place].span = span
    log[place].cause = cause
    log[place].reason = reason


@jit
def refusal(instance, priority, now, instances):  # type: ignore[no-untyped-def]
    """The outcome with which an instance's admission control turns a request away, or OK.

    The rate limit is the generic cell rate algorithm: ``due`` is when the next request conforms.
    """
    gap = instances[instance].rate_gap
    due = max(instances[instance].due, now)
    if gap > 0:
        if due - now > instances[instance].rate_slack:
            return LIMITED
    most = instances[instance].most_open
    if most > 0:
        room = most
        if priority == 1:
            room = most * instances[instance].share_1 // 1000
        elif priority == 2:
            room = most * instances[instance].share_2 // 1000
        elif priority >= 3:
            room = most * instances[instance].share_3 // 1000
        if instances[instance].open >= room:
            return SHED if priority > 0 else REJECTED
    if gap > 0:
        instances[instance].due = due + gap
    return OK


@jit
def is_full(instance, instances):  # type: ignore[no-untyped-def]
    """Whether an instance has neither a free slot nor a place in its queue."""
    return (
        instances[instance].busy >= instances[instance].slots
        and instances[instance].queued >= instances[instance].limit
    )


@jit
def enqueue(work, instance, instances, works):  # type: ignore[no-untyped-def]
    """Put a work into its instance's queue: behind the others, or before them when that is overloaded."""
    queued = instances[instance].queued
    instances[instance].queued = queued + 1
    if instances[instance].features & I_NEWEST_FIRST and queued >= max(instances[instance].newest_above, 1):
        works[work].next = instances[instance].head
        instances[instance].head = work
        return
    if queued == 0:
        instances[instance].head = work
    else:
        works[instances[instance].tail].next = work
    works[work].next = NONE
    instances[instance].tail = work


@jit
def enter(work, instance, now, instances, works):  # type: ignore[no-untyped-def]
    """A work comes to its instance: it takes a free slot, or its place in the queue.

    Returns:
        The work when it has its slot, or NONE.
    """
    busy = instances[instance].busy
    if busy >= instances[instance].slots:
        enqueue(work, instance, instances, works)
        return NONE
    instances[instance].busy_ns += busy * (now - instances[instance].since)
    instances[instance].since = now
    instances[instance].busy = busy + 1
    return work


@jit
def fill_memory(instance, now, instances, scalars, signals):  # type: ignore[no-untyped-def]
    """Signal, once a start, that one request more is more than an instance's memory holds."""
    if instances[instance].out_of_memory == 0:
        used = instances[instance].memory + instances[instance].leaked
        used += (instances[instance].open + 1) * instances[instance].request_memory
        if used > instances[instance].memory_limit:
            instances[instance].out_of_memory = 1
            tell(OUT_OF_MEMORY, instance, NONE, OK, now, scalars, signals)


@jit
def run_cores(instance, now, instances):  # type: ignore[no-untyped-def]
    """Bring an instance's virtual clock to ``now``: slower when more compute than there are cores."""
    running, cores = instances[instance].running, instances[instance].cores
    passed = now - instances[instance].clock_at
    if running * 1000 > cores:
        passed = passed * cores // (running * 1000)
    if running > 0:
        instances[instance].clock += passed
    instances[instance].clock_at = now


@jit
def start_on_cores(work, instance, took, instances, works):  # type: ignore[no-untyped-def]
    """Let a work compute for ``took`` ns of the virtual clock; its list is in order of the end."""
    end = instances[instance].clock + took
    works[work].end = end
    instances[instance].running += 1
    before, after = NONE, instances[instance].first_end
    while after != NONE and works[after].end <= end:
        before, after = after, works[after].next
    works[work].next = after
    if before == NONE:
        instances[instance].first_end = work
    else:
        works[before].next = work


@jit
def next_end(instance, now, instances, works):  # type: ignore[no-untyped-def]
    """When the first of those that compute ends, ns, or FOREVER; older plans become void."""
    instances[instance].core_gen = (instances[instance].core_gen + 1) & GENERATION_MASK
    first = instances[instance].first_end
    if first == NONE:
        return FOREVER
    need = max(works[first].end - instances[instance].clock, 0)
    running, cores = instances[instance].running, instances[instance].cores
    if running * 1000 > cores:
        shared = need * running
        need = shared // cores * 1000 + (shared % cores * 1000 + cores - 1) // cores
    return now + need


# --- the loop -------------------------------------------------------------------------------------


@jit
def advance(  # type: ignore[no-untyped-def]
    until, wide, scalars, heap, services, endpoints, instances, programs, edges, sources, calls, works,
    tables, plan_time, plan_rate, source_routes, n_requests, n_latency, n_bucket, n_unrouted, n_fine,
    by_edge, n_failed, by_source, u_answered, u_fine, bucket_of, bounds, log,
    sets, members, ring, ring_member, breakers, windows, budgets, signals, pools, links,
    caches, keys, zipf, people, probes, splits, variants,
    topics, messages, consumers, stores, entities, commits, spans,
):  # fmt: skip
    """Run every event strictly before ``until`` (int64 ns).

    Compiled twice: with ``wide`` None for systems that use no feature beyond the plain path (numba prunes
    what stands under ``wide is not None``, so that unused features cost nothing), and with 1 for all others.

    The arrays are described in ``state.py``, by name, shape and unit. Returns REACHED, or GROW when slots
    must be made larger before the next event (nothing of that event has happened yet).
    """
    size, sequence, now = scalars[HEAP_SIZE], scalars[SEQUENCE], scalars[NOW]
    free_call, free_work = scalars[FREE_CALL], scalars[FREE_WORK]
    calls_used, works_used = scalars[CALLS_USED], scalars[WORKS_USED]
    log_size, log_room, log_dropped = scalars[LOG_SIZE], len(log), scalars[LOG_DROPPED]
    spare = scalars[SPARE]
    n_links = len(links)
    call_room, work_room, heap_room = len(calls) - spare, len(works) - spare, len(heap) - 2 * spare
    events = scalars[EVENTS]
    reason = REACHED

    free_message, messages_used = scalars[FREE_MESSAGE], scalars[MESSAGES_USED]
    message_room = max(len(messages) - spare, 1)

    NOTHING, ATTEMPT, NEXT_CALL, FINISH, RESOLVE, PROBED, HANDLE, SETTLE = 0, 1, 2, 3, 4, 5, 6, 7

    while size > 0 and heap[0].time < until:
        if calls_used >= call_room or works_used >= work_room or size >= heap_room:
            reason = GROW
            break
        if wide is not None and messages_used >= message_room:
            reason = GROW
            break
        now = heap[0].time
        what = heap[0].what
        size -= 1
        drop_top(heap, size)
        events += 1
        kind = what & KIND_MASK
        subject = (what >> SUBJECT_SHIFT) & SUBJECT_MASK
        generation = what >> GENERATION_SHIFT
        op = NOTHING
        call = NONE
        work = NONE
        freed = NONE
        begun = NONE
        launching = NONE
        probe = NONE
        message = NONE
        consumer = NONE
        woken = False
        why = OK
        outcome = OK

        if wide is not None and kind == CORE:
            # the first of those that share an instance's cores has computed
            if instances[subject].core_gen != generation:
                continue
            run_cores(subject, now, instances)
            work = instances[subject].first_end
            instances[subject].clock = max(instances[subject].clock, works[work].end)
            instances[subject].first_end = works[work].next
            instances[subject].running -= 1
            works[work].next = NONE
            time = next_end(subject, now, instances, works)
            if time != FOREVER:
                size, sequence = plan(heap, size, sequence, time, CORE, subject, instances[subject].core_gen)
            kind = DONE
            subject = work
            generation = works[work].gen
        if kind == DONE:
            if works[subject].gen != generation:
                continue
            work = subject
            instance = works[work].instance
            row = works[work].program
            threshold = U(programs[row].error)
            own = U(instances[instance].error)
            if own > threshold and (wide is None or own_faults_show(work, works, probes)):
                threshold = own
            failed = threshold > U0 and draw(U(works[work].span), P_ERROR) < threshold
            if wide is not None and works[work].message != 0:
                failed = failed or messages[works[work].message - 1].poison != 0
            if wide is not None and works[work].phase != 0:
                failed = False  # it was judged before it took the lock, which it must pass on
            if failed:
                op = FINISH
                outcome = ERROR
            elif (
                wide is not None
                and U(programs[row].shed) > U0
                and works[work].phase == 0
                and draw(U(works[work].span), P_SHED) < U(programs[row].shed)
            ):
                op = FINISH
                outcome = SHED
            else:
                op = NEXT_CALL
                if wide is not None and programs[row].lock != NONE:
                    # -- one at a time: wait for the instance's lock, hold it, pass it on
                    begun = NONE
                    if works[work].phase == 0:
                        works[work].phase = 1
                        op = NOTHING
                        if instances[instance].locked == 0:
                            instances[instance].locked = 1
                            begun = work
                        else:
                            works[work].next = NONE
                            if instances[instance].lock_head == NONE:
                                instances[instance].lock_head = work
                            else:
                                works[instances[instance].lock_tail].next = work
                            instances[instance].lock_tail = work
                    else:
                        works[work].phase = 0
                        begun = instances[instance].lock_head
                        if begun == NONE:
                            instances[instance].locked = 0
                        else:
                            instances[instance].lock_head = works[begun].next
                            works[begun].next = NONE
                    if begun != NONE:
                        row = works[begun].program
                        took = quantile(tables, programs[row].lock, draw(U(works[begun].span), P_LOCK))
                        size, sequence = plan(heap, size, sequence, now + took, DONE, begun, works[begun].gen)
                        begun = NONE
        elif wide is not None and kind == VISIT:
            source = people[subject].source
            if people[subject].active == 0:
                people[subject].there = 0
                continue
            root = child_span(
                user_span(U(sources[source].key), people[subject].number), U0, people[subject].visits, 1
            )
            people[subject].visits += 1
            call = free_call
            free_call = calls[call].work
            calls_used += 1
            lay_visit(call, source, root, subject + 1, now, scalars, sources, source_routes, by_source, calls)
            op = ATTEMPT
        elif kind == ARRIVAL:
            source = subject
            if sources[source].gen != generation:
                continue
            user = sources[source].users
            root = user_span(U(sources[source].key), user)
            call = free_call
            free_call = calls[call].work
            calls_used += 1
            lay_visit(call, source, root, 0, now, scalars, sources, source_routes, by_source, calls)
            # the gap to the next user belongs to the next user
            user += 1
            sources[source].users = user
            root = user_span(U(sources[source].key), user)
            need = quantile(tables, 0, draw(root, P_ARRIVAL)) * 1_000_000
            sources[source].begin = now
            sources[source].need = need
            row = sources[source].plan
            while row + 1 < sources[source].plan_end and plan_time[row + 1] <= now:
                row += 1
            sources[source].plan = row
            time = next_arrival(plan_time, plan_rate, row, sources[source].plan_end, now, need)
            if time != FOREVER:
                size, sequence = plan(heap, size, sequence, time, kind, subject, generation)
            op = ATTEMPT
        elif kind == TIMEOUT:
            edge = subject
            call = edges[edge].oldest
            if call == NONE:
                edges[edge].armed = 0
                continue
            if calls[call].deadline > now:
                # the one it was set for is answered: wait for the oldest that is not
                size, sequence = plan(heap, size, sequence, calls[call].deadline, kind, subject, generation)
                continue
            instance = give_up(call, edge, edges, calls, works, by_edge)
            if wide is not None and instance != NONE and services[edges[edge].service].outlier != 0:
                detect(instance, True, now, services, sets, members, endpoints, instances)
            op = RESOLVE
            outcome = TIMED_OUT
            # the list below is unlinked in RESOLVE; arm for the next one
            after = calls[call].newer
            if after == NONE:
                edges[edge].armed = 0
            else:
                size, sequence = plan(heap, size, sequence, calls[after].deadline, kind, subject, generation)
        elif kind == RETRY:
            if calls[subject].gen != generation:
                continue
            call = subject
            if wide is not None and calls[call].parent == NONE:
                by_source[calls[call].row].retries += 1
            else:
                by_edge[edges[calls[call].edge].row].retries += 1
            op = ATTEMPT
        elif kind == RESET or kind == DROP:
            # its instance was killed; or its turn came when its deadline had passed
            if works[subject].gen != generation:
                continue
            work = subject
            op = FINISH
            outcome = WAS_RESET if kind == RESET else TIMED_OUT
        elif wide is not None and kind == HEDGE:
            if calls[subject].gen != generation:
                continue
            # no answer yet: ask again beside it; the first good answer counts
            edge = calls[subject].edge
            parent = calls[subject].parent
            call = free_call
            free_call = calls[call].work
            calls_used += 1
            lay_call(call, parent, edge, NONE, calls[subject].index + (1 << HEDGE_SHIFT), now, calls)
            equip_call(call, calls)
            join_list(parent, call, works, calls)
            if edges[edge].features & E_BUDGET:
                budgets[edges[edge].budget].active += 1
            by_edge[edges[edge].row].hedges += 1
            op = ATTEMPT
        elif wide is not None and kind == DELIVER:
            # it comes off the wire: to a slot, to the queue, or it is turned away
            if works[subject].gen != generation:
                continue
            work = subject
            instance = works[work].instance
            call = works[work].call
            route = works[work].route
            works[work].start = now
            outcome = OK
            if works[work].lost != 0:
                instances[instance].lost += 1
            else:
                if instances[instance].features & I_ADMISSION:
                    outcome = refusal(instance, works[work].priority, now, instances)
                if outcome == OK and is_full(instance, instances):
                    outcome = REJECTED
                if outcome != OK:
                    n_requests[(instances[instance].row + route) * N_OUTCOMES + outcome] += 1
            if works[work].lost == 0 and outcome == OK:
                works[work].slot = QUEUED
                begun = enter(work, instance, now, instances, works)
            else:
                instances[instance].open -= 1
                free_work = release_work(work, free_work, works)
                works_used -= 1
                if call != NONE:
                    if works[work].lost != 0:
                        calls[call].work = NONE
                    else:
                        op = RESOLVE
        elif wide is not None and kind == LEAVE:
            if calls[subject].gen != generation:
                continue
            call = subject
            if calls[call].work != NONE:
                works[calls[call].work].call = NONE
            op = RESOLVE
            outcome = TIMED_OUT
        elif wide is not None and kind == GRANT:
            if calls[subject].gen != generation:
                continue
            call = subject
            op = ATTEMPT
        elif wide is not None and kind == PATIENCE:
            # no connection came free in time
            if calls[subject].gen != generation or calls[subject].waits == 0:
                continue
            call = subject
            calls[call].attempt += 1
            by_edge[edges[calls[call].edge].row].starved += 1
            op = RESOLVE
            outcome = TIMED_OUT
            why = STARVED
            pool = instances[works[calls[call].parent].instance].pools + edges[calls[call].edge].pool
            if pools[pool].used + pools[pool].leaked < pools[pool].limit:
                why = NO_ROOM
        elif wide is not None and kind == WAKE:
            # a cache's entry was renewed, or not: the next of those who wait for it
            call = keys[subject].oldest
            if call == NONE:
                continue
            unlink(keys, calls, subject, call)
            calls[call].joined = 0
            calls[call].attempt = edges[calls[call].edge].attempts
            woken = True
            if keys[subject].oldest != NONE:
                size, sequence = plan(heap, size, sequence, now, kind, subject, generation)
            op = RESOLVE
            outcome = keys[subject].outcome
        elif wide is not None and kind == EXPIRE:
            if calls[subject].gen != generation:
                continue
            call = subject
            edge = calls[call].edge
            instance = give_up(call, edge, edges, calls, works, by_edge)
            if instance != NONE and services[edges[edge].service].outlier != 0:
                detect(instance, True, now, services, sets, members, endpoints, instances)
            op = RESOLVE
            outcome = TIMED_OUT
        elif wide is not None and kind == PROBE:
            # the kubelet asks: at once refused where nobody listens, else a request in the instance's queue
            if probes[subject].gen != generation:
                continue
            instance = probes[subject].instance
            if instances[instance].started == 0 and probes[subject].kind != STARTUP:
                size, sequence = plan(
                    heap, size, sequence, next_tick(subject, now, probes), kind, subject, generation
                )
                continue
            probe = subject
            number = probes[probe].asked
            probes[probe].asked = number + 1
            op = PROBED
            outcome = OK
            if now < instances[instance].listens_at:
                outcome = UNREACHABLE
            elif is_full(instance, instances):
                outcome = REJECTED
            if outcome == OK:
                op = NOTHING
                work = free_work
                free_work = works[work].next
                works_used += 1
                span = mix((mix((U(probes[probe].key) + U(number) * GOLDEN) & MASK) + PROBE_SALT) & MASK)
                lay_work(work, instance, probes[probe].program, 0, NONE, span, span, 0, now, works)
                equip_work(work, 0, 0, probe + 1, span, works)
                probes[probe].work = work
                instances[instance].probing += 1
                size, sequence = plan(
                    heap, size, sequence, now + probes[probe].timeout, LATE, probe, generation
                )
                begun = enter(work, instance, now, instances, works)
        elif wide is not None and kind == LATE:
            # no answer to a probe in time: its work goes on, nobody waits for it
            if probes[subject].gen != generation or probes[subject].work == NONE:
                continue
            probe = subject
            probes[probe].work = NONE
            op = PROBED
            outcome = TIMED_OUT
        elif wide is not None and kind == PROMOTE:
            # the failover is over; without a replica the store waits for the next that is ready
            if stores[subject].gen != generation:
                continue
            stores[subject].failing = 0
            elect(subject, now, services, stores, endpoints, instances)
            continue
        elif wide is not None and kind == CONSUME:
            # its process listens: it takes messages with as many hands as it has
            if consumers[subject].gen != generation:
                continue
            consumers[subject].on = 1
            get_hungry(subject, topics, consumers)
            consumer = subject
            op = NOTHING
        elif wide is not None and kind == PULL:
            # a hand that was reserved takes a message, if the message and its process are still there
            topic = consumers[subject].topic
            topics[topic].called -= 1
            consumer = subject
            if consumers[subject].on == 0 or topics[topic].waiting == 0:
                consumers[subject].active -= 1
                get_hungry(subject, topics, consumers)
            else:
                message = take_message(subject, topics, messages, consumers)
                op = HANDLE
        elif wide is not None and kind == AGAIN:
            # the delay after a failure is over: to the same hand, or to the end of the topic
            if messages[subject].gen != generation:
                continue
            message = subject
            topic = messages[message].topic
            consumer = messages[message].consumer
            topics[topic].delayed -= 1
            if topics[topic].ordered == 0:
                wait_in_topic(message, topic, topics, messages)
            elif consumers[consumer].on != 0:
                topics[topic].held += 1
                messages[message].state = HELD
                op = HANDLE
            else:
                consumers[consumer].active -= 1
                return_to_topic(message, topic, topics, messages)
        elif wide is not None:  # SWEEP
            if services[subject].generation != generation:
                continue
            sweep(subject, now, services, endpoints, instances)
            lay_sets(subject, services, sets, members, endpoints, instances)
            size, sequence = plan(
                heap, size, sequence, now + services[subject].interval, kind, subject, generation
            )
            continue

        while op != NOTHING or (wide is not None and (begun != NONE or consumer != NONE)):
            if op == ATTEMPT:
                # -- a caller asks: choose an instance, take a slot or a place in its queue
                why = OK
                parent = calls[call].parent
                edge = NONE
                features = 0
                if wide is not None and parent != NONE:
                    features = edges[calls[call].edge].features
                if features & E_BREAKER and (features & E_POOL == 0 or calls[call].holds == 0):
                    edge = calls[call].edge
                    if not breaker_admits(edges[edge].breaker, now, breakers):
                        calls[call].attempt += 1
                        op = RESOLVE
                        outcome = OPEN
                        continue
                if features & E_POOL and calls[call].holds == 0:
                    edge = calls[call].edge
                    pool = instances[works[parent].instance].pools + edges[edge].pool
                    if not has_connection(pool, pools, stores):
                        calls[call].asked = now  # if it finds none in time, this is where it began
                        wait_for_connection(pool, call, pools, calls)
                        if pools[pool].patience > 0:
                            size, sequence = plan(
                                heap,
                                size,
                                sequence,
                                now + pools[pool].patience,
                                PATIENCE,
                                call,
                                calls[call].gen,
                            )
                        op = NOTHING
                        continue
                    take_connection(pool, call, pools, calls, stores)
                calls[call].attempt += 1
                zone = NONE
                deadline = 0
                priority = 0
                user = U0
                if parent == NONE:
                    source = calls[call].edge
                    service = sources[source].service
                    route = source_routes[calls[call].row].route
                    if wide is not None:
                        priority = sources[source].priority
                        if sources[source].patience > 0:
                            size, sequence = plan(
                                heap,
                                size,
                                sequence,
                                now + sources[source].patience,
                                LEAVE,
                                call,
                                calls[call].gen,
                            )
                    span = U(calls[call].span)
                    trace = span
                    traced = calls[call].traced
                    if wide is not None:
                        user = trace
                        if calls[call].person > 0:  # who comes again is the same user
                            user = user_span(U(sources[source].key), people[calls[call].person - 1].number)
                        if calls[call].attempt > 1:  # fresh luck, the same visit
                            span = child_span(trace, U0, 0, calls[call].attempt)
                else:
                    edge = calls[call].edge
                    service = edges[edge].service
                    route = edges[edge].route
                    by_edge[edges[edge].row].attempts += 1
                    span = child_span(
                        U(works[parent].span), U(edges[edge].key), calls[call].index, calls[call].attempt
                    )
                    trace = U(works[parent].trace)
                    traced = works[parent].traced
                    calls[call].asked = now
                    if wide is not None:
                        zone = instances[works[parent].instance].zone
                        priority = works[parent].priority
                        user = U(works[parent].user)
                        if features & E_DEADLINE:
                            deadline = works[parent].deadline
                            allowed = edges[edge].allow
                            if allowed > 0 and (deadline == 0 or now + allowed < deadline):
                                deadline = now + allowed
                            if deadline != 0 and deadline <= now:
                                op = RESOLVE
                                outcome = TIMED_OUT
                                continue
                        if features & E_BUDGET and budgets[edges[edge].budget].style == BY_RATIO:
                            if calls[call].attempt == 1:
                                budget = edges[edge].budget
                                budgets[budget].tokens = min(
                                    budgets[budget].tokens + budgets[budget].ratio, budgets[budget].most
                                )
                if wide is not None and (services[service].fault != 0 or now >= services[service].expires):
                    # a lost name, or a certificate past its time, fails whoever has no connection open
                    if parent == NONE:
                        connects = services[service].fault == 0 and sources[calls[call].edge].insecure != 0
                    else:
                        connects = features & E_POOL != 0 and calls[call].reused != 0
                    if not connects:
                        op = RESOLVE
                        outcome = UNREACHABLE
                        why = NO_NAME if services[service].fault != 0 else NO_TRUST
                        continue
                ready = services[service].ready
                if ready == 0:
                    n_unrouted[services[service].row + route] += 1
                    op = RESOLVE
                    outcome = UNAVAILABLE
                    continue
                if wide is not None and (services[service].writes >> route) & 1 != 0:
                    # a store's primary takes all writes; while there is none they fail
                    store = services[service].store
                    instance = stores[store].primary
                    if instance == NONE and stores[store].failing == 0:
                        instance = elect(store, now, services, stores, endpoints, instances)
                    if instance == NONE:
                        stores[store].refused += 1
                        n_unrouted[services[service].row + route] += 1
                        op = RESOLVE
                        outcome = UNAVAILABLE
                        continue
                elif wide is not None and services[service].mode != 0:
                    instance = choose(
                        service, zone, span, trace, now, services, sets, members, ring, ring_member, instances
                    )
                    if instance == NONE:
                        n_unrouted[services[service].row + route] += 1
                        op = RESOLVE
                        outcome = UNAVAILABLE
                        continue
                else:
                    first = services[service].first
                    cursor = services[service].cursor
                    if cursor >= ready:
                        cursor = 0
                    instance = endpoints[first + cursor]
                    if services[service].balancer == LEAST_REQUEST:
                        least = instances[instance].open
                        place = cursor
                        for _ in range(1, ready):
                            if least == 0:
                                break
                            place += 1
                            if place == ready:
                                place = 0
                            other = endpoints[first + place]
                            if instances[other].open < least:
                                least = instances[other].open
                                instance = other
                    services[service].cursor = cursor + 1
                if wide is not None and now < instances[instance].listens_at:
                    # its process is not up: the connection is refused
                    n_unrouted[services[service].row + route] += 1
                    op = RESOLVE
                    outcome = UNREACHABLE
                    why = REFUSED
                    if services[service].outlier != 0:
                        detect(instance, True, now, services, sets, members, endpoints, instances)
                    continue
                instances[instance].offered += 1
                delay = 0
                if wide is not None and n_links > 0:
                    asker = USERS if parent == NONE else instances[works[parent].instance].service
                    delay = travel(n_links, asker, service, zone, instances[instance].zone, span, links)
                outcome = OK
                if delay == 0:
                    if wide is not None and instances[instance].features & I_ADMISSION:
                        outcome = refusal(instance, priority, now, instances)
                    if outcome == OK and is_full(instance, instances):
                        outcome = REJECTED
                if outcome != OK:
                    n_requests[(instances[instance].row + route) * N_OUTCOMES + outcome] += 1
                    if instances[instance].lines < LOG_QUOTA and log_size < log_room:
                        write_line(log, log_size, now, instance, route, outcome, 0, trace, span, NONE, OK)
                        instances[instance].lines += 1
                        log_size += 1
                    op = RESOLVE
                    if wide is not None and outcome != LIMITED and services[service].outlier != 0:
                        detect(instance, True, now, services, sets, members, endpoints, instances)
                    continue
                work = free_work
                free_work = works[work].next
                works_used += 1
                lay_work(
                    work, instance, instances[instance].program + route, route, call, span, trace, traced,
                    now, works,
                )  # fmt: skip
                calls[call].work = work
                if wide is not None:
                    equip_work(work, deadline, priority, 0, user, works)
                    if instances[instance].features & I_MEMORY:
                        fill_memory(instance, now, instances, scalars, signals)
                    if deadline != 0:
                        size, sequence = plan(heap, size, sequence, deadline, EXPIRE, call, calls[call].gen)
                    if edge != NONE and edges[edge].features & E_HEDGE:
                        if calls[call].attempt == 1 and calls[call].index >> HEDGE_SHIFT < edges[edge].hedges:
                            size, sequence = plan(
                                heap,
                                size,
                                sequence,
                                now + edges[edge].hedge_delay,
                                HEDGE,
                                call,
                                calls[call].gen,
                            )
                instances[instance].open += 1
                if edge != NONE and edges[edge].timeout > 0:
                    calls[call].deadline = now + edges[edge].timeout
                    calls[call].listed = 1
                    link(edges, calls, edge, call)
                    if edges[edge].armed == 0:
                        edges[edge].armed = 1
                        size, sequence = plan(heap, size, sequence, calls[call].deadline, TIMEOUT, edge, 0)
                if delay != 0:
                    # it is on the wire; a lost one is forgotten when its caller gives up
                    works[work].slot = ON_WIRE
                    time = now + delay
                    if delay < 0:
                        works[work].lost = 1
                        time = FOREVER
                        if calls[call].listed != 0:
                            time = calls[call].deadline
                        if deadline != 0:
                            time = deadline
                    if time != FOREVER:
                        size, sequence = plan(heap, size, sequence, time, DELIVER, work, works[work].gen)
                else:
                    begun = enter(work, instance, now, instances, works)
                op = NOTHING

            elif op == NEXT_CALL:
                # -- computed: make the next call that this route has, or answer
                instance = works[work].instance
                row = works[work].program
                op = FINISH
                outcome = OK
                joined = False
                while works[work].index < programs[row].calls:
                    edge = programs[row].call + works[work].index
                    features = edges[edge].features if wide is not None else 0
                    place = works[work].index
                    if wide is not None:
                        if works[work].pending > 0 and works[work].group != edges[edge].group:
                            break  # calls in parallel are out, and what follows waits for them
                        place += works[work].copy << COPY_SHIFT
                    chance = U(edges[edge].chance)
                    skipped = False
                    if chance != MASK:
                        span = child_span(U(works[work].span), U(edges[edge].key), place, 0)
                        skipped = draw(span, P_CHANCE) >= chance
                    key = NONE
                    if features & E_PUBLISH and not skipped:
                        # fire and forget: the message waits for a consumer, the work goes on at once
                        topic = edges[edge].topic
                        by_edge[edges[edge].row].calls += 1
                        if topics[topic].waiting >= topics[topic].limit:
                            topics[topic].refused += 1
                        else:
                            message = free_message
                            free_message = messages[message].newer
                            messages_used += 1
                            span = child_span(U(works[work].span), U(edges[edge].key), place, 1)
                            lay_message(message, topic, span, work, now, topics, messages, works)
                            if works[work].traced != 0:
                                trace, above = U(works[work].trace), U(works[work].span)
                                note_span(
                                    PUBLISHED, now, now, trace, span, above, instance, works[work].route,
                                    edges[edge].row, 1, OK, 0, scalars, spans,
                                )  # fmt: skip
                            consumer = call_consumer(topic, topics, consumers)
                            if consumer != NONE:
                                size, sequence = plan(heap, size, sequence, now, PULL, consumer, 0)
                                consumer = NONE
                        skipped = True
                    if features & E_CACHE and not skipped:
                        span = child_span(U(works[work].trace), U(edges[edge].key), place, 0)
                        key = ranked(caches, edges[edge].cache, draw(span, P_KEY), zipf)
                        skipped = cached(edges[edge].cache, key, now, caches, keys)
                    if skipped:
                        if features & E_GROUP:
                            works[work].copy += 1
                            if works[work].copy < edges[edge].copies:
                                continue
                            works[work].copy = 0
                        works[work].index += 1
                        continue
                    call = free_call
                    free_call = calls[call].work
                    calls_used += 1
                    lay_call(call, work, edge, NONE, place, now, calls)
                    by_edge[edges[edge].row].calls += 1
                    op = ATTEMPT
                    if features == 0:
                        works[work].out = call
                        break
                    equip_call(call, calls)
                    if features & E_CACHE:
                        joined = join_fill(edges[edge].cache, key, call, caches, keys, calls)
                        if joined:
                            op = NOTHING
                    if features & E_BUDGET:
                        budgets[edges[edge].budget].active += 1
                    if features & E_LISTED:
                        join_list(work, call, works, calls)
                    else:
                        works[work].out = call
                    if features & E_GROUP:
                        works[work].group = edges[edge].group
                        works[work].pending += 1
                        works[work].copy += 1
                        if works[work].copy == edges[edge].copies:
                            works[work].copy = 0
                            works[work].index += 1
                        launching = work
                    break
                if wide is not None and op == FINISH and works[work].pending > 0:
                    op = NOTHING
                if (
                    (op == ATTEMPT or joined)
                    and services[instances[instance].service].held == 0
                    and works[work].slot == ON_SLOT
                ):
                    # an asynchronous server gives its slot to the next in the queue while it waits
                    works[work].slot = QUEUED
                    freed = instance

            elif op == FINISH:
                # -- the server answers: count it, free its slot for the next in the queue, tell who waits
                instance = works[work].instance
                route = works[work].route
                row = instances[instance].row + route
                out = works[work].out
                while out != NONE:
                    # it was waiting for answers: the callees' work goes on, nobody waits for it
                    edge = calls[out].edge
                    by_edge[edges[edge].row].abandoned += 1
                    if works[work].traced != 0 and calls[out].work != NONE:
                        note_attempt(out, ABANDONED, now, calls, works, edges, scalars, spans)
                    if wide is not None and edges[edge].features & E_CACHE and calls[out].fills != 0:
                        # those who waited for its answer fail with it
                        key = calls[out].key
                        if keys[key].filler == out:
                            keys[key].filler = NONE
                            keys[key].outcome = WAS_RESET
                            size, sequence = plan(heap, size, sequence, now, WAKE, key, 0)
                    following = detach(
                        out, edges, calls, works, breakers, budgets, instances, pools, keys, stores
                    )
                    size, sequence = grant(heap, size, sequence, now, following, calls)
                    after = calls[out].after if edges[edge].features & E_LISTED else NONE
                    calls[out].work = free_call
                    free_call = out
                    calls_used -= 1
                    out = after
                if wide is not None:
                    launching = NONE
                    instances[instance].leaked += programs[works[work].program].leak
                    if outcome == OK and works[work].degraded != 0:
                        outcome = DEGRADED
                if works[work].slot == ON_SLOT:
                    freed = instance
                call = works[work].call
                free_work = release_work(work, free_work, works)
                works_used -= 1
                op = NOTHING
                if wide is not None and works[work].probe != 0:
                    # a probe's answer is none of the users' business
                    instances[instance].probing -= 1
                    probe = works[work].probe - 1
                    if probes[probe].work == work:
                        probes[probe].work = NONE
                        op = PROBED
                else:
                    latency = now - works[work].start
                    service = instances[instance].service
                    if works[work].traced != 0:
                        above = U0
                        if wide is not None and works[work].message != 0:
                            above = U(messages[works[work].message - 1].span)
                        note_span(
                            SERVED, works[work].start, now, U(works[work].trace), U(works[work].span), above,
                            instance, route, NONE, 1, outcome, I(call != NONE), scalars, spans,
                        )  # fmt: skip
                    cells = (services[service].row + route) * FINE_BINS
                    count_answer(
                        row,
                        cells,
                        outcome,
                        latency,
                        n_requests,
                        n_latency,
                        n_bucket,
                        n_fine,
                        bucket_of,
                        bounds,
                    )
                    if instances[instance].lines < LOG_QUOTA and (
                        outcome != OK or draw(U(works[work].trace), P_LOG) < LOG_SAMPLE
                    ):
                        if log_size < log_room:
                            trace, span = U(works[work].trace), U(works[work].span)
                            write_line(
                                log, log_size, now, instance, route, outcome, latency, trace, span,
                                works[work].cause, works[work].reason,
                            )  # fmt: skip
                            instances[instance].lines += 1
                            log_size += 1
                        else:
                            log_dropped += 1
                    instances[instance].open -= 1
                    if wide is not None and call != NONE and services[service].outlier != 0:
                        failed = outcome != OK and outcome != DEGRADED and outcome != LIMITED
                        detect(instance, failed, now, services, sets, members, endpoints, instances)
                    if call != NONE:
                        op = RESOLVE
                    if wide is not None and services[service].store != NONE:
                        if outcome == OK or outcome == DEGRADED:
                            touch(
                                services[service].store, U(works[work].trace), route, instance, now, services,
                                stores, entities, commits, zipf,
                            )  # fmt: skip
                    if wide is not None and works[work].message != 0:
                        message = works[work].message - 1
                        op = SETTLE

            elif op == RESOLVE:
                # -- an attempt is over: answer the caller, or back off and try again
                parent = calls[call].parent
                if parent == NONE:
                    source = calls[call].edge
                    row = calls[call].row
                    if wide is not None:
                        if (
                            outcome != OK
                            and outcome != DEGRADED
                            and calls[call].attempt < sources[source].attempts
                        ):
                            calls[call].work = NONE
                            calls[call].gen = (calls[call].gen + 1) & GENERATION_MASK
                            size, sequence = plan(
                                heap,
                                size,
                                sequence,
                                now + sources[source].again,
                                RETRY,
                                call,
                                calls[call].gen,
                            )
                            op = NOTHING
                            continue
                        person = calls[call].person - 1
                        if person >= 0 and sources[source].think != NONE:
                            took = quantile(tables, sources[source].think, draw(U(calls[call].span), P_THINK))
                            size, sequence = plan(heap, size, sequence, now + took, VISIT, person, 0)
                    latency = now - calls[call].start
                    if wide is not None:
                        sources[source].took = latency
                        sources[source].why = outcome if why == OK else why
                    if calls[call].traced != 0:
                        trace = U(calls[call].span)
                        note_span(
                            VISITED, calls[call].start, now, trace, trace, U0, NONE, source_routes[row].route,
                            source, calls[call].attempt, outcome, 1, scalars, spans,
                        )  # fmt: skip
                    u_answered[row * N_OUTCOMES + outcome] += 1
                    if outcome == OK and latency > sources[source].objective:
                        by_source[row].slow += 1
                    u_fine[row * FINE_BINS + fine_cell(latency)] += 1
                    calls[call].gen = (calls[call].gen + 1) & GENERATION_MASK
                    calls[call].work = free_call
                    free_call = call
                    calls_used -= 1
                    op = NOTHING
                    continue
                edge = calls[call].edge
                features = edges[edge].features if wide is not None else 0
                if calls[call].listed != 0:
                    unlink(edges, calls, edge, call)
                    calls[call].listed = 0
                calls[call].work = NONE
                calls[call].gen = (calls[call].gen + 1) & GENERATION_MASK
                if works[parent].traced != 0 and not woken:
                    ended = outcome if why == OK else why
                    note_attempt(call, ended, now, calls, works, edges, scalars, spans)
                if outcome != OK and not woken:
                    n_failed[edges[edge].row * N_REASONS + (outcome if why == OK else why)] += 1
                if features != 0 and not woken:
                    if outcome == DEGRADED:
                        works[parent].degraded = 1
                        outcome = OK
                    failed = outcome != OK
                    if features & E_POOL:
                        pool = instances[works[parent].instance].pools + edges[edge].pool
                        answered = outcome != TIMED_OUT and outcome != WAS_RESET and outcome != UNREACHABLE
                        following = leave_pool(pool, call, answered, pools, calls, stores)
                        size, sequence = grant(heap, size, sequence, now, following, calls)
                    if features & E_BREAKER and outcome != OPEN:
                        slow = now - calls[call].asked >= breakers[edges[edge].breaker].slow_after
                        breaker_result(edges[edge].breaker, now, I(failed), I(slow), breakers, windows)
                    if features & E_BUDGET:
                        budget = edges[edge].budget
                        budgets[budget].retrying -= calls[call].retrying
                        calls[call].retrying = 0
                        if budgets[budget].style == BY_TOKENS:
                            change = -1000 if failed else budgets[budget].ratio
                            budgets[budget].tokens = min(
                                max(budgets[budget].tokens + change, 0), budgets[budget].most
                            )
                    if features & E_HEDGE:
                        # a good answer ends the other copies; a failure leaves the call to them
                        base = calls[call].index & HEDGE_MASK
                        others = 0
                        other = works[parent].out
                        while other != NONE:
                            after = calls[other].after
                            if (
                                other != call
                                and calls[other].edge == edge
                                and calls[other].index & HEDGE_MASK == base
                            ):
                                others += 1
                                if not failed:
                                    if works[parent].traced != 0 and calls[other].work != NONE:
                                        note_attempt(
                                            other, ABANDONED, now, calls, works, edges, scalars, spans
                                        )
                                    leave_list(parent, other, works, calls)
                                    following = detach(
                                        other,
                                        edges,
                                        calls,
                                        works,
                                        breakers,
                                        budgets,
                                        instances,
                                        pools,
                                        keys,
                                        stores,
                                    )
                                    size, sequence = grant(heap, size, sequence, now, following, calls)
                                    calls[other].work = free_call
                                    free_call = other
                                    calls_used -= 1
                            other = after
                        if failed and others > 0:
                            leave_list(parent, call, works, calls)
                            if features & E_BUDGET:
                                leave_budget(edges[edge].budget, call, calls, budgets)
                            calls[call].work = free_call
                            free_call = call
                            calls_used -= 1
                            op = NOTHING
                            continue
                elif wide is not None and outcome == DEGRADED:
                    works[parent].degraded = 1
                    outcome = OK
                again = outcome != OK and calls[call].attempt < edges[edge].attempts
                if again and features & E_BUDGET:
                    again = may_retry(edges[edge].budget, budgets)
                    if again:
                        calls[call].retrying = 1
                    else:
                        by_edge[edges[edge].row].unretried += 1
                if again:
                    # full jitter: uniform between 0 and the backoff, doubled with each attempt
                    longest = edges[edge].backoff << (calls[call].attempt - 1)
                    delay = 0
                    if longest > 0:
                        span = child_span(
                            U(works[parent].span), U(edges[edge].key), calls[call].index, calls[call].attempt
                        )
                        bits = draw(span, P_BACKOFF)
                        delay = I(((bits >> U38) * U(longest >> 10)) >> U26) << 10
                    size, sequence = plan(heap, size, sequence, now + delay, RETRY, call, calls[call].gen)
                    op = NOTHING
                    continue
                if features & E_CACHE and not woken:
                    key = calls[call].key
                    outcome = filled(edges[edge].cache, key, call, outcome, now, caches, keys)
                    if keys[key].filler == NONE and keys[key].oldest != NONE:
                        size, sequence = plan(heap, size, sequence, now, WAKE, key, 0)
                woken = False
                work = parent
                if features & E_LISTED:
                    leave_list(work, call, works, calls)
                else:
                    works[work].out = NONE
                if features & E_BUDGET:
                    leave_budget(edges[edge].budget, call, calls, budgets)
                calls[call].work = free_call
                free_call = call
                calls_used -= 1
                if outcome != OK:
                    by_edge[edges[edge].row].failures += 1
                    works[work].cause = edges[edge].service
                    works[work].reason = outcome if why == OK else why
                    why = OK
                    if features & E_FALLBACK:
                        works[work].degraded = 1
                        by_edge[edges[edge].row].fallbacks += 1
                        outcome = OK
                if outcome == OK:
                    op = NEXT_CALL
                    if features & E_GROUP:
                        works[work].pending -= 1
                        if works[work].pending > 0 or launching == work:
                            op = NOTHING
                    else:
                        works[work].index += 1
                else:
                    if outcome != TIMED_OUT:
                        outcome = UPSTREAM
                    op = FINISH

            elif wide is not None and op == HANDLE:
                # -- a message comes into a consumer's hand: a request at its instance, for which nobody waits
                messages[message].attempt += 1
                instance = consumers[consumer].instance
                route = consumers[consumer].route
                work = free_work
                free_work = works[work].next
                works_used += 1
                span = child_span(U(messages[message].span), U0, 0, messages[message].attempt)
                trace = U(messages[message].trace)
                lay_work(
                    work, instance, instances[instance].program + route, route, NONE, span, trace,
                    messages[message].traced, now, works,
                )  # fmt: skip
                equip_work(work, 0, messages[message].priority, 0, U(messages[message].user), works)
                works[work].message = message + 1
                if instances[instance].features & I_MEMORY:
                    fill_memory(instance, now, instances, scalars, signals)
                instances[instance].offered += 1
                instances[instance].open += 1
                begun = enter(work, instance, now, instances, works)
                op = NOTHING

            elif wide is not None and op == SETTLE:
                # -- a message was handled: gone, dead, or once more after its delay
                topic = messages[message].topic
                consumer = messages[message].consumer
                placed = settle(message, outcome, now, topics, messages)
                if placed == FREE:
                    messages[message].newer = free_message
                    free_message = message
                    messages_used -= 1
                if placed == DELAYED:
                    messages[message].gen = (messages[message].gen + 1) & GENERATION_MASK
                    size, sequence = plan(
                        heap, size, sequence, now + topics[topic].delay, AGAIN, message, messages[message].gen
                    )
                if placed != DELAYED or topics[topic].ordered == 0:
                    consumers[consumer].active -= 1
                    get_hungry(consumer, topics, consumers)
                op = NOTHING

            elif wide is not None and op == PROBED:
                # -- a probe is answered, or was not in time: judge it, plan the next
                if judge(probe, outcome, now, probes, instances, scalars, signals):
                    # the process has started: its readiness is asked for at once
                    other = probe + READINESS - STARTUP
                    if probes[other].period > 0 and probes[other].hold == 0:
                        probes[other].gen = (probes[other].gen + 1) & GENERATION_MASK
                        probes[other].next = now + probes[other].period
                        size, sequence = plan(heap, size, sequence, now, PROBE, other, probes[other].gen)
                probes[probe].gen = (probes[probe].gen + 1) & GENERATION_MASK
                if probes[probe].hold == 0:
                    size, sequence = plan(
                        heap, size, sequence, next_tick(probe, now, probes), PROBE, probe, probes[probe].gen
                    )
                op = NOTHING

            if freed != NONE:
                # -- a slot came free: the next in the queue takes it
                instances[freed].busy_ns += instances[freed].busy * (now - instances[freed].since)
                instances[freed].since = now
                if instances[freed].queued > 0 and instances[freed].busy <= instances[freed].slots:
                    begun = instances[freed].head
                    instances[freed].head = works[begun].next
                    instances[freed].queued -= 1
                else:
                    instances[freed].busy -= 1
                freed = NONE
            if (
                wide is not None
                and begun != NONE
                and works[begun].deadline != 0
                and works[begun].deadline <= now
            ):
                # nobody can use the answer any more: it is not computed
                works[begun].slot = ON_SLOT
                size, sequence = plan(heap, size, sequence, now, DROP, begun, works[begun].gen)
                begun = NONE
            if begun != NONE:
                # -- a work has its slot: it computes for one draw of its route's law
                works[begun].slot = ON_SLOT
                instance = works[begun].instance
                features = instances[instance].features if wide is not None else 0
                if features & I_CHANGED and works[begun].probe == 0:
                    row = program_now(instance, works[begun].user, instances, splits, variants)
                    works[begun].program = row + works[begun].route
                row = works[begun].program
                took = quantile(tables, programs[row].table, draw(U(works[begun].span), P_SERVICE))
                if instances[instance].speed != SPEED_ONE:
                    took = took * SPEED_ONE // instances[instance].speed
                if features & I_WARM_UP:
                    age = now - instances[instance].born
                    if age < instances[instance].warm_up:
                        left = ((instances[instance].warm_up - age) << 10) // instances[instance].warm_up
                        took += (took * instances[instance].coldness >> 10) * left >> 10
                cpu = programs[row].cpu
                instances[instance].work_ns += cpu if cpu > 0 else took
                if features & I_CORES:
                    run_cores(instance, now, instances)
                    start_on_cores(begun, instance, took, instances, works)
                    time = next_end(instance, now, instances, works)
                    size, sequence = plan(
                        heap, size, sequence, time, CORE, instance, instances[instance].core_gen
                    )
                else:
                    size, sequence = plan(heap, size, sequence, now + took, DONE, begun, works[begun].gen)
                begun = NONE
            if wide is not None and consumer != NONE:
                # -- a consumer came, or its hands changed: call who is hungry to what waits
                consumer = call_consumer(consumers[consumer].topic, topics, consumers)
                if consumer != NONE:
                    size, sequence = plan(heap, size, sequence, now, PULL, consumer, 0)
                    consumer = NONE
            if launching != NONE and op == NOTHING:
                work = launching
                launching = NONE
                op = NEXT_CALL

        if wide is not None and scalars[SIGNALS] > 0:
            if scalars[STOP] != 0:
                reason = SIGNALLED
                break
            if scalars[SIGNALS] + spare >= len(signals):
                reason = GROW
                break

    if reason == REACHED and until > now:
        now = until
    scalars[NOW] = now
    scalars[HEAP_SIZE] = size
    scalars[SEQUENCE] = sequence
    scalars[FREE_CALL] = free_call
    scalars[FREE_WORK] = free_work
    scalars[CALLS_USED] = calls_used
    scalars[WORKS_USED] = works_used
    scalars[LOG_SIZE] = log_size
    scalars[EVENTS] = events
    scalars[LOG_DROPPED] = log_dropped
    scalars[FREE_MESSAGE] = free_message
    scalars[MESSAGES_USED] = messages_used
    return reason
