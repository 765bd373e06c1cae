"""What an instance is made of: its version's cores, memory, warm-up, admission, as fields of its record."""

from __future__ import annotations

import numpy as np

from simulator.dataplane import kernel, state
from simulator.dataplane.memory import Memory
from simulator.dataplane.model import Behaviour, Pool


def equip(row: np.void, behaviour: Behaviour, now: int) -> None:
    """Write a version's equipment into a new instance's record, and the bits of what it uses."""
    features = 0
    row["first_end"] = row["lock_head"] = row["lock_tail"] = kernel.NONE
    row["born"] = row["clock_at"] = row["due"] = now
    if behaviour.cores is not None:
        features |= kernel.I_CORES
        row["cores"] = round(behaviour.cores * 1000)
    if behaviour.warm_up:
        features |= kernel.I_WARM_UP
        row["warm_up"], row["coldness"] = behaviour.warm_up, round(behaviour.coldness * 1024)
    if behaviour.memory is not None:
        features |= kernel.I_MEMORY
        row["memory"], row["request_memory"] = behaviour.memory.base, behaviour.memory.request
        row["memory_limit"] = behaviour.memory.limit
    if behaviour.newest_first_above is not None:
        features |= kernel.I_NEWEST_FIRST
        row["newest_above"] = behaviour.newest_first_above
    admission = behaviour.admission
    if admission is not None:
        features |= kernel.I_ADMISSION
        if admission.rate:
            row["rate_gap"] = round(1e9 / admission.rate)
            row["rate_slack"] = (admission.burst - 1) * int(row["rate_gap"])
        row["most_open"] = admission.concurrency
        for place, share in enumerate(admission.shares, start=1):
            row[f"share_{place}"] = round(share * 1000)
    row["features"] = features


def add_pools(memory: Memory, row: np.void, pools: list[Pool]) -> None:
    """Give a new instance its version's connection pools, all closed."""
    row["pools"] = len(memory.pool)
    if not pools:
        return
    memory.pool = state.grown(memory.pool, len(memory.pool) + len(pools))
    for place, pool in enumerate(pools, start=int(row["pools"])):
        added = memory.pool[place]
        added["limit"], added["patience"] = pool.limit, pool.patience
        added["leak_every"] = pool.requests_per_leak
        added["oldest"] = added["newest"] = kernel.NONE
    memory.changed()
