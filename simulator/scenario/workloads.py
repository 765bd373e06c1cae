"""Workloads and how they are reached, as an operator declares them in Kubernetes' words, with their physics.

``spec`` is a subset of apps/v1: a field is absent or means what Kubernetes says. ``model`` is physics, for
which Kubernetes has no field: how long work takes, how much fits, whom it calls.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulator.scenario.balancing import Balancer, OutlierDetection, SlowStart
from simulator.scenario.fields import (
    Count,
    Cpu,
    Duration,
    IntOrPercent,
    Labels,
    Leak,
    Line,
    Memory,
    Model,
    Name,
    Percent,
    Positive,
    Share,
    exactly_one,
    refused,
)
from simulator.scenario.instances import Equipment, LawOfTime, ServiceTime
from simulator.scenario.messaging import Publish, StoreModel
from simulator.scenario.nodes import Placed
from simulator.scenario.resilience import Call
from simulator.scenario.sources import EnvFrom, EnvVar, Volume, VolumeMount
from simulator.scenario.workflow import RunRecord
from simulator.units import SECOND

Role = Literal["load-balancer", "service", "database", "cache", "external"]
Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CALL"]


class Metadata(Model):
    """A Kubernetes object's metadata, as far as it is declared."""

    name: Name
    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)


class HttpGet(Model):
    """The request that a probe makes."""

    path: Line = "/healthz"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080


class Probe(Model):
    """A Kubernetes probe; the defaults are Kubernetes' own. Seconds are whole, as in the API."""

    http_get: HttpGet = HttpGet()
    initial_delay_seconds: Count = 0
    period_seconds: Positive = 10
    timeout_seconds: Positive = 1
    success_threshold: Positive = 1
    failure_threshold: Positive = 3


class ContainerPort(Model):
    """A port that a container listens on."""

    container_port: Annotated[int, Field(ge=1, le=65535)]
    name: Name | None = None


class Amounts(Model):
    """CPU in millicores and memory in bytes."""

    cpu: Cpu | None = None
    memory: Memory | None = None


class Resources(Model):
    """What a container asks for, and what it may not exceed."""

    requests: Amounts = Amounts()
    limits: Amounts = Amounts()


class Sleep(Model):
    """A hook that waits."""

    seconds: Annotated[int, Field(ge=1, le=3600)]


class PreStop(Model):
    """What happens before a container is asked to stop."""

    sleep: Sleep


class Lifecycle(Model):
    """A container's hooks."""

    pre_stop: PreStop


