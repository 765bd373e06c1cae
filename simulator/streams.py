"""The one place for chance: every draw is a pure function of a key, never of the order of events.

A key is a 64-bit number folded from what the draw is *about* (seed, stream, user, call, attempt, purpose).
Two runs that differ in one decision therefore meet the same users with the same luck. The compiled data plane
holds its own masked copy of ``mix``; a test keeps the two equal.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

MASK: Final = (1 << 64) - 1
#: 2^64 divided by the golden ratio, made odd: the increment of SplitMix64 (Steele, Lea, Flood 2014).
GOLDEN: Final = 0x9E3779B97F4A7C15
#: Kubernetes' alphabet for generated names: no vowels, no 0, 1, 3 (apimachinery pkg/util/rand).
SAFE_ALPHABET: Final = "bcdfghjklmnpqrstvwxz2456789"


def mix(z: int) -> int:
    """SplitMix64's finaliser: a bijection of 64-bit integers; every input bit moves every output bit."""
    z &= MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def fold(*parts: int) -> int:
    """One 64-bit key out of several integers; the order matters."""
    state = GOLDEN
    for part in parts:
        state = mix((state + GOLDEN) ^ mix(part & MASK))
    return state


@lru_cache(maxsize=1 << 14)
def key(text: str) -> int:
    """A stable 64-bit key of a name, the same in every process and on every platform."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@dataclass(frozen=True, slots=True)
class Stream:
    """Keyed chance for one purpose: ``Stream(seed, "pod-names").letters(5, owner, revision, ordinal)``."""

    seed: int
    name: str

    def bits(self, *parts: int) -> int:
        """64 fair bits for this key."""
        return fold(self.seed, key(self.name), *parts)

    def uniform(self, *parts: int) -> float:
        """A uniform number in [0, 1), with 53 bits."""
        return (self.bits(*parts) >> 11) * 2.0**-53

    def integer(self, bound: int, *parts: int) -> int:
        """A uniform integer in [0, bound)."""
        return (self.bits(*parts) * bound) >> 64

    def letters(self, count: int, *parts: int) -> str:
        """``count`` characters of Kubernetes' safe alphabet, as in generated pod names."""
        return "".join(
            SAFE_ALPHABET[self.integer(len(SAFE_ALPHABET), *parts, position)] for position in range(count)
        )
