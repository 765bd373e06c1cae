"""Feature flags at work: a change reaches pods within seconds, and the users it is for are always the same.

Every process keeps a stream open to the flag service and is told of a change after a moment of its own. Who
belongs to a share hangs on the flag (or the cohort) and the user alone: who has a feature at 10 % keeps it at
25 %, in every service, and has it again after the flag was off.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from simulator.dataplane import Split
from simulator.engine.configuration.objects import Refit
from simulator.engine.delays import instance_key
from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.scenario.document import Scenario
from simulator.scenario.effects import Effect
from simulator.scenario.sealed import VersionModel
from simulator.streams import Stream, fold, key
from simulator.units import MILLISECOND
from simulator.world import Cluster, Flag, Flags, FlagState, Pod

#: From a change to a process that follows it: the flag service's stream.
_FASTEST, _SPREAD = 500 * MILLISECOND, 2500 * MILLISECOND
_EVERYBODY: Final = 100.0


@dataclass(frozen=True, slots=True)
class Rollout:
    """What a flag does to one pod's users.

    Attributes:
        models: For those for whom it is on.
        users: Who they are: each pair is a key and a share; empty where it is on for all.
    """

    models: tuple[VersionModel, ...]
    users: tuple[tuple[int, float], ...]

    def splits(self, bit: int) -> list[Split]:
        """The data plane's splits, under one bit."""
        return [Split(bit, number, share) for number, share in self.users]


class FlagService:
    """The flags, and what each running pod knows of them.

    Args:
        env: The clock.
        cluster: Where pods are.
        scenario: Which flags there are, and what they do.
        seed: Of the run.
        refit: Told when a pod has heard of a change.

    Attributes:
        flags: Their state; ``set`` here is the only way to change one in a run.
    """

    def __init__(
        self, env: Environment, cluster: Cluster, scenario: Scenario, seed: int, refit: Refit
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._refit = refit
        self._seed = seed
        self._luck = Stream(seed, "flag-stream")
        self.flags = Flags({cohort.name: cohort.share for cohort in scenario.spec.cohorts})
        self._effects: dict[str, tuple[Effect, ...]] = {}
        for declared in scenario.spec.flags:
            state = FlagState(declared.percentage, tuple(sorted(set(declared.cohorts))))
            self.flags.add(Flag(declared.name, state, declared.description, declared.owner))
            self._effects[declared.name] = declared.model.effects
        self._known: dict[str, dict[str, FlagState]] = {}

    def set(self, name: str, state: FlagState, *, author: str, cause: str = "") -> bool:
        """Change a flag now; pods hear of it in their own time.

        Returns:
            Whether it was another state before.

        Raises:
            GamedayError: No such flag or cohort, or a percentage outside 0 to 100.
        """
        if not self.flags.set(name, state, now=self._env.now, author=author, cause=cause):
            return False
        touched = {effect.workload for effect in self._effects[name]}
        for pod in self._cluster.pods:
            if pod.deployment in touched and pod.meta.uid in self._known:
                luck = self._luck.uniform(instance_key(pod), key(name), self._env.now)
                self._env.at(self._env.now + _FASTEST + round(_SPREAD * luck), partial(self._hear, pod, name))
        return True

    def begin(self, pod: Pod) -> None:
        """A pod's process starts: it asks for all flags first."""
        self._known[pod.meta.uid] = {name: self.flags.get(name).state for name in self.flags.names}

    def forget(self, pod: Pod) -> None:
        """A pod is gone."""
        self._known.pop(pod.meta.uid, None)

    def rollouts(self, pod: Pod) -> list[Rollout]:
        """What the flags that a pod knows to be on do to it, in the order of the scenario."""
        version = version_of(pod.spec.containers[0].image)
        found = []
        for name, state in self._known.get(pod.meta.uid, {}).items():
            models = tuple(_touching(self._effects[name], pod.deployment, version))
            if models and not state.off:
                found.append(Rollout(models, self._users(name, state)))
        return found

    def _users(self, name: str, state: FlagState) -> tuple[tuple[int, float], ...]:
        if state.percentage >= _EVERYBODY:
            return ()
        parts = [(self._key("flag", name), state.percentage / 100)] if state.percentage else []
        parts += [(self._key("cohort", each), self.flags.cohorts[each]) for each in state.cohorts]
        return tuple(parts)

    def _key(self, kind: str, name: str) -> int:
        return fold(self._seed, key(kind), key(name))

    def _hear(self, pod: Pod, name: str) -> None:
        known = self._known.get(pod.meta.uid)
        if known is not None:
            known[name] = self.flags.get(name).state
            self._refit(pod)


def _touching(effects: Iterable[Effect], workload: str, version: str) -> list[VersionModel]:
    return [
        effect.model
        for effect in effects
        if effect.workload == workload and (not effect.versions or version in effect.versions)
    ]
