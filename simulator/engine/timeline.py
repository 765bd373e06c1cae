"""What happens whatever the learner does: releases, changes of traffic, and faults in one pod."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from simulator.engine.delays import instance_key
from simulator.engine.environment import Environment
from simulator.engine.images import version_of
from simulator.engine.kubelet import Kubelet
from simulator.engine.releases import Release, ReleaseLog, commit_of
from simulator.engine.traffic import Traffic
from simulator.errors import GamedayError
from simulator.scenario.sealed import Chaos, SetImage, SetTraffic, TimelineEntry
from simulator.streams import Stream
from simulator.world import CHANGE_CAUSE_ANNOTATION, Cluster, Pod, edits, matches


class Degradable(Protocol):
    """What a fault needs of a data plane."""

    def set_degraded(
        self, instance: int, *, error_rate: float | None = None, speed: float | None = None
    ) -> None:
        """Make one instance worse than its version."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that was injected, for the debrief.

    Attributes:
        kind: Chaos Mesh's kind.
        at: ns.
        pod: The name of the pod it hit; empty when none matched at that moment.
        error_rate: The pod's own chance to fail a request, or None.
        speed: The pod's speed, or None.
    """

    kind: str
    at: int
    pod: str
    error_rate: float | None = None
    speed: float | None = None


class Timeline:
    """Schedules the entries of a scenario's timeline and carries them out.

    Args:
        env: The clock.
        cluster: Where releases happen.
        dataplane: Where faults happen.
        kubelet: Knows which instance a pod is.
        traffic: The sources.
        releases: Told of each release before it is made.
        seed: Of the run; which pod a fault hits is drawn from it.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        dataplane: Degradable,
        kubelet: Kubelet,
        traffic: Traffic,
        releases: ReleaseLog,
        seed: int,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._dataplane = dataplane
        self._kubelet = kubelet
        self._traffic = traffic
        self._releases = releases
        self._luck = Stream(seed, "chaos")
        self.faults: list[Fault] = []

    def schedule(self, entries: tuple[TimelineEntry, ...]) -> None:
        """Have every entry happen at its time, as a control event."""
        for number, entry in enumerate(entries):
            self._env.at(entry.at, self._action(number, entry))

    def _action(self, number: int, entry: TimelineEntry) -> Callable[[], None]:
        match entry.action:
            case SetImage() as release:
                return partial(self._release, release)
            case SetTraffic() as change:
                return partial(self._set_traffic, change)
            case Chaos() as chaos:
                return partial(self._inject, number, chaos)

    def _release(self, release: SetImage) -> None:
        """What the delivery pipeline does; it fails without effect where the Deployment has been deleted."""
        deployment = self._cluster.deployments.find(release.deployment, self._cluster.namespace)
        if deployment is None:
            return
        first = deployment.spec.template.containers[0].name
        self._releases.announce(
            Release(
                at=self._env.now,
                deployment=release.deployment,
                image=release.image,
                version=version_of(release.image),
                cause=release.cause,
                author=release.author or "pipeline",
                commit=release.commit or commit_of(release.deployment, release.image),
                action="release",
            )
        )
        now, name = self._env.now, release.deployment
        edits.set_image(self._cluster, now, name, {release.container or first: release.image})
        self._releases.retract(name)
        edits.annotate(self._cluster, now, name, {CHANGE_CAUSE_ANNOTATION: release.cause or None})

    def _set_traffic(self, change: SetTraffic) -> None:
        if change.crowd is not None:
            self._traffic.bring_crowd(change.source, change.crowd)
        elif (level := change.rate if change.rate is not None else change.vus) is not None:
            self._traffic.set_rate(change.source, level)
        else:
            self._traffic.set_stages(change.source, change.stages)

    def _inject(self, number: int, chaos: Chaos) -> None:
        """Hit one ready pod; a fault lives in its pod and goes with it."""
        pod = self._victim(number, chaos)
        name = pod.meta.name if pod is not None else ""
        self.faults.append(Fault(chaos.kind, self._env.now, name, chaos.error_rate, chaos.speed))
        instance = self._kubelet.instance_of(pod) if pod is not None else None
        if pod is None or instance is None:
            return
        self._dataplane.set_degraded(instance, error_rate=chaos.error_rate, speed=chaos.speed)
        if chaos.duration is not None:
            self._env.at(self._env.now + chaos.duration, partial(self._recover, instance))

    def _recover(self, instance: int) -> None:
        self._dataplane.set_degraded(instance, error_rate=0.0, speed=1.0)

    def _victim(self, number: int, chaos: Chaos) -> Pod | None:
        """The matching ready pod with the smallest draw: the same one however many others there are."""
        wanted = chaos.selector.label_selectors
        ready = [
            pod
            for pod in self._cluster.pods
            if matches(wanted, pod.meta.labels) and pod.ready and not pod.terminating
        ]
        return min(ready, key=lambda pod: self._luck.bits(number, instance_key(pod)), default=None)


def fail_unmatched(entries: tuple[TimelineEntry, ...], labels: list[dict[str, str]]) -> None:
    """Refuse a timeline whose fault can never hit anything.

    Args:
        entries: The timeline.
        labels: Of the pods of each workload.

    Raises:
        GamedayError: A selector matches no workload's pods.
    """
    for number, entry in enumerate(entries):
        if not isinstance(entry.action, Chaos):
            continue
        wanted = entry.action.selector.label_selectors
        if not wanted or not any(matches(wanted, each) for each in labels):
            raise GamedayError(
                f"timeline[{number}].chaos.selector",
                expected="labels of some workload's pods",
                got=repr(wanted),
                todo="A fault that hits nothing can't be found.",
            )
