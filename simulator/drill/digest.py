"""The digest of a run: what must be equal for two runs to be the same run, hashed as it happens.

Covered, in the order in which they happen: acts, events of the cluster, alert transitions and, at every
scrape, every raw counter. Everything goes in as little-endian 64-bit integers (text as its stable 64-bit
key), so the digest is the same on every machine. Answers are not covered: they are read from the same state,
and wording may improve.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from simulator.drill.acts import Act
from simulator.slo import Transition
from simulator.streams import MASK, key
from simulator.world import Event

#: Raised whenever anything below changes; golden digests carry it.
VERSION: Final = "v1"
_ACT, _EVENT, _TRANSITION, _SCRAPE = 1, 2, 3, 4

_key = lru_cache(maxsize=4096)(key)


class RunDigest:
    """A running hash; ``str`` is the digest of everything so far."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def __str__(self) -> str:
        return f"{VERSION}:{self._hash.hexdigest()}"

    def _put(self, *numbers: int) -> None:
        self._hash.update(struct.pack(f"<{len(numbers)}Q", *(number & MASK for number in numbers)))

    def act(self, act: Act) -> None:
        """A person did something."""
        self._put(_ACT, act.at, key(act.actor), key(act.line.encode("utf-8", "backslashreplace").decode()))

    def event(self, event: Event) -> None:
        """The cluster reported something, or reported it again."""
        texts = (event.kind, event.name, event.type, event.reason, event.message, event.component)
        self._put(_EVENT, event.last_at, event.count, *(_key(text) for text in texts))

    def transition(self, transition: Transition) -> None:
        """An alert changed its state."""
        texts = (transition.alert, transition.severity, transition.state)
        self._put(_TRANSITION, transition.at, *(_key(text) for text in texts))

    def scrape(self, at: int, counters: Iterable[tuple[str, NDArray[np.int64]]]) -> None:
        """All counters at one instant, in the store's fixed order."""
        parts = [struct.pack("<QQ", _SCRAPE, at & MASK)]
        for name, values in counters:
            parts.append(struct.pack("<QQ", _key(name), values.size))
            parts.append(np.ascontiguousarray(values, dtype="<i8").tobytes())
        self._hash.update(b"".join(parts))
