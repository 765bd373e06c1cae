"""How many pods of each ReplicaSet count, and how many are ready: kept pod by pod, never scanned."""

from __future__ import annotations

from dataclasses import dataclass, field

from simulator.world import Cluster, Pod


@dataclass(slots=True)
class Tally:
    """The active pods of one ReplicaSet.

    Attributes:
        since: Pod uid to since when it has been ready, ns; None for one that is not.
        ready: How many are.
    """

    since: dict[str, int | None] = field(default_factory=dict)
    ready: int = 0

    def available(self, now: int, min_ready: int) -> int:
        """How many have been ready for ``min_ready`` ns."""
        if not min_ready:
            return self.ready
        return sum(at is not None and now - at >= min_ready for at in self.since.values())

    def next_available(self, now: int, min_ready: int) -> int | None:
        """When the next ready pod becomes available, ns; None where none is on its way."""
        if not min_ready:
            return None
        waiting = (at for at in self.since.values() if at is not None and now - at < min_ready)
        soonest = min(waiting, default=None)
        return None if soonest is None else soonest + min_ready


class Tallies:
    """One tally for each ReplicaSet that has pods.

    Args:
        cluster: Whose pods; those that are there already are counted.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._tallies: dict[str, Tally] = {}
        for pod in cluster.pods:
            self.note(pod, gone=False)

    def of(self, uid: str) -> Tally:
        """The tally of a ReplicaSet."""
        return self._tallies.setdefault(uid, Tally())

    def note(self, pod: Pod, *, gone: bool) -> bool:
        """Write down how a pod is; whether that differs from what was known."""
        owner = pod.meta.owner
        if owner is None or owner.kind != "ReplicaSet":
            return False
        tally, uid = self.of(owner.uid), pod.meta.uid
        known, before = uid in tally.since, tally.since.get(uid)
        if gone or not pod.active:
            if known:
                del tally.since[uid]
                tally.ready -= before is not None
            return known
        now = pod.ready_since
        if known and now == before:
            return False
        tally.since[uid] = now
        tally.ready += (now is not None) - (before is not None)
        return True
