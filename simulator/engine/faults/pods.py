"""What a fault can do to a pod; several at once press on the same pod, and each takes back its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from simulator.scenario.faults import Chaos
from simulator.world import Cluster, Pod, edits


class Degradable(Protocol):
    """What a fault needs of a data plane."""

    def set_degraded(
        self, instance: int, *, error_rate: float | None = None, speed: float | None = None
    ) -> None:
        """Make one instance worse than its version."""

    def set_ballast(self, instance: int, size: int) -> None:
        """Let something beside an instance's process take memory."""


class Failing(Protocol):
    """What a fault needs of the kubelets."""

    def instance_of(self, pod: Pod) -> int | None:
        """The data plane's number of a pod's running container."""


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
        now: The clock, ns.
    """

    def __init__(
        self,
        cluster: Cluster,
        dataplane: Degradable,
        kubelet: Failing,
        delay: Callable[[Pod, int], None],
        now: Callable[[], int],
    ) -> None:
        self._cluster = cluster
        self._dataplane = dataplane
        self._kubelet = kubelet
        self._delay = delay
        self._now = now
        self._pressing: dict[str, dict[str, Pressure]] = {}

    def press(self, name: str, pod: Pod, chaos: Chaos, strength: float) -> None:
        """Let a fault press on a pod with this strength from now on; 0 ends it."""
        self._put(name, pod, pressure_of(chaos, strength))

    def fail(self, name: str, pod: Pod, *, failed: bool) -> None:
        """Leave a pod that answers nobody well, or mend it."""
        self._put(name, pod, Pressure(error_rate=float(failed)))

    def kill(self, pod: Pod) -> None:
        """Delete a pod without grace, as ``kubectl delete pod --grace-period=0 --force`` does."""
        edits.delete_pod(
            self._cluster, self._now(), pod.meta.name, namespace=pod.meta.namespace, grace_period_seconds=0
        )

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
