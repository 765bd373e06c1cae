"""Runners: pools of them by their labels, each a SimPy resource with its queue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import simpy

from simulator.pipeline.laws import StepLaw
from simulator.pipeline.settings import RunnerPool
from simulator.units import SECOND

#: Jobs of standard hosted runners at once on GitHub's free plan, and of macOS among them (GitHub's "Limits").
HOSTED: Final = 20
HOSTED_MACOS: Final = 5
#: Runners of a team's own that have the labels of a job and that nobody declared.
SELF_HOSTED: Final = 1
#: Labels of the standard hosted runners that a what-if may give a pool of their own.
HOSTED_LABELS: Final = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04", "windows-latest", "macos-latest")
#: From a free hosted runner to the first step.
PICKUP: Final = StepLaw("lognormal", 8 * SECOND, 32 * SECOND)


@dataclass(eq=False, slots=True)
class Pool:
    """Runners alike.

    Attributes:
        name: Their labels.
        runners: Who holds them and who waits.
        pickup: From a free runner to the first step.
    """

    name: str
    labels: tuple[str, ...]
    runners: simpy.Resource
    pickup: StepLaw


class Pools:
    """All runners of a repository.

    Args:
        env: The clock.
        declared: The pools that are set up; labels that none of them has get hosted runners.
    """

    def __init__(self, env: simpy.Environment, declared: tuple[RunnerPool, ...]) -> None:
        self._env = env
        self.pools = [
            Pool(", ".join(each.labels), each.labels, simpy.Resource(env, each.count), each.pickup.law)
            for each in declared
        ]

    def pool(self, labels: tuple[str, ...], group: str = "") -> Pool:
        """The pool whose runners have all these labels; hosted runners where none was set up."""
        wanted = [label.casefold() for label in (*labels, *([group] if group else []))]
        for pool in self.pools:
            own = {label.casefold() for label in pool.labels}
            if all(label in own for label in wanted):
                return pool
        name, count = "hosted", HOSTED
        if "self-hosted" in wanted:
            name, count = ", ".join(wanted), SELF_HOSTED
        elif any("macos" in label for label in wanted):
            name, count = "hosted macOS", HOSTED_MACOS
        found = next((pool for pool in self.pools if pool.name == name), None)
        if found is None:
            found = Pool(name, (), simpy.Resource(self._env, count), PICKUP)
            self.pools.append(found)
        return found
