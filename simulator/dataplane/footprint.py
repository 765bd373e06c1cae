"""How much memory a data plane takes, before it takes it: a scenario too large is refused, with the reason.

Memory does not grow with simulated time. It grows with what is declared (rows of counters by instance and
route, fine histograms by service and route, keys of caches) and with what may be open at once (requests by
their queues, messages by their topics), and the kernel doubles its arrays as it grows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from simulator.dataplane import kernel, state
from simulator.dataplane.counters import BOUNDS_NS, OUTCOMES
from simulator.dataplane.memory import MOST_MESSAGES, MOST_SLOTS
from simulator.errors import GamedayError

_WORD: Final = 8
_MIB: Final = 1 << 20
#: What a learner's machine can spare for the requests of one run, bytes.
DEFAULT_LIMIT: Final = 2 << 30


@dataclass(frozen=True, slots=True)
class Size:
    """What a system is made of, as far as memory goes.

    Attributes:
        services: How many.
        routes: Of the service with the most; every service has room for as many.
        instances: Rows of pods over the whole run: those there at once, and those that replace them.
        sources: Kinds of users, with ``routes`` each.
        calls: Calls of all routes of all versions.
        keys: Of all caches, and entities of all stores.
        open_requests: At once: workers and places in queues of the instances that are there at once.
        messages: That may wait in all topics together.
    """

    services: int
    routes: int
    instances: int
    sources: int = 1
    calls: int = 0
    keys: int = 0
    open_requests: int = 0
    messages: int = 0


def estimate(size: Size) -> dict[str, int]:
    """Bytes by what takes them, at most, once everything has grown to its limit."""
    by_route = len(OUTCOMES) + len(BOUNDS_NS) + 2
    rows = size.instances * size.routes
    slots = _doubled(min(size.open_requests, MOST_SLOTS), 2048)
    messages = _doubled(min(size.messages, MOST_MESSAGES), 2048) if size.messages else 0
    slot = state.CALL.itemsize + state.WORK.itemsize + 2 * state.HEAP.itemsize
    return {
        "counters of instances and routes": 2 * rows * by_route * _WORD,
        "instances": 2 * size.instances * state.INSTANCE.itemsize,
        "histograms of services and routes": size.services * size.routes * kernel.FINE_BINS * _WORD,
        "histograms of users": size.sources * size.routes * kernel.FINE_BINS * _WORD,
        "calls of routes": size.calls * (state.EDGE.itemsize + state.EDGE_COUNTS.itemsize),
        "keys of caches and entities of stores": size.keys * (state.KEY.itemsize + _WORD),
        "open requests": slots * slot,
        "messages": messages * state.MESSAGE.itemsize,
    }


def refuse_beyond(size: Size, where: str, limit: int = DEFAULT_LIMIT) -> None:
    """Refuse a system that may take more than ``limit`` bytes.

    Args:
        size: Of the system.
        where: What the error points to: a file and a line, or a name.
        limit: Bytes.

    Raises:
        GamedayError: It may; the text names the largest part and what to do about it.
    """
    parts = estimate(size)
    total = sum(parts.values())
    if total <= limit:
        return
    largest = max(parts, key=lambda name: parts[name])
    share = f"{largest} take {parts[largest] // _MIB:,} MiB ({_why(largest, size)})"
    raise GamedayError(
        where,
        expected=f"a system whose requests take at most {limit // _MIB:,} MiB of memory",
        got=f"{total // _MIB:,} MiB, of which {share}",
        todo=_TODO[largest],
    )


def _why(part: str, size: Size) -> str:
    return {
        "counters of instances and routes": f"{size.instances:,} pods × {size.routes:,} routes",
        "instances": f"{size.instances:,} pods",
        "histograms of services and routes": f"{size.services:,} services × {size.routes:,} routes",
        "histograms of users": f"{size.sources:,} kinds of users × {size.routes:,} routes",
        "calls of routes": f"{size.calls:,} calls",
        "keys of caches and entities of stores": f"{size.keys:,} keys",
        "open requests": f"{size.open_requests:,} workers and places in queues",
        "messages": f"{size.messages:,} messages",
    }[part]


_TODO: Final = {
    "counters of instances and routes": "Declare fewer replicas, or fewer routes where they are most.",
    "instances": "Declare fewer replicas.",
    "histograms of services and routes": "Declare fewer routes where they are most, or fewer services.",
    "histograms of users": "Declare fewer kinds of users.",
    "calls of routes": "Declare fewer calls or versions.",
    "keys of caches and entities of stores": "Give caches and stores fewer keys.",
    "open requests": "Shorten the queues (queueLimit), or lower concurrency or replicas.",
    "messages": "Lower the topics' limits.",
}


def _doubled(count: int, first: int) -> int:
    """What an array that begins at ``first`` and doubles has when it holds ``count``."""
    while first < count:
        first *= 2
    return first
