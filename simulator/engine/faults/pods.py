"""What a fault can do to a pod; several at once press on the same pod, and each takes back its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from simulator.dataplane import DataPlane
from simulator.engine.environment import Environment
from simulator.engine.kubelets import conditions
from simulator.scenario.faults import Chaos
from simulator.units import SECOND
from simulator.world import Cluster, Pod, edits


class Failing(Protocol):
    """What a fault needs of the kubelets."""

    def instance_of(self, pod: Pod) -> int | None:
        """The data plane's number of a pod's running container."""

    def kill_container(self, pod: Pod) -> None:
        """End a pod's first container at once."""


@dataclass(frozen=True, slots=True)
class Pressure:
    """What one fault does to one pod now.

    Attributes:
        error_rate: Its own chance to fail a request.
        speed: Of its workers.
        delay: ns more for every request.
        memory: Bytes taken beside its process.
    """

    error_rate: float = 0.0
    speed: float = 1.0
    delay: int = 0
    memory: int = 0


def pressure_of(chaos: Chaos, strength: float) -> Pressure:
    """What a fault does to each of its pods at a strength from 0 to 1."""
    stress = chaos.stressors
    speed = chaos.speed if chaos.speed is not None else 1.0
    if stress is not None and stress.cpu is not None:
        speed *= 1 - stress.cpu.load / 100
    memory = stress.memory.size if stress is not None and stress.memory is not None else 0
    return Pressure(
        error_rate=(1.0 if chaos.abort else chaos.error_rate or 0.0) * strength,
        speed=1 - (1 - speed) * strength,
        delay=round((chaos.delay or 0) * strength),
        memory=round(memory * strength),
    )


class PodFaults:
    """The pods of a cluster as faults find them.

    Args:
        cluster: Where pods are.
        dataplane: Where their processes run.
        kubelet: Knows which process a pod is.
        delay: Lets every request of a pod take longer (ns).
        env: The clock.
    """

    def __init__(
        self,
        cluster: Cluster,
        dataplane: DataPlane,
        kubelet: Failing,
        delay: Callable[[Pod, int], None],
        env: Environment,
    ) -> None:
        self._cluster = cluster
        self._dataplane = dataplane
        self._kubelet = kubelet
        self._delay = delay
        self._env = env
        self._failed: set[str] = set()
        self._pressing: dict[str, dict[str, Pressure]] = {}

    def press(self, name: str, pod: Pod, chaos: Chaos, strength: float) -> None:
        """Let a fault press on a pod with this strength from now on; 0 ends it."""
        self._put(name, pod, pressure_of(chaos, strength))

    def fail(self, pod: Pod) -> None:
        """Stop a pod's process and leave the pod: it answers nobody, until ``mend``.

        Its kubelet finds out when the readiness probe would have failed so often as it takes, and takes the
        pod out of rotation; without a probe it never does.
        """
        instance = self._kubelet.instance_of(pod)
        if instance is None or pod.terminating or pod.meta.uid in self._failed:
            return
        self._failed.add(pod.meta.uid)
        self._dataplane.stop(instance)
        probe = pod.spec.containers[0].readiness_probe
        if probe is not None:
            noticed = self._env.now + probe.period_seconds * probe.failure_threshold * SECOND
            self._env.at(noticed, partial(self._notice, pod, instance))

    def mend(self, pod: Pod) -> None:
        """Let a failed pod's process run again, as it was; nothing happens where the pod is gone."""
        instance = self._kubelet.instance_of(pod)
        if pod.meta.uid not in self._failed:
            return
        self._failed.discard(pod.meta.uid)
        if instance is None or pod.terminating:
            return
        self._dataplane.restart(instance)
        conditions.ready(pod, self._env.now)
        self._dataplane.set_ready(instance, True)
        self._cluster.changed(pod)

    def kill(self, pod: Pod) -> None:
        """Delete a pod without grace, as ``kubectl delete pod --grace-period=0 --force`` does."""
        edits.delete_pod(
            self._cluster,
            self._env.now,
            pod.meta.name,
            namespace=pod.meta.namespace,
            grace_period_seconds=0,
        )

    def kill_container(self, pod: Pod) -> None:
        """End a pod's process; its kubelet starts it anew."""
        self._kubelet.kill_container(pod)

    def _notice(self, pod: Pod, instance: int) -> None:
        if pod.meta.uid in self._failed and not pod.terminating:
            self._dataplane.set_ready(instance, False)
            conditions.unready(pod, self._env.now)
            self._cluster.changed(pod)

    def _put(self, name: str, pod: Pod, pressure: Pressure) -> None:
        pressing = self._pressing.setdefault(pod.meta.uid, {})
        pressing[name] = pressure
        instance = self._kubelet.instance_of(pod)
        if instance is None:
            return
        all_ = list(pressing.values())
        self._dataplane.set_degraded(
            instance,
            error_rate=max(each.error_rate for each in all_),
            speed=min(each.speed for each in all_),
        )
        self._dataplane.set_ballast(instance, sum(each.memory for each in all_))
        self._delay(pod, sum(each.delay for each in all_))
