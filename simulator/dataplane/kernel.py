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

Chance ------ A span is a 64-bit number: ``mix(source key, user, visit)`` for a user, ``mix(parent span, edge
key, call index, attempt)`` below. A draw is ``mix(span + purpose * GOLDEN)``. Nothing here counts events to
draw, so two runs that differ in one decision meet the same users with the same luck.

Rules of this file (each learnt the hard way): arithmetic on 64-bit keys goes through ``U`` constants; no
array is indexed with a number below 0 (the uncompiled twin refuses it); constants live here, since numba's
cache does not see other files; no objects are passed to helpers.
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
def push(h_time, h_seq, h_what, size, time, sequence, what):  # type: ignore[no-untyped-def]
    """Put one event into the binary heap of ``size`` entries; the caller keeps size and sequence."""
    hole = size
    while hole > 0:
        above = (hole - 1) >> 1
        if h_time[above] <= time:
            break
        h_time[hole] = h_time[above]
        h_seq[hole] = h_seq[above]
        h_what[hole] = h_what[above]
        hole = above
    h_time[hole] = time
    h_seq[hole] = sequence
    h_what[hole] = what


@jit
def drop_top(h_time, h_seq, h_what, size):  # type: ignore[no-untyped-def]
    """Take the first event out of the heap; ``size`` is the number of entries that remain."""
    time, sequence, what = h_time[size], h_seq[size], h_what[size]
    hole = 0
    below = 1
    while below < size:
        right = below + 1
        if right < size and (
            h_time[right] < h_time[below] or (h_time[right] == h_time[below] and h_seq[right] < h_seq[below])
        ):
            below = right
        if time < h_time[below] or (time == h_time[below] and sequence < h_seq[below]):
            break
        h_time[hole] = h_time[below]
        h_seq[hole] = h_seq[below]
        h_what[hole] = h_what[below]
        hole = below
        below = 2 * hole + 1
    h_time[hole] = time
    h_seq[hole] = sequence
    h_what[hole] = what


