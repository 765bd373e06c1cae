"""The kubelets: each pod's life, from being scheduled to being gone, as one SimPy process.

What a pod is in the data plane (an instance) begins with its container and ends with it; whether it gets
requests is its readiness. Termination takes a pod out of rotation at once, lets it finish what it has, and
kills it when the grace period is over.
"""

from __future__ import annotations

from typing import Final, Protocol

import simpy
from simpy.events import Process, ProcessGenerator

from simulator.engine.environment import Environment
from simulator.engine.images import Image
from simulator.engine.pulling import ImagePuller
from simulator.engine.scheduler import Scheduler
from simulator.errors import GamedayError
from simulator.streams import Stream, fold, key
from simulator.units import MILLISECOND, SECOND
from simulator.world import Change, Cluster, Container, ContainerState, Node, Pod, Probe, set_condition

#: From a pod's creation to its binding.
_SCHEDULING: Final = 30 * MILLISECOND
#: Network and volumes, before the first container can be created.
_SANDBOX: Final = 700 * MILLISECOND
#: From the image being there to the container running.
_CONTAINER_START: Final = 150 * MILLISECOND
#: How often a draining pod looks whether it is idle.
_DRAIN_POLL: Final = 250 * MILLISECOND
#: From the end of the container to the pod's object being gone.
_CLEAN_UP: Final = 300 * MILLISECOND
#: Exit codes: 143 = 128 + SIGTERM, 137 = 128 + SIGKILL.
_EXIT_TERMINATED, _EXIT_KILLED = 143, 137
_PURPOSE_SANDBOX, _PURPOSE_START = 1, 2


class Instances(Protocol):
    """What the kubelets need of a data plane."""

    def add_instance(self, service: str, name: str, program: int, *, key: int, zone: str, weight: int) -> int:
        """Start an instance; it gets no requests until it is ready."""

    def set_ready(self, instance: int, ready: bool) -> None:
        """Put it into rotation or take it out."""

    def in_flight(self, instance: int) -> int:
        """Requests queued or running there."""

    def kill(self, instance: int) -> None:
        """End it at once."""

    def remove(self, instance: int) -> None:
        """Assert that it is idle and gone."""


class Programs(Protocol):
    """What the kubelets need of the software."""

    def program_of(self, image: Image, container: Container) -> int:
        """The data plane's number for what an image does within a container's limits."""


def instance_key(pod: Pod) -> int:
    """The 64-bit key of a pod's own luck: the same for the same (owner, revision, ordinal) in every run."""
    return fold(key(pod.deployment), pod.revision, pod.ordinal)


