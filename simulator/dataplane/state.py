"""The arrays on which the kernel runs: one record an entity, every field with its unit.

All integers are int64 unless they are 64-bit keys or chances (uint64). Times are nanoseconds. ``row`` fields
point into the counters: a service-route, an instance-route, an edge or a source-route has one row each.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Records = npt.NDArray[np.void]
Ints = npt.NDArray[np.int64]

_I, _U = np.int64, np.uint64


def _record(*names: str) -> np.dtype[np.void]:
    """A record of int64 fields; a name that ends in ``!`` is uint64."""
    return np.dtype([(name.rstrip("!"), _U if name.endswith("!") else _I) for name in names])


#: Pending events. time ns; seq breaks ties in the order of scheduling; what = kind, subject and generation
#: (the kernel has the shifts).
HEAP: Final = _record("time", "seq", "what")

#: balancer code; held 1 when a worker stays taken during calls; first place in ``endpoints``; ready
#: endpoints there; cursor of the rotation; row of its first route in the by-service counters. mode 1 when
#: the choice of an instance needs more than rotation or a scan; then sets = its first candidate set,
#: groups of versions and zones; ring = its first point and ring_size; outlier 1 with Envoy's numbers
#: (times ns, shares percent, stdev_factor in 1/1000), how many are ejected now and were ever; panic
#: percent; slow_start ns and its floor in 2^-20; generation of its pending SWEEP; fault 1 while its name is
#: lost; expires = end of its certificate, ns; store = its row (-1
#: none); writes = a bit for each route that writes to it.
SERVICE: Final = _record(
    "balancer", "held", "first", "ready", "cursor", "row", "mode", "sets", "groups", "zones", "ring",
    "ring_size", "outlier", "consecutive", "interval", "base_ejection", "longest_ejection", "max_ejection",
    "stdev_factor", "minimum_hosts", "volume", "ejected", "ejections", "panic", "slow_start", "slow_floor",
    "generation", "fault", "expires", "store", "writes",
)  # fmt: skip

#: Candidates of one (service, version group, zone): first place and count in ``members``; cursor; a request
#: belongs to the group when its draw is below (cumulative chance of 2^64).
SET: Final = _record("first", "count", "cursor", "below!")

#: service; program = first row of its version in ``programs``; slots and busy slots; queue (head, tail,
#: queued, limit); open = queued + running; row of its first route in the by-instance counters; speed in
#: 1/1024; error chance of its own (of 2^64); since = last change of busy, ns; busy_ns and work_ns, worker-
#: ns taken and computed; lines logged since the last drain; offered = all requests ever sent to it.
#: Version group and zone (-1 none); weight and current of smooth weighting; ready_at ns; fails in a row,
#: window and window_failed of this sweep; ejected 1 until ns; ejections that still count. features = bits.
#: Cores in 1/1000 with a virtual clock (ns, brought to clock_at), how many compute now, the first to end,
#: generation of its CORE event; born ns, warm_up ns and coldness (extra time at first, in 1/1024); memory,
#: request_memory, leaked and memory_limit in bytes, out_of_memory 1 once told; newest_above queued;
#: rate_gap ns between requests, rate_slack ns, due ns; most_open with the shares of priorities 1 to 3 in
#: 1/1000; locked 1, and who waits for the lock; pools = row of its first connection pool; requests lost on
#: their way to it. listens_at ns, FOREVER while its process is down; starts of its process; started 1
#: unless a startup probe has yet to pass; probes = first of its three rows (-1 none); probing = probes
#: queued or running, which ``open`` leaves out. split and splits = its rows of ``splits``, variant = first
#: of what it runs in ``variants``; they count where its program was changed. consumers = first of its
#: rows.
INSTANCE: Final = _record(
    "service", "program", "slots", "busy", "head", "tail", "queued", "limit", "open", "row", "speed",
    "error!", "since", "busy_ns", "work_ns", "lines", "offered", "group", "zone", "weight", "current",
    "ready_at", "fails", "window", "window_failed", "ejected", "until", "ejections",
    "features", "cores", "clock", "clock_at", "running", "first_end", "core_gen", "born", "warm_up",
    "coldness", "memory", "request_memory", "leaked", "memory_limit", "out_of_memory", "newest_above",
    "rate_gap",
    "rate_slack", "due", "most_open", "share_1", "share_2", "share_3", "locked", "lock_head", "lock_tail",
    "pools", "lost", "listens_at", "starts", "started", "probes", "probing",
    "split", "splits", "variant", "consumers",
)  # fmt: skip

#: One row a (version, route): table = offset of its law; error chance of 2^64; first edge and number of
#: edges; lock = offset of the law of holding the instance's lock, or -1; leak in bytes a request; chance of
#: 2^64 to be turned away on purpose (shed); CPU-ns of a request, 0 where it is all that it computes.
PROGRAM: Final = _record("table", "error!", "call", "calls", "lock", "leak", "shed!", "cpu")

#: One row a call of a program: whom; timeout ns (0 none); attempts; backoff ns; chance of 2^64; stable key;
#: counter row; oldest and newest open call by deadline; armed 1 when the heap holds its TIMEOUT; features =
#: bits; rows of its breaker and budget; hedge_delay ns and hedges; group of parallel calls and copies;
#: allow = ns, instead of timeout, where deadlines are propagated; pool = which of its instance's pools; its
#: cache; topic to which it publishes.
EDGE: Final = _record(
    "service",
    "route",
    "timeout",
    "attempts",
    "backoff",
    "chance!",
    "key!",
    "row",
    "oldest",
    "newest",
    "armed",
    "features",
    "breaker",
    "budget",
    "hedge_delay",
    "hedges",
    "group",
    "copies",
    "allow",
    "pool",
    "cache",
    "topic",
)

#: A share of the users: bit that it sets in the number of a variant; those belong whose draw under key is
#: below (of 2^64).
SPLIT: Final = _record("bit", "key!", "below!")

#: A cache as its callers use it: rows of its keys and thresholds of their ranks (zipf); ttl and stale ns;
#: coalesce 1; down 1 while nothing holds its entries; counts. Rows of one cache share its keys.
CACHE: Final = _record(
    "first", "keys", "zipf", "ttl", "stale", "coalesce", "down", "hits", "misses", "coalesced", "stale_hits"
)

#: One key of a cache: expires ns (0 never filled); filler = call that renews it; oldest and newest call
#: that wait for it, and the outcome that they are told.
KEY: Final = _record("expires", "filler", "oldest", "newest", "outcome")

#: A connection pool of one instance: limit; used, idle and leaked connections; opened ever; uses so far and
#: leak_every so many; patience ns; oldest and newest call in its line, and how many wait; row of the store
#: to which it goes, or -1, and floor = how many it opens when its process starts.
POOL: Final = _record(
    "limit", "used", "idle", "leaked", "opened", "uses", "leak_every", "patience", "oldest", "newest",
    "waiting", "store", "floor",
)  # fmt: skip

#: Something between two ends: caller and callee service (-1 any, caller -2 users), zones (-1 any); cut 1;
#: chance of loss of 2^64; delay of a round trip, ns.
LINK: Final = _record("caller", "callee", "from_zone", "to_zone", "cut", "loss!", "delay")

#: A circuit breaker: its rules (counts, percent, ns); state; count, failed, slow in its window, whose cells
#: begin at first, the next at place; opened ns; permits left half-open; times opened, turned half-open
#: (halves) and closed (closes); attempts refused.
BREAKER: Final = _record(
    "window", "minimum", "failure_rate", "slow_after", "slow_rate", "wait", "half_calls", "state", "count",
    "failed", "slow", "first", "place", "opened", "permits", "times", "halves", "closes",
    "refused",
)  # fmt: skip

#: A retry budget: style; ratio in 1/1000; minimum; tokens and their most in 1/1000; calls active and
#: retrying now; retries refused.
BUDGET: Final = _record("style", "ratio", "minimum", "tokens", "most", "active", "retrying", "refused")

#: service asked; key of its users; users so far; generation of its pending ARRIVAL; rows of its plan
#: (plan, plan_end); begin ns and need (hazard, 10^-15 requests) of the next user; rows of its routes;
#: objective ns; priority, 0 the highest; patience ns (0 endless); attempts; again = ns before the next;
#: think = offset of the law between visits (-1: each comes once); insecure 1 where it does not verify
#: certificates; of its last answer, in a system that is wide: took ns, and why = how the visit ended.
SOURCE: Final = _record(
    "service", "key!", "users", "gen", "plan", "plan_end", "begin", "need", "route", "route_end", "objective",
    "priority", "patience", "attempts", "again", "think", "insecure", "took", "why",
)  # fmt: skip

#: route asked; a user takes it when its draw is below (cumulative chance of 2^64).
SOURCE_ROUTE: Final = _record("route", "below!")

#: A probe of an instance: kind; period (0: not there) and timeout ns; success and failure = results in a
#: row that count; program = row of what it asks, deep 1 when that is a route of the users; next tick ns;
#: work that answers (-1 none); generation of its pending PROBE; last result (1 good) and the run of equal
#: ones; state = the result that counts now (-1 none yet); hold 1 while it does not ask; key of its draws.
#: Counts: asked, and how each ended.
PROBE: Final = _record(
    "instance", "kind", "period", "timeout", "success", "failure", "program", "deep", "next", "work", "gen",
    "last", "run", "state", "hold", "key!", "asked", "passed", "failed", "late", "refused", "dropped",
)  # fmt: skip

#: A store: service; keys and zipf = entities and thresholds of their ranks, key of their draws; first =
#: row of its first entity in ``entities``, which holds when each was last written (ns); ring, ring_size,
#: place = its part of ``commits``, the times of its last writes; primary instance (-1 none); failing 1
#: until its next one is promoted, generation of that PROMOTE; lag and failover ns. Counts: written, read,
#: of them replica_read, of them stale; refused writes, lost writes, failovers. most connections that pools
#: may keep to it (0 without limit), and connections that they keep.
STORE: Final = _record(
    "service", "keys", "zipf", "key!", "first", "ring", "ring_size", "place", "primary", "failing", "gen",
    "lag", "failover", "written", "read", "replica_read", "stale", "refused", "lost", "failovers",
    "most", "connections",
)  # fmt: skip

#: A topic: limit of messages that wait; attempts (0 without end); delay ns before the next; ordered 1 when
#: a failed message stays in its consumer's hand, newest_first 1; poison = chance of 2^64. oldest and
#: newest message that wait; hungry and hungry_end = first and last consumer with a free hand; called =
#: hands reserved for messages that wait. Messages waiting, delayed, held and dead now. Counts, and age_us
#: = sum over acknowledged messages of their time since publication.
TOPIC: Final = _record(
    "limit", "attempts", "delay", "ordered", "newest_first", "poison!", "oldest", "newest", "hungry",
    "hungry_end", "called", "waiting", "delayed", "held", "dead", "published", "refused", "acknowledged",
    "redelivered", "buried", "redriven", "purged", "age_us",
)  # fmt: skip

#: A message: state; of which topic; span, trace and user of its publication; published ns; attempts so far;
#: poison 1 when every handling fails; consumer that has or had it; neighbours in its topic (newer: the next
#: free one, in a free slot); generation of its AGAIN; priority; traced 1 when it leaves spans.
MESSAGE: Final = _record(
    "state", "topic", "span!", "trace!", "user!", "published", "attempt", "poison", "consumer", "older",
    "newer", "gen", "priority", "traced",
)  # fmt: skip

#: An instance's hands for one topic: route that handles its messages; hands, how many are taken or
#: reserved; on 1 while it takes messages; listed 1 in its topic's line of hungry ones, next there;
#: generation of its CONSUME.
CONSUMER: Final = _record("instance", "topic", "route", "hands", "active", "on", "listed", "next", "gen")

#: A user by name: of which source, its number there, visits so far; active 0 when it is to stay away,
#: there 1 while its next visit is scheduled or under way.
PERSON: Final = _record("source", "number", "visits", "active", "there")

#: The caller's view. parent work (-1: a user); edge (a user's: source); attempt, 1 first; start ns; span;
#: work that answers (-1 none; in a free slot: the next free); generation; deadline ns; neighbours by
#: deadline; row of a user's source-route; index of the call in its route. listed 1 in its edge's list of
#: deadlines; before and after = neighbours among its caller's open calls; retrying 1 when it counts so in
#: a budget; holds 1 a connection, reused 1 when that was open before; waits 1 in a pool's line; key of its
#: cache, fills 1 when it renews it, joined 1 when it waits for another that does; person = row of a user
#: by name, plus 1; asked ns = start of this attempt; traced 1 when a user leaves spans.
CALL: Final = _record(
    "parent", "edge", "attempt", "start", "span!", "work", "gen", "deadline", "older", "newer", "row",
    "index", "listed", "before", "after", "retrying", "holds", "reused", "waits", "key", "fills",
    "joined", "person", "asked", "traced",
)  # fmt: skip

#: The callee's view. instance (-1 free); program = row of what it does; call that waits (-1 nobody);
#: route; span; trace = the user's span; start ns; next in the queue or free list; generation; index of the
#: next call; out = open call; slot 1 when it holds one, 2 on the wire; cause = service whose failure it
#: passes on, reason = how that call failed; traced 1 when it leaves spans. deadline ns (0 none) by which its
#: answer is wanted; pending calls of the parallel group it waits for, copy = next of a fan-out; degraded
#: 1; phase 1 while it waits for or holds the lock; priority; end by its instance's virtual clock; lost 1
#: when it never arrives; probe = row of the probe that asks, plus 1; user = key of the user for whom it is
#: done, the same on every visit; message that it handles, plus 1.
WORK: Final = _record(
    "instance", "program", "call", "route", "span!", "trace!", "start", "next", "gen", "index", "out", "slot",
    "cause", "reason", "traced",
    "deadline", "pending", "group", "copy", "degraded", "phase", "priority", "end", "lost",
    "probe", "user!", "message",
)  # fmt: skip

#: One span of a traced request: kind; start and end ns; trace and span; parent = span of the caller's
#: work, or of the message that is handled; instance (-1 a user's); route; counter row of its edge, or
#: source of a user; attempt; outcome; waited 0 when nobody waited for its end.
SPAN: Final = _record(
    "kind", "start", "end", "trace!", "span!", "parent!", "instance", "route", "edge", "attempt", "outcome",
    "waited",
)  # fmt: skip

#: What the control plane must hear of: when ns, what, whose; kind of the probe (-1 none) and its outcome.
SIGNAL: Final = _record("at", "kind", "instance", "probe", "outcome")

LOG: Final = _record(
    "at", "instance", "route", "outcome", "latency", "trace!", "span!", "cause", "reason"
)  # fmt: skip

#: Counters of one (caller, caller's route, callee, callee's route), and of one (source, route); see
#: ``counters.py``.
EDGE_COUNTS: Final = _record(
    "calls", "attempts", "retries", "timeouts", "failures", "abandoned", "hedges", "fallbacks", "starved",
    "unretried",
)  # fmt: skip
SOURCE_COUNTS: Final = _record("arrived", "slow", "retries")


def records(kind: np.dtype[np.void], count: int) -> Records:
    """``count`` records of zeros."""
    return np.zeros(count, dtype=kind)


def grown(array: Records, count: int) -> Records:
    """The same records in a larger array; the new ones are zeros."""
    larger = np.zeros(count, dtype=array.dtype)
    larger[: len(array)] = array
    return larger


def longer(array: Ints, count: int) -> Ints:
    """The same integers in a larger array; the new ones are zeros."""
    larger = np.zeros(count, dtype=np.int64)
    larger[: len(array)] = array
    return larger


def chance(probability: float) -> int:
    """A probability as a threshold of 2^64, exact for the float given; 1 becomes the largest threshold."""
    numerator, denominator = probability.as_integer_ratio()
    return min((numerator << 64) // denominator, (1 << 64) - 1)