@jit
def unlink(e_oldest, e_newest, c_older, c_newer, edge, call):  # type: ignore[no-untyped-def]
    """Take a call out of its edge's list of open calls."""
    older, newer = c_older[call], c_newer[call]
    if older == NONE:
        e_oldest[edge] = newer
    else:
        c_newer[older] = newer
    if newer == NONE:
        e_newest[edge] = older
    else:
        c_older[newer] = older


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
    # -- unpack: one view a field, so that the loop below reads as if there were no arrays of records
    h_time, h_seq, h_what = heap["time"], heap["seq"], heap["what"]
    v_balancer, v_held, v_first, v_ready = (
        services["balancer"],
        services["held"],
        services["first"],
        services["ready"],
    )
    v_cursor, v_row = services["cursor"], services["row"]
    i_service, i_program, i_slots, i_busy = (
        instances["service"],
        instances["program"],
        instances["slots"],
        instances["busy"],
    )
    i_head, i_tail, i_queued, i_limit = (
        instances["head"],
        instances["tail"],
        instances["queued"],
        instances["limit"],
    )
    i_open, i_row, i_speed, i_error = (
        instances["open"],
        instances["row"],
        instances["speed"],
        instances["error"],
    )
    i_since, i_busy_ns, i_work_ns, i_lines = (
        instances["since"], instances["busy_ns"], instances["work_ns"], instances["lines"],
    )  # fmt: skip
    i_offered = instances["offered"]
    p_table, p_error, p_call, p_calls = (
        programs["table"],
        programs["error"],
        programs["call"],
        programs["calls"],
    )
    e_service, e_route, e_timeout, e_attempts = (
        edges["service"],
        edges["route"],
        edges["timeout"],
        edges["attempts"],
    )
    e_backoff, e_chance, e_key, e_row = edges["backoff"], edges["chance"], edges["key"], edges["row"]
    e_oldest, e_newest, e_armed = edges["oldest"], edges["newest"], edges["armed"]
    s_service, s_key, s_users, s_gen = sources["service"], sources["key"], sources["users"], sources["gen"]
    s_plan, s_plan_end, s_begin, s_need = (
        sources["plan"],
        sources["plan_end"],
        sources["begin"],
        sources["need"],
    )
    s_route, s_route_end, s_objective = sources["route"], sources["route_end"], sources["objective"]
    r_route, r_below = source_routes["route"], source_routes["below"]
    c_parent, c_edge, c_attempt, c_start = calls["parent"], calls["edge"], calls["attempt"], calls["start"]
    c_span, c_work, c_gen, c_deadline = calls["span"], calls["work"], calls["gen"], calls["deadline"]
    c_older, c_newer, c_row, c_index = calls["older"], calls["newer"], calls["row"], calls["index"]
    w_instance, w_call, w_route, w_span = works["instance"], works["call"], works["route"], works["span"]
    w_start, w_next, w_gen, w_index = works["start"], works["next"], works["gen"], works["index"]
    w_out, w_slot, w_cause, w_trace = works["out"], works["slot"], works["cause"], works["trace"]
    m_calls, m_attempts, m_retries = by_edge["calls"], by_edge["attempts"], by_edge["retries"]
    m_timeouts, m_failures, m_abandoned = by_edge["timeouts"], by_edge["failures"], by_edge["abandoned"]
    u_arrived, u_slow = by_source["arrived"], by_source["slow"]
    l_at, l_instance, l_route, l_outcome = log["at"], log["instance"], log["route"], log["outcome"]
    l_latency, l_trace, l_span, l_cause = log["latency"], log["trace"], log["span"], log["cause"]

    size, sequence, now = scalars[HEAP_SIZE], scalars[SEQUENCE], scalars[NOW]
    free_call, free_work = scalars[FREE_CALL], scalars[FREE_WORK]
    calls_used, works_used = scalars[CALLS_USED], scalars[WORKS_USED]
    log_size, log_room, log_dropped = scalars[LOG_SIZE], len(l_at), scalars[LOG_DROPPED]
    call_room, work_room, heap_room = len(c_parent) - MARGIN, len(w_call) - MARGIN, len(h_time) - MARGIN
    events = scalars[EVENTS]
    n_bounds = len(bounds)
    reason = REACHED

    NOTHING, ATTEMPT, NEXT_CALL, FINISH, RESOLVE = 0, 1, 2, 3, 4

    while size > 0 and h_time[0] < until:
        if calls_used >= call_room or works_used >= work_room or size >= heap_room:
            reason = GROW
            break
        now = h_time[0]
        what = h_what[0]
        size -= 1
        drop_top(h_time, h_seq, h_what, size)
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
            if w_gen[subject] != generation:
                continue
            work = subject
            instance = w_instance[work]
            row = i_program[instance] + w_route[work]
            threshold = U(p_error[row])
            own = U(i_error[instance])
            if own > threshold:
                threshold = own
            if threshold > U0 and draw(U(w_span[work]), P_ERROR) < threshold:
                op = FINISH
                outcome = ERROR
            else:
                op = NEXT_CALL
        elif kind == ARRIVAL:
            source = subject
            if s_gen[source] != generation:
                continue
            user = s_users[source]
            root = user_span(U(s_key[source]), user)
            row = s_route[source]
            bits = draw(root, P_ROUTE)
            while row + 1 < s_route_end[source] and bits >= U(r_below[row]):
                row += 1
            u_arrived[row] += 1
            call = free_call
            free_call = c_work[call]
            calls_used += 1
            c_parent[call] = NONE
            c_edge[call] = source
            c_row[call] = row
            c_attempt[call] = 0
            c_index[call] = 0
            c_start[call] = now
            c_span[call] = root
            c_work[call] = NONE
            # the gap to the next user belongs to the next user
            user += 1
            s_users[source] = user
            root = user_span(U(s_key[source]), user)
            need = quantile(tables, 0, draw(root, P_ARRIVAL)) * 1_000_000
            s_begin[source] = now
            s_need[source] = need
            row = s_plan[source]
            while row + 1 < s_plan_end[source] and plan_time[row + 1] <= now:
                row += 1
            s_plan[source] = row
            time = next_arrival(plan_time, plan_rate, row, s_plan_end[source], now, need)
            if time != FOREVER:
                sequence += 1
                push(h_time, h_seq, h_what, size, time, sequence, ARRIVAL | source << 3 | generation << 32)
                size += 1
            op = ATTEMPT
        elif kind == TIMEOUT:
            edge = subject
            call = e_oldest[edge]
            if call == NONE:
                e_armed[edge] = 0
                continue
            if c_deadline[call] > now:  # the one it was set for is answered: wait for the oldest that is not
                sequence += 1
                push(h_time, h_seq, h_what, size, c_deadline[call], sequence, what)
                size += 1
                continue
            m_timeouts[e_row[edge]] += 1
            w_call[c_work[call]] = NONE  # the work goes on, nobody waits for it
            op = RESOLVE
            outcome = TIMED_OUT
            # the list below is unlinked in RESOLVE; arm for the next one
            after = c_newer[call]
            if after == NONE:
                e_armed[edge] = 0
            else:
                sequence += 1
                push(h_time, h_seq, h_what, size, c_deadline[after], sequence, what)
                size += 1
        elif kind == RETRY:
            if c_gen[subject] != generation:
                continue
            call = subject
            m_retries[e_row[c_edge[call]]] += 1
            op = ATTEMPT
        else:  # RESET
            if w_gen[subject] != generation:
                continue
            work = subject
            out = w_out[work]
            if out != NONE:  # it was waiting for an answer: the callee's work goes on, nobody waits for it
                w_out[work] = NONE
                edge = c_edge[out]
                m_abandoned[e_row[edge]] += 1
                if c_work[out] != NONE:
                    w_call[c_work[out]] = NONE
                    if e_timeout[edge] > 0:
                        unlink(e_oldest, e_newest, c_older, c_newer, edge, out)
                c_gen[out] = (c_gen[out] + 1) & 0x7FFFFFFF
                c_work[out] = free_call
                free_call = out
                calls_used -= 1
            op = FINISH
            outcome = WAS_RESET

        while op != NOTHING:
            if op == ATTEMPT:
                # -- a caller asks: choose an instance, take a slot or a place in its queue
                c_attempt[call] += 1
                parent = c_parent[call]
                edge = NONE
                if parent == NONE:
                    source = c_edge[call]
                    service = s_service[source]
                    route = r_route[c_row[call]]
                    span = U(c_span[call])
                    trace = span
                else:
                    edge = c_edge[call]
                    service = e_service[edge]
                    route = e_route[edge]
                    m_attempts[e_row[edge]] += 1
                    span = child_span(U(w_span[parent]), U(e_key[edge]), c_index[call], c_attempt[call])
                    trace = U(w_trace[parent])
                ready = v_ready[service]
                if ready == 0:
                    n_unrouted[v_row[service] + route] += 1
                    op = RESOLVE
                    outcome = UNAVAILABLE
                    continue
                first = v_first[service]
                cursor = v_cursor[service]
                if cursor >= ready:
                    cursor = 0
                instance = endpoints[first + cursor]
                if v_balancer[service] == LEAST_REQUEST:
                    least = i_open[instance]
                    place = cursor
                    for _ in range(1, ready):
                        place += 1
                        if place == ready:
                            place = 0
                        other = endpoints[first + place]
                        if i_open[other] < least:
                            least = i_open[other]
                            instance = other
                v_cursor[service] = cursor + 1
                i_offered[instance] += 1
                free = i_busy[instance] < i_slots[instance]
                if not free and i_queued[instance] >= i_limit[instance]:
                    n_requests[(i_row[instance] + route) * N_OUTCOMES + REJECTED] += 1
                    op = RESOLVE
                    outcome = REJECTED
                    continue
                work = free_work
                free_work = w_next[work]
                works_used += 1
                w_instance[work] = instance
                w_call[work] = call
                w_route[work] = route
                w_span[work] = span
                w_trace[work] = trace
                w_start[work] = now
                w_index[work] = 0
                w_out[work] = NONE
                w_cause[work] = NONE
                w_next[work] = NONE
                w_slot[work] = 0
                c_work[call] = work
                i_open[instance] += 1
                if edge != NONE and e_timeout[edge] > 0:
                    c_deadline[call] = now + e_timeout[edge]
                    newest = e_newest[edge]
                    c_older[call] = newest
                    c_newer[call] = NONE
                    e_newest[edge] = call
                    if newest == NONE:
                        e_oldest[edge] = call
                    else:
                        c_newer[newest] = call
                    if e_armed[edge] == 0:
                        e_armed[edge] = 1
                        sequence += 1
                        push(h_time, h_seq, h_what, size, c_deadline[call], sequence, TIMEOUT | edge << 3)
                        size += 1
                if free:
                    i_busy_ns[instance] += i_busy[instance] * (now - i_since[instance])
                    i_since[instance] = now
                    i_busy[instance] += 1
                    begun = work
                else:
                    if i_queued[instance] == 0:
                        i_head[instance] = work
                    else:
                        w_next[i_tail[instance]] = work
                    i_tail[instance] = work
                    i_queued[instance] += 1
                op = NOTHING

            elif op == NEXT_CALL:
                # -- computed: make the next call that this route has, or answer
                instance = w_instance[work]
                row = i_program[instance] + w_route[work]
                op = FINISH
                outcome = OK
                while w_index[work] < p_calls[row]:
                    edge = p_call[row] + w_index[work]
                    chance = U(e_chance[edge])
                    if chance != MASK:
                        span = child_span(U(w_span[work]), U(e_key[edge]), w_index[work], 0)
                        if draw(span, P_CHANCE) >= chance:
                            w_index[work] += 1
                            continue
                    call = free_call
                    free_call = c_work[call]
                    calls_used += 1
                    c_parent[call] = work
                    c_edge[call] = edge
                    c_row[call] = NONE
                    c_attempt[call] = 0
                    c_index[call] = w_index[work]
                    c_start[call] = now
                    c_work[call] = NONE
                    w_out[work] = call
                    m_calls[e_row[edge]] += 1
                    op = ATTEMPT
                    break
                if op == ATTEMPT and v_held[i_service[instance]] == 0 and w_slot[work] == 1:
                    # an asynchronous server gives its slot to the next in the queue while it waits
                    w_slot[work] = 0
                    freed = instance

            elif op == FINISH:
                # -- the server answers: count it, free its slot for the next in the queue, tell who waits
                instance = w_instance[work]
                route = w_route[work]
                row = i_row[instance] + route
                latency = now - w_start[work]
                n_requests[row * N_OUTCOMES + outcome] += 1
                n_latency[row] += latency
                fine = fine_cell(latency)
                bucket = bucket_of[fine]
                while bucket < n_bounds and latency > bounds[bucket]:
                    bucket += 1
                n_bucket[row * (n_bounds + 1) + bucket] += 1
                service = i_service[instance]
                n_fine[(v_row[service] + route) * FINE_BINS + fine] += 1
                if i_lines[instance] < LOG_QUOTA and (
                    outcome != OK or draw(U(w_trace[work]), P_LOG) < LOG_SAMPLE
                ):
                    if log_size < log_room:
                        i_lines[instance] += 1
                        l_at[log_size] = now
                        l_instance[log_size] = instance
                        l_route[log_size] = route
                        l_outcome[log_size] = outcome
                        l_latency[log_size] = latency
                        l_trace[log_size] = w_trace[work]
                        l_span[log_size] = w_span[work]
                        l_cause[log_size] = w_cause[work]
                        log_size += 1
                    else:
                        log_dropped += 1
                i_open[instance] -= 1
                if w_slot[work] == 1:
                    freed = instance
                call = w_call[work]
                w_gen[work] = (w_gen[work] + 1) & 0x7FFFFFFF
                w_instance[work] = NONE
                w_next[work] = free_work
                free_work = work
                works_used -= 1
                op = RESOLVE
                if call == NONE:
                    op = NOTHING

            else:  # RESOLVE
                # -- an attempt is over: answer the caller, or back off and try again
                parent = c_parent[call]
                if parent == NONE:
                    source = c_edge[call]
                    row = c_row[call]
                    latency = now - c_start[call]
                    u_answered[row * N_OUTCOMES + outcome] += 1
                    if outcome == OK and latency > s_objective[source]:
                        u_slow[row] += 1
                    u_fine[row * FINE_BINS + fine_cell(latency)] += 1
                    c_gen[call] = (c_gen[call] + 1) & 0x7FFFFFFF
                    c_work[call] = free_call
                    free_call = call
                    calls_used -= 1
                    op = NOTHING
                    continue
                edge = c_edge[call]
                if e_timeout[edge] > 0 and c_work[call] != NONE:
                    unlink(e_oldest, e_newest, c_older, c_newer, edge, call)
                c_work[call] = NONE
                c_gen[call] = (c_gen[call] + 1) & 0x7FFFFFFF
                if outcome != OK and c_attempt[call] < e_attempts[edge]:
                    # full jitter: uniform between 0 and the backoff, doubled with each attempt
                    longest = e_backoff[edge] << (c_attempt[call] - 1)
                    delay = 0
                    if longest > 0:
                        span = child_span(U(w_span[parent]), U(e_key[edge]), c_index[call], c_attempt[call])
                        bits = draw(span, P_BACKOFF)
                        delay = I(((bits >> U38) * U(longest >> 10)) >> U26) << 10
                    sequence += 1
                    what = RETRY | call << 3 | c_gen[call] << 32
                    push(h_time, h_seq, h_what, size, now + delay, sequence, what)
                    size += 1
                    op = NOTHING
                    continue
                work = parent
                w_out[work] = NONE
                c_work[call] = free_call
                free_call = call
                calls_used -= 1
                if outcome == OK:
                    w_index[work] += 1
                    op = NEXT_CALL
                else:
                    m_failures[e_row[edge]] += 1
                    w_cause[work] = e_service[edge]
                    if outcome != TIMED_OUT:
                        outcome = UPSTREAM
                    op = FINISH

            if freed != NONE:
                # -- a slot came free: the next in the queue takes it
                i_busy_ns[freed] += i_busy[freed] * (now - i_since[freed])
                i_since[freed] = now
                if i_queued[freed] > 0:
                    begun = i_head[freed]
                    i_head[freed] = w_next[begun]
                    i_queued[freed] -= 1
                else:
                    i_busy[freed] -= 1
                freed = NONE
            if begun != NONE:
                # -- a work has its slot: it computes for one draw of its route's law
                w_slot[begun] = 1
                instance = w_instance[begun]
                row = i_program[instance] + w_route[begun]
                took = quantile(tables, p_table[row], draw(U(w_span[begun]), P_SERVICE))
                if i_speed[instance] != SPEED_ONE:
                    took = took * SPEED_ONE // i_speed[instance]
                i_work_ns[instance] += took
                sequence += 1
                what = DONE | begun << 3 | w_gen[begun] << 32
                push(h_time, h_seq, h_what, size, now + took, sequence, what)
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