class Kubelet:
    """All kubelets together.

    Args:
        env: The clock.
        cluster: What they watch and write.
        instances: The data plane.
        images: Pulls images onto nodes.
        programs: Knows what an image does in a container.
        seed: Of the run; start times are drawn from it.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        instances: Instances,
        images: ImagePuller,
        programs: Programs,
        seed: int,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._dataplane = instances
        self._images = images
        self._programs = programs
        self._luck = Stream(seed, "pod-start")
        self._scheduler = Scheduler(cluster)
        self._lives: dict[str, Process | None] = {}
        self._instances: dict[str, int] = {}
        self._addresses: dict[str, int] = {}
        self._room = env.event()
        cluster.subscribe(self._on_change)

    def instance_of(self, pod: Pod) -> int | None:
        """The data plane's number of a pod's running container, or None when none runs."""
        return self._instances.get(pod.meta.uid)

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
        node = self._scheduler.choose(pod)
        if node is None:
            raise GamedayError(
                f"spec.nodes, for {pod.deployment}",
                expected="room for every pod of the steady state",
                got=self._scheduler.why_not(pod),
                todo="Declare more or larger nodes, or smaller requests.",
            )
        image = self._images.find(pod)
        if image is None:
            raise GamedayError(
                f"spec.workloads, {pod.deployment}",
                expected="an image that exists",
                got=repr(pod.spec.containers[0].image),
                todo="The image of a workload and of its history is known by itself.",
            )
        self._bind(pod, node, now)
        pod.status.started_at = now
        self._give_address(pod)
        for status in pod.status.container_statuses:
            if status.image not in node.status.images:
                node.status.images.append(status.image)
        self._run_container(pod, image, now)
        self._write_ready(pod, now)

    # -- watching ------------------------------------------------------------------------------------------

    def _on_change(self, change: Change) -> None:
        pod = change.object
        if not isinstance(pod, Pod):
            return
        if change.type == "ADDED":
            adopted = self._instances.get(pod.meta.uid)
            if adopted is not None:
                self._dataplane.set_ready(adopted, True)
            self._lives[pod.meta.uid] = self._env.process(self._life(pod)) if adopted is None else None
        elif change.type == "MODIFIED" and pod.terminating and pod.meta.uid in self._lives:
            instance = self._instances.get(pod.meta.uid)
            if instance is not None:
                self._dataplane.set_ready(instance, False)
            self._env.process(self._terminate(pod, self._lives.pop(pod.meta.uid)))

    # -- a life --------------------------------------------------------------------------------------------

    def _life(self, pod: Pod) -> ProcessGenerator:
        """From creation to readiness; termination interrupts it wherever it is."""
        try:
            yield from self._schedule(pod)
            yield from self._prepare(pod)
            image = yield from self._images.fetch(pod)
            yield from self._start(pod, image)
            yield from self._become_ready(pod, image)
        except simpy.Interrupt:
            return

    def _schedule(self, pod: Pod) -> ProcessGenerator:
        yield self._env.timeout(_SCHEDULING)
        node = self._scheduler.choose(pod)
        while node is None:
            reason = self._scheduler.why_not(pod)
            now = self._env.now
            set_condition(pod.status.conditions, now, "PodScheduled", "False", "Unschedulable", reason)
            self._cluster.record(
                now, pod, "FailedScheduling", reason, component="default-scheduler", warning=True
            )
            self._cluster.changed(pod)
            yield self._room
            yield self._env.timeout(_SCHEDULING)
            node = self._scheduler.choose(pod)
        self._bind(pod, node, self._env.now)
        self._cluster.record(
            self._env.now,
            pod,
            "Scheduled",
            f"Successfully assigned {pod.meta.namespace}/{pod.meta.name} to {node.meta.name}",
            component="default-scheduler",
        )
        self._cluster.changed(pod)

    def _bind(self, pod: Pod, node: Node, now: int) -> None:
        self._scheduler.bind(pod, node)
        pod.node_name = node.meta.name
        pod.status.host_ip = node.status.internal_ip
        set_condition(pod.status.conditions, now, "PodScheduled", "True")

    def _prepare(self, pod: Pod) -> ProcessGenerator:
        """The kubelet takes the pod on: sandbox, network, address."""
        now, conditions = self._env.now, pod.status.conditions
        pod.status.started_at = now
        unready = (
            "containers with unready status: [" + " ".join(each.name for each in pod.spec.containers) + "]"
        )
        for type_ in ("Ready", "ContainersReady"):
            set_condition(conditions, now, type_, "False", "ContainersNotReady", unready)
        set_condition(conditions, now, "Initialized", "True")
        set_condition(conditions, now, "PodReadyToStartContainers", "False")
        for status in pod.status.container_statuses:
            status.state = ContainerState("waiting", "ContainerCreating")
        self._cluster.changed(pod)
        yield self._env.timeout(self._varied(_SANDBOX, pod, _PURPOSE_SANDBOX))
        self._give_address(pod)
        set_condition(conditions, self._env.now, "PodReadyToStartContainers", "True")
        self._cluster.changed(pod)

    def _give_address(self, pod: Pod) -> None:
        place = [node.meta.name for node in self._cluster.nodes].index(pod.node_name)
        number = self._addresses.get(pod.node_name, 1) + 1
        self._addresses[pod.node_name] = number
        pod.status.pod_ip = f"10.{244 + place // 256}.{place % 256}.{2 + (number - 2) % 253}"

    def _start(self, pod: Pod, image: Image) -> ProcessGenerator:
        for container in pod.spec.containers:
            self._report(pod, "Created", f"Created container: {container.name}")
        yield self._env.timeout(_CONTAINER_START)
        for container in pod.spec.containers:
            self._report(pod, "Started", f"Started container {container.name}")
        self._run_container(pod, image, self._env.now)
        self._cluster.changed(pod)

    def _run_container(self, pod: Pod, image: Image, now: int) -> None:
        pod.status.phase = "Running"
        for status in pod.status.container_statuses:
            status.state = ContainerState("running", started_at=now)
        pod.status.container_statuses[0].image_id = f"{image.name}@{image.digest}"
        node = self._cluster.nodes.find(pod.node_name)
        self._instances[pod.meta.uid] = self._dataplane.add_instance(
            image.service,
            pod.meta.name,
            self._programs.program_of(image, pod.spec.containers[0]),
            key=instance_key(pod),
            zone=node.zone if node is not None else "",
            weight=image.weight,
        )

    def _become_ready(self, pod: Pod, image: Image) -> ProcessGenerator:
        """Probe at fixed ticks from the container's start until the process listens."""
        started = self._env.now
        listens_at = started + self._varied(image.start_time, pod, _PURPOSE_START)
        probe = pod.spec.containers[0].readiness_probe
        if probe is None:
            yield self._env.timeout(listens_at - started)
        else:
            yield self._env.timeout(probe.initial_delay_seconds * SECOND)
            while self._env.now < listens_at:
                self._report(pod, "Unhealthy", self._refused(pod, probe), warning=True)
                yield self._env.timeout(probe.period_seconds * SECOND)
            yield self._env.timeout((probe.success_threshold - 1) * probe.period_seconds * SECOND)
        self._write_ready(pod, self._env.now)
        self._dataplane.set_ready(self._instances[pod.meta.uid], True)
        self._cluster.changed(pod)

    @staticmethod
    def _refused(pod: Pod, probe: Probe) -> str:
        address = f"{pod.status.pod_ip}:{probe.port}"
        return (
            f'Readiness probe failed: Get "http://{address}{probe.path}": dial tcp {address}: '
            "connect: connection refused"
        )

    def _write_ready(self, pod: Pod, now: int) -> None:
        for type_ in ("PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady"):
            set_condition(pod.status.conditions, now, type_, "True")
        for status in pod.status.container_statuses:
            status.ready = True

    # -- an end --------------------------------------------------------------------------------------------

    def _terminate(self, pod: Pod, life: Process | None) -> ProcessGenerator:
        """Drain, kill at the end of the grace period, gone. It left the rotation when it was asked for."""
        if life is not None and life.is_alive:
            life.interrupt()
        instance = self._instances.get(pod.meta.uid)
        if instance is not None:
            yield from self._drain(pod, instance)
        yield self._env.timeout(_CLEAN_UP)
        self._instances.pop(pod.meta.uid, None)
        if pod.node_name:
            self._scheduler.release(pod)
        self._cluster.remove(pod)
        room, self._room = self._room, self._env.event()
        room.succeed()

    def _drain(self, pod: Pod, instance: int) -> ProcessGenerator:
        for container in pod.spec.containers:
            self._report(pod, "Killing", f"Stopping container {container.name}")
        deadline = self._env.now + pod.spec.termination_grace_period_seconds * SECOND
        while self._dataplane.in_flight(instance) and self._env.now < deadline:
            yield self._env.timeout(min(_DRAIN_POLL, deadline - self._env.now))
        killed = self._dataplane.in_flight(instance) > 0
        if killed:
            self._dataplane.kill(instance)
        now = self._env.now
        for status in pod.status.container_statuses:
            started = status.state.started_at
            status.ready = False
            status.state = ContainerState(
                "terminated",
                "Error",
                started_at=started,
                finished_at=now,
                exit_code=_EXIT_KILLED if killed else _EXIT_TERMINATED,
            )
        for type_ in ("Ready", "ContainersReady"):
            set_condition(pod.status.conditions, now, type_, "False", "ContainersNotReady")
        self._cluster.changed(pod)
        if killed:
            yield self._env.timeout(MILLISECOND)
        self._dataplane.remove(instance)

    # -- inside --------------------------------------------------------------------------------------------

    def _varied(self, mean: int, pod: Pod, purpose: int) -> int:
        """A time around its mean, from 0.8 to 1.2 of it, drawn for this pod and purpose."""
        return round(mean * (0.8 + 0.4 * self._luck.uniform(instance_key(pod), purpose)))

    def _report(self, pod: Pod, reason: str, message: str, *, warning: bool = False) -> None:
        self._cluster.record(
            self._env.now,
            pod,
            reason,
            message,
            component="kubelet",
            warning=warning,
            node_name=pod.node_name,
        )
