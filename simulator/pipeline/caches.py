"""Dependency caches as the forge keeps them: by key and branch, read from one's own and the default branch.

Source: GitHub's "Dependency caching reference", restrictions for accessing a cache.
"""

from __future__ import annotations

from typing import Final

from simulator.units import DAY

#: A cache that nobody has read for so long is removed.
UNREAD: Final = 7 * DAY


class Caches:
    """All caches of a repository.

    Args:
        default: The ref of the default branch, whose caches every run may read.
    """

    def __init__(self, default: str) -> None:
        self._default = default
        self._read: dict[tuple[str, str, int], int] = {}

    def hit(self, name: str, ref: str, key: int, now: int) -> bool:
        """Whether a run finds a cache; finding it keeps it for another week."""
        for scope in dict.fromkeys((ref, self._default)):
            last = self._read.get((name, scope, key))
            if last is not None and now - last <= UNREAD:
                self._read[name, scope, key] = now
                return True
        return False

    def save(self, name: str, ref: str, key: int, now: int) -> None:
        """Keep what a run has built."""
        self._read[name, ref, key] = now
