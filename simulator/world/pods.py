"""Pods: what shall run (template and spec), what runs (status), and kubectl's rule for the STATUS column."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Final, Literal

from simulator.streams import SAFE_ALPHABET, key
from simulator.world.meta import Condition, ObjectMeta, find_condition
from simulator.world.placement import ANYWHERE, Placement

#: The label by which the pods of one ReplicaSet are told from its siblings'.
TEMPLATE_HASH_LABEL: Final = "pod-template-hash"
#: The same for the ReplicaSets of an Argo Rollout.
ROLLOUT_HASH_LABEL: Final = "rollouts-pod-template-hash"
_HASH_LABELS: Final = (TEMPLATE_HASH_LABEL, ROLLOUT_HASH_LABEL)

Phase = Literal["Pending", "Running", "Succeeded", "Failed", "Unknown"]


@dataclass(frozen=True, slots=True)
class Probe:
    """How the kubelet asks a container how it is; the defaults are Kubernetes'.

    Attributes:
        path: Of the HTTP GET.
        port: Of the HTTP GET.
    """

    path: str = "/healthz"
    port: int = 8080
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    success_threshold: int = 1
    failure_threshold: int = 3


SourceKind = Literal["ConfigMap", "Secret"]


@dataclass(frozen=True, slots=True)
class Source:
    """A ConfigMap or Secret that a pod reads, by name."""

    kind: SourceKind
    name: str


@dataclass(frozen=True, slots=True)
class KeyRef:
    """One key of a ConfigMap or Secret."""

    source: Source
    key: str


@dataclass(frozen=True, slots=True)
class Volume:
    """A volume of a pod, filled from an object."""

    name: str
    source: Source


@dataclass(frozen=True, slots=True)
class VolumeMount:
    """Where a container finds a volume of its pod."""

    name: str
    mount_path: str


@dataclass(frozen=True, slots=True)
class Container:
    """One container of a pod; a limit of None means no limit.

    Attributes:
        pre_stop_sleep_seconds: Of the ``preStop`` hook ``sleep``; 0 has no hook.
        env: Variables in their order: text, or the key of an object; read once, at the container's start.
        env_from: Objects whose every key becomes a variable, likewise.
        volume_mounts: Objects as files, which follow their object while the container runs.
    """

    name: str
    image: str
    ports: tuple[int, ...] = ()
    cpu_request_millicores: int = 0
    memory_request_bytes: int = 0
    cpu_limit_millicores: int | None = None
    memory_limit_bytes: int | None = None
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    startup_probe: Probe | None = None
    pre_stop_sleep_seconds: int = 0
    env: tuple[tuple[str, str | KeyRef], ...] = ()
    env_from: tuple[Source, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()


@dataclass(frozen=True, slots=True)
class PodSpec:
    """What a pod runs."""

    containers: tuple[Container, ...]
    termination_grace_period_seconds: int = 30
    volumes: tuple[Volume, ...] = ()
    placement: Placement = ANYWHERE

    @property
    def read_at_start(self) -> frozenset[Source]:
        """The objects that its containers read once, when they start."""
        found: set[Source] = set()
        for container in self.containers:
            found.update(container.env_from)
            found.update(value.source for _, value in container.env if isinstance(value, KeyRef))
        return frozenset(found)

    @property
    def mounted(self) -> frozenset[Source]:
        """The objects that some container has as files."""
        used = {mount.name for container in self.containers for mount in container.volume_mounts}
        return frozenset(volume.source for volume in self.volumes if volume.name in used)

    @property
    def qos_class(self) -> Literal["Guaranteed", "Burstable", "BestEffort"]:
        """Kubernetes' quality of service: how sure the pod is of what it takes."""
        asked = [
            (
                (each.cpu_request_millicores, each.cpu_limit_millicores or 0),
                (each.memory_request_bytes, each.memory_limit_bytes or 0),
            )
            for each in self.containers
        ]
        if not any(any(pair) for both in asked for pair in both):
            return "BestEffort"
        sure = all(request == limit > 0 for both in asked for request, limit in both)
        return "Guaranteed" if sure else "Burstable"

    @property
    def cpu_request_millicores(self) -> int:
        """What the scheduler must find on a node."""
        return sum(container.cpu_request_millicores for container in self.containers)

    @property
    def memory_request_bytes(self) -> int:
        """What the scheduler must find on a node."""
        return sum(container.memory_request_bytes for container in self.containers)


def _content(part: object) -> object:
    """A spec as plain data; fields at their default are left out, so that a later field moves no hash."""
    if isinstance(part, tuple):
        return [_content(item) for item in part]
    if not is_dataclass(part):
        return part
    values = {each.name: (getattr(part, each.name), each.default) for each in fields(part)}
    return {name: _content(value) for name, (value, default) in values.items() if value != default}


