"""Production: a scenario's whole system, running, with its clock. What a drill is played on."""

from __future__ import annotations

from simulator.dataplane import Behaviour, CallBehaviour, DataPlane, RouteBehaviour
from simulator.engine.building import (
    build_deployment,
    build_nodes,
    build_service,
    pod_created_after,
    pod_ready_at,
)
from simulator.engine.deployments import DeploymentController, GarbageCollector
from simulator.engine.environment import Environment
from simulator.engine.images import Image, Registry, version_of
from simulator.engine.kubelet import Kubelet
from simulator.engine.pulling import ImagePuller
from simulator.engine.releases import Release, ReleaseLog
from simulator.engine.replica_sets import ReplicaSetController, new_pod
from simulator.engine.timeline import Fault, Timeline, fail_unmatched
from simulator.engine.traffic import Traffic, ramp
from simulator.scenario.document import Scenario
from simulator.scenario.sealed import VersionModel
from simulator.scenario.workloads import Call, Route, Workload
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

    Raises:
        GamedayError: A fault selects nothing, or the pods don't fit on the nodes.
    """

    def __init__(self, scenario: Scenario, seed: int, *, compiled: bool = True) -> None:
        spec = scenario.spec
        start = -spec.warm_up
        self.scenario = scenario
        self.seed = seed
        self.dataplane = DataPlane(seed, start=start, compiled=compiled)
        self.env = Environment(self.dataplane, start)
        self.cluster = Cluster(start_time=spec.start_time, namespace=spec.namespace)
        fail_unmatched(scenario.timeline, [workload.pod_labels for workload in spec.workloads])

        services = _services_by_workload(scenario)
        self.registry = self._declare_software(services)
        puller = ImagePuller(self.env, self.cluster, self.registry, services, seed)
        self.kubelet = Kubelet(self.env, self.cluster, self.dataplane, puller, seed)
        self._log = ReleaseLog(self.env, self.cluster)
        self._build_cluster()
        self._collector = GarbageCollector(self.env, self.cluster)
        self._replica_sets = ReplicaSetController(self.env, self.cluster, seed)
        self._deployments = DeploymentController(self.env, self.cluster)

        self.traffic = Traffic(self.env, self.dataplane)
        self._declare_traffic()
        self._timeline = Timeline(
            self.env, self.cluster, self.dataplane, self.kubelet, self.traffic, self._log, seed
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
        return self._timeline.faults

    def advance(self, until: int) -> None:
        """Let the world run to ``until`` (ns); control events at ``until`` itself wait for the next advance.

        Raises:
            SimulationError: ``until`` lies in the past.
        """
        self.env.advance(until)

    # -- building ------------------------------------------------------------------------------------------

    def _declare_software(self, services: dict[str, str]) -> Registry:
        """Tell the data plane of every service, and of what each image of it does."""
        spec, registry = self.scenario.spec, Registry()
        for workload in spec.workloads:
            self.dataplane.add_service(
                services[workload.name],
                routes=tuple(route.name for route in workload.model.routes),
                balancer=workload.model.balancer,
                held=workload.model.held,
            )
        for workload in spec.workloads:
            for reference, version in self._versions(workload).items():
                service = services[workload.name]
                program = self.dataplane.add_program(
                    service, version_of(reference), behaviour_of(workload, version)
                )
                start_time = workload.model.start_time if version.start_time is None else version.start_time
                registry.push(Image(reference, service, program, start_time, workload.model.image_pull))
        return registry

    def _versions(self, workload: Workload) -> dict[str, VersionModel]:
        """Each image of a workload's first container, past and to come, with what it does differently."""
        images = {revision.image: VersionModel() for revision in workload.model.history}
        images[workload.image] = VersionModel()
        first = workload.spec.template.spec.containers[0].name
        for entry in self.scenario.timeline:
            release = entry.set_image
            if release and release.deployment == workload.name and release.container in (None, first):
                images[release.image] = entry.model
        return images

    def _build_cluster(self) -> None:
        spec, cluster = self.scenario.spec, self.cluster
        build_nodes(cluster, spec.nodes)
        releases: list[Release] = []
        running: list[tuple[ReplicaSet, int]] = []
        for workload in spec.workloads:
            current, past = build_deployment(cluster, workload)
            running.append((current, past[-1].at))
            releases += past
        for item in spec.services:
            backend = spec.backend(item.name)
            created = cluster.deployment(backend.name).meta.created_at if backend else self.env.now
            build_service(cluster, item, created)
        for release in sorted(releases, key=lambda each: each.at):
            self._log.seed(release)
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

    def _declare_traffic(self) -> None:
        for source in self.scenario.spec.traffic:
            number = self.dataplane.add_source(
                source.name, source.service, dict(source.routes), objective=source.objective
            )
            rate = source.initial_rate
            schedule = [(self.env.now, rate)]
            if source.stages:
                # Stages begin at T+00:00: the warm-up is not part of the story.
                schedule += [each for each in ramp(0, rate, source.stages) if each[0] > self.env.now]
            self.traffic.declare(source.name, number, schedule)


def _services_by_workload(scenario: Scenario) -> dict[str, str]:
    """Deployment to the Service that stands before it; a workload that has none goes by its own name."""
    services = {workload.name: workload.name for workload in scenario.spec.workloads}
    for item in scenario.spec.services:
        backend = scenario.spec.backend(item.name)
        if backend is not None:
            services[backend.name] = item.name
    return services


def behaviour_of(workload: Workload, version: VersionModel) -> Behaviour:
    """What one version does: the workload's model with the version's differences laid over it."""
    model = workload.model
    different = {route.name: route for route in version.routes}
    routes = []
    for route in model.routes:
        change = different.get(route.name)
        if change is not None:
            given = {name: getattr(change, name) for name in ("service_time", "error_rate", "calls")}
            route = route.model_copy(
                update={name: value for name, value in given.items() if value is not None}
            )
        routes.append(_route(route))
    return Behaviour(
        concurrency=model.concurrency if version.concurrency is None else version.concurrency,
        queue_limit=model.queue_limit if version.queue_limit is None else version.queue_limit,
        routes=tuple(routes),
    )


def _route(route: Route) -> RouteBehaviour:
    return RouteBehaviour(
        name=route.name,
        service_time=route.service_time.law,
        error_rate=route.error_rate,
        calls=tuple(_call(call) for call in route.calls),
    )


def _call(call: Call) -> CallBehaviour:
    return CallBehaviour(
        service=call.service,
        route=call.route,
        timeout=call.timeout,
        attempts=call.retries.attempts,
        backoff=call.retries.backoff,
        chance=call.chance,
    )
