"""The life of a pod's process: started, probed, ended for one of several reasons, and started anew.

The first container of a pod is what runs in the data plane (an instance). It ends by itself (a crash), by the
kernel (out of memory), or by the kubelet (a probe). Whatever the reason, it is started again, ever later
(CrashLoopBackOff), in the same instance: its counters go on under the pod's name.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Final, Protocol

from simpy.events import Event, ProcessGenerator

from simulator.dataplane import DataPlane, Signal
from simulator.engine.delays import PROBE_PHASE, RESTARTS, START, Delays, instance_key
from simulator.engine.environment import Environment
from simulator.engine.images import Crash, Image
from simulator.engine.kubelets import conditions
from simulator.engine.kubelets.backoff import BackOff, go_duration
from simulator.engine.kubelets.probing import asked, declared_probes, failure_message
from simulator.engine.kubelets.stopping import KILLED, TERMINATED, Stopper
from simulator.units import MILLISECOND, SECOND
from simulator.world import Cluster, Container, Pod

#: From the image being there to the container running.
_CONTAINER_START: Final = 150 * MILLISECOND
#: Exit code of a container whose end nobody saw (ContainerStatusUnknown).
UNSEEN: Final = 255
#: How soon the kubelet sees that a container has ended (its relist period).
_RELIST: Final = SECOND
#: How often it says that a container is in back-off, ns.
_SYNC: Final = 10 * SECOND


class Programs(Protocol):
    """What the kubelets need of the software."""

    def program_of(self, image: Image, container: Container) -> int:
        """The data plane's number for what an image does within a container's limits."""

    def crash_of(self, pod: Pod, image: Image) -> Crash | None:
        """How the process that a pod starts now ends by itself, or None."""

    def missing_for(self, pod: Pod) -> str:
        """What a pod's containers need to be created and the cluster has not; empty where all is there."""


@dataclass(frozen=True, slots=True)
class Ending:
    """Why a process ends.

    Attributes:
        reason: Of the terminated container, such as ``OOMKilled`` or ``Error``.
        exit_code: Of the process.
        message: Its last words.
        asked: The kubelet asks it to stop, with the pod's grace; the exit code says whether it did in time.
    """

    reason: str
    exit_code: int
    message: str = ""
    asked: bool = False


@dataclass(slots=True)
class _Process:
    """The first container of one pod, over all its restarts."""

    pod: Pod
    image: Image
    instance: int
    ended: Event
    started_at: int
    back_off: BackOff = field(default_factory=BackOff)
    stopping: bool = False


