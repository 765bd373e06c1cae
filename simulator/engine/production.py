"""Production: a scenario's whole system, running, with its clock. What a drill is played on."""

from __future__ import annotations

from functools import partial

from simulator.dataplane import DataPlane
from simulator.engine.autoscaling.controller import AutoscalerController
from simulator.engine.autoscaling.declared import build_autoscaler
from simulator.engine.autoscaling.metrics_server import MetricsServer
from simulator.engine.building import (
    build_service,
    build_workload,
    pod_created_after,
    pod_ready_at,
)
from simulator.engine.configuration.causes import Causes
from simulator.engine.delays import Delays
from simulator.engine.delivery.delivery import Delivery
from simulator.engine.delivery.releases import Release, ReleaseLog
from simulator.engine.delivery.repository import repository_of, workflow_history
from simulator.engine.environment import Environment
from simulator.engine.faults import Fault, Injector
from simulator.engine.faults.pods import PodFaults
from simulator.engine.footprint import refuse_too_large
from simulator.engine.kubelets.eviction import Evictions
from simulator.engine.kubelets.kubelet import Kubelet
from simulator.engine.kubelets.pulling import ImagePuller
from simulator.engine.metrics import Metrics
from simulator.engine.network import Network
from simulator.engine.nodes.affinity import Affinity
from simulator.engine.nodes.building import build_nodes
from simulator.engine.nodes.lifecycle import NodeLifecycle
from simulator.engine.nodes.machines import Machines
from simulator.engine.nodes.taints import TaintEviction
from simulator.engine.past_events import lay_down_events
from simulator.engine.rollouts import AnalysisController, RolloutController, Router
from simulator.engine.rollouts.declared import adopt_services, build_templates
from simulator.engine.software import Software
from simulator.engine.timeline import Timeline
from simulator.engine.traffic import Traffic
from simulator.engine.workloads.deployments import DeploymentController, GarbageCollector
from simulator.engine.workloads.disruption import DisruptionController, build_disruption_budget
from simulator.engine.workloads.replica_sets import ReplicaSetController, new_pod
from simulator.scenario.document import Scenario
from simulator.scenario.rollouts import RolloutWorkload
from simulator.scenario.timeline import TimelineEntry
from simulator.streams import Stream
from simulator.world import Cluster, ReplicaSet