@dataclass(frozen=True, slots=True)
class PodTemplate:
    """What a ReplicaSet stamps pods from. Two templates that differ only in a hash label are the same."""

    labels: Mapping[str, str]
    spec: PodSpec
    annotations: Mapping[str, str] = field(default_factory=dict)
    hash: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        content = _content(self.spec), sorted(self._own_labels().items()), sorted(self.annotations.items())
        text = json.dumps(content, sort_keys=True)
        # A 32-bit number in decimal digits, each digit moved into the safe alphabet: so are real hashes made
        # (apimachinery pkg/util/rand, SafeEncodeString), hence only ten characters ever occur.
        digits = str(key(text) & 0xFFFFFFFF)
        safe = "".join(SAFE_ALPHABET[ord(digit) % len(SAFE_ALPHABET)] for digit in digits)
        object.__setattr__(self, "hash", safe)

    @property
    def containers(self) -> tuple[Container, ...]:
        return self.spec.containers

    def _own_labels(self) -> dict[str, str]:
        return {name: value for name, value in self.labels.items() if name not in _HASH_LABELS}

    def same_as(self, other: PodTemplate) -> bool:
        """Equal but for the hash label."""
        return (
            self.spec == other.spec
            and self.annotations == other.annotations
            and self._own_labels() == other._own_labels()
        )

    def labelled(self, label: str = TEMPLATE_HASH_LABEL) -> PodTemplate:
        """This template with its hash under ``label``, as a ReplicaSet holds it."""
        return replace(self, labels={**self.labels, label: self.hash})

    def bare(self) -> PodTemplate:
        """This template without the hash label, as a Deployment or Rollout holds it."""
        return replace(self, labels=self._own_labels())


@dataclass(slots=True)
class ContainerState:
    """Where a container is: waiting for something, running, or terminated.

    Attributes:
        reason: Why it waits or why it ended; empty while it runs.
        started_at: ns; None before the start.
        finished_at: ns; None before the end.
    """

    phase: Literal["waiting", "running", "terminated"] = "waiting"
    reason: str = ""
    message: str = ""
    started_at: int | None = None
    finished_at: int | None = None
    exit_code: int = 0


@dataclass(slots=True)
class ContainerStatus:
    """One container as the kubelet reports it.

    Attributes:
        started: It runs, and its startup probe has passed if it has one.
    """

    name: str
    image: str
    image_id: str = ""
    ready: bool = False
    started: bool = False
    restart_count: int = 0
    state: ContainerState = field(default_factory=ContainerState)
    last_state: ContainerState | None = None


@dataclass(slots=True)
class PodStatus:
    """A pod as the kubelet reports it.

    Attributes:
        reason: Replaces the phase in listings, for example ``Evicted``.
        message: A sentence beside the reason.
        started_at: When the kubelet took the pod on, ns.
    """

    phase: Phase = "Pending"
    reason: str = ""
    message: str = ""
    conditions: list[Condition] = field(default_factory=list)
    container_statuses: list[ContainerStatus] = field(default_factory=list)
    pod_ip: str = ""
    host_ip: str = ""
    started_at: int | None = None


@dataclass(slots=True)
class Pod:
    """One pod.

    Attributes:
        deployment: The Deployment or Rollout at the top of its owners; empty for a pod on its own.
        revision: Of its ReplicaSet when it was made; with ``deployment`` and ``ordinal`` its identity in
            every run of the same scenario, whatever its name.
        ordinal: How many pods its ReplicaSet had made before it.
        node_name: Empty until it is scheduled.
    """

    meta: ObjectMeta
    spec: PodSpec
    deployment: str = ""
    revision: int = 0
    ordinal: int = 0
    node_name: str = ""
    status: PodStatus = field(default_factory=PodStatus)

    @property
    def terminating(self) -> bool:
        """Its deletion has been asked for."""
        return self.meta.deleted_at is not None

    @property
    def active(self) -> bool:
        """It counts as a replica: it runs or will, and nobody asked for its end."""
        return not self.terminating and self.status.phase not in ("Succeeded", "Failed")

    @property
    def ready(self) -> bool:
        """Its ``Ready`` condition holds."""
        condition = find_condition(self.status.conditions, "Ready")
        return condition is not None and condition.status == "True"

    @property
    def ready_since(self) -> int | None:
        """Since when it has been ready, ns; None when it is not."""
        condition = find_condition(self.status.conditions, "Ready")
        return condition.last_transition_at if condition is not None and condition.status == "True" else None

    def available(self, now: int, min_ready_ns: int) -> bool:
        """Ready for at least ``min_ready_ns``."""
        since = self.ready_since
        return since is not None and now - since >= min_ready_ns

    @property
    def containers_ready(self) -> int:
        """Containers that are ready, for the READY column."""
        return sum(status.ready for status in self.status.container_statuses)

    @property
    def restarts(self) -> int:
        """Restarts of all containers together."""
        return sum(status.restart_count for status in self.status.container_statuses)

    @property
    def status_text(self) -> str:
        """The STATUS column as kubectl derives it (kubectl's ``printPod``)."""
        text = self.status.reason or self.status.phase
        running = False
        for container in reversed(self.status.container_statuses):
            state = container.state
            if state.phase == "terminated":
                text = state.reason or f"ExitCode:{state.exit_code}"
            elif state.phase == "waiting" and state.reason:
                text = state.reason
            elif state.phase == "running" and container.ready:
                running = True
        if text == "Completed" and running:
            text = "Running" if self.ready else "NotReady"
        if self.terminating:
            return "Unknown" if self.status.reason == "NodeLost" else "Terminating"
        return text