class Container(Model):
    """A container of a pod. The first one carries the requests."""

    name: Name
    image: Line
    ports: tuple[ContainerPort, ...] = ()
    resources: Resources = Resources()
    startup_probe: Probe | None = None
    liveness_probe: Probe | None = None
    readiness_probe: Probe | None = None
    lifecycle: Lifecycle | None = None
    env: tuple[EnvVar, ...] = ()
    env_from: tuple[EnvFrom, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()


class PodSpec(Placed):
    """A pod template's spec."""

    containers: Annotated[tuple[Container, ...], Field(min_length=1, max_length=8)]
    termination_grace_period_seconds: Count = 30
    volumes: tuple[Volume, ...] = ()

    @model_validator(mode="after")
    def _as_the_api_server_has_it(self) -> Self:
        for container in self.containers:
            for name, probe in (("startup", container.startup_probe), ("liveness", container.liveness_probe)):
                if probe is not None and probe.success_threshold != 1:
                    raise refused(
                        expected=f"successThreshold 1 in a {name} probe",
                        got=str(probe.success_threshold),
                        todo="Only readiness may ask for several successes.",
                    )
            hook = container.lifecycle.pre_stop.sleep.seconds if container.lifecycle is not None else 0
            if hook > self.termination_grace_period_seconds:
                raise refused(
                    expected=f"a preStop sleep of at most {self.termination_grace_period_seconds} seconds",
                    got=str(hook),
                    todo="It is part of terminationGracePeriodSeconds; raise that, or sleep less.",
                )
        return self


class PodMetadata(Model):
    """A pod template's metadata. Without labels it is ``app: NAME``, the workload's name."""

    labels: Labels = Field(default_factory=dict)
    annotations: Labels = Field(default_factory=dict)


class PodTemplate(Model):
    """A workload's pod template."""

    metadata: PodMetadata = PodMetadata()
    spec: PodSpec


class RollingUpdate(Model):
    """How many pods a rolling update may add and take away; the defaults are Kubernetes' own."""

    max_surge: IntOrPercent = "25%"
    max_unavailable: IntOrPercent = "25%"


class Strategy(Model):
    """How a Deployment replaces its pods."""

    type: Literal["RollingUpdate", "Recreate"] = "RollingUpdate"
    rolling_update: RollingUpdate = RollingUpdate()


class WorkloadSpec(Model):
    """What the spec of every kind of workload has."""

    replicas: Count = 1
    min_ready_seconds: Count = 0
    revision_history_limit: Count = 10
    progress_deadline_seconds: Positive = 600
    template: PodTemplate


class DeploymentSpec(WorkloadSpec):
    """A Deployment's spec (apps/v1)."""

    strategy: Strategy = Strategy()


class Route(Model):
    """What a service does on one route."""

    name: Name
    method: Method = "GET"
    path: Line = "/"
    service_time: ServiceTime
    error_rate: Share = 0.0
    shed_rate: Share = Field(default=0.0, exclude_if=lambda value: value == 0)
    """Share of the requests that it turns away on purpose, before it calls anybody (503)."""
    calls: Annotated[tuple[Call, ...], Field(max_length=64)] = ()
    leak: Leak = 0
    """Bytes that each request leaves behind in its pod."""
    lock: LawOfTime | None = None
    """For how long, after computing, a request holds its pod's one lock."""
    publishes: Annotated[tuple[Publish, ...], Field(max_length=16)] = ()


class Revision(Model):
    """A release of the past, for ``kubectl rollout history``. The last one is what runs at the start."""

    image: Line
    cause: str = ""
    author: str = ""
    commit: str = ""
    age: Duration
    """How long before T+00:00 it was released."""
    run: RunRecord | None = Field(default=None, exclude_if=lambda value: value is None)
    """How its run of the pipeline went."""


class WorkloadModel(Equipment):
    """The physics of a workload: of each pod of its first version."""

    role: Role = "service"
    concurrency: Positive = 16
    """Workers of a pod."""
    queue_limit: Count = 64
    """Requests that may wait in a pod; one more is answered 503."""
    held: bool = True
    """A worker is held while its request waits for a call (a thread per request)."""
    balancer: Balancer = "round_robin"
    """How callers choose among the ready pods of this workload."""
    outlier_detection: OutlierDetection | None = None
    slow_start_config: SlowStart | None = None
    healthy_panic_threshold: Percent = 50
    """With a smaller percentage of pods not ejected, ejections are ignored (Envoy)."""
    store: StoreModel | None = None
    start_time: Duration = 4 * SECOND
    """From the container's start until it listens."""
    image_pull: Duration = 6 * SECOND
    """First pull of an image on a node."""
    routes: Annotated[tuple[Route, ...], Field(max_length=32)] = ()
    service_time: ServiceTime | None = Field(default=None, exclude=True)
    """Instead of routes: there is one, named ``default``, with this time, error rate and calls."""
    error_rate: Share = Field(default=0.0, exclude=True)
    calls: Annotated[tuple[Call, ...], Field(max_length=64)] = Field(default=(), exclude=True)
    history: tuple[Revision, ...] = ()

    @model_validator(mode="after")
    def _routed(self) -> Self:
        if exactly_one(self, ("routes", "service_time")) == "service_time":
            one = Route.model_construct(
                name="default",
                service_time=self.service_time,
                error_rate=self.error_rate,
                calls=self.calls,
            )
            told = {"service_time": None, "error_rate": 0.0, "calls": ()}
            return self.model_copy(update={"routes": (one,), **told})
        for name, given in (("errorRate", self.error_rate), ("calls", self.calls)):
            if given:
                raise refused(
                    expected=f"{name} beside serviceTime, or in a route",
                    got=f"{name} beside routes",
                    todo="Move it into the route that it is meant for.",
                )
        return self

    def route(self, name: str) -> Route | None:
        """The route of that name, if there is one."""
        return next((route for route in self.routes if route.name == name), None)


class Workload(Model):
    """What runs pods, with its physics. Each kind is a subclass."""

    kind: str
    metadata: Metadata
    spec: WorkloadSpec
    model: WorkloadModel

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def pod_labels(self) -> Labels:
        """Labels of its pods, which are its selector too."""
        return dict(self.spec.template.metadata.labels) or {"app": self.metadata.name}

    @property
    def image(self) -> str:
        """The image of the first container at the start."""
        return self.spec.template.spec.containers[0].image

    @property
    def named_services(self) -> dict[str, tuple[str, ...]]:
        """Services that its strategy names, each with the place of that within the workload."""
        return {}


class DeploymentWorkload(Workload):
    """A Deployment with its physics."""

    api_version: Literal["apps/v1"] = "apps/v1"
    kind: Literal["Deployment"] = "Deployment"
    spec: DeploymentSpec


class ServicePort(Model):
    """A port of a Service."""

    port: Annotated[int, Field(ge=1, le=65535)] = 80
    target_port: Annotated[int, Field(ge=1, le=65535)] | None = None
    name: Name | None = None


class ServiceSpec(Model):
    """A Service's spec (v1)."""

    selector: Labels
    ports: tuple[ServicePort, ...] = (ServicePort(),)
    type: Literal["ClusterIP", "LoadBalancer", "NodePort"] = "ClusterIP"
    session_affinity: Literal["None", "ClientIP"] = "None"
    """``ClientIP``: a user's requests go to one pod as long as it is ready, by ring hash."""
    traffic_distribution: Literal["PreferClose"] | None = None
    """Callers stay in their zone while it has a ready pod."""


class Service(Model):
    """A Kubernetes Service; calls and traffic name it."""

    api_version: Literal["v1"] = "v1"
    kind: Literal["Service"] = "Service"
    metadata: Metadata
    spec: ServiceSpec

    @property
    def name(self) -> str:
        return self.metadata.name
