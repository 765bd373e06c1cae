"""What an instance is made of: its version's cores, memory, warm-up, admission, as fields of its record."""

from __future__ import annotations

from typing import Final

import numpy as np

from simulator.dataplane import kernel, state
from simulator.dataplane.frames import PoolInfo
from simulator.dataplane.memory import Memory, Names
from simulator.dataplane.model import Behaviour, Pool


def equip(row: np.void, behaviour: Behaviour, now: int) -> None:
    """Write a version's equipment into a new instance's record, and the bits of what it uses."""
    row["first_end"] = row["lock_head"] = row["lock_tail"] = kernel.NONE
    row["born"] = row["clock_at"] = row["due"] = now
    features = settings(row, behaviour)
    if behaviour.cores is not None:
        features |= kernel.I_CORES
        row["cores"] = round(behaviour.cores * 1000)
    if behaviour.warm_up:
        features |= kernel.I_WARM_UP
        row["warm_up"], row["coldness"] = behaviour.warm_up, round(behaviour.coldness * 1024)
    if behaviour.memory is not None:
        features |= kernel.I_MEMORY
        row["memory_limit"] = behaviour.memory.limit
    row["features"] = features


def settings(row: np.void, behaviour: Behaviour) -> int:
    """Write what a process can change while it runs: workers, queue, memory, whom it turns away.

    Returns:
        The bits of what it uses of these.
    """
    features = 0
    row["slots"], row["limit"] = behaviour.concurrency, behaviour.queue_limit
    if behaviour.memory is not None:
        row["memory"], row["request_memory"] = behaviour.memory.base, behaviour.memory.request
    if behaviour.newest_first_above is not None:
        features |= kernel.I_NEWEST_FIRST
        row["newest_above"] = behaviour.newest_first_above
    admission = behaviour.admission
    if admission is not None:
        features |= kernel.I_ADMISSION
        row["rate_gap"] = round(1e9 / admission.rate) if admission.rate else 0
        row["rate_slack"] = (admission.burst - 1) * int(row["rate_gap"])
        row["most_open"] = admission.concurrency
        for place, share in enumerate(admission.shares, start=1):
            row[f"share_{place}"] = round(share * 1000)
    return features


#: Bits of what ``settings`` writes.
SETTINGS: Final = kernel.I_NEWEST_FIRST | kernel.I_ADMISSION


def add_pools(
    memory: Memory, names: Names, row: np.void, instance: int, pools: list[tuple[str, Pool]]
) -> None:
    """Give a new instance its version's connection pools, all closed."""
    row["pools"] = len(memory.pool)
    if not pools:
        return
    memory.pool = state.grown(memory.pool, len(memory.pool) + len(pools))
    for place, (service, _) in enumerate(pools, start=int(row["pools"])):
        names.pools.append(PoolInfo(place, instance, service))
        memory.pool[place]["oldest"] = memory.pool[place]["newest"] = kernel.NONE
        memory.pool[place]["store"] = memory.service[names.services.index(service)]["store"]
    set_pools(memory, row, pools)
    memory.changed()


def set_pools(memory: Memory, row: np.void, pools: list[tuple[str, Pool]]) -> None:
    """Write the limits of an instance's connection pools; of those that are too many the free ones close."""
    for place, (_, pool) in enumerate(pools, start=int(row["pools"])):
        memory.pool[place]["floor"] = pool.floor
        memory.pool[place]["limit"], memory.pool[place]["patience"] = pool.limit, pool.patience
        memory.pool[place]["leak_every"] = pool.requests_per_leak
        kept = memory.pool[place]
        close_idle(memory, kept, int(kept["used"] + kept["leaked"] + kept["idle"]) - pool.limit)


def open_first(memory: Memory, pool: np.void) -> None:
    """Open what a pool keeps from its process's start, as far as its store has room."""
    wanted = int(pool["floor"] - pool["idle"] - pool["used"])
    if pool["store"] != kernel.NONE:
        store = memory.store[int(pool["store"])]
        if store["most"]:
            wanted = min(wanted, int(store["most"] - store["connections"]))
        store["connections"] += max(wanted, 0)
    pool["idle"] += max(wanted, 0)
    pool["opened"] += max(wanted, 0)


def close_idle(memory: Memory, pool: np.void, count: int) -> None:
    """Close up to so many of a pool's free connections, so that others may open theirs."""
    closed = max(min(count, int(pool["idle"])), 0)
    pool["idle"] -= closed
    if pool["store"] != kernel.NONE:
        memory.store[int(pool["store"])]["connections"] -= closed
