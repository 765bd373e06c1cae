"""What a running pod does: a function of its version, its settings, the flags, the schema, and what runs.

Each cause answers for itself what it does to a pod; here the answers are laid over the version in a fixed
order and handed to the data plane as the program that the pod's process runs from now on. So a cause that
ends takes back exactly its own, and a rollback of the image exactly the image's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from simulator.dataplane import Split
from simulator.engine.configuration.flagging import FlagService
from simulator.engine.configuration.objects import Configuration
from simulator.engine.configuration.overrides import Overrides
from simulator.scenario.sealed import VersionModel
from simulator.world import Change, Cluster, Pod


class Processes(Protocol):
    """What is needed of a data plane."""

    def run_program(self, instance: int, *programs: int, splits: Sequence[Split] = ()) -> None:
        """Let an instance run another program."""


class Instances(Protocol):
    """What is needed of the kubelets."""

    def instance_of(self, pod: Pod) -> int | None:
        """The data plane's number of a pod's running container."""


class Programs(Protocol):
    """What is needed of the software."""

    def program_under(self, pod: Pod, overrides: Overrides) -> int:
        """The data plane's number for what a pod's image does under these."""


class Cause(Protocol):
    """Something that may change what a pod does."""

    def models(self, pod: Pod) -> Iterator[VersionModel]:
        """What it does to this pod now."""


class Effective:
    """Keeps what each pod runs what its causes make of it.

    Args:
        cluster: Where pods are.
        dataplane: Where their processes run.
        kubelet: Knows which process a pod is.
        programs: Knows what an image does under overrides.
    """

    def __init__(
        self, cluster: Cluster, dataplane: Processes, kubelet: Instances, programs: Programs
    ) -> None:
        self._cluster = cluster
        self._dataplane = dataplane
        self._kubelet = kubelet
        self._programs = programs
        self._causes: list[Cause] = []
        self._configuration: Configuration | None = None
        self._flags: FlagService | None = None
        self._starts: dict[str, int] = {}
        self._fitted: dict[str, object] = {}
        self._delays: dict[str, int] = {}
        cluster.subscribe(self._on_change, Pod)

    def join(self, *causes: Cause, configuration: Configuration, flags: FlagService) -> None:
        """Name the causes, in the order in which they are laid over a version; then settings, then flags."""
        self._causes = [*causes, configuration]
        self._configuration, self._flags = configuration, flags

    def delay(self, pod: Pod, nanoseconds: int) -> None:
        """Let every request of a pod take longer by so much; 0 ends it."""
        self._delays[pod.meta.uid] = nanoseconds
        self.refit(pod)

    def models(self, pod: Pod) -> tuple[VersionModel, ...]:
        """What its causes do to a pod now, flags apart, in the order in which they are laid over it."""
        return tuple(model for cause in self._causes for model in cause.models(pod))

    def refit_all(self, workloads: frozenset[str]) -> None:
        """Look at every pod of these workloads again."""
        for pod in self._cluster.pods:
            if pod.deployment in workloads:
                self.refit(pod)

    def refit(self, pod: Pod) -> None:
        """Look at a pod again; nothing happens where it has no process, or does what it shall already."""
        instance = self._kubelet.instance_of(pod)
        if instance is None or pod.meta.uid not in self._starts or self._flags is None:
            return
        base = Overrides(self.models(pod), self._delays.get(pod.meta.uid, 0))
        variants, splits = [base], list[Split]()
        for rollout in self._flags.rollouts(pod):
            if not rollout.users:  # on for everybody
                variants = [each.with_models(rollout.models) for each in variants]
                continue
            splits += rollout.splits(len(variants).bit_length() - 1)
            variants += [each.with_models(rollout.models) for each in variants]
        wanted = (instance, tuple(variants), tuple(splits))
        if wanted == self._fitted.get(pod.meta.uid, (instance, (Overrides(),), ())):
            return
        self._fitted[pod.meta.uid] = wanted
        programs = [self._programs.program_under(pod, each) for each in variants]
        self._dataplane.run_program(instance, *programs, splits=splits)

    def _on_change(self, change: Change) -> None:
        pod = change.object
        if not isinstance(pod, Pod):
            return
        if change.type == "DELETED":
            self._starts.pop(pod.meta.uid, None)
            self._fitted.pop(pod.meta.uid, None)
            self._delays.pop(pod.meta.uid, None)
            if self._configuration is not None and self._flags is not None:
                self._configuration.forget(pod)
                self._flags.forget(pod)
            return
        started = pod.status.container_statuses[0].state.started_at if pod.status.container_statuses else None
        if started is None or self._kubelet.instance_of(pod) is None:
            return
        if self._starts.get(pod.meta.uid) != started:
            self._starts[pod.meta.uid] = started
            self._begin(pod)

    def _begin(self, pod: Pod) -> None:
        """A process has started, for the first time or again: it reads its settings and asks for flags."""
        if self._configuration is not None and self._flags is not None:
            self._configuration.begin(pod)
            self._flags.begin(pod)
            self.refit(pod)
