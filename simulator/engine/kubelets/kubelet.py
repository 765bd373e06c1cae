"""The kubelets: each pod's life, from being scheduled to being gone, as one SimPy process.

What a pod is in the data plane (an instance) begins with its container; whether it gets requests is its
readiness. The jobs have modules of their own: ``binding`` (a node and an address), ``pulling`` (images),
``containers`` (start, probes, end, back-off), ``stopping`` (grace), ``eviction`` (memory pressure).
"""

from __future__ import annotations

from typing import Final

import simpy
from simpy.events import Process, ProcessGenerator

from simulator.dataplane import DataPlane
from simulator.engine.delays import SANDBOX, Delays
from simulator.engine.environment import Environment
from simulator.engine.kubelets import conditions
from simulator.engine.kubelets.binding import Binding
from simulator.engine.kubelets.containers import Containers, Ending, Programs
from simulator.engine.kubelets.pulling import ImagePuller
from simulator.errors import GamedayError
from simulator.units import MILLISECOND
from simulator.world import Change, Cluster, Pod, set_condition

#: Network and volumes, before the first container can be created.
_SANDBOX: Final = 700 * MILLISECOND
#: From the end of the container to the pod's object being gone.
_CLEAN_UP: Final = 300 * MILLISECOND


class Kubelet:
    """All kubelets together.

    Args:
        env: The clock.
        cluster: What they watch and write.
        dataplane: Where processes run.
        images: Pulls images onto nodes.
        programs: Knows what an image does in a container.
        delays: How long things take.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        dataplane: DataPlane,
        images: ImagePuller,
        programs: Programs,
        delays: Delays,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._images = images
        self._delays = delays
        self._dataplane = dataplane
        self._binding = Binding(env, cluster)
        self._containers = Containers(env, cluster, dataplane, programs, delays)
        self._lives: dict[str, Process] = {}
        self._ends: dict[str, Process] = {}
        self._dark: set[str] = set()
        cluster.subscribe(self._on_change, Pod)

    def instance_of(self, pod: Pod) -> int | None:
        """The data plane's number of a pod's first container once it has run, or None."""
        return self._containers.instance_of(pod)

    def kill_container(self, pod: Pod, reason: str = "Error", exit_code: int = 137) -> None:
        """End a pod's first container at once, as a fault does; it is started anew as after any end."""
        self._containers.end(pod, Ending(reason, exit_code))

    def evict(self, pod: Pod, message: str) -> None:
        """End a pod at once and for good; its object stays, failed, until somebody deletes it."""
        life = self._lives.get(pod.meta.uid)
        if life is not None and life.is_alive:
            life.interrupt()
        self._containers.report(pod, "Evicted", message, warning=True)
        self._containers.kill_for_good(pod)
        pod.status.phase, pod.status.reason, pod.status.message = "Failed", "Evicted", message
        pod.status.container_statuses = []  # the eviction manager writes a status without them
        self._cluster.changed(pod)
        self._binding.release(pod)

    def withdraw(self, pod: Pod) -> None:
        """Take a pod out of rotation that somebody else has found not ready."""
        self._containers.withdraw(pod)

    def lose(self, node_name: str) -> None:
        """A machine is gone: what ran there is dead, and nobody says so."""
        self._dark.add(node_name)
        for pod in self._on(node_name):
            for process in (self._lives.get(pod.meta.uid), self._ends.pop(pod.meta.uid, None)):
                if process is not None and process.is_alive:
                    process.interrupt()
            self._containers.lose(pod)

    def find_again(self, node_name: str) -> None:
        """A machine has booted: what shall end there is gone, everything else is started anew."""
        self._dark.discard(node_name)
        for pod in self._on(node_name):
            if pod.terminating:
                self._ends[pod.meta.uid] = self._env.process(self._bury(pod))
            else:
                self._lives[pod.meta.uid] = self._env.process(self._live_again(pod))

    def _has(self, pod: Pod) -> bool:
        """Whether something of a pod is still there."""
        return self._containers.instance_of(pod) is not None

    def _on(self, node_name: str) -> list[Pod]:
        return [pod for pod in self._cluster.pods if pod.node_name == node_name]

    def look_for_room(self) -> None:
        """Try pods that fit nowhere once more: a node came, or takes pods again."""
        self._binding.look_again()

    def adopt(self, pod: Pod, now: int) -> None:
        """Give a new pod everything that a running and ready one has, as of ``now`` and without events.

        For the steady state at the start: the pod is placed, its image is on its node, it has been ready
        since. The caller adds it to the cluster afterwards.

        Args:
            pod: Not yet in the cluster.
            now: When it became ready, ns.

        Raises:
            GamedayError: It fits on no node, or its image does not exist.
        """
        image = self._images.find(pod)
        if image is None:
            raise GamedayError(
                f"spec.workloads, {pod.deployment}",
                expected="an image that exists",
                got=repr(pod.spec.containers[0].image),
                todo="The image of a workload and of its history is known by itself.",
            )
        node = self._binding.settle(pod, now)
        pod.status.started_at = now
        for status in pod.status.container_statuses:
            if status.image not in node.status.images:
                node.status.images.append(status.image)
        self._containers.adopt(pod, image, now)

    # -- watching ------------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        pod = change.object
        if not isinstance(pod, Pod):
            return
        uid = pod.meta.uid
        if change.type == "ADDED":
            adopted = self._containers.instance_of(pod)
            if adopted is not None:
                self._dataplane.set_ready(adopted, True)
            self._lives[uid] = self._env.process(self._life(pod, adopted=adopted is not None))
        elif change.type == "MODIFIED" and pod.terminating and uid in self._lives:
            self._containers.leave_rotation(pod)
            life = self._lives.pop(uid)
            if pod.node_name not in self._dark:  # there, nobody hears of it
                self._ends[uid] = self._env.process(self._terminate(pod, life))
        elif change.type == "DELETED" and (uid in self._lives or uid in self._ends or self._has(pod)):
            self._drop(pod)

    # -- a life --------------------------------------------------------------------------------------------

    def _life(self, pod: Pod, *, adopted: bool) -> ProcessGenerator:
        """From creation on; termination interrupts it wherever it is."""
        try:
            if adopted:
                yield from self._containers.keep(pod)
            yield from self._binding.schedule(pod)
            if pod.node_name in self._dark:
                return  # nobody there takes it on
            yield from self._prepare(pod)
            image = yield from self._images.fetch(pod)
            yield from self._containers.run(pod, image)
        except simpy.Interrupt:
            return

    def _live_again(self, pod: Pod) -> ProcessGenerator:
        """After its machine has booted: from where the kubelet left off."""
        try:
            if self._containers.instance_of(pod) is not None:
                yield from self._containers.come_back(pod)
            yield from self._prepare(pod)
            image = yield from self._images.fetch(pod)
            yield from self._containers.run(pod, image)
        except simpy.Interrupt:
            return

    def _prepare(self, pod: Pod) -> ProcessGenerator:
        """The kubelet takes the pod on: sandbox, network, address."""
        conditions.taken_on(pod, self._env.now)
        self._cluster.changed(pod)
        yield self._env.timeout(self._delays.varied(_SANDBOX, pod, SANDBOX))
        self._binding.give_address(pod)
        set_condition(pod.status.conditions, self._env.now, "PodReadyToStartContainers", "True")
        self._cluster.changed(pod)

    # -- an end --------------------------------------------------------------------------------------------

    def _terminate(self, pod: Pod, life: Process) -> ProcessGenerator:
        """Drain, kill at the end of the grace period, gone. It left the rotation when it was asked for."""
        try:
            if life.is_alive:
                life.interrupt()
            yield from self._containers.stop_for_good(pod)
            yield from self._bury(pod)
        except simpy.Interrupt:
            return

    def _bury(self, pod: Pod) -> ProcessGenerator:
        """Nothing of a pod runs any more: its object goes, and its room is free."""
        try:
            yield self._env.timeout(_CLEAN_UP)
        except simpy.Interrupt:
            return
        self._containers.forget(pod)
        self._binding.release(pod)
        del self._ends[pod.meta.uid]
        self._cluster.remove(pod)

    def _drop(self, pod: Pod) -> None:
        """A pod's object was taken away by force: what still ran of it is killed."""
        for process in (self._lives.pop(pod.meta.uid, None), self._ends.pop(pod.meta.uid, None)):
            if process is not None and process.is_alive:
                process.interrupt()
        self._containers.kill_for_good(pod)
        self._containers.withdraw(pod)
        self._containers.forget(pod)
        self._binding.release(pod)
