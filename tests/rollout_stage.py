"""A small cluster with one Rollout and no requests, for the tests of its controllers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from simulator.engine.delays import Delays
from simulator.engine.delivery.releases import ReleaseLog
from simulator.engine.environment import Environment
from simulator.engine.images import Image, Registry
from simulator.engine.kubelets.kubelet import Kubelet
from simulator.engine.kubelets.pulling import ImagePuller
from simulator.engine.metrics import NO_DATA, NoData
from simulator.engine.rollouts import RolloutController, Router, replica_set_for
from simulator.engine.rollouts.drafts import steps_hash
from simulator.engine.rollouts.operations import Result
from simulator.engine.rollouts.providers import Judgement
from simulator.engine.rollouts.runs import AnalysisController
from simulator.engine.workloads.deployments import GarbageCollector
from simulator.engine.workloads.replica_sets import ReplicaSetController, new_pod
from simulator.streams import Stream
from simulator.units import SECOND
from simulator.world import (
    ZONE_LABEL,
    Cluster,
    Container,
    Node,
    NodeSpec,
    ObjectMeta,
    Pod,
    PodSpec,
    PodTemplate,
    ReplicaSet,
    Service,
    ServicePort,
    ServiceSpec,
    rollout_edits,
)
from simulator.world.analysis import AnalysisRun, AnalysisSpec, AnalysisTemplate, Metric
from simulator.world.pods import ROLLOUT_HASH_LABEL
from simulator.world.rollouts import (
    MANAGED_BY_ANNOTATION,
    BlueGreen,
    Canary,
    CanaryStep,
    Pause,
    Rollout,
    RolloutAnalysis,
    RolloutSpec,
    RolloutStatus,
    TemplateRef,
)
from tests.engine_stage import EVERY_SECOND, NAMES, ChosenDelays, FixedPrograms, WatchedPlane

_LONG_AGO = -86_400 * SECOND


def weight(percent: int) -> CanaryStep:
    """A setWeight step."""
    return CanaryStep(set_weight=percent)


def pause(seconds: int | None = None) -> CanaryStep:
    """A pause step."""
    return CanaryStep(pause=Pause(None if seconds is None else seconds * SECOND))


def analysis(name: str = "success-rate") -> RolloutAnalysis:
    """An analysis by one template."""
    return RolloutAnalysis((TemplateRef(name),))


class SplitPlane(WatchedPlane):
    """A data plane without users that also remembers how requests are split, and whom a user may reach."""

    def __init__(self) -> None:
        super().__init__()
        self.subsets: dict[str, str] = {}
        self.weights: dict[str, float] = {}

    def set_subset(self, instance: int, subset: str) -> None:
        self.subsets[self.pods[instance]] = subset
        super().set_subset(instance, subset)

    def set_weights(self, service: str, weights: dict[str, float]) -> None:
        assert service == "app"
        self.weights = dict(weights)
        super().set_weights(service, weights)

    def reachable(self) -> set[str]:
        """The hashes whose ready pods get requests now."""
        hashes = {self.subsets[pod] for pod, ready in self.ready.items() if ready}
        return hashes if not self.weights else {each for each, share in self.weights.items() if share}


class Readings:
    """A provider whose answers a test lays out: by query, a value or one value after the other."""

    def __init__(self) -> None:
        self.answers: dict[str, Result | NoData] = {}
        self.asked: list[tuple[int, str]] = []
        self.judgement = Judgement("Successful", "0.4", "no difference seen")

    def instant(self, expr: str, at: int) -> Result | NoData:
        self.asked.append((at, expr))
        return self.answers.get(expr, NO_DATA)

    def judge(self, plugin: str, config: Mapping[str, str], at: int) -> Judgement:
        self.asked.append((at, f"{plugin} {dict(config)}"))
        return self.judgement


class RolloutStage:
    """One Rollout ``app`` in its steady state, stable at ``app:v1``, with real controllers, at T+00:00.

    Args:
        strategy: Of the Rollout.
        replicas: Of the Rollout.
        templates: AnalysisTemplates by name.
        varied: Replaces the draw of every start time: (mean, pod, purpose) to ns.
        primary: The Service that users name.
        nodes: How many, of 4 cores each; a pod asks for half a core.
        settings: More fields of the spec.
    """

    def __init__(
        self,
        strategy: Canary | BlueGreen,
        replicas: int = 10,
        *,
        templates: Mapping[str, AnalysisSpec | Metric] | None = None,
        start_time: int = 5 * SECOND,
        varied: Callable[[int, Pod, int], int] | None = None,
        nodes: int = 12,
        seed: int = 5,
        **settings: int | bool,
    ) -> None:
        self.plane = SplitPlane()
        self.env = Environment(self.plane)
        self.cluster = Cluster()
        registry = Registry()
        for number, name in enumerate(NAMES):
            registry.push(Image(name, "app", number, start_time, 4 * SECOND))
        for number in range(nodes):
            labels = {ZONE_LABEL: f"zone-{'abc'[number % 3]}"}
            self.cluster.add(Node(ObjectMeta(f"node-{number:02d}", labels=labels), NodeSpec(4000, 16 << 30)))
        puller = ImagePuller(self.env, self.cluster, registry, {"app": "app"}, seed)
        delays = Delays(seed) if varied is None else ChosenDelays(varied, seed)
        self.kubelet = Kubelet(self.env, self.cluster, self.plane, puller, FixedPrograms(), delays)
        self.log = ReleaseLog(self.env, self.cluster)
        for name, content in (templates or {}).items():
            spec = AnalysisSpec((content,)) if isinstance(content, Metric) else content
            self.cluster.add(AnalysisTemplate(ObjectMeta(name, "production"), spec))
        self.router = Router(self.cluster, self.kubelet, self.plane, {"app": "app"})
        self._add_app(strategy, replicas, settings, seed)
        self.readings = Readings()
        self.collector = GarbageCollector(self.env, self.cluster)
        self.replica_sets = ReplicaSetController(self.env, self.cluster, seed)
        self.rollouts = RolloutController(self.env, self.cluster, self.router)
        self.analyses = AnalysisController(self.env, self.cluster)
        self.analyses.provider = self.readings
        self.cluster.changed(self.app)
        for replica_set in self.cluster.replica_sets:
            self.cluster.changed(replica_set)
        self.run(5)

    def _add_app(
        self, strategy: Canary | BlueGreen, replicas: int, settings: Mapping[str, int | bool], seed: int
    ) -> None:
        container = Container("app", NAMES[0], cpu_request_millicores=500, readiness_probe=EVERY_SECOND)
        template = PodTemplate({"app": "app"}, PodSpec((container,), 30))
        spec = RolloutSpec(replicas, {"app": "app"}, template, strategy, **settings)  # type: ignore[arg-type]
        app = Rollout(ObjectMeta("app", "production", labels={"app": "app"}, created_at=_LONG_AGO), spec)
        steps = len(app.steps)
        app.status = RolloutStatus(
            observed_generation=1,
            replicas=replicas,
            updated_replicas=replicas,
            ready_replicas=replicas,
            available_replicas=replicas,
            current_pod_hash=template.hash,
            stable_rs=template.hash,
            current_step_hash=steps_hash(app) if app.canary is not None else "",
            current_step_index=steps or None,
            active_selector=template.hash if app.blue_green is not None else "",
            preview_selector=template.hash if app.blue_green is not None else "",
        )
        self.cluster.add(app)
        services = (
            (strategy.stable_service, strategy.canary_service)
            if isinstance(strategy, Canary)
            else (strategy.active_service, strategy.preview_service)
        )
        for name in dict.fromkeys(("app", *services)):
            if name:
                self._add_service(name, template.hash if name in services else "")
        replica_set = replica_set_for(app, 1, _LONG_AGO, replicas)
        self.cluster.add(replica_set)
        for ordinal in range(replicas):
            pod = new_pod(replica_set, ordinal, _LONG_AGO, Stream(seed, "pod-names"))
            self.kubelet.adopt(pod, _LONG_AGO)
            self.cluster.add(pod)
        replica_set.pods_made = replicas

    def _add_service(self, name: str, hash_: str) -> None:
        selector = {"app": "app", **({ROLLOUT_HASH_LABEL: hash_} if hash_ else {})}
        annotations = {MANAGED_BY_ANNOTATION: "app"} if hash_ else {}
        meta = ObjectMeta(name, "production", annotations=annotations, created_at=_LONG_AGO)
        self.cluster.add(Service(meta, ServiceSpec(selector, (ServicePort(80, 8080),))))

    # -- what a test does ----------------------------------------------------------------------------------

    def run(self, seconds: float) -> None:
        """Let simulated seconds pass."""
        self.env.advance(self.env.now + round(seconds * SECOND))

    def release(self, image: str) -> None:
        rollout_edits.set_image(self.cluster, "app", {"app": image})

    def promote(self, *, full: bool = False) -> None:
        rollout_edits.promote(self.cluster, "app", full=full)

    def abort(self) -> None:
        rollout_edits.abort(self.cluster, "app")

    def retry(self) -> None:
        rollout_edits.retry(self.cluster, "app")

    # -- what a test sees ----------------------------------------------------------------------------------

    @property
    def app(self) -> Rollout:
        return self.cluster.rollout("app")

    @property
    def status(self) -> RolloutStatus:
        return self.app.status

    @property
    def said(self) -> str:
        """Phase and message, as ``kubectl argo rollouts status`` prints them."""
        return f"{self.status.phase} - {self.status.message}" if self.status.message else self.status.phase

    def of(self, image: str) -> ReplicaSet:
        """The ReplicaSet of an image."""
        return next(
            each for each in self.cluster.replica_sets if each.spec.template.containers[0].image == image
        )

    def of_hash(self, hash_: str) -> ReplicaSet:
        """The ReplicaSet of a hash."""
        return next(
            each for each in self.cluster.replica_sets if each.meta.labels[ROLLOUT_HASH_LABEL] == hash_
        )

    def hash(self, image: str) -> str:
        return self.of(image).meta.labels[ROLLOUT_HASH_LABEL]

    def sizes(self) -> dict[str, int]:
        """Wanted pods by image, those with any."""
        return {
            each.spec.template.containers[0].image: each.spec.replicas
            for each in self.cluster.replica_sets_of(self.app)
            if each.spec.replicas
        }

    def shares(self) -> dict[str, float]:
        """Weights by image."""
        return {
            each.spec.template.containers[0].image: self.plane.weights[hash_]
            for each in self.cluster.replica_sets_of(self.app)
            if (hash_ := each.meta.labels[ROLLOUT_HASH_LABEL]) in self.plane.weights
        }

    def runs(self) -> list[AnalysisRun]:
        """AnalysisRuns, oldest first."""
        return sorted(self.cluster.table(AnalysisRun), key=lambda run: (run.meta.created_at, run.meta.name))

    def reasons(self, kind: str = "Rollout") -> list[str]:
        return [event.reason for event in self.cluster.events if event.kind == kind]

    def messages(self, reason: str) -> list[str]:
        return [event.message for event in self.cluster.events if event.reason == reason]
