"""A small cluster without requests, for the tests of controllers: everything real but the data plane."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from simulator.dataplane import Behaviour, DataPlane, RouteBehaviour
from simulator.distributions import Law
from simulator.engine.delays import Delays
from simulator.engine.delivery.releases import ReleaseLog
from simulator.engine.environment import Environment
from simulator.engine.images import Crash, Image, Registry
from simulator.engine.kubelets.kubelet import Kubelet
from simulator.engine.kubelets.pulling import ImagePuller
from simulator.engine.workloads.deployments import DeploymentController, GarbageCollector, replica_set_for
from simulator.engine.workloads.replica_sets import ReplicaSetController, new_pod
from simulator.streams import Stream
from simulator.units import MILLISECOND, SECOND
from simulator.world import (
    ZONE_LABEL,
    Cluster,
    Container,
    Deployment,
    DeploymentSpec,
    IntOrPercent,
    Node,
    NodeSpec,
    ObjectMeta,
    Pod,
    PodSpec,
    PodTemplate,
    Probe,
    Recreate,
    RollingUpdate,
    edits,
)

NAMES = ("app:v1", "app:v2", "app:v3", "app:v4")
EVERY_SECOND = Probe(period_seconds=1)


class FakePlane:
    """Stands where the data plane stands under a clock, and remembers how far it was told to go."""

    def __init__(self) -> None:
        self.calls: list[tuple[object, ...]] = []

    def advance_to_signal(self, until: int) -> None:
        self.calls.append(("advance", until))


class WatchedPlane(DataPlane):
    """A data plane without users that remembers what controllers did, and may pretend to have work.

    Attributes:
        calls: (what, pod, …) of each pod added, killed and removed.
        ready: Whether each pod is in rotation.
        work: Requests that a pod shall seem to have.
    """

    def __init__(self) -> None:
        super().__init__(1)
        self.calls: list[tuple[object, ...]] = []
        self.pods: list[str] = []
        self.ready: dict[str, bool] = {}
        self.work: dict[str, int] = {}
        self.add_service("app", routes=("page",))
        law = Law("constant", MILLISECOND)
        for name in NAMES:
            self.add_program("app", name, Behaviour(8, 64, (RouteBehaviour("page", law),)))

    def add_instance(self, service: str, name: str, program: int, **more: Any) -> int:
        self.calls.append(("add", service, name, program, more["key"]))
        self.pods.append(name)
        return super().add_instance(service, name, program, **more)

    def set_ready(self, instance: int, ready: bool) -> None:
        self.ready[self.pods[instance]] = ready
        super().set_ready(instance, ready)

    def in_flight(self, instance: int) -> int:
        return self.work.get(self.pods[instance], 0) or super().in_flight(instance)

    def kill(self, instance: int) -> None:
        self.calls.append(("kill", self.pods[instance]))
        self.work[self.pods[instance]] = 0
        super().kill(instance)

    def remove(self, instance: int) -> None:
        self.calls.append(("remove", self.pods[instance]))
        super().remove(instance)


class FixedPrograms:
    """Each image does one thing, whatever the limits of its container."""

    def program_of(self, image: Image, _container: Container) -> int:
        return image.program

    def crash_of(self, _pod: Pod, image: Image) -> Crash | None:
        return image.crash

    def missing_for(self, _pod: Pod) -> str:
        return ""


class ChosenDelays(Delays):
    """Delays that a test chooses."""

    def __init__(self, chosen: Callable[[int, Pod, int], int], seed: int) -> None:
        super().__init__(seed)
        self._chosen = chosen

    def varied(self, mean: int, pod: Pod, purpose: int) -> int:
        return self._chosen(mean, pod, purpose)


class Stage:
    """One Deployment ``app`` in its steady state, with real controllers, at T+00:00.

    Args:
        replicas: Of ``app``.
        surge: maxSurge.
        unavailable: maxUnavailable.
        probe: Readiness; each second if nothing is said.
        start_time: Mean time until a container listens, ns.
        recreate: Strategy Recreate instead.
        varied: Replaces the draw of every start time: (mean, pod, purpose) to ns.
        nodes: How many, of 4 cores each; a pod asks for half a core.
    """

    def __init__(
        self,
        replicas: int = 4,
        *,
        surge: IntOrPercent = "25%",
        unavailable: IntOrPercent = "25%",
        start_time: int = 5 * SECOND,
        pull_time: int = 4 * SECOND,
        min_ready_seconds: int = 0,
        history_limit: int = 10,
        deadline_seconds: int = 600,
        probe: Probe | None = EVERY_SECOND,
        grace_seconds: int = 30,
        recreate: bool = False,
        varied: Callable[[int, Pod, int], int] | None = None,
        nodes: int = 12,
        seed: int = 5,
    ) -> None:
        self.plane = WatchedPlane()
        self.env = Environment(self.plane)
        self.cluster = Cluster()
        registry = Registry()
        for number, name in enumerate(NAMES):
            registry.push(Image(name, "app", number, start_time, pull_time))
        for number in range(nodes):
            labels = {ZONE_LABEL: f"zone-{'abc'[number % 3]}"}
            self.cluster.add(Node(ObjectMeta(f"node-{number:02d}", labels=labels), NodeSpec(4000, 16 << 30)))
        puller = ImagePuller(self.env, self.cluster, registry, {"app": "app"}, seed)
        delays = Delays(seed) if varied is None else ChosenDelays(varied, seed)
        self.kubelet = Kubelet(self.env, self.cluster, self.plane, puller, FixedPrograms(), delays)
        self.log = ReleaseLog(self.env, self.cluster)
        self._add_app(
            DeploymentSpec(
                replicas=replicas,
                selector={"app": "app"},
                template=PodTemplate(
                    {"app": "app"},
                    PodSpec(
                        (Container("app", NAMES[0], cpu_request_millicores=500, readiness_probe=probe),),
                        grace_seconds,
                    ),
                ),
                strategy=Recreate() if recreate else RollingUpdate(surge, unavailable),
                min_ready_seconds=min_ready_seconds,
                revision_history_limit=history_limit,
                progress_deadline_seconds=deadline_seconds,
            ),
            seed,
        )
        self.collector = GarbageCollector(self.env, self.cluster)
        self.replica_sets = ReplicaSetController(self.env, self.cluster, seed)
        self.deployments = DeploymentController(self.env, self.cluster)
        self.cluster.changed(self.app)
        for replica_set in self.cluster.replica_sets:
            self.cluster.changed(replica_set)
        self.run(5)

    def _add_app(self, spec: DeploymentSpec, seed: int) -> None:
        long_ago = -86_400 * SECOND
        app = Deployment(ObjectMeta("app", "production", labels={"app": "app"}, created_at=long_ago), spec)
        self.cluster.add(app)
        replica_set = replica_set_for(app, 1, long_ago, spec.replicas)
        self.cluster.add(replica_set)
        for ordinal in range(spec.replicas):
            pod = new_pod(replica_set, ordinal, long_ago, Stream(seed, "pod-names"))
            self.kubelet.adopt(pod, long_ago)
            self.cluster.add(pod)
        replica_set.pods_made = spec.replicas

    @property
    def app(self) -> Deployment:
        return self.cluster.deployment("app")

    def run(self, seconds: float) -> None:
        """Let simulated seconds pass."""
        self.env.advance(self.env.now + round(seconds * SECOND))

    def release(self, image: str) -> None:
        edits.set_image(self.cluster, self.env.now, "app", {"app": image})

    def living(self) -> list[Pod]:
        """Pods that nobody asked to end."""
        return [pod for pod in self.cluster.pods if not pod.terminating]

    def images(self) -> list[str]:
        return sorted(pod.spec.containers[0].image for pod in self.living())

    def reasons(self, kind: str = "") -> list[str]:
        return [event.reason for event in self.cluster.events if not kind or event.kind == kind]

    def messages(self, reason: str) -> list[str]:
        return [event.message for event in self.cluster.events if event.reason == reason]
