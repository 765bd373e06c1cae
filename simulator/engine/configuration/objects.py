"""ConfigMaps and Secrets as pods see them: by the environment as of their start, by files a sync behind.

A kubelet looks at its pods' volumes once a minute, give or take a half, so a mounted key that changed reaches
a running process 60 to 90 s later, pod by pod; an environment never changes while its process lives.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final, Protocol

from simulator.engine.delays import instance_key
from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.scenario.document import Scenario
from simulator.scenario.effects import KeyEffect
from simulator.scenario.sealed import VersionModel
from simulator.streams import Stream, key
from simulator.units import SECOND
from simulator.world import Change, Cluster, ConfigMap, KeyRef, Pod, Secret, Source

#: From a change to a pod's file: a kubelet's sync, kept from marching in step.
SYNC_SHORTEST, SYNC_SPREAD = 60 * SECOND, 30 * SECOND

Data = Mapping[str, str]
_NOTHING: Final[Data] = {}


class Refit(Protocol):
    """Who is told that a pod may behave otherwise now."""

    def __call__(self, pod: Pod) -> None:
        """Look at this pod."""


@dataclass(slots=True)
class View:
    """What one process sees.

    Attributes:
        environment: By object, as of the process's start.
        files: By object, as of the last sync.
    """

    environment: dict[Source, Data] = field(default_factory=dict)
    files: dict[Source, Data] = field(default_factory=dict)


class Configuration:
    """The settings that running pods have, and what follows from them.

    Args:
        env: The clock.
        cluster: Where the objects are.
        scenario: What the content of an object does.
        seed: Of the run; when a kubelet syncs is drawn from it.
        refit: Told when a pod's files have changed.
    """

    def __init__(
        self, env: Environment, cluster: Cluster, scenario: Scenario, seed: int, refit: Refit
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._refit = refit
        self._luck = Stream(seed, "volume-sync")
        self._views: dict[str, View] = {}
        self._effects: dict[str, list[tuple[Source, KeyEffect]]] = {}
        for item in scenario.spec.config_maps:
            for effect in item.model.effects:
                self._file(Source("ConfigMap", item.name), effect)
        for secret in scenario.spec.secrets:
            for effect in secret.model.effects:
                self._file(Source("Secret", secret.name), effect)
        cluster.subscribe(self._on_change, ConfigMap, Secret)

    def begin(self, pod: Pod) -> None:
        """A pod's process starts: it reads everything anew."""
        spec = pod.spec
        self._views[pod.meta.uid] = View(
            {source: self._now(pod, source) for source in sorted(spec.read_at_start, key=_place)},
            {source: self._now(pod, source) for source in sorted(spec.mounted, key=_place)},
        )

    def forget(self, pod: Pod) -> None:
        """A pod is gone."""
        self._views.pop(pod.meta.uid, None)

    def seen(self, pod: Pod, source: Source) -> Data:
        """What a running pod has of an object; of one that it reads both ways, the environment counts."""
        view = self._views.get(pod.meta.uid)
        if view is None:
            return _NOTHING
        return view.environment.get(source, view.files.get(source, _NOTHING))

    def missing(self, pod: Pod) -> str:
        """What a pod needs at its start and is not there, in the kubelet's words; empty where all is."""
        for container in pod.spec.containers:
            wanted = [KeyRef(source, "") for source in container.env_from]
            wanted += [value for _, value in container.env if isinstance(value, KeyRef)]
            for reference in wanted:
                source, item = reference.source, self._find(pod, reference.source)
                if item is None:
                    return f'{source.kind.lower()} "{source.name}" not found'
                if reference.key and reference.key not in item.data:
                    place = f"{source.kind} {pod.meta.namespace}/{source.name}"
                    return f"couldn't find key {reference.key} in {place}"
        return ""

    def models(self, pod: Pod) -> Iterator[VersionModel]:
        """What a pod's settings do to it now, in the order of the scenario."""
        version = version_of(pod.spec.containers[0].image)
        for source, effect in self._effects.get(pod.deployment, ()):
            if effect.versions and version not in effect.versions:
                continue
            if source not in pod.spec.read_at_start and source not in pod.spec.mounted:
                continue
            name = effect.when.key
            if effect.when.holds(self.seen(pod, source).get(name), self._now(pod, source).get(name)):
                yield effect.model

    def _file(self, source: Source, effect: KeyEffect) -> None:
        self._effects.setdefault(effect.workload, []).append((source, effect))

    def _find(self, pod: Pod, source: Source) -> ConfigMap | Secret | None:
        type_: type[ConfigMap | Secret] = ConfigMap if source.kind == "ConfigMap" else Secret
        return self._cluster.table(type_).find(source.name, pod.meta.namespace)

    def _now(self, pod: Pod, source: Source) -> Data:
        item = self._find(pod, source)
        return dict(item.data) if item is not None else _NOTHING

    def _on_change(self, change: Change) -> None:
        item = change.object
        if not isinstance(item, (ConfigMap, Secret)) or change.type == "DELETED":
            return  # what was read or mounted stays as it was
        source = Source(change.kind.kind, item.meta.name)  # type: ignore[arg-type]
        for pod in self._cluster.pods:
            view = self._views.get(pod.meta.uid)
            if view is None or pod.meta.namespace != item.meta.namespace:
                continue
            if source in view.files:
                self._env.at(self._env.now + self._delay(pod, source), partial(self._sync, pod, source))
            if source in view.environment or source in view.files:
                self._refit(pod)  # what it holds may be stale from now on

    def _sync(self, pod: Pod, source: Source) -> None:
        view = self._views.get(pod.meta.uid)
        if view is not None and self._find(pod, source) is not None:
            view.files[source] = self._now(pod, source)
            self._refit(pod)

    def _delay(self, pod: Pod, source: Source) -> int:
        luck = self._luck.uniform(instance_key(pod), key(f"{source.kind}/{source.name}"))
        return SYNC_SHORTEST + round(SYNC_SPREAD * luck)


def _place(source: Source) -> tuple[str, str]:
    return source.kind, source.name