class Containers:
    """The first containers of all pods.

    Args:
        env: The clock.
        cluster: Whose pods; their status and events are written here.
        dataplane: Where they run.
        programs: Knows what an image does in a container.
        delays: How long starts take.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        dataplane: DataPlane,
        programs: Programs,
        delays: Delays,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._dataplane = dataplane
        self._programs = programs
        self._delays = delays
        self._stopper = Stopper(env, dataplane)
        self._processes: dict[str, _Process] = {}
        self._by_instance: dict[int, _Process] = {}
        env.listen(self._hear)

    # -- what the kubelet asks -----------------------------------------------------------------------------

    def instance_of(self, pod: Pod) -> int | None:
        """The data plane's number of a pod's first container once it has run, or None."""
        process = self._processes.get(pod.meta.uid)
        return process.instance if process is not None else None

    def adopt(self, pod: Pod, image: Image, now: int) -> None:
        """Let a pod of the steady state run and be ready since ``now``, without events."""
        conditions.running(pod, now, f"{image.name}@{image.digest}")
        process = self._create(pod, image, listens_at=None)
        # The crash of a version that runs already has not come, and will not come before its next start.
        process.started_at = now
        conditions.ready(pod, now)
        for kind, probe in declared_probes(pod.spec.containers[0]).items():
            phase = self._delays.within(probe.period_seconds * SECOND, pod, PROBE_PHASE)
            first = self._env.now + phase
            self._dataplane.set_probe(
                process.instance, asked(kind, probe, image.routes), first=first, passing=True
            )

    def run(self, pod: Pod, image: Image) -> ProcessGenerator:
        """Start a pod's containers, and keep the first one running for ever."""
        yield from self._until_all_is_there(pod)
        for container in pod.spec.containers:
            self.report(pod, "Created", f"Created container: {container.name}")
        yield self._env.timeout(_CONTAINER_START)
        for container in pod.spec.containers:
            self.report(pod, "Started", f"Started container {container.name}")
        now = self._env.now
        conditions.running(pod, now, f"{image.name}@{image.digest}")
        process = self._create(pod, image, listens_at=now + self._delays.varied(image.start_time, pod, START))
        for kind, probe in declared_probes(pod.spec.containers[0]).items():
            self._dataplane.set_probe(process.instance, asked(kind, probe, image.routes))
        self._begin(process)
        yield from self.keep(pod)

    def keep(self, pod: Pod) -> ProcessGenerator:
        """Start a running pod's first container anew whenever it has ended."""
        process = self._processes[pod.meta.uid]
        while True:
            ending = yield from self._until_it_ends(process)
            yield from self._end(process, ending)
            yield from self._wait_to_restart(process, self._env.now)
            yield from self._restart(process)

    def end(self, pod: Pod, ending: Ending) -> None:
        """End a pod's process from outside; nothing happens where none runs, or it is ending already."""
        process = self._processes.get(pod.meta.uid)
        if process is not None and not process.stopping and not process.ended.triggered and self._runs(pod):
            process.ended.succeed(ending)

    def leave_rotation(self, pod: Pod) -> None:
        """Take a pod out of rotation because its end was asked for; it is probed no more."""
        process = self._processes.get(pod.meta.uid)
        if process is not None:
            process.stopping = True
            self._dataplane.set_ready(process.instance, False)
            self._dataplane.stop_probes(process.instance)
            self._dataplane.set_consuming(process.instance, False)

    def stop_for_good(self, pod: Pod) -> ProcessGenerator:
        """End every container of a pod, with its grace; none comes again."""
        process = self._processes.get(pod.meta.uid)
        if process is None:
            return
        if self._runs(pod):
            for container in pod.spec.containers:
                self.report(pod, "Killing", f"Stopping container {container.name}")
            killed = yield from self._stopper.stop(pod, process.image, process.instance)
            conditions.all_ended(pod, self._env.now, "Error", KILLED if killed else TERMINATED)
            self._cluster.changed(pod)
        if self._dataplane.in_flight(process.instance):  # killed just now: its requests are being told
            yield self._env.timeout(MILLISECOND)
        self._dataplane.remove(process.instance)

    def kill_for_good(self, pod: Pod) -> None:
        """End every container of a pod at once, as an eviction does."""
        process = self._processes.get(pod.meta.uid)
        if process is not None and self._runs(pod):
            process.stopping = True
            self._dataplane.kill(process.instance)
        conditions.all_ended(pod, self._env.now, "Error", KILLED)

    def withdraw(self, pod: Pod) -> None:
        """Take a pod out of rotation; nothing else about it changes."""
        process = self._processes.get(pod.meta.uid)
        if process is not None:
            self._dataplane.set_ready(process.instance, False)

    def lose(self, pod: Pod) -> None:
        """A pod's machine is gone: its process is dead, in rotation as before, and nobody reports it."""
        process = self._processes.get(pod.meta.uid)
        if process is not None:
            process.stopping = True
            self._dataplane.stop(process.instance)

    def come_back(self, pod: Pod) -> ProcessGenerator:
        """A pod's machine has booted: what ran there has ended unseen, and is started anew."""
        process = self._processes[pod.meta.uid]
        self._dataplane.set_ready(process.instance, False)
        if self._runs(pod):
            conditions.ended(pod, self._env.now, "Unknown", UNSEEN)
        else:
            conditions.unready(pod, self._env.now)
        self.report(pod, "SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")
        self._cluster.changed(pod)
        yield self._env.timeout(_RELIST)
        yield from self._restart(process)
        yield from self.keep(pod)

    def forget(self, pod: Pod) -> None:
        """The pod is gone."""
        process = self._processes.pop(pod.meta.uid, None)
        if process is not None:
            self._by_instance.pop(process.instance, None)

    # -- a start -------------------------------------------------------------------------------------------

    def _create(self, pod: Pod, image: Image, listens_at: int | None) -> _Process:
        node = self._cluster.nodes.find(pod.node_name)
        instance = self._dataplane.add_instance(
            image.service,
            pod.meta.name,
            self._programs.program_of(image, pod.spec.containers[0]),
            key=instance_key(pod),
            zone=node.zone if node is not None else "",
            weight=image.weight,
            listens_at=listens_at,
        )
        process = _Process(pod, image, instance, self._env.event(), self._env.now)
        self._processes[pod.meta.uid] = self._by_instance[instance] = process
        return process

    def _begin(self, process: _Process) -> None:
        """What follows from a start at once: without a probe to wait for, a pod is ready, heard or not."""
        probes = declared_probes(process.pod.spec.containers[0])
        if "startup" not in probes:
            self._started(process)
        self._cluster.changed(process.pod)

    def _started(self, process: _Process) -> None:
        """Its startup is over, which is all that matters where no readiness probe is declared."""
        process.pod.status.container_statuses[0].started = True
        if process.pod.spec.containers[0].readiness_probe is None:
            self._ready(process)

    def _restart(self, process: _Process) -> ProcessGenerator:
        pod = process.pod
        container = pod.spec.containers[0]
        yield from self._until_all_is_there(pod)
        self.report(pod, "Pulled", f'Container image "{container.image}" already present on machine')
        self.report(pod, "Created", f"Created container: {container.name}")
        yield self._env.timeout(_CONTAINER_START)
        self.report(pod, "Started", f"Started container {container.name}")
        now = self._env.now
        conditions.restarted(pod, now)
        purpose = START + RESTARTS * pod.status.container_statuses[0].restart_count
        listens_at = now + self._delays.varied(process.image.start_time, pod, purpose)
        self._dataplane.restart(process.instance, listens_at=listens_at)
        process.ended, process.started_at, process.stopping = self._env.event(), now, False
        self._begin(process)

    def _until_all_is_there(self, pod: Pod) -> ProcessGenerator:
        """Try again and again while an object that the environment names is missing."""
        while missing := self._programs.missing_for(pod):
            conditions.waiting(pod, "CreateContainerConfigError", missing)
            self._cluster.changed(pod)
            self.report(pod, "Failed", f"Error: {missing}", warning=True)
            yield self._env.timeout(_SYNC)

    # -- an end --------------------------------------------------------------------------------------------

    def _until_it_ends(self, process: _Process) -> Generator[Event, object, Ending]:
        crash = self._programs.crash_of(process.pod, process.image)
        if crash is not None and process.started_at == self._env.now:
            yield process.ended | self._env.timeout(crash.after)
            if not process.ended.triggered:
                return Ending("Error" if crash.exit_code else "Completed", crash.exit_code, crash.log)
        else:
            yield process.ended
        ending = process.ended.value
        assert isinstance(ending, Ending)
        return ending

    def _end(self, process: _Process, ending: Ending) -> ProcessGenerator:
        pod, instance = process.pod, process.instance
        process.stopping = True
        self._dataplane.set_ready(instance, False)
        self._dataplane.stop_probes(instance)
        self._dataplane.set_consuming(instance, False)
        exit_code = ending.exit_code
        if ending.asked:
            conditions.unready(pod, self._env.now)
            self._cluster.changed(pod)
            killed = yield from self._stopper.stop(pod, process.image, instance)
            exit_code = KILLED if killed else TERMINATED
        self._dataplane.stop(instance)
        conditions.ended(pod, self._env.now, ending.reason, exit_code, ending.message)
        self._cluster.changed(pod)

    def _wait_to_restart(self, process: _Process, ended_at: int) -> ProcessGenerator:
        """The pause before a restart: none after the first end, then 10 s doubling to 300 s."""
        pod, back_off = process.pod, process.back_off
        yield self._env.timeout(_RELIST)
        due, name = back_off.due(ended_at), pod.spec.containers[0].name
        if due > self._env.now:
            full_name = f"{pod.meta.name}_{pod.meta.namespace}({pod.meta.uid})"
            conditions.waiting(
                pod,
                "CrashLoopBackOff",
                f"back-off {go_duration(back_off.delay)} restarting failed container={name} pod={full_name}",
            )
            self._cluster.changed(pod)
            while self._env.now < due:
                self.report(
                    pod,
                    "BackOff",
                    f"Back-off restarting failed container {name} in pod {full_name}",
                    warning=True,
                )
                yield self._env.timeout(min(_SYNC, due - self._env.now))
        back_off.tried(self._env.now, ended_at)

    # -- what the data plane tells -------------------------------------------------------------------------

    def _hear(self, signal: Signal) -> None:
        process = self._by_instance.get(signal.instance)
        if process is None or process.stopping:
            if process is not None and signal.kind == "out_of_memory":
                self._dataplane.kill(process.instance)
            return
        if signal.kind == "out_of_memory":
            self.end(process.pod, Ending("OOMKilled", KILLED))
        elif signal.kind == "ready":
            self._ready(process)
            self._cluster.changed(process.pod)
        elif signal.kind == "started":
            self._started(process)
            self._cluster.changed(process.pod)
        elif signal.probe is not None:
            self._say_unhealthy(process.pod, signal)
            if signal.kind == "unready":
                self._dataplane.set_ready(process.instance, False)
                conditions.unready(process.pod, self._env.now)
                self._cluster.changed(process.pod)
            elif signal.kind in ("live_failure", "start_failure"):
                name = process.pod.spec.containers[0].name
                self.report(
                    process.pod,
                    "Killing",
                    f"Container {name} failed {signal.probe} probe, will be restarted",
                )
                self.end(process.pod, Ending("Error", TERMINATED, asked=True))

    def _ready(self, process: _Process) -> None:
        conditions.ready(process.pod, self._env.now)
        self._dataplane.set_ready(process.instance, True)

    def _say_unhealthy(self, pod: Pod, signal: Signal) -> None:
        assert signal.probe is not None
        probe = declared_probes(pod.spec.containers[0])[signal.probe]
        message = failure_message(pod, signal.probe, probe, signal.outcome or "error")
        self.report(pod, "Unhealthy", message, warning=True)

    # -- inside --------------------------------------------------------------------------------------------

    @staticmethod
    def _runs(pod: Pod) -> bool:
        statuses = pod.status.container_statuses
        return bool(statuses) and statuses[0].state.phase == "running"

    def report(self, pod: Pod, reason: str, message: str, *, warning: bool = False) -> None:
        """An event of the kubelet about a pod."""
        self._cluster.record(
            self._env.now,
            pod,
            reason,
            message,
            component="kubelet",
            warning=warning,
            node_name=pod.node_name,
        )
