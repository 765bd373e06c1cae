"""Concurrency groups: one runs; one waits, and a newer one takes its place; or the running one makes way.

Source: GitHub's "Control the concurrency of workflows and jobs". Names don't care about case. Those who wait
under ``queue: max`` go first come, first served, a hundred at most.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import Final, Literal

import simpy

_MOST: Final = 100


@dataclass(eq=False, slots=True)
class Claim:
    """A run's or job's place in a group.

    Attributes:
        evict: Called when it has to give way, waiting or running.
        granted: Happens when its turn comes.
    """

    evict: Callable[[], None]
    granted: simpy.Event


@dataclass(eq=False, slots=True)
class _Group:
    running: Claim | None = None
    waiting: list[Claim] = field(default_factory=list)


class Groups:
    """The concurrency groups of a repository.

    Args:
        env: The clock.
    """

    def __init__(self, env: simpy.Environment) -> None:
        self._env = env
        self._groups: dict[str, _Group] = {}

    def enter(
        self,
        name: str,
        evict: Callable[[], None],
        *,
        cancel_in_progress: bool,
        queue: Literal["single", "max"],
        claims: list[tuple[str, Claim]],
    ) -> Generator[simpy.Event, None, None]:
        """Wait for one's turn. Whoever is interrupted meanwhile, and whoever is done, calls :meth:`leave`.

        Args:
            name: Of the group.
            evict: What makes the entrant give way; it must lead to :meth:`leave`.
            cancel_in_progress: Whether the running one is to give way.
            queue: Whether only one waits.
            claims: Where the entrant's claim is written down before it waits.
        """
        group = self._groups.setdefault(name.casefold(), _Group())
        claim = Claim(evict, self._env.event())
        claims.append((name, claim))
        if group.running is None:
            group.running = claim
            return
        if queue == "single":
            for other in list(group.waiting):
                other.evict()
            group.waiting = []
        elif len(group.waiting) >= _MOST:
            claim.evict()
        group.waiting.append(claim)
        if cancel_in_progress:
            group.running.evict()
        yield claim.granted

    def leave(self, name: str, claim: Claim) -> None:
        """Give the place up; the one who has waited longest is next."""
        group = self._groups[name.casefold()]
        if claim in group.waiting:
            group.waiting.remove(claim)
        if group.running is claim:
            group.running = group.waiting.pop(0) if group.waiting else None
            if group.running is not None:
                group.running.granted.succeed()
