"""The data plane's event loop: one flat function over arrays, compiled by numba when it is there.

The life of a request
---------------------
::

    ARRIVAL ──► attempt ──► [balancer] ──► instance ──► queue ──► slot ──► DONE ──► error? ──► finish
                   ▲             │             │                            │
                   │        unavailable     rejected                        └─► call 1 … call n ──► finish
                   │             │             │                                 (each an attempt)      │
                   │             └─────────────┴──────────► resolve ◄───────────────────────────────────┘
                   │                                          │  ▲
                   └───────────── RETRY ◄── backoff ── failed ┘  └── TIMEOUT (the work goes on, nobody waits)

A *call* is the caller's view: whom it asked, which attempt this is, until when it waits. A *work* is the
callee's view: on which instance, since when, who waits for it. They are different things: a caller that gives
up leaves its work running, which is what makes retry storms right. A user is a call without a parent.

A work computes first (one draw of its route's service time), then makes its calls one after another, then
answers. Where the service holds its worker (thread per request) the slot stays taken during the calls.

Event kinds
-----------
======== ============= =======================================================================
ARRIVAL  source        the next user of an open-load source; the gap is keyed by the user
DONE     work          the work's compute time has passed
TIMEOUT  edge          the oldest open call of this edge may be due (one heap entry an edge)
RETRY    call          a backoff is over
RESET    work          its instance was killed
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
costs one address, whereas a view of one field costs a reference count and a stride).
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

_njit: Any
try:
    from numba import njit as _njit
except ImportError:  # no build of numba here (a browser kernel, say): the same code runs as plain Python
    _njit = None

#: The twin is this same file, loaded a second time under this name (see ``twin.py``).
COMPILED: Final[bool] = _njit is not None and not __name__.endswith("_twin")

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
OK, ERROR, UPSTREAM, TIMED_OUT, REJECTED, UNAVAILABLE, WAS_RESET = 0, 1, 2, 3, 4, 5, 6
N_OUTCOMES = 7
ROUND_ROBIN, LEAST_REQUEST = 0, 1

#: Purposes of a draw; the numbers are part of every run file's meaning and never change.
P_ARRIVAL, P_ROUTE, P_SERVICE, P_ERROR, P_CHANCE, P_BACKOFF, P_LOG = 1, 2, 3, 4, 5, 6, 7

NONE = -1  # no slot
FOREVER = (1 << 63) - 1

#: Scalars kept between calls, in one int64 array.
NOW, HEAP_SIZE, SEQUENCE, FREE_CALL, FREE_WORK, CALLS_USED, WORKS_USED, LOG_SIZE, EVENTS, LOG_DROPPED = range(
    10
)
N_SCALARS = 10

#: Why ``advance`` came back.
REACHED, GROW = 0, 1
#: Slots that one event may take before the next check of the limits.
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
U0, U1, U26, U27, U30, U31, U38, U58 = U(0), U(1), U(26), U(27), U(30), U(31), U(38), U(58)
CELL_MASK = U(31)
FRACTION_MASK = U((1 << 20) - 1)
OCTAVES, CELLS, FRACTION_BITS = 32, 32, 20
LOG_SAMPLE = U(0xFFFFFFFFFFFFFFFF // 200)  # one success in 200 leaves a line
LOG_QUOTA = 40  # lines an instance may leave between two drains


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
def unlink(edges, calls, edge, call):  # type: ignore[no-untyped-def]
    """Take a call out of its edge's list of open calls."""
    older, newer = calls[call].older, calls[call].newer
    if older == NONE:
        edges[edge].oldest = newer
    else:
        calls[older].newer = newer
    if newer == NONE:
        edges[edge].newest = older
    else:
        calls[newer].older = older


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
def advance(  # type: ignore[no-untyped-def]
    until, scalars, heap, services, endpoints, instances, programs, edges, sources, calls, works,
    tables, plan_time, plan_rate, source_routes, n_requests, n_latency, n_bucket, n_unrouted, n_fine,
    by_edge, by_source, u_answered, u_fine, bucket_of, bounds, log,
):  # fmt: skip
    """Run every event strictly before ``until`` (int64 ns).

    The arrays are described in ``state.py``, by name, shape and unit. Returns REACHED, or GROW when slots
    must be made larger before the next event (nothing of that event has happened yet).
    """
    size, sequence, now = scalars[HEAP_SIZE], scalars[SEQUENCE], scalars[NOW]
    free_call, free_work = scalars[FREE_CALL], scalars[FREE_WORK]
    calls_used, works_used = scalars[CALLS_USED], scalars[WORKS_USED]
    log_size, log_room, log_dropped = scalars[LOG_SIZE], len(log), scalars[LOG_DROPPED]
    call_room, work_room, heap_room = len(calls) - MARGIN, len(works) - MARGIN, len(heap) - MARGIN
    events = scalars[EVENTS]
    n_bounds = len(bounds)
    reason = REACHED

    NOTHING, ATTEMPT, NEXT_CALL, FINISH, RESOLVE = 0, 1, 2, 3, 4

    while size > 0 and heap[0].time < until:
        if calls_used >= call_room or works_used >= work_room or size >= heap_room:
            reason = GROW
            break
        now = heap[0].time
        what = heap[0].what
        size -= 1
        drop_top(heap, size)
        events += 1
        kind = what & 7
        subject = (what >> 3) & 0x1FFFFFFF
        generation = what >> 32
        op = NOTHING
        call = NONE
        work = NONE
        freed = NONE
        begun = NONE
        outcome = OK

        if kind == DONE:
            if works[subject].gen != generation:
                continue
            work = subject
            instance = works[work].instance
            row = instances[instance].program + works[work].route
            threshold = U(programs[row].error)
            own = U(instances[instance].error)
            if own > threshold:
                threshold = own
            if threshold > U0 and draw(U(works[work].span), P_ERROR) < threshold:
                op = FINISH
                outcome = ERROR
            else:
                op = NEXT_CALL
        elif kind == ARRIVAL:
            source = subject
            if sources[source].gen != generation:
                continue
            user = sources[source].users
            root = user_span(U(sources[source].key), user)
            row = sources[source].route
            bits = draw(root, P_ROUTE)
            while row + 1 < sources[source].route_end and bits >= U(source_routes[row].below):
                row += 1
            by_source[row].arrived += 1
            call = free_call
            free_call = calls[call].work
            calls_used += 1
            calls[call].parent = NONE
            calls[call].edge = source
            calls[call].row = row
            calls[call].attempt = 0
            calls[call].index = 0
            calls[call].start = now
            calls[call].span = root
            calls[call].work = NONE
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
                sequence += 1
                push(heap, size, time, sequence, ARRIVAL | source << 3 | generation << 32)
                size += 1
            op = ATTEMPT
        elif kind == TIMEOUT:
            edge = subject
            call = edges[edge].oldest
            if call == NONE:
                edges[edge].armed = 0
                continue
            if calls[call].deadline > now:
                # the one it was set for is answered: wait for the oldest that is not
                sequence += 1
                push(heap, size, calls[call].deadline, sequence, what)
                size += 1
                continue
            by_edge[edges[edge].row].timeouts += 1
            works[calls[call].work].call = NONE  # the work goes on, nobody waits for it
            op = RESOLVE
            outcome = TIMED_OUT
            # the list below is unlinked in RESOLVE; arm for the next one
            after = calls[call].newer
            if after == NONE:
                edges[edge].armed = 0
            else:
                sequence += 1
                push(heap, size, calls[after].deadline, sequence, what)
                size += 1
        elif kind == RETRY:
            if calls[subject].gen != generation:
                continue
            call = subject
            by_edge[edges[calls[call].edge].row].retries += 1
            op = ATTEMPT
        else:  # RESET
            if works[subject].gen != generation:
                continue
            work = subject
            out = works[work].out
            if out != NONE:  # it was waiting for an answer: the callee's work goes on, nobody waits for it
                works[work].out = NONE
                edge = calls[out].edge
                by_edge[edges[edge].row].abandoned += 1
                if calls[out].work != NONE:
                    works[calls[out].work].call = NONE
                    if edges[edge].timeout > 0:
                        unlink(edges, calls, edge, out)
                calls[out].gen = (calls[out].gen + 1) & 0x7FFFFFFF
                calls[out].work = free_call
                free_call = out
                calls_used -= 1
            op = FINISH
            outcome = WAS_RESET

        while op != NOTHING:
            if op == ATTEMPT:
                # -- a caller asks: choose an instance, take a slot or a place in its queue
                calls[call].attempt += 1
                parent = calls[call].parent
                edge = NONE
                if parent == NONE:
                    source = calls[call].edge
                    service = sources[source].service
                    route = source_routes[calls[call].row].route
                    span = U(calls[call].span)
                    trace = span
                else:
                    edge = calls[call].edge
                    service = edges[edge].service
                    route = edges[edge].route
                    by_edge[edges[edge].row].attempts += 1
                    span = child_span(
                        U(works[parent].span), U(edges[edge].key), calls[call].index, calls[call].attempt
                    )
                    trace = U(works[parent].trace)
                ready = services[service].ready
                if ready == 0:
                    n_unrouted[services[service].row + route] += 1
                    op = RESOLVE
                    outcome = UNAVAILABLE
                    continue
                first = services[service].first
                cursor = services[service].cursor
                if cursor >= ready:
                    cursor = 0
                instance = endpoints[first + cursor]
                if services[service].balancer == LEAST_REQUEST:
                    least = instances[instance].open
                    place = cursor
                    for _ in range(1, ready):
                        place += 1
                        if place == ready:
                            place = 0
                        other = endpoints[first + place]
                        if instances[other].open < least:
                            least = instances[other].open
                            instance = other
                services[service].cursor = cursor + 1
                instances[instance].offered += 1
                free = instances[instance].busy < instances[instance].slots
                if not free and instances[instance].queued >= instances[instance].limit:
                    n_requests[(instances[instance].row + route) * N_OUTCOMES + REJECTED] += 1
                    op = RESOLVE
                    outcome = REJECTED
                    continue
                work = free_work
                free_work = works[work].next
                works_used += 1
                works[work].instance = instance
                works[work].call = call
                works[work].route = route
                works[work].span = span
                works[work].trace = trace
                works[work].start = now
                works[work].index = 0
                works[work].out = NONE
                works[work].cause = NONE
                works[work].next = NONE
                works[work].slot = 0
                calls[call].work = work
                instances[instance].open += 1
                if edge != NONE and edges[edge].timeout > 0:
                    calls[call].deadline = now + edges[edge].timeout
                    newest = edges[edge].newest
                    calls[call].older = newest
                    calls[call].newer = NONE
                    edges[edge].newest = call
                    if newest == NONE:
                        edges[edge].oldest = call
                    else:
                        calls[newest].newer = call
                    if edges[edge].armed == 0:
                        edges[edge].armed = 1
                        sequence += 1
                        push(heap, size, calls[call].deadline, sequence, TIMEOUT | edge << 3)
                        size += 1
                if free:
                    instances[instance].busy_ns += instances[instance].busy * (
                        now - instances[instance].since
                    )
                    instances[instance].since = now
                    instances[instance].busy += 1
                    begun = work
                else:
                    if instances[instance].queued == 0:
                        instances[instance].head = work
                    else:
                        works[instances[instance].tail].next = work
                    instances[instance].tail = work
                    instances[instance].queued += 1
                op = NOTHING

            elif op == NEXT_CALL:
                # -- computed: make the next call that this route has, or answer
                instance = works[work].instance
                row = instances[instance].program + works[work].route
                op = FINISH
                outcome = OK
                while works[work].index < programs[row].calls:
                    edge = programs[row].call + works[work].index
                    chance = U(edges[edge].chance)
                    if chance != MASK:
                        span = child_span(U(works[work].span), U(edges[edge].key), works[work].index, 0)
                        if draw(span, P_CHANCE) >= chance:
                            works[work].index += 1
                            continue
                    call = free_call
                    free_call = calls[call].work
                    calls_used += 1
                    calls[call].parent = work
                    calls[call].edge = edge
                    calls[call].row = NONE
                    calls[call].attempt = 0
                    calls[call].index = works[work].index
                    calls[call].start = now
                    calls[call].work = NONE
                    works[work].out = call
                    by_edge[edges[edge].row].calls += 1
                    op = ATTEMPT
                    break
                if (
                    op == ATTEMPT
                    and services[instances[instance].service].held == 0
                    and works[work].slot == 1
                ):
                    # an asynchronous server gives its slot to the next in the queue while it waits
                    works[work].slot = 0
                    freed = instance

            elif op == FINISH:
                # -- the server answers: count it, free its slot for the next in the queue, tell who waits
                instance = works[work].instance
                route = works[work].route
                row = instances[instance].row + route
                latency = now - works[work].start
                n_requests[row * N_OUTCOMES + outcome] += 1
                n_latency[row] += latency
                fine = fine_cell(latency)
                bucket = bucket_of[fine]
                while bucket < n_bounds and latency > bounds[bucket]:
                    bucket += 1
                n_bucket[row * (n_bounds + 1) + bucket] += 1
                service = instances[instance].service
                n_fine[(services[service].row + route) * FINE_BINS + fine] += 1
                if instances[instance].lines < LOG_QUOTA and (
                    outcome != OK or draw(U(works[work].trace), P_LOG) < LOG_SAMPLE
                ):
                    if log_size < log_room:
                        instances[instance].lines += 1
                        log[log_size].at = now
                        log[log_size].instance = instance
                        log[log_size].route = route
                        log[log_size].outcome = outcome
                        log[log_size].latency = latency
                        log[log_size].trace = works[work].trace
                        log[log_size].span = works[work].span
                        log[log_size].cause = works[work].cause
                        log_size += 1
                    else:
                        log_dropped += 1
                instances[instance].open -= 1
                if works[work].slot == 1:
                    freed = instance
                call = works[work].call
                works[work].gen = (works[work].gen + 1) & 0x7FFFFFFF
                works[work].instance = NONE
                works[work].next = free_work
                free_work = work
                works_used -= 1
                op = RESOLVE
                if call == NONE:
                    op = NOTHING

            else:  # RESOLVE
                # -- an attempt is over: answer the caller, or back off and try again
                parent = calls[call].parent
                if parent == NONE:
                    source = calls[call].edge
                    row = calls[call].row
                    latency = now - calls[call].start
                    u_answered[row * N_OUTCOMES + outcome] += 1
                    if outcome == OK and latency > sources[source].objective:
                        by_source[row].slow += 1
                    u_fine[row * FINE_BINS + fine_cell(latency)] += 1
                    calls[call].gen = (calls[call].gen + 1) & 0x7FFFFFFF
                    calls[call].work = free_call
                    free_call = call
                    calls_used -= 1
                    op = NOTHING
                    continue
                edge = calls[call].edge
                if edges[edge].timeout > 0 and calls[call].work != NONE:
                    unlink(edges, calls, edge, call)
                calls[call].work = NONE
                calls[call].gen = (calls[call].gen + 1) & 0x7FFFFFFF
                if outcome != OK and calls[call].attempt < edges[edge].attempts:
                    # full jitter: uniform between 0 and the backoff, doubled with each attempt
                    longest = edges[edge].backoff << (calls[call].attempt - 1)
                    delay = 0
                    if longest > 0:
                        span = child_span(
                            U(works[parent].span), U(edges[edge].key), calls[call].index, calls[call].attempt
                        )
                        bits = draw(span, P_BACKOFF)
                        delay = I(((bits >> U38) * U(longest >> 10)) >> U26) << 10
                    sequence += 1
                    what = RETRY | call << 3 | calls[call].gen << 32
                    push(heap, size, now + delay, sequence, what)
                    size += 1
                    op = NOTHING
                    continue
                work = parent
                works[work].out = NONE
                calls[call].work = free_call
                free_call = call
                calls_used -= 1
                if outcome == OK:
                    works[work].index += 1
                    op = NEXT_CALL
                else:
                    by_edge[edges[edge].row].failures += 1
                    works[work].cause = edges[edge].service
                    if outcome != TIMED_OUT:
                        outcome = UPSTREAM
                    op = FINISH

            if freed != NONE:
                # -- a slot came free: the next in the queue takes it
                instances[freed].busy_ns += instances[freed].busy * (now - instances[freed].since)
                instances[freed].since = now
                if instances[freed].queued > 0:
                    begun = instances[freed].head
                    instances[freed].head = works[begun].next
                    instances[freed].queued -= 1
                else:
                    instances[freed].busy -= 1
                freed = NONE
            if begun != NONE:
                # -- a work has its slot: it computes for one draw of its route's law
                works[begun].slot = 1
                instance = works[begun].instance
                row = instances[instance].program + works[begun].route
                took = quantile(tables, programs[row].table, draw(U(works[begun].span), P_SERVICE))
                if instances[instance].speed != SPEED_ONE:
                    took = took * SPEED_ONE // instances[instance].speed
                instances[instance].work_ns += took
                sequence += 1
                what = DONE | begun << 3 | works[begun].gen << 32
                push(heap, size, now + took, sequence, what)
                size += 1
                begun = NONE

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
    return reason
