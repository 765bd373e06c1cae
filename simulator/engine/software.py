"""The software of a scenario: every service and image, and what each image does in the data plane."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from simulator.dataplane import DataPlane
from simulator.engine.behaviours import Limits, behaviour_of, routing_of, store_of, topic_of, weight_of
from simulator.engine.configuration.overrides import Overrides, delayed, merged
from simulator.engine.images import Crash, Image, Registry, version_of
from simulator.errors import GamedayError
from simulator.scenario import instances
from simulator.scenario.document import Scenario
from simulator.scenario.sealed import VersionModel
from simulator.scenario.timeline import SetImage
from simulator.scenario.workloads import Workload
from simulator.world import Container, Pod


class Software:
    """Declares all services and versions of a scenario to a data plane that has none yet.

    Args:
        scenario: Whose.
        dataplane: Where they are declared.

    Attributes:
        services: Workload to the Service that stands before it; one that has none goes by its own name.
        registry: Every image that can be pulled.
    """

    def __init__(self, scenario: Scenario, dataplane: DataPlane) -> None:
        self._scenario = scenario
        self._dataplane = dataplane
        self._programs: dict[tuple[str, str, int | None, int | None], int] = {}
        self._changed: dict[tuple[str, str, int | None, int | None, Overrides], int] = {}
        self._versions: dict[tuple[str, str], tuple[Workload, VersionModel]] = {}
        self._sources: dict[tuple[str, str], VersionModel] = {}
        self._models: Callable[[Pod], Iterable[VersionModel]] = lambda _pod: ()
        self._missing: Callable[[Pod], str] = lambda _pod: ""
        self.services = _services_by_workload(scenario)
        self.registry = Registry()
        declared = {service.name: service for service in scenario.spec.services}
        for workload in scenario.spec.workloads:
            name = self.services[workload.name]
            balancer, routing = routing_of(workload, declared.get(name))
            dataplane.add_service(
                name,
                routes=tuple(route.name for route in workload.model.routes),
                balancer=balancer,
                held=workload.model.held,
                routing=routing,
                store=store_of(workload),
            )
        for topic in scenario.spec.topics:
            dataplane.add_topic(topic_of(topic))
        for workload in scenario.spec.workloads:
            for reference, version in self._images_of(workload).items():
                self._release(workload, reference, version)

    @property
    def models_memory(self) -> bool:
        """Some version says what its process takes."""
        return any(
            (version.memory or workload.model.memory) is not None
            for workload, version in self._versions.values()
        )

    def program_of(self, image: Image, container: Container) -> int:
        """The data plane's number for what an image does within a container's limits.

        A change of limits alone, such as ``kubectl set resources``, is another program of the same version.
        """
        limits = container.cpu_limit_millicores, container.memory_limit_bytes
        place = (image.service, image.reference, *limits)
        if place not in self._programs:
            workload, version = self._versions[image.service, image.reference]
            behaviour = behaviour_of(workload, version, self._limits(*limits))
            self._programs[place] = self._dataplane.add_program(image.service, image.version, behaviour)
        return self._programs[place]

    def program_under(self, pod: Pod, overrides: Overrides) -> int:
        """The data plane's number for what a pod's image does while these causes hold."""
        container = pod.spec.containers[0]
        image = self.registry.find(container.image, self.services[pod.deployment])
        assert image is not None, "a pod that runs has an image that exists"
        if overrides == Overrides():
            return self.program_of(image, container)
        limits = container.cpu_limit_millicores, container.memory_limit_bytes
        place = (image.service, image.reference, *limits, overrides)
        if place not in self._changed:
            workload, version = self._versions[image.service, image.reference]
            behaviour = behaviour_of(workload, merged(version, overrides.models), self._limits(*limits))
            self._changed[place] = self._dataplane.add_program(
                image.service, image.version, delayed(behaviour, overrides.delay)
            )
        return self._changed[place]

    def consult(self, models: Callable[[Pod], Iterable[VersionModel]], missing: Callable[[Pod], str]) -> None:
        """Say whom to ask when a process starts: what causes do to it, and what its pod lacks."""
        self._models, self._missing = models, missing

    def crash_of(self, pod: Pod, image: Image) -> Crash | None:
        """How the process that a pod starts now ends by itself: by a cause, or else by its version."""
        crashes = [model.crash for model in self._models(pod) if model.crash is not None]
        return _crash(crashes[-1]) if crashes else image.crash

    def missing_for(self, pod: Pod) -> str:
        """What a pod's containers need to be created and the cluster has not; empty where all is there."""
        return self._missing(pod)

    def admit(self, release: SetImage, version: VersionModel) -> None:
        """Make an image known that no file declared, before it is released.

        Raises:
            GamedayError: The image exists, and does something else.
        """
        workload = next(each for each in self._scenario.spec.workloads if each.name == release.workload)
        if release.container not in (None, workload.spec.template.spec.containers[0].name):
            return  # images beside the first container do nothing here
        known = self._versions.get((self.services[workload.name], release.image))
        if known is None:
            self._release(workload, release.image, version)
        elif version not in (VersionModel(), known[1]):
            raise GamedayError(
                "model",
                expected=f"no model beside {release.image}, which exists",
                got="another behaviour",
                todo="An image never changes; release another tag.",
            )

    def rebuild(self, workload: str, image: str, source: str, models: Sequence[VersionModel]) -> None:
        """Make an image known that is built from the source of another, with something laid over it.

        Args:
            workload: Whose.
            image: The new image; the source itself where that is built for the first time.
            source: The image whose source is built.
            models: What else comes into it; later ones win.
        """
        owner = next(each for each in self._scenario.spec.workloads if each.name == workload)
        service = self.services[workload]
        if (service, source) not in self._versions:
            return  # an image beside the first container does nothing here
        pure = self._sources.setdefault((service, source), self._versions[service, source][1])
        wanted = merged(pure, models)
        if self._versions.get((service, image)) != (owner, wanted):
            self._release(owner, image, wanted)

    def _release(self, workload: Workload, reference: str, version: VersionModel) -> None:
        """Make an image known, and what it does within the limits that the workload declares."""
        service, model = self.services[workload.name], workload.model
        crash = model.crash if version.crash is None else version.crash
        limits = workload.spec.template.spec.containers[0].resources.limits
        behaviour = behaviour_of(workload, version, self._limits(limits.cpu, limits.memory))
        program = self._dataplane.add_program(service, version_of(reference), behaviour)
        self._programs[service, reference, limits.cpu, limits.memory] = program
        self._versions[service, reference] = workload, version
        self.registry.push(
            Image(
                reference,
                service,
                program,
                start_time=model.start_time if version.start_time is None else version.start_time,
                pull_time=model.image_pull,
                weight=weight_of(model, version),
                crash=_crash(crash) if crash is not None else None,
                exits_on_sigterm=(version.on_sigterm or model.on_sigterm) == "exit",
                routes=tuple((route.path, route.name) for route in model.routes),
            )
        )

    def _limits(self, cpu: int | None, memory: int | None) -> Limits:
        """A container's limits; one without a memory limit has its node's memory."""
        return Limits(cpu, self._scenario.spec.nodes.memory if memory is None else memory)

    def _images_of(self, workload: Workload) -> dict[str, VersionModel]:
        """Each image of a workload's first container, past and to come, with what it does differently."""
        images = {revision.image: VersionModel() for revision in workload.model.history}
        images[workload.image] = VersionModel()
        first = workload.spec.template.spec.containers[0].name
        for entry in self._scenario.timeline:
            release = entry.image
            if release and release.workload == workload.name and release.container in (None, first):
                images[release.image] = entry.model
        return images


def _crash(declared: instances.Crash) -> Crash:
    return Crash(declared.after, declared.exit_code, declared.log)


def _services_by_workload(scenario: Scenario) -> dict[str, str]:
    services = {workload.name: workload.name for workload in scenario.spec.workloads}
    for workload in scenario.spec.workloads:
        front = scenario.spec.front(workload)
        if front is not None:
            services[workload.name] = front.name
    return services