class Production:
    """The system that a scenario declares, in its steady state at ``-warm_up`` and ready to run.

    Args:
        scenario: With its variant applied.
        seed: Of the run.
        compiled: False runs the data plane's uncompiled twin, with the same results.

    Attributes:
        env: The clock; processes of other rooms join it with ``env.process``.
        cluster: Every Kubernetes object.
        dataplane: The requests.
        registry: Every image that exists.
        kubelet: Knows which data-plane instance a pod is (``instance_of``).
        traffic: The sources, by name.
        metrics: The port by which controllers ask for metrics; whoever composes the run connects a provider.
        metrics_server: What pods and nodes take.
        analyses: AnalysisRuns; whoever composes the run sets ``analyses.provider``.
        causes: What changes pods beside their images: settings, flags, schemas, certificates.
        repository: What git holds.
        delivery: The pipeline.
        injector: Faults.
        affinity: How callers choose among pods.

    Raises:
        GamedayError: The pods don't fit on the nodes, or the requests not into memory.
    """

    def __init__(self, scenario: Scenario, seed: int, *, compiled: bool = True) -> None:
        spec = scenario.spec
        start = -spec.warm_up
        self.scenario = scenario
        self.seed = seed
        self.dataplane = DataPlane(seed, start=start, compiled=compiled)
        self.env = Environment(self.dataplane, start)
        self.cluster = Cluster(start_time=spec.start_time, namespace=spec.namespace)
        software = Software(scenario, self.dataplane)
        refuse_too_large(scenario, self.dataplane)
        self.registry = software.registry
        puller = ImagePuller(self.env, self.cluster, self.registry, software.services, seed)
        self.kubelet = Kubelet(self.env, self.cluster, self.dataplane, puller, software, Delays(seed))
        network = Network(self.dataplane)
        self.causes = Causes(self.env, self.cluster, scenario, self.dataplane, self.kubelet, software, seed)
        if software.models_memory:
            Evictions(self.env, self.cluster, self.dataplane, self.kubelet)
        self._log = ReleaseLog(self.env, self.cluster)
        self.repository = repository_of(scenario)
        self.delivery = Delivery(
            self.env, self.cluster, self.causes, self.repository, self._log, spec.pipeline, software
        )
        router = Router(self.cluster, self.kubelet, self.dataplane, software.services)
        self._build_cluster()
        lay_down_events(self.cluster, start, puller)
        for rollout in self.cluster.rollouts:
            router.apply(rollout)
        self._collector = GarbageCollector(self.env, self.cluster)
        self._replica_sets = ReplicaSetController(self.env, self.cluster, seed)
        self._deployments = DeploymentController(self.env, self.cluster)
        self._rollouts = RolloutController(self.env, self.cluster, router)
        self.analyses = AnalysisController(self.env, self.cluster)
        self._disruptions = DisruptionController(self.env, self.cluster)
        self.metrics = Metrics()
        self.metrics_server = MetricsServer(self.env, self.cluster, self.dataplane, self.kubelet.instance_of)
        self._autoscalers = self._start_autoscalers()

        self.traffic = Traffic(self.env, self.dataplane)
        self._declare_traffic()
        pod_faults = PodFaults(
            self.cluster, self.dataplane, self.kubelet, self.causes.effective.delay, self.env
        )
        self.injector = Injector(
            self.env, self.cluster, scenario, software.services, pod_faults, network, self.causes, seed
        )
        TaintEviction(self.env, self.cluster)
        lifecycle = NodeLifecycle(self.env, self.cluster, self.kubelet.withdraw, seed)
        machines = Machines(self.env, self.cluster, self.kubelet, lifecycle, self.injector.faults.append)
        self.affinity = Affinity(self.cluster, self.dataplane, scenario)
        self._software = software
        self._timeline = Timeline(
            self.env,
            self.cluster,
            self.delivery,
            self.traffic,
            self.injector,
            self.affinity,
            machines,
            self.dataplane,
        )
        self._timeline.schedule(scenario.timeline)

    @property
    def now(self) -> int:
        """Simulated time, ns."""
        return self.env.now

    @property
    def releases(self) -> list[Release]:
        """Every change of a pod template so far, oldest first, those before T+00:00 among them."""
        return self._log.releases

    @property
    def faults(self) -> list[Fault]:
        """Every fault injected so far; sealed from the learner until the debrief."""
        return self.injector.faults

    def advance(self, until: int) -> None:
        """Let the world run to ``until`` (ns); control events at ``until`` itself wait for the next advance.

        Raises:
            SimulationError: ``until`` lies in the past.
        """
        self.env.advance(until)

    def carry_out(self, entry: TimelineEntry) -> None:
        """Let an entry of a timeline happen now, as somebody injects it; see ``Timeline``.

        Raises:
            GamedayError: It releases an image that exists with another behaviour, or hits nothing.
        """
        if entry.image is not None:
            self._software.admit(entry.image, entry.model)
        self._timeline.carry_out(entry)

    # -- building ------------------------------------------------------------------------------------------

    def _build_cluster(self) -> None:
        spec, cluster = self.scenario.spec, self.cluster
        build_nodes(cluster, spec.nodes)
        releases: list[Release] = []
        running: list[tuple[ReplicaSet, int]] = []
        made_at: dict[str, int] = {}
        for workload in spec.workloads:
            current, past = build_workload(cluster, workload)
            running.append((current, past[-1].at))
            releases += past
            made_at[workload.name] = past[0].at
        for item in spec.services:
            backend = spec.backend(item.name)
            build_service(cluster, item, made_at[backend.name] if backend is not None else self.env.now)
        build_templates(cluster, spec, self.env.now)
        for workload in spec.workloads:
            if isinstance(workload, RolloutWorkload):
                adopt_services(cluster, cluster.rollout(workload.name), tuple(workload.named_services))
        by_name = {workload.name: workload for workload in spec.workloads}
        for budget in spec.pod_disruption_budgets:
            build_disruption_budget(cluster, budget)
        past_commits = [
            (each.at, partial(self.delivery.adopt, each, by_name[each.deployment])) for each in releases
        ]
        past_commits += [
            (-commit.age, partial(self.delivery.adopt_workflow, commit, after))
            for commit, after in workflow_history(spec.pipeline)
        ]
        for _, adopt in sorted(past_commits, key=lambda each: each[0]):
            adopt()
        names = Stream(self.seed, "pod-names")
        for replica_set, released_at in running:
            self._adopt_pods(replica_set, released_at, names)

    def _adopt_pods(self, replica_set: ReplicaSet, released_at: int, names: Stream) -> None:
        """Pods that have run since the last release."""
        for ordinal in range(replica_set.spec.replicas):
            created = released_at + pod_created_after(ordinal)
            pod = new_pod(replica_set, ordinal, created, names)
            self.kubelet.adopt(pod, pod_ready_at(created))
            self.cluster.add(pod)
        replica_set.pods_made = replica_set.spec.replicas

    def _start_autoscalers(self) -> AutoscalerController:
        queries: dict[str, str] = {}
        for item in self.scenario.spec.autoscalers:
            build_autoscaler(self.cluster, item)
            queries.update(item.model.queries)
        return AutoscalerController(self.env, self.cluster, self.metrics_server, self.metrics, queries)

    def _declare_traffic(self) -> None:
        for source in self.scenario.spec.traffic:
            number = self.dataplane.add_source(
                source.name,
                source.service,
                dict(source.routes),
                objective=source.objective,
                priority=source.model.priority,
            )
            self.traffic.declare(source, number)
