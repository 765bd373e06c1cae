"""Compile the engine before anybody plays, and say how long it took and whether it came from the disk."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Warmth:
    """What the first simulated requests of this process cost.

    Attributes:
        seconds: From the first import of the engine to the first answers, on the wall clock.
        compiled: False where numba has no build and the engine runs as ordinary Python.
        from_cache: Whether the machine code was on the disk already.
    """

    seconds: float
    compiled: bool
    from_cache: bool

    @property
    def words(self) -> str:
        """One line for people."""
        if not self.compiled:
            return "numba is not here: the engine runs as ordinary Python, some hundred times slower"
        how = (
            "from the cache" if self.from_cache else "compiled now, once; the next start takes about a second"
        )
        return f"engine ready in {self.seconds:.1f} s ({how})"


def warm_up() -> Warmth:
    """Run a few simulated requests through the engine, so that its machine code exists."""
    begun = time.perf_counter()
    from simulator.dataplane import Behaviour, DataPlane, RouteBehaviour, kernel
    from simulator.distributions import Law
    from simulator.units import MILLISECOND, SECOND

    law = Law("exponential", 10 * MILLISECOND)
    behaviour = Behaviour(4, 16, (RouteBehaviour("home", law),))
    # Two compilations of one source: for systems that use the plain features, and for those that use more.
    for balancer in ("round_robin", "random"):
        plane = DataPlane(1)
        plane.add_service("web", routes=("home",), balancer=balancer)
        program = plane.add_program("web", "v1", behaviour)
        plane.set_ready(plane.add_instance("web", "web-1", program, key=1), True)
        plane.set_rate(plane.add_source("users", "web", {"home": 1.0}, objective=SECOND), [(0, 50.0)])
        plane.advance(SECOND)
        plane.check_conservation()
    loop: Any = kernel.advance
    fresh = kernel.COMPILED and sum(loop.stats.cache_misses.values()) > 0
    return Warmth(time.perf_counter() - begun, kernel.COMPILED, kernel.COMPILED and not fresh)
