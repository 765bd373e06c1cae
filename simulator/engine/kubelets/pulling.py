"""Pulling images: slow the first time on a node, at once afterwards, ever more slowly if it can't be."""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

from simpy.events import Event, Process, ProcessGenerator

from simulator.engine.environment import Environment
from simulator.engine.images import Image, Registry
from simulator.engine.kubelets import conditions
from simulator.engine.kubelets.backoff import CAP, FIRST
from simulator.streams import Stream, key
from simulator.units import MILLISECOND, SECOND
from simulator.world import Cluster, Node, Pod

#: How long the registry takes to say that there is no such image.
_REFUSAL: Final = 400 * MILLISECOND
#: First pull of a sidecar's image, on average.
_SIDECAR: Final = 3 * SECOND
#: A size for the Pulled event; nothing depends on it.
_SMALLEST_BYTES, _SPREAD_BYTES = 38_000_000, 90_000_000


class ImagePuller:
    """Pulls for all nodes; two pods that wait for the same image on a node share one pull.

    Args:
        env: The clock.
        cluster: Nodes remember what they have; events go here.
        registry: What there is.
        services: Deployment to the service whose software it runs.
        seed: Of the run.
    """

    def __init__(
        self,
        env: Environment,
        cluster: Cluster,
        registry: Registry,
        services: dict[str, str],
        seed: int,
    ) -> None:
        self._env = env
        self._cluster = cluster
        self._registry = registry
        self._services = services
        self._luck = Stream(seed, "image-pull")
        self._under_way: dict[tuple[str, str], Process] = {}

    def find(self, pod: Pod) -> Image | None:
        """What a pod's first container runs, or None when there is no such image."""
        return self._known(pod, pod.spec.containers[0].image)

    def _known(self, pod: Pod, reference: str) -> Image | None:
        return self._registry.find(reference, self._services.get(pod.deployment, ""))

    def fetch(self, pod: Pod) -> Generator[Event, object, Image]:
        """Have every container's image on the pod's node; waits for ever while one can't be had.

        Sidecars' images always exist; the first container's must be known for its service.
        """
        node = self._cluster.get("nodes", pod.node_name)
        assert isinstance(node, Node)
        for container in pod.spec.containers[1:]:
            yield from self._pull(pod, node, container.image)
        image = self.find(pod)
        reference = pod.spec.containers[0].image
        if image is None:
            yield from self._fail(pod, reference)
            raise AssertionError("a failing pull never ends by itself")
        yield from self._pull(pod, node, reference)
        return image

    def _pull(self, pod: Pod, node: Node, reference: str) -> ProcessGenerator:
        if reference in node.status.images:
            self._report(pod, "Pulled", already_present(reference))
            return
        began = self._env.now
        place = (node.meta.name, reference)
        self._report(pod, "Pulling", f'Pulling image "{reference}"')
        if place not in self._under_way:
            self._under_way[place] = self._env.process(self._download(pod, node, reference))
        yield self._under_way[place]
        self._report(pod, "Pulled", pulled(reference, self._env.now - began, self.size_bytes(reference)))

    def size_bytes(self, reference: str) -> int:
        """How large an image is."""
        return _SMALLEST_BYTES + self._luck.integer(_SPREAD_BYTES, key(reference))

    def _download(self, pod: Pod, node: Node, reference: str) -> ProcessGenerator:
        """One pull, 0.7 to 1.3 of its mean, drawn for (image, node); it outlives the pod that asked."""
        image = self._known(pod, reference)
        mean = image.pull_time if image is not None else _SIDECAR
        share = 0.7 + 0.6 * self._luck.uniform(key(reference), key(node.meta.name))
        yield self._env.timeout(round(mean * share))
        node.status.images.append(reference)
        del self._under_way[node.meta.name, reference]
        self._cluster.changed(node)

    def _fail(self, pod: Pod, reference: str) -> ProcessGenerator:
        """Try again and again, ever more slowly, as the kubelet does."""
        if not self._registry.well_formed(reference):
            self._wait_for(pod, "InvalidImageName", f'couldn\'t parse image name "{reference}"')
            self._report(
                pod,
                "InspectFailed",
                f'Failed to apply default image tag "{reference}": couldn\'t parse image name '
                f'"{reference}": invalid reference format',
                warning=True,
            )
            self._report(pod, "Failed", "Error: InvalidImageName", warning=True)
            yield self._env.event()
        back_off = FIRST
        name = reference.partition("@")[0].rpartition(":")[0] or reference
        while True:
            self._report(pod, "Pulling", f'Pulling image "{reference}"')
            yield self._env.timeout(_REFUSAL)
            message = (
                f'Failed to pull image "{reference}": rpc error: code = NotFound desc = failed to pull and '
                f'unpack image "{reference}": failed to resolve reference "{reference}": '
                f"{name}: not found"
            )
            self._report(pod, "Failed", message, warning=True)
            self._report(pod, "Failed", "Error: ErrImagePull", warning=True)
            self._wait_for(pod, "ErrImagePull", message)
            yield self._env.timeout(back_off // 2)
            waiting = f'Back-off pulling image "{reference}"'
            self._report(pod, "BackOff", waiting)
            self._report(pod, "Failed", "Error: ImagePullBackOff", warning=True)
            self._wait_for(pod, "ImagePullBackOff", waiting)
            yield self._env.timeout(back_off - back_off // 2)
            back_off = min(2 * back_off, CAP)

    def _wait_for(self, pod: Pod, reason: str, message: str) -> None:
        conditions.waiting(pod, reason, message)
        self._cluster.changed(pod)

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


def already_present(reference: str) -> str:
    """The kubelet's sentence where nothing needs to be pulled."""
    return f'Container image "{reference}" already present on machine'


def pulled(reference: str, took: int, size: int) -> str:
    """The kubelet's sentence after a pull of ``took`` ns and ``size`` bytes."""
    seconds = f"{took / SECOND:.3f}".rstrip("0").rstrip(".") + "s"
    return (
        f'Successfully pulled image "{reference}" in {seconds} ({seconds} including waiting). '
        f"Image size: {size} bytes."
    )
